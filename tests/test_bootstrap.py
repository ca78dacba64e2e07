"""``run.py`` sets itself up: tested without a network, on folders and programmes made for the test."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import model
import run

ROOT = Path(__file__).resolve().parent.parent


class FakePip:
    """Stands in for the programmes that the set-up calls: makes environments, and installs as it is told."""

    def __init__(self, home: Path, *, pip: int = 0, venv: int = 0) -> None:
        self.home, self.codes, self.calls = home, {"pip": pip, "venv": venv}, list[list[str]]()

    def __call__(self, command: list[str]) -> int:
        self.calls.append(command)
        if command[1:3] == ["-m", "venv"] and not self.codes["venv"]:
            python = Path(run.python_of(str(self.home)))
            python.parent.mkdir(parents=True)
            python.touch()
            (self.home / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).parent}\nversion = 3.11\n")
        return self.codes.get(command[2], 0)

    def made(self, what: str) -> int:
        """How often something was called."""
        return sum(command[2] == what for command in self.calls)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one dependency."""
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["alpha >= 1.2"]\n[project.optional-dependencies]\ntest = ["beta >= 3"]\n'
    )
    (tmp_path / "constraints.txt").write_text("alpha==1.3\n")
    return tmp_path


Start = Callable[..., FakePip]


@pytest.fixture
def start(project: Path) -> Start:
    """Runs a set-up with a stand-in for pip and venv."""

    def go(extras: tuple[str, ...] = (), **codes: int) -> FakePip:
        pip = FakePip(project / ".venv", **codes)
        run.set_up(extras, str(project / ".venv"), str(project), pip)
        return pip

    return go


def is_ready(project: Path, extras: tuple[str, ...] = ()) -> bool:
    """Whether a later start would go straight on."""
    return bool(run.is_ready(extras, str(project / ".venv"), str(project)))


def test_a_python_that_is_too_old_is_told_so() -> None:
    message = run.too_old((3, 9, 2))
    assert "needs Python 3.11 or newer; this is Python 3.9" in message
    assert run.too_old((3, 11, 0)) is None
    assert run.too_old((4, 0, 0)) is None


def test_run_py_stops_before_anything_else_on_an_old_python(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 8, 10, "final", 0))
    assert run.main([]) == 1
    assert "this is Python 3.8" in capsys.readouterr().err


def test_run_py_is_written_in_syntax_that_old_pythons_read() -> None:
    """No annotations, f-strings or starred lists: Python 2.7 and 3.0 must get to the message."""
    text = (ROOT / "run.py").read_text(encoding="utf-8")
    tree = ast.parse(text)
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Match, ast.AsyncFunctionDef, ast.Nonlocal, ast.YieldFrom)
    for node in ast.walk(tree):
        assert not isinstance(node, newer), f"line {node.lineno}"
        if isinstance(node, ast.FunctionDef):
            plain = node.args
            assert not plain.kwonlyargs + plain.posonlyargs, node.name
            assert [node.returns, *(one.annotation for one in plain.args)] == [None] * (len(plain.args) + 1), node.name
        if isinstance(node, ast.Raise):
            assert node.cause is None, f"line {node.lineno}"
        if isinstance(node, ast.ImportFrom):
            assert node.module != "__future__", "Python below 3.7 does not know this import"
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            assert not any(isinstance(part, ast.Starred) for part in node.elts), f"line {node.lineno}"
    assert text.isascii(), "Python 2 reads no other letters without being told"


def test_sufficient_versions_are_used_as_they_are() -> None:
    versions = {"alpha": "1.10.0", "beta": "2.9", "gamma": "3.0.0rc1"}
    wanted = ["alpha >= 1.9", "beta >= 2.10", "gamma >= 3.0", "delta", "alpha"]
    assert run.lacking(wanted, versions.get) == ["beta", "delta"]


def test_requirements_are_those_of_pyproject(project: Path) -> None:
    assert run.requirements((), str(project)) == ["alpha >= 1.2"]
    assert run.requirements(("test",), str(project)) == ["alpha >= 1.2", "beta >= 3"]
    with (ROOT / "pyproject.toml").open("rb") as file:
        declared = tomllib.load(file)["project"]
    for requirement in [*declared["dependencies"], *declared["optional-dependencies"]["test"]]:
        assert re.fullmatch(r"[\w-]+ >= [\d.]+", requirement), f"run.py cannot read {requirement!r}"


def test_a_complete_set_up_is_not_repeated(project: Path, start: Start) -> None:
    pip = start()
    install = next(command for command in pip.calls if command[2] == "pip")
    assert install[-1] == "alpha >= 1.2"
    assert str(project / "constraints.txt") in install
    assert is_ready(project)


def test_an_edit_of_the_lists_sets_up_again(project: Path, start: Start) -> None:
    start()
    (project / "constraints.txt").write_text("alpha==1.4\n")
    assert not is_ready(project)
    assert start().made("venv") == 0, "the environment itself is kept"
    assert is_ready(project)


