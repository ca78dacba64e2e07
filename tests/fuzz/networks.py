"""Random networks with everything that a workbook can say, valid by the rules of the sheets."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.fuzz.chance import Chance
from tests.fuzz.goods import GAS, GROUPS, OIL, carried_by, money, volume
from tests.fuzz.obligations import add_agreements, add_building, add_scenarios

Row = dict[str, Any]
Tables = dict[str, list[Row]]

PERIODS: tuple[tuple[tuple[str, int, float], ...], ...] = (
    (("2026", 2026, 1),),
    (("2026", 2026, 1), ("2027", 2027, 1), ("2028", 2028, 1)),
    (("2026H1", 2026, 0.5), ("2026H2", 2026, 0.5), ("2027", 2027, 1)),
    (("2026", 2026, 1), ("2027-28", 2027, 2), ("2029", 2029, 1)),
    (("2026-11", 2026, 1 / 12), ("2026-12", 2026, 1 / 12), ("2027", 2027, 1)),
    tuple((f"{year}Q{q}", year, 0.25) for year in (2026, 2027) for q in range(1, 5)),
)
COUNTRIES = ("Home", "Transit", "East", "West")
GRADES: tuple[Row, ...] = (
    {"commodity": "light", "family": "oil", "unit": "Mt", "origin": "Home", "bbl_per_t": 7.9, "differential": 1.1,
     "differential_unit": "USD/bbl"},
    {"commodity": "heavy", "family": "oil", "unit": "Mt", "origin": "Home", "bbl_per_t": 6.7, "differential": -17.3},
    {"commodity": "blend", "family": "oil", "unit": "Mt", "bbl_per_t": 7.3, "differential": 0.7,
     "differential_unit": "EUR/bbl"},
    {"commodity": "gas", "family": "gas", "unit": "bcm", "origin": "Home", "gj_per_1000m3": 38.1},
    {"commodity": "sour gas", "family": "gas", "unit": "bcm", "origin": "Transit", "gj_per_1000m3": 33.7,
     "differential": -3.1, "differential_unit": "EUR/MWh"},
    {"commodity": "ore", "family": "cargo", "unit": "Mt"},
)  # fmt: skip


def random_tables(random: Random, *, whole: bool | None = None) -> Tables:
    """A network of three to six places; ``whole`` = whether projects come in whole units (None: by chance)."""
    draw = Chance(random)
    periods = draw.one(PERIODS)
    nodes = [f"n{i}" for i in range(draw.count(3, 6))]
    groups = draw.some(GROUPS, 2)
    tables: Tables = {
        "Settings": _settings(draw),
        "Periods": [{"period": label, "year": year, "years": years} for label, year, years in periods],
        "Currencies": [{"currency": "EUR", "per_usd": 0.9}, {"currency": "KZT", "per_usd": 480}],
        "Commodities": [dict(row) for row in GRADES],
        "Nodes": [{"node": node, "country": draw.one(COUNTRIES), "kind": "hub"} for node in nodes],
        "Markers": [
            {"marker": "Brent", "unit": "USD/bbl", "value": draw.number(50, 90)},
            {"marker": "Hub", "unit": "EUR/MWh", "value": draw.number(15, 40)},
        ],
        "Supply": [_supply(draw, groups[i % len(groups)], i, nodes) for i in range(draw.count(2, 4))],
        "Demand": [_demand(draw, groups[i % len(groups)], i, nodes) for i in range(draw.count(2, 5))],
        "Links": [_link(draw, i, nodes, groups, periods) for i in range(draw.count(4, 10))],
        "Assets": [],
        "Fleets": [],
        "Uses": [],
        "Series": [],
    }
    _add_shared(draw, tables)
    add_agreements(draw, tables)
    add_building(draw, tables, whole=whole)
    _add_series(draw, tables)
    add_scenarios(draw, tables)
    return {name: rows for name, rows in tables.items() if rows}


def _settings(draw: Chance) -> list[Row]:
    given = {
        "title": "Random",
        "discount_rate": draw.one((0, 0.03, 0.1)),
        "base_year": draw.one((None, 2025)),
        # scarcity has a price in most cases, or hardly any would have an answer
        "unserved_price": draw.number(300, 900) if draw.maybe(0.8) else None,
        "demand_steps": draw.count(1, 6),
        "choke_multiple": draw.number(1.2, 4),
        "objective": "cost" if draw.maybe(0.15) else None,
        "mip_gap": 1e-9,
    }
    return [{"setting": name, "value": value} for name, value in given.items() if value is not None]


def _supply(draw: Chance, group: tuple[str, ...], i: int, nodes: list[str]) -> Row:
    capacity, unit = volume(draw, group, 1, 9)
    cost, cost_unit = money(draw, group, 1, 60)
    return {
        "supply": f"s{i}",
        "node": nodes[draw.count(0, 1)],
        "commodity": draw.one(group),
        "capacity": capacity,
        "minimum": 0.1 * capacity if draw.maybe(0.05) else None,
        "cost": cost,
        "volume_unit": unit,
        "cost_unit": cost_unit,
        "reserves": capacity * draw.number(0.5, 3) if draw.maybe(0.3) else None,
    }


def _demand(draw: Chance, group: tuple[str, ...], i: int, nodes: list[str]) -> Row:
    amount, unit = volume(draw, group, 1, 9)
    row: Row = {
        "demand": f"d{i}",
        "node": nodes[draw.count(1, len(nodes) - 1)],
        "commodity": ", ".join(draw.some(group, 3)),
        "volume": amount,
        "firm": amount * draw.number(0, 1) if draw.maybe(0.4) else None,
        "volume_unit": unit,
        "elasticity": -draw.number(0.1, 1.5) if draw.maybe(0.3) else None,
    }
    marker = {OIL: "Brent", GAS: draw.one(("Hub", "Brent"))}.get(group)
    if marker and draw.maybe():
        row |= {"marker": marker, "slope": draw.given(0.5, 0.7, 1.2), "differential": draw.given(0.5, -2, 2)}
        if group == GAS and marker == "Brent":  # oil-indexed gas: a plain number in the unit of the price
            row |= {"slope": draw.number(0.08, 0.15), "price_unit": "USD/MMBtu"}
        return row
    row["price"], row["price_unit"] = money(draw, group, 60, 500)
    return row


def _link(
    draw: Chance, i: int, nodes: list[str], groups: list[tuple[str, ...]], periods: tuple[tuple[str, int, float], ...]
) -> Row:
    """The first links make a chain of all places; the others go anywhere, backwards too."""
    group = groups[0] if i < len(nodes) - 1 else draw.one(groups)
    start = nodes[i] if i < len(nodes) - 1 else draw.one(nodes)
    end = nodes[i + 1] if i < len(nodes) - 1 else draw.one([node for node in nodes if node != start])
    carried = draw.some(group, 3)
    tariff, unit = money(draw, group, 1, 50)
    distance = draw.number(50, 3000, 0) if draw.maybe(0.8) else None
    if unit and distance and draw.maybe(0.3):
        unit, tariff = f"{unit}/1000km", tariff * 0.8
    capacity, volume_unit = volume(draw, group, 0.5, 7)
    labels = [label for label, _, _ in periods]
    first = draw.count(0, len(labels) - 1)
    row: Row = {
        "link": f"l{i}",
        "from": start,
        "to": end,
        "mode": draw.one(("pipeline", "tanker", "rail")),
        "commodity": ", ".join(carried),
        "becomes": _becomes(draw, group, carried),
        "capacity": draw.one((capacity, capacity, None, "unlimited")),
        "tariff": tariff,
        "loss": draw.given(0.5, 0, 0.1),
        "distance_km": distance,
        "country": draw.one((None, "Home", "Home 60, Transit 40")),
        "risk": draw.given(0.2, 0, 3),
        "volume_unit": volume_unit,
        "tariff_unit": unit,
        "opens": labels[first] if draw.maybe(0.15) else None,
        "closes": draw.one(labels[first:]) if draw.maybe(0.15) else None,
    }
    if draw.maybe(0.3):
        row |= {"fee_in_kind": draw.number(0, 0.1), "fee_to": draw.one((None, *nodes))}
    if draw.maybe(0.05) and isinstance(row["capacity"], float):
        row["minimum"] = draw.number(0, 0.2) * capacity
    return row


def _becomes(draw: Chance, group: tuple[str, ...], carried: list[str]) -> str | None:
    if len(group) == 1 or draw.maybe(0.6):
        return None
    if draw.maybe():
        return str(draw.one(group))
    return ", ".join(f"{name} > {draw.one(group)}" for name in carried)


def _add_shared(draw: Chance, tables: Tables) -> None:
    """Assets in a unit of volume or in units of use, and fleets."""
    links = tables["Links"]
    for i in range(draw.count(0, 2)):
        used = draw.some(links, 3)
        groups = {carried_by(row) for row in used}
        capacity, unit = volume(draw, groups.pop(), 1, 6) if len(groups) == 1 else (draw.number(1, 6), None)
        tables["Assets"].append(
            {"asset": f"a{i}", "kind": "port", "country": "Transit", "capacity": capacity,
             "availability": draw.given(0.5, 0.5, 1),
             "reserved": draw.number(0.1, 0.6) * capacity if draw.maybe(0.4) else None,
             "minimum": 0.02 * capacity if draw.maybe(0.08) else None, "volume_unit": unit,
             "measured_at": draw.one((None, "in", "out"))}
        )  # fmt: skip
        for row in used:
            use = draw.one((None, None, draw.number(0.5, 2), -0.2))
            only = draw.one((None, row["commodity"].split(", ")[0]))
            tables["Uses"].append({"link": row["link"], "asset": f"a{i}", "commodity": only, "use": use})
    sailed = [row for row in links if carried_by(row) != GAS and row["distance_km"]]
    if sailed and draw.maybe():
        tables["Fleets"].append(
            {"fleet": "fleet", "country": "Home", "vessels": draw.count(1, 9), "deadweight_t": 100_000,
             "load_factor": draw.given(0.5, 0.5, 1), "speed_knots": draw.number(8, 14), "port_days": draw.number(1, 5),
             "operating_days": draw.number(300, 360), "reserved": draw.given(0.5, 0, 0.4)}
        )  # fmt: skip
        for row in draw.some(sailed, 2):
            use = {"link": row["link"], "asset": "fleet", "load_factor": draw.given(0.3, 0.4, 1)}
            tables["Uses"].append(use)


def _add_series(draw: Chance, tables: Tables) -> None:
    """Prices, capacities and the like that differ by period; half of the periods are left to the row's own value."""
    candidates = (
        ("Markers", "marker", "value", 0.6, 1.4), ("Supply", "supply", "capacity", 0.5, 1.5),
        ("Supply", "supply", "cost", 0.5, 1.5), ("Links", "link", "tariff", 0.5, 2), ("Links", "link", "loss", 0, 2),
        ("Links", "link", "capacity", 0.4, 1.5), ("Demand", "demand", "price", 0.5, 1.5),
        ("Assets", "asset", "capacity", 0.5, 1.5), ("Fleets", "fleet", "vessels", 0, 1.5),
        ("Currencies", "currency", "per_usd", 0.8, 1.3),
    )  # fmt: skip
    labels = [row["period"] for row in tables["Periods"]]
    for sheet, key, column, low, high in candidates:
        rows = [row for row in tables[sheet] if isinstance(row.get(column), int | float)]
        if rows and draw.maybe(0.4):
            row = draw.one(rows)
            values = {label: draw.number(low, high) * row[column] for label in labels if draw.maybe()}
            if values:
                tables["Series"].append({"sheet": sheet, "key": row[key], "column": column, **values})
