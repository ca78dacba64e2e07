"""What is built and when it counts: prerequisites, minimum use, life, months; by hand."""

from __future__ import annotations

from typing import Any

import pytest

from model.engine import Engine
from tests.cases import Tables, demand, link, read, solve, supply, tables, years


def pipe(periods: list[dict[str, Any]], projects: list[dict[str, Any]], **settings: Any) -> Tables:
    """10 Mt a year that earn 90 each at the end of a pipe of 4, and projects."""
    return tables(
        periods=periods,
        settings=settings,
        Supply=[supply("s", "field", "crude", 10)],
        Demand=[demand("east", "east", "crude", 20, 100)],
        Links=[link("pipe", "field", "east", "crude", 10, capacity=4)],
        Projects=[{"project": "loop", "adds_to": "pipe", "size": 2, "max_units": 1, "whole_units": "no", **row}
                  for row in projects],
    )  # fmt: skip


def test_what_is_left_of_a_life_is_a_straight_line_without_discounting() -> None:
    """Two years of 2·90 = 180, capex 400 of which 8 of 10 years are left: 720 + 360 − 400 + 320 = 1000."""
    solution = solve(read(pipe(years(2026, 2), [{"capex": 400, "life_years": 10}])))
    assert solution["build"][0].tolist() == pytest.approx([1, 0])
    assert solution.objective == pytest.approx(1000)


def test_a_life_that_ends_within_a_period_counts_for_its_part() -> None:
    """A life of 1.5 years in periods of a year: 180 and 90 of sales; nothing is left; 720 + 270 − 100 = 890.

    Built in 2027 it would work one year, with a third left: 180 − 100 + 33.3 = 113.3, against 170.
    """
    solution = solve(read(pipe(years(2026, 2), [{"capex": 100, "life_years": 1.5, "earliest": "2026"}])))
    assert solution["build"][0].tolist() == pytest.approx([1, 0])
    assert solution.objective == pytest.approx(890)


def test_a_lead_of_months_starts_in_the_month() -> None:
    """Twelve months; ¼ year of lead leaves nine: ¾·180 = 135. Life ¾ year: nothing left. 360 + 135 − 100 = 395."""
    months = [{"period": f"2026-{m:02d}", "year": 2026, "years": 1 / 12} for m in range(1, 13)]
    solution = solve(read(pipe(months, [{"capex": 100, "life_years": 0.75, "lead_years": 0.25}])))
    assert solution["build"][0][0] == pytest.approx(1)
    assert solution.objective == pytest.approx(395)


def test_half_of_what_is_required_allows_half() -> None:
    """The prerequisite earns nothing and its bank pays half of it, 50 of 100: half of the loop, 90 of 180 a year.

    One year, lives of one year: 360 + 90 − ½·20 − ½·100 = 390, where the loop alone would reach 520.
    """
    works = {"project": "works", "adds_to": "spare", "size": 1, "capex": 100, "life_years": 1, "funds": "bank"}
    made = pipe(years(2026, 1), [{"capex": 20, "life_years": 1, "requires": "works"}, works])
    made["Links"].append(link("spare", "field", "east", "crude", 200, capacity=1))
    made["Funds"] = [{"fund": "bank", "budget": 50}]
    solution = solve(read(made))
    assert solution["build"][:, 0].tolist() == pytest.approx([0.5, 0.5])
    assert solution.objective == pytest.approx(390)


def late(**loop: Any) -> Tables:
    """The loop and, with five years of lead in a horizon of one, works of 100; nothing is discounted."""
    works = {"project": "works", "adds_to": "spare", "size": 1, "capex": 100, "life_years": 1, "funds": "bank"}
    made = pipe(years(2026, 1), [{"capex": 20, "life_years": 1, **loop}, {**works, "lead_years": 5}])
    made["Links"].append(link("spare", "field", "east", "crude", 200, capacity=1))
    made["Funds"] = [{"fund": "bank", "budget": 50}]
    return made


