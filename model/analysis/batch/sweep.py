"""Many runs of one case, each with some numbers changed, at the speed of the solver."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.address import parse_address, resolve
from model.analysis.batch.cluster import Cluster
from model.analysis.batch.design import Design, listed
from model.analysis.batch.outputs import VALUE, Column, Place, columns_of
from model.analysis.batch.pool import Given, Processes, Source, checked_jobs, in_this_process, spread
from model.analysis.batch.store import SCHEMA, Row, Store
from model.analysis.batch.worker import Job, Run, Shared, job_of, places, scenario_case, verify
from model.case import Case
from model.errors import UsageError
from model.scenario import with_changes
from model.solver.highs import versions
from model.version import __version__

if TYPE_CHECKING:
    import pandas as pd

# a batch that is done within so many seconds starts no other processes
ALONE: Final = 1.0
SHARE: Final = 0.01
_FIXED: Final = ("run", "label", "scenario", "status", VALUE, "path", "verified", "reason")


def sweep(  # noqa: PLR0913 (each is a choice of its own)
    case: Case,
    design: Design | Sequence[Mapping[str, float | str]] | pd.DataFrame,
    outputs: Sequence[str] = (VALUE,),
    *,
    jobs: int | None = None,
    executor: Executor | None = None,
    cluster: str | None = None,
    store: str | Path | None = None,
    resume: bool = False,
    verified: float = SHARE,
) -> Sweep:
    """Solve many runs of a case; iterate over the result for rows as they finish, or ask it for a ``frame()``.

    A run's answer depends on its own numbers alone, whatever the order of runs and the number of workers: each solve
    begins at the optimum of its scenario. Of plans of equal value the one of the least volume × distance is reported.
    With whole units the plan is chosen anew in every run, to the gap of the workbook's ``mip_gap``.

    Parameters
    ----------
    case
        From ``read_case``.
    design
        A design, a list of {address: value in the row's own unit}, or a DataFrame with one row a run and addresses as
        columns (a blank leaves the number as it is; ``label`` and ``scenario`` may be columns too).
    outputs
        What is kept of each run besides its value: ``exports`` (by family), ``exporters``, ``corridors``, ``markets``
        (by family and name), ``supplies``, ``flows``, ``deliveries``, ``built``, ``prices``, ``rents``. Alone each
        means all of its kind in every period; ``corridors:oil:cpc@2030`` is one number, ``corridors:oil:*@total`` the
        sums over the horizon. Volumes are in the commodity's own unit, prices in USD per unit, undiscounted.
    jobs
        Processes of this machine; None: this one for the first second, then one for every processor.
    executor
        Any ``concurrent.futures.Executor`` instead.
    cluster
        Address of a Dask scheduler instead.
    store
        File in which each finished run is kept at once (SQLite); None: a temporary one.
    resume
        Go on with what the store holds.
    verified
        Share of the runs that is solved again from nothing; the runs of the lowest and highest value always are.

    Raises
    ------
    UsageError
        Before any run: an address or output that names nothing, no job, a store of another batch, a cluster that does
        not answer.
    AuditError
        While it runs: a solve from nothing gives another value than the one in place.
    """
    if sum(one is not None for one in (jobs, executor, cluster)) > 1:
        raise UsageError("Give one of jobs, executor and cluster: they are different places for the same runs.")
    if not 0 <= verified <= 1:
        raise UsageError(f"verified is {verified}; it needs to be a share from 0 to 1.")
    plan = as_design(design)
    _check_addresses(case, plan)
    checked_jobs(jobs)
    scenarios = tuple(dict.fromkeys(plan.scenarios))
    found = places(case, scenarios)
    columns = _all_columns(outputs, list(found.values()))
    source = Given(executor) if executor is not None else Cluster(cluster) if cluster is not None else None
    kept = Store(None if store is None else Path(store))
    _begin(kept, _about(case, plan, columns, verified), resume=resume)
    return Sweep(case, plan, columns, kept, source, jobs, job_of(Shared(case, scenarios, columns, verified)), found)


@dataclass(eq=False)
class Sweep:
    """A batch, solved as its rows are asked for; ``columns`` are the outputs that it keeps of each run."""

    case: Case
    design: Design
    columns: tuple[Column, ...]
    store: Store
    source: Source | None
    jobs: int | None
    job: Job = field(repr=False)
    places: Mapping[str, Place] = field(repr=False)

    def __len__(self) -> int:
        return len(self.design)

    @cached_property
    def _names(self) -> list[str]:
        return self.header

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Each run as a dict: number, label, status, value and so on, then factors, then outputs, by name."""
        for row in self.rows():
            yield self.record(row)

    def rows(self) -> Iterator[Row]:
        """Rows that are kept already, in order, then the others as they finish; the last step verifies the extremes.

        Leaving it early keeps what is done.
        """
        done = self.store.done()
        yield from self.store.rows()
        runs = [run for run in self._runs() if run.number not in done]
        for rows in self._solved(runs):
            whole = [self._filled(row) for row in rows]
            self.store.add(whole)
            yield from whole
        self._verify_extremes()

    def frame(self) -> pd.DataFrame:
        """One row a run, in the order of the design, once all are done.

        Columns are run, label, scenario, status, value, path, verified, reason; the factors; the outputs.
        """
        import pandas as pd

        for _ in self.rows():
            pass
        count, told = len(self.design), len(_FIXED)
        outputs = np.full((count, len(self.columns)), np.nan)
        fixed: dict[str, list[Any]] = {name: [] for name in _FIXED}
        for row in self.store.rows():
            outputs[row.run - 1] = row.outputs
            for name, values in fixed.items():
                values.append(getattr(row, name))
        header, points = self.header, self.design.points
        parts = [
            pd.DataFrame(fixed),
            pd.DataFrame(points.reshape(count, -1), columns=header[told : told + len(self.design.factors)]),
            pd.DataFrame(outputs, columns=header[told + len(self.design.factors) :]),
        ]
        return pd.concat(parts, axis=1)

    @property
    def header(self) -> list[str]:
        """Names of what a record holds; a factor that is called like something else is told apart."""
        outputs = [str(column) for column in self.columns]
        taken = {*_FIXED, *outputs}
        return [*_FIXED, *(f"{one} (input)" if one in taken else one for one in self.design.factors), *outputs]

    def record(self, row: Row) -> dict[str, Any]:
        """A row by the names of the header."""
        factors = self.design.points[row.run - 1].tolist() if self.design.factors else []
        return dict(
            zip(self.header, [*(getattr(row, n) for n in _FIXED), *factors, *row.outputs.tolist()], strict=True)
        )

    def _runs(self) -> Iterator[Run]:
        d = self.design
        for i, (values, label, scenario) in enumerate(zip(d.runs, d.labels, d.scenarios, strict=True)):
            yield Run(i + 1, label, scenario, values)

    def _solved(self, runs: Sequence[Run]) -> Iterator[list[Row]]:
        source, begun = self.source, 0
        if source is None:
            alone = self.jobs == 1
            for rows in in_this_process(self.job, runs, np.inf if alone else 0.0 if self.jobs else ALONE):
                begun += len(rows)
                yield rows
            source = Processes(checked_jobs(self.jobs))
        try:
            if begun < len(runs):
                yield from spread(source, self.job, runs[begun:])
        finally:
            source.close()

    def _filled(self, row: Row) -> Row:
        # a run whose process died knows of no columns
        blank = np.full(len(self.columns), np.nan)
        return row if len(row.outputs) == len(blank) else Row(**{**vars(row), "outputs": blank})

    def _verify_extremes(self) -> None:
        for row in self.store.extremes():
            if row.verified or row.path != "update":
                continue
            place = self.places[row.scenario]
            values = self.design.runs[row.run - 1]
            case = with_changes(place.case, values) if values else place.case
            run = Run(row.run, row.label, row.scenario, values)
            if verify(run, case, place.layout, row.status, row.value):
                self.store.verified(row.run)


def as_design(design: Design | Sequence[Mapping[str, float | str]] | pd.DataFrame) -> Design:
    """A design from any of the forms in which runs are given."""
    if isinstance(design, Design):
        return design
    if not isinstance(design, Sequence):
        return _from_frame(design)
    return listed(design)


def _from_frame(frame: pd.DataFrame) -> Design:
    records = frame.to_dict("records")
    plain = [{str(k): v for k, v in one.items() if k not in ("label", "scenario")} for one in records]

    def is_blank(value: Any) -> bool:
        return isinstance(value, float) and np.isnan(value)

    runs = [{k: v for k, v in one.items() if v is not None and not is_blank(v)} for one in plain]
    labels = [str(one["label"]) for one in records] if "label" in frame else None
    scenarios = [str(one["scenario"]) for one in records] if "scenario" in frame else None
    return listed(runs, labels, scenarios)


def _check_addresses(case: Case, design: Design) -> None:
    """Every address of a design must name numbers; all that do not are told at once."""
    for name in dict.fromkeys(design.scenarios):
        scenario_case(case, name)
    faults = []
    for text in dict.fromkeys(address for run in design.runs for address in run):
        try:
            resolve(case, parse_address(text))
        except UsageError as error:
            faults.append(str(error))
    if faults:
        raise UsageError("\n".join(faults))


def _all_columns(outputs: Sequence[str], found: Sequence[Place]) -> tuple[Column, ...]:
    """Columns of every scenario's programme, each once; scenarios of one structure share a programme."""
    if isinstance(outputs, str):
        raise UsageError(f"outputs is the text {outputs!r}; it needs to be a list of texts.")
    layouts = {id(place.layout): place for place in found}
    return tuple(dict.fromkeys(column for place in layouts.values() for column in columns_of(outputs, place)))


def _about(case: Case, design: Design, columns: Sequence[Column], share: float) -> dict[str, Any]:
    """What a store holds of its batch, by which one that goes on must be the same."""
    return {
        "schema": SCHEMA,
        "versions": {"energy-export-optimisation": __version__, **versions()},
        "workbook": case.name,
        "input_sha256": case.sha256,
        "changes": [case.scenario, list(case.overrides)],
        "kind": design.kind,
        "seed": design.seed,
        "runs": len(design),
        "design sha256": _digest([design.runs, design.labels, design.scenarios, design.factors, design.about]),
        "factors": list(design.factors),
        "outputs": [str(column) for column in columns],
        "verified": share,
    }


def _digest(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """NumPy's numbers and other mappings as JSON knows them."""
    return dict(value) if isinstance(value, Mapping) else value.tolist()


_DIFFERENT: Final = {
    "input_sha256": "the workbook has changed",
    "changes": "the case was changed in another way",
    "design sha256": "the design is another (its kind, number of runs, seed or ranges)",
    "kind": "the kind of design is another",
    "seed": "the seed is another",
    "runs": "the number of runs is another",
    "outputs": "other outputs are asked for",
    "versions": "the programme or its solver has another version",
}


def _begin(store: Store, about: Mapping[str, Any], *, resume: bool) -> None:
    earlier = store.about
    try:
        if earlier and not resume:
            raise UsageError(f"{store.path} holds a batch already; go on with it (resume), or name another file.")
        now = json.loads(json.dumps(about))
        different = [text for name, text in _DIFFERENT.items() if earlier and earlier.get(name) != now[name]]
        if different:
            message = f"{store.path} cannot be gone on with: since it began, {'; '.join(different)}. "
            raise UsageError(message + "Begin a new one without resuming.")
    except UsageError:
        store.close()
        raise
    if not earlier:
        store.begin(about)
