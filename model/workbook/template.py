"""Writes an input workbook: a blank one to be filled in, or one from tables, with units, notes and drop-downs."""

from __future__ import annotations

import datetime as dt
import math
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from model.errors import UsageError
from model.workbook.book import new_book
from model.workbook.changes import CHANGEABLE
from model.workbook.columns import Column
from model.workbook.layout import ROOM, Layout, column_width, layout_of, note_text, unit_shown
from model.workbook.raw import column_letter
from model.workbook.readme import write_read_me
from model.workbook.sheets import SETTINGS, SHEETS

NAVY: Final = "#1F3A5F"
GREY: Final = "#595959"
TABLE_STYLE: Final = "Table Style Light 9"
TAB_COLOURS: Final = {"needed": NAVY, "optional": "#9DB4CE", "variants": "#D9A441", "evidence": "#7F9F7F"}
_GROUPS: Final = {
    "Scenarios": "variants",
    "Changes": "variants",
    "Ranges": "variants",
    "Series": "variants",
    "Observed": "evidence",
    "Sources": "evidence",
}


def write_workbook(
    path: str | Path,
    tables: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    *,
    periods: Sequence[str] | None = None,
    title: str = "",
    overwrite: bool = False,
) -> Path:
    """Write an input workbook and give its path.

    Parameters
    ----------
    path
        Where to; ``.xlsx`` is added where it is missing.
    tables
        Rows by sheet, as mappings of header to value; None for a blank workbook with an example above each header.
        A sheet that is not named is written blank, so that it can be filled in later.
    periods
        Labels of the period columns of Series; by default those of the table Periods.
    title
        Title on the sheet Read me; by default the setting ``title``.
    overwrite
        Whether a file that exists may be replaced.

    Raises
    ------
    UsageError
        Where the file exists, or cannot be written because it is open in Excel.
    """
    path = Path(path)
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        path = path.with_name(f"{path.name}.xlsx")
    if path.exists() and not overwrite:
        raise UsageError(f"{path} exists; give another name or remove it first.")
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.")
    _check_sheets(tables)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        with new_book(unfinished / path.name, title) as book:
            _fill(book, tables, periods, title)
        (unfinished / path.name).replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error}). If it is open in Excel, close it there.") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return path


def _check_sheets(tables: Mapping[str, Any] | None) -> None:
    unknown = [name for name in tables or () if name not in SHEETS]
    if unknown:
        raise UsageError(f"There is no sheet {unknown[0]!r}; sheets are {', '.join(SHEETS)}.")


def _fill(
    book: Any, tables: Mapping[str, Sequence[Mapping[str, Any]]] | None, periods: Sequence[str] | None, title: str
) -> None:
    blank = tables is None
    tables = {"Settings": _default_settings()} if tables is None else tables
    if periods is None:
        periods = [str(row["period"]) for row in tables.get("Periods", ())]
    settings = {row.get("setting"): row.get("value") for row in tables.get("Settings", ())}
    formats = Formats(book)
    read_me = book.add_worksheet("Read me")
    layouts: dict[str, Layout] = {}
    for table in SHEETS.values():
        rows = tables.get(table.sheet, ())
        layout = layouts[table.sheet] = layout_of(table, rows, periods, example=blank)
        writer = _SheetWriter(book, formats, layout)
        writer.write(rows)
    for layout in layouts.values():
        _define_names(book, layout)
    write_read_me(
        read_me, formats.named, list(layouts.values()), title or str(settings.get("title") or ""), blank=blank
    )
    read_me.activate()


def _default_settings() -> list[dict[str, Any]]:
    """Every setting, left blank, which means its default."""
    return [{"setting": column.name, "note": _setting_note(column)} for column in SETTINGS.columns]


def _setting_note(column: Column) -> str:
    choices = f" ({' or '.join(column.choices)})" if column.choices else ""
    default = column.blank_means or (
        f"{column.blank:g}" if isinstance(column.blank, (int, float)) else str(column.blank)
    )
    return f"{column.meaning}{choices}; blank: {default}"


def _define_names(book: Any, layout: Layout) -> None:
    """A name for the sheet's keys, as long as they are many, for drop-downs that refer to them.

    A range with blank cells would let any entry pass.
    """
    first, column = layout.header + 2, column_letter(1)
    place = f"'{layout.table.sheet}'!${column}${first}"
    area = f"'{layout.table.sheet}'!${column}${first}:${column}${first + ROOM - 1}"
    book.define_name(f"names_{layout.table.sheet}", f"=OFFSET({place},0,0,MAX(1,COUNTA({area})),1)")


