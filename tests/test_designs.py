"""Designs: which runs each takes, on small cases worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from model.analysis.designs.carrying_out import Outcome, carry_out
from model.analysis.designs.inputs import inputs_of
from model.analysis.designs.kinds import KINDS, design_for
from model.case import Case
from model.errors import UsageError
from tests.cases import link, read, supply
from tests.design_runs import runner, two_roads, two_years, vary
from tests.tiny import tiny

TARIFF = vary("south tariff", "Links:south:tariff", "set", 5, 245)
PRICE = vary("prices", "Demand:*:price", "multiply", 0.8, 1.2)
PIPE = vary("pipe", "Links:north:capacity", "add", -3, 4)


def case_of(*ranges: dict[str, Any], **more: Any) -> Case:
    return read(two_roads(*ranges, **more))


def carried(case: Case, kind: str, **options: Any) -> Outcome:
    return carry_out(case, design_for(case, kind, **options), runner(case))


# ---- what a range sets


def test_a_value_of_a_range_sets_each_row_from_where_it_stands() -> None:
    """Prices 400 and 300 times 1.2; the pipe's 4 plus 1; the tariff as it is written."""
    inputs = inputs_of(case_of(TARIFF, PRICE, PIPE))
    assert inputs.run([60, 1.2, 1]) == {
        "Links:south:tariff": 60,
        "Demand:near:price": 480,
        "Demand:far:price": 360,
        "Links:north:capacity": 5,
    }
    assert inputs.run([np.nan, np.nan, 1]) == {"Links:north:capacity": 5}
    assert [inputs.present(i) for i in range(3)] == [45, 1, 0]


def test_numbers_that_differ_by_period_are_set_period_by_period() -> None:
    """Brent is 80 in 2026 and 75 in 2027; unlimited capacities stay so; a span names its periods."""
    tables = tiny()
    tables["Ranges"] = [
        vary("oil", "Markers:Brent:value", "multiply", 0.8, 1.2),
        vary("roads", "Links:*:capacity", "add", -1, 1),
        vary("gas", "Markers:Hub:value", "add", -1, 1, period="2027"),
        vary("rate", "Settings:discount_rate:value", "add", -0.02, 0.02),
    ]
    tables["Links"][1]["capacity"] = tables["Links"][2]["capacity"] = "unlimited"
    assert inputs_of(read(tables)).run([0.5, 1, 2, 0.01]) == {
        "Markers:Brent:value@2026": 40,
        "Markers:Brent:value@2027": 37.5,
        "Links:pipe:capacity": 19,
        "Links:gas_pipe:capacity": 10,
        "Markers:Hub:value@2027": 32,
        "Settings:discount_rate:value": pytest.approx(0.09),
    }


def test_a_scenario_is_where_additions_start() -> None:
    tables = tiny()
    tables["Ranges"] = [vary("oil", "Markers:Brent:value", "add", -5, 5)]
    assert inputs_of(read(tables), "low").run([5]) == {"Markers:Brent:value@2026": 75, "Markers:Brent:value@2027": 70}
    tables["Ranges"][0]["low"] = -68
    with pytest.raises(
        UsageError, match=r"'oil' in the scenario 'low' at -68: the value needs .* for 'Brent' it is -3"
    ):
        inputs_of(read(tables), "low")


# ---- tornado


def test_a_tornado_ranks_inputs_by_their_swing() -> None:
    """Tariff 5: north still nets more and stays full, 4·320 + 6·(295 − 50) = 2750; at 245: 4·320 + 6·5 = 1310; as it
    stands 2510. The swing is 1440.

    Prices · 0.8: 4·(320 − 80) + 6·(240 − 45 − 50) = 960 + 870 = 1830; · 1.2: 4·400 + 6·265 = 3190. Swing 1360.
    Pipe 1: 320 + 8·205 = 1960 (south holds 8); pipe 6 of 8, the market: 6·320 + 4·205 = 2740. Swing 780.
    """
    table = carried(case_of(PIPE, PRICE, TARIFF), "tornado").tables["Tornado"]
    assert table["input"].tolist() == ["south tariff", "prices", "pipe"]
    assert table["value_present"].tolist() == pytest.approx([2510] * 3)
    assert table["value_low"].tolist() == pytest.approx([2750, 1830, 1960])
    assert table["value_high"].tolist() == pytest.approx([1310, 3190, 2740])
    assert table["swing"].tolist() == pytest.approx([1440, 1360, 780])
    assert table["at_low"].tolist() == ["5", "0.8", "-3"]
    assert table["leading_oil_present"].tolist() == ["south"] * 3
    assert table["leading_oil_high"].tolist() == ["south", "south", "north"]


