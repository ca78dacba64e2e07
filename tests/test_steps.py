"""One more and one less in the tables: beside each dual, and on either side of it where a round number makes a kink."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model import read_case, solve
from model.analysis.steps import steps
from model.scenario import with_changes
from tests.cases import read, rich_tables, two_markets

ROOT = Path(__file__).resolve().parent.parent


def near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-6, abs=1e-6)


def _pipe_for_six() -> dict[str, Any]:
    """Ten tonnes found; near takes 6 for 400 − 30 = 370, far the rest for 225 (0.9·300 − 45)."""
    sheets = two_markets(settings={"discount_rate": 0.1, "base_year": 2020})
    sheets["Links"][0]["capacity"] = 6
    return sheets


def test_capacity_shows_both_sides_of_a_kink() -> None:
    """One more tonne of pipe serves a market that is full: 0. One less goes far: 370 − 225 = 145."""
    table = solve(read(_pipe_for_six())).capacity.set_index("name")
    assert table.loc["pipe", ["value_up", "value_down"]].tolist() == near([0, 145])
    assert 0 <= table.loc["pipe", "value"] <= 145
    assert table.loc["ship", ["value", "value_up", "value_down"]].tolist() == near([0, 0, 0])


def test_prices_show_both_sides_of_a_kink_and_nothing_where_nothing_passes() -> None:
    """At the near market one more tonne replaces one from the pipe, which goes far: 30 + 225; one less costs 400."""
    sheets = _pipe_for_six()
    sheets["Nodes"].append({"node": "siding", "country": "Home", "kind": "hub"})
    sheets["Links"].append({**sheets["Links"][0], "link": "spur", "to": "siding", "tariff": 900})
    sheets["Links"].append({**sheets["Links"][0], "link": "back", "from": "siding", "to": "east", "tariff": 1})
    sheets["Supply"][0]["capacity"] = 10
    table = solve(read(sheets)).prices.set_index("node")
    # asked after the pipe, whose re-solves leave the solver at another basis
    assert table.loc["east", ["value_up", "value_down"]].tolist() == near([255, 400])
    field = table.loc["field", ["value_up", "value", "value_down"]].tolist()
    assert field == near([225, 225, 225])
    assert np.isnan(table.loc["siding", "value_up"])
    assert table.loc["siding", "throughput"] == 0


def test_limits_and_contracts_show_both_sides() -> None:
    """A limit of just 6 over the pipe: looser is worth 0 while the pipe holds 6; tighter costs 145, and 20 as short.

    A contract for 6 over the same pipe, short at 20: one more due is short, 20; one less saves nothing.
    """
    sheets = _pipe_for_six()
    sheets["Limits"] = [{"limit": "quota", "measure": "flow", "what": "link=pipe", "at_most": 6, "per": "period"}]
    sheets["Contracts"] = [
        {"contract": "duty", "type": "ship-or-pay", "applies_to": "pipe", "volume": 6, "share": 1,
         "shortfall_price": 20}
    ]  # fmt: skip
    run = solve(read(sheets))
    limit = run.limit_use.iloc[0]
    assert (limit["value_loosened"], limit["value_tightened"]) == near((0, 165))
    contract = run.contract_balance.iloc[0]
    assert (contract["cost_up"], contract["cost_down"]) == near((20, 0))


def test_one_more_due_of_what_is_short_altogether_is_short_as_well() -> None:
    """Nothing goes by the dear way, so all 5 due are short at 20: one more is 20 more, though short is at its most."""
    sheets = _pipe_for_six()
    sheets["Links"].append({**sheets["Links"][0], "link": "dear", "tariff": 900, "capacity": None})
    sheets["Contracts"] = [
        {"contract": "duty", "type": "ship-or-pay", "applies_to": "dear", "volume": 5, "share": 1,
         "shortfall_price": 20}
    ]  # fmt: skip
    contract = solve(read(sheets)).contract_balance.iloc[0]
    assert contract["short"] == near(5)
    assert contract[["cost_of_due", "cost_up", "cost_down"]].tolist() == near([20, 20, 20])


def test_a_lower_limit_shows_both_sides() -> None:
    """At least the 4 that sail anyway: one less asked changes nothing, one more takes a tonne from the pipe, 145."""
    sheets = _pipe_for_six()
    sheets["Limits"] = [{"limit": "duty", "measure": "flow", "what": "link=ship", "at_least": 4, "per": "period"}]
    limit = solve(read(sheets)).limit_use.iloc[0]
    assert (limit["value_loosened"], limit["value_tightened"]) == near((0, 145))
    assert 0 <= limit["value"] <= 145


def _between(frame: pd.DataFrame) -> None:
    told = frame.dropna(subset=["value_up", "value_down"])
    room = 1e-4 * (1 + told["value"].abs())
    assert len(told)
    wrong = told[(told["value_up"] > told["value"] + room) | (told["value"] > told["value_down"] + room)]
    assert wrong.empty, wrong.to_string()


@pytest.mark.parametrize("name", ["capacity", "prices"])
def test_the_dual_lies_between_one_more_and_one_less(name: str) -> None:
    for case in (read(rich_tables()), read_case(ROOT / "inputs" / "caspian.xlsx")):
        _between(solve(case).table(name))


def test_one_more_is_what_a_changed_cell_earns() -> None:
    """Every full asset of the shipped workbook in one year: the value of a run with a little more of it."""
    case = read_case(ROOT / "inputs" / "caspian.xlsx")
    base = solve(case)
    table = base.capacity.query("kind == 'asset' and period == '2030' and value > 1")
    assert len(table) >= 3
    discount = base.solution.parameters.discount[case.period("2030")]
    share = {
        name: (case.number("Assets", "availability") * np.ones(len(case.periods)))[row, case.period("2030")]
        for row, name in enumerate(case["Assets"].keys)
    }
    own = {"USD/t": 1.0, "USD/1000 m³": 1.0}
    for row in table.itertuples():
        if row.value_unit not in own or not row.capacity:
            continue
        at = case["Assets"].position[row.name]
        capacity = case.number("Assets", "capacity")[at, case.period("2030")]
        for step, expected in ((1e-3, row.value_up), (-1e-3, row.value_down)):
            changed = with_changes(case, {f"Assets:{row.name}:capacity@2030": float(capacity + step)})
            gained = (solve(changed).value - base.value) / (step * share[row.name]) / discount
            assert gained == pytest.approx(expected, rel=2e-3, abs=1e-2), row


def test_what_is_not_full_is_worth_nothing_either_way() -> None:
    solution = solve(read(two_markets())).solution
    found = steps(solution)
    loose = solution.numbers.upper[solution.layout.columns["flow"].slice] == np.inf
    assert loose.any()
    assert (found.up["flow"].ravel()[loose] == 0).all()
