"""Columns of result tables against the cells and against one another, on a case with halves of years and discounting.

A wrong unit, length of period, discount or sign in one column of one table shows here, whatever the optimum is.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
import pytest

from model.results.declare import Extras
from model.results.registry import one_table
from model.solution import Solution
from tests.cases import Tables, built_tables, demand, link, read, solve, supply, tables, years

YEARS: Final = {"2026H1": 0.5, "2026H2": 0.5, "2027": 1.0, "2028": 2.0}
BARRELS: Final = {"light": 7.93, "sour": 7.11, "blend": 7.57}
RATE: Final = 1000 / 365.25  # kb/d in a million barrels a year, mcm/d in a bcm a year
# million USD of a period in a value in its unit times a mean rate or volume in the unit beside it
MILLIONS: Final = {"kb/d": 365.25e-3, "mcm/d": 365.25e-3, "vessel-days": 1e-6}
RATES: Final = ("kb/d", "mcm/d")


def near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-8, abs=1e-8)


@pytest.fixture(scope="module")
def sheets() -> Tables:
    return built_tables()


@pytest.fixture(scope="module")
def solution(sheets: Tables) -> Solution:
    return solve(read(sheets))


@pytest.fixture(scope="module")
def discount() -> dict[str, float]:
    """Of 7 % a year and base 2025: the mean over each period, from the two ends of the integral."""
    start = {"2026H1": 1.0, "2026H2": 1.5, "2027": 2.0, "2028": 3.0}
    ends = {label: (1.07**-begin, 1.07 ** -(begin + YEARS[label])) for label, begin in start.items()}
    return {label: (first - last) / np.log(1.07) / YEARS[label] for label, (first, last) in ends.items()}


def rows(solution: Solution, name: str) -> pd.DataFrame:
    return one_table(name, solution, Extras())


def cell(sheets: Tables, sheet: str, key: str, column: str, period: str) -> float:
    """A number as it is written: of Series where it stands there, else of its row; blank is NaN."""
    for row in sheets["Series"]:
        if (row["sheet"], row["key"], row["column"]) == (sheet, key, column) and row.get(period) is not None:
            return float(row[period])
    row = next(row for row in sheets[sheet] if next(iter(row.values())) == key)
    return float(row.get(column) if row.get(column) is not None else np.nan)


def length(row: Any) -> float:
    """By what a volume a year is multiplied to be the row's: a mean rate is the same in any period."""
    return 1.0 if row.unit in RATES else YEARS[row.period]


def test_what_arrives_is_what_is_neither_lost_nor_kept(solution: Solution, sheets: Tables) -> None:
    kept = {row["link"]: 1 - row.get("loss", 0) - row.get("fee_in_kind", 0) for row in sheets["Links"]}
    found = rows(solution, "Flows")
    assert found["arrival"].tolist() == near((found["flow"] * found["link"].map(kept)).tolist())
    moved = set(found.loc[found["flow"] > 0, "link"])
    assert {"trunk", "gas_west", "gas_detour"} <= moved, "with a loss, with both, and with a fee that leaves"


def test_what_a_unit_earns_at_the_field_is_its_value_less_its_cost(
    solution: Solution, sheets: Tables, discount: dict[str, float]
) -> None:
    """Where something is produced: value there = cost + rent − cost of the minimum + value of what is in the ground."""
    value = rows(solution, "Prices").set_index(["node", "commodity", "period"])["value"]
    seen = set()
    for row in rows(solution, "Production").itertuples():
        if row.supply == "sour" or row.produced <= 0:  # a limit claims of sour as well
            continue
        earned = row.rent - np.nan_to_num(row.cost_of_minimum)
        earned += np.nan_to_num(row.reserve_value) / discount[row.period]
        assert value[row.node, row.commodity, row.period] == near(row.cost + earned), row
        seen.add(row.supply)
    assert {"light", "old", "gas"} <= seen


def test_firm_demand_is_what_its_cell_says(solution: Solution, sheets: Tables) -> None:
    """The village's 5.3 are mcm/d in any period; tonnes and bcm a year are more in a longer one."""
    found = rows(solution, "Firm demand")
    assert set(found["demand"]) == {"refinery", "village", "town"}
    for row in found.itertuples():
        assert row.firm == near(cell(sheets, "Demand", row.demand, "firm", row.period) * length(row))
        assert row.delivered + row.unserved >= row.firm - 1e-9
        assert row.unserved <= max(0.0, row.firm - row.delivered) + 1e-9
    assert found["unserved"].max() > 0


