"""Strong duality: the value is the sum of all rents; and what an idle leg lacks for its first unit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from model.api import read_case
from model.engine import Engine
from model.results.registry import one_table
from model.scenario import with_changes
from model.solution import Solution
from tests.cases import case, demand, link, read, rich_tables, solve, supply, two_markets

BASE = Path(__file__).parents[1] / "inputs" / "caspian.xlsx"


def near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-7)


def totals(solution: Solution) -> dict[str, float]:
    table = one_table("value_balance", solution)
    return dict(table[table["name"] == "total"].set_index("side")["present_value"])


def dry_chain(tariff: float = 20.0, loss: float = 0.0) -> Solution:
    """The pipe sells at 400 − 30 = 370; the way by the port, 8 + 20 at 390, leaves 362: nobody takes it."""
    return solve(
        case(
            Supply=[supply("wells", "field", "crude", 10, 50)],
            Demand=[demand("east", "east", "crude", 20, 400), demand("west", "west", "crude", 20, 390)],
            Links=[
                link("pipe", "field", "east", "crude", 30),
                link("rail", "field", "port", "crude", 8, loss=loss),
                link("ship", "port", "west", "crude", tariff),
            ],
        )
    )


def test_value_balance_of_two_markets_by_hand() -> None:
    """Sales 6·400 + 3.6·300 = 3480, less 500 to produce and 180 + 180 to carry: 2620.

    Rents: the full market near 6·145 = 870, the field 10·175 = 1750; together 2620.
    """
    table = one_table("value_balance", solve(read(two_markets()))).set_index(["side", "name"])["present_value"]
    assert table["value"].to_dict() == near(
        {"sales": 3480, "supply cost": -500, "tariffs": -360, "risk": 0, "total": 2620}
    )
    assert table["rents"].to_dict() == near({"near": 870, "field": 1750, "total": 2620})


def test_a_minimum_that_costs_is_a_negative_rent() -> None:
    """1 Mt forced onto a ship that earns 225 less than the near market's 370: minus 145, and 10·(370 − 50) in all."""
    sheets = two_markets()
    sheets["Demand"][0]["volume"] = 20
    sheets["Links"][1]["minimum"] = 1
    table = one_table("value_balance", solve(read(sheets))).set_index(["kind", "name"])["present_value"]
    assert table["minimum", "ship"] == near(-145)
    assert table["supply", "field"] == near(3200)


@pytest.mark.parametrize("objective", ["export value", "cost"])
def test_rents_of_the_rich_case_add_up(objective: str) -> None:
    sheets = rich_tables()
    sheets["Settings"].append({"setting": "objective", "value": objective})
    solution = solve(read(sheets))
    found = totals(solution)
    sign = -1 if objective == "cost" else 1
    assert found["value"] == near(sign * solution.objective)
    assert found["rents"] == near(found["value"])


def test_rents_of_the_base_workbook_add_up_and_a_seeded_fault_shows() -> None:
    base = read_case(BASE)
    solution = Engine([base]).solve(base)
    found = totals(solution)
    assert found["value"] == near(solution.objective)
    assert found["rents"] == pytest.approx(found["value"], rel=1e-6)
    discount = solution.parameters.discount
    for name in ("asset_capacity", "demand_firm", "demand_volume"):
        for wrong in (-solution.row_gain[name], solution.row_gain[name] / discount):
            faulty = replace(solution, row_gain={**solution.row_gain, name: wrong})
            off = totals(faulty)
            assert off["rents"] != pytest.approx(off["value"], rel=1e-6), name


