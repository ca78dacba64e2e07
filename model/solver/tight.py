"""What the rows say of whole units, said by bounds: then rows that say no more join nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.case import FloatArray
from model.formulation.program import Program

MOST_ROUNDS: Final = 10
_SPECK: Final = 1e-6  # of a unit: what lies so near a whole number is that number
_HOLDS: Final = 1e-9  # of a bound


def tightened(program: Program) -> Program:
    """The same plans with narrower bounds of whole units, without the rows on units alone that these bounds imply.

    A unit's most, from a row Σ a·x ≤ b, is ⌊(b − least of the others)/a⌋ for a > 0, taken round by round until no bound
    moves. Only whole columns are narrowed: the dual of a row on anything else stays with that row.
    """
    upper = program.upper.copy()
    whole = np.zeros(len(upper), dtype=bool)
    whole[program.whole] = True
    row_of = program.entry_rows
    rows = np.unique(row_of[whole[program.indices]])
    entries = np.flatnonzero(np.isin(row_of, rows) & (program.matrix != 0))
    at, column, weight = row_of[entries], program.indices[entries], program.matrix[entries]
    for _ in range(MOST_ROUNDS):
        least, _ = _activity(program, upper, at, column, weight)
        held = whole[column] & (weight > 0) & np.isfinite(least[at]) & np.isfinite(program.row_upper[at])
        mine, over = column[held], at[held]
        room = program.row_upper[over] - least[over] + weight[held] * program.lower[mine]
        narrower = upper.copy()
        np.minimum.at(narrower, mine, np.floor(room / weight[held] + _SPECK))
        narrower = np.maximum(narrower, program.lower)
        if np.array_equal(narrower, upper):
            break
        upper = narrower
    return _without_idle_rows(program, upper, whole, (at, column, weight))


def _without_idle_rows(
    program: Program,
    upper: FloatArray,
    whole: NDArray[np.bool_],
    entries: tuple[NDArray[np.int64], NDArray[np.int64], FloatArray],
) -> Program:
    """Rows over whole units alone whose bounds the columns cannot pass, left without bounds."""
    at, column, weight = entries
    least, most = _activity(program, upper, at, column, weight)
    others = np.bincount(at[~whole[column]], minlength=len(program.row_lower)) > 0
    room = _HOLDS * np.maximum(1.0, np.abs(np.where(np.isfinite(program.row_upper), program.row_upper, 0.0)))
    idle = (np.bincount(at, minlength=len(program.row_lower)) > 0) & ~others
    idle &= (most <= program.row_upper + room) & (least >= program.row_lower - room)
    return replace(
        program,
        upper=upper,
        row_lower=np.where(idle, -np.inf, program.row_lower),
        row_upper=np.where(idle, np.inf, program.row_upper),
    )


def _activity(
    program: Program, upper: FloatArray, at: NDArray[np.int64], column: NDArray[np.int64], weight: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The least and the most that each row can come to within the bounds of its columns."""
    low, high = weight * program.lower[column], weight * upper[column]
    count = len(program.row_lower)
    return (
        np.bincount(at, weights=np.minimum(low, high), minlength=count).astype(float),
        np.bincount(at, weights=np.maximum(low, high), minlength=count).astype(float),
    )
