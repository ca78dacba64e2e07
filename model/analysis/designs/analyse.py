"""What the results of a design say: pure functions of the design and of the batch's frame, one row a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.analysis.batch.design import Design
from model.analysis.designs.frames import OPTIMAL, Exports, solved
from model.analysis.designs.indices import morris_effects, rank_correlation, sobol_indices
from model.analysis.designs.outages import outage_tables
from model.case import FloatArray

if TYPE_CHECKING:
    import pandas as pd

    Tables = dict[str, pd.DataFrame]

VALUE: Final = "value"
SHARES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
LARGEST: Final = 3  # corridors named where one run differs from another
_SPECK: Final = 1e-6
_HALF: Final = 0.5  # of the base points must be whole


def analyse(design: Design, frame: pd.DataFrame) -> Tables:
    """The tables of a design, by name.

    Parameters
    ----------
    design
        From ``design_for``.
    frame
        One row a run in run order: run, label, scenario, status, value, the ranges' values, and volumes by corridor
        and period in columns such as ``corridors:oil:cpc@2030``.

    The first table, *Runs*, says how many runs have no optimum and what became of them. Nothing is filled in.
    """
    if len(design) != len(frame):
        raise ValueError(f"the design has {len(design)} runs, the frame {len(frame)}")
    make, treatment = _ANALYSES.get(design.kind, (_spread_tables, "left out"))
    tables = make(design, frame.reset_index(drop=True))
    return {"Runs": _runs(frame, treatment), **tables}


def _runs(frame: pd.DataFrame, treatment: str) -> pd.DataFrame:
    import pandas as pd

    counts = frame["status"].value_counts(sort=False)
    rows = [
        {
            "status": status,
            "runs": int(count),
            "share": count / len(frame),
            "treatment": "counted" if status == OPTIMAL else treatment,
        }
        for status, count in counts.items()
    ]
    return pd.DataFrame(rows, columns=["status", "runs", "share", "treatment"])


# ---- one at a time


def _tornado_tables(design: Design, frame: pd.DataFrame) -> Tables:
    """Value and leading corridors at both ends of each input, the largest swing first."""
    import pandas as pd

    exports = Exports(frame)
    leading = {family: exports.leading(family) for family in exports.families}
    value = np.where(frame["status"] == OPTIMAL, frame["value"], np.nan).astype(np.float64)
    rows = []
    for place, name in enumerate(dict.fromkeys(design.about["group"])):
        low, high = 1 + 2 * place, 2 + 2 * place
        rows.append(
            {
                "input": name,
                "at_low": _shown(design, name, low),
                "at_high": _shown(design, name, high),
                "value_low": value[low],
                "value_present": value[0],
                "value_high": value[high],
                "swing": _swing(value[[0, low, high]]),
                **{
                    f"leading_{family}_{word}": of[run]
                    for family, of in leading.items()
                    for word, run in (("low", low), ("present", 0), ("high", high))
                },
            }
        )
    table = pd.DataFrame(rows).sort_values("swing", ascending=False, kind="stable", ignore_index=True)
    return {"Tornado": table}


def _swing(values: FloatArray) -> float:
    return float(np.ptp(values)) if np.isfinite(values).all() else float("nan")


def _shown(design: Design, factor: str, run: int) -> str:
    """The values of a factor's ranges in a run: ``0.8``, or ``Brent 0.8, TTF -5`` for a group."""
    ranges = [i for i, group in enumerate(design.about["group"]) if group == factor]
    values = [f"{design.points[run, i]:.6g}" for i in ranges]
    if len(ranges) == 1:
        return values[0]
    return ", ".join(f"{design.factors[i]} {value}" for i, value in zip(ranges, values, strict=True))


# ---- samples


def _spread_tables(design: Design, frame: pd.DataFrame) -> Tables:
    """Quantiles of value and exports, what the value goes with, and which corridor leads how often."""
    good = solved(frame)
    if good.empty:
        return {}
    tables = {"Spread": _spread(good), "Export quantiles": _quantiles(good), "Leading corridors": _leading(good)}
    if len(design.factors) and len(good) > 2:
        tables["Inputs"] = _inputs(design, good)
    return {name: table for name, table in tables.items() if len(table)}


def _quantile_columns(values: FloatArray) -> dict[str, FloatArray]:
    """Quantiles over the runs (first axis)."""
    found = np.quantile(values, SHARES, axis=0)
    return {f"p{round(100 * share):02}": row for share, row in zip(SHARES, found, strict=True)}


