"""How sure a flow is: ties that are not unique, flows that are, and what one per cent of value would allow."""

from __future__ import annotations

import math

import pytest

from model.analysis.uniqueness import uniqueness
from model.engine import Engine
from tests.cases import demand, link, read, supply, tables, years


def test_two_equal_ways_are_not_unique_and_a_cheaper_third_is() -> None:
    """8 Mt: 3 by the cheap way, 5 by two equal ways of at most 4 each, so each of these carries 1 to 4.

    The family earns 3·(100 − 5) + 5·(100 − 10) = 735 in a year; 1 % is 7.35. A tonne moved from the cheap way to the
    others costs 5: the cheap way carries at least 3 − 1.47, at most 3. The equal ways then reach 4 and 1 (0.98 less a
    tonne left in the ground, at 90 each: 7.35/90 = 0.0817 less than 1, which by moving costs more).
    """
    sheets = tables(
        periods=years(2026, 2),
        Supply=[supply("field", "field", "crude", 8)],
        Demand=[demand("east", "east", "crude", 9, 100)],
        Links=[
            link("cheap", "field", "east", "crude", 5, capacity=3),
            link("one", "field", "east", "crude", 10, capacity=4),
            link("two", "field", "east", "crude", 10, capacity=4),
        ],
    )
    case = read(sheets)
    engine = Engine([case])
    solution = engine.solve(case)
    table = uniqueness(solution).set_index(["link", "period"])
    assert len(table) == 6
    for period in ("2026", "2027"):
        one, cheap = table.loc[("one", period)], table.loc[("cheap", period)]
        assert (one["least"], one["most"], one["sure"]) == (pytest.approx(1), pytest.approx(4), "not unique")
        assert (cheap["least"], cheap["most"], cheap["sure"]) == (pytest.approx(3), pytest.approx(3), "unique")
        assert cheap["give"] == pytest.approx(7.35)
        assert (cheap["least_nearly"], cheap["most_nearly"]) == pytest.approx((3 - 1.47, 3))
        assert (one["least_nearly"], one["most_nearly"]) == pytest.approx((1 - 7.35 / 90, 4))
    assert engine.solve(case, cold=False).objective == pytest.approx(solution.objective, rel=1e-12)


def test_only_the_largest_are_looked_at() -> None:
    sheets = tables(
        Supply=[supply("field", "field", "crude", 8), supply("gas", "field", "gas", 2)],
        Demand=[demand("east", "east", "crude", 9, 100), demand("heat", "east", "gas", 9, 100)],
        Links=[link("oil", "field", "east", "crude"), link("gas", "field", "east", "gas")],
    )
    case = read(sheets)
    engine = Engine([case])
    assert uniqueness(engine.solve(case), largest=1)["link"].tolist() == ["oil"]


def test_what_an_elastic_market_is_worth_to_its_buyers_counts_as_earned() -> None:
    """A line from 200 to 0 over 20 bcm, in 20 steps; 15 are above the cost of 50: 1875 − 750 = 1125 a year.

    Two years at 25 % and base 2026: each by the discount of its own.
    """
    sheets = tables(
        periods=years(2026, 2),
        settings={"discount_rate": 0.25, "base_year": 2026},
        Supply=[supply("s", "field", "gas", "unlimited", 50)],
        Demand=[demand("east", "east", "gas", 10, 100, elasticity=-1)],
        Links=[link("pipe", "field", "east", "gas")],
    )
    case = read(sheets)
    give = uniqueness(Engine([case]).solve(case)).set_index("period")["give"]
    mean = (1 - 1 / 1.25) / math.log(1.25)
    assert give[["2026", "2027"]].tolist() == pytest.approx([11.25 * mean, 11.25 * mean / 1.25])
