"""Conservation of volume at every node, and what fields hold in reserve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyomo.environ as pyo

from model.case import Case, FloatArray
from model.formulation.projects import added_terms
from model.formulation.rules import Constraint, Index, Key, Terms, at_most, equal
from model.network import Network
from model.parameters import Parameters


def balance(m: pyo.ConcreteModel, n: str, k: str, t: str) -> Any:
    """What is produced at or arrives at a node in a grade is delivered there or sent on.

        Σ supply + Σ arriving (1 − loss − fee_in_kind)·flow + Σ fee_in_kind·flow paid here + Σ withdraw
                 = Σ delivery + Σ leaving flow + Σ inject               ∀ node n, commodity k, period t

    supply, flow, delivery,  variables ≥ 0, commodity's unit per period; flow is measured entering the link
    withdraw, inject
    loss, fee_in_kind        Links, shares of the entering flow; it arrives in the grade that it ``becomes``
    Dual                     minus the discounted value of one more unit at the node, million USD per unit
    """
    terms = [(1.0, m.supply[s, t]) for s in m.supplies_at[n, k]]
    terms += [(m.arrival[f, j, t], m.flow[f, j, t]) for f, j in m.flows_into[n, k]]
    terms += [(m.fee[f, j, t], m.flow[f, j, t]) for f, j in m.fees_into[n, k]]
    terms += [(-1.0, m.delivery[d, k, t]) for d in m.sales_at[n, k]]
    terms += [(-1.0, m.flow[f, k, t]) for f in m.flows_from[n, k]]
    terms += [(1.0, m.withdraw[w, t]) for w in m.stores_at[n, k]]
    terms += [(-1.0, m.inject[w, t]) for w in m.stores_at[n, k]]
    return equal(terms, 0.0)


def _balance_items(case: Case, net: Network) -> tuple[Sequence[Key], Sequence[str]]:
    nodes, grades = case["Nodes"].keys, case["Commodities"].keys
    return [(nodes[n], grades[k]) for n, k in net.balances], case.periods


def _balance_terms(x: Index, p: Parameters) -> Iterator[Terms]:
    net, rows = x.network, x.rows["balance"]
    flows = np.arange(len(net.flow_link))
    flow = x.columns["flow"].at(flows)
    yield Terms(rows.at(net.supply_balance), x.columns["supply"].at(range(len(net.supply_balance))), 1.0)
    yield Terms(rows.at(net.flow_to), flow, p.flow_arrival)
    paid = flows[net.flow_fee >= 0]
    yield Terms(rows.at(net.flow_fee[paid]), flow[paid], p.flow_fee[paid])
    yield Terms(rows.at(net.sale_balance), x.columns["delivery"].at(range(len(net.sale_balance))), -1.0)
    yield Terms(rows.at(net.flow_from), flow, -1.0)
    stores = range(len(net.storage_balance))
    yield Terms(rows.at(net.storage_balance), x.columns["withdraw"].at(stores), 1.0)
    yield Terms(rows.at(net.storage_balance), x.columns["inject"].at(stores), -1.0)


BALANCE = Constraint(balance, _balance_items, lambda _, __: (0.0, 0.0), _balance_terms)


def supply_capacity(m: pyo.ConcreteModel, s: str, t: str) -> Any:
    """A supply that projects may enlarge gives no more than its capacity and what was added.

        supply[s,t] ≤ (capacity[s,t] + added[s,t])·y[t]                 ∀ supply s that a project adds to, period t

    capacity   Supply.capacity, commodity's unit per year
    Dual       discounted value of one more unit of capacity, million USD per unit
    """
    return at_most([(1.0, m.supply[s, t]), *m.added("Supply", s, t)], m.bound["supply_capacity"][s, t])


def _enlarged(case: Case, net: Network) -> tuple[Sequence[Key], Sequence[str]]:
    return [(case["Supply"].keys[s],) for s in net.built_supplies.tolist()], case.periods


def _capacity_terms(x: Index, p: Parameters) -> Iterator[Terms]:
    rows, supplies = x.rows["supply_capacity"], x.network.built_supplies
    yield Terms(rows.at(range(len(supplies))), x.columns["supply"].at(supplies), 1.0)
    yield from added_terms(x, p, rows, "Supply", supplies)


SUPPLY_CAPACITY = Constraint(
    supply_capacity, _enlarged, lambda p, net: (-np.inf, p.supply_capacity[net.built_supplies]), _capacity_terms
)


def reserves(m: pyo.ConcreteModel, s: str, span: str) -> Any:
    """A field cannot give more over the horizon than it holds.

        Σ_t supply[s,t] ≤ reserves[s]                                   ∀ supply s with reserves

    reserves   Supply.reserves, commodity's unit over the whole horizon
    Dual       present value of one more unit in the ground, million USD per unit
    """
    return at_most([(1.0, m.supply[s, t]) for t in m.periods], m.bound["reserves"][s, span])


def _reserve_items(case: Case, net: Network) -> tuple[Sequence[Key], Sequence[str]]:
    return [(case["Supply"].keys[s],) for s in net.reserves.tolist()], ("horizon",)


def _reserve_bounds(p: Parameters, net: Network) -> tuple[float, FloatArray]:
    held = p.reserves[net.reserves][:, None]
    return -np.inf, np.where(np.isnan(held), np.inf, held)


def _reserve_terms(x: Index, _: Parameters) -> Iterator[Terms]:
    columns = x.columns["supply"].at(x.network.reserves)
    rows = np.broadcast_to(x.rows["reserves"].at(range(len(x.network.reserves))), columns.shape)
    yield Terms(rows, columns, 1.0)


RESERVES = Constraint(reserves, _reserve_items, _reserve_bounds, _reserve_terms)
