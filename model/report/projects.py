"""The workbook on projects and money: what they are worth, as tables and native charts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from model.analysis.projects.study import Answer, Study
from model.report.styles import Styles
from model.report.table_text import LONGEST_TEXT, file_name, write_csv
from model.workbook.book import new_book

if TYPE_CHECKING:
    import pandas as pd

WORKBOOK: Final = "projects.xlsx"
MOST_CURVES: Final = 12
_POINTS: Final = 13  # column of the charts' points
_ROWS: Final = 20  # from one chart to the next
_WIDEST: Final = 60
_COLOUR: Final = "#1F4E79"
UNFINISHED: Final = "UNFINISHED.txt"  # beside the CSV tables, where Ctrl-C left some without rows
_NOTHING: Final = "Nothing: the scenario holds nothing of this kind, or it was not asked for."
_NOT_FOUND: Final = "Nothing was found before the work was stopped."
Points = list[tuple[float, float]]


def write_projects(study: Study, folder: Path) -> None:
    """Write the answers into a folder: projects.xlsx with charts, and each table as CSV."""
    for answer in study.answers:
        write_csv(answer.frame, folder / file_name(answer.name))
    if study.missing:
        (folder / UNFINISHED).write_text(said_first(study) + "\n", encoding="utf-8")
    with new_book(folder / WORKBOOK, f"Projects and money: {study.title}") as book:
        styles = Styles(book)
        for answer in study.answers:
            sheet = _sheet(book, answer.name)
            top = _head(sheet, styles, study, answer)
            if answer is study.pairs:
                top = _matrix(book, sheet, styles, study, top)
            _table(sheet, styles, study, answer, top)
        _charts(book, _sheet(book, "Charts"), styles, study)


def said_first(study: Study) -> str:
    """Whose worth it is, and how near to the best the plan with all projects is."""
    text = f"{study.title}, scenario {study.scenario}: {study.value:,.1f} million USD"
    if study.bound > study.value + 1e-9 * abs(study.value):
        text += f", at most {study.bound:,.1f} (a search over whole units leaves a gap)"
    missing = f" UNFINISHED, stopped by Ctrl-C. Missing: {study.missing}." if study.missing else ""
    return f"{text}.{missing}"


def _sheet(book: Any, name: str) -> Any:
    """A sheet that prints one page wide."""
    sheet = book.add_worksheet(name)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    return sheet


def _head(sheet: Any, styles: Styles, study: Study, answer: Answer) -> int:
    """Title, question and notes; returns the row below them."""
    sheet.write_string(0, 0, answer.name, styles.title)
    sheet.write_string(1, 0, answer.question, styles.question)
    for row, text in enumerate((said_first(study), *answer.notes), 2):
        sheet.write_string(row, 0, text)
    return 3 + len(answer.notes)


def _table(sheet: Any, styles: Styles, study: Study, answer: Answer, top: int) -> None:
    """Units, header and rows of a table, with what each column means as a note."""
    if not len(answer.frame):
        sheet.write_string(top + 1, 0, _NOT_FOUND if study.missing else _NOTHING, styles.question)
        return
    header = top + 1
    for index, column in enumerate(answer.columns):
        sheet.write_string(header - 1, index, column.unit, styles.unit)
        sheet.write_string(header, index, column.name.replace("_", " "), styles.header)
        sheet.write_comment(header, index, column.meaning, {"x_scale": 1.6, "y_scale": 0.9})
        sheet.set_column(index, index, _width(column.name, column.unit, answer.frame[column.name]))
        look = styles.number(column.format)
        for row, value in enumerate(answer.frame[column.name].tolist(), header + 1):
            if isinstance(value, str):
                sheet.write_string(row, index, value[:LONGEST_TEXT], look)
            elif math.isfinite(value):
                sheet.write_number(row, index, value, look)
    sheet.autofilter(header, 0, header + len(answer.frame), len(answer.columns) - 1)
    if top < _ROWS:
        sheet.freeze_panes(header + 1, 1)


def _width(name: str, unit: str, values: pd.Series[Any]) -> float:
    texts = [str(value) for value in values if isinstance(value, str)]
    return min(max([len(name) + 4, len(unit), 10, *map(len, texts)]) + 1, _WIDEST)


def _matrix(book: Any, sheet: Any, styles: Styles, study: Study, top: int) -> int:
    """Pairs as a square, a project's own worth on the diagonal; returns the row below it."""
    pairs = study.pairs.frame
    names = list(dict.fromkeys([*pairs["first"], *pairs["second"]]))
    if not names:
        return top
    worth = study.worth.frame.set_index("project")["npv"]
    known = {(a, b): value for a, b, value in pairs[["first", "second", "interaction"]].itertuples(index=False)}
    sheet.write_string(top, 0, "million USD; on the diagonal each project's npv", styles.unit)
    for i, name in enumerate(names):
        sheet.write_string(top + 1, 1 + i, name, styles.right_header)
        sheet.write_string(top + 2 + i, 0, name, styles.left_header)
        for j, other in enumerate(names):
            value = worth[name] if i == j else known.get((name, other), known.get((other, name), math.nan))
            if math.isfinite(value):
                sheet.write_number(top + 2 + i, 1 + j, value, styles.bold if i == j else styles.number("money"))
    for sign, colour in ((">", "#D1FAE5"), ("<", "#FEE2E2")):
        rule = {"type": "cell", "criteria": sign, "value": 0, "format": book.add_format({"bg_color": colour})}
        sheet.conditional_format(top + 2, 1, top + 1 + len(names), len(names), rule)
    return top + 4 + len(names)


