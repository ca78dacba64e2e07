"""results.xlsx: a dashboard to choose in, a Summary, every result table as an Excel table, and native charts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from model.errors import ModelError, NoAnswer
from model.report.board import TableRange
from model.report.bulk_sheet import BulkSheet
from model.report.charts import write_charts
from model.report.conflict import add_conflicts
from model.report.content import Content
from model.report.dashboard import NAME as DASHBOARD
from model.report.dashboard import write_dashboard
from model.report.overview import write_overview
from model.report.styles import Styles
from model.report.table_text import file_name
from model.results.declare import ResultColumn, ResultTable
from model.workbook.book import new_book

if TYPE_CHECKING:
    import pandas as pd

SUMMARY: Final = "Summary"
CHARTS: Final = "Charts"
MOST_ROWS: Final = 1_048_576 - 10  # what Excel's sheets hold, less what stands above a table
_WIDEST: Final = 60
_WIDEST_TEXT: Final = 95


class Shown(Protocol):
    """What a sheet needs to know of its table; sentences (not ``per_scenario``) are wrapped."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def question(self) -> str: ...  # noqa: D102
    @property
    def columns(self) -> tuple[ResultColumn, ...]: ...  # noqa: D102
    @property
    def per_scenario(self) -> bool: ...  # noqa: D102
    @property
    def attribute(self) -> str: ...  # noqa: D102


def write_results(path: Path, content: Content, conflicts: Mapping[str, NoAnswer] | None = None) -> list[str]:
    """Write the workbook of results.

    Parameters
    ----------
    path, content
        Where, and what is shown.
    conflicts
        By name, why scenarios without a plan have none; where there are any, they have sheets of their own.

    Returns
    -------
    list of str
        What did not fit into Excel and stands only in the CSV files.

    Raises
    ------
    ModelError
        Where the file cannot be written.
    """
    try:
        cells = sum(_shown(spec, content).size for spec in content.specs)
        with new_book(path, content.title, cells) as book:
            return _fill(book, content, conflicts or {})
    except OSError as error:
        raise ModelError(f"{path.name} could not be written ({error}); earlier results are as they were.") from error


def _fill(book: Any, content: Content, conflicts: Mapping[str, NoAnswer]) -> list[str]:
    notices: list[str] = []
    styles = Styles(book)
    first = new_sheet(book, DASHBOARD)
    ranges: dict[str, TableRange] = {}
    for number, spec in enumerate(content.specs):
        sheet = new_sheet(book, spec.name)
        top = write_overview(sheet, styles, content) if spec.name == SUMMARY else 0
        frame = _shown(spec, content)
        if len(frame) > MOST_ROWS - top:
            notices.append(f"{spec.name} has {len(frame):,} rows, more than a sheet holds; all are in tables/ as CSV.")
            frame = frame.iloc[:0]
            sheet.write_string(top, 4, notices[-1], styles.warning)
        write_table(sheet, styles, spec, frame, top, number, _particulars(spec, frame, content))
        if spec.per_scenario:
            sheet.write_string(top + 2, 2, content.mark, styles.warning)
        names = {column.name: index for index, column in enumerate(spec.columns)}
        ranges[spec.name] = TableRange(spec.name, top + 5, top + 4 + max(len(frame), 1), names)
        if spec.name == SUMMARY:
            write_charts(book, new_sheet(book, CHARTS), styles, content)
    if conflicts:
        add_conflicts(book, styles, "Why scenarios have no plan", conflicts)
    write_dashboard(book, first, styles, content, ranges, [sheet.get_name() for sheet in book.worksheets()[1:]])
    return notices


def new_sheet(book: Any, name: str) -> Any:
    """A sheet without grid lines that prints one page wide."""
    sheet = book.add_worksheet(name, BulkSheet)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    return sheet


