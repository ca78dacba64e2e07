"""Capacity and minimum use of links and assets, and the time of fleets.

A link that carries one commodity needs no row: its capacity and minimum are the bounds of its flow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pyomo.environ as pyo

from model.case import Case
from model.formulation.projects import added_terms
from model.formulation.rules import Constraint, Index, Key, Terms, at_least, at_most
from model.network import Network
from model.parameters import Parameters
from model.selection import IntArray

TermsOf = Callable[[Index, Parameters], Iterator[Terms]]


def link_capacity(m: pyo.ConcreteModel, f: str, t: str) -> Any:
    """What several commodities send through a link fits into it.

        Σ_k use[f,k]·flow[f,k,t] ≤ (capacity[f,t] + added[f,t])·y[t]    ∀ link f of several commodities, period t

    use        units of the link's volume_unit in one unit of the commodity
    capacity   Links.capacity in the link's volume_unit per year; zero while it is closed
    added      what projects in service add; a link to which a project may add has this row with one commodity too
    Dual       discounted value of one more unit of capacity, million USD per unit
    """
    terms = [(m.link_use[f, k, t], m.flow[f, k, t]) for k in m.carried[f]]
    return at_most([*terms, *m.added("Links", f, t)], m.bound["link_capacity"][f, t])


def link_minimum(m: pyo.ConcreteModel, f: str, t: str) -> Any:
    """A link of several commodities carries at least its minimum.

        Σ_k use[f,k]·flow[f,k,t] ≥ minimum[f,t]·y[t]                    ∀ link f with a minimum, period t

    minimum    Links.minimum in the link's volume_unit per year, never above what is available
    Dual       minus the discounted cost of one more unit of the minimum, million USD per unit
    """
    return at_least([(m.link_use[f, k, t], m.flow[f, k, t]) for k in m.carried[f]], m.bound["link_minimum"][f, t])


def asset_capacity(m: pyo.ConcreteModel, a: str, t: str) -> Any:
    """All that uses an asset fits into what is available of it.

        Σ use[a,f,k,t]·flow[f,k,t] ≤ (max(0, capacity·availability − reserved) + added·availability)[a,t]·y[t]
                                                                        ∀ asset a, period t

    use        Uses.use × units of the asset's volume_unit per unit of the commodity, × (1 − loss − fee_in_kind)
               where the asset is measured at the outlet
    capacity, availability, reserved   Assets, in the asset's volume_unit per year
    Dual       discounted value of one more unit of capacity, million USD per unit
    """
    terms = [(m.asset_use[a, f, k, t], m.flow[f, k, t]) for f, k in m.users[a]]
    return at_most([*terms, *m.added("Assets", a, t)], m.bound["asset_capacity"][a, t])


def asset_minimum(m: pyo.ConcreteModel, a: str, t: str) -> Any:
    """An asset is used at least as much as its minimum.

        Σ use[a,f,k,t]·flow[f,k,t] ≥ minimum[a,t]·y[t]                  ∀ asset a with a minimum, period t

    minimum    Assets.minimum in the asset's volume_unit per year, never above what is available
    Dual       minus the discounted cost of one more unit of the minimum, million USD per unit
    """
    terms = [(m.asset_use[a, f, k, t], m.flow[f, k, t]) for f, k in m.users[a]]
    return at_least(terms, m.bound["asset_minimum"][a, t])


def fleet_time(m: pyo.ConcreteModel, v: str, t: str) -> Any:
    """Round trips take no more than the time that the vessels have.

        Σ use·10⁶·flow·round_trip_days/(deadweight·load_factor) ≤ (vessels + added)·operating_days·(1 − reserved)·y[t]
        round_trip_days = 2·km/(1.852·24·knots) + port_days             ∀ fleet v, period t

    deadweight, load_factor, knots, port_days, vessels, operating_days, reserved   Fleets; flow in Mt
    load_factor   Uses.load_factor where the ports of the route allow less
    Dual          discounted value of one more vessel-day, million USD per day
    """
    terms = [(m.fleet_use[v, f, k, t], m.flow[f, k, t]) for f, k in m.crews[v]]
    return at_most([*terms, *m.added("Fleets", v, t)], m.bound["fleet_time"][v, t])


def _of(sheet: str, rows: Callable[[Case, Network], IntArray]) -> Callable[[Case, Network], Any]:
    def items(case: Case, net: Network) -> tuple[Sequence[Key], Sequence[str]]:
        return [(case[sheet].keys[row],) for row in rows(case, net).tolist()], case.periods

    return items


def _all(sheet: str) -> Callable[[Case, Network], IntArray]:
    return lambda case, _: np.arange(len(case[sheet]))


def _link_terms(name: str, links: Callable[[Network], IntArray]) -> Callable[[Index, Parameters], Iterator[Terms]]:
    def terms(x: Index, p: Parameters) -> Iterator[Terms]:
        place = {link: i for i, link in enumerate(links(x.network).tolist())}
        flows = np.array([i for i, link in enumerate(x.network.flow_link.tolist()) if link in place], dtype=np.int64)
        rows = [place[link] for link in x.network.flow_link[flows].tolist()]
        yield Terms(x.rows[name].at(rows), x.columns["flow"].at(flows), p.flow_use[flows])

    return terms


def _asset_terms(name: str, assets: Callable[[Index], IntArray]) -> Callable[[Index, Parameters], Iterator[Terms]]:
    def terms(x: Index, p: Parameters) -> Iterator[Terms]:
        place = {asset: i for i, asset in enumerate(assets(x).tolist())}
        use = x.network.asset_use
        kept = np.array([i for i, asset in enumerate(use.holder.tolist()) if asset in place], dtype=np.int64)
        rows = [place[asset] for asset in use.holder[kept].tolist()]
        yield Terms(x.rows[name].at(rows), x.columns["flow"].at(use.flow[kept]), p.asset_use[kept])

    return terms


def _fleet_terms(x: Index, p: Parameters) -> Iterator[Terms]:
    use, rows = x.network.fleet_use, x.rows["fleet_time"]
    yield Terms(rows.at(use.holder), x.columns["flow"].at(use.flow), p.fleet_use)
    yield from added_terms(x, p, rows, "Fleets", np.arange(len(x.case["Fleets"])))


def _with_added(terms: TermsOf, name: str, sheet: str, rows: Callable[[Index], IntArray]) -> TermsOf:
    def both(x: Index, p: Parameters) -> Iterator[Terms]:
        yield from terms(x, p)
        yield from added_terms(x, p, x.rows[name], sheet, rows(x))

    return both


LINK_CAPACITY = Constraint(
    link_capacity,
    _of("Links", lambda _, net: net.shared_links),
    lambda p, net: (-np.inf, p.link_upper[net.shared_links]),
    _with_added(
        _link_terms("link_capacity", lambda net: net.shared_links),
        "link_capacity",
        "Links",
        lambda x: x.network.shared_links,
    ),
)
LINK_MINIMUM = Constraint(
    link_minimum,
    _of("Links", lambda _, net: net.link_minimum),
    lambda p, net: (p.link_lower[net.link_minimum], np.inf),
    _link_terms("link_minimum", lambda net: net.link_minimum),
)
ASSET_CAPACITY = Constraint(
    asset_capacity,
    _of("Assets", _all("Assets")),
    lambda p, _: (-np.inf, p.asset_upper),
    _with_added(
        _asset_terms("asset_capacity", lambda x: np.arange(len(x.case["Assets"]))),
        "asset_capacity",
        "Assets",
        lambda x: np.arange(len(x.case["Assets"])),
    ),
)
ASSET_MINIMUM = Constraint(
    asset_minimum,
    _of("Assets", lambda _, net: net.asset_minimum),
    # without a minimum, in a period or a scenario, what goes back may outweigh what goes forth
    lambda p, net: (np.where(p.asset_lower > 0, p.asset_lower, -np.inf)[net.asset_minimum], np.inf),
    _asset_terms("asset_minimum", lambda x: x.network.asset_minimum),
)
FLEET_TIME = Constraint(
    fleet_time,
    _of("Fleets", _all("Fleets")),
    lambda p, _: (-np.inf, p.fleet_upper),
    _fleet_terms,
)
