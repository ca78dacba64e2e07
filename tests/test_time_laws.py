"""Laws of time: they hold for any case with stores, projects and funds, here for small random ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model.engine import Engine, relaxed
from model.results.registry import one_table
from model.scenario import with_changes
from model.solution import Solution
from model.solver.highs import LiveModel
from tests.cases import Tables, case, demand, link, read, solve, supply, tables, years

SEEDS = range(12)


def random_tables(seed: int, *, whole: bool = False, stores: bool = True, parts: int = 1) -> Tables:
    """Two fields, a hub, two markets, a store and three projects of two funds, over four years of ``parts`` each."""
    r = np.random.default_rng(seed)

    def some(low: float, high: float) -> float:
        return round(float(r.uniform(low, high)), 3)

    labels = [f"{2026 + y}.{i}" for y in range(4) for i in range(parts)]
    periods = [{"period": label, "year": int(label[:4]), "years": 1 / parts} for label in labels]
    project = {"whole_units": "yes" if whole else "no", "max_units": 3 if whole else some(0.5, 3)}
    prices = {2026 + y: some(60, 140) for y in range(4)}
    made = tables(
        periods=periods,
        settings={"discount_rate": some(0.01, 0.2), "base_year": 2025, "mip_gap": 1e-9},
        Supply=[
            supply("a", "field", "crude", some(4, 9), some(5, 30)),
            supply("b", "hub", "crude", some(1, 4), some(5, 70)),
        ],
        Demand=[
            demand("east", "east", "crude", some(2, 9), 0),
            demand("west", "west", "crude", some(2, 9), some(60, 140)),
        ],
        Links=[
            link("trunk", "field", "hub", "crude", some(2, 9), capacity=some(1, 5), loss=some(0, 0.05)),
            link("on", "hub", "east", "crude", some(2, 9), capacity=some(1, 4)),
            link("off", "hub", "west", "crude", some(10, 40), capacity=some(1, 4)),
        ],
        Projects=[
            {"project": "one", "adds_to": "trunk", "size": some(0.5, 2), "capex": some(20, 200), "funds": "bank",
             "life_years": some(2, 20), "lead_years": round(some(0, 2)), **project},
            {"project": "two", "adds_to": "on, a", "size": some(0.5, 2), "capex": some(20, 200),
             "funds": "bank 60, state 40", "life_years": some(2, 20), **project},
            {"project": "three", "adds_to": "off", "size": some(0.5, 2), "capex": some(20, 200), "funds": "state",
             "requires": "one", "life_years": some(2, 20), "lead_years": 1, **project},
        ],
        Funds=[{"fund": "bank", "budget": some(50, 500)}, {"fund": "state", "budget": some(50, 500)}],
        Series=[{"sheet": "Demand", "key": "east", "column": "price", **{p: prices[int(p[:4])] for p in labels}}],
    )  # fmt: skip
    if stores:
        made["Storage"] = [
            {"storage": "tanks", "node": "hub", "commodity": "crude", "capacity": some(0.5, 3), "inject": some(1, 5),
             "withdraw": some(1, 5), "initial": 0.25, "final": "initial", "cost": some(0, 5), "loss": some(0, 0.1)},
        ]  # fmt: skip
    return made


def value(made: Tables) -> float:
    return solve(read(made)).objective


def with_row(made: Tables, sheet: str, row: int, **given: Any) -> Tables:
    rows = [dict(one) for one in made[sheet]]
    rows[row].update(given)
    return {**made, sheet: rows}


@pytest.mark.parametrize("whole", [False, True], ids=["parts", "whole"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_optimum_never_falls_when_building_is_made_easier(seed: int, whole: bool) -> None:
    """Cheaper, longer at work, more money, free of another, offered at all."""
    made = random_tables(seed, whole=whole)
    first = made["Projects"][0]
    now = value(made)
    easier = {
        "capex cut": with_row(made, "Projects", 0, capex=0.7 * first["capex"]),
        "longer life": with_row(made, "Projects", 0, life_years=first["life_years"] + 3),
        "budget raised": with_row(made, "Funds", 0, budget=1.5 * made["Funds"][0]["budget"]),
        "no prerequisite": with_row(made, "Projects", 2, requires=None),
    }
    for what, other in easier.items():
        assert value(other) >= now - 1e-6 * abs(now), what
    without = {**made, "Projects": made["Projects"][:2]}
    assert now >= value(without) - 1e-6 * abs(now)
    assert value(without) >= value({**made, "Projects": made["Projects"][1:2]}) - 1e-6 * abs(now)


@pytest.mark.parametrize("seed", SEEDS)
def test_more_units_never_hurt_where_nothing_requires_them(seed: int) -> None:
    made = with_row(random_tables(seed), "Projects", 2, requires=None)
    more = with_row(made, "Projects", 0, max_units=made["Projects"][0]["max_units"] + 1)
    assert value(more) >= value(made) - 1e-6


@pytest.mark.parametrize("seed", SEEDS)
def test_splitting_periods_that_nothing_joins_changes_nothing(seed: int) -> None:
    """Years as halves: without stores and lead times, with what is built at the start of a year, it is one problem.

    Building is allowed at the start of years only, since halves would offer dates that years have not.
    """
    made = [random_tables(seed, stores=False, parts=parts) for parts in (1, 2)]
    for one in made:
        for row in one["Projects"]:
            row.update(lead_years=0, life_years=30)
    halves = [row["period"] for row in made[1]["Periods"]][1::2]
    made[1]["Limits"] = [
        {"limit": f"not in {label}", "measure": "built", "what": "project=*", "at_most": 0, "opens": label,
         "closes": label} for label in halves
    ]  # fmt: skip
    whole, split = (value(one) for one in made)
    assert split == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_store_only_helps_and_keeps_what_it_is_given(seed: int) -> None:
    made = random_tables(seed)
    solution = solve(read(made))
    roomier = with_row(made, "Storage", 0, capacity=made["Storage"][0]["capacity"] + 1)
    faster = with_row(made, "Storage", 0, inject=9, withdraw=9)
    kinder = with_row(made, "Storage", 0, final=None)
    for other in (roomier, faster, kinder):
        assert value(other) >= solution.objective - 1e-6
    rows = one_table("Stores", solution)
    balance = rows["before"] + rows["injected"] - rows["withdrawn"] - rows["lost"]
    assert rows["stock"].tolist() == pytest.approx(balance.tolist(), abs=1e-7)
    assert rows["stock"].iloc[-1] >= 0.25 - 1e-7


@pytest.mark.parametrize("seed", SEEDS)
def test_the_dual_of_a_fund_is_the_slope_of_the_optimum(seed: int) -> None:
    """One thousand dollars more and less in each fund: their slopes have the dual between them."""
    solution = solve(read(random_tables(seed)))
    step = 1e-3
    for fund, (dual,) in zip(solution.case["Funds"].keys, solution.row_gain["fund_budget"].tolist(), strict=True):
        budget = float(solution.case.number("Funds", "budget")[solution.case["Funds"].position[fund], 0])
        up, down = (
            (solve(with_changes(solution.case, {f"Funds:{fund}:budget": budget + move})).objective - solution.objective)
            / move
            for move in (step, -step)
        )
        assert up - 1e-5 <= dual <= down + 1e-5, fund


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_marginal_unit_earns_is_what_it_costs(seed: int) -> None:
    """A project in parts that is held back by nothing but its worth: its net value at the margin is 0.

    Where its units run out, one more of them is worth what the table says, as a re-solve shows.
    """
    made = with_row(random_tables(seed), "Projects", 2, requires=None)
    made["Funds"] = [{**row, "budget": "unlimited"} for row in made["Funds"]]
    solution = solve(read(made))
    plan = one_table("Plan", solution)
    for (name,), (dual,) in zip(
        solution.layout.rows["project_units"].items, solution.row_gain["project_units"], strict=True
    ):
        rows = plan[(plan["project"] == name) & (plan["units"] > 1e-9)]
        for net in rows["net_per_unit"]:
            assert net == pytest.approx(dual, abs=1e-6), name
        most = float(solution.case.number("Projects", "max_units")[solution.case["Projects"].position[name], 0])
        more, less = (
            (
                solve(with_changes(solution.case, {f"Projects:{name}:max_units": most + move})).objective
                - solution.objective
            )
            / move
            for move in (1e-4, -1e-4)
        )
        assert more - 1e-4 <= dual <= less + 1e-4, name


@pytest.mark.parametrize("seed", SEEDS)
def test_whole_units_are_worth_no_more_than_parts(seed: int) -> None:
    solution = solve(read(random_tables(seed, whole=True)))
    parts = relaxed(solution)
    assert parts is not None
    assert parts.objective >= solution.objective - 1e-6
    assert solution["build"] == pytest.approx(np.round(solution["build"]), abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_twice_the_money_is_twice_the_value(seed: int) -> None:
    made = random_tables(seed)
    doubled: Tables = {name: [dict(row) for row in rows] for name, rows in made.items()}
    columns = {"Supply": ["cost"], "Links": ["tariff"], "Projects": ["capex"], "Funds": ["budget"], "Storage": ["cost"]}
    for sheet, names in {**columns, "Demand": ["price"]}.items():
        for row in doubled[sheet]:
            row.update({name: 2 * row[name] for name in names if row.get(name) is not None})
    for label in [row["period"] for row in made["Periods"]]:
        doubled["Series"][0][label] *= 2
    assert value(doubled) == pytest.approx(2 * value(made), rel=1e-8)


def enumerated(made: Tables) -> float:
    """The best of all plans of whole units, each solved with what it builds as fixed bounds (an oracle)."""
    best, one = -np.inf, read(made)
    engine = Engine([one])
    program = engine.live.program
    block = engine.layout.columns["build"]
    options = [int(v) for v in one.number("Projects", "max_units")[:, 0]]
    count = len(one.periods)
    plans = [()]
    for most in options:
        choices = [None, *range(count)] if most else [None]
        plans = [(*plan, choice) for plan in plans for choice in choices]
    for plan in plans:
        lower, upper = program.lower.copy(), program.upper.copy()
        fixed = np.zeros((len(options), count))
        for project, t in enumerate(plan):
            if t is not None:
                fixed[project, t] = 1
        if (fixed.ravel() > upper[block.slice]).any():
            continue
        lower[block.slice] = upper[block.slice] = fixed.ravel()
        none = np.empty(0, dtype=np.int64)
        point = LiveModel(replace(program, lower=lower, upper=upper, whole=none)).solve()
        if point.status == "optimal":
            best = max(best, -point.objective)
    return best


@pytest.mark.parametrize("seed", range(4))
def test_branch_and_bound_finds_the_best_of_all_plans(seed: int) -> None:
    """At most one unit of each of three projects, in any of four years: all 125 plans are solved."""
    made = random_tables(seed, whole=True)
    for row in made["Projects"]:
        row["max_units"] = 1
    assert value(made) == pytest.approx(enumerated(made), rel=1e-8)


def test_money_in_hand_waits_for_the_better_year() -> None:
    """At 25 % a year and base 2026: 100 built in 2027 costs 80 of today's; it is used from 2027 on anyway.

    4 Mt at most before, 6 after; 90 a tonne in 2027 only (0 in 2026): 2·90 = 180 at the mean date of 2027.
    """
    solution: Solution = solve(
        case(
            periods=years(2026, 2),
            settings={"discount_rate": 0.25, "base_year": 2026},
            Supply=[supply("s", "field", "crude", 10)],
            Demand=[demand("east", "east", "crude", 20, 100)],
            Links=[link("pipe", "field", "east", "crude", 10, capacity=4)],
            Projects=[
                {"project": "loop", "adds_to": "pipe", "size": 2, "max_units": 1, "whole_units": "yes", "capex": 100,
                 "life_years": 1}
            ],
            Series=[{"sheet": "Demand", "key": "east", "column": "price", "2026": 10, "2027": 100}],
        )
    )  # fmt: skip
    mean = (1 - 1 / 1.25) / np.log(1.25) / 1.25
    assert solution["build"].tolist() == [[0, 1]]
    assert solution.objective == pytest.approx(6 * 90 * mean - 80)
