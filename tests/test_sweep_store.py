"""What a batch keeps: nothing is lost or counted twice, whatever stops it, and nothing is mixed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from model import read_case, sweep
from model.analysis.batch import pool
from model.analysis.batch.pool import Processes, spread
from model.analysis.batch.store import Row, Store
from model.analysis.batch.worker import Job, Run, solve_some
from model.case import Case
from model.errors import ModelError, UsageError
from model.scenario import with_changes
from tests import cases
from tests.test_layout import ROOT
from tests.test_sweep import tariffs, two

TUTORIAL = ROOT / "inputs" / "tutorial.xlsx"
OUTPUTS = ["exports", "flows"]
# a script of a user's, without the guard that multiprocessing asks for
SCRIPT = """\
import sys
sys.path.insert(0, sys.argv[1])
from model import read_case, sweep
from tests.test_sweep import tariffs
case = read_case(sys.argv[2])
batch = sweep(case, tariffs(case, 1500), ["exports", "flows"], jobs=2, store=sys.argv[3])
for _ in batch:
    print(len(batch.store.done()), flush=True)
"""


def alive(parent: int) -> list[int]:
    """Processes whose parent is, or was, a given one, by the system's own list."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = entry.read_bytes()
        except OSError:
            continue
        if b"spawn_main" in text and f"parent_pid={parent}".encode() in text:
            found.append(int(entry.parent.name))
    return found


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill −9")
def test_after_kill_9_nothing_is_lost_or_counted_twice(tmp_path: Path) -> None:
    """A script of two workers is killed at some 100 of 1 500 runs; resumed, all rows are those of an unbroken batch."""
    store = tmp_path / "runs.sqlite"
    command = [sys.executable, "-c", SCRIPT, str(ROOT), str(TUTORIAL), str(store)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as script:
        assert script.stdout is not None
        told = next(int(line) for line in script.stdout if int(line) > 100)
        script.send_signal(signal.SIGKILL)
    left = Store(store).done()
    assert told <= len(left) < 1500, "what was told to be done is kept, and the kill came in mid-run"
    case = read_case(TUTORIAL)
    runs = tariffs(case, 1500)
    fresh: list[int] = []
    batch = sweep(case, runs, OUTPUTS, jobs=1, store=store, resume=True)
    kept = {row.run: row.seconds for row in batch.store.rows()}
    frame = batch.frame()
    fresh = [row.run for row in batch.store.rows() if kept.get(row.run) != row.seconds]
    assert len(fresh) == 1500 - len(left), "runs that were kept are not solved again"
    assert frame["run"].tolist() == list(range(1, 1501))
    whole = sweep(case, runs, OUTPUTS, jobs=1).frame()
    pd.testing.assert_frame_equal(frame, whole, check_exact=True)
    if Path("/proc").exists():
        end = time.time() + 20
        while alive(script.pid) and time.time() < end:
            time.sleep(0.1)
        assert not alive(script.pid), "workers end with the process that started them"


def test_a_store_is_gone_on_with_only_as_the_batch_that_it_is(tmp_path: Path) -> None:
    """Another workbook, design or outputs: refused, with what differs; without resume it is left alone."""
    path = tmp_path / "runs.sqlite"
    runs = [{"Links:pipe:tariff": float(i)} for i in range(4)]
    batch = sweep(two(), runs, ["exports"], jobs=1, store=path)
    first = next(iter(batch))
    assert first["run"] == 1
    batch.store.close()
    other = cases.read(cases.two_markets(Contracts=[]))
    changed = with_changes(two(), {"Links:ship:tariff": 1.0})
    for case, design, outputs, message in (
        (other, runs, ["exports"], "the workbook has changed"),
        (changed, runs, ["exports"], "the case was changed in another way"),
        (two(), runs[:3], ["exports"], "the design is another"),
        (two(), [*runs[:3], {"Links:pipe:tariff": 9.0}], ["exports"], "the design is another"),
        (two(), runs, ["flows"], "other outputs are asked for"),
    ):
        with pytest.raises(UsageError, match=message):
            sweep(case, design, outputs, jobs=1, store=path, resume=True)
    with pytest.raises(UsageError, match="holds a batch already"):
        sweep(two(), runs, ["exports"], jobs=1, store=path)
    assert Store(path).done() == {1}
    assert len(sweep(two(), runs, ["exports"], jobs=1, store=path, resume=True).frame()) == 4


def test_a_run_is_kept_once() -> None:
    store = Store(None)
    row = Row(1, "a", "base", "optimal", 1.0, "update", False, "", 0.0, np.array([1.0, 2.0]))
    store.add([row])
    with pytest.raises(sqlite3.IntegrityError):
        store.add([row])
    (found,) = store.rows()
    assert found.outputs.tolist() == [1.0, 2.0]


def test_the_store_holds_nothing_that_can_be_run(tmp_path: Path) -> None:
    """No pickles: only numbers and texts, which any SQLite reads; and the log is written ahead."""
    path = tmp_path / "runs.sqlite"
    sweep(two(), [{}], ["exports"], jobs=1, store=path).frame()
    base = sqlite3.connect(path)
    assert base.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    (blob,) = base.execute("SELECT outputs FROM runs").fetchone()
    assert np.frombuffer(blob, "<f8").tolist() == pytest.approx([9.6])


def test_a_file_of_another_kind_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    path.write_text("a letter, and by no means a base of any kind; " * 20, encoding="utf-8")
    with pytest.raises(UsageError, match="is no store of a batch"):
        sweep(two(), [{}], jobs=1, store=path)
    with pytest.raises(UsageError, match="cannot be written to"):
        sweep(two(), [{}], jobs=1, store=tmp_path / "nowhere" / "runs.sqlite")


def fatal(job: Job, runs: list[Run], seconds: float) -> list[Row]:
    """Stands for a solve that takes its process down with it, when it comes to run 7."""
    for i, run in enumerate(runs):
        if run.number == 7:
            if i == 0:
                os._exit(9)
            return solve_some(job, runs[:i], np.inf)
    return solve_some(job, runs, seconds)


def test_a_run_that_kills_its_process_is_a_row_and_all_others_are_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run 7 of 20 ends its process whenever it is tried; it is told apart from those that were in work beside it."""
    monkeypatch.setattr(pool, "solve_some", fatal)
    runs = [{"Links:pipe:tariff": float(i)} for i in range(20)]
    frame = sweep(two(), runs, ["exports"], jobs=2).frame()
    bad = frame[frame["status"] != "optimal"]
    assert bad["run"].tolist() == [7]
    assert bad["reason"].tolist() == ["the process that solved it died, twice"]
    assert frame["value"].drop(index=6).tolist() == pytest.approx([2620 + 6 * (30 - i) for i in range(20) if i != 6])


def test_an_executor_of_the_user_that_breaks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "solve_some", fatal)
    with ProcessPoolExecutor(1, mp_context=pool._Context()) as own:
        batch = sweep(two(), [{"Links:pipe:tariff": float(i)} for i in range(20)], executor=own)
        with pytest.raises(ModelError, match="has lost a worker"):
            batch.frame()


def test_memory_does_not_grow_with_the_number_of_runs() -> None:
    """The rows of 2 500 runs pass through; what this process holds afterwards is not 2 500 rows more."""
    import tracemalloc

    case = two()
    batch = sweep(case, [{"Links:pipe:tariff": 1.0 + i / 1e4} for i in range(2600)], ["flows"], jobs=1)
    rows = batch.rows()
    for _ in range(500):
        next(rows)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(2000):
        next(rows)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 100_000, f"{grown / 2000:.0f} bytes a run"


def test_chunks_come_back_whole_whatever_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that hand in after every run (no time at all) leave the rest of a chunk to be handed out again."""
    monkeypatch.setattr(pool, "SECONDS", 0.0)
    case: Case = two()
    frame = sweep(case, [{"Links:pipe:tariff": float(i)} for i in range(40)], jobs=2).frame()
    assert frame["run"].tolist() == list(range(1, 41))
    assert (frame["status"] == "optimal").all()


def test_processes_are_ended_when_a_batch_is_left_early() -> None:
    source = Processes(1)
    batch = sweep(two(), [{}] * 50, jobs=1)
    rows = spread(source, batch.job, list(batch._runs()))
    next(rows)
    source.close()
    rows.close()
    assert source._pool is None
