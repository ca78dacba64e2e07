"""Which periods a conflict names, and whether what it says to type gives a plan when it is typed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.api import read_case, solve
from model.case import Case
from model.conflict import Change, Conflict, Repair, amount, figure, printable
from model.conflicts import _shown
from model.engine import Engine
from model.errors import InfeasibleCase
from model.scenario import with_scenario
from model.workbook.template import write_workbook
from tests.small_cases import Tables, case_of, link, one_route
from tests.test_conflicts import conflicts_of, mends, narrow


def told(found: Conflict) -> str:
    return str(found).split("\n")[0]


def typed(book: Path, repairs: list[Repair], scenario: str = "base") -> Case:
    """The case of a workbook into whose cells the numbers of some repairs are typed as they are printed."""
    sheets = openpyxl.load_workbook(book)
    for change in (one for repair in repairs for one in repair.changes):
        sheet, _, cell = change.cell.partition("!")
        sheets[sheet][cell].value = float(figure(change.new).replace(",", ""))
    path = book.with_name("mended.xlsx")
    sheets.save(path)
    return with_scenario(read_case(path), scenario)


def has_plan(case: Case) -> bool:
    return Engine([case]).solve(case).status == "optimal"


@given(
    st.floats(1e-9, 1e9),
    st.booleans(),
    st.sampled_from([0, 1]),
)
def test_a_number_is_rounded_towards_room_and_reads_as_it_is(value: float, up: bool, spare: int) -> None:
    new = printable(value, up=up, spare=spare)
    assert float(figure(new).replace(",", "")) == pytest.approx(new, rel=1e-12)
    slack = 1e-9 * value  # what is within a ten-thousandth of the last digit is that digit
    assert new >= value - slack if up else new <= value + slack
    assert new == pytest.approx(value, rel=3e-5), "no more than the last digits are lost"
    assert f"{new:.6g}" == f"{new:.15g}" or not 1e-4 < new < 1e6


@pytest.mark.parametrize(
    ("value", "up", "size", "new"),
    [
        (4.55191e-14, False, 3, 0),
        (-4e-16, False, 3, 0),
        (2e-6, False, 3, 0),
        (4e-6, False, 3, 4e-6),
        (4.55191e-14, False, 1e-13, 4.55191e-14),
        (2.9999999999996, False, 3, 3),
        (3.0000000000004, True, 3, 3),
        (2.99999951, False, 3, 2.99999),
        (3.00000049, True, 3, 3.00001),
        (1234567.8, True, 1, 1234570),
    ],
)
def test_specks_are_nothing_and_small_numbers_are_not(value: float, up: bool, size: float, new: float) -> None:
    assert printable(value, up=up, size=size) == pytest.approx(new, rel=1e-12, abs=0)


def test_numbers_are_told_without_exponents() -> None:
    assert [figure(x) for x in (0, 3, 0.1 + 0.2, 1234567.8, 4e-6, 0.9999999)] == [
        "0", "3", "0.3", "1,234,568", "0.000004", "1",
    ]  # fmt: skip
    assert figure(math.inf) == "inf"
    assert [amount(1, "units"), amount(1.5, "units"), amount(0.2, "share")] == ["1 unit", "1.5 units", "0.2"]


def test_a_repair_to_nothing_says_nothing(tmp_path: Path) -> None:
    """0.1 of 0.3 Mt is asked three times over what is shut: sums of such numbers leave specks, which are told as 0."""
    tables = narrow()
    tables["Demand"][0]["firm"] = 0.3
    tables["Links"][1]["capacity"] = 0
    book = write_workbook(tmp_path / "shut.xlsx", tables)
    (found,) = conflicts_of(read_case(book))
    assert (
        str(found.repairs[0]) == f"lower {found.repairs[0].changes[0].cell} (sales, firm) by 0.3 Mt/year to 0 (100.0%)"
    )
    assert has_plan(typed(book, [found.repairs[0]]))


def test_a_hair_too_much_is_mended_by_what_is_printed(tmp_path: Path) -> None:
    """20 and three ten-millionths do not fit into 20, nor into what a rounding to the nearest would print."""
    tables = narrow()
    tables["Demand"][0].update(firm=None, volume=30)
    tables["Supply"][0]["capacity"] = 30
    tables["Links"][1]["capacity"] = 20
    tables["Links"][0]["capacity"] = 30
    tables["Limits"] = [{"limit": "just", "measure": "flow", "what": "link=ship", "at_least": 20.0000003}]
    book = write_workbook(tmp_path / "hair.xlsx", tables)
    (found,) = conflicts_of(read_case(book))
    assert [one.changes[0].new for one in found.repairs] == [20, 20.0001]
    assert "at_least 20.0000003 Mt/year) exceeds what Links!G6 (ship, capacity 20 Mt/year) allows" in told(found)
    assert all(has_plan(typed(book, [one])) for one in found.repairs)


def test_only_the_periods_that_fail_are_named() -> None:
    """The limit asks for 14 Mt in 2027 only; the ship takes 11 in both years."""
    tables = narrow()
    tables["Demand"][0]["firm"] = None
    tables["Limits"] = [
        {"limit": "late", "measure": "delivery", "what": "demand=sales", "at_least": 14, "opens": "2027"}
    ]
    (found,) = conflicts_of(case_of(tables))
    assert told(found) == (
        "2027: Limits!D2 (late, at_least 14 Mt/year) exceeds what Links!G3 (ship, capacity 11 Mt/year) allows."
    )
    assert {part.periods for part in found.parts} == {"2027"}


def test_where_other_numbers_are_in_the_way_it_is_said() -> None:
    """14 Mt are asked; the ship takes 5 in 2026, and in 2027 it takes 20 but the wells give 10."""
    tables = narrow()
    tables["Links"][1]["capacity"] = 20
    tables["Series"] = [
        {"sheet": "Links", "key": "ship", "column": "capacity", "2026": 5},
        {"sheet": "Supply", "key": "wells", "column": "capacity", "2027": 10},
    ]
    case = case_of(tables)
    (found,) = conflicts_of(case)
    assert told(found) == (
        "2026: Demand!F2 (sales, firm 14 Mt/year) exceeds what Series!D2 (ship, capacity 5 Mt/year) allows; "
        "other numbers are in the way in 2027."
    )
    assert [(c.cell, c.new) for c in found.repairs[0].changes] == [("Demand!F2", 5)]
    assert mends(case, {"Demand:sales:firm": 5})


def test_periods_that_are_needed_together_are_all_named() -> None:
    """25 Mt in the ground for 14 Mt in each of three years: two years have enough, three have not (42)."""
    tables = narrow()
    tables["Links"][1]["capacity"] = 20
    tables["Supply"][0]["reserves"] = 30
    tables["Periods"].append({"period": "2028", "year": 2028, "years": 1})
    (found,) = conflicts_of(case_of(tables))
    assert found.periods == "2026..2028"
    tables["Supply"][0]["reserves"] = 25
    (found,) = conflicts_of(case_of(tables))
    assert len(found.periods.split("..")) == 2, "25 Mt are too little for any two of them (28)"
    assert "2026..2027" in found.periods or "2027..2028" in found.periods or "2026, 2028" in found.periods


def test_a_closed_link_that_would_not_help_is_not_named() -> None:
    """A second ship is closed in 2026, but it leaves from where nothing arrives."""
    tables = narrow()
    tables["Nodes"].append({"node": "quay", "country": "Northland", "kind": "hub"})
    tables["Links"].append(link("other", "quay", "market", capacity=9, opens="2027"))
    (found,) = conflicts_of(case_of(tables))
    assert {part.cell for part in found.parts} == {"Demand!F2", "Links!G3"}


def test_what_lessens_a_capacity_is_named_with_it() -> None:
    """Half of 20 Mt less 4 for others leave 6 of the 14 asked; 36 Mt would be enough, 36·0.5 − 4 = 14.

    Availability alone: 20·a − 4 ≥ 14 at a = 0.9. What others have: 20·0.5 − 0 = 10 is too little by itself.
    """
    tables = narrow()
    tables["Links"][1]["capacity"] = 20
    tables["Assets"] = [{"asset": "berth", "capacity": 20, "availability": 0.5, "reserved": 4}]
    tables["Uses"] = [{"link": "ship", "asset": "berth"}]
    case = case_of(tables)
    (found,) = conflicts_of(case)
    assert {(part.column, part.size) for part in found.parts} == {("firm", 14), ("capacity", 20), ("availability", 0.5)}
    ways = {one.changes[0].column: one.changes[0].new for one in found.repairs}
    assert ways == {"firm": 6, "capacity": 36, "availability": 0.9}
    assert mends(case, {"Assets:berth:availability": 0.9})
    assert not mends(case, {"Assets:berth:availability": 0.899})
    tables["Assets"][0].update(availability=1, reserved=10)
    (found,) = conflicts_of(case_of(tables))
    assert ("reserved", 6.0) in {(one.changes[0].column, one.changes[0].new) for one in found.repairs}


def test_one_row_of_changes_that_sets_several_numbers_is_told_one_number(tmp_path: Path) -> None:
    """Both legs are set to 9 Mt by one cell; 14 must arrive, a tenth is lost on the first: 15.5556 must enter it."""
    tables = narrow()
    tables["Links"] = [
        link("leg one", "field", "port", capacity=20, loss=0.1), link("leg two", "port", "market", capacity=20)
    ]  # fmt: skip
    tables["Scenarios"] = [{"scenario": "low", "run": "yes"}]
    tables["Changes"] = [
        {"scenario": "low", "sheet": "Links", "key": "leg*", "column": "capacity", "change": "set", "value": 9}
    ]
    book = write_workbook(tmp_path / "legs.xlsx", tables)
    (found,) = conflicts_of(with_scenario(read_case(book), "low"))
    for repair in found.repairs:
        assert len({change.new for change in repair.changes}) == 1, str(repair)
        assert has_plan(typed(book, [repair], "low")), str(repair)
    assert max(change.new for repair in found.repairs for change in repair.changes) == 15.5556


def test_a_number_made_of_two_cells_is_mended_by_a_row_of_changes() -> None:
    """Half of the ship's 14 Mt: typed into either cell, the 14 that it needs would be halved or multiply."""
    tables = narrow()
    tables["Links"][1]["capacity"] = 14
    tables["Scenarios"] = [{"scenario": "low", "run": "yes"}]
    factor = {"scenario": "low", "sheet": "Links", "key": "ship", "column": "capacity", "change": "multiply"}
    tables["Changes"] = [{**factor, "value": 0.5}]
    (found,) = conflicts_of(with_scenario(case_of(tables), "low"))
    assert str(found.repairs[1]) == (
        "raise Links!G3 with Changes!F2 (ship, capacity) by 7 Mt/year to 14 (100.0%), "
        "which a further row of Changes can set"
    )
    tables["Changes"].append({**factor, "change": "set", "value": found.repairs[1].changes[0].new})
    assert has_plan(with_scenario(case_of(tables), "low"))