def test_capacity_and_minimum_are_what_their_cells_say(solution: Solution, sheets: Tables) -> None:
    """Capacity · availability − reserved; vessels · days · (1 − reserved); what is built works as what was there."""
    grown: dict[tuple[str, str], float] = {}
    for built in rows(solution, "Plan").itertuples():
        for name in built.adds_to.split(", "):
            grown[name, built.period] = grown.get((name, built.period), 0.0) + built.capacity_at_work
    assert sum(value > 0 for value in grown.values()) > 12
    for row in rows(solution, "Capacity").itertuples():
        sheet = {"link": "Links", "asset": "Assets", "fleet": "Fleets"}[row.kind]

        def given(column: str, blank: float, sheet: str = sheet, row: Any = row) -> float:
            found = cell(sheets, sheet, row.name, column, row.period)
            return blank if np.isnan(found) else found

        shut = row.name == "bypass" and row.period == "2026H1"
        assert row.minimum == near(0.0 if shut or row.kind == "fleet" else given("minimum", 0) * length(row)), row
        most, each = (
            given("capacity", np.inf) * given("availability", 1) - given("reserved", 0),
            given("availability", 1),
        )
        if row.kind == "fleet":
            each = given("operating_days", 0) * (1 - given("reserved", 0))
            most = given("vessels", 0) * each
        most = 0.0 if shut else most + each * grown.get((row.name, row.period), 0.0)
        if np.isinf(most):
            assert np.isnan(row.capacity), row
        else:
            assert row.capacity == near(most * length(row)), row
        assert np.isnan(row.share_used) or row.share_used == near(row.used / row.capacity), row


def test_what_is_unserved_is_a_mean_rate_where_firm_demand_is_one() -> None:
    """1 Mt a year at 8 bbl/t is 8000/365.25 = 21.9 kb/d of the 40 that are firm, in half a year as in a whole one."""
    made = tables(
        periods=[{"period": "2026", "year": 2026, "years": 0.5}],
        settings={"unserved_price": 900},
        Supply=[supply("s", "field", "crude", 1)],
        Demand=[demand("east", "east", "crude", 60, 100, firm=40, volume_unit="kb/d")],
        Links=[link("pipe", "field", "east", "crude")],
    )
    found = solve(read(made))
    row = rows(found, "Firm demand").iloc[0]
    assert (row["firm"], row["delivered"]) == near((40, 8 * RATE))
    assert row["unserved"] == near(40 - 8 * RATE)
    money = rows(found, "Summary").set_index(["measure", "family", "period"])["value"]
    assert money["unserved demand", "all", "total"] == near(-900 * 0.5 * (40 / 8 / RATE - 1))
    assert money["net value", "all", "total"] == near(found.objective)


def test_a_supply_that_is_built_earns_its_rent_undiscounted() -> None:
    """Wells of 10 and 5 more, each worth 90 in both years, at 25 % a year: the rent is 90 in both."""
    made = tables(
        periods=years(2026, 2),
        settings={"discount_rate": 0.25, "base_year": 2025},
        Supply=[supply("s", "field", "crude", 10)],
        Demand=[demand("east", "east", "crude", 20, 100)],
        Links=[link("pipe", "field", "east", "crude", 10)],
        Projects=[{"project": "wells", "adds_to": "s", "size": 5, "max_units": 1, "capex": 9, "life_years": 10,
                   "whole_units": "no"}],
    )  # fmt: skip
    found = rows(solve(read(made)), "Production")
    assert found["capacity"].tolist() == near([15, 15])
    assert found["rent"].tolist() == near([90, 90])


