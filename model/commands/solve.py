"""``solve``: a workbook's scenarios, from the file to the folder of results."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from model.commands.keeping import asked, keep_input, keep_log, read_input
from model.errors import ModelError, NoAnswer, UsageError
from model.report.console import Screen
from model.report.folder import LOG, WORKBOOK, OutputFolder, open_folder

if TYPE_CHECKING:
    import pandas as pd

    from model.api import Run
    from model.case import Case
    from model.report.content import Content
    from model.results.declare import Extras

SOME_FAILED = 5
INTERRUPTED = "Ctrl-C"


@dataclass
class _Job:
    """One call of the command, with the seconds spent on each of its parts."""

    arguments: argparse.Namespace
    screen: Screen
    case: Case
    data: bytes
    runs: list[Run] = field(default_factory=list)
    failures: dict[str, NoAnswer] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    results: Path = Path()
    page: Path = Path()

    def spent(self, part: str, started: float) -> None:
        self.seconds[part] = time.perf_counter() - started


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Solve and write; returns the exit code."""
    from model.cli import OUTPUTS

    started = time.perf_counter()
    with screen.working("Starting"):
        from model import api  # noqa: F401  (half a second, in the open)
    imported = time.perf_counter()
    path = arguments.workbook
    with screen.working(f"Reading {path.name}"):
        case, data = read_input(path)
    job = _Job(arguments, screen, case, data, seconds={"imports": imported - started})
    job.spent("read and check", imported)
    for notice in case.notices:
        screen.notice(notice)
    with open_folder(path, OUTPUTS, arguments.out) as folder:
        _solve(job)
        _say_failures(job, folder)
        if not job.runs:
            screen.error("No result was written; earlier results are as they were.")
            return min(error.exit_code for error in job.failures.values())
        content = _write(job, folder)
        _say(job, content, folder)
    stopped = any(one.status != "optimal" for one in job.runs)
    return SOME_FAILED if job.failures else NoAnswer.exit_code if stopped else 0


def _solve(job: _Job) -> None:
    from model.api import Failure, solve_scenarios
    from model.offers import offered_whole
    from model.scenario import runnable, with_scenario

    names = list(dict.fromkeys(job.arguments.scenario or runnable(job.case)))
    if not names:
        raise UsageError("No scenario is marked to run; write yes in the column run of the sheet Scenarios.")
    if any(offered_whole(with_scenario(job.case, name)) for name in names):
        job.screen.line(f"Units are whole: {INTERRUPTED} ends the search and keeps the best plan found.")
    started = time.perf_counter()
    results = solve_scenarios(job.case, names, periods=job.arguments.periods)
    for number, name in enumerate(names, 1):
        if job.runs and job.runs[-1].solution.stop == INTERRUPTED:
            job.failures[name] = NoAnswer(name, f"not solved: the run was stopped with {INTERRUPTED}.")
            continue
        count = f" {number} of {len(names)}" if len(names) > 1 else ""
        with job.screen.working(f"Solving scenario{count}: {name}"):
            result = next(results)
        if isinstance(result, Failure):
            if not isinstance(result.error, NoAnswer):
                raise result.error
            job.failures[name] = result.error
        else:
            job.runs.append(result)
    job.spent("solve", started)


def _say_failures(job: _Job, folder: OutputFolder) -> None:
    """Why scenarios have no result, each cause once; what contradicts itself also as a workbook."""
    from model.report.conflict import WORKBOOK as CONFLICT
    from model.report.conflict import write_conflicts

    causes: dict[tuple[object, ...], list[str]] = {}
    for name, error in job.failures.items():
        causes.setdefault(error.cause, []).append(name)
    for first, *others in causes.values():
        job.screen.error(str(job.failures[first]))
        if others:
            job.screen.error(f"  The same cause in {len(others)} more: {', '.join(others)}.")
    conflicts = _conflicts(job)
    try:
        if conflicts:
            path = folder.put_aside(CONFLICT, lambda path: write_conflicts(path, job.case, conflicts))
            job.screen.error(f"What contradicts itself, and what would mend it: {path}")
        else:
            folder.clear_aside(CONFLICT)
    except OSError as error:
        raise ModelError(f"{CONFLICT} could not be written to {folder.path} ({error}).") from error


def _conflicts(job: _Job) -> dict[str, NoAnswer]:
    """Scenarios without a plan whose numbers contradict each other."""
    return {name: error for name, error in job.failures.items() if error.conflicts}


