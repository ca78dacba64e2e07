"""Every number of the linear programme, in model units, as named arrays that follow from the tables alone.

Volumes are in each commodity's own unit per period, money in million USD, so a unit cost in USD/t or USD/1000 m³ needs
no factor. Arrays have the shape (items, periods) unless said otherwise, in the order of the network's index sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model import units
from model.case import NEVER, Case, FloatArray
from model.network import IntArray, LimitTerms, Network


@dataclass(frozen=True)
class Parameters:
    """Named arrays in the order of the network's index sets.

    supply_*        (supplies, periods)   volume per period; cost in USD per unit
    flow_*          (flows, periods)      bounds per period (infinite where the link is shared), cost per unit,
                                          arrival and fee as shares, use of the link's own capacity per unit
    link_*          (links, periods)      shared links: capacity and minimum in the link's unit per period
    asset_*, fleet_*                      capacity in the asset's unit, fleet time in days, per period; *_use per unit
    delivery_*      (sales, periods)      bounds per period, price per unit, share of the demand's volume per unit
    demand_*        (demands, periods)    volume and firm part in the demand's unit per period
    step_*          (elastic demands, steps, periods)   width in the demand's unit, price in USD per commodity unit
    contract_*      (contracts, contract years)
    limit_*         one row per limit and span; coefficients aligned with the terms
    """

    years: FloatArray
    discount: FloatArray
    supply_upper: FloatArray
    supply_lower: FloatArray
    supply_cost: FloatArray
    reserves: FloatArray
    flow_upper: FloatArray
    flow_lower: FloatArray
    flow_tariff: FloatArray
    flow_risk: FloatArray
    flow_arrival: FloatArray
    flow_fee: FloatArray
    flow_use: FloatArray
    flow_open: FloatArray
    flow_km: FloatArray
    link_upper: FloatArray
    link_lower: FloatArray
    asset_upper: FloatArray
    asset_lower: FloatArray
    asset_use: FloatArray
    fleet_upper: FloatArray
    fleet_use: FloatArray
    delivery_upper: FloatArray
    delivery_price: FloatArray
    delivery_premium: FloatArray
    delivery_use: FloatArray
    demand_upper: FloatArray
    demand_firm: FloatArray
    demand_price: FloatArray
    step_width: FloatArray
    step_price: FloatArray
    contract_due: FloatArray
    contract_ceiling: FloatArray
    contract_price: FloatArray
    contract_open: FloatArray
    contract_coefficients: tuple[FloatArray, ...]
    contract_year_of: IntArray
    limit_spans: tuple[tuple[tuple[str, IntArray], ...], ...]
    limit_upper: tuple[FloatArray, ...]
    limit_lower: tuple[FloatArray, ...]
    limit_upper_coefficients: tuple[FloatArray, ...]
    limit_lower_coefficients: tuple[FloatArray, ...]
    lapsed: tuple[str, ...]


class Converter:
    """Factors from what cells say to model units, for many (row, commodity) items at once."""

    def __init__(self, case: Case) -> None:
        commodities = case["Commodities"]
        self.periods = len(case.periods)
        self.own = commodities.words["unit"]
        self.bbl = commodities.numbers["bbl_per_t"][:, 0].tolist()
        self.gj = commodities.numbers["gj_per_1000m3"][:, 0].tolist()
        self.rates = {"USD": np.ones(self.periods)}
        rates = case.number("Currencies", "per_usd")
        self.rates.update({name: rates[i] for name, i in case["Currencies"].position.items()})

    def volume(self, unit: str | None, commodity: int) -> float:
        """Units of ``unit`` in one unit of the commodity."""
        return units.volume_factor(unit, self.own[commodity], self.bbl[commodity], self.gj[commodity])

    def volumes(self, row_units: Sequence[str | None], commodities: IntArray) -> FloatArray:
        """The same for many items, shape (items,)."""
        known: dict[tuple[str | None, int], float] = {}
        result = np.empty(len(commodities))
        for i, item in enumerate(zip(row_units, commodities.tolist(), strict=True)):
            if item not in known:
                known[item] = self.volume(*item)
            result[i] = known[item]
        return result

    def money(self, unit: str | None, commodity: int) -> FloatArray:
        """USD per unit of the commodity for one written unit of money, shape (periods,)."""
        if unit is None:
            return self.rates["USD"]
        parsed = units.parse_money_unit(unit, distance=True)
        if parsed is None:
            raise ValueError(f"not a unit of money: {unit!r}")
        factor = units.money_factor(parsed.unit, self.own[commodity], self.bbl[commodity], self.gj[commodity])
        return factor / self.rates[parsed.currency]

    def moneys(self, row_units: Sequence[str | None], commodities: IntArray) -> FloatArray:
        """The same for many items, shape (items, periods)."""
        known: dict[tuple[str | None, int], FloatArray] = {}
        result = np.empty((len(commodities), self.periods))
        for i, item in enumerate(zip(row_units, commodities.tolist(), strict=True)):
            if item not in known:
                known[item] = self.money(*item)
            result[i] = known[item]
        return result


def discount_factors(case: Case) -> FloatArray:
    """Mean discount factor of each period, shape (periods,).

    δ[t] = (1/y[t])·∫ (1+r)^−(τ−base_year) dτ over the period, so that splitting a period changes nothing. A period
    starts where the ones before it in the same year end.
    """
    start = _period_start(case)
    growth = np.log1p(case.settings.discount_rate)
    if growth == 0:
        return np.ones(len(case.periods))
    since = start - case.settings.base_year
    return np.exp(-growth * since) * -np.expm1(-growth * case.years) / (growth * case.years)


def _period_start(case: Case) -> FloatArray:
    start = case.year.copy()
    for t in range(1, len(start)):
        if case.year[t] == case.year[t - 1]:
            start[t] = start[t - 1] + case.years[t - 1]
    return start


def open_mask(case: Case, sheet: str) -> FloatArray:
    """1 where a row is open by its ``opens`` and ``closes``, else 0; shape (rows, periods)."""
    position = {**case.period_position, NEVER: len(case.periods)}
    last = len(case.periods) - 1
    opens = np.array([0 if label is None else position[label] for label in case.word(sheet, "opens")], dtype=int)
    closes = np.array([position[label] if label else last for label in case.word(sheet, "closes")], dtype=int)
    t = np.arange(last + 1)
    return ((t >= opens[:, None]) & (t <= closes[:, None])).astype(float)


def build_parameters(case: Case, network: Network) -> Parameters:
    """All arrays of a case; pure and vectorised, so that a changed case is a cheap update."""
    convert = Converter(case)
    parts: dict[str, Any] = {"years": case.years, "discount": discount_factors(case)}
    lapsed: list[str] = []
    for part in (_supply, _flows, _assets, _fleets, _demand, _contracts, _limits):
        parts.update(part(case, network, convert, parts, lapsed))
    return Parameters(**parts, lapsed=tuple(lapsed))


def _row_units(case: Case, sheet: str, column: str, rows: IntArray) -> list[str | None]:
    words = case.word(sheet, column)
    return [words[row] for row in rows.tolist()]


def _lapse(case: Case, sheet: str, minimum: FloatArray, available: FloatArray, lapsed: list[str]) -> FloatArray:
    """Minimums cut to what is available, with a notice for each row; else every outage would be infeasible."""
    over = minimum > available * (1 + 1e-12)
    for row in np.flatnonzero(over.any(axis=1)):
        labels = [case.periods[t] for t in np.flatnonzero(over[row])]
        span = labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}, {len(labels)} periods"
        cell = case[sheet].cell(int(row), "minimum")
        lapsed.append(f"{cell}: the minimum of {case[sheet].keys[row]!r} lapses to what is available ({span}).")
    return np.minimum(minimum, available)


def _supply(case: Case, net: Network, convert: Converter, _: dict[str, Any], lapsed: list[str]) -> dict[str, Any]:
    rows = np.arange(len(case["Supply"]))
    volume = convert.volumes(case.word("Supply", "volume_unit"), net.supply_commodity)[:, None]
    capacity = case.number("Supply", "capacity")
    minimum = _lapse(case, "Supply", case.number("Supply", "minimum"), capacity, lapsed)
    money = convert.moneys(_row_units(case, "Supply", "cost_unit", rows), net.supply_commodity)
    return {
        "supply_upper": capacity / volume * case.years,
        "supply_lower": minimum / volume * case.years,
        "supply_cost": case.number("Supply", "cost") * money,
        "reserves": (case.number("Supply", "reserves") / volume)[:, 0],
    }


def _flows(case: Case, net: Network, convert: Converter, _: dict[str, Any], lapsed: list[str]) -> dict[str, Any]:
    links, link = case["Links"], net.flow_link
    is_open = open_mask(case, "Links")
    capacity = np.where(is_open > 0, case.number("Links", "capacity"), 0.0)
    minimum = _lapse(case, "Links", case.number("Links", "minimum") * is_open, capacity, lapsed)
    volume = convert.volumes(_row_units(case, "Links", "volume_unit", link), net.flow_commodity)[:, None]
    alone = np.array([len(net.flows_of_link[i]) == 1 for i in link.tolist()], dtype=bool)[:, None]
    distance = case.number("Links", "distance_km")[:, 0]
    money = convert.moneys(_row_units(case, "Links", "tariff_unit", link), net.flow_commodity)
    money = money * _per_distance(links.words["tariff_unit"], distance)[link][:, None]
    loss, fee = case.number("Links", "loss")[link], case.number("Links", "fee_in_kind")[link]
    own_limit = np.where(alone, capacity[link] / volume, np.where(is_open[link] > 0, np.inf, 0.0))
    return {
        "flow_upper": own_limit * case.years,
        "flow_lower": np.where(alone, minimum[link] / volume, 0.0) * case.years,
        "flow_tariff": case.number("Links", "tariff")[link] * money,
        "flow_risk": case.number("Links", "risk")[link] * money,
        "flow_arrival": 1.0 - loss - fee,
        "flow_fee": fee,
        "flow_use": np.broadcast_to(volume, (len(link), len(case.periods))),
        "flow_open": is_open[link],
        "flow_km": np.maximum(np.nan_to_num(distance, nan=1.0), 1.0)[link],
        "link_upper": capacity * case.years,
        "link_lower": minimum * case.years,
    }


def _per_distance(tariff_units: Sequence[str | None], distance: FloatArray) -> FloatArray:
    parsed = [units.parse_money_unit(text, distance=True) if text else None for text in tariff_units]
    per = np.array([unit.per_km if unit else 0.0 for unit in parsed])
    return np.where(per > 0, distance / np.where(per > 0, per, 1.0), 1.0)


def _assets(case: Case, net: Network, convert: Converter, parts: dict[str, Any], lapsed: list[str]) -> dict[str, Any]:
    uses = net.asset_use
    available = case.number("Assets", "capacity") * case.number("Assets", "availability")
    # unlimited capacity at availability zero is nothing, not NaN
    available = np.where(case.number("Assets", "availability") == 0, 0.0, available)
    available = np.maximum(available - case.number("Assets", "reserved"), 0.0)
    minimum = _lapse(case, "Assets", case.number("Assets", "minimum"), available, lapsed)
    asset_units = case.word("Assets", "volume_unit")
    commodity = net.flow_commodity[uses.flow]
    per_unit = np.array(
        [
            1.0 if asset_units[holder] is None else convert.volume(asset_units[holder], k)
            for holder, k in zip(uses.holder.tolist(), commodity.tolist(), strict=True)
        ]
    )
    at_out = np.array([case.word("Assets", "measured_at")[holder] == "out" for holder in uses.holder], dtype=bool)
    share = np.where(at_out[:, None], parts["flow_arrival"][uses.flow], 1.0)
    return {
        "asset_upper": available * case.years,
        "asset_lower": minimum * case.years,
        "asset_use": case.number("Uses", "use")[uses.row] * per_unit[:, None] * share,
    }


def _fleets(case: Case, net: Network, _: Converter, __: dict[str, Any], ___: list[str]) -> dict[str, Any]:
    uses = net.fleet_use
    fleet = {name: case.number("Fleets", name) for name in case["Fleets"].numbers}
    distance = case.number("Links", "distance_km")[net.flow_link[uses.flow]]
    days = 2 * distance / (units.KM_PER_NAUTICAL_MILE * 24 * fleet["speed_knots"][uses.holder])
    round_trip = days + fleet["port_days"][uses.holder]
    route = case.number("Uses", "load_factor")[uses.row]
    load = np.where(np.isnan(route), fleet["load_factor"][uses.holder], route)
    cargo = fleet["deadweight_t"][uses.holder] * load
    time = fleet["vessels"] * fleet["operating_days"] * (1 - fleet["reserved"]) * case.years
    return {
        "fleet_upper": time,
        "fleet_use": case.number("Uses", "use")[uses.row] * 1e6 * round_trip / cargo,
    }


def _demand(case: Case, net: Network, convert: Converter, _: dict[str, Any], __: list[str]) -> dict[str, Any]:
    demand, commodity = net.sale_demand, net.sale_commodity
    use = convert.volumes(_row_units(case, "Demand", "volume_unit", demand), commodity)[:, None]
    base, premium = demand_prices(case, net, convert)
    volume = case.number("Demand", "volume") * case.years
    bound_alone = np.array([len(net.sales_of_demand[d]) == 1 for d in demand.tolist()], dtype=bool)
    elastic = np.isin(demand, net.elastic)
    upper = np.where((bound_alone & ~elastic)[:, None], volume[demand] / use, np.inf)
    per_demand = np.zeros((len(case["Demand"]), len(case.periods)))
    per_demand[demand[::-1]] = (base / use)[::-1]  # the first commodity's price where several differ
    width, price = _demand_steps(case, net, volume, per_demand)
    counted = case.settings.objective != "cost"
    return {
        "delivery_upper": upper,
        "delivery_price": (base + premium) if counted else np.zeros_like(base),
        "delivery_premium": premium if counted else np.zeros_like(premium),
        "delivery_use": np.broadcast_to(use, base.shape),
        "demand_upper": volume,
        "demand_firm": case.number("Demand", "firm") * case.years,
        "demand_price": per_demand,
        "step_width": width,
        "step_price": price if counted else np.zeros_like(price),
    }


def demand_prices(case: Case, net: Network, convert: Converter) -> tuple[FloatArray, FloatArray]:
    """Price of each sale and, apart, what its grade fetches above it; USD per unit, both (sales, periods).

    slope·marker + differential, in the marker's unit where that fits the commodity and no price unit is given;
    where it does not fit (oil-indexed gas), slope·marker is a plain number in the price unit. A fixed price takes no
    grade differential.
    """
    demand, commodity = net.sale_demand, net.sale_commodity
    markers, rows = case.word("Demand", "marker"), demand.tolist()
    price_units = case.word("Demand", "price_unit")
    marker_units = case.word("Markers", "unit")
    marker_rows = [case["Markers"].position[markers[d]] if markers[d] else -1 for d in rows]
    shape = (len(rows), len(case.periods))
    marker_factor, price_factor = np.zeros(shape), np.zeros(shape)
    for i, (d, m, k) in enumerate(zip(rows, marker_rows, commodity.tolist(), strict=True)):
        own = convert.money(price_units[d], k)
        fits = m >= 0 and not np.isnan(convert.money(marker_units[m], k)).any()
        marker_factor[i] = convert.money(marker_units[m], k) if fits else own
        price_factor[i] = marker_factor[i] if fits and price_units[d] is None else own
    linked = np.array([m >= 0 for m in marker_rows], dtype=bool)[:, None]
    values = np.vstack([case.number("Markers", "value"), np.zeros((1, shape[1]))])[marker_rows]
    by_marker = case.number("Demand", "slope")[demand] * values * marker_factor
    by_marker = by_marker + case.number("Demand", "differential")[demand] * price_factor
    fixed = np.nan_to_num(case.number("Demand", "price"), nan=0.0)[demand] * price_factor
    grade = case.number("Commodities", "differential")[commodity]
    grade = grade * convert.moneys(_row_units(case, "Commodities", "differential_unit", commodity), commodity)
    return np.where(linked, by_marker, fixed), np.where(linked, grade, 0.0)


def _demand_steps(case: Case, net: Network, volume: FloatArray, price: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Steps of the straight demand line through (volume, price): widths and prices, (elastic, steps, periods).

    p(q) = P·(1 + (q/V − 1)/e), from q = 0 to where it falls to zero, cut at choke_multiple·P; each step is paid the
    line's value at its middle.
    """
    count = case.settings.demand_steps
    elasticity = case.number("Demand", "elasticity")[net.elastic][:, :1, None]
    v, p = volume[net.elastic][:, None, :], price[net.elastic][:, None, :]
    reach = 1 - elasticity
    middle = reach * (np.arange(count)[None, :, None] + 0.5) / count
    line = p * (1 + (middle - 1) / elasticity)
    width = np.broadcast_to(v * reach / count, line.shape)
    return width, np.minimum(line, case.settings.choke_multiple * p)


