"""Netbacks: what each route leaves of the market price at the wellhead, one row per route and period."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from model.case import FloatArray
from model.results.declare import Extras, ResultColumn, result_table
from model.results.flows import COMMODITY, PERIOD, PRICE_UNIT
from model.results.ladder import NOTE, Ladders, ladders_of, notes_of, route_columns, steps_of
from model.results.routes import DEMAND, FIELD, ROUTE, STARTS_AS
from model.results.shape import Trade, price_units
from model.solution import Solution

# column of the table -> step of the ladder
_SUMMED: Final = {
    "freight": "freight",
    "port": "port",
    "transit_tariffs": "transit tariff",
    "risk": "risk",
    "fees_received": "fee in kind received",
    "rents": "rent",
    "supply_cost": "supply cost",
    "field_rent": "field rent",
}


def _price(name: str, meaning: str) -> ResultColumn:
    return ResultColumn(name, meaning, format="price")


@result_table(
    "Netbacks",
    "What is left of the market price on each route at the wellhead, per unit that leaves it? (split by proportion)",
    key=("field", "starts_as", "commodity", "demand", "delivered_as", "route", "period"),
    columns=(
        FIELD,
        STARTS_AS,
        COMMODITY,
        DEMAND,
        ResultColumn("delivered_as", "Grade that is delivered"),
        ROUTE,
        PERIOD,
        ResultColumn("volume", "Volume of the route, where it starts", format="volume"),
        _price("market_price", "Price of the market without the grade's differential; value at the end where none is"),
        _price("grade_differential", "What the grade fetches above or below that"),
        _price("losses", "The share used or lost on the way, at what the market pays"),
        _price("fees_in_kind", "The share that carriers keep, at what the market pays"),
        _price("freight", "Tariffs of tankers and ferries; as all that follows, times the share that gets there"),
        _price("port", "Tariffs of terminals"),
        _price("transit_tariffs", "Tariffs of all other links"),
        _price("risk", "Cost of risk, earned by nobody"),
        _price("netback", "The sum of the columns from market_price on"),
        _price("fees_received", "Fees in kind at the node that gets them: the plan counts them as its own"),
        _price("rents", "What scarce capacities, contracts, limits and markets take; by name in Netback ladder"),
        _price("value", "Value of one more unit where the route starts = netback + fees received + rents"),
        _price("supply_cost", "Cost of producing it"),
        _price("field_rent", "What the field's own capacity, reserves or minimum earns; value + cost + rent = 0"),
        PRICE_UNIT,
        _price("trade_market_price", "Market price in the unit of the trade, by the grade delivered"),
        _price("trade_netback", "Netback in the unit of the trade, by the grade that leaves the field"),
        ResultColumn("trade_price_unit", "Unit of these two"),
        NOTE,
    ),
    detail=True,
)
def netbacks(solution: Solution, _: Extras) -> dict[str, Any]:
    """One row per listed route and period; every step of it stands in ``Netback ladder``."""
    ladders = ladders_of(solution)
    if ladders is None:
        return {column.name: [] for column in netbacks.columns[1:]}
    steps, count = steps_of(ladders), len(ladders.routes)
    weighted = np.nan_to_num(steps.amount * steps.weight)

    def summed(step: str, amounts: FloatArray) -> FloatArray:
        chosen = steps.step == step
        return np.bincount(steps.route[chosen], amounts[chosen], count).astype(float)

    found = {name: summed(step, weighted) for name, step in _SUMMED.items()}
    premium = summed("grade differential", np.nan_to_num(steps.amount))
    price = ladders.rung[:, -1] - premium
    losses, fees = _kept_on_the_way(ladders)
    own = {
        "market_price": price,
        "grade_differential": premium,
        "losses": -losses * (price + premium),
        "fees_in_kind": -fees * (price + premium),
        "netback": ladders.rung[:, 0],
        "value": solution.node_value[ladders.start, ladders.period],
    }
    grade = np.array(solution.network.balances, dtype=np.int64).reshape(-1, 2)[:, 1]
    trade, start, end = Trade(solution.case), grade[ladders.start], grade[ladders.end]
    texts = {
        **route_columns(ladders),
        "price_unit": price_units(solution.case, start),
        "trade_market_price": price / trade.price[end],
        "trade_netback": ladders.rung[:, 0] / trade.price[start],
        "trade_price_unit": trade.price_unit[start],
        NOTE.name: notes_of(ladders),
    }
    together = {**found, **own, **texts}
    return {column.name: together[column.name] for column in netbacks.columns[1:]}


def _kept_on_the_way(ladders: Ladders) -> tuple[FloatArray, FloatArray]:
    """Of one unit that starts: what is lost and what carriers keep; with what is sold they make one."""
    p, used, t = ladders.solution.parameters, ladders.legs >= 0, ladders.period[:, None]
    fee = np.where(used, p.flow_fee[ladders.legs, t], 0.0)
    gone = np.where(used, 1.0 - p.flow_arrival[ladders.legs, t], 0.0)
    there = ladders.share[:, :-1]
    return (there * (gone - fee)).sum(axis=1), (there * fee).sum(axis=1)
