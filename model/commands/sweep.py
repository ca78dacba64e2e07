"""``sweep``: many runs of a workbook by a design, each kept as it is finished, and what they say together."""

from __future__ import annotations

import argparse
import sqlite3
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from model.commands.keeping import asked, keep_input, keep_log, read_input
from model.errors import ModelError, UsageError
from model.report.console import Screen
from model.report.folder import LOG, OutputFolder, open_folder

if TYPE_CHECKING:
    import pandas as pd

    from model.analysis.batch.design import Design
    from model.analysis.batch.sweep import Sweep
    from model.analysis.designs.carrying_out import Outcome
    from model.case import Case

STOPPED: Final = 130
NO_OPTIMUM: Final = 3
# numbers of all runs together; above it volumes are kept as sums over the horizon
MOST_NUMBERS: Final = 20_000_000
MOST_CAUSES: Final = 5  # on the screen; all are in the table
_STORES: Final = ("runs.sqlite", "pairs.sqlite")
_BEGUN: Final = "unfinished-"


@dataclass
class _Job:
    """One call of the command, with the rows of its stores as they were counted."""

    arguments: argparse.Namespace
    screen: Screen
    case: Case
    data: bytes
    folder: OutputFolder
    batches: list[Sweep] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    done: int = 0
    started: float = field(default_factory=time.perf_counter)


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Run, answer and write; returns the exit code."""
    from model.analysis.batch.pool import checked_jobs
    from model.analysis.designs.kinds import design_for
    from model.cli import OUTPUTS

    checked_jobs(arguments.jobs)
    case, data = read_input(arguments.workbook)
    for notice in case.notices:
        screen.notice(notice)
    options = {"scenario": arguments.scenario, "span": arguments.span}
    design = design_for(case, arguments.design, runs=arguments.runs, seed=arguments.seed, **options)
    with open_folder(arguments.workbook, OUTPUTS, arguments.out, part=f"sweep-{arguments.design}") as folder:
        job = _Job(arguments, screen, case, data, folder)
        if not _make_ready(job):
            return 0
        try:
            return _carry_out(job, design)
        except KeyboardInterrupt:
            screen.error(f"Stopped after {job.done:,} runs; all of them are kept. {_how_to_go_on(arguments)}")
            return STOPPED
        finally:
            for batch in job.batches:
                batch.store.close()


def _how_to_go_on(arguments: argparse.Namespace) -> str:
    return f"Go on with the same command and --resume: python run.py sweep {arguments.workbook} … --resume"


def _make_ready(job: _Job) -> bool:
    """Whether runs are to be solved: what an earlier call left is gone on with, or put aside where nobody asked."""
    first = job.folder.path / f"{_BEGUN}{_STORES[0]}"
    if job.arguments.resume and job.folder.went_on:
        job.screen.line(f"All runs were solved; their results were put in their places just now: {job.folder.path}")
        return False
    if job.arguments.resume and not first.exists():
        raise UsageError(f"There is nothing to go on with in {job.folder.path}; leave --resume out.")
    if job.arguments.resume or not first.exists():
        return True
    for name in reversed(_STORES):  # the first last: while it is there, this has not been done
        store = job.folder.path / f"{_BEGUN}{name}"
        if store.exists():
            # closing the store brings in what its log still holds
            sqlite3.connect(store).execute("PRAGMA wal_checkpoint(TRUNCATE)").connection.close()
            store.replace(store.with_name(f"earlier-{name}"))
    job.screen.notice(f"An unfinished sweep was here; it is kept as earlier-{_STORES[0]}.")
    return True


def _carry_out(job: _Job, design: Design) -> int:
    from model.analysis.designs.carrying_out import carry_out

    job.screen.line(f"{len(design):,} runs: {design.kind} of {job.case.name}")
    outcome = carry_out(job.case, design, lambda one: _solved(job, one))
    _write(job, outcome)
    _say(job, outcome)
    return 0 if any(status in ("optimal", "feasible") for status in job.statuses) else NO_OPTIMUM


def _solved(job: _Job, design: Design) -> pd.DataFrame:
    """Solve a design's runs, showing how far they are."""
    from model.analysis.batch.sweep import sweep

    a = job.arguments
    store = job.folder.path / f"{_BEGUN}{_STORES[len(job.batches)]}"
    batch = sweep(
        job.case,
        design,
        _outputs(job, design),
        jobs=a.jobs if a.cluster is None else None,
        cluster=a.cluster,
        store=store,
        resume=store.exists(),
    )
    job.batches.append(batch)
    kept = len(batch.store.done())
    if kept:
        job.screen.line(f"{kept:,} of {len(design):,} runs are kept from before.")
    started, count = time.perf_counter(), 0
    with job.screen.counting() as show:
        for row in batch.rows():
            count += 1
            job.done += 1
            job.statuses[row.status] += 1
            if count > kept:
                show(progress(count, len(design), count - kept, time.perf_counter() - started, job.statuses))
    return batch.frame()