def two_asked(first: int, second: int, room: int) -> Tables:
    """Two markets behind one pipe."""
    tables = one_route()
    tables["Nodes"].append({"node": "town", "country": "Northland", "kind": "market"})
    tables["Supply"][0]["capacity"] = 60
    tables["Links"] = [
        link("pipe", "field", "port", capacity=room), link("east", "port", "market"), link("west", "port", "town")
    ]  # fmt: skip
    tables["Demand"] = [
        {"demand": name, "node": node, "commodity": "light", "volume": 30, "firm": volume, "price": 100}
        for name, node, volume in (("near", "market", first), ("far", "town", second))
    ]
    return tables


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 30))
def test_any_way_out_of_one_with_the_first_of_the_others_gives_a_plan(first: int, second: int, room: int) -> None:
    if first + second <= room:
        return
    case = case_of(two_asked(first, second, room))
    found = conflicts_of(case)
    for one in found:
        others = {c.address: c.new for other in found if other is not one for c in other.repairs[0].changes}
        for repair in one.repairs:
            assert mends(case, {**others, **{c.address: c.new for c in repair.changes}}), (str(one), str(repair))


def test_several_conflicts_are_said_to_be_several() -> None:
    """10 and 9 Mt are asked of a pipe for 5: both have to give way."""
    case = case_of(two_asked(10, 9, 5))
    with pytest.raises(InfeasibleCase) as caught:
        solve(case)
    assert len(caught.value.conflicts) == 2
    assert "There are 2 contradictions, each to be mended" in str(caught.value)


