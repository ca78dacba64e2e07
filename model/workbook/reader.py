"""Reads an Excel workbook into raw cells with their places; nothing is checked here beyond what a cell holds.

openpyxl reads twice: formulas first, and stored values only for sheets that hold formulas, because a reader of values
alone cannot tell a formula that was never calculated from a blank cell.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from model.errors import Issue, UsageError
from model.workbook.archive import DAMAGED, Archive, open_archive
from model.workbook.columns import Table
from model.workbook.formulas import calling_formulas, circular_formulas
from model.workbook.marks import Marks
from model.workbook.raw import (
    RawBook,
    RawSheet,
    RawValue,
    Unusable,
    clean,
    column_letter,
    find_sheet,
    is_own,
    raw_from_tables,
    read_header,
    repeated_sheet,
    unknown_sheet,
)

__all__ = ["raw_from_tables", "read_workbook"]

HEADER_ROWS: Final = 10
MOST_COLUMNS: Final = 3000
MOST_ROWS: Final = 1_048_576
MOST_NAMED: Final = 5
MOST_SWALLOWED: Final = 1000
ERROR_VALUES: Final = frozenset(
    (
        "#N/A",
        "#REF!",
        "#DIV/0!",
        "#VALUE!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#GETTING_DATA",
        "#FIELD!",
    )
)
_UNREADABLE: Final = (
    *DAMAGED, InvalidFileException, ParseError, KeyError, ValueError, TypeError, IndexError, AttributeError,
)  # fmt: skip


def read_workbook(path: str | Path) -> RawBook:
    """Every declared sheet of a workbook (``.xlsx`` or ``.xlsm``; macros never run).

    Raises
    ------
    UsageError
        Where the file is missing, is no workbook, is locked by a password, is damaged or unpacks to too much.
    """
    path = Path(path)
    archive = open_archive(path)
    book = RawBook(path.name, str(path), hashlib.sha256(archive.data).hexdigest())
    if path.with_name(f"~${path.name}").exists():
        book.notices.append(f"{path.name} is open in Excel: what was last saved is read.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of drop-downs and styles that it would not write back
        try:
            _read_sheets(archive, book)
        except _DamagedError as error:
            message = f"{path.name} cannot be read as a workbook ({error}). Open it in Excel and save it again."
            raise UsageError(message) from error
    return book


class _DamagedError(Exception):
    """openpyxl met something that it cannot read."""


def _read_sheets(archive: Archive, book: RawBook) -> None:
    formulas = _load(archive.data, stored=False)
    values: list[Any] = []
    texts: dict[tuple[str, int, int], str] = {}
    titles: dict[str, str] = {}

    def stored(title: str) -> Any:
        if not values:
            values.append(_load(archive.data, stored=True))
        return values[0][title]

    for table, sheet in _declared(formulas, book, titles):
        reader = _SheetReader(table, sheet, book, stored, archive.last_row.get(_part_of(sheet)))
        reader.read()
        if reader.formulas:
            texts.update(reader.fill_formulas())
        if reader.raw is not None and _part_of(sheet) in archive.marks:
            _mark(reader.raw, archive.marks[_part_of(sheet)], book)
        if sheet.sheet_state != "visible":
            book.notices.append(f"The sheet {sheet.title} is hidden and read like the others.")
        if reader.raw is not None:
            book.sheets[table.sheet] = reader.raw
    if not _iterates(formulas):
        book.faults.extend(circular_formulas(texts, titles))
    book.notices.extend(calling_formulas(texts))
    formulas.close()
    for workbook in values:
        workbook.close()


def _declared(workbook: Any, book: RawBook, titles: dict[str, str]) -> Iterator[tuple[Table, Any]]:
    """The sheets to be read; ``titles`` is filled with the title of each. Unknown and repeated ones are faults."""
    for sheet in workbook.worksheets:
        title = clean(sheet.title)
        if is_own(title):
            continue
        table = find_sheet(title)
        if table is None:
            if not _is_blank(sheet):
                book.faults.append(unknown_sheet(title))
        elif titles.setdefault(table.sheet, sheet.title) != sheet.title:
            book.faults.append(repeated_sheet(table.sheet, sheet.title, titles[table.sheet]))
        else:
            yield table, sheet


def _mark(raw: RawSheet, marks: Marks, book: RawBook) -> None:
    """Say which rows that are read are hidden; a cell that a merged block swallows has no value of its own."""
    hidden = [number for number, _ in raw.rows if number in marks.hidden]
    if hidden:
        shown = ", ".join(map(str, hidden[:MOST_NAMED])) + (", …" if len(hidden) > MOST_NAMED else "")
        rows = f"row {shown} is" if len(hidden) == 1 else f"rows {shown} are"
        book.notices.append(f"{raw.name}: {rows} hidden, by a filter or by hand, and read like the others.")
    for cells, name, first in islice(_swallowed(raw, marks), MOST_SWALLOWED):
        hint = "Excel keeps the value of merged cells in the first alone: unmerge them and fill in each."
        cells[name] = Unusable(f"(merged with {first})", "a value of its own", hint)


def _swallowed(raw: RawSheet, marks: Marks) -> Iterator[tuple[dict[str, RawValue], str, str]]:
    """Cells that lie in a merged block and are not its first: their row, column and the block's first cell."""
    numbers = [number for number, _ in raw.rows]
    for first, rows, (left, right) in marks.blocks():
        span = range(bisect_left(numbers, rows.start), bisect_left(numbers, rows.stop))
        for name, letter in raw.letters.items() if span else ():
            inside = (len(left), left) <= (len(letter), letter) <= (len(right), right)
            if inside and name not in ("source", "note"):
                yield from ((raw.rows[i][1], name, first) for i in span if f"{letter}{numbers[i]}" != first)


