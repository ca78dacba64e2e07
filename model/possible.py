"""The most that could ever pass each place and link, whatever prices are: what capacities are held against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from model.case import Case, FloatArray
from model.network import Network
from model.parameters import Parameters
from model.selection import IntArray

MOST_SWEEPS: Final = 100  # the bounds hold after each sweep; more only make them closer
LEAST_ARRIVAL: Final = 1e-3


@dataclass(frozen=True)
class Possible:
    """Upper bounds per period in each commodity's own unit.

    ``come`` and ``taken`` have the shape (balances, periods): what could come to a place, and what could be taken there
    or beyond it. ``flow`` has the shape (flows, periods): what could enter a link, its own capacity aside.
    """

    come: FloatArray
    taken: FloatArray
    flow: FloatArray
    carried: FloatArray


def possible(case: Case, net: Network, p: Parameters) -> Possible:
    """Bounds from what is produced behind a place and taken beyond it, with the narrows on the way.

    Every bound begins as the whole of what is produced (or asked for) in its unit. A sweep replaces it by what a place
    has itself plus what the links to its neighbours could carry, where that is less.
    """
    room = _room(net, p)
    made = _at(net, net.supply_balance, p.supply_upper) + _at(net, net.storage_balance, p.withdraw_upper)
    bought = _at(net, net.sale_balance, _asked(net, p)) + _at(net, net.storage_balance, p.inject_upper)
    units = np.array([case.word("Commodities", "unit")[k] for _, k in net.balances])
    come, taken = _whole(made, units), _whole(bought, units)
    paid = np.flatnonzero(net.flow_fee >= 0)
    for _ in range(MOST_SWEEPS):
        carried = np.minimum(room, come[net.flow_from])
        brought = made + _at(net, net.flow_to, carried) + _at(net, net.flow_fee[paid], carried[paid])
        sent = bought + _at(net, net.flow_from, np.minimum(room, _beyond(net, p, taken)))
        before = come, taken
        come, taken = np.minimum(come, brought), np.minimum(taken, sent)
        if np.array_equal(before[0], come) and np.array_equal(before[1], taken):
            break
    flow = np.minimum(come[net.flow_from], _beyond(net, p, taken))
    return Possible(come, taken, flow, np.minimum(room, flow))


def _beyond(net: Network, p: Parameters, taken: FloatArray) -> FloatArray:
    """What each flow could send on for what is taken where it ends; a carrier's own share has takers of its own."""
    sent = taken[net.flow_to] / np.maximum(p.flow_arrival, LEAST_ARRIVAL)
    return np.where(((net.flow_fee >= 0)[:, None]) & (p.flow_fee > 0), np.inf, sent)


def _asked(net: Network, p: Parameters) -> FloatArray:
    """What each sale could take, in the commodity's unit."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(p.delivery_use > 0, p.demand_upper[net.sale_demand] / p.delivery_use, np.inf)
    asked = np.minimum(share, p.delivery_upper)
    grows = np.isin(net.sale_demand, net.growing("Demand"))
    return np.where(np.isin(net.sale_demand, net.elastic)[:, None] | grows[:, None], np.inf, asked)


def _at(net: Network, place: IntArray, amount: FloatArray) -> FloatArray:
    """Amounts added up by balance."""
    total = np.zeros((len(net.balances), amount.shape[1]))
    np.add.at(total, place, amount)
    return total


def _whole(amount: FloatArray, units: np.ndarray) -> FloatArray:
    """At each balance the sum over all balances in its unit."""
    total = np.zeros_like(amount)
    for unit in set(units.tolist()):
        total[units == unit] = amount[units == unit].sum(axis=0)
    return total


def _room(net: Network, p: Parameters) -> FloatArray:
    """Room for each flow on its link and on all that it uses; infinite where a project may add to it."""
    room = np.where(np.isin(net.flow_link, net.growing("Links"))[:, None], np.inf, p.flow_upper)
    for flow, fixed, bound in _bounds(net, p):
        np.minimum.at(room, flow, np.where(fixed, bound, np.inf))
    return room


def _bounds(net: Network, p: Parameters) -> Iterator[tuple[IntArray, np.ndarray, FloatArray]]:
    """What shared links, assets and fleets leave to each flow: the flows, where it binds, and the bound."""
    for sheet, flow, holder, upper, use in (
        ("Links", np.arange(len(net.flow_link)), net.flow_link, p.link_upper, p.flow_use),
        ("Assets", net.asset_use.flow, net.asset_use.holder, p.asset_upper, p.asset_use),
        ("Fleets", net.fleet_use.flow, net.fleet_use.holder, p.fleet_upper, p.fleet_use),
    ):
        fixed = ~np.isin(holder, net.growing(sheet))[:, None] & (use > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            yield flow, fixed, upper[holder] / use
