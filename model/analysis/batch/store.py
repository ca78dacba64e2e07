"""The result store of a batch: one SQLite file in which each finished run is durable at once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from model.case import FloatArray
from model.errors import ModelError, UsageError

SCHEMA: Final = 1
OPTIMAL: Final = ("optimal", "feasible")
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS runs (
    run INTEGER PRIMARY KEY, label TEXT NOT NULL, scenario TEXT NOT NULL, status TEXT NOT NULL, value REAL,
    path TEXT NOT NULL, verified INTEGER NOT NULL, reason TEXT NOT NULL, seconds REAL NOT NULL, outputs BLOB NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, eq=False)
class Row:
    """What is kept of one run.

    ``run`` counts from 1 in the order of the design. ``status`` is that of the solve, or ``error`` where the run's
    numbers contradict the workbook; ``value`` is NaN and ``reason`` says why where there is no optimum. ``path`` is
    ``update`` where numbers were exchanged in place, ``rebuild`` where the run needed a programme of its own.
    ``verified`` says whether a solve from nothing has given the same value.
    """

    run: int
    label: str
    scenario: str
    status: str
    value: float
    path: str
    verified: bool
    reason: str
    seconds: float
    outputs: FloatArray


class Store:
    """Rows of one batch in an SQLite file with a write-ahead log; without a path, in a file that goes with the object.

    Numbers are eight bytes each, lowest byte first, in the order of ``about["outputs"]``; nothing in it can be run.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        try:
            self._base = sqlite3.connect("" if path is None else path, check_same_thread=False)
            if path is not None:
                # the log and what it refers to are on the disk before a run counts as done, also when power fails
                self._base.execute("PRAGMA journal_mode=WAL")
                self._base.execute("PRAGMA synchronous=FULL")
            self._base.executescript(_TABLES)
        except sqlite3.Error as error:
            raise UsageError(f"{path} is no store of a batch, or cannot be written to ({error}).") from error

    @property
    def about(self) -> dict[str, Any]:
        """What the batch was, {} where nothing has begun."""
        return {name: json.loads(value) for name, value in self._base.execute("SELECT name, value FROM about")}

    def begin(self, about: Mapping[str, Any]) -> None:
        """Write what the batch is before its first run."""
        pairs = [(name, json.dumps(value, ensure_ascii=False)) for name, value in about.items()]
        with self._whole():
            self._base.executemany("INSERT INTO about VALUES (?, ?)", pairs)

    def add(self, rows: Iterable[Row]) -> None:
        """Keep finished runs, all of them or none; a run can be kept once only."""
        kept = [_cells(row) for row in rows]
        with self._whole():
            self._base.executemany("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", kept)

    def verified(self, run: int) -> None:
        """Note that a run was solved again from nothing with the same value."""
        with self._whole():
            self._base.execute("UPDATE runs SET verified = 1 WHERE run = ?", (run,))

    def done(self) -> set[int]:
        """Numbers of the runs that are kept."""
        return {run for (run,) in self._base.execute("SELECT run FROM runs")}

    def rows(self) -> Iterator[Row]:
        """Every run in the order of the design, read as it is asked for."""
        for found in self._base.execute("SELECT * FROM runs ORDER BY run"):
            yield _row(found)

    def extremes(self) -> list[Row]:
        """The runs of the lowest and the highest value, the first where several share it."""
        query = "SELECT * FROM runs WHERE value IS NOT NULL ORDER BY value {}, run LIMIT 1"
        found = [self._base.execute(query.format(order)).fetchone() for order in ("ASC", "DESC")]
        return [_row(one) for one in found if one is not None]

    def counts(self) -> dict[tuple[str, str], int]:
        """Number of runs by status and path."""
        return {(s, p): n for s, p, n in self._base.execute("SELECT status, path, COUNT(*) FROM runs GROUP BY 1, 2")}

    def close(self) -> None:
        """Let the file go."""
        self._base.close()

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """What is written within is kept as a whole or not at all."""
        try:
            with self._base:
                yield
        except sqlite3.OperationalError as error:
            raise ModelError(f"{self.path} could not be written to ({error}); what was done before is kept.") from error


def _cells(row: Row) -> tuple[Any, ...]:
    value = None if np.isnan(row.value) else row.value
    told = (row.label, row.scenario, row.status, value, row.path, int(row.verified), row.reason, row.seconds)
    return row.run, *told, row.outputs.astype("<f8").tobytes()


def _row(found: tuple[Any, ...]) -> Row:
    run, label, scenario, status, value, path, verified, reason, seconds, outputs = found
    number = float("nan") if value is None else value
    numbers = np.frombuffer(outputs, dtype="<f8")
    return Row(run, label, scenario, status, number, path, bool(verified), reason, seconds, numbers)
