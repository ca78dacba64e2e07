"""What tables say of stores, make-up, projects and funds; every number is worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.engine import relaxed
from model.results.declare import Extras
from model.results.registry import one_table
from model.solution import Solution
from tests.cases import Tables, case, demand, link, read, solve, supply, tables, years


def near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-7)


def table(solution: Solution, name: str, *index: str, extras: Extras | None = None) -> pd.DataFrame:
    return one_table(name, solution, extras or Extras()).set_index(list(index))


def total(solution: Solution, measure: str, column: str = "value") -> float:
    rows = one_table("Summary", solution)
    mine = (rows["measure"] == measure) & (rows["family"] == "all") & (rows["period"] == "total")
    return float(rows.loc[mine, column].item())


# ---- stores


def summer_and_winter(**more: Any) -> Solution:
    """Two half-years; 4 Mt a year produced for nothing, sold at 100 in summer and at 160 in winter."""
    halves = [{"period": name, "year": 2026, "years": 0.5} for name in ("summer", "winter")]
    store = {"storage": "tanks", "node": "field", "commodity": "crude", "capacity": 1, "inject": 8, "withdraw": 8}
    return solve(
        case(
            periods=halves,
            Supply=[supply("s", "field", "crude", 4)],
            Demand=[demand("east", "east", "crude", 20, 100)],
            Links=[link("pipe", "field", "east", "crude", 10)],
            Series=[{"sheet": "Demand", "key": "east", "column": "price", "summer": 100, "winter": 160}],
            Storage=[{**store, **more}],
        )
    )


def test_a_store_carries_from_summer_to_winter() -> None:
    """2 Mt each half. 1 Mt is kept, of which a year's loss of 19 % leaves 0.9 in half a year; 2 a year to hold it.

    Sales 1·100 + 2.9·160 = 564, tariffs 3.9·10 = 39, holding 1·2·0.5 = 1: 524. In summer a tonne is worth 90 at the
    field; kept it brings 0.9·150 − 1 = 134, so room for one more is worth 44. In store it is worth 134 + 1 before
    holding is paid, less what room costs: 90, what it takes to put it there.
    """
    solution = summer_and_winter(loss=0.19, cost=2)
    assert solution.objective == near(524)
    rows = table(solution, "Stores", "period")
    assert rows["before"].to_dict() == near({"summer": 0, "winter": 1})
    assert rows["injected"].to_dict() == near({"summer": 1, "winter": 0})
    assert rows["lost"].to_dict() == near({"summer": 0, "winter": 0.1})
    assert rows["withdrawn"].to_dict() == near({"summer": 0, "winter": 0.9})
    assert rows["stock"].to_dict() == near({"summer": 1, "winter": 0})
    assert rows["share_full"].to_dict() == near({"summer": 1, "winter": 0})
    assert rows["cost"].to_dict() == near({"summer": 1, "winter": 0})
    assert rows["value_of_room"].to_dict() == near({"summer": 44, "winter": 0})
    assert rows["value_of_stock"].to_dict() == near({"summer": 90, "winter": 150})
    assert rows["stock_in_trade"]["summer"] == near(8000 / 365.25)
    assert (rows["unit"] == "Mt").all()
    assert (total(solution, "storage cost"), total(solution, "net value")) == near((-1, 524))
    assert (total_of(solution, "change of stocks", "summer"), total_of(solution, "losses and fuel", "winter")) == near(
        (1, 0.1)
    )


def total_of(solution: Solution, measure: str, period: str) -> float:
    rows = one_table("Summary", solution)
    mine = (rows["measure"] == measure) & (rows["period"] == period) & (rows["unit"] == "Mt")
    return float(rows.loc[mine & (rows["origin"] == "all"), "value"].item())


def test_slow_pumps_are_what_is_scarce() -> None:
    """Only 0.5 Mt a year go in: 0.25 in half a year. One more brings 150 − 90 = 60; there is room."""
    rows = table(summer_and_winter(inject=0.5), "Stores", "period")
    assert rows["injected"]["summer"] == near(0.25)
    assert (rows["value_of_filling"]["summer"], rows["value_of_room"]["summer"]) == near((60, 0))


# ---- make-up


def uneven(make_up_years: int, settings: dict[str, Any] | None = None, periods: Any = None) -> Solution:
    """6 of 10 Mt due; in 2026 only 2 Mt can be produced, 9 after that; price 100, shortfall 20."""
    return solve(
        case(
            settings=settings,
            periods=periods or years(2026, 3),
            Supply=[supply("s", "field", "crude", 9)],
            Demand=[demand("east", "east", "crude", 20, 100)],
            Links=[link("pipe", "field", "east", "crude", 10)],
            Contracts=[
                {
                    "contract": "deal",
                    "type": "ship-or-pay",
                    "applies_to": "pipe",
                    "volume": 10,
                    "share": 0.6,
                    "shortfall_price": 20,
                    "make_up_years": make_up_years,
                }
            ],
            Series=[{"sheet": "Supply", "key": "s", "column": "capacity", str(first(periods)): 2}],
        )
    )


def first(periods: Any) -> str:
    return periods[0]["period"] if periods else "2026"


def test_a_shortfall_is_made_up_within_its_time() -> None:
    """4 Mt short in 2026 cost 80. 2027 lifts 9, of which 3 beyond its own 6, and 2028 the last one if it may.

    Two years: 60 come back in 2027 and 20 in 2028. One year: only 60, and the right to the fourth tonne is lost.
    """
    two, one, none = (uneven(n) for n in (2, 1, 0))
    assert [solution.objective for solution in (two, one, none)] == near([1800, 1780, 1720])
    balance = table(two, "Contract balance", "year")
    assert balance["short"].tolist() == near([4, 0, 0])
    assert balance["paid"].tolist() == near([80, 0, 0])
    assert balance["recovered"].tolist() == near([4, 0, 0])
    assert balance["made_up"].sum() == near(4)
    assert balance["refunded"].tolist() == near((balance["made_up"] * 20).tolist())
    vintages = table(one, "Made up", "short_year", "make_up_year")
    assert vintages["volume"].to_dict() == near({(2026, 2027): 3, (2027, 2028): 0})
    assert vintages["refunded"].to_dict() == near({(2026, 2027): 60, (2027, 2028): 0})
    assert not len(one_table("Made up", none))
    assert (total(two, "shortfall payments"), total(two, "refunds of what was made up")) == near((-80, 80))
    # with a year left to make up, the right to the next tonne is worth its 20; where capacity runs out, nothing
    assert table(two, "Contract balance", "year")["value_of_make_up"][2026] == near(20)
    assert table(one, "Contract balance", "year")["value_of_make_up"][2026] == near(0)
    assert table(one, "Contract balance", "year")["break_even_price"][2026] == near(20)


def test_a_refund_comes_a_year_later_at_its_own_date() -> None:
    """At 25 % a year and base 2026: paid and refunded at the mean date of each year; 60 back one year later."""
    solution = uneven(1, {"discount_rate": 0.25, "base_year": 2026})
    mean = (1 - 1 / 1.25) / np.log(1.25)
    rows = one_table("Summary", solution)
    mine = rows[(rows["family"] == "all") & (rows["period"] == "total")].set_index("measure")
    assert mine["present_value"]["shortfall payments"] == near(-80 * mean)
    assert mine["present_value"]["refunds of what was made up"] == near(60 * mean / 1.25)


def test_contract_years_run_over_months() -> None:
    """Twelve months of 2026 and of 2027: the year is judged, not the month. 2 a year makes 4 short in all of 2026."""
    months = [
        {"period": f"{year}-{month:02d}", "year": year, "years": 1 / 12}
        for year in (2026, 2027)
        for month in range(1, 13)
    ]
    made = tables(
        periods=months,
        Supply=[supply("s", "field", "crude", 9)],
        Demand=[demand("east", "east", "crude", 20, 100)],
        Links=[link("pipe", "field", "east", "crude", 10)],
        Contracts=[
            {
                "contract": "deal", "type": "ship-or-pay", "applies_to": "pipe", "volume": 6, "shortfall_price": 20,
                "make_up_years": 1,
            }
        ],
        Series=[{"sheet": "Supply", "key": "s", "column": "capacity", **{m["period"]: 2 for m in months[:12]}}],
    )  # fmt: skip
    balance = table(solve(read(made)), "Contract balance", "year")
    assert balance["lifted"].tolist() == near([2, 9])
    assert balance["short"].tolist() == near([4, 0])
    assert balance["made_up"].tolist() == near([0, 3])


# ---- projects and funds


def widened(**given: Any) -> Tables:
    """A pipe of 4 for 10 Mt that earn 90 each, two years without discounting; 3 more Mt for 100 million."""
    project = {
        "project": "loop", "adds_to": "pipe", "size": 3, "max_units": 1, "whole_units": "no", "capex": 100,
        "life_years": 10, "funds": "bank 75, owners 25",
    }  # fmt: skip
    return tables(
        periods=years(2026, 2),
        Supply=[supply("s", "field", "crude", 10)],
        Demand=[demand("east", "east", "crude", 20, 100)],
        Links=[link("pipe", "field", "east", "crude", 10, capacity=4)],
        Projects=[{**project, **given}],
        Funds=[{"fund": "bank", "budget": 60, "owner": "Home"}, {"fund": "owners", "budget": "unlimited"}],
    )


def test_a_fund_that_is_spent_values_more_money() -> None:
    """60 of the bank's money pay for 60/75 = 0.8 units: 2.4 Mt more in both years, 4.8·90 = 432.

    Capex 80, of which 8 of 10 years are left at the end: 64. A whole unit earns 6·90 = 540 and nets 540 − 100 + 80 =
    520 million; it takes 75 of the bank, so that one more million there is worth 520/75.
    """
    solution = solve(read(widened()))
    assert solution.objective == near(8 * 90 + 432 - 80 + 64)
    plan = table(solution, "Plan", "period")
    assert plan["units"].tolist() == near([0.8, 0])
    assert plan["capacity_at_work"].tolist() == near([2.4, 2.4])
    assert plan["at_work_from"].tolist() == near([2026, 2027])
    assert (plan["capex"]["2026"], plan["unexpired_value"]["2026"]) == near((80, 64))
    assert plan["earns_per_unit"].tolist() == near([540, 270])
    assert plan["net_per_unit"].tolist() == near([520, 260])
    assert plan["unit"].tolist() == ["Mt/year"] * 2
    assert plan["note"].tolist() == ["", ""]
    money = table(solution, "Funds", "fund", "span")
    assert money.loc[("bank", "horizon"), ["budget", "spent", "left", "value"]].tolist() == near([60, 60, 0, 520 / 75])
    assert money.loc[("owners", "horizon"), "spent"] == near(20)
    assert np.isnan(money.loc[("owners", "horizon"), "budget"])
    assert money.loc[("bank", "2026"), "pays_for"] == "loop 60"
    assert money.loc[("bank", "horizon"), "basis"] == "dual"
    assert total(solution, "capex") == near(-80)
    assert total(solution, "unexpired value") == near(64)
    pipe = table(solution, "Capacity", "name", "period")
    assert pipe.loc[("pipe", "2027"), ["capacity", "share_used", "value"]].tolist() == near([6.4, 1, 90])


def test_a_whole_unit_that_the_fund_cannot_pay_is_not_built() -> None:
    """75 are needed, 60 are there: nothing is built. A part could be: the relaxation's dual is 520/75, and says so."""
    solution = solve(read(widened(whole_units="yes")))
    assert (solution.objective, solution.bound) == near((720, 720))
    money = table(solution, "Funds", "fund", "span", extras=Extras(relaxed=relaxed(solution)))
    assert money.loc[("bank", "horizon"), "value"] == near(520 / 75)
    assert money.loc[("bank", "horizon"), "basis"].startswith("dual of the relaxation")
    assert np.isnan(table(solution, "Funds", "fund", "span").loc[("bank", "horizon"), "value"])
    plan = table(solution, "Plan", "period")
    assert plan["units"].tolist() == near([0, 0])
    assert plan["net_per_unit"]["2026"] == near(520)
    assert "plan of whole units fixed" in plan["note"]["2026"]