def test_the_leading_corridor_changes_where_the_pipe_carries_half() -> None:
    """North carries 4 + x, south 6 − x: they meet at x = 1."""
    table = carried(case_of(PIPE, TARIFF), "tornado").tables["Switches"]
    assert table[["input", "family", "from_corridor", "to_corridor", "meaning_of_at"]].to_numpy().tolist() == [
        ["pipe", "oil", "south", "north", "add"]
    ]
    assert table["at"].tolist() == pytest.approx([1], abs=1e-7)


def test_a_tariff_at_which_the_plan_turns() -> None:
    """With a wide pipe and market, south is used while 300 − t > 370, never; raise its price to 500: until t = 130."""
    tables = two_roads(vary("tariff", "Links:south:tariff", "set", 0, 300))
    tables["Links"][0]["capacity"] = tables["Links"][1]["capacity"] = 10
    tables["Demand"][0]["volume"] = 10
    tables["Demand"][1]["price"] = 500
    table = carried(read(tables), "tornado").tables["Switches"]
    assert table["at"].tolist() == pytest.approx([130], abs=1e-5)
    assert table[["from_corridor", "to_corridor"]].to_numpy().tolist() == [["south", "north"]]


def test_a_group_is_moved_as_one_and_a_run_without_a_plan_is_shown_as_such() -> None:
    """Both prices fall together; with a firm demand of 3 Mt at the near market a pipe of 1 Mt has no plan."""
    low = {"group": "prices"}
    near = vary("near price", "Demand:near:price", "multiply", 0.8, 1.2, **low)
    far = vary("far price", "Demand:far:price", "multiply", 0.8, 1.2, **low)
    tables = two_roads(near, far, PIPE)
    tables["Demand"][0]["firm"] = 3
    found = carried(read(tables), "tornado")
    table = found.tables["Tornado"]
    assert len(found.design) == 5
    assert table["input"].tolist() == ["prices", "pipe"]
    assert table["value_low"].iloc[0] == pytest.approx(1830)
    assert table["at_low"].iloc[0] == "near price 0.8, far price 0.8"
    assert np.isnan(table["swing"].iloc[1])
    runs = found.tables["Runs"].set_index("status")
    assert runs["runs"].to_dict() == {"optimal": 4, "infeasible": 1}
    assert runs["treatment"]["infeasible"] == "shown without a value"


# ---- grid, samples


def test_a_grid_has_every_combination() -> None:
    choice = vary("tariff", "Links:south:tariff", "set", None, None, distribution="choice", values="5; 45; 45; 245")
    design = design_for(case_of(choice, PIPE), "grid")
    assert len(design) == 3 * 5
    assert sorted(set(map(tuple, design.points.tolist()))) == sorted(
        (tariff, add) for tariff in (5, 45, 245) for add in (-3, -1.25, 0.5, 2.25, 4)
    )
    assert len(design_for(case_of(TARIFF, PRICE, PIPE), "grid", runs=26)) == 8


def test_a_sample_has_one_run_in_each_part_of_each_range() -> None:
    design = design_for(case_of(TARIFF, PIPE), "sample", runs=40, seed=0)
    parts = np.floor((design.points - [5, -3]) / [240, 7] * 40)
    assert [sorted(column) for column in parts.T.tolist()] == [list(range(40))] * 2


@pytest.mark.parametrize("kind", ["sample", "morris", "sobol"])
def test_one_seed_gives_one_design_and_zero_is_a_seed(kind: str) -> None:
    case = case_of(TARIFF, PRICE, PIPE)
    none, zero, again, one = (design_for(case, kind, seed=seed) for seed in (None, 0, 0, 1))
    assert zero.runs == again.runs
    assert zero.runs != one.runs
    assert none.runs == one.runs
    assert (none.seed, zero.seed) == (1, 0)


def test_correlations_are_those_asked_for_and_groups_move_together() -> None:
    from model.analysis.designs.indices import rank_correlation

    near = vary("near", "Demand:near:price", "multiply", 0.8, 1.2, group="prices", distribution="normal")
    far = vary("far", "Demand:far:price", "add", -50, 50, group="prices", distribution="triangular")
    tariff = {**TARIFF, "correlated": "prices 0.7, pipe -0.4"}
    design = design_for(case_of(near, far, tariff, PIPE), "sample", runs=1000, seed=3)
    a, b, c, d = design.points.T
    assert rank_correlation(a, b) == pytest.approx(1)
    assert rank_correlation(a, c) == pytest.approx(0.7, abs=0.03)
    assert rank_correlation(c, d) == pytest.approx(-0.4, abs=0.03)
    assert rank_correlation(a, d) == pytest.approx(0, abs=0.03)
    assert np.quantile(a, [0.05, 0.95]) == pytest.approx([0.8, 1.2], abs=0.005)


