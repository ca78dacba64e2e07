"""Numbers that only meet in corners: units of rare columns, make-up of several years, minimums of what is closed."""

from __future__ import annotations

from typing import Any

import pytest

from model.engine import Engine
from model.results.registry import one_table
from model.scenario import with_changes
from tests.cases import Tables, demand, link, read, solve, supply, tables, years


def test_reserves_are_in_the_unit_of_their_row() -> None:
    """5000 kt in the ground are 5 Mt, though 4 Mt a year could be produced for two years: 5 · (100 − 10) = 450."""
    field = supply("s", "field", "crude", 4000, 10, reserves=5000, volume_unit="kt")
    made = tables(
        periods=years(2026, 2),
        Supply=[field],
        Demand=[demand("east", "east", "crude", 9, 100)],
        Links=[link("pipe", "field", "east", "crude")],
    )
    solution = solve(read(made))
    assert solution["supply"].sum() == pytest.approx(5)
    assert solution.objective == pytest.approx(450)


def test_an_elastic_demand_in_another_unit_has_the_same_line() -> None:
    """1 bcm is 10 TWh at 36 GJ. 100 TWh at 100 and elasticity −1: a line from 200 at nothing to 0 at 200 TWh.

    In 20 steps of 10 TWh, at 195, 185 … 55, 45: above the cost of 50 stand 15 of them, so 150 TWh = 15 bcm.
    Worth (195 + 55)/2 · 15 = 1875, cost 50 · 15 = 750: 1125. At a price of 50 sales are 750 and buyers keep the rest.
    """
    made = tables(
        Supply=[supply("s", "field", "gas", "unlimited", 50)],
        Demand=[demand("east", "east", "gas", 100, 100, elasticity=-1, volume_unit="TWh")],
        Links=[link("pipe", "field", "east", "gas")],
    )
    solution = solve(read(made))
    assert solution["delivery"].sum() == pytest.approx(15)
    assert solution.objective == pytest.approx(1125)
    rows = one_table("summary", solution)
    money = rows[(rows["family"] == "all") & (rows["period"] == "total")].set_index("measure")["value"]
    assert money[["sales", "buyers' surplus", "net value"]].tolist() == pytest.approx([750, 1125, 1125])


def test_a_minimum_of_what_is_closed_asks_for_nothing_and_lapses_nowhere() -> None:
    """The link opens in 2027: its minimum holds then, and before nothing is said of it.

    Of five tonnes a year two go over the dear link in 2027: 5·85 in 2026, 3·85 + 2·50 in 2027.
    """
    made = tables(
        periods=years(2026, 2),
        Supply=[supply("s", "field", "crude", 5)],
        Demand=[demand("east", "east", "crude", 9, 90)],
        Links=[
            link("cheap", "field", "east", "crude", 5),
            link("dear", "field", "east", "crude", 40, capacity=3, minimum=2, opens="2027"),
        ],
    )
    solution = solve(read(made))
    assert solution["flow"].tolist() == [pytest.approx([5, 3]), pytest.approx([0, 2])]
    assert solution.objective == pytest.approx(5 * 85 + 3 * 85 + 2 * 50)
    assert solution.parameters.lapsed == ()


def shippers(capacity: dict[str, float], price: dict[str, float], span: int) -> Tables:
    """10 Mt a year are due on a pipe to a market at 50; what is short costs ``price`` and may be made up."""
    labels = list(capacity)
    return tables(
        periods=years(int(labels[0]), len(labels)),
        Supply=[supply("s", "field", "crude", 0)],
        Demand=[demand("east", "east", "crude", 99, 50)],
        Links=[link("pipe", "field", "east", "crude")],
        Contracts=[
            {
                "contract": "ship",
                "type": "ship-or-pay",
                "applies_to": "pipe",
                "volume": 10,
                "shortfall_price": 1,
                "make_up_years": span,
            }
        ],
        Series=[
            {"sheet": "Supply", "key": "s", "column": "capacity", **capacity},
            {"sheet": "Contracts", "key": "ship", "column": "shortfall_price", **price},
        ],
    )


def test_a_year_may_make_up_the_shortfalls_of_several() -> None:
    """Nothing in two years, 30 in the third: its own 10, and the 10 and 10 of the years before.

    2 · 10 · 100 paid and refunded, so 30 · 50 = 1500. The third year's shortfall would cost a little less, so that a
    whole number must say that it makes up.
    """
    flat = shippers({"2026": 0, "2027": 0, "2028": 30}, {"2026": 100, "2027": 100, "2028": 99}, 2)
    solution = solve(read(flat))
    assert solution.network.choosing
    assert solution["make_up"].sum() == pytest.approx(20)
    assert solution.objective == pytest.approx(1500)


