"""The numbers of a case that may give way, and how the bounds of its programme follow from each of them.

Every bound that follows from a cell moves with it, so that one change of a cell counts in all of its periods.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from model.case import Case, FloatArray
from model.formulation.layout import Layout, Values, evaluate
from model.formulation.rules import Block
from model.parameters import build_parameters
from model.registry import locate
from model.selection import IntArray
from model.solver.elastic import Elastic, Moves
from model.workbook.columns import AS_INITIAL
from model.workbook.sheets import SHEETS

# sheet, column, and whether raising (1) or lowering (-1) it gives more room
ROOM: Final = (
    ("Demand", "firm", -1),
    ("Supply", "minimum", -1),
    ("Links", "minimum", -1),
    ("Assets", "minimum", -1),
    ("Limits", "at_least", -1),
    ("Storage", "final", -1),
    ("Supply", "capacity", 1),
    ("Supply", "reserves", 1),
    ("Links", "capacity", 1),
    ("Assets", "availability", 1),
    ("Assets", "capacity", 1),
    ("Fleets", "vessels", 1),
    ("Demand", "volume", 1),
    ("Contracts", "ceiling", 1),
    ("Limits", "at_most", 1),
    ("Storage", "capacity", 1),
    ("Storage", "inject", 1),
    ("Storage", "withdraw", 1),
    ("Projects", "max_units", 1),
    ("Funds", "budget", 1),
    ("Funds", "period_budget", 1),
)
STEP: Final = 2.0**-10
LEAST_SIZE: Final = 1e-3  # of a column's largest number: what zero counts for
TOLERANCE: Final = 1e-7

Row = tuple[str, int, str]  # sheet, row position, column


@dataclass(frozen=True)
class Cell:
    """One number that may give way: where it stands, in which periods it holds, its value, and which way is room.

    ``written`` is what stands in the cell: more than the value where a minimum lapses to what is available.
    """

    sheet: str
    row: int
    column: str
    periods: tuple[int, ...]
    value: float
    way: int
    own_period: bool
    written: float

    @property
    def group(self) -> Row:
        """The row and column, which may have several numbers by period."""
        return self.sheet, self.row, self.column


def cells_of(case: Case, layout: Layout) -> tuple[list[Cell], Elastic]:
    """Every number that may give way and sets a bound, and how the bounds follow from it."""
    before = evaluate(case, layout, build_parameters(case, layout.network))
    found: dict[tuple[object, ...], int] = {}
    cells: list[Cell] = []
    moves: dict[str, list[tuple[int, int, float]]] = {"upper": [], "lower": [], "row_upper": [], "row_lower": []}
    taken: set[tuple[str, int]] = set()
    for sheet, column, way in ROOM:
        if not len(case[sheet]):
            continue
        values, written = _numbers(case, layout, before, sheet, column)
        step = np.where(values == 0, float(way > 0), np.abs(values)) * STEP * way
        data = case[sheet]
        moved = case.with_sheets({sheet: replace(data, numbers={**data.numbers, column: values + step})})
        after = evaluate(moved, layout, build_parameters(moved, layout.network))
        for role, position, loosened in _loosened(before, after, layout):
            owner, span = _owner(layout, role, position)
            if owner not in data.position or (role, position) in taken:
                continue
            row, t = data.position[owner], _period(case, span)
            source = case.source_cell(sheet, row, column, t)
            if column == "availability" and values[row, t] > 0 and source == data.cell(row, column):
                continue  # what is always so is less of a cause than the capacity itself
            key = (sheet, row, column, source, values[row, t])
            if key not in found:
                found[key] = len(cells)
                periods = _alike(case, (sheet, row, column), values[row], t)
                part = len(periods) < len(case.periods)
                numbers = float(values[row, t]), float(written[row, t])
                cells.append(Cell(sheet, row, column, periods, numbers[0], way, part, numbers[1]))
            taken.add((role, position))
            moves[role].append((found[key], position, loosened / abs(float(step[row, t]))))
    return cells, _priced(cells, moves, layout.period.columns, _row_periods(case, layout))


def _loosened(before: Values, after: Values, layout: Layout) -> Iterator[tuple[str, int, float]]:
    for role, sign in (("upper", 1), ("lower", -1), ("row_upper", 1), ("row_lower", -1)):
        old, new = getattr(before, role), getattr(after, role)
        with np.errstate(invalid="ignore"):
            room = (new - old) * sign
        both = np.isfinite(before.row_lower) & np.isfinite(before.row_upper)
        room = np.where(both, 0.0, room) if role.startswith("row") else room
        for position in np.flatnonzero(np.isfinite(room) & (room > 0)).tolist():
            yield role, position, float(room[position])


def _owner(layout: Layout, role: str, position: int) -> tuple[str, str]:
    blocks: dict[str, Block] = layout.rows if role.startswith("row") else layout.columns
    name, item, span = locate(blocks, position)
    return item[0], item[1] if name.startswith("limit_") else span


def _period(case: Case, span: str) -> int:
    """The period of a span; the first one of a contract year, and of the horizon."""
    if span in case.period_position:
        return case.period_position[span]
    return next((t for t, year in enumerate(case.year) if str(int(year)) == span), 0)


def _alike(case: Case, place: Row, values: FloatArray, t: int) -> tuple[int, ...]:
    """Periods in which one number of one cell holds."""
    sheet, row, column = place
    source = case.source_cell(sheet, row, column, t)
    periods = np.flatnonzero(values == values[t]).tolist()
    return tuple(u for u in periods if case.source_cell(sheet, row, column, u) == source)


def _numbers(case: Case, layout: Layout, before: Values, sheet: str, column: str) -> tuple[FloatArray, FloatArray]:
    """The numbers of a column from which bounds begin to move, and as they stand in the cells.

    They differ for minimums that lapse to what is available. A store that must end as it began has no number for its
    end but that of its beginning.
    """
    written = case.number(sheet, column)
    if column == "minimum":
        return _in_force(case, layout, before, sheet), written
    if column == "final":
        written = np.where(written == AS_INITIAL, case.number(sheet, "initial"), written)
    return written, written


def _in_force(case: Case, layout: Layout, before: Values, sheet: str) -> FloatArray:
    """Minimums as far as they are in force, in the unit of their row: no more than what is available.

    A minimum far below anything available sets a bound in proportion to it; the share of that which the bound has is
    the share of the minimum that is in force.
    """
    data, written = case[sheet], case.number(sheet, "minimum")
    small = case.with_sheets({sheet: replace(data, numbers={**data.numbers, "minimum": written * STEP})})
    after = evaluate(small, layout, build_parameters(small, layout.network))
    found = written.copy()
    for role in ("lower", "row_lower"):
        full, part = getattr(before, role), getattr(after, role)
        with np.errstate(invalid="ignore"):
            lapsed = (part > 0) & (full > part) & (full < part / STEP * (1 - TOLERANCE))
        for position in np.flatnonzero(lapsed).tolist():
            owner, span = _owner(layout, role, position)
            if owner in data.position:
                row, t = data.position[owner], _period(case, span)
                found[row, t] = written[row, t] * full[position] * STEP / part[position]
    return found


def _most(cell: Cell) -> float:
    """How far a number may be raised: a share to its upper end."""
    end = SHEETS[cell.sheet][cell.column].at_most
    return np.inf if end is None else end - cell.value


def _row_periods(case: Case, layout: Layout) -> IntArray:
    """The period of each row; also of limits, and of contract years that are one period. −1 where there are several."""
    found = layout.period.rows.copy()
    years = [str(int(year)) for year in case.year]
    of_span = {year: t for t, year in enumerate(years) if years.count(year) == 1} | dict(case.period_position)
    for position in np.flatnonzero(found < 0).tolist():
        found[position] = of_span.get(_owner(layout, "row", position)[1], -1)
    return found


def _priced(
    cells: Sequence[Cell],
    moves: Mapping[str, Sequence[tuple[int, int, float]]],
    column_period: IntArray,
    row_period: IntArray,
) -> Elastic:
    """One per cent of any number costs alike; what is zero counts as a thousandth of its column's largest."""
    largest: dict[tuple[str, str], float] = defaultdict(float)
    for cell in cells:
        largest[cell.sheet, cell.column] = max(largest[cell.sheet, cell.column], abs(cell.value))
    sizes = [max(abs(c.value), LEAST_SIZE * largest[c.sheet, c.column]) or 1.0 for c in cells]
    most = [cell.value if cell.way < 0 else _most(cell) for cell in cells]
    parts = {}
    for role, entries in moves.items():
        table = np.array(entries, dtype=np.float64).reshape(-1, 3)
        parts[role] = Moves(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2])
    price, ends = 1.0 / np.array(sizes), np.array(most)
    return Elastic(**parts, price=price, most=ends, column_period=column_period, row_period=row_period)
