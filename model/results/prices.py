"""What one more unit is worth at every place."""

from __future__ import annotations

from typing import Any

import numpy as np

from model.results.declare import Extras, ResultColumn, result_table
from model.results.flows import COMMODITY, FAMILY, ORIGIN, PERIOD, PRICE_UNIT, UNIT
from model.results.shape import (
    Trade,
    countries_of_nodes,
    grade_columns,
    ordered,
    own_units,
    periods,
    picked,
    price_units,
    spread,
    step_arrays,
    sums,
    value_steps,
)
from model.solution import Solution


@result_table(
    "Prices",
    "What is one more unit of each grade worth at every node?",
    key=("node", "commodity", "period"),
    columns=(
        ResultColumn("node", "The node"),
        ResultColumn("country", "Its country"),
        COMMODITY,
        FAMILY,
        ORIGIN,
        PERIOD,
        ResultColumn(
            "value", "Value of one more unit at the node, undiscounted: the netback of its best use", format="price"
        ),
        *value_steps("unit there"),
        PRICE_UNIT,
        ResultColumn("trade_value", "The same in the unit of the trade", format="price"),
        ResultColumn("trade_price_unit", "Unit of that value"),
        ResultColumn(
            "throughput",
            "Volume that leaves or is delivered there; at zero the value is that of a first unit",
            format="volume",
        ),
        UNIT,
    ),
    needs=("steps",),
)
def prices(solution: Solution, extras: Extras) -> dict[str, Any]:
    """One row per node, grade that supply can bring there, and period."""
    case, net = solution.case, solution.network
    node, commodity = np.array(net.balances, dtype=np.int64).reshape(-1, 2).T
    trade, value = Trade(case), solution.node_value
    country = countries_of_nodes(case)
    throughput = sums(solution["flow"], net.flow_from, len(node))
    throughput += sums(solution["delivery"], net.sale_balance, len(node))
    items = {
        "node": picked(case["Nodes"].keys, node),
        "country": picked([country[name] for name in case["Nodes"].keys], node),
        **grade_columns(case, commodity),
        "price_unit": price_units(case, commodity),
        "trade_price_unit": trade.price_unit[commodity],
        "unit": own_units(case, commodity),
    }
    up, down = (solution.undiscounted(one) for one in step_arrays(extras, "balance", value.shape))
    numbers = {
        "value": value,
        "value_up": up,
        "value_down": down,
        "trade_value": trade.per_unit(value, commodity),
        "throughput": throughput,
    }
    return ordered(spread(items, periods(case), numbers), [column.name for column in prices.columns[1:]])
