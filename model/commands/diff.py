"""``diff``: two input workbooks, cell by cell, by address."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from model.report.console import Screen

if TYPE_CHECKING:
    from model.workbook.raw import RawBook, RawSheet, RawValue

# sheets whose rows are told apart by more than their first column
_KEYS: Final = {
    "Uses": ("link", "asset", "commodity"),
    "Changes": ("scenario", "sheet", "key", "column", "period"),
}


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """List what differs; returns the exit code."""
    first, second = (_cells(path, screen) for path in (arguments.first, arguments.second))
    rows = list(_differences(first, second))
    if not rows:
        screen.line("No cell differs.")
        return 0
    screen.table(["address", "first", "second"], [list(row) for row in rows], text_columns=3)
    screen.line(f"{len(rows)} differences.")
    return 0


Cells = dict[str, dict[str, str]]


def _cells(path: Path, screen: Screen) -> Cells:
    """Texts by row (``Links:btc``) and by the rest of the address (``tariff`` or ``tariff@2026``)."""
    from model.workbook.reader import read_workbook

    book = read_workbook(path)
    if book.faults:
        screen.notice(f"{path.name} has faults that `check` lists; what can be read is compared.")
    return _rows(book)


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
    from model.workbook.raw import Unusable, label

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
