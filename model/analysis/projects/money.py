"""The value of more money: the optimum as a function of a fund's budget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from model.analysis.pieces import Piece, find_pieces
from model.analysis.projects.optima import Optima, Optimum
from model.analysis.response import Response
from model.results.declare import ResultColumn

MOST_STEPS: Final = 40  # that are sought from all useful money down to today's budget, and as many below that
# of all that money can bring: a smaller gain is not told as a step of its own
SMALLEST_GAIN: Final = 1e-4
_MILLION: Final = "million USD"
# a budget is just enough for the plan that needs it
_SPECK: Final = 1e-9
_LESS: Final = 1e-5  # of a budget, and at least of a million USD
_NOT_PROVEN: Final = "less money may do, or a better plan be had for it: a search was stopped by the time limit"

COLUMNS: Final = (
    ResultColumn("fund", "The fund"),
    ResultColumn("budget_from", "Least budget for which this holds", _MILLION, "money"),
    ResultColumn("budget_to", "Budget at which the plan changes next; blank = more earns nothing", _MILLION, "money"),
    ResultColumn("today", "Marks the step in which today's budget lies"),
    ResultColumn("value_from", "Optimal value (or minus the cost) at the start of the step", _MILLION, "money"),
    ResultColumn("value_to", "The same at its end", _MILLION, "money"),
    ResultColumn("value_at_most", "What no plan passes there, where a search was not finished", _MILLION, "money"),
    ResultColumn(
        "gain",
        "What the step adds: with whole units the jump at its start, else from its start to its end",
        _MILLION,
        "money",
    ),
    ResultColumn("gain_per_dollar", "Gain by the money that it takes", "USD per USD", "number"),
    ResultColumn(
        "relaxation_dual",
        "Dual of the budget, at the start of the step, were parts of units allowed: no value of a plan of whole units",
        "USD per USD",
        "number",
    ),
    ResultColumn("plan", "Units built, at the start of the step"),
    ResultColumn("plan_at_end", "Units built at its end, where they change within it"),
    ResultColumn("note", "What is particular about the step"),
)  # fmt: skip

_TEXTS: Final = frozenset({"fund", "today", "plan", "plan_at_end", "note"})
_BLANK: Final[dict[str, Any]] = {column.name: "" if column.name in _TEXTS else np.nan for column in COLUMNS}


@dataclass(frozen=True)
class _Step:
    """With a budget of at least ``at`` this is the optimum."""

    at: float
    best: Optimum
    note: str = ""


def more_money(optima: Optima, fund: int) -> list[dict[str, Any]]:
    """Rows of what each stretch of a fund's budget brings, from the least budget that has a plan until none helps."""
    rows = list(_by_jumps(optima, fund) if optima.whole else _by_slopes(optima, fund))
    today = float(optima.solution.parameters.fund_total[fund])
    for row in rows:
        end = np.inf if np.isnan(row["budget_to"]) else row["budget_to"]
        row["today"] = "today" if row["budget_from"] <= today + _SPECK and today < end - _SPECK else ""
        row["fund"] = optima.case["Funds"].keys[fund]
    if rows and not any(row["today"] for row in rows):
        rows[-1]["today"] = "today"
    return rows


# ---- parts of units


def _by_slopes(optima: Optima, fund: int) -> Iterator[dict[str, Any]]:
    """Straight pieces of the value, exact: it is concave in the budget."""
    unlimited = optima.ask(budget=(fund, np.inf))
    if not unlimited.found:
        return
    least = optima.least_money(fund)
    most = max(least, optima.least_money_worth(fund, unlimited.value - optima.near))
    name = optima.case["Funds"].keys[fund]
    # beyond what is of use a little more shows that it is of none
    response = Response(optima.case, f"Funds:{name}:budget", least, most + max(1.0, 0.1 * most))
    for piece in find_pieces(response):
        start, end = (optima.built(one.point.columns) for one in (piece.start, piece.end))
        last = piece.end.at >= response.high
        yield _BLANK | {
            "budget_from": piece.start.at,
            "budget_to": np.nan if last else piece.end.at,
            "value_from": -piece.start.cost,
            "value_to": -piece.end.cost,
            "gain": piece.start.cost - piece.end.cost + 0.0,
            "gain_per_dollar": -piece.slope + 0.0,
            "plan": optima.in_words(start),
            "plan_at_end": "" if last or _flat(piece) else optima.in_words(end),
        }


