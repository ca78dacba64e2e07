"""What cannot have an answer is named with its cells before anything is solved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.case import Case
from model.engine import Engine
from model.errors import InfeasibleCase, NoAnswer, UnboundedCase
from model.network import build_network
from model.precheck import precheck
from tests.small_cases import Tables, case_of, link, one_route


def check(tables: Tables) -> None:
    case = case_of(tables)
    precheck(case, build_network([case]))


def complaint(tables: Tables, kind: type[NoAnswer]) -> str:
    with pytest.raises(kind) as caught:
        check(tables)
    assert caught.value.exit_code == 3
    return str(caught.value)


def test_a_sound_case_passes() -> None:
    check(one_route())


def test_a_loop_that_earns_is_named_with_its_links_and_cells() -> None:
    """Pipe 10 and back −12: every round earns 2."""
    tables = one_route()
    tables["Links"].append(link("back", "port", "field", tariff=-12))
    text = complaint(tables, UnboundedCase)
    assert "2026..2027: light can go round the loop pipe (Links!F2), back (Links!F4)" in text
    assert "add up to -2 per unit" in text


def test_a_loop_of_limited_capacity_is_named_too() -> None:
    tables = one_route()
    tables["Links"].append(link("back", "port", "field", tariff=-12, capacity=3))
    assert "pipe (" in complaint(tables, UnboundedCase)


def test_risk_counts_and_the_period_is_named() -> None:
    """Opened in 2027; −12 and a risk of 1 leave −1 a round."""
    tables = one_route()
    tables["Links"].append(link("back", "port", "field", tariff=-12, risk=1, opens="2027"))
    text = complaint(tables, UnboundedCase)
    assert "2027: light can go round" in text
    assert "2026" not in text
    assert "-1 per unit" in text


def test_two_loops_are_named_together() -> None:
    tables = one_route()
    tables["Links"] += [link("back", "port", "field", tariff=-12), link("return", "market", "port", tariff=-30)]
    text = complaint(tables, UnboundedCase)
    assert "pipe (Links!F2), back (" in text
    assert "ship (Links!F3), return (" in text


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"tariff": -10}, id="adds up to nothing"),
        pytest.param({"tariff": -12, "capacity": 0}, id="without capacity"),
        pytest.param({"tariff": -12, "commodity": "heavy"}, id="another grade"),
        pytest.param({"tariff": -12, "becomes": "heavy"}, id="comes back as another grade"),
    ],
)
def test_what_is_no_earning_loop_passes(row: dict[str, Any]) -> None:
    tables = one_route()
    tables["Links"].append(link("back", "port", "field", **row))
    check(tables)


def test_a_loop_shut_by_its_asset_passes() -> None:
    tables = one_route()
    tables["Links"].append(link("back", "port", "field", tariff=-12))
    tables["Assets"] = [{"asset": "pump", "capacity": 8, "availability": 0}]
    tables["Uses"] = [{"link": "back", "asset": "pump"}]
    check(tables)
    tables["Assets"][0]["availability"] = 1
    assert "back (" in complaint(tables, UnboundedCase)


def unlimited() -> Tables:
    tables = one_route()
    tables["Supply"][0]["capacity"] = tables["Demand"][0]["volume"] = "unlimited"
    tables["Links"][1]["loss"] = 0.1
    return tables


def test_unlimited_profit_is_named_with_both_ends_and_the_route() -> None:
    """Of a tonne entering the ship 0.9 t arrive: 0.9·100 − 20 − 10 − 5 = 55 USD."""
    text = complaint(unlimited(), UnboundedCase)
    assert "supply 'wells' (Supply!D2) is unlimited and reaches the unlimited demand 'sales' (Demand!D2" in text
    assert "price Demand!E2" in text
    assert "by pipe (Links!" in text
    assert "at a profit of 55 per unit" in text


@pytest.mark.parametrize("price", [30.0, 38.0])
def test_unlimited_volume_without_profit_passes(price: float) -> None:
    """0.9·38 − 35 < 0 is no profit."""
    tables = unlimited()
    tables["Demand"][0]["price"] = price
    check(tables)


def test_the_cheaper_of_two_unlimited_routes_is_taken() -> None:
    tables = unlimited()
    tables["Links"].append(link("direct", "field", "market", tariff=12))
    assert "by direct (Links!4) at a profit of 83 per unit" in complaint(tables, UnboundedCase)


def test_a_price_linked_to_a_marker_names_the_slope() -> None:
    tables = unlimited()
    del tables["Demand"][0]["price"]
    tables["Demand"][0].update(marker="Brent", slope=0.9)
    tables["Markers"] = [{"marker": "Brent", "unit": "USD/t", "value": 100}]
    assert "slope Demand!" in complaint(tables, UnboundedCase)


def test_at_least_cost_a_supply_that_pays_is_a_profit() -> None:
    tables = unlimited()
    tables["Settings"].append({"setting": "objective", "value": "cost"})
    tables["Supply"][0]["cost"] = -31
    assert "at a profit of 1 per unit" in complaint(tables, UnboundedCase)
    tables["Supply"][0]["cost"] = -29
    check(tables)


def limit_link(tables: Tables) -> None:
    tables["Links"][0]["capacity"] = 9


def limit_two_grades(tables: Tables) -> None:
    tables["Links"][0].update(commodity="light, heavy", capacity=9)
    tables["Supply"].append({"supply": "old", "node": "field", "commodity": "heavy", "capacity": 1, "cost": 5})


def limit_asset(tables: Tables) -> None:
    tables["Assets"], tables["Uses"] = [{"asset": "berth", "capacity": 9}], [{"link": "ship", "asset": "berth"}]


def limit_fleet(tables: Tables) -> None:
    tables["Links"][1]["distance_km"] = 1000
    tables["Uses"] = [{"link": "ship", "asset": "fleet"}]
    fleet = {"fleet": "fleet", "vessels": 2, "deadweight_t": 10000, "speed_knots": 12}
    tables["Fleets"] = [{**fleet, "port_days": 2, "operating_days": 350}]


def limit_reserves(tables: Tables) -> None:
    tables["Supply"][0]["reserves"] = 30


def limit_contract(tables: Tables) -> None:
    tables["Contracts"] = [
        {
            "contract": "tariff deal",
            "type": "ship-or-pay",
            "applies_to": "pipe",
            "volume": 1,
            "shortfall_price": 1,
            "ceiling": 9,
        }
    ]


def limit_supply(tables: Tables) -> None:
    tables["Limits"] = [{"limit": "quota", "measure": "supply", "what": "supply=wells", "at_most": 9}]


def limit_flow(tables: Tables) -> None:
    tables["Limits"] = [{"limit": "permit", "measure": "flow", "what": "link=ship", "at_most": 9, "per": "horizon"}]


def limit_delivery(tables: Tables) -> None:
    tables["Limits"] = [{"limit": "appetite", "measure": "delivery", "what": "node=market", "at_most": 9}]


LIMITS = [
    limit_link,
    limit_two_grades,
    limit_asset,
    limit_fleet,
    limit_reserves,
    limit_contract,
    limit_supply,
    limit_flow,
    limit_delivery,
]


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.__name__)
def test_each_kind_of_limit_ends_the_profit(limit: Callable[[Tables], None]) -> None:
    tables = unlimited()
    limit(tables)
    check(tables)
    case = case_of(tables)
    assert Engine([case]).solve(case).status == "optimal"


def firm_demand() -> Tables:
    tables = one_route()
    tables["Demand"][0]["firm"] = 4
    return tables


def test_firm_demand_without_any_route() -> None:
    tables = firm_demand()
    del tables["Links"][1]
    text = complaint(tables, InfeasibleCase)
    what = (
        "firm demand that no supply and open route reaches at market (demand 'sales') of light: 4 Mt/year (Demand!F2)"
    )
    assert f"2026..2027: {what}" in text


def test_firm_demand_for_another_grade() -> None:
    tables = firm_demand()
    tables["Demand"][0]["commodity"] = "heavy"
    assert "of heavy: 4 Mt/year" in complaint(tables, InfeasibleCase)


@pytest.mark.parametrize("change", [{"opens": "2027"}, {"capacity": 0}], ids=["closed", "no capacity"])
def test_firm_demand_whose_route_is_shut_in_a_period(change: dict[str, Any]) -> None:
    tables = firm_demand()
    tables["Links"][1].update(change)
    text = complaint(tables, InfeasibleCase)
    assert ("2026: firm" if "opens" in change else "2026..2027: firm") in text


def test_firm_demand_whose_field_is_dry_in_a_period() -> None:
    tables = firm_demand()
    tables["Series"] = [{"sheet": "Supply", "key": "wells", "column": "capacity", "2027": 0}]
    text = complaint(tables, InfeasibleCase)
    assert "    2027: firm demand" in text
    assert "2026" not in text


def test_firm_demand_with_another_way_in_passes() -> None:
    tables = firm_demand()
    tables["Links"][1]["opens"] = "2027"
    tables["Links"].append(link("train", "field", "market", closes="2026"))
    check(tables)


def test_firm_demand_served_in_kind_passes() -> None:
    """The carrier's tenth appears at the market, which nothing else reaches."""
    tables = firm_demand()
    tables["Nodes"].append({"node": "depot", "country": "Northland", "kind": "market"})
    tables["Links"][0].update(fee_in_kind=0.1, fee_to="market", closes="2027")
    tables["Links"][1].update(to="depot", opens="2027")
    check(tables)


