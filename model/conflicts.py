"""Why no plan exists, in the user's own numbers: the smallest sets that contradict each other, and their repairs.

What is asked for (firm demand, minimums, lower limits) gives way first; each row that has to is one conflict, and all
other ways to mend that conflict are its repairs, each proven by solving the changed case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from model.case import Case, FloatArray
from model.conflict import Conflict, Part, Repair
from model.describe import span_text
from model.errors import InfeasibleCase
from model.giving_way import Cell, Row, cells_of
from model.registry import locate
from model.repairs import MOST_REPAIRS, TOLERANCE, Mending, part_of
from model.selection import IntArray
from model.solver.diagnosis import explain_infeasible
from model.solver.elastic import Contradiction, ElasticModel
from model.solver.highs import LiveModel
from model.solver.point import Point

if TYPE_CHECKING:
    from model.engine import Engine

MOST_CONFLICTS: Final = 8  # of which all repairs are looked for; of others that of what is asked for
MOST_ROWS: Final = 3  # of one repair, where there are others that are as short
# variables that must be zero by a word of their row: its sheet, and the columns that may hold the word
SHUT_BY: Final = {"flow": ("Links", ("opens", "closes")), "build": ("Projects", ("earliest",))}


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
    model = ElasticModel(program, elastic, whole=whole)
    return list(_Search(engine, case, cells, model, Mending(engine, case, cells, model), whole).conflicts())


@dataclass(frozen=True)
class _Clash:
    """A row that has to give way where the others have: by how much which of its cells, and the solve that says so."""

    group: Row
    own: Mapping[int, float]
    others: FloatArray
    point: Point
    several: bool


@dataclass
class _Search:
    engine: Engine
    case: Case
    cells: Sequence[Cell]
    model: ElasticModel
    mending: Mending
    whole: bool

    def conflicts(self) -> Iterator[Conflict]:
        """One conflict for each row that must give way when only what is asked for may."""
        given = self._first()
        if given is None:
            return
        groups = self._groups(given)
        for number, group in enumerate(groups):
            mine = np.array([cell.group == group for cell in self.cells])
            others = np.where(mine, 0.0, given)
            found = self.model.least(np.flatnonzero(mine).tolist(), others)
            if found is None:
                continue
            given = np.where(mine & (found[0] > TOLERANCE), found[0], others)
            own = {i: float(given[i]) for i in np.flatnonzero(mine & (given > 0)).tolist()}
            clash = _Clash(group, own, others, found[1], len(groups) > 1)
            conflict = self._conflict(clash, far=number < MOST_CONFLICTS)
            if conflict is not None:
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

    def _conflict(self, clash: _Clash, *, far: bool) -> Conflict | None:
        others, mending = clash.others, self.mending
        found = Contradiction([], [], self._periods(clash)) if self.whole else self._smallest(clash)
        rows = dict.fromkeys(self.cells[i].group for i in found.cells)
        ways = list(mending.ways(others, clash.group, list(rows))) if far else []
        own, *repairs = [mending.proven(changes, others) for changes in (clash.own, *ways)]
        members = sorted({i for changes in (clash.own, *ways) for i in changes}) if self.whole else found.cells
        parts = [mending.part(i, found.periods) for i in members]
        for part, repair in mending.alone(others, rows, found.periods) if far else ():
            parts.append(part)
            repairs.append(repair)
        parts += [*self._closed(found), *self._too_late(found, others)]
        if not parts:
            return None
        more = ("", "") if self.whole else self._elsewhere(found, others)
        shown = _shown(own, [one for one in repairs if one], own_first=clash.several)
        return Conflict(span_text(self.case, found.periods), tuple(parts), shown, not self.whole, *more)

    def _smallest(self, clash: _Clash) -> Contradiction:
        """The cells that contradict each other, and all periods in which they do by themselves."""
        shut, given = self._shut, clash.others
        found = self.model.conflict(clash.point, given, shut, self._periods(clash))
        if len(found.periods) != 1:
            return found
        alike = self.model.periods_with(found.cells, given, self._opened(found, shut))
        return replace(found, periods=sorted({*found.periods, *alike}))

    def _elsewhere(self, found: Contradiction, given: FloatArray) -> tuple[str, str]:
        """Periods in which other cells of the same rows contradict each other, and those in which other numbers do."""
        rows = {self.cells[i].group for i in found.cells}
        alike = [i for i, cell in enumerate(self.cells) if cell.group in rows]
        opened = self._opened(found, self._shut)
        texts, told = [], set(found.periods)
        for cells, free in ((alike, opened), (range(len(self.cells)), opened[:0])):
            more = sorted(set(self.model.periods_with(cells, given, free)) - told)
            texts.append(span_text(self.case, more))
            told.update(more)
        return texts[0], texts[1]

    def _periods(self, clash: _Clash) -> list[int]:
        """Periods in which a row has to give way, those first in which it has to most."""
        size: defaultdict[int, float] = defaultdict(float)
        for i, give in clash.own.items():
            for t in self.model.periods_of(i) or self.cells[i].periods:
                size[t] = max(size[t], give * float(self.model.elastic.price[i]))
        return sorted(size, key=lambda t: (-size[t], t))

    @cached_property
    def _shut(self) -> IntArray:
        """Columns that must be zero by a word of their row: flows of closed links, and building before its time."""
        upper, layout = self.model.program.upper, self.engine.layout
        found = []
        for kind in SHUT_BY:
            places = np.arange(layout.columns[kind].offset, layout.columns[kind].offset + layout.columns[kind].size)
            found += [p for p in places[upper[places] == 0].tolist() if self._reason(p) is not None]
        return np.array(found, dtype=np.int64)

    def _reason(self, position: int) -> Row | None:
        """The row and column by which a variable must be zero."""
        kind, item, span = locate(self.engine.layout.columns, position)
        sheet, columns = SHUT_BY[kind]
        row, t = self.case[sheet].position[item[0]], self.case.period_position[span]
        if kind == "flow" and self.case.number(sheet, "capacity")[row, t] == 0:
            return None
        column = next((c for c in columns if self.case.word(sheet, c)[row] is not None), None)
        return None if column is None else (sheet, row, column)

    def _opened(self, found: Contradiction, shut: IntArray) -> IntArray:
        """What is shut for another reason than those that take part."""
        reasons = {self._reason(p) for p in found.shut}
        return np.array([p for p in shut.tolist() if self._reason(p) not in reasons], dtype=np.int64)

    def _by_reason(self, found: Contradiction, wanted: str) -> Iterator[tuple[Row, list[int]]]:
        """Why variables of one sheet that take part must be zero; flows in all periods of the contradiction."""
        columns, position = self.engine.layout.columns, self.case.period_position
        reasons = {self._reason(p) for p in found.shut}
        periods: defaultdict[Row, list[int]] = defaultdict(list)
        for place in self._shut.tolist():
            reason, t = self._reason(place), position[locate(columns, place)[2]]
            told = place in found.shut or (wanted == "Links" and reason in reasons and t in found.periods)
            if told and reason is not None and reason[0] == wanted:
                periods[reason].append(t)
        yield from periods.items()

    def _closed(self, found: Contradiction) -> Iterator[Part]:
        """Links that would help but are closed, which no larger capacity mends."""
        for place, periods in self._by_reason(found, "Links"):
            yield part_of(self.case, place, periods, None, "", own_period=False)

    def _too_late(self, found: Contradiction, others: FloatArray) -> Iterator[Part]:
        """Projects whose first period of building stands in the way: begun before, they alone would mend it."""
        case = self.case
        for place, periods in self._by_reason(found, "Projects"):
            earliest = list(case.word("Projects", "earliest"))
            earliest[place[1]] = None
            sheet = case["Projects"]
            sooner = replace(sheet, words={**sheet.words, "earliest": tuple(earliest)})
            if self.mending.has_plan(self.mending.besides(others).with_sheets({"Projects": sooner})):
                yield part_of(case, place, periods, None, "", own_period=False)


def _shown(own: Repair | None, repairs: Sequence[Repair], *, own_first: bool) -> tuple[Repair, ...]:
    """The shortest repairs, the smallest first; with several conflicts first that on which the others reckon."""
    first = [own] if own else []
    order = sorted([*first, *repairs], key=lambda one: (own_first and one is not own, len(one.rows), one.weight))
    short = [one for one in order if len(one.rows) <= MOST_ROWS]
    return tuple((short if len(short) > 1 else order[:2])[:MOST_REPAIRS])
