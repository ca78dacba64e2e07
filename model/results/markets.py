"""What markets take, at what price, and what firm demand costs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.case import FloatArray
from model.results.declare import Extras, ResultColumn, result_table
from model.results.flows import COMMODITY, FAMILY, ORIGIN, PERIOD, PRICE_UNIT, TRADE_UNIT, UNIT
from model.results.shape import (
    Placed,
    Trade,
    countries_of_nodes,
    families,
    grade_columns,
    names,
    ordered,
    own_units,
    periods,
    picked,
    price_units,
    shown_per,
    spread,
    sums,
    unit_of,
    value_units,
)
from model.solution import Solution


def clearing_price(solution: Solution) -> FloatArray:
    """Price at which each elastic demand clears, million USD per its unit, undiscounted; (elastic demands, periods)."""
    # the line reads deliveries − steps = 0: a right-hand side one higher takes a step back
    return solution.undiscounted(-solution.row_gain["demand_line"])


def sale_prices(solution: Solution) -> FloatArray:
    """What one unit of each sale is paid, USD per unit, undiscounted, (sales, periods); blank with objective cost."""
    net, p = solution.network, solution.parameters
    if solution.case.settings.objective == "cost":
        return np.full(p.delivery_price.shape, np.nan)
    price = p.delivery_price.copy()
    elastic = np.flatnonzero(np.isin(net.sale_demand, net.elastic))
    line = np.searchsorted(net.elastic, net.sale_demand[elastic])
    price[elastic] = clearing_price(solution)[line] * p.delivery_use[elastic] + p.delivery_premium[elastic]
    return price


def is_export(solution: Placed) -> NDArray[np.bool_]:
    """Which sales are exports: delivered in a country other than the commodity's origin."""
    case, net = solution.case, solution.network
    country = countries_of_nodes(case)
    place = picked([country[node] for node in case.word("Demand", "node")], net.sale_demand)
    origin = picked(case.word("Commodities", "origin"), net.sale_commodity)
    return np.asarray((origin != "") & (origin != place), dtype=bool)


@result_table(
    "Deliveries",
    "What does every market take of each grade, and what does it pay?",
    key=("demand", "commodity", "period"),
    columns=(
        ResultColumn("demand", "The demand"),
        ResultColumn("node", "Where it is delivered"),
        ResultColumn("country", "Country of that node"),
        COMMODITY,
        FAMILY,
        ORIGIN,
        ResultColumn("is_export", "Whether it is delivered in a country other than its origin"),
        PERIOD,
        ResultColumn("delivery", "Volume delivered in the period", format="volume"),
        UNIT,
        ResultColumn("trade_delivery", "Volume delivered, as a mean rate in the unit of the trade", format="volume"),
        TRADE_UNIT,
        ResultColumn(
            "price", "Price, undiscounted; of elastic demand where it clears; blank with objective cost", format="price"
        ),
        PRICE_UNIT,
        ResultColumn("trade_price", "The price in the unit of the trade", format="price"),
        ResultColumn("trade_price_unit", "Unit of that price"),
        ResultColumn("sales", "Price × volume, undiscounted; blank with objective cost", "million USD", "money"),
    ),
)
def deliveries(solution: Solution, _: Extras) -> dict[str, Any]:
    """One row per demand, commodity that supply can bring to it, and period; zeros included."""
    case, net = solution.case, solution.network
    trade, commodity, demand = Trade(case), net.sale_commodity, net.sale_demand
    volume, price = solution["delivery"], sale_prices(solution)
    country = countries_of_nodes(case)
    nodes = case.word("Demand", "node")
    items = {
        "demand": picked(case["Demand"].keys, demand),
        "node": picked(nodes, demand),
        "country": picked([country[node] for node in nodes], demand),
        **grade_columns(case, commodity),
        "is_export": np.where(is_export(solution), "yes", "no").astype(object),
        "unit": own_units(case, commodity),
        "trade_unit": trade.volume_unit[commodity],
        "price_unit": price_units(case, commodity),
        "trade_price_unit": trade.price_unit[commodity],
    }
    numbers = {
        "delivery": volume,
        "trade_delivery": trade.rate(volume, commodity),
        "price": price,
        "trade_price": trade.per_unit(price, commodity),
        "sales": price * volume,
    }
    return ordered(spread(items, periods(case), numbers), [column.name for column in deliveries.columns[1:]])


@result_table(
    "Firm demand",
    "Is firm demand met, and what does one more unit of it cost?",
    key=("demand", "period"),
    columns=(
        ResultColumn("demand", "The demand"),
        ResultColumn("node", "Where it is delivered"),
        ResultColumn("country", "Country of that node"),
        FAMILY,
        PERIOD,
        ResultColumn("firm", "Volume that must be delivered", format="volume"),
        ResultColumn("delivered", "Volume delivered, above the firm part too", format="volume"),
        ResultColumn("unserved", "Firm volume that is not met", format="volume"),
        ResultColumn("unit", "Unit of the row's volumes: over the period, or a mean rate"),
        ResultColumn("cost_of_firm", "Cost of one more unit of firm demand, undiscounted", format="price"),
        ResultColumn("cost_unit", "Unit of that cost"),
    ),
)
def firm_demand(solution: Solution, _: Extras) -> dict[str, Any]:
    """One row per demand with a firm part and period."""
    case, net, p = solution.case, solution.network, solution.parameters
    firm, commodities = net.firm, case["Commodities"].position
    sold = [[commodities[k] for k in group] for group in case.word("Demand", "commodity")]
    own = case.word("Commodities", "unit")
    written = case.word("Demand", "volume_unit")
    unit = [unit_of(written[d], [own[k] for k in sold[d]]) for d in firm.tolist()]
    cost_unit, factor = value_units(unit)
    delivered = sums(solution["delivery"] * p.delivery_use, net.sale_demand, len(case["Demand"]))[firm]
    gain, unserved = solution.row_gain["demand_firm"], np.zeros((len(firm), len(case.periods)))
    if len(solution["unserved"]):
        unserved = solution["unserved"]
        # more firm demand may also stay unserved
        gain = gain + np.maximum(solution.bound_gain["unserved"], 0.0)
    per = shown_per(unit, p.years)
    country = countries_of_nodes(case)
    node = picked(case.word("Demand", "node"), firm)
    items = {
        "demand": picked(case["Demand"].keys, firm),
        "node": node,
        "country": names(country[name] for name in node),
        "family": families(case, [sold[d] for d in firm.tolist()]),
        "unit": names(unit),
        "cost_unit": cost_unit,
    }
    numbers = {
        "firm": p.demand_firm[firm] / per,
        "delivered": delivered / per,
        "unserved": unserved / per,
        "cost_of_firm": solution.undiscounted(-gain) * factor,
    }
    return ordered(spread(items, periods(case), numbers), [column.name for column in firm_demand.columns[1:]])
