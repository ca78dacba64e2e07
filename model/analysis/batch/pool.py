"""Where the runs of a batch are solved: in this process, in others of this machine, or on any executor."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from multiprocessing import parent_process
from multiprocessing.context import SpawnContext, SpawnProcess
from types import ModuleType
from typing import Any, Final, Protocol

import numpy as np

from model.analysis.batch.store import Row
from model.analysis.batch.worker import UPDATE, Job, Run, solve_some
from model.errors import ModelError, UsageError

# a worker hands in what it has after so many seconds, and gets at most so many runs at a time
SECONDS: Final = 0.25
CHUNK: Final = 32
# what an executor may raise for a worker that died; Dask's errors are known by name, since it may not be installed
_DEAD: Final = ("KilledWorker", "CommClosedError", "FutureCancelledError", "CancelledError")


class Source(Protocol):
    """What gives an executor, and another one where workers have died."""

    @property
    def ahead(self) -> int:
        """How many chunks to hand out at once."""

    def executor(self) -> Executor:
        """The executor."""

    def renew(self) -> None:
        """Make good for dead workers."""

    def close(self) -> None:
        """Let the workers go; what they have not begun is dropped."""


class Processes:
    """Processes of this machine, started afresh (not forked) and never outliving this one."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._pool: ProcessPoolExecutor | None = None

    @property
    def ahead(self) -> int:
        """One chunk in work and one waiting for each process."""
        return 2 * self.jobs

    def executor(self) -> Executor:
        """The pool, started when it is first needed."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.jobs, mp_context=_Context(), initializer=_follow)
        return self._pool

    def renew(self) -> None:
        """Leave the broken pool; the next call starts another."""
        self.close()

    def close(self) -> None:
        """End the processes after the chunk that each has in work."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


class _Process(SpawnProcess):
    """A process that does not run the user's script again: scripts of ten lines have no ``if __name__ …``."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 (the name is that of multiprocessing)
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            return SpawnProcess._Popen(process_obj)
        finally:
            sys.modules["__main__"] = main


class _Context(SpawnContext):
    Process = _Process


def _follow() -> None:
    """Leave Ctrl-C to the process that started this one, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Given:
    """The user's own executor, which stays theirs."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self.ahead = 2 * int(getattr(executor, "_max_workers", None) or os.cpu_count() or 1)

    def executor(self) -> Executor:
        """The executor."""
        return self._executor

    def renew(self) -> None:
        """Nothing can be made good for here."""
        raise ModelError("The executor that was passed has lost a worker and takes no more runs; what is done is kept.")

    def close(self) -> None:
        """The user closes it."""


def spread(source: Source, job: Job, runs: Sequence[Run]) -> Iterator[list[Row]]:
    """Rows in the order in which they are finished; a run whose worker dies is tried again, in the end alone.

    Raises what the runs raise that is no fault of theirs (AuditError), and ModelError where workers are lost for good.
    """
    size = max(1, min(CHUNK, len(runs) // (4 * source.ahead)))
    chunks = deque(runs[i : i + size] for i in range(0, len(runs), size))
    going: dict[Future[list[Row]], Sequence[Run]] = {}
    while chunks or going:
        suspects: list[Run] = []
        if not _hand_out(source, job, chunks, going) and not going:
            source.renew()
            continue
        done, _ = wait(going, return_when=FIRST_COMPLETED)
        for future in done:
            chunk = going.pop(future)
            rows = _result(future)
            if rows is None:
                suspects += chunk
                continue
            if len(rows) < len(chunk):
                chunks.appendleft(chunk[len(rows) :])
            yield rows
        if suspects:
            yield from _after_death(source, job, suspects, going)


def _hand_out(
    source: Source, job: Job, chunks: deque[Sequence[Run]], going: dict[Future[list[Row]], Sequence[Run]]
) -> bool:
    """Keep every worker busy; False where the executor takes nothing, which the chunks in work tell as well."""
    while chunks and len(going) < source.ahead:
        try:
            future = source.executor().submit(solve_some, job, chunks[0], SECONDS)
        except BrokenExecutor:
            return False
        going[future] = chunks.popleft()
    return True


def _result(future: Future[list[Row]]) -> list[Row] | None:
    """A chunk's rows; None where its worker died."""
    try:
        return future.result()
    except BrokenExecutor:
        return None
    except BaseException as error:
        if type(error).__name__ in _DEAD:
            return None
        raise


def _after_death(
    source: Source, job: Job, suspects: list[Run], going: dict[Future[list[Row]], Sequence[Run]]
) -> Iterator[list[Row]]:
    """What was in work when a worker died, run by run and one at a time: so the run that kills its worker is known."""
    wait(going)
    for future, chunk in list(going.items()):
        rows = _result(future)
        if rows is not None:
            yield rows
        suspects += chunk[len(rows or ()) :]
    going.clear()
    source.renew()
    for run in suspects:
        yield [_alone(source, job, run)]


def _alone(source: Source, job: Job, run: Run) -> Row:
    for _ in range(2):
        rows = _result(source.executor().submit(solve_some, job, [run], 0.0))
        if rows is not None:
            return rows[0]
        source.renew()
    reason = "the process that solved it died, twice"
    return Row(run.number, run.label, run.scenario, "error", np.nan, UPDATE, False, reason, 0.0, np.empty(0))


def in_this_process(job: Job, runs: Sequence[Run], seconds: float) -> Iterator[list[Row]]:
    """Rows one by one, until some seconds have passed."""
    end = time.perf_counter() + seconds
    for run in runs:
        yield solve_some(job, [run], 0.0)
        if time.perf_counter() > end:
            return


def checked_jobs(jobs: int | None) -> int:
    """How many processes; every processor that this one may use where nothing is said."""
    if jobs is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if jobs < 1:
        raise UsageError(f"jobs is {jobs}; it needs to be 1 or more.")
    return jobs