def test_a_sample_tells_quantiles_leaders_and_what_the_value_goes_with() -> None:
    """Value 2510 + 115·min(x, 2) of the pipe's change x ≥ 0, so the ranks are those of x as far as x < 2."""
    found = carried(case_of(vary("pipe", "Links:north:capacity", "add", 0, 2)), "sample", runs=20)
    spread = found.tables["Spread"].set_index("output")
    x = found.design.points[:, 0]
    assert spread.loc["value", "p50"] == pytest.approx(2510 + 115 * np.quantile(x, 0.5))
    assert spread.loc["oil: north", "most"] == pytest.approx(4 + x.max())
    assert found.tables["Inputs"]["rank_correlation"].tolist() == pytest.approx([1])
    leading = found.tables["Leading corridors"].set_index("corridor")["runs"].to_dict()
    assert leading == {"north": 10, "south": 10}
    fan = found.tables["Export quantiles"].set_index("corridor")
    assert fan.loc["south", "p05"] == pytest.approx(6 - np.quantile(x, 0.95))


# ---- outages, scenarios


def test_an_outage_loses_what_the_corridor_was_better_by() -> None:
    """Without north 8 Mt go south: 8·205 = 1640, so 2510 − 1640 = 870 is lost, 870 ÷ 365.25 a day, 870 ÷ 4 a tonne;
    2 of the 4 Mt are rerouted. Without south 4 Mt go north: 1280; 1230 is lost, 205 a tonne, nothing rerouted.
    Without both all 2510 is lost, 2510 − 870 − 1230 = 410 more than each alone.
    """
    found = carried(read(two_years()), "outages")
    assert found.design.labels == ("as it stands", "without north", "without south", "without south and north")
    assert found.design.about["span"] == ["2026"]
    table = found.tables["Outages"].set_index("corridor")
    assert list(table.index) == ["south", "north"]
    assert table["value_lost"].to_dict() == pytest.approx({"north": 870, "south": 1230})
    assert table["lost_per_day"].to_dict() == pytest.approx({"north": 870 / 365.25, "south": 1230 / 365.25})
    assert table["lost_per_unit"].to_dict() == pytest.approx({"north": 217.5, "south": 205})
    assert table["volume_out"].to_dict() == pytest.approx({"north": 4, "south": 6})
    assert table["rerouted"].to_dict() == pytest.approx({"north": 2, "south": 0})
    assert table["not_exported"].to_dict() == pytest.approx({"north": 2, "south": 6})
    assert table["where_to"].to_dict() == {"north": "south +2 Mt", "south": ""}
    pair = found.tables["Outage pairs"].iloc[0]
    assert (pair["value_lost"], pair["lost_alone"], pair["lost_together"]) == pytest.approx((2510, 2100, 410))


def test_an_outage_over_a_span_counts_its_days_at_their_present_value() -> None:
    """Two years at 10 %: present value of a day's loss is the same in both, so per day and tonne nothing changes."""
    tables = two_roads(
        periods=[{"period": "2026", "year": 2026}, {"period": "2027", "year": 2027}], settings={"discount_rate": 0.1}
    )
    table = carried(read(tables), "outages", span="2026..2027").tables["Outages"].set_index("corridor")
    assert table["lost_per_day"]["north"] == pytest.approx(870 / 365.25)
    assert table["lost_per_unit"]["north"] == pytest.approx(217.5)
    assert table["volume_out"]["north"] == pytest.approx(8)
    assert table["span"]["north"] == "2026..2027"


def test_an_outage_without_a_plan_is_shown_and_in_no_pair() -> None:
    tables = two_roads()
    tables["Demand"][0]["firm"] = 3
    found = carried(read(tables), "outages")
    assert len(found.design) == 3
    table = found.tables["Outages"].set_index("corridor")
    assert table["status"].to_dict() == {"south": "optimal", "north": "infeasible"}
    assert np.isnan(table.loc["north", ["value_lost", "rerouted"]].astype(float)).all()


def test_a_shared_pipe_is_out_by_its_availability_and_a_minimum_lapses() -> None:
    tables = two_roads(
        Assets=[{"asset": "trunk", "kind": "pipeline", "capacity": 20, "volume_unit": "Mt"}],
        Uses=[{"link": "north", "asset": "trunk"}, {"link": "south", "asset": "trunk"}],
    )
    assert design_for(read(tables), "outages").runs == ({}, {"Assets:trunk:availability@2026": 0.0})
    tables = two_roads()
    tables["Links"][0]["minimum"] = 1
    design = design_for(read(tables), "outages")
    assert design.runs[1] == {"Links:north:minimum@2026": 0.0, "Links:north:capacity@2026": 0.0}
    runner(read(tables))(design)


