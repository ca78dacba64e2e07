"""Contracts with make-up, limits, and what may be built."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from math import inf, isnan
from typing import Any

from tests.oracle.cells import KEY, Cells, Row
from tests.oracle.linear import Programme, Term


def add_contracts(c: Cells, p: Programme) -> None:
    """Lift what is due or pay; what was paid for may be lifted later, beyond what is due then."""
    calendar = sorted(set(c.year))
    for row in c["Contracts"]:
        name, span = row["contract"], c.number("Contracts", row, "make_up_years", 0, 0)
        due, lifted, price, ceiling = {}, {}, {}, {}
        first_grade = next(iter(grades(c, row)), None)
        per = c.per(row.get("volume_unit"), first_grade) if first_grade else 1.0
        for v in calendar:
            periods = [t for t, year in enumerate(c.year) if year == v]
            length = sum(c.years[t] for t in periods if c.is_open(row, t))
            first = periods[0]
            volume = c.number("Contracts", row, "volume", first)
            due[v] = volume * c.number("Contracts", row, "share", first, 1) * length
            price[v] = c.number("Contracts", row, "shortfall_price", first) / per
            ceiling[v] = c.number("Contracts", row, "ceiling", first, inf) * (length or 1)
            lifted[v] = [term for t in periods if c.is_open(row, t) for term in counted(c, row, t)]
        last = {v: max(t for t, year in enumerate(c.year) if year == v) for v in calendar}
        later = [(v, w) for v in calendar for w in calendar if 0 < w - v <= span]
        for v in calendar:
            short = p.variable(("short", name, v), 0, due[v])
            p.worth[short] -= price[v] * c.discount(last[v])
        for v, w in later:
            made = p.variable(("make up", name, v, w), 0, due[v])
            p.worth[made] += price[v] * c.discount(last[w])
        for v in calendar:
            before = [("make up", name, u, w) for u, w in later if w == v]
            p.row([*lifted[v], *((-1, m) for m in before), (1, ("short", name, v))], due[v])
            p.row(lifted[v], -inf, ceiling[v])
            after = [(1, ("make up", name, u, w)) for u, w in later if u == v]
            p.row([*after, (-1, ("short", name, v))] if after else [], -inf, 0)
            if before:  # either short or making up
                most = sum(due[u] for u, w in later if w == v)
                may = p.variable(("may be short", name, v), 0, 1, whole=True)
                p.row([(1, ("short", name, v)), (-due[v], may)], -inf, 0)
                p.row([*((1, m) for m in before), (most, may)], -inf, most)


def grades(c: Cells, row: Row) -> list[str]:
    """Commodities that a contract counts, as they are written."""
    holder, only = row["applies_to"], c.names(row)
    if holder in c.of["Assets"]:
        uses = [use for use in c["Uses"] if use["asset"] == holder]
        every = [k for use in uses for k in c.names(use) or c.names(c.of["Links"][use["link"]])]
    else:
        every = c.names(c.of["Links"].get(holder) or c.of["Demand"][holder])
    return [k for k in every if not only or k in only]


def counted(c: Cells, row: Row, t: int) -> list[Term]:
    """What counts towards a contract in a period."""
    holder, only, unit = row["applies_to"], c.names(row), row.get("volume_unit")
    if holder in c.of["Demand"]:
        names = c.names(c.of["Demand"][holder])
        return [(c.per(unit, k), ("delivery", holder, k, t)) for k in names if not only or k in only]
    if holder in c.of["Links"]:
        names = c.names(c.of["Links"][holder])
        return [(c.per(unit, k), ("flow", holder, k, t)) for k in names if not only or k in only]
    return [
        (c.per(unit, k) * c.number("Uses", use, "use", t, 1), ("flow", use["link"], k, t))
        for use in c["Uses"]
        if use["asset"] == holder
        for k in c.names(c.of["Links"][use["link"]])
        if use.get("commodity") in (None, k) and (not only or k in only)
    ]


def add_limits(c: Cells, p: Programme) -> None:
    """Caps and floors on what selectors pick, as volumes or as shares."""
    for row in c["Limits"]:
        periods = range(len(c.labels))
        per = row.get("per") or "period"
        groups = {"period": [[t] for t in periods], "horizon": [list(periods)]}.get(per) or [
            [t for t in periods if c.year[t] == year] for year in sorted(set(c.year))
        ]
        for group in groups:
            for column in ("at_most", "at_least"):
                value = {t: c.number("Limits", row, column, t) for t in group if c.is_open(row, t)}
                value = {t: number for t, number in value.items() if not isnan(number)}
                if value:
                    _limit(c, p, row, column, value)


def _limit(c: Cells, p: Programme, row: Row, column: str, value: dict[int, float]) -> None:
    terms = [term for t in value for term in picked(c, row, row["what"], t)]
    bound = sum(number * c.years[t] for t, number in value.items())
    if (row.get("per") or "period") == "horizon":
        bound = next(iter(value.values()))
    if row.get("of"):
        terms += [(-value[t] * a, name) for t in value for a, name in picked(c, row, row["of"], t)]
        bound = 0.0
    p.row(terms, *((-inf, bound) if column == "at_most" else (bound, inf)))


def picked(c: Cells, row: Row, selector: str, t: int) -> list[Term]:
    """What a selector picks in a period, in the unit of the limit."""
    terms = [tuple(side.strip() for side in part.split("=", 1)) for part in selector.split(";")]
    return [
        (factor, variable)
        for record, factor, variable in records(c, row, t)
        if all(any(fnmatchcase(name, pattern) for name in record[field]) for field, pattern in terms)
    ]


def records(c: Cells, row: Row, t: int) -> Iterator[tuple[dict[str, list[str]], float, Any]]:
    """What a measure can count in a period: names by field, units of the limit in one unit, the variable."""
    if row["measure"] == "built":
        for q in c["Projects"]:
            funds = [fund for fund, _ in funds_of(q)]
            yield {"project": [q["project"]], "fund": funds}, 1.0, ("build", q["project"], t)
        return
    sheet, block = {"supply": ("Supply", "supply"), "flow": ("Links", "flow"), "delivery": ("Demand", "delivery")}[
        row["measure"]
    ]
    for one in c[sheet]:
        place = one["from" if sheet == "Links" else "node"]
        names = {field: [str(one.get(field))] for field in ("from", "to", "mode", "node")}
        names["country"] = [c.of["Nodes"][place]["country"]]
        if sheet == "Links" and one.get("country"):
            names["country"] = [part.strip().rstrip("0123456789 ") for part in one["country"].split(",")]
        names["asset"] = [use["asset"] for use in c["Uses"] if use["link"] == one.get("link")]
        for k in c.names(one):
            grade = c.of["Commodities"][k]
            own = {KEY[sheet]: [one[KEY[sheet]]], "commodity": [k], "family": [grade["family"]]}
            tail = (t,) if sheet == "Supply" else (k, t)
            record = {**names, **own, "origin": [grade.get("origin") or ""]}
            yield record, c.per(row.get("volume_unit"), k), (block, one[KEY[sheet]], *tail)


def shares_of_life(c: Cells, project: Row, b: int, t: int) -> float:
    """The part of a period in which what was started in another is at work."""
    begins = c.start[b] + c.number("Projects", project, "lead_years", 0, 0)
    ends = begins + c.number("Projects", project, "life_years")
    overlap = min(ends, c.start[t] + c.years[t]) - max(begins, c.start[t])
    return min(max(overlap / c.years[t], 0.0), 1.0)


def added(c: Cells, sheet: str, row: Row, t: int) -> list[Term]:
    """What projects add to a row in a period, in the unit of its use over the period."""
    return [term for project in c["Projects"] for term in added_by(c, project, sheet, row, t)]


def added_by(c: Cells, project: Row, sheet: str, row: Row, t: int) -> list[Term]:
    if row[KEY[sheet]] not in c.names(project, "adds_to") or (sheet == "Links" and not c.is_open(row, t)):
        return []
    factor = c.number("Projects", project, "size") * (1 if sheet == "Storage" else c.years[t])
    if sheet == "Assets":
        factor *= c.number(sheet, row, "availability", t, 1)
    elif sheet == "Fleets":
        factor *= c.number(sheet, row, "operating_days", t) * (1 - c.number(sheet, row, "reserved", t, 0))
    return [
        (factor * share, ("build", project["project"], b))
        for b in range(t + 1)
        if (share := shares_of_life(c, project, b, t))
    ]


def add_building(c: Cells, p: Programme) -> None:
    """Units, money, prerequisites and what must be used."""
    periods = range(len(c.labels))
    paid: dict[tuple[str, int], list[Term]] = {}
    for row in c["Projects"]:
        name, most = row["project"], c.number("Projects", row, "max_units")
        p.row([(1, ("build", name, t)) for t in periods], -inf, most)
        for t in periods:
            capex = c.number("Projects", row, "capex", t)
            p.worth["build", name, t] += capex * (left(c, row, t) * c.at(c.end) - c.at(c.start[t]))
            for fund, share in funds_of(row):
                paid.setdefault((fund, t), []).append((share * capex, ("build", name, t)))
            for other in c.names(row, "requires"):
                needed = c.number("Projects", c.of["Projects"][other], "max_units")
                until = [(1 / most, ("build", name, b)) for b in range(t + 1)]
                p.row([*until, *((-1 / needed, ("build", other, b)) for b in range(t + 1))], -inf, 0)
        least = c.number("Projects", row, "minimum_use", 0, 0)
        if least:
            _use_what_is_built(c, p, row, least)
    for fund in c["Funds"]:
        every = [term for t in periods for term in paid.get((fund["fund"], t), [])]
        p.row(every, -inf, c.number("Funds", fund, "budget"))
        for t in periods:
            p.row(paid.get((fund["fund"], t), []), -inf, c.number("Funds", fund, "period_budget", t, inf))


def _use_what_is_built(c: Cells, p: Programme, project: Row, least: float) -> None:
    from tests.oracle.problem import use_of

    for sheet in ("Supply", "Demand", "Links", "Assets", "Fleets"):
        for row in c[sheet]:
            for t in range(len(c.labels)):
                extra = added_by(c, project, sheet, row, t)
                if extra:
                    forth = [(a, b) for a, b in use_of(c, sheet, row, t) if a > 0]
                    p.row([*forth, *((-least * a, b) for a, b in extra)], 0)


def left(c: Cells, project: Row, b: int) -> float:
    """The part of its cost that a unit is worth at the end of the horizon."""
    life = c.number("Projects", project, "life_years")
    used = min(max(c.end - c.start[b] - c.number("Projects", project, "lead_years", 0, 0), 0.0), life)
    if not c.rate:
        return (life - used) / life
    return float((1 - (1 + c.rate) ** -(life - used)) / (1 - (1 + c.rate) ** -life))


def funds_of(project: Row) -> list[tuple[str, float]]:
    """Funds of a project with their shares."""
    parts = [part.strip() for part in (project.get("funds") or "").split(",") if part.strip()]
    if len(parts) == 1:
        return [(parts[0], 1.0)]
    pairs: list[Any] = [part.rsplit(" ", 1) for part in parts]
    return [(name, float(share) / 100) for name, share in pairs]
