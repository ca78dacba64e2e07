"""Outages: every corridor alone, then pairs of the worst, over a stated span of periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.address import period_span
from model.analysis.batch.design import Design
from model.analysis.designs.frames import Exports
from model.case import Case, FloatArray
from model.errors import UsageError
from model.network import Network, build_network
from model.parameters import build_parameters
from model.results.exports import corridor_labels, family_units, leaving
from model.results.shape import first_after_records
from model.scenario import BASE, with_scenario
from model.units import DAYS_PER_YEAR

if TYPE_CHECKING:
    import pandas as pd

WORST: Final = 10  # corridors of which every pair is tried
PRESENT: Final = "as it stands"
_SHOWN: Final = 3  # corridors named where volume goes
_SPECK: Final = 1e-6


def outages(case: Case, scenario: str = BASE, span: str | None = None) -> Design:
    """The case as it stands, then each corridor at no capacity in a span of periods.

    A shared pipeline is out by its availability, a link by its capacity; a minimum of the link lapses.
    """
    chosen = with_scenario(case, scenario)
    first, last = _span(chosen, span)
    network = build_network([chosen])
    labels = corridor_labels(chosen, network)
    names = list(dict.fromkeys(labels.values()))
    if not names:
        raise UsageError("No link leaves the country of what it carries, so there is no corridor that could fail.")
    at = period_span(chosen, first, last)
    runs: list[dict[str, float | str]] = [{}, *(_without(chosen, name, labels, at) for name in names)]
    shared = _shared(chosen, network, labels)
    days = DAYS_PER_YEAR * chosen.years[first : last + 1]
    discount = build_parameters(chosen, network).discount[first : last + 1]
    about: dict[str, Any] = {
        "out": [[], *([name] for name in names)],
        "shared": [name for name in names if name in shared],
        "span": list(chosen.periods[first : last + 1]),
        "days": days.tolist(),
        "discount": discount.tolist(),
        "units": family_units(chosen)[0],
        "sign": -1.0 if chosen.settings.objective == "cost" else 1.0,
    }
    shown = (PRESENT, *(f"without {name}" for name in names))
    return Design("outages", tuple(runs), shown, (scenario,) * len(runs), about=about)


def pairs_of_worst(design: Design, frame: pd.DataFrame) -> Design | None:
    """Every pair of the corridors whose outage costs most, given the results of each alone; None where all were run.

    An outage without a plan (firm demand that nothing else can reach) has no value and is in no pair.
    """
    out = design.about["out"]
    if any(len(names) > 1 for names in out):
        return None
    loss = lost(design, frame)
    order = [i for i in np.argsort(-np.nan_to_num(loss, nan=-1.0), kind="stable").tolist() if loss[i] > _SPECK]
    both = list(combinations(order[:WORST], 2))
    if not both:
        return None
    names = [[*out[i], *out[j]] for i, j in both]
    runs = tuple({**design.runs[i], **design.runs[j]} for i, j in both)
    labels = tuple(f"without {first} and {second}" for first, second in names)
    return replace(
        design,
        runs=runs,
        labels=labels,
        scenarios=design.scenarios[:1] * len(runs),
        about={**design.about, "out": names},
    )


def lost(design: Design, frame: pd.DataFrame) -> FloatArray:
    """Million USD (discounted) that each run loses against the case as it stands; NaN where there is no plan."""
    value = np.where(frame["status"] == "optimal", frame["value"], np.nan).astype(np.float64)
    return np.asarray(design.about["sign"] * (value[0] - value) + 0.0, dtype=np.float64)


def outage_tables(design: Design, frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Tables *Outages* (each corridor alone, the dearest first) and *Outage pairs*; frame and design hold all runs."""
    import pandas as pd

    rows = [_row(design, frame, Exports(frame), run) for run in range(1, len(frame))]
    alone = pd.DataFrame([row for row in rows if "second" not in row])
    pairs = pd.DataFrame([row for row in rows if "second" in row])
    single = dict(zip(alone["corridor"], alone["value_lost"], strict=True))
    if len(pairs):
        each = [single[a] + single[b] for a, b in zip(pairs["corridor"], pairs["second"], strict=True)]
        pairs.insert(3, "lost_alone", each)
        pairs.insert(4, "lost_together", pairs["value_lost"] - pairs["lost_alone"])
    tables = {"Outages": alone, "Outage pairs": pairs}
    return {
        name: table.sort_values("value_lost", ascending=False, kind="stable", ignore_index=True)
        for name, table in tables.items()
        if len(table)
    }


