"""What markets take: volumes, firm parts and straight demand lines.

A demand for one commodity without elasticity needs no row for its volume: that is the bound of its delivery.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyomo.environ as pyo

from model.case import Case
from model.formulation.projects import added_terms
from model.formulation.rules import Constraint, Index, Key, Terms, at_least, at_most, equal
from model.parameters import Parameters
from model.selection import IntArray


def demand_volume(m: pyo.ConcreteModel, d: str, t: str) -> Any:
    """Commodities that compete for a market fill it no further than its volume.

        Σ_k use[d,k]·delivery[d,k,t] ≤ (volume[d,t] + added[d,t])·y[t]  ∀ demand d for several commodities, period t

    use      units of the demand's volume_unit in one unit of the commodity
    volume   Demand.volume in the demand's volume_unit per year
    Dual     discounted value of one more unit of demand at its price, million USD per unit
    """
    terms = [(m.sale_use[d, k, t], m.delivery[d, k, t]) for k in m.sold[d]]
    return at_most([*terms, *m.added("Demand", d, t)], m.bound["demand_volume"][d, t])


def demand_firm(m: pyo.ConcreteModel, d: str, t: str) -> Any:
    """The firm part of a demand is delivered, or counted as unserved where that has a price.

        Σ_k use[d,k]·delivery[d,k,t] + unserved[d,t] ≥ firm[d,t]·y[t],   unserved ≤ firm·y     ∀ demand d, period t

    firm       Demand.firm in the demand's volume_unit per year
    unserved   variable ≥ 0, only where Settings has an unserved_price
    Dual       minus the discounted cost of one more unit of firm demand, million USD per unit
    """
    terms = [(m.sale_use[d, k, t], m.delivery[d, k, t]) for k in m.sold[d]]
    terms += [(1.0, m.unserved[d, t])] if (d, t) in m.unserved else []
    return at_least(terms, m.bound["demand_firm"][d, t])


def demand_line(m: pyo.ConcreteModel, d: str, t: str) -> Any:
    """Deliveries to an elastic demand climb down its steps.

        Σ_k use[d,k]·delivery[d,k,t] = Σ_j step[d,j,t]                  ∀ elastic demand d, period t

    step   variable, 0 ≤ step ≤ width, worth the height of the line at its middle
    Dual   minus the discounted price at which the market clears, without grade differentials
    """
    terms = [(m.sale_use[d, k, t], m.delivery[d, k, t]) for k in m.sold[d]]
    terms += [(-1.0, m.step[d, j, t]) for j in m.steps]
    return equal(terms, 0.0)


def _demands(case: Case, rows: IntArray) -> tuple[Sequence[Key], Sequence[str]]:
    return [(case["Demand"].keys[d],) for d in rows.tolist()], case.periods


def _sale_terms(x: Index, p: Parameters, name: str, demands: IntArray) -> Terms:
    place = {demand: i for i, demand in enumerate(demands.tolist())}
    sales = np.array([i for i, d in enumerate(x.network.sale_demand.tolist()) if d in place], dtype=np.int64)
    rows = [place[d] for d in x.network.sale_demand[sales].tolist()]
    return Terms(x.rows[name].at(rows), x.columns["delivery"].at(sales), p.delivery_use[sales])


def _volume_terms(x: Index, p: Parameters) -> Iterator[Terms]:
    yield _sale_terms(x, p, "demand_volume", x.network.shared_demands)
    yield from added_terms(x, p, x.rows["demand_volume"], "Demand", x.network.shared_demands)


def _firm_terms(x: Index, p: Parameters) -> Iterator[Terms]:
    yield _sale_terms(x, p, "demand_firm", x.network.firm)
    unserved = range(len(x.columns["unserved"].items))
    yield Terms(x.rows["demand_firm"].at(unserved), x.columns["unserved"].at(unserved), 1.0)


def _line_terms(x: Index, p: Parameters) -> Iterator[Terms]:
    yield _sale_terms(x, p, "demand_line", x.network.elastic)
    count = x.case.settings.demand_steps
    steps = np.arange(len(x.network.elastic) * count)
    yield Terms(x.rows["demand_line"].at(steps // count), x.columns["step"].at(steps), -1.0)


DEMAND_VOLUME = Constraint(
    demand_volume,
    lambda case, net: _demands(case, net.shared_demands),
    lambda p, net: (-np.inf, p.demand_upper[net.shared_demands]),
    _volume_terms,
)
DEMAND_FIRM = Constraint(
    demand_firm,
    lambda case, net: _demands(case, net.firm),
    lambda p, net: (p.demand_firm[net.firm], np.inf),
    _firm_terms,
)
DEMAND_LINE = Constraint(
    demand_line, lambda case, net: _demands(case, net.elastic), lambda _, __: (0.0, 0.0), _line_terms
)