def test_rents_of_capacity_are_value_times_use(solution: Solution, sheets: Tables) -> None:
    """In million USD; of a fleet also per tonne that it carries, an escort's 0.4 of a use for a whole tonne."""
    tonnes = rows(solution, "Flows").groupby(["link", "period"])["flow"].sum()
    carried = {"tankers": "sea_east", "escort": "sea_east", "ferries": "ore_ship"}
    found = rows(solution, "Capacity")
    assert (found["rent"].abs() > 1e-6).groupby(found["kind"]).sum().gt(0).all()
    for row in found.itertuples():
        million = MILLIONS.get(row.unit, 1e-3 if row.unit == "kt" else 1.0)
        held = YEARS[row.period] if row.unit in RATES else 1.0
        assert row.rent == near(row.value * row.used * million * held), row
        if row.kind == "fleet":
            assert row.value_per_t == near(row.rent / tonnes[carried[row.name], row.period]), row


def test_stores_hold_what_their_table_says(solution: Solution) -> None:
    """Before + in − out − lost = stock; and the stock as a rate over one year, whatever the length of the period."""
    found = rows(solution, "Stores")
    after = found["before"] + found["injected"] - found["withdrawn"] - found["lost"]
    assert found["stock"].tolist() == near(after.tolist())
    per = found["commodity"].map({"gas": RATE, "light": 7.93 * RATE})
    assert found["stock_in_trade"].tolist() == near((found["stock"] * per).tolist())
    assert found["stock"].gt(0).groupby(found["period"]).any().all()
    two = rows(solution, "Plan").query("project == 'cavern two'")["capacity_at_work"].tolist()
    assert found.loc[found["storage"] == "cavern", "capacity"].tolist() == near([0.139 + more for more in two])
    assert found["share_full"].tolist() == near((found["stock"] / found["capacity"]).tolist())


def test_a_full_store_is_worth_what_a_unit_brings_later(solution: Solution, discount: dict[str, float]) -> None:
    """Where it neither fills nor empties at its rate: the value in store is the node's less, or more, the pumps'."""
    value = rows(solution, "Prices").set_index(["node", "commodity", "period"])["value"]
    pumps = rows(solution, "Stores")
    for row in pumps.itertuples():
        at_node = value[row.node, row.commodity, row.period]
        if row.injected > 1e-9:
            assert row.value_of_stock - row.value_of_filling == near(at_node), row
        if row.withdrawn > 1e-9:
            assert row.value_of_stock + row.value_of_emptying == near(at_node), row
    # what is kept is worth what the rest of it is later, less what it costs to hold; room takes its part when full
    held = {"cavern": (2.7, 1 - 0.017), "tanks": (3.1, 1 - 0.003)}
    now, later = pumps.iloc[:-1], pumps.iloc[1:]
    for row, after in zip(now.itertuples(), later.itertuples(), strict=True):
        if row.storage == after.storage and row.stock > 1e-9:
            cost, kept = held[row.storage]
            brings = kept ** YEARS[after.period] * after.value_of_stock * discount[after.period] / discount[row.period]
            assert row.value_of_stock + row.value_of_room == near(brings - cost * YEARS[row.period]), row
    assert (pumps["value_of_room"] > 1e-6).any()
    assert (pumps["value_of_emptying"] > 1e-6).any()
    assert (pumps["value_of_filling"] > 1e-6).any()


def test_a_plan_is_paid_when_it_begins_and_works_when_it_is_ready(solution: Solution, sheets: Tables) -> None:
    """Lead half a year (a tanker a quarter), 7 %, base 2025: capex at the start; at work by the part of a period."""
    begin = {"2026H1": 2026.0, "2026H2": 2026.5, "2027": 2027.0, "2028": 2028.0}
    for project, mine in rows(solution, "Plan").groupby("project"):
        lead = cell(sheets, "Projects", str(project), "lead_years", "2027")
        size = cell(sheets, "Projects", str(project), "size", "2027")
        for row in mine.itertuples():
            assert row.at_work_from == near(begin[row.period] + lead)
            capex = row.units * cell(sheets, "Projects", row.project, "capex", row.period)
            assert row.capex == near(capex)
            assert row.capex_present_value == near(capex * 1.07 ** (2025 - begin[row.period]))
            opens, closes = begin[row.period], begin[row.period] + YEARS[row.period]
            ready = [
                one.units * max(0.0, closes - max(opens, begin[one.period] + lead)) / YEARS[row.period]
                for one in mine.itertuples()
            ]
            assert row.capacity_at_work == near(size * sum(ready)), row
            # nothing lives to its end: 17 years from ready, so what is left counts at the end of 2029
            used = 2030 - begin[row.period] - lead
            left = (1 - 1.07 ** -(17 - used)) / (1 - 1.07**-17) if used > 0 else 1.0
            assert row.unexpired_value == near(capex * left * 1.07 ** (2025 - 2030)), row
            assert row.net_per_unit == near(
                row.earns_per_unit
                + cell(sheets, "Projects", row.project, "capex", row.period)
                * (left * 1.07 ** (2025 - 2030) - 1.07 ** (2025 - begin[row.period]))
            ), row


