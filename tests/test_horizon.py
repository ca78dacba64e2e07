"""A case cut to some of its periods: what is open, when building starts, and where its numbers come from."""

from __future__ import annotations

import pytest

from model.case import NEVER, Case
from model.errors import UsageError
from model.horizon import with_periods
from model.scenario import with_scenario
from tests.cases import Tables, demand, link, read, solve, supply, tables, years

ROWS = {
    # opens, closes → what they are in 2027..2028 of 2026 to 2029
    "always": (None, None, "2027", "2028"),
    "before": (None, "2026", NEVER, "2027"),
    "after": ("2029", None, NEVER, "2028"),
    "until": (None, "2027", "2027", "2027"),
    "from": ("2028", None, "2028", "2028"),
    "around": ("2026", "2029", "2027", "2028"),
    "within": ("2027", "2028", "2027", "2028"),
}


def whole() -> Tables:
    """Four years; each link carries one Mt a year at its own tariff where it is open."""
    return tables(
        periods=years(2026, 4),
        Supply=[supply("s", "field", "crude", 99)],
        Demand=[demand("east", "east", "crude", 99, 100)],
        Links=[
            link(name, "field", "east", "crude", 10, capacity=1, opens=opens, closes=closes)
            for name, (opens, closes, _, _) in ROWS.items()
        ],
        Projects=[
            {"project": f"p{label}", "adds_to": "always", "size": 1, "capex": 9, "life_years": 9, "max_units": 1,
             "whole_units": "no", "earliest": label}
            for label in ("2026", "2027", "2028", "2029")
        ],
        Series=[
            {"sheet": "Supply", "key": "s", "column": "cost", "2026": 6, "2027": 7, "2028": 8, "2029": 9},
        ],
        Scenarios=[{"scenario": "dear", "run": "yes"}],
        Changes=[
            {"scenario": "dear", "sheet": "Links", "key": "always", "column": "tariff", "period": "2027",
             "change": "set", "value": 20},
            {"scenario": "dear", "sheet": "Supply", "key": "s", "column": "cost", "period": "2028..2029",
             "change": "add", "value": 1},
        ],
    )  # fmt: skip


@pytest.fixture
def cut() -> Case:
    return with_periods(read(whole()), "2027", "2028")


def test_rows_are_open_in_what_is_left_of_their_time(cut: Case) -> None:
    opens, closes = cut.word("Links", "opens"), cut.word("Links", "closes")
    found = {name: (opens[i], closes[i]) for i, name in enumerate(cut["Links"].keys)}
    assert {name: pair[0] for name, pair in found.items()} == {name: row[2] for name, row in ROWS.items()}
    kept = {name: row for name, row in ROWS.items() if row[2] != NEVER}
    assert {name: found[name][1] for name in kept} == {name: row[3] for name, row in kept.items()}


def test_the_plan_of_the_cut_is_that_of_its_years() -> None:
    """Of 2026 to 2029 without projects each year stands alone: its Mt at 100 − 10 less its cost of 6 to 9.

    Open are in 2027 always, until, around and within: 4 · 83; in 2028 from instead of until: 4 · 82.
    """
    made = whole()
    del made["Projects"]
    solution = solve(with_periods(read(made), "2027", "2028"))
    assert solution["flow"].sum(axis=0).tolist() == pytest.approx([4, 4])
    assert solution.objective == pytest.approx(4 * 83 + 4 * 82)


def test_building_starts_no_sooner_than_it_may(cut: Case) -> None:
    assert cut.word("Projects", "earliest") == ("2027", "2027", "2028", NEVER)


def test_numbers_keep_the_cells_from_which_they_come(cut: Case) -> None:
    """The cells in Series move with their periods."""
    assert cut.number("Supply", "cost")[0].tolist() == [7, 8]
    every = read(whole())
    assert [cut.source_cell("Supply", 0, "cost", t) for t in (0, 1)] == [
        every.source_cell("Supply", 0, "cost", t) for t in (1, 2)
    ]
    assert {place[3] for place in cut.series_cells} == {0, 1}


def test_a_change_of_some_periods_is_named_in_those_only() -> None:
    """The tariff of 2027 and the cost of 2028 and 2029 stand in Changes, all else where it stood."""
    case = read(whole())
    dear = with_scenario(case, "dear")
    tariff, cost = ([dear.source_cell(*where, t) for t in range(4)] for where in (LINK, FIELD))
    own = case["Links"].cell(0, "tariff")
    assert tariff == [own, case["Changes"].cell(0, "value"), own, own]
    series = [case.source_cell(*FIELD, t) for t in range(4)]
    added = case["Changes"].cell(1, "value")
    assert cost == [*series[:2], *(f"{cell} with {added}" for cell in series[2:])]
    assert dear.number("Links", "tariff")[0].tolist() == [10, 20, 10, 10]
    assert dear.number("Supply", "cost")[0].tolist() == [6, 7, 9, 10]


LINK = ("Links", 0, "tariff")
FIELD = ("Supply", 0, "cost")


def test_periods_that_run_backwards_are_refused() -> None:
    with pytest.raises(UsageError, match=r"2028\.\.2027 run backwards"):
        with_periods(read(whole()), "2028", "2027")


@pytest.mark.parametrize(("first", "second", "value"), [("add", "multiply", 36), ("multiply", "add", 32)])
def test_changes_of_one_cell_are_made_from_top_to_bottom(first: str, second: str, value: float) -> None:
    """(10 + 2)·3 = 36, and 10·3 + 2 = 32; a second row of the same sheet keeps what the first has done."""
    by = {"add": 2, "multiply": 3}
    made = whole()
    change = {"scenario": "dear", "sheet": "Links", "key": "always", "column": "tariff"}
    made["Changes"] = [{**change, "change": how, "value": by[how]} for how in (first, second)]
    made["Changes"].append({**change, "key": "until", "change": "set", "value": 1})
    dear = with_scenario(read(made), "dear")
    assert dear.number("Links", "tariff")[0].tolist() == [value] * 4
    assert dear.number("Links", "tariff")[3].tolist() == [1] * 4
