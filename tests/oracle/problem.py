"""The whole problem of one scenario: network, markets, stores; what is promised and built stands in ``promises``."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, isnan

from tests.oracle.cells import Cells, Row
from tests.oracle.linear import Programme, Term
from tests.oracle.promises import add_building, add_contracts, add_limits, added


def optimum(tables: dict[str, list[Row]], scenario: str = "base") -> tuple[str, float]:
    """Status and value of a scenario: million USD, or the cost where that is what is minimised."""
    cells, programme = Cells(tables, scenario), Programme()
    for t in range(len(cells.labels)):
        add_variables(cells, programme, t)
    for project in cells["Projects"]:
        first = cells.labels.index(project.get("earliest") or cells.labels[0])
        for t in range(len(cells.labels)):
            name = ("build", project["project"], t)
            programme.variable(name, 0, inf if first <= t else 0.0, whole=project["whole_units"] == "yes")
    for t in range(len(cells.labels)):
        add_balances(cells, programme, t)
        add_capacities(cells, programme, t)
        add_markets(cells, programme, t)
        add_stocks(cells, programme, t)
    add_reserves(cells, programme)
    add_contracts(cells, programme)
    add_limits(cells, programme)
    add_building(cells, programme)
    status, value = programme.solve()
    return status, -value if cells.setting.get("objective") == "cost" else value


def add_variables(c: Cells, p: Programme, t: int) -> None:
    """Volumes of a period with what each unit is worth, undiscounted worth × δ."""
    y, d = c.years[t], c.discount(t)
    for s in c["Supply"]:
        k, high = s["commodity"], c.number("Supply", s, "capacity", t)
        per = c.per(s.get("volume_unit"), k)
        low = min(c.number("Supply", s, "minimum", t, 0), high)
        name = p.variable(("supply", s["supply"], t), low / per * y)
        p.worth[name] -= d * c.number("Supply", s, "cost", t) * c.usd(s.get("cost_unit"), k, t)
    for link in c["Links"]:
        for k in c.names(link):
            money = c.usd(link.get("tariff_unit"), k, t, link.get("distance_km"))
            name = p.variable(("flow", link["link"], k, t))
            cost = c.number("Links", link, "tariff", t) + c.number("Links", link, "risk", t, 0)
            p.worth[name] -= d * money * cost
    for m in c["Demand"]:
        for k in c.names(m):
            p.variable(("delivery", m["demand"], k, t))
    for w in c["Storage"]:
        for what, column in (("inject", "inject"), ("withdraw", "withdraw")):
            p.variable((what, w["storage"], t), 0, c.number("Storage", w, column, t) * y)
        name = p.variable(("stock", w["storage"], t))
        p.worth[name] -= d * c.number("Storage", w, "cost", t, 0) * y


def becomes(link: Row, commodity: str) -> str:
    """The grade that a commodity is after a leg."""
    text = link.get("becomes") or ""
    if ">" not in text:
        return text or commodity
    pairs = dict(tuple(side.strip() for side in part.split(">")) for part in text.split(","))
    return pairs.get(commodity, commodity)


def add_balances(c: Cells, p: Programme, t: int) -> None:
    """At every place, of every grade: what comes is what goes."""
    terms: dict[tuple[str, str], list[Term]] = {(n, k): [] for n in c.of["Nodes"] for k in c.of["Commodities"]}
    for s in c["Supply"]:
        terms[s["node"], s["commodity"]].append((1, ("supply", s["supply"], t)))
    for m in c["Demand"]:
        for k in c.names(m):
            terms[m["node"], k].append((-1, ("delivery", m["demand"], k, t)))
    for link in c["Links"]:
        loss, fee = c.number("Links", link, "loss", t, 0), c.number("Links", link, "fee_in_kind", t, 0)
        for k in c.names(link):
            flow = ("flow", link["link"], k, t)
            terms[link["from"], k].append((-1, flow))
            terms[link["to"], becomes(link, k)].append((1 - loss - fee, flow))
            if link.get("fee_to"):
                terms[link["fee_to"], becomes(link, k)].append((fee, flow))
    for w in c["Storage"]:
        place = terms[w["node"], w["commodity"]]
        place += [(1, ("withdraw", w["storage"], t)), (-1, ("inject", w["storage"], t))]
    for place in terms.values():
        p.row(place, 0, 0)


def users(c: Cells, holder: str, t: int) -> Iterator[tuple[Row, Row, str]]:
    """Rows of Uses of an asset or fleet, with the link and each commodity that counts."""
    for use in c["Uses"]:
        if use["asset"] == holder:
            link = c.of["Links"][use["link"]]
            for k in c.names(link):
                if not use.get("commodity") or use["commodity"] == k:
                    yield use, link, k


def use_of(c: Cells, sheet: str, row: Row, t: int) -> list[Term]:
    """What uses the capacity of a row, in the unit of that row."""
    if sheet == "Supply":
        return [(c.per(row.get("volume_unit"), row["commodity"]), ("supply", row["supply"], t))]
    if sheet == "Links":
        return [(c.per(row.get("volume_unit"), k), ("flow", row["link"], k, t)) for k in c.names(row)]
    if sheet == "Demand":
        return [(c.per(row.get("volume_unit"), k), ("delivery", row["demand"], k, t)) for k in c.names(row)]
    found = []
    for use, link, k in users(c, row["asset" if sheet == "Assets" else "fleet"], t):
        factor = c.number("Uses", use, "use", t, 1)
        if sheet == "Fleets":
            factor *= days_per_mt(c, row, use, link, t)
        elif row.get("volume_unit"):
            factor *= c.per(row["volume_unit"], k)
        if row.get("measured_at") == "out":
            factor *= 1 - c.number("Links", link, "loss", t, 0) - c.number("Links", link, "fee_in_kind", t, 0)
        found.append((factor, ("flow", link["link"], k, t)))
    return found


def days_per_mt(c: Cells, fleet: Row, use: Row, link: Row, t: int) -> float:
    """Vessel-days that one Mt takes: round trips of a vessel's load each."""
    trip = 2 * link["distance_km"] / (1.852 * 24 * c.number("Fleets", fleet, "speed_knots", t))
    trip += c.number("Fleets", fleet, "port_days", t)
    load = c.number("Uses", use, "load_factor", t)
    load = c.number("Fleets", fleet, "load_factor", t, 1) if isnan(load) else load
    return 1e6 * trip / (c.number("Fleets", fleet, "deadweight_t", t) * load)


