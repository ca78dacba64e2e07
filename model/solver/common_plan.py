"""HiGHS on the programme of several scenarios: the common plan, and what each scenario makes of a given one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import highspy
import numpy as np

from model.case import FloatArray
from model.formulation.extensive import Extensive
from model.formulation.layout import Layout, Values
from model.formulation.program import Program, assemble
from model.solver.highs import LiveModel
from model.solver.point import Point, Status, Stop

# share of the losses to which the best of each scenario is proven; below it two plans are equally good
PROOF: Final = 1e-6


@dataclass(frozen=True)
class Found:
    """The best common plan that a search found, what it is worth, and the bound that no plan can be below.

    A status of ``feasible`` is a plan of a search that ended early, by ``stop``; without a plan it is None.
    """

    status: Status
    plan: FloatArray | None
    value: float
    bound: float
    stop: Stop = ""


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

    def solve(self, flows: Sequence[FloatArray] = ()) -> Found:
        """The best common plan; ``flows`` are each scenario's columns with one that is known."""
        return self._found(flows)

    def settle(self, value: float, weight: FloatArray, flows: Sequence[FloatArray]) -> Found:
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
        return self._found(flows)

    def _found(self, flows: Sequence[FloatArray]) -> Found:
        self.live.highs.clearSolver()
        if flows:
            self.live.begin_at(self.form.point(flows))
        point = self.live.solve(cold=False)
        if point.status not in ("optimal", "feasible"):
            return Found(point.status, None, np.inf, -np.inf, point.stop)
        # of a linear programme the optimum is its own bound
        bound = point.bound if point.bound is not None else point.objective if point.status == "optimal" else -np.inf
        return Found(point.status, point.columns[: self.form.build], point.objective, bound, point.stop)


class Recourse:
    """A live solver of one scenario whose plan is given: everything but what is built is free."""

    def __init__(self, layout: Layout, values: Values) -> None:
        self.values = values
        self.build = layout.columns["build"].slice
        whole = layout.whole[(layout.whole < self.build.start) | (layout.whole >= self.build.stop)]
        self.program = replace(assemble(layout, values), whole=whole)
        self.live = LiveModel(self.program, mip_gap=PROOF)
        self._giving: LiveModel | None = None

    def short(self, plan: FloatArray) -> Point:
        """The least that rows must give way together, each in its own unit, where a plan leaves no flows."""
        if self._giving is None:
            self._giving = LiveModel(_giving(self.program))
        columns = np.arange(self.build.start, self.build.stop, dtype=np.int32)
        self._giving.highs.changeColsBounds(len(columns), columns, plan, plan)
        return self._giving.solve(cold=False)

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
        rows = program.entry_rows[mine]
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


def _giving(program: Program) -> Program:
    """The programme in which every row may give way up and down, and that alone is minimised."""
    columns, rows = len(program.cost), len(program.row_lower)
    row = np.concatenate([program.entry_rows, np.arange(rows), np.arange(rows)])
    column = np.concatenate([program.indices, columns + np.arange(2 * rows)])
    value = np.concatenate([program.matrix, np.ones(rows), -np.ones(rows)])
    order = np.argsort(row, kind="stable")
    return replace(
        program,
        cost=np.concatenate([np.zeros(columns), np.ones(2 * rows)]),
        lower=np.concatenate([program.lower, np.zeros(2 * rows)]),
        upper=np.concatenate([program.upper, np.full(2 * rows, np.inf)]),
        starts=program.starts + 2 * np.arange(rows + 1),
        indices=column[order],
        matrix=value[order],
    )
