"""Killed, out of space, locked or held open: earlier results stay whole, and the next run sets right what was left."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import pytest

from model.errors import ModelError
from model.report import handover, lock
from model.report.files import sha256
from model.report.folder import OutputFolder, hold, open_folder
from model.report.lock import FolderLock
from tests.conftest import Command
from tests.plan_cases import three_ways
from tests.test_rerun import Write

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 3, 4, 5, 6, 7)
KILLS = 10
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")


@posix
def test_whatever_is_killed_earlier_results_are_whole_and_the_next_run_works() -> None:
    """A few of the kills; ``python -m tests.kills --kills 100`` tries more."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.kills", "--kills", str(KILLS)],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    found = json.loads(done.stdout)
    assert [fault for one in found.values() for fault in one["faults"]] == []
    assert sum(one["survived"] for one in found.values()) == KILLS
    assert all(one["killed"] for one in found.values()), "a trial that no kill ends tries nothing"


def leave(folder: OutputFolder, text: str, **files: str) -> None:
    """One run that leaves a few files."""
    staging = folder.start()
    (staging / "tables").mkdir()
    for name in ("results.xlsx", "tables/flows.csv"):
        (staging / name).write_text(text)
    (folder.path / "unfinished-runs.sqlite").write_text(text)
    folder.publish({"text": text, **files}, NOW, {"runs.sqlite": "unfinished-runs.sqlite"})


def is_whole(folder: Path, text: str) -> bool:
    """Whether a folder holds the run of a text, every file as the record says."""
    record = json.loads((folder / "run.json").read_text())
    files = {name: sha256(folder / name) for name in ("results.xlsx", "tables/flows.csv", "runs.sqlite")}
    return record == {"text": text, "files": files} and (folder / "results.xlsx").read_text() == text


