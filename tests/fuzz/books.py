"""Workbooks as grids of cells that can be spoilt: read from a file once, written as a file for each case."""

from __future__ import annotations

import copy
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

from model.workbook.columns import Table
from model.workbook.sheets import SHEETS

Grid = list[list[Any]]
_BY_TITLE = {name.casefold(): table for name, table in SHEETS.items()}


@dataclass(frozen=True)
class Formula:
    """A formula and the value that is stored with it; None = it was never calculated."""

    text: str
    value: Any


@dataclass(frozen=True)
class Raw:
    """What stands in the file as a number and is none that Excel would write."""

    text: str


@dataclass
class Sheet:
    """A sheet's title and cells, and the position of its header row."""

    title: str
    grid: Grid
    header: int

    @property
    def table(self) -> Table | None:
        """The declared sheet of that title; None where there is none."""
        return _BY_TITLE.get(self.title.strip().casefold())

    def columns(self) -> list[tuple[int, str]]:
        """Places and names of the declared columns, and of those of periods."""
        table = self.table
        if table is None or self.header >= len(self.grid):
            return []
        found = [(i, str(name).strip().lower()) for i, name in enumerate(self.grid[self.header]) if name is not None]
        return [(i, name) for i, name in found if name in table.by_name or table.open_columns]

    @property
    def is_whole(self) -> bool:
        """Whether there is still something to spoil."""
        return bool(self.rows() and self.columns())

    def rows(self) -> list[int]:
        """Positions of the rows that hold data."""
        return [i for i in range(self.header + 1, len(self.grid)) if any(v is not None for v in self.grid[i])]


@dataclass
class Book:
    """A whole workbook."""

    name: str
    sheets: list[Sheet]

    def copy(self) -> Book:
        return copy.deepcopy(self)


def read_book(path: Path) -> Book:
    """Every declared sheet of a workbook that has data, with what stands above its header."""
    book = openpyxl.load_workbook(path, data_only=True)
    sheets = []
    for sheet in book.worksheets:
        table = _BY_TITLE.get(sheet.title.casefold())
        grid = [list(row) for row in sheet.iter_rows(values_only=True)]
        if table is None:
            continue
        names = [{str(value).lower() for value in row if value is not None} for row in grid]
        # a title may read as the key does
        header = next(
            i for i, found in enumerate(names) if table.key in found and len(found & table.by_name.keys()) > 1
        )
        one = Sheet(sheet.title, grid, header)
        if one.rows():
            sheets.append(one)
    book.close()
    return Book(path.stem, sheets)


def write_book(book: Book, path: Path) -> Path:
    """The workbook as a file; what no writer would write is put into the file's own text."""
    stream, raws = io.BytesIO(), {}
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_urls": False}) as made:
        date = made.add_format({"num_format": "yyyy-mm-dd"})
        for sheet in book.sheets:
            page = made.add_worksheet(sheet.title)
            for r, row in enumerate(sheet.grid):
                for c, value in enumerate(row):
                    _write(page, (r, c), value, date, raws)
    path.write_bytes(_with_raws(stream.getvalue(), raws))
    return path


def _write(page: Any, place: tuple[int, int], value: Any, date: Any, raws: dict[bytes, bytes]) -> None:
    if value is None:
        return
    if isinstance(value, Formula):
        page.write_formula(*place, value.text, None, "" if value.value is None else value.value)
    elif isinstance(value, Raw):
        mark = 7_919_000_001 + 2 * len(raws)
        raws[b"<v>%d</v>" % mark] = f"<v>{value.text}</v>".encode()
        page.write_number(*place, mark)
    elif isinstance(value, bool):
        page.write_boolean(*place, value)
    elif isinstance(value, int | float):
        page.write_number(*place, value)
    elif isinstance(value, str):
        page.write_string(*place, value)
    else:
        page.write_datetime(*place, value, date)


def _with_raws(data: bytes, raws: dict[bytes, bytes]) -> bytes:
    if not raws:
        return data
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            for mark, text in raws.items():
                part = re.sub(mark, lambda _, text=text: text, part)
            new.writestr(name, part)
    return stream.getvalue()
