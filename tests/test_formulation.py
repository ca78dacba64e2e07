"""The linear programme on cases small enough to be solved by hand; the arithmetic stands in each docstring."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.results.registry import one_table
from model.solution import Solution
from tests.cases import case, demand, link, read, solve, supply, tables, two_markets, years


def near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-7)


def column(solution: Solution, table: str, name: str, *keys: str) -> pd.Series:
    """A column of a result table by the values of some others."""
    return one_table(table, solution).set_index(list(keys))[name]


def test_better_netback_fills_first_and_the_other_sets_the_value() -> None:
    """Netback at the field: near 400 − 30 = 370, far 300·0.9 − 45 = 225 USD/t.

    Near takes its 6 Mt, the other 4 sail and 3.6 arrive: 6·370 + 4·225 − 10·50 = 2620.
    One more tonne at the field could only sail: 225. At near it would spare a piped one and its tariff: 255.
    """
    solution = solve(read(two_markets()))
    assert solution.objective == near(2620)
    assert column(solution, "Flows", "flow", "link").to_dict() == near({"pipe": 6, "ship": 4})
    assert column(solution, "Flows", "arrival", "link")["ship"] == near(3.6)
    assert column(solution, "Prices", "value", "node").to_dict() == near({"field": 225, "east": 255, "west": 300})
    assert column(solution, "Production", "rent", "supply")["field"] == near(175)
    assert column(solution, "Prices", "trade_value", "node")["west"] == near(300 / 8)


def test_what_the_carrier_keeps_appears_where_it_is_paid() -> None:
    """Of 10 bcm a tenth is paid at the hub and a twentieth is lost: 8.5·200 + 1·100 = 1800."""
    solution = solve(
        case(
            Supply=[supply("s", "field", "gas", 10)],
            Demand=[demand("east", "east", "gas", 50, 200), demand("hub", "hub", "gas", 50, 100)],
            Links=[link("pipe", "field", "east", "gas", loss=0.05, fee_in_kind=0.1, fee_to="hub")],
        )
    )
    assert solution.objective == near(1800)
    assert column(solution, "Deliveries", "delivery", "demand").to_dict() == near({"east": 8.5, "hub": 1})


def test_what_the_carrier_keeps_is_gone_where_no_node_is_named() -> None:
    """Of 10 bcm a tenth is kept: 9·200 = 1800."""
    solution = solve(
        case(
            Supply=[supply("s", "field", "gas", 10)],
            Demand=[demand("east", "east", "gas", 50, 200)],
            Links=[link("pipe", "field", "east", "gas", fee_in_kind=0.1)],
        )
    )
    assert solution.objective == near(1800)


def test_an_asset_in_barrels_is_filled_by_what_a_barrel_earns() -> None:
    """Room for 160 million barrels a year; sour earns 147/7 = 21, crude 160/8 = 20 USD/bbl.

    14 Mt of sour fill 98, so 62 are left: 7.75 Mt of crude. 14·147 + 7.75·160 = 3298; one more barrel: 20 USD.
    """
    solution = solve(
        case(
            Supply=[supply("c", "field", "crude", 20), supply("s", "field", "sour", 14)],
            Demand=[demand("c", "east", "crude", 50, 160), demand("s", "east", "sour", 50, 147)],
            Links=[link("c", "field", "east", "crude"), link("s", "field", "east", "sour")],
            Assets=[{"asset": "pipe", "capacity": 160_000 / 365.25, "volume_unit": "kb/d"}],
            Uses=[{"link": "c", "asset": "pipe"}, {"link": "s", "asset": "pipe"}],
        )
    )
    assert solution.objective == near(3298)
    assert column(solution, "Flows", "flow", "link").to_dict() == near({"c": 7.75, "s": 14})
    pipe = one_table("Capacity", solution).set_index("name").loc["pipe"]
    assert (pipe["value"], pipe["value_unit"], pipe["share_used"]) == (near(20), "USD/bbl", near(1))
    assert pipe["used"] == near(160_000 / 365.25)


@pytest.mark.parametrize(("at", "sent"), [("in", 9.0), ("out", 10.0)])
def test_an_exit_capacity_counts_what_arrives(at: str, sent: float) -> None:
    """A tenth is lost: a pipe of 9 bcm takes 9 at the inlet, or 10 where 9 of them arrive at the outlet."""
    solution = solve(
        case(
            Supply=[supply("s", "field", "gas", 20)],
            Demand=[demand("east", "east", "gas", 50, 100)],
            Links=[link("pipe", "field", "east", "gas", loss=0.1)],
            Assets=[{"asset": "exit", "capacity": 9, "volume_unit": "bcm", "measured_at": at}],
            Uses=[{"link": "pipe", "asset": "exit"}],
        )
    )
    assert solution["flow"][0, 0] == near(sent)


def test_what_is_available_of_an_asset() -> None:
    """(20·0.8 − 6) = 10, of which each tonne uses two units: 5 Mt; one more unit earns half of 100."""
    solution = solve(
        case(
            Supply=[supply("s", "field", "crude", 20)],
            Demand=[demand("east", "east", "crude", 50, 100)],
            Links=[link("pipe", "field", "east", "crude")],
            Assets=[{"asset": "pump", "capacity": 20, "availability": 0.8, "reserved": 6}],
            Uses=[{"link": "pipe", "asset": "pump", "use": 2}],
        )
    )
    assert solution["flow"][0, 0] == near(5)
    assert column(solution, "Capacity", "value", "name")["pump"] == near(50)


def test_backhaul_makes_room() -> None:
    """A unit the other way frees half a unit: forward − 0.5·back ≤ 4 with 2 back gives 5."""
    solution = solve(
        case(
            Supply=[supply("s", "field", "crude", 20), supply("b", "east", "sour", 2)],
            Demand=[demand("east", "east", "crude", 50, 100), demand("home", "field", "sour", 50, 1)],
            Links=[link("out", "field", "east", "crude"), link("back", "east", "field", "sour")],
            Assets=[{"asset": "pipe", "capacity": 4}],
            Uses=[{"link": "out", "asset": "pipe"}, {"link": "back", "asset": "pipe", "use": -0.5}],
        )
    )
    assert column(solution, "Flows", "flow", "link").to_dict() == near({"out": 5, "back": 2})


def ferry(**uses: Any) -> Any:
    return case(
        Supply=[supply("s", "port", "crude", 20)],
        Demand=[demand("east", "east", "crude", 50, 130)],
        Links=[link("ship", "port", "east", "crude", 30, mode="tanker", distance_km=888.96)],
        Fleets=[
            {
                "fleet": "boats",
                "vessels": 2,
                "deadweight_t": 10_000,
                "load_factor": 0.8,
                "speed_knots": 10,
                "port_days": 2,
                "operating_days": 360,
                "reserved": 0.1,
            }
        ],
        Uses=[{"link": "ship", "asset": "boats", **uses}],
    )


def test_the_days_of_a_fleet() -> None:
    """There and back 2·888.96 km at 10·24·1.852 km a day: 4 days, and 2 in port. 2·360·0.9 = 648 days: 108 trips.

    With 8000 t each: 0.864 Mt. A day carries 8000/6 t that earn 100 each: 133 333 USD.
    """
    solution = solve(ferry())
    assert solution["flow"][0, 0] == near(0.864)
    boats = one_table("Capacity", solution).set_index("name").loc["boats"]
    assert (boats["capacity"], boats["used"], boats["unit"]) == (near(648), near(648), "vessel-days")
    assert boats["value"] == near(8000 * 100 / 6)
    assert boats["value_per_t"] == near(100)


def test_a_shallow_port_loads_less() -> None:
    """With 5000 t a trip: 108 trips carry 0.54 Mt."""
    assert solve(ferry(load_factor=0.5))["flow"][0, 0] == near(0.54)


def elastic(capacity: float, cost: float) -> Solution:
    """The line through 10 Mt at 100 with elasticity −0.5: 300 − 20·q, up to 15 Mt, in steps of 0.5 Mt."""
    return solve(
        case(
            settings={"demand_steps": 30},
            Supply=[supply("s", "field", "crude", capacity, cost)],
            Demand=[demand("east", "east", "crude", 10, 100, elasticity=-0.5)],
            Links=[link("pipe", "field", "east", "crude")],
        )
    )


def test_elastic_demand_clears_where_the_line_meets_the_cost() -> None:
    """At a cost of 100 the line gives 10 Mt. Under it lie 10·(300 + 100)/2 = 2000: sales 1000, surplus 1000."""
    solution = elastic(20, 100)
    assert solution["delivery"][0, 0] == near(10)
    assert solution.objective == near(1000)
    summary = column(solution, "Summary", "value", "measure", "family", "period")
    assert summary["sales", "oil", "2026"] == near(1000)
    assert summary["buyers' surplus", "oil", "2026"] == near(1000)
    assert column(solution, "Deliveries", "price", "demand")["east"] == near(100)


def test_scarce_supply_lifts_the_price_of_elastic_demand() -> None:
    """At 6 Mt the line stands at 180; the last step is paid 185, the next would be paid 175."""
    solution = elastic(6, 0)
    assert solution.objective == near(6 * (300 + 180) / 2)
    assert 175 - 1e-6 <= column(solution, "Deliveries", "price", "demand")["east"] <= 185 + 1e-6


def test_elastic_demand_is_cut_at_the_choke_price() -> None:
    """Cut at 1.5·100: the first 15 of 30 steps (300 … 155) count 150 only. 5 Mt: 5·150 = 750."""
    solution = solve(
        case(
            settings={"demand_steps": 30, "choke_multiple": 1.5},
            Supply=[supply("s", "field", "crude", 5)],
            Demand=[demand("east", "east", "crude", 10, 100, elasticity=-0.5)],
            Links=[link("pipe", "field", "east", "crude")],
        )
    )
    assert solution.objective == near(750)


def test_a_better_grade_earns_its_differential_in_an_elastic_market() -> None:
    """Both grades fill one line; sour is worth 10 less. 4 + 4 Mt: area to 8 Mt = 8·(300 + 140)/2 = 1760, less 40."""
    sheets = tables(
        settings={"demand_steps": 30},
        Markers=[{"marker": "M", "unit": "USD/t", "value": 100}],
        Supply=[supply("c", "field", "crude", 4), supply("s", "field", "sour", 4)],
        Demand=[demand("east", "east", "crude, sour", 10, marker="M", elasticity=-0.5)],
        Links=[link("pipe", "field", "east", "crude, sour")],
    )
    sheets["Commodities"] = [
        {**row, "differential": -10 if row["commodity"] == "sour" else 0} for row in sheets["Commodities"]
    ]
    solution = solve(read(sheets))
    assert solution.objective == near(1720)
    price = column(solution, "Deliveries", "price", "commodity")
    assert price["crude"] - price["sour"] == near(10)


def test_unserved_demand_is_paid_for() -> None:
    """5 of 8 firm Mt are there: 5·100 − 3·500 = −1000; one more firm tonne costs 500."""
    solution = solve(
        case(
            settings={"unserved_price": 500},
            Supply=[supply("s", "field", "crude", 5)],
            Demand=[demand("east", "east", "crude", 10, 100, firm=8)],
            Links=[link("pipe", "field", "east", "crude")],
        )
    )
    assert solution.objective == near(-1000)
    row = one_table("Firm demand", solution).iloc[0]
    assert (row["firm"], row["delivered"], row["unserved"]) == near((8, 5, 3))
    assert row["cost_of_firm"] == near(500)


def test_unserved_demand_is_paid_by_the_tonne_also_where_it_is_written_in_barrels() -> None:
    """8 million barrels of crude a year are 1 Mt: half of it is missing, at 500 USD/t: 0.5·100 − 0.5·500 = −200."""
    solution = solve(
        case(
            settings={"unserved_price": 500},
            Supply=[supply("s", "field", "crude", 0.5)],
            Demand=[demand("e", "field", "crude", 9000 / 365.25, 100, firm=8000 / 365.25, volume_unit="kb/d")],
            Links=[link("unused", "field", "east", "crude")],
        )
    )
    assert solution.objective == near(-200)
    row = one_table("Firm demand", solution).iloc[0]
    assert (row["unserved"], row["cost_of_firm"], row["cost_unit"]) == (near(4000 / 365.25), near(500 / 8), "USD/bbl")
    assert column(solution, "Summary", "value", "measure", "family", "period")[
        "unserved demand", "oil", "2026"
    ] == near(-250)


def test_firm_demand_that_is_dearer_than_going_without_costs_no_more_than_that() -> None:
    """A tonne delivered costs 900 − 100, one unserved 500: none is delivered, one more firm tonne costs 500."""
    solution = solve(
        case(
            settings={"unserved_price": 500},
            Supply=[supply("s", "field", "crude", 20, 900)],
            Demand=[demand("east", "east", "crude", 10, 100, firm=8)],
            Links=[link("pipe", "field", "east", "crude")],
        )
    )
    assert solution.objective == near(-4000)
    assert column(solution, "Firm demand", "cost_of_firm", "demand")["east"] == near(500)
    # the solver may as well share it out: 800 on the row, of which 300 come back with the bound of what is unserved
    gains = {"row_gain": {"demand_firm": np.array([[-800.0]])}, "bound_gain": {"unserved": np.array([[300.0]])}}
    shared = replace(solution, **{part: {**getattr(solution, part), **gain} for part, gain in gains.items()})
    assert column(shared, "Firm demand", "cost_of_firm", "demand")["east"] == near(500)


def test_firm_demand_is_met_at_a_loss() -> None:
    """8 Mt cost 150 and earn 100: −400; one more firm tonne costs 50."""
    solution = solve(
        case(
            Supply=[supply("s", "field", "crude", 20, 150)],
            Demand=[demand("east", "east", "crude", 10, 100, firm=8)],
            Links=[link("pipe", "field", "east", "crude")],
        )
    )
    assert solution.objective == near(-400)
    assert column(solution, "Firm demand", "cost_of_firm", "demand")["east"] == near(50)


def ship_or_pay(**contract: Any) -> Solution:
    """Of 10 Mt at 100 each one can go by the dear way at 50 or the other at 25."""
    return solve(
        case(
            Supply=[supply("s", "field", "crude", 10)],
            Demand=[demand("east", "east", "crude", 20, 100)],
            Links=[link("dear", "field", "east", "crude", 50), link("other", "field", "east", "crude", 25)],
            Contracts=[{"contract": "c", "type": "ship-or-pay", "applies_to": "dear", "volume": 10, **contract}],
        )
    )


def test_a_dear_way_is_shipped_where_paying_for_nothing_costs_more() -> None:
    """A shortfall at 30 costs more than the 25 between the ways: 8 of 10 are shipped. 8·50 + 2·75 = 550.

    One more tonne due moves one from the other way: 25.
    """
    solution = ship_or_pay(share=0.8, shortfall_price=30)
    assert solution.objective == near(550)
    row = one_table("Contract balance", solution).iloc[0]
    assert (row["due"], row["lifted"], row["short"], row["paid"]) == near((8, 8, 0, 0))
    assert row["cost_of_due"] == near(25)


def test_a_shortfall_is_paid_where_that_is_cheaper() -> None:
    """A shortfall at 20 costs less: nothing is shipped, 8·20 are paid. 10·75 − 160 = 590."""
    solution = ship_or_pay(share=0.8, shortfall_price=20)
    assert solution.objective == near(590)
    row = one_table("Contract balance", solution).iloc[0]
    assert (row["lifted"], row["short"], row["paid"]) == near((0, 8, 160))
    assert row["cost_of_due"] == near(20)


def test_a_ceiling_ends_the_cheap_volume() -> None:
    """4 Mt go at 10, the other 6 at 25: 4·90 + 6·75 = 810; one more under the ceiling saves 15."""
    solution = solve(
        case(
            Supply=[supply("s", "field", "crude", 10)],
            Demand=[demand("east", "east", "crude", 20, 100)],
            Links=[link("cheap", "field", "east", "crude", 10), link("other", "field", "east", "crude", 25)],
            Contracts=[
                {
                    "contract": "c",
                    "type": "take-or-pay",
                    "applies_to": "cheap",
                    "volume": 2,
                    "ceiling": 4,
                    "shortfall_price": 1,
                }
            ],
        )
    )
    assert solution.objective == near(810)
    row = one_table("Contract balance", solution).iloc[0]
    assert (row["lifted"], row["ceiling"], row["value_of_ceiling"]) == near((4, 4, 15))


def test_a_contract_counts_its_own_part_of_the_year_and_its_own_unit() -> None:
    """Open in the second half only, 16 million barrels a year due: 8, of which 1 Mt of crude lifts 8 · 0.5 = 4.

    The missing 4 million barrels cost 3.5 USD a tonne of crude, which has 8 barrels: 4/8·3.5 = 1.75.
    """
    halves = [{"period": "a", "year": 2026, "years": 0.5}, {"period": "b", "year": 2026, "years": 0.5}]
    solution = solve(
        case(
            periods=halves,
            Supply=[supply("s", "field", "crude", 1)],
            Demand=[demand("east", "east", "crude", 20, 100)],
            Links=[link("pipe", "field", "east", "crude")],
            Contracts=[
                {
                    "contract": "c",
                    "type": "ship-or-pay",
                    "applies_to": "pipe",
                    "volume": 16_000 / 365.25,
                    "volume_unit": "kb/d",
                    "shortfall_price": 3.5,
                    "opens": "b",
                }
            ],
        )
    )
    row = one_table("Contract balance", solution).iloc[0]
    assert (row["due"], row["lifted"]) == near((8000 / 365.25, 4000 / 365.25))
    assert row["paid"] == near(1.75)
    assert solution.objective == near(100 - 1.75)


def limited(periods: list[dict[str, Any]] | None = None, **limit: Any) -> Solution:
    return solve(
        case(
            periods=periods,
            Supply=[supply("c", "field", "crude", 6), supply("s", "field", "sour", 10)],
            Demand=[demand("east", "east", "crude, sour", 50, 100)],
            Links=[link("pipe", "field", "east", "crude, sour")],
            Limits=[{"limit": "l", "measure": "flow", **limit}],
        )
    )


def test_a_limit_on_volume() -> None:
    """Of 16 Mt 7 may pass: 700; one more is worth 100."""
    solution = limited(what="link=pipe", at_most=7)
    assert solution.objective == near(700)
    row = one_table("Limit use", solution).iloc[0]
    assert (row["measured"], row["bound"], row["slack"], row["value"]) == near((7, 7, 0, 100))


def test_a_limit_on_a_share() -> None:
    """At most a quarter sour beside 6 Mt of crude: s = (6 + s)/4 = 2. 8·100 = 800.

    One more unit allowed lets s − (6 + s)/4 rise by one: s by 4/3, worth 133.33.
    """
    solution = limited(what="commodity=sour", of="commodity=*", at_most=0.25)
    assert solution.objective == near(800)
    row = one_table("Limit use", solution).iloc[0]
    assert (row["measured"], row["bound"], row["volume"], row["unit"]) == (near(0.25), near(0.25), near(2), "share")
    assert row["value"] == near(400 / 3)


def test_a_limit_from_below_forces_what_does_not_pay() -> None:
    """3 Mt must go where each loses 5: −15; loosening it by one tonne earns 5."""
    solution = solve(
        case(
            Supply=[supply("c", "field", "crude", 6)],
            Demand=[demand("east", "east", "crude", 50, 10)],
            Links=[link("pipe", "field", "east", "crude", 15)],
            Limits=[{"limit": "l", "measure": "delivery", "what": "demand=east", "at_least": 3}],
        )
    )
    assert solution.objective == near(-15)
    row = one_table("Limit use", solution).iloc[0]
    assert (row["side"], row["slack"], row["value"]) == ("at least", near(0), near(5))


def test_a_limit_by_year_joins_its_periods() -> None:
    """7 Mt a year hold over both halves together, though 8 could pass in each: 7 in 2026, 7 in 2027."""
    halves = [{"period": f"{year}{half}", "year": year, "years": 0.5} for year in (2026, 2027) for half in "ab"]
    solution = limited(halves, what="link=pipe", at_most=7, per="year")
    use = one_table("Limit use", solution).set_index("span")
    assert use["measured"].to_dict() == near({"2026": 7, "2027": 7})
    assert solution.objective == near(1400)


def test_a_limit_over_the_horizon_is_a_volume_over_all_of_it() -> None:
    """12 Mt over three years that could pass 48: 1200; its value is a present value."""
    solution = limited(years(2026, 3), what="link=pipe", at_most=12, per="horizon")
    assert solution.objective == near(1200)
    row = one_table("Limit use", solution).iloc[0]
    assert (row["span"], row["measured"], row["value"], row["basis"]) == (
        "horizon",
        near(12),
        near(100),
        "present value",
    )


def test_a_limit_by_year_counts_only_periods_that_have_a_value() -> None:
    """A share capped in the second half only: the first carries all 8 Mt, the second 1 of sour beside 3 of crude."""
    solution = solve(
        case(
            periods=[{"period": "a", "year": 2026, "years": 0.5}, {"period": "b", "year": 2026, "years": 0.5}],
            Supply=[supply("c", "field", "crude", 6), supply("s", "field", "sour", 10)],
            Demand=[demand("east", "east", "crude, sour", 50, 100)],
            Links=[link("pipe", "field", "east", "crude, sour")],
            Limits=[{"limit": "l", "measure": "flow", "what": "commodity=sour", "of": "commodity=*", "per": "year"}],
            Series=[{"sheet": "Limits", "key": "l", "column": "at_most", "b": 0.25}],
        )
    )
    assert solution["flow"].sum(axis=0).tolist() == near([8, 4])
    row = one_table("Limit use", solution).iloc[0]
    assert (row["measured"], row["bound"]) == near((0.25, 0.25))


def discounted(periods: list[dict[str, Any]]) -> float:
    solution = solve(
        case(
            periods=periods,
            settings={"discount_rate": 0.1, "base_year": 2026},
            Supply=[supply("s", "field", "crude", 10)],
            Demand=[demand("east", "east", "crude", 20, 100)],
            Links=[link("pipe", "field", "east", "crude")],
        )
    )
    return solution.objective


def test_a_year_is_discounted_by_its_mean() -> None:
    """1000 spread over the first year at 10 %: 1000·(1 − 1/1.1)/ln 1.1 = 953.8."""
    assert discounted(years(2026, 1)) == near(1000 * (1 - 1 / 1.1) / math.log(1.1))


def test_splitting_a_period_changes_nothing() -> None:
    halves = [{"period": f"{year}{half}", "year": year, "years": 0.5} for year in (2026, 2027) for half in "ab"]
    assert discounted(halves) == near(discounted(years(2026, 2)))
    assert discounted([{"period": "both", "year": 2026, "years": 2}]) == near(discounted(years(2026, 2)))


def test_a_link_carries_only_while_it_is_open() -> None:
    """Open in 2027 only: 10 Mt at 100 once. Opening it in 2026 would earn 100 a tonne."""
    solution = solve(
        case(
            periods=years(2026, 3),
            Supply=[supply("s", "field", "crude", 10)],
            Demand=[demand("east", "east", "crude", 20, 100)],
            Links=[link("pipe", "field", "east", "crude", capacity=15, opens="2027", closes="2027")],
        )
    )
    assert solution["flow"][0].tolist() == near([0, 10, 0])
    pipe = one_table("Capacity", solution).set_index("period")
    assert pipe["capacity"].to_dict() == near({"2026": 0, "2027": 15, "2028": 0})
    assert pipe["value"].to_dict() == near({"2026": 100, "2027": 0, "2028": 100})


def test_a_closed_link_of_several_grades_has_the_value_of_its_best() -> None:
    """Opening it would earn 100 with crude or 80 with sour: 100."""
    solution = solve(
        case(
            periods=years(2026, 2),
            Supply=[supply("c", "field", "crude", 10), supply("s", "field", "sour", 10)],
            Demand=[demand("c", "east", "crude", 20, 100), demand("s", "east", "sour", 20, 80)],
            Links=[link("pipe", "field", "east", "crude, sour", opens="2027", capacity=5)],
        )
    )
    assert solution.objective == near(500)
    assert column(solution, "Capacity", "value", "period").to_dict() == near({"2026": 100, "2027": 100})


def test_a_tariff_in_tenge_per_tonne_and_thousand_kilometres() -> None:
    """5000 KZT/t/1000km over 800 km at 500 KZT to the dollar: 8 USD/t, and half as much risk."""
    solution = solve(
        case(
            Currencies=[{"currency": "KZT", "per_usd": 500}],
            Supply=[supply("s", "field", "crude", 10)],
            Demand=[demand("east", "east", "crude", 20, 100)],
            Links=[
                link("rail", "field", "east", "crude", 5000, tariff_unit="KZT/t/1000km", distance_km=800, risk=2500)
            ],
        )
    )
    row = one_table("Flows", solution).iloc[0]
    assert (row["tariff"], row["risk"], row["tariff_paid"], row["risk_cost"]) == near((8, 4, 80, 40))
    assert solution.objective == near(10 * (100 - 12))


def test_a_gas_price_by_a_marker_in_euro_per_megawatt_hour() -> None:
    """36 GJ are 10 MWh. 0.9·30 − 2 = 25 EUR/MWh, at 0.8 EUR a dollar 31.25 USD/MWh: 312.5 USD/1000 m³."""
    solution = solve(
        case(
            Currencies=[{"currency": "EUR", "per_usd": 0.8}],
            Markers=[{"marker": "hub", "unit": "EUR/MWh", "value": 30}],
            Supply=[supply("s", "field", "gas", 1)],
            Demand=[demand("east", "east", "gas", 20, marker="hub", slope=0.9, differential=-2)],
            Links=[link("pipe", "field", "east", "gas")],
        )
    )
    assert solution.objective == near(312.5)
    assert column(solution, "Deliveries", "price", "demand")["east"] == near(312.5)


def test_a_gas_price_indexed_to_oil() -> None:
    """0.12·80 + 0.4 = 10 USD/MMBtu, of which 36 GJ hold 36/1.055056."""
    solution = solve(
        case(
            Markers=[{"marker": "oil", "unit": "USD/bbl", "value": 80}],
            Supply=[supply("s", "field", "gas", 1)],
            Demand=[
                demand("east", "east", "gas", 20, marker="oil", slope=0.12, differential=0.4, price_unit="USD/MMBtu")
            ],
            Links=[link("pipe", "field", "east", "gas")],
        )
    )
    assert solution.objective == near(360 / 1.055056)
    assert column(solution, "Deliveries", "trade_price", "demand")["east"] == near(10)


def test_a_grade_is_sold_as_what_it_has_become() -> None:
    """Crude arrives as sour, which has 7 barrels a tonne: 2 Mt at 70 USD/bbl earn 2·490; the origin stays."""
    solution = solve(
        case(
            Supply=[supply("s", "field", "crude", 2)],
            Demand=[demand("east", "east", "crude, sour", 20, 70, price_unit="USD/bbl")],
            Links=[link("pipe", "field", "east", "crude", becomes="sour")],
        )
    )
    assert solution.objective == near(980)
    sold = one_table("Deliveries", solution)
    assert sold[["commodity", "delivery"]].to_numpy().tolist() == [["sour", near(2)]]
    assert one_table("Flows", solution)["arrives_as"].tolist() == ["sour"]


def test_grade_differentials_belong_to_prices_by_marker_only() -> None:
    """Sour fetches 3 USD/bbl less by the marker (80 − 3)·7 = 539, and a fixed 60 as it stands: 60·7 = 420."""
    sheets = tables(
        Markers=[{"marker": "oil", "unit": "USD/bbl", "value": 80}],
        Supply=[supply("s", "field", "sour", 2)],
        Demand=[
            demand("east", "field", "sour", 1, marker="oil"),
            demand("west", "field", "sour", 1, 60, price_unit="USD/bbl"),
        ],
        Links=[link("unused", "field", "east", "crude")],
    )
    sheets["Commodities"] = [
        {**row, "differential": -3, "differential_unit": "USD/bbl"} if row["commodity"] == "sour" else row
        for row in sheets["Commodities"]
    ]
    assert column(solve(read(sheets)), "Deliveries", "price", "demand").to_dict() == near({"east": 539, "west": 420})


def test_reserves_wait_for_the_best_years() -> None:
    """12 Mt in the ground, 10 a year, prices 100, 110, 120: 10·120 + 2·110 = 1420; one more earns 110."""
    solution = solve(
        case(
            periods=years(2026, 3),
            Supply=[supply("s", "field", "crude", 10, reserves=12)],
            Demand=[demand("east", "east", "crude", 20, 100)],
            Links=[link("pipe", "field", "east", "crude")],
            Series=[
                {"sheet": "Demand", "key": "east", "column": "price", "2026": 100, "2027": 110, "2028": 120},
            ],
        )
    )
    assert solution.objective == near(1420)
    assert column(solution, "Production", "reserve_value", "period").tolist() == near([110] * 3)


def test_firm_demand_at_least_cost() -> None:
    """6 Mt from 4 at 20 and the rest at 50, each with 5 of tariff: 80 + 100 + 30 = 210; one more costs 55."""
    solution = solve(
        case(
            settings={"objective": "cost"},
            Supply=[supply("a", "field", "crude", 4, 20), supply("b", "field", "crude", 9, 50)],
            Demand=[demand("east", "east", "crude", 6, firm=6)],
            Links=[link("pipe", "field", "east", "crude", 5)],
        )
    )
    assert solution.objective == near(210)
    assert column(solution, "Prices", "value", "node").to_dict() == near({"field": 50, "east": 55})
    assert column(solution, "Firm demand", "cost_of_firm", "demand")["east"] == near(55)
    assert column(solution, "Production", "rent", "supply")["a"] == near(30)
    assert one_table("Deliveries", solution)["price"].isna().all()


def test_of_two_equal_ways_the_shorter_is_taken() -> None:
    solution = solve(
        case(
            Supply=[supply("s", "field", "crude", 10)],
            Demand=[demand("east", "east", "crude", 20, 100)],
            Links=[
                link("long", "field", "east", "crude", 10, distance_km=900),
                link("short", "field", "east", "crude", 10, distance_km=100),
            ],
        )
    )
    assert column(solution, "Flows", "flow", "link").to_dict() == near({"long": 0, "short": 10})


def test_nothing_goes_in_circles_for_nothing() -> None:
    """Two free links make a circle; the tie-break leaves it empty."""
    solution = solve(
        case(
            Supply=[supply("s", "field", "crude", 10)],
            Demand=[demand("east", "east", "crude", 20, 100)],
            Links=[
                link("to", "field", "hub", "crude"),
                link("fro", "hub", "field", "crude"),
                link("on", "hub", "east", "crude"),
            ],
        )
    )
    assert column(solution, "Flows", "flow", "link").to_dict() == near({"to": 10, "fro": 0, "on": 10})


def test_a_minimum_is_kept_at_a_loss_and_lapses_in_an_outage() -> None:
    """4 of at least 4 Mt go at a loss of 5; in the outage of 2027 only 1 can. −20 − 5 = −25.

    One more tonne that must go costs 5; one more of capacity in the outage would only let the minimum return.
    """
    solution = solve(
        case(
            periods=years(2026, 2),
            Supply=[supply("s", "field", "crude", 10)],
            Demand=[demand("east", "east", "crude", 20, 10)],
            Links=[link("pipe", "field", "east", "crude", 15, capacity=9, minimum=4)],
            Series=[{"sheet": "Links", "key": "pipe", "column": "capacity", "2027": 1}],
        )
    )
    assert solution.objective == near(-25)
    pipe = one_table("Capacity", solution).set_index("period")
    assert pipe["minimum"].to_dict() == near({"2026": 4, "2027": 1})
    assert pipe["cost_of_minimum"].to_dict() == near({"2026": 5, "2027": 5})
    assert pipe["value"].to_dict() == near({"2026": 0, "2027": 0})
    assert "'pipe' lapses" in one_table("Run", solution).set_index("item")["value"]["notice 1"]


def test_a_minimum_of_several_grades_takes_the_least_bad() -> None:
    """3 Mt must pass, crude at a loss of 20, sour of 5: −15; an asset's minimum of 4 adds a fourth: −20."""
    sheets = tables(
        Supply=[supply("c", "field", "crude", 9), supply("s", "field", "sour", 9)],
        Demand=[demand("c", "east", "crude", 9, 10), demand("s", "east", "sour", 9, 25)],
        Links=[link("pipe", "field", "east", "crude, sour", 30, minimum=3)],
    )
    solution = solve(read(sheets))
    assert solution.objective == near(-15)
    assert column(solution, "Capacity", "cost_of_minimum", "name")["pipe"] == near(5)
    solution = solve(
        read(
            {
                **sheets,
                "Assets": [{"asset": "berth", "capacity": 9, "minimum": 4}],
                "Uses": [{"link": "pipe", "asset": "berth"}],
            }
        )
    )
    assert solution.objective == near(-20)
    assert column(solution, "Capacity", "cost_of_minimum", "name").to_dict() == near({"pipe": 0, "berth": 5})


def test_a_demand_of_several_grades_takes_them_in_its_own_unit() -> None:
    """56 million barrels a year: 4 Mt of crude (32) at 90 USD/t = 11.25/bbl before sour at 70 USD/t = 10/bbl.

    The other 24 million barrels are 24/7 Mt of sour: 4·90 + 24/7·70 = 600; one more barrel of demand earns 10.
    """
    solution = solve(
        case(
            Supply=[supply("c", "field", "crude", 4), supply("s", "field", "sour", 9)],
            Demand=[demand("east", "east", "crude, sour", 56_000 / 365.25, 100, volume_unit="kb/d")],
            Links=[link("c", "field", "east", "crude", 10), link("s", "field", "east", "sour", 30)],
        )
    )
    assert solution.objective == near(600)
    assert column(solution, "Flows", "flow", "link").to_dict() == near({"c": 4, "s": 24 / 7})
