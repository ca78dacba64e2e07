"""Runs of the command line that are killed at seeded moments, and what must be true afterwards.

``python -m tests.kills --kills 100`` tries a hundred and prints the counts as JSON. Each run is a forked child in which
an audit hook counts what is done to files below the folder of the trial, and sends SIGKILL to itself at the n-th. An
event counts before it happens, so that the child ends between any two: a file made but not filled, a name not yet
exchanged. One kill in five comes at a seeded time instead, for what has no events. POSIX only.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES: Final = frozenset(("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "sqlite3.connect"))
_BY_TIME: Final = 5
_TIMED: Final = ("run.json", "run.log", "runs.sqlite", ".lock", ".workbook")  # may differ between equal runs


@dataclass(frozen=True)
class Trial:
    """A command: its arguments in the folder of a trial, where its results are, and whether with a record."""

    name: str
    words: tuple[str, ...]
    results: str
    recorded: bool = True

    def arguments(self, home: Path) -> list[str]:
        """The command line; ``@`` in a word stands for the folder."""
        return [self.name, *(word.replace("@", str(home)) for word in self.words)]


_STEPS: Final = ("--of", "Links:pipe:tariff", "--from", "1", "--to", "40")
TRIALS: Final = (
    Trial("solve", ("@/case.xlsx",), "outputs/case"),
    Trial("sweep", ("@/case.xlsx", "--design", "scenarios", "--jobs", "1"), "outputs/case/sweep-scenarios"),
    Trial("plan", ("@/case.xlsx", "--criterion", "regret"), "outputs/case/plan"),
    Trial("projects", ("@/case.xlsx",), "outputs/case/projects"),
    Trial("compare", ("@/outputs/case", "base", "slump"), "outputs/case/compare/base_vs_slump"),
    Trial("staircase", ("@/case.xlsx", *_STEPS), "outputs/case/staircase/Links_pipe_tariff"),
    Trial("ranging", ("@/case.xlsx",), "outputs/case/ranging"),
    Trial("new", ("@/blank.xlsx",), ".", recorded=False),
)


@dataclass
class Outcome:
    """Kills of one command: tried, ended by the kill, survived; and what was wrong where one was not."""

    tried: int = 0
    killed: int = 0
    survived: int = 0
    faults: list[str] = field(default_factory=list)


def tried(kills: int, seed: int = 0, names: Sequence[str] = ()) -> dict[str, Outcome]:
    """Kill runs of every command (or of some), ``kills`` in all; outcomes by command.

    After each kill the earlier results must be whole and no half run may pass for one; the next run must work, give
    what a run in a clean folder gives, and leave nothing behind.
    """
    _preload()
    chosen = [trial for trial in TRIALS if trial.name in (names or [one.name for one in TRIALS])]
    found = {}
    for place, trial in enumerate(chosen):
        count = kills // len(chosen) + (place < kills % len(chosen))
        with tempfile.TemporaryDirectory() as folder:
            found[trial.name] = _Place(trial, Path(folder)).outcome(count, random.Random(f"{seed} {trial.name}"))
    return found


class _Place:
    """The folder of one command's trials; the input alternates between two states, so that mixtures show."""

    def __init__(self, trial: Trial, home: Path) -> None:
        self.trial, self.home = trial, home
        self.results = home / trial.results
        self.known: dict[str, set[str]] = {}  # of files without a record: digests of whole ones
        self.clean: dict[int, dict[str, str]] = {}

    def outcome(self, count: int, chance: random.Random) -> Outcome:
        found, (events, seconds) = Outcome(), self._prepare()
        for number in range(count if events else 0):
            by_time = number % _BY_TIME == _BY_TIME - 1
            when = chance.uniform(0.0, seconds) if by_time else chance.randint(1, events)
            earlier = self._record()
            self._input(number % 2)
            status = self._run(at=0 if by_time else int(when), after=when if by_time else 0.0)
            last = number == count - 1
            faults = [*self._damage(earlier), *(self._next_run(1 - number % 2) if last or number % 4 == 3 else ())]
            found.tried += 1
            found.killed += os.WIFSIGNALED(status)
            found.survived += not faults
            what = f"at {when:.3f} s" if by_time else f"at event {when} of {events}"
            found.faults += [f"{self.trial.name}, killed {what}: {fault}" for fault in faults]
        return found

    def _prepare(self) -> tuple[int, float]:
        """Whole runs of both states, one after the other; how many events and seconds a run has."""
        events, seconds = 0, 0.0
        for state in (0, 1):
            self._input(state)
            if self.trial.name == "compare":
                self._must(["solve", str(self.home / "case.xlsx")])
            began = time.perf_counter()
            events = self._must(self.trial.arguments(self.home))
            seconds = time.perf_counter() - began
            if self.trial.recorded:  # made once only, which would be one event more than later runs have
                (self.results / "history").mkdir(exist_ok=True)
            self.clean[state] = self._tables()
            for name, digest in self.clean[state].items():
                self.known.setdefault(name, set()).add(digest)
        return events, seconds

    def _input(self, state: int) -> None:
        """The workbook in one of its two states; a blank one that was made before would be refused."""
        from model.workbook.template import write_workbook
        from tests.export_case import export_tables
        from tests.plan_cases import three_ways

        (self.home / "blank.xlsx").unlink(missing_ok=True)
        sheets = export_tables() if self.trial.name in ("ranging", "staircase") else three_ways()
        sheets["Supply"][0]["capacity"] = 9.0 + state
        write_workbook(self.home / "case.xlsx", sheets, overwrite=True)

    def _must(self, arguments: list[str]) -> int:
        with tempfile.TemporaryFile() as count:
            status = _forked(self.home, arguments, report=count.fileno())
            if status != 0:
                raise RuntimeError(f"{arguments} ended with {status} without a kill")
            count.seek(0)
            return int(count.read())

    def _run(self, *, at: int = 0, after: float = 0.0) -> int:
        return _forked(self.home, self._arguments(), at=at, after=after)

    def _arguments(self) -> list[str]:
        words = self.trial.arguments(self.home)
        begun = (self.results / "unfinished-runs.sqlite").exists()
        return [*words, "--resume"] if begun and self._same_input() else words

    def _same_input(self) -> bool:
        """Whether the store that was begun is of the present input: another one is refused."""
        from model.analysis.batch.store import Store

        store = Store(self.results / "unfinished-runs.sqlite")
        digest = hashlib.sha256((self.home / "case.xlsx").read_bytes()).hexdigest()
        about = store.about
        store.close()
        return not about or about["input_sha256"] == digest

    def _record(self) -> bytes | None:
        path = self.results / "run.json"
        return path.read_bytes() if self.trial.recorded and path.is_file() else None

    def _damage(self, earlier: bytes | None) -> Iterator[str]:
        """What is wrong in the moment after a kill."""
        records = [path for path in self.results.rglob("run.json") if ".unfinished" not in path.parts]
        for path in records:
            for name, digest in json.loads(path.read_bytes())["files"].items():
                file = path.parent / name
                if not file.is_file() or _digest(file) != digest:
                    yield f"{file.relative_to(self.home)} is not what {path.relative_to(self.home)} says"
        if earlier is not None and not any(path.read_bytes() == earlier for path in records):
            yield "the earlier run is gone"
        if not self.trial.recorded:
            for name, digest in self._tables().items():
                if digest not in self.known.get(name, ()):
                    yield f"{name} is neither the earlier one nor the new one"

    def _next_run(self, state: int) -> Iterator[str]:
        """What is wrong after one more run, without a kill."""
        self._input(state)
        status = self._run()
        if status != 0:
            yield f"the next run ended with {status}"
        yield from self._damage(None)
        # a comparison is of the results that were solved last, whatever the workbook is now
        if self._tables() != self.clean[1 if self.trial.name == "compare" else state]:
            yield "the next run gives other files than one in a clean folder"
        left = [path for path in self.home.rglob("*") if "unfinished" in path.name or path.name.endswith(".new")]
        yield from (f"{path.relative_to(self.home)} was left behind" for path in left)
        history = self.results / "history"
        if history.is_dir() and len(list(history.iterdir())) > 10:
            yield "more than ten runs are kept"

    def _tables(self) -> dict[str, str]:
        """Digests of the files of the present results that depend on the input alone."""
        hidden = {path for path in self.results.rglob(".*") if path.is_dir()} | {self.results / "history"}
        files = [path for path in self.results.rglob("*") if path.is_file() and path.name not in _TIMED]
        own = [path for path in files if not hidden & set(path.parents) and not path.name.startswith("earlier-")]
        return {str(path.relative_to(self.results)): _digest(path) for path in own if path.name != "case.xlsx"}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _forked(home: Path, arguments: list[str], *, at: int = 0, after: float = 0.0, report: int = -1) -> int:
    """Run the command line in a child that is killed at its ``at``-th event or so many seconds on; its wait status."""
    child = os.fork()
    if child:
        if after:
            time.sleep(after)
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        return os.waitpid(child, 0)[1]
    code = 1
    try:
        code = _in_child(home, arguments, at, report)
    finally:
        os._exit(code)