def _flat(piece: Piece) -> bool:
    return abs(piece.slope) <= _SPECK


# ---- whole units


def _by_jumps(optima: Optima, fund: int) -> Iterator[dict[str, Any]]:
    """Steps by searches, from much money to little: the best plan, then the best for a little less than it takes."""
    today = float(optima.solution.parameters.fund_total[fund])
    free = optima.ask(budget=(fund, 0.0))
    least = 0.0 if free.found else optima.least_money(fund)
    if np.isnan(least):
        return
    start = _Step(least, free if free.found else optima.ask(budget=(fund, _enough(least))))
    if not start.best.found:
        return
    unlimited = optima.ask(budget=(fund, np.inf))
    smallest = max(optima.near, SMALLEST_GAIN * (unlimited.value - start.best.value))
    here = optima.today if np.isfinite(today) else unlimited
    steps = [start, *_thinned(_falling(optima, fund, (here, today), start.best.value + smallest), start, smallest)]
    if np.isfinite(today):
        above = _falling(optima, fund, (unlimited, np.inf), here.value + smallest)
        steps += _thinned(above, _Step(today, here), smallest)
    relaxation = Optima(optima.solution, parts=True)
    for number, step in enumerate(steps):
        before = steps[number - 1] if number else None
        gain = step.best.value - before.best.value if before else np.nan
        yield _BLANK | {
            "budget_from": step.at,
            "budget_to": steps[number + 1].at if number + 1 < len(steps) else np.nan,
            "value_from": step.best.value,
            "value_to": step.best.value,
            "value_at_most": step.best.bound if step.best.status == "feasible" else np.nan,
            "gain": gain,
            "gain_per_dollar": gain / (step.at - before.at) if before and step.at > before.at else np.nan,
            "relaxation_dual": _dual(relaxation, fund, step.at),
            "plan": optima.in_words(step.best.build),
            "note": step.note,
        }


def _enough(budget: float) -> float:
    return budget * (1 + _SPECK) + _SPECK


def _falling(optima: Optima, fund: int, top: tuple[Optimum, float], until: float) -> list[_Step]:
    """The plans for less and less money that are worth at least ``until``, the one that takes least first."""
    best, budget = top
    steps: list[_Step] = []
    while best.found and best.value >= until:
        note = _NOT_PROVEN if best.status == "feasible" else ""
        if len(steps) == MOST_STEPS:
            steps[-1] = _Step(steps[-1].at, steps[-1].best, f"after {MOST_STEPS} steps less money was not tried")
            break
        spent = min(budget, optima.spent(fund, best))
        steps.append(_Step(spent, best, note))
        # what takes hardly less counts as no less: the solver keeps to a budget to within a millionth
        budget = spent - _LESS * max(1.0, spent)
        if budget < 0:
            break
        best = optima.ask(budget=(fund, budget))
    return steps[::-1]


def _thinned(steps: list[_Step], last: _Step, smallest: float) -> Iterator[_Step]:
    """The steps from little money to much of which each is better by so much than the one before it."""
    for step in steps:
        if step.best.value >= last.best.value + smallest:
            last = step
            yield step


def _dual(relaxation: Optima, fund: int, budget: float) -> float:
    best = relaxation.ask(budget=(fund, budget))
    return float(-best.point.row_dual[relaxation.budget_row(fund)]) + 0.0 if best.found else np.nan
