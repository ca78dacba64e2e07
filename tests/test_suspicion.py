"""What check says about legal but odd input."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from model.api import read_case
from model.network import build_network
from model.suspicion import suspicions
from tests.cases import Tables, demand, link, read, supply, tables, years

TUTORIAL = Path(__file__).resolve().parent.parent / "inputs" / "tutorial.xlsx"


def said(what: str, **leg: object) -> list[str]:
    """Suspicions about a two-leg route under one limit on flows."""
    case = read(
        tables(
            Supply=[supply("s", "field", "crude", 10)],
            Demand=[demand("d", "west", "crude", 10, 100)],
            Links=[link("in", "field", "port", "crude"), link("on", "port", "west", "crude", **leg)],
            Limits=[{"limit": "quota", "measure": "flow", "what": what, "at_most": 5}],
        )
    )
    return [line for line in suspicions(case, build_network([case])) if "nothing begins" not in line]


def test_links_in_series_under_one_limit_are_named() -> None:
    """A limit over both legs of one route counts each tonne twice; over one leg it does not."""
    assert said("link=*") == ["Limits!C2: 'in' and 'on' lie in series; what passes both is counted twice."]
    assert said("link=in") == []


@pytest.mark.parametrize(("place", "count"), [("east", 1), ("port", 0)])
def test_a_fee_that_nobody_takes_is_named(place: str, count: int) -> None:
    """At east nobody buys crude, so a link that pays its fee there is shut; at the port the fee can be sent on."""
    found = said("link=in", fee_in_kind=0.1, fee_to=place)
    assert len([line for line in found if "can carry none of it" in line]) == count


def odd(change: Callable[[Tables], object]) -> list[str]:
    """What is said of six alike legs after a change, and of nothing else."""
    legs = [link(f"leg {i}", "field", "west", "crude", 10, capacity=5) for i in range(6)]
    sheets = tables(
        periods=years(2026, 3),
        Supply=[supply(f"s{i}", "field", "crude", 10) for i in range(5)],
        Demand=[demand(f"d{i}", "west", "crude", 10, 100) for i in range(5)],
        Links=[*legs, link("home", "field", "port", "crude"), link("away", "port", "hub", "crude"),
               link("on", "hub", "east", "crude"), link("across", "east", "west", "crude")],
        Assets=[{"asset": "berth", "capacity": 9}],
        Uses=[{"link": "leg 0", "asset": "berth"}],
    )  # fmt: skip
    assert suspicions(read(sheets), build_network([read(sheets)])) == []
    change(sheets)
    case = read(sheets)
    return suspicions(case, build_network([case]))


@pytest.mark.parametrize(
    ("sheet", "row", "change", "says"),
    [
        ("Links", 2, {"tariff": 101}, "Links!F4: 'leg 2' costs 101 per unit, 10 times what a pipeline"),
        ("Links", 2, {"tariff": 60, "tariff_unit": "USD/bbl"}, "Links!F4: 'leg 2' costs 480 per unit, 48 times"),
        ("Links", 1, {"capacity": 900}, "Links!G3: 'leg 1' has a capacity of 900 Mt/year, 18 times the most"),
        ("Supply", 0, {"capacity": 200}, "Supply!D2: 's0' has 200 Mt/year, 20 times the next largest"),
        ("Demand", 4, {"volume": 250}, "Demand!D6: 'd4' has 250 Mt/year, 25 times the next largest"),
        ("Demand", 1, {"volume": 1e8}, "Demand!D3: 1e+08 (2026..2028) is too large for the solver"),
        ("Links", 6, {"from": "port", "to": "field"}, "Links!B8: 'home' stays empty: no crude can come to 'port'; it"),
        ("Demand", 1, {"volume": 600}, "Demand!D3: 'd1' has a volume of 600 Mt/year, 12 times the most that can come"),
        ("Demand", 1, {"volume": 1e-9}, "Demand!D3: 1e-09 is so small that the solver takes it for nothing"),
        ("Demand", 1, {"price": 3000}, "Demand!E3: 'd1' pays 375 USD/bbl in 2026, above 300"),
        ("Uses", 0, {"use": 1e-8}, "Uses!C2: a use of 1e-08 is too small for the solver to see"),
        ("Uses", 0, {"use": 1e8}, "Uses!C2: a use of 1e+08 is too large for the solver to see"),
        ("Assets", 0, {"capacity": 600}, "Assets!B2: 'berth' has a capacity of 600 units of use/year, 12 times"),
        ("Links", 2, {"loss": 0.2}, "Links!H4: 'leg 2' has a loss of 0.2, above 0.15"),
        ("Commodities", 0, {"bbl_per_t": 0.8}, "Commodities!E2: 'crude' has a bbl_per_t of 0.8, below 5"),
        ("Supply", 0, {"cost": 101}, "Supply!E2: 's0' costs 101 per unit, and the best price that it can reach leaves"),
        ("Supply", 0, {"commodity": "sour"}, "Supply!B2: 's0' stays unused: no way leads sour from 'field'"),
        ("Links", 9, {"from": "west", "to": "east"}, "Links!F10: 'on' can never pay for itself; at best it leads"),
        ("Links", 0, {"tariff": 99.5}, ""),
        ("Links", 1, {"capacity": 49}, ""),
        ("Supply", 0, {"capacity": 100}, ""),
    ],
)  # fmt: skip
def test_numbers_that_stand_out(sheet: str, row: int, change: dict[str, object], says: str) -> None:
    found = odd(lambda sheets: sheets[sheet][row].update(change))
    assert any(line.startswith(says) for line in found) if says else found == []


def test_a_series_that_jumps() -> None:
    def jump(sheets: Tables, last: float) -> None:
        sheets["Series"] = [
            {"sheet": "Links", "key": "leg 1", "column": "capacity", "2026": 2, "2027": 2.5, "2028": last}
        ]

    assert odd(lambda sheets: jump(sheets, 12.5)) == [
        "Series!F2: Links:leg 1:capacity jumps from 2.5 to 12.5 between 2027 and 2028."
    ]
    assert odd(lambda sheets: jump(sheets, 12.4)) == []


def test_a_node_where_nothing_is() -> None:
    found = odd(lambda sheets: sheets["Nodes"].append({"node": "nowhere", "country": "West", "kind": "hub"}))
    assert found == ["Nodes!A7: nothing begins, ends or passes at 'nowhere'."]


@pytest.mark.parametrize(("tariff", "odd_one"), [(100, False), (101, True)])
def test_a_link_that_can_never_pay(tariff: float, odd_one: bool) -> None:
    """The market pays 100 and the wells cost nothing: 101 for the last leg is a loss whatever else changes."""
    found = odd(lambda sheets: sheets["Links"][6].update(tariff=tariff))
    never = [line for line in found if "can never pay" in line]
    assert never == (
        [f"Links!F{i}: {name!r} can never pay for itself; at best 1 per unit short of it." for i, name in
         ((8, "home"), (9, "away"), (10, "on"), (11, "across"))] if odd_one else []
    )  # fmt: skip


def test_a_link_to_nowhere_leads_to_no_price() -> None:
    found = odd(lambda sheets: sheets["Links"].append(link("blind", "west", "east", "crude", opens="2027")))
    assert found == []
    found = odd(lambda sheets: (sheets["Nodes"].append({"node": "dead end", "country": "West", "kind": "hub"}),
                                sheets["Links"].append(link("blind", "west", "dead end", "crude"))))  # fmt: skip
    assert found == ["Links!F12: 'blind' can never pay for itself; at best it leads to no price."]


def test_links_that_must_flow_both_ways() -> None:
    def both(sheets: Tables) -> None:
        sheets["Links"][6]["minimum"] = 1
        sheets["Links"].append(link("back", "port", "field", "crude", minimum=1))

    (found,) = [line for line in odd(both) if "both flow" in line]
    assert found.endswith("must both flow at once.")
    assert "'home'" in found
    assert "'back'" in found


def test_contracts_oblige_both_ways_like_minimums() -> None:
    def both(sheets: Tables) -> None:
        sheets["Links"].append(link("back", "port", "field", "crude", capacity=8))
        sheets["Contracts"] = [
            {
                "contract": f"c{i}",
                "type": "ship-or-pay",
                "applies_to": name,
                "volume": 2,
                "share": 1,
                "shortfall_price": 1,
            }
            for i, name in enumerate(("home", "back"))
        ]

    (found,) = odd(both)
    assert found == "Contracts!D2: 'home' and, the other way, 'back' (Contracts!D3) must both flow at once."


def test_a_contract_on_more_than_could_be_lifted() -> None:
    """Leg 1 has room for 5 Mt a year: a contract on 15 is told from three times on, one on 14 is not."""

    def owe(sheets: Tables, volume: float) -> None:
        sheets["Contracts"] = [
            {
                "contract": "c",
                "type": "ship-or-pay",
                "applies_to": "leg 1",
                "volume": volume,
                "share": 1,
                "shortfall_price": 1,
            }
        ]

    assert odd(lambda sheets: owe(sheets, 15)) == []
    assert odd(lambda sheets: owe(sheets, 16)) == [
        "Contracts!D2: 'c' is on 16 Mt/year, 3 times the most that 'leg 1' could take (5). "
        "Is it in another unit (volume_unit)?"
    ]


def test_a_demand_that_nothing_reaches() -> None:
    found = odd(lambda sheets: sheets["Demand"].append(demand("lost", "east", "sour", 5, 100)))
    assert found == ["Demand!B7: 'lost' gets nothing: no sour can come to 'east'."]


def test_links_closed_for_good_are_not_questioned() -> None:
    """A dear link with no capacity is meant to be closed, unless a scenario opens it."""

    def closed(sheets: Tables, *changes: dict[str, object]) -> None:
        sheets["Links"].append(link("shut", "field", "west", "crude", 99, capacity=0, risk=5))
        if changes:
            sheets.update(Scenarios=[{"scenario": "opened", "run": "yes"}], Changes=list(changes))

    assert odd(closed) == []
    opening = {"scenario": "opened", "sheet": "Links", "key": "sh*", "column": "capacity", "change": "set", "value": 3}
    assert odd(lambda sheets: closed(sheets, opening)) == [
        "Links!F12: 'shut' can never pay for itself; at best 4 per unit short of it."
    ]


# One slip each in the tutorial, as an economist would make it: the cell, what is typed there, and what is said.
SLIPS = {
    "kb/d in a column of Mt": ("Supply!D5", 200, "Supply!D5: 'Field A' has a capacity of 200 Mt/year, 13 times"),
    "kb/d on a pipe": ("Links!G8", 400, "Links!G8: 'Port line' has a capacity of 400 Mt/year, 31 times"),
    "USD/bbl in a column of USD/t": ("Links!Q7", None, "Links!I7: 'West pipe' costs 0.16 per unit per 100 km, 1/"),
    "USD/t in a column of USD/bbl": ("Markers!C5", 450, "Markers!C5: 'Market South' pays 450 USD/bbl in 2026, above"),
    "a price in USD/bbl": ("Demand!F5", 66.7, "Demand!F5: 'Market West' pays 66.7 per unit, and what can come to it"),
    "a total read as per 100 km": ("Links!Q5", "USD/t/100km", ""),
    "thousand tonnes of deadweight": ("Fleets!D5", 100, "Fleets!D5: 'Tankers' has a deadweight_t of 100, below 300"),
    "a zero too many": ("Demand!D5", 200, "Demand!D5: 'Market West' has a volume of 200 Mt/year, 20 times"),
    "a zero too many in a distance": ("Links!M9", 22224, "Links!M9: 'Sea leg' is 22,224 km long, and its ends lie 2,"),
    "a zero too many in a contract": ("Contracts!E5", 50, "Contracts!E5: 'Ship or pay West' is on 50 Mt/year, 8"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_slips_in_the_tutorial_are_told_with_their_cell(slip: str, tmp_path: Path) -> None:
    address, typed, says = SLIPS[slip]
    sheet, _, cell = address.partition("!")
    book = openpyxl.load_workbook(TUTORIAL)
    book[sheet][cell] = typed
    book.save(tmp_path / "slip.xlsx")
    case = read_case(tmp_path / "slip.xlsx")
    found = suspicions(case, build_network([case]))
    assert any(line.startswith(says) for line in found) if says else found == [], found
    assert len(found) < 4


@pytest.mark.parametrize("name", ["Line A", "Line B", "West pipe", "Port line", "Sea leg"])
def test_each_link_of_the_tutorial_turned_round_is_told(name: str, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(TUTORIAL)
    row = next(row for row in book["Links"].iter_rows() if row[0].value == name)
    row[1].value, row[2].value = row[2].value, row[1].value
    book.save(tmp_path / "turned.xlsx")
    case = read_case(tmp_path / "turned.xlsx")
    found = suspicions(case, build_network([case]))
    assert any(
        line.startswith(f"Links!B{row[0].row}: {name!r} stays empty") and "wrong way round" in line for line in found
    )


def test_the_tutorial_is_not_questioned() -> None:
    case = read_case(TUTORIAL)
    assert suspicions(case, build_network([case])) == []


def test_of_many_oddities_of_a_kind_the_first_ten_are_said() -> None:
    def lonely(sheets: Tables) -> None:
        sheets["Nodes"] += [{"node": f"n{i}", "country": "West", "kind": "hub"} for i in range(13)]
        sheets["Supply"][0]["capacity"] = 200

    found = odd(lonely)
    assert [line for line in found if "nothing begins" in line] == [
        f"Nodes!A{7 + i}: nothing begins, ends or passes at 'n{i}'." for i in range(10)
    ]
    assert len(found) == 12, "the supply is still told"
    assert found[-1] == "3 more of these kinds; mend the first ones and check again."
