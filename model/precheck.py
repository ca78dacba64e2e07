"""What has no answer, found before anything is solved, with its cells.

Loops of links that earn money, unlimited supply that reaches unlimited demand at a profit, firm demand and minimums
that no supply can reach.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.case import Case, FloatArray
from model.describe import span_text
from model.errors import InfeasibleCase, Shortage, UnboundedCase
from model.network import Network
from model.own_unit import own_unit
from model.parameters import Parameters, build_parameters

IntArray = NDArray[np.int64]
Mask = NDArray[np.bool_]

TOLERANCE: Final = 1e-9
MOST_LOOPS: Final = 10


def precheck(case: Case, network: Network) -> None:
    """Raise one error with everything that makes a case unsolvable and can be told without solving it.

    Raises
    ------
    InfeasibleCase
        Where firm demand or a minimum cannot be met whatever is done; what is unbounded is listed with it.
    UnboundedCase
        Where a loop of links has a negative total cost, or unlimited supply reaches unlimited demand at a profit.
    """
    graph = _Graph(case, network, build_parameters(case, network))
    gains = [*_earning_loops(graph), *_unlimited_profits(graph)]
    lacking = [*_firm_demand_out_of_reach(graph), *_minimums_out_of_reach(graph)]
    unbounded = "\n    ".join(gains)
    if lacking:
        reason = "what is asked cannot be met; nothing was solved."
        raise InfeasibleCase(case.scenario, f"{reason}\n    {unbounded}" if gains else reason, lacking)
    if gains:
        raise UnboundedCase(case.scenario, f"money can be earned without end; nothing was solved.\n    {unbounded}")


@dataclass(frozen=True)
class _Graph:
    """The network with the numbers of one case; masks have the shape (items, periods)."""

    case: Case
    network: Network
    numbers: Parameters

    @cached_property
    def cost(self) -> FloatArray:
        """USD per unit entering a flow."""
        return self.numbers.flow_tariff + self.numbers.flow_risk

    @cached_property
    def usable(self) -> Mask:
        """Flows that are open and have capacity, or may get it, on their link and on all that they use."""
        net = self.network
        blocked = self.numbers.flow_open <= 0
        blocked |= (self.numbers.flow_upper <= 0) & ~self.growing("Links")[net.flow_link][:, None]
        for flow, bound, use, growing in self._bounds():
            np.logical_or.at(blocked, flow, (bound <= 0) & (use > 0) & ~growing[:, None])
        return ~blocked

    @cached_property
    def unlimited(self) -> Mask:
        """Flows that nothing bounds: neither link, asset, fleet, contract nor limit."""
        limited = np.isfinite(self.numbers.flow_upper) | self._counted("flow", len(self.network.flow_link))
        for flow, bound, use, _ in self._bounds():
            np.logical_or.at(limited, flow, np.isfinite(bound) & (use > 0))
        return ~limited

    @cached_property
    def unlimited_supply(self) -> Mask:
        """Supplies that nothing bounds."""
        free = np.isinf(self.numbers.supply_upper) & np.isnan(self.numbers.reserves)[:, None]
        return free & ~self._counted("supply", len(free)) if free.any() else free

    @cached_property
    def unlimited_sale(self) -> Mask:
        """Sales that nothing bounds."""
        volume = self.numbers.demand_upper[self.network.sale_demand]
        free = np.isinf(self.numbers.delivery_upper) & np.isinf(volume)
        return free & ~self._counted("delivery", len(free)) if free.any() else free

    def _bounds(self) -> Iterator[tuple[IntArray, FloatArray, FloatArray, Mask]]:
        """What several flows share: the flows, the bound of each, its use of it, and whether projects add to it."""
        net, p = self.network, self.numbers
        shared = np.flatnonzero(np.isin(net.flow_link, net.shared_links))
        for sheet, flow, holder, bound, use in (
            ("Links", shared, net.flow_link[shared], p.link_upper, p.flow_use[shared]),
            ("Assets", net.asset_use.flow, net.asset_use.holder, p.asset_upper, p.asset_use),
            ("Fleets", net.fleet_use.flow, net.fleet_use.holder, p.fleet_upper, p.fleet_use),
        ):
            yield flow, bound[holder], use, self.growing(sheet)[holder]

    def growing(self, sheet: str) -> Mask:
        """Rows of a sheet to which projects may add capacity."""
        growing = np.zeros(len(self.case[sheet]), dtype=bool)
        growing[self.network.growing(sheet)] = True
        return growing

    def _counted(self, block: str, size: int) -> Mask:
        """Items that a limit or a contract's ceiling counts in a period, so that it may bound them."""
        p, found = self.numbers, np.zeros((size, len(self.case.periods)), dtype=bool)
        for row, terms in enumerate(self.network.limit_terms):
            if terms.block == block:
                found[terms.items] |= (p.limit_upper_coefficients[row] > 0) & np.isfinite(p.limit_upper[row]).any()
                found[terms.items] |= (p.limit_lower_coefficients[row] < 0) & np.isfinite(p.limit_lower[row]).any()
        for row in self.network.ceilings.tolist():
            contract = self.network.contract_terms[row]
            if contract.block == block:
                found[contract.items] |= p.contract_open[row] > 0
        return found


