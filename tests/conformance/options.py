"""Options, budgets and stores of a published case as Projects, Limits and Storage.

The problem stays the same; where the published form has something that the tables do not allow, an equivalent is used:

- Options add to single supplies or demands of one period: these get a place of their own and a link that is open in
  that period, to which the project adds.
- Options that add unevenly to several rows add one unit to an asset for each, of which the row uses 1/addition.
- A joint limit over several periods: the network is written out with one place for each node and period, in one period.
- Budgets with uneven weights: an option is counted in units of its weight.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import Any

from tests.conformance.names import safe_names
from tests.conformance.problem import Arc, Budget, InexpressibleError, Option, Problem, Store, Target, Terminal
from tests.conformance.published import number

ONE_PERIOD = "once"
Tables = dict[str, list[dict[str, Any]]]


def in_one_period(problem: Problem) -> Problem:
    """The network written out in one period, where a bundle joins links of several."""
    periods: dict[str, set[str]] = {}
    for arc in problem.arcs:
        for bundle in arc.bundles:
            periods.setdefault(bundle, set()).add(arc.period)
    if all(len(found) == 1 for found in periods.values()):
        return problem
    if problem.stores:
        raise InexpressibleError("a joint limit over several periods beside stores")

    def at(node: str, period: str) -> str:
        return f"{node} at {period}"

    def terminal(one: Terminal) -> Terminal:
        return replace(one, node=at(one.node, one.period), period=ONE_PERIOD)

    def link(one: Arc) -> Arc:
        ends = {"start": at(one.start, one.period), "end": at(one.end, one.period)}
        return replace(one, **ends, period=ONE_PERIOD)

    return replace(
        problem,
        arcs=[link(one) for one in problem.arcs],
        supply=[terminal(one) for one in problem.supply],
        demand=[terminal(one) for one in problem.demand],
    )


def with_alike_rows(problem: Problem) -> Problem:
    """An option that adds unevenly to links adds one unit to an asset for each, of which the link uses 1/addition."""
    uneven = [option for option in problem.options if len({target.most for target in option.targets}) > 1]
    if any(target.table != "arcs" for option in uneven for target in option.targets):
        raise InexpressibleError("an option that adds unevenly to others than links")
    adds = {target.name: target.most for option in uneven for target in option.targets}
    bundles, arcs = dict(problem.bundles), []
    for arc in problem.arcs:
        if arc.name not in adds:
            arcs.append(arc)
            continue
        name, most = f"room of {arc.name}", adds[arc.name]
        bundles[name] = 0.0, arc.most / most
        arcs.append(replace(arc, bundles=(*arc.bundles, name), most=math.inf, shares={**arc.shares, name: 1 / most}))
    options = [
        replace(option, targets=[_asset(target) for target in option.targets]) if option in uneven else option
        for option in problem.options
    ]
    return replace(problem, arcs=arcs, bundles=bundles, options=options)


def _asset(target: Target) -> Target:
    return Target("bundles", f"room of {target.name}", 1.0, target.least / target.most)


def with_gates(problem: Problem) -> Problem:
    """Links and places of their own for supplies and demands to which options add, and for stores with two ends."""
    added: Counter[tuple[str, str]] = Counter()
    for option in problem.options:
        for target in option.targets:
            added[target.table, target.name] += option.most * target.most
    arcs, supply, demand = list(problem.arcs), [], []
    for one in problem.supply:
        most = added.get(("supply", one.name))
        supply.append(_gate(one, most, arcs, inward=True) if most is not None else one)
    for one in problem.demand:
        # a case without links has all at one place: its buyers move to places of their own
        most = added.get(("demand", one.name), None if problem.arcs else 0.0)
        demand.append(_gate(one, most, arcs, inward=False) if most is not None else one)
    options = [
        replace(option, targets=[_at_gate(target) for target in option.targets if target.most])
        for option in problem.options
    ]
    if any(option.cost < 0 for option in options if not option.targets):
        raise InexpressibleError("an option that earns without adding to anything")
    stores = [part for store in problem.stores for part in _apart(store, arcs)]
    # an option that only costs is never bought
    bought = [option for option in options if option.targets]
    return replace(problem, arcs=arcs, supply=supply, demand=demand, options=bought, stores=stores)


def _gate(one: Terminal, most: float, arcs: list[Arc], *, inward: bool) -> Terminal:
    kind = "supply" if inward else "demand"
    place = f"{kind} {one.name}"
    start, end = (place, one.node) if inward else (one.node, place)
    arcs.append(Arc(place, start, end, one.commodity, one.period, 0.0, one.least, one.most, 0.0, ()))
    return replace(one, node=place, least=0.0, most=one.most + most)


def _at_gate(target: Target) -> Target:
    return (
        replace(target, table="arcs", name=f"{target.table} {target.name}")
        if target.table in ("supply", "demand")
        else target
    )


def _apart(store: Store, arcs: list[Arc]) -> list[Store]:
    """A store that lets go elsewhere, a period after it was filled: two stores that take turns.

    What goes in in a period comes out in the next: either store is filled in every other period, and empty after those
    between.
    """
    if store.release == store.node:
        return [store]
    if number(store.rows[0]["initial"], 0.0):
        raise InexpressibleError("a store with two ends that is not empty at the start")
    place, parts = f"{store.name} place", []
    for turn in (0, 1):
        rows = [row if t % 2 == turn else {**row, "max": "0", "min": "0"} for t, row in enumerate(store.rows)]
        parts.append(replace(store, name=f"{store.name} {turn}", node=f"{place} {turn}", release="", rows=rows))
        for t, row in enumerate(store.rows):
            ends = (store.node, f"{place} {turn}") if t % 2 == turn else (f"{place} {turn}", store.release)
            name = f"{row['id']} {turn}"
            arcs.append(Arc(name, *ends, store.commodity, row["period"], 0.0, 0.0, math.inf, 0.0, ()))
    return parts


def option_tables(problem: Problem, periods: list[str]) -> Tables:
    """Projects and Limits, and the Assets and Uses that uneven options need; all is built in the first period."""
    if not problem.options:
        return {}
    links, shared = safe_names(arc.name for arc in problem.arcs), safe_names(problem.bundles)
    names = safe_names(option.name for option in problem.options)
    units = _units(problem)
    rows = []
    for option in problem.options:
        if len({(target.table, target.most) for target in option.targets}) > 1:
            raise InexpressibleError("an option that adds unevenly")
        size, least = option.targets[0].most, {target.least / target.most for target in option.targets}
        if len(least) > 1:
            raise InexpressibleError("an option whose rows must be used unevenly")
        weight = units.get(option.name, 1.0)
        known = links if option.targets[0].table == "arcs" else shared
        rows.append(
            {
                "project": f"p {names[option.name]}",
                "adds_to": ", ".join(known[target.name] for target in option.targets),
                "size": size / weight,
                "max_units": option.most * weight,
                "whole_units": "yes" if option.whole else "no",
                "capex": option.cost / weight,
                "minimum_use": least.pop(),
                "life_years": len(periods),
                **_paid_by(problem, option),
            }
        )
    limits = [_limit(problem, budget, units) for budget in problem.budgets]
    if len(periods) > 1:
        limits.append({"limit": "at once", "measure": "built", "what": "project=*", "at_most": 0, "opens": periods[1]})
    funds = [{"fund": _fund(problem, budget), "budget": "unlimited"} for budget in problem.budgets]
    return {"Projects": rows, "Limits": limits, "Funds": funds}


def _units(problem: Problem) -> dict[str, float]:
    """By option, what its published unit is in that of its budget."""
    found: dict[str, float] = {}
    for budget in problem.budgets:
        uneven = len(set(budget.weights.values())) > 1
        for name, weight in budget.weights.items():
            if uneven and (name in found or weight <= 0 or _whole(problem, name)):
                raise InexpressibleError("uneven weights of whole units, or of an option in two budgets")
            if uneven:
                found[name] = weight
    return found


def _whole(problem: Problem, name: str) -> bool:
    return any(option.name == name and option.whole for option in problem.options)


def _limit(problem: Problem, budget: Budget, units: dict[str, float]) -> dict[str, Any]:
    weight = 1.0 if any(name in units for name in budget.weights) else next(iter(budget.weights.values()))
    bound = budget.limit / weight
    row = {
        "limit": f"budget {_fund(problem, budget)}",
        "measure": "built",
        "what": f"fund={_fund(problem, budget)}",
        "per": "horizon",
    }
    sides = {"<=": ("at_most",), ">=": ("at_least",), "=": ("at_most", "at_least")}[budget.sense]
    return {**row, **dict.fromkeys(sides, bound)}


def _fund(problem: Problem, budget: Budget) -> str:
    return safe_names(one.name for one in problem.budgets)[budget.name]


def _paid_by(problem: Problem, option: Option) -> dict[str, str]:
    """The budgets that count an option stand in its funds, which have no limit of their own."""
    mine = [_fund(problem, budget) for budget in problem.budgets if option.name in budget.weights]
    if not mine:
        return {}
    return {"funds": mine[0] if len(mine) == 1 else ", ".join(f"{name} {100 / len(mine):.12g}" for name in mine)}


def store_tables(
    problem: Problem,
    periods: dict[str, str],
    nodes: dict[str, str],
    goods: dict[str, str],
    series: list[dict[str, Any]],
) -> Tables:
    """Storage, with Series for what varies by period; the least stock can be asked for at the end only."""
    rows = []
    for store in problem.stores:
        least = [number(row["min"], 0.0) for row in store.rows]
        if any(least[:-1]):
            raise InexpressibleError("a store with a least stock before the end")
        columns = {
            "capacity": [number(row["max"], math.inf) for row in store.rows],
            "cost": [number(row["hold_cost"], 0.0) for row in store.rows],
            "loss": [number(row["loss"], 0.0) for row in store.rows],
        }
        first: dict[str, Any] = {name: _said(values[0]) for name, values in columns.items()}
        for name, values in columns.items():
            if len(set(values)) > 1:
                by_period = {periods[row["period"]]: _said(v) for row, v in zip(store.rows, values, strict=True)}
                series.append({"sheet": "Storage", "key": store.name, "column": name, **by_period})
        rows.append(
            {
                "storage": store.name,
                "node": nodes[store.node],
                "commodity": goods[store.commodity],
                "inject": "unlimited",
                "withdraw": "unlimited",
                "initial": number(store.rows[0]["initial"], 0.0),
                "final": least[-1],
                **first,
            }
        )
    return {"Storage": rows} if rows else {}


def _said(value: float) -> float | str:
    return value if math.isfinite(value) else "unlimited"
