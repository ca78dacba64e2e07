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


def price_column(name: str, meaning: str) -> ResultColumn:
    """A column of prices; its unit stands in the row."""
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
        price_column(
            "market_price", "Price of the market without the differential of the grade; else the value at the end"
        ),
        price_column("grade_differential", "What the grade fetches above or below that"),
        price_column("losses", "The share used or lost on the way, at what the market pays"),
        price_column("fees_in_kind", "The share that carriers keep, at what the market pays"),
        price_column("freight", "Tariffs of tankers and ferries; as all that follows, times the share that gets there"),
        price_column("port", "Tariffs of terminals"),
        price_column("transit_tariffs", "Tariffs of all other links"),
        price_column("risk", "Cost of risk, earned by nobody"),
        price_column("netback", "The sum of the columns from market_price on"),
        price_column("fees_received", "Fees in kind at the node that gets them: the plan counts them as its own"),
        price_column("rents", "What scarce capacities, contracts, limits and markets take; by name in Netback ladder"),
        price_column("value", "Value of one more unit where the route starts = netback + fees received + rents"),
        price_column("supply_cost", "Cost of producing it"),
        price_column("field_rent", "What the field's own capacity, reserves or minimum earns; value + cost + rent = 0"),
        PRICE_UNIT,
        price_column("trade_market_price", "Market price in the unit of the trade, by the grade delivered"),
        price_column("trade_netback", "Netback in the unit of the trade, by the grade that leaves the field"),
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
    columns = {**in_one_row(ladders), **route_columns(ladders), NOTE.name: notes_of(ladders)}
    return {column.name: columns[column.name] for column in netbacks.columns[1:]}


def in_one_row(ladders: Ladders) -> dict[str, Any]:
    """The steps of each ladder summed by kind, per unit that leaves the field; and the units."""
    solution, steps, count = ladders.solution, steps_of(ladders), len(ladders.routes)
    weighted = np.nan_to_num(steps.amount * steps.weight)

    def summed(step: str, amounts: FloatArray) -> FloatArray:
        chosen = steps.step == step
        return np.bincount(steps.route[chosen], amounts[chosen], count).astype(float)

    premium = summed("grade differential", np.nan_to_num(steps.amount))
    price = ladders.rung[:, -1] - premium
    losses, fees = _kept_on_the_way(ladders)
    grade = np.array(solution.network.balances, dtype=np.int64).reshape(-1, 2)[:, 1]
    trade, start, end = Trade(solution.case), grade[ladders.start], grade[ladders.end]
    return {
        **{name: summed(step, weighted) for name, step in _SUMMED.items()},
        "market_price": price,
        "grade_differential": premium,
        "losses": -losses * (price + premium),
        "fees_in_kind": -fees * (price + premium),
        "netback": ladders.rung[:, 0],
        "value": solution.node_value[ladders.start, ladders.period],
        "price_unit": price_units(solution.case, start),
        "trade_market_price": price / trade.price[end],
        "trade_netback": ladders.rung[:, 0] / trade.price[start],
        "trade_price_unit": trade.price_unit[start],
    }


def _kept_on_the_way(ladders: Ladders) -> tuple[FloatArray, FloatArray]:
    """Of one unit that starts: what is lost and what carriers keep; with what is sold they make one."""
    p, used, t = ladders.solution.parameters, ladders.legs >= 0, ladders.period[:, None]
    fee = np.where(used, p.flow_fee[ladders.legs, t], 0.0)
    gone = np.where(used, 1.0 - p.flow_arrival[ladders.legs, t], 0.0)
    there = ladders.share[:, :-1]
    return (there * (gone - fee)).sum(axis=1), (there * fee).sum(axis=1)