def _earning_loops(graph: _Graph) -> Iterator[str]:
    """Loops of usable links whose costs add up to less than nothing, each with its periods and cells.

    Losses do not matter: where the costs of a loop add up to less than nothing, there is a place to start from which
    every partial sum is negative, and so is the sum with the later costs weighed by what is left of the volume.
    """
    negative = graph.usable & (graph.cost < 0)
    found: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    known: dict[bytes, list[tuple[int, ...]]] = {}
    for t in np.flatnonzero(negative.any(axis=0)).tolist():
        usable, cost = graph.usable[:, t], graph.cost[:, t]
        same = usable.tobytes() + cost.tobytes()
        if same not in known:
            known[same] = list(_loops(graph.network, usable, cost))
        for loop in known[same]:
            found[loop].append(t)
    links = graph.case["Links"]
    for loop, periods in found.items():
        total = min(float(graph.cost[list(loop), t].sum()) for t in periods)
        legs = [
            f"{links.keys[link]} ({graph.case.source_cell('Links', link, 'tariff', periods[0])})"
            for link in graph.network.flow_link[list(loop)].tolist()
        ]
        grade = graph.case["Commodities"].keys[graph.network.flow_commodity[loop[0]]]
        yield (
            f"{span_text(graph.case, periods)}: {grade} can go round the loop {', '.join(legs)}, where tariffs and "
            f"risk add up to {total:,.6g} per unit; needs a loop that costs nothing or more."
        )


def _loops(net: Network, usable: Mask, cost: FloatArray) -> Iterator[tuple[int, ...]]:
    """Loops of negative cost as flow positions, each starting with its smallest; the first few."""
    open_flow = usable.copy()
    for _ in range(MOST_LOOPS):
        loop = _negative_loop(net, np.flatnonzero(open_flow), cost)
        if not loop:
            return
        open_flow[min(loop, key=lambda flow: float(cost[flow]))] = False
        first = loop.index(min(loop))
        yield tuple(loop[first:] + loop[:first])


def _negative_loop(net: Network, flows: IntArray, cost: FloatArray) -> list[int]:
    """One loop of negative cost by Bellman and Ford's relaxation of all flows at once, or an empty list."""
    start, end, step = net.flow_from[flows], net.flow_to[flows], cost[flows]
    distance = np.zeros(len(net.balances))
    before = np.full(len(net.balances), -1)
    for sweep in range(1, len(distance) + 2):
        reached = distance[start] + step
        better = reached < distance[end] - TOLERANCE
        if not better.any():
            return []
        np.minimum.at(distance, end[better], reached[better])
        best = better & (reached <= distance[end])
        before[end[best]] = flows[best]
        if sweep & (sweep - 1) == 0 or sweep > len(distance):
            loop = _loop_of(before, net)
            if loop:
                return loop
    return []


