"""Next routes: the cheapest ones that nothing takes, and what each lacks for its first unit."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

import numpy as np

from model.case import FloatArray
from model.results.cheapest import Unused, unused_routes
from model.results.declare import Extras, ResultColumn, result_table
from model.results.flows import COMMODITY, PERIOD, PRICE_UNIT
from model.results.ladder import Ladders, ladders_on, route_columns, steps_of
from model.results.netbacks import in_one_row, price_column
from model.results.routes import DEMAND, FIELD, ROUTE, Route, route_name
from model.results.shape import names
from model.results.tracing import SPECK, Pair, trace
from model.selection import IntArray
from model.solution import Solution

CLOSED: Final = "closed"
_AGREED: Final = ("contract", "limit")


@result_table(
    "Next routes",
    "Which routes come next, from each field to each market, and what does each lack for its first unit?",
    key=("field", "commodity", "demand", "delivered_as", "route", "period"),
    columns=(
        FIELD,
        COMMODITY,
        DEMAND,
        ResultColumn("delivered_as", "Grade that would be delivered"),
        ROUTE,
        PERIOD,
        ResultColumn("rank", "1 = next of this field and demand; as many as Settings, routes_per_pair", format="year"),
        price_column(
            "gap", "What a first unit would lose, were every leg open: value at the field less all that follows"
        ),
        price_column("value", "What the unit is worth at the field in its best use"),
        price_column("market_price", "Price of the market without the grade's differential"),
        price_column("grade_differential", "What the grade fetches above or below that"),
        price_column("losses", "The share used or lost on the way, at what the market pays"),
        price_column("fees_in_kind", "The share that carriers keep, less what it is worth where they get it"),
        price_column("freight", "Tariffs of tankers and ferries; as all that follows, times the share that gets there"),
        price_column("port", "Tariffs of terminals"),
        price_column("transit_tariffs", "Tariffs of all other links"),
        price_column("risk", "Cost of risk"),
        price_column("rents", "What full capacities and markets would claim"),
        price_column("contracts", "What contracts and limits would claim (positive: they pay)"),
        ResultColumn("unused", "Its links that carry nothing; those closed are marked"),
        ResultColumn("lever", "Unused link, open, that gets most of a unit: the tariffs that follow are its own"),
        price_column("tariff", "Its tariff"),
        price_column("start_tariff", "Its tariff at which the first unit would go, all else as it is"),
        price_column(
            "starts_at",
            "The tariff at which it does start in a re-solve, lower at a kink; blank where none does, and of all but "
            "the cheapest route over its lever",
        ),
        PRICE_UNIT,
    ),
    excerpt=True,
    needs=("starts",),
)
def next_routes(solution: Solution, extras: Extras) -> dict[str, Any]:
    """One row per field, demand and rank; routes over closed links stand last, one for each pair."""
    periods = range(len(solution.case.periods)) if extras.periods is None else extras.periods
    routes = [route for t in periods for route in unused_of(solution, t)]
    if not routes:
        return {column.name: [] for column in next_routes.columns[1:]}
    ladders = _ladders(solution, routes)
    rows, (every, agreed), opened = in_one_row(ladders), _agreed(ladders), _opened(ladders)
    idle = np.array([route.lost for route in routes]) * ladders.share[:, -1]
    gap = idle + opened
    lever, share = levers(solution, routes)
    tariffs = solution.parameters.flow_tariff
    # the lever −1 is the last row; a route may have no leg, and the network no link that anything reaches
    tariff = np.vstack([tariffs, np.full((1, tariffs.shape[1]), np.nan)])[lever, ladders.period]
    own = {
        "rank": _ranks(solution, routes),
        "gap": gap,
        "rents": every - agreed - gap,
        "contracts": agreed,
        "fees_in_kind": rows["fees_in_kind"] + rows["fees_received"],
        "unused": names(_unused(solution, route) for route in routes),
        "lever": names("" if f < 0 else route_name(solution, (f,)) for f in lever.tolist()),
        "tariff": tariff,
        "start_tariff": tariff - gap / np.where(lever >= 0, share, 1.0),
        "starts_at": _starts(extras, routes),
    }
    together = {**rows, **route_columns(ladders), **own}
    return {column.name: together[column.name] for column in next_routes.columns[1:]}


def unused_of(solution: Solution, period: int) -> list[Unused]:
    """The routes that the table lists for a period, by field, demand and rank."""
    name = f"next routes {period}"
    if name not in solution.kept:
        found = unused_routes(solution, period, solution.case.settings.routes_per_pair)
        demand = solution.network.sale_demand
        found.sort(key=lambda one: (one.origin.balance, int(demand[one.sale]), _is_closed(solution, one), one.lost))
        solution.kept[name] = found
    routes: list[Unused] = solution.kept[name]
    return routes


def levers(solution: Solution, routes: list[Unused]) -> tuple[IntArray, FloatArray]:
    """The unused open leg of each route that gets most of a unit, −1 where there is none or one is closed; that share.

    At that leg the least of the tariff has to go.
    """
    found, shares = [], []
    for route in routes:
        share, best = 1.0, (0.0, -1)
        for f in route.legs:
            if solution["flow"][f, route.period] <= SPECK and share > best[0]:
                best = (share, f)
            share *= float(solution.parameters.flow_arrival[f, route.period])
        found.append(-1 if _is_closed(solution, route) else best[1])
        shares.append(best[0])
    return np.array(found, dtype=np.int64), np.array(shares)


def _ladders(solution: Solution, routes: list[Unused]) -> Ladders:
    found = trace(solution, solution.case.settings.routes_per_pair)
    return ladders_on(
        solution,
        found,
        [Route(Pair(one.period, one.origin, one.sale, 1.0, 0.0, 0.0, 0.0, ()), 1.0, one.legs) for one in routes],
    )


def _agreed(ladders: Ladders) -> tuple[FloatArray, FloatArray]:
    """What is claimed of a unit in all, idle legs' own gaps included, and what of it by contracts and limits."""
    steps, count = steps_of(ladders), len(ladders.routes)
    rents = steps.step == "rent"
    kind = names(str(name).split(" ", 1)[0] for name in steps.name)
    every, agreed = (
        np.bincount(steps.route[chosen], steps.amount[chosen], count).astype(float)
        for chosen in (rents, rents & np.isin(kind, _AGREED))
    )
    return every, agreed


