"""Laws of contracts, limits and money."""

from __future__ import annotations

import numpy as np

from model.audit.building import building_money, made_up
from model.audit.cells import Cells
from model.audit.report import Report, total
from model.case import FloatArray
from model.selection import IntArray, flow_records, matching, project_records, sale_records, supply_records
from model.solution import Solution


def _years(c: Cells) -> tuple[list[int], IntArray]:
    years = sorted({int(year) for year in c.case.year})
    return years, np.array([years.index(int(year)) for year in c.case.year], dtype=np.int64)


def _lifted(s: Solution, c: Cells, contract: int) -> FloatArray:
    """What counts towards a contract by period, in its unit."""
    case = c.case
    name, only = (case.word("Contracts", column)[contract] for column in ("applies_to", "commodity"))
    written = case.word("Contracts", "volume_unit")[contract]
    weight = np.ones((1, 1))
    if name in case["Demand"].position:
        kept, grades, block = (
            np.flatnonzero(c.sale_demand == case["Demand"].position[name]),
            c.sale_commodity,
            "delivery",
        )
    elif name in case["Links"].position:
        kept, grades, block = np.flatnonzero(c.flow_link == case["Links"].position[name]), c.flow_commodity, "flow"
    else:
        holder, flow, row = c.asset_uses("Assets")
        mine = holder == case["Assets"].position[name]
        kept, grades, block = flow[mine], c.flow_commodity, "flow"
        weight = case.number("Uses", "use")[row[mine]]
    counts = np.array([not only or case["Commodities"].keys[k] in only for k in grades[kept].tolist()], dtype=bool)
    factors = np.array([c.volume(written, k) for k in grades[kept][counts].tolist()])
    weight = weight[counts] if len(weight) == len(counts) else weight
    volume = (s[block][kept[counts]] * factors[:, None] * weight).sum(axis=0)
    return np.asarray(volume * c.is_open("Contracts")[contract])


def _price_unit(c: Cells, contract: int) -> float:
    """The contract's unit in one of the first commodity that counts, reached or not."""
    case, uses = c.case, c.case["Uses"].words
    name, only, written = (case.word("Contracts", x)[contract] for x in ("applies_to", "commodity", "volume_unit"))
    rows = [(name, None)]
    if name in case["Assets"].position:
        every = zip(uses["link"], uses["asset"], uses["commodity"], strict=True)
        rows = [(link, grade) for link, asset, grade in every if asset == name]
    for holder, grade in rows:
        sheet = "Demand" if holder in case["Demand"].position else "Links"
        for k in [grade] if grade else case.word(sheet, "commodity")[case[sheet].position[holder]]:
            if not only or k in only:
                return c.volume(written, case["Commodities"].position[k])
    return 1.0


def contracts_hold(s: Solution, c: Cells, report: Report) -> None:
    """What is due in a contract year is lifted or short, and no more than the ceiling is lifted."""
    case, (years, year_of) = c.case, _years(c)
    names, labels = case["Contracts"].keys, [str(year) for year in years]
    first = [int(np.flatnonzero(year_of == v)[0]) for v in range(len(years))]
    length = total((c.is_open("Contracts") * case.years).T, year_of, len(years)).T
    due = (case.number("Contracts", "volume") * case.number("Contracts", "share"))[:, first] * length
    ceiling = case.number("Contracts", "ceiling")[:, first]
    ceiling = np.where(np.isnan(ceiling), np.inf, np.nan_to_num(ceiling) * length)
    lifted = np.array([_lifted(s, c, i) for i in range(len(names))]).reshape(len(names), c.count)
    lifted = total(lifted.T, year_of, len(years)).T
    short, (of, within) = s["short"], made_up(s, c)
    report.at_least("contract", names, labels, lifted - within + short, due)
    report.at_most("contract's ceiling", names, labels, lifted, ceiling)
    report.at_most("contract's shortfall", names, labels, short, due)
    report.at_least("contract's shortfall", names, labels, short, np.zeros_like(short))
    gain = s.row_gain["contract_lifting"]
    report.priced("contract", names, labels, gain, lifted - within + short, lower=due)
    _make_up_holds(s, c, report, (of, within), due)
    report.priced("contract's shortfall", names, labels, s.bound_gain["short"], short, due, 0.0)
    capped = s.network.ceilings
    some = [names[i] for i in capped.tolist()]
    report.priced("contract's ceiling", some, labels, s.row_gain["contract_ceiling"], lifted[capped], ceiling[capped])


