"""Results that were written earlier, read back from their folder."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.errors import UsageError
from model.report.files import is_inside
from model.report.handover import RECORD
from model.report.table_text import FORMULA_MARKS, file_name
from model.results.declare import ResultTable
from model.workbook.names import Names

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Saved:
    """A folder of results: its path and the record of the run."""

    path: Path
    record: Mapping[str, Any]

    @property
    def scenarios(self) -> list[str]:
        """Scenarios that have a result."""
        return [one["name"] for one in self.record["scenarios"] if one["value"] is not None]

    @cached_property
    def workbook(self) -> Path:
        """The copy of the workbook from which the results were made."""
        name = self._file("input/", "")
        return self.path / name

    def value(self, scenario: str) -> float:
        """The objective in million USD."""
        return next(float(one["value"]) for one in self.record["scenarios"] if one["name"] == scenario)

    def scenario(self, name: str) -> str:
        """A scenario by its name; UsageError names the nearest, and says why one has no result."""
        if name in self.scenarios:
            return name
        failed = {one["name"]: one["status"] for one in self.record["scenarios"]}
        if name in failed:
            raise UsageError(f"Scenario {name!r} has no result in {self.path}: {failed[name]}.")
        raise UsageError(f"{self.path} holds no scenario {name!r}. {Names(self.scenarios).hint(name)}".strip())

    def frame(self, spec: ResultTable, columns: Sequence[str]) -> pd.DataFrame:
        """Some columns of a table, all scenarios, as they were written; UsageError where one is not there."""
        import pandas as pd

        path = self.path / self._table(spec)
        texts = {one.name: str for one in spec.columns if one.format == "text" and one.name in columns}
        frame = pd.read_csv(path, encoding="utf-8-sig", dtype=texts, keep_default_na=False, na_values=_blanks(spec))
        missing = [name for name in columns if name not in frame]
        if missing:
            raise UsageError(
                f"{path} lacks the column {missing[0]!r}: it is of another version of this programme. "
                "Solve its workbook again."
            )
        for name in texts:
            frame[name] = frame[name].map(_as_written).astype(object)
        return frame[list(columns)]

    def excerpt(
        self, tables: Sequence[tuple[ResultTable, Sequence[str]]], scenarios: Sequence[str]
    ) -> dict[str, bytes]:
        """The folder cut down, by name: record, workbook, and some columns and scenarios of some tables.

        The record names the files that are left. Raises UsageError where the folder was written to since it was read.
        """
        files = {self._file("input/", ""): self.workbook.read_bytes()}
        for spec, columns in tables:
            name = self._table(spec)
            with (self.path / name).open(encoding="utf-8-sig", newline="") as file:
                files[name] = _excerpt(csv.reader(file), columns, scenarios)
        if read_saved(self.path) != self:
            raise UsageError(f"{self.path} was written to while it was read; run this again.")
        left = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
        return {**files, RECORD: json.dumps({**self.record, "files": left}, indent=2, ensure_ascii=False).encode()}

    def _table(self, spec: ResultTable) -> str:
        return self._file(f"tables/{file_name(spec.name).removesuffix('.csv')}", ".csv")

    def _file(self, start: str, end: str) -> str:
        """A file of the run: its plain name, or the dated one under which it was put beside an open file."""
        names = [name for name in self.record["files"] if name.startswith(start) and name.endswith(end)]
        plain = f"{start}{end}"
        found = [name for name in names if name == plain or not end or name[len(start) :].startswith("_20")]
        if not found or not (self.path / found[0]).is_file():
            raise UsageError(f"{self.path} lacks {start}{end or '…'}, which its run wrote. Solve its workbook again.")
        return str(found[0])


def read_saved(path: Path) -> Saved:
    """A folder of results.

    Raises
    ------
    UsageError
        Where it holds no complete run, or its record names files outside it.
    """
    try:
        record = json.loads((path / RECORD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        what = "holds no complete run" if path.is_dir() else "is not there"
        raise UsageError(f"{path} {what} ({RECORD} is missing): solve its workbook first.") from None
    except (ValueError, OSError) as error:
        raise UsageError(f"{path / RECORD} cannot be read ({error}): solve its workbook again.") from error
    if not isinstance(record, dict) or not isinstance(record.get("files"), dict):
        raise UsageError(f"{path / RECORD} is no record of a run: solve its workbook again.")
    if record.get("command", "solve") != "solve" or not isinstance(record.get("scenarios"), list):
        raise UsageError(f"{path} holds what {record.get('command')} wrote; compared is what solve wrote, by scenario.")
    outside = next((name for name in record["files"] if not is_inside(path, name)), None)
    if outside is not None:
        raise UsageError(
            f"{path / RECORD} names a file outside its folder ({outside[:100]!r}); no run has written that."
        )
    return Saved(path, record)


def of_scenario(frames: Mapping[str, pd.DataFrame], scenario: str) -> dict[str, pd.DataFrame]:
    """The rows of one scenario."""
    return {name: frame[frame["scenario"] == scenario] for name, frame in frames.items()}


def _excerpt(rows: Iterator[list[str]], columns: Sequence[str], scenarios: Sequence[str]) -> bytes:
    """Some columns of some scenarios of a table, every cell as it was written."""
    header = next(rows)
    places = [place for place, name in enumerate(header) if name in columns]
    scenario = header.index("scenario")
    text = io.StringIO(newline="")
    write = csv.writer(text, lineterminator="\n").writerow
    write([header[place] for place in places])
    for row in rows:
        if row[scenario] in scenarios:
            write([row[place] for place in places])
    return text.getvalue().encode("utf-8-sig")


def _blanks(spec: ResultTable) -> dict[str, list[str]]:
    return {column.name: [""] for column in spec.columns if column.format != "text"}


def _as_written(text: str) -> str:
    """A text without the mark that kept spreadsheets from taking it for a formula."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_MARKS) else text
