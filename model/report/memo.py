"""A run in sentences that a memo could quote, each built from the tables and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from model.formulation.layout import evaluate
from model.parameters import build_parameters
from model.report.early import certainty
from model.report.headlines import Breakdown
from model.report.scarce import FullRow
from model.results.flows import NOT_UNIQUE
from model.results.shape import first_after_records
from model.solution import Solution

if TYPE_CHECKING:
    import pandas as pd

_NAMED: Final = 3
_NEAR: Final = 1e-6  # USD per unit: a smaller gap is a tie, not a distance


def in_words(
    solution: Solution, corridors: Sequence[Breakdown], full: Sequence[FullRow], frames: Mapping[str, pd.DataFrame]
) -> tuple[str, ...]:
    """Sentences on the first year after the records: which corridors carry, what is full, what comes next, what counts.

    ``frames`` are the result tables by name; sentences whose tables are absent are left out.
    """
    at = first_after_records(solution.case)
    return (
        *filter(None, [certainty(solution)]),
        *(_carried(one, at) for one in corridors if one.total[at] > 0),
        *_scarce(full),
        *_next_in_line(solution, solution.case.periods[at], frames),
        *_prices(solution),
        *_sureness(frames),
    )


def _carried(corridors: Breakdown, at: int) -> str:
    top = corridors.largest(_NAMED)
    unit = corridors.unit.replace(" per period", "")
    carried = sorted(zip(top.names, top.volumes[:, at].tolist(), strict=True), key=lambda one: -one[1])
    parts = [f"{volume:,.1f} over {name}" for name, volume in carried if volume > 0 and name in corridors.names]
    total, period = corridors.total[at], corridors.periods[at]
    return f"In {period}, {total:,.1f} {unit} of {corridors.family} leave their countries: {_listed(parts)}."


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _scarce(full: Sequence[FullRow]) -> Iterator[str]:
    if not full:
        yield "No capacity is full at a price."
        return
    parts = [
        f"{row.name} ({row.periods}: "
        + (f"{row.least:,.1f}" if row.most - row.least < 0.05 else f"{row.least:,.1f} to {row.most:,.1f}")
        + f" {row.unit} for one more)"
        for row in full[:_NAMED]
    ]
    yield f"The capacities that earn most by being full are {_listed(parts)}."


def _next_in_line(solution: Solution, period: str, frames: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Of the routes that nothing takes, the one nearest to its first unit, by family; without ties."""
    if "Next routes" not in frames:
        return
    table = frames["Next routes"]
    table = table[(table["scenario"] == solution.case.scenario) & (table["period"] == period)]
    waiting = table[(table["starts_at"] >= 0) & (table["gap"] > _NEAR) & (table["tariff"] > 0)]
    commodities = solution.case["Commodities"]
    family = dict(zip(commodities.keys, commodities.words["family"], strict=True))
    waiting = waiting.assign(family=waiting["commodity"].map(family)).sort_values("gap", kind="stable")
    for name, group in waiting.groupby("family", sort=False):
        first = group.iloc[0]
        yield (
            f"Next in line for {name} in {period} is the way from {first['field']} over {first['route']} to "
            f"{first['demand']}: it starts when the tariff of {first['lever']} falls from {first['tariff']:,.2f} to "
            f"{first['starts_at']:,.2f} {first['price_unit']}."
        )


def _prices(solution: Solution) -> Iterator[str]:
    """The benchmark that counts most: by the envelope theorem, a price moves the value by what is sold at it."""
    case, layout = solution.case, solution.layout
    markers = case["Markers"]
    if not len(markers) or case.settings.objective == "cost":
        return
    volumes = np.concatenate([solution[name].ravel() for name in layout.columns])
    worth = {}
    for row, name in enumerate(markers.keys):
        values = markers.numbers["value"].copy()
        values[row] *= 1.01
        changed = case.with_sheets({"Markers": replace(markers, numbers={**markers.numbers, "value": values})})
        cost = evaluate(changed, layout, build_parameters(changed, solution.network)).cost
        worth[name] = float((solution.numbers.cost - cost) @ volumes)
    name = max(worth, key=lambda marker: abs(worth[marker]))
    share = worth[name] / abs(solution.objective) if solution.objective else 0.0
    yield (
        f"The price that counts most is {name}: one per cent more of it, in all periods, is worth "
        f"{worth[name]:,.0f} million USD ({share:.2%} of the value)."
    )


def _sureness(frames: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """How many of the largest flows are unique, and how far the least sure could move for one per cent of its value."""
    if "How sure" not in frames or frames["How sure"].empty:
        return
    table = frames["How sure"]
    loose = table[table["sure"] == NOT_UNIQUE]
    said = f"Of the {len(table)} largest flows in {table['period'].iloc[0]}, {len(table) - len(loose)} are unique"
    if len(loose):
        first = loose.assign(room=loose["most"] - loose["least"]).sort_values("room", kind="stable").iloc[-1]
        said += (
            f"; {_listed(loose['link'].tolist()[:_NAMED])} could be others at the same value "
            f"({first['link']}: {first['least']:,.1f} to {first['most']:,.1f} {first['unit']})"
        )
    wide = table.assign(room=(table["most_nearly"] - table["least_nearly"]) / table["flow"])
    widest = wide.sort_values("room", kind="stable").iloc[-1]
    yield (
        f"{said}. For one per cent of what {widest['family']} earns that year, {widest['link']} could carry anything "
        f"from {widest['least_nearly']:,.1f} to {widest['most_nearly']:,.1f} {widest['unit']} instead of "
        f"{widest['flow']:,.1f}."
    )
