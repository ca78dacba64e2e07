"""The registry between cells and the linear programme, in both directions.

From a cell: which costs, bounds, right-hand sides and coefficients follow from it, and by which factor. From a variable
or row: the cells from which its bounds come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from model.case import Case
from model.formulation.layout import Layout, Values, evaluate
from model.formulation.rules import Block
from model.parameters import build_parameters

Role = Literal["cost", "lower", "upper", "row_lower", "row_upper", "coefficient"]

# by block of variables or rows: the sheet whose row is the item's first name, and the columns that set its bounds
BOUND_COLUMNS: Final[dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]] = {
    "supply": ("Supply", ("minimum",), ("capacity",)),
    "flow": ("Links", ("minimum",), ("capacity", "opens", "closes")),
    "delivery": ("Demand", (), ("volume",)),
    "step": ("Demand", (), ("volume", "elasticity")),
    "unserved": ("Demand", (), ("firm",)),
    "short": ("Contracts", (), ("volume", "share")),
    "link_capacity": ("Links", (), ("capacity", "opens", "closes")),
    "link_minimum": ("Links", ("minimum",), ()),
    "asset_capacity": ("Assets", (), ("capacity", "availability", "reserved")),
    "asset_minimum": ("Assets", ("minimum",), ()),
    "fleet_time": ("Fleets", (), ("vessels", "operating_days", "reserved")),
    "demand_volume": ("Demand", (), ("volume",)),
    "demand_firm": ("Demand", ("firm",), ()),
    "contract_lifting": ("Contracts", ("volume", "share"), ()),
    "contract_ceiling": ("Contracts", (), ("ceiling",)),
    "limit_upper": ("Limits", (), ("at_most",)),
    "limit_lower": ("Limits", ("at_least",), ()),
    "reserves": ("Supply", (), ("reserves",)),
    "make_up": ("Contracts", (), ("make_up_years", "volume", "share")),
    "contract_make_up": ("Contracts", (), ("make_up_years",)),
    "supply_capacity": ("Supply", (), ("capacity",)),
    "inject": ("Storage", (), ("inject",)),
    "withdraw": ("Storage", (), ("withdraw",)),
    "stock": ("Storage", ("final",), ("capacity",)),
    "stock_balance": ("Storage", ("initial",), ("initial",)),
    "stock_capacity": ("Storage", (), ("capacity",)),
    "build": ("Projects", (), ("max_units", "earliest")),
    "project_units": ("Projects", (), ("max_units",)),
    "project_requires": ("Projects", (), ("requires",)),
    "project_use": ("Projects", ("minimum_use",), ()),
    "fund_budget": ("Funds", (), ("budget",)),
    "fund_period": ("Funds", (), ("period_budget",)),
}

# what balances and demand lines join, and choices, have no number of their own
WITHOUT_CELLS: Final = ("balance", "demand_line", "may_be_short", "short_year", "make_up_year")


@dataclass(frozen=True)
class Effect:
    """One number of the programme that follows from a cell: ``change`` per unit of the cell.

    ``name`` is the variable's or row's full key, such as ``flow[btc, kz_light, 2026]``; for a coefficient the row's,
    then the variable's.
    """

    role: Role
    name: str
    change: float


def cells_of(case: Case, block: str, item: Sequence[str], period: int | None, side: str = "upper") -> tuple[str, ...]:
    """Cells that set the lower or upper bound of a variable or row, as Excel names them; blank cells are left out."""
    if block in WITHOUT_CELLS:
        return ()
    sheet, lower, upper = BOUND_COLUMNS[block]
    row = case[sheet].position[item[0]]
    columns = lower if side == "lower" else upper
    return tuple(
        case.source_cell(sheet, row, column, period) for column in columns if _filled(case, sheet, row, column)
    )


def _filled(case: Case, sheet: str, row: int, column: str) -> bool:
    data = case[sheet]
    if column in data.words:
        return data.words[column][row] is not None
    declared_only = {"availability": 1.0, "reserved": 0.0, "share": 1.0}
    values = data.numbers[column][row]
    return not np.all(np.isnan(values)) and not np.all(values == declared_only.get(column, np.nan))


def effects(case: Case, layout: Layout, sheet: str, row: int, column: str) -> list[Effect]:
    """What of the programme follows from one number (in all periods), each with its rate of change.

    The rate is a difference quotient over a millionth of the number: exact where the programme is linear in it, and
    the local slope where it divides (a load factor, an exchange rate). A number that is not given has no effect.
    """
    numbers = case[sheet].numbers[column]
    finite = numbers[row][np.isfinite(numbers[row])]
    if not len(finite):
        return []
    # downwards, so that shares at their upper end stay valid
    step = -1e-6 * max(1.0, float(np.abs(finite).max()))
    changed = moved(case, sheet, row, column, step)
    before = evaluate(case, layout, build_parameters(case, layout.network))
    after = evaluate(changed, layout, build_parameters(changed, layout.network))
    found: list[Effect] = []
    for role, blocks in _VECTORS.items():
        old, new = getattr(before, role), getattr(after, role)
        for position in np.flatnonzero(old != new).tolist():
            found.append(Effect(role, key_at(blocks(layout), position), float(new[position] - old[position]) / step))
    found.extend(_coefficients(layout, before, after, step))
    return found


def moved(case: Case, sheet: str, row: int, column: str, step: float) -> Case:
    """The case with one number higher by ``step`` in all periods; nothing is checked, so that limits may be probed."""
    data = case[sheet]
    numbers = data.numbers[column].copy()
    numbers[row] += step
    return case.with_sheets({sheet: replace(data, numbers={**data.numbers, column: numbers})})


_VECTORS: Final[dict[Role, Callable[[Layout], dict[str, Block]]]] = {
    "cost": lambda layout: layout.columns,
    "lower": lambda layout: layout.columns,
    "upper": lambda layout: layout.columns,
    "row_lower": lambda layout: layout.rows,
    "row_upper": lambda layout: layout.rows,
}


def _coefficients(layout: Layout, before: Values, after: Values, step: float) -> list[Effect]:
    found = []
    for entry in np.flatnonzero(before.matrix != after.matrix).tolist():
        row = int(np.searchsorted(layout.starts, entry, side="right")) - 1
        name = f"{key_at(layout.rows, row)} · {key_at(layout.columns, int(layout.indices[entry]))}"
        found.append(Effect("coefficient", name, float(after.matrix[entry] - before.matrix[entry]) / step))
    return found


def locate(blocks: dict[str, Block], position: int) -> tuple[str, tuple[str, ...], str]:
    """Block, item and span (period or contract year) of a column or row."""
    for block in blocks.values():
        if block.offset <= position < block.offset + block.size:
            item, span = divmod(position - block.offset, len(block.spans))
            return block.name, block.items[item], block.spans[span]
    raise IndexError(position)


def key_at(blocks: dict[str, Block], position: int) -> str:
    """Readable name of a column or row, such as ``flow[btc, kz_light, 2026]``."""
    name, item, span = locate(blocks, position)
    return f"{name}[{', '.join(filter(None, (*item, span)))}]"