def _spread(good: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    names, columns = zip(*results_of(good).items(), strict=True)
    values = np.column_stack(columns)
    found = {
        "output": names,
        "mean": values.mean(axis=0),
        "deviation": values.std(axis=0, ddof=1) if len(values) > 1 else np.full(len(names), np.nan),
        "least": values.min(axis=0),
        **_quantile_columns(values),
        "most": values.max(axis=0),
        "runs": len(values),
    }
    return pd.DataFrame(found)


def results_of(good: pd.DataFrame) -> dict[str, FloatArray]:
    """What is analysed of each run: the value, and the volume of every corridor over all periods that ever has one."""
    exports = Exports(good)
    found = {VALUE: good["value"].to_numpy(dtype=np.float64)}
    for family in exports.families:
        totals = exports.total(family)
        found |= {f"{family}: {name}": volume for name, volume in totals.items() if np.abs(volume).max() > _SPECK}
    return found


def _quantiles(good: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    exports = Exports(good)
    parts = []
    for family, name in exports.corridors:
        volumes = exports.volume(family, name)
        if np.abs(volumes).max() > _SPECK:
            columns = {"family": family, "corridor": name, "period": exports.periods, "mean": volumes.mean(axis=0)}
            parts.append(pd.DataFrame({**columns, **_quantile_columns(volumes)}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _leading(good: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    exports = Exports(good)
    rows = []
    for family in exports.families:
        counts = pd.Series(exports.leading(family)).value_counts()
        rows += [
            {"family": family, "corridor": name or "none", "runs": int(count), "share": count / len(good)}
            for name, count in counts.items()
        ]
    return pd.DataFrame(rows)


def _inputs(design: Design, good: pd.DataFrame) -> pd.DataFrame:
    """Rank correlation of the value with each range, the closest first."""
    import pandas as pd

    points = design.points[good.index.to_numpy()]
    value = good["value"].to_numpy(dtype=np.float64)
    found = [rank_correlation(points[:, i], value) for i in range(len(design.factors))]
    table = pd.DataFrame(
        {"range": design.factors, "input": design.about.get("group", design.factors), "rank_correlation": found}
    )
    return table.sort_values("rank_correlation", key=lambda one: -one.abs(), kind="stable", ignore_index=True)


# ---- screening and shares of variance


def _morris_tables(design: Design, frame: pd.DataFrame) -> Tables:
    """Elementary effects; a failed run takes with it the steps that lead to it and from it, no more."""
    import pandas as pd

    factors = list(dict.fromkeys(design.about["group"]))
    steps = len(factors) + 1
    shares = np.array(design.about["shares"]).reshape(-1, steps, len(factors))
    good = (frame["status"] == OPTIMAL).to_numpy()
    if not good.any():
        return {}
    parts = []
    for output, values in results_of(frame[good]).items():
        results = np.full(len(frame), np.nan)
        results[good] = values
        effects = morris_effects(results.reshape(-1, steps), shares, np.random.default_rng(design.seed))
        found = {
            "output": output,
            "input": factors,
            "mean_effect": effects.mean,
            "absolute_effect": effects.absolute.estimate,
            "absolute_low": effects.absolute.low,
            "absolute_high": effects.absolute.high,
            "spread_of_effects": effects.spread,
            "steps": effects.count.astype(np.int64),
            "steps_left_out": len(shares) - effects.count.astype(np.int64),
        }
        parts.append(_ranked(pd.DataFrame(found), "absolute_effect"))
    return {"Morris": pd.concat(parts, ignore_index=True)}


def _sobol_tables(design: Design, frame: pd.DataFrame) -> Tables:
    """Shares of variance from the base points that are whole; none where most are not.

    A and B of each point are a plain sample, of which the other tables tell.
    """
    import pandas as pd

    factors = list(dict.fromkeys(design.about["group"]))
    width = len(factors) + 2
    good = (frame["status"] == OPTIMAL).to_numpy().reshape(-1, width)
    whole = good.all(axis=1)
    plain = np.zeros(good.shape, dtype=bool)
    plain[:, :2] = True
    tables = _spread_tables(design, frame[plain.ravel()])
    if whole.mean() < _HALF:
        return tables
    rows = frame[np.repeat(whole, width)]
    parts = []
    for output, values in results_of(rows).items():
        first, total = sobol_indices(values.reshape(-1, width), np.random.default_rng(design.seed))
        found: dict[str, Any] = {"output": output, "input": factors}
        for name, index in (("first", first), ("total", total)):
            found |= {name: index.estimate, f"{name}_low": index.low, f"{name}_high": index.high}
        found |= {"points": int(whole.sum()), "points_left_out": int((~whole).sum())}
        parts.append(_ranked(pd.DataFrame(found), "total"))
    return {"Sobol": pd.concat(parts, ignore_index=True), **tables}


def _ranked(table: pd.DataFrame, column: str) -> pd.DataFrame:
    return table.sort_values(column, ascending=False, kind="stable", na_position="last", ignore_index=True)


# ---- scenarios


def _scenario_tables(_: Design, frame: pd.DataFrame) -> Tables:
    """Each scenario against the first, with the corridors that change most."""
    import pandas as pd

    exports = Exports(frame)
    totals = {(f, name): volume for f in exports.families for name, volume in exports.total(f).items()}
    value = np.where(frame["status"] == OPTIMAL, frame["value"], np.nan).astype(np.float64)
    rows = []
    for run, name in enumerate(frame["scenario"]):
        changes = [(float(volume[run] - volume[0]), corridor) for (_, corridor), volume in totals.items()]
        largest = sorted((one for one in changes if abs(one[0]) > _SPECK), key=lambda one: -abs(one[0]))[:LARGEST]
        rows.append(
            {
                "scenario": name,
                "status": frame["status"].iloc[run],
                "value": value[run],
                "against_first": value[run] - value[0],
                "largest_changes": ", ".join(f"{corridor} {change:+.4g}" for change, corridor in largest),
            }
        )
    return {"Scenarios": pd.DataFrame(rows)}


_ANALYSES: Final[dict[str, tuple[Callable[[Design, Any], Any], str]]] = {
    "tornado": (_tornado_tables, "shown without a value"),
    "grid": (_spread_tables, "left out"),
    "sample": (_spread_tables, "left out: the quantiles are those of inputs with which there is a plan"),
    "morris": (_morris_tables, "left out with the steps that lead to it and from it"),
    "sobol": (_sobol_tables, "left out with its whole base point; no indices where half of all points are not whole"),
    "outages": (outage_tables, "shown without a value"),
    "scenarios": (_scenario_tables, "shown without a value"),
}
