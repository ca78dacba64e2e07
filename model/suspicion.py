"""Legal but odd input, each with its cell: said by ``check``, never in the way of a run."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator

import numpy as np

from model.case import Case, FloatArray
from model.network import Network
from model.odd_numbers import odd_numbers
from model.parameters import Parameters, build_parameters
from model.selection import flow_records, matching


def suspicions(case: Case, net: Network) -> list[str]:
    """What looks odd in a case, in plain words with cells; empty where nothing does."""
    numbers = build_parameters(case, net)
    return [
        *_in_series(case, net),
        *_dead_fees(case, net),
        *_isolated(case),
        *_both_ways(case),
        *_never_paying(case, net, numbers),
        *odd_numbers(case, net, numbers),
    ]


def _isolated(case: Case) -> Iterator[str]:
    """Nodes at which nothing begins, ends or passes."""
    used = {*case.word("Supply", "node"), *case.word("Demand", "node"), *case.word("Storage", "node")}
    used |= {*case.word("Links", "from"), *case.word("Links", "to"), *case.word("Links", "fee_to")}
    for row, node in enumerate(case["Nodes"].keys):
        if node not in used:
            yield f"{case['Nodes'].cell(row, 'node')}: nothing begins, ends or passes at {node!r}."


def _both_ways(case: Case) -> Iterator[str]:
    """Pairs of opposite links that must both carry something at once."""
    links = case["Links"]
    least = case.number("Links", "minimum")
    by_ends: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for row, ends in enumerate(zip(links.words["from"], links.words["to"], strict=True)):
        by_ends[ends].append(row)
    for (start, end), rows in by_ends.items():
        for row in rows:
            for other in by_ends.get((end, start), ()):
                shared = set(links.words["commodity"][row]) & set(links.words["commodity"][other])
                if row < other and shared and np.any((least[row] > 0) & (least[other] > 0)):
                    yield (
                        f"{links.cell(row, 'minimum')}: {links.keys[row]!r} and, the other way, {links.keys[other]!r} "
                        f"({links.cell(other, 'minimum')}) must both flow at once."
                    )


def _never_paying(case: Case, net: Network, p: Parameters) -> Iterator[str]:
    """Links on which no commodity can ever earn what it costs, whatever capacities there are."""
    worth, cost = _best_prices(case, net, p), _least_costs(net, p)
    with np.errstate(invalid="ignore"):
        margin = p.flow_arrival * worth[net.flow_to] - p.flow_tariff - p.flow_risk - cost[net.flow_from]
    kept = np.isnan(margin).all(axis=1) | np.any(p.flow_fee > 0, axis=1)
    hopeless = ~np.any(margin >= 0, axis=1) & ~kept
    bound = set(case.word("Contracts", "applies_to"))
    best = np.where(np.isnan(margin), -np.inf, margin).max(axis=1)
    for link, flows in net.flows_of_link.items():
        name = case["Links"].keys[link]
        least = case.number("Links", "minimum")[link]
        if np.all(hopeless[list(flows)]) and name not in bound and not np.any(least > 0):
            loss = -max(best[list(flows)])
            lacking = f"{loss:,.4g} per unit short of it" if np.isfinite(loss) else "it leads to no price"
            yield f"{case['Links'].cell(link, 'tariff')}: {name!r} can never pay for itself; at best {lacking}."


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


def _in_series(case: Case, net: Network) -> Iterator[str]:
    """Selectors of flows that pick links one behind the other, so that the same tonne counts twice."""
    records = flow_records(case, net.flow_link, net.flow_commodity)
    onward: defaultdict[int, list[int]] = defaultdict(list)
    for flow, place in enumerate(net.flow_from.tolist()):
        onward[place].append(flow)
    names = case["Links"].keys
    for sheet in ("Limits", "Observed"):
        for row, measure in enumerate(case.word(sheet, "measure")):
            if measure != "flow":
                continue
            picked = np.flatnonzero(matching(case.word(sheet, "what")[row], records)).tolist()
            pair = _behind(net, onward, picked)
            if pair:
                first, second = (names[net.flow_link[flow]] for flow in pair)
                yield (
                    f"{case[sheet].cell(row, 'what')}: {first!r} and {second!r} lie in series; "
                    "what passes both is counted twice."
                )


def _behind(net: Network, onward: defaultdict[int, list[int]], picked: list[int]) -> tuple[int, int] | None:
    """Two picked flows of which the second can carry on what the first brings, or None."""
    chosen = set(picked)
    for start in picked:
        queue, seen = deque([int(net.flow_to[start])]), {int(net.flow_to[start])}
        while queue:
            for flow in onward[queue.popleft()]:
                if flow in chosen and flow != start:
                    return start, flow
                place = int(net.flow_to[flow])
                if place not in seen:
                    seen.add(place)
                    queue.append(place)
    return None


def _dead_fees(case: Case, net: Network) -> Iterator[str]:
    """Fees in kind that appear where nobody takes that grade: the link can carry nothing."""
    served = {*net.sale_balance.tolist(), *net.flow_from.tolist(), *net.storage_balance.tolist()}
    fees = case.number("Links", "fee_in_kind")[net.flow_link]
    for flow, place in enumerate(net.flow_fee.tolist()):
        if place >= 0 and place not in served and (fees[flow] > 0).any():
            link = int(net.flow_link[flow])
            grade, node = case["Commodities"].keys[net.flow_grade[flow]], case.word("Links", "fee_to")[link]
            yield (
                f"{case['Links'].cell(link, 'fee_to')}: nothing takes {grade!r} at {node!r}, "
                f"so {case['Links'].keys[link]!r} can carry none of it."
            )
