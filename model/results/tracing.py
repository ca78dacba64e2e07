"""Volumes traced from where they start to where they end, by proportional mixing wherever volumes meet.

What is at a node in one grade and period is one mix: every buyer and every leg that leaves takes the same share of each
field's volume. Cycles are cancelled first, so what is left can be put in an order in which everything flows downstream.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from model.case import FloatArray
from model.solution import Solution

# volumes below this are the solver's rounding
SPECK: Final = 1e-9

# a path as its first leg and the rest of it; None ends it
Path = tuple[int, "Path"] | None


@dataclass(frozen=True)
class Origin:
    """Where volume enters the network: a field, a store, or the node to which a fee in kind is paid."""

    name: str
    kind: str
    balance: int
    volume: float


@dataclass(frozen=True)
class Pair:
    """What goes from one origin to one sale (or store) in a period, counted where it starts.

    ``delivered`` is what arrives of it, ``tariff`` and ``risk`` what is paid on the way (million USD, undiscounted);
    ``routes`` the largest paths, each with its volume where it starts and its legs (positions of flows).
    """

    period: int
    origin: Origin
    sink: int
    volume: float
    delivered: float
    tariff: float
    risk: float
    routes: tuple[tuple[float, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Ring:
    """Volume that goes round a cycle in a period: legs and the volume that entered each."""

    period: int
    legs: tuple[int, ...]
    volumes: tuple[float, ...]


@dataclass(frozen=True)
class Trace:
    """All pairs and cycles of a solution.

    ``mixes`` gives, by period, the volume of each origin at each balance: (origins, array (balances, origins)).
    A sink is a sale, then a store, then (``going_round`` and above) what a cancelled cycle had lost.
    """

    pairs: tuple[Pair, ...]
    rings: tuple[Ring, ...]
    mixes: tuple[tuple[tuple[Origin, ...], FloatArray], ...]
    stores_from: int
    going_round: int


@dataclass
class _Ahead:
    """What becomes of one unit at a place, for one sink: shares, money and the largest paths."""

    share: float = 0.0
    arrived: float = 0.0
    tariff: float = 0.0
    risk: float = 0.0
    paths: list[tuple[float, Path]] = field(default_factory=list)


@dataclass(frozen=True)
class _Graph:
    """One period's positive flows without cycles: legs by start, sinks by balance, and what passes each balance."""

    period: int
    flow: Mapping[int, float]
    leaving: Mapping[int, list[int]]
    sinks: Mapping[int, list[tuple[int, float]]]
    passing: Mapping[int, float]
    order: tuple[int, ...]


def trace(solution: Solution, most: int) -> Trace:
    """Trace every period; ``most`` is the number of paths listed for each origin and sale."""
    name = f"trace {most}"
    if name not in solution.kept:
        solution.kept[name] = _trace(solution, most)
    found: Trace = solution.kept[name]
    return found


def _trace(solution: Solution, most: int) -> Trace:
    net = solution.network
    stores_from = len(net.sale_demand)
    going_round = stores_from + len(net.storage_balance)
    pairs: list[Pair] = []
    rings: list[Ring] = []
    mixes = []
    for t in range(len(solution.case.periods)):
        graph, found = _graph(solution, t, going_round)
        rings.extend(found)
        origins = tuple(_origins(solution, t))
        ahead = _look_ahead(solution, graph, most)
        for origin in origins:
            pairs.extend(_pairs(graph.period, origin, ahead.get(origin.balance, {})))
        mixes.append((origins, _mix(solution, graph, origins)))
    return Trace(tuple(pairs), tuple(rings), tuple(mixes), stores_from, going_round)


def legs_of(path: Path) -> tuple[int, ...]:
    """The legs of a path as a tuple."""
    legs = []
    while path is not None:
        leg, path = path
        legs.append(leg)
    return tuple(legs)


def _pairs(period: int, origin: Origin, ahead: Mapping[int, _Ahead]) -> Iterable[Pair]:
    for sink, one in ahead.items():
        volume = origin.volume
        routes = tuple((volume * share, legs_of(path)) for share, path in one.paths)
        yield Pair(
            period,
            origin,
            sink,
            volume * one.share,
            volume * one.arrived,
            volume * one.tariff,
            volume * one.risk,
            routes,
        )


def _origins(solution: Solution, t: int) -> Iterable[Origin]:
    case, net, p = solution.case, solution.network, solution.parameters
    nodes = case["Nodes"].keys
    produced: defaultdict[int, float] = defaultdict(float)
    for balance, volume in zip(net.supply_balance.tolist(), solution["supply"][:, t].tolist(), strict=True):
        produced[balance] += volume
    for balance, volume in produced.items():
        if volume > SPECK:
            yield Origin(nodes[net.balances[balance][0]], "field", balance, volume)
    fees: defaultdict[tuple[int, int], float] = defaultdict(float)
    for f in np.flatnonzero((net.flow_fee >= 0) & (solution["flow"][:, t] > SPECK)).tolist():
        fees[int(net.flow_link[f]), int(net.flow_fee[f])] += float(solution["flow"][f, t] * p.flow_fee[f, t])
    for (link, balance), volume in fees.items():
        if volume > SPECK:
            yield Origin(f"{case['Links'].keys[link]} fee in kind", "fee in kind", balance, volume)
    for w, volume in enumerate(solution["withdraw"][:, t].tolist()):
        if volume > SPECK:
            yield Origin(case["Storage"].keys[w], "store", int(net.storage_balance[w]), volume)