def test_capex_is_paid_at_the_start_and_what_is_left_counts_at_the_end() -> None:
    """At 25 % with base 2026: built 2026 for 60, paid in full; works from mid-2026 for 2 years, 1.5 used at the end.

    Left: (1 − 1.25^−0.5)/(1 − 1.25^−2) of 60, at the end of 2027: 1.25^−2. Half of 2026 and all of 2027 work.
    """
    given = {"lead_years": 0.5, "life_years": 2, "funds": None, "capex": 60}
    made = widened(**given)
    made["Settings"] += [{"setting": "discount_rate", "value": 0.25}, {"setting": "base_year", "value": 2026}]
    solution = solve(read(made))
    plan = table(solution, "Plan", "period")
    assert plan["units"].tolist() == near([1, 0])
    assert plan["capacity_at_work"].tolist() == near([1.5, 3])
    assert plan["capex_present_value"]["2026"] == near(60)
    left = 60 * (1 - 1.25**-0.5) / (1 - 1.25**-2) * 1.25**-2
    assert plan["unexpired_value"]["2026"] == near(left)
    mean = (1 - 1 / 1.25) / np.log(1.25)
    assert plan["earns_per_unit"]["2026"] == near(90 * mean * (1.5 + 3 / 1.25))
    assert total(solution, "unexpired value", "present_value") == near(left)
    assert total(solution, "unexpired value") == near(left * 1.25**2)


