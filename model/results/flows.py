"""What is produced and what moves over every link."""

from __future__ import annotations

from typing import Any

import numpy as np

from model.results.added import added
from model.results.declare import Extras, ResultColumn, result_table
from model.results.shape import (
    Names,
    Trade,
    countries_of_nodes,
    finite,
    grade_columns,
    names,
    ordered,
    own_units,
    periods,
    picked,
    price_units,
    ratio,
    row_gain,
    spread,
)
from model.selection import IntArray
from model.solution import Solution

COMMODITY = ResultColumn("commodity", "What is carried or sold, as the grade that it is there")
FAMILY = ResultColumn("family", "Oil, gas or cargo")
ORIGIN = ResultColumn("origin", "Country from which the commodity comes")
PERIOD = ResultColumn("period", "Label of the period")
UNIT = ResultColumn("unit", "Unit of the row's volumes, counted over the period")
TRADE_UNIT = ResultColumn("trade_unit", "Unit of the trade; blank where the commodity has no conversion")
PRICE_UNIT = ResultColumn("price_unit", "Unit of the row's prices and unit costs")
SURE = ResultColumn(
    "sure",
    "unique, or not unique: it could be another at the same value; blank where not asked (asked of the first scenario)",
)
UNIQUE, NOT_UNIQUE = "unique", "not unique"


def sureness_texts(extras: Extras, shape: tuple[int, ...]) -> Names:
    """Whether each flow is unique, as text; blank where that was not asked."""
    if extras.unsure is None:
        return np.full(shape, "", dtype=object)
    return np.where(extras.unsure, NOT_UNIQUE, UNIQUE).astype(object)


@result_table(
    "Flows",
    "What enters every link, what arrives at its end, and what does that cost?",
    key=("link", "commodity", "period"),
    columns=(
        ResultColumn("link", "The link"),
        ResultColumn("from", "Node where the link starts"),
        ResultColumn("to", "Node where the link ends"),
        ResultColumn("from_country", "Country of the starting node"),
        ResultColumn("to_country", "Country of the end node"),
        ResultColumn("mode", "How it carries"),
        COMMODITY,
        FAMILY,
        ORIGIN,
        ResultColumn("arrives_as", "Grade that it is at the end of the link"),
        PERIOD,
        ResultColumn("flow", "Volume entering the link in the period", format="volume"),
        ResultColumn("arrival", "Volume leaving it, after losses and fees in kind", format="volume"),
        UNIT,
        ResultColumn("trade_flow", "Volume entering, as a mean rate in the unit of the trade", format="volume"),
        TRADE_UNIT,
        ResultColumn("tariff", "Tariff per unit entering, undiscounted", format="price"),
        ResultColumn("risk", "Cost of risk per unit entering, undiscounted", format="price"),
        PRICE_UNIT,
        ResultColumn("tariff_paid", "Tariff paid in the period, undiscounted", "million USD", "money"),
        ResultColumn("risk_cost", "Cost of risk in the period, undiscounted", "million USD", "money"),
        SURE,
    ),
    needs=("unsure",),
)
def flows(solution: Solution, extras: Extras) -> dict[str, Any]:
    """One row per link, commodity that supply can bring to it, and period; idle ones included."""
    case, net, p = solution.case, solution.network, solution.parameters
    trade, commodity, link = Trade(case), net.flow_commodity, net.flow_link
    volume = solution["flow"]
    numbers: dict[str, Any] = {
        "flow": volume,
        "arrival": volume * p.flow_arrival,
        "trade_flow": trade.rate(volume, commodity),
        "tariff": p.flow_tariff,
        "risk": p.flow_risk,
        "tariff_paid": volume * p.flow_tariff,
        "risk_cost": volume * p.flow_risk,
    }
    items = {
        **_link_columns(solution, link),
        **grade_columns(case, commodity),
        "arrives_as": picked(case["Commodities"].keys, net.flow_grade),
        "unit": own_units(case, commodity),
        "trade_unit": trade.volume_unit[commodity],
        "price_unit": price_units(case, commodity),
    }
    numbers[SURE.name] = sureness_texts(extras, volume.shape)
    return ordered(spread(items, periods(case), numbers), [column.name for column in flows.columns[1:]])