def test_a_cheap_shortfall_is_not_made_to_pay_back_a_dear_one() -> None:
    """Nothing in 2026, what is due in 2027: 1000 are paid, and nothing was lifted above the minimum to make it up.

    10 · 50 − 10 · 100 = −500. Falling short of 2027 as well, for 600, would bring the 1000 back.
    """
    solution = solve(read(shippers({"2026": 0, "2027": 10}, {"2026": 100, "2027": 60}, 1)))
    assert solution["short"].tolist() == [pytest.approx([10, 0])]
    assert solution.objective == pytest.approx(-500)


@pytest.mark.parametrize("turned", [False, True])
def test_of_ways_without_a_distance_that_with_fewer_links_is_taken(turned: bool) -> None:
    """Each counts as one km: one link rather than two, whichever is written first."""
    ways: list[dict[str, Any]] = [
        link("direct", "field", "east", "crude"),
        link("first", "field", "hub", "crude"),
        link("second", "hub", "east", "crude"),
    ]
    made = tables(
        Supply=[supply("s", "field", "crude", 4)],
        Demand=[demand("east", "east", "crude", 9, 100)],
        Links=ways[::-1] if turned else ways,
    )
    solution = solve(read(made))
    assert solution.parameters.flow_km == pytest.approx(1)
    assert dict(zip(solution.items["flow"], solution["flow"][:, 0].tolist(), strict=True)) == {
        ("direct", "crude"): pytest.approx(4),
        ("first", "crude"): pytest.approx(0),
        ("second", "crude"): pytest.approx(0),
    }


def test_a_minimum_just_above_what_is_there_lapses_and_says_so() -> None:
    """4 asked of a link that has 4, and 3 in 2027: 7 go in all, at a loss of 5 each, and a notice names the year."""
    made = tables(
        periods=years(2026, 2),
        Supply=[supply("s", "field", "crude", 5)],
        Demand=[demand("east", "east", "crude", 9, 10)],
        Links=[link("pipe", "field", "east", "crude", 15, capacity=4, minimum=4)],
        Series=[{"sheet": "Links", "key": "pipe", "column": "capacity", "2027": 3}],
    )
    solution = solve(read(made))
    assert solution.objective == pytest.approx(-35)
    (notice,) = solution.parameters.lapsed
    assert "the minimum of 'pipe' lapses to what is available (2027)" in notice


def halves(**sheets: Any) -> Tables:
    """A year in two halves, 8 Mt a year at 100 over a pipe at 10."""
    return tables(
        periods=[{"period": name, "year": 2026, "years": 0.5} for name in ("H1", "H2")],
        Supply=[supply("s", "field", "crude", 8)],
        Demand=[demand("east", "east", "crude", 9, 100)],
        Links=[link("pipe", "field", "east", "crude", 10)],
        **sheets,
    )


def test_what_moves_before_a_limit_opens_does_not_count_towards_it() -> None:
    """1 Mt over the horizon from the second half on: 4 in the first, 1 in the second."""
    limit = {"limit": "cap", "measure": "flow", "what": "link=pipe", "at_most": 1, "per": "horizon", "opens": "H2"}
    solution = solve(read(halves(Limits=[limit])))
    assert solution["flow"][0].tolist() == pytest.approx([4, 1])


def test_a_scenario_with_less_time_to_make_up_has_less_on_the_same_programme() -> None:
    """10 short in 2026 at 100; 2027 lifts 20, its own 10 and 10 more, which make up where a year is given for it."""
    case = read(shippers({"2026": 0, "2027": 20}, {"2026": 100, "2027": 100}, 1))
    none = with_changes(case, {"Contracts:ship:make_up_years": 0})
    engine = Engine([case, none])
    assert [solve(one, engine).objective for one in (case, none)] == pytest.approx([20 * 50, 20 * 50 - 1000])


def test_what_is_built_onto_a_link_is_closed_with_it() -> None:
    """Open in 2026 only, 2 of its own and 3 built: 5 · 90, less 9 of capex, of which 8 tenths are left at the end."""
    loop = {"project": "loop", "adds_to": "pipe", "size": 3, "max_units": 1, "capex": 9, "life_years": 10}
    made = tables(
        periods=years(2026, 2),
        Supply=[supply("s", "field", "crude", 8)],
        Demand=[demand("east", "east", "crude", 9, 100)],
        Links=[link("pipe", "field", "east", "crude", 10, capacity=2, closes="2026")],
        Projects=[{**loop, "whole_units": "no", "minimum_use": 0.5}],
    )
    solution = solve(read(made))
    assert solution.objective == pytest.approx(5 * 90 - 9 + 7.2)
    assert one_table("capacity", solution)["capacity"].tolist() == pytest.approx([5, 0])
