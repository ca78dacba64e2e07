"""Small cases as tables in memory, for tests whose answers are worked out by hand."""

from __future__ import annotations

from typing import Any

from model.audit import audit
from model.case import Case
from model.engine import Engine
from model.solution import Solution
from model.workbook.checks import validate
from model.workbook.reader import raw_from_tables

Row = dict[str, Any]
Tables = dict[str, list[Row]]

COMMODITIES: list[Row] = [
    {"commodity": "crude", "family": "oil", "unit": "Mt", "origin": "Home", "bbl_per_t": 8},
    {"commodity": "sour", "family": "oil", "unit": "Mt", "origin": "Home", "bbl_per_t": 7},
    {"commodity": "gas", "family": "gas", "unit": "bcm", "origin": "Home", "gj_per_1000m3": 36},
]
NODES: list[Row] = [
    {"node": "field", "country": "Home", "kind": "field"},
    {"node": "port", "country": "Home", "kind": "port"},
    {"node": "hub", "country": "Transit", "kind": "hub"},
    {"node": "east", "country": "East", "kind": "market"},
    {"node": "west", "country": "West", "kind": "market"},
]


def supply(name: str, node: str, commodity: str, capacity: Any, cost: float = 0, **more: Any) -> Row:
    return {"supply": name, "node": node, "commodity": commodity, "capacity": capacity, "cost": cost, **more}


def demand(name: str, node: str, commodity: str, volume: Any, price: float | None = None, **more: Any) -> Row:
    return {"demand": name, "node": node, "commodity": commodity, "volume": volume, "price": price, **more}


def link(name: str, start: str, end: str, commodity: str, tariff: float = 0, **more: Any) -> Row:
    row = {"link": name, "from": start, "to": end, "mode": "pipeline", "commodity": commodity, "tariff": tariff}
    return {**row, **more}


def tables(*, periods: list[Row] | None = None, settings: dict[str, Any] | None = None, **sheets: list[Row]) -> Tables:
    """A workbook of the given sheets, one year long, with oil and gas and five places, unless said otherwise."""
    return {
        "Settings": [
            {"setting": name, "value": value} for name, value in {"title": "Test", **(settings or {})}.items()
        ],
        "Periods": periods or [{"period": "2026", "year": 2026}],
        "Commodities": [dict(row) for row in COMMODITIES],
        "Nodes": [dict(row) for row in NODES],
        **sheets,
    }


def read(sheets: Tables) -> Case:
    return validate(raw_from_tables(sheets))


def case(**sheets: Any) -> Case:
    return read(tables(**sheets))


def solve(one: Case, engine: Engine | None = None) -> Solution:
    """The audited optimum."""
    solution = (engine or Engine([one])).solve(one)
    assert solution.status == "optimal", solution.status
    audit(solution)
    return solution


def years(first: int, count: int) -> list[Row]:
    return [{"period": str(first + i), "year": first + i} for i in range(count)]


def two_markets(**changes: Any) -> Tables:
    """One field, a short way to a small market and a long one to a large market; see the test of that name."""
    return tables(
        Supply=[supply("field", "field", "crude", 10, 50)],
        Demand=[demand("near", "east", "crude", 6, 400), demand("far", "west", "crude", 20, 300)],
        Links=[link("pipe", "field", "east", "crude", 30), link("ship", "field", "west", "crude", 45, loss=0.1)],
        **changes,
    )