def _write(job: _Job, folder: OutputFolder) -> Content:
    from model.report.content import gather
    from model.report.page.report import PAGE
    from model.report.record import record, status_of
    from model.results.registry import TABLES

    solutions = [one.solution for one in job.runs]
    failed = {name: (status_of(error), str(error)) for name, error in job.failures.items()}
    started = time.perf_counter()
    with job.screen.working("Making the tables"):
        frames = _frames(job)
        content = gather(job.case, solutions, failed, TABLES, frames)
    job.spent("tables", started)
    try:
        staging = folder.start()
        folder.notices += _write_files(job, content, staging)
        keep_input(staging, {job.arguments.workbook.name: job.data})
        now = datetime.now()
        _write_log(job, content, staging / LOG, now)
        about = asked(job.arguments)
        made = record(job.case, solutions, failed, about, periods=job.arguments.periods, seconds=job.seconds)
        placed = folder.publish(made, now)
    except OSError as error:
        raise ModelError(f"The results could not be written to {folder.path} ({error}).") from error
    job.results, job.page = folder.path / placed[WORKBOOK], folder.path / placed[PAGE]
    return content


def _write_files(job: _Job, content: Content, staging: Path) -> list[str]:
    """Write tables, workbook and page; returns notices."""
    from model.report.excel import write_results
    from model.report.page.report import PAGE, write_report

    started = time.perf_counter()
    with job.screen.working("Writing the CSV files"):
        _write_tables(job, content, staging)
    job.spent("csv", started)
    started = time.perf_counter()
    with job.screen.working(f"Writing {WORKBOOK}"):
        notices = write_results(staging / WORKBOOK, content, _conflicts(job))
    job.spent("excel", started)
    started = time.perf_counter()
    with job.screen.working(f"Writing {PAGE}"):
        write_report(staging / PAGE, job.case, [one.solution for one in job.runs], content)
    job.spent("page", started)
    return notices


def _frames(job: _Job) -> dict[str, pd.DataFrame]:
    from model.results.registry import all_tables

    extras = _extras(job)
    return all_tables([one.solution for one in job.runs], extras)


def _extras(job: _Job) -> dict[str, Extras]:
    """What tables tell more of: the workbook's own case, base beside others, and more solves of the first scenario."""
    from model.results.declare import Extras
    from model.scenario import BASE

    base = next((one.solution for one in job.runs if one.scenario == BASE), job.runs[0].usual)
    extras = {one.scenario: Extras(workbook=job.case, relaxed=one.relaxed, usual=base) for one in job.runs}
    first = job.runs[0]
    extras[first.scenario] = first.extras
    if len(first.case["Observed"]) and first.extras.freed is None:
        job.screen.notice("Without contracts and limits the case has no optimum; the backcast leaves that blank.")
    return extras


def _write_tables(job: _Job, content: Content, staging: Path) -> None:
    from model.report.exchange import IAMC, NOT_OPTIMAL, PACKAGE, write_iamc, write_package
    from model.report.table_text import file_name, write_csv

    (staging / "tables").mkdir()
    for name, frame in content.frames.items():
        write_csv(frame, staging / "tables" / file_name(name))
    write_package(staging / "tables" / PACKAGE, content.title, content.specs, content.frames, content.warnings)
    if content.warnings:
        (staging / "tables" / NOT_OPTIMAL).write_text("\n".join(content.warnings) + "\n", encoding="utf-8")
    if job.arguments.iamc:
        write_iamc(staging / IAMC, job.runs[0].case, content.frames)


def _write_log(job: _Job, content: Content, path: Path, now: datetime) -> None:
    from model.report.digest import say_digest
    from model.report.record import versions

    silent = Screen.silent()
    say_digest(silent, content)
    times = [f"{part}: {seconds:.2f} s" for part, seconds in job.seconds.items()]
    each = [f"{one.scenario}: {one.status}, {_times(one)}" for one in job.runs]
    head = [f"{job.case.name}, {now:%Y-%m-%d %H:%M:%S}", ", ".join(f"{k} {v}" for k, v in versions().items())]
    lines = [*head, "", *job.screen.lines, "", *each, *times, *silent.lines]
    keep_log(path, lines)


def _times(one: Run) -> str:
    return ", ".join(f"{part} {seconds:.3f} s" for part, seconds in one.solution.seconds.items())


def _say(job: _Job, content: Content, folder: OutputFolder) -> None:
    from model.report.digest import say_digest

    say_digest(job.screen, content)
    job.screen.line()
    lapsed: Sequence[str] = job.runs[0].solution.parameters.lapsed
    for notice in [*lapsed[:5], *([f"and {len(lapsed) - 5} more such"] if len(lapsed) > 5 else []), *folder.notices]:
        job.screen.notice(notice)
    job.screen.line(f"Pictures: {job.page}")
    job.screen.line(f"Results: {job.results}, the same tables as CSV in {folder.path / 'tables'}")
