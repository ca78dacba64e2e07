"""One worker of a batch: it keeps a live programme and solves the runs that it is handed."""

from __future__ import annotations

import hashlib
import pickle
import threading
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from model.analysis.batch.outputs import Collector, Column, Place
from model.analysis.batch.store import OPTIMAL, Row
from model.case import Case
from model.engine import structure_of
from model.errors import AuditError, NoAnswer, UsageError
from model.formulation.layout import Layout, build_layout
from model.network import Network, build_network
from model.parameters import build_parameters
from model.precheck import precheck
from model.scenario import BASE, with_changes, with_scenario
from model.solver.highs import Start
from model.solver.resolver import Resolved, Resolver, solved_cold

UPDATE, REBUILD = "update", "rebuild"
# of the objective; a plan of whole units is known to the gap that the workbook asks for
TOLERANCE: Final = 1e-7
_PROVEN: Final = frozenset(("optimal", "infeasible", "unbounded"))
_REASONS: Final = {
    "infeasible": "no plan meets every minimum and firm demand",
    "unbounded": "the value can grow without limit",
    "time limit": "the time limit of the workbook's settings was reached",
    "feasible": "the time limit was reached; a better plan may exist",
}


@dataclass(frozen=True)
class Run:
    """One run to be solved."""

    number: int
    label: str
    scenario: str
    values: Mapping[str, float | str]


@dataclass(frozen=True)
class Job:
    """What all runs of a batch share, as it is sent to workers: tables, never models.

    ``token`` names it, so that a worker unpacks it once. ``share`` of the runs are solved again from nothing.
    """

    token: str
    data: bytes


@dataclass(frozen=True)
class Shared:
    """The content of a job."""

    case: Case
    scenarios: tuple[str, ...]
    columns: tuple[Column, ...]
    share: float


def job_of(shared: Shared) -> Job:
    """Pack what all runs share."""
    data = zlib.compress(pickle.dumps(shared), level=6)
    return Job(hashlib.sha256(data).hexdigest(), data)


def scenario_case(case: Case, name: str) -> Case:
    """The case from which runs of a scenario start; a case that is a scenario already is its own ``base``."""
    return case if name == BASE else with_scenario(case, name)


def places(case: Case, scenarios: Sequence[str]) -> dict[str, Place]:
    """The programme of each scenario; scenarios that differ in numbers only share one."""
    cases = {name: scenario_case(case, name) for name in dict.fromkeys(scenarios)}
    alike: dict[object, list[str]] = {}
    for name, one in cases.items():
        alike.setdefault(structure_of(one), []).append(name)
    found: dict[str, Place] = {}
    for names in alike.values():
        network = build_network([cases[name] for name in names])
        layout = _layout(cases[names[0]], network)
        found.update((name, Place(cases[name], network, layout)) for name in names)
    return {name: found[name] for name in cases}


def _layout(case: Case, network: Network) -> Layout:
    return build_layout(case, network, build_parameters(case, network))


@dataclass
class _Bench:
    """Where the runs of one scenario are solved."""

    case: Case
    resolver: Resolver
    collector: Collector
    start: Start | None

    def fits(self, case: Case) -> bool:
        same = case.settings is self.case.settings or structure_of(case) == structure_of(self.case)
        return same and self.resolver.fits(case)


