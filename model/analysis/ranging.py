"""The interval of each tariff, price and capacity within which today's plan stays, and what takes over beyond it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from model.case import Case
from model.engine import Engine
from model.formulation.layout import Values, evaluate
from model.parameters import build_parameters
from model.registry import locate, moved
from model.solver.ranging import Interval, Ranging, Side

# what is ranged: numbers that enter the goal, and numbers that enter bounds and right-hand sides
MONEY: Final = {"Links": ("tariff",), "Supply": ("cost",), "Demand": ("price", "differential"), "Markers": ("value",)}
VOLUME: Final = {"Links": ("capacity",), "Assets": ("capacity",), "Supply": ("capacity",), "Demand": ("volume",)}
INSIDE, OUTSIDE = 0.999, 1.05  # shares of the way to an interval's end at which it is re-solved
LINE: Final = 1e-10  # of the value: what a straight line may miss by
TIGHT: Final = 0.05  # of the value: an interval narrower than this on either side is marked


@dataclass(frozen=True)
class Range:
    """How far a number may fall and rise, in all its periods at once, while today's plan stays.

    ``value`` is that of the first period; ``fall`` and ``rise`` are amounts in the row's own unit, infinite where
    nothing ever gives way. ``below`` and ``above`` name what gives way or takes over there.
    """

    sheet: str
    row: int
    column: str
    value: float
    fall: float
    rise: float
    below: str
    above: str

    @property
    def tight(self) -> bool:
        """Whether a change of a twentieth, up or down, changes the plan."""
        return min(self.fall, self.rise) < TIGHT * abs(self.value)


@dataclass(frozen=True)
class Ranges:
    """All ranges of one scenario; where ``degenerate``, a plan may survive somewhat beyond the intervals given."""

    ranges: tuple[Range, ...]
    degenerate: bool


def ranging(engine: Engine, case: Case) -> Ranges:
    """Range every tariff, cost, price and capacity of a solved case by ratio tests at its optimal basis.

    Money moves along the goal, volumes along bounds and right-hand sides; each address moves in all its periods at
    once. Raises nothing for rows that enter nowhere: they are left out.
    """
    engine.solve(case, ties=False)
    tests = Ranging(engine.live)
    found = [
        one
        for sheets, money in ((MONEY, True), (VOLUME, False))
        for sheet, columns in sheets.items()
        for column in columns
        for one in _sheet(engine, case, tests, sheet, column, money=money)
    ]
    return Ranges(tuple(found), tests.degenerate)


def _sheet(engine: Engine, case: Case, tests: Ranging, sheet: str, column: str, *, money: bool) -> Iterator[Range]:
    numbers = case[sheet].numbers[column]
    start = evaluate(case, engine.layout, build_parameters(case, engine.network))
    for row in range(len(case[sheet])):
        held = numbers[row][np.isfinite(numbers[row])]
        if not len(held):
            continue
        step = 1e-3 * max(1.0, float(np.abs(held).max()))
        end = _moved(engine, case, sheet, row, column, step)
        if np.array_equal(start.matrix, end.matrix):
            interval = _interval(tests, start, end, money=money)
            if interval is not None:
                yield _range(engine, sheet, row, column, float(held[0]), step, interval)


def _moved(engine: Engine, case: Case, sheet: str, row: int, column: str, step: float) -> Values:
    """The programme's numbers with one row's number ``step`` higher in all periods."""
    changed = moved(case, sheet, row, column, step)
    return evaluate(changed, engine.layout, build_parameters(changed, engine.network))


def _interval(tests: Ranging, start: Values, end: Values, *, money: bool) -> Interval | None:
    if money:
        direction = end.cost - start.cost
        return tests.along_cost(direction) if direction.any() else None
    same = all(
        np.array_equal(getattr(start, name), getattr(end, name))
        for name in ("lower", "upper", "row_lower", "row_upper")
    )
    return None if same else tests.along_bounds(start, end)


def _range(engine: Engine, sheet: str, row: int, column: str, value: float, step: float, interval: Interval) -> Range:
    fall, rise = interval.down.reach * step, interval.up.reach * step
    return Range(sheet, row, column, value, fall, rise, _rival(engine, interval.down), _rival(engine, interval.up))


def _rival(engine: Engine, side: Side) -> str:
    """What gives way or takes over: a flow, a capacity …, in words; empty where nothing does."""
    if side.position < 0:
        return ""
    columns = engine.layout.column_count
    blocks = engine.layout.columns if side.position < columns else engine.layout.rows
    position = side.position if side.position < columns else side.position - columns
    name, item, span = locate(blocks, position)
    return f"{name.replace('_', ' ')} {' of '.join(reversed(item))}{f' in {span}' if span else ''}"


def tightest(found: Ranges, count: int) -> list[Range]:
    """The ranges that bind soonest, as a share of their value, among those that bind at all."""
    bound = [one for one in found.ranges if 0 < min(one.fall, one.rise) < np.inf and one.value]
    return sorted(bound, key=lambda one: min(one.fall, one.rise) / abs(one.value))[:count]


def verify(engine: Engine, case: Case, one: Range) -> tuple[bool, bool]:
    """Whether the plan stays just inside the nearer end of an interval and changes just outside it, by re-solves.

    A tariff or price leaves the volumes alone while the plan stays; a capacity moves them, but along one straight
    line of the value.
    """
    reach = one.rise if one.rise <= one.fall else -one.fall
    inside, outside = (engine.solve(_at(case, one, share * reach)) for share in (INSIDE, OUTSIDE))
    start = engine.solve(case)
    if one.column in MONEY.get(one.sheet, ()):
        same = [np.allclose(other["flow"], start["flow"], rtol=1e-6, atol=1e-6) for other in (inside, outside)]
        return same[0], not same[1]
    halfway = engine.solve(_at(case, one, 0.5 * reach))
    slope = (halfway.objective - start.objective) / 0.5
    bends = [
        abs(start.objective + slope * share - other.objective) > LINE * max(1.0, abs(start.objective))
        for share, other in ((INSIDE, inside), (OUTSIDE, outside))
    ]
    return not bends[0], bends[1]


def _at(case: Case, one: Range, step: float) -> Case:
    return moved(case, one.sheet, one.row, one.column, step)