def test_with_a_price_for_unserved_demand_nothing_must_be_reached() -> None:
    tables = firm_demand()
    tables["Settings"].append({"setting": "unserved_price", "value": 500})
    del tables["Links"][1]
    check(tables)


def test_minimums_that_no_supply_reaches() -> None:
    tables = one_route()
    tables["Nodes"].append({"node": "far field", "country": "Southland", "kind": "field"})
    tables["Links"].append(link("far pipe", "far field", "port", capacity=5, minimum=2))
    tables["Assets"] = [{"asset": "mole", "capacity": 6, "minimum": 3}]
    tables["Limits"] = [{"limit": "pledge", "measure": "flow", "what": "link=far pipe", "at_least": 1}]
    text = complaint(tables, InfeasibleCase)
    assert "link 'far pipe' of light: 2 Mt/year (Links!H4)" in text
    assert "asset 'mole': 3 units of use/year (Assets!C2)" in text
    assert "limit 'pledge': 1 Mt/year (Limits!D2)" in text


def test_everything_is_told_at_once() -> None:
    tables = firm_demand()
    tables["Demand"].append(
        {"demand": "heavy sales", "node": "port", "commodity": "heavy", "volume": 1, "firm": 1, "price": 9}
    )
    tables["Links"].append(link("back", "port", "field", tariff=-12))
    text = complaint(tables, InfeasibleCase)
    assert "pipe (Links!F2), back (Links!F4)" in text
    assert "demand 'heavy sales'" in text


