"""Laws of stores, projects and funds, and what both cost."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.audit.cells import Cells
from model.audit.report import Report
from model.case import NEVER, FloatArray
from model.solution import Solution

SPECK: Final = 5e-10  # of a period: less is what calendar arithmetic leaves


def in_service(c: Cells, project: int) -> FloatArray:
    """Share of each period in which what a project starts in each period works, (build periods, periods)."""
    lead, life = (float(c.case.number("Projects", name)[project, 0]) for name in ("lead_years", "life_years"))
    share = np.zeros((c.count, c.count))
    for b in range(c.count):
        first = c.begin[b] + lead
        for t in range(c.count):
            until = min(first + life, c.begin[t] + c.case.years[t])
            share[b, t] = max(0.0, until - max(first, c.begin[t])) / c.case.years[t]
    return share


def added(s: Solution, c: Cells, sheet: str) -> FloatArray:
    """Capacity that projects add to the rows of a sheet, in the row's unit per period (stores: at its end)."""
    case, found = c.case, np.zeros((len(c.case[sheet]), c.count))
    for project, names in enumerate(case.word("Projects", "adds_to")):
        working = s["build"][project] @ in_service(c, project) * case.number("Projects", "size")[project, 0]
        for name in names:
            row = case[sheet].position.get(name)
            if row is not None:
                found[row] += working * _scale(c, sheet, row)
    return found


def _scale(c: Cells, sheet: str, row: int) -> FloatArray:
    case = c.case
    if sheet == "Storage":
        return np.ones(c.count)
    if sheet == "Assets":
        return np.asarray(case.years * case.number("Assets", "availability")[row])
    if sheet == "Fleets":
        at_work = case.number("Fleets", "operating_days")[row] * (1 - case.number("Fleets", "reserved")[row])
        return np.asarray(case.years * at_work)
    if sheet == "Supply":
        return np.asarray(case.years / c.volume(case.word(sheet, "volume_unit")[row], int(c.supply_commodity[row])))
    return c.is_open("Links")[row] * case.years if sheet == "Links" else case.years


def stores_hold(s: Solution, c: Cells, report: Report) -> None:
    """Stocks follow from what is put in, taken out and lost, and keep to capacity, rates and the final stock."""
    case, names = c.case, c.case["Storage"].keys
    stock, room = s["stock"], case.number("Storage", "capacity") + added(s, c, "Storage")
    before = np.hstack([case.number("Storage", "initial")[:, :1], stock[:, :-1]])
    kept = before * (1 - case.number("Storage", "loss")) ** case.years
    after, scale = kept + s["inject"] - s["withdraw"], np.maximum(kept + s["inject"], stock)
    report.equal("stock", names, case.periods, stock, after, scale)
    final = case.number("Storage", "final")[:, 0]
    least = np.zeros_like(stock)
    least[:, -1] = np.where(final < 0, case.number("Storage", "initial")[:, 0], final)
    report.at_most("stock", names, case.periods, stock, room)
    report.at_least("stock", names, case.periods, stock, least)
    grown = np.isin(np.arange(len(names)), s.network.built_stores)[:, None]
    report.priced("stock", names, case.periods, s.bound_gain["stock"], stock, np.where(grown, np.inf, room), least)
    which = s.network.built_stores
    some = [names[i] for i in which.tolist()]
    report.priced("stock", some, case.periods, s.row_gain["stock_capacity"], stock[which], room[which])
    for rate, law in (("inject", "filling a store"), ("withdraw", "emptying a store")):
        most = case.number("Storage", rate) * case.years
        report.at_most(law, names, case.periods, s[rate], most)
        report.at_least(law, names, case.periods, s[rate], np.zeros_like(stock))
        report.priced(law, names, case.periods, s.bound_gain[rate], s[rate], most, 0.0)


def projects_hold(s: Solution, c: Cells, report: Report) -> None:
    """Units built keep to what is on offer, to the first period, to whole numbers, and to what they require."""
    case, names, build = c.case, c.case["Projects"].keys, s["build"]
    most = case.number("Projects", "max_units")[:, :1]
    labels = [*case.periods, NEVER]
    first = [labels.index(word) if word is not None else 0 for word in case.word("Projects", "earliest")]
    offered = np.arange(c.count) >= np.array(first, dtype=int).reshape(-1, 1)
    # what is ready after the horizon only is built for the sake of others alone
    works = [(in_service(c, p).max(axis=1) > SPECK).tolist() for p in range(len(names))]
    offered &= np.array(works, dtype=bool).reshape(offered.shape) | _asked_for(s, c)[:, None]
    open_to = np.where(offered, np.inf, 0.0)
    built = build.sum(axis=1, keepdims=True)
    report.at_least("units built", names, case.periods, build, np.zeros_like(build))
    report.at_most("units built", names, case.periods, build, open_to)
    report.at_most("units of a project", names, ["horizon"], built, most)
    whole = np.array([bool(word) for word in case.word("Projects", "whole_units")], dtype=bool)
    some = [names[i] for i in np.flatnonzero(whole).tolist()]
    report.equal("whole units", some, case.periods, build[whole], np.round(build[whole]), build[whole])
    parts = [names[i] for i in np.flatnonzero(~whole).tolist()]
    gain = s.bound_gain["build"][~whole]
    report.priced("units built", parts, case.periods, gain, build[~whole], open_to[~whole], 0.0)
    report.priced("units of a project", names, ["horizon"], s.row_gain["project_units"], built, most)
    _requirements_hold(s, c, report)