class Worker:
    """Solves runs of one job, each as if it were the only one."""

    def __init__(self, shared: Shared) -> None:
        self.columns, self.share = shared.columns, shared.share
        self.benches: dict[str, _Bench] = {}
        resolvers: dict[int, Resolver] = {}
        for name, place in places(shared.case, shared.scenarios).items():
            key = id(place.layout)
            resolver = resolvers[key] = resolvers.get(key) or Resolver(place.layout, place.case)
            start = resolver.start(place.case)
            self.benches[name] = _Bench(place.case, resolver, Collector(self.columns, place), start)

    def solve(self, run: Run) -> Row:
        """One run's row; AuditError where a solve from nothing gives another value."""
        started = time.perf_counter()
        bench = self.benches[run.scenario]
        try:
            case = with_changes(bench.case, run.values) if run.values else bench.case
        except UsageError as error:
            return self._row(run, "error", np.nan, UPDATE, str(error), started)
        if bench.fits(case):
            collector, path = bench.collector, UPDATE
            resolved = bench.resolver.solve(case, bench.start, duals=collector.needs_duals)
        else:
            network = build_network([case])
            collector, path = Collector(self.columns, Place(case, network, _layout(case, network))), REBUILD
            resolved = Resolver(collector.place.layout, case).solve(case, None)
        status, value = resolved.point.status, value_of(case, resolved)
        sure = is_chosen(run.number, self.share) and verify(run, case, collector.place.layout, status, value)
        row = self._row(run, status, value, path, "", started, verified=sure)
        if row.status in OPTIMAL:
            row.outputs[:] = collector(resolved)
        return row if row.status == "optimal" else _explained(row, case, collector.place.network)

    def _row(
        self, run: Run, status: str, value: float, path: str, reason: str, started: float, *, verified: bool = False
    ) -> Row:
        blank = np.full(len(self.columns), np.nan)
        seconds = time.perf_counter() - started
        return Row(run.number, run.label, run.scenario, status, value, path, verified, reason, seconds, blank)


def value_of(case: Case, resolved: Resolved) -> float:
    """The objective in million USD; with objective ``cost`` the cost; NaN where there is no optimum."""
    if resolved.point.status not in OPTIMAL:
        return float("nan")
    return resolved.cost if case.settings.objective == "cost" else -resolved.cost


def _explained(row: Row, case: Case, network: Network) -> Row:
    reason = _REASONS.get(row.status, f"the solver stopped ({row.status})")
    if row.status in ("infeasible", "unbounded"):
        try:
            precheck(case, network)
        except NoAnswer as error:
            reason = str(error)
    fields = {**vars(row), "reason": reason}
    return Row(**fields)


def is_chosen(number: int, share: float) -> bool:
    """Whether a run is among the share that is solved again: by its number alone; the first one always is."""
    # multiplying by the golden ratio of 2³² spreads numbers evenly (Knuth 1998, The Art of Computer Programming 3, 6.4)
    return share > 0 and (number == 1 or (number * 2654435761 & 0xFFFFFFFF) < share * 2**32)


def verify(run: Run, case: Case, layout: Layout, status: str, value: float) -> bool:
    """Solve a run again with fresh numbers on a fresh solver; whether that proves the same.

    False where the solver stopped early, here or there. Raises AuditError where both end and do not agree.
    """
    cold = solved_cold(layout, case)
    again = value_of(case, cold)
    if not {status, cold.point.status} <= _PROVEN:
        return False
    gap = 2 * case.settings.mip_gap if len(layout.whole) else 0.0
    tolerance = (TOLERANCE + gap) * max(1.0, abs(again))
    if status != cold.point.status or abs(value - again) > tolerance:
        found, needed = f"{status}, value {value:.12g}", f"{cold.point.status}, value {again:.12g}"
        raise AuditError(f"Run {run.number} ({run.label}): solved in place it is {found}; solved afresh, {needed}.")
    return True


_mine = threading.local()


def solve_some(job: Job, runs: Sequence[Run], seconds: float) -> list[Row]:
    """Rows of the first runs, at least one, until some seconds have passed; called in a worker process or thread."""
    if getattr(_mine, "token", None) != job.token:
        # data that is packed here comes from the process that started this one
        _mine.worker, _mine.token = Worker(pickle.loads(zlib.decompress(job.data))), job.token
    end = time.perf_counter() + seconds
    rows = [_mine.worker.solve(runs[0])]
    for run in runs[1:]:
        if time.perf_counter() > end:
            break
        rows.append(_mine.worker.solve(run))
    return rows
