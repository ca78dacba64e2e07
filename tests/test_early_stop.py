"""A search over whole units that is ended early: the plan is kept, marked, and said to be what it is."""

from __future__ import annotations

import base64
import gzip
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from model.api import solve as solve_case
from model.engine import Engine
from model.results.registry import TABLES, one_table
from model.solver.highs import LiveModel
from tests.cases import read, solve
from tests.conftest import Command
from tests.hard_choice import hard_choice
from tests.test_time_results import widened

ROOT = Path(__file__).resolve().parent.parent
Write = Callable[..., Path]
HARD = {"time_limit": 1, "mip_gap": 1e-9}


def base_of(folder: Path) -> dict[str, Any]:
    """The first scenario of run.json."""
    found: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))["scenarios"][0]
    return found


def test_a_plan_of_a_time_limit_comes_with_its_bound() -> None:
    """60 projects are far more than a second can sort out; parts of units are worth more than any whole plan."""
    one = read(hard_choice(settings=HARD))
    run = solve_case(one)
    assert (run.status, run.solution.stop) == ("feasible", "time limit")
    assert run.bound is not None
    assert run.gap is not None
    assert 0 < run.gap < 0.1
    assert run.bound > run.value > 0
    assert run.gap == pytest.approx((run.bound - run.value) / run.value, rel=1e-3)
    assert run.relaxed is not None
    assert run.bound <= run.relaxed.objective + 1e-6
    facts = one_table("Run", run.solution).set_index("item")["value"]
    assert facts["status"] == "feasible"
    assert facts["stopped by"] == "time limit"
    assert float(facts["best that is not ruled out, million USD"]) == pytest.approx(run.bound)


def test_a_cost_is_bounded_from_below() -> None:
    """The cheapest plan of whole units: the bound of a cost lies below it, or at it where it is proven."""
    made = widened(whole_units="yes", funds=None)
    made["Settings"] += [{"setting": "objective", "value": "cost"}]
    made["Demand"][0]["firm"] = 5
    solution = solve(read(made))
    assert solution.gap == 0
    assert solution.bound == pytest.approx(solution.objective)
    # 5 of 10 Mt in both years at 10 each; a whole unit for 100, of which 8 or 9 of 10 years are left
    assert solution.objective == pytest.approx(10 * 10 + 100 - 80)


def test_every_table_of_a_stopped_run_is_marked(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    assert run_cli("solve", write_tables(hard_choice(settings=HARD)), "--out", folder) == 4
    said = capsys.readouterr().out
    base = base_of(folder)
    assert (base["status"], base["stopped_by"]) == ("feasible", "time limit")
    assert base["bound"] > base["value"]
    mark = "Scenario base: Stopped by the time limit: the best plan found until then, and no other is better by more"
    assert mark in said
    assert f"a value of at most {base['bound']:,.2f}" in said
    short = f"Not the optimum, with the gap to it: base ({100 * base['gap']:.2g} %). See Run."
    book = openpyxl.load_workbook(folder / "results.xlsx", read_only=True)
    for name in [spec.name for spec in TABLES if spec.per_scenario]:
        cells = [cell for row in book[name].iter_rows(max_row=200, values_only=True) for cell in row[:6] if cell]
        assert short in cells, name
    assert any(short == cell for row in book["Dashboard"].iter_rows(max_row=5, values_only=True) for cell in row)
    assert mark in (folder / "tables" / "NOT OPTIMAL.txt").read_text(encoding="utf-8")
    assert mark in json.loads((folder / "tables" / "datapackage.json").read_text(encoding="utf-8"))["description"]
    packed = re.findall(r"[A-Za-z0-9+/=]{500,}", (folder / "report.html").read_text(encoding="utf-8"))
    shown = json.loads(gzip.decompress(base64.b64decode(packed[-1])))
    assert shown["scenarios"][0]["description"].startswith("Stopped by the time limit")
    assert shown["words"][0].startswith("Stopped by the time limit")


def test_a_proven_plan_is_not_marked_and_states_its_gap(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    assert run_cli("solve", write_tables(widened(whole_units="yes")), "--out", folder) == 0
    said = capsys.readouterr().out
    assert "Units are whole: Ctrl-C ends the search" in said
    assert "Whole units: within 0 % of the best (720.0 at best)." in said
    assert "Stopped" not in said
    assert base_of(folder)["stopped_by"] == ""
    assert not (folder / "tables" / "NOT OPTIMAL.txt").exists()
    summary = pd.read_excel(folder / "results.xlsx", sheet_name="Summary", header=None, nrows=12).astype(str)
    assert summary.isin(["gap"]).to_numpy().any()


def test_where_nothing_may_be_built_no_search_is_announced(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = widened(whole_units="yes")
    made["Limits"] = [{"limit": "none", "measure": "built", "what": "project=*", "at_most": 0}]
    assert run_cli("solve", write_tables(made), "--out", tmp_path / "out") == 0
    assert "whole" not in capsys.readouterr().out


def stopped_by_hand(workbook: Path, folder: Path, pauses: list[float]) -> tuple[int, str, str]:
    """Solve in a process of its own, which gets Ctrl-C after each pause; its exit code and what it said."""
    command = [sys.executable, str(ROOT / "run.py"), "solve", str(workbook), "--out", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert any("Ctrl-C ends the search and keeps the best plan found" in line for line in process.stdout)
            for pause in pauses:
                time.sleep(pause)
                process.send_signal(signal.SIGINT)
            out, errors = process.communicate(timeout=60)
        finally:
            process.kill()
        return process.returncode, out, errors


@pytest.mark.skipif(sys.platform == "win32", reason="a signal to one process is a matter of POSIX systems")
def test_ctrl_c_keeps_the_best_plan(write_tables: Write, tmp_path: Path) -> None:
    """A second scenario is not begun any more; it is named as not solved."""
    folder = tmp_path / "out"
    made = hard_choice(settings={"mip_gap": 1e-9})
    made["Scenarios"] = [{"scenario": "other", "run": "yes"}]
    code, out, errors = stopped_by_hand(write_tables(made), folder, [6])
    assert code == 5, out + errors
    base = base_of(folder)
    assert (base["status"], base["stopped_by"]) == ("feasible", "Ctrl-C")
    assert base["bound"] > base["value"] > 8000
    assert "Stopped by Ctrl-C: the best plan found until then" in out
    assert "Scenario 'other': not solved: the run was stopped with Ctrl-C." in errors


@pytest.mark.skipif(sys.platform == "win32", reason="a signal to one process is a matter of POSIX systems")
def test_a_second_ctrl_c_leaves_earlier_results(write_tables: Write, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    workbook = write_tables(hard_choice(settings={"mip_gap": 1e-9}))
    code, _, errors = stopped_by_hand(workbook, folder, [6, 0.1])
    assert code == 130, errors
    assert "Stopped; earlier results are as they were." in errors
    assert not (folder / "run.json").exists()


def test_without_a_plan_to_keep_ctrl_c_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same where a question among many was searched: nothing half done is taken for an answer."""
    engine = Engine([read(hard_choice(settings={"mip_gap": 1e-9}))])
    live = LiveModel(engine.live.program, mip_gap=1e-9)
    asked = iter([False, False, True])

    def listen(self: Any) -> None:
        if next(asked, False):
            return
        time.sleep(0.3)
        raise KeyboardInterrupt

    monkeypatch.setattr("model.solver.search.Search._listen", listen)
    with pytest.raises(KeyboardInterrupt):
        live.solve()