def _loop_of(before: IntArray, net: Network) -> list[int]:
    """A loop in the graph of last steps, in the direction of flow."""
    seen = np.zeros(len(before), dtype=np.int64)
    for root in np.flatnonzero(before >= 0).tolist():
        place = root
        while seen[place] == 0 and before[place] >= 0:
            seen[place] = root + 1
            place = int(net.flow_from[before[place]])
        if before[place] >= 0 and seen[place] == root + 1:
            loop: list[int] = []
            at = place
            while not loop or at != place:
                loop.append(int(before[at]))
                at = int(net.flow_from[before[at]])
            return loop[::-1]
    return []


def _unlimited_profits(graph: _Graph) -> Iterator[str]:
    """Pairs of unlimited supply and demand that an unlimited route joins at a profit, each with its cells."""
    if not graph.unlimited_supply.any() or not graph.unlimited_sale.any():
        return
    net, p = graph.network, graph.numbers
    worth, choice = _netbacks(graph)
    gain = np.where(graph.unlimited_supply, worth[net.supply_balance] - p.supply_cost, -np.inf)
    found: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for supply, t in np.argwhere(gain > TOLERANCE).tolist():
        found[supply, *_route(net, choice[:, t], int(net.supply_balance[supply]))].append(t)
    for (supply, *flows, sale), periods in found.items():
        yield _profit_text(graph, (supply, flows, sale), periods, float(gain[supply, periods].max()))


def _netbacks(graph: _Graph) -> tuple[FloatArray, IntArray]:
    """Best price at each balance by unlimited routes, and how: a flow, or −1 − sale; both (balances, periods)."""
    net, p = graph.network, graph.numbers
    worth = np.full((len(net.balances), len(graph.case.periods)), -np.inf)
    choice = np.zeros(worth.shape, dtype=np.int64)
    price = np.where(graph.unlimited_sale, p.delivery_price, -np.inf)
    _take_best(worth, choice, net.sale_balance, price, -1 - np.arange(len(price)))
    flows = np.flatnonzero(graph.unlimited.any(axis=1))
    fee = net.flow_fee[flows]
    for _ in range(len(net.balances)):
        with np.errstate(invalid="ignore"):
            back = p.flow_arrival[flows] * worth[net.flow_to[flows]] - graph.cost[flows]
            back += np.where((fee >= 0)[:, None] & (p.flow_fee[flows] > 0), p.flow_fee[flows] * worth[fee], 0.0)
        back = np.where(graph.unlimited[flows] & ~np.isnan(back), back, -np.inf)
        if not _take_best(worth, choice, net.flow_from[flows], back, flows):
            break
    return worth, choice


def _take_best(worth: FloatArray, choice: IntArray, place: IntArray, offer: FloatArray, label: IntArray) -> bool:
    """Raise the worth of places to the best offer and note whose it was; whether anything rose."""
    better = offer > worth[place] + TOLERANCE
    if not better.any():
        return False
    np.maximum.at(worth, place, np.where(better, offer, -np.inf))
    item, period = np.nonzero(better & (offer >= worth[place]))
    choice[place[item], period] = label[item]
    return True


def _route(net: Network, choice: IntArray, place: int) -> list[int]:
    """Flows from a balance to the sale that sets its worth, and the sale last."""
    route: list[int] = []
    while choice[place] >= 0 and choice[place] not in route:
        route.append(int(choice[place]))
        place = int(net.flow_to[route[-1]])
    return [*route, -1 - int(choice[place]) if choice[place] < 0 else 0]


def _profit_text(graph: _Graph, way: tuple[int, list[int], int], periods: list[int], gain: float) -> str:
    case, (supply, flows, sale), t = graph.case, way, periods[0]
    demand = int(graph.network.sale_demand[sale])
    legs = [
        f"{case['Links'].keys[link]} ({case.source_cell('Links', link, 'capacity', t)})"
        for link in graph.network.flow_link[flows].tolist()
    ]
    column = "price" if case.word("Demand", "marker")[demand] is None else "slope"
    return (
        f"{span_text(case, periods)}: supply {case['Supply'].keys[supply]!r} "
        f"({case.source_cell('Supply', supply, 'capacity', t)}) is unlimited and reaches the unlimited demand "
        f"{case['Demand'].keys[demand]!r} ({case.source_cell('Demand', demand, 'volume', t)}, {column} "
        f"{case.source_cell('Demand', demand, column, t)}){' by ' + ', '.join(legs) if legs else ''} at a profit of "
        f"{gain:,.6g} per unit; needs a limit in one of these cells."
    )