def _make_up_holds(
    s: Solution, c: Cells, report: Report, volumes: tuple[FloatArray, FloatArray], due: FloatArray
) -> None:
    """No more of a shortfall is made up than there was, and only within the contract's make-up time."""
    case, (years, _), (of, made) = c.case, _years(c), volumes
    names, labels = case["Contracts"].keys, [str(year) for year in years]
    report.at_most("make-up", names, labels, of, s["short"])
    items = [(names.index(name), int(short), int(later)) for name, short, later in s.items["make_up"]]
    span = case.number("Contracts", "make_up_years")[:, 0]
    in_time = np.array([[due[i, years.index(u)] if w - u <= span[i] else 0.0] for i, u, w in items]).reshape(-1, 1)
    each = [f"{names[i]} {u} in {w}" for i, u, w in items]
    report.at_least("make-up", each, ["all"], s["make_up"], np.zeros_like(in_time))
    report.at_most("make-up in time", each, ["all"], s["make_up"], in_time)
    report.priced("make-up", each, ["all"], s.bound_gain["make_up"], s["make_up"], in_time, 0.0)
    both = [[min(s["short"][pair], made[pair])] for pair in s.network.choosing]
    choosing = [f"{names[i]} in {years[v]}" for i, v in s.network.choosing]
    none = np.zeros((len(both), 1))
    report.at_most("short and making up at once", choosing, ["all"], np.array(both).reshape(-1, 1), none)
    pairs = list(dict.fromkeys((i, years.index(u)) for i, u, _ in items))
    slack = np.array([[of[pair] - s["short"][pair]] for pair in pairs]).reshape(-1, 1)
    some = [f"{names[i]} of {years[v]}" for i, v in pairs]
    report.priced("make-up", some, ["all"], s.row_gain["contract_make_up"], slack, np.zeros_like(slack))


def limits_hold(s: Solution, c: Cells, report: Report) -> None:
    """What limits count keeps to them, as a volume or as a share."""
    case = c.case
    records = {
        "supply": supply_records(case),
        "flow": flow_records(case, c.flow_link, c.flow_commodity),
        "delivery": sale_records(case, c.sale_demand, c.sale_commodity),
        "built": project_records(case),
    }
    grades = {"supply": c.supply_commodity, "flow": c.flow_commodity, "delivery": c.sale_commodity}
    mask, words = c.is_open("Limits"), case["Limits"].words
    counted: dict[int, tuple[FloatArray, FloatArray]] = {}
    for row, (measure, what, of) in enumerate(zip(words["measure"], words["what"], words["of"], strict=True)):
        if measure == "built":
            volume = s["build"] * mask[row]
        else:
            factor = np.array([c.volume(words["volume_unit"][row], k) for k in grades[measure].tolist()])[:, None]
            volume = s[measure] * np.where(np.isfinite(factor), factor, 0.0) * mask[row]
        whole = volume[matching(of, records[measure])] if of else volume[:0]
        counted[row] = volume[matching(what, records[measure])].sum(axis=0), whole.sum(axis=0)
    for side, column, rows in (
        ("limit_upper", "at_most", s.network.limit_upper),
        ("limit_lower", "at_least", s.network.limit_lower),
    ):
        first = 0
        for row in rows.tolist():
            spans = _spans(c, words["per"][row])
            gains = s.row_gain[side][first : first + len(spans)]
            first += len(spans)
            _limit_holds(c, report, row, column, (*counted[row], gains))


def _spans(c: Cells, per: str) -> list[tuple[str, list[int]]]:
    labels = {"period": c.case.periods, "year": [str(int(year)) for year in c.case.year]}.get(
        per, ["horizon"] * c.count
    )
    return [(label, [t for t in range(c.count) if labels[t] == label]) for label in dict.fromkeys(labels)]


def _limit_holds(
    c: Cells, report: Report, row: int, column: str, sides: tuple[FloatArray, FloatArray, FloatArray]
) -> None:
    """One side of one limit, for every span that has a value."""
    case, (what, whole, gains) = c.case, sides
    value, per = case.number("Limits", column)[row], case.word("Limits", "per")[row]
    holds = ~np.isnan(value) & (c.is_open("Limits")[row] > 0)
    if case.word("Limits", "of")[row] is not None:
        bound = value * whole
    else:
        bound = value if per == "horizon" else value * case.years
    rows: list[tuple[str, float, float, float]] = []
    for (label, periods), gain in zip(_spans(c, per), gains[:, 0].tolist(), strict=True):
        given = [t for t in periods if holds[t]]
        one_for_all = per == "horizon" and case.word("Limits", "of")[row] is None
        if given:
            most = bound[given[0]] if one_for_all else bound[given].sum()
            rows.append((label, float(what[given].sum()), float(most), gain))
    if rows:
        name, labels = [case["Limits"].keys[row]], [label for label, *_ in rows]
        measured, most, gain = (np.array([[line[i] for line in rows]]) for i in (1, 2, 3))
        (report.at_most if column == "at_most" else report.at_least)("limit", name, labels, measured, most)
        report.priced("limit", name, labels, gain, measured, **{"upper" if column == "at_most" else "lower": most})


