"""Contracts and limits: what is due or allowed, what was done, and what loosening either would earn."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from model.case import Case, FloatArray
from model.parameters.convert import Converter, open_mask
from model.results.declare import Extras, ResultColumn, result_table
from model.results.shape import (
    RATES,
    finite,
    names,
    ordered,
    ratio,
    row_gain,
    shown_per,
    spread,
    stacked,
    step_arrays,
    unit_of,
    value_steps,
    value_units,
)
from model.selection import IntArray, contract_commodities
from model.solution import Solution

UNITS_BUILT: Final = "units built"


def contract_year_ends(solution: Solution) -> IntArray:
    """Position of the last period of each contract year: what is short is paid there."""
    year_of = solution.parameters.contract_year_of
    return np.array([int(np.flatnonzero(year_of == v)[-1]) for v in range(len(solution.network.contract_years))])


def _by_year(solution: Solution, values: FloatArray) -> FloatArray:
    """Sums over the periods of each contract year, (items, contract years)."""
    total = np.zeros((len(solution.network.contract_years), values.shape[0]))
    np.add.at(total, solution.parameters.contract_year_of, values.T)
    return total.T


def lifted(solution: Solution) -> FloatArray:
    """What counts towards each contract, in its unit, (contracts, contract years)."""
    net, p = solution.network, solution.parameters
    volumes = [
        (solution[terms.block][terms.items] * p.contract_coefficients[c] * p.contract_open[c]).sum(axis=0)
        for c, terms in enumerate(net.contract_terms)
    ]
    return _by_year(solution, np.array(volumes).reshape(len(volumes), len(p.years)))


def shortfall_paid(solution: Solution) -> FloatArray:
    """What is paid for what is short, million USD, undiscounted, (contracts, contract years)."""
    p = solution.parameters
    return solution["short"] * p.contract_price / p.discount[contract_year_ends(solution)]


def refunds(solution: Solution) -> FloatArray:
    """What comes back for what is made up, million USD, undiscounted, (contracts, contract years)."""
    p, found = solution.parameters, np.zeros_like(solution["short"])
    back = p.make_up_refund * solution["make_up"][:, 0]
    for (contract, _, year), amount in zip(solution.network.make_ups, back.tolist(), strict=True):
        found[contract, year] += amount
    return found / p.discount[contract_year_ends(solution)]


def _made_up(solution: Solution) -> tuple[FloatArray, FloatArray]:
    """What each contract year lifts for earlier ones, and what later ones lift for it, (contracts, contract years)."""
    within, of = np.zeros_like(solution["short"]), np.zeros_like(solution["short"])
    for (contract, short, later), volume in zip(
        solution.network.make_ups, solution["make_up"][:, 0].tolist(), strict=True
    ):
        within[contract, later] += volume
        of[contract, short] += volume
    return within, of


@result_table(
    "Contract balance",
    "What does every contract ask in a year, what is lifted, and what does the rest cost?",
    key=("contract", "year"),
    columns=(
        ResultColumn("contract", "The contract"),
        ResultColumn("type", "Ship-or-pay, deliver-or-pay or take-or-pay"),
        ResultColumn("applies_to", "Link, asset or demand whose volume counts"),
        ResultColumn("year", "Contract year", format="year"),
        ResultColumn(
            "due", "Volume that binds: share × volume, for the part of the year that it is open", format="volume"
        ),
        ResultColumn("lifted", "Volume that counts", format="volume"),
        ResultColumn("short", "Volume that is paid for without being lifted", format="volume"),
        ResultColumn(
            "made_up", "Volume lifted beyond the due one to make up shortfalls of years before", format="volume"
        ),
        ResultColumn("recovered", "Part of this year's shortfall that later years make up", format="volume"),
        ResultColumn("ceiling", "Most that may be lifted; blank = no ceiling", format="volume"),
        ResultColumn("unit", "Unit of the row's volumes: over the year, or a mean rate"),
        ResultColumn("paid", "Paid for the shortfall, undiscounted", "million USD", "money"),
        ResultColumn("refunded", "Comes back for what is made up in the year, undiscounted", "million USD", "money"),
        ResultColumn("cost_of_due", "Cost of one more unit due, undiscounted", format="price"),
        ResultColumn(
            "cost_up", "What one more unit due costs: more than that at a kink; first scenario of a run", format="price"
        ),
        ResultColumn("cost_down", "What one unit less due saves: less than that at a kink", format="price"),
        ResultColumn(
            "break_even_price",
            "Shortfall price at which paying costs as much as lifting the last unit: below it paying beats lifting. "
            "Where something is short, today's price less what the right to make it up is worth; blank: nothing is due",
            format="price",
        ),
        ResultColumn(
            "value_of_make_up",
            "What one more unit of this year's shortfall that may be made up later is worth, undiscounted",
            format="price",
        ),
        ResultColumn(
            "value_of_ceiling",
            "Value of one more unit under the ceiling, undiscounted; blank without one",
            format="price",
        ),
        *value_steps("unit under the ceiling"),
        ResultColumn("value_unit", "Unit of these costs and values"),
    ),
    needs=("steps",),
)
def contract_balance(solution: Solution, extras: Extras) -> dict[str, Any]:
    """One row per contract and contract year."""
    case, net, p = solution.case, solution.network, solution.parameters
    unit = _contract_units(case)
    value_unit, factor = value_units(unit)
    per = shown_per(unit, _by_year(solution, p.years[None, :])[0])
    discount = p.discount[contract_year_ends(solution)]
    # what is due also bounds what may be short, so both gains move with it
    lifting = -solution.row_gain["contract_lifting"]
    due = np.maximum(solution.bound_gain["short"], 0.0) - lifting
    ceiling = row_gain(solution, "contract_ceiling", net.ceilings, len(unit))
    due_up, due_down = step_arrays(extras, "contract_lifting", due.shape)
    steps = step_arrays(extras, "contract_ceiling", due[net.ceilings].shape)
    up, down = (_with_ceiling(solution, one) for one in steps)
    within, of = (volume / per for volume in _made_up(solution))
    items = {
        "contract": names(case["Contracts"].keys),
        "type": names(case.word("Contracts", "type")),
        "applies_to": names(case.word("Contracts", "applies_to")),
        "unit": names(unit),
        "value_unit": value_unit,
    }
    numbers = {
        "due": p.contract_due / per,
        "lifted": lifted(solution) / per,
        "short": solution["short"] / per,
        "made_up": within,
        "recovered": of,
        "ceiling": finite(p.contract_ceiling / per),
        "paid": shortfall_paid(solution),
        "refunded": refunds(solution),
        "cost_of_due": -due / discount * factor,
        "break_even_price": np.where(p.contract_due > 0, lifting / discount * factor, np.nan),
        "value_of_make_up": _right_to_make_up(solution) / discount * factor,
        "cost_up": -due_up / discount * factor,
        "cost_down": -due_down / discount * factor,
        "value_of_ceiling": np.where(np.isfinite(p.contract_ceiling), ceiling / discount * factor, np.nan),
        "value_up": up / discount * factor,
        "value_down": down / discount * factor,
    }
    table = spread(items, {"year": list(net.contract_years)}, numbers)
    return ordered(table, [column.name for column in contract_balance.columns[1:]])


def _contract_units(case: Case) -> list[str]:
    own = case.word("Commodities", "unit")
    return [
        unit_of(written, [own[k] for k in commodities])
        for written, commodities in zip(case.word("Contracts", "volume_unit"), contract_commodities(case), strict=True)
    ]


def _right_to_make_up(solution: Solution) -> FloatArray:
    """Discounted value of one more unit of shortfall that may be made up, (contracts, contract years)."""
    found = np.zeros_like(solution["short"])
    block = solution.layout.rows["contract_make_up"]
    contract, year = solution.case["Contracts"].position, [str(year) for year in solution.network.contract_years]
    for (name, short), gain in zip(block.items, solution.row_gain["contract_make_up"][:, 0].tolist(), strict=True):
        found[contract[name], year.index(short)] = gain
    return found


def _with_ceiling(solution: Solution, values: FloatArray) -> FloatArray:
    """Values of the contracts that have a ceiling, blank for the others."""
    every = np.full(solution.parameters.contract_due.shape, np.nan)
    every[solution.network.ceilings] = values
    return every


@result_table(
    "Limit use",
    "How close is every limit, and what would loosening it by one unit earn?",
    key=("limit", "span", "side"),
    columns=(
        ResultColumn("limit", "The limit"),
        ResultColumn("measure", "What it counts: supply, flow, delivery or built"),
        ResultColumn("span", "Period, calendar year or horizon for which it holds"),
        ResultColumn("side", "at most, or at least"),
        ResultColumn(
            "measured",
            "What was counted: a volume, or its share of the whole (blank where that is zero)",
            format="number",
        ),
        ResultColumn("bound", "The limit", format="number"),
        ResultColumn("slack", "Room left before it binds", format="number"),
        ResultColumn("unit", "Unit of these: over the span, a mean rate, or a share"),
        ResultColumn("volume", "The volume counted", format="volume"),
        ResultColumn("volume_unit", "Its unit"),
        ResultColumn("value", "Dual: what loosening it by one unit of volume is worth", format="price"),
        ResultColumn("value_loosened", "What one unit looser is worth; first scenario of a run", format="price"),
        ResultColumn("value_tightened", "What one unit tighter costs; blank where no plan is left", format="price"),
        ResultColumn("value_unit", "Unit of that value"),
        ResultColumn("basis", "Whether that value is undiscounted, or a present value (limits over the horizon)"),
    ),
    needs=("steps",),
)
def limit_use(solution: Solution, extras: Extras) -> dict[str, Any]:
    """One row per limit, span in which it holds, and side that it has."""
    net = solution.network
    tables = [
        _side(solution, extras, limit, first, side)
        for side, rows in (("upper", net.limit_upper), ("lower", net.limit_lower))
        for limit, first in zip(rows.tolist(), _first_rows(solution, rows), strict=True)
    ]
    columns = [column.name for column in limit_use.columns[1:]]
    return ordered(stacked(tables), columns) if tables else {name: [] for name in columns}


def _first_rows(solution: Solution, limits: IntArray) -> list[int]:
    counts = [len(solution.parameters.limit_spans[limit]) for limit in limits.tolist()]
    return [int(n) for n in np.cumsum([0, *counts[:-1]])] if counts else []


def _side(solution: Solution, extras: Extras, limit: int, first: int, side: str) -> dict[str, Any]:
    case, p = solution.case, solution.parameters
    spans = p.limit_spans[limit]
    bounds = (p.limit_upper if side == "upper" else p.limit_lower)[limit]
    rows_of = slice(first, first + len(spans))
    block = f"limit_{side}"
    gains = solution.row_gain[block][rows_of, 0]
    up, down = (one[rows_of, 0] for one in step_arrays(extras, block, solution.row_gain[block].shape))
    looser, tighter = (up, down) if side == "upper" else (-down, -up)
    holds = np.flatnonzero(np.isfinite(bounds))
    unit, rows = _counted(solution, limit, spans, side)
    horizon = case.word("Limits", "per")[limit] == "horizon"
    discount = np.array([1.0 if horizon else float(p.discount[t].mean()) for _, t in spans])
    value_unit, factor = value_units([unit])
    per = np.array([1.0 if horizon or unit not in RATES else float(p.years[t].sum()) for _, t in spans])
    sign = 1.0 if side == "upper" else -1.0
    share = case.word("Limits", "of")[limit] is not None
    measured, bound = (rows["share"], rows["bound"]) if share else (rows["what"] / per, bounds / per)
    if horizon and unit in RATES:
        unit = f"{unit} × years"
    table = {
        "span": names(label for label, _ in spans),
        "measured": measured,
        "bound": bound,
        "slack": sign * (bound - measured),
        "volume": rows["what"] / per,
        "value": sign * gains / discount * factor[0],
        "value_loosened": looser / discount * factor[0],
        "value_tightened": tighter / discount * factor[0],
    }
    constant = {
        "limit": case["Limits"].keys[limit],
        "measure": case.word("Limits", "measure")[limit],
        "side": "at most" if side == "upper" else "at least",
        "unit": "share" if share else unit,
        "volume_unit": unit,
        "value_unit": value_unit[0],
        "basis": "present value" if horizon else "undiscounted",
    }
    filled = {name: np.full(len(holds), text, dtype=object) for name, text in constant.items()}
    return {**filled, **{name: values[holds] for name, values in table.items()}}


def _counted(
    solution: Solution, limit: int, spans: tuple[tuple[str, IntArray], ...], side: str
) -> tuple[str, dict[str, FloatArray]]:
    """Unit of a limit's volumes; by span what it counts, its share of the whole, and the share that bounds it."""
    case, terms = solution.case, solution.network.limit_terms[limit]
    unit, factors = _unit_counted(solution, limit)
    value = case.number("Limits", "at_most" if side == "upper" else "at_least")[limit]
    counts = (open_mask(case, "Limits")[limit] > 0) & ~np.isnan(value)
    volume = np.where(counts, factors * solution[terms.block][terms.items], 0.0)
    what, whole, most = (
        np.array([float(part[periods].sum()) for _, periods in spans])
        for part in (terms.in_what @ volume, terms.in_of @ volume, np.nan_to_num(value) * (terms.in_of @ volume))
    )
    found = {"what": what, "share": ratio(what, whole), "bound": ratio(most, whole)}
    return unit, found


def _unit_counted(solution: Solution, limit: int) -> tuple[str, FloatArray]:
    """Unit in which a limit counts, and that unit in one of each item, (items, 1)."""
    case, net = solution.case, solution.network
    terms, written = net.limit_terms[limit], case.word("Limits", "volume_unit")[limit]
    if terms.block == "build":
        return UNITS_BUILT, np.ones((len(terms.items), 1))
    owner = {"supply": net.supply_commodity, "flow": net.flow_commodity, "delivery": net.sale_commodity}
    commodity, own = owner[terms.block][terms.items], case.word("Commodities", "unit")
    factors = Converter(case).volumes([written] * len(commodity), commodity)[:, None]
    return unit_of(written, [own[k] for k in commodity.tolist()]), factors
