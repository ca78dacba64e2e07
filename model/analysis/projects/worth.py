"""What every project is worth: net present value, pay-back, and the capex up to which it is built."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from model.analysis.projects.capex import Stretch, break_even
from model.analysis.projects.optima import Difference, Optima, Optimum, difference
from model.case import FloatArray
from model.formulation.projects import requirements
from model.parameters.convert import period_start
from model.results.building import plan
from model.results.declare import Extras, ResultColumn
from model.results.money import money_parts

_MILLION: Final = "million USD"
_CAPITAL: Final = ("capex", "unexpired value")
_BELOW: Final = 1e-3  # of the capex: so much below break-even a project must be built
_SPECK: Final = 1e-9

COLUMNS: Final = (
    ResultColumn("project", "The project"),
    ResultColumn("adds_to", "Rows whose capacity it adds to"),
    ResultColumn("units", "Units built over the horizon, as the scenario is", "units", "number"),
    ResultColumn("max_units", "Most units", "units", "number"),
    ResultColumn("capex", "Paid for these units, undiscounted", _MILLION, "money"),
    ResultColumn("npv", "Optimum with it less optimum without it (max_units 0); all else may adapt", _MILLION, "money"),
    ResultColumn("npv_at_least", "Least that it can be: searches over whole units leave a gap", _MILLION, "money"),
    ResultColumn("npv_at_most", "Most that it can be", _MILLION, "money"),
    ResultColumn("alone", "Optimum with it and what it requires, less optimum without any project", _MILLION, "money"),
    ResultColumn(
        "at_duals",
        "What is built of it times net_per_unit of the sheet Plan: the npv of a project too small to move prices and "
        "whose money has no other use",
        _MILLION,
        "money",
    ),
    ResultColumn(
        "payback_years",
        "Years from the first payment until the money that the plans with and without it differ by is back for good, "
        "undiscounted and without unexpired value; blank where it never is, or nothing is built",
        "years",
        "number",
    ),
    ResultColumn("capex_per_unit", "Today's capex; blank where it varies by period", "million USD/unit", "money"),
    ResultColumn(
        "break_even_capex",
        "Capex below which it is built: for what is built how far it may rise, else how far it must fall; 0 = not even "
        "for nothing",
        "million USD/unit",
        "money",
    ),
    ResultColumn("break_even_share", "The same as a share of today's capex", format="share"),
    ResultColumn("built_below", f"Whether a solve {100 * _BELOW:g} % below that capex builds it", format="text"),
    ResultColumn("note", "What is particular about the row"),
)


def rank(row: dict[str, Any]) -> tuple[float, float]:
    """By what rows are put in order: what is worth most first."""
    return -float(np.nan_to_num(row["npv"])), -float(row["capex"])


def npv(optima: Optima, project: int) -> Difference:
    """The optimum with a project less the optimum without it."""
    return difference([optima.today], [optima.ask(without=[project])])


def row(optima: Optima, project: int, at_duals: FloatArray) -> dict[str, Any]:
    """The row of a project but for what ``by_capex`` says; ``at_duals`` is of all projects."""
    case, build = optima.case, optima.today.build
    without, value = optima.ask(without=[project]), npv(optima, project)
    capex = case.number("Projects", "capex")[project]
    units = float(build[project].sum())
    return {
        "project": optima.names[project],
        "adds_to": ", ".join(case.word("Projects", "adds_to")[project]),
        "units": units,
        "max_units": float(optima.solution.parameters.build_most[project]),
        "capex": float(build[project] @ capex),
        "npv": value.value,
        "npv_at_least": value.least if optima.whole else np.nan,
        "npv_at_most": value.most if optima.whole else np.nan,
        "alone": _alone(optima, project),
        "at_duals": at_duals[project],
        "payback_years": payback(optima, project) if units > _SPECK and without.found else np.nan,
        "capex_per_unit": _price(optima, project),
        "break_even_capex": np.nan,
        "break_even_share": np.nan,
        "built_below": "",
        "note": "; ".join([*_noted(optima, project), "its capex was not varied: the work was stopped before"]),
    }


def by_capex(optima: Optima, project: int, curve: list[Stretch]) -> dict[str, Any]:
    """What a project's row says once its capex has been varied."""
    share = break_even(curve) if curve else np.nan
    return {
        "break_even_capex": _price(optima, project) * share if np.isfinite(share) else np.nan,
        "break_even_share": share if np.isfinite(share) else np.nan,
        "built_below": _built_below(optima, project, share),
        "note": "; ".join([*_noted(optima, project), *_noted_of(optima, project, curve, share)]),
    }