def money_adds_up(s: Solution, c: Cells, report: Report) -> None:
    """The objective is the sum of sales less costs, each worked out from volumes and cells."""
    parts = money(s, c)
    value = sum(parts.values())
    if c.case.settings.objective == "cost":
        value = -value
    one, other = np.array([[s.objective]]), np.array([[value]])
    report.equal("objective in million USD", [c.case.scenario], ["horizon"], one, other, np.abs(one))


def money(s: Solution, c: Cells) -> dict[str, float]:
    """Each part of the objective, discounted million USD, costs negative."""
    case = c.case
    rows = np.arange(len(case["Supply"]))
    cost = case.number("Supply", "cost") * c.moneys("Supply", "cost_unit", rows, c.supply_commodity)
    toll = (case.number("Links", "tariff") + case.number("Links", "risk"))[c.flow_link]
    toll = toll * c.moneys("Links", "tariff_unit", c.flow_link, c.flow_commodity)
    return {
        "sales": _sales(s, c) if case.settings.objective != "cost" else 0.0,
        "supply cost": -_worth(s["supply"] * cost, c),
        "tariffs and risk": -_worth(s["flow"] * toll, c),
        "unserved demand": -_unserved(s, c),
        "shortfall payments": -_shortfalls(s, c),
        **building_money(s, c),
    }


def _worth(amounts: FloatArray, c: Cells) -> float:
    return float(amounts.sum(axis=0) @ c.discount)


def _sales(s: Solution, c: Cells) -> float:
    """Sales at fixed prices, and what elastic markets would have paid step by step."""
    case, elastic = c.case, s.network.elastic
    base, premium = c.prices
    bent = np.isin(c.sale_demand, elastic)[:, None]
    value = _worth(s["delivery"] * np.where(bent, premium, base + premium), c)
    count = case.settings.demand_steps
    steps = s["step"].reshape(len(elastic), count, c.count)
    for i, d in enumerate(elastic.tolist()):
        sold = np.flatnonzero(c.sale_demand == d)
        if not len(sold):
            continue  # nothing reaches it, so its steps are empty: the demand line says so
        grade = _first_grade(c, d)
        unit = c.volume(case.word("Demand", "volume_unit")[d], grade)
        price, bend = c.price(d, grade)[0] / unit, case.number("Demand", "elasticity")[d]
        # share of the given volume at the middle of each step, up to where the line meets zero
        reached = (np.arange(count)[:, None] + 0.5) / count * (1 - bend)
        height = np.minimum(price + price * (reached - 1) / bend, price * case.settings.choke_multiple)
        value += _worth(steps[i] * height, c)
    return value


def _unserved(s: Solution, c: Cells) -> float:
    case, price = c.case, c.case.settings.unserved_price
    if price is None or not s["unserved"].size:
        return 0.0
    written = case.word("Demand", "volume_unit")
    units = [c.volume(written[d], _first_grade(c, d)) for d in s.network.firm.tolist()]
    return _worth(s["unserved"] / np.array(units).reshape(-1, 1) * price, c)


def _first_grade(c: Cells, demand: int) -> int:
    """The commodity by which a demand's price is meant: the first one written."""
    return c.case["Commodities"].position[c.case.word("Demand", "commodity")[demand][0]]


def _shortfalls(s: Solution, c: Cells) -> float:
    """Shortfalls are paid at the end of the contract year, at the price of its first period, less refunds."""
    years, year_of = _years(c)
    ends = [np.flatnonzero(year_of == v)[[0, -1]] for v in range(len(years))]
    units = np.array([_price_unit(c, i) for i in range(len(c.case["Contracts"]))]).reshape(-1, 1)
    price = c.case.number("Contracts", "shortfall_price")[:, [first for first, _ in ends]] / units
    ending = c.discount[[last for _, last in ends]]
    paid = float((s["short"] * price).sum(axis=0) @ ending)
    names = c.case["Contracts"].keys
    for (name, short, later), volume in zip(s.items["make_up"], s["make_up"][:, 0].tolist(), strict=True):
        # what was paid comes back, without interest
        paid -= volume * price[names.index(name), years.index(int(short))] * ending[years.index(int(later))]
    return paid
