"""Who gains: the value of each period shared out among producers, carriers, owners of what is scarce, and buyers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from model.case import Case, FloatArray
from model.results.agreements import contract_year_ends
from model.results.declare import Extras, ResultColumn, result_table
from model.results.flows import PERIOD
from model.results.markets import clearing_price
from model.results.rents import Claims, claims
from model.results.shape import countries_of_nodes, names
from model.results.tracing import trace
from model.solution import Solution

Account = tuple[str, str, str]
Shares = Sequence[tuple[str, float]]

PRODUCERS, TRANSIT, SHIPPING, PORTS, OWNERS = "producers", "transit", "shipping", "ports", "owners of capacity"
BUYERS, SELLERS, CONTRACTS, OBLIGATIONS = "buyers", "access to markets", "contracts and limits", "obligations"
STORES, PROJECTS, TOTAL = "stores", "projects", "total"
NOBODY: Final = "no stated owner"
_CARRIERS: Final = {"tanker": SHIPPING, "ferry": SHIPPING, "terminal": PORTS}


@result_table(
    "Who gains",
    "Who gains how much? Tariffs, fees in kind and contract payments are shown with those who receive them.",
    key=("group", "who", "item", "period"),
    columns=(
        ResultColumn(
            "group",
            "producers, transit, shipping (tankers, ferries), ports (terminals), owners of capacity, buyers, access to "
            "markets (what a market that takes no more pays above the netback), contracts and limits, obligations "
            "(firm demand, minimum use), stores, projects; total",
        ),
        ResultColumn("who", "Country, or the contract, limit or project where no country is stated"),
        ResultColumn(
            "item",
            "What is gained. Total: sum = everything above = net value (the objective, after risk, which nobody earns) "
            "+ transfers (tariffs and contract payments: costs in the objective, received by someone)",
        ),
        PERIOD,
        ResultColumn("value", "Gain in the period, undiscounted; negative = loss", "million USD", "money"),
        ResultColumn("present_value", "The same discounted to the base year", "million USD", "money"),
    ),
)
def who_gains(solution: Solution, _: Extras) -> dict[str, Any]:
    """One row per account and period; accounts that are zero throughout are left out."""
    discount = solution.parameters.discount
    accounts: defaultdict[Account, FloatArray] = defaultdict(lambda: np.zeros(len(discount)))
    transfers = np.zeros(len(discount))
    for account, amount in _entries(solution):
        accounts[account] = accounts[account] + amount
        transfers += amount * (account[2] in (TARIFFS, RECEIVED))
    kept = {account: amount for account, amount in sorted(accounts.items()) if np.abs(amount).max() > 1e-9}
    kept[TOTAL, "all", "sum"] = np.sum([np.zeros(len(discount)), *accounts.values()], axis=0)
    kept[TOTAL, "all", "net value"] = net_value(solution)
    kept[TOTAL, "all", "transfers"] = transfers
    value = np.array(list(kept.values()))
    group, who, item = zip(*kept, strict=True)
    count = len(discount)
    return {
        "group": np.repeat(names(group), count),
        "who": np.repeat(names(who), count),
        "item": np.repeat(names(item), count),
        PERIOD.name: np.tile(names(solution.case.periods), len(kept)),
        "value": value.ravel(),
        "present_value": (value * discount).ravel(),
    }


TARIFFS: Final = "tariffs"
RECEIVED: Final = "shortfall payments received"
PAID: Final = "shortfall payments"


def net_value(solution: Solution) -> FloatArray:
    """The objective by period, undiscounted: what every variable is worth, contract years in their last period."""
    total = np.zeros(len(solution.case.periods))
    for name, block in solution.layout.columns.items():
        worth = -solution.numbers.cost[block.slice].reshape(len(block.items), len(block.spans)) * solution[name]
        if name == "make_up":
            ends = contract_year_ends(solution)
            np.add.at(total, ends[[w for _, _, w in solution.network.make_ups]], worth[:, 0])
        elif name == "short":
            np.add.at(total, contract_year_ends(solution), worth.sum(axis=0))
        else:
            total += worth.sum(axis=0)
    return total / solution.parameters.discount


def _entries(solution: Solution) -> Iterator[tuple[Account, FloatArray]]:
    yield from _producers(solution)
    yield from _carriers(solution)
    yield from _claims(solution)
    yield from _buyers(solution)
    yield from _contract_payments(solution)
    yield from _stores_and_projects(solution)


def _producers(solution: Solution) -> Iterator[tuple[Account, FloatArray]]:
    """Value at the field less the supply cost; and what carriers keep of the producers' volumes."""
    case, net, p = solution.case, solution.network, solution.parameters
    country, value = countries_of_nodes(case), solution.node_value
    margin = (value[net.supply_balance] - p.supply_cost) * solution["supply"]
    for node, amount in zip(case.word("Supply", "node"), margin, strict=True):
        yield (PRODUCERS, country[node], "field rent"), amount
    mixes = trace(solution, 1).mixes
    nodes = case["Nodes"].keys
    for f in np.flatnonzero(net.flow_fee >= 0).tolist():
        paid = solution["flow"][f] * p.flow_fee[f] * value[net.flow_fee[f]]
        for t in np.flatnonzero(paid).tolist():
            origins, mix = mixes[t]
            part = mix[net.flow_from[f]]
            alone = [(nodes[net.balances[net.flow_from[f]][0]], 1.0)]
            whole = float(part.sum())
            owners = [(nodes[net.balances[o.balance][0]], v / whole) for o, v in zip(origins, part, strict=True) if v]
            for node, share in owners or alone:
                yield (PRODUCERS, country[node], "fees in kind paid"), _at(solution, t, -paid[t] * share)