NODES = ("field", "port", "market")
ends = st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)).filter(lambda pair: pair[0] != pair[1])
legs = st.tuples(ends, st.integers(-3, 6), st.sampled_from([None, None, None, 4]))


def random_case(rows: list[Any], supply: float | str, volume: float | str, price: int) -> Case:
    tables = one_route()
    tables["Links"] = [
        link(f"leg {i}", *pair, tariff=tariff, capacity=capacity) for i, (pair, tariff, capacity) in enumerate(rows)
    ]
    tables["Supply"][0].update(capacity=supply, cost=1)
    tables["Demand"][0].update(volume=volume, price=price)
    return case_of(tables)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(legs, min_size=1, max_size=6),
    st.sampled_from([7, "unlimited"]),
    st.sampled_from([5, "unlimited"]),
    st.integers(0, 12),
)
def test_whatever_passes_is_bounded_and_what_is_unbounded_is_told(
    rows: list[Any], supply: float | str, volume: float | str, price: int
) -> None:
    case = random_case(rows, supply, volume, price)
    engine = Engine([case])
    status = engine.solve(case).status
    try:
        precheck(case, engine.network)
    except UnboundedCase as error:
        # a loop of limited capacity earns too, but comes to an end
        limited = any(capacity is not None for *_, capacity in rows) and "go round the loop" in str(error)
        assert status == "unbounded" or limited
    else:
        assert status == "optimal"