def _charts(book: Any, sheet: Any, styles: Styles, study: Study) -> None:
    """One chart a fund, of the value of its money, and one a project, of what is built as its capex varies."""
    sheet.set_column(_POINTS, _POINTS + 1, 26)
    sheet.write_string(0, 0, f"Value of money, and capacity against capex, scenario {study.scenario}", styles.title)
    row = 2
    for title, x, y, points in (*_money(study), *_curves(study)):
        sheet.write_string(row, _POINTS, x, styles.left_header)
        sheet.write_string(row, _POINTS + 1, y, styles.left_header)
        for offset, point in enumerate(points, 1):
            for column, value in enumerate(point):
                sheet.write_number(row + offset, _POINTS + column, value, styles.number("number"))
        sheet.insert_chart(row, 0, _chart(book, sheet.get_name(), (title, x, y), row, points))
        row += max(_ROWS, len(points) + 2)


def _money(study: Study) -> Iterator[tuple[str, str, str, Points]]:
    for fund, rows in study.money.frame.groupby("fund", sort=False):
        points: Points = []
        for one in rows.to_dict("records"):
            end = one["budget_to"] if math.isfinite(one["budget_to"]) else 1.1 * one["budget_from"] + 1
            points += [(one["budget_from"], one["value_from"]), (end, one["value_to"])]
        yield f"Optimal value by the budget of {fund}", "budget, million USD", "million USD", points


def _curves(study: Study) -> Iterator[tuple[str, str, str, Points]]:
    for number, (project, rows) in enumerate(study.curves.frame.groupby("project", sort=False)):
        if number == MOST_CURVES:
            return
        money = rows["capex_from"].notna().all()
        size = rows["capacity"] / rows["units"].where(rows["units"] > 0)
        per_unit = float(size.max()) if size.notna().any() else 1.0
        sides = ("capex_from", "capex_to") if money else ("share_from", "share_to")
        points: Points = []
        for one in rows.to_dict("records"):
            start, end = one[sides[0]], one[sides[1]]
            end = end if math.isfinite(end) else 1.25 * start + 1e-9
            points += [(start, one["units"] * per_unit), (end, one["units_to"] * per_unit)]
        x = "capex, million USD per unit" if money else "capex, share of today's"
        yield f"{project}: capacity built by its capex", x, str(rows["unit"].iloc[0]), points


def _chart(book: Any, sheet: str, words: Sequence[str], row: int, points: Points) -> Any:
    title, x, y = words
    chart = book.add_chart({"type": "scatter", "subtype": "straight"})
    last = row + len(points)
    chart.add_series(
        {
            "name": y,
            "categories": [sheet, row + 1, _POINTS, last, _POINTS],
            "values": [sheet, row + 1, _POINTS + 1, last, _POINTS + 1],
            "line": {"color": _COLOUR, "width": 2},
            "marker": {"type": "none"},
        }
    )
    chart.set_title({"name": title, "name_font": {"size": 12}})
    chart.set_x_axis({"name": x, "min": 0, "max": max(point[0] for point in points), "num_format": "#,##0.##"})
    chart.set_y_axis(
        {"name": y, "num_format": "#,##0.##", "major_gridlines": {"visible": True, "line": {"color": "#E5E7EB"}}}
    )
    chart.set_legend({"none": True})
    chart.set_size({"width": 760, "height": 380})
    return chart