def _graph(solution: Solution, t: int, going_round: int) -> tuple[_Graph, list[Ring]]:
    net = solution.network
    volume = solution["flow"][:, t]
    flow = {f: float(volume[f]) for f in np.flatnonzero(volume > SPECK).tolist()}
    sinks: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
    sold, stored = solution["delivery"][:, t], solution["inject"][:, t]
    for s in np.flatnonzero(sold > SPECK).tolist():
        sinks[int(net.sale_balance[s])].append((s, float(sold[s])))
    for w in np.flatnonzero(stored > SPECK).tolist():
        sinks[int(net.storage_balance[w])].append((len(net.sale_demand) + w, float(stored[w])))
    rings: list[Ring] = []
    while cycle := _find_cycle(solution, flow):
        ring, lost = _cancel(solution, t, flow, cycle)
        if lost > SPECK:
            sinks[int(net.flow_from[cycle[0]])].append((going_round + len(rings), lost))
        rings.append(ring)
    leaving: defaultdict[int, list[int]] = defaultdict(list)
    passing: defaultdict[int, float] = defaultdict(float)
    for f, amount in flow.items():
        leaving[int(net.flow_from[f])].append(f)
        passing[int(net.flow_from[f])] += amount
    for balance, ends in sinks.items():
        passing[balance] += sum(amount for _, amount in ends)
    return _Graph(t, flow, leaving, sinks, passing, _order(solution, flow, passing)), rings


def _order(solution: Solution, flow: Mapping[int, float], places: Iterable[int]) -> tuple[int, ...]:
    """Balances in an order in which everything flows downstream; those on a cycle are left out."""
    net = solution.network
    missing: defaultdict[int, int] = defaultdict(int)
    leaving: defaultdict[int, list[int]] = defaultdict(list)
    for f in flow:
        missing[int(net.flow_to[f])] += 1
        leaving[int(net.flow_from[f])].append(int(net.flow_to[f]))
    ready = [place for place in dict.fromkeys([*places, *leaving, *missing]) if not missing[place]]
    for place in ready:
        for end in leaving[place]:
            missing[end] -= 1
            if not missing[end]:
                ready.append(end)
    return tuple(ready)


def _find_cycle(solution: Solution, flow: Mapping[int, float]) -> list[int]:
    """Legs of one cycle of positive flows, in order; empty where there is none."""
    net = solution.network
    downstream = set(_order(solution, flow, ()))
    back = {int(net.flow_to[f]): f for f in flow if int(net.flow_from[f]) not in downstream}
    if not back:
        return []
    # every balance that the order leaves out has a leg into it from another such, so walking back comes round
    place, seen, walk = next(iter(back)), set[int](), list[int]()
    while place not in seen:
        seen.add(place)
        walk.append(back[place])
        place = int(net.flow_from[back[place]])
    first = next(i for i, f in enumerate(walk) if int(net.flow_to[f]) == place)
    return walk[first:][::-1]


def _cancel(solution: Solution, t: int, flow: dict[int, float], cycle: list[int]) -> tuple[Ring, float]:
    """Take out of the flows what goes round; also what it loses on one round."""
    share, shares = 1.0, []
    for f in cycle:
        shares.append(share)
        share *= float(solution.parameters.flow_arrival[f, t])
    tightest = min(range(len(cycle)), key=lambda i: flow[cycle[i]] / shares[i] if shares[i] else np.inf)
    start = flow[cycle[tightest]] / shares[tightest]
    for f, part in zip(cycle, shares, strict=True):
        flow[f] -= start * part
    for f in [f for i, f in enumerate(cycle) if i == tightest or flow[f] <= SPECK]:
        del flow[f]
    return Ring(t, tuple(cycle), tuple(start * part for part in shares)), start * (1 - share)


def _look_ahead(solution: Solution, graph: _Graph, most: int) -> dict[int, dict[int, _Ahead]]:
    """By balance and sink: what becomes of one unit there, from the markets back."""
    net, p, t = solution.network, solution.parameters, graph.period
    ahead: dict[int, dict[int, _Ahead]] = {}
    for place in reversed(graph.order):
        found: defaultdict[int, _Ahead] = defaultdict(_Ahead)
        passing = graph.passing.get(place, 0.0)
        for sink, volume in graph.sinks.get(place, ()):
            share = volume / passing
            found[sink] = _Ahead(share, share, 0.0, 0.0, [(share, None)])
        for f in graph.leaving.get(place, ()):
            part = graph.flow[f] / passing
            numbers = (float(p.flow_arrival[f, t]), float(p.flow_tariff[f, t]), float(p.flow_risk[f, t]))
            for sink, onward in ahead.get(int(net.flow_to[f]), {}).items():
                _add_leg(found[sink], onward, f, part, numbers)
        for one in found.values():
            one.paths.sort(key=lambda path: -path[0])
            del one.paths[most:]
        ahead[place] = found
    return ahead


def _add_leg(here: _Ahead, onward: _Ahead, leg: int, part: float, numbers: tuple[float, float, float]) -> None:
    arrival, tariff, risk = numbers
    here.share += part * onward.share
    here.arrived += part * arrival * onward.arrived
    here.tariff += part * (tariff * onward.share + arrival * onward.tariff)
    here.risk += part * (risk * onward.share + arrival * onward.risk)
    here.paths.extend((part * share, (leg, path)) for share, path in onward.paths)


def _mix(solution: Solution, graph: _Graph, origins: tuple[Origin, ...]) -> FloatArray:
    """Volume of each origin at each balance, from the fields down."""
    net, arrival = solution.network, solution.parameters.flow_arrival[:, graph.period]
    mix = np.zeros((len(net.balances), len(origins)))
    for i, origin in enumerate(origins):
        mix[origin.balance, i] += origin.volume
    for place in graph.order:
        for f in graph.leaving.get(place, ()):
            mix[net.flow_to[f]] += mix[place] * (graph.flow[f] / graph.passing[place] * arrival[f])
    return mix