def progress(count: int, total: int, solved: int, seconds: float, statuses: Counter[str]) -> str:
    """How far a batch is: runs, rate, time left, failures."""
    rate = solved / max(seconds, 1e-9)
    minutes, rest = divmod(round((total - count) / max(rate, 1e-9)), 60)
    failed = sum(number for status, number in statuses.items() if status not in ("optimal", "feasible"))
    told = f"{count:,} of {total:,} runs, {rate:.3g} a second, {minutes}:{rest:02d} left"
    return f"{told}, {failed:,} failed" if failed else told


def _outputs(job: _Job, design: Design) -> list[str]:
    """Volumes by corridor, in every period where that many numbers can be looked at together."""
    from model.analysis.batch.outputs import TOTAL, columns_of
    from model.analysis.batch.worker import places
    from model.analysis.designs.frames import CORRIDORS, OUTPUTS

    found = places(job.case, design.scenarios)
    each = len(columns_of(OUTPUTS, next(iter(found.values()))))
    if each * len(design) <= MOST_NUMBERS:
        return list(OUTPUTS)
    job.screen.notice("So many runs keep the volume of each corridor over the horizon, not in every period.")
    return [f"{CORRIDORS}@{TOTAL}"]


def _write(job: _Job, outcome: Outcome) -> None:
    from model.report.sweep.write import write_sweep
    from model.report.table_text import file_name, write_csv

    try:
        staging = job.folder.start()
        with job.screen.working("Writing the results"):
            (staging / "tables").mkdir()
            write_csv(outcome.frame, staging / "tables" / "all_runs.csv")
            for name, table in outcome.tables.items():
                write_csv(table, staging / "tables" / file_name(name))
            write_sweep(staging, job.case, outcome)
            keep_input(staging, {job.arguments.workbook.name: job.data})
            keep_log(staging / LOG, job.screen.lines)
        for batch in job.batches:
            batch.store.close()
        # the stores stay where --resume looks for them until the results are complete
        moved = {name: f"{_BEGUN}{name}" for name in _STORES[: len(job.batches)]}
        job.folder.publish(_record(job, outcome), datetime.now(), moved)
    except OSError as error:
        raise ModelError(
            f"The results could not be written to {job.folder.path} ({error}); the runs are kept. "
            f"{_how_to_go_on(job.arguments)}"
        ) from error


def _record(job: _Job, outcome: Outcome) -> dict[str, Any]:
    """Content of run.json but for the files."""
    from model.report.record import head

    design, frame = outcome.design, outcome.frame
    return {
        **head(job.case, asked(job.arguments)),
        "sweep": {
            "design": design.kind,
            "seed": design.seed,
            "runs": len(design),
            "scenarios": list(dict.fromkeys(design.scenarios)),
            "factors": list(design.factors),
            "outputs": [str(column) for column in job.batches[0].columns],
            "statuses": frame["status"].value_counts(sort=False).to_dict(),
            "paths": frame["path"].value_counts(sort=False).to_dict(),
            "verified": int(frame["verified"].sum()),
        },
        "seconds": {"whole": round(time.perf_counter() - job.started, 3)},
    }


def _say(job: _Job, outcome: Outcome) -> None:
    screen, frame = job.screen, outcome.frame
    for notice in job.folder.notices:
        screen.notice(notice)
    seconds = time.perf_counter() - job.started
    screen.heading(f"{len(frame):,} runs in {seconds:.1f} s, {int(frame['verified'].sum()):,} verified from nothing")
    counts = [[str(status), f"{number:,}"] for status, number in frame["status"].value_counts(sort=False).items()]
    screen.table(["status", "runs"], counts)
    good = frame["value"].dropna()
    if len(good):
        screen.line(f"Value from {good.min():,.1f} to {good.max():,.1f} million USD, discounted.")
    _say_failures(screen, outcome)
    screen.line(f"Results: {job.folder.path}")


def _say_failures(screen: Screen, outcome: Outcome) -> None:
    """Why runs have no optimum: each cause once, as far as numbers contradict each other; else the reason given."""
    frame, found = outcome.frame, outcome.tables.get("Causes")
    for row in [] if found is None else found.head(MOST_CAUSES).to_dict("records"):
        count = f"{row['runs_with_it']:,} of {row['runs_searched']:,} infeasible runs searched"
        screen.line(f"{count}, the first is run {row['first_run']:,}, {row['first_label']}:")
        screen.line(f"  {row['contradiction']}")
        if row["repair"]:
            screen.line(f"  to mend it, {row['repair']}")
    told = found is not None and len(found)
    others = frame[(frame["reason"] != "") & ~((frame["status"] == "infeasible") & bool(told))]
    for reason in list(dict.fromkeys(others["reason"]))[:3]:
        screen.line(f"Without an optimum: {reason}")
