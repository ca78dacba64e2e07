"""Why a programme has no optimum, in the user's terms: what an infeasible one lacks, what an unbounded one earns on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from model.case import Case, FloatArray
from model.describe import span_text
from model.errors import Shortage
from model.formulation.layout import Layout
from model.formulation.program import Program
from model.own_unit import counted_unit, own_unit
from model.parameters.convert import Converter
from model.registry import BOUND_COLUMNS, cells_of, key_at, locate
from model.solver.highs import LiveModel
from model.solver.point import Point

if TYPE_CHECKING:
    from model.engine import Engine

IntArray = NDArray[np.int64]

NONE: Final = np.empty(0, dtype=np.int64)  # shortages and growth are of volumes, not of whole units
VISIBLE: Final = 1e-7  # HiGHS's feasibility tolerance: less than that is not lacking
MOST_LINES: Final = 20

# What one missing unit weighs. What is asked for gives way first: firm demand, then minimums, then lower limits. Volume
# that appears or vanishes at a node says less about the cause; all other rows come last.
FIRM, MINIMUM, LIMIT, BALANCE, OWN = 1.0, 1.01, 2.0, 20.0, 100.0

_ASKED: Final = {
    "demand_firm": ("firm demand not met", FIRM),
    "link_minimum": ("minimum not reached", MINIMUM),
    "asset_minimum": ("minimum not reached", MINIMUM),
    "limit_lower": ("lower limit not reached", LIMIT),
}
_KIND: Final = {
    "Supply": "supply",
    "Demand": "demand",
    "Links": "link",
    "Assets": "asset",
    "Fleets": "fleet",
    "Contracts": "contract",
    "Limits": "limit",
    "Storage": "store",
    "Projects": "project",
    "Funds": "fund",
}


def explain_infeasible(engine: Engine, case: Case) -> list[Shortage]:
    """The least shortage that would make a case solvable, by period and place, and what is full in its way.

    An elastic re-solve lets every firm demand, minimum, lower limit and balance fall short at a price and minimises the
    weighted sum; capacities, ceilings and upper limits hold. Volumes in the unit of the cell that is named.
    """
    return shortages(engine.live.program, engine.layout, case)


def shortages(program: Program, layout: Layout, case: Case) -> list[Shortage]:
    """The same for a programme with the numbers of a case, or one in which some columns are fixed."""
    elastic = _elastic(program, layout)
    point = LiveModel(elastic.program).solve()
    if point.status != "optimal":
        return [Shortage("all periods", f"no plan even with shortages ({point.status})", "the whole case", "", 0.0, "")]
    volumes = point.columns[elastic.first :]
    found = [
        _shortage(case, layout, slack, float(volume))
        for slack, volume in zip(elastic.slacks, volumes, strict=True)
        if volume > VISIBLE
    ]
    rank = {label: t for t, label in enumerate(case.periods)}
    found.sort(key=lambda one: rank.get(one.period, len(rank)))
    return [*found, *_bottlenecks(case, layout, elastic.program, point)]


@dataclass(frozen=True)
class _Slack:
    """What may fall short: a row, or the lower bound of a column; sign −1 takes volume away instead of adding it."""

    of_row: bool
    position: int
    weight: float
    sign: float = 1.0


@dataclass(frozen=True)
class _Elastic:
    """A programme with one more column for each slack, from ``first`` on."""

    program: Program
    first: int
    slacks: list[_Slack]


def _elastic(program: Program, layout: Layout) -> _Elastic:
    """Slack on whatever asks for volume; minimise its weighted sum."""
    columns, rows = len(program.cost), len(program.row_lower)
    raised = np.flatnonzero(program.lower > 0)
    scale = _largest_coefficient(program)
    scale[layout.rows["balance"].slice] = 1.0
    slacks = [*_row_slacks(program, layout), *(_Slack(False, column, MINIMUM) for column in raised.tolist())]
    weights = [slack.weight / (scale[slack.position] if slack.of_row else 1.0) for slack in slacks]
    targets = [slack.position for slack in slacks if slack.of_row]
    targets += range(rows, rows + len(raised))
    row_of = program.entry_rows
    row = np.concatenate([row_of, rows + np.arange(len(raised)), np.array(targets, dtype=np.int64)])
    column = np.concatenate([program.indices, raised, columns + np.arange(len(slacks))])
    value = np.concatenate([program.matrix, np.ones(len(raised)), [slack.sign for slack in slacks]])
    order = np.argsort(row, kind="stable")
    relaxed = replace(
        program,
        cost=np.concatenate([np.zeros(columns), weights]),
        lower=np.concatenate([np.minimum(program.lower, 0.0), np.zeros(len(slacks))]),
        upper=np.concatenate([program.upper, np.full(len(slacks), np.inf)]),
        row_lower=np.concatenate([program.row_lower, program.lower[raised]]),
        row_upper=np.concatenate([program.row_upper, np.full(len(raised), np.inf)]),
        starts=np.searchsorted(row[order], np.arange(rows + len(raised) + 1)),
        indices=column[order],
        matrix=value[order],
        whole=NONE,
    )
    return _Elastic(relaxed, columns, slacks)


def _largest_coefficient(program: Program) -> FloatArray:
    """Largest coefficient of each row, so that a shortage weighs alike in every unit."""
    rows = program.entry_rows
    largest = np.zeros(len(program.row_lower))
    np.maximum.at(largest, rows, np.abs(program.matrix))
    return np.where(largest > 0, largest, 1.0)


def _row_slacks(program: Program, layout: Layout) -> Iterator[_Slack]:
    balance = layout.rows["balance"]
    for row in range(balance.offset, balance.offset + balance.size):
        yield _Slack(True, row, BALANCE)
        yield _Slack(True, row, BALANCE, -1.0)
    for name, block in layout.rows.items():
        asked = (program.row_lower[block.slice] > 0) | (program.row_upper[block.slice] < 0)
        if name == "limit_lower":
            asked |= np.isfinite(program.row_lower[block.slice])
        for row in (block.offset + np.flatnonzero(asked)).tolist():
            sign = -1.0 if program.row_upper[row] < 0 else 1.0
            yield _Slack(True, row, _ASKED[name][1] if name in _ASKED else OWN, sign)
    for row in range(layout.row_count, len(program.row_lower)):
        yield _Slack(True, row, OWN)
        yield _Slack(True, row, OWN, -1.0)


def _shortage(case: Case, layout: Layout, slack: _Slack, volume: float) -> Shortage:
    """One slack in use."""
    if slack.of_row and slack.position >= layout.row_count:
        return Shortage(
            "all periods", "a row added to the model does not hold", f"row {slack.position}", "", volume, ""
        )
    blocks = layout.rows if slack.of_row else layout.columns
    block, item, span = _place(blocks, slack.position)
    t = case.period_position.get(span)
    held = block in ("stock", "stock_balance")  # a stock is no rate
    per_year = volume if t is None or held else volume / float(case.years[t])
    if block == "balance":
        what = "volume missing" if slack.sign > 0 else "volume with no way out"
        own = case.word("Commodities", "unit")[case["Commodities"].position[item[1]]]
        return Shortage(span, what, f"node {item[0]!r}", item[1], per_year, f"{own}/year")
    if block not in BOUND_COLUMNS or not BOUND_COLUMNS[block][1]:
        return Shortage(span, f"{block.replace('_', ' ')} cannot be kept", ", ".join(item), "", volume, "")
    sheet, (column, *_), _ = BOUND_COLUMNS[block]
    row = case[sheet].position[item[0]]
    if not slack.of_row and "volume_unit" in case[sheet].words:
        commodity = case["Commodities"].position[item[1] if len(item) > 1 else case.word(sheet, "commodity")[row]]
        per_year *= Converter(case).volume(case.word(sheet, "volume_unit")[row], commodity)
    what = _ASKED[block][0] if block in _ASKED else "minimum not reached"
    unit = counted_unit(case, row) if sheet == "Limits" else own_unit(case, sheet, row, column)
    cells = cells_of(case, block, item, t, "lower")
    return Shortage(span, what, _where(case, sheet, row), _grades(case, sheet, row), per_year, unit, cells)


def _place(blocks: dict[str, Any], position: int) -> tuple[str, tuple[str, ...], str]:
    """Block, item and span of a row or column; a limit's span stands in its item."""
    block, item, span = locate(blocks, position)
    return (block, item[:1], item[1]) if block.startswith("limit_") else (block, item, span)


