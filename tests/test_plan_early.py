"""Searches for plans that are ended early: regrets become brackets, and everything says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from model import plan
from model.analysis.plan.tables import status_of
from model.solver.search import Search
from tests.cases import Tables, read
from tests.conftest import Command
from tests.hard_choice import hard_choice

Write = Callable[..., Path]
Capture = pytest.CaptureFixture[str]


def hard(**settings: Any) -> Tables:
    """Sixty projects and six funds, at a price of 400 and at one of 320."""
    sheets = hard_choice(settings={"mip_gap": 1e-9, **settings})
    sheets["Scenarios"] = [{"scenario": "low", "run": "yes"}]
    sheets["Changes"] = [
        {"scenario": "low", "sheet": "Demand", "key": "east", "column": "price", "change": "set", "value": 320}
    ]
    return sheets


def test_a_time_limit_leaves_brackets_and_marks(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture
) -> None:
    assert run_cli("plan", write_tables(hard(time_limit=1))) == 4
    said = capsys.readouterr().out
    assert "regret: search ended early (time limit): another plan may be up to" in said
    assert "best for low: search ended early (time limit)" in said
    folder = tmp_path / "outputs" / "roads" / "plan"
    outcomes = pd.read_csv(folder / "outcomes.csv", encoding="utf-8-sig").set_index(["plan", "scenario"])
    own = outcomes.loc[("best for base", "base")]
    assert own["regret"] <= own["regret_high"]
    assert own["best_possible"] > own["best"]
    assert own["regret_high"] == pytest.approx(own["best_possible"] - own["value"])
    book = openpyxl.load_workbook(folder / "plan.xlsx")
    for name in book.sheetnames[1:]:
        assert "NOT PROVEN BEST" in str(book[name]["A2"].value), name
    texts = [str(cell.value) for row in book["Summary"].iter_rows() for cell in row if cell.value]
    assert any(" to " in text and text[0].isdigit() for text in texts), "a regret is a bracket"


def test_ctrl_c_keeps_the_best_plan_of_each_search(monkeypatch: pytest.MonkeyPatch) -> None:
    listen, pressed = Search._listen, list[Search]()

    def press_once(self: Search) -> None:
        if any(one is self for one in pressed):
            listen(self)
            return
        pressed.append(self)
        if not self._ended.wait(2.0):
            raise KeyboardInterrupt

    monkeypatch.setattr(Search, "_listen", press_once)
    found = plan(read(hard()), "regret")
    assert [one.stop for one in found.best] == ["Ctrl-C", "Ctrl-C"]
    chosen = found["regret"]
    assert chosen.stop == "Ctrl-C"
    assert not chosen.failures
    assert chosen.bound <= chosen.value
    assert "ended early (Ctrl-C)" in status_of(found, chosen)
    low, high = found.regret(chosen)
    assert (low <= high).all()
    assert (high > low).all(), "no scenario's own best is proven"
