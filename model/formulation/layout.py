"""Where every number stands in the linear programme: blocks of columns and rows, and the sparse pattern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from model.case import Case, FloatArray
from model.formulation.balance import BALANCE, RESERVES, SUPPLY_CAPACITY
from model.formulation.capacity import ASSET_CAPACITY, ASSET_MINIMUM, FLEET_TIME, LINK_CAPACITY, LINK_MINIMUM
from model.formulation.contracts import CONTRACT_CEILING, CONTRACT_LIFTING, CONTRACT_MAKE_UP
from model.formulation.demand import DEMAND_FIRM, DEMAND_LINE, DEMAND_VOLUME
from model.formulation.limits import LIMIT_LOWER, LIMIT_UPPER
from model.formulation.projects import FUND_BUDGET, FUND_PERIOD, PROJECT_REQUIRES, PROJECT_UNITS, PROJECT_USE
from model.formulation.rules import Block, Constraint, Index
from model.formulation.storage import STOCK_BALANCE, STOCK_CAPACITY
from model.formulation.variables import VARIABLES
from model.formulation.vintages import MAKE_UP_YEAR, SHORT_YEAR
from model.network import Network
from model.parameters import Parameters
from model.selection import IntArray

CONSTRAINTS: tuple[Constraint, ...] = (
    BALANCE,
    SUPPLY_CAPACITY,
    LINK_CAPACITY,
    LINK_MINIMUM,
    ASSET_CAPACITY,
    ASSET_MINIMUM,
    FLEET_TIME,
    DEMAND_VOLUME,
    DEMAND_FIRM,
    DEMAND_LINE,
    CONTRACT_LIFTING,
    CONTRACT_CEILING,
    CONTRACT_MAKE_UP,
    SHORT_YEAR,
    MAKE_UP_YEAR,
    LIMIT_UPPER,
    LIMIT_LOWER,
    RESERVES,
    STOCK_BALANCE,
    STOCK_CAPACITY,
    PROJECT_UNITS,
    PROJECT_REQUIRES,
    PROJECT_USE,
    FUND_BUDGET,
    FUND_PERIOD,
)


@dataclass(frozen=True)
class Layout:
    """Blocks and the sparse pattern, in compressed sparse rows; the same for every scenario of a workbook.

    ``slot`` gives, for each term in the order in which the constraints list them, its place among the nonzeros.
    """

    columns: dict[str, Block]
    rows: dict[str, Block]
    starts: IntArray
    indices: IntArray
    slot: IntArray
    network: Network
    whole: IntArray

    @property
    def column_count(self) -> int:
        """Number of variables."""
        return sum(block.size for block in self.columns.values())

    @property
    def row_count(self) -> int:
        """Number of rows."""
        return sum(block.size for block in self.rows.values())

    @property
    def entry_rows(self) -> IntArray:
        """The row of every entry of the matrix."""
        return np.repeat(np.arange(self.row_count), np.diff(self.starts))

    @cached_property
    def period(self) -> PeriodOf:
        """Which period each column and row is of."""
        spans = self.columns["supply"].spans  # which stands in every period
        return PeriodOf(_period(self.columns, spans), _period(self.rows, spans))


@dataclass(frozen=True)
class PeriodOf:
    """The period of each column and row by its position, −1 for what belongs to none (contract years, the horizon)."""

    columns: IntArray
    rows: IntArray

    def with_more(self, columns: int, rows: int) -> PeriodOf:
        """The same where a hook has added columns and rows, which are of no period."""
        none = [np.full(count, -1) for count in (columns, rows)]
        return PeriodOf(np.append(self.columns, none[0]), np.append(self.rows, none[1]))


@dataclass(frozen=True)
class Values:
    """The numbers of one scenario: minimise cost·x, lower ≤ x ≤ upper, row_lower ≤ A·x ≤ row_upper.

    ``matrix`` holds the nonzeros in the layout's order. The cost is minus what is maximised.
    """

    cost: FloatArray
    lower: FloatArray
    upper: FloatArray
    row_lower: FloatArray
    row_upper: FloatArray
    matrix: FloatArray


def build_layout(case: Case, network: Network, parameters: Parameters) -> Layout:
    """Lay out the blocks of a workbook and the pattern of its matrix."""
    columns = _blocks([(v.name, *v.items(case, network)) for v in VARIABLES])
    rows = _blocks([(c.name, *c.items(case, network)) for c in CONSTRAINTS])
    row_of, column_of, _ = _triplets(Index(case, network, columns, rows), parameters)
    width = sum(block.size for block in columns.values())
    height = sum(block.size for block in rows.values())
    places, slot = np.unique(row_of * width + column_of, return_inverse=True)
    starts = np.searchsorted(places, np.arange(height + 1) * width)
    whole = _whole(case, network, columns)
    return Layout(columns, rows, starts, places % max(width, 1), slot.astype(np.int64), network, whole)


def joins_periods(layout: Layout) -> bool:
    """Whether any row holds columns of several periods, or columns of none."""
    column = layout.period.columns[layout.indices]
    filled = np.diff(layout.starts) > 0
    starts = layout.starts[:-1][filled]
    if not len(starts):
        return False
    return bool(
        (column < 0).any() or (np.minimum.reduceat(column, starts) != np.maximum.reduceat(column, starts)).any()
    )


def _period(blocks: dict[str, Block], spans: tuple[str, ...]) -> IntArray:
    """Period of each position; blocks whose spans are no periods have none."""
    parts = [
        np.tile(np.arange(len(spans)) if block.spans == spans else np.full(len(block.spans), -1), len(block.items))
        for block in blocks.values()
    ]
    return np.concatenate([np.empty(0, np.int64), *parts])


def _whole(case: Case, net: Network, columns: dict[str, Block]) -> IntArray:
    """Positions of the variables that take whole numbers only."""
    found = [
        columns[variable.name].at(np.flatnonzero(np.array(variable.whole(case, net), dtype=bool))).ravel()
        for variable in VARIABLES
        if variable.whole is not None
    ]
    return np.concatenate([np.empty(0, np.int64), *found])


def _blocks(declared: Sequence[tuple[str, Any, Any]]) -> dict[str, Block]:
    blocks, offset = {}, 0
    for name, items, spans in declared:
        blocks[name] = Block(name, tuple(items), tuple(spans), offset)
        offset += blocks[name].size
    return blocks


def _triplets(index: Index, parameters: Parameters) -> tuple[IntArray, IntArray, FloatArray]:
    rows, columns, values = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0)]
    for constraint in CONSTRAINTS:
        for term in constraint.terms(index, parameters):
            shape = term.columns.shape
            rows.append(np.broadcast_to(term.rows, shape).ravel())
            columns.append(term.columns.ravel())
            values.append(np.broadcast_to(term.values, shape).ravel())
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(values)


def coefficients(constraint: Constraint, index: Index, parameters: Parameters) -> FloatArray:
    """Coefficients of one kind of row, in the order in which it lists its terms."""
    parts = [np.broadcast_to(term.values, term.columns.shape).ravel() for term in constraint.terms(index, parameters)]
    return np.concatenate([np.empty(0), *parts])


def matrix_of(layout: Layout, listed: FloatArray) -> FloatArray:
    """The nonzeros in the layout's order from coefficients in the order of the constraints' terms."""
    return np.bincount(layout.slot, weights=listed, minlength=len(layout.indices)).astype(np.float64)


def tie_lengths(layout: Layout, parameters: Parameters) -> FloatArray:
    """What ties are broken by, for each column: the length of a flow's link, and what goes to and fro for nothing."""
    distance = np.zeros(layout.column_count)
    block = layout.columns["flow"]
    distance[block.slice] = np.repeat(parameters.flow_km, len(block.spans))
    # what is short in one year and made up in the same for nothing, and stocks moved to and fro
    for name in ("short", "make_up", "inject", "withdraw"):
        distance[layout.columns[name].slice] = 1.0
    return distance


