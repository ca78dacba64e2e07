"""The cheapest routes that nothing takes: a search from every market back to the fields, by what a unit would lose."""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass
from itertools import count
from typing import Final

import numpy as np

from model.case import FloatArray
from model.results.tracing import SPECK, Origin, trace
from model.solution import Solution

# what a route is made of: used links only, an unused one, a closed one
_USED, _IDLE, _CLOSED = 0, 1, 2
_LONGEST: Final = 25  # legs


@dataclass(frozen=True)
class Unused:
    """A route from a field to a sale that nothing takes in a period; ``lost`` is its gap per unit that is delivered."""

    origin: Origin
    sale: int
    period: int
    legs: tuple[int, ...]
    lost: float


@dataclass(frozen=True)
class _Label:
    """One way on from a balance to a sale: what gets there of a unit, and what that has lost."""

    balance: int
    kind: int
    share: float
    legs: tuple[int, ...]
    passed: frozenset[int]
    sale: int


@dataclass(frozen=True)
class _Costs:
    """Of one period: what a first unit on each leg and to each sale would lose, and of what kind each is."""

    leg: FloatArray
    leg_kind: list[int]
    sale: FloatArray
    sale_kind: list[int]


def unused_routes(solution: Solution, period: int, most: int) -> list[Unused]:
    """Of each field and demand the ``most`` cheapest routes over open links that nothing takes, and one over closed.

    A leg loses its reduced cost; a full leg none, for what it earns is a rent (complementary slackness). Routes pass no
    node of a grade twice. They are ranked by what they lose per unit delivered: that only grows from leg to leg, so
    that the first ``most`` ways found at a place are the cheapest (Dijkstra's argument, for k paths).
    """
    origins = {
        origin.balance: origin
        for origin in trace(solution, solution.case.settings.routes_per_pair).mixes[period][0]
        if origin.kind == "field" and origin.volume > SPECK
    }
    costs, arriving = _costs(solution, period), _arriving(solution)
    sales: defaultdict[int, list[int]] = defaultdict(list)
    for sale, demand in enumerate(solution.network.sale_demand.tolist()):
        sales[demand].append(sale)
    found = []
    for of_demand in sales.values():
        found.extend(_search(solution, period, of_demand, costs, arriving, origins, most))
    return found


def _costs(solution: Solution, t: int) -> _Costs:
    parts = []
    for name in ("flow", "delivery"):
        gain = solution.undiscounted(solution.bound_gain[name])[:, t]
        block = solution.layout.columns[name]
        upper = solution.numbers.upper[block.slice].reshape(solution[name].shape)[:, t]
        volume = solution[name][:, t]
        kind = np.where(volume > SPECK, _USED, np.where(upper > 0, _IDLE, _CLOSED))
        parts += [np.maximum(-gain, 0.0), kind.tolist()]
    return _Costs(*parts)


def _arriving(solution: Solution) -> dict[int, list[int]]:
    legs: defaultdict[int, list[int]] = defaultdict(list)
    for f, balance in enumerate(solution.network.flow_to.tolist()):
        legs[balance].append(f)
    return dict(legs)


def _search(
    solution: Solution,
    t: int,
    sales: list[int],
    costs: _Costs,
    arriving: dict[int, list[int]],
    origins: dict[int, Origin],
    most: int,
) -> list[Unused]:
    net, arrival, order = solution.network, solution.parameters.flow_arrival[:, t], count()
    heap = []
    for s in sales:
        at = int(net.sale_balance[s])
        label = _Label(at, costs.sale_kind[s], 1.0, (), frozenset((at,)), s)
        heap.append((float(costs.sale[s]), next(order), label))
    heapq.heapify(heap)
    settled: defaultdict[tuple[int, int], int] = defaultdict(int)
    found = []
    while heap:
        lost, _, label = heapq.heappop(heap)
        place = (label.balance, label.kind)
        if settled[place] >= (1 if label.kind == _CLOSED else most):
            continue
        settled[place] += 1
        if label.kind != _USED and label.balance in origins:
            found.append(Unused(origins[label.balance], label.sale, t, label.legs, lost))
        for f in arriving.get(label.balance, ()) if len(label.legs) < _LONGEST else ():
            start, share = int(net.flow_from[f]), label.share * float(arrival[f])
            if start in label.passed or share <= 0:
                continue
            longer = _Label(
                start, max(label.kind, costs.leg_kind[f]), share, (f, *label.legs), label.passed | {start}, label.sale
            )
            heapq.heappush(heap, (lost + float(costs.leg[f]) / share, next(order), longer))
    return found
