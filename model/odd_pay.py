"""Links, supplies and demands that can never earn what they cost, whatever capacities there are."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

import numpy as np

from model.case import Case, FloatArray
from model.network import Network
from model.parameters import Parameters


def never_paying(case: Case, net: Network, p: Parameters) -> Iterator[str]:
    """Each such link, supply and demand in a sentence with its cell."""
    if case.settings.objective != "export value":
        return
    worth, cost = _best_prices(case, net, p), _least_costs(net, p)
    yield from _links(case, net, p, worth, cost)
    yield from _supplies(case, net, p, worth)
    yield from _demands(case, net, p, cost)


def _links(case: Case, net: Network, p: Parameters, worth: FloatArray, cost: FloatArray) -> Iterator[str]:
    """Links on which no commodity can ever earn what it costs; what is closed for good is meant so."""
    with np.errstate(invalid="ignore"):
        margin = p.flow_arrival * worth[net.flow_to] - p.flow_tariff - p.flow_risk - cost[net.flow_from]
    kept = np.isnan(margin).all(axis=1) | np.any(p.flow_fee > 0, axis=1)
    hopeless = ~np.any(margin >= 0, axis=1) & ~kept
    bound = {*case.word("Contracts", "applies_to"), *_closed(case, net, p)}
    best = np.where(np.isnan(margin), -np.inf, margin).max(axis=1)
    for link, flows in net.flows_of_link.items():
        name = case["Links"].keys[link]
        least = case.number("Links", "minimum")[link]
        if np.all(hopeless[list(flows)]) and name not in bound and not np.any(least > 0):
            loss = -max(best[list(flows)])
            lacking = f"{loss:,.4g} per unit short of it" if np.isfinite(loss) else "it leads to no price"
            yield f"{case['Links'].cell(link, 'tariff')}: {name!r} can never pay for itself; at best {lacking}."


def _closed(case: Case, net: Network, p: Parameters) -> Iterator[str]:
    """Links without capacity that no project and no scenario gives any."""
    changed = [
        pattern for sheet, pattern in zip(case.word("Changes", "sheet"), case.word("Changes", "key"), strict=True)
        if sheet == "Links"
    ]  # fmt: skip
    growing = set(net.growing("Links"))
    for link in np.flatnonzero(p.link_upper.max(axis=1, initial=0.0) <= 0).tolist():
        name = case["Links"].keys[link]
        if link not in growing and not any(fnmatchcase(name, pattern) for pattern in changed):
            yield name


def _supplies(case: Case, net: Network, p: Parameters, worth: FloatArray) -> Iterator[str]:
    """Supplies that cost more than the best price that they can reach, in every period."""
    best = worth[net.supply_balance]
    short = (p.supply_cost - best).min(axis=1, initial=np.inf)
    forced = (p.supply_lower > 0).any(axis=1) | (p.supply_capacity.max(axis=1, initial=0.0) <= 0)
    for row in np.flatnonzero((short > 0) & np.isfinite(short) & ~forced).tolist():
        t = int((best[row] - p.supply_cost[row]).argmax())
        yield (
            f"{case.source_cell('Supply', row, 'cost', t)}: {case['Supply'].keys[row]!r} costs "
            f"{p.supply_cost[row, t]:,.4g} per unit, "
            f"and the best price that it can reach leaves {best[row, t]:,.4g}: it can never pay."
        )


def _demands(case: Case, net: Network, p: Parameters, cost: FloatArray) -> Iterator[str]:
    """Demands that pay less than anything that can come to them costs, in every period."""
    bound = set(case.word("Contracts", "applies_to"))
    for row, sales in net.sales_of_demand.items():
        name, items = case["Demand"].keys[row], list(sales)
        short = cost[net.sale_balance[items]] - p.delivery_price[items]
        fixed = row in net.elastic or name in bound or (p.demand_firm[row] > 0).any()
        if fixed or not (short > 0).all() or not np.isfinite(short).any():
            continue
        sale, t = np.unravel_index(np.where(np.isfinite(short), short, np.inf).argmin(), short.shape)
        marker = case.word("Demand", "marker")[row]
        place = case.source_cell("Demand", row, "price" if marker is None else "marker", int(t))
        paid = p.delivery_price[items][sale, t]
        yield (
            f"{place}: {name!r} pays {paid:,.4g} per unit, and what can come to it costs at least "
            f"{paid + short[sale, t]:,.4g}: it can never buy. Is the price in another unit (price_unit)?"
        )


def _best_prices(case: Case, net: Network, p: Parameters) -> FloatArray:
    """Most that a unit at each balance may fetch by any route, capacities aside; what is firm is beyond price."""
    worth = np.full((len(net.balances), len(case.periods)), -np.inf)
    elastic = np.isin(net.sale_demand, net.elastic)[:, None]
    price = np.where(elastic, p.delivery_price * case.settings.choke_multiple, p.delivery_price)
    price = np.where(p.demand_firm[net.sale_demand] > 0, np.inf, price)
    np.maximum.at(worth, net.sale_balance, price)
    worth[net.storage_balance] = np.inf  # what is stored may fetch any later price
    for _ in range(len(net.balances)):
        before = worth.copy()
        with np.errstate(invalid="ignore"):
            back = p.flow_arrival * worth[net.flow_to] - p.flow_tariff - p.flow_risk
        np.maximum.at(worth, net.flow_from, np.where(np.isnan(back), -np.inf, back))
        if np.array_equal(before, worth):
            break
    return worth


def _least_costs(net: Network, p: Parameters) -> FloatArray:
    """Least that a unit at each balance may cost by any route, capacities aside."""
    cost = np.full((len(net.balances), p.supply_cost.shape[1]), np.inf)
    forced = np.where(p.supply_lower > 0, -np.inf, p.supply_cost)  # what must be produced costs nothing more
    np.minimum.at(cost, net.supply_balance, forced)
    cost[net.storage_balance] = -np.inf
    paid = np.flatnonzero(net.flow_fee >= 0)
    np.minimum.at(cost, net.flow_fee[paid], -np.inf)
    for _ in range(len(net.balances)):
        before = cost.copy()
        with np.errstate(invalid="ignore", divide="ignore"):
            there = (cost[net.flow_from] + p.flow_tariff + p.flow_risk) / p.flow_arrival
        np.minimum.at(cost, net.flow_to, np.where(np.isnan(there), np.inf, there))
        if np.array_equal(before, cost):
            break
    return cost
