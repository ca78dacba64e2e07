"""Why no plan exists, in the user's own numbers: the smallest sets that contradict each other, and their repairs.

Every bound that follows from a cell moves with it (``model.solver.elastic``), so that one change of a cell counts in
all of its periods. What is asked for (firm demand, minimums, lower limits) gives way first; each row that has to is one
conflict, and all other ways to mend that conflict are its repairs, each proven by solving the changed case.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from model.case import Case, FloatArray
from model.conflict import Change, Conflict, Part, Repair
from model.describe import span_text
from model.errors import InfeasibleCase
from model.formulation.layout import Layout, Values, evaluate
from model.formulation.rules import Block
from model.own_unit import own_unit
from model.parameters import build_parameters
from model.registry import locate
from model.selection import IntArray
from model.solver.diagnosis import explain_infeasible
from model.solver.elastic import Elastic, ElasticModel, Moves
from model.solver.highs import LiveModel

if TYPE_CHECKING:
    from model.engine import Engine

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
)
MOST_CONFLICTS: Final = 8
MOST_REPAIRS: Final = 6
MOST_SOLVES: Final = 15
MOST_ROWS: Final = 3  # of one repair, where there are others that are as short
STEP: Final = 2.0**-10
LEAST_SIZE: Final = 1e-3  # of a column's largest number: what zero counts for
TOLERANCE: Final = 1e-7

Row = tuple[str, int, str]  # sheet, row position, column


@dataclass(frozen=True)
class Cell:
    """One number that may give way: where it stands, in which periods it holds, its value, and which way is room."""

    sheet: str
    row: int
    column: str
    periods: tuple[int, ...]
    value: float
    way: int
    own_period: bool

    @property
    def group(self) -> Row:
        """The row and column, which may have several numbers by period."""
        return self.sheet, self.row, self.column


def infeasible(engine: Engine, case: Case) -> InfeasibleCase:
    """The error that tells why a case, as it is loaded in the engine, has no plan."""
    reason = "no plan meets every minimum and firm demand."
    return InfeasibleCase(case.scenario, reason, explain_infeasible(engine, case), find_conflicts(engine, case))


def find_conflicts(engine: Engine, case: Case) -> list[Conflict]:
    """Every conflict of an infeasible case; empty where its cause is no number of the user's.

    Repairs are in the unit of each cell, rounded to six digits towards more room, and proven by a solve.
    """
    program = engine.at(case)
    cells, elastic = _cells(case, engine.layout)
    if not cells:
        return []
    relaxed = replace(program, cost=np.zeros_like(program.cost), whole=np.empty(0, np.int64))
    whole = len(program.whole) > 0 and LiveModel(relaxed).solve().status == "optimal"
    search = _Search(engine, case, cells, ElasticModel(program, elastic, whole=whole), whole)
    return list(search.conflicts())


@dataclass
class _Search:
    engine: Engine
    case: Case
    cells: Sequence[Cell]
    model: ElasticModel
    whole: bool

    def conflicts(self) -> Iterator[Conflict]:
        """One conflict for each row that must give way when only what is asked for may."""
        given = self._first()
        if given is None:
            return
        groups = [group for group, _ in zip(self._groups(given), range(MOST_CONFLICTS), strict=False)]
        seen = set()
        for group in groups:
            others = np.where([cell.group == group for cell in self.cells], 0.0, given)
            conflict = self._conflict(group, others)
            if conflict is not None and (conflict.cause, conflict.periods) not in seen:
                seen.add((conflict.cause, conflict.periods))
                yield conflict

    def _first(self) -> FloatArray | None:
        nothing = np.zeros(len(self.cells))
        asked = [i for i, cell in enumerate(self.cells) if cell.way < 0]
        for free in (asked, range(len(self.cells))):
            found = self.model.least(list(free), nothing)
            if found is not None:
                return np.where(found[0] > TOLERANCE, found[0], 0.0)
        return None

    def _groups(self, given: FloatArray) -> list[Row]:
        return list(dict.fromkeys(self.cells[i].group for i in np.flatnonzero(given).tolist()))

    def _conflict(self, group: Row, others: FloatArray) -> Conflict | None:
        mine = [i for i, cell in enumerate(self.cells) if cell.group == group]
        found = self.model.least(mine, others)
        if found is None:
            return None
        members, columns = ([], np.empty(0, np.int64)) if self.whole else self.model.conflict(found[1], others)
        ways = list(self._ways(others, list(dict.fromkeys([group, *(self.cells[i].group for i in members)]))))
        repairs = [one for one in (self._proven(changes, others) for changes in ways) if one]
        if self.whole:
            members = sorted({i for changes in ways for i in changes})
        parts = [*(self._part(i) for i in members), *self._closed(columns)]
        if not parts:
            return None
        when = span_text(self.case, {t for i in mine if found[0][i] > TOLERANCE for t in self.cells[i].periods})
        repairs.sort(key=lambda one: (len(one.rows), one.weight))
        short = [one for one in repairs if len(one.rows) <= MOST_ROWS]
        shown = short if len(short) > 1 else repairs[:2]
        return Conflict(when, tuple(parts), tuple(shown[:MOST_REPAIRS]), not self.whole)

    def _ways(self, others: FloatArray, rows: Sequence[Row]) -> Iterator[dict[int, float]]:
        """Different sets of cells whose change mends it: each row alone that can, then the least without those."""
        found: list[set[Row]] = []
        for row in rows[:MOST_SOLVES]:
            changes = self._least([i for i, cell in enumerate(self.cells) if cell.group == row], others)
            if changes is not None:
                found.append({row})
                yield changes
        queue: list[frozenset[Row]] = [frozenset()]
        tried = set(queue)
        for _ in range(MOST_SOLVES):
            if not queue or len(found) >= MOST_REPAIRS:
                return
            banned = queue.pop(0)
            changes = self._least([i for i, cell in enumerate(self.cells) if cell.group not in banned], others)
            if changes is None:
                continue
            mine = {self.cells[i].group for i in changes}
            if not any(one <= mine for one in found):
                found.append(mine)
                yield changes
            for row in sorted(mine):
                if banned | {row} not in tried:
                    tried.add(banned | {row})
                    queue.append(banned | {row})

    def _least(self, free: Sequence[int], others: FloatArray) -> dict[int, float] | None:
        """The least change of some cells that mends it, by cell."""
        least = self.model.least([i for i in free if others[i] == 0], others)
        if least is None:
            return None
        return {i: float(least[0][i]) for i in free if others[i] == 0 and least[0][i] > TOLERANCE}

    def _proven(self, changes: Mapping[int, float], others: FloatArray) -> Repair | None:
        """A repair with rounded numbers, if the case changed by it (and by what other conflicts need) has a plan."""
        steps = {i: self._rounded(i, step) for i, step in changes.items()}
        besides = {i: self._rounded(i, float(others[i])) for i in np.flatnonzero(others).tolist()}
        changed = self.case
        for i, new in {**steps, **besides}.items():
            changed = _with(changed, self.cells[i], new)
        program = self.engine.at(changed)
        status = LiveModel(replace(program, cost=np.zeros_like(program.cost))).solve().status
        if status != "optimal":
            return None
        weight = sum(changes[i] * float(self.model.elastic.price[i]) for i in changes)
        return Repair(tuple(self._change(i, new) for i, new in steps.items()), weight)

    def _rounded(self, i: int, step: float) -> float:
        """The new number of a cell: six digits, rounded towards more room."""
        cell = self.cells[i]
        new = max(0.0, cell.value + cell.way * step) if cell.way < 0 else cell.value + step
        if new <= 0 or new == cell.value:
            return new
        unit = 10.0 ** (math.floor(math.log10(new)) - 5)
        count = new / unit
        nearest = round(count)
        count = nearest if abs(count - nearest) < 1e-4 else math.ceil(count) if cell.way > 0 else math.floor(count)
        return float(f"{count * unit:.6g}")

    def _change(self, i: int, new: float) -> Change:
        part, cell = self._part(i), self.cells[i]
        return Change(part.cell, part.address, part.name, cell.column, part.periods, cell.value, new, part.unit)

    def _part(self, i: int) -> Part:
        cell = self.cells[i]
        unit = own_unit(self.case, cell.sheet, cell.row, cell.column)
        return _part(self.case, cell.group, cell.periods, cell.value, unit, own_period=cell.own_period)

    def _closed(self, columns: IntArray) -> Iterator[Part]:
        """Links that would help but are closed, which no larger capacity mends."""
        case, found = self.case, defaultdict(list)
        for position in columns[columns < self.engine.layout.column_count].tolist():
            block, item, span = locate(self.engine.layout.columns, position)
            if block == "flow" and self.model.program.upper[position] == 0:
                found[case["Links"].position[item[0]]].append(case.period_position[span])
        for link, periods in found.items():
            column = next((c for c in ("opens", "closes") if case.word("Links", c)[link] is not None), None)
            if column is not None and case.number("Links", "capacity")[link, periods[0]] > 0:
                yield _part(case, ("Links", link, column), periods, None, "", own_period=False)


def _part(case: Case, place: Row, periods: Sequence[int], value: float | None, unit: str, *, own_period: bool) -> Part:
    sheet, row, column = place
    key = case[sheet].keys[row]
    at = f"@{span_text(case, periods).replace(', ', ';')}" if own_period else ""
    cell = case.source_cell(sheet, row, column, periods[0])
    return Part(cell, f"{sheet}:{key}:{column}{at}", key, column, span_text(case, periods), value, unit)


def _with(case: Case, cell: Cell, new: float) -> Case:
    data = case[cell.sheet]
    numbers = case.number(cell.sheet, cell.column).copy()
    if data.numbers[cell.column].shape[1] == 1 and not cell.own_period:
        numbers = data.numbers[cell.column].copy()
        numbers[cell.row] = new
    else:
        numbers[cell.row, list(cell.periods)] = new
    return case.with_sheets({cell.sheet: replace(data, numbers={**data.numbers, cell.column: numbers})})


def _cells(case: Case, layout: Layout) -> tuple[list[Cell], Elastic]:
    """Every number that may give way and sets a bound, and how the bounds follow from it."""
    before = evaluate(case, layout, build_parameters(case, layout.network))
    found: dict[tuple[object, ...], int] = {}
    cells: list[Cell] = []
    moves: dict[str, list[tuple[int, int, float]]] = {"upper": [], "lower": [], "row_upper": [], "row_lower": []}
    taken: set[tuple[str, int]] = set()
    for sheet, column, way in ROOM:
        if not len(case[sheet]):
            continue
        values = case.number(sheet, column)
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
            key = (sheet, row, column, source, values[row, t])
            if key not in found:
                found[key] = len(cells)
                periods = _alike(case, (sheet, row, column), t, source)
                part = len(periods) < len(case.periods)
                cells.append(Cell(sheet, row, column, periods, float(values[row, t]), way, part))
            taken.add((role, position))
            moves[role].append((found[key], position, loosened / abs(float(step[row, t]))))
    return cells, _priced(cells, moves)


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


def _alike(case: Case, place: Row, t: int, source: str) -> tuple[int, ...]:
    """Periods in which one number of one cell holds."""
    sheet, row, column = place
    values = case.number(sheet, column)[row]
    periods = np.flatnonzero(values == values[t]).tolist()
    return tuple(u for u in periods if case.source_cell(sheet, row, column, u) == source)


def _priced(cells: Sequence[Cell], moves: Mapping[str, Sequence[tuple[int, int, float]]]) -> Elastic:
    """One per cent of any number costs alike; what is zero counts as a thousandth of its column's largest."""
    largest: dict[tuple[str, str], float] = defaultdict(float)
    for cell in cells:
        largest[cell.sheet, cell.column] = max(largest[cell.sheet, cell.column], abs(cell.value))
    sizes = [max(abs(c.value), LEAST_SIZE * largest[c.sheet, c.column]) or 1.0 for c in cells]
    most = [cell.value if cell.way < 0 else np.inf for cell in cells]
    parts = {}
    for role, entries in moves.items():
        table = np.array(entries, dtype=np.float64).reshape(-1, 3)
        parts[role] = Moves(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2])
    return Elastic(**parts, price=1.0 / np.array(sizes), most=np.array(most))