def test_a_supply_that_grows_shows_its_rent() -> None:
    """Wells of 10 for a pipe of 20: 5 more Mt for 400, each worth 90 in both years. The rent stays 90."""
    made = widened(adds_to="s", size=5, funds=None, capex=400)
    made["Links"][0]["capacity"] = 20
    rows = table(solve(read(made)), "Production", "period")
    assert rows["capacity"].tolist() == near([15, 15])
    assert rows["rent"].tolist() == near([90, 90])


def test_a_case_in_which_nothing_may_be_built_stays_linear() -> None:
    """A limit of no units, no units on offer, or none in time: no search, duals as ever."""
    made = widened(whole_units="yes", funds=None)
    none = {"limit": "nothing", "measure": "built", "what": "project=*", "at_most": 0}
    for closed in (
        {**made, "Limits": [none]},
        {**made, "Limits": [{**none, "per": "horizon"}]},
        widened(whole_units="yes", max_units=0),
    ):
        solution = solve(read(closed))
        assert solution.gap is None
        assert not len(solution.layout.whole)
        assert solution.objective == near(720)
        assert table(solution, "Capacity", "name", "period").loc[("pipe", "2026"), "value"] == near(90)
    for limit in ({**none, "at_most": 1}, {**none, "opens": "2027"}, {**none, "what": "project=other"}):
        open_ = {**made, "Limits": [limit]}
        if limit["what"] != "project=*":
            open_["Projects"] = [*made["Projects"], {**made["Projects"][0], "project": "other", "max_units": 0}]
        solution = solve(read(open_))
        assert len(solution.layout.whole)
        assert solution["build"][0].tolist() == near([1, 0])