def test_contracts_pay_for_what_is_short(solution: Solution, sheets: Tables, discount: dict[str, float]) -> None:
    """Undiscounted. The price is per t of the first commodity that counts: a kb/d of a year is 365.25/7.93 kt of it."""
    lasts = {2026: 1.0, 2027: 1.0, 2028: 2.0}
    found = rows(solution, "Contract balance")
    for row in found.itertuples():
        price = cell(sheets, "Contracts", row.contract, "shortfall_price", "2027")
        own = row.short * (lasts[row.year] * 365.25e-3 / 7.93 if row.unit == "kb/d" else 1.0)
        assert row.paid == near(own * price), row
    assert {"ship_trunk", "berth", "swing"} <= set(found.loc[found["paid"] > 0, "contract"])
    capped = found.set_index(["contract", "year"])["ceiling"].dropna()
    assert capped.to_dict() == near(
        {
            (name, year): most * lasts[year]
            for name, most in (("take_power", 2.3), ("berth", 2.6))
            for year in (2026, 2027, 2028)
        }
    )
    vintages = rows(solution, "Made up")
    assert vintages["refunded"].tolist() == near((13.7 * vintages["volume"]).tolist())
    assert vintages["refunded"].sum() > 0
    back = found.groupby("year")["refunded"].sum()
    assert vintages.groupby("make_up_year")["refunded"].sum().to_dict() == near(
        {year: back[year] for year in vintages["make_up_year"].unique()}
    )
    # another unit short in 2027 could be made up in 2028, when its price comes back without interest
    right = found.set_index(["contract", "year"])["value_of_make_up"]["swing", 2027]
    assert right == near(13.7 * discount["2028"] / discount["2027"])
    made = vintages.groupby("short_year")["volume"].sum()
    swing = found[found["contract"] == "swing"].set_index("year")
    assert made.to_dict() == near({year: swing["recovered"][year] for year in made.index})
    assert vintages.groupby("make_up_year")["volume"].sum().to_dict() == near(
        {year: swing["made_up"][year] for year in vintages["make_up_year"].unique()}
    )


def test_a_contract_in_barrels_a_day_is_a_mean_rate_in_half_a_year() -> None:
    """30 kb/d come; 16 are due and 20 the ceiling: 20 go, worth 90 a tonne of 8 barrels, one more 90/8 a barrel."""
    made = tables(
        periods=[{"period": "2026", "year": 2026, "years": 0.5}],
        settings={"discount_rate": 0.25, "base_year": 2020},
        Supply=[supply("s", "field", "crude", 30, volume_unit="kb/d")],
        Demand=[demand("east", "east", "crude", 60, 100)],
        Links=[link("pipe", "field", "east", "crude", 10)],
        Contracts=[{"contract": "c", "type": "ship-or-pay", "applies_to": "pipe", "volume": 20, "share": 0.8,
                    "ceiling": 20, "shortfall_price": 1, "volume_unit": "kb/d"}],
    )  # fmt: skip
    row = rows(solve(read(made)), "Contract balance").iloc[0]
    assert (row["due"], row["lifted"], row["ceiling"], row["unit"]) == (near(16), near(20), near(20), "kb/d")
    assert (row["value_of_ceiling"], row["value_unit"]) == (near(90 / 8), "USD/bbl")


def test_limits_are_as_far_away_as_their_table_says(solution: Solution) -> None:
    found = rows(solution, "Limit use")
    room = np.where(found["side"] == "at most", found["bound"] - found["measured"], found["measured"] - found["bound"])
    assert found["slack"].tolist() == near(room.tolist())
    assert found["slack"].min() >= -1e-6
    assert set(found["side"]) == {"at most", "at least"}


