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
SPECK: Final = 1e-9  # of the largest dual: what is less is none
LEAST_COST: Final = 1e-3
MOST_COST: Final = 1e5
NONE: Final = np.empty(0, np.int64)


@dataclass(frozen=True)
class Moves:
    """How bounds follow from cells: by entry, the cell, the bound's position, and by how much one unit loosens it."""

    cell: IntArray
    position: IntArray
    rate: FloatArray


@dataclass(frozen=True)
class Elastic:
    """Bounds that move: uppers and lowers of columns and of rows, and the price and the most of each cell's change.

    ``column_period`` and ``row_period`` give the period of each column and row, −1 where it is of several.
    """

    upper: Moves
    lower: Moves
    row_upper: Moves
    row_lower: Moves
    price: FloatArray
    most: FloatArray
    column_period: IntArray
    row_period: IntArray


@dataclass(frozen=True)
class Contradiction:
    """What cannot all hold, none of which can be left out.

    ``cells`` and ``shut`` are the cells and the columns that must be zero; ``periods`` those that it needs together.
    """

    cells: list[int]
    shut: list[int]
    periods: list[int]


class ElasticModel:
    """The live elastic programme of an infeasible one."""

    def __init__(self, program: Program, elastic: Elastic, *, whole: bool) -> None:
        self.first = len(program.cost)
        self.elastic = elastic
        self.program = _elastic(program, elastic, whole=whole)
        self.live = LiveModel(self.program)
        self.places = (self.first + np.arange(len(elastic.price))).astype(np.int32)
        more = np.full(len(program.row_lower) - len(elastic.row_period), -1)  # rows of a hook
        own = [elastic.column_period[moves.position] for moves in (elastic.upper, elastic.lower)]
        self.period = np.concatenate([elastic.row_period, more, *own]).astype(np.int64)

    def least(self, free: Sequence[int], given: FloatArray) -> tuple[FloatArray, Point] | None:
        """Least weighted change of the free cells, the others at what is given; None where that is not enough."""
        lower, upper = given.copy(), given.copy()
        lower[list(free)], upper[list(free)] = 0.0, self.elastic.most[list(free)]
        self.live.highs.changeColsBounds(len(self.places), self.places, lower, upper)
        self.live.highs.changeColsCost(len(self.places), self.places, self._prices(free))
        point = self.live.solve(cold=False)
        return (point.columns[self.first :], point) if point.status == "optimal" else None

    def _prices(self, free: Sequence[int]) -> FloatArray:
        """Prices at which the solver, to which a cost of 1e-7 is nothing, sees those of the free cells."""
        price = self.elastic.price
        mine = price[list(free)]
        if not len(mine):
            return price
        return price * max(1.0, float(min(LEAST_COST / mine.min(), MOST_COST / mine.max())))

    def conflict(self, point: Point, given: FloatArray, shut: IntArray, ranked: Sequence[int]) -> Contradiction:
        """The smallest contradiction where every cell is as given.

        Parameters
        ----------
        point
            A least change that mends the case: the rows with a dual hold the contradiction (Farkas).
        given
            What each cell has given way already.
        shut
            Columns that must be zero for a reason of their own, and may take part.
        ranked
            Periods, those first that are rather to be told of.
        """
        size = np.abs(point.row_dual)
        rows = np.flatnonzero(size > SPECK * size.max(initial=0.0))
        everything = range(len(given))
        rows, periods = self._fewest_periods(rows, given, ranked)
        part = self._part(rows, given, everything, NONE)
        cells = part.columns[part.columns >= self.first]
        closed = np.intersect1d(part.columns, shut)
        lowest = np.concatenate([np.full(len(cells), -highspy.kHighsInf), self.program.lower[closed]])
        needed = _irreducible(LiveModel(part.program), part.place[np.concatenate([cells, closed])], lowest)
        kept = np.concatenate([cells, closed])[needed]
        return Contradiction(
            (kept[kept >= self.first] - self.first).tolist(), kept[kept < self.first].tolist(), periods
        )

    def periods_with(self, cells: Sequence[int], given: FloatArray, opened: IntArray) -> list[int]:
        """Periods in each of which some cells, as given, contradict each other: the rest and some columns are free."""
        periods = [t for t in np.unique(self.period).tolist() if t >= 0]
        several = self.period < 0
        return [
            t for t in periods if self._contradict(np.flatnonzero((self.period == t) | several), given, cells, opened)
        ]

    def periods_of(self, cell: int) -> list[int]:
        """Periods in which a cell sets a bound; none where it only sets bounds of several periods."""
        e, first = self.elastic, len(self.period) - len(self.elastic.upper.position) - len(self.elastic.lower.position)
        own = first + np.arange(len(self.period) - first)
        rows = np.concatenate([e.row_upper.position, e.row_lower.position, own])
        mine = np.concatenate([m.cell for m in (e.row_upper, e.row_lower, e.upper, e.lower)]) == cell
        return sorted(set(self.period[rows[mine]].tolist()) - {-1})

    def _fewest_periods(self, rows: IntArray, given: FloatArray, ranked: Sequence[int]) -> tuple[IntArray, list[int]]:
        """Of rows that hold a contradiction those of the fewest periods that do: one where one is enough."""
        period = self.period[rows]
        there = set(period.tolist()) - {-1}
        order = [*(t for t in ranked if t in there), *sorted(there.difference(ranked))]
        for t in order:
            alone = rows[(period == t) | (period < 0)]
            if self._contradict(alone, given, range(len(given)), NONE):
                return alone, [t]
        for t in reversed(order):
            fewer = rows[self.period[rows] != t]
            if self._contradict(fewer, given, range(len(given)), NONE):
                rows = fewer
        return rows, sorted(set(self.period[rows].tolist()) - {-1})

    def _contradict(self, rows: IntArray, given: FloatArray, cells: Sequence[int], opened: IntArray) -> bool:
        return LiveModel(self._part(rows, given, cells, opened).program).solve().status == "infeasible"

    def _part(self, rows: IntArray, given: FloatArray, cells: Sequence[int], opened: IntArray) -> _Part:
        """Some rows and their columns, some cells fixed at what is given and the others free, some columns opened."""
        part = _rows_of(self.program, rows)
        columns = np.unique(part.indices)
        place = np.full(len(self.program.cost), -1)
        place[columns] = np.arange(len(columns))
        lower, upper = part.lower.copy(), part.upper.copy()
        lower[self.places], upper[self.places] = -np.inf, np.inf
        held = self.places[list(cells)]
        lower[held] = upper[held] = given[list(cells)]
        upper[opened] = np.inf
        cost = np.zeros(len(columns))
        small = replace(part, cost=cost, lower=lower[columns], upper=upper[columns], indices=place[part.indices])
        return _Part(small, columns, place)


