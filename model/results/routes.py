"""Routes: which field's volume reaches which market, over which legs, and what is paid on the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from model.results.declare import Extras, ResultColumn, result_table
from model.results.flows import COMMODITY, FAMILY, NOT_UNIQUE, ORIGIN, PERIOD, SURE, TRADE_UNIT, UNIQUE, UNIT
from model.results.markets import sale_prices
from model.results.shape import Trade, countries_of_nodes, grade_columns, names, own_units
from model.results.tracing import Origin, Pair, Ring, Trace, trace
from model.solution import Solution

OTHER: Final = "other"
GOING_ROUND: Final = "going round"
NO_LEGS: Final = "no legs"
# a listed route carries more than this; what is smaller is summed up in the row ``other``
SMALLEST: Final = 1e-6

FIELD = ResultColumn("field", "Node where the volume enters; a store, or a link's fee in kind at the node that gets it")
STARTS_AS = ResultColumn("starts_as", "field, store, or fee in kind")
ROUTE = ResultColumn("route", "Its links in order; other = those not listed (Settings, routes_per_pair)")
DEMAND = ResultColumn("demand", "Demand that it reaches, or store into which it goes")


@dataclass(frozen=True)
class Route:
    """One listed path of one pair; ``volume`` (per period) is counted where it starts."""

    pair: Pair
    volume: float
    legs: tuple[int, ...]


def listed_routes(solution: Solution, found: Trace) -> tuple[list[Route], list[tuple[Pair, float]]]:
    """The routes that are listed, largest first in each field, demand and period; and what is left of each pair."""
    net = solution.network
    groups: defaultdict[tuple[object, ...], list[Route]] = defaultdict(list)
    for pair in found.pairs:
        market = int(net.sale_demand[pair.sink]) if pair.sink < found.stores_from else -pair.sink
        key = (pair.period, pair.origin.name, pair.origin.kind, pair.origin.balance, market)
        groups[key].extend(Route(pair, volume, legs) for volume, legs in pair.routes if volume > SMALLEST)
    most = solution.case.settings.routes_per_pair
    routes = [one for members in groups.values() for one in sorted(members, key=lambda route: -route.volume)[:most]]
    taken: defaultdict[int, float] = defaultdict(float)
    for route in routes:
        taken[id(route.pair)] += route.volume
    left = [(pair, pair.volume - taken[id(pair)]) for pair in found.pairs]
    return routes, [(pair, volume) for pair, volume in left if volume > 1e-9 * max(1.0, pair.volume)]


def route_name(solution: Solution, legs: Iterable[int]) -> str:
    """Links of a route in order, such as ``btc > ceyhan_augusta``."""
    links, link = solution.case["Links"].keys, solution.network.flow_link
    return " > ".join(links[link[f]] for f in legs) or NO_LEGS


@result_table(
    "Routes",
    "Which field's volume reaches which market on which route? Where volumes meet they mix: the split is proportional.",
    key=("field", "starts_as", "commodity", "demand", "delivered_as", "route", "period"),
    columns=(
        FIELD,
        STARTS_AS,
        ResultColumn("country", "Country of the node where it starts"),
        COMMODITY,
        FAMILY,
        ORIGIN,
        DEMAND,
        ResultColumn("delivered_as", "Grade that is delivered"),
        ROUTE,
        PERIOD,
        ResultColumn("volume", "Volume counted where it starts", format="volume"),
        ResultColumn("delivered", "Volume that arrives of it", format="volume"),
        UNIT,
        ResultColumn(
            "trade_volume", "Volume where it starts, as a mean rate in the unit of the trade", format="volume"
        ),
        TRADE_UNIT,
        ResultColumn(
            "sales", "Price × volume delivered, undiscounted; blank with objective cost", "million USD", "money"
        ),
        ResultColumn("tariffs", "Tariffs paid on the way, undiscounted", "million USD", "money"),
        ResultColumn("risk_cost", "Cost of risk on the way, undiscounted", "million USD", "money"),
        SURE,
        ResultColumn("note", "What is particular about the row"),
    ),
    detail=True,
    needs=("unsure",),
)
def routes(solution: Solution, extras: Extras) -> dict[str, Any]:
    """Listed routes, what is left of each field and market, and what goes round; volumes above zero only."""
    found = trace(solution, solution.case.settings.routes_per_pair)
    listed, left = listed_routes(solution, found)
    rows = [
        *_listed_rows(solution, extras, found, listed, left),
        *(_ring_row(solution, ring) for ring in found.rings),
    ]
    rows.sort(key=lambda row: (row.period, row.balance, row.starts_as, row.name, row.demand, row.order))
    return _columns(solution, rows)


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    starts_as: str
    balance: int
    grade: int
    demand: str
    route: str
    period: int
    numbers: tuple[float, float, float, float, float]
    note: str
    order: float = 0.0
    sure: str = ""


def _listed_rows(
    solution: Solution, extras: Extras, found: Trace, listed: list[Route], left: list[tuple[Pair, float]]
) -> Iterable[_Row]:
    price = sale_prices(solution)
    taken: defaultdict[int, list[float]] = defaultdict(lambda: [0.0] * 5)
    for route in listed:
        numbers = _money(solution, found, route, price)
        taken[id(route.pair)] = [a + b for a, b in zip(taken[id(route.pair)], numbers, strict=True)]
        name = route_name(solution, route.legs)
        yield _row(solution, found, route.pair, name, numbers, -route.volume, _sure(extras, route))
    for pair, _ in left:
        total = (pair.volume, pair.delivered, _sales(found, pair, price, pair.delivered), pair.tariff, pair.risk)
        rest = tuple(a - b for a, b in zip(total, taken[id(pair)], strict=True))
        yield _row(solution, found, pair, OTHER, rest, 0.0)  # type: ignore[arg-type]


def _sure(extras: Extras, route: Route) -> str:
    """A route is as sure as its legs; what has none is as sure as nothing says."""
    if extras.unsure is None or not route.legs:
        return ""
    return NOT_UNIQUE if extras.unsure[list(route.legs), route.pair.period].any() else UNIQUE


def _money(
    solution: Solution, found: Trace, route: Route, price: np.ndarray[Any, Any]
) -> tuple[float, float, float, float, float]:
    p, t, carried = solution.parameters, route.pair.period, route.volume
    tariff = risk = 0.0
    for f in route.legs:
        tariff += carried * float(p.flow_tariff[f, t])
        risk += carried * float(p.flow_risk[f, t])
        carried *= float(p.flow_arrival[f, t])
    return route.volume, carried, _sales(found, route.pair, price, carried), tariff, risk


def _sales(found: Trace, pair: Pair, price: np.ndarray[Any, Any], delivered: float) -> float:
    return float(price[pair.sink, pair.period]) * delivered if pair.sink < found.stores_from else 0.0


def _row(
    solution: Solution,
    found: Trace,
    pair: Pair,
    name: str,
    numbers: tuple[float, float, float, float, float],
    order: float,
    sure: str = "",
) -> _Row:
    net, origin = solution.network, pair.origin
    grade = net.balances[origin.balance][1]
    if pair.sink < found.stores_from:
        grade = int(net.sale_commodity[pair.sink])
    elif pair.sink < found.going_round:
        grade = int(net.storage_commodity[pair.sink - found.stores_from])
    return _Row(
        origin.name,
        origin.kind,
        origin.balance,
        grade,
        end_name(solution, found, pair.sink),
        name,
        pair.period,
        numbers,
        note_of(found, origin, pair.sink),
        order,
        sure,
    )


def end_name(solution: Solution, found: Trace, sink: int) -> str:
    """Name of the demand or store where a pair ends."""
    case = solution.case
    if sink < found.stores_from:
        return case["Demand"].keys[int(solution.network.sale_demand[sink])]
    return case["Storage"].keys[sink - found.stores_from] if sink < found.going_round else GOING_ROUND


def note_of(found: Trace, origin: Origin, sink: int) -> str:
    """What is particular about where a pair starts or ends."""
    starts = {
        "field": "",
        "store": "out of a store: which field filled it is not traced",
        "fee in kind": "kept by the carrier on the way, and sold from the node that gets it",
    }[origin.kind]
    if sink < found.stores_from:
        return starts
    ends = "goes into a store" if sink < found.going_round else "lost while going round"
    return "; ".join(filter(None, (starts, ends)))


def _ring_row(solution: Solution, ring: Ring) -> _Row:
    net, p, t = solution.network, solution.parameters, ring.period
    place = int(net.flow_from[ring.legs[0]])
    tariff = sum(v * float(p.flow_tariff[f, t]) for f, v in zip(ring.legs, ring.volumes, strict=True))
    risk = sum(v * float(p.flow_risk[f, t]) for f, v in zip(ring.legs, ring.volumes, strict=True))
    numbers = (0.0, 0.0, 0.0, tariff, risk)
    note = f"{ring.volumes[0]:.6g} a period go round these links; no field's volume"
    name = route_name(solution, ring.legs)
    return _Row(GOING_ROUND, GOING_ROUND, place, net.balances[place][1], GOING_ROUND, name, t, numbers, note)


def _columns(solution: Solution, rows: list[_Row]) -> dict[str, Any]:
    case, net = solution.case, solution.network
    trade, country, nodes = Trade(case), countries_of_nodes(case), case["Nodes"].keys
    grade = np.array([net.balances[row.balance][1] for row in rows], dtype=np.int64)
    numbers = np.array([row.numbers for row in rows], dtype=float).reshape(len(rows), 5)
    period = np.array([row.period for row in rows], dtype=np.int64)
    return {
        FIELD.name: names(row.name for row in rows),
        STARTS_AS.name: names(row.starts_as for row in rows),
        "country": names(country[nodes[net.balances[row.balance][0]]] for row in rows),
        **grade_columns(case, grade),
        DEMAND.name: names(row.demand for row in rows),
        "delivered_as": names(case["Commodities"].keys[row.grade] for row in rows),
        ROUTE.name: names(row.route for row in rows),
        PERIOD.name: names(case.periods[t] for t in period.tolist()),
        "volume": numbers[:, 0],
        "delivered": numbers[:, 1],
        "unit": own_units(case, grade),
        "trade_volume": numbers[:, 0] * trade.volume[grade] / case.years[period],
        "trade_unit": trade.volume_unit[grade],
        "sales": numbers[:, 2],
        "tariffs": numbers[:, 3],
        "risk_cost": numbers[:, 4],
        SURE.name: names(row.sure for row in rows),
        "note": names(row.note for row in rows),
    }
