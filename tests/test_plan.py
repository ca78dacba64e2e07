"""Plans for several scenarios: by hand, against enumeration, and the laws that regrets and values of knowing keep."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model import UsageError, plan
from model.analysis.plan.found import Plan, Study
from model.analysis.plan.mean import NoMean, mean_case
from model.errors import NoAnswer
from model.formulation.criteria import cvar, expected, regret
from model.formulation.extensive import building_rows, extensive
from model.formulation.layout import evaluate
from model.parameters import build_parameters
from model.scenario import with_scenario
from tests.cases import Tables, demand, link, read, solve, supply, tables
from tests.hard_choice import hard_choice
from tests.plan_cases import NAMES, PRICES, pipe, three_ways


def near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-6, abs=1e-6)


def built(study: Study, name: str) -> dict[str, float]:
    """Units of what a plan builds, all periods together."""
    names = study.case["Projects"].keys
    return {names[p]: float(row.sum()) for p, row in enumerate(study[name].units) if row.sum() > 0}


def values(found: Study, one: Plan) -> list[float]:
    return (-one.losses).tolist()


def test_three_criteria_choose_three_plans() -> None:
    """Of the table in ``three_ways``, with 0.6, 0.3 and 0.1:

    expected   to_east 120 + 0 − 5 = 115,  to_west 72 + 18 + 1 = 91,  to_hub 50
    regret     to_east 60 + … worst 50 − (−50) = 100,  to_west 200 − 120 = 80,  to_hub 200 − 50 = 150
    cvar 10 %  to_east −50,  to_west 10,  to_hub 50
    """
    found = plan(read(three_ways()))
    assert built(found, "expected") == {"to_east": 1}
    assert built(found, "regret") == {"to_west": 1}
    assert built(found, "cvar") == {"to_hub": 1}
    assert found.expected(found["expected"]) == near(-115)
    assert found.expected(found["regret"]) == near(-91)
    assert found["regret"].value == near(80)
    assert found.regret(found["expected"])[0].tolist() == near([0, 60, 100])
    assert found.tail(found["expected"]) == near(50)
    assert found["cvar"].value == near(-50)
    assert values(found, found["regret"]) == near([120, 60, 10])
    assert found.regret(found["nothing"])[0].tolist() == near([200, 60, 50])


def test_what_knowing_is_worth() -> None:
    """Hindsight earns 0.6·200 + 0.3·60 + 0.1·50 = 143, recourse 115: 28. The mean's plan is to_east as well: 0.

    Mean prices are 21.5 east, 19.1 west and 15: to_east is worth 115, to_west 91, to_hub 50.
    """
    found = plan(read(three_ways()))
    assert (found.evpi.low, found.evpi.high) == (near(28), near(28))
    assert found.vss.low == near(0)
    assert built(found, "best for the mean") == {"to_east": 1}


def two_sizes() -> Tables:
    """Prices of 30 and 0 at even odds, of which the mean is 15; a pipe of 10 Mt for 100, or of 2 Mt for 5.

    value      high                low    mean
    large      300 − 100 = 200    −100      50      at the mean price 150 − 100 = 50
    small       60 − 5  = 55        −5      25      at the mean price  30 − 5   = 25
    both       10 Mt: 300 − 105 = 195, and not better
    """
    return tables(
        settings={"discount_rate": 0, "base_year": 2026},
        Supply=[supply("wells", "field", "crude", 10)],
        Demand=[demand("sales", "east", "crude", 10, 30)],
        Links=[link("line", "field", "east", "crude", capacity=0)],
        Projects=[
            pipe("line", project="large", max_units=1),
            pipe("line", project="small", size=2, capex=5, max_units=1),
        ],
        Funds=[{"fund": "purse", "budget": "unlimited"}],
        Scenarios=[
            {"scenario": "base", "run": "yes", "probability": 0.5},
            {"scenario": "bust", "run": "yes", "probability": 0.5},
        ],
        Changes=[
            {"scenario": "bust", "sheet": "Demand", "key": "sales", "column": "price", "change": "set", "value": 0}
        ],
    )


def test_planning_for_the_mean_loses_where_outcomes_bend() -> None:
    """A cost of 20 makes selling at 0 no duty: at the mean price of 15 nothing is sold, and nothing built.

        large   0.5·(10·10 − 40) + 0.5·(−40) = 10      small   0.5·(2·10 − 5) − 0.5·5 = 5

    So planning for both scenarios is worth 10. Hindsight earns 0.5·60 = 30, knowing 30 − 10 = 20.
    """
    sheets = two_sizes()
    sheets["Supply"][0]["cost"] = 20
    sheets["Projects"][0]["capex"] = 40
    found = plan(read(sheets), "expected")
    assert built(found, "expected") == {"large": 1}
    assert built(found, "best for the mean") == {}
    assert found.expected(found["expected"]) == near(-10)
    assert (found.vss.low, found.evpi.low) == (near(10), near(20))


def test_parts_of_units_may_balance_regret() -> None:
    """Of a pipe that earns 200 in one scenario and loses 100 in the other, x regrets 200·(1 − x) and 100·x: x = 2/3.

    The largest regret is 200/3; with chances of a half it is still expected to earn 50 a unit, so all of it is built.
    """
    sheets = two_sizes()
    del sheets["Projects"][1]
    sheets["Projects"][0]["whole_units"] = "no"
    found = plan(read(sheets))
    assert built(found, "regret") == near({"large": 2 / 3})
    assert found["regret"].value == near(200 / 3)
    assert built(found, "expected") == near({"large": 1})
    assert found.evpi.low == near(50)


def test_of_equally_regretted_plans_the_one_that_loses_less_is_taken() -> None:
    """Half of the eastern pipe regrets 50 at a price of 20 (it earns 100 a unit) and at 0 (it loses 100).

    The western pipe earns 10·10 − 100 = 0 there, and in the third scenario, where the eastern one earns nothing,
    10·11 − 100 = 10: to leave it out is regretted by 10 only, but is a loss for nothing.
    """
    sheets = three_ways()
    sheets["Supply"] = [supply("wells", "field", "crude", 20)]
    sheets["Funds"][0]["budget"] = "unlimited"
    for project in sheets["Projects"]:
        project["whole_units"] = "no"
    prices = {"east": (20, 0, 10), "west": (10, 10, 11), "hub": (0, 0, 0)}
    for p, name in enumerate(PRICES):
        sheets["Demand"][p]["price"] = prices[name][0]
    for row in sheets["Changes"]:
        row["value"] = prices[row["key"].removesuffix("_sales")][NAMES.index(row["scenario"])]
    found = plan(read(sheets), "regret")
    assert found["regret"].value == near(50)
    assert built(found, "regret") == near({"to_east": 0.5, "to_west": 1})


def test_capital_cost_budgets_and_starts_may_differ_by_scenario() -> None:
    """In the crisis the purse holds 90, so that a common plan builds nothing; in base alone to_east pays 200."""
    sheets = three_ways()
    sheets["Changes"].append(
        {"scenario": "crisis", "sheet": "Funds", "key": "purse", "column": "budget", "change": "set", "value": 90}
    )
    found = plan(read(sheets), "regret")
    assert built(found, "regret") == {}
    assert found["regret"].value == near(200)
    why = found["best for base"].failures["crisis"]
    assert len(why) == 1
    assert why[0].startswith("money from fund 'purse', million USD: 100 where at most 90 is allowed (Funds!")
    assert np.isnan(found["best for base"].losses[2])


def test_capex_is_that_of_the_scenario() -> None:
    """In the slump every pipe costs 130 instead of 100, with money enough: to_west is worth 160 − 130 = 30 there."""
    sheets = three_ways()
    sheets["Funds"][0]["budget"] = 150
    sheets["Changes"].append(
        {"scenario": "slump", "sheet": "Projects", "key": "*", "column": "capex", "change": "set", "value": 130}
    )
    found = plan(read(sheets), "expected")
    assert values(found, found["best for slump"]) == near([120, 30, 10])
    assert built(found, "expected") == {"to_east": 1}
    assert found["expected"].value == near(-(0.6 * 200 - 0.3 * 30 - 0.1 * 50))


def test_a_budget_is_kept_at_the_prices_of_every_scenario() -> None:
    """With 120 a pipe of 100 is bought; in the slump it would cost 130: no pipe is in every scenario's reach."""
    sheets = three_ways()
    sheets["Funds"][0]["budget"] = 120
    sheets["Changes"].append(
        {"scenario": "slump", "sheet": "Projects", "key": "*", "column": "capex", "change": "set", "value": 130}
    )
    found = plan(read(sheets), "expected")
    assert built(found, "expected") == {}
    assert built(found, "best for base") == {"to_east": 1}
    assert "130 where at most 120 is allowed" in found["best for base"].failures["slump"][0]