def _particulars(spec: ResultTable, frame: pd.DataFrame, content: Content) -> str:
    """What is to be said beside the question: that there is no answer, or that there is more of it elsewhere."""
    if not len(frame):
        return " Nothing: the workbook holds nothing of this kind."
    alone = sum(line.value is not None for line in content.lines) == 1
    if spec.detail and not alone:
        return f" Here: scenario {content.first.scenario}; all scenarios are in tables/{file_name(spec.name)}."
    periods = list(dict.fromkeys(frame["period"])) if spec.excerpt else []
    if not spec.excerpt or (alone and len(periods) == content.periods):
        return ""
    return (
        f" Here: scenario {content.first.scenario}, {', '.join(periods)}. Others: solve with --scenario and --periods, "
        f"or run.{spec.attribute} in Python."
    )


def _shown(spec: ResultTable, content: Content) -> pd.DataFrame:
    frame = content.frames[spec.name]
    return frame[frame["scenario"] == content.first.scenario] if spec.detail else frame


def write_table(
    sheet: Any,
    styles: Styles,
    spec: Shown,
    frame: pd.DataFrame,
    top: int,
    number: int,
    said: str = "",
) -> None:
    """Title, question, units and the table itself, from row ``top`` (0 = the first)."""
    sheet.write_string(top, 0, spec.name, styles.title)
    sheet.write_string(top + 1, 0, f"{spec.question}{said}", styles.question)
    if spec.name != SUMMARY:
        sheet.write_url(top + 2, 0, f"internal:'{SUMMARY}'!A1", styles.link, "Back to Summary")
        sheet.freeze_panes(top + 5, 0)
        sheet.repeat_rows(top + 4)
    header = top + 4
    looks = [_look(styles, spec, column) for column in spec.columns]
    for index, (column, style) in enumerate(zip(spec.columns, looks, strict=True)):
        sheet.write_string(header - 1, index, column.unit, styles.unit)
        sheet.write_comment(header, index, column.meaning, {"x_scale": 1.6, "y_scale": 0.7})
        if spec.name != SUMMARY:
            widest = _WIDEST if spec.per_scenario else _WIDEST_TEXT
            sheet.set_column(index, index, min(_width(column, frame[column.name]), widest), style)
    if spec.per_scenario:
        sheet.write_frame(header + 1, frame[[column.name for column in spec.columns]], looks)
    else:
        _write_sentences(sheet, frame, header + 1, looks)
    options = {
        "name": f"table_{number}_{spec.attribute}",
        "style": "Table Style Light 1",
        "columns": [{"header": column.name, "header_format": styles.header} for column in spec.columns],
    }
    sheet.add_long_table(header, len(frame), len(spec.columns), options)


def _look(styles: Styles, spec: Shown, column: ResultColumn) -> Any:
    """The format of a column; tables that hold no results hold sentences and equations."""
    if spec.per_scenario:
        return styles.number(column.format)
    return styles.equation if column.name in ("equation", "symbols") else styles.wrapped


def _write_sentences(sheet: Any, frame: pd.DataFrame, row: int, looks: Sequence[Any]) -> None:
    """Rows as high as their longest wrapped text: not every programme works that out when it opens a workbook."""
    for position, cells in enumerate(frame.itertuples(index=False), row):
        for index, (text, look) in enumerate(zip(cells, looks, strict=True)):
            sheet.write_string(position, index, str(text), look)
        lines = max(sum(len(part) // (_WIDEST_TEXT - 5) + 1 for part in str(text).split("\n")) for text in cells)
        sheet.set_row(position, 15 * min(lines, 27))


def _width(column: ResultColumn, values: pd.Series[Any]) -> float:
    """Width by the longest that stands in the column: its header with the filter button, unit, texts or numbers."""
    import pandas as pd

    longest = max(len(column.name) + 4, len(column.unit))
    if not pd.api.types.is_numeric_dtype(values):
        texts = [str(value) for value in values.unique()]
        longest = max([longest, *(len(line) for text in texts for line in text.split("\n"))])
    else:
        finite = values.abs()[values.abs() < math.inf]
        longest = max(longest, len(f"{finite.max():,.0f}") + 3) if len(finite) else longest
    return longest + 2