def _where(case: Case, sheet: str, row: int) -> str:
    name = f"{_KIND[sheet]} {case[sheet].keys[row]!r}"
    return f"{case.word(sheet, 'node')[row]} ({name})" if sheet in ("Supply", "Demand") else name


def _grades(case: Case, sheet: str, row: int) -> str:
    if sheet not in ("Supply", "Demand", "Links"):
        return ""
    names = case.word(sheet, "commodity")[row]
    return names if isinstance(names, str) else ", ".join(names)


def _bottlenecks(case: Case, layout: Layout, program: Program, point: Point) -> Iterator[Shortage]:
    """What is full and, if it were larger, would lessen the shortage; the most effective first."""
    found: defaultdict[tuple[str, tuple[str, ...], bool], list[tuple[str, float]]] = defaultdict(list)
    for blocks, dual, bound, count in (
        (layout.columns, point.column_dual, program.upper, layout.column_count),
        (layout.rows, point.row_dual, program.row_upper, layout.row_count),
    ):
        for position in np.flatnonzero((dual[:count] < -VISIBLE) & np.isfinite(bound[:count])).tolist():
            block, item, span = _place(blocks, position)
            if block in BOUND_COLUMNS and BOUND_COLUMNS[block][2]:
                found[block, item, bool(bound[position] == 0) and block != "limit_upper"].append(
                    (span, float(dual[position]))
                )
    effect = {place: min(dual for _, dual in spans) for place, spans in found.items()}
    for place in sorted(found, key=lambda place: (effect[place], place))[:MOST_LINES]:
        yield _bottleneck(case, *place, [span for span, _ in found[place]])


