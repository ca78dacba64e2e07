"""Another formulation and another solver find the same optimum; see ``tests/oracle``."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from model.api import Failure, read_case, solve_scenarios
from model.errors import InfeasibleCase, UnboundedCase
from tests.cases import Tables, built_tables, demand, link, rich_tables, supply, tables, two_markets
from tests.fuzz.networks import random_tables
from tests.oracle.problem import optimum

STATUS = {InfeasibleCase: "infeasible", UnboundedCase: "unbounded"}
NETWORKS = 60


def assert_agrees(made: Tables) -> int:
    """Every scenario has the same status and value, to 1e-6; returns how many had an optimum."""
    count = 0
    for result in solve_scenarios(read_case(made)):
        status, value = optimum(made, result.scenario)
        if isinstance(result, Failure):
            assert status == STATUS[type(result.error)], result.error
        else:
            assert (status, value) == (result.status, pytest.approx(result.value, rel=1e-6, abs=1e-6)), result.scenario
            count += 1
    return count


def test_the_oracle_itself_by_hand() -> None:
    """Near takes 6 at 400 − 30 − 50 = 320; the other 4 sail, of which 3.6 arrive: 3.6·300 − 4·(45 + 50) = 700.

    6·320 + 700 = 2620 million USD.
    """
    assert optimum(two_markets()) == ("optimal", pytest.approx(2620))


def test_the_oracle_says_what_has_no_answer() -> None:
    made = two_markets()
    made["Demand"][0]["firm"] = 6
    made["Supply"][0]["capacity"] = 5
    assert optimum(made)[0] == "infeasible"


@pytest.mark.parametrize("make", [rich_tables, built_tables])
def test_it_agrees_on_every_sheet_column_and_kind_of_row(make: Any) -> None:
    assert assert_agrees(make()) == 3


def test_it_agrees_on_random_networks_of_every_feature() -> None:
    solved = sum(assert_agrees(random_tables(Random(f"oracle {seed}"))) for seed in range(NETWORKS))
    assert solved > NETWORKS / 2, "most of the networks have no optimum to compare"


def reached(*links: Any, **row: Any) -> Tables:
    """A demand for two grades in kt, of which one is brought where its link is there."""
    return tables(
        settings={"unserved_price": 500, "demand_steps": 3},
        Supply=[supply("s", "field", "sour", 1, 10), supply("c", "field", "crude", 1, 10)],
        Demand=[demand("d", "west", "crude, sour", 900, 100, volume_unit="kb/d", **row)],
        Links=[link("sour", "field", "west", "sour", 10), *links],
    )


@pytest.mark.parametrize("row", [{"firm": 300}, {"elasticity": -0.4}], ids=["unserved", "demand line"])
def test_what_a_link_without_capacity_could_bring_changes_no_price(row: dict[str, Any]) -> None:
    """The price of what is missing, and the demand line, are per tonne of the first grade that is written.

    Once they were of the first that anything could reach: a closed link for crude made them change.
    """
    plain, closed = reached(**row), reached(link("crude", "field", "west", "crude", 1, capacity=0), **row)
    values = {next(iter(solve_scenarios(read_case(made)))).value for made in (plain, closed)}  # type: ignore[union-attr]
    assert len({round(value, 6) for value in values}) == 1
    assert_agrees(plain)
    assert_agrees(closed)


def test_what_is_missing_where_nothing_arrives_is_paid_per_tonne() -> None:
    """1000 kt are missing at 500 USD/t: 500 million, not 500 000."""
    made = tables(
        settings={"unserved_price": 500},
        Supply=[supply("s", "field", "sour", 1, 10)],
        Demand=[demand("d", "west", "crude", 1000, 100, firm=1000, volume_unit="kt")],
        Links=[link("sour", "field", "west", "sour", 10)],
    )
    assert next(iter(solve_scenarios(read_case(made)))).value == pytest.approx(-500)  # type: ignore[union-attr]


def test_a_shortfall_where_nothing_can_be_lifted_is_paid_per_tonne() -> None:
    """2000 kt of a grade that nothing brings are short at 7 USD/t: 14 million."""
    made = two_markets()
    made["Links"].append(link("idle", "port", "west", "sour"))
    contract = {"contract": "c", "type": "ship-or-pay", "applies_to": "idle", "volume": 2000, "volume_unit": "kt"}
    made["Contracts"] = [{**contract, "shortfall_price": 7}]
    assert next(iter(solve_scenarios(read_case(made)))).value == pytest.approx(2620 - 14)  # type: ignore[union-attr]