def rich_tables() -> Tables:
    """Every sheet, column and kind of row that a workbook may hold, with numbers that meet in no round figure."""
    return {
        "Settings": [
            {"setting": "title", "value": "Rich"},
            {"setting": "discount_rate", "value": 0.07},
            {"setting": "base_year", "value": 2025},
            {"setting": "unserved_price", "value": 903},
            {"setting": "demand_steps", "value": 7},
            {"setting": "choke_multiple", "value": 2.4},
            {"setting": "time_limit", "value": 60},
        ],
        "Periods": [
            {"period": "2026H1", "year": 2026, "years": 0.5},
            {"period": "2026H2", "year": 2026, "years": 0.5},
            {"period": "2027", "year": 2027, "years": 1},
            {"period": "2028", "year": 2028, "years": 2},
        ],
        "Currencies": [{"currency": "EUR", "per_usd": 0.91}, {"currency": "KZT", "per_usd": 483}],
        "Commodities": [
            {"commodity": "light", "family": "oil", "unit": "Mt", "origin": "Home", "bbl_per_t": 7.93,
             "differential": -1.3, "differential_unit": "USD/bbl"},
            {"commodity": "sour", "family": "oil", "unit": "Mt", "origin": "Home", "bbl_per_t": 7.11,
             "differential": -29.7},
            {"commodity": "blend", "family": "oil", "unit": "Mt", "origin": "Home", "bbl_per_t": 7.57,
             "differential": 0.9, "differential_unit": "EUR/bbl"},
            {"commodity": "gas", "family": "gas", "unit": "bcm", "origin": "Home", "gj_per_1000m3": 37.9,
             "co2_t_per_unit": 1.97},
            {"commodity": "ore", "family": "cargo", "unit": "Mt"},
        ],
        "Nodes": [
            *(dict(row) for row in NODES),
            {"node": "mine", "country": "Home", "kind": "field", "latitude": 45.1, "longitude": 51.9},
        ],
        "Markers": [{"marker": "Brent", "unit": "USD/bbl", "value": 71.3}, {"marker": "Hub", "unit": "EUR/MWh",
            "value": 27.7}],
        "Supply": [
            supply("light", "field", "light", 151, 4.7, volume_unit="kb/d", cost_unit="USD/bbl", minimum=31),
            supply("sour", "field", "sour", 5.3, 41),
            supply("old", "field", "light", 2.1, 62, reserves=4.1),
            supply("stripper", "field", "light", 0.7, 913, minimum=0.13),
            supply("gas", "field", "gas", 11.3, 0.83, cost_unit="USD/MMBtu", volume_unit=None),
            supply("ore", "mine", "ore", 2900, 9800, volume_unit="kt", cost_unit="KZT/t", minimum=210),
        ],
        "Demand": [
            demand("refinery", "field", "light", 1.9, 151, firm=1.7),
            demand("east", "east", "blend, light, sour", 5.1, marker="Brent", slope=0.97, differential=-2.1,
                   price_unit="USD/bbl"),
            demand("west", "west", "blend", 91, marker="Brent", volume_unit="kb/d"),
            demand("heat", "west", "gas", 4.3, marker="Hub", elasticity=-0.37),
            demand("power", "east", "gas", 31.7, marker="Brent", slope=0.113, differential=0.21, price_unit="USD/MMBtu",
                   volume_unit="TWh"),
            demand("village", "east", "gas", 9.1, 27.3, firm=5.3, volume_unit="mcm/d", price_unit="EUR/MWh"),
            demand("town", "hub", "gas", 0.31, 90, firm=0.29),
            demand("smelter", "west", "ore", 2.7, 151),
        ],
        "Links": [
            link("trunk", "field", "hub", "light, sour", 7300, tariff_unit="KZT/t/1000km", distance_km=1130,
                 capacity=151,
                 volume_unit="kb/d", becomes="light > blend, sour > blend", loss=0.0071, country="Home 60, Transit 40",
                 minimum=17),
            link("rail", "field", "port", "light, sour", 31, mode="rail", risk=3.1, distance_km=870),
            link("bypass", "field", "east", "light", 61.3, capacity=1.3, minimum=0.23, distance_km=2210,
                 opens="2026H2", closes="2028"),
            link("sea_east", "port", "east", "light, sour", 1.9, tariff_unit="USD/bbl", mode="tanker", distance_km=613),
            link("sea_west", "hub", "west", "blend", 2.3, tariff_unit="EUR/bbl", mode="tanker", distance_km=1709,
                 risk=0.13),
            link("on_east", "hub", "east", "blend", 17.3, distance_km=411),
            link("detour", "field", "east", "light, sour", 711, capacity=1.7, minimum=0.09, distance_km=5230),
            link("gas_detour", "field", "east", "gas", 417, capacity=0.6, minimum=0.17, fee_in_kind=0.013),
            link("gas_west", "field", "west", "gas", 1.7, tariff_unit="USD/1000m3/100km", distance_km=2870,
                 capacity=5.9,
                 loss=0.043, fee_in_kind=0.029, fee_to="hub", minimum=0.7),
            link("gas_east", "field", "east", "gas", 0.57, tariff_unit="EUR/MWh", capacity=61.3, volume_unit="TWh",
                 distance_km=1210),
            link("ore_port", "mine", "port", "ore", 11.3, mode="rail", distance_km=310),
            link("ore_ship", "port", "west", "ore", 23.9, mode="ferry", distance_km=2230),
            link("unreached", "west", "hub", "sour", 5, capacity=3),
        ],
        "Assets": [
            {"asset": "terminal", "kind": "port", "country": "Home", "capacity": 7.9, "availability": 0.93,
             "reserved": 0.41,
             "minimum": 0.57},
            {"asset": "strait", "kind": "strait", "capacity": 97, "volume_unit": "kb/d", "measured_at": "in"},
            {"asset": "exit", "kind": "pipeline", "capacity": 4.83, "volume_unit": "bcm", "measured_at": "out",
             "availability": 0.97},
            {"asset": "relic", "capacity": 3, "minimum": 0.11},
        ],
        "Uses": [
            {"link": "rail", "asset": "terminal"},
            {"link": "ore_port", "asset": "terminal", "commodity": "ore", "use": 1.31},
            {"link": "sea_west", "asset": "strait"},
            {"link": "gas_west", "asset": "exit"},
            {"link": "sea_east", "asset": "tankers", "load_factor": 0.71},
            {"link": "sea_east", "asset": "escort", "use": 0.4},
            {"link": "ore_ship", "asset": "ferries"},
            {"link": "detour", "asset": "relic"},
        ],
        "Fleets": [
            {"fleet": "tankers", "country": "Home", "vessels": 3, "deadweight_t": 11900, "load_factor": 0.83,
             "speed_knots": 9.7, "port_days": 3.3, "operating_days": 337, "reserved": 0.11},
            {"fleet": "escort", "vessels": 2, "deadweight_t": 9100, "load_factor": 0.9, "speed_knots": 8.3,
             "port_days": 2.1,
             "operating_days": 310},
            {"fleet": "ferries", "vessels": 4, "deadweight_t": 15300, "load_factor": 0.87, "speed_knots": 12.1,
             "port_days": 2.7, "operating_days": 341, "reserved": 0.07},
        ],
        "Contracts": [
            {"contract": "ship_trunk", "type": "ship-or-pay", "applies_to": "trunk", "volume": 241, "share": 0.9,
             "shortfall_price": 8.3, "volume_unit": "kb/d"},
            {"contract": "ship_gas", "type": "deliver-or-pay", "applies_to": "gas_east", "volume": 6.1, "share": 0.83,
             "shortfall_price": 31.7, "opens": "2026H2", "closes": "2028"},
            {"contract": "take_power", "type": "take-or-pay", "applies_to": "power", "volume": 2.1, "ceiling": 2.3,
             "share": 0.6, "shortfall_price": 11.9, "volume_unit": "bcm"},
            {"contract": "berth", "type": "ship-or-pay", "applies_to": "terminal", "commodity": "ore", "volume": 2.3,
             "ceiling": 2.6, "shortfall_price": 6.7},
            {"contract": "empty", "type": "ship-or-pay", "applies_to": "unreached", "volume": 0.7,
             "shortfall_price": 3.1},
        ],
        "Limits": [
            {"limit": "quota", "measure": "flow", "what": "link=on_*;family=oil", "at_most": 2.9},
            {"limit": "yearly", "measure": "delivery", "what": "demand=west", "at_most": 4.17, "per": "year",
             "at_least": 1.1},
            {"limit": "blend", "measure": "flow", "what": "link=trunk;commodity=sour", "of": "link=trunk",
             "at_most": 0.31},
            {"limit": "depletion", "measure": "supply", "what": "supply=sour", "at_most": 11.3, "per": "horizon"},
            {"limit": "permit", "measure": "flow", "what": "link=rail;commodity=sour", "at_least": 17.3,
             "volume_unit": "kb/d", "opens": "2027"},
        ],
        "Series": [
            {"sheet": "Markers", "key": "Brent", "column": "value", "2027": 67.9, "2028": 75.1},
            {"sheet": "Assets", "key": "strait", "column": "capacity", "2027": 83},
            {"sheet": "Assets", "key": "relic", "column": "minimum", "2027": 0.05},
            {"sheet": "Demand", "key": "east", "column": "volume", "2028": 9.7},
            {"sheet": "Links", "key": "trunk", "column": "capacity", "2027": 119},
            {"sheet": "Currencies", "key": "EUR", "column": "per_usd", "2028": 0.88},
        ],
        "Scenarios": [
            {"scenario": "low", "description": "Brent lower", "run": "yes"},
            {"scenario": "lower", "description": "and a closed trunk", "run": "yes", "based_on": "low"},
        ],
        "Changes": [
            {"scenario": "low", "sheet": "Markers", "key": "Brent", "column": "value", "change": "add", "value": -9.1},
            {"scenario": "lower", "sheet": "Links", "key": "trunk", "column": "capacity", "period": "2027..2028",
             "change": "multiply", "value": 0.7},
        ],
        "Observed": [
            {"observed": "trunk 2026", "measure": "flow", "what": "link=trunk", "period": "2026H1", "value": 230,
             "volume_unit": "kb/d"},
            {"observed": "rail 2026", "measure": "flow", "what": "link=rail", "period": "2026H1", "value": 1.2},
            {"observed": "trunk 2027", "measure": "flow", "what": "link=trunk", "period": "2027", "value": 10.5},
            {"observed": "rail 2027", "measure": "flow", "what": "link=rail", "period": "2027", "value": 2.7},
            {"observed": "gas 2027", "measure": "delivery", "what": "family=gas;country=West", "period": "2027",
             "value": 4.1},
            {"observed": "field 2027", "measure": "supply", "what": "supply=light", "period": "2027", "value": 240,
             "volume_unit": "kb/d"},
            {"observed": "idle", "measure": "flow", "what": "link=unreached", "period": "2027", "value": 0},
        ],
        "Sources": [{"source": "made up", "citation": "Invented for tests", "kind": "assumed"}],
    }  # fmt: skip