def _bottleneck(case: Case, block: str, item: tuple[str, ...], shut: bool, spans: list[str]) -> Shortage:
    sheet, _, (column, *_) = BOUND_COLUMNS[block]
    row = case[sheet].position[item[0]]
    periods = [case.period_position[span] for span in spans if span in case.period_position]
    t = periods[0] if periods else None
    what = "closed or empty, and in the way" if shut else "full, and in the way"
    size = 0.0 if shut else float(case.number(sheet, column)[row, t or 0])
    when = span_text(case, periods) if periods else ", ".join(spans)
    unit, cells = own_unit(case, sheet, row, column), cells_of(case, block, item, t)
    return Shortage(when, what, _where(case, sheet, row), "", size, unit, cells)


def explain_unbounded(engine: Engine, case: Case) -> str:
    """What earns without end, and the cells of the limits that are missing.

    Solves for the best direction in which volumes can grow for ever: every finite bound holds it at zero, and the
    volumes of the direction add up to one.
    """
    program = engine.live.program
    point = LiveModel(_direction(program)).solve()
    moving = np.flatnonzero(point.columns > VISIBLE).tolist() if point.status == "optimal" else []
    lines = []
    for position in moving:
        if position >= engine.layout.column_count:
            lines.append("a variable added to the model, without a bound")
            continue
        block, item, span = locate(engine.layout.columns, position)
        cells = _price_and_limit(case, block, item, case.period_position.get(span))
        lines.append(f"{key_at(engine.layout.columns, position)}: {cells}")
    if not lines:
        return "the value can grow without limit: some price meets no limit of volume."
    more = [f"and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
    head = "the value can grow without limit when these grow together; one of them needs a limit."
    return "\n    ".join([head, *lines[:MOST_LINES], *more])


def _direction(program: Program) -> Program:
    """Best direction of unlimited growth: cost·d least with d zero where bounded and Σ|d| ≤ 1 (for d ≥ 0)."""
    free_low, free_high = np.isneginf(program.lower), np.isposinf(program.upper)
    columns = len(program.cost)
    return replace(
        program,
        lower=np.where(free_low, -1.0, 0.0),
        upper=np.where(free_high, 1.0, 0.0),
        row_lower=np.append(np.where(np.isfinite(program.row_lower), 0.0, -np.inf), -np.inf),
        row_upper=np.append(np.where(np.isfinite(program.row_upper), 0.0, np.inf), 1.0),
        starts=np.append(program.starts, program.starts[-1] + columns),
        indices=np.concatenate([program.indices, np.arange(columns)]),
        matrix=np.concatenate([program.matrix, np.ones(columns)]),
        whole=NONE,
    )


_PRICES: Final = {"supply": ("cost",), "flow": ("tariff",), "delivery": ("price", "slope"), "unserved": ()}


def _price_and_limit(case: Case, block: str, item: tuple[str, ...], t: int | None) -> str:
    """Cells of the price and of the missing limit of a variable."""
    if block not in BOUND_COLUMNS:
        return "no limit"
    sheet, _, upper = BOUND_COLUMNS[block]
    row = case[sheet].position[item[0]]
    given = [column for column in _PRICES.get(block, ()) if not np.isnan(case.number(sheet, column)[row, t or 0])]
    price = f"{given[0]} {case.source_cell(sheet, row, given[0], t)}, " if given else ""
    return f"{price}no limit in {upper[0]} {case.source_cell(sheet, row, upper[0], t)}"
