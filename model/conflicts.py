"""Why no plan exists, in the user's own numbers: the smallest sets that contradict each other, and their repairs.

What is asked for (firm demand, minimums, lower limits) gives way first; each row that has to is one conflict, and all
other ways to mend that conflict are its repairs, each proven by solving the changed case.
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
from model.giving_way import Cell, Row, cells_of
from model.own_unit import own_unit
from model.registry import locate
from model.selection import IntArray
from model.solver.diagnosis import explain_infeasible
from model.solver.elastic import ElasticModel
from model.solver.highs import LiveModel

if TYPE_CHECKING:
    from model.engine import Engine

MOST_CONFLICTS: Final = 8
MOST_REPAIRS: Final = 6
MOST_SOLVES: Final = 15
MOST_ROWS: Final = 3  # of one repair, where there are others that are as short
TOLERANCE: Final = 1e-7
# shares of a whole, which are coefficients: sheet, column, and the end at which they give most room
SHARES: Final = (("Limits", "at_most", 1.0), ("Limits", "at_least", 0.0), ("Projects", "minimum_use", 0.0))


def infeasible(engine: Engine, case: Case) -> InfeasibleCase:
    """The error that tells why a case, as it is loaded in the engine, has no plan."""
    reason = "no plan meets every minimum and firm demand."
    return InfeasibleCase(case.scenario, reason, explain_infeasible(engine, case), find_conflicts(engine, case))


def find_conflicts(engine: Engine, case: Case) -> list[Conflict]:
    """Every conflict of an infeasible case; empty where its cause is no number of the user's.

    Repairs are in the unit of each cell, rounded to six digits towards more room, and proven by a solve.
    """
    program = engine.at(case)
    cells, elastic = cells_of(case, engine.layout)
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
        shares = list(self._shares(others))
        repairs += [repair for _, repair in shares]
        parts = [*(self._part(i) for i in members), *(part for part, _ in shares), *self._closed(columns)]
        parts += self._too_late(columns, others)
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
        steps = self._as_written({i: self._rounded(i, step) for i, step in changes.items()})
        changed = self._besides(others)
        for i, new in steps.items():
            changed = _changed(changed, self.cells[i], new)
        if not self._has_plan(changed):
            return None
        weight = sum(changes[i] * float(self.model.elastic.price[i]) for i in changes)
        return Repair(tuple(self._change(i, new) for i, new in steps.items()), weight)

    def _besides(self, others: FloatArray) -> Case:
        """The case in which what other conflicts need has given way."""
        changed = self.case
        for i in np.flatnonzero(others).tolist():
            changed = _changed(changed, self.cells[i], self._rounded(i, float(others[i])))
        return changed

    def _has_plan(self, case: Case) -> bool:
        program = self.engine.at(case)
        return LiveModel(replace(program, cost=np.zeros_like(program.cost))).solve().status == "optimal"

    def _shares(self, others: FloatArray) -> Iterator[tuple[Part, Repair]]:
        """Shares that alone would mend it, each with its least change, found by halving: they are no bounds."""
        start = self._besides(others)
        for sheet, column, end in SHARES:
            for row in range(len(self.case[sheet])):
                old = self.case.number(sheet, column)[row]
                if (sheet == "Limits" and self.case.word(sheet, "of")[row] is None) or not np.any(np.isfinite(old)):
                    continue
                if np.all(old == old[0]) and old[0] != end and self._has_plan(_with(start, (sheet, row, column), end)):
                    new = self._halved(start, (sheet, row, column), end)
                    part = _part(self.case, (sheet, row, column), range(len(old)), float(old[0]), "", own_period=False)
                    change = Change(part.cell, part.address, part.name, column, part.periods, float(old[0]), new, "")
                    yield part, Repair((change,), change.share)

    def _halved(self, start: Case, place: Row, end: float) -> float:
        """The share nearest to what is written with which there is a plan, to four digits of the way to its end."""
        sheet, row, column = place
        bad, good = float(start.number(sheet, column)[row, 0]), end
        digits = 4 - math.floor(math.log10(abs(good - bad)))
        while abs(good - bad) > 10.0**-digits:
            half = round((good + bad) / 2, digits)
            if half in (good, bad):
                break
            good, bad = (half, bad) if self._has_plan(_with(start, place, half)) else (good, half)
        return good

    def _as_written(self, news: Mapping[int, float]) -> dict[int, float]:
        """One new number a cell: the least, where a minimum that has lapsed in some periods is in several pieces."""
        least: dict[tuple[Row, str], float] = {}
        sources = {i: (self.cells[i].group, self._part(i).cell) for i in news}
        for i, new in news.items():
            least[sources[i]] = min(new, least.get(sources[i], new)) if self.cells[i].way < 0 else new
        return {i: least[sources[i]] for i in news}

    def _rounded(self, i: int, step: float) -> float:
        """The new number of a cell: six digits, rounded towards more room."""
        cell = self.cells[i]
        new = max(0.0, cell.value + cell.way * step) if cell.way < 0 else cell.value + step
        if self._counts_units(cell):
            return float(math.ceil(new - TOLERANCE) if cell.way > 0 else math.floor(new + TOLERANCE))
        if new <= 0 or new == cell.value:
            return new
        unit = 10.0 ** (math.floor(math.log10(new)) - 5)
        count = new / unit
        nearest = round(count)
        count = nearest if abs(count - nearest) < 1e-4 else math.ceil(count) if cell.way > 0 else math.floor(count)
        return float(f"{count * unit:.6g}")

    def _counts_units(self, cell: Cell) -> bool:
        """Whether a number counts units of projects that come whole."""
        built = cell.sheet == "Limits" and self.case.word("Limits", "measure")[cell.row] == "built"
        return built and all(self.case.word("Projects", "whole_units"))

    def _change(self, i: int, new: float) -> Change:
        part, cell = self._part(i), self.cells[i]
        return Change(part.cell, part.address, part.name, cell.column, part.periods, cell.written, new, part.unit)

    def _part(self, i: int) -> Part:
        cell = self.cells[i]
        unit = own_unit(self.case, cell.sheet, cell.row, cell.column)
        return _part(self.case, cell.group, cell.periods, cell.written, unit, own_period=cell.own_period)

    def _too_late(self, columns: IntArray, others: FloatArray) -> Iterator[Part]:
        """Projects whose first period of building stands in the way: begun before, they alone would mend it."""
        case = self.case
        for project, periods in self._shut(columns, "build", "Projects").items():
            earliest = list(case.word("Projects", "earliest"))
            earliest[project] = None
            sheet = case["Projects"]
            sooner = replace(sheet, words={**sheet.words, "earliest": tuple(earliest)})
            if self._has_plan(self._besides(others).with_sheets({"Projects": sooner})):
                yield _part(case, ("Projects", project, "earliest"), periods, None, "", own_period=False)

    def _shut(self, columns: IntArray, kind: str, sheet: str) -> dict[int, list[int]]:
        """Of the variables of one kind those that must be zero: the periods by row of their sheet."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for position in columns[columns < self.engine.layout.column_count].tolist():
            block, item, span = locate(self.engine.layout.columns, position)
            if block == kind and self.model.program.upper[position] == 0:
                found[self.case[sheet].position[item[0]]].append(self.case.period_position[span])
        return found

    def _closed(self, columns: IntArray) -> Iterator[Part]:
        """Links that would help but are closed, which no larger capacity mends."""
        case = self.case
        for link, periods in self._shut(columns, "flow", "Links").items():
            column = next((c for c in ("opens", "closes") if case.word("Links", c)[link] is not None), None)
            if column is not None and case.number("Links", "capacity")[link, periods[0]] > 0:
                yield _part(case, ("Links", link, column), periods, None, "", own_period=False)


def _part(case: Case, place: Row, periods: Sequence[int], value: float | None, unit: str, *, own_period: bool) -> Part:
    sheet, row, column = place
    key = case[sheet].keys[row]
    at = f"@{span_text(case, periods).replace(', ', ';')}" if own_period else ""
    cell = case.source_cell(sheet, row, column, periods[0])
    return Part(cell, f"{sheet}:{key}:{column}{at}", key, column, span_text(case, periods), value, unit)


def _with(case: Case, place: Row, new: float, periods: Sequence[int] | None = None) -> Case:
    """The case with another number of a row, in some periods or in all."""
    sheet, row, column = place
    data = case[sheet]
    if periods is None:
        numbers = data.numbers[column].copy()
        numbers[row] = new
    else:
        numbers = case.number(sheet, column).copy()
        numbers[row, list(periods)] = new
    return case.with_sheets({sheet: replace(data, numbers={**data.numbers, column: numbers})})


def _changed(case: Case, cell: Cell, new: float) -> Case:
    """The case with another number in a cell."""
    return _with(case, cell.group, new, cell.periods if cell.own_period else None)