def built_tables() -> Tables:
    """The rich workbook with stores, make-up, projects of every kind and the funds that pay for them."""
    sheets = rich_tables()
    sheets["Settings"].append({"setting": "mip_gap", "value": 1e-9})
    sheets["Storage"] = [
        {
            "storage": "cavern",
            "node": "east",
            "commodity": "gas",
            "capacity": 0.139,
            "inject": 0.41,
            "withdraw": 0.31,
            "initial": 0.11,
            "final": "initial",
            "cost": 2.7,
            "loss": 0.017,
        },
        {
            "storage": "tanks",
            "node": "port",
            "commodity": "light",
            "capacity": 0.31,
            "inject": 0.031,
            "withdraw": 0.43,
            "initial": 0.23,
            "final": 0.07,
            "cost": 3.1,
            "loss": 0.003,
        },
    ]
    sheets["Contracts"].append(
        {
            "contract": "swing",
            "type": "ship-or-pay",
            "applies_to": "gas_west",
            "volume": 3.9,
            "share": 0.9,
            "shortfall_price": 13.7,
            "make_up_years": 1,
        },
    )
    unit = {"whole_units": "no", "life_years": 17, "lead_years": 0.5}
    sheets["Projects"] = [
        {"project": "wells", "adds_to": "light", "size": 7.1, "max_units": 2.3, "capex": 317, **unit, "funds": "bank"},
        {
            "project": "looping",
            "adds_to": "trunk",
            "size": 23,
            "max_units": 3,
            "capex": 37,
            **unit,
            "whole_units": "yes",
            "funds": "bank 60, state 40",
        },
        {
            "project": "jetty",
            "adds_to": "terminal",
            "size": 0.37,
            "max_units": 2,
            "capex": 71,
            **unit,
            "funds": "state",
        },
        {
            "project": "tanker",
            "adds_to": "tankers",
            "size": 1,
            "max_units": 4,
            "capex": 41,
            **unit,
            "earliest": "2026H2",
            "requires": "jetty",
            "funds": "state",
            "lead_years": 0.25,
        },
        {
            "project": "outlet",
            "adds_to": "west, strait",
            "size": 17,
            "max_units": 1.7,
            "capex": 37,
            **unit,
            "requires": "works",
        },
        {"project": "cavern two", "adds_to": "cavern", "size": 0.13, "max_units": 0.31, "capex": 0.07, **unit},
        {"project": "gas line", "adds_to": "gas_west, exit", "size": 0.9, "max_units": 0.9, "capex": 21, **unit},
        {
            "project": "works",
            "adds_to": "detour",
            "size": 3.1,
            "max_units": 1.3,
            "capex": 0.7,
            **unit,
            "minimum_use": 0.9,
        },
    ]
    sheets["Funds"] = [
        {"fund": "bank", "budget": 290, "owner": "Home"},
        {"fund": "state", "budget": "unlimited", "period_budget": 37},
    ]
    sheets["Limits"].append({"limit": "one at a time", "measure": "built", "what": "fund=bank", "at_most": 2.1})
    sheets["Series"] += [
        {"sheet": "Contracts", "key": "swing", "column": "volume", "2026H1": 6.3, "2026H2": 6.3, "2027": 6.7},
        {"sheet": "Projects", "key": "outlet", "column": "capex", "2027": 89},
    ]
    return sheets  # fmt: skip