def test_idle_legs_lack_what_their_parts_say(solution: Solution) -> None:
    """Gap = value at the start less the end's, less the fee's, plus tariff, risk and rents; USD/bbl beside USD/t."""
    found = rows(solution, "Idle routes").dropna(subset=["gap"])
    parts = found["value_at_start"] - found["value_at_end"] - found["fee_received"] + found["tariff"]
    assert found["gap"].tolist() == near((parts + found["risk"] + found["rents"]).tolist())
    oil = found[found["commodity"].isin(BARRELS)]
    assert oil["trade_gap"].tolist() == near((oil["gap"] / oil["commodity"].map(BARRELS)).tolist())
    assert (found["risk"] > 0).any()


def test_gains_are_present_values_by_the_discount_of_their_period(
    solution: Solution, discount: dict[str, float]
) -> None:
    found = rows(solution, "Who gains")
    assert found["present_value"].tolist() == near((found["value"] * found["period"].map(discount)).tolist())


def test_prices_of_the_trade_are_those_beside_them(solution: Solution) -> None:
    """USD/t by barrels a tonne; USD/1000 m³ by MMBtu of 37.9 GJ."""
    per = {**BARRELS, "gas": 37.9 / 1.055056}
    for name, own, trade in (("Prices", "value", "trade_value"), ("Deliveries", "price", "trade_price")):
        found = rows(solution, name)
        found = found[found["commodity"].isin(per)]
        assert found[trade].tolist() == near((found[own] / found["commodity"].map(per)).tolist()), name
    found = rows(solution, "Netbacks")
    found = found[found["commodity"].isin(per) & found["delivered_as"].isin(per)]
    assert (found["commodity"] != found["delivered_as"]).any()
    end, start = found["delivered_as"].map(per), found["commodity"].map(per)
    assert found["trade_market_price"].tolist() == near((found["market_price"] / end).tolist())
    assert found["trade_netback"].tolist() == near((found["netback"] / start).tolist())


def test_a_netback_is_the_sum_of_its_columns(solution: Solution) -> None:
    """From the price on; losses and fees in kind at the whole price, with what the grade fetches."""
    found = rows(solution, "Netbacks")
    names = ("losses", "fees_in_kind", "freight", "port", "transit_tariffs", "risk")
    parts = found["market_price"] + found["grade_differential"] + sum(found[name] for name in names)
    assert found["netback"].tolist() == near(parts.tolist())
    assert found["value"].tolist() == near((found["netback"] + found["fees_received"] + found["rents"]).tolist())
    assert (found["losses"] < 0).any()
    assert (found["grade_differential"] != 0).any()


def test_exports_and_routes_are_rates_of_their_period(solution: Solution) -> None:
    per = {**{name: bbl * RATE for name, bbl in BARRELS.items()}, "gas": RATE}
    found = rows(solution, "Routes")
    found = found[found["commodity"].isin(per)]
    rate = found["volume"] * found["commodity"].map(per) / found["period"].map(YEARS)
    assert found["trade_volume"].tolist() == near(rate.tolist())
    gas = rows(solution, "Exports")
    gas = gas[gas["family"] == "gas"]
    assert gas["trade_volume"].tolist() == near((gas["volume"] * RATE / gas["period"].map(YEARS)).tolist())
    assert (gas["volume"] > 0).any()


def test_money_of_the_summary_is_discounted_at_its_own_date(solution: Solution, discount: dict[str, float]) -> None:
    """What flows in a period by its mean; capex at its start, what is left of it at the end of 2029."""
    found = rows(solution, "Summary")
    found = found[(found["unit"] == "million USD") & (found["family"] == "all") & found["period"].isin(YEARS)]
    factor = found["period"].map(discount)
    at_start = found["period"].map({"2026H1": 1.07**-1.0, "2026H2": 1.07**-1.5, "2027": 1.07**-2, "2028": 1.07**-3})
    factor = factor.where(found["measure"] != "capex", at_start)
    factor = factor.where(found["measure"] != "unexpired value", 1.07**-5)
    apart = found["measure"] != "net value"
    assert found.loc[apart, "present_value"].tolist() == near((found["value"] * factor)[apart].tolist())
    left = found[found["measure"] == "unexpired value"].set_index("period")["value"]
    assert left[["2026H1", "2026H2", "2027"]].tolist() == [0, 0, 0]
    assert left["2028"] > 0
