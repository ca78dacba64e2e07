"""HiGHS on the programme of several scenarios: the common plan, and what each scenario makes of a given one."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import highspy
import numpy as np

from model.case import FloatArray
from model.formulation.extensive import Extensive
from model.formulation.layout import Layout, Values
from model.formulation.program import Program, assemble
from model.solver.highs import LiveModel
from model.solver.point import Point

# share of the losses to which the best of each scenario is proven; below it two plans are equally good
PROOF: Final = 1e-6


class CommonPlan:
    """A live solver of an extensive form.

    ``gap`` is in million USD: a criterion such as a regret may itself be next to nothing, so that a share of it would
    never be proven. ``method`` is HiGHS's solver of linear programmes.
    """

    def __init__(self, form: Extensive, gap: float, *, time_limit: float | None = None, method: str = "choose") -> None:
        self.form = form
        self.live = LiveModel(form.program, time_limit=time_limit, mip_gap=0.0, keep_best=True)
        self.live.highs.setOptionValue("mip_abs_gap", gap)
        for option in ("solver", "mip_lp_solver"):
            self.live.highs.setOptionValue(option, method)

    def solve(self, start: FloatArray | None = None) -> Point:
        """The best common plan; ``start`` holds all columns of one that is known."""
        self.live.highs.clearSolver()
        if start is not None:
            known = highspy.HighsSolution()
            known.col_value = start
            self.live.highs.setSolution(known)
        return self.live.solve(cold=False)

    def settle(self, value: float, weight: FloatArray, start: FloatArray) -> Point:
        """Of all plans whose criterion is no more than ``value``, the one that loses least by ``weight``.

        Raises ValueError where the criterion has no row of its own.
        """
        form, highs = self.form, self.live.highs
        if form.goal is None:
            raise ValueError(f"the criterion {form.criterion.name} cannot be held")
        cost = form.cost(weight)
        everything = np.arange(len(cost), dtype=np.int32)
        highs.changeColsCost(len(everything), everything, cost)
        highs.changeRowBounds(form.goal, -highspy.kHighsInf, value)
        row_upper = form.program.row_upper.copy()
        row_upper[form.goal] = value
        self.live.program = replace(form.program, cost=cost, row_upper=row_upper)
        return self.solve(start)


class Recourse:
    """A live solver of one scenario whose plan is given: everything but what is built is free."""

    def __init__(self, layout: Layout, values: Values) -> None:
        self.values = values
        self.build = layout.columns["build"].slice
        whole = layout.whole[(layout.whole < self.build.start) | (layout.whole >= self.build.stop)]
        self.program = replace(assemble(layout, values), whole=whole)
        self.live = LiveModel(self.program, mip_gap=PROOF)

    def at(self, plan: FloatArray, *, cold: bool = False) -> Point:
        """The scenario's optimum with a plan (one number a column of ``build``); warm answers are optima only."""
        self.live.update(self.fixed(plan))
        point = self.live.solve(cold=cold)
        return point if point.status == "optimal" or cold else self.live.solve(cold=True)

    def fixed(self, plan: FloatArray) -> Values:
        """The scenario's numbers with the plan as both bounds of what is built."""
        lower, upper = self.values.lower.copy(), self.values.upper.copy()
        lower[self.build] = upper[self.build] = plan
        return replace(self.values, lower=lower, upper=upper)

    def operation(self, plan: FloatArray) -> Program:
        """The programme of the flows alone: what the plan puts into each row is taken from the row's bounds."""
        program = self.program
        mine = (program.indices >= self.build.start) & (program.indices < self.build.stop)
        rows = np.repeat(np.arange(len(program.row_lower)), np.diff(program.starts))[mine]
        put = program.matrix[mine] * plan[program.indices[mine] - self.build.start]
        constant = np.bincount(rows, weights=put, minlength=len(program.row_lower))
        fixed = self.fixed(np.zeros_like(plan))
        return replace(
            program,
            lower=fixed.lower,
            upper=fixed.upper,
            row_lower=program.row_lower - constant,
            row_upper=program.row_upper - constant,
            matrix=np.where(mine, 0.0, program.matrix),
        )