def contract_years(case: Case, net: Network) -> IntArray:
    """Position of each period's contract year, shape (periods,)."""
    return np.searchsorted(np.array(net.contract_years), case.year)


def _contracts(case: Case, net: Network, convert: Converter, parts: dict[str, Any], _: list[str]) -> dict[str, Any]:
    year_of = contract_years(case, net)
    count = len(net.contract_years)
    first = np.array([int(np.argmax(year_of == v)) for v in range(count)])
    last = np.array([len(year_of) - 1 - int(np.argmax(year_of[::-1] == v)) for v in range(count)])
    is_open = open_mask(case, "Contracts")
    length = np.zeros((len(case["Contracts"]), count))
    np.add.at(length.T, year_of, (is_open * case.years).T)
    volume_units = case.word("Contracts", "volume_unit")
    coefficients, per_unit = [], []
    for terms, unit in zip(net.contract_terms, volume_units, strict=True):
        owner = net.flow_commodity if terms.block == "flow" else net.sale_commodity
        factors = convert.volumes([unit] * len(terms.items), owner[terms.items])
        use = np.where((terms.uses >= 0)[:, None], case.number("Uses", "use")[terms.uses], 1.0) if len(terms.items) else 1.0
        coefficients.append(np.ones((len(terms.items), len(case.periods))) * factors[:, None] * use)
        per_unit.append(factors[0] if len(factors) else 1.0)
    due = (case.number("Contracts", "volume") * case.number("Contracts", "share"))[:, first] * length
    ceiling = case.number("Contracts", "ceiling")[:, first]
    price = case.number("Contracts", "shortfall_price")[:, first] / np.array(per_unit).reshape(-1, 1)
    return {
        "contract_due": due,
        "contract_ceiling": np.where(np.isnan(ceiling), np.inf, ceiling * length),
        "contract_price": price * parts["discount"][last],
        "contract_open": is_open,
        "contract_coefficients": tuple(coefficients),
        "contract_year_of": year_of,
    }


