"""The audit passes what is right and names what is not: each law is broken once, by hand or by a seeded fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

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
from tests.cases import read, rich_tables


@pytest.fixture(scope="module")
def rich() -> Case:
    return read(rich_tables())


@pytest.fixture(scope="module")
def solution(rich: Case) -> Solution:
    return Engine([rich]).solve(rich)


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
        ("delivery", "town gas", 2, -1e-3, "firm demand: town, 2027"),
        ("delivery", "heat gas", 2, 1e-3, "demand line: heat, 2027"),
        ("delivery", "west blend", 3, 1e-3, "limit: yearly, 2028"),
        ("step", "heat 1", 2, 1e-3, "step of demand: heat 1, 2027"),
        ("unserved", "refinery", 0, 1.0, "unserved demand: refinery, 2026H1"),
        ("short", "ship_trunk", 0, -0.5, "contract: ship_trunk, 2026"),
        ("short", "ship_trunk", 0, 900.0, "contract's shortfall: ship_trunk, 2026"),
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
    return Engine([case]).solve(case)


@pytest.mark.parametrize(
    ("change", "law"),
    [
        (lambda p: {"flow_arrival": np.ones_like(p.flow_arrival)}, "volumes at a node"),
        (lambda p: {"flow_fee": 2 * p.flow_fee}, "volumes at a node"),
        (lambda p: {"flow_tariff": 0.9 * p.flow_tariff}, "objective"),
        (lambda p: {"flow_risk": 0 * p.flow_risk}, "objective"),
        (lambda p: {"supply_cost": 1.1 * p.supply_cost}, "objective"),
        (lambda p: {"delivery_price": 1.01 * p.delivery_price}, "objective"),
        (lambda p: {"delivery_premium": p.delivery_premium + 1}, "objective"),
        (lambda p: {"step_price": 1.01 * p.step_price}, "objective"),
        (lambda p: {"discount": 1.001 * p.discount}, "objective"),
        (lambda p: {"contract_price": 1.1 * p.contract_price}, "objective"),
        (lambda p: {"contract_due": 0.9 * p.contract_due}, "contract: ship_trunk"),
        (lambda p: {"contract_ceiling": 1.1 * p.contract_ceiling}, "contract's ceiling: take_power"),
        (lambda p: {"supply_upper": 1.1 * p.supply_upper}, "production: light"),
        (lambda p: {"supply_lower": 0 * p.supply_lower}, "least production: stripper"),
        (lambda p: {"flow_upper": 1.1 * p.flow_upper}, "link: "),
        (lambda p: {"link_upper": 1.1 * p.link_upper}, "link: trunk"),
        (lambda p: {"link_lower": 0 * p.link_lower}, "link's minimum: detour"),
        (lambda p: {"asset_upper": 1.1 * p.asset_upper}, "asset: exit"),
        (lambda p: {"asset_lower": 0 * p.asset_lower}, "asset's minimum: relic"),
        (lambda p: {"asset_use": 0.9 * p.asset_use}, "asset: exit"),
        (lambda p: {"fleet_use": 0.9 * p.fleet_use}, "fleet: tankers"),
        (lambda p: {"fleet_upper": 1.1 * p.fleet_upper}, "fleet: tankers"),
        (lambda p: {"delivery_upper": 1.1 * p.delivery_upper}, "demand: refinery"),
        (lambda p: {"delivery_use": 0.9 * p.delivery_use}, "demand: east"),
        (lambda p: {"demand_upper": 1.1 * p.demand_upper}, "demand: east"),
        (lambda p: {"demand_firm": 0.5 * p.demand_firm}, "firm demand: town"),
        (lambda p: {"step_width": 1.1 * p.step_width}, "step of demand: heat 1"),
        (lambda p: {"reserves": 1.1 * p.reserves}, "reserves: old"),
        (lambda p: {"limit_upper": tuple(1.1 * one for one in p.limit_upper)}, "limit: "),
        (lambda p: {"limit_lower": tuple(0.9 * one for one in p.limit_lower)}, "limit: permit"),
    ],
)
def test_a_wrong_array_of_the_programme_is_caught(
    rich: Case, change: Callable[[Parameters], dict[str, Any]], law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert law in complaint(solved_with(rich, change, monkeypatch))


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