def add_capacities(c: Cells, p: Programme, t: int) -> None:
    """Supplies, links, assets and fleets within their capacity and what is added; minimums lapse to what there is."""
    y = c.years[t]
    for sheet in ("Supply", "Links", "Assets"):
        for row in c[sheet]:
            high = c.number(sheet, row, "capacity", t, inf)
            if sheet == "Assets":
                share = c.number(sheet, row, "availability", t, 1)
                high = max(0.0, (high * share if share else 0.0) - c.number(sheet, row, "reserved", t, 0))
            high = high if sheet != "Links" or c.is_open(row, t) else 0.0
            low = min(c.number(sheet, row, "minimum", t, 0), high)
            terms = use_of(c, sheet, row, t)
            p.row([*terms, *((-a, b) for a, b in added(c, sheet, row, t))], -inf, high * y)
            if low > 0:
                p.row(terms, low * y)
    for row in c["Fleets"]:
        days = c.number("Fleets", row, "operating_days", t) * (1 - c.number("Fleets", row, "reserved", t, 0))
        terms = [*use_of(c, "Fleets", row, t), *((-a, b) for a, b in added(c, "Fleets", row, t))]
        p.row(terms, -inf, c.number("Fleets", row, "vessels", t) * days * y)


def prices(c: Cells, m: Row, k: str, t: int) -> tuple[float, float]:
    """What a t or 1000 m³ fetches, and apart from it what its grade fetches above a marker."""
    unit, marker = m.get("price_unit"), c.of["Markers"].get(m.get("marker") or "")
    if marker is None:
        return c.number("Demand", m, "price", t, 0) * c.usd(unit, k, t), 0.0
    own = c.usd(unit, k, t)
    by_marker = c.usd(marker["unit"], k, t) if c.fits(marker["unit"], k) else own
    beside = by_marker if unit is None and c.fits(marker["unit"], k) else own
    price = c.number("Demand", m, "slope", t, 1) * c.number("Markers", marker, "value", t) * by_marker
    price += c.number("Demand", m, "differential", t, 0) * beside
    grade = c.of["Commodities"][k]
    premium = c.number("Commodities", grade, "differential", t, 0) * c.usd(grade.get("differential_unit"), k, t)
    return price, premium


