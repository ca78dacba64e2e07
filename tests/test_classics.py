"""Classical problems with published optima, small enough to be typed in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from model.api import Run, read_case, solve

Rows = list[dict[str, Any]]


def least_cost(nodes: set[str], goods: tuple[str, ...], **sheets: Rows) -> Run:
    """Least cost of the firm demand in one year; each commodity counts in Mt, money in million USD."""
    return solve(
        read_case(
            {
                "Settings": [{"setting": "objective", "value": "cost"}],
                "Periods": [{"period": "2026", "year": 2026, "years": 1}],
                "Commodities": [{"commodity": k, "family": "cargo", "unit": "Mt"} for k in goods],
                "Nodes": [{"node": n, "country": "Anywhere", "kind": "hub"} for n in sorted(nodes)],
                **sheets,
            }
        )
    )


def supply(node: str, capacity: float, good: str = "goods", **more: Any) -> dict[str, Any]:
    return {"supply": f"{node} {good}", "node": node, "commodity": good, "capacity": capacity, "cost": 0, **more}


def demand(node: str, volume: float, good: str = "goods") -> dict[str, Any]:
    return {"demand": f"{node} {good}", "node": node, "commodity": good, "volume": volume, "firm": volume}


def leg(start: str, end: str, tariff: float, good: str = "goods", **more: Any) -> dict[str, Any]:
    name = f"{start} to {end} {good}"
    return {"link": name, "from": start, "to": end, "mode": "rail", "commodity": good, "tariff": tariff, **more}


def test_transport_problem_of_dantzig() -> None:
    """Two canneries, three markets, freight of 90 dollars per case and thousand miles: 153.675 thousand dollars.

    G. B. Dantzig, Linear Programming and Extensions (Princeton, 1963), chapter 3-3; the costs and marginal costs of
    demand (0.225, 0.153, 0.126) are those of R. E. Rosenthal, A GAMS Tutorial, where the same numbers are used.
    """
    miles = {
        "Seattle": {"New York": 2500, "Chicago": 1700, "Topeka": 1800},
        "San Diego": {"New York": 2500, "Chicago": 1800, "Topeka": 1400},
    }
    per_distance = {"tariff_unit": "USD/t/1000km"}
    run = least_cost(
        {*miles, *miles["Seattle"]},
        ("goods",),
        Supply=[supply("Seattle", 350), supply("San Diego", 600)],
        Demand=[demand("New York", 325), demand("Chicago", 300), demand("Topeka", 275)],
        Links=[
            leg(start, end, 0.09, distance_km=far, **per_distance)
            for start, to in miles.items()
            for end, far in to.items()
        ],
    )
    assert run.value == pytest.approx(153.675, rel=1e-9)
    marginal = -run.solution.undiscounted(run.solution.row_gain["demand_firm"])[:, 0]
    assert marginal == pytest.approx([0.225, 0.153, 0.126])
    flow = dict(zip(run.solution.items["flow"], run.solution["flow"][:, 0], strict=True))
    assert flow["Seattle to Chicago goods", "goods"] == pytest.approx(300)
    assert flow["San Diego to Topeka goods", "goods"] == pytest.approx(275)


STEEL = ("bands", "coils", "plate")
MADE = {"Gary": (400, 800, 200), "Cleveland": (700, 1600, 300), "Pittsburgh": (800, 1800, 300)}
ASKED = {
    "Framingham": (300, 500, 100),
    "Detroit": (300, 750, 100),
    "Lansing": (100, 400, 0),
    "Windsor": (75, 250, 50),
    "St. Louis": (650, 950, 200),
    "Fremont": (225, 850, 100),
    "Lafayette": (250, 500, 250),
}
FREIGHT = {
    "bands": ((30, 10, 8, 10, 11, 71, 6), (22, 7, 10, 7, 21, 82, 13), (19, 11, 12, 10, 25, 83, 15)),
    "coils": ((39, 14, 11, 14, 16, 82, 8), (27, 9, 12, 9, 26, 95, 17), (24, 14, 17, 13, 28, 99, 20)),
    "plate": ((41, 15, 12, 16, 17, 86, 8), (29, 9, 13, 9, 28, 99, 18), (26, 14, 17, 13, 31, 104, 20)),
}


def test_steel_mills_that_share_625_tons_a_lane() -> None:
    """Three products, three mills, seven plants, at most 625 tons a lane in all: 199 500 dollars.

    R. Fourer, D. M. Gay and B. W. Kernighan, AMPL (2nd ed., 2003), figures 4-1 and 4-2 (multi.mod, multi.dat). All that
    is made is shipped.
    """
    lanes = [(mill, plant) for mill in MADE for plant in ASKED]
    legs = [
        leg(mill, plant, FREIGHT[good][i][j], good)
        for good in STEEL
        for i, mill in enumerate(MADE)
        for j, plant in enumerate(ASKED)
    ]
    run = least_cost(
        {*MADE, *ASKED},
        STEEL,
        Supply=[
            supply(mill, v, good, minimum=v) for mill, row in MADE.items() for good, v in zip(STEEL, row, strict=True)
        ],
        Demand=[demand(plant, v, good) for plant, row in ASKED.items() for good, v in zip(STEEL, row, strict=True)],
        Links=legs,
        Assets=[{"asset": f"{mill} to {plant}", "capacity": 625} for mill, plant in lanes],
        Uses=[{"link": one["link"], "asset": f"{one['from']} to {one['to']}"} for one in legs],
    )
    assert run.value == pytest.approx(199_500, rel=1e-9)
    assert np.max(run.solution.row_value["asset_capacity"]) == pytest.approx(625), "some lane is full"


def test_minimum_cost_flow_of_bradley_hax_and_magnanti() -> None:
    """20 units from one node, 5 and 15 to two others over nine arcs: 150.

    S. P. Bradley, A. C. Hax and T. L. Magnanti, Applied Mathematical Programming (Addison-Wesley, 1977), figure 8.1,
    with the capacities of the example SimpleMinCostFlow of OR-Tools, whose documentation gives the optimum.
    """
    arcs = [
        ("0", "1", 4, 15),
        ("0", "2", 4, 8),
        ("1", "2", 2, 20),
        ("1", "3", 2, 4),
        ("1", "4", 6, 10),
        ("2", "3", 1, 15),
        ("2", "4", 3, 4),
        ("3", "4", 2, 20),
        ("4", "2", 3, 5),
    ]
    run = least_cost(
        set("01234"),
        ("goods",),
        Supply=[supply("0", 20)],
        Demand=[demand("3", 5), demand("4", 15)],
        Links=[leg(start, end, cost, capacity=most) for start, end, cost, most in arcs],
    )
    assert run.value == pytest.approx(150, rel=1e-9)


def test_distribution_of_williams() -> None:
    """Two factories, four depots of limited throughput, six customers: 198 500 pounds a month.

    H. P. Williams, Model Building in Mathematical Programming (5th ed., 2013), problem 19, Distribution 1.
    """
    freight = {
        "Liverpool": {"Newcastle": 0.5, "Birmingham": 0.5, "London": 1.0, "Exeter": 0.2,
                      "C1": 1.0, "C3": 1.5, "C4": 2.0, "C6": 1.0},
        "Brighton": {"Birmingham": 0.3, "London": 0.5, "Exeter": 0.2, "C1": 2.0},
        "Newcastle": {"C2": 1.5, "C3": 0.5, "C5": 1.5, "C6": 1.0},
        "Birmingham": {"C1": 1.0, "C2": 0.5, "C3": 0.5, "C4": 1.0, "C5": 0.5},
        "London": {"C2": 1.5, "C3": 2.0, "C5": 0.5, "C6": 1.5},
        "Exeter": {"C3": 0.2, "C4": 1.5, "C5": 0.5, "C6": 1.5},
    }  # fmt: skip
    throughput = {"Newcastle": 70_000, "Birmingham": 50_000, "London": 100_000, "Exeter": 40_000}
    asked = {"C1": 50_000, "C2": 10_000, "C3": 40_000, "C4": 35_000, "C5": 60_000, "C6": 20_000}
    legs = [leg(start, end, cost) for start, ends in freight.items() for end, cost in ends.items()]
    run = least_cost(
        {*freight, *asked},
        ("goods",),
        Supply=[supply("Liverpool", 150_000), supply("Brighton", 200_000)],
        Demand=[demand(customer, volume) for customer, volume in asked.items()],
        Links=legs,
        Assets=[{"asset": f"depot {depot}", "capacity": most} for depot, most in throughput.items()],
        Uses=[{"link": one["link"], "asset": f"depot {one['to']}"} for one in legs if one["to"] in throughput],
    )
    assert run.value == pytest.approx(198_500, rel=1e-9)


def test_most_traffic_through_a_city_of_one_way_streets() -> None:
    """At most 130 vehicles an hour get from a to g.

    R. Fourer, D. M. Gay and B. W. Kernighan, AMPL (2nd ed., 2003), figures 15-6 and 15-7 (netmax.mod).
    """
    streets = {"ab": 50, "ac": 100, "bd": 40, "be": 20, "cd": 60, "cf": 20, "de": 50, "df": 60, "eg": 70, "fg": 70}
    run = solve(
        read_case(
            {
                "Periods": [{"period": "2026", "year": 2026, "years": 1}],
                "Commodities": [{"commodity": "goods", "family": "cargo", "unit": "Mt"}],
                "Nodes": [{"node": n, "country": "Anywhere", "kind": "hub"} for n in "abcdefg"],
                "Supply": [{**supply("a", 0), "capacity": "unlimited"}],
                "Demand": [{**demand("g", 0), "volume": "unlimited", "price": 1}],
                "Links": [leg(street[0], street[1], 0, capacity=most) for street, most in streets.items()],
            }
        )
    )
    assert run.value == pytest.approx(130, rel=1e-9)
