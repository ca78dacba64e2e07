"""Idle routes: what every unused leg lacks for its first unit."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.case import FloatArray
from model.results.declare import Extras, ResultColumn, result_table
from model.results.flows import COMMODITY, FAMILY, ORIGIN, PERIOD, PRICE_UNIT
from model.results.ladder import NOTHING, matches
from model.results.rents import claims
from model.results.shape import Names, Trade, grade_columns, names, picked, price_units
from model.results.tracing import SPECK
from model.selection import IntArray
from model.solution import Solution

Mask = NDArray[np.bool_]

CLOSED = "closed: capacity zero or outside its opening time; a negative gap is what opening it would earn"
NO_MARKET = "no open way leads on from its end to a market"
NO_SUPPLY = "no open way brings anything to its start"


@result_table(
    "Idle routes",
    "What is missing for the first unit on every leg that carries nothing?",
    key=("link", "commodity", "period"),
    columns=(
        ResultColumn("link", "The link"),
        ResultColumn("from", "Node where it starts"),
        ResultColumn("to", "Node where it ends"),
        ResultColumn("mode", "How it carries"),
        COMMODITY,
        FAMILY,
        ORIGIN,
        PERIOD,
        ResultColumn(
            "gap",
            "What the first unit would lose, undiscounted, on the best whole route over the leg: value at the start − "
            "value at the end − fee received + tariff + risk + rents",
            format="price",
        ),
        ResultColumn(
            "start_tariff",
            "Tariff above which it stays idle: tariff − gap; at a kink it must fall further; blank while closed",
            format="price",
        ),
        ResultColumn("tariff", "Tariff per unit entering", format="price"),
        ResultColumn(
            "value_at_start",
            "Value of a unit at the start: what it earns elsewhere, or costs to bring there",
            format="price",
        ),
        ResultColumn(
            "value_at_end",
            "Value at the end, on the best way on from there, of what arrives of a unit after loss and fee in kind",
            format="price",
        ),
        ResultColumn("lost", "Value at the end of what is lost or kept of a unit, already left out", format="price"),
        ResultColumn("fee_received", "Value of its fee in kind at the node that gets it", format="price"),
        ResultColumn("risk", "Cost of risk per unit entering", format="price"),
        ResultColumn("rents", "What full capacities, limits and contracts would claim of it", format="price"),
        ResultColumn("rents_of", "Each of them, by name"),
        PRICE_UNIT,
        ResultColumn("trade_gap", "The gap in the unit of the trade", format="price"),
        ResultColumn("trade_price_unit", "Unit of that gap"),
        ResultColumn("note", "Closed legs, and those that join no supply with a market"),
    ),
    detail=True,
)
def idle_routes(solution: Solution, _: Extras) -> dict[str, Any]:
    """One row per link, commodity that supply can bring to its start, and period in which nothing enters it."""
    case, net, p = solution.case, solution.network, solution.parameters
    flow, t = np.nonzero((solution["flow"] <= SPECK) & (p.flow_lower <= 0))
    commodity, link = net.flow_commodity[flow], net.flow_link[flow]
    down, up = _first_units(solution)
    arrival, tariff = p.flow_arrival[flow, t], p.flow_tariff[flow, t]
    start, end = up[net.flow_from[flow], t], down[net.flow_to[flow], t]
    paid = net.flow_fee[flow] >= 0
    fee = np.where(paid, p.flow_fee[flow, t] * solution.node_value[net.flow_fee[flow], t], 0.0)
    rents, rents_of = _rents(solution, flow, t)
    gap = start - arrival * end - fee + tariff + p.flow_risk[flow, t] + rents
    closed = p.flow_upper[flow, t] <= 0
    trade = Trade(case)
    return {
        "link": picked(case["Links"].keys, link),
        "from": picked(case.word("Links", "from"), link),
        "to": picked(case.word("Links", "to"), link),
        "mode": picked(case.word("Links", "mode"), link),
        **grade_columns(case, commodity),
        PERIOD.name: names(case.periods)[t],
        "gap": gap,
        "start_tariff": np.where(closed, np.nan, tariff - gap),
        "tariff": tariff,
        "value_at_start": start,
        "value_at_end": arrival * end,
        "lost": (1 - arrival) * end,
        "fee_received": fee,
        "risk": p.flow_risk[flow, t],
        "rents": rents,
        "rents_of": rents_of,
        "price_unit": price_units(case, commodity),
        "trade_gap": gap / trade.price[commodity],
        "trade_price_unit": trade.price_unit[commodity],
        "note": _notes(closed, np.isnan(start), np.isnan(end)),
    }


def _notes(closed: Mask, no_supply: Mask, no_market: Mask) -> Names:
    return names(
        "; ".join(text for text, holds in zip((CLOSED, NO_SUPPLY, NO_MARKET), row, strict=True) if holds)
        for row in zip(closed.tolist(), no_supply.tolist(), no_market.tolist(), strict=True)
    )


def _first_units(solution: Solution) -> tuple[FloatArray, FloatArray]:
    """What a first unit would earn at every balance, and what it would cost to bring there; (balances, periods).

    Where something passes, both are the node's value. Where nothing does, the dual may be anything between the two, so
    they are worked out along the open legs, from markets back and from supplies on. NaN = no way.
    """
    net, value, wet = solution.network, solution.node_value, _passing(solution)
    down, up = np.where(wet, value, -np.inf), np.where(wet, value, np.inf)
    for balance, name in ((net.sale_balance, "delivery"), (net.storage_balance, "inject")):
        offer = np.where(_is_open(solution, name), value[balance] + _gain(solution, name), -np.inf)
        np.maximum.at(down, balance, np.where(wet[balance], -np.inf, offer))
    for balance, name in ((net.supply_balance, "supply"), (net.storage_balance, "withdraw")):
        price = np.where(_is_open(solution, name), value[balance] - _gain(solution, name), np.inf)
        np.minimum.at(up, balance, np.where(wet[balance], np.inf, price))
    arrival, open_leg = solution.parameters.flow_arrival, _is_open(solution, "flow")
    # what a leg costs beside the values at its ends, by the reduced-cost identity
    cost = arrival * value[net.flow_to] - value[net.flow_from] - _gain(solution, "flow")
    for _ in range(len(net.balances)):
        before = down.copy(), up.copy()
        reached = open_leg & ~wet[net.flow_from] & np.isfinite(down[net.flow_to])
        onward = np.where(reached, arrival * np.where(reached, down[net.flow_to], 0.0) - cost, -np.inf)
        np.maximum.at(down, net.flow_from, onward)
        brought = open_leg & ~wet[net.flow_to] & np.isfinite(up[net.flow_from]) & (arrival > 0)
        spent = np.where(brought, up[net.flow_from], 0.0) + cost
        np.minimum.at(up, net.flow_to, np.where(brought, spent / np.where(brought, arrival, 1.0), np.inf))
        if np.array_equal(before[0], down) and np.array_equal(before[1], up):
            break
    return np.where(np.isfinite(down), down, np.nan), np.where(np.isfinite(up), up, np.nan)


def _is_open(solution: Solution, name: str) -> Mask:
    block = solution.layout.columns[name]
    upper = solution.numbers.upper[block.slice].reshape(solution[name].shape)
    return np.asarray(upper > 0, dtype=bool)


def _gain(solution: Solution, name: str) -> FloatArray:
    return solution.undiscounted(solution.bound_gain[name])


def _passing(solution: Solution) -> Mask:
    """Which balances something leaves or is taken from, (balances, periods)."""
    net = solution.network
    volume = np.zeros((len(net.balances), len(solution.case.periods)))
    np.add.at(volume, net.flow_from, solution["flow"])
    np.add.at(volume, net.sale_balance, solution["delivery"])
    np.add.at(volume, net.storage_balance, solution["inject"])
    return np.asarray(volume > SPECK, dtype=bool)


def _rents(solution: Solution, flow: IntArray, t: IntArray) -> tuple[FloatArray, Names]:
    """What rows claim of a unit of some flows, undiscounted; and by whom, as text."""
    found = claims(solution)
    columns = solution.layout.columns["flow"].offset + flow * len(solution.case.periods) + t
    which, claim = matches(found, columns)
    of_rows = claim < found.bounds_from
    which, claim = which[of_rows], claim[of_rows]
    amount = found.amount[claim] / solution.parameters.discount[t[which]]
    texts: defaultdict[int, list[str]] = defaultdict(list)
    for row, holder, one in zip(which.tolist(), found.holder[claim].tolist(), amount.tolist(), strict=True):
        if abs(one) > NOTHING:
            kind, name = found.holders[holder]
            texts[row].append(f"{kind} {name} {one:.2f}")
    total = np.bincount(which, weights=amount, minlength=len(flow)).astype(float)
    return total, names("; ".join(texts[i]) for i in range(len(flow)))