def test_a_number_of_millions_is_seen() -> None:
    """12 345 678 Mt over two years from wells of 20: at a price of one over its size the solver saw nothing to mend."""
    tables = narrow()
    tables["Demand"][0]["firm"] = None
    tables["Links"][1]["capacity"] = 30
    tables["Demand"][0]["volume"] = 30
    tables["Limits"] = [
        {"limit": "vast", "measure": "flow", "what": "link=ship", "at_least": 12345678, "per": "horizon"}
    ]
    case = case_of(tables)
    (found,) = conflicts_of(case)
    assert found.repairs[0].changes[0].new == 40
    assert "Limits!D2 (vast, at_least 12,345,678 Mt) exceeds what " in told(found)


def pipes(**project: Any) -> Tables:
    """A pipe of nothing to which a project adds; 5 Mt have to pass in 2028."""
    tables = narrow()
    tables["Periods"].append({"period": "2028", "year": 2028, "years": 1})
    tables["Demand"][0]["firm"] = None
    tables["Links"][0]["capacity"], tables["Links"][1]["capacity"] = 0, 20
    given = {"size": 4, "max_units": 1, "whole_units": "yes", "capex": 100, "life_years": 20, **project}
    tables["Projects"] = [{"project": "second", "adds_to": "pipe", **given}]
    tables["Limits"] = [
        {"limit": "late", "measure": "flow", "what": "link=pipe", "at_least": 5, "opens": "2028", "closes": "2028"}
    ]
    return tables


