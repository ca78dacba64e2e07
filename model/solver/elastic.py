"""A programme in which cells may give way: each bound that follows from a cell moves with it, at a price.

The variables ``give`` ≥ 0 are in the units of their cells; a cell that sets several bounds moves all of them at once.
Everything is asked of one live solver: the least change, with which cells it can be done, and which cells contradict
each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import highspy
import numpy as np

from model.case import FloatArray
from model.formulation.program import Program
from model.selection import IntArray
from model.solver.highs import LiveModel
from model.solver.point import Point

IRREDUCIBLE: Final = 2 + 4  # of HiGHS's strategies: from the programme itself, and nothing in it can be left out
TOLERANCE: Final = 1e-7


@dataclass(frozen=True)
class Moves:
    """How bounds follow from cells: by entry, the cell, the bound's position, and by how much one unit loosens it."""

    cell: IntArray
    position: IntArray
    rate: FloatArray


@dataclass(frozen=True)
class Elastic:
    """Bounds that move: uppers and lowers of columns and of rows, and the price and the most of each cell's change."""

    upper: Moves
    lower: Moves
    row_upper: Moves
    row_lower: Moves
    price: FloatArray
    most: FloatArray


class ElasticModel:
    """The live elastic programme of an infeasible one."""

    def __init__(self, program: Program, elastic: Elastic, *, whole: bool) -> None:
        self.first = len(program.cost)
        self.elastic = elastic
        self.program = _elastic(program, elastic, whole=whole)
        self.live = LiveModel(self.program)
        self.places = (self.first + np.arange(len(elastic.price))).astype(np.int32)

    def least(self, free: Sequence[int], given: FloatArray) -> tuple[FloatArray, Point] | None:
        """Least weighted change of the free cells, the others at what is given; None where that is not enough."""
        lower, upper = given.copy(), given.copy()
        lower[list(free)], upper[list(free)] = 0.0, self.elastic.most[list(free)]
        self.live.highs.changeColsBounds(len(self.places), self.places, lower, upper)
        point = self.live.solve(cold=False)
        return (point.columns[self.first :], point) if point.status == "optimal" else None

    def conflict(self, point: Point, given: FloatArray) -> tuple[list[int], IntArray]:
        """Cells that contradict each other where every cell is as given, none of which can be left out.

        Parameters
        ----------
        point
            A least change that mends the case: the rows with a dual hold the contradiction (Farkas).
        given
            What each cell has given way already.

        Returns
        -------
        Cells, and the columns of the original programme that take part.
        """
        part = _rows_of(self.program, np.flatnonzero(np.abs(point.row_dual) > TOLERANCE))
        columns = np.unique(part.indices)
        place = np.full(len(self.program.cost), -1)
        place[columns] = np.arange(len(columns))
        cells = columns[columns >= self.first] - self.first
        lower, upper = part.lower[columns].copy(), part.upper[columns].copy()
        lower[place[self.first + cells]] = upper[place[self.first + cells]] = given[cells]
        small = replace(part, cost=np.zeros(len(columns)), lower=lower, upper=upper, indices=place[part.indices])
        needed = _irreducible(LiveModel(small), place[self.first + cells])
        return cells[needed].tolist(), columns[columns < self.first]


def _irreducible(live: LiveModel, places: IntArray) -> list[int]:
    """Which of some fixed columns make a programme infeasible: HiGHS's own set, and of that what none can spare."""
    highs = live.highs
    highs.setOptionValue("iis_strategy", IRREDUCIBLE)
    if live.solve().status != "infeasible":
        return []
    _, found = highs.getIis()
    kept = set(range(len(places)))
    if found.valid_:
        kept = {i for i, place in enumerate(places.tolist()) if place in set(found.col_index_)}
        for i in sorted(set(range(len(places))) - kept):
            highs.changeColBounds(int(places[i]), -highspy.kHighsInf, highspy.kHighsInf)
        if live.solve().status != "infeasible":  # its set is of rows and bounds; that of cells is ours to prove
            kept = set(range(len(places)))
            for i in kept:
                highs.changeColBounds(int(places[i]), live.program.lower[places[i]], live.program.upper[places[i]])
    for i in sorted(kept):
        place = int(places[i])
        highs.changeColBounds(place, -highspy.kHighsInf, highspy.kHighsInf)
        if live.solve().status == "infeasible":
            kept.discard(i)
        else:
            highs.changeColBounds(place, live.program.lower[place], live.program.upper[place])
    return sorted(kept)


def _rows_of(program: Program, rows: IntArray) -> Program:
    """The programme with some of its rows only; columns keep their positions."""
    counts = np.diff(program.starts)
    entries = np.isin(np.repeat(np.arange(len(counts)), counts), rows)
    return replace(
        program,
        row_lower=program.row_lower[rows],
        row_upper=program.row_upper[rows],
        starts=np.concatenate([[0], np.cumsum(counts[rows])]),
        indices=program.indices[entries],
        matrix=program.matrix[entries],
        whole=np.empty(0, np.int64),
    )


def _elastic(program: Program, elastic: Elastic, *, whole: bool) -> Program:
    columns, rows = len(program.cost), len(program.row_lower)
    cells, up, low = len(elastic.price), elastic.upper, elastic.lower
    counts = np.diff(program.starts)
    row = [np.repeat(np.arange(rows), counts), elastic.row_upper.position, elastic.row_lower.position]
    column = [program.indices, columns + elastic.row_upper.cell, columns + elastic.row_lower.cell]
    value = [program.matrix, -elastic.row_upper.rate, elastic.row_lower.rate]
    height = rows
    for moves, sign in ((up, -1.0), (low, 1.0)):
        own = height + np.arange(len(moves.position))
        row += [own, own]
        column += [moves.position, columns + moves.cell]
        value += [np.ones(len(own)), sign * moves.rate]
        height += len(own)
    lower, upper = program.lower.copy(), program.upper.copy()
    upper[up.position], lower[low.position] = np.inf, np.minimum(lower[low.position], 0.0)
    nothing_up, nothing_low = np.full(len(up.position), -np.inf), np.full(len(low.position), np.inf)
    order = np.argsort(np.concatenate(row), kind="stable")
    return replace(
        program,
        cost=np.concatenate([np.zeros(columns), elastic.price]),
        lower=np.concatenate([lower, np.zeros(cells)]),
        upper=np.concatenate([upper, elastic.most]),
        row_lower=np.concatenate([program.row_lower, nothing_up, program.lower[low.position]]),
        row_upper=np.concatenate([program.row_upper, program.upper[up.position], nothing_low]),
        starts=np.searchsorted(np.concatenate(row)[order], np.arange(height + 1)),
        indices=np.concatenate(column)[order],
        matrix=np.concatenate(value)[order],
        whole=program.whole if whole else np.empty(0, np.int64),
    )