def _asked_for(s: Solution, c: Cells) -> NDArray[np.bool_]:
    """Projects that others require or a lower limit counts."""
    names, limits = c.case["Projects"].keys, c.case["Limits"]
    required = {name for needed in c.case.word("Projects", "requires") for name in needed or ()}
    found = np.array([name in required for name in names], dtype=bool)
    for row in range(len(limits)):
        if s.network.limit_terms[row].block == "build" and row in s.network.limit_lower:
            found[s.network.limit_terms[row].items] = True
    return found


def _requirements_hold(s: Solution, c: Cells, report: Report) -> None:
    case, names = c.case, c.case["Projects"].keys
    most = case.number("Projects", "max_units")[:, :1]
    share = np.cumsum(s["build"], axis=1) / np.where(most > 0, most, 1.0)
    pairs = [
        (p, names.index(other)) for p, needed in enumerate(case.word("Projects", "requires")) for other in needed or ()
    ]
    ahead, behind = ([pair[i] for pair in pairs] for i in (0, 1))
    labels = [f"{names[p]} and {names[q]}" for p, q in pairs]
    report.at_most("prerequisite", labels, case.periods, share[ahead], share[behind])
    slack = share[behind] - share[ahead]
    gain = s.row_gain["project_requires"]
    report.priced("prerequisite", labels, case.periods, gain, -slack, np.zeros_like(slack))


def funds_hold(s: Solution, c: Cells, report: Report) -> None:
    """Funds pay no more than they have, over the horizon and in each period."""
    case, names = c.case, c.case["Funds"].keys
    paid = s["build"] * case.number("Projects", "capex")
    part = np.zeros((len(names), len(paid)))
    for project, shares in enumerate(case.word("Projects", "funds")):
        for fund, share in shares or ():
            part[names.index(fund), project] = share
    spent = part @ paid
    budget, yearly = case.number("Funds", "budget")[:, :1], case.number("Funds", "period_budget")
    yearly = np.where(np.isnan(yearly), np.inf, yearly)
    over = spent.sum(axis=1, keepdims=True)
    report.at_most("fund", names, ["horizon"], over, budget)
    report.at_most("fund", names, case.periods, spent, yearly)
    report.priced("fund", names, ["horizon"], s.row_gain["fund_budget"], over, budget)
    report.priced("fund", names, case.periods, s.row_gain["fund_period"], spent, yearly)


def projects_are_used(s: Solution, c: Cells, report: Report) -> None:
    """Of what projects add, the minimum share is used."""
    case, names = c.case, c.case["Projects"].keys
    for i, target in enumerate(s.network.targets[j] for j in s.network.used_targets.tolist()):
        project, sheet, row = target.project, target.sheet, target.row
        works = s["build"][project] @ in_service(c, project) * case.number("Projects", "size")[project, 0]
        least = works * _scale(c, sheet, row) * case.number("Projects", "minimum_use")[project, 0]
        used, label = _use_of(s, c, sheet, row), [f"{names[project]} at {case[sheet].keys[row]}"]
        report.at_least("use of a project", label, case.periods, used[None], least[None])
        gain = s.row_gain["project_use"][i][None]
        report.priced("use of a project", label, case.periods, gain, used[None], lower=least[None])


def _use_of(s: Solution, c: Cells, sheet: str, row: int) -> FloatArray:
    """What uses a row's capacity, in its unit, by period; flows that go back are no use of what was built."""
    if sheet == "Supply":
        used = s["supply"][row]
    elif sheet == "Links":
        mine = c.flow_link == row
        used = (s["flow"][mine] * c.volumes(sheet, c.flow_link[mine], c.flow_commodity[mine])).sum(axis=0)
    elif sheet == "Demand":
        mine = c.sale_demand == row
        used = (s["delivery"][mine] * c.volumes(sheet, c.sale_demand[mine], c.sale_commodity[mine])).sum(axis=0)
    else:
        used = (c.asset_used(s["flow"], least=0.0) if sheet == "Assets" else c.fleet_days(s["flow"]))[row]
    return np.asarray(used)


def building_money(s: Solution, c: Cells) -> dict[str, float]:
    """What stores and projects cost, discounted million USD, costs negative."""
    case = c.case
    held = s["stock"] * case.number("Storage", "cost") * case.years
    rate, base = case.settings.discount_rate, case.settings.base_year
    paid = s["build"] * case.number("Projects", "capex")
    end = c.begin[-1] + case.years[-1] if c.count else 0.0
    left = np.zeros_like(paid)
    for project, (lead, life) in enumerate(
        zip(*(case.number("Projects", name)[:, 0].tolist() for name in ("lead_years", "life_years")), strict=True)
    ):
        unused = np.array([min(life, max(0.0, life - (end - begin - lead))) for begin in c.begin])
        # what an annuity over the whole life still has to earn
        left[project] = (
            unused / life if rate == 0 else np.expm1(-unused * np.log1p(rate)) / np.expm1(-life * np.log1p(rate))
        )
    return {
        "storage cost": -float(held.sum(axis=0) @ c.discount),
        "capex": -float((paid * (1 + rate) ** (base - c.begin)).sum()),
        "unexpired value": float((paid * left).sum() * (1 + rate) ** (base - end)),
    }


def made_up(s: Solution, c: Cells) -> tuple[FloatArray, FloatArray]:
    """What is made up of each contract year's shortfall, and what each year lifts for that, (contracts, years)."""
    years = sorted({int(year) for year in c.case.year})
    names = c.case["Contracts"].keys
    of, within = (np.zeros((len(names), len(years))) for _ in range(2))
    for (name, short, later), volume in zip(s.items["make_up"], s["make_up"][:, 0].tolist(), strict=True):
        of[names.index(name), years.index(int(short))] += volume
        within[names.index(name), years.index(int(later))] += volume
    return of, within