def _part_of(sheet: Any) -> str:
    """The part of the archive that holds a sheet."""
    return str(sheet._worksheet_path).lstrip("/")


def _iterates(workbook: Any) -> bool:
    """Whether its author lets Excel go round circular formulas until they settle."""
    return bool(getattr(workbook.calculation, "iterate", False))


def _load(data: bytes, *, stored: bool) -> Any:
    try:
        return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=stored, keep_links=False)
    except _UNREADABLE as error:
        raise _DamagedError(f"{type(error).__name__}: {error}") from error


def _rows(sheet: Any, first: int, width: int, last: int | None = None, *, values: bool = True) -> Iterator[Any]:
    sheet.reset_dimensions()  # programs other than Excel write wrong ones, and rows would be lost
    try:
        for number, row in enumerate(sheet.iter_rows(min_row=first, max_row=last, max_col=width, values_only=values)):
            if number > MOST_ROWS:
                raise _DamagedError(f"sheet {sheet.title}: a row beyond Excel's last, {MOST_ROWS:,}")
            yield row
    except _UNREADABLE as error:
        raise _DamagedError(f"sheet {sheet.title}: {type(error).__name__}") from error


def _is_blank(sheet: Any) -> bool:
    return all(value is None for row in _rows(sheet, 1, 50, 200) for value in row)


def _header_position(table: Table, head: list[list[Any]]) -> int | None:
    """The first row with the name of the key column and another column's; a title may read as the key does."""
    found = None
    for position, row in enumerate(head):
        names = {clean(value).lower() for value in row if isinstance(value, str)}
        if table.key in names:
            if len(names & table.by_name.keys()) > 1:
                return position
            found = position if found is None else found
    return found


