"""Price ladders: from a route's market price back to the wellhead leg by leg, and on to the field's value by rents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from model.case import FloatArray
from model.results.declare import Extras, ResultColumn, result_table
from model.results.flows import COMMODITY, PERIOD, PRICE_UNIT
from model.results.markets import sale_prices
from model.results.rents import KINDS_MEANING, Claims, claims
from model.results.routes import DEMAND, FIELD, ROUTE, STARTS_AS, Route, end_name, listed_routes, note_of, route_name
from model.results.shape import Names, Trade, names, picked, price_units
from model.results.tracing import Trace, trace
from model.selection import IntArray
from model.solution import Solution

TARIFF_STEPS: Final = {"tanker": "freight", "ferry": "freight", "terminal": "port"}
TRANSIT: Final = "transit tariff"
NOTE: Final = ResultColumn("note", "What is particular about the route")
# below this a step is rounding, USD per unit
NOTHING: Final = 1e-9

# places in the ladder: a leg's steps stand at 10·(legs to the market + 1) + their own rank
_PRICE, _DIFFERENTIAL = 0.0, 1.0
_LOSS, _FEE, _TARIFF, _RISK = 0.0, 1.0, 2.0, 3.0
_NETBACK, _RECEIVED, _RENTS, _VALUE, _COST, _FIELD_RENT = 1e6, 2e6, 3e6, 4e6, 5e6, 6e6


@dataclass(frozen=True)
class Ladders:
    """Listed routes as arrays; ``legs`` (routes, most legs) is padded with -1, ``share`` is what gets to each place.

    ``rung`` holds the netback per unit at each place, the start first; both have one column more than ``legs``.
    ``start`` and ``end`` are the balances (node and grade) of both ends.
    """

    solution: Solution
    found: Trace
    routes: list[Route]
    legs: IntArray
    count: IntArray
    period: IntArray
    sold: IntArray
    start: IntArray
    end: IntArray
    share: FloatArray
    rung: FloatArray


@dataclass(frozen=True)
class Steps:
    """Steps of many ladders; amounts are USD per unit at the place, ``weight`` carries them back to the start.

    ``order`` sorts the steps of one ladder; a step that is a sum of others has the amount NaN and its own ``rung``.
    """

    route: IntArray
    order: FloatArray
    step: Names
    name: Names
    place: IntArray
    grade: IntArray
    amount: FloatArray
    weight: FloatArray
    rung: FloatArray


@result_table(
    "Netback ladder",
    "What takes what from the market price, leg by leg back to the wellhead, and who earns the rents? (split by "
    "proportion)",
    key=("field", "starts_as", "commodity", "demand", "delivered_as", "route", "period", "number"),
    columns=(
        FIELD,
        STARTS_AS,
        COMMODITY,
        DEMAND,
        ResultColumn("delivered_as", "Grade that is delivered"),
        ROUTE,
        PERIOD,
        ResultColumn("volume", "Volume of the route, where it starts", format="volume"),
        ResultColumn("number", "Place of the step in the ladder", format="year"),
        ResultColumn(
            "step",
            "Market price, grade differential, then by leg loss, fee in kind, tariff (freight, port, transit), risk; "
            "netback; rents, fees received; value where it starts = supply cost + field rent",
        ),
        ResultColumn("name", f"Link of the step; of a rent, who earns it: {KINDS_MEANING}"),
        ResultColumn("place", "Node at which the step is counted"),
        ResultColumn(
            "amount",
            "What the step adds, per unit at that place, undiscounted; a loss is worth what the leg's end pays for it; "
            "rents are carried back to the start, positive where a contract or minimum pays; blank = a sum",
            format="price",
        ),
        ResultColumn("netback_here", "What is left after the step, per unit at that place", format="price"),
        ResultColumn(
            "per_unit_at_wellhead",
            "What the step comes to for one unit that leaves the start: times the share that gets to the place. What "
            "is lost or kept on the way is not sold, so it is in the price's row; these too add up to the netback",
            format="price",
        ),
        PRICE_UNIT,
        ResultColumn("trade_amount", "The amount in the unit of the trade, by the grade at the place", format="price"),
        ResultColumn("trade_netback_here", "What is left after the step, in the unit of the trade", format="price"),
        ResultColumn("trade_price_unit", "Unit of these two"),
        NOTE,
    ),
    excerpt=True,
)
def netback_ladder(solution: Solution, extras: Extras) -> dict[str, Any]:
    """One row per listed route, period and step; ladders end at zero, where cost and rents have used up the price."""
    ladders = ladders_of(solution, extras.periods)
    if ladders is None:
        return {column.name: [] for column in netback_ladder.columns[1:]}
    return _columns(ladders, steps_of(ladders))


def ladders_of(solution: Solution, periods: Sequence[int] | None = None) -> Ladders | None:
    """The listed routes that end somewhere, in some periods (None: all of them); None where there is no route."""
    found = trace(solution, solution.case.settings.routes_per_pair)
    listed = [
        route
        for route in listed_routes(solution, found)[0]
        if route.pair.sink < found.going_round and (periods is None or route.pair.period in periods)
    ]
    return ladders_on(solution, found, listed) if listed else None


def steps_of(ladders: Ladders) -> Steps:
    """Every step of every ladder, in no order."""
    claimed = claims(ladders.solution)
    parts = [
        *_prices(ladders),
        *_legs(ladders),
        *_received(ladders),
        *_leg_rents(ladders, claimed),
        *_start(ladders, claimed),
    ]
    return Steps(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in Steps.__dataclass_fields__}
    )


def ladders_on(solution: Solution, found: Trace, routes: list[Route]) -> Ladders:
    """Any routes as ladders, those that nothing takes as well."""
    count = np.array([len(route.legs) for route in routes], dtype=np.int64)
    legs = np.full((len(routes), int(count.max())), -1, dtype=np.int64)
    for i, route in enumerate(routes):
        legs[i, : len(route.legs)] = route.legs
    period = np.array([route.pair.period for route in routes], dtype=np.int64)
    sink = np.array([route.pair.sink for route in routes], dtype=np.int64)
    priced = solution.case.settings.objective != "cost"
    sold = np.where((sink < found.stores_from) & priced, sink, -1)
    p, used = solution.parameters, legs >= 0
    arrival = np.where(used, p.flow_arrival[legs, period[:, None]], 1.0)
    paid = np.where(used, (p.flow_tariff + p.flow_risk)[legs, period[:, None]], 0.0)
    start = np.array([route.pair.origin.balance for route in routes], dtype=np.int64)
    end = np.concatenate([solution.network.sale_balance, solution.network.storage_balance])[sink]
    share = np.cumprod(np.hstack([np.ones((len(routes), 1)), arrival]), axis=1)
    rung = np.empty(share.shape)
    rung[:, -1] = _end_values(solution, end, sold, period)
    for i in range(legs.shape[1])[::-1]:
        rung[:, i] = arrival[:, i] * rung[:, i + 1] - paid[:, i]
    return Ladders(solution, found, routes, legs, count, period, sold, start, end, share, rung)


def _end_values(solution: Solution, end: IntArray, sold: IntArray, period: IntArray) -> FloatArray:
    """Price where there is one; else what one more unit is worth at the end."""
    worth = solution.node_value[end, period]
    if not (sold >= 0).any():
        return worth
    return np.where(sold >= 0, sale_prices(solution)[sold, period], worth)


def _steps(
    ladders: Ladders,
    route: IntArray,
    order: Any,
    label: tuple[Any, Any],
    balance: IntArray,
    amount: Any,
    weight: Any,
    *,
    rung: Any = np.nan,
) -> Steps:
    """Steps of some routes; ``label`` holds the step and the name beside it."""
    shape = (len(route),)
    place = np.array(ladders.solution.network.balances, dtype=np.int64).reshape(-1, 2)[balance]
    return Steps(
        route,
        np.broadcast_to(np.asarray(order, dtype=float), shape),
        np.broadcast_to(np.asarray(label[0], dtype=object), shape),
        np.broadcast_to(np.asarray(label[1], dtype=object), shape),
        place[:, 0],
        place[:, 1],
        np.broadcast_to(np.asarray(amount, dtype=float), shape),
        np.broadcast_to(np.asarray(weight, dtype=float), shape),
        np.broadcast_to(np.asarray(rung, dtype=float), shape),
    )


def _prices(ladders: Ladders) -> list[Steps]:
    solution, every = ladders.solution, np.arange(len(ladders.routes))
    sink = np.array([route.pair.sink for route in ladders.routes], dtype=np.int64)
    balance = ladders.end
    sold = ladders.sold >= 0
    premium = np.zeros(len(every))
    premium[sold] = solution.parameters.delivery_premium[ladders.sold[sold], ladders.period[sold]]
    price = ladders.rung[:, -1] - premium
    weight, label = ladders.share[:, -1], np.where(sold, "market price", "value at the end")
    other = np.flatnonzero(premium)
    ends = names(end_name(solution, ladders.found, s) for s in sink.tolist())
    return [
        _steps(ladders, every, _PRICE, (label, ends), balance, price, weight),
        _steps(
            ladders, other, _DIFFERENTIAL, ("grade differential", ends[other]), balance[other], premium[other],
            weight[other],
        ),
    ]  # fmt: skip


def _legs(ladders: Ladders) -> list[Steps]:
    """Loss, fee in kind, tariff and risk of every leg, per unit entering it."""
    solution, p, net = ladders.solution, ladders.solution.parameters, ladders.solution.network
    route, i = np.nonzero(ladders.legs >= 0)
    leg, t = ladders.legs[route, i], ladders.period[route]
    end, share = ladders.rung[route, i + 1], ladders.share[route, i]
    link = names(solution.case["Links"].keys)[net.flow_link[leg]]
    mode = picked(solution.case.word("Links", "mode"), net.flow_link[leg])
    tariff_step = names(TARIFF_STEPS.get(one, TRANSIT) for one in mode)
    fee = p.flow_fee[leg, t]
    loss = 1.0 - p.flow_arrival[leg, t] - fee
    place = 10.0 * (ladders.count[route] - i)
    found = []
    for rank, step, amount, weight in (
        (_LOSS, "loss", -loss * end, 0.0),
        (_FEE, "fee in kind", -fee * end, 0.0),
        (_TARIFF, tariff_step, -p.flow_tariff[leg, t], share),
        (_RISK, "risk", -p.flow_risk[leg, t], share),
    ):
        kept = np.arange(len(leg)) if rank == _TARIFF else np.flatnonzero(np.abs(amount) > NOTHING)
        texts = step[kept] if isinstance(step, np.ndarray) else step
        weights = np.broadcast_to(weight, amount.shape)[kept]
        found.append(
            _steps(
                ladders, route[kept], place[kept] + rank, (texts, link[kept]), net.flow_from[leg[kept]],
                amount[kept], weights,
            )
        )  # fmt: skip
    return found


def _received(ladders: Ladders) -> list[Steps]:
    """Fees in kind at what they are worth at the node that gets them: the plan counts them as its own."""
    net, p = ladders.solution.network, ladders.solution.parameters
    route, i = np.nonzero((ladders.legs >= 0) & (net.flow_fee[ladders.legs] >= 0))
    leg, t = ladders.legs[route, i], ladders.period[route]
    amount = p.flow_fee[leg, t] * ladders.solution.node_value[net.flow_fee[leg], t] * ladders.share[route, i]
    link = names(ladders.solution.case["Links"].keys)[net.flow_link[leg]]
    kept = np.flatnonzero(np.abs(amount) > NOTHING)
    return [
        _steps(
            ladders, route[kept], _RECEIVED + i[kept], ("fee in kind received", link[kept]), net.flow_fee[leg[kept]],
            amount[kept], 1.0,
        )
    ]  # fmt: skip


def matches(found: Claims, columns: IntArray) -> tuple[IntArray, IntArray]:
    """(position in ``columns``, position among the claims) for every claim on any of these variables."""
    order = np.argsort(found.column, kind="stable")
    ranked = found.column[order]
    low, high = np.searchsorted(ranked, columns, "left"), np.searchsorted(ranked, columns, "right")
    count = high - low
    which = np.repeat(np.arange(len(columns)), count)
    return which, order[np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count) + low[which]]


def _rent_steps(
    ladders: Ladders, found: Claims, columns: IntArray, route: IntArray, balance: IntArray, weight: FloatArray,
    order: Any, *, label: str,
) -> Steps:  # fmt: skip
    """What scarce things claim of each unit, carried back to the start."""
    which, claim = matches(found, columns)
    discount = ladders.solution.parameters.discount[ladders.period[route[which]]]
    amount = -found.amount[claim] / discount * weight[which]
    kept = np.abs(amount) > NOTHING
    which, claim = which[kept], claim[kept]
    texts = names(f"{kind} {name}" for kind, name in found.holders)[found.holder[claim]]
    rank = order[which] + found.holder[claim] / (len(found.holders) + 1)
    return _steps(ladders, route[which], rank, (label, texts), balance[which], amount[kept], 1.0)


def _leg_rents(ladders: Ladders, claimed: Claims) -> list[Steps]:
    solution, net = ladders.solution, ladders.solution.network
    columns = solution.layout.columns
    route, i = np.nonzero(ladders.legs >= 0)
    leg, t = ladders.legs[route, i], ladders.period[route]
    on_legs = _rent_steps(
        ladders, claimed, columns["flow"].offset + leg * len(solution.case.periods) + t, route, net.flow_from[leg],
        ladders.share[route, i], _RENTS + 1e3 - i, label="rent",
    )  # fmt: skip
    sold = np.flatnonzero(ladders.sold >= 0)
    sale, t = ladders.sold[sold], ladders.period[sold]
    at_market = _rent_steps(
        ladders, claimed, columns["delivery"].offset + sale * len(solution.case.periods) + t, sold,
        net.sale_balance[sale], ladders.share[sold, -1], np.full(len(sold), _RENTS), label="rent",
    )  # fmt: skip
    # an elastic market's own line is its price, not a rent
    return [on_legs, at_market]


def _start(ladders: Ladders, claimed: Claims) -> list[Steps]:
    """Netback and value where the route starts, and what of it is cost and rent of the field."""
    solution, net = ladders.solution, ladders.solution.network
    every = np.arange(len(ladders.routes))
    balance = ladders.start
    value = solution.node_value[balance, ladders.period]
    field = names(route.pair.origin.name for route in ladders.routes)
    netback = _steps(ladders, every, _NETBACK, ("netback", field), balance, np.nan, 1.0, rung=ladders.rung[:, 0])
    worth = _steps(ladders, every, _VALUE, ("value where it starts", field), balance, np.nan, 1.0, rung=value)
    is_field = np.array([route.pair.origin.kind == "field" for route in ladders.routes], dtype=bool)
    route, supply = np.nonzero(is_field[:, None] & (balance[:, None] == net.supply_balance))
    t = ladders.period[route]
    produced = np.array([one.pair.origin.volume for one in ladders.routes])
    part: FloatArray = np.maximum(solution["supply"][supply, t], 0.0) / produced[route]
    cost = -solution.parameters.supply_cost[supply, t] * part
    names_of = names(solution.case["Supply"].keys)[supply]
    kept = part > NOTHING
    costs = _steps(
        ladders, route[kept], _COST + supply[kept] / 1e6, ("supply cost", names_of[kept]), balance[route[kept]],
        cost[kept], 1.0,
    )  # fmt: skip
    column = solution.layout.columns["supply"].offset + supply * len(solution.case.periods) + t
    rents = _rent_steps(
        ladders, claimed, column[kept], route[kept], balance[route[kept]], part[kept],
        _FIELD_RENT + supply[kept], label="field rent",
    )  # fmt: skip
    return [netback, worth, costs, rents]


def _columns(ladders: Ladders, steps: Steps) -> dict[str, Any]:
    case = ladders.solution.case
    order = np.lexsort((steps.order, steps.route))
    route, amount, rung = steps.route[order], steps.amount[order], steps.rung[order]
    first = np.concatenate([[0], np.flatnonzero(np.diff(route)) + 1])
    number = np.arange(len(route)) - np.repeat(first, np.diff(np.append(first, len(route)))) + 1
    running = np.cumsum(np.nan_to_num(amount))
    before = np.concatenate([[0.0], running])[first]
    here = running - np.repeat(before, np.diff(np.append(first, len(route))))
    here = np.where(np.isnan(rung), np.where(np.abs(here) < NOTHING, 0.0, here), rung)
    trade, grade, nodes = Trade(case), steps.grade[order], names(case["Nodes"].keys)
    return {
        **{name: values[route] for name, values in route_columns(ladders).items()},
        "number": number,
        "step": steps.step[order],
        "name": steps.name[order],
        "place": nodes[steps.place[order]],
        "amount": amount,
        "netback_here": here,
        "per_unit_at_wellhead": amount * steps.weight[order],
        "price_unit": price_units(case, grade),
        "trade_amount": amount / trade.price[grade],
        "trade_netback_here": here / trade.price[grade],
        "trade_price_unit": trade.price_unit[grade],
        NOTE.name: notes_of(ladders)[route],
    }


def notes_of(ladders: Ladders) -> Names:
    """What is particular about each route."""
    return names(note_of(ladders.found, one.pair.origin, one.pair.sink) for one in ladders.routes)


def route_columns(ladders: Ladders) -> dict[str, Any]:
    """What is the same for every step of a route."""
    case, net = ladders.solution.case, ladders.solution.network
    origin = [one.pair.origin for one in ladders.routes]
    commodity, grades = names(case["Commodities"].keys), np.array(net.balances, dtype=np.int64).reshape(-1, 2)[:, 1]
    return {
        FIELD.name: names(one.name for one in origin),
        STARTS_AS.name: names(one.kind for one in origin),
        COMMODITY.name: commodity[grades[ladders.start]],
        DEMAND.name: names(end_name(ladders.solution, ladders.found, one.pair.sink) for one in ladders.routes),
        "delivered_as": commodity[grades[ladders.end]],
        ROUTE.name: names(route_name(ladders.solution, one.legs) for one in ladders.routes),
        PERIOD.name: names(case.periods)[ladders.period],
        "volume": np.array([one.volume for one in ladders.routes]),
    }
