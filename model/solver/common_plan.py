"""HiGHS on the programme of several scenarios: the common plan, and what each scenario makes of a given one."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import Final

import highspy
import numpy as np

from model.case import FloatArray
from model.formulation.extensive import Extensive
from model.formulation.layout import Values
from model.formulation.program import Program
from model.selection import IntArray
from model.solver.highs import LiveModel
from model.solver.point import Point, Status

# of the size of the losses: below it two plans are equally good
PROOF: Final = 1e-6


@dataclass(frozen=True)
class Found:
    """The best common plan that was found: all columns, the criterion's value and what it cannot fall below.

    ``columns`` is None where none was found.
    """

    status: Status
    columns: FloatArray | None
    value: float
    bound: float
    seconds: float
    iterations: int


class CommonPlan:
    """A live solver of an extensive form.

    ``size`` is that of the losses in million USD: whole units are proven to a millionth of it, because the criterion
    itself (a regret) may be next to nothing. ``method`` is HiGHS's solver of linear programmes.
    """

    def __init__(
        self, form: Extensive, size: float, *, time_limit: float | None = None, method: str = "choose"
    ) -> None:
        self.form = form
        self.live = LiveModel(form.program, time_limit=time_limit, mip_gap=0.0)
        self.live.highs.setOptionValue("mip_abs_gap", PROOF * size)
        for option in ("solver", "mip_lp_solver"):
            self.live.highs.setOptionValue(option, method)

    def solve(self, start: FloatArray | None = None) -> Found:
        """The best common plan; ``start`` holds all columns of one that is known."""
        highs = self.live.highs
        highs.clearSolver()
        if start is not None:
            known = highspy.HighsSolution()
            known.col_value = start
            highs.setSolution(known)
        return self._run()

    def settle(self, value: float, weight: FloatArray, slack: float, start: FloatArray) -> Found:
        """Of all plans with a criterion of no more than ``value`` + slack, the one that loses least by ``weight``."""
        highs, form = self.live.highs, self.form
        assert form.goal is not None
        everything = np.arange(len(form.program.cost), dtype=np.int32)
        highs.changeColsCost(len(everything), everything, form.cost(weight))
        highs.changeRowBounds(form.goal, -highspy.kHighsInf, value + slack)
        return self.solve(start)

    def _run(self) -> Found:
        highs, started = self.live.highs, time.perf_counter()
        highs.run()
        status, info = self.live._status(), highs.getInfo()
        columns = None
        if status in ("optimal", "feasible"):
            columns = np.asarray(highs.getSolution().col_value)
        value = float(info.objective_function_value) if columns is not None else math.inf
        bound = float(info.mip_dual_bound) if len(self.form.program.whole) else value
        seconds = time.perf_counter() - started
        return Found(status, columns, value, bound, seconds, int(info.simplex_iteration_count))
