"""Rents: what every scarce thing earns, so that together they are the whole value (strong duality)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.case import FloatArray
from model.formulation.rules import Block
from model.results.declare import Extras, ResultColumn, result_table
from model.results.shape import names
from model.selection import IntArray
from model.solution import Solution

if TYPE_CHECKING:
    from model.formulation.layout import Layout, Values

Holder = tuple[str, str]

# what a row's dual is the rent or cost of; the balances and demand lines only join volumes
_ROW_KINDS: Final[dict[str, str]] = {
    "supply_capacity": "supply",
    "link_capacity": "link",
    "link_minimum": "minimum",
    "asset_capacity": "asset",
    "asset_minimum": "minimum",
    "fleet_time": "fleet",
    "demand_volume": "market",
    "demand_firm": "firm demand",
    "contract_lifting": "contract",
    "contract_ceiling": "contract",
    "contract_make_up": "contract",
    "short_year": "contract",
    "make_up_year": "contract",
    "limit_upper": "limit",
    "limit_lower": "limit",
    "reserves": "reserves",
    "stock_balance": "store",
    "stock_capacity": "store",
    "project_units": "project",
    "project_requires": "project",
    "project_use": "project",
    "fund_budget": "fund",
    "fund_period": "fund",
}
JOINING: Final = ("balance", "demand_line")
_BOUND_KINDS: Final[dict[str, tuple[str, str]]] = {  # at the upper bound, at the lower bound
    "supply": ("supply", "minimum"),
    "flow": ("link", "minimum"),
    "delivery": ("market", "minimum"),
    "step": ("market", "minimum"),
    "unserved": ("firm demand", "firm demand"),
    "short": ("contract", "contract"),
    "make_up": ("contract", "contract"),
    "may_be_short": ("contract", "contract"),
    "inject": ("store", "store"),
    "withdraw": ("store", "store"),
    "stock": ("store", "store"),
    "build": ("project", "project"),
}
KINDS_MEANING: Final = (
    "supply, reserves, link, asset, fleet, market (a demand's volume), firm demand, minimum, contract, "
    "limit, store, project or fund"
)


@dataclass(frozen=True)
class Claims:
    """What scarce things claim of each unit of a variable: discounted million USD per unit; negative = they pay.

    One entry per variable (``column``) and binding row or bound; ``holder`` indexes ``holders`` (kind, name):
    worth[j] = Σ_balances A·gain + Σ claims of j, which is the reduced-cost identity. From ``bounds_from`` on, the
    entries are the variables' own bounds.
    """

    holders: tuple[Holder, ...]
    column: IntArray
    holder: IntArray
    amount: FloatArray
    bounds_from: int


def flat(values: dict[str, FloatArray], blocks: dict[str, Block]) -> FloatArray:
    """Named arrays as one vector in the order of the programme."""
    return np.concatenate([values[name].ravel() for name in blocks]) if blocks else np.empty(0)


def claims(solution: Solution) -> Claims:
    """Every claim on every variable, by the duals of rows and bounds."""
    layout = solution.layout
    labels: dict[Holder, int] = {}
    row_holder = _row_holders(layout.rows, labels)
    gain = flat(solution.row_gain, layout.rows)
    row = layout.entry_rows
    amount = solution.numbers.matrix * gain[row]
    kept = np.flatnonzero((row_holder[row] >= 0) & (amount != 0))
    bound = flat(solution.bound_gain, layout.columns)
    held = np.flatnonzero(bound)
    bound_holder = _bound_holders(layout.columns, labels, bound)[held]
    return Claims(
        holders=tuple(labels),
        column=np.concatenate([layout.indices[kept], held]),
        holder=np.concatenate([row_holder[row[kept]], bound_holder]),
        amount=np.concatenate([amount[kept], bound[held]]),
        bounds_from=len(kept),
    )


def _row_holders(blocks: dict[str, Block], labels: dict[Holder, int]) -> IntArray:
    """Holder of each row; -1 for those that only join volumes."""
    found = []
    for block in blocks.values():
        holders = [
            -1 if block.name in JOINING else labels.setdefault((_ROW_KINDS[block.name], item[0]), len(labels))
            for item in block.items
        ]
        found.append(np.repeat(np.array(holders, dtype=np.int64), len(block.spans)))
    return np.concatenate(found) if found else np.empty(0, np.int64)


def _bound_holders(blocks: dict[str, Block], labels: dict[Holder, int], gain: FloatArray) -> IntArray:
    """Holder of each variable's bound, by the sign of its gain: the upper one earns, the lower one costs."""
    upper, lower = _bound_sides(blocks, labels)
    return np.where(gain > 0, upper, lower)


def _bound_sides(blocks: dict[str, Block], labels: dict[Holder, int]) -> tuple[IntArray, IntArray]:
    """Holders of each variable's upper and lower bound."""
    sides: tuple[list[IntArray], list[IntArray]] = ([np.empty(0, np.int64)], [np.empty(0, np.int64)])
    for block in blocks.values():
        for side, kind in zip(sides, _BOUND_KINDS[block.name], strict=True):
            holders = [labels.setdefault((kind, item[0]), len(labels)) for item in block.items]
            side.append(np.repeat(np.array(holders, dtype=np.int64), len(block.spans)))
    return np.concatenate(sides[0]), np.concatenate(sides[1])