def add_markets(c: Cells, p: Programme, t: int) -> None:
    """Sales within volumes, at prices or down a line; firm parts that may go unserved at a price."""
    y, d, sold = c.years[t], c.discount(t), c.setting.get("objective") != "cost"
    for m in c["Demand"]:
        terms, volume = use_of(c, "Demand", m, t), c.number("Demand", m, "volume", t)
        first, per = c.names(m)[0], c.per(m.get("volume_unit"), c.names(m)[0])
        bend = m.get("elasticity")
        for k in c.names(m):
            price, premium = prices(c, m, k, t)
            worth = premium if bend else price + premium
            p.worth["delivery", m["demand"], k, t] += d * worth if sold else 0.0
        if bend:
            steps = line(c, (volume * y, prices(c, m, first, t)[0] / per), bend)
            names = [p.variable(("step", m["demand"], j, t), 0, width) for j, (width, _) in enumerate(steps)]
            for name, (_, height) in zip(names, steps, strict=True):
                p.worth[name] += d * height if sold else 0.0
            p.row([*terms, *((-1, step) for step in names)], 0, 0)
        else:
            p.row([*terms, *((-a, b) for a, b in added(c, "Demand", m, t))], -inf, volume * y)
        firm = c.number("Demand", m, "firm", t, 0) * y
        if "unserved_price" in c.setting:
            name = p.variable(("unserved", m["demand"], t), 0, firm)
            p.worth[name] -= d * c.setting["unserved_price"] / per
            terms = [*terms, (1, name)]
        p.row(terms, firm if firm else -inf)


def line(c: Cells, point: tuple[float, float], bend: float) -> list[tuple[float, float]]:
    """Width and height of the steps of a straight demand line through (volume, price)."""
    (volume, price), count = point, int(c.setting.get("demand_steps", 20))
    reach, choke = volume * (1 - bend), price * c.setting.get("choke_multiple", 3)
    middles = [(j + 0.5) / count * (1 - bend) for j in range(count)]
    return [(reach / count, min(price * (1 + (middle - 1) / bend), choke)) for middle in middles]


def add_stocks(c: Cells, p: Programme, t: int) -> None:
    """What a store holds at the end of a period."""
    for w in c["Storage"]:
        keep = (1 - c.number("Storage", w, "loss", t, 0)) ** c.years[t]
        initial = c.number("Storage", w, "initial", 0, 0)
        terms = [(1, ("stock", w["storage"], t)), (-1, ("inject", w["storage"], t)), (1, ("withdraw", w["storage"], t))]
        before = [(-keep, ("stock", w["storage"], t - 1))] if t else []
        start = 0.0 if t else keep * initial
        p.row([*terms, *before], start, start)
        stock = (1, ("stock", w["storage"], t))
        p.row([stock, *((-a, b) for a, b in added(c, "Storage", w, t))], -inf, c.number("Storage", w, "capacity", t))
        if t == len(c.labels) - 1:
            p.row([stock], initial if w.get("final") == "initial" else c.number("Storage", w, "final", 0, 0))


def add_reserves(c: Cells, p: Programme) -> None:
    """What fields hold."""
    for s in c["Supply"]:
        held = c.number("Supply", s, "reserves", 0, inf) / c.per(s.get("volume_unit"), s["commodity"])
        p.row([(1, ("supply", s["supply"], t)) for t in range(len(c.labels))], -inf, held)
