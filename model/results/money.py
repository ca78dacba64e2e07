"""What the net value is made of, part by part: undiscounted and as present value, by item and period."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from model.case import Case, FloatArray
from model.parameters.convert import period_start
from model.results.agreements import contract_year_ends, refunds, shortfall_paid
from model.results.markets import clearing_price, sale_prices
from model.results.shape import Names, families, names
from model.selection import contract_commodities
from model.solution import Solution

SHARED: Final = "shared"
MILLION_USD: Final = "million USD"


class Part(NamedTuple):
    """One part: million USD undiscounted and discounted, both (items, periods), costs negative; family of each item."""

    amount: FloatArray
    present: FloatArray
    family: Names


def money_parts(solution: Solution) -> dict[str, Part]:
    """Each part of the net value by name; the present values of all add up to the objective."""
    case, net, p = solution.case, solution.network, solution.parameters
    family = names(case.word("Commodities", "family"))
    sale, flow = family[net.sale_commodity], family[net.flow_commodity]
    sales, surplus = _sales(solution)
    discounted = {
        "sales": (sales, sale),
        "buyers' surplus": (surplus, sale),
        "supply cost": (-solution["supply"] * p.supply_cost, family[net.supply_commodity]),
        "tariffs": (-solution["flow"] * p.flow_tariff, flow),
        "risk": (-solution["flow"] * p.flow_risk, flow),
        "shortfall payments": (_in_last_periods(solution, -shortfall_paid(solution)), _contract_families(case)),
        "unserved demand": _unserved(solution),
    }
    if net.make_ups:
        back = _in_last_periods(solution, refunds(solution))
        discounted["refunds of what was made up"] = back, _contract_families(case)
    if len(case["Storage"]):
        discounted["storage cost"] = -solution["stock"] * p.stock_cost, family[net.storage_commodity]
    found = {name: Part(amount, amount * p.discount, kinds) for name, (amount, kinds) in discounted.items()}
    return {**found, **_building(solution)} if len(case["Projects"]) else found


def _building(solution: Solution) -> dict[str, Part]:
    """Capex, paid at the start of a period, and what is left of it at the end of the last one."""
    case, p, build = solution.case, solution.parameters, solution["build"]
    kinds = _project_families(solution)
    rate, base, start = case.settings.discount_rate, case.settings.base_year, period_start(case)
    at_end = (1 + rate) ** -(start[-1] + case.years[-1] - base)
    paid, left, last = build * p.build_capex, build * p.build_left, np.zeros(build.shape)
    last[:, -1] = left.sum(axis=1)
    return {
        "capex": Part(-paid, -paid * (1 + rate) ** -(start - base), kinds),
        "unexpired value": Part(last, last * at_end, kinds),
    }


def _project_families(solution: Solution) -> Names:
    """The family of what uses the rows to which each project adds; ``shared`` for several."""
    case, net = solution.case, solution.network
    uses = {"Assets": net.asset_use, "Fleets": net.fleet_use}
    members: list[set[int]] = [set() for _ in case["Projects"].keys]
    for target in net.targets:
        if target.sheet == "Supply":
            items = net.supply_commodity[[target.row]]
        elif target.sheet == "Storage":
            items = net.storage_commodity[[target.row]]
        elif target.sheet == "Demand":
            items = net.sale_commodity[net.sale_demand == target.row]
        elif target.sheet == "Links":
            items = net.flow_commodity[net.flow_link == target.row]
        else:
            items = net.flow_commodity[uses[target.sheet].flow[uses[target.sheet].holder == target.row]]
        members[target.project].update(items.tolist())
    found = families(case, [sorted(group) for group in members])
    return np.where(found == "", SHARED, found)


def _sales(solution: Solution) -> tuple[FloatArray, FloatArray]:
    """Sales, and what elastic demand would have paid beyond its clearing price, by sale."""
    net, p = solution.network, solution.parameters
    volume = solution["delivery"]
    sales, surplus = np.nan_to_num(sale_prices(solution)) * volume, np.zeros(volume.shape)
    if not len(net.elastic) or solution.case.settings.objective == "cost":
        return sales, surplus
    steps = solution["step"].reshape(p.step_width.shape)
    taken = steps.sum(axis=1)
    worth = (steps * p.step_price).sum(axis=1)
    mean = np.divide(worth, taken, out=np.zeros_like(worth), where=taken > 0)
    elastic = np.flatnonzero(np.isin(net.sale_demand, net.elastic))
    line = np.searchsorted(net.elastic, net.sale_demand[elastic])
    surplus[elastic] = volume[elastic] * p.delivery_use[elastic] * (mean - clearing_price(solution))[line]
    return sales, surplus


def _in_last_periods(solution: Solution, amount: FloatArray) -> FloatArray:
    """Amounts by contract year in its last period, (contracts, periods)."""
    spread = np.zeros((len(amount), len(solution.case.periods)))
    spread[:, contract_year_ends(solution)] = amount
    return spread


def _contract_families(case: Case) -> Names:
    family = families(case, contract_commodities(case))
    # an asset that no link uses carries nothing of any family
    return np.where(family == "", SHARED, family)


def _unserved(solution: Solution) -> tuple[FloatArray, Names]:
    """The price of firm demand that is not met, per unit of the demand's first commodity."""
    case, net, p = solution.case, solution.network, solution.parameters
    position = case["Commodities"].position
    first = [position[case.word("Demand", "commodity")[d][0]] for d in net.firm.tolist()]
    family = names(case.word("Commodities", "family"))[np.array(first, dtype=np.int64)]
    price = case.settings.unserved_price
    if price is None:
        return np.zeros((len(first), len(case.periods))), family
    return -solution["unserved"] * price / p.demand_unit[net.firm], family
