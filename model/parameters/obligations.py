"""Numbers of contracts and limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from model.case import Case, FloatArray
from model.network import LimitTerms, Network
from model.parameters.convert import Converter, open_mask
from model.selection import IntArray, contract_commodities


def contract_years(case: Case, net: Network) -> IntArray:
    """Position of each period's contract year, shape (periods,)."""
    return np.searchsorted(np.array(net.contract_years), case.year)


def contracts(case: Case, net: Network, convert: Converter, parts: dict[str, Any], _: list[str]) -> dict[str, Any]:
    """What is due, capped and paid by contract year, and what counts."""
    year_of = contract_years(case, net)
    count = len(net.contract_years)
    first = np.array([int(np.argmax(year_of == v)) for v in range(count)])
    last = np.array([len(year_of) - 1 - int(np.argmax(year_of[::-1] == v)) for v in range(count)])
    is_open = open_mask(case, "Contracts")
    length = np.zeros((len(case["Contracts"]), count))
    np.add.at(length.T, year_of, (is_open * case.years).T)
    volume_units = case.word("Contracts", "volume_unit")
    coefficients = []
    for terms, unit in zip(net.contract_terms, volume_units, strict=True):
        owner = net.flow_commodity if terms.block == "flow" else net.sale_commodity
        factors = convert.volumes([unit] * len(terms.items), owner[terms.items])
        use = np.vstack([case.number("Uses", "use"), np.ones(len(case.periods))])[terms.uses]  # the row -1 is all ones
        coefficients.append(np.ones((len(terms.items), len(case.periods))) * factors[:, None] * use)
    due = (case.number("Contracts", "volume") * case.number("Contracts", "share"))[:, first] * length
    ceiling = case.number("Contracts", "ceiling")[:, first]
    # per unit of the first commodity that counts, whether or not anything brings it
    firsts = [group[0] if group else None for group in contract_commodities(case)]
    units = zip(volume_units, firsts, strict=True)
    per_unit = np.array([1.0 if k is None else convert.volume(unit, k) for unit, k in units]).reshape(-1, 1)
    price = case.number("Contracts", "shortfall_price")[:, first] / per_unit
    return {
        "contract_due": due,
        "contract_ceiling": np.where(np.isnan(ceiling), np.inf, ceiling * length),
        "contract_price": price * parts["discount"][last],
        "make_up_upper": due[[c for c, _, _ in net.make_ups], [v for _, v, _ in net.make_ups]] * _in_time(case, net),
        "make_up_refund": np.array([price[c, v] * parts["discount"][last[w]] for c, v, w in net.make_ups]),
        "contract_open": is_open,
        "contract_coefficients": tuple(coefficients),
        "contract_year_of": year_of,
    }


def _in_time(case: Case, net: Network) -> FloatArray:
    """1 where a make-up falls within the contract's make-up time, shape (make-ups,)."""
    years = np.array(net.contract_years)
    span = case.number("Contracts", "make_up_years")[:, 0]
    return np.array([float(years[w] - years[v] <= span[c]) for c, v, w in net.make_ups])


def limit_spans(case: Case, row: int) -> tuple[tuple[str, IntArray], ...]:
    """The spans of a limit (each period, each calendar year, or the horizon) and the positions of their periods."""
    per = case.word("Limits", "per")[row]
    if per == "period":
        return tuple((label, np.array([t])) for t, label in enumerate(case.periods))
    if per == "horizon":
        return (("horizon", np.arange(len(case.periods))),)
    return tuple((str(int(year)), np.flatnonzero(case.year == year)) for year in dict.fromkeys(case.year.tolist()))


def limits(case: Case, net: Network, convert: Converter, _: dict[str, Any], __: list[str]) -> dict[str, Any]:
    """Right-hand sides and coefficients of limits, upper and lower."""
    is_open = open_mask(case, "Limits")
    volume_units = case.word("Limits", "volume_unit")
    spans = tuple(limit_spans(case, row) for row in range(len(case["Limits"])))
    result: dict[str, Any] = {"limit_spans": spans}
    for side, column, none in (("upper", "at_most", np.inf), ("lower", "at_least", -np.inf)):
        bounds, coefficients = [], []
        for row, terms in enumerate(net.limit_terms):
            value = case.number("Limits", column)[row]
            share = case.word("Limits", "of")[row] is not None
            volume = np.ones((len(terms.items), 1))
            if terms.block != "build":
                volume = convert.volumes([volume_units[row]] * len(terms.items), _commodities(net, terms))[:, None]
            part = np.nan_to_num(value, nan=0.0) if share else np.zeros(len(value))
            weight = (terms.in_what[:, None] - part * terms.in_of[:, None]) * volume
            # a period without a value has no limit, so it does not count towards a longer span either
            coefficients.append(weight * is_open[row] * ~np.isnan(value))
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
