"""How a conflict is mended: changes of numbers as they would be typed, each proven by solving the changed case."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from model.case import Case, FloatArray
from model.conflict import Change, Part, Repair, printable
from model.describe import span_text
from model.giving_way import Cell, Row
from model.own_unit import own_unit
from model.solver.elastic import ElasticModel
from model.solver.highs import LiveModel

if TYPE_CHECKING:
    from model.engine import Engine

MOST_REPAIRS: Final = 6
MOST_SOLVES: Final = 15
TOLERANCE: Final = 1e-7
NEAR: Final = 1e-5  # of the way to its end: how near halving comes
# coefficients rather than bounds, which mend alone: sheet, column, and the end at which they give most room
SHARES: Final = (("Limits", "at_most", 1.0), ("Limits", "at_least", 0.0), ("Projects", "minimum_use", 0.0))
# the same of rows whose own number takes part: by sheet and column what lessens it
LESSENING: Final = {
    ("Assets", "capacity"): (("availability", 1.0), ("reserved", 0.0)),
    ("Fleets", "vessels"): (("reserved", 0.0),),
}


@dataclass
class Mending:
    """The search for repairs. ``others`` is, throughout, by how much each cell has given way for other conflicts."""

    engine: Engine
    case: Case
    cells: Sequence[Cell]
    model: ElasticModel

    def ways(self, others: FloatArray, own: Row, rows: Sequence[Row]) -> Iterator[dict[int, float]]:
        """Cells, other than those of one row, whose change mends it: rows alone, then the least without them."""
        found: list[set[Row]] = [{own}]
        for row in [row for row in rows if row != own][:MOST_SOLVES]:
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

    def proven(self, changes: Mapping[int, float], others: FloatArray) -> Repair | None:
        """A repair with rounded numbers, if the case changed by it (and by what other conflicts need) has a plan."""
        weight = sum(changes[i] * float(self.model.elastic.price[i]) for i in changes)
        for spare in (0, 1):  # where the solver's tolerance was needed, one more of the last digit is not missed
            steps = self._as_written({i: self._rounded(i, step, spare) for i, step in changes.items()})
            changed = self.besides(others)
            for i, new in steps.items():
                changed = _changed(changed, self.cells[i], new)
            if self.has_plan(changed):
                return Repair(tuple(self._change(i, new) for i, new in steps.items()), weight)
        return None

    def besides(self, others: FloatArray) -> Case:
        """The case in which what other conflicts need has given way."""
        changed = self.case
        for i in np.flatnonzero(others).tolist():
            changed = _changed(changed, self.cells[i], self._rounded(i, float(others[i])))
        return changed

    def has_plan(self, case: Case) -> bool:
        """Whether a case has a plan, whatever it is worth."""
        program = self.engine.at(case)
        return LiveModel(replace(program, cost=np.zeros_like(program.cost))).solve().status == "optimal"

    def alone(self, others: FloatArray, rows: Iterable[Row], periods: Sequence[int]) -> Iterator[tuple[Part, Repair]]:
        """Numbers that are no bounds and alone would mend it, each with its least change, found by halving."""
        start, case = self.besides(others), self.case
        for place, end in [*self._shares(), *_lessening(rows)]:
            sheet, row, column = place
            old = case.number(sheet, column)[row]
            if not np.all(old == old[0]) or old[0] == end or case.source_cell(*place, 0) != case.source_cell(*place):
                continue
            if self.has_plan(_with(start, place, end)):
                new, size, unit = self._halved(start, place, end), float(old[0]), own_unit(case, *place)
                everywhere = part_of(case, place, range(len(old)), size, unit, own_period=False)
                part = part_of(case, place, periods, size, unit, own_period=False)
                change = Change(part.cell, part.address, part.name, column, everywhere.periods, size, new, unit)
                yield part, Repair((change,), change.share)

    def _shares(self) -> Iterator[tuple[Row, float]]:
        for sheet, column, end in SHARES:
            for row in range(len(self.case[sheet])):
                if sheet != "Limits" or self.case.word(sheet, "of")[row] is not None:
                    yield (sheet, row, column), end

    def _halved(self, start: Case, place: Row, end: float) -> float:
        """The share nearest to what is written with which there is a plan, to four digits where they will do."""
        sheet, row, column = place
        bad = float(start.number(sheet, column)[row, 0])
        good, near, up = end, abs(end - bad) * NEAR, end > bad
        while abs(good - bad) > near:
            half = (good + bad) / 2
            good, bad = (half, bad) if self.has_plan(_with(start, place, half)) else (good, half)
        short = [float(f"{good:.4g}"), printable(good, up=up, digits=4)]
        return next((new for new in short if self.has_plan(_with(start, place, new))), printable(good, up=up))

    def _as_written(self, news: Mapping[int, float]) -> dict[int, float]:
        """One new number a cell, that which gives most room of those that it would need.

        It would need several where a minimum that has lapsed in some periods is in pieces, and where one row of Changes
        sets several numbers.
        """
        most: dict[tuple[object, ...], float] = {}
        places = {i: self._where(i) for i in news}
        for i, new in news.items():
            pick = min if self.cells[i].way < 0 else max
            most[places[i]] = pick(new, most.get(places[i], new))
        return {i: most[places[i]] for i in news}

    def _where(self, i: int) -> tuple[object, ...]:
        """What tells a cell from another; where two cells make a number together, it is the number's own."""
        part = self._whole_part(i)
        return (part.cell, *(() if part.typed else (self.cells[i].group, self.cells[i].periods)))

    def _rounded(self, i: int, step: float, spare: int = 0) -> float:
        """The new number of a cell as it is printed, rounded towards more room."""
        cell, up = self.cells[i], self.cells[i].way > 0
        new = cell.value + cell.way * step
        if self._counts_units(cell):
            return max(0.0, float(math.ceil(new - TOLERANCE) if up else math.floor(new + TOLERANCE)))
        return printable(max(new, 0.0), up=up, size=max(cell.value, step), spare=spare)

    def _counts_units(self, cell: Cell) -> bool:
        """Whether a number counts units of projects that come whole."""
        whole = self.case.word("Projects", "whole_units")
        if cell.sheet == "Projects":
            return bool(whole[cell.row])
        return cell.sheet == "Limits" and self.case.word("Limits", "measure")[cell.row] == "built" and all(whole)

    def _change(self, i: int, new: float) -> Change:
        part, cell = self._whole_part(i), self.cells[i]
        return Change(part.cell, part.address, part.name, cell.column, part.periods, cell.written, new, part.unit)

    def _whole_part(self, i: int) -> Part:
        return self.part(i, self.cells[i].periods)

    def part(self, i: int, periods: Sequence[int]) -> Part:
        """A cell as it takes part in some periods, as far as it holds in them."""
        cell = self.cells[i]
        unit = own_unit(self.case, cell.sheet, cell.row, cell.column)
        within = [t for t in cell.periods if t in set(periods)] or cell.periods
        named = part_of(self.case, cell.group, cell.periods, cell.written, unit, own_period=cell.own_period)
        return replace(named, periods=span_text(self.case, within))


def _lessening(rows: Iterable[Row]) -> Iterator[tuple[Row, float]]:
    for sheet, row, column in rows:
        for other, end in LESSENING.get((sheet, column), ()):
            yield (sheet, row, other), end


def part_of(
    case: Case, place: Row, periods: Sequence[int], value: float | None, unit: str, *, own_period: bool
) -> Part:
    """The number of a row and column in some periods, with its cell and address."""
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
