"""Staircases against arithmetic by hand, and against cold solves on the shipped workbook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from model.analysis.staircase import Staircase, staircase
from model.api import read_case
from model.engine import Engine
from model.errors import UsageError
from model.scenario import with_changes
from tests.cases import demand, link, read, supply, tables, two_markets, years

ROOT = Path(__file__).resolve().parent.parent


def bounds(found: Staircase) -> list[float]:
    return [*found.steps["from"], found.steps["to"].iloc[-1]]


def volume(found: Staircase, step: int, name: str) -> tuple[float, float]:
    row = found.volumes[(found.volumes["step"] == step) & (found.volumes["link"] == name)].iloc[0]
    return float(row["volume_from"]), float(row["volume_to"])


def test_a_tariff_has_one_step_at_the_rivals_netback() -> None:
    """Near, 6 Mt: 400 − t; far: 300·0.9 − 45 = 225. The pipe is used until 400 − t = 225, so to t = 175.

    Value at 0: 6·400 + 4·225 − 10·50 = 2800, falling by 6 a dollar; from 175 on 10·225 − 500 = 1750.
    """
    found = staircase(read(two_markets()), "Links:pipe:tariff", 0, 200)
    assert bounds(found) == pytest.approx([0, 175, 200], abs=1e-9)
    assert found.steps["slope"].tolist() == pytest.approx([-6, 0], abs=1e-9)
    assert found.steps["value_from"].tolist() == pytest.approx([2800, 1750])
    assert found.steps["value_to"].tolist() == pytest.approx([1750, 1750])
    assert volume(found, 1, "pipe") == pytest.approx((6, 6))
    assert volume(found, 2, "ship") == pytest.approx((10, 10))
    assert found.steps["change"].iloc[1] == "pipe -6 Mt, ship +6 Mt"
    assert (found.present, found.unit) == (30, "USD/t")


def test_the_next_unit_of_a_capacity_is_worth_its_rent_until_the_market_is_full() -> None:
    """One more tonne by pipe earns 370 instead of 225, until the near market has its 6 Mt."""
    found = staircase(read(two_markets()), "Links:pipe:capacity", 0, 10)
    assert bounds(found) == pytest.approx([0, 6, 10], abs=1e-9)
    assert found.steps["slope"].tolist() == pytest.approx([145, 0], abs=1e-9)
    assert volume(found, 1, "ship") == pytest.approx((10, 4))


def test_a_cost_that_is_minimised_rises_with_a_tariff() -> None:
    """Firm demand of 6 Mt by two pipes of 5 Mt: a at t, b at 20. The cheaper carries 5, the other 1."""
    sheets = tables(
        settings={"objective": "cost"},
        Supply=[supply("field", "field", "crude", 10)],
        Demand=[demand("east", "east", "crude", 6, 0, firm=6)],
        Links=[link(name, "field", "east", "crude", 20, capacity=5) for name in ("a", "b")],
    )
    found = staircase(read(sheets), "Links:a:tariff", 10, 40)
    assert bounds(found) == pytest.approx([10, 20, 40], abs=1e-9)
    assert found.steps["slope"].tolist() == pytest.approx([5, 1], abs=1e-9)
    assert found.steps["value_to"].tolist() == pytest.approx([120, 140])
    assert found.goal == "cost"


@pytest.mark.parametrize(("low", "high", "first"), [(0.0, 10.0, 0.0), (3.0, 10.0, 3.0)])
def test_an_infeasible_stretch_is_shown_and_passed_over(low: float, high: float, first: float) -> None:
    """3 Mt must reach the near market, so a pipe for less has no plan; the range may begin just there."""
    sheets = two_markets()
    sheets["Demand"][0]["firm"] = 3
    found = staircase(read(sheets), "Links:pipe:capacity", low, high)
    optimal = found.steps[found.steps["status"] == "optimal"]
    assert bounds(found)[0] == first
    assert [*optimal["from"], optimal["to"].iloc[-1]] == pytest.approx([3, 6, 10], abs=2e-6)
    assert optimal["slope"].tolist() == pytest.approx([145, 0], abs=1e-4)
    assert found.steps["status"].tolist() == ["infeasible"] * (low < 3) + ["optimal"] * 2
    assert found.steps[found.steps["status"] == "infeasible"]["value_from"].isna().all()
    assert found.steps["from"].tolist()[1:] == found.steps["to"].tolist()[:-1]


def test_the_cause_of_an_end_without_a_plan_is_told(
    run_cli: Callable[..., int], write_tables: Callable[..., Path], tmp_path: Path, capsys: Any
) -> None:
    """3 Mt must reach the near market and a capacity of 0 brings none; at 10 there is a plan, and no cause."""
    sheets = two_markets()
    sheets["Demand"][0]["firm"] = 3
    case = read(sheets)
    (cause,) = staircase(case, "Links:pipe:capacity", 0, 10).causes
    assert (cause.step, cause.at, cause.status) == (1, 0, "infeasible")
    (found,) = cause.conflicts
    assert {(part.column, part.size) for part in found.parts} == {("firm", 3), ("capacity", 0)}
    assert {(one.changes[0].column, one.changes[0].new) for one in found.repairs} == {("firm", 0), ("capacity", 3)}
    assert staircase(case, "Links:pipe:capacity", 4, 10).causes == ()
    path = write_tables(sheets, "two.xlsx")
    assert run_cli("staircase", path, "--of", "Links:pipe:capacity", "--from", "0", "--to", "10") == 0
    said = capsys.readouterr().out
    assert "Why step 1 has no plan, at 0 Mt/year:" in said
    written = openpyxl.load_workbook(
        tmp_path / "outputs" / "two" / "staircase" / "Links_pipe_capacity" / "Links_pipe_capacity.xlsx"
    )
    shown = [row[0].value for row in written["Steps"].iter_rows(min_row=12)]
    (cause,) = staircase(read_case(path), "Links:pipe:capacity", 0, 10).causes
    assert shown == ["Why step 1 has no plan, at 0 Mt/year", *cause.text.split("\n")]


def test_a_cause_of_both_ends_is_told_once() -> None:
    """The field must give 7.5 Mt and more, of which the near market takes 6 and the ship 1."""
    sheets = two_markets()
    sheets["Supply"][0]["minimum"] = 8
    sheets["Links"][1]["capacity"] = 1
    (cause,) = staircase(read(sheets), "Supply:field:minimum", 7.5, 9).causes
    assert (cause.step, cause.at) == (1, 7.5)


def test_a_value_without_end_says_what_it_earns_on() -> None:
    sheets = two_markets()
    sheets["Supply"][0]["capacity"] = "unlimited"
    sheets["Demand"][1]["volume"] = "unlimited"
    sheets["Links"][1].pop("capacity", None)
    (cause,) = staircase(read(sheets), "Links:ship:tariff", 0, 500).causes
    assert (cause.at, cause.status) == (0, "unbounded")
    assert "one of them needs a limit" in cause.text


def test_a_loss_bends_the_value_and_its_breakpoint_is_found_by_halving() -> None:
    """400·(1 − loss) − 30 = 225 at a loss of 0.3625; beyond it all goes by ship for 10·225 − 500 = 1750."""
    found = staircase(read(two_markets()), "Links:pipe:loss", 0, 0.9)
    assert bounds(found) == pytest.approx([0, 0.3625, 0.9], abs=1e-6)
    assert found.steps["method"].unique().tolist() == ["halving"]
    assert found.steps["value_to"].tolist() == pytest.approx([1750, 1750], abs=0.01)


def test_a_period_and_a_scenario_are_kept_apart() -> None:
    """Only 2027 pays the tariff: at r = 0 the slope is that of one year; volumes are those of that year."""
    sheets = two_markets(periods=years(2026, 3), Scenarios=[{"scenario": "closed", "run": "no"}])
    sheets["Changes"] = [
        {"scenario": "closed", "sheet": "Links", "key": "pipe", "column": "capacity", "change": "set", "value": 0}
    ]
    case = read(sheets)
    found = staircase(case, "Links:pipe:tariff", 0, 200, period="2027")
    assert found.steps["slope"].tolist() == pytest.approx([-6, 0], abs=1e-9)
    assert volume(found, 1, "pipe") == pytest.approx((6, 6))
    closed = staircase(case, "Links:pipe:tariff", 0, 200, scenario="closed")
    assert closed.steps["slope"].tolist() == pytest.approx([0], abs=1e-9)


@pytest.mark.parametrize(
    ("address", "low", "high", "says"),
    [
        ("Links:pip:tariff", 0, 1, "'pipe'"),
        ("Links:pipe:tarif", 0, 1, "tariff"),
        ("Links:pipe:opens", 0, 1, "holds no number"),
        ("Links:pipe:tariff", 2, 1, "from a lower to a higher"),
        ("Settings:demand_steps:value", 5, 8, "structure"),
    ],
)
def test_what_is_no_staircase_is_said(address: str, low: float, high: float, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        staircase(read(two_markets()), address, low, high)


@pytest.mark.parametrize(
    ("address", "low", "high"),
    [("Links:btc_kazakh:tariff", 0, 80), ("Assets:cpc_kazakh_section:capacity@2026", 40, 70)],
)
def test_between_breakpoints_the_shipped_workbook_answers_as_cold_solves_do(
    address: str, low: float, high: float
) -> None:
    case = read_case(ROOT / "inputs" / "caspian.xlsx")
    found = staircase(case, address, low, high)
    assert len(found.steps) > 5
    engine = Engine([case])
    for at in np.random.default_rng(5).uniform(low, high, 4).tolist():
        step = found.steps[(found.steps["from"] <= at) & (at <= found.steps["to"])].iloc[0]
        line = step["value_from"] + step["slope"] * (at - step["from"])
        assert engine.solve(with_changes(case, {address: at})).objective == pytest.approx(line, abs=1e-3), at


def test_the_command_writes_steps_and_charts(
    run_cli: Callable[..., int], write_tables: Callable[..., Path], tmp_path: Path, capsys: Any
) -> None:
    path = write_tables(two_markets(), "two.xlsx")
    assert run_cli("staircase", path, "--of", "Links:pipe:tariff", "--from", "0", "--to", "200") == 0
    written = tmp_path / "outputs" / "two" / "staircase" / "Links_pipe_tariff" / "Links_pipe_tariff.xlsx"
    book = openpyxl.load_workbook(written)
    assert [row[2].value for row in book["Steps"].iter_rows(min_row=8)] == pytest.approx([175, 200])
    assert len(book["Charts"]._charts) == 3
    said = capsys.readouterr().out
    assert "175" in said
    assert "pipe -6 Mt, ship +6 Mt" in said
    assert run_cli("staircase", path, "--of", "Links:pip:tariff", "--from", "0", "--to", "2") == 2
    assert "pipe" in capsys.readouterr().err
