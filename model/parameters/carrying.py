"""Numbers of supply, links, assets and fleets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from model import units
from model.case import Case, FloatArray
from model.network import Network
from model.parameters.convert import Converter, open_mask, row_units


def _lapse(case: Case, sheet: str, minimum: FloatArray, available: FloatArray, lapsed: list[str]) -> FloatArray:
    """Minimums cut to what is available, with a notice for each row; else every outage would be infeasible."""
    over = minimum > available * (1 + 1e-12)
    for row in np.flatnonzero(over.any(axis=1)):
        labels = [case.periods[t] for t in np.flatnonzero(over[row])]
        span = labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}, {len(labels)} periods"
        cell = case[sheet].cell(int(row), "minimum")
        lapsed.append(f"{cell}: the minimum of {case[sheet].keys[row]!r} lapses to what is available ({span}).")
    return np.minimum(minimum, available)


def supply(case: Case, net: Network, convert: Converter, _: dict[str, Any], lapsed: list[str]) -> dict[str, Any]:
    """Capacity, minimum, cost and reserves of supplies."""
    rows = np.arange(len(case["Supply"]))
    volume = convert.volumes(case.word("Supply", "volume_unit"), net.supply_commodity)[:, None]
    capacity = case.number("Supply", "capacity")
    minimum = _lapse(case, "Supply", case.number("Supply", "minimum"), capacity, lapsed)
    money = convert.moneys(row_units(case, "Supply", "cost_unit", rows), net.supply_commodity)
    return {
        "supply_capacity": capacity / volume * case.years,
        "supply_upper": np.where(np.isin(rows, net.built_supplies)[:, None], np.inf, capacity / volume * case.years),
        "supply_lower": minimum / volume * case.years,
        "supply_cost": case.number("Supply", "cost") * money,
        "reserves": (case.number("Supply", "reserves") / volume)[:, 0],
    }


def flows(case: Case, net: Network, convert: Converter, _: dict[str, Any], lapsed: list[str]) -> dict[str, Any]:
    """Bounds, costs and shares of flows, and the capacity of links."""
    links, link = case["Links"], net.flow_link
    is_open = open_mask(case, "Links")
    capacity = np.where(is_open > 0, case.number("Links", "capacity"), 0.0)
    minimum = _lapse(case, "Links", case.number("Links", "minimum") * is_open, capacity, lapsed)
    volume = convert.volumes(row_units(case, "Links", "volume_unit", link), net.flow_commodity)[:, None]
    alone = ~np.isin(link, net.shared_links)[:, None]
    distance = case.number("Links", "distance_km")[:, 0]
    money = convert.moneys(row_units(case, "Links", "tariff_unit", link), net.flow_commodity)
    money = money * _per_distance(links.words["tariff_unit"], distance)[link][:, None]
    loss, fee = case.number("Links", "loss")[link], case.number("Links", "fee_in_kind")[link]
    own_limit = np.where(alone, capacity[link] / volume, np.where(is_open[link] > 0, np.inf, 0.0))
    return {
        "flow_upper": own_limit * case.years,
        "flow_lower": np.where(alone, minimum[link] / volume, 0.0) * case.years,
        "flow_tariff": case.number("Links", "tariff")[link] * money,
        "flow_risk": case.number("Links", "risk")[link] * money,
        "flow_arrival": 1.0 - loss - fee,
        "flow_fee": fee,
        "flow_use": np.broadcast_to(volume, (len(link), len(case.periods))),
        "flow_open": is_open[link],
        "flow_km": np.maximum(np.nan_to_num(distance, nan=1.0), 1.0)[link],
        "link_upper": capacity * case.years,
        "link_lower": minimum * case.years,
    }


def _per_distance(tariff_units: Sequence[str | None], distance: FloatArray) -> FloatArray:
    parsed = [units.parse_money_unit(text, distance=True) if text else None for text in tariff_units]
    per = np.array([unit.per_km if unit else 0.0 for unit in parsed])
    return np.where(per > 0, distance / np.where(per > 0, per, 1.0), 1.0)


def assets(case: Case, net: Network, convert: Converter, parts: dict[str, Any], lapsed: list[str]) -> dict[str, Any]:
    """What is available of each asset, and what each flow uses of it."""
    uses = net.asset_use
    available = case.number("Assets", "capacity") * case.number("Assets", "availability")
    # unlimited capacity at availability zero is nothing, not NaN
    available = np.where(case.number("Assets", "availability") == 0, 0.0, available)
    available = np.maximum(available - case.number("Assets", "reserved"), 0.0)
    minimum = _lapse(case, "Assets", case.number("Assets", "minimum"), available, lapsed)
    asset_units = case.word("Assets", "volume_unit")
    commodity = net.flow_commodity[uses.flow]
    per_unit = np.array(
        [
            1.0 if asset_units[holder] is None else convert.volume(asset_units[holder], k)
            for holder, k in zip(uses.holder.tolist(), commodity.tolist(), strict=True)
        ]
    )
    at_out = np.array([case.word("Assets", "measured_at")[holder] == "out" for holder in uses.holder], dtype=bool)
    share = np.where(at_out[:, None], parts["flow_arrival"][uses.flow], 1.0)
    return {
        "asset_upper": available * case.years,
        "asset_lower": minimum * case.years,
        "asset_use": case.number("Uses", "use")[uses.row] * per_unit[:, None] * share,
    }


def fleets(case: Case, net: Network, _: Converter, __: dict[str, Any], ___: list[str]) -> dict[str, Any]:
    """The time that each fleet has, and what each flow uses of it."""
    uses = net.fleet_use
    fleet = {name: case.number("Fleets", name) for name in case["Fleets"].numbers}
    distance = case.number("Links", "distance_km")[net.flow_link[uses.flow]]
    days = 2 * distance / (units.KM_PER_NAUTICAL_MILE * 24 * fleet["speed_knots"][uses.holder])
    round_trip = days + fleet["port_days"][uses.holder]
    route = case.number("Uses", "load_factor")[uses.row]
    load = np.where(np.isnan(route), fleet["load_factor"][uses.holder], route)
    cargo = fleet["deadweight_t"][uses.holder] * load
    time = fleet["vessels"] * fleet["operating_days"] * (1 - fleet["reserved"]) * case.years
    return {
        "fleet_upper": time,
        "fleet_use": case.number("Uses", "use")[uses.row] * 1e6 * round_trip / cargo,
    }