def test_the_best_of_each_scenario_is_proven_whatever_gap_the_workbook_allows() -> None:
    """Knapsacks of 14 projects, for which the workbook would be content with half of the best."""
    sheets = hard_choice(14, settings={"mip_gap": 0.5})
    sheets["Scenarios"] = [{"scenario": "low", "run": "yes"}]
    sheets["Changes"] = [
        {"scenario": "low", "sheet": "Demand", "key": "east", "column": "price", "change": "set", "value": 320}
    ]
    found = plan(read(sheets), "regret")
    for best in found.best:
        assert best.found - best.bound <= 1e-6 * abs(best.found), best


def test_a_mean_needs_finite_numbers_and_equal_words() -> None:
    """0.6·30 + 0.3·10 + 0.1·5 = 21.5; unlimited money in one scenario has no mean with 100."""
    case = read(three_ways())
    cases = [with_scenario(case, name) for name in NAMES]
    mean = mean_case(cases, np.array([0.6, 0.3, 0.1]))
    assert mean.number("Demand", "price")[:, 0].tolist() == near([21.5, 19.1, 15])
    sheets = three_ways()
    sheets["Funds"][0]["budget"] = "unlimited"
    sheets["Changes"].append(
        {"scenario": "slump", "sheet": "Funds", "key": "purse", "column": "budget", "change": "set", "value": 100}
    )
    with pytest.raises(NoMean, match=r"Funds!B2 \(purse, budget\) is blank, a word or unlimited"):
        mean_case([with_scenario(read(sheets), name) for name in NAMES], np.array([0.6, 0.3, 0.1]))
    found = plan(read(sheets), "expected")
    assert np.isnan(found.vss.low)
    assert "Funds!B2" in found.vss.reason


