"""What check says about legal but odd input."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from model.network import build_network
from model.suspicion import suspicions
from tests.cases import Tables, demand, link, read, supply, tables, years


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
        ("Links", 1, {"capacity": 900}, "Links!G3: 'leg 1' could take 900 Mt/year, 18 times all that is produced"),
        ("Supply", 0, {"capacity": 200}, "Supply!D2: 's0' has 200 Mt/year, 20 times the next largest"),
        ("Demand", 4, {"volume": 250}, "Demand!D6: 'd4' has 250 Mt/year, 25 times the next largest"),
        ("Demand", 1, {"volume": 1e8}, "Demand!D3: 1e+08 (2026..2028) is too large for the solver"),
        ("Uses", 0, {"use": 1e-8}, "Uses!C2: a use of 1e-08 is too small for the solver to see"),
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
