"""Which decisions could be others at the same value: one small programme over the directions that cost nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.case import FloatArray
from model.formulation.program import Program
from model.solver.highs import FACE_TOLERANCE, LiveModel
from model.solver.point import Point

_NEAR: Final = 1e-7  # of a value: what lies nearer to its bound is at it
_FAR: Final = 1e4  # how far what is not at a bound may move, in units by which what is at one may move
_MOVES: Final = 1e-6
_SEED: Final = 7


def varying(program: Program, best: Point) -> NDArray[np.bool_]:
    """Which columns take more than one value over all optima.

    From a vertex that is optimal, every other optimum lies in a direction d with A·d and d within the bounds that
    are reached, and nothing changed that has a reduced cost or a dual (Mangasarian, 1979). What leaves its bound in
    any such direction can leave it in one and the same: the programme seeks that direction. Steps of unequal length
    keep opposite moves of what is not at a bound from cancelling.
    """
    steps = np.random.default_rng(_SEED).uniform(0.5, 1.5, len(program.cost) + len(program.row_lower))
    low, high = _room(best.columns, program.lower, program.upper, best.column_dual, steps[: len(program.cost)])
    row_low, row_high = _room(
        best.rows, program.row_lower, program.row_upper, best.row_dual, steps[len(program.cost) :]
    )
    # minimise against every move away from a bound, of columns and of rows
    cost = -_away(low, high)
    row_of = program.entry_rows
    cost -= np.bincount(program.indices, weights=program.matrix * _away(row_low, row_high)[row_of], minlength=len(cost))
    directions = replace(program, cost=cost, lower=low, upper=high, row_lower=row_low, row_upper=row_high, offset=0.0)
    found = LiveModel(directions).solve()
    assert found.status == "optimal", "standing still is such a direction, and no move is without end"
    return np.asarray(np.abs(found.columns) > _MOVES, dtype=bool)


def _room(
    values: FloatArray, lower: FloatArray, upper: FloatArray, dual: FloatArray, step: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """How far each value may move down and up; not at all where that costs."""
    size = _NEAR * np.maximum(1.0, np.abs(values))
    held = (np.abs(dual) > FACE_TOLERANCE) | (upper - lower <= size)
    at_lower, at_upper = values - lower <= size, upper - values <= size
    down = np.where(held | at_lower, 0.0, np.where(at_upper, -step, -_FAR))
    up = np.where(held | at_upper, 0.0, np.where(at_lower, step, _FAR))
    return down, up


def _away(low: FloatArray, high: FloatArray) -> FloatArray:
    """+1 where only up is free, −1 where only down is."""
    return np.where((low == 0) & (high > 0), 1.0, np.where((high == 0) & (low < 0), -1.0, 0.0))
