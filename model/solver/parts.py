"""The independent parts of a programme: what no row joins can be solved apart, and small programmes solve at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from model.case import FloatArray
from model.formulation.program import Program
from model.selection import IntArray
from model.solver.highs import LiveModel
from model.solver.point import Point
from model.solver.probe import Kept, Probe
from model.solver.ranging import Ranging

# a column or row by its position, and whether it is a row
Place = tuple[int, bool]
# slopes below it are rounding of the basis solve
_ZERO: Final = 1e-9


@dataclass
class Part:
    """One part with a live solver of its own; ``columns`` and ``rows`` are its positions in the whole, ascending.

    ``constants`` is what whole units at their plan put into each row, already taken from its bounds.
    """

    program: Program
    columns: IntArray
    rows: IntArray
    constants: FloatArray

    @cached_property
    def probe(self) -> Probe:
        """The part's own solver."""
        return Probe(LiveModel(self.program))

    @cached_property
    def best(self) -> Point:
        """The part's optimum; the probe is left at it."""
        return self.probe.live.solve(cold=True)

    @cached_property
    def kept(self) -> Kept:
        """The basis of the optimum."""
        assert self.best.status == "optimal"
        return self.probe.keep()

    @cached_property
    def basis(self) -> Basis:
        """Ratio tests at the optimum, on a solver of its own: that of the probe stands where its last solve ended."""
        live = LiveModel(self.program)
        live.highs.setBasis(self.kept.basis)
        live.solve(cold=False)
        return Basis(live)

    def only(self, columns: IntArray) -> Part:
        """A part of this one: some of its columns, all others as they are at the optimum."""
        program = self.program
        rows = np.unique(program.entry_rows[np.isin(program.indices, columns)])
        return cut(program, columns, rows, self.best.columns)

    def local(self, place: Place) -> Place:
        """The place in this part of a place in the whole."""
        position, is_row = place
        return int(np.searchsorted(self.rows if is_row else self.columns, position)), is_row

    @contextmanager
    def bounds(self, place: Place, lower: float, upper: float) -> Iterator[None]:
        """A column or row of this part with other bounds, given as they are in the whole."""
        position, is_row = place
        if is_row:
            constant = float(self.constants[position])
            with self.probe.row_bounds(position, lower - constant, upper - constant):
                yield
        else:
            with self.probe.column_bounds(position, lower, upper):
                yield


class Basis(Ranging):
    """Ratio tests along single bounds at the optimal basis of a small programme."""

    def __init__(self, live: LiveModel) -> None:
        super().__init__(live)
        value, low, high = (a[self.basic_at] for a in (self.values, self.lower, self.upper))
        self._below, self._above = np.maximum(value - low, 0.0), np.maximum(high - value, 0.0)
        self._is_basic = np.zeros(len(self.values), dtype=bool)
        self._is_basic[self.basic_at] = True

    def gain(self, places: Sequence[Place]) -> float:
        """What the goal gains per unit by which some bounds rise together, while the basis holds."""
        return -float(sum(self.duals[self._at(place)] for place in places))

    def _at(self, place: Place) -> int:
        position, is_row = place
        return position + (self.count if is_row else 0)

    def response(self, place: Place) -> FloatArray:
        """Change of what is basic per unit by which a column or row that is not basic rises, in the basis's order."""
        highs = cast("Any", self.highs)
        position, is_row = place
        if is_row:
            rise = np.asarray(highs.getBasisInverseCol(position)[1])
        else:
            rise = -np.asarray(highs.getReducedColumn(position)[1])
        # the solver's slack of a row is minus its activity
        return np.where(self.basic >= 0, rise, -rise)

    def reach(self, places: Sequence[Place]) -> tuple[float, float]:
        """How far some bounds may fall and rise together before the basis changes; neither where one is basic."""
        if any(self._is_basic[self._at(place)] for place in places):
            return 0.0, 0.0
        change = sum((self.response(place) for place in places), np.zeros(len(self.basic)))
        moving = np.flatnonzero(np.abs(change) > _ZERO)
        if not len(moving):
            return np.inf, np.inf
        change, below, above = change[moving], self._below[moving], self._above[moving]
        rise = np.where(change > 0, above, below) / np.abs(change)
        fall = np.where(change > 0, below, above) / np.abs(change)
        return float(fall.min()), float(rise.min())


class Parts:
    """A programme split along what its rows do not join, with its whole units at a given plan.

    ``plan`` holds the values of all columns; those of whole units and those in ``idle``, which nothing lets be other
    than zero, stay as they are, and so join nothing.
    """

    def __init__(self, program: Program, plan: FloatArray, idle: IntArray) -> None:
        lower, upper = program.lower.copy(), program.upper.copy()
        lower[program.whole] = upper[program.whole] = np.round(plan[program.whole])
        lower[idle] = upper[idle] = 0.0
        self.program = replace(program, lower=lower, upper=upper, whole=np.empty(0, np.int64))
        joins = ~np.isin(program.indices, np.union1d(program.whole, idle))
        self.column_part, self.row_part = joined(self.program, joins)
        self._parts: dict[int, Part] = {}

    def every(self) -> Iterator[Part]:
        """All parts."""
        for label in np.unique(self.column_part).tolist():
            yield self.of((label, False))

    def of(self, place: Place) -> Part:
        """The part in which a column or row of the whole stands."""
        position, is_row = place
        label = int((self.row_part if is_row else self.column_part)[position])
        if label not in self._parts:
            self._parts[label] = self._cut(label)
        return self._parts[label]

    def _cut(self, label: int) -> Part:
        columns, rows = np.flatnonzero(self.column_part == label), np.flatnonzero(self.row_part == label)
        # whole units stand at their plan
        return cut(self.program, columns, rows, self.program.lower)


def joined(program: Program, joins: NDArray[np.bool_]) -> tuple[IntArray, IntArray]:
    """The part of every column and row, given which entries of the matrix join: the least column of the part.

    A row that joins nothing bears the number of columns.
    """
    columns, rows = len(program.cost), len(program.row_lower)
    row_of, column_of = program.entry_rows[joins], program.indices[joins]
    column, row = np.arange(columns), np.full(rows, columns)
    while True:
        before = column.copy()
        np.minimum.at(row, row_of, column[column_of])
        np.minimum.at(column, column_of, row[row_of])
        # what is joined with a column is joined with what that is joined with
        column = column[column]
        if np.array_equal(before, column):
            return column, row


def cut(program: Program, columns: IntArray, rows: IntArray, values: FloatArray) -> Part:
    """Some columns and rows of a programme; all other columns stand at ``values``, a constant in each row."""
    row_of = program.entry_rows
    mine = np.isin(row_of, rows)
    kept = mine & np.isin(program.indices, columns)
    held = mine & ~kept
    constants = np.bincount(
        row_of[held],
        weights=program.matrix[held] * values[program.indices[held]],
        minlength=len(program.row_lower),
    ).astype(float)[rows]
    counts = np.bincount(np.searchsorted(rows, row_of[kept]), minlength=len(rows))
    part = Program(
        program.cost[columns],
        program.lower[columns],
        program.upper[columns],
        program.row_lower[rows] - constants,
        program.row_upper[rows] - constants,
        np.concatenate([[0], np.cumsum(counts)]),
        np.searchsorted(columns, program.indices[kept]),
        program.matrix[kept],
        np.empty(0, np.int64),
    )
    return Part(part, columns, rows, constants)