def _opened(ladders: Ladders) -> FloatArray:
    """What the bounds of closed legs and sales claim of a unit: what opening them would earn; not above zero."""
    solution, t = ladders.solution, ladders.period
    total = np.zeros(len(ladders.routes))
    flow, sale = (np.maximum(solution.undiscounted(solution.bound_gain[name]), 0.0) for name in ("flow", "delivery"))
    upper, used = solution.parameters.flow_upper, ladders.legs >= 0
    shut = used & (upper[ladders.legs, t[:, None]] <= 0)
    total -= np.where(shut, flow[ladders.legs, t[:, None]] * ladders.share[:, :-1], 0.0).sum(axis=1)
    sold = ladders.sold >= 0
    block = solution.layout.columns["delivery"]
    most = solution.numbers.upper[block.slice].reshape(sale.shape)
    shut_sale = sold & (most[ladders.sold, t] <= 0)
    return total - np.where(shut_sale, sale[ladders.sold, t] * ladders.share[:, -1], 0.0)


def _is_closed(solution: Solution, route: Unused) -> bool:
    return any(solution.parameters.flow_upper[f, route.period] <= 0 for f in route.legs)


def _unused(solution: Solution, route: Unused) -> str:
    upper, flow, t = solution.parameters.flow_upper, solution["flow"], route.period
    return ", ".join(
        route_name(solution, (f,)) + (f" ({CLOSED})" if upper[f, t] <= 0 else "")
        for f in route.legs
        if flow[f, t] <= SPECK
    )


def _ranks(solution: Solution, routes: list[Unused]) -> IntArray:
    ranks: defaultdict[tuple[int, str, int], int] = defaultdict(int)
    found = []
    for route in routes:
        pair = (route.period, route.origin.name, int(solution.network.sale_demand[route.sale]))
        ranks[pair] += 1
        found.append(ranks[pair])
    return np.array(found, dtype=np.int64)


def _starts(extras: Extras, routes: list[Unused]) -> FloatArray:
    found = extras.starts or {}
    return np.array(
        [found.get((route.period, route.origin.balance, route.sale, route.legs), np.nan) for route in routes]
    )
