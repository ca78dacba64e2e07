"""What differs between two workbooks, cell by cell, by address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from model.workbook.raw import RawBook, RawSheet, RawValue, Unusable, label
from model.workbook.reader import read_workbook

# sheets whose rows are told apart by more than their first column
_KEYS: Final = {
    "Uses": ("link", "asset", "commodity"),
    "Changes": ("scenario", "sheet", "key", "column", "period"),
}

Cells = dict[str, dict[str, str]]


def differences(first: Path, second: Path) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Address, text in the first and text in the second of each cell that differs; and the names of faulty workbooks.

    Rows are found by their key, values by period stand with the row that they belong to. Of a workbook with faults
    what can be read is compared.
    """
    books = [read_workbook(path) for path in (first, second)]
    faulty = [path.name for path, book in zip((first, second), books, strict=True) if book.faults]
    return list(_differences(*(_rows(book) for book in books))), faulty


def _rows(book: RawBook) -> Cells:
    rows: Cells = {}
    for name, sheet in book.sheets.items():
        for row, cells in _series(sheet) if name == "Series" else _plain(sheet):
            rows.setdefault(row, {}).update(cells)
    return rows


def _series(sheet: RawSheet) -> Iterator[tuple[str, dict[str, str]]]:
    """Values by period stand with the row that they belong to."""
    own = {"sheet", "key", "column"}
    for _, cells in sheet.rows:
        place, key, column = (_text(cells.get(name)) for name in ("sheet", "key", "column"))
        texts = {f"{column}@{period}": _text(value) for period, value in cells.items() if period not in own}
        yield f"{place}:{key}", texts


def _plain(sheet: RawSheet) -> Iterator[tuple[str, dict[str, str]]]:
    seen: dict[str, int] = {}
    for _, cells in sheet.rows:
        names = _KEYS.get(sheet.name) or tuple(sheet.letters)[:1]
        key = "/".join(_text(cells[name]) for name in names if name in cells)
        seen[key] = seen.get(key, 0) + 1
        again = f" (again, {seen[key]})" if seen[key] > 1 else ""
        yield f"{sheet.name}:{key}{again}", {column: _text(v) for column, v in cells.items() if column not in names}


def _text(value: RawValue | None) -> str:
    if value is None:
        return ""
    return value.found if isinstance(value, Unusable) else label(value)


def _differences(first: Cells, second: Cells) -> Iterator[tuple[str, str, str]]:
    for row in dict.fromkeys([*first, *second]):
        if row not in first or row not in second:
            here, there = ("row", "no such row") if row in first else ("no such row", "row")
            yield row, here, there
            continue
        for column in dict.fromkeys([*first[row], *second[row]]):
            one, other = first[row].get(column, ""), second[row].get(column, "")
            if one != other:
                yield f"{row}:{column}", one or "blank", other or "blank"
