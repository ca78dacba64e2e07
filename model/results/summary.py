"""The headline figures: volumes and money by family and period, adding up to the objective."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.case import Case, FloatArray
from model.results.declare import Extras, ResultColumn, result_table
from model.results.flows import PERIOD
from model.results.markets import is_export
from model.results.money import MILLION_USD, SHARED, money_parts
from model.results.shape import Trade, names, sums
from model.results.stores import lost_in_store, stock_before
from model.solution import Solution

ALL = "all"
TOTAL = "total"
NET = "net value"
LOSSES = "losses and fuel"
BURNT = "CO₂ of deliveries when burnt"


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
    net = solution.network
    count = len(solution.case["Commodities"])
    sent_abroad = solution["delivery"] * is_export(solution)[:, None]
    for measure, volume, commodity in (
        ("production", solution["supply"], net.supply_commodity),
        (LOSSES, lost_on_links(solution), net.flow_commodity),
        ("deliveries", solution["delivery"], net.sale_commodity),
        ("exports", sent_abroad, net.sale_commodity),
    ):
        by_grade = sums(volume, commodity, count)
        if measure == LOSSES:
            by_grade += sums(lost_in_store(solution), net.storage_commodity, count)
        yield from _by_grade(solution, measure, by_grade)
    yield from _burnt(solution)
    if len(solution.case["Storage"]):
        change = solution["stock"] - stock_before(solution)
        yield from _by_grade(solution, "change of stocks", sums(change, net.storage_commodity, count))


def lost_on_links(solution: Solution) -> FloatArray:
    """What is used and lost on the way, with fees in kind that leave the network, (flows, periods)."""
    net, p = solution.network, solution.parameters
    return np.asarray(solution["flow"] * (1 - p.flow_arrival - np.where(net.flow_fee[:, None] >= 0, p.flow_fee, 0.0)))


def _by_grade(solution: Solution, measure: str, volume: FloatArray) -> Iterator[_Block]:
    """Volumes by family and origin, in the own unit and in the trade's; ``volume`` has one row per commodity."""
    case, trade = solution.case, Trade(solution.case)
    years, blank = case.years, np.full(len(case.years), np.nan)
    for (family, unit, origin), members in _groups(case).items():
        own = volume[members].sum(axis=0)
        yield _Block(measure, family, origin, unit, own, float(own.sum()), blank)
        factors = trade.volume[members]
        if np.isfinite(factors).all():
            rate = factors @ volume[members]
            mean = float(rate.sum() / years.sum())
            yield _Block(measure, family, origin, trade.volume_unit[members[0]], rate / years, mean, blank)


def _groups(case: Case) -> dict[tuple[str, str, str], list[int]]:
    """Commodities of one family, unit and origin, and of every origin."""
    words = [case.word("Commodities", name) for name in ("family", "unit", "origin")]
    groups: dict[tuple[str, str, str], list[int]] = {}
    for k, (family, unit, origin) in enumerate(zip(*words, strict=True)):
        groups.setdefault((family, unit, ALL), []).append(k)
        if origin:
            groups.setdefault((family, unit, origin), []).append(k)
    return groups


def _burnt(solution: Solution) -> Iterator[_Block]:
    """Carbon dioxide of what is delivered, Mt: t per t times Mt, or t per 1000 m³ times bcm; where stated for all."""
    case = solution.case
    per_unit = case.number("Commodities", "co2_t_per_unit")[:, :1]
    delivered = sums(solution["delivery"], solution.network.sale_commodity, len(per_unit))
    groups: dict[tuple[str, str], list[int]] = {}
    for (family, _, origin), members in _groups(case).items():
        groups.setdefault((family, origin), []).extend(members)  # gas as bcm and as tonnes of LNG
    for (family, origin), members in groups.items():
        value = (per_unit * delivered)[members].sum(axis=0)
        if np.isfinite(per_unit[members]).all():
            yield _Block(BURNT, family, origin, "Mt CO₂", value, float(value.sum()), np.full(len(value), np.nan))


def _money(solution: Solution) -> Iterator[_Block]:
    parts, count = money_parts(solution), len(solution.case.periods)
    present_families = dict.fromkeys(solution.case.word("Commodities", "family"))
    order = [*present_families, *([SHARED] if any(SHARED in set(part.family) for part in parts.values()) else [])]
    net = {family: (np.zeros(count), np.zeros(count)) for family in [*order, ALL]}
    for measure, part in parts.items():
        for name in [*order, ALL]:
            mine = np.ones(len(part.family), dtype=bool) if name == ALL else part.family == name
            value, present = part.amount[mine].sum(axis=0), part.present[mine].sum(axis=0)
            net[name] = net[name][0] + value, net[name][1] + present
            yield _Block(measure, name, ALL, MILLION_USD, value, float(value.sum()), present)
    for name, (value, present) in net.items():
        yield _Block(NET, name, ALL, MILLION_USD, value, float(value.sum()), present)
