"""The shipped annual workbook: in order, sourced row by row, and it answers what is built at which prices and capex."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model import read_case, solve
from model.api import Run
from model.case import Case
from model.scenario import runnable

ANNUAL = Path(__file__).parents[1] / "inputs" / "caspian.xlsx"


@pytest.fixture(scope="module")
def annual() -> Case:
    return read_case(ANNUAL)


@pytest.fixture(scope="module")
def invest(annual: Case) -> Run:
    return solve(annual, "invest")


@pytest.fixture(scope="module")
def adverse(annual: Case) -> Run:
    """Pipelines at twice their capex, and a lower price of gas."""
    return solve(annual, "invest_dear_ttf_low")


def built(run: Run) -> dict[str, float]:
    """Units of each project over the whole horizon."""
    units = run.plan.groupby("project")["units"].sum()
    return {str(name): float(count) for name, count in units.items()}


def crossing(run: Run) -> float:
    """Turkmen gas that leaves Turkmenistan westwards over the sea, bcm over the horizon."""
    flows = run.flows
    mine = flows[(flows["commodity"] == "gas_turkmen") & (flows["from_country"] == "Turkmenistan")]
    return float(mine[mine["to_country"] == "Azerbaijan"]["flow"].sum())


def test_every_row_names_sources_that_are_declared(annual: Case) -> None:
    declared = set(annual["Sources"].keys)
    for name, sheet in annual.sheets.items():
        if name == "Sources" or "source" not in sheet.words:
            continue
        for key, source in zip(sheet.keys, sheet.words["source"], strict=True):
            assert source, (name, key)
            assert {part.strip() for part in source.split(";")} <= declared, (name, key, source)


def test_at_least_fifteen_projects_of_whole_units_with_capex_and_money(annual: Case) -> None:
    assert sum(map(bool, annual.word("Projects", "whole_units"))) >= 15
    assert (annual.number("Projects", "capex") > 0).all()
    assert (annual.number("Projects", "life_years") > 0).all()
    assert all(annual.word("Projects", "funds"))
    budget = dict(zip(annual["Funds"].keys, annual.number("Funds", "budget")[:, 0], strict=True))
    assert budget["joint_fund"] == pytest.approx(300)
    assert sum("joint_fund" in dict(shares) for shares in annual.word("Projects", "funds")) >= 5


def test_probabilities_of_what_is_run_add_up_to_one(annual: Case) -> None:
    chance = dict(zip(annual["Scenarios"].keys, annual.number("Scenarios", "probability")[:, 0], strict=True))
    assert sum(chance[name] for name in runnable(annual)) == pytest.approx(1)
    assert np.count_nonzero(list(chance.values())) >= 2


def test_nothing_is_built_as_things_stand(annual: Case) -> None:
    run = solve(annual)
    assert run.status == "optimal"
    assert max(built(run).values()) == pytest.approx(0, abs=1e-9)
    assert run.firm_demand["unserved"].abs().max() < 1e-9


def test_gas_crosses_where_projects_are_offered_and_not_where_pipes_are_dear_and_gas_cheap(
    invest: Run, adverse: Run
) -> None:
    """And where it crosses it does so through something that was built, in whole units."""
    assert crossing(invest) > 1 > crossing(adverse)
    units = built(invest)
    assert units["tcp_string_1"] + units["connector"] > 0
    assert built(adverse)["tcp_string_1"] == built(adverse)["connector"] == 0
    assert all(count == pytest.approx(round(count), abs=1e-6) for count in units.values())
    assert units["scp_expansion"] > 0, "a link over the sea alone leads nowhere"


def test_the_joint_fund_pays_for_something_and_never_for_more_than_it_has(invest: Run) -> None:
    funds = invest.funds
    row = funds[(funds["fund"] == "joint_fund") & (funds["span"] == "horizon")].iloc[0]
    assert 0 < row["spent"] <= 300 + 1e-6
    assert row["spent"] + row["left"] == pytest.approx(300)
    assert row["pays_for"]
