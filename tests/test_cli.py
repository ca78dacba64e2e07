"""The command line: what each command does, what it says, and its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from model import cli
from model.commands import solve as solve_command
from model.errors import AuditError, NoAnswer
from tests.conftest import Command
from tests.export_case import export_tables

ROOT = Path(__file__).resolve().parent.parent
Write = Callable[..., Path]
Capture = pytest.CaptureFixture[str]


def record_of(folder: Path) -> dict[str, object]:
    """What run.json says."""
    found = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file under a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_plain_solve_writes_every_scenario_marked_run(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture
) -> None:
    """17 Mt leave: 10 by pipe, 7 by rail. A year is worth

    3·100 + 11·400 + 6·500 + 8·200 − 20·50 − 8·20 − (3·1 + 10·20 + 7·90 + 6·30 + 8·10) = 7 047.
    """
    assert run_cli("solve", write_tables()) == 0
    out = capsys.readouterr().out
    assert "21,141" in out
    assert "-900.0" in out, "the ship costs 50 more on 6 Mt in three periods"
    folder = tmp_path / "outputs" / "roads"
    scenarios = record_of(folder)["scenarios"]
    assert [(s["name"], s["status"]) for s in scenarios] == [("base", "optimal"), ("dear_ship", "optimal")]  # type: ignore[attr-defined]
    assert scenarios[0]["value"] == pytest.approx(3 * 7047)  # type: ignore[index]


def test_a_workbook_alone_is_solved(run_cli: Command, write_tables: Write, tmp_path: Path) -> None:
    assert run_cli(write_tables()) == 0
    assert (tmp_path / "outputs" / "roads" / "results.xlsx").exists()


def test_nothing_at_all_means_the_shipped_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(solve_command, "run", lambda arguments, _: asked.append(arguments) or 0)
    assert cli.main([]) == 0
    assert (asked[0].workbook, asked[0].scenario, asked[0].out) == (cli.WORKBOOK, None, None)


def test_scenarios_and_periods_can_be_chosen(run_cli: Command, write_tables: Write, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    code = run_cli("solve", write_tables(), "--scenario", "dear_ship", "--periods", "2027..2028", "--out", out)
    assert code == 0
    found = record_of(out)
    assert found["periods"] == ["2027", "2028"]
    scenarios = found["scenarios"]
    assert [s["name"] for s in scenarios] == ["dear_ship"]  # type: ignore[attr-defined]
    assert scenarios[0]["value"] == pytest.approx(2 * (7047 - 300))  # type: ignore[index]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--scenario", "dear_shp"], "dear_ship"),
        (["--periods", "2026..2035"], "2035"),
        (["--periods", "2028..2026"], "backwards"),
    ],
)
def test_a_wrong_choice_is_named_and_nothing_is_written(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture, options: list[str], text: str
) -> None:
    assert run_cli("solve", write_tables(), *options) == 2
    assert text in capsys.readouterr().err
    assert not (tmp_path / "outputs" / "roads").exists()


@pytest.mark.parametrize(
    "arguments", [["solve", "x.xlsx", "--periods", "2026.."], ["optimise"], ["solve", "--speed"], ["check"]]
)
def test_a_command_that_does_not_exist_says_what_there_is(arguments: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    said = capsys.readouterr().err
    assert "usage: run.py" in said
    if arguments == ["optimise"]:
        for command in ("solve", "check", "new", "addresses", "diff", "test"):
            assert command in said


def test_faults_of_a_workbook_are_reported_together(run_cli: Command, write_tables: Write, capsys: Capture) -> None:
    tables = export_tables()
    tables["Links"][0]["tariff"] = "a lot"
    tables["Links"][1]["from"] = "wel"
    path = write_tables(tables)
    for command in ("solve", "check"):
        assert run_cli(command, path) == 2
        said = capsys.readouterr().err
        assert "2 places to mend" in said
        assert "'a lot'" in said
        assert "'wel'" in said


def test_a_missing_file_is_named(run_cli: Command, capsys: Capture) -> None:
    assert run_cli("solve", "no_such_file.xlsx") == 2
    assert "no_such_file.xlsx" in capsys.readouterr().err


def test_an_infeasible_scenario_alone_ends_with_3_and_leaves_earlier_results(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture
) -> None:
    path = write_tables()
    assert run_cli("solve", path) == 0
    folder = tmp_path / "outputs" / "roads"
    before = bytes_of(folder)
    capsys.readouterr()
    assert run_cli("solve", path, "--scenario", "cut_off") == 3
    said = capsys.readouterr().err
    assert "'cut_off'" in said
    assert "home" in said
    assert "No result was written" in said
    assert bytes_of(folder).pop("conflict.xlsx")
    assert {name: data for name, data in bytes_of(folder).items() if name != "conflict.xlsx"} == before
    assert run_cli("solve", path, "--scenario", "base") == 0
    assert not (folder / "conflict.xlsx").exists(), "it is of a run before this one"


def test_an_infeasible_first_run_leaves_its_conflicts_only(
    run_cli: Command, write_tables: Write, tmp_path: Path
) -> None:
    assert run_cli("solve", write_tables(), "--scenario", "cut_off") == 3
    folder = tmp_path / "outputs" / "roads"
    assert [entry.name for entry in sorted(folder.iterdir()) if entry.name[0] != "."] == ["conflict.xlsx"]


def test_one_failing_scenario_does_not_stop_the_others(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture
) -> None:
    assert run_cli("solve", write_tables(), "--scenario", "base", "cut_off", "dear_ship") == 5
    captured = capsys.readouterr()
    assert "'cut_off'" in captured.err
    assert "infeasible" in captured.out
    folder = tmp_path / "outputs" / "roads"
    scenarios = record_of(folder)["scenarios"]
    assert {s["name"]: s["status"] for s in scenarios} == {  # type: ignore[attr-defined]
        "base": "optimal", "dear_ship": "optimal", "cut_off": "infeasible",
    }  # fmt: skip
    reason = next(s["reason"] for s in scenarios if s["name"] == "cut_off")  # type: ignore[attr-defined]
    assert "home" in reason
    cells = openpyxl.load_workbook(folder / "results.xlsx")["Summary"]
    assert any(cell.value == "no result: infeasible" for row in cells["A1:F30"] for cell in row)


def test_an_unbounded_case_ends_with_3(run_cli: Command, write_tables: Write, capsys: Capture) -> None:
    tables = export_tables()
    tables["Supply"][0]["capacity"] = tables["Demand"][1]["volume"] = "unlimited"
    assert run_cli("solve", write_tables(tables), "--scenario", "base") == 3
    assert "unlimited" in capsys.readouterr().err


def test_a_solver_that_stops_early_ends_with_4(
    run_cli: Command, write_tables: Write, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    from model import api

    def stopped(*_: object) -> None:
        raise NoAnswer("base", "the solver stopped early (time limit); no result is given.")

    monkeypatch.setattr(api, "solve_one", stopped)
    assert run_cli("solve", write_tables()) == 4
    assert "time limit" in capsys.readouterr().err


@pytest.mark.parametrize("error", [AuditError("balance of port 2026: 3 in, 4 out"), ZeroDivisionError("a slip")])
def test_a_fault_of_ours_is_said_in_a_line_and_kept_in_a_file(
    run_cli: Command,
    write_tables: Write,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
    error: Exception,
) -> None:
    from model import api

    def fails(*_: object) -> None:
        raise error

    path = write_tables()
    assert run_cli("solve", path) == 0
    before = bytes_of(tmp_path / "outputs" / "roads")
    capsys.readouterr()
    monkeypatch.setattr(api, "solve_one", fails)
    assert run_cli("solve", path) == 1
    said = capsys.readouterr().err
    assert str(error) in said
    assert "Traceback" not in said
    assert "Traceback" in (tmp_path / "outputs" / "error.log").read_text(encoding="utf-8")
    assert bytes_of(tmp_path / "outputs" / "roads") == before


def test_control_c_ends_with_130(
    run_cli: Command, write_tables: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    from model import api

    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "solve_one", pressed)
    assert run_cli("solve", write_tables()) == 130
    assert "Stopped" in capsys.readouterr().err
    assert not (tmp_path / "outputs" / "roads").exists()


def test_no_scenario_to_run_is_said(run_cli: Command, write_tables: Write, capsys: Capture) -> None:
    tables = export_tables()
    tables["Scenarios"] = [{"scenario": "base", "run": "no"}]
    tables["Changes"] = []
    assert run_cli("solve", write_tables(tables)) == 2
    assert "No scenario is marked to run" in capsys.readouterr().err


def test_check_says_that_a_workbook_is_in_order(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture
) -> None:
    assert run_cli("check", write_tables()) == 0
    said = capsys.readouterr().out
    assert "is in order" in said
    assert "base, dear_ship" in said
    assert not (tmp_path / "outputs").exists(), "nothing is solved or written"


def test_check_names_what_no_solve_could_answer(run_cli: Command, write_tables: Write, capsys: Capture) -> None:
    tables = export_tables()
    tables["Supply"][0]["capacity"] = tables["Demand"][1]["volume"] = "unlimited"
    assert run_cli("check", write_tables(tables)) == 3
    assert "Supply!" in capsys.readouterr().err


def test_new_writes_a_workbook_and_overwrites_none(run_cli: Command, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "fresh.xlsx"
    assert run_cli("new", path) == 0
    before = path.read_bytes()
    assert "Links" in openpyxl.load_workbook(path).sheetnames
    assert run_cli("new", path) == 2
    assert "exists" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_addresses_lists_values_with_units(run_cli: Command, write_tables: Write, capsys: Capture) -> None:
    path = write_tables()
    assert run_cli("addresses", path, "Links:pipe:*") == 0
    lines = capsys.readouterr().out.splitlines()
    tariff = next(line for line in lines if line.startswith("Links:pipe:tariff"))
    assert tariff.split()[1:3] == ["20", "USD/t"]
    assert not any(line.startswith("Links:rail") for line in lines)
    assert run_cli("addresses", path, "Links:pip:tariff") == 2
    assert "pipe" in capsys.readouterr().err


def test_diff_names_every_cell_that_differs(run_cli: Command, write_tables: Write, capsys: Capture) -> None:
    tables = export_tables()
    tables["Links"][1]["tariff"] = 25
    del tables["Links"][2]
    tables["Series"] = [{"sheet": "Links", "key": "ship", "column": "capacity", "2027": 7}]
    first, second = write_tables(name="a.xlsx"), write_tables(tables, name="b.xlsx")
    assert run_cli("diff", first, first) == 0
    assert capsys.readouterr().out.strip() == "No cell differs."
    assert run_cli("diff", first, second) == 0
    said = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["Links:pipe:tariff", "20", "25"] in said
    assert ["Links:ship:capacity@2027", "blank", "7"] in said
    assert ["Links:rail", "row", "no", "such", "row"] in said
    assert ["3", "differences."] in said


def test_the_tests_take_options_of_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []
    monkeypatch.setattr(pytest, "main", lambda options: given.append(options) or 0)
    assert cli.main(["test", "-k", "report", "--lf"]) == 0
    assert given[0][-4:] == ["-k", "report", "--lf", str(ROOT / "tests")]


@pytest.mark.parametrize(
    ("options", "everything"),
    [
        (["tests/test_units.py"], False),
        (["-q", "tests/test_cli.py::test_nothing", "-x"], False),
        (["tests/conformance"], False),
        (["no_such.py"], False),
        (["-k", "tests"], True),
        (["--maxfail", "1"], True),
        ([], True),
    ],
)
def test_named_tests_are_run_alone(monkeypatch: pytest.MonkeyPatch, options: list[str], everything: bool) -> None:
    given: list[list[str]] = []
    monkeypatch.setattr(pytest, "main", lambda options: given.append(options) or 0)
    monkeypatch.chdir(ROOT)
    assert cli.main(["test", *options]) == 0
    assert given[0][4:] == [*options, *([str(ROOT / "tests")] if everything else [])]


def test_a_path_with_spaces_and_cyrillic_letters(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture
) -> None:
    path = write_tables(name="мои данные/экспорт нефти.xlsx")
    assert run_cli(path) == 0
    folder = tmp_path / "outputs" / "экспорт нефти"
    assert record_of(folder)["workbook"] in ("экспорт нефти", "экспорт нефти.xlsx")
    assert str(folder) in capsys.readouterr().out


def test_a_console_without_unicode_shows_what_it_can(write_tables: Write, tmp_path: Path) -> None:
    path = write_tables(name="экспорт.xlsx")
    code = (
        "import sys, pathlib; from model import cli; cli.OUTPUTS = pathlib.Path(sys.argv[2]); "
        "sys.exit(cli.main(['solve', sys.argv[1]]))"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), str(tmp_path / "out")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("cp1252")
    assert b"21,141" in done.stdout


def test_equal_input_gives_equal_bytes(run_cli: Command, write_tables: Write, tmp_path: Path) -> None:
    path = write_tables()
    for name in ("one", "two"):
        assert run_cli("solve", path, "--out", tmp_path / name) == 0
    one, two = bytes_of(tmp_path / "one"), bytes_of(tmp_path / "two")
    timed = {"run.json", "run.log", ".lock"}
    assert set(one) == set(two)
    for name in set(one) - timed:
        assert one[name] == two[name], name
    assert one["input/roads.xlsx"] == path.read_bytes()


def test_an_open_results_workbook_is_named_with_the_place_of_the_new_one(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture
) -> None:
    path = write_tables()
    assert run_cli(path) == 0
    folder = tmp_path / "outputs" / "roads"
    (folder / "~$results.xlsx").write_bytes(b"")
    capsys.readouterr()
    assert run_cli(path) == 0
    said = capsys.readouterr().out
    (dated,) = folder.glob("results_*.xlsx")
    assert f"Results: {dated}" in said
    assert "results.xlsx is open in Excel" in said


def test_the_log_tells_what_was_said_and_how_long_it_took(
    run_cli: Command, write_tables: Write, tmp_path: Path
) -> None:
    assert run_cli("solve", write_tables(), "--scenario", "base", "cut_off") == 5
    text = (tmp_path / "outputs" / "roads" / "run.log").read_text(encoding="utf-8")
    assert text.count("Scenario 'cut_off'") == 1
    for part in ("pyomo", "highs", "excel: ", "Exports by corridor"):
        assert part in text


def test_no_absolute_path_in_the_record(run_cli: Command, write_tables: Write, tmp_path: Path) -> None:
    assert run_cli(write_tables()) == 0
    text = (tmp_path / "outputs" / "roads" / "run.json").read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    assert '"schema": 1' in text