def test_a_way_that_others_take_later_has_no_loss_per_unit_of_its_own() -> None:
    """Crude leaves over the border pipe, then takes the strait with what is loaded there: its outage stops both."""
    tables = two_roads()
    tables["Commodities"].append({**tables["Commodities"][0], "commodity": "foreign", "origin": "Transit"})
    tables["Supply"].append(supply("hub", "hub", "foreign", 2, 10))
    tables["Demand"][1]["commodity"] = "crude, foreign"
    tables["Links"] += [
        link("border", "field", "hub", "crude", 1, capacity=1),
        link("strait", "hub", "west", "crude, foreign", 1),
    ]
    found = carried(read(tables), "outages")
    assert found.design.about["shared"] == ["strait"]
    table = found.tables["Outages"].set_index("corridor")
    assert np.isnan(table["lost_per_unit"]["strait"])
    assert table["lost_per_unit"]["north"] > 0
    assert table["volume_out"]["strait"] == pytest.approx(2)
    assert table["where_to"]["strait"].startswith("south +1 Mt, border -1 Mt")


def test_a_pipeline_may_bear_the_name_of_a_link() -> None:
    """The shared pipeline ``north`` is out with all its links, not the link of that name alone."""
    tables = two_roads(
        Assets=[{"asset": "north", "kind": "pipeline", "capacity": 20, "volume_unit": "Mt"}],
        Uses=[{"link": "north", "asset": "north"}, {"link": "south", "asset": "north"}],
    )
    assert design_for(read(tables), "outages").runs[1] == {"Assets:north:availability@2026": 0.0}


def test_scenarios_are_set_beside_the_first() -> None:
    wide = {"scenario": "wide", "sheet": "Links", "key": "north", "column": "capacity", "change": "add", "value": 2}
    tables = two_roads(
        Scenarios=[{"scenario": "wide", "run": "yes"}, {"scenario": "not run", "run": "no"}],
        Changes=[wide],
    )
    table = carried(read(tables), "scenarios").tables["Scenarios"]
    assert table["scenario"].tolist() == ["base", "wide"]
    assert table["against_first"].tolist() == pytest.approx([0, 230])
    assert table["largest_changes"].tolist() == ["", "north +2, south -2"]


# ---- what cannot be


@pytest.mark.parametrize(
    ("kind", "options", "text"),
    [
        ("tornadoes", {}, "There is no design 'tornadoes'. Nearest valid name: 'tornado'."),
        ("sample", {"runs": 0}, "A design of 0 runs is none"),
        ("sample", {"seed": -1}, "The seed -1 is negative"),
        ("sample", {"span": "2026"}, "Only outages have a span"),
        ("tornado", {"runs": 4}, "A tornado of 3 inputs takes 7 runs, not 4."),
        ("grid", {"runs": 7}, "A grid of 3 inputs takes at least 8 runs, not 7"),
        ("morris", {"runs": 7}, "Morris' screening of 3 inputs takes at least 8 runs, not 7."),
        ("sobol", {"runs": 39}, "Sobol' indices of 3 inputs take at least 40 runs, not 39."),
        ("outages", {"span": "2030"}, "There is no period '2030'"),
    ],
)
def test_what_cannot_be_is_said_before_any_run(kind: str, options: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError) as caught:
        design_for(case_of(TARIFF, PRICE, PIPE), kind, **options)
    assert text in str(caught.value)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("outages", "scenarios")])
def test_a_blank_sheet_of_ranges_is_said(kind: str) -> None:
    with pytest.raises(UsageError, match="The sheet Ranges is blank"):
        design_for(case_of(), kind)


@pytest.mark.parametrize("kind", ["morris", "sobol"])
def test_indices_need_independent_inputs(kind: str) -> None:
    case = case_of({**TARIFF, "correlated": "pipe 0.5"}, PIPE)
    with pytest.raises(UsageError, match="correlates 'south tariff' with 'pipe'"):
        design_for(case, kind)


def test_names_that_no_folder_would_take_are_only_names() -> None:
    rows = [{**TARIFF, "range": name, "key": key} for name, key in (("CON", "north"), ("a.", "south"))]
    design = design_for(case_of(*rows), "tornado")
    assert design.factors == ("CON", "a.")
