"""A workbook under examination: typed cells, with every fault found so far.

Rules read a draft and add faults; they never stop at the first one, so a draft may have holes: None in words and NaN
in numbers where a cell was blank or faulty.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.case import FloatArray, Sheet
from model.errors import Issue
from model.workbook.columns import LARGEST, SMALLEST, Column, Table
from model.workbook.names import Names
from model.workbook.raw import RawBook, RawSheet, RawValue, Unusable
from model.workbook.sheets import COMPOSITE_KEYS, SHEETS
from model.workbook.values import PARSERS, CellError, number, place, show

LONGEST_SHOWN = 80


@dataclass
class DraftSheet:
    """One sheet under examination; positions run over its rows that are not blank."""

    table: Table
    raw: RawSheet
    keys: list[str] = field(default_factory=list)
    words: dict[str, list[Any]] = field(default_factory=dict)
    numbers: dict[str, FloatArray] = field(default_factory=dict)
    given: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    bad: set[tuple[int, str]] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.raw.rows)

    @cached_property
    def position(self) -> dict[str, int]:
        """Row position by key; faulty keys are left out."""
        return {key: i for i, key in enumerate(self.keys) if key}

    @cached_property
    def names(self) -> Names:
        """The keys, to find the nearest to a wrong one."""
        return Names(self.position)

    def cell(self, row: int, column: str) -> RawValue | None:
        """What stands in a cell."""
        return self.raw.rows[row][1].get(column)

    def values(self, column: str) -> list[RawValue | None]:
        """What stands in a column, one value a row."""
        return [cells.get(column) for _, cells in self.raw.rows]

    def sheet(self) -> Sheet:
        """The frozen table."""
        return Sheet(
            self.table.sheet,
            tuple(self.keys),
            {column: tuple(values) for column, values in self.words.items()},
            self.numbers,
            tuple(number for number, _ in self.raw.rows),
            dict(self.raw.letters),
        )


@dataclass
class Draft:
    """A whole workbook under examination."""

    raw: RawBook
    faults: list[Issue]
    sheets: dict[str, DraftSheet] = field(default_factory=dict)
    series_cells: dict[tuple[str, str, str, int], str] = field(default_factory=dict)

    def __getitem__(self, sheet: str) -> DraftSheet:
        return self.sheets[sheet]

    @cached_property
    def periods(self) -> list[str]:
        """Period labels in order."""
        return [key for key in self.sheets["Periods"].keys if key]

    @cached_property
    def period_position(self) -> dict[str, int]:
        """Position by period label."""
        return {label: t for t, label in enumerate(self.periods)}

    def fault(self, place: tuple[str, int | None, str], needs: str, hint: str = "", found: str | None = None) -> None:
        """Add one fault at (sheet, row position, column), row None being the whole sheet; the cell is marked as bad."""
        sheet, row, column = place
        data = self.sheets[sheet]
        if row is None:
            self.faults.append(Issue(sheet, 0, "", "", column, found or "", needs, hint))
            return
        data.bad.add((row, column))
        number, cells = data.raw.rows[row]
        raw = cells.get(column)
        found = found if found is not None else "" if raw is None else show(raw)
        found = found if len(found) <= LONGEST_SHOWN else f"{found[:LONGEST_SHOWN]} …"
        key = data.keys[row] if row < len(data.keys) else ""
        self.faults.append(Issue(sheet, number, data.raw.letters.get(column, ""), key, column, found, needs, hint))


def open_draft(raw: RawBook) -> Draft:
    """Every declared sheet with its cells typed; blanks replaced by what their column says they mean."""
    draft = Draft(raw, list(raw.faults))
    for name, table in SHEETS.items():
        data = DraftSheet(table, raw.sheets.get(name) or RawSheet(name))
        draft.sheets[name] = data
        if table.needed and not data.raw.rows and not _reported(raw, name):
            draft.fault((name, None, ""), "needs at least one row")
        _read_keys(draft, data)
        for column in table.columns:
            _read_column(draft, data, column)
    return draft


def _reported(raw: RawBook, sheet: str) -> bool:
    return any(issue.sheet == sheet for issue in raw.faults) and sheet not in raw.sheets


def _read_keys(draft: Draft, data: DraftSheet) -> None:
    table = data.table
    parts = COMPOSITE_KEYS.get(table.sheet, (table.key,))
    column = table[table.key]
    first: dict[str, int] = {}
    for row, (_, cells) in enumerate(data.raw.rows):
        found = [_key_part(draft, data, row, table[part]) for part in parts if part in cells]
        complete = table.key in cells and None not in found
        key = "/".join(part for part in found if part) if complete else ""
        data.keys.append(key)
        if not key or not (table.unique or table.sheet in COMPOSITE_KEYS):
            continue
        if key in first:
            where = f"{table.sheet}!{data.raw.letters.get(table.key, '')}{data.raw.rows[first[key]][0]}"
            needs = column.needs if column.kind == "name" else "a row for this only once"
            draft.fault((table.sheet, row, table.key), needs, f"{where} has {key!r} already.", key)
            data.keys[row] = ""
        else:
            first[key] = row


def _key_part(draft: Draft, data: DraftSheet, row: int, column: Column) -> str | None:
    raw = data.raw.rows[row][1][column.name]
    try:
        if isinstance(raw, Unusable):
            raise CellError(raw.needs or column.needs, raw.hint)
        return str(PARSERS["name" if column.kind == "name" else "text"](raw, column))
    except CellError as bad:
        if column.kind == "name":  # others are reported with their column
            draft.fault((data.table.sheet, row, column.name), bad.needs, bad.hint)
        return None


def _read_column(draft: Draft, data: DraftSheet, column: Column) -> None:
    if column.required and len(data) and column.name not in data.raw.letters and not column.series:
        draft.fault((data.table.sheet, None, column.name), "is missing: add this column to the header")
    if column.kind == "number":
        _read_numbers(draft, data, column)
    else:
        _read_words(draft, data, column)


def _read_numbers(draft: Draft, data: DraftSheet, column: Column) -> None:
    raws = data.values(column.name) if column.name in data.raw.letters else [None] * len(data)
    given = np.array([raw is not None for raw in raws], dtype=bool)
    # an integer beyond the range of floats cannot enter the array
    plain = [raw if type(raw) is float or (type(raw) is int and abs(raw) < 1e300) else np.nan for raw in raws]
    values = np.array(plain, dtype=np.float64)
    for row in np.flatnonzero(given & ~within(values, column)).tolist():
        parsed = parse(draft, data, row, column)
        values[row] = np.nan if parsed is None else parsed
    blank = np.nan if column.required or column.blank is None else float(column.blank)
    data.given[column.name] = given
    data.numbers[column.name] = np.where(given, values, blank)[:, None]
    if column.required and not column.series and column.name in data.raw.letters:
        for row in np.flatnonzero(~given).tolist():
            draft.fault((data.table.sheet, row, column.name), column.needs, column.hint)


def within(values: FloatArray, column: Column) -> NDArray[np.bool_]:
    """Which numbers are finite and within the column's limits, or stand for one of its words."""
    good = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        for limit, keeps in (
            (column.at_least, np.greater_equal),
            (column.above, np.greater),
            (column.at_most, np.less_equal),
            (column.below, np.less),
        ):
            if limit is not None:
                good &= keeps(values, limit)
        good &= np.abs(values) < LARGEST
        if column.above == 0:
            good &= values >= SMALLEST
        if column.whole:
            good &= values == np.floor(values)
    return good | np.isin(values, [stands_for for _, stands_for in column.literals])


