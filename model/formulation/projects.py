"""What may be built: units, prerequisites, funds, what must be used of it, and the capacity that it adds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyomo.environ as pyo

from model.case import Case, FloatArray
from model.formulation.rules import Block, Constraint, Index, Key, Terms, at_least, at_most
from model.network import Network
from model.parameters import Parameters
from model.selection import IntArray


def added_terms(x: Index, p: Parameters, rows: Block, sheet: str, members: IntArray) -> Iterator[Terms]:
    """What projects add to the capacity rows of a sheet: −size·in_service on each unit built."""
    place = {row: i for i, row in enumerate(members.tolist())}
    for i, target in enumerate(x.network.targets):
        if target.sheet == sheet and target.row in place:
            yield _added(x, p, rows.at([place[target.row]])[0], i, -1.0)


def _added(x: Index, p: Parameters, row: IntArray, target: int, factor: float) -> Terms:
    project = x.network.targets[target].project
    build = x.columns["build"].at([project])[0]
    later = np.triu_indices(len(build))  # what is built in one period works in that and later ones
    values = factor * p.in_service[project] * p.target_size[target]
    return Terms(row[later[1]], build[later[0]], values[later])


def project_units(m: pyo.ConcreteModel, p: str, _: str) -> Any:
    """No more units of a project are built than there are.

        Σ_t build[p,t] ≤ max_units[p]                                   ∀ project p

    build       variable ≥ 0, units; whole where Projects says whole_units
    max_units   Projects
    Dual        present value of one more unit on offer, million USD
    """
    return at_most([(1.0, m.build[p, t]) for t in m.periods], m.bound["project_units"][p, "horizon"])


def project_requires(m: pyo.ConcreteModel, p: str, q: str, t: str) -> Any:
    """A project is not ahead of what it requires: of its units no larger share is built than of the prerequisite's.

        Σ_τ≤t build[p,τ]/max_units[p] ≤ Σ_τ≤t build[q,τ]/max_units[q]   ∀ project p that requires q, period t

    Dual   discounted value of the prerequisite's being ahead by its whole, million USD
    """
    until = m.periods[: m.periods.index(t) + 1]
    terms = [(m.unit_share[p], m.build[p, b]) for b in until]
    terms += [(-m.unit_share[q], m.build[q, b]) for b in until]
    return at_most(terms, 0.0)


def fund_budget(m: pyo.ConcreteModel, f: str, _: str) -> Any:
    """A fund pays no more than it has, in undiscounted money of the base year.

        Σ_p,t share[f,p]·capex[p,t]·build[p,t] ≤ budget[f]              ∀ fund f

    share    Projects.funds
    budget   Funds.budget, million USD over the horizon
    Dual     present value of one more million USD in the fund
    """
    terms = [(c, m.build[p, t]) for t in m.periods for p, c in m.paid_by[f, t]]
    return at_most(terms, m.bound["fund_budget"][f, "horizon"])


def fund_period(m: pyo.ConcreteModel, f: str, t: str) -> Any:
    """A fund pays no more in a period than it may.

        Σ_p share[f,p]·capex[p,t]·build[p,t] ≤ period_budget[f,t]       ∀ fund f, period t

    Dual   present value of one more million USD in that period
    """
    return at_most([(c, m.build[p, t]) for p, c in m.paid_by[f, t]], m.bound["fund_period"][f, t])


def project_use(m: pyo.ConcreteModel, p: str, row: str, t: str) -> Any:
    """Of what a project adds to a row, at least the minimum share is used.

        Σ max(use, 0)·flow ≥ minimum_use[p]·Σ_b size·in_service[p,b,t]·build[p,b]  ∀ project p with a minimum, its rows

    use    what one unit takes of the row's capacity; flows that go back (negative) are no use of what was built.
           Counted, they would have to balance what goes forth even where nothing is built
    Dual   minus the discounted cost of one more unit that must be used, million USD per unit
    """
    terms = [*m.used(p, row, t), *[(m.minimum_use[p] * c, v) for c, v in m.added_by(p, row, t)]]
    return at_least(terms, 0.0)


def _projects(case: Case, _: Network) -> tuple[Sequence[Key], Sequence[str]]:
    return [(name,) for name in case["Projects"].keys], ("horizon",)


def _unit_terms(x: Index, _: Parameters) -> Iterator[Terms]:
    every = range(len(x.case["Projects"]))
    columns = x.columns["build"].at(every)
    yield Terms(np.broadcast_to(x.rows["project_units"].at(every), columns.shape), columns, 1.0)


def requirements(case: Case) -> list[tuple[int, int]]:
    """(project, prerequisite) by position."""
    position = case["Projects"].position
    return [(p, position[q]) for p, names in enumerate(case.word("Projects", "requires")) for q in names or ()]


def _require_items(case: Case, _: Network) -> tuple[Sequence[Key], Sequence[str]]:
    names = case["Projects"].keys
    return [(names[p], names[q]) for p, q in requirements(case)], case.periods


def _require_terms(x: Index, p: Parameters) -> Iterator[Terms]:
    rows, share = x.rows["project_requires"], unit_share(p)
    for i, (project, needed) in enumerate(requirements(x.case)):
        row = rows.at([i])[0]
        until = np.triu_indices(len(row))
        for one, sign in ((project, 1.0), (needed, -1.0)):
            build = x.columns["build"].at([one])[0]
            yield Terms(row[until[1]], build[until[0]], sign * share[one])


def unit_share(p: Parameters) -> FloatArray:
    """Share of a project that one unit is; a project without units has none to build."""
    return 1.0 / np.where(p.build_most > 0, p.build_most, 1.0)


def _funds(case: Case, _: Network) -> tuple[Sequence[Key], Sequence[str]]:
    return [(name,) for name in case["Funds"].keys], ("horizon",)


def _fund_periods(case: Case, _: Network) -> tuple[Sequence[Key], Sequence[str]]:
    return [(name,) for name in case["Funds"].keys], case.periods


def _fund_terms(x: Index, p: Parameters, name: str) -> Iterator[Terms]:
    rows = x.rows[name]
    for fund in range(len(x.case["Funds"])):
        payers = np.flatnonzero([fund_name_pays(x.case, fund, project) for project in range(len(x.case["Projects"]))])
        columns = x.columns["build"].at(payers)
        row = np.broadcast_to(rows.at([fund]), columns.shape)
        yield Terms(row, columns, p.fund_share[fund, payers][:, None] * p.build_capex[payers])


def fund_name_pays(case: Case, fund: int, project: int) -> bool:
    """Whether a project names a fund."""
    return any(name == case["Funds"].keys[fund] for name, _ in case.word("Projects", "funds")[project] or ())


def _use_items(case: Case, net: Network) -> tuple[Sequence[Key], Sequence[str]]:
    targets = [net.targets[i] for i in net.used_targets.tolist()]
    return [(case["Projects"].keys[t.project], case[t.sheet].keys[t.row]) for t in targets], case.periods


def _use_terms(x: Index, p: Parameters) -> Iterator[Terms]:
    rows = x.rows["project_use"]
    for i, number in enumerate(x.network.used_targets.tolist()):
        target, row = x.network.targets[number], rows.at([i])[0]
        block, items, values = users_of(x.network, p, target.sheet, target.row)
        columns = x.columns[block].at(items)
        yield Terms(np.broadcast_to(row, columns.shape), columns, np.maximum(values, 0.0))
        yield _added(x, p, row, number, -float(p.minimum_use[target.project]))


def users_of(net: Network, p: Parameters, sheet: str, row: int) -> tuple[str, IntArray, FloatArray]:
    """Variables that use a row's capacity: their block, items and use per unit, shape (items, periods)."""
    if sheet == "Supply":
        return "supply", np.array([row]), np.ones((1, len(p.years)))
    if sheet == "Demand":
        items = np.flatnonzero(net.sale_demand == row)
        return "delivery", items, p.delivery_use[items]
    if sheet == "Links":
        items = np.flatnonzero(net.flow_link == row)
        return "flow", items, p.flow_use[items]
    uses, values = (net.asset_use, p.asset_use) if sheet == "Assets" else (net.fleet_use, p.fleet_use)
    mine = np.flatnonzero(uses.holder == row)
    return "flow", uses.flow[mine], values[mine]


PROJECT_UNITS = Constraint(project_units, _projects, lambda p, _: (-np.inf, p.build_most[:, None]), _unit_terms)
PROJECT_REQUIRES = Constraint(project_requires, _require_items, lambda _, __: (-np.inf, 0.0), _require_terms)
FUND_BUDGET = Constraint(
    fund_budget, _funds, lambda p, _: (-np.inf, p.fund_total[:, None]), lambda x, p: _fund_terms(x, p, "fund_budget")
)
FUND_PERIOD = Constraint(
    fund_period,
    _fund_periods,
    lambda p, _: (-np.inf, np.where(np.isnan(p.fund_by_period), np.inf, p.fund_by_period)),
    lambda x, p: _fund_terms(x, p, "fund_period"),
)
PROJECT_USE = Constraint(project_use, _use_items, lambda _, __: (0.0, np.inf), _use_terms)