def _link_columns(solution: Solution, link: IntArray) -> dict[str, Any]:
    case, country = solution.case, countries_of_nodes(solution.case)
    starts, ends = case.word("Links", "from"), case.word("Links", "to")
    return {
        "link": picked(case["Links"].keys, link),
        "from": picked(starts, link),
        "to": picked(ends, link),
        "from_country": picked([country[node] for node in starts], link),
        "to_country": picked([country[node] for node in ends], link),
        "mode": picked(case.word("Links", "mode"), link),
    }


@result_table(
    "Production",
    "What does every supply produce, and what would one more unit of it earn?",
    key=("supply", "period"),
    columns=(
        ResultColumn("supply", "The supply"),
        ResultColumn("node", "Where it enters the network"),
        ResultColumn("country", "Country of that node"),
        COMMODITY,
        FAMILY,
        ORIGIN,
        PERIOD,
        ResultColumn("produced", "Volume produced in the period", format="volume"),
        ResultColumn("capacity", "Most that can be produced in the period; blank = unlimited", format="volume"),
        ResultColumn(
            "share_used", "Share of the capacity produced; blank where it is zero or unlimited", format="share"
        ),
        UNIT,
        ResultColumn("trade_produced", "Volume produced, as a mean rate in the unit of the trade", format="volume"),
        TRADE_UNIT,
        ResultColumn("cost", "Cost of one unit, undiscounted", format="price"),
        ResultColumn(
            "rent", "Value of one more unit of capacity, undiscounted: what a unit earns above its cost", format="price"
        ),
        ResultColumn(
            "cost_of_minimum", "Cost of one more unit of the minimum, undiscounted; blank without one", format="price"
        ),
        ResultColumn(
            "reserve_value", "Present value of one more unit in the ground; blank without reserves", format="price"
        ),
        PRICE_UNIT,
        ResultColumn("cost_paid", "Cost of the period's production, undiscounted", "million USD", "money"),
    ),
)
def production(solution: Solution, _: Extras) -> dict[str, Any]:
    """One row per supply and period."""
    case, net, p = solution.case, solution.network, solution.parameters
    trade, commodity, produced = Trade(case), net.supply_commodity, solution["supply"]
    gain = solution.undiscounted(solution.bound_gain["supply"])
    count = len(case["Supply"])
    capacity = p.supply_capacity + added(solution, "Supply", count)
    # a supply that may grow is bounded by a row
    grown = solution.undiscounted(row_gain(solution, "supply_capacity", net.built_supplies, count))
    reserve = np.full((count, 1), np.nan)
    reserve[net.reserves] = solution.row_gain["reserves"]
    reserve[np.isnan(p.reserves)] = np.nan
    country = countries_of_nodes(case)
    nodes = case.word("Supply", "node")
    items = {
        "supply": names(case["Supply"].keys),
        "node": names(nodes),
        "country": names(country[node] for node in nodes),
        **grade_columns(case, commodity),
        "unit": own_units(case, commodity),
        "trade_unit": trade.volume_unit[commodity],
        "price_unit": price_units(case, commodity),
    }
    numbers = {
        "produced": produced,
        "capacity": finite(capacity),
        "share_used": ratio(produced, capacity),
        "trade_produced": trade.rate(produced, commodity),
        "cost": p.supply_cost,
        "rent": np.maximum(gain, 0.0) + grown,
        "cost_of_minimum": np.where(p.supply_lower > 0, np.maximum(-gain, 0.0), np.nan),
        "reserve_value": reserve,
        "cost_paid": produced * p.supply_cost,
    }
    return ordered(spread(items, periods(case), numbers), [column.name for column in production.columns[1:]])