def evaluate(case: Case, layout: Layout, parameters: Parameters) -> Values:
    """The numbers of one scenario on a given layout; vectorised, so that a changed case is a cheap update."""
    net = layout.network
    lower, upper, worth = (np.empty(layout.column_count) for _ in range(3))
    for variable in VARIABLES:
        block = layout.columns[variable.name]
        shape = (len(block.items), len(block.spans))
        lower[block.slice] = np.broadcast_to(variable.lower(parameters, net), shape).ravel()
        upper[block.slice] = np.broadcast_to(variable.upper(parameters, net), shape).ravel()
        worth[block.slice] = np.broadcast_to(variable.worth(parameters, net, case), shape).ravel()
    row_lower, row_upper = (np.empty(layout.row_count) for _ in range(2))
    for constraint in CONSTRAINTS:
        block = layout.rows[constraint.name]
        low, high = constraint.bounds(parameters, net)
        shape = (len(block.items), len(block.spans))
        row_lower[block.slice] = np.broadcast_to(low, shape).ravel()
        row_upper[block.slice] = np.broadcast_to(high, shape).ravel()
    values = _triplets(Index(case, net, layout.columns, layout.rows), parameters)[2]
    return Values(0.0 - worth, lower, upper, row_lower, row_upper, matrix_of(layout, values))
