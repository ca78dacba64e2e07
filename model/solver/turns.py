"""A start for a large programme: its periods solved one after the other, each from the basis of the one before.

What joins periods (stocks, reserves, projects, limits over the horizon) is left out of those small solves and is made
up for by the solve of the whole, which begins at their bases put together and proves the optimum as any other solve
does. Periods repeat one structure and differ little in numbers, so that each takes few steps from the last; simplex on
the whole at once takes many more, each of them dearer (Bixby and Martin, 2000, call such a start a crash basis).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np
from numpy.typing import NDArray

from model.case import FloatArray
from model.formulation.layout import PeriodOf
from model.formulation.program import Program
from model.selection import IntArray
from model.solver.load import QuietHighs, to_highs

BASIC: Final = int(highspy.HighsBasisStatus.kBasic)
AT_LOWER: Final = int(highspy.HighsBasisStatus.kLower)
AT_UPPER: Final = int(highspy.HighsBasisStatus.kUpper)
AT_ZERO: Final = int(highspy.HighsBasisStatus.kZero)
_STATUS: Final = np.array([highspy.HighsBasisStatus(code) for code in range(5)], dtype=object)


@dataclass(frozen=True)
class _Order:
    """Columns, rows and entries sorted by period; those of period t stand between ``starts[t]`` and ``starts[t+1]``."""

    items: IntArray
    starts: IntArray

    @classmethod
    def of(cls, period: IntArray, count: int) -> _Order:
        items = np.argsort(period, kind="stable")
        return cls(items, np.searchsorted(period[items], np.arange(count + 1)))

    def at(self, period: int) -> IntArray:
        return self.items[self.starts[period] : self.starts[period + 1]]


def basis_in_turn(program: Program, period: PeriodOf, seconds: float | None) -> highspy.HighsBasis | None:
    """The bases of the periods put together; None where one of them has no optimum of its own within the time."""
    ends = None if seconds is None else time.perf_counter() + seconds
    row_of = program.entry_rows
    own = _own(program, row_of, period)
    column_status = _at_bound(program.lower, program.upper)
    row_status = np.full(len(own.rows), BASIC)
    highs, last = QuietHighs(), None
    for mine, my_rows, part in _parts(program, row_of, own):
        highs.passModel(to_highs(part))
        if last is not None and len(last.col_status) == len(mine) and len(last.row_status) == len(my_rows):
            highs.setBasis(last)
        if not (_solved(highs, ends) or (last is not None and _solved(highs, ends, cold=True))):
            return None
        last = highs.getBasis()
        column_status[mine] = _codes(last.col_status)
        row_status[my_rows] = _codes(last.row_status)
    basis = highspy.HighsBasis()
    basis.col_status, basis.row_status = _STATUS[column_status].tolist(), _STATUS[row_status].tolist()
    basis.valid = True
    return basis


def _solved(highs: highspy.Highs, ends: float | None, *, cold: bool = False) -> bool:
    """Whether one period has an optimum; from a basis HiGHS at times ends without a verdict."""
    if cold:
        highs.clearSolver()
    if ends is not None:
        highs.setOptionValue("time_limit", highs.getRunTime() + max(0.0, ends - time.perf_counter()))
    highs.run()
    return bool(highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)


def _own(program: Program, row_of: IntArray, period: PeriodOf) -> PeriodOf:
    """What each period is solved with: −1 for columns that other periods know of, and for rows that join periods.

    A row that only bounds can do without the columns of other periods, which stand at their bounds. One that says what
    a column is (a stock is what was there before and what goes in and out) cannot, so all its columns are left out.
    """
    of_column, of_row = period.columns[program.indices], period.rows[row_of]
    foreign = (of_row >= 0) & (of_column >= 0) & (of_row != of_column) & (program.matrix != 0)
    carried = np.zeros(len(period.columns), dtype=bool)
    carried[program.indices[foreign]] = True
    defining = np.zeros(len(period.rows), dtype=bool)
    defining[row_of[carried[program.indices]]] = True
    defining &= program.row_lower == program.row_upper
    columns = np.where(carried, -1, period.columns)
    columns[program.indices[defining[row_of]]] = -1
    rows = np.where(period.rows >= 0, period.rows, _only(columns[program.indices], row_of, len(period.rows)))
    rows[defining] = -1
    return PeriodOf(columns, rows)


def _only(of_column: IntArray, row_of: IntArray, count: int) -> IntArray:
    """The period of each row by its columns: −1 where they are of several or of none."""
    kept = of_column >= 0
    first, last = np.full(count, np.iinfo(np.int64).max), np.full(count, -1)
    np.minimum.at(first, row_of[kept], of_column[kept])
    np.maximum.at(last, row_of[kept], of_column[kept])
    return np.where(first == last, last, -1)


def _parts(program: Program, row_of: IntArray, own: PeriodOf) -> Iterator[tuple[IntArray, IntArray, Program]]:
    """Columns, rows and programme of each period, in order; other columns stand at their bound next to zero."""
    columns, rows = own.columns, own.rows
    count = int(columns.max(initial=-1)) + 1
    rest = np.where(columns < 0, _nearest_zero(program), 0.0)
    fixed = np.bincount(row_of, weights=program.matrix * rest[program.indices], minlength=len(rows))
    low, high = program.row_lower - fixed, program.row_upper - fixed
    entries = np.where(columns[program.indices] == rows[row_of], rows[row_of], -1)
    by_column, by_row, by_entry = (_Order.of(owner, count) for owner in (columns, rows, entries))
    place = np.zeros(len(columns), dtype=np.int64)
    for t in range(count):
        mine, my_rows, entry = by_column.at(t), by_row.at(t), by_entry.at(t)
        place[mine] = np.arange(len(mine))
        starts = np.searchsorted(row_of[entry], my_rows)
        yield (
            mine,
            my_rows,
            Program(
                program.cost[mine],
                program.lower[mine],
                program.upper[mine],
                low[my_rows],
                high[my_rows],
                np.append(starts, len(entry)),
                place[program.indices[entry]],
                program.matrix[entry],
                np.empty(0, dtype=np.int64),
            ),
        )


def _nearest_zero(program: Program) -> FloatArray:
    return np.asarray(np.clip(0.0, program.lower, program.upper), dtype=np.float64)


def _at_bound(lower: FloatArray, upper: FloatArray) -> NDArray[np.int64]:
    """Status of columns that stand at the bound next to zero."""
    near = np.where(np.abs(lower) <= np.abs(upper), AT_LOWER, AT_UPPER)
    return np.where(np.isinf(lower) & np.isinf(upper), AT_ZERO, near)


def _codes(status: list[highspy.HighsBasisStatus]) -> NDArray[np.int64]:
    return np.fromiter(map(int, status), np.int64, len(status))