def _at(solution: Solution, t: int, amount: float) -> FloatArray:
    found = np.zeros(len(solution.case.periods))
    found[t] = amount
    return found


def _link_owners(case: Case, link: int) -> Shares:
    """Who earns a link's tariff, by share: its country, else that of its start."""
    start = countries_of_nodes(case)[case.word("Links", "from")[link]]
    return _shares(case, "Links", link) or [(start, 1.0)]


def _shares(case: Case, sheet: str, row: int) -> Shares:
    found = case.word(sheet, "country")[row] or ()
    whole = sum(part for _, part in found)
    return [(name, part / whole) for name, part in found]


def _carriers(solution: Solution) -> Iterator[tuple[Account, FloatArray]]:
    """Tariffs, and fees in kind at their value where they are received."""
    case, net, p = solution.case, solution.network, solution.parameters
    mode, value = case.word("Links", "mode"), solution.node_value
    for f, link in enumerate(net.flow_link.tolist()):
        flow = solution["flow"][f]
        if not flow.any():
            continue
        group = _CARRIERS.get(mode[link], TRANSIT)
        for who, share in _link_owners(case, link):
            yield (group, who, TARIFFS), share * flow * p.flow_tariff[f]
            if net.flow_fee[f] >= 0:
                yield (group, who, "fees in kind"), share * flow * p.flow_fee[f] * value[net.flow_fee[f]]


def _claims(solution: Solution) -> Iterator[tuple[Account, FloatArray]]:
    """What scarce things earn on flows and sales, by the stated owner."""
    found, columns = claims(solution), solution.layout.columns
    net, periods = solution.network, len(solution.case.periods)
    for name, owner in (("flow", net.flow_commodity), ("delivery", net.sale_commodity)):
        block = columns[name]
        mine = (found.column >= block.offset) & (found.column < block.offset + block.size)
        item, t = np.divmod(found.column[mine] - block.offset, periods)
        amount = found.amount[mine] * solution[name][item, t] / solution.parameters.discount[t]
        commodity = owner[item]
        sums: defaultdict[tuple[int, int], FloatArray] = defaultdict(lambda: np.zeros(periods))
        rows = zip(found.holder[mine].tolist(), commodity.tolist(), t.tolist(), amount.tolist(), strict=True)
        for holder, k, period, money in rows:
            if money:
                sums[holder, k][period] += money
        for (holder, k), money in sums.items():
            yield from _shared(solution, found, holder, k, money)


def _shared(
    solution: Solution, found: Claims, holder: int, commodity: int, money: FloatArray
) -> Iterator[tuple[Account, FloatArray]]:
    case = solution.case
    kind, name = found.holders[holder]
    sheets = {"link": "Links", "asset": "Assets", "fleet": "Fleets"}
    if kind in sheets:
        row = case[sheets[kind]].position[name]
        owners = _link_owners(case, row) if kind == "link" else _shares(case, sheets[kind], row) or [(NOBODY, 1.0)]
        for who, share in owners:
            yield (OWNERS, who, f"rent of {kind}s"), share * money
    elif kind == "market":
        origin = case.word("Commodities", "origin")[commodity]
        yield (SELLERS, origin or _demand_country(case, name), "rent of markets that take no more"), money
    elif kind == "firm demand":
        yield (OBLIGATIONS, _demand_country(case, name), "firm demand"), money
    elif kind == "minimum":
        yield (OBLIGATIONS, name, "minimum use"), money
    else:
        yield (PROJECTS if kind == "project" else CONTRACTS, name, kind), money