def _read_words(draft: Draft, data: DraftSheet, column: Column) -> None:
    present = column.name in data.raw.letters
    blank = {} if column.kind == "becomes" else None if column.required else column.blank
    known: dict[tuple[type, RawValue], Any] = {}
    words: list[Any] = []
    for row, raw in enumerate(data.values(column.name) if present else [None] * len(data)):
        if raw is None:
            words.append(blank)
            if column.required and present:
                draft.fault((data.table.sheet, row, column.name), column.needs, column.hint)
            continue
        seen = (type(raw), raw)
        if seen not in known:
            parsed = parse(draft, data, row, column)
            if parsed is None or column.kind == "name":
                words.append(parsed)
                continue
            known[seen] = parsed
        words.append(known[seen])
    data.words[column.name] = words


def parse(draft: Draft, data: DraftSheet, row: int, column: Column) -> Any:
    """The typed value of one cell that is not blank; None, with a fault added, where it does not fit its column."""
    raw = data.raw.rows[row][1][column.name]
    try:
        return parse_value(raw, column)
    except CellError as bad:
        if (row, column.name) not in data.bad:
            draft.fault((data.table.sheet, row, column.name), bad.needs, bad.hint, bad.found)
        return None


def parse_value(raw: RawValue, column: Column) -> Any:
    """The typed value of what stands in a cell; CellError where it does not fit."""
    if isinstance(raw, Unusable):
        raise CellError(raw.needs or column.needs, raw.hint)
    if column.kind == "number":
        return number(raw, column)
    if column.name in ("country", "origin") and column.kind == "text":
        return place(raw, column)
    return PARSERS[column.kind](raw, column)
