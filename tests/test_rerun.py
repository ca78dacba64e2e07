"""The command ``rerun``: the same run gives the same bytes; what differs is told by cell, bad records are refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from model.cli import main
from model.report.agreement import differences
from model.workbook.template import write_workbook
from tests.conftest import Command
from tests.export_case import export_tables
from tests.plan_cases import three_ways

Write = Callable[..., Path]
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of one scenario."""
    home = tmp_path_factory.mktemp("once")
    book = write_workbook(home / "roads.xlsx", three_ways())
    assert main(["solve", str(book), "--scenario", "slump", "--out", str(home / "was")]) == 0
    return home / "was"


@pytest.fixture
def solved(run_cli: Command, once: Path, tmp_path: Path) -> Iterator[Path]:
    """A folder of results of one scenario, to be spoilt."""
    yield Path(shutil.copytree(once, tmp_path / "was"))
    assert not (tmp_path / "outputs").exists(), "a rerun writes nothing into the folder of results"


def change(folder: Path, **entries: Any) -> None:
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (folder / "run.json").write_text(json.dumps({**record, **entries}), encoding="utf-8")


def record_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "run.json").read_text(encoding="utf-8")))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_run_once_more_is_the_same_and_leaves_nothing(run_cli: Command, solved: Path, capsys: Capture) -> None:
    before = {path: path.read_bytes() for path in solved.rglob("*") if path.is_file()}
    assert run_cli("rerun", solved / "run.json") == 0
    said = capsys.readouterr().out
    assert "The same versions of everything as then." in said
    assert "byte for byte" in said
    assert before == {path: path.read_bytes() for path in solved.rglob("*") if path.is_file()}


def test_what_differs_is_told_by_cell_and_kept_where_asked(run_cli: Command, solved: Path, capsys: Capture) -> None:
    """The record of a run in which 10 Mt by the east had been 11: 1 of 11 is 9.09 %. A file edited since is named."""
    flows = solved / "tables" / "flows.csv"
    lines = flows.read_text(encoding="utf-8-sig").splitlines()
    column = lines[0].split(",").index("flow")
    cells = [line.split(",") for line in lines]
    number = next(i for i, row in enumerate(cells) if row[column] == "10.0")
    cells[number][column] = "11.0"
    flows.write_text("\n".join(",".join(row) for row in cells) + "\n", encoding="utf-8-sig", newline="\n")
    files = {**record_of(solved)["files"], "tables/flows.csv": digest(flows)}
    change(solved, files=files, versions={**record_of(solved)["versions"], "pyomo": "1.2"})
    (solved / "report.html").write_text("edited")
    new = solved.parent / "new"
    assert run_cli("rerun", solved, "--out", new) == 6
    told = capsys.readouterr()
    assert "Versions that differ: pyomo 1.2 then, " in told.out
    assert f"tables/flows.csv: 1 cells differ; most in row {number + 1} (slump, west, " in told.out
    assert "column flow: 11.0 then, 10.0 now, by 9.09 %" in told.out
    assert "report.html: is not as its run wrote it" in told.out
    assert "Not the same: 2 of " in told.err
    assert record_of(new)["scenarios"][0]["name"] == "slump"
    assert run_cli("rerun", solved, "--out", new) == 2
    assert "name a new folder" in capsys.readouterr().err


def test_tables_of_another_shape_are_told(tmp_path: Path) -> None:
    for side, texts in {"then": ("a,b\n1,2\n", "a\n1\n", "x"), "now": ("a,c\n1,2\n", "a\n1\n2\n", "y")}.items():
        (tmp_path / side).mkdir()
        for name, text in zip(("columns.csv", "rows.csv", "book.xlsx"), texts, strict=True):
            (tmp_path / side / name).write_text(text)
    (tmp_path / "now" / "more.csv").write_text("")
    digests = [{path.name: digest(path) for path in (tmp_path / side).iterdir()} for side in ("then", "now")]
    found = differences(tmp_path / "then", digests[0], tmp_path / "now", digests[1])
    assert {one.file: one.said for one in found} == {
        "columns.csv": "its columns differ: a, b then, a, c now",
        "rows.csv": "1 rows then, 2 now",
        "book.xlsx": "its bytes differ",
        "more.csv": "was not written then",
    }


@pytest.mark.parametrize(
    "command",
    [
        ("sweep", "--design", "scenarios", "--jobs", "1"),
        ("plan", "--criterion", "regret"),
        ("projects", "--scenario", "slump"),
        ("ranging", "--scenario", "dear_ship"),
        ("staircase", "--of=Demand:east_sales:price", "--from=0", "--to=80", "--period=2026", "--scenario=slump"),
    ],
    ids=lambda words: words[0],
)
def test_other_commands_are_run_again_with_their_arguments(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture, command: tuple[str, ...]
) -> None:
    name, *words = command
    sheets = export_tables() if name == "ranging" else three_ways()
    assert run_cli(name, write_tables(sheets), *words, "--out", tmp_path / "was") == 0
    (found,) = (tmp_path / "was").rglob("run.json")
    capsys.readouterr()
    assert run_cli("rerun", found) == 0
    assert "byte for byte" in capsys.readouterr().out


