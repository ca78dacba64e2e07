"""What is reported of a set of runs: one line a scenario, the headlines of the first, and every table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.case import Case
from model.report.early import early, percent
from model.report.headlines import Breakdown, Headlines, headlines
from model.report.memo import in_words
from model.report.scarce import FullRow, full_rows
from model.results.declare import ResultTable
from model.results.shape import first_after_records
from model.results.summary import ALL, NET, TOTAL
from model.solution import Solution

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ScenarioLine:
    """One scenario: its value in million USD and its change against the first; None and a reason where it failed.

    With whole units ``gap`` and ``bound`` say how near to the best it is; ``early`` says why it is not the optimum.
    """

    name: str
    description: str
    status: str
    value: float | None = None
    change: float | None = None
    reason: str = ""
    gap: float | None = None
    bound: float | None = None
    early: str = ""


@dataclass(frozen=True)
class Content:
    """Everything that a report shows; ``specs`` declares ``frames``, table by table; ``periods`` counts them.

    ``start`` is the period that is shown first.
    """

    title: str
    workbook: str
    objective: str
    lines: tuple[ScenarioLine, ...]
    first: Headlines
    use: tuple[Breakdown, ...]
    stocks: tuple[Breakdown, ...]
    built: tuple[Breakdown, ...]
    disrupted: tuple[Breakdown, ...]
    full: tuple[FullRow, ...]
    specs: tuple[ResultTable, ...]
    frames: Mapping[str, pd.DataFrame]
    words: tuple[str, ...] = ()
    periods: int = 1
    start: str = ""

    @property
    def value_name(self) -> str:
        """What the objective is called."""
        return "cost" if self.objective == "cost" else "value"

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why a scenario's result is not its optimum, one sentence each."""
        return tuple(f"Scenario {line.name}: {line.early}" for line in self.lines if line.early)

    @property
    def mark(self) -> str:
        """What marks every table where some result is not the optimum; empty where all are."""
        stopped = [f"{line.name} ({percent(line.gap) or 'unknown'})" for line in self.lines if line.early]
        # short: a longer line would widen the printed page
        return f"Not the optimum, with the gap to it: {', '.join(stopped)}. See Run." if stopped else ""


def gather(
    case: Case,
    solutions: Sequence[Solution],
    failed: Mapping[str, tuple[str, str]],
    specs: Sequence[ResultTable],
    frames: Mapping[str, pd.DataFrame],
) -> Content:
    """Gather the content of a report.

    Parameters
    ----------
    case
        The workbook's own case.
    solutions
        At least one, in the order in which they are shown; details are those of the first.
    failed
        Status and reason by name of each scenario without a result.
    specs, frames
        The declared tables, and what each holds, by name.
    """
    first = solutions[0]
    top = headlines(first)
    frame = frames["Capacity"]
    own = frame[frame["scenario"] == first.case.scenario]
    full = full_rows(first.case, own)
    return Content(
        case.settings.title,
        case.name,
        case.settings.objective,
        _lines(case, solutions, failed),
        top,
        tuple(_use(first.case, own, corridors.largest(8)) for corridors in top.corridors),
        _by_family(first, frames["Stores"], "storage", "stock"),
        _capex(first, frames["Plan"]),
        _disrupted(frames["Disruption"]),
        full,
        tuple(specs),
        frames,
        in_words(first, top.corridors, full, frames),
        len(first.case.periods),
        first.case.periods[first_after_records(first.case)],
    )


def _lines(
    case: Case, solutions: Sequence[Solution], failed: Mapping[str, tuple[str, str]]
) -> tuple[ScenarioLine, ...]:
    text = dict(zip(case["Scenarios"].keys, case.word("Scenarios", "description"), strict=True))
    first = solutions[0].objective
    lines = []
    for number, solution in enumerate(solutions):
        name = solution.case.scenario
        change = solution.objective - first if number else None
        known = (solution.gap, solution.bound, early(solution))
        lines.append(ScenarioLine(name, text.get(name) or "", solution.status, solution.objective, change, "", *known))
    lines += [ScenarioLine(n, text.get(n) or "", status, reason=why) for n, (status, why) in failed.items()]
    return tuple(lines)


def _use(case: Case, capacity: pd.DataFrame, corridors: Breakdown) -> Breakdown:
    """Share used of the tightest part of each corridor: the link itself and what it shares; shape (names, periods)."""
    share = capacity.pivot_table("share_used", "name", "period", "max", dropna=False)
    share = share.reindex(columns=list(case.periods))
    parts: dict[str, list[str]] = {name: [name] for name in corridors.names}
    for link, asset in zip(case.word("Uses", "link"), case.word("Uses", "asset"), strict=True):
        if link in parts:
            parts[link].append(asset)
    known = {n: [part for part in parts[n] if part in share.index] for n in corridors.names}
    names = tuple(n for n in known if known[n] and share.loc[known[n]].notna().to_numpy().any())
    shape = (len(names), len(case.periods))
    volumes = np.array([share.loc[known[n]].max().to_numpy() for n in names], dtype=float).reshape(shape)
    return Breakdown(corridors.family, "share", case.periods, names, volumes)


def _by_family(solution: Solution, frame: pd.DataFrame, name: str, value: str) -> tuple[Breakdown, ...]:
    """A column of a table with one row per name and period, by family."""
    rows, found = frame[frame["scenario"] == solution.case.scenario], []
    for (family, unit), group in rows.groupby(["family", "unit"], sort=False):
        wide = group.pivot_table(value, name, "period", sort=False).reindex(columns=list(solution.case.periods))
        found.append(
            Breakdown(str(family), str(unit), solution.case.periods, tuple(map(str, wide.index)), wide.to_numpy())
        )
    return tuple(found)


def _capex(solution: Solution, frame: pd.DataFrame) -> tuple[Breakdown, ...]:
    """What is spent on the projects that are built; nothing where none is."""
    rows = frame[frame["scenario"] == solution.case.scenario].assign(family="projects", unit="million USD")
    built = rows.groupby("project")["units"].transform("sum") > 0
    return _by_family(solution, rows[built], "project", "capex")


def _disrupted(frame: pd.DataFrame) -> tuple[Breakdown, ...]:
    """What each disruption costs by day of it, scenario beside scenario; nothing where there is none."""
    rows = frame[(frame["measure"] == NET) & (frame["family"] == ALL) & (frame["period"] == TOTAL)]
    labels = tuple(f"{row.scenario}, {row.days:.0f} days" for row in rows.itertuples())
    lost = -rows["change_per_day"].to_numpy(dtype=float).reshape(1, -1)
    return (Breakdown("all", "million USD a day", labels, ("value lost",), lost),) if labels else ()


def some_periods(periods: Sequence[str], most: int = 5) -> list[int]:
    """Positions of a few periods, evenly spread, the first and last among them."""
    count = min(most, len(periods))
    return sorted({round(i * (len(periods) - 1) / max(count - 1, 1)) for i in range(count)})


def shown(value: float | None, largest: float | None = None) -> str:
    """A number as a table shows it, blank where there is none; decimals by the table's largest number."""
    if value is None or not math.isfinite(value):
        return ""
    size = abs(value if largest is None else largest)
    digits = 0 if size >= 1000 else 1 if size >= 10 else 2
    # no minus before a zero
    return f"{round(value, digits) + 0.0:,.{digits}f}"
