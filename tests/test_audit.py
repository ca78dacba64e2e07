"""The audit passes what is right and names what is not: each law is broken once, by hand or by a seeded fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any, Final

import numpy as np
import pytest

import model.audit as audit_module
import model.formulation.balance as balance_module
import model.parameters as parameters_module
from model.audit import audit
from model.case import Case
from model.engine import Engine
from model.errors import AuditError
from model.formulation.rules import Constraint, Index, Terms
from model.parameters import Parameters
from model.scenario import with_scenario
from model.solution import Solution
from tests.cases import built_tables, read, rich_tables


@pytest.fixture(scope="module")
def rich() -> Case:
    return read(rich_tables())


@pytest.fixture(scope="module")
def solution(rich: Case) -> Solution:
    return Engine([rich]).solve(rich)


@pytest.fixture(scope="module")
def built() -> Case:
    """With stores, make-up, projects and funds as well."""
    return read(built_tables())


@pytest.fixture(scope="module")
def built_solution(built: Case) -> Solution:
    return Engine([built]).solve(built)


def complaint(solution: Solution, shown: int = 1000) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit_module, "SHOWN", shown)
        with pytest.raises(AuditError) as caught:
            audit(solution)
    return str(caught.value)


def changed(solution: Solution, part: str, name: str, item: str, place: int, by: float) -> Solution:
    """The solution with one number of a variable or gain changed."""
    blocks = solution.layout.rows if part == "row_gain" else solution.layout.columns
    row = [" ".join(key).strip() for key in blocks[name].items].index(item)
    arrays = dict(getattr(solution, part))
    arrays[name] = arrays[name].copy()
    arrays[name][row, place] += by
    return replace(solution, **{part: arrays})


@pytest.mark.parametrize("scenario", ["base", "low", "lower"])
def test_every_scenario_of_a_rich_workbook_closes(rich: Case, scenario: str) -> None:
    case = with_scenario(rich, scenario)
    audit(Engine([rich, case]).solve(case))


@pytest.mark.parametrize(
    ("name", "item", "place", "by", "law"),
    [
        ("flow", "trunk light", 2, 1e-3, "volumes at a node: hub blend, 2027"),
        ("flow", "gas_west gas", 0, 1e-3, "asset: exit, 2026H1"),
        ("flow", "bypass light", 0, 1e-3, "link: bypass, 2026H1"),
        ("flow", "sea_east light", 3, 1e-3, "fleet: tankers, 2028"),
        ("flow", "detour sour", 2, -1e-3, "link's minimum: detour, 2027"),
        ("flow", "detour sour", 0, -1e-3, "asset's minimum: relic, 2026H1"),
        ("flow", "sea_west blend", 0, -50.0, "flow: sea_west blend, 2026H1"),
        ("supply", "light", 1, 1e-3, "production: light, 2026H2"),
        ("supply", "stripper", 1, -1e-3, "least production: stripper, 2026H2"),
        ("supply", "old", 3, 1e-3, "reserves: old, horizon"),
        ("supply", "sour", 3, 1e-3, "limit: depletion, horizon"),
        ("delivery", "refinery light", 1, 1e-3, "demand: refinery, 2026H2"),
        ("delivery", "east blend", 1, 1e-3, "demand: east, 2026H2"),
        ("delivery", "east sour", 2, -99.0, "delivery: east sour, 2027"),
        ("delivery", "town gas", 2, -1e-3, "firm demand: town, 2027"),
        ("delivery", "heat gas", 2, 1e-3, "demand line: heat, 2027"),
        ("delivery", "west blend", 3, 1e-3, "limit: yearly, 2028"),
        ("step", "heat 1", 2, 1e-3, "step of demand: heat 1, 2027"),
        ("unserved", "refinery", 0, 1.0, "unserved demand: refinery, 2026H1"),
        ("short", "ship_trunk", 0, -0.5, "contract: ship_trunk, 2026"),
        ("short", "ship_trunk", 0, 900.0, "contract's shortfall: ship_trunk, 2026"),
        ("short", "ship_gas", 0, -0.5, "contract's shortfall: ship_gas, 2026"),
        ("delivery", "power gas", 2, 1e-3, "contract's ceiling: take_power, 2027"),
        ("supply", "gas", 2, 1e-2, "objective in million USD: base, horizon"),
    ],
)
def test_each_volume_that_is_wrong_is_named(
    solution: Solution, name: str, item: str, place: int, by: float, law: str
) -> None:
    assert law in complaint(changed(solution, "values", name, item, place, by))


@pytest.mark.parametrize(
    ("part", "name", "item", "place", "by", "law"),
    [
        ("bound_gain", "supply", "gas", 2, 1.0, "production has a value but room: gas, 2027"),
        ("bound_gain", "supply", "gas", 2, -1.0, "production has a cost but is above its minimum: gas, 2027"),
        ("bound_gain", "flow", "gas_west gas", 1, 1.0, "link has a value but room: gas_west gas, 2026H2"),
        ("bound_gain", "flow", "trunk light", 1, 1.0, "link has a value but room: trunk light, 2026H2"),
        ("bound_gain", "delivery", "power gas", 1, 1.0, "demand has a value but room: power gas, 2026H2"),
        ("bound_gain", "unserved", "town", 0, 1.0, "unserved demand has a value but room: town, 2026H1"),
        ("bound_gain", "step", "heat 7", 0, 300.0, "step of demand has a value but room: heat 7, 2026H1"),
        ("bound_gain", "short", "ship_trunk", 0, 1.0, "contract's shortfall has a value but room: ship_trunk, 2026"),
        ("row_gain", "link_capacity", "trunk", 3, 1.0, "link has a value but room: trunk, 2028"),
        ("row_gain", "link_minimum", "trunk", 3, -1.0, "link has a cost but is above its minimum: trunk, 2028"),
        ("row_gain", "asset_capacity", "terminal", 3, 1.0, "asset has a value but room: terminal, 2028"),
        ("row_gain", "asset_minimum", "terminal", 3, -1.0, "asset has a cost but is above its minimum: terminal, 2028"),
        ("row_gain", "fleet_time", "escort", 3, 1.0, "fleet has a value but room: escort, 2028"),
        ("row_gain", "demand_firm", "village", 3, -1.0, "firm demand has a cost but is above its minimum: village"),
        ("row_gain", "demand_volume", "east", 0, 1.0, "demand has a value but room: east, 2026H1"),
        ("row_gain", "contract_lifting", "ship_gas", 0, -1.0, "contract has a cost but is above its minimum: ship_gas"),
        ("row_gain", "contract_ceiling", "berth", 0, 1.0, "contract's ceiling has a value but room: berth, 2026"),
        ("row_gain", "limit_upper", "quota 2027", 0, 1.0, "limit has a value but room: quota, 2027"),
        ("row_gain", "limit_lower", "yearly 2027", 0, -1.0, "limit has a cost but is above its minimum: yearly, 2027"),
        ("row_gain", "reserves", "old", 0, np.nan, "reserves has no value: old, horizon"),
    ],
)
def test_each_price_of_what_is_not_scarce_is_named(
    solution: Solution,
    part: str,
    name: str,
    item: str,
    place: int,
    by: float,
    law: str,
) -> None:
    assert law in complaint(changed(solution, part, name, item, place, by))


Spoilt = tuple[str, str, int, float]


@pytest.mark.parametrize(
    ("spoilt", "law"),
    [
        ([("stock", "tanks", 2, 1e-3)], "stock: tanks, 2027"),
        # both sides of the balance: only the room is passed
        ([("stock", "cavern", 1, 1e-2), ("inject", "cavern", 1, 1e-2)], "stock: cavern, 2026H2"),
        # and only the final stock is missed
        ([("stock", "cavern", 3, -1e-2), ("inject", "cavern", 3, -1e-2)], "stock: cavern, 2028"),
        ([("inject", "cavern", 1, 1.0)], "filling a store: cavern, 2026H2"),
        ([("inject", "cavern", 0, -1e-2)], "filling a store: cavern, 2026H1"),
        ([("withdraw", "cavern", 1, 1.0)], "emptying a store: cavern, 2026H2"),
        ([("withdraw", "cavern", 1, -1e-2)], "emptying a store: cavern, 2026H2"),
        ([("build", "wells", 1, -0.1)], "units built: wells, 2026H2"),
        ([("build", "tanker", 0, 0.1)], "units built: tanker, 2026H1"),
        ([("build", "wells", 1, 2.0)], "units of a project: wells, horizon"),
        ([("build", "looping", 1, 0.5)], "whole units: looping, 2026H2"),
        ([("build", "tanker", 1, 0.1)], "prerequisite: tanker and jetty, 2026H2"),
        ([("build", "wells", 0, 0.1)], "fund: bank, horizon"),
        ([("build", "jetty", 1, 0.1)], "fund: state, 2026H2"),
        ([("build", "looping", 0, 3.0)], "limit: one at a time, 2026H1"),
        ([("flow", "detour sour", 2, -1e-3)], "use of a project: works at detour, 2027"),
        ([("make_up", "swing 2027 2028", 0, 1e-2)], "make-up: swing, 2027"),
        ([("make_up", "swing 2027 2028", 0, -1.0)], "make-up: swing 2027 in 2028, all"),
        ([("make_up", "swing 2027 2028", 0, 9.0)], "make-up in time: swing 2027 in 2028, all"),
        ([("make_up", "swing 2026 2027", 0, 1e-2)], "short and making up at once: swing in 2027, all"),
        # what makes up an earlier shortfall does not count for the year itself
        ([("make_up", "swing 2027 2028", 0, 9.0)], "contract: swing, 2028"),
    ],
)
def test_what_is_stored_built_or_made_up_wrongly_is_named(
    built_solution: Solution, spoilt: list[Spoilt], law: str
) -> None:
    for name, item, place, by in spoilt:
        built_solution = changed(built_solution, "values", name, item, place, by)
    assert law in complaint(built_solution)


@pytest.mark.parametrize(
    ("part", "name", "item", "place", "by", "law"),
    [
        ("bound_gain", "stock", "tanks", 2, 1.0, "stock has a value but room: tanks, 2027"),
        ("row_gain", "stock_capacity", "cavern", 2, 1.0, "stock has a value but room: cavern, 2027"),
        ("bound_gain", "inject", "cavern", 2, 1.0, "filling a store has a value but room: cavern, 2027"),
        ("bound_gain", "withdraw", "cavern", 2, 1.0, "emptying a store has a value but room: cavern, 2027"),
        ("bound_gain", "build", "wells", 1, 99.0, "units built has a value but room: wells, 2026H2"),
        ("row_gain", "project_units", "wells", 0, 1.0, "units of a project has a value but room: wells, horizon"),
        ("row_gain", "project_requires", "tanker jetty", 0, -1.0, "prerequisite has a cost but is above its minimum"),
        ("row_gain", "project_use", "works detour", 0, -1.0, "use of a project has a cost but is above its minimum"),
        ("row_gain", "fund_budget", "state", 0, 1.0, "fund has a value but room: state, horizon"),
        ("row_gain", "fund_period", "bank", 2, 1.0, "fund has a value but room: bank, 2027"),
        ("row_gain", "supply_capacity", "light", 2, -999.0, "production has a cost but is above its minimum: light"),
        ("row_gain", "contract_make_up", "swing 2026", 0, 1.0, "make-up has a value but room: swing of 2026, all"),
        ("bound_gain", "make_up", "swing 2026 2027", 0, 1.0, "make-up has a value but room: swing 2026 in 2027, all"),
    ],
)
def test_each_price_of_stores_and_projects_that_are_not_scarce_is_named(
    built_solution: Solution, part: str, name: str, item: str, place: int, by: float, law: str
) -> None:
    assert law in complaint(changed(built_solution, part, name, item, place, by))


def test_both_values_are_told(solution: Solution) -> None:
    value = float(solution["supply"][solution.case["Supply"].position["light"], 1])
    told = complaint(changed(solution, "values", "supply", "light", 1, 0.25))
    assert f"{value + 0.25:.9g} against {value:.9g}" in told


def test_a_long_list_is_cut(solution: Solution) -> None:
    doubled = {name: 2 * values for name, values in solution.values.items()}
    lines = complaint(replace(solution, values=doubled), shown=5).splitlines()
    assert len(lines) == 1 + 5 + 1
    assert lines[-1].strip().startswith("and ")


def test_no_number_is_a_fault(solution: Solution) -> None:
    assert "volumes at a node" in complaint(changed(solution, "values", "flow", "gas_west gas", 0, np.nan))


def test_a_variable_that_the_audit_does_not_know_is_a_fault(solution: Solution) -> None:
    told = complaint(replace(solution, values={**solution.values, "exchange": np.ones((1, 1))}))
    assert "knows no variable exchange" in told


def solved_with(
    case: Case, change: Callable[[Parameters], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> Solution:
    """The solution of a programme whose arrays are wrong: both Pyomo and the sparse form read them."""
    build = parameters_module.build_parameters

    def wrong(*arguments: Any) -> Parameters:
        right = build(*arguments)
        return replace(right, **change(right))

    monkeypatch.setattr("model.engine.build_parameters", wrong)
    solution = Engine([case]).solve(case)
    assert solution.status == "optimal", "without a plan the audit would complain of anything"
    return solution


Wrong = Callable[[Parameters], Any]

WRONG_ARRAYS: Final[dict[str, tuple[Wrong, str]]] = {
    "flow_arrival": (lambda p: np.ones_like(p.flow_arrival), "volumes at a node"),
    "flow_fee": (lambda p: 2 * p.flow_fee, "volumes at a node"),
    "flow_tariff": (lambda p: 0.9 * p.flow_tariff, "objective"),
    "flow_risk": (lambda p: 0 * p.flow_risk, "objective"),
    "supply_cost": (lambda p: 1.1 * p.supply_cost, "objective"),
    "delivery_price": (lambda p: 1.01 * p.delivery_price, "objective"),
    "delivery_premium": (lambda p: p.delivery_premium + 1, "objective"),
    "step_price": (lambda p: 1.01 * p.step_price, "objective"),
    "discount": (lambda p: 1.001 * p.discount, "objective"),
    "contract_price": (lambda p: 1.1 * p.contract_price, "objective"),
    "contract_due": (lambda p: 0.9 * p.contract_due, "contract: ship_trunk"),
    "contract_ceiling": (lambda p: 1.1 * p.contract_ceiling, "contract's ceiling: take_power"),
    "supply_upper": (lambda p: 1.1 * p.supply_upper, "production: light"),
    "supply_lower": (lambda p: 0 * p.supply_lower, "least production: stripper"),
    "flow_upper": (lambda p: 1.1 * p.flow_upper, "link: "),
    "link_upper": (lambda p: 1.1 * p.link_upper, "link: trunk"),
    "link_lower": (lambda p: 0 * p.link_lower, "link's minimum: detour"),
    "asset_upper": (lambda p: 1.1 * p.asset_upper, "asset: exit"),
    "asset_lower": (lambda p: 0 * p.asset_lower, "asset's minimum: relic"),
    "asset_use": (lambda p: 0.9 * p.asset_use, "asset: exit"),
    "fleet_use": (lambda p: 0.9 * p.fleet_use, "fleet: tankers"),
    "fleet_upper": (lambda p: 1.1 * p.fleet_upper, "fleet: tankers"),
    "delivery_upper": (lambda p: 1.1 * p.delivery_upper, "demand: refinery"),
    "delivery_use": (lambda p: 0.9 * p.delivery_use, "demand: east"),
    "demand_upper": (lambda p: 1.1 * p.demand_upper, "demand: east"),
    "demand_firm": (lambda p: 0.5 * p.demand_firm, "firm demand: town"),
    "step_width": (lambda p: 1.1 * p.step_width, "step of demand: heat 1"),
    "reserves": (lambda p: 1.1 * p.reserves, "reserves: old"),
    "limit_upper": (lambda p: tuple(1.1 * one for one in p.limit_upper), "limit: "),
    "limit_lower": (lambda p: tuple(0.9 * one for one in p.limit_lower), "limit: permit"),
    "flow_use": (lambda p: 0.9 * p.flow_use, "link: trunk"),
    "flow_lower": (lambda p: 0 * p.flow_lower, "link's minimum: gas_detour"),
}
WRONG_ARRAYS_OF_BUILT: Final[dict[str, tuple[Wrong, str]]] = {
    "supply_capacity": (lambda p: 1.1 * p.supply_capacity, "production: light"),
    "demand_unit": (lambda p: 1.1 * p.demand_unit, "objective"),
    "contract_open": (lambda p: 0 * p.contract_open, "contract's ceiling: take_power"),
    "contract_coefficients": (lambda p: tuple(1.1 * one for one in p.contract_coefficients), "contract: "),
    "limit_upper_coefficients": (lambda p: tuple(0.9 * one for one in p.limit_upper_coefficients), "limit: "),
    "limit_lower_coefficients": (lambda p: tuple(1.1 * one for one in p.limit_lower_coefficients), "limit: "),
    "make_up_upper": (lambda p: 0 * p.make_up_upper, "make-up has a value but room"),
    "make_up_refund": (lambda p: 0.9 * p.make_up_refund, "objective"),
    "stock_capacity": (lambda p: 1.1 * p.stock_capacity, "stock: cavern"),
    "stock_lower": (lambda p: 0 * p.stock_lower, "stock: tanks, 2028"),
    "stock_keep": (lambda p: 0.99 * p.stock_keep, "stock: "),
    "stock_initial": (lambda p: 1.1 * p.stock_initial, "stock: cavern, 2026H1"),
    "stock_cost": (lambda p: 2 * p.stock_cost, "objective"),
    "inject_upper": (lambda p: 0.1 * p.inject_upper, "filling a store has a value but room"),
    "withdraw_upper": (lambda p: 2 * p.withdraw_upper, "emptying a store"),
    "build_upper": (lambda p: np.full_like(p.build_upper, np.inf), "units built: tanker, 2026H1"),
    "build_worth": (lambda p: 0.9 * p.build_worth, "objective"),
    "build_capex": (lambda p: 0.9 * p.build_capex, "fund: "),
    "build_most": (lambda p: 1.1 * p.build_most, "units of a project: "),
    "in_service": (lambda p: 0.9 * p.in_service, "production has a value but room"),
    "target_size": (lambda p: 1.1 * p.target_size, "production: light"),
    "minimum_use": (lambda p: 0.5 * p.minimum_use, "use of a project: works at detour"),
    "fund_share": (lambda p: 0.9 * p.fund_share, "fund: "),
    "fund_total": (lambda p: 1.1 * p.fund_total, "fund: bank, horizon"),
    "fund_by_period": (lambda p: 1.1 * p.fund_by_period, "fund: state"),
}
# for tables only, to break ties, or (unserved) never reached: what is unserved beyond the firm part only costs
NOT_IN_THE_PROGRAMME: Final = frozenset(
    {
        "unserved_upper",
        "flow_open",
        "flow_km",
        "demand_price",
        "build_left",
        "limit_spans",
        "contract_year_of",
        "years",
        "stock_upper",
        "lapsed",
    }
)


@pytest.mark.parametrize("array", WRONG_ARRAYS)
def test_a_wrong_array_of_the_programme_is_caught(rich: Case, array: str, monkeypatch: pytest.MonkeyPatch) -> None:
    change, law = WRONG_ARRAYS[array]
    assert law in complaint(solved_with(rich, lambda p: {array: change(p)}, monkeypatch))


@pytest.mark.parametrize("array", WRONG_ARRAYS_OF_BUILT)
def test_a_wrong_array_of_stores_and_projects_is_caught(
    built: Case, array: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change, law = WRONG_ARRAYS_OF_BUILT[array]
    assert law in complaint(solved_with(built, lambda p: {array: change(p)}, monkeypatch))


def test_every_array_of_the_programme_is_spoilt_once() -> None:
    spoilt = {*WRONG_ARRAYS, *WRONG_ARRAYS_OF_BUILT}
    assert spoilt | NOT_IN_THE_PROGRAMME == {one.name for one in fields(Parameters)}


def test_a_dual_of_the_wrong_sign_is_caught(solution: Solution) -> None:
    told = complaint(replace(solution, row_gain={name: -gain for name, gain in solution.row_gain.items()}))
    assert "has a cost but is above its minimum" in told
    told = complaint(replace(solution, bound_gain={name: -gain for name, gain in solution.bound_gain.items()}))
    assert "has a value but room" in told


def test_a_loss_forgotten_in_one_of_both_formulations_is_caught(rich: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """The arrays drop the losses, the Pyomo rule keeps them: the two are compared before anything is solved."""

    def lossless(x: Index, p: Parameters) -> Iterator[Terms]:
        for terms in balance_module.BALANCE.terms(x, p):
            kept = terms.values is not p.flow_arrival
            yield terms if kept else Terms(terms.rows, terms.columns, np.ones_like(p.flow_arrival))

    wrong = Constraint(
        balance_module.BALANCE.rule, balance_module.BALANCE.items, balance_module.BALANCE.bounds, lossless
    )
    constraints = tuple(wrong if one is balance_module.BALANCE else one for one in audit_constraints())
    monkeypatch.setattr("model.formulation.layout.CONSTRAINTS", constraints)
    with pytest.raises(AuditError, match="coefficients"):
        Engine([rich])


def audit_constraints() -> tuple[Constraint, ...]:
    from model.formulation.layout import CONSTRAINTS

    return CONSTRAINTS
