"""A sweep on a real Dask cluster of two worker processes of this machine: the same answers, also when one dies."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model.analysis.batch.cluster import PATIENCE
from model.analysis.batch.sweep import sweep
from model.api import read_case
from model.case import Case
from model.errors import UsageError

pytest.importorskip("distributed")

ROOT = Path(__file__).parents[1]
WAIT = 60.0


def _start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "ignore", "-m", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def _says(process: subprocess.Popen[str], pattern: str) -> str:
    """What a line of a process's log tells."""
    assert process.stderr
    end = time.monotonic() + WAIT
    lines = []
    while time.monotonic() < end:
        line = process.stderr.readline()
        lines.append(line)
        if found := re.search(pattern, line):
            return found[1]
        if not line and process.poll() is not None:
            break
    raise AssertionError("".join(lines))


@pytest.fixture
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    """A scheduler and two workers, each a process of its own; its address and the workers."""
    scheduler = _start("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    processes = [scheduler]
    try:
        address = _says(scheduler, r"(tcp://127\.0\.0\.1:\d+)")
        for _ in range(2):
            processes.append(
                _start("distributed.cli.dask_worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard")
            )
        for worker in processes[1:]:
            _says(worker, r"(Registered to)")
        yield address, processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.communicate()


@pytest.fixture
def case() -> Case:
    return read_case(ROOT / "inputs" / "tutorial.xlsx")


def _runs(count: int) -> list[dict[str, float]]:
    return [{"Links:West pipe:tariff": 3 + 0.001 * i, "Markers:Brent:value": 60 + 0.01 * i} for i in range(count)]


OUTPUTS = ["exports", "corridors"]


def test_a_cluster_answers_as_this_machine_does(cluster: Any, case: Case) -> None:
    address, _ = cluster
    here = sweep(case, _runs(60), OUTPUTS, jobs=1).frame()
    there = sweep(case, _runs(60), OUTPUTS, cluster=address).frame()
    assert there.drop(columns="verified").equals(here.drop(columns="verified"))


def test_the_work_of_a_worker_that_dies_is_done_by_the_other(cluster: Any, case: Case) -> None:
    """One of two workers is killed with kill -9 while the runs are under way: every run is there once, and right."""
    address, workers = cluster
    count = 1500
    batch = sweep(case, _runs(count), OUTPUTS, cluster=address)
    for finished, _ in enumerate(batch, 1):
        if finished == 20:
            os.kill(workers[0].pid, signal.SIGKILL)
    assert finished == count
    there = batch.frame()
    here = sweep(case, _runs(count), OUTPUTS, jobs=1).frame()
    assert there["status"].eq("optimal").all()
    assert there.drop(columns="verified").equals(here.drop(columns="verified"))
    assert workers[0].wait(WAIT) == -signal.SIGKILL


def test_a_cluster_that_does_not_answer_is_told_before_any_run(case: Case) -> None:
    started = time.monotonic()
    with pytest.raises(UsageError, match=r"127\.0\.0\.1:9"):
        sweep(case, _runs(2), cluster="tcp://127.0.0.1:9")
    assert time.monotonic() - started < 3 * PATIENCE