@dataclass(frozen=True)
class RentHolders:
    """Who may earn a rent: for each row (-1: nobody) and each variable's bounds the position among ``names``."""

    names: tuple[Holder, ...]
    row: IntArray
    upper: IntArray
    lower: IntArray


def rent_holders(layout: Layout) -> RentHolders:
    """All that may earn a rent on a programme, whatever its numbers."""
    labels: dict[Holder, int] = {}
    row = _row_holders(layout.rows, labels)
    upper, lower = _bound_sides(layout.columns, labels)
    return RentHolders(tuple(labels), row, upper, lower)


def rent_totals(
    holders: RentHolders,
    layout: Layout,
    numbers: Values,
    plan: FloatArray,
    row_gain: FloatArray,
    bound_gain: FloatArray,
) -> FloatArray:
    """Σ dual × bound by holder, discounted million USD, shape (holders,).

    ``plan`` holds the values of all columns, ``row_gain`` and ``bound_gain`` what the goal gains per unit of each row
    and bound, all in the order of the programme.
    """
    holder = np.concatenate([holders.row, np.where(bound_gain > 0, holders.upper, holders.lower)])
    lower, upper = numbers.lower.copy(), numbers.upper.copy()
    # prices of a plan of whole units come from the programme with the plan fixed
    lower[layout.whole] = upper[layout.whole] = plan[layout.whole]
    amount = np.concatenate([_times(row_gain, numbers.row_lower, numbers.row_upper), _times(bound_gain, lower, upper)])
    earns = (holder >= 0) & (amount != 0)
    total = np.bincount(holder[earns], weights=amount[earns], minlength=len(holders.names))
    return total.astype(np.float64)


@result_table(
    "Value balance",
    "Who earns the value? What comes in less what it costs is the sum of what every scarce thing earns.",
    key=("side", "kind", "name"),
    columns=(
        ResultColumn("side", "value: what is paid and earned; rents: what every scarce thing earns of it"),
        ResultColumn("kind", f"Part of the value; or what earns: {KINDS_MEANING}"),
        ResultColumn("name", "Its name; total = the sum of the side, which is the objective, or minus the cost"),
        ResultColumn(
            "present_value",
            "Discounted to the base year; rents: dual × bound, negative for what costs, such as a minimum",
            "million USD",
            "money",
        ),
        ResultColumn("note", "What is particular about the row"),
    ),
)
def value_balance(solution: Solution, _: Extras) -> dict[str, Any]:
    """Both sides, each with its total; names with neither rent nor cost are left out."""
    worth = _worth(solution)
    rents = _rents(solution)
    whole = "rents with the plan of whole units fixed" if len(solution.layout.whole) else ""
    rows = [
        *(("value", kind, kind, amount, "") for kind, amount in worth.items()),
        ("value", "total", "total", sum(worth.values()), ""),
        *(("rents", kind, name, amount, whole) for (kind, name), amount in rents.items()),
        ("rents", "total", "total", sum(rents.values()), whole),
    ]
    side, kind, name, amount, note = zip(*rows, strict=True)
    return {
        "side": names(side),
        "kind": names(kind),
        "name": names(name),
        "present_value": np.array(amount, dtype=float),
        "note": names(note),
    }


_WORTH: Final[dict[str, str]] = {
    "supply": "supply cost",
    "delivery": "sales",
    "step": "worth to elastic buyers",
    "unserved": "unserved demand",
    "short": "shortfall payments",
    "make_up": "refunds of what was made up",
    "stock": "storage cost",
    "build": "capex less unexpired value",
}


def _worth(solution: Solution) -> dict[str, float]:
    """Discounted value of every kind of variable; costs negative."""
    found: dict[str, float] = {}
    for name, block in solution.layout.columns.items():
        amount = -float(solution.numbers.cost[block.slice] @ solution[name].ravel())
        if name == "flow":
            p = solution.parameters
            found["tariffs"] = -float((solution["flow"] * p.flow_tariff * p.discount).sum())
            found["risk"] = -float((solution["flow"] * p.flow_risk * p.discount).sum())
        elif name in _WORTH and block.size:
            found[_WORTH[name]] = amount
    return found


def _rents(solution: Solution) -> dict[Holder, float]:
    """Dual × bound of every row and variable, summed by holder; zeros left out."""
    layout = solution.layout
    holders = rent_holders(layout)
    plan = flat(solution.values, layout.columns)
    gains = flat(solution.row_gain, layout.rows), flat(solution.bound_gain, layout.columns)
    total = rent_totals(holders, layout, solution.numbers, plan, *gains)
    return {name: float(amount) for name, amount in zip(holders.names, total, strict=True) if abs(amount) > 1e-9}


def _times(gain: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """Gain × the bound that it belongs to: the upper one where positive, the lower one where negative."""
    bound = np.where(gain > 0, upper, lower)
    # a speck of a dual on an unlimited side is rounding: an optimum has none there
    return np.where((gain != 0) & np.isfinite(bound), gain * np.where(np.isfinite(bound), bound, 0.0), 0.0)
