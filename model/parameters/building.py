"""Numbers of stores and projects: what is kept from period to period, and what is built when."""

from __future__ import annotations

from typing import Any

import numpy as np

from model.case import NEVER, Case, FloatArray
from model.network import Network, Target
from model.parameters.convert import Converter, open_mask, period_start
from model.workbook.columns import AS_INITIAL


def storage(case: Case, net: Network, _: Converter, __: dict[str, Any], ___: list[str]) -> dict[str, Any]:
    """Bounds, losses and costs of stores; rates are per year, stocks at the end of a period."""
    capacity = case.number("Storage", "capacity")
    keep = (1.0 - case.number("Storage", "loss")) ** case.years
    initial = case.number("Storage", "initial")[:, 0]
    final = case.number("Storage", "final")[:, 0]
    lower = np.zeros_like(capacity)
    lower[:, -1] = np.where(final == AS_INITIAL, initial, final)
    start = np.zeros_like(capacity)
    start[:, 0] = keep[:, 0] * initial
    built = np.isin(np.arange(len(initial)), net.built_stores)[:, None]
    return {
        "stock_capacity": capacity,
        "stock_upper": np.where(built, np.inf, capacity),
        "stock_lower": lower,
        "stock_keep": keep,
        "stock_initial": start,
        "stock_cost": case.number("Storage", "cost") * case.years,
        "inject_upper": case.number("Storage", "inject") * case.years,
        "withdraw_upper": case.number("Storage", "withdraw") * case.years,
    }


def projects(case: Case, net: Network, convert: Converter, parts: dict[str, Any], _: list[str]) -> dict[str, Any]:
    """What may be built when, what it costs less its unexpired value, and when it works."""
    names = case["Projects"]
    start = period_start(case)
    earliest = [first_build(case, label) for label in case.word("Projects", "earliest")]
    allowed = np.arange(len(start)) >= np.array(earliest, dtype=int).reshape(-1, 1)
    capex = case.number("Projects", "capex")
    lead = case.number("Projects", "lead_years")[:, :1]
    life = case.number("Projects", "life_years")[:, :1]
    rate, base = case.settings.discount_rate, case.settings.base_year
    at_start = (1 + rate) ** -(start - base)
    left = capex * _unexpired(case, start + lead, life)
    at_end = (1 + rate) ** -(start[-1] + case.years[-1] - base)
    funds = case["Funds"]
    share = np.zeros((len(funds), len(names)))
    for project, owners in enumerate(case.word("Projects", "funds")):
        for fund, part in owners or ():
            share[funds.position[fund], project] = part
    in_service = _in_service(case, start, lead[:, 0], life[:, 0])
    # what would not work before the horizon ends is not on offer: without discounting, its unexpired value is its capex
    allowed &= in_service.any(axis=2)
    return {
        # the most of all periods stands in a row of its own, which so bears the whole value of one unit more
        "build_upper": np.where(allowed, np.inf, 0.0),
        "build_worth": left * at_end - capex * at_start,
        "build_left": left,
        "build_capex": capex,
        "build_most": case.number("Projects", "max_units")[:, 0],
        "in_service": in_service,
        "target_size": _sizes(case, net, convert),
        "minimum_use": case.number("Projects", "minimum_use")[:, 0],
        "fund_share": share,
        "fund_total": case.number("Funds", "budget")[:, 0],
        "fund_by_period": case.number("Funds", "period_budget"),
    }


def first_build(case: Case, earliest: str | None) -> int:
    """Position of the first period in which building may start; beyond the last where it never may."""
    if earliest is None:
        return 0
    return len(case.periods) if earliest == NEVER else case.period_position[earliest]


def _unexpired(case: Case, commissioned: FloatArray, life: FloatArray) -> FloatArray:
    """Value at the horizon of the life that is left, per unit of capex, shape (projects, build periods).

    (1 − (1+r)^−(L−u))/(1 − (1+r)^−L) for u of L years used; in proportion at r = 0.
    """
    rate = case.settings.discount_rate
    end = period_start(case)[-1] + case.years[-1]
    left = life - np.clip(end - commissioned, 0.0, life)
    if rate == 0:
        return np.asarray(left / life)
    return np.asarray((1 - (1 + rate) ** -left) / (1 - (1 + rate) ** -life))


def _in_service(case: Case, start: FloatArray, lead: FloatArray, life: FloatArray) -> FloatArray:
    """Share of each period in which what was started in each build period works: (projects, build, periods)."""
    begins = start[None, :, None] + lead[:, None, None]
    ends = begins + life[:, None, None]
    opens, closes = start[None, None, :], (start + case.years)[None, None, :]
    overlap = np.minimum(ends, closes) - np.maximum(begins, opens)
    # calendar arithmetic such as 2030 + 1/12·3 leaves specks of 1e-13
    return np.asarray(np.round(np.clip(overlap / case.years, 0.0, 1.0), 9), dtype=np.float64)


def _sizes(case: Case, net: Network, convert: Converter) -> FloatArray:
    """Capacity that one unit adds to each target over a period in which it works, (targets, periods)."""
    size = case.number("Projects", "size")[:, 0]
    rows = [size[target.project] * _per_size(case, net, convert, target) for target in net.targets]
    return np.array(rows).reshape(len(net.targets), len(case.periods))


def _per_size(case: Case, net: Network, convert: Converter, target: Target) -> FloatArray:
    if target.sheet == "Storage":
        return np.ones(len(case.periods))
    if target.sheet == "Assets":
        return np.asarray(case.number("Assets", "availability")[target.row] * case.years)
    if target.sheet == "Fleets":
        days = case.number("Fleets", "operating_days")[target.row] * (1 - case.number("Fleets", "reserved")[target.row])
        return np.asarray(days * case.years)
    if target.sheet == "Supply":
        unit = case.word("Supply", "volume_unit")[target.row]
        return case.years / convert.volume(unit, int(net.supply_commodity[target.row]))
    if target.sheet == "Links":
        # a closed link stays closed, and nothing need use it
        return np.asarray(open_mask(case, "Links")[target.row] * case.years)
    return case.years