def _price(optima: Optima, project: int) -> float:
    """Capex per unit; NaN where it varies by period."""
    capex = optima.case.number("Projects", "capex")[project]
    return float(capex[0]) if np.all(capex == capex[0]) else np.nan


def _alone(optima: Optima, project: int) -> float:
    needed, ways = {project}, requirements(optima.case)
    while more := {q for p, q in ways if p in needed} - needed:
        needed |= more
    everything = set(range(len(optima.names)))
    return difference([optima.ask(without=everything - needed)], [optima.ask(without=everything)]).value


def at_duals(optima: Optima) -> FloatArray:
    """Units times what one more earns net at today's duals, by project."""
    table = plan.fill(optima.as_solution(optima.today), Extras())
    amount = np.asarray(table["units"]) * np.asarray(table["net_per_unit"])
    return np.asarray(amount.reshape(optima.today.build.shape).sum(axis=1))


def payback(optima: Optima, project: int) -> float:
    """Years from a project's first payment until its plan's money is back, undiscounted; NaN where it never is."""
    plans = [optima.today, optima.ask(without=[project])]
    earned, paid = (one - other for one, other in zip(*(_money(optima, best) for best in plans), strict=True))
    first = int(np.flatnonzero(optima.today.build[project] > _SPECK)[0])
    return payback_of(paid, earned, period_start(optima.case), optima.case.years, first)


def _money(optima: Optima, best: Optimum) -> tuple[FloatArray, FloatArray]:
    """What a plan earns but for building, and what it pays for building, undiscounted by period."""
    parts = money_parts(optima.as_solution(best))
    nothing = np.zeros(len(optima.case.periods))
    earned = sum((part.amount.sum(axis=0) for name, part in parts.items() if name not in _CAPITAL), nothing)
    paid = -parts["capex"].amount.sum(axis=0)
    return earned, paid


def payback_of(paid: FloatArray, earned: FloatArray, start: FloatArray, years: FloatArray, first: int) -> float:
    """Years from the start of period ``first`` until the balance is at or above zero for the rest of the horizon.

    Payments fall due at the start of a period, earnings come evenly over it.
    """
    balance, since = 0.0, float(start[first])
    for t in range(len(paid)):
        balance -= paid[t]
        after = balance + earned[t]
        if balance < 0 <= after + _SPECK:
            since = float(start[t] + years[t] * min(1.0, -balance / max(earned[t], _SPECK)))
        elif after < -_SPECK:
            since = np.nan
        balance = after
    # what another project's later payment saves may have brought it in before the first payment
    return float(np.maximum(0.0, since - float(start[first])))


def _built_below(optima: Optima, project: int, share: float) -> str:
    if not np.isfinite(share) or share <= 0:
        return ""
    best = optima.ask(capex=(project, share * (1 - _BELOW)))
    return "yes" if best.found and best.build[project].sum() > _SPECK else "no"


def _noted(optima: Optima, project: int) -> Iterator[str]:
    without = optima.ask(without=[project])
    if without.status == "infeasible":
        yield "without it there is no plan"
    elif not without.found:
        yield "the search without it was stopped by the time limit before it had a plan"
    if "feasible" in (without.status, optima.today.status):
        yield "a search was stopped by the time limit: npv lies between npv_at_least and npv_at_most"


def _noted_of(optima: Optima, project: int, curve: list[Stretch], share: float) -> Iterator[str]:
    if not curve:
        yield "no capex, or none but what is left at the end: no break-even"
    elif share == 0:
        without, free = optima.ask(without=[project]), optima.ask(capex=(project, 0.0))
        gift = without.found and free.value > without.value + optima.near
        yield "built only for nothing: its fund has nothing to spare" if gift else "not built even for nothing"
    elif not np.isfinite(share):
        yield "built at any capex"