def test_line_ends_of_windows_are_no_edit(project: Path, start: Start) -> None:
    start()
    (project / "constraints.txt").write_bytes(b"alpha==1.3\r\n")
    assert is_ready(project)


def test_the_packages_of_the_tests_are_added_on_demand_and_stay(project: Path, start: Start) -> None:
    start()
    assert not is_ready(project, ("test",))
    assert start(("test",)).calls[-1][-2:] == ["alpha >= 1.2", "beta >= 3"]
    assert is_ready(project, ("test",))
    assert start().calls[-1][-1] == "beta >= 3", "a later set-up keeps what was added"


def test_a_failed_set_up_leaves_no_stamp_and_goes_on_later(project: Path, start: Start) -> None:
    start()
    (project / "constraints.txt").write_text("alpha==9\n")
    with pytest.raises(run.SetUpError, match="connection to the internet"):
        start(pip=1)
    assert not is_ready(project)
    assert not (project / ".venv" / "set-up.json").exists()
    start()
    assert is_ready(project)


def test_a_python_without_venv_is_told_what_to_install(project: Path, start: Start) -> None:
    with pytest.raises(run.SetUpError, match="apt install python3-venv"):
        start(venv=1)
    assert not (project / ".venv").exists()


@pytest.mark.parametrize("damage", ["python", "pyvenv.cfg", "stamp"])
def test_a_partial_environment_recovers(project: Path, start: Start, damage: str) -> None:
    start()
    home = project / ".venv"
    {"python": Path(run.python_of(str(home))), "pyvenv.cfg": home / "pyvenv.cfg", "stamp": home / "set-up.json"}[
        damage
    ].unlink()
    assert not is_ready(project)
    assert start().made("venv") == (damage != "stamp")
    assert is_ready(project)


def test_an_environment_whose_python_was_removed_is_made_anew(project: Path, start: Start) -> None:
    start()
    (project / ".venv" / "pyvenv.cfg").write_text("home = /no/such/python\n")
    assert not is_ready(project)
    assert start().made("venv") == 1


@pytest.mark.parametrize("text", ["", "{", "[]", '{"fingerprint": 1}', '{"fingerprint": "x", "extras": null}'])
def test_a_damaged_stamp_counts_as_none(project: Path, start: Start, text: str) -> None:
    start()
    (project / ".venv" / "set-up.json").write_text(text)
    assert not is_ready(project)


def test_what_is_handed_over_runs_in_the_same_console_with_its_exit_code(tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text("import json, os, sys; print(json.dumps(sys.argv[1:]), flush=True); sys.exit(5)")
    code = "import os, run, sys; sys.exit(run.run_there([sys.executable] + sys.argv[1:], dict(os.environ)))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(script), "solve", "мой файл.xlsx"], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 5
    assert json.loads(done.stdout) == ["solve", "мой файл.xlsx"]


def test_an_incomplete_environment_is_named_instead_of_set_up_for_ever(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(run.IS_SET_UP, "1")
    monkeypatch.setattr(run, "installed_here", lambda name: None if name == "pyomo" else "99")
    assert run.main(["--version"]) == 1
    assert "lacks pyomo. Delete that folder" in capsys.readouterr().err


def test_an_activated_environment_with_the_packages_is_used(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> str:
        raise AssertionError("nothing is to be set up")

    monkeypatch.setattr(run, "set_up", never)
    monkeypatch.delenv(run.IS_SET_UP, raising=False)
    with pytest.raises(SystemExit) as stop:
        run.main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out.strip() == model.__version__


def test_the_version_stands_in_one_place_and_the_citation_agrees() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    found = re.search(r"(?m)^version: (.+)$", citation)
    assert found, "CITATION.cff names no version"
    assert found[1] == model.__version__
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {model.__version__}" in changelog
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert "version" not in tomllib.load(file)["project"]


def test_every_requirement_is_fixed_to_a_version_that_meets_it() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    fixed = dict(line.lower().split("==") for line in lines if not line.startswith("#"))
    wanted = run.requirements(("test",), str(ROOT))
    assert run.lacking([one.lower() for one in wanted], fixed.get) == []
    assert all("/" not in line for line in lines), "no address of a package index"


def test_the_first_screen_of_the_readme_holds_the_two_commands() -> None:
    first = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:40]
    start = first.index("```")
    block = first[start + 1 : first.index("```", start + 1)]
    assert block == ["python run.py", "python run.py test"]


@pytest.mark.skipif(os.name == "nt", reason="run.bat is read as text elsewhere")
def test_run_bat_hands_its_arguments_on() -> None:
    text = (ROOT / "run.bat").read_bytes()
    assert b'"%~dp0run.py" %*' in text
    assert text.count(b"\n") == text.count(b"\r\n"), "cmd.exe wants its own line ends"