@dataclass(frozen=True)
class _Part:
    """Some rows of the elastic programme; its columns by their positions there, and where each of those stands here."""

    program: Program
    columns: IntArray
    place: IntArray


def _irreducible(live: LiveModel, places: IntArray, lowest: FloatArray) -> list[int]:
    """Which of some held columns make a programme infeasible: HiGHS's own set, and of that what none can spare.

    ``lowest`` is how low each may be where it is let go; it has no upper end then.
    """
    highs = live.highs
    highs.setOptionValue("iis_strategy", IRREDUCIBLE)
    if live.solve().status != "infeasible":
        return []

    def let_go(i: int) -> None:
        highs.changeColBounds(int(places[i]), float(lowest[i]), highspy.kHighsInf)

    def hold(i: int) -> None:
        highs.changeColBounds(int(places[i]), live.program.lower[places[i]], live.program.upper[places[i]])

    _, found = highs.getIis()
    kept = set(range(len(places)))
    if found.valid_:
        kept = {i for i, place in enumerate(places.tolist()) if place in set(found.col_index_)}
        spare = sorted(set(range(len(places))) - kept)
        for i in spare:
            let_go(i)
        if live.solve().status != "infeasible":  # its set is of rows and bounds; that of cells is ours to prove
            kept = set(range(len(places)))
            for i in spare:
                hold(i)
    for i in sorted(kept):
        let_go(i)
        if live.solve().status == "infeasible":
            kept.discard(i)
        else:
            hold(i)
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
        whole=NONE,
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
        whole=program.whole if whole else NONE,
    )