def test_firm_demand_is_met_or_paid_for() -> None:
    """The east needs 4 Mt, at 50 each where unmet: without a pipe 200 is lost; to_east serves it and earns as before.

    to_hub leaves the east unserved: 50 − 200 = −150 in every scenario, to_east 200, 0, −50.
    """
    sheets = three_ways(unserved_price=50)
    sheets["Demand"][0]["firm"] = 4
    found = plan(read(sheets), "expected")
    assert values(found, found["nothing"]) == near([-200, -200, -200])
    assert found["nothing"].unserved.tolist() == near([200, 200, 200])
    assert found["expected"].unserved.tolist() == near([0, 0, 0])
    assert built(found, "expected") == {"to_east": 1}


def test_rows_about_building_alone_stand_once() -> None:
    """Three scenarios share the limits of three projects and two of the purse; the crisis has a budget of its own."""
    sheets = three_ways()
    sheets["Changes"].append(
        {"scenario": "crisis", "sheet": "Funds", "key": "purse", "column": "budget", "change": "set", "value": 90}
    )
    case = read(sheets)
    from model.engine import Engine

    cases = [with_scenario(case, name) for name in NAMES]
    engine = Engine(cases)
    members = [evaluate(one, engine.layout, build_parameters(one, engine.network)) for one in cases]
    form = extensive(engine.layout, members, expected(np.full(3, 1 / 3)))
    shared = int(building_rows(engine.layout).sum())
    assert shared == 5
    assert len(form.program.row_lower) == 3 * (engine.layout.row_count - shared) + shared + 1
    assert len(form.program.cost) == 3 + 3 * (engine.layout.column_count - 3)


# ---- against enumeration

Numbers = tuple[int, ...]