def test_a_comparison_is_made_again_from_what_it_kept_of_the_results(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture
) -> None:
    """The results themselves may be gone, and the names by which the folders are told apart may be two deep."""
    for name, capacity in (("old", 10), ("new", 9)):
        sheets = three_ways()
        sheets["Supply"][0]["capacity"] = capacity
        book = write_tables(sheets, f"{name}.xlsx")
        assert run_cli("solve", book, "--scenario", "base", "slump", "--out", tmp_path / name / "was") == 0
    assert run_cli("compare", tmp_path / "old" / "was", "slump", "base", "--out", tmp_path) == 0
    assert run_cli("compare", tmp_path / "old" / "was", tmp_path / "new" / "was", "--out", tmp_path) == 0
    for name in ("old", "new"):
        shutil.rmtree(tmp_path / name)
    scenarios, folders = tmp_path / "slump_vs_base", tmp_path / "old_was_vs_new_was"
    assert record_of(scenarios)["arguments"] == {"folders": ["was"], "scenarios": ["slump", "base"], "scenario": None}
    kept = record_of(folders)["arguments"]
    assert kept == {"folders": ["old/was", "new/was"], "scenarios": [], "scenario": None}
    for folder in (scenarios, folders):
        capsys.readouterr()
        assert run_cli("rerun", folder) == 0
        assert "The same: all 2 files, byte for byte" in capsys.readouterr().out
    exports = scenarios / "input" / "was" / "tables" / "exports.csv"
    exports.write_bytes(exports.read_bytes() + b"\n")
    assert run_cli("rerun", scenarios) == 2
    assert "exports.csv is not the input of that run any more" in capsys.readouterr().err
    change(folders, arguments={**kept, "folders": ["old/was", "../was"]})
    assert run_cli("rerun", folders) == 2
    assert "lacks the copy of its input (../was)" in capsys.readouterr().err
    change(folders, arguments={**kept, "folders": "old/was"})
    assert run_cli("rerun", folders) == 2
    assert "does not hold the arguments of compare" in capsys.readouterr().err


def test_a_study_that_gives_other_numbers_is_told(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture
) -> None:
    """The steps of a staircase as if one had begun elsewhere: told by cell, exit code 6."""
    book = write_tables(three_ways())
    words = ("--of", "Demand:east_sales:price", "--from", "0", "--to", "80", "--out", tmp_path)
    assert run_cli("staircase", book, *words) == 0
    (steps,) = tmp_path.rglob("steps.csv")
    text = steps.read_text(encoding="utf-8-sig")
    steps.write_text(text.replace(",80.0,", ",81.0,"), encoding="utf-8-sig", newline="\n")
    assert steps.read_text(encoding="utf-8-sig") != text
    change(steps.parent, files={**record_of(steps.parent)["files"], "steps.csv": digest(steps)})
    assert run_cli("rerun", steps.parent) == 6
    assert "column to: 81.0 then, 80.0 now" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ({"files": {"../../secret.csv": "0"}}, "names a file outside its folder"),
        ({"files": []}, "is no record of a run"),
        ({"files": {"a.csv": 1}}, "is no record of a run"),
        ({"files": {}}, "lacks the copy of its input"),
        ({"schema": 2}, "schema '2'"),
        ({"command": "test"}, "command 'test'"),
        ({"arguments": {"scenario": None}}, "does not hold the arguments of solve"),
        ({"arguments": {"scenario": ["nowhere"], "periods": None, "iamc": False}}, "nowhere"),
        ({"arguments": {"scenario": None, "periods": [".."], "iamc": False}}, "its arguments cannot be run again"),
        ({"arguments": {"scenario": None, "periods": None, "iamc": "../x"}}, "its arguments cannot be run again"),
        ({"input_sha256": "0" * 64}, "is not the input of that run any more"),
        ({"input_sha256": None}, "is not the input of that run any more"),
    ],
)
def test_a_hostile_record_is_refused(
    run_cli: Command, solved: Path, capsys: Capture, entries: dict[str, Any], says: str
) -> None:
    change(solved, **entries)
    assert run_cli("rerun", solved) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, '"run"'])
def test_what_is_no_record_is_refused(run_cli: Command, tmp_path: Path, capsys: Capture, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    assert run_cli("rerun", tmp_path) == 2
    assert "is no record of a run" in capsys.readouterr().err
    (tmp_path / "run.json").unlink()
    assert run_cli("rerun", tmp_path) == 2
    assert "is not there" in capsys.readouterr().err


def test_an_input_that_was_changed_or_removed_is_named(run_cli: Command, solved: Path, capsys: Capture) -> None:
    (book,) = (solved / "input").iterdir()
    book.write_bytes(book.read_bytes() + b"x")
    assert run_cli("rerun", solved) == 2
    assert "it was changed since" in capsys.readouterr().err
    book.unlink()
    assert run_cli("rerun", solved) == 2
    assert "lacks the copy of its input (input/roads.xlsx)" in capsys.readouterr().err