def test_whole_units_are_repaired_by_whole_units(tmp_path: Path) -> None:
    """One unit of 4 Mt for 5: a quarter of a second would do, but a workbook takes whole ones."""
    book = write_workbook(tmp_path / "whole.xlsx", pipes())
    (found,) = conflicts_of(read_case(book))
    assert {(c.column, c.new) for one in found.repairs for c in one.changes} == {
        ("at_least", 4), ("max_units", 2), ("capacity", 1)
    }  # fmt: skip
    for repair in found.repairs:
        assert has_plan(typed(book, [repair])), str(repair)


def test_a_project_that_comes_too_late_is_named_with_the_periods_in_which_it_may_not_begin() -> None:
    """Begun in 2027 or 2028 it is ready after two years; in 2026 it may not begin."""
    (found,) = conflicts_of(case_of(pipes(size=6, lead_years=2, earliest="2027")))
    assert "(second, shut in 2026 by earliest)" in told(found)
    assert told(found).startswith("2028: Limits!D2 (late, at_least 5 Mt/year) exceeds what Links!G2 (pipe, capacity 0")


def test_cells_that_do_not_follow_each_other_are_not_said_to() -> None:
    """Of three years only the first and the last lack."""
    tables = narrow()
    tables["Periods"] += [{"period": str(y), "year": y, "years": 1} for y in (2028, 2029)]
    tables["Series"] = [
        {"sheet": "Links", "key": "ship", "column": "capacity", "2026": 9, "2027": 20, "2028": 9, "2029": 11}
    ]
    (found,) = conflicts_of(case_of(tables))
    assert any(
        "raise 3 of the cells Series!D2 to G2 (ship, capacity) to 14 Mt/year within 2026..2029" in str(one)
        for one in found.repairs
    )


def test_where_rounding_to_the_nearest_is_a_hair_too_little_one_more_of_the_last_digit_is_told() -> None:
    """123 456.00005 Mt are asked: 123 456 is the nearest of six digits, and 0.00005 too little."""
    tables = narrow()
    tables["Demand"][0].update(firm=123456.00005, volume=200000)
    tables["Supply"][0]["capacity"] = tables["Links"][0]["capacity"] = 200000
    tables["Links"][1]["capacity"] = 100000
    case = case_of(tables)
    (found,) = conflicts_of(case)
    (ship,) = [one.changes[0] for one in found.repairs if one.changes[0].column == "capacity"]
    assert ship.new == 123457
    assert mends(case, {ship.address: ship.new})
    assert not mends(case, {ship.address: 123456})


def test_of_several_conflicts_each_tells_first_what_the_others_reckon_on() -> None:
    own, lighter = (Repair((Change("Links!G2", "Links:a:capacity", "a", "capacity", "2026", 1, 2, "Mt"),), weight)
                    for weight in (2.0, 1.0))  # fmt: skip
    assert _shown(own, [lighter], own_first=True) == (own, lighter)
    assert _shown(own, [lighter], own_first=False) == (lighter, own)
