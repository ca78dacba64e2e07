"""What is to be said of a plan of whole units: how far from the best it may be, and what ended the search for it."""

from __future__ import annotations

import math

from model.solution import Solution


def early(solution: Solution) -> str:
    """Why a result is not the optimum, as a sentence; empty where it is."""
    if solution.status == "optimal":
        return ""
    return f"Stopped by {_name(solution.stop)}: the best plan found until then, {_at_most(solution)}."


def certainty(solution: Solution) -> str:
    """How near to the best a plan of whole units is, as a sentence; empty without whole units."""
    if solution.gap is None:
        return ""
    if solution.status != "optimal":
        return f"{early(solution)} Prices and values of scarcity are those of this plan."
    return f"With whole units this is the best plan within the gap that was asked for, {_at_most(solution)}."


def percent(gap: float | None) -> str:
    """A gap as a share, blank where there is none."""
    return "" if gap is None or not math.isfinite(gap) else f"{100 * gap:.2g} %"


def _name(stop: str) -> str:
    return "the time limit" if stop == "time limit" else stop


def _at_most(solution: Solution) -> str:
    if solution.gap is None or solution.bound is None or not math.isfinite(solution.gap):
        return "how much better another may be is not known"
    cost = solution.case.settings.objective == "cost"
    better = abs(solution.bound - solution.objective)
    return (
        f"and no other is better by more than {percent(solution.gap)} ({better:,.4g} million USD: "
        f"{'a cost of at least' if cost else 'a value of at most'} {solution.bound:,.2f})"
    )
