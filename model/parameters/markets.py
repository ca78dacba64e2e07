"""Numbers of demand: volumes, prices, and the steps of straight demand lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from model.case import Case, FloatArray
from model.network import Network
from model.parameters.convert import Converter, row_units
from model.selection import IntArray


def demand(case: Case, net: Network, convert: Converter, _: dict[str, Any], __: list[str]) -> dict[str, Any]:
    """Volumes, prices and steps of demand."""
    demand, commodity = net.sale_demand, net.sale_commodity
    use = convert.volumes(row_units(case, "Demand", "volume_unit", demand), commodity)[:, None]
    base, premium = demand_prices(case, convert, demand, commodity)
    volume = case.number("Demand", "volume") * case.years
    in_rows = np.isin(demand, np.concatenate([net.shared_demands, net.elastic]))
    upper = np.where(in_rows[:, None], np.inf, volume[demand] / use)
    # where several commodities differ, prices are those of the first one written, whether or not anything brings it
    every, first = np.arange(len(case["Demand"])), first_commodities(case)
    per_first = convert.volumes(case.word("Demand", "volume_unit"), first)[:, None]
    per_demand = demand_prices(case, convert, every, first)[0] / per_first
    width, price = demand_steps(case, net, volume, per_demand)
    counted = case.settings.objective != "cost"
    return {
        "delivery_upper": upper,
        "delivery_price": (base + premium) if counted else np.zeros_like(base),
        "delivery_premium": premium if counted else np.zeros_like(premium),
        "delivery_use": np.broadcast_to(use, base.shape),
        "demand_upper": volume,
        "demand_firm": case.number("Demand", "firm") * case.years,
        "unserved_upper": (case.number("Demand", "firm") * case.years)[unserved_rows(case, net)],
        "demand_unit": per_first,
        "demand_price": per_demand,
        "step_width": width,
        "step_price": price if counted else np.zeros_like(price),
    }


def first_commodities(case: Case) -> IntArray:
    """The first commodity written in each row of Demand."""
    position = case["Commodities"].position
    return np.array([position[names[0]] for names in case.word("Demand", "commodity")], dtype=np.int64)


def unserved_rows(case: Case, net: Network) -> IntArray:
    """Demands whose firm part may go unserved at a price."""
    return net.firm if case.settings.unserved_price is not None else net.firm[:0]


def demand_prices(
    case: Case, convert: Converter, demand: IntArray, commodity: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Price of each sale and, apart, what its grade fetches above it; USD per unit, both (sales, periods).

    A sale is a row of Demand and one of its commodities, by position.

    slope·marker + differential, in the marker's unit where that fits the commodity and no price unit is given;
    where it does not fit (oil-indexed gas), slope·marker is a plain number in the price unit. A fixed price takes no
    grade differential.
    """
    markers, rows = case.word("Demand", "marker"), demand.tolist()
    price_units = case.word("Demand", "price_unit")
    marker_units = case.word("Markers", "unit")
    marker_rows = [case["Markers"].position[markers[d]] if markers[d] else -1 for d in rows]
    shape = (len(rows), len(case.periods))
    marker_factor, price_factor = np.zeros(shape), np.zeros(shape)
    for i, (d, m, k) in enumerate(zip(rows, marker_rows, commodity.tolist(), strict=True)):
        own = convert.money(price_units[d], k)
        fits = m >= 0 and not np.isnan(convert.money(marker_units[m], k)).any()
        marker_factor[i] = convert.money(marker_units[m], k) if fits else own
        price_factor[i] = marker_factor[i] if fits and price_units[d] is None else own
    linked = np.array([m >= 0 for m in marker_rows], dtype=bool)[:, None]
    values = np.vstack([case.number("Markers", "value"), np.zeros((1, shape[1]))])[marker_rows]
    by_marker = case.number("Demand", "slope")[demand] * values * marker_factor
    by_marker = by_marker + case.number("Demand", "differential")[demand] * price_factor
    fixed = np.nan_to_num(case.number("Demand", "price"), nan=0.0)[demand] * price_factor
    grade = case.number("Commodities", "differential")[commodity]
    grade = grade * convert.moneys(row_units(case, "Commodities", "differential_unit", commodity), commodity)
    return np.where(linked, by_marker, fixed), np.where(linked, grade, 0.0)


def demand_steps(case: Case, net: Network, volume: FloatArray, price: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Steps of the straight demand line through (volume, price): widths and prices, (elastic, steps, periods).

    p(q) = P·(1 + (q/V − 1)/e), from q = 0 to where it falls to zero, cut at choke_multiple·P; each step is paid the
    line's value at its middle.
    """
    count = case.settings.demand_steps
    elasticity = case.number("Demand", "elasticity")[net.elastic][:, :1, None]
    v, p = volume[net.elastic][:, None, :], price[net.elastic][:, None, :]
    reach = 1 - elasticity
    middle = reach * (np.arange(count)[None, :, None] + 0.5) / count
    line = p * (1 + (middle - 1) / elasticity)
    width = np.broadcast_to(v * reach / count, line.shape)
    return width, np.minimum(line, case.settings.choke_multiple * p)
