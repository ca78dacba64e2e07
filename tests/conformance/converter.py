"""A published case as this project's own tables.

One Mt is one unit of volume and one million USD one unit of cost; each period is a year without discounting. The
problem stays the same; where the published form has something that the tables do not allow, an equivalent form is used:

- A circulation without supply and demand gets a supply and a demand of nothing: links that no supply reaches are left
  out, and both sheets need a row.
- Gains (negative losses): each node measures in a unit of its own, so large that no link gains. That works unless a
  loop gains, which is inexpressible.
- Loops that earn, but in limited volume: the links that earn are turned round, each unit that they do not carry now
  costing what it would have earned. Loops without a limit stay as they are: they must be recognised as unbounded.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tests.conformance.names import safe_names
from tests.conformance.options import (
    ONE_PERIOD,
    in_one_period,
    option_tables,
    store_tables,
    with_alike_rows,
    with_gates,
)
from tests.conformance.problem import Arc, InexpressibleError, Place, Problem, Terminal, read_problem
from tests.conformance.published import Published


@dataclass(frozen=True)
class Converted:
    """Tables for ``read_case``, and how the project's value becomes the published minimum."""

    tables: dict[str, list[dict[str, Any]]]
    sign: float
    constant: float

    def minimum(self, value: float) -> float:
        """The canonical minimum from the value of a run."""
        return self.sign * value + self.constant


def convert(case: Published) -> Converted:
    """The tables of a case.

    Raises
    ------
    InexpressibleError
        Where the tables cannot say what the case says.
    """
    problem = with_alike_rows(in_one_period(read_problem(case)))
    problem = _without_gains(with_gates(problem))
    problem = _without_earning_loops(problem)
    problem.supply += _supplies_of_nothing(problem)
    if not problem.demand:
        first = problem.arcs[0]
        problem.demand.append(Terminal("nothing", first.end, first.commodity, first.period, 0.0, 0.0, 0.0))
    priced = any(demand.money for demand in problem.demand)
    return Converted(_tables(case, problem, priced=priced), -1.0 if priced else 1.0, problem.constant)


def _graph(arcs: Iterable[Arc], weight: Any) -> tuple[dict[Place, int], Any, Any, Any]:
    places: dict[Place, int] = {}
    start, end, cost = [], [], []
    for arc in arcs:
        u, v = (places.setdefault(place, len(places)) for place in arc.ends)
        start.append(u)
        end.append(v)
        cost.append(weight(arc))
    return places, np.array(start, int), np.array(end, int), np.array(cost, float)


def _shortest(count: int, start: Any, end: Any, cost: Any) -> Any:
    """Shortest distances from anywhere, or None where a loop is negative (Bellman and Ford)."""
    distance = np.zeros(count)
    for _ in range(count + 1):
        reached = distance.copy()
        np.minimum.at(reached, end, distance[start] + cost)
        if (reached >= distance - 1e-12 * np.maximum(1.0, np.abs(distance))).all():
            return distance
        distance = reached
    return None


def _without_gains(problem: Problem) -> Problem:
    if all(arc.loss >= 0 for arc in problem.arcs):
        return problem
    if problem.options or problem.stores:
        raise InexpressibleError("gains beside stores or options")
    places, start, end, cost = _graph(problem.arcs, lambda arc: -math.log(1 - arc.loss))
    distance = _shortest(len(places), start, end, cost)
    if distance is None:
        raise InexpressibleError("volume grows round a loop of links")
    unit = {place: math.exp(-distance[i]) for place, i in places.items()}

    def terminal(one: Terminal) -> Terminal:
        u = unit.get(one.place, 1.0)
        return replace(one, money=one.money * u, least=one.least / u, most=one.most / u)

    def arc(one: Arc) -> Arc:
        u, v = (unit[place] for place in one.ends)
        loss = max(0.0, 1 - (1 - one.loss) * u / v)
        return replace(one, cost=one.cost * u, least=one.least / u, most=one.most / u, loss=loss, use=u)

    return replace(
        problem,
        arcs=[arc(one) for one in problem.arcs],
        supply=[terminal(one) for one in problem.supply],
        demand=[terminal(one) for one in problem.demand],
    )


def _without_earning_loops(problem: Problem) -> Problem:
    usable = [arc for arc in problem.arcs if arc.most > 0]
    places, start, end, cost = _graph(usable, lambda arc: arc.cost)
    if cost.min(initial=0.0) >= 0 or _shortest(len(places), start, end, cost) is not None:
        return problem
    if problem.options or problem.stores:
        raise InexpressibleError("loops that earn beside stores or options")
    turned = {id(arc) for arc in usable if arc.cost < 0 and math.isfinite(arc.most) and arc.loss == 0}
    extra: defaultdict[tuple[str, str, str], float] = defaultdict(float)
    full: defaultdict[str, float] = defaultdict(float)
    arcs, constant = [], 0.0
    for arc in problem.arcs:
        if id(arc) not in turned:
            arcs.append(arc)
            continue
        most, least = arc.most - arc.least, 0.0
        arcs.append(replace(arc, start=arc.end, end=arc.start, cost=-arc.cost, least=least, most=most))
        constant += arc.cost * arc.most
        extra[arc.end, arc.commodity, arc.period] += arc.most
        extra[arc.start, arc.commodity, arc.period] -= arc.most
        for bundle in arc.bundles:
            full[bundle] += arc.most
    supply = [Terminal(f"turned_{i}", *key, 0.0, v, v) for i, (key, v) in enumerate(extra.items()) if v > 0]
    demand = [Terminal(f"turned_{i}", *key, 0.0, -v, -v) for i, (key, v) in enumerate(extra.items()) if v < 0]
    return Problem(
        arcs,
        [*problem.supply, *supply],
        [*problem.demand, *demand],
        _turned_bundles(problem, turned, full),
        problem.constant + constant,
    )


