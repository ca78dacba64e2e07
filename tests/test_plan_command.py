"""The command ``plan``: what it writes, says and refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from model import plan
from model.analysis.plan.tables import TABLES
from tests.cases import read
from tests.conftest import Command
from tests.plan_cases import NAMES, three_ways

Write = Callable[..., Path]
Capture = pytest.CaptureFixture[str]


def csv(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig", keep_default_na=True)


def test_what_it_writes_and_says(run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture) -> None:
    assert run_cli("plan", write_tables(three_ways())) == 0
    said = capsys.readouterr().out
    assert "The plan with the least largest regret builds to_west (1 from 2026)." in said
    assert "Its largest regret is 80.0 million USD, in base." in said
    assert "EVPI: 28.0 million USD." in said
    folder = tmp_path / "outputs" / "roads" / "plan"
    book = openpyxl.load_workbook(folder / "plan.xlsx")
    assert book.sheetnames == ["Summary", "Plans", "Outcomes", "Build", "Worth of knowing", "Method"]
    assert len(book["Summary"]._charts) == 1
    regrets = csv(folder, "outcomes").set_index(["plan", "scenario"])["regret"]
    assert [regrets["regret", name] for name in NAMES] == pytest.approx([80, 0, 40])
    built = csv(folder, "build").set_index("plan")
    assert built.loc["cvar", ["project", "fund", "paid"]].tolist() == ["to_hub", "purse", 100]
    texts = [str(cell.value) for row in book["Method"].iter_rows() for cell in row if cell.value]
    assert any("worst → min,   loss[s] − best[s] ≤ worst" in text for text in texts)


def test_every_cell_of_the_summary_is_a_number_or_says_why_not(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture
) -> None:
    sheets = three_ways()
    sheets["Changes"].append(
        {"scenario": "crisis", "sheet": "Funds", "key": "purse", "column": "budget", "change": "set", "value": 90}
    )
    assert run_cli("plan", write_tables(sheets), "--criterion", "regret", "--out", tmp_path / "mine") == 0
    said = capsys.readouterr().out
    assert "The plan 'best for base' cannot be carried out in crisis: money from fund 'purse'" in said
    book = openpyxl.load_workbook(tmp_path / "mine" / "plan" / "plan.xlsx")
    cells = {row[0].value: [cell.value for cell in row[1:5]] for row in book["Summary"].iter_rows() if row[0].value}
    assert cells["best for base"] == [0, 60, "impossible", "impossible"]
    assert cells["regret"] == [200, 60, 0, 200]
    assert "What fails" in book.sheetnames
    assert "the plan by expected was not asked for" in said


def test_tables_hold_what_they_declare() -> None:
    found = plan(read(three_ways()))
    for table in TABLES:
        frame = table.frame(found)
        assert list(frame.columns) == [column.name for column in table.columns]
        for column in table.columns:
            assert (frame[column.name].dtype.kind == "f") == (column.format != "text"), (table.name, column.name)


@pytest.mark.parametrize(
    ("change", "options", "text"),
    [
        ({}, ["--criterion", "regrets"], "Nearest valid name: 'regret'"),
        ({}, ["--scenario", "slump"], "only 'slump' is"),
        ({}, ["--scenario", "slum", "base"], "'slump'"),
        ({"Projects": [], "Funds": []}, [], "the sheet Projects has no rows"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(
    run_cli: Command,
    write_tables: Write,
    tmp_path: Path,
    capsys: Capture,
    change: dict[str, Any],
    options: list[str],
    text: str,
) -> None:
    sheets = {**three_ways(), **change}
    assert run_cli("plan", write_tables(sheets), *options) == 2
    assert text in capsys.readouterr().err
    assert not (tmp_path / "outputs").exists()


def test_the_summary_of_a_cost_is_a_cost(run_cli: Command, write_tables: Write, tmp_path: Path) -> None:
    """The east needs 4 Mt at a tariff of 3 or 6, by to_east or not at all at 50: 100 + 4·3 = 112, 124 in the slump."""
    sheets = three_ways((0.5, 0.5, 0), objective="cost", unserved_price=50)
    sheets["Demand"][0]["firm"] = 4
    sheets["Links"][0]["tariff"] = 3
    sheets["Changes"] = [
        {"scenario": "slump", "sheet": "Links", "key": "east", "column": "tariff", "change": "set", "value": 6}
    ]
    assert run_cli("plan", write_tables(sheets), "--criterion", "expected", "--scenario", "base", "slump") == 0
    outcomes = csv(tmp_path / "outputs" / "roads" / "plan", "outcomes")
    found = outcomes[outcomes["plan"] == "expected"]
    assert found["value"].tolist() == pytest.approx([112, 124])
    assert csv(tmp_path / "outputs" / "roads" / "plan", "plans")["expected"].iloc[0] == pytest.approx(118)
