"""results.xlsx: every result table as an Excel table, a Summary that leads to them, and native charts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

from model.errors import ModelError
from model.report.charts import write_charts
from model.report.content import Content
from model.report.overview import write_overview
from model.report.styles import Styles
from model.results.declare import ResultColumn, ResultTable

if TYPE_CHECKING:
    import pandas as pd

SUMMARY: Final = "Summary"
CHARTS: Final = "Charts"
MOST_ROWS: Final = 1_048_576 - 10  # what Excel's sheets hold, less what stands above a table
_LONGEST_TEXT: Final = 32_767
_WIDEST: Final = 60
_SAMPLE: Final = 2000
_CREATED: Final = datetime(2000, 1, 1)  # equal results are equal files: no clock in them
_OPTIONS: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_results(path: Path, content: Content) -> list[str]:
    """Write the workbook of results.

    Returns
    -------
    list of str
        What did not fit into Excel and stands only in the CSV files.

    Raises
    ------
    ModelError
        Where the file cannot be written.
    """
    notices: list[str] = []
    book = xlsxwriter.Workbook(str(path), _OPTIONS)
    book.set_properties({"title": content.title, "created": _CREATED})
    styles = Styles(book)
    for number, spec in enumerate(content.specs):
        sheet = book.add_worksheet(spec.name)
        top = write_overview(sheet, styles, content) if spec.name == SUMMARY else 0
        frame = content.frames[spec.name]
        if len(frame) > MOST_ROWS - top:
            notices.append(f"{spec.name} has {len(frame):,} rows, more than a sheet holds; all are in tables/ as CSV.")
            frame = frame.iloc[:0]
            sheet.write_string(top, 4, notices[-1], styles.warning)
        _write_table(sheet, styles, spec, frame, top, number)
        if spec.name == SUMMARY:
            write_charts(book, book.add_worksheet(CHARTS), styles, content)
    try:
        book.close()
    except (OSError, xlsxwriter.exceptions.XlsxWriterException) as error:
        raise ModelError(f"{path.name} could not be written ({error}); earlier results are as they were.") from error
    return notices


def _write_table(sheet: Any, styles: Styles, spec: ResultTable, frame: pd.DataFrame, top: int, number: int) -> None:
    """Title, question, units and the table itself, from row ``top`` (0 = the first)."""
    sheet.hide_gridlines(2)
    sheet.write_string(top, 0, spec.name, styles.title)
    sheet.write_string(top + 1, 0, spec.question, styles.question)
    if spec.name != SUMMARY:
        sheet.write_url(top + 2, 0, f"internal:'{SUMMARY}'!A1", styles.link, "Back to Summary")
        sheet.freeze_panes(top + 5, 0)
    header = top + 4
    for index, column in enumerate(spec.columns):
        values = frame[column.name].tolist()
        sheet.write_string(header - 1, index, column.unit, styles.unit)
        sheet.write_comment(header, index, column.meaning, {"x_scale": 1.6, "y_scale": 0.7})
        _write_column(sheet, styles, column, values, header + 1, index)
        if spec.name != SUMMARY:
            sheet.set_column(index, index, _width(column, values), styles.number(column.format))
    # a table of Excel needs a row below its header
    last = header + max(len(frame), 1)
    options = {
        "name": f"table_{number}_{spec.attribute}",
        "style": "Table Style Light 1",
        "columns": [{"header": column.name, "header_format": styles.header} for column in spec.columns],
    }
    sheet.add_table(header, 0, last, len(spec.columns) - 1, options)


def _write_column(sheet: Any, styles: Styles, column: ResultColumn, values: list[Any], row: int, index: int) -> None:
    style = styles.wrapped if column.name in ("equation", "meaning") else styles.number(column.format)
    text, number = sheet.write_string, sheet.write_number
    for position, value in enumerate(values, row):
        if isinstance(value, str):
            if value:
                text(position, index, value[:_LONGEST_TEXT], style)
        elif value is None:
            continue
        elif isinstance(value, bool):
            text(position, index, "yes" if value else "no", style)
        elif math.isfinite(value):
            number(position, index, value, style)
        elif value > 0:
            text(position, index, "unlimited", style)


def _width(column: ResultColumn, values: Iterable[Any]) -> float:
    """Width by the longest of a sample: the header with its filter button, the unit, and what stands below."""
    longest = max(len(column.name) + 3, len(column.unit))
    sample = list(values)
    for value in sample[:: max(len(sample) // _SAMPLE, 1)]:
        if isinstance(value, str):
            longest = max(longest, *map(len, value.split("\n")))
        elif isinstance(value, float) and math.isfinite(value):
            longest = max(longest, len(f"{value:,.0f}") + 3)
    return min(longest + 1, _WIDEST)