def _firm_demand_out_of_reach(graph: _Graph) -> Iterator[Shortage]:
    """Firm demand that no open route from any supply reaches."""
    case, net = graph.case, graph.network
    firm = graph.numbers.demand_firm > 0
    if case.settings.unserved_price is not None or not firm.any():
        return
    served = np.zeros(firm.shape, dtype=bool)
    np.logical_or.at(served, net.sale_demand, _reached(graph)[net.sale_balance])
    for demand in np.flatnonzero((firm & ~served).any(axis=1)).tolist():
        periods = np.flatnonzero(firm[demand] & ~served[demand])
        what = "firm demand that no supply and open route reaches"
        yield _shortage(case, ("Demand", demand, "firm"), periods, what)


def _reached(graph: _Graph) -> Mask:
    """Where some supply of a period can get to on usable flows, shape (balances, periods)."""
    net = graph.network
    reached = np.zeros((len(net.balances), len(graph.case.periods)), dtype=bool)
    sources = (graph.numbers.supply_upper > 0) | graph.growing("Supply")[:, None]
    if graph.usable.all() and sources.all():
        return ~reached  # the network holds only what supply can reach
    np.logical_or.at(reached, net.supply_balance, sources)
    reached[net.storage_balance] = True  # what was stored earlier
    paid = np.flatnonzero(net.flow_fee >= 0)
    count = -1
    while (now := int(reached.sum())) != count:
        count = now
        moving = reached[net.flow_from] & graph.usable
        np.logical_or.at(reached, net.flow_to, moving & (graph.numbers.flow_arrival > 0))
        np.logical_or.at(reached, net.flow_fee[paid], moving[paid] & (graph.numbers.flow_fee[paid] > 0))
    return reached


def _minimums_out_of_reach(graph: _Graph) -> Iterator[Shortage]:
    """Minimums of links, assets and limits that count nothing any supply can reach."""
    case, net, p = graph.case, graph.network, graph.numbers
    for sheet, minimum, used in (
        ("Links", p.link_lower, set(net.flows_of_link)),
        ("Assets", p.asset_lower, set(net.asset_use.holder.tolist())),
    ):
        for row in np.flatnonzero((minimum > 0).any(axis=1)).tolist():
            if row not in used:
                what = "minimum of what no supply reaches"
                yield _shortage(case, (sheet, row, "minimum"), np.flatnonzero(minimum[row] > 0), what)
    for limit in net.limit_lower.tolist():
        if len(net.limit_terms[limit].items) == 0 and (p.limit_lower[limit] > 0).any():
            periods = np.flatnonzero(case.number("Limits", "at_least")[limit] > 0)
            what = "lower limit on what no supply reaches"
            yield _shortage(case, ("Limits", limit, "at_least"), periods, what)


def _shortage(case: Case, place: tuple[str, int, str], periods: IntArray, what: str) -> Shortage:
    """The largest yearly value of a cell in some periods as what is short."""
    sheet, row, column = place
    names = "" if sheet in ("Assets", "Limits") else ", ".join(case.word(sheet, "commodity")[row])
    kind = {"Links": "link", "Assets": "asset", "Limits": "limit", "Demand": "demand"}[sheet]
    where = f"{kind} {case[sheet].keys[row]!r}"
    if sheet == "Demand":
        where = f"{case.word(sheet, 'node')[row]} ({where})"
    volume = float(case.number(sheet, column)[row, periods].max())
    cell = case.source_cell(sheet, row, column, int(periods[0]))
    unit = own_unit(case, sheet, row, column)
    return Shortage(span_text(case, periods.tolist()), what, where, names, volume, unit, (cell,))