@st.composite
def small_cases(draw: st.DrawFn) -> dict[str, Any]:
    """Three pipes of a field, three scenarios that differ in prices and capital cost, and chances of tenths."""
    ints = st.integers
    first = draw(ints(1, 8))
    second = draw(ints(1, 9 - first))
    return {
        "prices": [[draw(ints(0, 30)) for _ in PRICES] for _ in NAMES],
        "capex": [[draw(ints(20, 150)) for _ in PRICES] for _ in NAMES],
        "sizes": [draw(ints(2, 9)) for _ in PRICES],
        "firm": draw(ints(0, 2)),
        "field": draw(ints(4, 16)),
        "probability": (first / 10, second / 10, (10 - first - second) / 10),
        "tail": draw(st.sampled_from([0.1, 0.25, 0.5, 1.0])),
    }


def tables_of(drawn: dict[str, Any], scenario: int | None = None, chosen: Sequence[int] | None = None) -> Tables:
    """The case as a workbook of scenarios; or one scenario alone, with chosen pipes laid instead of projects."""
    s = scenario or 0
    lone = scenario is not None
    sizes = [size * (chosen[p] if chosen is not None else 0) for p, size in enumerate(drawn["sizes"])]
    sheets = three_ways(None if lone else drawn["probability"], unserved_price=40, tail=drawn["tail"])
    sheets["Supply"][0]["capacity"] = drawn["field"]
    for p, name in enumerate(PRICES):
        sheets["Demand"][p].update(price=drawn["prices"][s][p], firm=drawn["firm"] if name == "hub" else None)
        sheets["Links"][p]["capacity"] = sizes[p]
        sheets["Projects"][p].update(size=drawn["sizes"][p], capex=drawn["capex"][s][p])
    sheets["Funds"][0]["budget"] = "unlimited"
    sheets["Changes"] = [
        {"scenario": scenario_name, "sheet": sheet, "key": key, "column": column, "change": "set", "value": value}
        for t, scenario_name in enumerate(NAMES)
        if t
        for p, name in enumerate(PRICES)
        for sheet, key, column, value in (
            ("Demand", f"{name}_sales", "price", drawn["prices"][t][p]),
            ("Projects", f"to_{name}", "capex", drawn["capex"][t][p]),
        )
    ]
    if lone:
        for name in ("Projects", "Funds", "Scenarios", "Changes"):
            del sheets[name]
    return sheets


def enumerated(drawn: dict[str, Any]) -> np.ndarray:
    """Losses of all eight plans in all scenarios, each solved apart without any project."""
    losses = []
    for chosen in itertools.product((0, 1), repeat=3):
        row = []
        for s in range(3):
            value = solve(read(tables_of(drawn, s, chosen))).objective
            row.append(-(value - float(np.dot(chosen, drawn["capex"][s]))))
        losses.append(row)
    return np.array(losses)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(small_cases())
def test_no_enumerated_plan_is_better_and_knowing_is_never_worth_less_than_nothing(drawn: dict[str, Any]) -> None:
    losses = enumerated(drawn)
    chance = np.array(drawn["probability"])
    found = plan(read(tables_of(drawn)))
    best = losses.min(axis=0)
    assert [one.found for one in found.best] == near(best.tolist())
    assert found["expected"].value == near((losses @ chance).min())
    assert found["regret"].value == near((losses - best).max(axis=1).min())
    tail = [cvar(chance, drawn["tail"]).of(row) for row in losses]
    assert found["cvar"].value == near(min(tail))
    assert found.evpi.low == near((losses @ chance).min() - best @ chance)
    assert found.evpi.low >= 0
    assert found.vss.low >= -1e-6
    for one in found.plans:
        assert (found.regret(one)[0] >= 0).all()


