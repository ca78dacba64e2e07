"""Stores: what goes in, out and is lost, what is left, and what more stock, room or a faster rate would earn."""

from __future__ import annotations

from typing import Any

import numpy as np

from model.case import FloatArray
from model.results.added import added
from model.results.declare import Extras, ResultColumn, result_table
from model.results.flows import PERIOD
from model.results.shape import (
    Trade,
    finite,
    grade_columns,
    names,
    ordered,
    own_units,
    periods,
    price_units,
    ratio,
    row_gain,
    spread,
)
from model.solution import Solution


@result_table(
    "Stores",
    "What is in every store, what went in and out, and what would more of it earn?",
    key=("storage", "period"),
    columns=(
        ResultColumn("storage", "The store"),
        ResultColumn("node", "Where it stands"),
        ResultColumn("commodity", "What it holds"),
        ResultColumn("family", "Oil, gas or cargo"),
        ResultColumn("origin", "Exporting country"),
        PERIOD,
        ResultColumn("before", "Stock at the start of the period", format="volume"),
        ResultColumn("injected", "Put in", format="volume"),
        ResultColumn("withdrawn", "Taken out", format="volume"),
        ResultColumn("lost", "Lost while held: before + injected − withdrawn − lost = stock", format="volume"),
        ResultColumn("stock", "Stock at the end of the period", format="volume"),
        ResultColumn("capacity", "Most it can hold, with what projects add; blank = unlimited", format="volume"),
        ResultColumn("unit", "Unit of these volumes"),
        ResultColumn("share_full", "Stock as a share of the capacity; blank without one", format="share"),
        ResultColumn("stock_in_trade", "Stock in the unit of the trade, as a rate over one year", format="volume"),
        ResultColumn("trade_unit", "Unit of the trade"),
        ResultColumn("cost", "Cost of holding the stock, undiscounted", "million USD", "money"),
        ResultColumn("value_of_stock", "Value of one more unit in store at the end of the period", format="price"),
        ResultColumn("value_of_room", "Value of room for one more unit; above 0 only when full", format="price"),
        ResultColumn("value_of_filling", "Value of putting in one more unit in the period", format="price"),
        ResultColumn("value_of_emptying", "Value of taking out one more unit in the period", format="price"),
        ResultColumn("value_unit", "Unit of these values, undiscounted"),
    ),
)
def stores(solution: Solution, _: Extras) -> dict[str, Any]:
    """One row per store and period."""
    case, net, p = solution.case, solution.network, solution.parameters
    count, commodity = len(case["Storage"]), net.storage_commodity
    before = stock_before(solution)
    capacity = p.stock_capacity + added(solution, "Storage", count)
    items = {
        "storage": names(case["Storage"].keys),
        "node": names(case.word("Storage", "node")),
        **grade_columns(case, commodity),
        "unit": own_units(case, commodity),
        "trade_unit": Trade(case).volume_unit[commodity],
        "value_unit": price_units(case, commodity),
    }
    numbers = {
        "before": before,
        "injected": solution["inject"],
        "withdrawn": solution["withdraw"],
        "lost": lost_in_store(solution),
        "stock": solution["stock"],
        "capacity": finite(capacity),
        "share_full": ratio(solution["stock"], capacity),
        "stock_in_trade": solution["stock"] * Trade(case).volume[commodity][:, None],
        "cost": solution["stock"] * p.stock_cost,
        **{name: solution.undiscounted(gain) for name, gain in _gains(solution, count).items()},
    }
    return ordered(spread(items, periods(case), numbers), [column.name for column in stores.columns[1:]])


def stock_before(solution: Solution) -> FloatArray:
    """Stock at the start of each period, (stores, periods)."""
    return np.hstack([solution.case.number("Storage", "initial")[:, :1], solution["stock"][:, :-1]])


def lost_in_store(solution: Solution) -> FloatArray:
    """What is lost of it over the period, (stores, periods)."""
    return stock_before(solution) * (1 - solution.parameters.stock_keep)


def _gains(solution: Solution, count: int) -> dict[str, FloatArray]:
    """Discounted values of one more unit, (stores, periods); a store that may grow is bounded by a row."""
    bound, grown = solution.bound_gain, row_gain(solution, "stock_capacity", solution.network.built_stores, count)
    return {
        "value_of_stock": solution.row_gain["stock_balance"],
        "value_of_room": np.maximum(bound["stock"], 0.0) + grown,
        "value_of_filling": np.maximum(bound["inject"], 0.0),
        "value_of_emptying": np.maximum(bound["withdraw"], 0.0),
    }