def test_what_works_after_the_horizon_only_is_built_for_the_sake_of_others() -> None:
    """Its life is all left, so that it costs nothing: alone that is no reason; half of it allows half of the loop.

    The loop alone 360 + 180 − 20 = 520; with the works required, of which the bank pays half, 360 + ½·(180 − 20) = 440.
    """
    alone = solve(read(late()))
    assert alone["build"][:, 0].tolist() == pytest.approx([1, 0])
    assert alone.objective == pytest.approx(520)
    required = solve(read(late(requires="works")))
    assert required["build"][:, 0].tolist() == pytest.approx([0.5, 0.5])
    assert required.objective == pytest.approx(440)


def test_a_lower_limit_on_what_works_after_the_horizon_only_can_be_met() -> None:
    made = late()
    made["Limits"] = [
        {"limit": "must", "measure": "built", "what": "project=works", "at_least": 0.25, "per": "horizon"}
    ]
    solution = solve(read(made))
    assert solution["build"][1, 0] == pytest.approx(0.25)
    assert solution.objective == pytest.approx(520)


@pytest.mark.parametrize("minimum", [0, 0.5])
def test_what_is_built_must_be_used(minimum: float) -> None:
    """A way of 2 Mt that must be built, for nothing: only where half of it must be used does it cost anything.

    4 Mt on the pipe earn 90 each: 360. On the way a tonne earns 100 − 160 = −60: half of 2 Mt costs 60.
    """
    made = pipe(years(2026, 1), [])
    made["Links"].append(link("dear", "field", "east", "crude", 160, capacity=0))
    made["Projects"] = [{"project": "way", "adds_to": "dear", "size": 2, "max_units": 1, "whole_units": "no",
                         "capex": 0, "life_years": 1, "minimum_use": minimum}]  # fmt: skip
    made["Limits"] = [{"limit": "must", "measure": "built", "what": "project=way", "at_least": 1, "per": "horizon"}]
    solution = solve(read(made))
    assert solution["build"][0].tolist() == pytest.approx([1])
    assert solution.objective == pytest.approx(360 - minimum * 2 * 60)


def circle(minimum: float, **project: Any) -> Tables:
    """A pipe on which what goes forth frees what comes back: 2 Mt forth at 10 each, 6 Mt back, 1 for 1 of use."""
    return tables(
        periods=years(2026, 2),
        Supply=[supply("a", "field", "crude", 2), supply("b", "port", "sour", 6)],
        Demand=[demand("far", "port", "crude", 9, 10), demand("near", "field", "sour", 9, 10)],
        Links=[link("forth", "field", "port", "crude"), link("back", "port", "field", "sour")],
        Assets=[{"asset": "pipe", "capacity": 5}],
        Uses=[{"link": "forth", "asset": "pipe"}, {"link": "back", "asset": "pipe", "use": -1}],
        Projects=[{"project": "loop", "adds_to": "pipe", "size": 2, "max_units": 1, "whole_units": "no",
                   "capex": 10, "life_years": 30, "minimum_use": minimum, **project}],
    )  # fmt: skip


def test_what_is_on_offer_only_forbids_no_flow_back() -> None:
    """All 8 Mt are sold in both years, 2·80, whatever might be built but is not worth it."""
    for minimum, project in ((0.5, {}), (1.0, {}), (0.5, {"lead_years": 1})):
        solution = solve(read(circle(minimum, **project)))
        assert solution["build"].sum() == 0
        assert solution.objective == pytest.approx(160)


def test_what_is_built_is_used_by_what_goes_forth() -> None:
    """Built for nothing as it must be, the 4 Mt it adds ask for 4 Mt forth where 2 Mt are: half a unit is the most."""
    made = circle(1.0, size=4, life_years=2, capex=0)
    made["Limits"] = [{"limit": "must", "measure": "built", "what": "project=loop", "at_least": 0.5, "per": "horizon"}]
    solution = solve(read(made))
    assert solution["build"].sum() == pytest.approx(0.5)
    assert solution.objective == pytest.approx(160)
    made["Limits"][0]["at_least"] = 0.6
    one = read(made)
    assert Engine([one]).solve(one).status == "infeasible"
