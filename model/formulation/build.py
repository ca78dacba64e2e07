"""Put the Pyomo model together from the declared variables and constraints; no equation stands here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.common.gc_manager import PauseGC

from model.case import Case, FloatArray
from model.formulation.layout import CONSTRAINTS, Layout, Values
from model.formulation.neighbours import attach_projects
from model.formulation.rules import Block, Key, total
from model.formulation.vintages import most_made_up, most_short
from model.network import Network
from model.parameters import Parameters

Hook = Callable[[pyo.ConcreteModel], None]


def build_model(case: Case, layout: Layout, parameters: Parameters, values: Values) -> pyo.ConcreteModel:
    """The whole linear programme as a Pyomo model.

    Variables are indexed by names and period, for example ``m.flow["btc", "kz_light", "2026"]``; constraints bear the
    names of the rules in this package. The objective is ``m.value``, maximised, in discounted million USD.
    """
    with PauseGC():  # collecting walks all objects of the model again and again for nothing
        m = pyo.ConcreteModel(name=case.settings.title)
        m.periods = case.periods
        m.steps = [str(j + 1) for j in range(case.settings.demand_steps)]
        for block in layout.columns.values():
            _add_variables(m, block, layout, values)
        _attach_neighbours(m, case, layout.network)
        _attach_numbers(m, case, layout, parameters)
        m.bound = {constraint.name: _bounds(layout.rows[constraint.name], values) for constraint in CONSTRAINTS}
        for constraint in CONSTRAINTS:
            keys = layout.rows[constraint.name].keys
            setattr(m, constraint.name, pyo.Constraint(keys, rule=constraint.rule))
        _add_objective(m, layout, values)
    return m


def _add_variables(m: pyo.ConcreteModel, block: Block, layout: Layout, values: Values) -> None:
    keys = block.keys
    variable = pyo.Var(keys, dense=True)
    setattr(m, block.name, variable)
    lower, upper = values.lower[block.slice].tolist(), values.upper[block.slice].tolist()
    for data, low, high in zip(variable.values(), lower, upper, strict=True):
        data.lower = low
        data.upper = None if high == np.inf else high
    whole = layout.whole[(layout.whole >= block.offset) & (layout.whole < block.offset + block.size)] - block.offset
    for i in whole.tolist():
        variable[keys[i]].domain = pyo.Integers


def _bounds(block: Block, values: Values) -> dict[Key, float]:
    low, high = values.row_lower[block.slice], values.row_upper[block.slice]
    return dict(zip(block.keys, np.where(np.isfinite(high), high, low).tolist(), strict=True))


def _by_period(items: Iterable[Key], periods: tuple[str, ...], numbers: FloatArray) -> dict[Key, float]:
    keys = [(*item, t) for item in items for t in periods]
    return dict(zip(keys, numbers.ravel().tolist(), strict=True))


def _attach_neighbours(m: pyo.ConcreteModel, case: Case, net: Network) -> None:
    """Sparse index sets by name: what reaches, leaves, supplies and serves each (node, commodity)."""
    nodes, grades, links = case["Nodes"].keys, case["Commodities"].keys, case["Links"].keys
    places = [(nodes[n], grades[k]) for n, k in net.balances]
    flows = [(links[i], grades[k]) for i, k in zip(net.flow_link.tolist(), net.flow_commodity.tolist(), strict=True)]
    m.flows_into = _members(places, net.flow_to.tolist(), flows)
    m.flows_from = _members(places, net.flow_from.tolist(), [link for link, _ in flows])
    m.fees_into = _members(places, net.flow_fee.tolist(), flows)
    m.supplies_at = _members(places, net.supply_balance.tolist(), case["Supply"].keys)
    m.sales_at = _members(places, net.sale_balance.tolist(), [case["Demand"].keys[d] for d in net.sale_demand.tolist()])
    m.stores_at = _members(places, net.storage_balance.tolist(), case["Storage"].keys)
    names, years = case["Contracts"].keys, net.contract_years
    m.make_ups = _members(
        names, [c for c, _, _ in net.make_ups], [(str(years[v]), str(years[w])) for _, v, w in net.make_ups]
    )
    m.carried = _members(links, net.flow_link.tolist(), [k for _, k in flows])
    m.sold = _members(case["Demand"].keys, net.sale_demand.tolist(), [grades[k] for k in net.sale_commodity.tolist()])
    uses, crews = net.asset_use, net.fleet_use
    m.users = _members(case["Assets"].keys, uses.holder.tolist(), [flows[i] for i in uses.flow.tolist()])
    m.crews = _members(case["Fleets"].keys, crews.holder.tolist(), [flows[i] for i in crews.flow.tolist()])


def _members(owners: Iterable[Any], owner_of: list[int], members: Iterable[Any]) -> defaultdict[Any, list[Any]]:
    names = list(owners)
    found: defaultdict[Any, list[Any]] = defaultdict(list)
    for owner, member in zip(owner_of, members, strict=True):
        if owner >= 0:
            found[names[owner]].append(member)
    return found


def _attach_numbers(m: pyo.ConcreteModel, case: Case, layout: Layout, p: Parameters) -> None:
    """Coefficients by name, from the named arrays, and what contracts and limits count."""
    net, t = layout.network, case.periods
    flows = layout.columns["flow"].items
    m.arrival = _by_period(flows, t, p.flow_arrival)
    m.fee = _by_period([flows[i] for i in np.flatnonzero(net.flow_fee >= 0)], t, p.flow_fee[net.flow_fee >= 0])
    m.link_use = _by_period(flows, t, p.flow_use)
    m.sale_use = _by_period(layout.columns["delivery"].items, t, p.delivery_use)
    for name, sheet, use, numbers in (
        ("asset_use", "Assets", net.asset_use, p.asset_use),
        ("fleet_use", "Fleets", net.fleet_use, p.fleet_use),
    ):
        holders = case[sheet].keys
        keys = [(holders[h], *flows[f]) for h, f in zip(use.holder.tolist(), use.flow.tolist(), strict=True)]
        setattr(m, name, _by_period(keys, t, numbers))
    stores = layout.columns["stock"].items
    m.stock_keep = _by_period(stores, t, p.stock_keep)
    attach_projects(m, case, layout, p)
    choosing = layout.columns["may_be_short"].items
    m.most_short = dict(zip(choosing, most_short(p, net).tolist(), strict=True))
    m.most_made_up = dict(zip(choosing, most_made_up(p, net).tolist(), strict=True))
    m.lifted = _lifted(m, case, layout, p)
    m.counted = _counted(m, case, layout, p)


def _lifted(m: pyo.ConcreteModel, case: Case, layout: Layout, p: Parameters) -> Callable[[str, str], list[Any]]:
    net = layout.network

    def lifted(contract: str, year: str) -> list[Any]:
        c = case["Contracts"].position[contract]
        terms = net.contract_terms[c]
        variable, items = getattr(m, terms.block), layout.columns[terms.block].items
        periods = np.flatnonzero(p.contract_year_of == net.contract_years.index(int(year))).tolist()
        values = p.contract_coefficients[c] * p.contract_open[c]
        return [
            (float(values[i, t]), variable[(*items[item], case.periods[t])])
            for i, item in enumerate(terms.items.tolist())
            for t in periods
        ]

    return lifted


def _counted(m: pyo.ConcreteModel, case: Case, layout: Layout, p: Parameters) -> Callable[[str, str, str], list[Any]]:
    def counted(side: str, limit: str, span: str) -> list[Any]:
        row = case["Limits"].position[limit]
        terms = layout.network.limit_terms[row]
        variable, items = getattr(m, terms.block), layout.columns[terms.block].items
        periods = dict(p.limit_spans[row])[span].tolist()
        values = (p.limit_upper_coefficients if side == "upper" else p.limit_lower_coefficients)[row]
        return [
            (float(values[i, t]), variable[(*items[item], case.periods[t])])
            for i, item in enumerate(terms.items.tolist())
            for t in periods
        ]

    return counted


def _add_objective(m: pyo.ConcreteModel, layout: Layout, values: Values) -> None:
    variables = [data for block in layout.columns.values() for data in getattr(m, block.name).values()]
    worth = (-values.cost).tolist()
    kept = [(c, v) for c, v in zip(worth, variables, strict=True) if c]
    m.value = pyo.Objective(expr=total(kept), sense=pyo.maximize)