def _demand_country(case: Case, name: str) -> str:
    return countries_of_nodes(case)[case.word("Demand", "node")[case["Demand"].position[name]]]


def _buyers(solution: Solution) -> Iterator[tuple[Account, FloatArray]]:
    """What elastic buyers would have paid beyond the clearing price; and firm demand that is not met."""
    case, net, p = solution.case, solution.network, solution.parameters
    if len(net.elastic):
        steps = solution["step"].reshape(len(net.elastic), -1, len(case.periods))
        price = -solution.numbers.cost[solution.layout.columns["step"].slice].reshape(steps.shape) / p.discount
        surplus = ((price - clearing_price(solution)[:, None, :]) * steps).sum(axis=1)
        for d, amount in zip(net.elastic.tolist(), surplus, strict=True):
            yield (BUYERS, _demand_country(case, case["Demand"].keys[d]), "buyers' surplus"), amount
    block = solution.layout.columns["unserved"]
    worth = -solution.numbers.cost[block.slice].reshape(solution["unserved"].shape) / p.discount
    for (name,), amount in zip(block.items, worth * solution["unserved"], strict=True):
        yield (BUYERS, _demand_country(case, name), "unserved demand"), amount


def _contract_payments(solution: Solution) -> Iterator[tuple[Account, FloatArray]]:
    """What is paid for shortfalls less refunds, by who pays and who receives."""
    case, ends = solution.case, contract_year_ends(solution)
    columns, cost = solution.layout.columns, solution.numbers.cost
    paid = np.zeros((len(case["Contracts"]), len(case.periods)))
    short = columns["short"]
    paid[:, ends] = cost[short.slice].reshape(solution["short"].shape) * solution["short"]
    refunds = cost[columns["make_up"].slice] * solution["make_up"].ravel()
    for (contract, _, year), refund in zip(solution.network.make_ups, refunds.tolist(), strict=True):
        paid[contract, ends[year]] += refund
    for row, amount in enumerate(paid / solution.parameters.discount):
        payer, receivers = _parties(case, row)
        yield (*payer, PAID), -amount
        for group, who, share in receivers:
            yield (group, who, RECEIVED), share * amount


def _parties(case: Case, row: int) -> tuple[tuple[str, str], list[tuple[str, str, float]]]:
    """Who pays for a shortfall and who receives it: a buyer's country, a carrier's, or the contract by name."""
    name, target = case["Contracts"].keys[row], case.word("Contracts", "applies_to")[row]
    kind = case.word("Contracts", "type")[row]
    by_name = (CONTRACTS, name)
    buyer = _demand_country(case, target) if target in case["Demand"].position else None
    if kind == "take-or-pay":
        return ((BUYERS, buyer) if buyer else by_name), [(*by_name, 1.0)]
    if kind == "deliver-or-pay":
        return by_name, [(BUYERS, buyer or name, 1.0)]
    if target in case["Assets"].position:
        owners = _shares(case, "Assets", case["Assets"].position[target]) or [(NOBODY, 1.0)]
        return by_name, [(OWNERS, who, share) for who, share in owners]
    if target in case["Links"].position:
        link = case["Links"].position[target]
        group = _CARRIERS.get(case.word("Links", "mode")[link], TRANSIT)
        return by_name, [(group, who, share) for who, share in _link_owners(case, link)]
    return by_name, [(BUYERS, buyer or name, 1.0)]


def _stores_and_projects(solution: Solution) -> Iterator[tuple[Account, FloatArray]]:
    """What a store earns by buying and selling at the node's value; and what is spent on projects."""
    case, net, p = solution.case, solution.network, solution.parameters
    country: Mapping[str, str] = countries_of_nodes(case)
    earned = solution.node_value[net.storage_balance] * (solution["withdraw"] - solution["inject"])
    earned = earned - p.stock_cost * solution["stock"]
    for node, amount in zip(case.word("Storage", "node"), earned, strict=True):
        yield (STORES, country[node], "trade of stores less their cost"), amount
    for project, amount in zip(case["Projects"].keys, p.build_worth * solution["build"] / p.discount, strict=True):
        yield (PROJECTS, project, "capex less unexpired value"), amount
