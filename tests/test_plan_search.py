"""Common plans by turns: cuts lie below every plan, and the programme of all scenarios at once finds no better one."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model import plan
from model.analysis.plan.choice import choose
from model.analysis.plan.common import Common
from model.analysis.plan.study import _Work
from model.case import FloatArray
from model.engine import Engine
from model.errors import NoAnswer
from model.formulation.criteria import Criterion, cvar, expected, regret
from model.formulation.extensive import extensive
from model.solver.common_plan import CommonPlan, Recourse
from model.solver.decomposed import Decomposed, Tried
from tests.cases import Tables, read
from tests.plan_cases import NAMES, PRICES, three_ways

PERIODS = ("2026", "2027")


def near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-6, abs=1e-6)


def change(
    scenario: str, sheet: str, key: str, column: str, value: float | str, period: str | None = None
) -> dict[str, Any]:
    row = {"scenario": scenario, "sheet": sheet, "key": key, "column": column, "change": "set", "value": value}
    return {**row, "period": period} if period else row


@st.composite
def drawn_tables(draw: st.DrawFn) -> Tables:
    """Pipes of up to two units over two years, one ahead of another, a common budget, and a treaty in the crisis."""
    ints = st.integers
    sheets = three_ways(
        (0.5, 0.3, 0.2), tail=draw(st.sampled_from([0.2, 0.5])), mip_gap=draw(st.sampled_from([0, 0.2]))
    )
    sheets["Periods"] = [{"period": name, "year": int(name), "years": 1} for name in PERIODS]
    sheets["Supply"][0]["capacity"] = draw(ints(6, 20))
    sheets["Funds"][0]["budget"] = draw(ints(80, 300))
    for project in sheets["Projects"]:
        project.update(size=draw(ints(2, 8)), capex=draw(ints(20, 120)), max_units=draw(ints(1, 2)), life_years=2)
        project["lead_years"] = draw(ints(0, 1))
    sheets["Projects"][2]["whole_units"] = draw(st.sampled_from(["yes", "no"]))
    sheets["Projects"][1]["requires"] = draw(st.sampled_from([None, "to_hub"]))
    sheets["Changes"] = [
        change(name, "Demand", f"{pipe}_sales", "price", draw(ints(0, 30)), period)
        for name in NAMES[1:]
        for pipe in PRICES
        for period in PERIODS
    ]
    if draw(st.booleans()):
        sheets["Changes"].append(change("slump", "Projects", "to_west", "earliest", "2027"))
    if draw(st.booleans()):
        row = {"limit": "treaty", "measure": "delivery", "what": "demand=east_sales", "at_least": 0}
        sheets["Limits"] = [{**row, "per": "horizon"}]
        east = sheets["Projects"][0]
        sheets["Funds"][0]["budget"] = max(sheets["Funds"][0]["budget"], east["capex"])
        sheets["Changes"].append(change("crisis", "Limits", "treaty", "at_least", draw(ints(1, min(6, east["size"])))))
    return sheets


def work_of(sheets: Tables) -> _Work:
    choice = choose(read(sheets), None, None)
    work = _Work(choice, Engine(choice.cases))
    for case in choice.cases:
        work.own_best(case)
    return work


def criteria_of(work: _Work) -> list[Criterion]:
    chance = work.choice.probability
    assert chance is not None
    best = np.array([one.found for one in work.best])
    return [expected(chance), regret(best), cvar(chance, work.settings.tail)]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(drawn_tables())
def test_brackets_hold_what_all_scenarios_at_once_find(sheets: Tables) -> None:
    """Whatever gap is asked for, bound ≤ best by the programme of all scenarios ≤ value ≤ bound + gap."""
    work = work_of(sheets)
    common: Common = work.common
    assert common.by_turns
    for criterion in criteria_of(work):
        truth = CommonPlan(extensive(work.layout, work.members, criterion), 0.0).solve()
        found = common.search(criterion, [])
        assert found.status == truth.status
        if truth.plan is None:
            continue
        slack = 2e-6 * common.size
        assert found.bound - slack <= truth.value <= found.value + slack, criterion.name
        assert found.value - found.bound <= common.gap + slack, criterion.name
        alone = [recourse.at(found.plan, cold=True).objective for recourse in work.recourses]
        assert criterion.of(np.array(alone)) == near(found.value)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(drawn_tables())
def test_of_equally_good_plans_the_same_is_the_best_on_the_whole(sheets: Tables) -> None:
    """Of all plans that regret at most a half more than need be, both ways find the least mean loss."""
    work = work_of(sheets)
    criterion = criteria_of(work)[1]
    known = work.common.search(criterion, []).plan
    if known is None:
        return
    start = work.evaluated("known", "criterion", known)
    most = 1.5 * criterion.of(start.losses) + 1e-4
    weight = np.full(len(NAMES), 1 / len(NAMES))
    whole = CommonPlan(extensive(work.layout, work.members, criterion), 0.0)
    truth = whole.settle(most, weight, [point.columns for point in start.flows])
    found = work.common.settle(criterion, most, weight, start)
    assert found.plan is not None
    assert found.value == pytest.approx(truth.value, abs=2e-6 * work.size)
    losses = np.array([recourse.at(found.plan, cold=True).objective for recourse in work.recourses])
    assert criterion.of(losses) <= most + 1e-6


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(drawn_tables(), st.integers(0, 3), st.integers(0, 3))
def test_what_a_plan_shows_is_true_of_every_other(sheets: Tables, first: int, second: int) -> None:
    """A cut is below the loss of each of 64 plans, equal at its own, and forbids none that leaves flows."""
    work = work_of(sheets)
    units = [np.array(one, dtype=float) for one in itertools.product((0, 1), repeat=6)]
    at = (units[first * 16 + 5] + units[second * 16 + 10]) / 2
    for values in work.members:
        tried = Tried(Recourse(work.layout, values))
        loss = tried.of(at)
        cut = tried.cuts[at.tobytes()]
        assert cut.short == (not np.isfinite(loss))
        assert cut.at(at) > 0 if cut.short else cut.at(at) == near(loss)
        for other in units:
            real = tried.of(other)
            if np.isfinite(real):
                assert cut.at(other) <= (0.0 if cut.short else real) + 1e-6 * max(1.0, abs(real))


def treaty(volume: float) -> Tables:
    """In the crisis the east must get some Mt, which needs a pipe of 10 Mt: of the plans only to_east has flows."""
    sheets = three_ways()
    sheets["Limits"] = [{"limit": "treaty", "measure": "delivery", "what": "demand=east_sales", "at_least": 0}]
    sheets["Changes"].append(change("crisis", "Limits", "treaty", "at_least", volume))
    return sheets


def test_a_plan_without_flows_teaches_what_must_be_built() -> None:
    """The best in hindsight are 200, 60 and −50 (5·10 − 100): to_east regrets 0, 60 and 0."""
    found = plan(read(treaty(5)), "regret")
    assert found["regret"].units.sum(axis=1).tolist() == [1, 0, 0]
    assert found["regret"].value == near(60)
    assert [-one.found for one in found.best] == near([200, 60, -50])


def test_where_no_plan_has_flows_there_is_none() -> None:
    """Of 10 Mt the east cannot get 12, whatever is built; parts of a pipe would not help either."""
    with pytest.raises(NoAnswer, match=r"(?s)crisis.*treaty"):
        plan(read(treaty(12)), "regret")


def test_a_search_that_no_plan_can_better_ends_with_its_start() -> None:
    """to_west has the least largest regret, 80 (see ``three_ways``); a gap of 30 needs no more than a bound of 50."""
    work = work_of(three_ways())
    criterion = criteria_of(work)[1]
    search = Decomposed(work.common._master(criterion), work.common.tried, criterion.of, gap=30.0)
    start: FloatArray = np.array([0.0, 1.0, 0.0])
    found = search.solve([start])
    assert found.plan is not None
    assert found.plan.tolist() == start.tolist()
    assert found.value == near(80)
    assert 50 <= found.bound <= 80
