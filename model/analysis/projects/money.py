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

MOST_STEPS: Final = 40  # that are sought upwards from today's budget, and as many below it
# of all that money can bring: a smaller gain is not told as a step of its own
SMALLEST_GAIN: Final = 1e-4
_MILLION: Final = "million USD"
# a budget is just enough for the plan that needs it
_SPECK: Final = 1e-9

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
    least = _least(optima, fund, None)[0]
    most = max(least, _least(optima, fund, unlimited.value - optima.near)[0])
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
    """Steps by searches: the least money for a better plan, then the best plan for that money."""
    today = float(optima.solution.parameters.fund_total[fund])
    unlimited = optima.ask(budget=(fund, np.inf))
    least, status = _least(optima, fund, None)
    if np.isnan(least):
        return
    start = _at(optima, fund, least, status)
    smallest = max(optima.near, SMALLEST_GAIN * (unlimited.value - start.best.value))
    steps = [start, *_climb(optima, fund, start, smallest, min(today, np.inf))]
    if np.isfinite(today):
        here = _Step(today, optima.today)
        steps += _climb(optima, fund, here, smallest, np.inf)
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


def _climb(optima: Optima, fund: int, start: _Step, smallest: float, until: float) -> list[_Step]:
    """The steps above one, up to a budget."""
    steps: list[_Step] = []
    last = start
    while True:
        budget, status = _least(optima, fund, last.best.value + smallest)
        if np.isnan(budget) or budget > until + _SPECK:
            if status == "time limit":
                steps.append(_Step(last.at, last.best, "the search for the next step was stopped by the time limit"))
            return steps
        if len(steps) == MOST_STEPS:
            steps[-1] = _Step(last.at, last.best, f"the first {MOST_STEPS} steps; more follow")
            return steps
        last = _at(optima, fund, budget, status)
        steps.append(last)


def _at(optima: Optima, fund: int, budget: float, status: str) -> _Step:
    """The optimum at a budget that was found to be needed."""
    note = "" if status == "optimal" else "less money may do: the search was stopped by the time limit"
    return _Step(budget, optima.ask(budget=(fund, budget * (1 + _SPECK) + _SPECK)), note)


def _least(optima: Optima, fund: int, value: float | None) -> tuple[float, str]:
    """The least of a fund's money for a plan worth at least so much, and the solver's status; NaN without a plan."""
    optima.probe.live.update(optima.base)
    point = optima.probe.least_activity(optima.budget_row(fund), None if value is None else -value)
    return max(0.0, point.objective) if point.status in ("optimal", "feasible") else np.nan, point.status


def _dual(relaxation: Optima, fund: int, budget: float) -> float:
    best = relaxation.ask(budget=(fund, budget))
    return float(-best.point.row_dual[relaxation.budget_row(fund)]) + 0.0 if best.found else np.nan
