"""The in-place re-solver: case after case on one live programme, each an update of numbers and a short solve."""

from __future__ import annotations

from dataclasses import dataclass, replace
from multiprocessing import parent_process
from typing import Final

import numpy as np

from model.case import Case, FloatArray
from model.formulation.incremental import Numbers
from model.formulation.layout import Layout, Values, evaluate, tie_lengths
from model.formulation.program import assemble
from model.parameters import Parameters, build_parameters
from model.solver.highs import LiveModel, Start
from model.solver.point import Point

# USD per unit and km. Ties are broken in the solve itself by this price on distance: a second solve would cost more
# than the first. It is far below any tariff, so what it costs of the value is rounding (measured: 1e-15 of it).
TIE_PRICE: Final = 1e-8


@dataclass(frozen=True)
class Resolved:
    """One solved case; ``cost`` is what its plan costs (minus what it is worth), without the price on distance."""

    point: Point
    parameters: Parameters
    values: Values
    cost: float


class Resolver:
    """A live programme whose numbers are exchanged from case to case.

    Every solve begins at a start that the caller chose, never at the solve before it: so a case has the same answer
    whatever was solved before, and fewer steps to go, since only its own changes are to be made up for.
    """

    def __init__(self, layout: Layout, case: Case) -> None:
        self.layout = layout
        self.numbers = Numbers(layout)
        parameters, values = self.numbers.at(case)
        self.live = _live(layout, case, self._tied(parameters, values))

    def fits(self, case: Case) -> bool:
        """Whether a case can be solved on this programme; else it needs rows of its own."""
        return self.numbers.fits(case)

    def start(self, case: Case) -> Start | None:
        """The optimum of a case as a start for those that differ from it by some numbers; None where it has none."""
        self._update(case)
        point = self.live.solve(cold=True)
        return self.live.mark() if point.status in ("optimal", "feasible") else None

    def solve(self, case: Case, start: Start | None, *, duals: bool = True) -> Resolved:
        """The case's optimum from a start, or from nothing; ties go to the shorter way."""
        parameters, values = self._update(case)
        point = self.live.solve(cold=True) if start is None else self.live.again(start, duals=duals)
        return Resolved(point, parameters, values, _cost(values, point))

    def _update(self, case: Case) -> tuple[Parameters, Values]:
        parameters, values = self.numbers.at(case)
        self.live.update(self._tied(parameters, values))
        self.live.limit(case.settings.time_limit, case.settings.mip_gap)
        return parameters, values

    def _tied(self, parameters: Parameters, values: Values) -> Values:
        return replace(values, cost=values.cost + TIE_PRICE * self._lengths(parameters))

    def _lengths(self, parameters: Parameters) -> FloatArray:
        return tie_lengths(self.layout, parameters)


def solved_cold(layout: Layout, case: Case) -> Resolved:
    """A case whose every number is worked out afresh, solved from nothing: what re-solves are checked by."""
    parameters = build_parameters(case, layout.network)
    values = evaluate(case, layout, parameters)
    point = _live(layout, case, values).solve(cold=True)
    return Resolved(point, parameters, values, _cost(values, point))


def _cost(values: Values, point: Point) -> float:
    # not `@`: threads of a linear algebra library, started for so short a product, take ten times as long as the solve
    return float(np.sum(values.cost * point.columns))


def _live(layout: Layout, case: Case, values: Values) -> LiveModel:
    settings = case.settings
    # Worker processes fill the processors, so each solve there has one thread. Elsewhere HiGHS may have run before, and
    # it refuses another number of threads than it began with.
    threads = 1 if parent_process() is not None else None
    return LiveModel(
        assemble(layout, values), time_limit=settings.time_limit, mip_gap=settings.mip_gap, threads=threads
    )
