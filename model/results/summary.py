"""The headline figures: volumes and money by family and period, adding up to the objective."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.case import FloatArray
from model.results.agreements import contract_commodities, contract_year_ends, shortfall_paid
from model.results.declare import Extras, ResultColumn, result_table
from model.results.flows import PERIOD
from model.results.markets import clearing_price, is_export, sale_prices
from model.results.shape import Trade, families, names, sums
from model.selection import IntArray
from model.solution import Solution

ALL = "all"
TOTAL = "total"
NET = "net value"
SHARED = "shared"
MILLION_USD = "million USD"


@dataclass(frozen=True)
class _Block:
    """One measure of one family and origin: by period, for the whole horizon, and discounted (NaN for volumes)."""

    measure: str
    family: str
    origin: str
    unit: str
    value: FloatArray
    total: float
    present: FloatArray


@result_table(
    "Summary",
    "What is produced and exported, and what is it worth?",
    key=("measure", "family", "origin", "period", "unit"),
    columns=(
        ResultColumn("measure", "What is counted; costs are negative, so that the money rows add up to the net value"),
        ResultColumn("family", "Oil, gas or cargo; shared = of several families or none; all = their sum"),
        ResultColumn("origin", "Country from which the commodity comes; all = every one"),
        ResultColumn("period", "Label of the period; total = the whole horizon (of a rate, its mean)"),
        ResultColumn("value", "Its value, money undiscounted", format="number"),
        ResultColumn("unit", "Unit of the value"),
        ResultColumn(
            "present_value",
            "Money discounted to the base year; the total net value is the objective, or minus the cost",
            MILLION_USD,
            "money",
        ),
    ),
)
def summary(solution: Solution, _: Extras) -> dict[str, Any]:
    """Blocks of rows, one row per period and one for the whole horizon; the objective first."""
    blocks = [*_volumes(solution), *_money(solution)]
    labels = names([*solution.case.periods, TOTAL])
    rows = len(labels)
    return {
        "measure": np.append(names(["objective"]), np.repeat(names(b.measure for b in blocks), rows)),
        "family": np.append(names([ALL]), np.repeat(names(b.family for b in blocks), rows)),
        "origin": np.append(names([ALL]), np.repeat(names(b.origin for b in blocks), rows)),
        PERIOD.name: np.append(names([TOTAL]), np.tile(labels, len(blocks))),
        "value": np.concatenate([[np.nan], *([*b.value, b.total] for b in blocks)]),
        "unit": np.append(names([MILLION_USD]), np.repeat(names(b.unit for b in blocks), rows)),
        "present_value": np.concatenate([[solution.objective], *([*b.present, b.present.sum()] for b in blocks)]),
    }


def _volumes(solution: Solution) -> Iterator[_Block]:
    net, p = solution.network, solution.parameters
    count = len(solution.case["Commodities"])
    lost = solution["flow"] * (1 - p.flow_arrival - np.where(net.flow_fee[:, None] >= 0, p.flow_fee, 0.0))
    sent_abroad = solution["delivery"] * is_export(solution)[:, None]
    for measure, volume, commodity in (
        ("production", solution["supply"], net.supply_commodity),
        ("losses and fuel", lost, net.flow_commodity),
        ("deliveries", solution["delivery"], net.sale_commodity),
        ("exports", sent_abroad, net.sale_commodity),
    ):
        yield from _by_grade(solution, measure, sums(volume, commodity, count))


def _by_grade(solution: Solution, measure: str, volume: FloatArray) -> Iterator[_Block]:
    """Volumes by family and origin, in the own unit and in the trade's; ``volume`` has one row per commodity."""
    case, trade = solution.case, Trade(solution.case)
    words = [case.word("Commodities", name) for name in ("family", "unit", "origin")]
    groups: dict[tuple[str, str, str], list[int]] = {}
    for k, (family, unit, origin) in enumerate(zip(*words, strict=True)):
        groups.setdefault((family, unit, ALL), []).append(k)
        if origin:
            groups.setdefault((family, unit, origin), []).append(k)
    years, blank = case.years, np.full(len(case.years), np.nan)
    for (family, unit, origin), members in groups.items():
        own = volume[members].sum(axis=0)
        yield _Block(measure, family, origin, unit, own, float(own.sum()), blank)
        factors = trade.volume[members]
        if np.isfinite(factors).all():
            rate = factors @ volume[members]
            mean = float(rate.sum() / years.sum())
            yield _Block(measure, family, origin, trade.volume_unit[members[0]], rate / years, mean, blank)