def limit_spans(case: Case, row: int) -> tuple[tuple[str, IntArray], ...]:
    """The spans of a limit (each period, each calendar year, or the horizon) and the positions of their periods."""
    per = case.word("Limits", "per")[row]
    if per == "period":
        return tuple((label, np.array([t])) for t, label in enumerate(case.periods))
    if per == "horizon":
        return (("horizon", np.arange(len(case.periods))),)
    return tuple((str(int(year)), np.flatnonzero(case.year == year)) for year in dict.fromkeys(case.year.tolist()))


def _limits(case: Case, net: Network, convert: Converter, _: dict[str, Any], __: list[str]) -> dict[str, Any]:
    is_open = open_mask(case, "Limits")
    volume_units = case.word("Limits", "volume_unit")
    spans = tuple(limit_spans(case, row) for row in range(len(case["Limits"])))
    result: dict[str, Any] = {"limit_spans": spans}
    for side, column, none in (("upper", "at_most", np.inf), ("lower", "at_least", -np.inf)):
        bounds, coefficients = [], []
        for row, terms in enumerate(net.limit_terms):
            value = case.number("Limits", column)[row]
            share = case.word("Limits", "of")[row] is not None
            volume = convert.volumes([volume_units[row]] * len(terms.items), _commodities(net, terms))[:, None]
            part = np.nan_to_num(value, nan=0.0) if share else np.zeros(len(value))
            weight = (terms.in_what[:, None] - part * terms.in_of[:, None]) * volume
            coefficients.append(weight * is_open[row])
            bounds.append(_limit_bounds(case, value, is_open[row], spans[row], none, share=share, row=row))
        result[f"limit_{side}"] = tuple(bounds)
        result[f"limit_{side}_coefficients"] = tuple(coefficients)
    return result


def _commodities(net: Network, terms: LimitTerms) -> IntArray:
    owner = {"supply": net.supply_commodity, "flow": net.flow_commodity, "delivery": net.sale_commodity}
    return owner[terms.block][terms.items]


def _limit_bounds(
    case: Case,
    value: FloatArray,
    is_open: FloatArray,
    spans: Sequence[tuple[str, IntArray]],
    none: float,
    *,
    share: bool,
    row: int,
) -> FloatArray:
    """Right-hand side of each span of one limit; a limit of the horizon is a volume over all of it."""
    whole = case.word("Limits", "per")[row] == "horizon"
    bounds = np.full(len(spans), none)
    for i, (_, periods) in enumerate(spans):
        given = periods[(is_open[periods] > 0) & ~np.isnan(value[periods])]
        if not len(given):
            continue
        if share:
            bounds[i] = 0.0
        else:
            bounds[i] = value[given[0]] if whole else float(np.sum(value[given] * case.years[given]))
    return bounds
