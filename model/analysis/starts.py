"""The tariff at which a route that nothing takes does start, by re-solves."""

from __future__ import annotations

from typing import Final

import numpy as np

from model.analysis.marginal import parts_of
from model.results.cheapest import Unused
from model.results.next_routes import levers, unused_of
from model.results.tracing import SPECK
from model.solution import Solution
from model.solver.parts import Parts

# USD per unit: so much below a tariff a route that starts there must carry something
BELOW: Final = 0.005
# a route that has not started when its tariff is so many USD lower starts by no tariff
_FAR: Final = 1e4
_HALVINGS: Final = 24

Starts = dict[tuple[int, int, int, tuple[int, ...]], float]


def starts(solution: Solution, periods: tuple[int, ...]) -> Starts:
    """The tariff of each next route's lever at which the lever carries its first unit; NaN where none makes it.

    Where the gap is right, a tariff a little below ``start_tariff`` must do; else, at a kink, it is sought by halving.
    Every lever is asked once a period: of the routes over it the cheapest is the one that starts.
    """
    parts = parts_of(solution)
    asked: set[tuple[int, int]] = set()
    found: Starts = {}
    for t in periods:
        routes = unused_of(solution, t)
        lever, share = levers(solution, routes)
        order = sorted(range(len(routes)), key=lambda i: routes[i].lost)
        for i in order:
            route, f = routes[i], int(lever[i])
            if f < 0 or (f, t) in asked:
                continue
            asked.add((f, t))
            start = _start(solution, parts, route, f, _gap(solution, route) / share[i])
            found[route.period, route.origin.balance, route.sale, route.legs] = start
    return found


def _gap(solution: Solution, route: Unused) -> float:
    share = float(np.prod(solution.parameters.flow_arrival[list(route.legs), route.period]))
    return route.lost * share


def _start(solution: Solution, parts: Parts, route: Unused, f: int, gap: float) -> float:
    """Tariff of a flow at which it starts; ``gap`` is by how much it should have to fall."""
    t = route.period
    column = int(solution.layout.columns["flow"].at([f])[0, t])
    part = parts.of((column, False))
    here, _ = part.local((column, False))
    discount = float(solution.parameters.discount[t])
    tariff = float(solution.parameters.flow_tariff[f, t])

    def carries(fall: float) -> bool:
        part.probe.back_to(part.kept)
        with part.probe.column_cost(here, float(part.program.cost[here]) - fall * discount):
            return bool(part.probe.live.columns()[here] > SPECK)

    if carries(gap + BELOW):
        return tariff - gap
    low, high = gap, max(2 * gap, 1.0)
    while not carries(high):
        low, high = high, 4 * high
        if high > _FAR:
            return float("nan")
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if carries(middle) else (middle, high)
    return tariff - high
