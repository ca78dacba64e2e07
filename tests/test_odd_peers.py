"""What check says of numbers that stand apart from their peers: each slip is told, its legal twin is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from model.network import build_network
from model.suspicion import suspicions
from tests.cases import Row, Tables, demand, link, read, supply, tables, years

LEGS = (
    ("field", "port", 400), ("field", "hub", 500), ("port", "west", 600), ("hub", "west", 700), ("field", "east", 800),
    ("east", "west", 900), ("port", "east", 1000), ("hub", "east", 550),
)  # fmt: skip


def trade() -> Tables:
    """Five fields of 10 to 15 USD/bbl, eight pipelines at 2 USD/t for each 100 km, five sales at 62 to 66 USD/bbl."""
    capacities, costs = (2, 3, 4, 5, 6), (80, 90, 100, 110, 120)
    pairs = enumerate(zip(capacities, costs, strict=True))
    prices = [{"sheet": "Markers", "key": "Brent", "column": "value", "2026": 70, "2027": 73, "2028": 69}]
    fleet = {"vessels": 2, "deadweight_t": 9000, "load_factor": 0.9, "port_days": 4, "operating_days": 330}
    return tables(
        periods=years(2026, 3),
        Supply=[supply(f"s{i}", "field", "crude", most, cost) for i, (most, cost) in pairs],
        Demand=[*(demand(f"d{i}", "west", "crude", 4 + i, 500 + 10 * i) for i in range(5)),
                {"demand": "spot", "node": "east", "commodity": "crude", "volume": 5, "marker": "Brent", "slope": 1}],
        Markers=[{"marker": "Brent", "unit": "USD/bbl", "value": 70}],
        Series=prices,
        Links=[*(link(f"l{i}", start, end, "crude", km / 50, distance_km=km, loss=0.001 * (1 + i % 3))
                 for i, (start, end, km) in enumerate(LEGS)),
               *(link(f"sea {i}", "port", "west", "crude", 12, mode="tanker", distance_km=300) for i in range(4))],
        Assets=[{"asset": f"pipe {i}", "kind": "pipeline", "capacity": 3 + i} for i in range(4)],
        Fleets=[{"fleet": f"f{i}", "speed_knots": 10 + i, **fleet} for i in range(4)],
        Uses=[*({"link": f"l{i}", "asset": f"pipe {i}"} for i in range(4)),
              *({"link": f"sea {i}", "asset": f"f{i}"} for i in range(4))],
        Projects=[{"project": f"p{i}", "adds_to": "pipe 3", "size": 1, "max_units": 1, "whole_units": "no",
                   "capex": 100 + 50 * i, "earliest": "2026", "lead_years": 1, "life_years": 20} for i in range(3)],
        Scenarios=[{"scenario": name, "run": "yes"} for name in ("low", "high")],
        Changes=[{"scenario": name, "sheet": "Markers", "key": "Brent", "column": "value", "change": "multiply",
                  "value": value} for name, value in (("low", 0.8), ("high", 1.25))],
    )  # fmt: skip


def said(change: Callable[[Tables], Any]) -> list[str]:
    sheets = trade()
    change(sheets)
    case = read(sheets)
    return suspicions(case, build_network([case]))


def test_the_case_itself_is_not_questioned() -> None:
    assert said(lambda sheets: None) == []


# sheet, row, what is typed there, how the line begins and what it holds; and a legal twin, of which nothing is said
SLIPS: dict[str, tuple[str, int, Row, str, str, Row]] = {
    "a cost in USD/bbl": (
        "Supply", 0, {"cost": 12},
        "Supply!E2: 's0' has a cost of 12 USD/t; the 4 others of Supply for oil have 90 to 120 USD/t. ",
        "If it is in USD/bbl, it comes to 96 USD/t, like theirs; say so in cost_unit.", {"cost": 61},
    ),
    "a cost in USD/t as USD/bbl": (
        "Supply", 2, {"cost": 100, "cost_unit": "USD/bbl"},
        "Supply!E4: 's2' has a cost of 100 USD/bbl, 800 USD/t; the 4 others of Supply for oil have 80 to 120 USD/t. ",
        "If it is in USD/t, it comes to 100 USD/t", {"cost": 20, "cost_unit": "USD/bbl"},
    ),
    "a small field in kb/d": (
        "Supply", 0, {"capacity": 44},
        "Supply!D2: 's0' has a capacity of 44 Mt/year; the 4 others of Supply for crude have 3 to 6 Mt/year. ",
        "If it is in kb/d, it comes to 2.009 Mt/year", {"capacity": 20},
    ),
    "a price in USD/bbl": (
        "Demand", 0, {"price": 62.5},
        "Demand!E2: 'd0' has a price of 62.5 USD/t; the 4 others of Demand for oil have 510 to 540 USD/t. ",
        "If it is in USD/bbl, it comes to 500 USD/t", {"price": 350},
    ),
    "a tariff in USD/bbl": (
        "Links", 4, {"tariff": 2},
        "Links!F6: 'l4' has a tariff of 2 USD/t; a pipeline for oil usually costs about 16 USD/t over 800 km. ",
        "If it is in USD/bbl, it comes to 16 USD/t, like theirs; say so in tariff_unit.", {"tariff": 4.1},
    ),
    "a tariff per 100 km": (
        "Links", 6, {"tariff": 2},
        "Links!F8: 'l6' has a tariff of 2 USD/t; a pipeline for oil usually costs about 20 USD/t over 1,000 km. ",
        "If it is in USD/t/100km, it comes to 20 USD/t", {"tariff": 5.1},
    ),
    "a tariff in USD/bbl beside others": (
        "Links", 9, {"tariff": 1.5},
        "Links!F11: 'sea 1' has a tariff of 1.5 USD/t; a tanker for oil usually costs about 12 USD/t between these",
        "If it is in USD/bbl, it comes to 12 USD/t", {"tariff": 3.1},
    ),
    "a loss in per cent": (
        "Links", 0, {"loss": 0.1},
        "Links!H2: 'l0' has a loss of 0.1; the 7 others by pipeline for oil have 0.001 to 0.003. ",
        "If it is in per cent, it comes to 0.001", {"loss": 0.005},
    ),
    "an asset in kb/d": (
        "Assets", 1, {"capacity": 87.6},
        "Assets!C3: 'pipe 1' has a capacity of 87.6 units of use/year; the 3 others of kind pipeline for oil have",
        "If it is in kb/d, it comes to 3.999 Mt/year", {"capacity": 18},
    ),
    "a speed in km/h": (
        "Fleets", 1, {"speed_knots": 20.4},
        "Fleets!B3: 'f1' has a speed_knots of 20.4 knots; the 3 others of Fleets have 10 to 13 knots. ",
        "If it is in km/h, it comes to 11.02 knots", {"speed_knots": 16},
    ),
    "capex in thousand USD": (
        "Projects", 0, {"capex": 150_000},
        "Projects!F2: 'p0' has a capex of 150,000 million USD per unit; the 2 others that add to Assets, per unit of",
        "size, have 150 to 200 million USD. If it is in thousand USD, it comes to 150 million USD", {"capex": 1500},
    ),
    "hours in port": (
        "Fleets", 0, {"port_days": 96}, "Fleets!F2: 'f0' has a port_days of 96, above 40; ", "(not hours)",
        {"port_days": 30},
    ),
    "months of building": (
        "Projects", 0, {"lead_years": 42}, "Projects!H2: 'p0' has a lead_years of 42, above 15; ", "(not months)",
        {"lead_years": 12},
    ),
    "digits swapped": (
        "Series", 0, {"2027": 37}, "Series!E2: Markers:Brent:value is 37 in 2027, between 70 and 69. ",
        "Are digits swapped, or a comma lost?", {"2027": 45},
    ),
    "a factor of ten": (
        "Changes", 1, {"value": 12.5}, "Changes!F3: Markers:Brent:value becomes 875 in 2026, 12.5 times what it was",
        "ten per cent more is to multiply with 1.1.", {"value": 4.2},
    ),
    "the same change twice": (
        "Changes", 1, {"value": 0.8}, "Scenarios!A3: 'high' has the same numbers as 'low': it gives the same result. ",
        "Is a change missing?", {"value": 0.81},
    ),
    "a change of nothing": (
        "Changes", 0, {"value": 1}, "Scenarios!A2: 'low' has the same numbers as 'base'", "Is a change missing?",
        {"value": 0.9},
    ),
    "an asset that nothing uses": (
        "Uses", 3, {"asset": "pipe 2"}, "Assets!A5: no link uses 'pipe 3', so it limits nothing. ",
        "Is a row of Uses missing?", {"use": 0.9},
    ),
    "a field in another country": (
        "Supply", 1, {"node": "hub"}, "Supply!B3: 's1' gives 'crude' of Home at 'hub', a hub in Transit. ",
        "Is it another node, or another commodity?", {"node": "port"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_told_and_its_legal_twin_is_not(slip: str) -> None:
    sheet, row, typed, begins, holds, twin = SLIPS[slip]
    found = said(lambda sheets: sheets[sheet][row].update(typed))
    assert any(line.startswith(begins) and holds in line for line in found), found
    assert said(lambda sheets: sheets[sheet][row].update(twin)) == []


def test_a_use_that_was_forgotten_is_told() -> None:
    """Three pipelines side by side through one pump station: whichever forgets it is told, unless it has its own."""

    def pumped(sheets: Tables, *users: int, **first: object) -> None:
        sheets["Assets"].append({"asset": "pumps", "kind": "pump", "capacity": 9})
        more = [link(f"more {i}", "hub", "west", "crude", 14, distance_km=700, capacity=4) for i in range(3)]
        sheets["Links"] += [more[0] | first, *more[1:]]
        sheets["Uses"] += [{"link": f"more {i}", "asset": "pumps"} for i in users]
        sheets["Links"][3] |= {"mode": "rail"}  # it runs between the same ends

    beside = "by pipeline for oil from 'hub' to 'west'"
    assert said(lambda sheets: pumped(sheets, 0, 1, 2)) == []
    assert said(lambda sheets: pumped(sheets, 1, 2)) == [
        f"Links!A14: 'more 0' does not use 'pumps', which all 2 others {beside} do. Is a row of Uses missing?"
    ]
    assert said(lambda sheets: pumped(sheets, 0)) == []
    twice = said(lambda sheets: (pumped(sheets, 0), sheets["Links"].pop()))
    assert twice == [], "a limit of its own may take the place of the pumps"
    bare = said(lambda sheets: (pumped(sheets, 1, capacity=None), sheets["Links"].pop()))
    assert bare == [
        f"Links!A14: 'more 0' does not use 'pumps', which 'more 1' {beside} does. Is a row of Uses missing?"
    ]


def test_a_port_that_one_of_many_links_forgets_is_told() -> None:
    """Four tankers leave for two places; the berths stand where they begin, so the fourth is expected to use them."""

    def berths(sheets: Tables, *users: int) -> None:
        sheets["Assets"].append({"asset": "berths", "kind": "port", "capacity": 9})
        sheets["Links"][9]["to"], sheets["Links"][10]["to"] = "east", "hub"
        sheets["Uses"] += [{"link": f"sea {i}", "asset": "berths"} for i in users]

    assert said(lambda sheets: berths(sheets, 0, 1, 2, 3)) == []
    assert said(lambda sheets: berths(sheets, 0, 2, 3)) == [
        "Links!A11: 'sea 1' does not use 'berths', which all 3 others by tanker for oil that begin at 'port' do. "
        "Is a row of Uses missing?"
    ]


def test_a_sea_way_shorter_than_the_straight_line_is_told() -> None:
    """From 50° N 50° E one degree north is 6371·π/180 = 111.2 km: 60 nautical miles, 0.54 of it, below 0.8."""

    def drawn(sheets: Tables, km: float) -> None:
        for node, latitude in ((1, 50), (4, 51)):
            sheets["Nodes"][node] |= {"latitude": latitude, "longitude": 50}
        sheets["Links"][8] |= {"distance_km": km}
        sheets["Links"][9:12] = []
        sheets["Links"][2] |= {"mode": "rail"}
        sheets["Fleets"][1:] = []
        sheets["Uses"][5:] = []

    assert said(lambda sheets: drawn(sheets, 95)) == []
    assert said(lambda sheets: drawn(sheets, 60)) == [
        "Links!G10: 'sea 0' is 60 km long, and no way is shorter than the 111 km between its ends on the map. "
        "Are these miles (1.852 km at sea)?"
    ]
