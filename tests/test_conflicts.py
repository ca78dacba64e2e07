"""What contradicts itself in an infeasible case, in the user's own numbers, and the changes that mend it."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pyomo.environ as pyo
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.analysis.batch.design import listed
from model.analysis.batch.sweep import sweep
from model.analysis.designs.causes import causes
from model.analysis.designs.meanings import meaning_of
from model.api import solve, solve_one
from model.case import Case
from model.cli import main
from model.conflict import Conflict
from model.conflicts import find_conflicts
from model.engine import Engine
from model.errors import InfeasibleCase
from model.horizon import with_periods
from model.report.conflict import write_conflicts
from model.scenario import with_changes, with_scenario
from model.workbook.template import write_workbook
from tests.small_cases import Tables, case_of, link, one_route


def conflicts_of(case: Case) -> tuple[Conflict, ...]:
    with pytest.raises(InfeasibleCase) as caught:
        solve_one(Engine([case]), case)
    return caught.value.conflicts


def mends(case: Case, changes: dict[str, float]) -> bool:
    changed = with_changes(case, changes)
    return Engine([changed]).solve(changed).status == "optimal"


def check_repairs(case: Case, conflict: Conflict) -> None:
    """Each repair mends the case, and a hundredth less of its largest change does not."""
    for repair in conflict.repairs:
        assert mends(case, {one.address: one.new for one in repair.changes}), str(repair)
        most = max(repair.changes, key=lambda one: one.share)
        less = {one.address: one.new for one in repair.changes} | {
            most.address: most.old + 0.99 * (most.new - most.old)
        }
        assert not mends(case, less), f"{repair} is more than needed"


def narrow() -> Tables:
    """14 Mt must arrive, the ship takes 11; the pipe (20) and the wells (20) have nothing to do with it."""
    tables = one_route()
    tables["Demand"][0]["firm"] = 14
    tables["Links"][0]["capacity"] = 20
    tables["Links"][1]["capacity"] = 11
    return tables


def test_two_numbers_that_contradict_each_other_and_both_ways_out() -> None:
    """Lower 14 by 3 (21 % of it) or raise 11 by 3 (27 %)."""
    case = case_of(narrow())
    (found,) = conflicts_of(case)
    assert [(one.cell, one.size, one.unit) for one in found.parts] == [
        ("Demand!F2", 14, "Mt/year"),
        ("Links!G3", 11, "Mt/year"),
    ]
    assert [[(c.cell, c.old, c.new) for c in one.changes] for one in found.repairs] == [
        [("Demand!F2", 14, pytest.approx(11))],
        [("Links!G3", 11, pytest.approx(14))],
    ]
    assert [one.weight for one in found.repairs] == pytest.approx([3 / 14, 3 / 11])
    assert found.periods == "2026..2027"
    check_repairs(case, found)


def test_a_repair_of_several_numbers_where_none_alone_is_enough() -> None:
    """Neither the ship (11) nor the wells (10) alone lets 14 Mt arrive: raise both, or ask for less."""
    tables = narrow()
    tables["Supply"][0]["capacity"] = 10
    case = case_of(tables)
    (found,) = conflicts_of(case)
    ways = [{(c.cell, c.new) for c in one.changes} for one in found.repairs]
    assert ways == [{("Demand!F2", 10)}, {("Supply!D2", 14), ("Links!G3", 14)}]
    check_repairs(case, found)


def test_conflicts_of_different_causes_are_told_apart() -> None:
    tables = narrow()
    tables["Nodes"].append({"node": "town", "country": "Northland", "kind": "market"})
    tables["Links"].append(link("lane", "field", "town", capacity=1))
    tables["Demand"].append(
        {"demand": "stoves", "node": "town", "commodity": "light", "volume": 4, "firm": 2, "price": 9}
    )
    case = case_of(tables)
    found = conflicts_of(case)
    assert {tuple(part.cell for part in one.parts) for one in found} == {
        ("Demand!F2", "Links!G3"),
        ("Demand!F3", "Links!G4"),
    }


def test_a_series_is_mended_cell_by_cell() -> None:
    tables = narrow()
    tables["Series"] = [{"sheet": "Links", "key": "ship", "column": "capacity", "2026": 13, "2027": 12}]
    case = case_of(tables)
    (found,) = conflicts_of(case)
    series = next(one for one in found.repairs if len(one.changes) == 2)
    assert [(c.cell, c.address, c.new) for c in series.changes] == [
        ("Series!D2", "Links:ship:capacity@2026", 14),
        ("Series!E2", "Links:ship:capacity@2027", 14),
    ]
    assert str(found).split("\n") == [
        "2027: Demand!F2 (sales, firm 14 Mt/year) exceeds what Series!E2 (ship, capacity 12 Mt/year) allows; "
        "so it is in 2026.",
        "    to mend it, lower Demand!F2 (sales, firm) by 2 Mt/year to 12 (14.3%)",
        "    or raise 2 cells Series!D2 and E2 (ship, capacity) to 14 Mt/year in 2026 and 2027",
    ]


def test_units_and_losses_are_counted() -> None:
    """A tenth is lost at sea: for 14 Mt to arrive 15.5556 must sail; the ship is given in kt a year."""
    tables = narrow()
    tables["Links"][1].update(loss=0.1, capacity=11_000, volume_unit="kt")
    case = case_of(tables)
    (found,) = conflicts_of(case)
    change = found.repairs[1].changes[0] if found.repairs[1].changes[0].column == "capacity" else None
    assert change is not None
    assert change.new == pytest.approx(14_000 / 0.9, rel=1e-5)
    check_repairs(case, found)


def test_assets_contracts_limits_reserves_and_minimums() -> None:
    for sheet, row, cell, new in (
        ("Contracts", {"contract": "c", "type": "ship-or-pay", "applies_to": "ship", "volume": 1, "shortfall_price": 1,
                       "ceiling": 13}, "Contracts!F2", 14),
        ("Limits", {"limit": "l", "measure": "flow", "what": "link=pipe", "at_most": 12}, "Limits!D2", 14),
        ("Assets", {"asset": "berth", "capacity": 5}, "Assets!B2", 14),
    ):  # fmt: skip
        tables = narrow()
        tables["Links"][1]["capacity"] = 20
        tables[sheet] = [row]
        if sheet == "Assets":
            tables["Uses"] = [{"link": "ship", "asset": "berth"}]
        case = case_of(tables)
        (found,) = conflicts_of(case)
        ways = {one.changes[0].cell: one.changes[0].new for one in found.repairs if len(one.changes) == 1}
        assert ways[cell] == pytest.approx(new), sheet
        check_repairs(case, found)


def test_reserves_over_the_horizon() -> None:
    """28 Mt are asked in two years of a field that holds 25: 12.5 a year."""
    tables = narrow()
    tables["Links"][1]["capacity"] = 20
    tables["Supply"][0]["reserves"] = 25
    case = case_of(tables)
    (found,) = conflicts_of(case)
    assert {(c.column, c.new) for one in found.repairs for c in one.changes} == {("firm", 12.5), ("reserves", 28)}


def test_demand_that_nothing_reaches_can_only_be_lowered() -> None:
    tables = one_route()
    tables["Nodes"].append({"node": "island", "country": "Northland", "kind": "market"})
    row = {"demand": "isle", "node": "island", "commodity": "light", "volume": 4, "firm": 2, "price": 9}
    tables["Demand"].append(row)
    (found,) = conflicts_of(case_of(tables))
    assert [[(c.cell, c.new) for c in one.changes] for one in found.repairs] == [[("Demand!F3", 0)]]


def test_a_closed_link_takes_part() -> None:
    tables = narrow()
    tables["Links"][1].update(capacity=20, opens="2027")
    (found,) = conflicts_of(case_of(tables))
    asked, closed = found.parts
    assert (asked.cell, asked.column) == ("Demand!F2", "firm")
    assert (closed.name, closed.column, closed.periods) == ("ship", "opens", "2026")


def test_a_number_that_a_scenario_changes_is_named_by_its_cell_in_changes() -> None:
    """The berth takes 20 · 0.5 = 10 of the 14 Mt asked in 2027: at least 0.7 of it has to be at work."""
    tables = narrow()
    tables["Links"][1]["capacity"] = 20
    tables["Assets"] = [{"asset": "berth", "capacity": 20}]
    tables["Uses"] = [{"link": "ship", "asset": "berth"}]
    tables["Scenarios"] = [{"scenario": "outage", "run": "yes"}]
    tables["Changes"] = [{"scenario": "outage", "sheet": "Assets", "key": "berth", "column": "availability",
                          "period": "2027", "change": "set", "value": 0.5}]  # fmt: skip
    (found,) = conflicts_of(with_scenario(case_of(tables), "outage"))
    assert [(part.cell, part.column, part.periods) for part in found.parts] == [
        ("Demand!F2", "firm", "2027"),
        ("Changes!G2", "availability", "2027"),
    ]
    assert [(c.cell, c.old, c.new) for one in found.repairs for c in one.changes] == [
        ("Demand!F2", 14, pytest.approx(10)),
        ("Changes!G2", 0.5, pytest.approx(0.7)),
    ]


def test_a_limit_on_a_share_takes_part() -> None:
    """Of the 20 Mt that may leave at most a tenth may sail, 2 of them; 3 must: 3 of 20."""
    tables = one_route()
    tables["Links"] = [link("ship", "field", "market", minimum=3), link("train", "field", "market", capacity=18)]
    tables["Demand"][0].update(volume=40)
    tables["Limits"] = [{"limit": "part", "measure": "flow", "what": "link=ship", "of": "link=*", "at_most": 0.1}]
    case = case_of(tables)
    (found,) = conflicts_of(case)
    assert {(part.cell, part.size) for part in found.parts} >= {("Limits!E2", 0.1)}
    (share,) = [one.changes[0] for one in found.repairs if one.changes[0].cell == "Limits!E2"]
    assert share.new == pytest.approx(3 / 20, abs=1e-4)
    assert mends(case, {share.address: share.new})
    assert not mends(case, {share.address: share.new - 1e-4})


def test_projects_and_their_money_take_part() -> None:
    """Two pipes must be built at 100 million each, of which the fund has 150."""
    tables = one_route()
    tables["Links"][0]["capacity"] = 20
    tables["Funds"] = [{"fund": "bank", "budget": 150}]
    tables["Projects"] = [{"project": "second", "adds_to": "pipe", "size": 5, "max_units": 3, "whole_units": "yes",
                           "capex": 100, "life_years": 20, "funds": "bank"}]  # fmt: skip
    tables["Limits"] = [
        {"limit": "must", "measure": "built", "what": "project=second", "at_least": 2, "per": "horizon"}
    ]
    (found,) = conflicts_of(case_of(tables))
    assert {(part.cell, part.size) for part in found.parts} == {("Limits!D2", 2), ("Funds!B2", 150)}
    ways = {one.changes[0].cell: one.changes[0].new for one in found.repairs}
    assert ways == {"Funds!B2": 200, "Limits!D2": 1}, "half a pipe cannot be built"


@pytest.mark.parametrize(("earliest", "cells"), [("2027", {"Limits!D2", "Projects!G2"}), ("2026", None)])
def test_a_project_that_begins_too_late_is_named(earliest: str, cells: set[str] | None) -> None:
    """A pipe must be begun in 2026, and cannot before 2027; where it can there is a plan."""
    tables = one_route()
    tables["Links"][0]["capacity"] = 20
    tables["Projects"] = [{"project": "second", "adds_to": "pipe", "size": 5, "max_units": 1, "whole_units": "no",
                           "capex": 100, "earliest": earliest, "life_years": 20}]  # fmt: skip
    tables["Limits"] = [{"limit": "must", "measure": "built", "what": "project=second", "at_least": 1,
                         "opens": "2026", "closes": "2026"}]  # fmt: skip
    case = case_of(tables)
    if cells is None:
        assert Engine([case]).solve(case).status == "optimal"
        return
    (found,) = conflicts_of(case)
    assert {part.cell for part in found.parts} == cells
    assert "2026: " in str(found)
    assert "Projects!G2 (second, shut by earliest)" in str(found)


def test_whole_units_of_which_no_number_fits() -> None:
    """Cargoes of 4 Mt each, and between 2 and 3 Mt a year to be sold: half a one would do."""

    def by_cargo(model: pyo.ConcreteModel) -> None:
        model.cargoes = pyo.Var(model.periods, domain=pyo.NonNegativeIntegers, bounds=(0, 5))
        model.full = pyo.Constraint(
            model.periods, rule=lambda m, t: m.delivery["sales", "light", t] == 4 * m.cargoes[t]
        )

    tables = one_route()
    tables["Limits"] = [{"limit": "some", "measure": "delivery", "what": "demand=sales", "at_least": 2, "at_most": 3}]
    case = case_of(tables)
    with pytest.raises(InfeasibleCase) as caught:
        solve(case, hook=by_cargo)
    (found,) = caught.value.conflicts
    assert not found.minimal
    assert [[(c.column, c.new) for c in one.changes] for one in found.repairs] == [[("at_most", 4)], [("at_least", 0)]]
    assert "whole units leave no plan" in str(found)
    for repair in found.repairs:
        changed = with_changes(case, {one.address: one.new for one in repair.changes})
        assert Engine([changed], by_cargo).solve(changed).status == "optimal"


def test_a_cause_in_the_users_own_rows_has_no_cells() -> None:
    def impossible(model: pyo.ConcreteModel) -> None:
        model.mine = pyo.Constraint(expr=model.delivery["sales", "light", "2026"] >= 16)

    with pytest.raises(InfeasibleCase) as caught:
        solve(case_of(one_route()), hook=impossible)
    ways = [(c.cell, c.new) for one in caught.value.conflicts for r in one.repairs for c in r.changes]
    assert ways == [("Demand!D2", 16)], "the demand's volume of 15 contradicts the row"


def test_the_workbook_of_conflicts(tmp_path: Path) -> None:
    case = case_of(narrow())
    with pytest.raises(InfeasibleCase) as caught:
        solve_one(Engine([case]), case)
    write_conflicts(tmp_path / "conflict.xlsx", case, {"base": caught.value})
    book = openpyxl.load_workbook(tmp_path / "conflict.xlsx")
    rows = list(book["Conflict"].iter_rows(min_row=5, values_only=True))
    assert [(row[3], row[4], row[8], row[10]) for row in rows] == [
        (
            "in words",
            "Demand!F2 (sales, firm 14 Mt/year) exceeds what Links!G3 (ship, capacity 11 Mt/year) allows.",
            None,
            None,
        ),
        ("takes part", "Demand!F2", 14, ""),
        ("takes part", "Links!G3", 11, ""),
        ("repair 1: lower", "Demand!F2", 14, 11),
        ("repair 2: raise", "Links!G3", 11, 14),
    ]
    assert [row[1] for row in book["Shortages"].iter_rows(min_row=5, max_row=6, values_only=True)] == ["2026", "2027"]


def test_it_is_told_in_a_sentence() -> None:
    (found,) = conflicts_of(case_of(narrow()))
    assert str(found).split("\n") == [
        "2026..2027: Demand!F2 (sales, firm 14 Mt/year) exceeds what Links!G3 (ship, capacity 11 Mt/year) allows.",
        "    to mend it, lower Demand!F2 (sales, firm) by 3 Mt/year to 11 (21.4%)",
        "    or raise Links!G3 (ship, capacity) by 3 Mt/year to 14 (27.3%)",
    ]
    two = narrow()
    two["Supply"][0]["capacity"] = 10
    (found,) = conflicts_of(case_of(two))
    assert "exceeds what Supply!D2 (wells, capacity 10 Mt/year) allows." in str(found)


def test_many_numbers_stand_one_a_line() -> None:
    """Six fields of 1 Mt for a demand of 14."""
    tables = narrow()
    tables["Links"][1]["capacity"] = 20
    tables["Supply"] = [{**tables["Supply"][0], "supply": f"wells {i}", "capacity": 1} for i in range(6)]
    (found,) = conflicts_of(case_of(tables))
    lines = str(found).split("\n")
    assert lines[:3] == [
        "2026..2027: more is asked than there is room for",
        "    asked: Demand!F2 (sales, firm 14 Mt/year)",
        "    room: Supply!D2 (wells 0, capacity 1 Mt/year)",
    ]


def test_a_series_takes_part_as_one() -> None:
    """The ship may carry 20 Mt over both years, and must bring 14 in each of them; without series it is one number."""
    tables = narrow()
    tables["Demand"][0]["firm"] = None
    tables["Demand"][0]["volume"] = 40
    tables["Limits"] = [
        {"limit": "both years", "measure": "delivery", "what": "demand=sales", "at_least": 28, "per": "horizon"}
    ]
    tables["Series"] = [{"sheet": "Links", "key": "ship", "column": "capacity", "2026": 13, "2027": 12}]
    (found,) = conflicts_of(case_of(tables))
    assert str(found).split("\n")[0] == (
        "2026..2027: Limits!D2 (both years, at_least 28 Mt) exceeds what 2 cells Series!D2 and E2 "
        "(ship, capacity 12 to 13 Mt/year in 2026 and 2027) allow."
    )


def scenarios(change: str, value: float, period: str | None = None) -> Tables:
    tables = narrow()
    tables["Links"][1]["capacity"] = 14
    tables["Scenarios"] = [{"scenario": "low", "run": "yes"}]
    tables["Changes"] = [
        {"scenario": "low", "sheet": "Links", "key": "ship", "column": "capacity", "period": period, "change": change,
         "value": value}
    ]  # fmt: skip
    return tables


def test_what_a_scenario_sets_stands_in_its_changes() -> None:
    """The ship has 14 Mt in the workbook and 11 in the scenario: its cell is the one in Changes."""
    low = with_scenario(case_of(scenarios("set", 11)), "low")
    (found,) = conflicts_of(low)
    assert [(one.cell, one.size) for one in found.parts] == [("Demand!F2", 14), ("Changes!G2", 11)]
    check_repairs(low, found)
    later = with_scenario(case_of(scenarios("set", 11, "2027")), "low")
    (found,) = conflicts_of(later)
    assert [(one.cell, one.periods) for one in found.parts] == [("Demand!F2", "2027"), ("Changes!G2", "2027")]
    check_repairs(later, found)


def test_what_a_scenario_multiplies_stands_in_both_cells() -> None:
    low = with_scenario(case_of(scenarios("multiply", 0.5)), "low")
    (found,) = conflicts_of(low)
    assert [(one.cell, one.size) for one in found.parts] == [("Demand!F2", 14), ("Links!G3 with Changes!G2", 7)]
    cut = with_scenario(with_periods_of_one(scenarios("set", 11)), "low")
    assert conflicts_of(cut)[0].parts[1].cell == "Changes!G2", "also where the case is cut to some periods"


def with_periods_of_one(tables: Tables) -> Case:
    return with_periods(case_of(tables), "2027", "2027")


def test_a_minimum_that_lapses_in_some_periods() -> None:
    """The wells must give 12 of the 14 they can, 9 in 2027 where that is all they can; the ship takes 8."""
    tables = narrow()
    tables["Demand"][0]["firm"] = None
    tables["Links"][1]["capacity"] = 8
    tables["Supply"][0].update(minimum=12, capacity=14)
    tables["Series"] = [{"sheet": "Supply", "key": "wells", "column": "capacity", "2027": 9}]
    case = case_of(tables)
    (found,) = conflicts_of(case)
    assert str(found.repairs[0]) == "lower Supply!F2 (wells, minimum) by 4 Mt/year to 8 (33.3%)"
    assert {part.cell for part in found.parts} == {"Supply!F2", "Links!G3"}
    assert {part.size for part in found.parts if part.asks} == {12}
    assert mends(case, {"Supply:wells:minimum": 8})


def test_a_store_that_must_end_as_it_began() -> None:
    """A tenth of the 3 Mt is lost in each of two years, 0.57 Mt in all, and the wells are shut: 2.43 Mt are left."""
    tables = narrow()
    tables["Demand"][0]["firm"] = None
    tables["Supply"][0]["capacity"] = 0
    tables["Storage"] = [
        {"storage": "tank", "node": "port", "commodity": "light", "capacity": 5, "inject": 5, "withdraw": 5,
         "initial": 3, "final": "initial", "loss": 0.1}
    ]  # fmt: skip
    case = case_of(tables)
    (found,) = conflicts_of(case)
    ends = [change for one in found.repairs for change in one.changes if change.column == "final"]
    assert [(one.cell, one.old, one.new) for one in ends] == [("Storage!H2", 3, pytest.approx(2.43))]
    assert mends(case, {"Storage:tank:final": 2.43})


def test_results_tell_of_scenarios_without_a_plan(tmp_path: Path) -> None:
    """base is solved, low is not: results.xlsx has its contradiction beside the results of base."""
    book = write_workbook(tmp_path / "ship.xlsx", scenarios("set", 11))
    assert main(["solve", str(book), "--out", str(tmp_path / "out")]) == 5
    found = openpyxl.load_workbook(tmp_path / "out" / "results.xlsx")
    cells = [row[:5] for row in found["Conflict"].iter_rows(min_row=5, max_row=7, values_only=True)]
    assert cells[1:] == [
        ("low", 1, "2026..2027", "takes part", "Demand!E5"),
        ("low", 1, "2026..2027", "takes part", "Changes!G5"),
    ]
    assert "Flows" in found.sheetnames


def test_causes_of_a_batch_are_told_once() -> None:
    """Ships of 1 to 13 Mt fail for one cause, a demand of 17 for a pipe of 16 for another; 14 and more are solved."""
    tables = narrow()
    tables["Links"][0]["capacity"] = 16
    tables["Demand"][0]["volume"] = 17
    case = case_of(tables)
    runs = [{"Links:ship:capacity": float(v)} for v in range(1, 16)]
    runs.append({"Links:ship:capacity": 20.0, "Demand:sales:firm": 17.0})
    design = listed(runs)
    frame = sweep(case, runs, ["value"]).frame()
    found = causes(case, design, frame)
    assert [(row.cause, row.runs_with_it, row.runs_searched, row.first_run) for row in found.itertuples()] == [
        (1, 13, 14, 1),
        (2, 1, 14, 16),
    ]
    assert "Links!G3 (ship, capacity 1 Mt/year) allows." in found["contradiction"][0]
    assert found["repair"][1] == "lower Demand!F2 (sales, firm) by 1 Mt/year to 16 (5.9%)"
    assert all(meaning_of(column)[0] for column in found)
    few = causes(case, design, frame, most=3)
    assert few["runs_searched"].tolist() == [3] * len(few)
    assert len(causes(case, design, frame.assign(status="optimal"))) == 0


volumes = st.integers(1, 30)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(volumes, volumes, volumes, st.integers(1, 30), st.integers(1, 30))
def test_every_repair_mends_and_no_part_can_be_left_out(
    supply: int, pipe: int, train: int, near: int, far: int
) -> None:
    tables = one_route()
    tables["Supply"][0]["capacity"] = supply
    tables["Links"] = [link("pipe", "field", "port", capacity=pipe), link("train", "field", "market", capacity=train)]
    tables["Demand"] = [
        {"demand": name, "node": node, "commodity": "light", "volume": 30, "firm": volume, "price": 100}
        for name, node, volume in (("near", "port", near), ("far", "market", far))
    ]
    case = case_of(tables)
    engine = Engine([case])
    if engine.solve(case).status == "optimal":
        return
    found = find_conflicts(engine, case)
    assert found
    besides = {
        one: {p.address: 0.0 for o in found if o is not one for p in o.parts if p.column == "firm"} for one in found
    }
    for one in found:
        assert one.repairs
        others = besides[one]
        for repair in one.repairs:
            assert mends(case, {**others, **{c.address: c.new for c in repair.changes}})
        asked = {part.address: 0.0 for part in one.parts if part.column == "firm"}
        assert asked, "what is asked takes part in every contradiction"