def _in_child(home: Path, arguments: list[str], at: int, report: int) -> int:
    from model import cli

    cli.OUTPUTS = home / "outputs"  # type: ignore[misc]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    seen = 0

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal seen
        if _touches(event, args, str(home)):
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    code = cli.main(arguments)
    if report >= 0:
        os.write(report, str(seen).encode())
    return code


def _touches(event: str, args: tuple[Any, ...], home: str) -> bool:
    """Whether an event changes something below a folder."""
    if event == "open":
        path, _, flags = args
        return bool(flags & _WRITING) and isinstance(path, str | os.PathLike) and os.fspath(path).startswith(home)
    if event not in _CHANGES:
        return False
    # what is removed within an open folder is named by its last part alone
    inside = len(args) > 1 and isinstance(args[-1], int) and args[-1] >= 0
    return inside or str(args[0]).startswith(home)


def _preload() -> None:
    """Load once, before any fork, what the children need; nothing is solved here, for solvers have threads."""
    from importlib import import_module

    names = [f"model.commands.{trial.name}" for trial in TRIALS]
    names += ["model.api", "model.report.excel", "model.report.page.report", "model.report.sweep.write"]
    names += ["model.report.compare", "model.report.plan", "model.report.projects", "model.report.staircase"]
    names += ["model.report.ranging", "model.analysis.designs.carrying_out", "plotly.offline", "openpyxl"]
    for name in names:
        import_module(name)


def main() -> int:
    """The counts as JSON; 1 where a kill was not survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--command", nargs="+", default=[], choices=[trial.name for trial in TRIALS])
    options = parser.parse_args()
    found = tried(options.kills, options.seed, options.command)
    sys.stdout.write(json.dumps({name: asdict(one) for name, one in found.items()}, indent=2) + "\n")
    return int(any(one.faults for one in found.values()))


if __name__ == "__main__":
    sys.exit(main())
