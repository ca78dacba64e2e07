"""Native charts of the first scenario, each fed by a small table beside it."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from model.report.content import Content
from model.report.headlines import CORRIDOR_MEANING, MARKET_MEANING, Breakdown
from model.report.styles import Styles

_TABLE_COLUMN: Final = 12  # the tables stand to the right of the charts
STOCKS: Final = "stocks"
CAPEX: Final = "capex"
DISRUPTED: Final = "value lost by day of disruption"
_ROWS: Final = 22  # from one chart to the next
_COLOURS: Final = (
    "#1F4E79", "#D97706", "#4D9078", "#9B2226", "#7B6FA8", "#5FA8D3", "#C9A227", "#6B705C", "#B8BDC7",
)  # fmt: skip


def write_charts(book: Any, sheet: Any, styles: Styles, content: Content) -> None:
    """Exports by corridor and by market, use of corridors, stocks and what is built, for each family apart."""
    sheet.set_column(_TABLE_COLUMN, _TABLE_COLUMN, 28)
    sheet.write_string(0, 0, f"Charts of the scenario {content.first.scenario}", styles.title)
    sheet.write_string(1, 0, CORRIDOR_MEANING, styles.question)
    sheet.write_url(2, 0, "internal:'Summary'!A1", styles.link, "Back to Summary")
    row = 4
    for kind, title, note, breakdowns in (
        ("column", "exports by corridor", "", content.first.corridors),
        ("column", "exports by market", MARKET_MEANING, content.first.markets),
        ("line", "use of corridors", "Share used of the tightest part of each corridor.", content.use),
        ("column", STOCKS, "Stock at the end of each period.", content.stocks),
        ("column", CAPEX, "Capex of what is built, at the start of each period.", content.built),
        ("column", DISRUPTED, "All scenarios that differ from base for a time; sheet Disruption.", content.disrupted),
    ):
        for breakdown in breakdowns:
            # what is all zeros draws nothing, and a chart without series is a fault in Excel
            if not len(breakdown.names) or not np.nansum(breakdown.volumes) > 0:
                continue
            data = breakdown if kind == "line" else breakdown.largest(8)
            _write_data(sheet, styles, data, f"{breakdown.family.capitalize()}: {title}", note, row, kind)
            sheet.insert_chart(row, 0, _chart(book, sheet.get_name(), data, title, row, kind))
            row += max(_ROWS, len(data.names) + 5)


def _write_data(sheet: Any, styles: Styles, data: Breakdown, title: str, note: str, row: int, kind: str) -> None:
    column = _TABLE_COLUMN
    sheet.write_string(row, column, f"{title}, {_unit(data, title, kind)}. {note}".strip(), styles.question)
    sheet.write_string(row + 1, column, "", styles.left_header)
    for t, label in enumerate(data.periods, 1):
        sheet.write_string(row + 1, column + t, label, styles.right_header)
    style = styles.number("share" if kind == "line" else "volume")
    for i, (name, values) in enumerate(zip(data.names, data.volumes, strict=True), 2):
        sheet.write_string(row + i, column, name)
        for t, value in enumerate(values.tolist(), 1):
            if math.isfinite(value):
                sheet.write_number(row + i, column + t, value, style)


def _chart(book: Any, sheet: str, data: Breakdown, title: str, row: int, kind: str) -> Any:
    chart = book.add_chart({"type": "column", "subtype": "stacked"} if kind == "column" else {"type": "line"})
    first, last = _TABLE_COLUMN + 1, _TABLE_COLUMN + len(data.periods)
    for i, _ in enumerate(data.names, 2):
        colour = _COLOURS[(i - 2) % len(_COLOURS)]
        chart.add_series(
            {
                "name": [sheet, row + i, _TABLE_COLUMN],
                "categories": [sheet, row + 1, first, row + 1, last],
                "values": [sheet, row + i, first, row + i, last],
                **_look(colour, kind),
            }
        )
    most = float(np.nanmax(data.total, initial=0.0))
    number = "0%" if kind == "line" else "#,##0" if most >= 5 else "0.0" if most >= 0.5 else "0.000"
    chart.set_title(
        {"name": f"{data.family.capitalize()}: {title}, {_unit(data, title, kind)}", "name_font": {"size": 12}}
    )
    axis = {"num_format": number, "major_gridlines": {"visible": True, "line": {"color": "#E5E7EB"}}, "min": 0}
    chart.set_y_axis({**axis, "max": 1.0} if kind == "line" else axis)
    chart.set_x_axis({"num_font": {"rotation": -45 if len(data.periods) > 12 else 0}})
    chart.set_legend({"position": "right"})
    chart.show_blanks_as("gap")
    chart.set_size({"width": 760, "height": 410})
    return chart


def _unit(data: Breakdown, title: str, kind: str) -> str:
    """What the numbers are: a share, a stock, or what moves in a period."""
    if kind == "line":
        return "share of capacity"
    return data.unit if title.endswith((STOCKS, DISRUPTED)) else f"{data.unit} per period"


def _look(colour: str, kind: str) -> dict[str, Any]:
    fill = {"color": colour}
    if kind == "column":
        return {"fill": fill, "gap": 40}
    # a line needs two points: without a marker a single period, or one between gaps, would not be seen
    marker = {"type": "circle", "size": 5, "fill": fill, "border": fill}
    return {"line": {"color": colour, "width": 2}, "marker": marker}