@pytest.mark.parametrize("step", range(1, 7))
def test_an_exchange_is_gone_on_with_wherever_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Every renaming fails in turn: history, journal, three files, record. From the journal on the new run comes."""
    with hold(tmp_path / "out") as folder:
        leave(folder, "one")
    replace, count = Path.replace, 0

    def fails(self: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count == step:
            raise OSError(28, "No space left on device")
        return replace(self, target)

    with hold(tmp_path / "out") as folder, monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fails)
        begun = step > 2
        told = (ModelError, "next run into that folder goes on") if begun else (OSError, "No space")
        with pytest.raises(told[0], match=told[1]):
            leave(folder, "two")
        kept = sorted(path for path in (tmp_path / "out").rglob("run.json") if ".unfinished" not in path.parts)[-1]
        assert is_whole(kept.parent, "one")
        assert (kept.parent == tmp_path / "out") is (not begun)
    with hold(tmp_path / "out") as folder:
        assert folder.went_on is begun
        assert is_whole(tmp_path / "out", "two" if begun else "one")
        assert not folder.staging.exists()


@posix
@pytest.mark.parametrize("step", range(1, 8))
def test_after_a_power_cut_what_a_record_names_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """The machine stops at a renaming, or after the last: what was not yet forced to the disk comes back empty."""
    settled, renamed, replace = set(), 0, Path.replace

    def forced(handle: int) -> None:
        settled.add((os.fstat(handle).st_ino, os.fstat(handle).st_mtime_ns))

    def stops(self: Path, target: Path) -> Path:
        nonlocal renamed
        renamed += 1
        if renamed == step:
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", forced)
    with hold(tmp_path / "out") as folder:
        leave(folder, "one")
    with hold(tmp_path / "out") as folder, monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stops)
        with pytest.raises(KeyboardInterrupt) if step < 7 else contextlib.nullcontext():
            leave(folder, "two")
    for path in (path for path in (tmp_path / "out").rglob("*") if path.is_file()):
        if (path.stat().st_ino, path.stat().st_mtime_ns) not in settled:
            path.write_text("")
    hold(tmp_path / "out").close()
    assert is_whole(tmp_path / "out", "one" if step < 3 else "two")
    (earlier,) = (tmp_path / "out" / "history").iterdir() if step > 1 else [tmp_path / "out"]
    assert is_whole(earlier, "one")


def test_a_journal_that_climbs_out_of_its_folder_is_not_followed(tmp_path: Path) -> None:
    """Nor is one of whose files some are gone or changed: what is staged then is half a run."""
    (tmp_path / "victim").write_text("mine")
    staging = tmp_path / "out" / ".unfinished"
    mine = sha256(tmp_path / "victim")
    good = {"record": {}, "files": {}, "moved": {}, "earlier": [], "at": "2026-01-01_000000"}
    for entries in (
        {"files": {"../victim": mine}},
        {"files": {"a": mine}, "moved": {"a": "../victim"}},
        {"earlier": ["../victim"]},
        {"at": "/../../victim"},
        {"files": {"a": "0"}},
        {"record": []},
        {"more": 1},
    ):
        staging.mkdir(parents=True)
        (staging / "exchange.json").write_text(json.dumps({**good, **entries}))
        with hold(tmp_path / "out") as folder:
            assert not folder.went_on, entries
        assert not staging.exists()
        assert (tmp_path / "victim").read_text() == "mine"


def test_half_a_run_in_the_history_goes_and_what_is_the_users_stays(tmp_path: Path) -> None:
    history = tmp_path / "out" / "history"
    (history / "2020-01-01_000000").mkdir(parents=True)
    (history / "2020-01-01_000000" / "results.xlsx").write_text("half")
    (history / "before the ministry").mkdir()
    for text in ("one", "two", "two again"):
        with hold(tmp_path / "out") as folder:
            leave(folder, text)
    kept = [path.name for path in history.iterdir()]
    assert len(kept) == 3
    assert "before the ministry" in kept
    assert "2020-01-01_000000" not in kept


def test_a_run_is_kept_once_when_the_exchange_after_it_was_begun_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hold(tmp_path / "out") as folder:
        leave(folder, "one")
    with hold(tmp_path / "out") as folder, monkeypatch.context() as patch:
        patch.setattr(handover, "write_whole", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            leave(folder, "two")
    with hold(tmp_path / "out") as folder:
        leave(folder, "three")
    assert len(list((tmp_path / "out" / "history").iterdir())) == 1


def test_a_file_beside_a_run_is_whole_or_as_it_was(tmp_path: Path) -> None:
    with hold(tmp_path / "out") as folder:
        folder.put_aside("a.xlsx", lambda path: path.write_text("one"))
        with pytest.raises(OSError, match="full"):
            folder.put_aside("a.xlsx", lambda path: path.write_text("half") and (_ for _ in ()).throw(OSError("full")))
        assert (tmp_path / "out" / "a.xlsx").read_text() == "one"
        (tmp_path / "out" / "~$a.xlsx").write_text("")
        beside = folder.put_aside("a.xlsx", lambda path: path.write_text("two"))
        assert beside.read_text() == "two"
        assert (tmp_path / "out" / "a.xlsx").read_text() == "one"
    assert "a.xlsx is open in Excel and was left as it is" in folder.notices[0]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {".lock", "a.xlsx", "~$a.xlsx", beside.name}


def test_a_folder_in_which_only_traces_are_is_taken_over(tmp_path: Path) -> None:
    """Killed before it was named after its workbook; and a name that was cut off on the way."""
    home = tmp_path / "outputs" / "a"
    home.mkdir(parents=True)
    (home / ".lock").write_text("1")
    (home / ".workbook").write_text("0123")
    with open_folder(tmp_path / "a.xlsx", tmp_path / "outputs") as folder:
        assert folder.path == home
        leave(folder, "one")
    with open_folder(tmp_path / "b" / "a.xlsx", tmp_path / "outputs") as folder:
        assert folder.path.name == "a-2"
    assert not (tmp_path / "outputs" / "a-2").exists(), "nothing was written into it"


def test_a_lock_whose_file_was_removed_meanwhile_is_taken_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run before lets its folder go between opening and locking: that lock would hold nothing."""
    first, second, third = (FolderLock(tmp_path) for _ in range(3))
    first.take()
    taken = lock._lock

    def late(file: BinaryIO) -> None:
        first.remove()
        monkeypatch.setattr(lock, "_lock", taken)
        taken(file)

    monkeypatch.setattr(lock, "_lock", late)
    second.take()
    assert second.path.exists()
    with pytest.raises(ModelError, match=f"process {os.getpid()}"):
        third.take(0.1)
    second.release()


@pytest.mark.parametrize("command", ["solve", "plan", "projects", "sweep"])
def test_a_folder_that_another_run_holds_is_refused_before_anything_is_solved(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    out = tmp_path / "out" / (command if command in ("plan", "projects") else ".")
    words = ("--design", "scenarios") if command == "sweep" else ()
    with hold(out):
        assert run_cli(command, write_tables(three_ways()), *words, "--out", tmp_path / "out") == 2
    assert f"Another run (process {os.getpid()}) is writing to" in capsys.readouterr().err


@posix
def test_no_room_on_the_disk_is_said_and_leaves_earlier_results(write_tables: Write, tmp_path: Path) -> None:
    """No file may be larger than 20 kB: results.xlsx and the page do not fit, the tables do."""
    book, out = write_tables(three_ways()), tmp_path / "out"
    code = (
        "import resource, signal, sys; from model import cli; arguments = sys.argv[1:]; first = cli.main(arguments); "
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); "
        "sys.exit(first * 100 + cli.main(arguments))"
    )
    command = [sys.executable, "-c", code, "solve", str(book), "--out", str(out)]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "could not be written" in done.stderr
    assert "Traceback" not in done.stderr
    files = json.loads((out / "run.json").read_text())["files"]
    assert files == {name: sha256(out / name) for name in files}
    assert {path.name for path in out.iterdir()} == {
        ".lock", "input", "report.html", "results.xlsx", "run.json", "run.log", "tables",
    }  # fmt: skip