class _SheetReader:
    """Reads one sheet: its header, its rows, and then the stored values of its formulas."""

    def __init__(self, table: Table, sheet: Any, book: RawBook, stored: Callable[[str], Any], last: int | None) -> None:
        self.table, self.sheet, self.book, self.stored, self.last = table, sheet, book, stored, last
        self.raw: RawSheet | None = None
        self.formulas: list[tuple[int, int]] = []  # places in raw.rows: row position, column index
        self._names: list[str] = []

    def read(self) -> None:
        """Fill ``raw``, with formulas still to be replaced by their values."""
        head = [list(row) for row in _rows(self.sheet, 1, MOST_COLUMNS, HEADER_ROWS)]
        position = _header_position(self.table, head)
        if position is None:
            if any(value is not None for row in head for value in row):
                needs = (
                    f"has no header; one of its first {HEADER_ROWS} rows must hold the column name {self.table.key!r}"
                )
                self.book.faults.append(Issue(self.table.sheet, 0, "", "", "", "", needs))
            return
        header = self._stored_header(head[position], position + 1)
        while header and (header[-1] is None or not str(header[-1]).strip()):
            header.pop()
        self._names = read_header(self.table, position + 1, header, self.book.faults)
        letters = {name: column_letter(i) for i, name in enumerate(self._names, 1) if name}
        self.raw = RawSheet(self.table.sheet, position + 1, letters)
        self._read_rows(self.raw, [value is None for value in header])

    def _stored_header(self, header: list[Any], row: int) -> list[Any]:
        """The header with the stored values of its formulas, such as ``=D4+1`` above a column of a year."""
        formulas = [i for i, value in enumerate(header) if isinstance(value, str) and value.startswith("=")]
        if not formulas:
            return header
        values = next(_rows(self.stored(self.sheet.title), row, len(header), row))
        for i in formulas:
            if values[i] is None or values[i] in ERROR_VALUES:
                found, needs = str(values[i] or header[i]), "a header with a stored value"
                hint = "Open the workbook in Excel, mend the formula and save it."
                self.book.faults.append(Issue(self.table.sheet, row, column_letter(i + 1), "", "", found, needs, hint))
        return [values[i] if i in formulas else value for i, value in enumerate(header)]

    def _read_rows(self, raw: RawSheet, headless: list[bool]) -> None:
        # one column more than the header: a number there lacks its header, further out are the user's own notes
        names = [*self._names, ""]
        stray = [i for i, blank in enumerate([*headless, True]) if blank]
        nothing = (None,) * len(names)
        columns = [(i, name) for i, name in enumerate(names) if name]
        first = raw.header_row + 1
        for number, row in enumerate(_rows(self.sheet, first, len(names), self.last), first):
            if row == nothing:
                continue
            cells: dict[str, RawValue] = {}
            for i, name in columns:
                value = row[i]
                if value is None:
                    continue
                if type(value) is not float and type(value) is not int:
                    value = self._other(value, len(raw.rows), i)
                    if value is None:
                        continue
                cells[name] = value
            if cells:
                raw.rows.append((number, cells))
                self._strays(number, row, stray, cells)

    def _other(self, value: Any, position: int, index: int) -> RawValue | None:
        """A cell that is no number: texts trimmed, formulas noted, error values marked."""
        if isinstance(value, str):
            text = clean(value)
            if text.startswith("=") and len(text) > 1:
                self.formulas.append((position, index))
            elif text in ERROR_VALUES:
                return _error_value(text)
            return text or None
        if isinstance(value, (ArrayFormula, DataTableFormula)):
            self.formulas.append((position, index))
            return str(getattr(value, "text", "") or "={…}")
        return value  # type: ignore[no-any-return]

    def _strays(self, number: int, row: tuple[Any, ...], stray: list[int], cells: dict[str, RawValue]) -> None:
        for i in stray:
            if row[i] is not None and str(row[i]).strip():
                key = str(cells.get(self.table.key, ""))
                hint = "Give the column a header; begin the header of your own columns with _ or #."
                needs = "a header above it"
                issue = Issue(self.table.sheet, number, column_letter(i + 1), key, "", str(row[i]), needs, hint)
                self.book.faults.append(issue)

    def fill_formulas(self) -> dict[tuple[str, int, int], str]:
        """Replace each formula by the value that Excel stored with it; returns the formulas by sheet, row, column."""
        wanted: dict[int, list[int]] = {}
        for position, index in self.formulas:
            wanted.setdefault(position, []).append(index)
        raw = self.raw or RawSheet(self.table.sheet)
        texts = {
            (raw.name, raw.rows[position][0], index + 1): str(raw.rows[position][1][self._names[index]])
            for position, index in self.formulas
        }
        rows, first, stored = raw.rows, raw.header_row + 1, self.stored(self.sheet.title)
        positions = iter(sorted(wanted))
        position = next(positions)
        for number, row in enumerate(_rows(stored, first, len(self._names), self.last, values=False), first):
            if number != rows[position][0]:
                continue
            for index in wanted[position]:
                _fill(rows[position][1], self._names[index], row[index])
            following = next(positions, None)
            if following is None:
                break
            position = following
        return texts


def _fill(cells: dict[str, RawValue], name: str, cell: Any) -> None:
    value, formula = cell.value, str(cells[name])
    if isinstance(value, str):
        text = clean(value)
        # a text that merely begins with = is its own stored value
        value = _error_value(text, formula) if text in ERROR_VALUES else text or None
    elif value is None and cell.data_type not in ("s", "str"):  # "str" without a value is a formula that yields ""
        hint = "Open the workbook in Excel and save it: the formula was never calculated."
        value = Unusable(formula, "a stored value of the formula", hint)
    if value is None:
        del cells[name]
    else:
        cells[name] = value


def _error_value(text: str, formula: str = "") -> Unusable:
    source = f" of the formula {formula}" if formula else ""
    return Unusable(text, "", f"It is an error value{source}: mend it in Excel.")