def test_the_tail_is_the_mean_of_the_worst_part() -> None:
    """Losses of 10, 4 and 0 with 0.1, 0.3 and 0.6: the worst fifth holds 10 and a tenth of the 4s: (1 + 0.4)/0.2 = 7.

    The worst tenth is 10, and all of it is 0.1·10 + 0.3·4 = 2.2.
    """
    losses, chance = np.array([4.0, 10.0, 0.0]), np.array([0.3, 0.1, 0.6])
    assert cvar(chance, 0.2).of(losses) == near(7)
    assert cvar(chance, 0.1).of(losses) == near(10)
    assert cvar(chance, 1.0).of(losses) == near(2.2)
    # of a worst 12 % that reach just beyond 11 % of 10s: (0.11·10 + 0.01·4)/0.12
    assert cvar(np.array([0.3, 0.11, 0.59]), 0.12).of(losses) == near(9.5)
    assert regret(np.array([1.0, 1.0, -3.0])).of(losses) == near(9)
    assert np.isnan(cvar(chance, 0.2).of(np.array([np.nan, 1, 2])))


# ---- what has to be mended first


def refused(sheets: Tables, *asked: Any) -> str:
    with pytest.raises(UsageError) as caught:
        plan(read(sheets), *asked)
    return str(caught.value)


def test_what_is_to_be_mended_is_said_at_once() -> None:
    sheets = three_ways(None)
    sheets["Demand"][0]["firm"] = 1
    del sheets["Scenarios"][1:]
    del sheets["Changes"], sheets["Projects"], sheets["Funds"]
    said = refused(sheets, "expectd")
    assert "the sheet Projects has no rows" in said
    assert "at least two scenarios, and only 'base' is marked run" in said
    assert "needs the setting unserved_price" in said
    assert "Demand!F2" in said
    assert "rule out every plan" in said
    assert "There is no criterion 'expectd'. Nearest valid name: 'expected'." in said


def test_a_criterion_without_its_probabilities_is_refused() -> None:
    said = refused(three_ways(None), ["expected", "cvar"])
    assert "The criterion expected and cvar needs a probability of each scenario" in said
    assert "--criterion regret needs none" in said
    found = plan(read(three_ways(None)))
    assert [one.name for one in found.plans if one.criterion] == ["regret"]
    assert found.evpi.reason == found.vss.reason == "the scenarios have no probabilities"
    assert np.isnan(found.expected(found["regret"]))


def test_chosen_scenarios_have_the_chances_that_are_left() -> None:
    """Of 0.6 and 0.3 come 2/3 and 1/3; to_west 0.6·120 + 0.3·60 = 90 < to_east 120."""
    found = plan(read(three_ways()), "expected", ["base", "slump"])
    assert found.probability is not None
    assert found.probability.tolist() == near([2 / 3, 1 / 3])
    assert "add up to 0.9" in found.choice.notices[0]
    assert found["expected"].value == near(-400 / 3)


def test_no_common_plan_names_what_fails_where() -> None:
    """In the crisis the east must get 5 Mt, which needs to_east; in the slump the purse is empty."""
    sheets = three_ways()
    sheets["Limits"] = [
        {"limit": "treaty", "measure": "delivery", "what": "demand=east_sales", "at_least": 0, "at_most": 10}
    ]
    sheets["Changes"] += [
        {"scenario": "crisis", "sheet": "Limits", "key": "treaty", "column": "at_least", "change": "set", "value": 5},
        {"scenario": "slump", "sheet": "Funds", "key": "purse", "column": "budget", "change": "set", "value": 0},
    ]
    with pytest.raises(NoAnswer) as caught:
        plan(read(sheets), "regret")
    said = str(caught.value)
    assert caught.value.exit_code == 3
    assert "no plan can be carried out in every scenario" in said
    assert "the plan 'best for crisis' fails in 'slump': money from fund 'purse'" in said
    assert "the plan 'nothing' fails in 'crisis': 2026: lower limit not reached at limit 'treaty'" in said


def test_a_scenario_without_a_plan_is_told_as_in_a_solve() -> None:
    sheets = three_ways()
    sheets["Limits"] = [{"limit": "treaty", "measure": "delivery", "what": "demand=east_sales", "at_least": 0}]
    sheets["Changes"].append(
        {"scenario": "crisis", "sheet": "Limits", "key": "treaty", "column": "at_least", "change": "set", "value": 50}
    )
    with pytest.raises(NoAnswer, match=r"(?s)Scenario 'crisis'.*treaty"):
        plan(read(sheets))