class Formats:
    """Cell formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        make = book.add_format
        self.named: dict[str, Any] = {
            "title": make({"bold": True, "font_size": 14, "font_color": NAVY}),
            "help": make({"font_color": GREY, "italic": True}),
            "wrap": make({"text_wrap": True, "valign": "top"}),
            "strong": make({"bold": True, "valign": "top"}),
            "link": make({"font_color": "#0563C1", "underline": 1, "valign": "top"}),
            "example": make({"font_color": "#8C8C8C", "italic": True}),
            "unit": make({"font_color": GREY, "font_size": 9}),
            "header": make({"bold": True, "font_color": "white", "bg_color": NAVY, "valign": "vcenter"}),
            "text": make({"num_format": "@"}),
            "plain": make({}),
            "year": make({"num_format": "0"}),
            "number": make({"num_format": "#,##0.###"}),
            "percent": make({"num_format": "0.0##%"}),
            "coordinate": make({"num_format": "0.00"}),
        }

    def of(self, column: Column) -> Any:
        """The format of a column's cells."""
        if column.kind == "number":
            kinds = {"share": "percent", "share a year": "percent", "year": "year", "degrees": "coordinate"}
            return self.named[kinds.get(column.unit, "number")]
        # Excel would turn the label 2026-01 into a date
        return self.named["text" if column.kind in ("name", "period", "periods") else "plain"]


class _SheetWriter:
    """Writes one sheet."""

    def __init__(self, book: Any, formats: Formats, layout: Layout) -> None:
        self.sheet = book.add_worksheet(layout.table.sheet)
        self.formats, self.layout, self.table = formats, layout, layout.table

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """The whole sheet: what it is for, units, header, rows, notes and drop-downs."""
        named, header = self.formats.named, self.layout.header
        self.sheet.write_string(0, 0, self.table.sheet, named["title"])
        self.sheet.write_string(1, 0, self.table.purpose, named["help"])
        for index, column in enumerate(self.layout.columns):
            self.sheet.set_column(
                index, index, column_width(column, rows, example=self.layout.example), self.formats.of(column)
            )
            self.sheet.write_string(header - 1, index, unit_shown(column), named["unit"])
            if self.layout.example and column.example is not None:
                self.sheet.write_string(header - 2, index, f"e.g. {_shown(column.example)}", named["example"])
            if column.name not in self.layout.periods:
                size = {"x_scale": 2.2, "y_scale": 1.6}
                self.sheet.write_comment(header, index, note_text(column), size)
        self._rows(rows)
        self._table(len(rows))
        self._drop_downs()
        self.sheet.freeze_panes(header + 1, 1)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(header - 1, header)
        self.sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        group = "needed" if self.table.needed else _GROUPS.get(self.table.sheet, "optional")
        self.sheet.set_tab_color(TAB_COLOURS[group])

    def _rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        names = {column.name for column in self.layout.columns}
        for number, row in enumerate(rows):
            unknown = [str(name) for name in row if str(name) not in names]
            if unknown:
                raise UsageError(f"{self.table.sheet} has no column {unknown[0]!r} (row {number + 1}).")
            by_name = {str(name): value for name, value in row.items()}
            for index, column in enumerate(self.layout.columns):
                self._cell(self.layout.header + 1 + number, index, column, by_name.get(column.name))

    def _cell(self, row: int, index: int, column: Column, value: Any) -> None:
        cell_format = self.formats.of(column)
        if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
            return
        if isinstance(value, bool):
            self.sheet.write_string(row, index, "yes" if value else "no", cell_format)
        elif isinstance(value, (int, float)) and column.kind in ("number", "value") and math.isfinite(value):
            self.sheet.write_number(row, index, value, cell_format)
        elif isinstance(value, float) and math.isinf(value):
            self.sheet.write_string(row, index, "unlimited", cell_format)
        elif isinstance(value, str) and value.startswith("=") and column.kind in ("number", "value"):
            raise UsageError(f"{self.table.sheet}, {column.name}: {value!r} is a formula; give the number.")
        else:
            self.sheet.write_string(row, index, _shown(value), cell_format)

    def _table(self, count: int) -> None:
        header = self.layout.header
        columns = [
            {"header": column.name, "header_format": self.formats.named["header"]} for column in self.layout.columns
        ]
        options = {"name": f"t_{self.table.sheet}", "style": TABLE_STYLE, "columns": columns}
        self.sheet.add_table(header, 0, header + max(count, 1), len(columns) - 1, options)
        self.sheet.set_row(header, 20)

    def _drop_downs(self) -> None:
        first = self.layout.header + 1
        for index, column in enumerate(self.layout.columns):
            rule = _rule(column)
            if rule:
                self.sheet.data_validation(first, index, first + ROOM - 1, index, rule)


def _rule(column: Column) -> dict[str, Any] | None:
    """Excel's own check of a column: a list for choices and for references; None where a list would be in the way."""
    stop = {"error_title": column.name, "error_message": f"It needs {column.needs}."[:255]}
    if column.kind == "choice":
        return {"validate": "list", "source": list(column.choices), **stop}
    if column.kind == "yes/no":
        return {"validate": "list", "source": ["yes", "no"], **stop}
    if column.kind == "period":
        return {"validate": "list", "source": "=names_Periods", **stop}
    if len(column.refers_to) == 1 and column.kind in ("reference", "references"):
        rule = {"validate": "list", "source": f"=names_{column.refers_to[0]}", **stop}
        # several names may be typed, of which the list holds each alone
        return rule if column.kind == "reference" else {**rule, "show_error": False}
    if column.name == "sheet":
        return {"validate": "list", "source": list(CHANGEABLE), "show_error": False}
    return None


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, dt.date):
        return value.strftime("%Y-%m")
    return str(value)
