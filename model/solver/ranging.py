"""How far numbers may move before the optimal basis gives way: ratio tests along any direction of costs or bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

import highspy
import numpy as np

from model.case import FloatArray
from model.formulation.layout import Values
from model.selection import IntArray
from model.solver.highs import LiveModel

# slopes below it are rounding of the basis solve
ZERO: Final = 1e-9


@dataclass(frozen=True)
class Side:
    """How far one may go one way: the multiple of the direction (infinite: for ever) and what gives way there.

    ``position`` counts columns first, then rows; −1 where nothing gives way.
    """

    reach: float
    position: int


@dataclass(frozen=True)
class Interval:
    """How far one may go down and up along a direction."""

    down: Side
    up: Side


class Ranging:
    """Ratio tests at the optimal basis of a live model (the last solve must have been for its own costs)."""

    def __init__(self, live: LiveModel) -> None:
        self.program = live.program
        solution, basis = live.highs.getSolution(), live.highs.getBasis()
        self.values = np.concatenate([np.asarray(solution.col_value), np.asarray(solution.row_value)])
        self.duals = np.concatenate([np.asarray(solution.col_dual), np.asarray(solution.row_dual)])
        # the wrapper's type stubs leave the basis calls out
        self.highs = cast("Any", live.highs)
        self.basic = np.asarray(self.highs.getBasicVariables()[1])
        self.count = len(self.program.cost)
        status = [*basis.col_status, *basis.row_status]
        self.at_lower = np.array([one == highspy.HighsBasisStatus.kLower for one in status])
        self.at_upper = np.array([one == highspy.HighsBasisStatus.kUpper for one in status])
        self.lower = np.concatenate([self.program.lower, self.program.row_lower])
        self.upper = np.concatenate([self.program.upper, self.program.row_upper])
        self.rows = self.program.entry_rows
        # positions among columns and rows of what is basic, in the solver's order
        self.basic_at = np.where(self.basic >= 0, self.basic, self.count - 1 - self.basic)

    @property
    def degenerate(self) -> bool:
        """Whether some basic variable stands at a bound: intervals may then be wider than those given."""
        value, low, high = (a[self.basic_at] for a in (self.values, self.lower, self.upper))
        size = 1e-7 * np.maximum(1.0, np.abs(value))
        return bool(np.any((value - low < size) | (high - value < size)))

    def along_cost(self, direction: FloatArray) -> Interval:
        """How far the minimised costs may move along a direction, shape (columns,), before the plan changes."""
        on_basis = np.where(self.basic >= 0, direction[np.maximum(self.basic, 0)], 0.0)
        rise = np.asarray(self.highs.getBasisTransposeSolve(on_basis)[1])
        through = np.bincount(self.program.indices, weights=self.program.matrix * rise[self.rows], minlength=self.count)
        slope = np.concatenate([direction - through, rise])
        slope[self.basic_at] = 0.0
        fixed = self.lower == self.upper
        # a reduced cost at a lower bound stays above zero, at an upper bound below
        margin = np.where(self.at_lower, self.duals, -self.duals)
        closing = np.where(self.at_lower, -slope, slope)
        free = ~(self.at_lower | self.at_upper) | fixed
        return _interval(np.maximum(margin, 0.0), np.where(free, 0.0, closing), np.arange(len(slope)))

    def along_bounds(self, start: Values, end: Values) -> Interval:
        """How far bounds and right-hand sides may move from one set of numbers to another before the basis changes.

        A reach of 1 is all the way. Costs and coefficients must be the same.
        """
        lower = _difference(start.lower, end.lower), _difference(start.row_lower, end.row_lower)
        upper = _difference(start.upper, end.upper), _difference(start.row_upper, end.row_upper)
        low, high = np.concatenate(lower), np.concatenate(upper)
        moved = np.where(self.at_lower, low, np.where(self.at_upper, high, 0.0))
        moved[self.basic_at] = 0.0
        shift = moved[self.count :] - np.bincount(
            self.rows,
            weights=self.program.matrix * moved[: self.count][self.program.indices],
            minlength=len(start.row_lower),
        )
        solved = np.asarray(self.highs.getBasisSolve(shift)[1])
        # the solver's slack of a row is minus its activity
        change = np.where(self.basic >= 0, solved, -solved)
        value, floor, ceiling = (a[self.basic_at] for a in (self.values, self.lower, self.upper))
        margin = np.concatenate([np.maximum(value - floor, 0.0), np.maximum(ceiling - value, 0.0)])
        closing = np.concatenate([low[self.basic_at] - change, change - high[self.basic_at]])
        return _interval(margin, closing, np.concatenate([self.basic_at, self.basic_at]))


def _difference(start: FloatArray, end: FloatArray) -> FloatArray:
    both = np.isfinite(start) & np.isfinite(end)
    return np.where(both, np.where(both, end, 0.0) - np.where(both, start, 0.0), 0.0)


def _interval(margin: FloatArray, closing: FloatArray, positions: IntArray) -> Interval:
    """The least margin/closing on either side: ``closing`` is how fast a margin shrinks per unit of the direction."""
    return Interval(_side(margin, -closing, positions), _side(margin, closing, positions))


def _side(margin: FloatArray, closing: FloatArray, positions: IntArray) -> Side:
    scale = max(1.0, float(np.abs(closing).max(initial=0.0)))
    shrinking = np.flatnonzero((closing > ZERO * scale) & np.isfinite(margin))
    if not len(shrinking):
        return Side(np.inf, -1)
    reaches = margin[shrinking] / closing[shrinking]
    first = int(np.argmin(reaches))
    return Side(float(reaches[first]), int(positions[shrinking[first]]))
