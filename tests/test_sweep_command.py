"""``python run.py sweep`` as its users meet it: the folder, what stops it, and mistakes."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from model import cli
from model.analysis.designs.kinds import KINDS
from model.commands import sweep as command
from tests.conftest import Command
from tests.design_runs import two_years, vary
from tests.test_cli import Capture, Write, record_of
from tests.test_layout import ROOT

TARIFF = vary("south tariff", "Links:south:tariff", "set", 5, 245)
PIPE = vary("pipe", "Links:north:capacity", "add", -3, 4)


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_command_knows_every_design() -> None:
    assert set(cli.DESIGNS) == set(KINDS)


@pytest.mark.parametrize("kind", ["tornado", "sample", "outages"])
def test_a_sweep_leaves_a_whole_folder(
    kind: str, run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture
) -> None:
    """Workbook, page, pictures, every run as CSV, the store, and the record last with the hash of each file."""
    book = write_tables(two_years(TARIFF, PIPE))
    extra = ("--runs", 12, "--seed", 3) if kind == "sample" else ()
    assert run_cli("sweep", book, "--design", kind, "--jobs", 1, *extra) == 0
    folder = tmp_path / "outputs" / "roads" / f"sweep-{kind}"
    record = record_of(folder)
    runs = rows_of(folder / "tables" / "all_runs.csv")
    told = record["sweep"]
    assert isinstance(told, dict)
    assert told["runs"] == len(runs) > 3
    assert told["statuses"] == Counter(row["status"] for row in runs)
    assert told["verified"] >= 2
    files = record["files"]
    assert isinstance(files, dict)
    assert {"sweep.xlsx", "sweep.html", "runs.sqlite", "tables/all_runs.csv", "run.log"} <= set(files)
    assert not list(folder.glob("unfinished*"))
    assert "Value from" in capsys.readouterr().out


def test_a_solve_before_or_after_has_its_own_folder(run_cli: Command, write_tables: Write, tmp_path: Path) -> None:
    """The sweep's folder lies in the workbook's own, which stays the workbook's: no second one with a number."""
    book = write_tables(two_years(TARIFF))
    assert run_cli("sweep", book, "--design", "tornado", "--jobs", 1) == 0
    assert run_cli("solve", book) == 0
    assert [path.name for path in (tmp_path / "outputs").iterdir()] == ["roads"]
    assert (tmp_path / "outputs" / "roads" / "run.json").exists()
    assert (tmp_path / "outputs" / "roads" / "sweep-tornado" / "run.json").exists()


def test_runs_without_a_plan_are_told_by_cause(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture
) -> None:
    """3 Mt must go north over a road of 4; where that loses 3 they cannot."""
    tables = two_years(TARIFF, PIPE)
    tables["Demand"][0]["firm"] = 3
    assert run_cli("sweep", write_tables(tables), "--design", "tornado", "--jobs", 1) == 0
    said = capsys.readouterr().out
    assert "1 of 1 infeasible runs searched, the first is run" in said
    assert "(near, firm 3 Mt/year) exceeds what Links!G5 (north, capacity 1 Mt/year) allows." in said
    assert "to mend it, lower Demand!" in said
    (row,) = rows_of(tmp_path / "outputs" / "roads" / "sweep-tornado" / "tables" / "causes.csv")
    assert row["runs_with_it"] == "1"
    assert (
        "Causes" in openpyxl.load_workbook(tmp_path / "outputs" / "roads" / "sweep-tornado" / "sweep.xlsx").sheetnames
    )


