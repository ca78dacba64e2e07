"""Hostile and broken files: a clear error or a result as of any other file, soon, in little memory, nothing written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from model import cli
from model.api import read_case
from model.errors import UsageError, WorkbookError
from model.report.files import is_inside
from model.report.folder import open_folder
from model.workbook.formulas import circular_formulas
from tests.hostile import FILES, MOST_MB, MOST_SECONDS, Hostile, good, outcomes
from tests.small_cases import case_of, one_route
from tests.tiny import tiny


def wrong(bad: Hostile, outcome: dict[str, Any]) -> list[str]:
    """What is not as it should be with the outcome of one bad file."""
    said = outcome["said"]
    found = {
        f"exit code {outcome['code']}": outcome["code"] == bad.code,
        "other words": bad.says in said,
        "a traceback": "Traceback" not in said,
        "control characters on the screen": "\x1b" not in said,
        f"{outcome['seconds']:.1f} s": outcome["seconds"] < MOST_SECONDS,
        f"{outcome['peak']:.0f} MB": outcome["peak"] < MOST_MB,
        f"left {outcome['left']}": outcome["left"] == (["out"] if bad.code == 0 else []),
    }
    return [f"{what}: {said[:300]}" for what, good in found.items() if not good]


def test_each_bad_file_is_told_or_read_within_its_bounds(tmp_path: Path) -> None:
    found = outcomes(tmp_path)
    assert {what: wrong(bad, found[what]) for what, bad in FILES.items() if wrong(bad, found[what])} == {}


COMMANDS: dict[str, list[str]] = {
    "check": [],
    "addresses": [],
    "diff": [],
    "projects": [],
    "plan": [],
    "sweep": ["--design", "tornado"],
}
KINDS = (
    "protected by a password",
    "without its last 30 bytes",
    "XML: entities of entities",
    "zip bomb: 190 MB of blanks in a sheet",
    "a formula that refers to itself",
    "sheets of one name in other case",
)


@pytest.fixture(scope="module")
def bad_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, base = tmp_path_factory.mktemp("bad"), good()
    made = {what: folder / f"{number}.xlsx" for number, what in enumerate(KINDS)}
    for what, path in made.items():
        path.write_bytes(FILES[what].make(base))
    (folder / "good.xlsx").write_bytes(base)
    return made


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_the_same_of_a_bad_file(
    command: str, bad_files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Of faults in cells ``diff`` says only that there are some; a file that is no workbook it refuses too."""
    for what, path in bad_files.items():
        before = {entry.name for entry in path.parent.iterdir()}
        second = [str(path.with_name("good.xlsx"))] if command == "diff" else []
        out = ["--out", str(path.with_name("out"))] if command in ("projects", "plan", "sweep") else []
        code = cli.main([command, str(path), *second, *COMMANDS[command], *out])
        said = " ".join("".join(capsys.readouterr()).split())
        faulty = command == "diff" and "has faults that `check` lists" in said
        assert faulty or (code, FILES[what].says in said) == (2, True), (what, code, said[:300])
        assert {entry.name for entry in path.parent.iterdir()} == before, what


def test_rerun_refuses_a_record_that_climbs_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "good.xlsx").write_bytes(good())
    record = {"schema": 1, "workbook": "../good.xlsx", "input_sha256": "0", "files": {"../good.xlsx": "0"}}
    (tmp_path / "run" / "run.json").write_text(json.dumps(record))
    assert cli.main(["rerun", str(tmp_path / "run"), "--out", str(tmp_path / "out")]) == 2
    assert "outside" in "".join(capsys.readouterr())
    assert sorted(entry.name for entry in tmp_path.rglob("*")) == ["good.xlsx", "run", "run.json"]


def test_a_record_that_climbs_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    """What such a record names would be copied and then deleted with the files of the earlier run."""
    victim = tmp_path / "victim.txt"
    victim.write_text("mine")
    out = tmp_path / "out"
    out.mkdir()
    for name in ("../victim.txt", str(victim), "..\\victim.txt", "C:\\victim.txt", "tables/../../victim.txt", ""):
        (out / "run.json").write_text(json.dumps({"schema": 1, "files": {name: "0"}}))
        with pytest.raises(UsageError, match="names a file outside its folder"):
            open_folder(tmp_path / "a.xlsx", tmp_path, out)
    assert victim.read_text() == "mine"
    assert {entry.name for entry in out.iterdir()} == {"run.json"}
    assert is_inside(out, "tables/flows.csv")


def test_a_record_whose_folder_is_a_link_to_elsewhere_is_refused(tmp_path: Path) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    out.mkdir()
    elsewhere.mkdir()
    (out / "tables").symlink_to(elsewhere)
    (out / "run.json").write_text(json.dumps({"schema": 1, "files": {"tables/flows.csv": "0"}}))
    with pytest.raises(UsageError, match="outside its folder"):
        open_folder(tmp_path / "a.xlsx", tmp_path, out)


@pytest.mark.parametrize("text", ["[]", '{"files": 3}', "{" * 100_000, "null", '{"files": ["a"]}'])
def test_a_record_that_is_none_is_no_earlier_run(tmp_path: Path, text: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "run.json").write_text(text)
    open_folder(tmp_path / "a.xlsx", tmp_path, out).close()


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "book.xlsx")
    with pytest.raises(UsageError, match="is no ordinary file"):
        read_case(tmp_path / "book.xlsx")


def test_control_characters_and_endless_texts_from_memory() -> None:
    tables = one_route()
    tables["Nodes"][0]["note"] = "ring \a twice"
    tables["Nodes"][1]["note"] = "x" * 32_768
    tables["Nodes"][2]["note"] = "two\nlines\tand a tab"
    with pytest.raises(WorkbookError) as caught:
        case_of(tables)
    assert "It holds control characters (U+0007), which cannot be shown." in str(caught.value)
    assert "a text of at most 32,767 characters" in str(caught.value)
    assert len(caught.value.issues) == 2
    assert len(str(caught.value)) < 1000, "a long text is not repeated in full"


def test_tables_of_one_name_in_other_case() -> None:
    tables = {**tiny(), "LINKS": [{"link": "x"}]}
    with pytest.raises(WorkbookError, match="stands there a second time, beside 'Links'"):
        read_case(tables)


def test_formulas_in_a_circle() -> None:
    """A2 → B2 → A2; C2 and D2 only look on, and D2 sums a range that does not hold itself."""
    formulas = {
        ("Links", 2, 1): "=B2+1",
        ("Links", 2, 2): '=Supply!$C$3*A2&"C2"',
        ("Links", 2, 3): "=A2",
        ("Links", 2, 4): "=SUM(A2:C2)",
        ("Supply", 3, 3): "=LOG10(Links!Z9)",
    }
    found = circular_formulas(formulas, {"Links": "Links", "Supply": " supply"})
    assert [issue.cell for issue in found] == ["Links!A2"]
    assert "Links!A2 → Links!B2 → Links!A2" in found[0].hint
    formulas["Supply", 3, 3] = "='Links'!A2"
    assert len(circular_formulas(formulas, {"Links": "Links", "Supply": " supply"})) == 1
    del formulas["Links", 2, 1]
    assert circular_formulas(formulas, {"Links": "Links", "Supply": " supply"}) == []
