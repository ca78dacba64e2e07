"""Projects and funds: what is built when, what it earns at the margin, and who paid."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from model.case import FloatArray
from model.own_unit import own_unit
from model.parameters.convert import period_start
from model.results.declare import Extras, ResultColumn, result_table
from model.results.flows import PERIOD
from model.results.shape import Names, finite, names, ordered, periods, ratio, spread
from model.solution import Solution

_MILLION: Final = "million USD"
# rows whose scarcity a project relieves
CAPACITY_ROWS: Final = (
    "supply_capacity",
    "link_capacity",
    "asset_capacity",
    "fleet_time",
    "demand_volume",
    "stock_capacity",
)
HORIZON: Final = "horizon"
OWN_DUAL: Final = "dual"
RELAXED_DUAL: Final = "dual of the relaxation in which units may be parts; a plan of whole units has none"


@result_table(
    "Plan",
    "What is built when, what does it cost, and what does another unit earn?",
    key=("project", "period"),
    columns=(
        ResultColumn("project", "The project"),
        ResultColumn("adds_to", "Rows whose capacity it adds to"),
        PERIOD,
        ResultColumn("units", "Units whose building starts in the period", "units", "number"),
        ResultColumn("units_until_then", "Units started until the end of the period", "units", "number"),
        ResultColumn("max_units", "Most units over the horizon", "units", "number"),
        ResultColumn("capacity_built", "Capacity of the units started in the period", format="number"),
        ResultColumn("capacity_at_work", "Capacity that works in the period, before outages", format="number"),
        ResultColumn("unit", "Unit of these capacities"),
        ResultColumn("at_work_from", "Year in which what is started in the period begins to work", format="time"),
        ResultColumn("capex", "Paid at the start of the period, undiscounted", _MILLION, "money"),
        ResultColumn("capex_present_value", "The same discounted to the base year", _MILLION, "money"),
        ResultColumn(
            "unexpired_value", "What is left of it at the end of the last period, discounted", _MILLION, "money"
        ),
        ResultColumn(
            "earns_per_unit",
            "What one more unit started in the period would earn with today's scarcity values (duals), discounted",
            "million USD/unit",
            "money",
        ),
        ResultColumn(
            "net_per_unit",
            "The same less capex, plus unexpired value: above 0 where money, units on offer or whole units hold back",
            "million USD/unit",
            "money",
        ),
        ResultColumn("note", "What is particular about the row"),
    ),
)
def plan(solution: Solution, _: Extras) -> dict[str, Any]:
    """One row per project and period."""
    case, p, build = solution.case, solution.parameters, solution["build"]
    words, size = case["Projects"].words, case.number("Projects", "size")[:, :1]
    lead = case.number("Projects", "lead_years")[:, :1]
    rate, base, start = case.settings.discount_rate, case.settings.base_year, period_start(case)
    at_start = (1 + rate) ** -(start - base)
    at_end = (1 + rate) ** -(start[-1] + case.years[-1] - base)
    earns = _earned(solution)
    whole = "scarcity values of the programme with the plan of whole units fixed" if len(solution.layout.whole) else ""
    count = len(words["adds_to"])
    items: dict[str, Names] = {
        "project": names(case["Projects"].keys),
        "adds_to": names(", ".join(rows) for rows in words["adds_to"]),
        "unit": names(own_unit(case, "Projects", row, "size") for row in range(count)),
        "note": names([whole] * count),
    }
    at_work = np.array([build[i] @ p.in_service[i] for i in range(count)]).reshape(build.shape)
    numbers = {
        "units": build,
        "units_until_then": np.cumsum(build, axis=1),
        "max_units": p.build_most[:, None],
        "capacity_built": build * size,
        "capacity_at_work": at_work * size,
        "at_work_from": start + lead,
        "capex": build * p.build_capex,
        "capex_present_value": build * p.build_capex * at_start,
        "unexpired_value": build * p.build_left * at_end,
        "earns_per_unit": earns,
        "net_per_unit": earns + p.build_worth,
    }
    return ordered(spread(items, periods(case), numbers), [column.name for column in plan.columns[1:]])


def _earned(solution: Solution) -> FloatArray:
    """Discounted value, at the duals, of the capacity that one unit adds, (projects, build periods)."""
    layout = solution.layout
    block, found = layout.columns["build"], np.zeros(layout.columns["build"].size)
    for name in CAPACITY_ROWS:
        rows = layout.rows[name]
        first, last = layout.starts[rows.offset], layout.starts[rows.offset + rows.size]
        column = layout.indices[first:last] - block.offset
        mine = np.flatnonzero((column >= 0) & (column < block.size))
        row = np.repeat(np.arange(rows.size), np.diff(layout.starts[rows.offset : rows.offset + rows.size + 1]))[mine]
        gain = solution.row_gain[name].ravel()[row]
        # a unit has a negative coefficient where it adds to what is there
        np.add.at(found, column[mine], -solution.numbers.matrix[first + mine] * gain)
    return found.reshape(solution["build"].shape)


@result_table(
    "Funds",
    "What does every fund pay for, what is left, and what would more of its money earn?",
    key=("fund", "span"),
    columns=(
        ResultColumn("fund", "The fund"),
        ResultColumn("owner", "Whose it is"),
        ResultColumn("span", "Period, or horizon for the whole budget"),
        ResultColumn("budget", "Most that it may pay, undiscounted; blank = unlimited", _MILLION, "money"),
        ResultColumn("spent", "What it pays", _MILLION, "money"),
        ResultColumn("left", "What is left; blank without a budget", _MILLION, "money"),
        ResultColumn("share_spent", "Spent as a share of the budget", format="share"),
        ResultColumn("pays_for", "Projects that it pays for, the dearest first"),
        ResultColumn("value", "Present value of one more million USD in the fund", "million USD", "number"),
        ResultColumn("basis", f"Where that value comes from: {OWN_DUAL}, or the {RELAXED_DUAL}"),
    ),
    needs=("relaxed",),
)
def funds(solution: Solution, extras: Extras) -> dict[str, Any]:
    """One row per fund for the horizon, and one per period."""
    case, p = solution.case, solution.parameters
    paid = p.fund_share[:, :, None] * (solution["build"] * p.build_capex)[None]
    spent = np.hstack([paid.sum(axis=(1, 2))[:, None], paid.sum(axis=1)])
    yearly = np.where(np.isnan(p.fund_by_period), np.inf, p.fund_by_period)
    budget = np.hstack([p.fund_total[:, None], yearly])
    whole = bool(len(solution.layout.whole))
    source = extras.relaxed if whole else solution
    value = np.full(budget.shape, np.nan)
    if source is not None:
        value = np.hstack([source.row_gain["fund_budget"], source.row_gain["fund_period"]])
    spans = names([HORIZON, *case.periods])
    by_span = np.concatenate([paid.sum(axis=2)[:, :, None], paid], axis=2)
    items = {"fund": names(case["Funds"].keys), "owner": names(case.word("Funds", "owner"))}
    numbers = {
        "budget": finite(budget),
        "spent": spent,
        "left": finite(budget - spent),
        "share_spent": ratio(spent, budget),
        "value": value,
    }
    table = spread(items, {"span": spans}, numbers)
    table["pays_for"] = names(
        _payees(solution, by_span[f, :, s]) for f in range(len(budget)) for s in range(len(spans))
    )
    basis = "" if source is None else RELAXED_DUAL if whole else OWN_DUAL
    table["basis"] = names([basis] * len(table["fund"]))
    return ordered(table, [column.name for column in funds.columns[1:]])


def _payees(solution: Solution, paid: FloatArray) -> str:
    order = np.argsort(-paid, kind="stable")
    keys = solution.case["Projects"].keys
    return ", ".join(f"{keys[i]} {paid[i]:,.0f}" for i in order.tolist() if paid[i] > 1e-6)