def test_ctrl_c_keeps_what_is_done_and_resume_goes_on(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped at the fifth of 40 runs; the message says how to go on; after that all 40 are there, each once."""
    book = write_tables(two_years(TARIFF, PIPE))
    call = ("sweep", book, "--design", "sample", "--runs", 40, "--jobs", 1)
    seen = 0

    def stop(*_: object) -> str:
        nonlocal seen
        seen += 1
        if seen == 5:
            raise KeyboardInterrupt
        return ""

    with monkeypatch.context() as patch:
        patch.setattr(command, "progress", stop)
        assert run_cli(*call) == 130
    assert "Stopped after 5 runs; all of them are kept." in capsys.readouterr().err
    folder = tmp_path / "outputs" / "roads" / "sweep-sample"
    assert not (folder / "run.json").exists()
    assert run_cli(*call[:-3], 41, "--jobs", 1, "--resume") == 2
    assert "the design is another" in capsys.readouterr().err
    assert run_cli(*call, "--resume") == 0
    assert "5 of 40 runs are kept from before." in capsys.readouterr().out
    runs = rows_of(folder / "tables" / "all_runs.csv")
    assert [int(row["run"]) for row in runs] == list(range(1, 41))
    assert run_cli(*call, "--resume") == 2
    assert "There is nothing to go on with" in capsys.readouterr().err


def test_a_changed_workbook_is_not_gone_on_with_and_a_new_sweep_keeps_the_old(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = write_tables(two_years(TARIFF))
    call = ("sweep", book, "--design", "sample", "--runs", 8, "--jobs", 1)
    with monkeypatch.context() as patch:
        patch.setattr(command, "progress", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert run_cli(*call) == 130
    write_tables(two_years(TARIFF, PIPE))
    assert run_cli(*call, "--resume") == 2
    assert "the workbook has changed" in capsys.readouterr().err
    assert run_cli(*call) == 0
    assert "it is kept as earlier-runs.sqlite" in capsys.readouterr().out
    assert (tmp_path / "outputs" / "roads" / "sweep-sample" / "earlier-runs.sqlite").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--jobs", 0), "jobs is 0; it needs to be 1 or more"),
        (("--runs", 0), "A design of 0 runs is none"),
        (("--seed", -1), "The seed -1 is negative"),
        (("--scenario", "bsae"), "There is no scenario 'bsae'"),
        (("--cluster", "tcp://127.0.0.1:9"), "No cluster answers at 'tcp://127.0.0.1:9'"),
        (("--cluster", "nonsense"), "No cluster answers at 'nonsense'"),
        (("--resume",), "There is nothing to go on with"),
    ],
)
def test_mistakes_are_told_before_any_run(
    options: tuple[object, ...],
    message: str,
    run_cli: Command,
    write_tables: Write,
    tmp_path: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("model.analysis.batch.cluster.PATIENCE", 1)
    assert run_cli("sweep", write_tables(two_years(TARIFF)), "--design", "tornado", *options) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.rglob("run.json"))


def test_a_folder_that_cannot_be_written_to(run_cli: Command, write_tables: Write, capsys: Capture) -> None:
    book = write_tables(two_years(TARIFF))
    assert run_cli("sweep", book, "--design", "tornado", "--out", book) == 2
    assert "is a file, not a folder" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["CON", "a.", "n" * 300, "=1+1", "<b>", "  spaced out"])
def test_no_name_breaks_the_folder(name: str, run_cli: Command, write_tables: Write, tmp_path: Path) -> None:
    """Names of ranges and scenarios are content, never file names."""
    sheets = two_years({**TARIFF, "range": name})
    if not name.startswith("="):
        sheets["Scenarios"] = [{"scenario": name, "run": "yes"}]
        change = {"sheet": "Links", "key": "north", "column": "tariff", "change": "set", "value": 1}
        sheets["Changes"] = [{"scenario": name, **change}]
    book = write_tables(sheets)
    code = run_cli("sweep", book, "--design", "tornado", "--jobs", 1)
    if code == 2:
        assert not (tmp_path / "outputs").exists(), "a name that is refused is refused before anything is written"
        return
    assert code == 0
    folders = {path.name for path in (tmp_path / "outputs").rglob("*") if path.is_dir()}
    assert folders <= {"roads", "sweep-tornado", "tables", "pictures", "input"}
    if not name.startswith("="):
        assert run_cli("sweep", book, "--design", "scenarios", "--jobs", 1) == 0


def test_progress_tells_rate_time_left_and_failures() -> None:
    """300 of 1 000 after 10 s of 200 solved: 20 a second, 700 to go in 35 s; 2 infeasible and 1 wrong have failed."""
    found = command.progress(300, 1000, 200, 10.0, Counter(optimal=297, infeasible=2, error=1))
    assert found == "300 of 1,000 runs, 20 a second, 0:35 left, 3 failed"


def test_from_the_shell_without_a_terminal(write_tables: Write, tmp_path: Path) -> None:
    """Two processes, as a user runs it; no traceback, no stray line."""
    book = write_tables(two_years(TARIFF, PIPE))
    call = [sys.executable, "run.py", "sweep", str(book), "--design", "sample", "--runs", "30", "--jobs", "2"]
    done = subprocess.run(
        [*call, "--out", str(tmp_path / "out")], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["sweep"]["runs"] == 30