def test_the_gap_of_a_chain_stands_on_each_of_its_legs() -> None:
    """370 − 362 = 8 is missing on rail and ship alike: ship starts at 12, rail at 0; confirmed by solving again."""
    table = one_table("idle_routes", dry_chain()).set_index("link")
    assert table["gap"].to_dict() == near({"rail": 8, "ship": 8})
    assert table["start_tariff"].to_dict() == near({"rail": 0, "ship": 12})
    assert table.loc["rail", ["value_at_start", "value_at_end"]].tolist() == near([370, 370])
    assert table.loc["ship", ["value_at_start", "value_at_end"]].tolist() == near([378, 390])
    assert dry_chain(12.1)["flow"][2].sum() == near(0)
    assert dry_chain(11.9)["flow"][2].sum() == near(10)


def test_what_is_lost_on_a_dry_leg_makes_dear_what_it_brings() -> None:
    """A fifth is lost on the rail: a tonne at the port costs (370 + 8)/0.8 = 472.5, and the 371 there are 296.8 before.

    The rail lacks 370 + 8 − 296.8 = 81.2, the ship 472.5 + 19 − 390 = 101.5: 81.2 for each 0.8 that would get there.
    """
    table = one_table("idle_routes", dry_chain(19.0, loss=0.2)).set_index("link")
    rail = table.loc["rail", ["value_at_start", "value_at_end", "lost", "gap"]]
    assert rail.tolist() == near([370, 296.8, 74.2, 81.2])
    assert table.loc["ship", ["value_at_start", "gap"]].tolist() == near([472.5, 101.5])


def test_the_gap_is_the_reduced_cost_where_both_ends_are_in_use() -> None:
    """Undiscounted, with what rows claim of it: the dual of the idle flow's own bound."""
    solution = solve(read(rich_tables()))
    prices = one_table("prices", solution).set_index(["node", "commodity", "period"])["throughput"]
    arrives = one_table("flows", solution).set_index(["link", "commodity", "period"])["arrives_as"]
    cost = -solution.undiscounted(solution.bound_gain["flow"])
    labels, seen = list(solution.case.periods), 0.0
    for row in one_table("idle_routes", solution).to_dict("records"):
        ends = (row["from"], row["commodity"]), (row["to"], arrives[row["link"], row["commodity"], row["period"]])
        if all(prices[(*end, row["period"])] > 1e-6 for end in ends):
            item = solution.items["flow"].index((row["link"], row["commodity"]))
            assert row["gap"] == near(cost[item, labels.index(row["period"])]), row
            seen += abs(row["rents"])
    assert seen > 0


def test_a_closed_leg_says_so_and_what_opening_it_would_earn() -> None:
    """A free way at capacity zero to the market at 400: 400 − 225 earned elsewhere = 175 a unit."""
    sheets = two_markets()
    sheets["Demand"][0]["volume"] = 20
    sheets["Links"][0]["capacity"] = 0
    table = one_table("idle_routes", solve(read(sheets))).set_index("link")
    assert table.loc["pipe", "gap"] == near(225 - 370)
    assert table.loc["pipe", "note"].startswith("closed")


def test_gaps_of_the_base_workbook_are_confirmed_by_solving_again() -> None:
    """Just above its start tariff a leg stays idle; below it most carry something (at a kink it must fall further)."""
    base = read_case(BASE)
    engine, links = Engine([base]), base["Links"]
    table = one_table("idle_routes", engine.solve(base))
    rows = table[(table["gap"] > 1) & (table["note"] == "") & (table["period"] == "2026")]
    alone = [
        row
        for row in rows.itertuples()
        if links.words["tariff_unit"][links.position[row.link]] is None
        and len(links.words["commodity"][links.position[row.link]]) == 1
    ]
    started = 0
    for row in alone[:12]:
        carried = []
        for shift in (0.01, -0.5):
            changed = with_changes(base, {f"Links:{row.link}:tariff@{row.period}": row.start_tariff + shift})
            solution = engine.solve(changed, cold=False)
            item = solution.items["flow"].index((row.link, row.commodity))
            carried.append(float(solution["flow"][item, base.period(row.period)]))
        assert carried[0] < 1e-7, row.link
        started += carried[1] > 1e-7
    assert len(alone) >= 4
    assert started > min(len(alone), 12) / 2
