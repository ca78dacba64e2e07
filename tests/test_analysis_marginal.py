"""Value of one more and one less: down ≥ dual ≥ up, and exact where a round number makes a kink."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model.analysis.marginal import full_places, marginals
from model.api import read_case
from model.engine import Engine
from model.errors import UsageError
from tests.cases import demand, link, read, rich_tables, supply, tables, two_markets

ROOT = Path(__file__).resolve().parent.parent


def test_at_a_round_number_one_more_and_one_less_differ() -> None:
    """Ten tonnes found, near takes 6 for 400 − 30 = 370, far takes 4 for 225, of which 3.6 arrive.

    A pipe for just 6: one more is worth nothing (near is full), one less 370 − 225 = 145. The market: one more is worth
    nothing (the pipe is full), one less 145. The field: 225 − 50 = 175 either way.
    """
    sheets = two_markets(settings={"discount_rate": 0.1, "base_year": 2020})
    sheets["Links"][0]["capacity"] = 6
    case = read(sheets)
    engine = Engine([case])
    solution = engine.solve(case)
    table = marginals(solution).set_index(["block", "item"])
    pipe = table.loc[("flow", "pipe, crude")]
    assert (pipe["value_up"], pipe["value_down"]) == pytest.approx((0, 145), abs=1e-6)
    assert pipe["value_down"] + 1e-6 >= pipe["dual"] >= pipe["value_up"] - 1e-6
    field = table.loc[("supply", "field")]
    assert [field["value_up"], field["dual"], field["value_down"]] == pytest.approx([175] * 3)
    assert engine.solve(case, cold=False).objective == pytest.approx(solution.objective, rel=1e-12)


def test_a_minimum_costs_and_one_more_of_it_costs_more() -> None:
    """Dear supply at 100 must run 2; cheap at 10 is limited to 3; the market of 5 pays 50 and is just full.

    One more of the minimum replaces cheap oil: −90. One less is made up by nothing: the market loses 50, 100 is saved.
    """
    sheets = tables(
        Supply=[supply("dear", "field", "crude", 9, 100, minimum=2), supply("cheap", "field", "crude", 3, 10)],
        Demand=[demand("east", "east", "crude", 5, 50)],
        Links=[link("pipe", "field", "east", "crude")],
    )
    case = read(sheets)
    engine = Engine([case])
    row = marginals(engine.solve(case), [("supply", ("dear",), "2026")]).iloc[0]
    assert row["side"] == "lower"
    assert (row["value_up"], row["value_down"]) == pytest.approx((-90, -50), abs=1e-6)
    assert row["value_down"] + 1e-6 >= row["dual"] >= row["value_up"] - 1e-6


def test_a_step_without_a_plan_is_blank_and_what_is_not_full_is_refused() -> None:
    """Firm demand of 6 by a pipe for 6: with less of it there is no plan."""
    sheets = two_markets()
    sheets["Links"][0]["capacity"] = 6
    sheets["Demand"][0]["firm"] = 6
    case = read(sheets)
    engine = Engine([case])
    solution = engine.solve(case)
    table = marginals(solution).set_index(["block", "item"])
    assert np.isnan(table.loc[("flow", "pipe, crude"), "value_down"])
    with pytest.raises(UsageError, match="not full"):
        marginals(solution, [("flow", ("ship", "crude"), "2026")])


def test_on_the_shipped_workbook_one_less_is_worth_at_least_the_dual_and_that_at_least_one_more() -> None:
    case = read_case(ROOT / "inputs" / "caspian.xlsx")
    engine = Engine([case])
    solution = engine.solve(case)
    places = full_places(solution)
    capacities = [place for place in places if place[0] in ("asset_capacity", "link_capacity", "flow", "supply")]
    chosen = np.random.default_rng(11).choice(len(capacities), 50, replace=False)
    table = marginals(solution, [capacities[i] for i in chosen])
    room = 1e-4 * (1 + table["dual"].abs())
    wrong = table[(table["value_down"] + room < table["dual"]) | (table["dual"] + room < table["value_up"])]
    assert wrong.empty, wrong.to_string()
    assert (table["dual"].abs() > 1).sum() > 10


def test_every_kind_of_full_bound_of_a_rich_case_has_its_values_in_order() -> None:
    case = read(rich_tables())
    engine = Engine([case])
    solution = engine.solve(case)
    table = marginals(solution)
    room = 1e-4 * (1 + table["dual"].abs())
    wrong = table[(table["value_down"] + room < table["dual"]) | (table["dual"] + room < table["value_up"])]
    assert wrong.empty, wrong.to_string()
    assert {"contract_lifting", "limit_upper", "asset_capacity", "fleet_time"} <= set(table["block"])
    horizon = table[table["item"].str.startswith("depletion")]
    assert set(horizon["measure"]) <= {"present value"}
    assert set(table.loc[table["block"] == "flow", "measure"]) == {"per unit of the period"}
