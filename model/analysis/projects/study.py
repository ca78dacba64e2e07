"""All questions on projects and money of one scenario, answered as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.analysis.projects import capex, money, pairs, worth
from model.analysis.projects.optima import TIGHT_GAP, Optima
from model.case import Case
from model.errors import UsageError
from model.results.declare import ResultColumn
from model.solution import Solution
from model.workbook.names import Names

if TYPE_CHECKING:
    import pandas as pd

CURVE_COLUMNS: Final = (
    ResultColumn("project", "The project"),
    ResultColumn("share_from", "Capex as a share of today's, from", format="share"),
    ResultColumn("share_to", "to; blank = however dear it gets", format="share"),
    ResultColumn("capex_from", "The same per unit; blank where that varies by period", "million USD/unit", "money"),
    ResultColumn("capex_to", "to", "million USD/unit", "money"),
    ResultColumn("units", "Units built over the horizon, at the start of the step", "units", "number"),
    ResultColumn("units_to", "At its end: another number where parts of units follow the money", "units", "number"),
    ResultColumn("capacity", "Capacity of the units at the start", format="number"),
    ResultColumn("unit", "Its unit"),
    ResultColumn("value_from", "Optimal value (or minus the cost) at the start of the step", "million USD", "money"),
    ResultColumn("value_to", "The same at its end", "million USD", "money"),
    ResultColumn(
        "method",
        "exact; halved: the step was found by halving; follows the money: parts of units, as many as a limited fund "
        "can pay, known at both ends of the row",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """One question with its table: ``columns`` declares ``frame``; ``notes`` say how it is to be read."""

    name: str
    question: str
    columns: tuple[ResultColumn, ...]
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Study:
    """What was found on one scenario; ``value`` is its optimum, or minus the cost."""

    title: str
    scenario: str
    value: float
    bound: float
    whole: bool
    worth: Answer
    money: Answer
    pairs: Answer
    curves: Answer

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All of them, in the order in which they are shown."""
        return (self.worth, self.money, self.pairs, self.curves)


def chosen_projects(case: Case, projects: Sequence[str] | None) -> list[int]:
    """The projects that are looked at: the named ones, or all; UsageError where there is none of a name."""
    names = case["Projects"].keys
    for name in projects or ():
        if name not in names:
            there = Names(names).hint(name) or "Projects are " + ", ".join(names) + "."
            raise UsageError(f"There is no project {name!r}. {there}")
    return [i for i, name in enumerate(names) if projects is None or name in projects]


def check(case: Case, fund: str | None) -> list[int]:
    """The funds whose budget is varied: the named one, or all that have one.

    Raises UsageError where there are no projects, or no fund of that name.
    """
    if not len(case["Projects"]):
        raise UsageError(f"{case.name} holds no projects; they stand on the sheet Projects.")
    names = case["Funds"].keys
    if fund is None:
        return [i for i, budget in enumerate(case.number("Funds", "budget")[:, 0]) if np.isfinite(budget)]
    if fund not in names:
        there = Names(names).hint(fund) or ("Funds are " + ", ".join(names) + "." if names else "It has no funds.")
        raise UsageError(f"There is no fund {fund!r}. {there}")
    return [names.index(fund)]


def study(solution: Solution, funds: Sequence[int], projects: Sequence[int] | None = None) -> Study:
    """Answer all questions by re-solves of a solved scenario, for some projects (None: all of them).

    Raises
    ------
    NoAnswer
        Where a search was stopped before it had any plan of the scenario as it is.
    """
    optima = Optima(solution)
    looked_at = list(range(len(optima.names)) if projects is None else projects)
    count = len(looked_at)
    curves = {project: capex.stretches(optima, project) for project in looked_at}
    rows = worth.worth(optima, curves)
    order = [optima.names.index(row["project"]) for row in rows]
    whole = (
        (f"Whole units: each optimum is searched to a gap of {TIGHT_GAP:g} of its value, so that differences below "
         f"{optima.near:.3g} million USD say nothing.",)
        if optima.whole
        else ()
    )  # fmt: skip
    return Study(
        optima.case.settings.title,
        optima.case.scenario,
        optima.today.value,
        optima.today.bound,
        optima.whole,
        _answer("Worth", "What is every project worth, when is its money back, and at which capex is it built?",
                worth.COLUMNS, rows, (*whole, _RULES)),
        _answer("Money", "What would more money in a fund bring, and what would it pay for?",
                money.COLUMNS, [row for fund in funds for row in money.more_money(optima, fund)],
                (*whole, *(_jumps(optima) if optima.whole else ()))),
        _answer("Interaction", "Which projects help one another, and which replace one another?",
                pairs.COLUMNS, pairs.interactions(optima, order[: pairs.MOST_PROJECTS]),
                (*whole, f"Of the {min(count, pairs.MOST_PROJECTS)} most valuable of {count} projects.")),
        _answer("Capex curve", "How much is built of a project as its capex varies?",
                CURVE_COLUMNS, [row for project in order for row in _curve(optima, project, curves[project])], whole),
    )  # fmt: skip


_RULES: Final = "All by re-solves with today's other rules: budgets, prerequisites, limits and all other projects stay."


def _jumps(optima: Optima) -> Iterator[str]:
    yield (
        f"Each step is the least budget for a plan that is better by {money.SMALLEST_GAIN:.2%} of all that money can "
        f"bring (and by at least {optima.near:.3g} million USD), then the best plan for that budget."
    )


def _answer(
    name: str, question: str, columns: tuple[ResultColumn, ...], rows: list[dict[str, Any]], notes: tuple[str, ...]
) -> Answer:
    import pandas as pd

    return Answer(name, question, columns, pd.DataFrame(rows, columns=[column.name for column in columns]), notes)


def _curve(optima: Optima, project: int, curve: list[capex.Stretch]) -> Iterator[dict[str, Any]]:
    from model.own_unit import own_unit

    case = optima.case
    price = case.number("Projects", "capex")[project]
    today = float(price[0]) if np.all(price == price[0]) else np.nan
    for one in curve:
        end = one.end if np.isfinite(one.end) else np.nan
        yield {
            "project": optima.names[project],
            "share_from": one.start,
            "share_to": end,
            "capex_from": one.start * today,
            "capex_to": end * today,
            "units": one.units,
            "units_to": one.units_end,
            "capacity": one.units * float(case.number("Projects", "size")[project, 0]),
            "unit": own_unit(case, "Projects", project, "size"),
            "value_from": one.value,
            "value_to": one.value_end,
            "method": one.method,
        }