def _money(solution: Solution) -> Iterator[_Block]:
    discount = solution.parameters.discount
    present_families = dict.fromkeys(solution.case.word("Commodities", "family"))
    parts = [(measure, *part) for measure, part in money_parts(solution).items()]
    order = [*present_families, *([SHARED] if any(SHARED in set(family) for _, _, family in parts) else [])]
    net = {family: np.zeros(len(discount)) for family in [*order, ALL]}
    for measure, amount, family in parts:
        for name in [*order, ALL]:
            value = amount.sum(axis=0) if name == ALL else amount[family == name].sum(axis=0)
            net[name] += value
            yield _Block(measure, name, ALL, MILLION_USD, value, float(value.sum()), value * discount)
    for name, value in net.items():
        yield _Block(NET, name, ALL, MILLION_USD, value, float(value.sum()), value * discount)


def money_parts(solution: Solution) -> dict[str, tuple[FloatArray, Any]]:
    """Each part of the net value: undiscounted million USD (items, periods), costs negative, and families of items."""
    case, net, p = solution.case, solution.network, solution.parameters
    family = names(case.word("Commodities", "family"))
    sale, flow = family[net.sale_commodity], family[net.flow_commodity]
    sales, surplus = _sales(solution)
    return {
        "sales": (sales, sale),
        "buyers' surplus": (surplus, sale),
        "supply cost": (-solution["supply"] * p.supply_cost, family[net.supply_commodity]),
        "tariffs": (-solution["flow"] * p.flow_tariff, flow),
        "risk": (-solution["flow"] * p.flow_risk, flow),
        "shortfall payments": _shortfalls(solution),
        "unserved demand": _unserved(solution),
    }


def _sales(solution: Solution) -> tuple[FloatArray, FloatArray]:
    """Sales, and what elastic demand would have paid beyond its clearing price, by sale."""
    net, p = solution.network, solution.parameters
    volume = solution["delivery"]
    sales, surplus = np.nan_to_num(sale_prices(solution)) * volume, np.zeros(volume.shape)
    if not len(net.elastic) or solution.case.settings.objective == "cost":
        return sales, surplus
    steps = solution["step"].reshape(p.step_width.shape)
    taken = steps.sum(axis=1)
    worth = (steps * p.step_price).sum(axis=1)
    mean = np.divide(worth, taken, out=np.zeros_like(worth), where=taken > 0)
    elastic = np.flatnonzero(np.isin(net.sale_demand, net.elastic))
    line = np.searchsorted(net.elastic, net.sale_demand[elastic])
    surplus[elastic] = volume[elastic] * p.delivery_use[elastic] * (mean - clearing_price(solution))[line]
    return sales, surplus


def _shortfalls(solution: Solution) -> tuple[FloatArray, Any]:
    """What is paid for shortfalls, in the last period of each contract year."""
    paid = np.zeros((len(solution.case["Contracts"]), len(solution.case.periods)))
    ends: IntArray = contract_year_ends(solution)
    paid[:, ends] = -shortfall_paid(solution)
    family = families(solution.case, contract_commodities(solution.case))
    # an asset that no link uses carries nothing of any family
    return paid, np.where(family == "", SHARED, family)


def _unserved(solution: Solution) -> tuple[FloatArray, Any]:
    """The price of firm demand that is not met, per unit of the demand's first commodity."""
    case, net, p = solution.case, solution.network, solution.parameters
    position = case["Commodities"].position
    first = [position[case.word("Demand", "commodity")[d][0]] for d in net.firm.tolist()]
    family = names(case.word("Commodities", "family"))[np.array(first, dtype=np.int64)]
    price = case.settings.unserved_price
    if price is None:
        return np.zeros((len(first), len(case.periods))), family
    sales = [net.sales_of_demand.get(d) for d in net.firm.tolist()]
    use = np.array([p.delivery_use[found[0], 0] if found else 1.0 for found in sales]).reshape(-1, 1)
    return -solution["unserved"] * price / use, family
