"""The workbook of a staircase: its steps, volumes and charts."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from model.report.styles import Styles
from model.report.table_text import LONGEST_TEXT, write_csv
from model.workbook.book import new_book

if TYPE_CHECKING:
    import pandas as pd

    from model.analysis.staircase import Staircase

SHOWN: Final = 6  # corridors in the chart
_TOP: Final = 6  # row of the header, counted from 0
_POINTS: Final = 13  # column of the charts' points
_WIDTHS: Final = {"change": 70, "method": 22, "link": 30, "status": 12}
_FORMATS: Final = {
    "from": "price", "to": "price", "value_from": "money", "value_to": "money", "slope": "number",
    "volume_from": "volume", "volume_to": "volume",
}  # fmt: skip
_COLOURS: Final = ("#1F4E79", "#D97706", "#4D9078", "#9B2226", "#7B6FA8", "#5FA8D3")


def write_staircase(found: Staircase, folder: Path, name: str) -> None:
    """Write a staircase into a folder: a workbook of that name with native charts, and its tables as CSV."""
    write_csv(found.steps, folder / "steps.csv")
    write_csv(found.volumes, folder / "volumes.csv")
    with new_book(folder / name, f"Steps of {found.address}") as book:
        styles = Styles(book)
        _write_steps(_sheet(book, "Steps"), styles, found)
        _write_charts(book, _sheet(book, "Charts"), styles, found)
        sheet = _sheet(book, "Volumes")
        sheet.write_string(0, 0, f"Volumes at the start and end of each step of {found.address}", styles.title)
        _write_table(sheet, styles, found.volumes, 2)


def _sheet(book: Any, name: str) -> Any:
    """A sheet that prints one page wide."""
    sheet = book.add_worksheet(name)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    return sheet


def _write_steps(sheet: Any, styles: Styles, found: Staircase) -> None:
    unit = f", {found.unit}" if found.unit else ""
    per = f"million USD per {found.unit}" if found.unit else "million USD per unit"
    present = "not one number" if found.present is None else f"{found.present:g}"
    sheet.write_string(0, 0, f"Staircase of {found.address}", styles.title)
    sheet.write_string(1, 0, "At which values does the optimal plan change, and what lies between?", styles.question)
    for row, text in enumerate(
        (
            f"Scenario {found.scenario}; its present value: {present}{unit}.",
            f"from, to: value of the address{unit}. {found.goal}: discounted million USD. slope: {per}, "
            "from the start to the end of the step.",
            "change: the largest changes of volume over the periods of the address; with prices and costs where "
            "the step begins, else from its start to its end.",
        ),
        2,
    ):
        sheet.write_string(row, 0, text)
    _write_table(sheet, styles, found.steps, _TOP)
    _write_causes(sheet, styles, found, _TOP + len(found.steps) + 2)


def _write_causes(sheet: Any, styles: Styles, found: Staircase, top: int) -> None:
    """Why ends of the range have no optimum, line by line below the steps."""
    row = top
    for cause in found.causes:
        at = f"{cause.at:,.6g} {found.unit}".rstrip()
        sheet.write_string(row, 0, f"Why step {cause.step} has no {cause.lacks}, at {at}", styles.question)
        for line in cause.text.split("\n"):
            row += 1
            sheet.write_string(row, 0, line)
        row += 2


def _write_table(sheet: Any, styles: Styles, table: pd.DataFrame, top: int) -> None:
    for column, name in enumerate(table.columns):
        sheet.write_string(top, column, name.replace("_", " "), styles.header)
        sheet.set_column(column, column, _WIDTHS.get(name, 14))
        style = styles.number(_FORMATS[name]) if name in _FORMATS else None
        for row, value in enumerate(table[name].tolist(), top + 1):
            if isinstance(value, str):
                sheet.write_string(row, column, value[:LONGEST_TEXT], styles.indented)
            elif math.isfinite(value):
                sheet.write_number(row, column, value, style)
    sheet.freeze_panes(top + 1, 0)
    sheet.autofilter(top, 0, top + len(table), len(table.columns) - 1)


def _write_charts(book: Any, sheet: Any, styles: Styles, found: Staircase) -> None:
    """Charts of volumes, value and slope; their points stand to the right, each step twice, so that lines are steps."""
    sheet.write_string(0, 0, f"Staircase of {found.address}, scenario {found.scenario}", styles.title)
    lines = _largest(found)
    for i, header in enumerate(["value of the address", found.goal, "slope", *lines]):
        sheet.write_string(1, _POINTS + i, header, styles.left_header)
    points = _points(found, lines)
    for row, point in enumerate(points, 2):
        for i, value in enumerate(point):
            if math.isfinite(value):
                sheet.write_number(row, _POINTS + i, value)
    charts = [
        (range(3, 3 + len(lines)), "Volumes of the corridors that change most"),
        (range(1, 2), f"Optimal {found.goal}, discounted million USD"),
        (range(2, 3), "What one more unit changes, million USD"),
    ]
    for place, (series, title) in enumerate(one for one in charts if len(one[0])):
        sheet.insert_chart(2 + 20 * place, 0, _chart(book, sheet.get_name(), found, title, series, len(points)))


def _chart(book: Any, sheet: str, found: Staircase, title: str, series: range, count: int) -> Any:
    chart = book.add_chart({"type": "scatter", "subtype": "straight"})
    last = 1 + count
    for colour, i in enumerate(series):
        chart.add_series(
            {
                "name": [sheet, 1, _POINTS + i],
                "categories": [sheet, 2, _POINTS, last, _POINTS],
                "values": [sheet, 2, _POINTS + i, last, _POINTS + i],
                "line": {"color": _COLOURS[colour], "width": 2},
                "marker": {"type": "none"},
            }
        )
    low, high = float(found.steps["from"].iloc[0]), float(found.steps["to"].iloc[-1])
    name = f"{found.address}{', ' + found.unit if found.unit else ''}"
    chart.set_title({"name": title, "name_font": {"size": 12}})
    chart.set_x_axis({"name": name, "min": low, "max": high, "label_position": "low"})
    chart.set_y_axis({"num_format": "#,##0.##", "major_gridlines": {"visible": True, "line": {"color": "#E5E7EB"}}})
    chart.set_legend({"none": True} if len(series) == 1 else {"position": "right"})
    chart.show_blanks_as("gap")
    chart.set_size({"width": 760, "height": 380})
    return chart


def _largest(found: Staircase) -> dict[str, list[tuple[float, float]]]:
    """The corridors whose volume changes most over the range, with their volumes at both ends of each step."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for link, unit, start, end in found.volumes[["link", "unit", "volume_from", "volume_to"]].itertuples(index=False):
        lines.setdefault(f"{link}, {unit}", []).append((start, end))
    swing = {}
    for name, volumes in lines.items():
        known = [volume for pair in volumes for volume in pair if math.isfinite(volume)]
        swing[name] = max(known) - min(known) if known else 0.0
    names = sorted((name for name in lines if swing[name] > 1e-6), key=lambda name: -swing[name])
    return {name: lines[name] for name in names[:SHOWN]}


def _points(found: Staircase, lines: dict[str, list[tuple[float, float]]]) -> list[list[float]]:
    points = []
    for i, row in enumerate(found.steps.to_dict("records")):
        for side, name in enumerate(("from", "to")):
            carried = [volumes[i][side] for volumes in lines.values()]
            points.append([row[name], row[f"value_{name}"], row["slope"], *carried])
    return points
