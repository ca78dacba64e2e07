"""All questions on projects and money of one scenario, answered as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.analysis.projects import capex, money, pairs, worth
from model.analysis.projects.optima import Optima
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
    """What was found on one scenario; ``value`` is its optimum, or minus the cost.

    ``missing`` says what had not been found out when Ctrl-C ended the work; empty where it was not ended.
    """

    title: str
    scenario: str
    value: float
    bound: float
    whole: bool
    worth: Answer
    money: Answer
    pairs: Answer
    curves: Answer
    missing: str = ""

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


@dataclass
class _Rows:
    """What has been found so far; ``worth`` and ``curves`` by the position of the project."""

    worth: dict[int, dict[str, Any]] = field(default_factory=dict)
    curves: dict[int, list[capex.Stretch]] = field(default_factory=dict)
    money: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    pairs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def order(self) -> list[int]:
        """The projects by what they are worth."""
        return sorted(self.worth, key=lambda project: worth.rank(self.worth[project]))


Say = Callable[[str], None]


def study(
    solution: Solution, funds: Sequence[int], projects: Sequence[int] | None = None, say: Say = lambda _: None
) -> Study:
    """Answer all questions by re-solves of a solved scenario, for some projects (None: all of them).

    ``say`` is told what is being worked on. Ctrl-C ends the work: the study then holds what had been found, and says
    what is missing.

    Raises
    ------
    NoAnswer
        Where a search was stopped before it had any plan of the scenario as it is.
    """
    say("The best plan as things are")
    optima, rows = Optima(solution), _Rows()
    today = optima.today
    looked_at = list(range(len(optima.names)) if projects is None else projects)
    missing = _carry_out(_steps(optima, rows, funds, looked_at), say)
    of_worth, of_money, of_pairs, of_capex = _answers(optima, rows, len(looked_at))
    return Study(
        optima.case.settings.title,
        optima.case.scenario,
        today.value,
        today.bound,
        optima.whole,
        of_worth,
        of_money,
        of_pairs,
        of_capex,
        missing,
    )


def _answers(optima: Optima, rows: _Rows, count: int) -> Iterator[Answer]:
    """The tables, in the order of Study's."""
    whole = (
        (f"Whole units: each optimum is searched to a gap of {optima.gap:.2g} million USD, so that differences below "
         f"{optima.near:.2g} say nothing.",)
        if optima.whole
        else ()
    )  # fmt: skip
    yield _answer("Worth", "What is every project worth, when is its money back, and at which capex is it built?",
                  worth.COLUMNS, [rows.worth[project] for project in rows.order], (*whole, _RULES))  # fmt: skip
    yield _answer("Money", "What would more money in a fund bring, and what would it pay for?",
                  money.COLUMNS, [row for found in rows.money.values() for row in found],
                  (*whole, *(_jumps(optima) if optima.whole else ())))  # fmt: skip
    yield _answer("Interaction", "Which projects help one another, and which replace one another?",
                  pairs.COLUMNS, rows.pairs,
                  (*whole, f"Of the {min(count, pairs.MOST_PROJECTS)} most valuable of {count} projects."))  # fmt: skip
    varied = [project for project in rows.order if project in rows.curves]
    yield _answer("Capex curve", "How much is built of a project as its capex varies?", CURVE_COLUMNS,
                  [row for project in varied for row in _curve(optima, project, rows.curves[project])],
                  whole)  # fmt: skip


@dataclass(frozen=True)
class _Step:
    """One thing to find out: of which kind, about what, and how."""

    kind: str
    about: str
    find: Callable[[], None]


def _steps(optima: Optima, rows: _Rows, funds: Sequence[int], projects: Sequence[int]) -> Iterator[list[_Step]]:
    """What is to be found out, the most asked for first; later steps rest on what the earlier ones found."""
    names, fund_names = optima.names, optima.case["Funds"].keys

    at_duals = worth.at_duals(optima)

    def value(project: int) -> None:
        rows.worth[project] = worth.row(optima, project, at_duals)

    def budget(fund: int) -> None:
        rows.money[fund] = money.more_money(optima, fund)

    def curve(project: int) -> None:
        rows.curves[project] = capex.stretches(optima, project)
        rows.worth[project] |= worth.by_capex(optima, project, rows.curves[project])

    def pair(one: int, other: int) -> None:
        rows.pairs.append(pairs.interaction(optima, one, other))

    yield [_Step("the worth of projects", names[project], partial(value, project)) for project in projects]
    yield [_Step("the value of money", fund_names[fund], partial(budget, fund)) for fund in funds]
    yield [_Step("capex curves", names[project], partial(curve, project)) for project in rows.order]
    couples = combinations(rows.order[: pairs.MOST_PROJECTS], 2)
    yield [
        _Step("interactions", f"{names[one]} and {names[other]}", partial(pair, one, other)) for one, other in couples
    ]


def _carry_out(stages: Iterator[list[_Step]], say: Say) -> str:
    """Carry out all steps, or those before Ctrl-C; returns what is missing."""
    missing: list[str] = []
    for steps in stages:
        for number, step in enumerate(steps):
            try:
                say(f"{step.kind.capitalize()}: {step.about} ({number + 1} of {len(steps)})")
                step.find()
            except KeyboardInterrupt:
                missing.append(f"{step.kind} from {step.about} on")
                break
        else:
            continue
        missing += [later[0].kind for later in stages if later]
    return ", ".join(missing)


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