def _row(design: Design, frame: pd.DataFrame, exports: Exports, run: int) -> dict[str, Any]:
    about = design.about
    out, span = about["out"][run], about["span"]
    days, discount = np.array(about["days"]), np.array(about["discount"])
    loss = float(lost(design, frame)[run])
    row: dict[str, Any] = {"corridor": out[0], **({"second": out[1]} if len(out) > 1 else {})}
    row |= {"status": frame["status"].iloc[run], "span": span[0] if len(span) == 1 else f"{span[0]}..{span[-1]}"}
    row |= {"value_lost": loss, "lost_per_day": loss / float(discount @ days)}
    volumes = [one for one in exports.families if any((one, name) in exports.corridors for name in out)]
    carried = sum(exports.volume(one, name, span)[0] @ discount for one in volumes for name in out)
    plain = carried > _SPECK and len(volumes) == 1 and not set(out) & set(about["shared"])
    row["lost_per_unit"] = loss / float(carried) if plain else np.nan
    return row | _moved(design, exports, run, volumes)


def _moved(design: Design, exports: Exports, run: int, families: list[str]) -> dict[str, Any]:
    """Where the volume of the failed corridors goes, within the span; no sum over families of different units."""
    out, span = design.about["out"][run], design.about["span"]
    units: Mapping[str, str] = design.about["units"]
    failed = rerouted = 0.0
    gained: list[tuple[float, str]] = []
    for family in families:
        for (of, name), _ in exports.corridors.items():
            if of == family:
                volumes = exports.volume(family, name, span).sum(axis=1)
                change = float(volumes[run] - volumes[0])
                failed -= change if name in out else 0.0
                rerouted += change if name not in out else 0.0
                gained += (
                    [(change, f"{name} {change:+.3g} {units[family]}")]
                    if abs(change) > _SPECK and name not in out
                    else []
                )
    several = len({units[family] for family in families}) > 1
    gained.sort(key=lambda one: -abs(one[0]))
    return {
        "volume_out": np.nan if several else failed,
        "rerouted": np.nan if several else rerouted,
        "not_exported": np.nan if several else failed - rerouted,
        "unit": ", ".join(dict.fromkeys(units[family] for family in families)),
        "where_to": ", ".join(text for _, text in gained[:_SHOWN]),
    }


def _span(case: Case, span: str | None) -> tuple[int, int]:
    if span is None:
        first = first_after_records(case)
        return first, first
    begin, dots, end = (part.strip() for part in span.partition(".."))
    first, last = case.period(begin), case.period(end if dots else begin)
    if first > last:
        raise UsageError(f"The span {span} ends before it begins.")
    return first, last


def _is_link(name: str, labels: Mapping[tuple[str, str, str], str]) -> bool:
    """Whether a corridor is one link, and not a pipeline that several share."""
    return {link for (_, _, link), corridor in labels.items() if corridor == name} == {name}


def _links(case: Case, name: str, labels: Mapping[tuple[str, str, str], str]) -> set[str]:
    """Links that an outage of a corridor stops."""
    if _is_link(name, labels):
        return {name}
    uses = zip(case.word("Uses", "link"), case.word("Uses", "asset"), strict=True)
    return {link for link, asset in uses if asset == name}


def _shared(case: Case, network: Network, labels: Mapping[tuple[str, str, str], str]) -> set[str]:
    """Corridors whose outage also stops what leaves its country elsewhere: their volume is not all that they carry."""
    links = case["Links"].keys
    own = set(leaving(case, network))
    others = {links[link] for flow, link in enumerate(network.flow_link.tolist()) if flow not in own}
    return {name for name in labels.values() if _links(case, name, labels) & others}


def _without(case: Case, name: str, labels: Mapping[tuple[str, str, str], str], at: str) -> dict[str, float | str]:
    if not _is_link(name, labels):
        return {f"Assets:{name}:availability@{at}": 0.0}
    found: dict[str, float | str] = {}
    # a minimum above the capacity would be taken for a mistake
    if np.nan_to_num(case.number("Links", "minimum")[case["Links"].position[name]]).any():
        found[f"Links:{name}:minimum@{at}"] = 0.0
    found[f"Links:{name}:capacity@{at}"] = 0.0
    return found
