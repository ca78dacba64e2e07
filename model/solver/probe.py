"""Many small questions to one live solver: warm solves at other numbers, from a kept basis, put back afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

import highspy
import numpy as np

from model.case import FloatArray
from model.formulation.layout import Values
from model.selection import IntArray
from model.solver.highs import FACE_TOLERANCE, LiveModel
from model.solver.point import Point

# far below what a step of a staircase is worth, far above what a search over whole units can prove quickly
EXACT_GAP: Final = 1e-9


@dataclass(frozen=True)
class Kept:
    """A basis to which later solves return."""

    basis: highspy.HighsBasis

    def is_alike(self, other: Kept) -> bool:
        """Whether both are one basis; iterations do not tell, for bounds may flip without any."""
        one, two = self.basis, other.basis
        return bool(one.col_status == two.col_status and one.row_status == two.row_status)


class Probe:
    """Warm solves on a live model; whoever changes its numbers here has them put back by a context manager."""

    def __init__(self, live: LiveModel) -> None:
        self.live = live
        # an answer among many is of use only where it is exact
        live.keep_best = False

    @property
    def has_whole_units(self) -> bool:
        """Whether some variables take whole numbers only."""
        return len(self.live.program.whole) > 0

    def solve(self, values: Values, *, start: Kept | None = None, distance: FloatArray | None = None) -> Point:
        """The optimum at other numbers, warm; what is no optimum is confirmed by a cold solve."""
        self.live.update(values)
        if start is not None:
            self.live.highs.setBasis(start.basis)
        point = self.live.solve(cold=False, distance=distance)
        return point if point.status == "optimal" else self.live.solve(cold=True, distance=distance)

    def again(self) -> Point:
        """The optimum at the present numbers, warm."""
        return self.live.solve(cold=False)

    def keep(self) -> Kept:
        """The present basis."""
        return Kept(self.live.highs.getBasis())

    def back_to(self, kept: Kept) -> None:
        """Start the next solve from a kept basis."""
        self.live.highs.setBasis(kept.basis)

    @contextmanager
    def exact(self) -> Iterator[None]:
        """Whole units, if any, are searched to a gap that leaves no doubt about a step."""
        _, asked = self.live.highs.getOptionValue("mip_rel_gap")
        self.live.highs.setOptionValue("mip_rel_gap", min(EXACT_GAP, asked))
        try:
            yield
        finally:
            self.live.highs.setOptionValue("mip_rel_gap", asked)

    @contextmanager
    def plan_fixed(self, plan: FloatArray) -> Iterator[None]:
        """The programme with its whole units at a given plan (values of all columns): a linear one, with duals."""
        highs, columns = self.live.highs, self.live.program.whole.astype(np.int32)
        program = self.live.program
        fixed = np.round(plan[columns])
        highs.changeColsIntegrality(len(columns), columns, np.array([highspy.HighsVarType.kContinuous] * len(columns)))
        highs.changeColsBounds(len(columns), columns, fixed, fixed)
        lower, upper = program.lower.copy(), program.upper.copy()
        lower[columns] = upper[columns] = fixed
        self.live.program = replace(program, lower=lower, upper=upper, whole=np.empty(0, np.int64))
        try:
            yield
        finally:
            self.live.program = program
            highs.changeColsBounds(len(columns), columns, program.lower[columns], program.upper[columns])
            highs.changeColsIntegrality(len(columns), columns, np.array([highspy.HighsVarType.kInteger] * len(columns)))

    @contextmanager
    def row_bounds(self, row: int, lower: float, upper: float) -> Iterator[None]:
        """One row with other bounds."""
        program = self.live.program
        self.live.highs.changeRowBounds(row, lower, upper)
        try:
            yield
        finally:
            self.live.highs.changeRowBounds(row, float(program.row_lower[row]), float(program.row_upper[row]))

    @contextmanager
    def column_bounds(self, column: int, lower: float, upper: float) -> Iterator[None]:
        """One column with other bounds."""
        program = self.live.program
        self.live.highs.changeColBounds(column, lower, upper)
        try:
            yield
        finally:
            self.live.highs.changeColBounds(column, float(program.lower[column]), float(program.upper[column]))

    @contextmanager
    def column_cost(self, column: int, cost: float) -> Iterator[None]:
        """One column with another cost."""
        self.live.highs.changeColCost(column, cost)
        try:
            yield
        finally:
            self.live.highs.changeColCost(column, float(self.live.program.cost[column]))

    @contextmanager
    def optimal_face(self, best: Point) -> Iterator[None]:
        """All plans of the same value: columns with a reduced cost and rows with a dual stay, costs are set aside."""
        highs, old = self.live.highs, self.live.program
        columns = np.flatnonzero(np.abs(best.column_dual) > FACE_TOLERANCE).astype(np.int32)
        rows = np.flatnonzero(np.abs(best.row_dual) > FACE_TOLERANCE)
        highs.changeColsBounds(len(columns), columns, best.columns[columns], best.columns[columns])
        for row in rows.tolist():
            highs.changeRowBounds(row, float(best.rows[row]), float(best.rows[row]))
        try:
            with self._without_costs():
                yield
        finally:
            highs.changeColsBounds(len(columns), columns, old.lower[columns], old.upper[columns])
            for row in rows.tolist():
                highs.changeRowBounds(row, float(old.row_lower[row]), float(old.row_upper[row]))

    @contextmanager
    def value_at_most(self) -> Iterator[int]:
        """Costs are set aside and bound by one more row, whose position is given; see ``allow_cost``."""
        highs, old = self.live.highs, self.live.program
        row = int(highs.getNumRow())
        columns = np.flatnonzero(old.cost).astype(np.int32)
        highs.addRow(-highspy.kHighsInf, highspy.kHighsInf, len(columns), columns, old.cost[columns])
        try:
            with self._without_costs():
                yield row
        finally:
            highs.deleteRows(1, np.array([row], dtype=np.int32))

    def allow_cost(self, row: int, most: float) -> None:
        """The most that the row from ``value_at_most`` allows the cost to be."""
        self.live.highs.changeRowBounds(row, -highspy.kHighsInf, most)

    @contextmanager
    def _without_costs(self) -> Iterator[None]:
        highs, cost = self.live.highs, self.live.program.cost
        everything = np.arange(len(cost), dtype=np.int32)
        highs.changeColsCost(len(cost), everything, np.zeros(len(cost)))
        try:
            yield
        finally:
            highs.changeColsCost(len(cost), everything, cost)

    def extreme(self, columns: IntArray, sign: float) -> Point:
        """The least (sign 1) or most (sign −1) of the sum of some columns, where costs are set aside."""
        highs, places = self.live.highs, columns.astype(np.int32)
        highs.changeColsCost(len(places), places, np.full(len(places), sign))
        point = self.live.solve(cold=False)
        highs.changeColsCost(len(places), places, np.zeros(len(places)))
        return point

    def least_activity(self, row: int, most_cost: float | None) -> Point:
        """The plan with the least activity of a row whose cost is at most a number; None = whatever it costs.

        The row's own bounds are set aside. The point's objective is the activity.
        """
        program, highs = self.live.program, self.live.highs
        span = slice(int(program.starts[row]), int(program.starts[row + 1]))
        columns, weights = program.indices[span].astype(np.int32), program.matrix[span]
        with self.row_bounds(row, -highspy.kHighsInf, highspy.kHighsInf), self.value_at_most() as cost_row:
            if most_cost is not None:
                self.allow_cost(cost_row, most_cost)
            highs.changeColsCost(len(columns), columns, weights)
            return self.live.solve(cold=True)