def _turned_bundles(problem: Problem, turned: set[int], full: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Σ(most − x) within bounds is Σx within the mirrored bounds, where all members of a bundle were turned."""
    mixed = {b for arc in problem.arcs if id(arc) not in turned for b in arc.bundles} & set(full)
    if mixed:
        raise InexpressibleError(f"loops that earn share a limit with links that do not: {', '.join(sorted(mixed))}")
    return {
        name: (max(0.0, full[name] - high), full[name] - low) if name in full else (low, high)
        for name, (low, high) in problem.bundles.items()
    }


def _supplies_of_nothing(problem: Problem) -> list[Terminal]:
    leaving: defaultdict[Place, list[Place]] = defaultdict(list)
    for arc in problem.arcs:
        leaving[arc.ends[0]].append(arc.ends[1])
    sources = dict.fromkeys(supply.place for supply in problem.supply)
    seen: set[Place] = set()
    nothing: list[Terminal] = []
    for place in [*sources, *list(leaving)]:
        if place in seen:
            continue
        if place not in sources:
            nothing.append(Terminal(f"nothing_{len(nothing)}", *place, problem.arcs[0].period, 0.0, 0.0, 0.0))
        seen.add(place)
        queue = deque([place])
        while queue:
            for other in leaving[queue.popleft()]:
                if other not in seen:
                    seen.add(other)
                    queue.append(other)
    return nothing


def _tables(case: Published, problem: Problem, *, priced: bool) -> dict[str, list[dict[str, Any]]]:
    own = {arc.period for arc in problem.arcs} == {ONE_PERIOD}
    periods = {
        name: str(2001 + i)
        for i, name in enumerate([ONE_PERIOD] if own else [r["period"] for r in case.table("periods")])
    }
    places = [place for arc in problem.arcs for place in (arc.start, arc.end)]
    places += [one.node for one in (*problem.supply, *problem.demand)]
    nodes = safe_names([*(row["node"] for row in case.table("nodes")), *places])
    goods = safe_names(row["commodity"] for row in case.table("commodities"))
    writer = _Writer(periods, nodes, goods)
    return {
        "Settings": [
            {"setting": "title", "value": case.name},
            {"setting": "objective", "value": "export value" if priced else "cost"},
            {"setting": "discount_rate", "value": 0},
            {"setting": "mip_gap", "value": 1e-9},
        ],
        "Periods": [{"period": label, "year": int(label), "years": 1} for label in periods.values()],
        "Commodities": [{"commodity": name, "family": "cargo", "unit": "Mt"} for name in goods.values()],
        "Nodes": [{"node": name, "country": "Somewhere", "kind": "hub"} for name in nodes.values()],
        "Supply": writer.terminals(problem.supply, "Supply", ("capacity", "minimum", "cost")),
        "Demand": writer.terminals(problem.demand, "Demand", ("volume", "firm", "price")),
        **writer.links(problem),
        **option_tables(problem, list(periods.values())),
        **store_tables(problem, periods, nodes, goods, writer.series),
        "Series": writer.series,
    }


class _Writer:
    """Rows of the project's tables."""

    def __init__(self, periods: dict[str, str], nodes: dict[str, str], goods: dict[str, str]) -> None:
        self.periods, self.nodes, self.goods = periods, nodes, goods
        self.series: list[dict[str, Any]] = []

    def terminals(self, rows: list[Terminal], sheet: str, columns: tuple[str, str, str]) -> list[dict[str, Any]]:
        most, least, money = columns
        names = safe_names(one.name for one in rows)
        table = []
        for one in rows:
            row = {
                sheet.lower(): names[one.name],
                "node": self.nodes[one.node],
                "commodity": self.goods[one.commodity],
                most: _limit(one.most),
                least: one.least,
                money: one.money,
            }
            if len(self.periods) > 1:
                for column in (most, least):
                    place = {"sheet": sheet, "key": names[one.name], "column": column}
                    self.series.append({**place, self.periods[one.period]: row[column]})
                    row[column] = 0
            table.append(row)
        return table

    def links(self, problem: Problem) -> dict[str, list[dict[str, Any]]]:
        names, shared = safe_names(arc.name for arc in problem.arcs), safe_names(problem.bundles)
        life = {p: {"opens": label, "closes": label} for p, label in self.periods.items()}
        links = [
            {
                "link": names[arc.name],
                "from": self.nodes[arc.start],
                "to": self.nodes[arc.end],
                "mode": "virtual",
                "commodity": self.goods[arc.commodity],
                "capacity": _limit(arc.most),
                "minimum": arc.least,
                "tariff": arc.cost,
                "loss": arc.loss,
                **(life[arc.period] if len(life) > 1 else {}),
            }
            for arc in problem.arcs
        ]
        assets = [
            {"asset": shared[name], "capacity": _limit(high), "minimum": low}
            for name, (low, high) in problem.bundles.items()
        ]
        uses = [
            {"link": names[arc.name], "asset": shared[bundle], "use": arc.use * arc.shares.get(bundle, 1.0)}
            for arc in problem.arcs
            for bundle in arc.bundles
        ]
        return {"Links": links, "Assets": assets, "Uses": uses}


def _limit(most: float) -> float | str:
    return most if math.isfinite(most) else "unlimited"
