"""Result tables: what is declared is what is there, and tables add up to one another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.analysis.backcast import without_contracts_and_limits
from model.analysis.starts import starts
from model.analysis.steps import steps
from model.analysis.uniqueness import not_unique, uniqueness_columns
from model.case import Case
from model.engine import Engine, relaxed
from model.errors import AuditError, UsageError
from model.formulation.layout import CONSTRAINTS
from model.formulation.variables import VARIABLES
from model.horizon import with_periods
from model.results.declare import Extras, ResultColumn, result_table
from model.results.registry import BY_ATTRIBUTE, TABLES, all_tables, one_table
from model.results.shape import excerpt_periods, value_units
from model.scenario import with_changes, with_scenario
from model.solution import Solution
from model.workbook.sheets import SHEETS
from tests.cases import built_tables, case, demand, link, read, solve, supply, two_markets, years
from tests.cases import tables as tables_of

SCENARIOS = ("base", "low", "lower")


def near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-7)


@pytest.fixture(scope="module")
def rich() -> Case:
    return read(built_tables())


@pytest.fixture(scope="module")
def solutions(rich: Case) -> list[Solution]:
    cases = [with_scenario(rich, name) for name in SCENARIOS]
    engine = Engine(cases)
    return [engine.solve(one) for one in cases]


@pytest.fixture(scope="module")
def tables(rich: Case, solutions: list[Solution]) -> dict[str, pd.DataFrame]:
    freed = without_contracts_and_limits(rich)
    extras = {name: Extras(workbook=rich) for name in SCENARIOS}
    extras["base"] = Extras(workbook=rich, freed=solve(freed), **_sure(solutions[0]))
    # as if a lack of supply in the first period were what tells one scenario from base
    short = with_changes(solutions[1].case, {"Supply:sour:capacity@2026H1": 2.1})
    extras["low"] = Extras(workbook=rich, usual=solve(short))
    return all_tables(solutions, extras)


def _sure(solution: Solution) -> dict[str, Any]:
    return {
        "unsure": not_unique(solution),
        "sureness": uniqueness_columns(solution),
        "steps": steps(solution),
        "relaxed": relaxed(solution),
        "starts": starts(solution, excerpt_periods(solution.case)),
    }


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.attribute)
def test_every_table_holds_what_it_declares(tables: dict[str, pd.DataFrame], table: Any) -> None:
    frame = tables[table.name]
    assert len(frame), f"the rich case leaves {table.name} empty"
    assert list(frame.columns) == [column.name for column in table.columns]
    assert not frame.duplicated(list(table.key)).any(), "its key does not tell rows apart"
    for column in table.columns:
        values = frame[column.name]
        if column.format == "text":
            assert all(isinstance(value, str) for value in values), column
        else:
            assert not np.isinf(values.to_numpy(dtype=float)).any(), column
            assert not np.signbit(values[values == 0].to_numpy(dtype=float)).any(), column
        assert column.format == "text" or values.notna().any(), f"the rich case leaves {column.name} blank"
        assert column.meaning, column


def test_scenarios_stand_one_below_the_other(
    tables: dict[str, pd.DataFrame], rich: Case, solutions: list[Solution]
) -> None:
    for table in TABLES:
        frame = tables[table.name]
        if not table.per_scenario:
            assert "scenario" not in frame
            continue
        assert frame.columns[0] == "scenario"
        if table.excerpt:
            assert set(frame["scenario"]) == {"base"}
            continue
        alone = one_table(table.name, solutions[2], Extras(workbook=rich))
        part = frame[frame["scenario"] == "lower"].reset_index(drop=True)
        if table.attribute == "how_sure":
            assert part.empty, "asked of the first scenario only"
            continue
        if table.attribute == "disruption":
            assert set(frame["scenario"]) == {"low"}, "only what differs from base for a time"
            continue
        pd.testing.assert_frame_equal(part, alone)


def test_tables_are_found_by_either_name(solutions: list[Solution]) -> None:
    for name in ("Contract balance", "contract_balance", "CONTRACT BALANCE"):
        assert list(one_table(name, solutions[0]).columns)[1] == "contract"
    assert set(BY_ATTRIBUTE) >= {"flows", "prices", "limit_use", "scenario_changes", "backcast_fit"}
    with pytest.raises(UsageError, match="capacity"):
        one_table("capacities", solutions[0])


def test_a_table_with_other_columns_than_declared_is_a_fault(solutions: list[Solution]) -> None:
    @result_table("Odd", "Is it?", key=("a",), columns=(ResultColumn("a", "one"), ResultColumn("b", "two")))
    def odd(_: Solution, __: Extras) -> dict[str, Any]:
        return {"a": ["x"], "c": ["y"]}

    with pytest.raises(AuditError, match="'c'"):
        odd.fill(solutions[0], Extras())
    with pytest.raises(AuditError, match="Odd"):
        replace(odd, function=lambda *_: {"a": ["x"], "b": []}).fill(solutions[0], Extras())


def test_the_same_input_gives_the_same_tables(
    tables: dict[str, pd.DataFrame], rich: Case, solutions: list[Solution]
) -> None:
    again = Engine([rich]).solve(rich)
    for table in TABLES:
        if table.per_scenario and not table.attribute.startswith("backcast"):
            frame = tables[table.name]
            first = frame[frame["scenario"] == "base"].reset_index(drop=True)
            periods = excerpt_periods(rich) if table.excerpt else None
            second = one_table(table.name, again, Extras(workbook=rich, periods=periods, **_sure(again)))
            assert first.to_csv() == second.to_csv(), table.name


def test_tables_of_a_case_without_optional_sheets_and_of_some_periods_only(rich: Case) -> None:
    small = all_tables([solve(read(two_markets()))])
    assert len(small["Flows"]) == 2
    for name in ("Contract balance", "Limit use", "Firm demand", "Backcast", "Backcast fit", "Scenario changes"):
        assert small[name].empty, name
    assert list(small["Limit use"].columns) == [column.name for column in BY_ATTRIBUTE["limit_use"].columns]
    cut = with_periods(with_scenario(rich, "lower"), "2026H2", "2027")
    solution = solve(cut)
    for name, frame in all_tables([solution], {"lower": Extras(workbook=rich, **_sure(solution))}).items():
        assert len(frame) or name == "Disruption", name
        if "period" in frame and name != "Scenario changes":
            assert set(frame["period"]) <= {"2026H2", "2027", "total"}, name


def total(frame: pd.DataFrame, **which: Any) -> float:
    """The only value of present_value (money) or value that the conditions pick."""
    kept = frame[np.logical_and.reduce([frame[name] == value for name, value in which.items()])]
    assert len(kept) == 1, which
    row = kept.iloc[0]
    return float(row["value"] if np.isnan(row["present_value"]) else row["present_value"])


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_money_adds_up_to_the_objective(
    tables: dict[str, pd.DataFrame], solutions: list[Solution], scenario: str
) -> None:
    summary = tables["Summary"]
    summary = summary[summary["scenario"] == scenario]
    money = summary[(summary["unit"] == "million USD") & (summary["measure"] != "objective")]
    objective = solutions[SCENARIOS.index(scenario)].objective
    assert total(summary, measure="objective", period="total") == objective
    assert total(summary, measure="net value", family="all", period="total") == near(objective)
    parts = money[money["measure"] != "net value"]
    for (family, period), group in parts.groupby(["family", "period"]):
        net = money[(money["measure"] == "net value") & (money["family"] == family) & (money["period"] == period)]
        assert group["value"].sum() == near(net["value"].iloc[0])
        assert group["present_value"].sum() == near(net["present_value"].iloc[0])
    for (measure, period), group in money.groupby(["measure", "period"]):
        whole = group["family"] == "all"
        assert group.loc[~whole, "value"].sum() == near(group.loc[whole, "value"].iloc[0]), (measure, period)


def test_the_money_of_every_table_is_that_of_the_summary(tables: dict[str, pd.DataFrame]) -> None:
    summary = tables["Summary"][lambda frame: (frame["scenario"] == "base") & (frame["family"] == "all")]

    def value(measure: str) -> float:
        found = summary[(summary["measure"] == measure) & (summary["period"] == "total")]["value"]
        return float(found.iloc[0])

    def table(name: str, column: str) -> float:
        frame = tables[name]
        return float(frame[frame["scenario"] == "base"][column].sum())

    assert table("Deliveries", "sales") == near(value("sales"))
    assert -table("Production", "cost_paid") == near(value("supply cost"))
    assert -table("Flows", "tariff_paid") == near(value("tariffs"))
    assert -table("Flows", "risk_cost") == near(value("risk"))
    assert -table("Contract balance", "paid") == near(value("shortfall payments"))
    assert value("buyers' surplus") > 0
    assert value("unserved demand") < 0


def test_volumes_add_up(tables: dict[str, pd.DataFrame]) -> None:
    """Of each family, what is produced is delivered, lost or put into stores; exports are part of deliveries."""
    summary = tables["Summary"]
    own = summary[summary["unit"].isin(["Mt", "bcm"]) & (summary["origin"] == "all")]
    wide = own.pivot_table(index=["scenario", "family", "period"], columns="measure", values="value", aggfunc="sum")
    kept = wide["change of stocks"].fillna(0)
    assert (kept.abs() > 1e-6).any()
    np.testing.assert_allclose(wide["production"] - wide["losses and fuel"] - kept, wide["deliveries"], atol=1e-9)
    assert (wide["exports"] <= wide["deliveries"] + 1e-12).all()
    sold = tables["Deliveries"]
    abroad = sold[(sold["is_export"] == "yes") & (sold["scenario"] == "base") & (sold["family"] == "oil")]
    assert abroad["delivery"].sum() == near(wide.loc[("base", "oil", "total"), "exports"])


def test_carbon_of_what_is_delivered() -> None:
    """2 bcm at 1.9 t per 1000 m³ and 3 Mt of LNG at 2.7 t per t: 3.8 + 8.1 Mt of CO₂; of crude it is not stated."""
    lng = {"commodity": "lng", "family": "gas", "unit": "Mt", "origin": "Transit", "co2_t_per_unit": 2.7}
    made = tables_of(
        Supply=[supply("wells", "field", "gas", 2), supply("ships", "hub", "lng", 3), supply("s", "field", "crude", 1)],
        Demand=[demand("grid", "field", "gas", 9, 10), demand("tanks", "hub", "lng", 9, 10),
                demand("refinery", "field", "crude", 1, 10)],
        Links=[link("l", "field", "hub", "crude")],
    )  # fmt: skip
    made["Commodities"][2]["co2_t_per_unit"] = 1.9
    made["Commodities"].append(lng)
    frame = one_table("Summary", solve(read(made)))
    burnt = frame[frame["unit"] == "Mt CO₂"].set_index(["family", "origin", "period"])["value"].to_dict()
    by_origin = {"all": 11.9, "Home": 3.8, "Transit": 8.1}
    assert burnt == {
        ("gas", origin, period): near(value) for origin, value in by_origin.items() for period in ("2026", "total")
    }


def test_rates_of_the_trade(tables: dict[str, pd.DataFrame]) -> None:
    """1 Mt in half a year at 7.93 bbl/t: 7.93·2·1000/365.25 kb/d; 1 bcm in two years: 500/365.25 mcm/d."""
    flows = tables["Flows"][lambda frame: frame["scenario"] == "base"].set_index(["link", "commodity", "period"])
    bypass, gas = flows.loc[("bypass", "light", "2026H2")], flows.loc[("gas_west", "gas", "2028")]
    assert bypass["trade_flow"] == near(bypass["flow"] * 7.93 * 2 * 1000 / 365.25)
    assert gas["trade_flow"] == near(gas["flow"] * 500 / 365.25)
    assert (bypass["trade_unit"], gas["trade_unit"]) == ("kb/d", "mcm/d")
    ore = flows.loc[("ore_ship", "ore", "2027")]
    assert np.isnan(ore["trade_flow"])
    assert ore["trade_unit"] == ""
    mean = tables["Summary"].set_index(["scenario", "measure", "origin", "period", "unit"])["value"]
    kbd = mean.loc["base", "production", "all", "total", "kb/d"]
    by_period = [mean.loc["base", "production", "all", label, "kb/d"] for label in ("2026H1", "2026H2", "2027", "2028")]
    assert kbd == near(float(np.average(by_period, weights=[0.5, 0.5, 1, 2])))


def test_where_links_lead_and_what_counts_as_export(tables: dict[str, pd.DataFrame]) -> None:
    row = tables["Flows"].set_index("link").loc["sea_west"].iloc[0]
    assert row[["from", "to", "from_country", "to_country"]].tolist() == ["hub", "west", "Transit", "West"]
    exported = tables["Deliveries"].drop_duplicates("demand").set_index("demand")["is_export"]
    # ore has no country of origin
    assert exported[["refinery", "east", "town", "smelter"]].tolist() == ["no", "yes", "yes", "no"]


def test_what_passes_a_node(tables: dict[str, pd.DataFrame]) -> None:
    """At the hub, what two links take away; in the east, what is delivered."""
    rows = tables["Prices"][lambda frame: (frame["scenario"] == "base") & (frame["period"] == "2027")]
    passed = rows.set_index(["node", "commodity"])["throughput"]
    flow = tables["Flows"].set_index(["scenario", "period", "link", "commodity"])["flow"].sort_index()
    sold = tables["Deliveries"].set_index(["scenario", "period", "demand", "commodity"])["delivery"].sort_index()
    now = ("base", "2027")
    assert passed["hub", "blend"] == near(flow[(*now, "sea_west", "blend")] + flow[(*now, "on_east", "blend")])
    assert passed["east", "blend"] == near(sold[(*now, "east", "blend")])


@pytest.mark.parametrize(
    ("unit", "quantity", "shown"),
    [
        ("Mt", 1, "USD/t"),
        ("kt", 1e-3, "USD/t"),
        ("kb/d", 0.36525, "USD/bbl"),
        ("mb/d", 365.25, "USD/bbl"),
        ("bcm", 1, "USD/1000 m³"),
        ("mcm/d", 0.36525, "USD/1000 m³"),
        ("TWh", 1, "USD/MWh"),
        ("PJ", 1, "USD/GJ"),
        ("vessel-days", 1e-6, "USD/vessel-day"),
        ("units", 1, "million USD/units"),
    ],
)
def test_units_in_which_one_more_is_valued(unit: str, quantity: float, shown: str) -> None:
    """``quantity``: millions of what it is valued per, in one unit (held for a year)."""
    names, factors = value_units([unit])
    assert (names[0], factors[0, 0]) == (shown, near(1 / quantity))


def test_reserves_of_another_scenario_are_not_this_ones(rich: Case) -> None:
    other = with_changes(rich, {"Supply:sour:reserves": 9.0})
    engine = Engine([rich, other])
    held = [one_table("Production", engine.solve(one)).set_index("supply")["reserve_value"] for one in (rich, other)]
    assert held[0]["sour"].isna().all()
    assert held[1]["sour"].notna().all()
    assert held[0]["old"].notna().all()


def test_a_flow_in_use_earns_what_it_costs(tables: dict[str, pd.DataFrame]) -> None:
    """Where only tariffs, losses and capacity stand between two nodes, prices differ by them: the netback."""
    prices = tables["Prices"][lambda frame: frame["scenario"] == "base"].set_index(["node", "commodity", "period"])
    flow = tables["Flows"].set_index(["scenario", "link", "period"]).sort_index().loc[("base", "gas_detour")]
    capacity = tables["Capacity"].set_index(["scenario", "name", "period"]).sort_index().loc[("base", "gas_detour")]
    for period, row in flow.iterrows():
        begin, end = (prices.loc[(node, "gas", period), "value"] for node in ("field", "east"))
        end *= 1 - 0.013
        assert end - begin - row["tariff"] == near(-capacity.loc[period, "cost_of_minimum"])
    served = tables["Flows"][lambda frame: (frame["scenario"] == "base") & (frame["link"] == "on_east")]
    assert (served["arrives_as"] == "blend").all()


def test_capacity_lists_what_is_closed_idle_or_out_of_reach(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["Capacity"][lambda frame: frame["scenario"] == "base"].set_index(["name", "period"])
    unreached = rows.loc[("unreached", "2027")]
    assert (unreached["used"], unreached["share_used"], unreached["value"]) == (0, 0, 0)
    closed = rows.loc[("bypass", "2026H1")]
    assert (closed["capacity"], closed["used"]) == (0, 0)
    assert np.isnan(closed["share_used"])
    assert closed["value"] > 0
    unlimited = rows.loc[("rail", "2027")]
    assert np.isnan(unlimited["capacity"])
    assert np.isnan(unlimited["share_used"])
    assert rows.loc[("trunk", "2027"), "unit"] == "kb/d"
    assert rows.loc[("trunk", "2026H1"), "capacity"] == near(151)
    assert rows.loc[("gas_east", "2028"), "capacity"] == near(2 * 61.3)
    assert rows.loc[("trunk", "2027"), "country"] == "Home, Transit"
    assert rows.loc[("on_east", "2027"), "country"] == "Transit"
    assert rows.loc[("terminal", "2027"), "family"] == "shared"
    # a tonne of ore counts 1.31, so these are no tonnes
    assert rows.loc[("terminal", "2027"), "unit"] == "units"
    assert rows.loc[("relic", "2027"), "unit"] == "Mt"


def history(*more: tuple[str, str, float]) -> Case:
    """Two ways to one market, the dear one bound by a contract to 4 of 10 Mt; half of 2026 went by rail.

    A third way is never used; ``more`` are further records.
    """
    ways = [link("pipe", "field", "east", "crude", 10), link("rail", "field", "east", "crude", 30, mode="rail")]
    ways.append(link("barge", "field", "east", "crude", 95))
    record = [("pipe", "2026", 5), ("rail", "2026", 5), ("pipe", "2027", 7), ("rail", "2027", 3), *more]
    return case(
        periods=years(2026, 2),
        Supply=[supply("s", "field", "crude", 10)],
        Demand=[demand("east", "east", "crude", 20, 100)],
        Links=ways,
        Contracts=[{"contract": "c", "type": "ship-or-pay", "applies_to": "rail", "volume": 4, "shortfall_price": 90}],
        Observed=[
            {
                "observed": f"{way} {period}",
                "measure": "flow",
                "what": f"link={way}",
                "period": period,
                "value": value * 8000 / 365.25,
                "volume_unit": "kb/d",
            }
            for way, period, value in record
        ]
        + [{"observed": "sold", "measure": "delivery", "what": "country=East", "period": "2027", "value": 9}],
    )


def test_the_backcast_by_hand() -> None:
    """Modelled 6 and 4. In 2026 recorded 5 and 5: fit 1 − (0.1 + 0.1)/2 = 0.9; in 2027 7 and 3: 0.9.

    Without the contract all 10 go by pipe: 0.5 and 0.7. Shares of 2026 carried forward: 1 − (0.2 + 0.2)/2 = 0.8.
    """
    one = history()
    freed = solve(without_contracts_and_limits(one))
    solution = solve(one)
    rows = one_table("Backcast", solution, Extras(freed=freed)).set_index("observed")
    barrels = 8000 / 365.25
    assert rows.loc["pipe 2027", ["recorded", "modelled", "modelled_freed"]].tolist() == near(
        [7 * barrels, 6 * barrels, 10 * barrels]
    )
    assert rows.loc["rail 2026", "difference"] == near(-barrels)
    assert (rows.loc["sold", "modelled"], rows.loc["sold", "unit"]) == (near(10), "Mt")
    fit = one_table("Backcast fit", solution, Extras(freed=freed)).set_index("period")
    assert fit["fit"].tolist() == near([0.9, 0.9])
    assert fit["fit_freed"].tolist() == near([0.5, 0.7])
    assert np.isnan(fit.loc["2026", "fit_naive"])
    assert fit.loc["2027", "fit_naive"] == near(0.8)
    assert fit[["recorded", "modelled"]].to_numpy().tolist() == [near([10, 10])] * 2
    assert one_table("Backcast fit", solution)["fit_freed"].isna().all()


def test_a_corridor_recorded_for_the_first_time_has_no_share_to_carry_forward() -> None:
    """10 more by barge in 2027: 7, 3, 10 of 20 against 6, 4, 0: fit 1 − (0.25 + 0.25 + 0.5)/2 = 0.5.

    The naive forecast is judged by the two ways recorded before: 0.7 and 0.3 against 0.5 and 0.5, still 0.8.
    """
    fit = one_table("Backcast fit", solve(history(("barge", "2027", 10)))).set_index("period")
    assert fit.loc["2027", ["fit", "fit_naive"]].tolist() == near([0.5, 0.8])


def test_the_backcast_of_half_a_year(tables: dict[str, pd.DataFrame]) -> None:
    """230 kb/d for half a year at 7.93 bbl/t, and 1.2 Mt by rail; modelled as in Capacity."""
    rows = tables["Backcast"].set_index(["scenario", "observed"])
    used = tables["Capacity"].set_index(["scenario", "name", "period"])["used"]
    assert rows.loc[("base", "trunk 2026"), "modelled"] == near(used["base", "trunk", "2026H1"])
    assert rows.loc[("base", "idle"), "modelled"] == 0
    fit = tables["Backcast fit"].set_index(["scenario", "period"])
    assert fit.loc[("base", "2026H1"), "recorded"] == near(230 * 0.36525 / 2 / 7.93 + 1.2)
    assert fit.loc[("base", "2027"), "corridors"] == 3


def test_without_contracts_and_limits_only_numbers_change(rich: Case) -> None:
    """It is solved on the same matrix, and nothing of contracts or limits binds or costs but what limits building."""
    freed = without_contracts_and_limits(rich)
    engine = Engine([rich, freed])
    bound, free = engine.solve(rich), engine.solve(freed)
    assert free.objective > bound.objective
    assert free.objective == pytest.approx(solve(freed).objective, rel=1e-9)
    contracts = one_table("Contract balance", free)
    assert not contracts["paid"].any()
    assert contracts["ceiling"].isna().all()
    assert set(one_table("Limit use", free)["measure"]) == {"built"}
    assert rich["Limits"].numbers["at_most"] is not freed["Limits"].numbers["at_most"]
    assert {"flow", "built"} <= set(one_table("Limit use", solve(rich))["measure"])


def test_what_a_scenario_changes(tables: dict[str, pd.DataFrame], solutions: list[Solution]) -> None:
    rows = tables["Scenario changes"]
    assert set(rows["scenario"]) == {"low", "lower"}
    lower = rows[rows["scenario"] == "lower"].set_index(["sheet", "key", "period"])
    assert lower.loc[("Markers", "Brent", "2027"), ["old", "new"]].tolist() == ["67.9", "58.8"]
    assert lower.loc[("Links", "trunk", "2027"), ["change", "value", "new", "cell"]].tolist() == [
        "multiply",
        "0.7",
        "83.3",
        "Changes!F3",
    ]
    written = one_table("Scenario changes", solutions[2])
    assert written[["sheet", "key", "period", "value", "old"]].to_numpy().tolist() == [
        ["Markers", "Brent", "", "-9.1", ""],
        ["Links", "trunk", "2027..2028", "0.7", ""],
    ]


def test_what_a_script_changes(rich: Case) -> None:
    changed = with_changes(rich, {"Links:rail:tariff": 33.0, "Markers:Brent:value@2027..2028": 60.0})
    rows = one_table("Scenario changes", Engine([changed]).solve(changed))
    assert rows[["sheet", "key", "column", "period", "new"]].to_numpy().tolist() == [
        ["Links", "rail", "tariff", "", "33"],
        ["Markers", "Brent", "value", "2027..2028", "60"],
    ]


def test_facts_of_the_run(tables: dict[str, pd.DataFrame], rich: Case) -> None:
    facts = tables["Run"][lambda frame: frame["scenario"] == "base"].set_index("item")["value"]
    assert facts["status"] == "optimal"
    assert facts["setting discount_rate"] == "0.07"
    assert facts["workbook sha256"] == rich.sha256
    assert int(facts["nonzeros"]) > int(facts["rows"]) > 0
    assert facts["highspy"].count(".") == 2


def test_the_glossary_holds_every_column(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["Glossary"].set_index(["book", "sheet", "column"])
    for sheet, table in SHEETS.items():
        for column in table.columns:
            assert ("input", sheet, column.name) in rows.index
    for result in TABLES:
        for column in result.columns:
            assert rows.loc[("result", result.name, column.name), "meaning"] == column.meaning
    assert rows.loc[("input", "Settings", "discount_rate"), "unit"] == "share a year"
    assert rows.loc[("input", "Links", "loss"), "blank_means"] == "none"


def test_the_formulation_holds_every_equation(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["Formulation"].set_index(["kind", "name"])
    for constraint in CONSTRAINTS:
        row = rows.loc[("constraint", constraint.name)]
        assert any(sign in row["equation"] for sign in "=≤≥"), constraint.name
        assert "Dual" in row["symbols"], constraint.name
        assert not row["equation"].startswith(" ")
    assert {("variable", one.name) for one in VARIABLES} <= set(rows.index)
    assert "→ max" in rows.loc[("objective", "value"), "equation"]
    assert "∫" in rows.loc[("definition", "discount_factors"), "symbols"]
