"""A comparison as a workbook and as a page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.analysis.compare import QUESTIONS, Question, Side, compared, totals
from model.report.bulk_sheet import BulkSheet
from model.report.page.data import Section
from model.report.page.pool import Pool, significant
from model.report.page.write import write_page
from model.report.styles import Styles
from model.workbook.book import new_book
from model.workbook.sheets import COMMODITIES

if TYPE_CHECKING:
    import pandas as pd

_SCRIPTS: Final = ("core.js", "extra.js", "compare.js")
_FORMATS: Final = {"Money": "money", "Rents": "money", "Prices": "price"}
_OVERVIEW: Final = "Overview"
_TOP: Final = 15
_CHANGED_SHOWN: Final = 400


@dataclass(frozen=True)
class Comparison:
    """What is shown: sides with their values (million USD), tables by question, inputs that differ, and the bridge.

    ``inputs`` holds address and one text per side; ``bridge`` the columns step, value_before, change, value_after, or
    None with the reason in ``no_bridge``; ``note`` says what else a reader must know.
    """

    title: str
    value_name: str
    sides: Sequence[Side]
    worth: Sequence[float]
    inputs: Sequence[tuple[str, ...]]
    bridge: pd.DataFrame | None = None
    no_bridge: str = ""
    note: str = ""

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every question's table, by title."""
        return {question.title: compared(question, self.sides) for question in QUESTIONS}

    @property
    def names(self) -> list[str]:
        """The sides' names."""
        return [side.name for side in self.sides]


def bridge_section(bridge: pd.DataFrame, value_name: str) -> Section:
    """The waterfall of a bridge; columns step, value_before, change, value_after in million USD."""
    steps, changes = bridge["step"].tolist(), bridge["change"].tolist()
    inner = range(1, len(steps) - 1)
    kinds = ["absolute", *("relative" for _ in inner), "total"]
    words = [f"{change:+,.0f}" if i in inner else f"{change:,.0f}" for i, change in enumerate(changes)]
    words = [word.replace("-", "−") for word in words]
    ends = [*bridge["value_before"].tolist()[1:-1], *bridge["value_after"].tolist()]
    low, high = min(ends), max(ends)
    room = max(high - low, 1e-9 * abs(high), 1e-9)
    # a bridge is about its steps: the axis begins near them, and says so
    bars = {
        "type": "waterfall",
        "orientation": "h",
        "measure": kinds,
        "x": changes,
        "y": list(range(len(steps))),
        "textposition": "none",
        "hoverinfo": "skip",
        "connector": {"line": {"color": "--line", "width": 1}},
        "totals": {"marker": {"color": "--c0"}},
        "increasing": {"marker": {"color": "--c2"}},
        "decreasing": {"marker": {"color": "--down"}},
    }
    names = {"tickvals": bars["y"], "ticktext": [escape(step, quote=False) for step in steps]}
    # the amounts stand in a column of their own, where they cover neither names nor bars
    wide = 16 + 7.6 * max(map(len, words))
    beside = {"xref": "paper", "x": 1, "xanchor": "right", "xshift": wide - 2, "yref": "y", "showarrow": False}
    layout = {
        "height": 80 + 28 * len(steps),
        "margin": {"l": 10, "r": wide, "t": 6, "b": 10},
        "annotations": [{**beside, "y": i, "text": word} for i, word in enumerate(words)],
        "yaxis": {"autorange": "reversed", "showgrid": False, **names},
        "xaxis": {"range": [low - 0.12 * room, high + 0.12 * room], "nticks": 5, "tickangle": 0},
    }
    said = ", ".join(f"{step} {word}" for step, word in zip(steps, words, strict=True))
    note = (
        f"How the change in {value_name.lower()} comes about, million USD discounted: each part is what a group of "
        "inputs contributes in the mean of all orders in which they can be exchanged (Shapley, 1953). "
        "The axis does not begin at zero."
    )
    return Section("From one to the other", note, ((f"Bridge: {said}.", {"data": [bars], "layout": layout}),))


# ---- the workbook


def write_comparison(path: Path, found: Comparison, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write the workbook: values, what changed most, the bridge, each question's table, and inputs that differ."""
    with new_book(path, found.title) as book:
        styles = Styles(book)
        _write_overview(book.add_worksheet(_OVERVIEW), styles, found, tables)
        for question in QUESTIONS:
            _write_table(book, styles, question.title, question.meaning, tables[question.title], len(found.sides))
        _write_inputs(book.add_worksheet("Inputs"), styles, found)
        for sheet in book.worksheets():
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 0)


def _write_overview(sheet: Any, styles: Styles, found: Comparison, tables: Mapping[str, pd.DataFrame]) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 28)
    sheet.set_column(2, 12, 18)
    sheet.write_string(0, 0, found.title, styles.headline)
    sheet.write_string(1, 0, found.note, styles.question)
    row = 2
    for column, text in enumerate(["", *found.names]):
        sheet.write_string(row, column, text, styles.right_header if column else styles.left_header)
    sheet.write_string(row + 1, 0, f"{found.value_name}, discounted million USD")
    sheet.write_string(row + 2, 0, f"against {found.names[0]}")
    for column, value in enumerate(found.worth, 1):
        sheet.write_number(row + 1, column, value, styles.number("money"))
        if column > 1:
            sheet.write_number(row + 2, column, value - found.worth[0], styles.number("money"))
    row = _write_bridge(sheet, styles, found, row + 5)
    for question in QUESTIONS:
        if question.title in ("Prices", "Links"):
            continue
        top = totals(tables[question.title], question, found.sides).head(_TOP)
        sheet.write_string(row, 0, f"{question.title}: largest differences over all periods", styles.section)
        row = _write_rows(sheet, styles, top, row + 1, _FORMATS.get(question.title, "volume")) + 2


def _write_bridge(sheet: Any, styles: Styles, found: Comparison, row: int) -> int:
    sheet.write_string(row, 0, "Bridge", styles.section)
    if found.bridge is None:
        sheet.write_string(row + 1, 0, found.no_bridge, styles.question)
        return row + 3
    note = "Mean contribution of each group of inputs over all orders of exchange (Shapley, 1953); million USD."
    sheet.write_string(row + 1, 0, note, styles.question)
    return _write_rows(sheet, styles, found.bridge, row + 2, "money") + 2


def _write_rows(sheet: Any, styles: Styles, table: pd.DataFrame, row: int, look: str) -> int:
    """Header and rows; returns the row below."""
    for column, name in enumerate(table.columns):
        numeric = table[name].dtype.kind in "fi"
        sheet.write_string(row, column, str(name), styles.right_header if numeric else styles.left_header)
    looks = ["year" if table[name].dtype.kind == "i" else look for name in table.columns]
    for cells in table.itertuples(index=False, name=None):
        row += 1
        for column, value in enumerate(cells):
            if isinstance(value, str):
                sheet.write_string(row, column, value)
            elif math.isfinite(value):
                sheet.write_number(row, column, value, styles.number(looks[column]))
    return row + 1


def _write_table(book: Any, styles: Styles, title: str, meaning: str, table: pd.DataFrame, sides: int) -> None:
    sheet = book.add_worksheet(title, BulkSheet)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, title, styles.title)
    sheet.write_string(1, 0, f"{meaning} The largest differences first.", styles.question)
    sheet.write_url(2, 0, f"internal:'{_OVERVIEW}'!A1", styles.link, f"Back to {_OVERVIEW}")
    number = styles.number(_FORMATS.get(title, "volume"))
    looks = [number if table[name].dtype.kind == "f" else styles.number("text") for name in table.columns]
    sheet.set_column(0, len(looks) - 2 * sides, 24)
    sheet.set_column(len(looks) - 2 * sides + 1, len(looks), 18)
    sheet.freeze_panes(5, 0)
    sheet.write_frame(5, table, looks)
    columns = [{"header": str(name), "header_format": styles.header} for name in table.columns]
    options = {"name": f"compare_{title.lower()}", "style": "Table Style Light 1", "columns": columns}
    sheet.add_long_table(4, len(table), len(columns), options)


def _write_inputs(sheet: Any, styles: Styles, found: Comparison) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 60)
    sheet.set_column(1, len(found.sides), 30)
    sheet.write_string(0, 0, "Inputs that differ, cell by cell", styles.title)
    for column, text in enumerate(["address", *found.names]):
        sheet.write_string(2, column, text, styles.left_header)
    if not found.inputs:
        sheet.write_string(3, 0, "No cell differs.", styles.question)
    for row, texts in enumerate(found.inputs, 3):
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text)


# ---- the page


def write_comparison_page(path: Path, found: Comparison, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write the page: values, bridge, differences by corridor, market, exporter, price and rent, and inputs."""
    periods = list(dict.fromkeys(label for side in found.sides for label in side.frames["Exports"]["period"]))
    pool = Pool(len(periods))
    data = {
        "title": found.title,
        "valueName": found.value_name,
        "sides": found.names,
        "values": list(found.worth),
        "periods": periods,
        "families": _families(found.sides),
        "questions": [_question(question, tables[question.title], found, periods, pool) for question in QUESTIONS],
        "inputs": [list(row) for row in found.inputs[:_CHANGED_SHOWN]],
        "inputsLeft": max(len(found.inputs) - _CHANGED_SHOWN, 0),
        "sections": [],
        "noBridge": found.no_bridge,
        "note": found.note,
        "series": pool.series,
    }
    if found.bridge is not None:
        one = bridge_section(found.bridge, found.value_name)
        data["sections"] = [{"title": one.title, "note": one.note, "figures": one.figures}]
    write_page(path, found.title, "Comparison of results", "compare.html", _SCRIPTS, data)


def _families(sides: Sequence[Side]) -> list[str]:
    """Families of which something is exported."""
    exports = [side.frames["Exports"] for side in sides]
    moved = {family for frame in exports for family in frame.loc[frame["volume"] > 0, "family"]}
    return [family for family in COMMODITIES["family"].choices if family in moved]


def _question(
    question: Question, table: pd.DataFrame, found: Comparison, periods: Sequence[str], pool: Pool
) -> dict[str, Any]:
    """Items with one series a side."""
    keys = [key for key in question.keys if key != "period"]
    rows = table[table["period"].isin(periods)]
    group = rows.groupby([*keys, "unit"], sort=False).ngroup().to_numpy()
    position = {label: t for t, label in enumerate(periods)}
    at = rows["period"].map(position).to_numpy(dtype=np.int64)
    count = int(group.max()) + 1 if len(group) else 0
    first = np.zeros(count, dtype=np.int64)
    first[group[::-1]] = np.arange(len(group))[::-1]
    series = []
    for name in found.names:
        values = np.full((count, len(periods)), np.nan if question.table == "Prices" else 0.0)
        values[group, at] = rows[name].to_numpy(dtype=float)
        series.append(pool.add(significant(values)))
    texts = rows[[*keys, "unit"]].iloc[first].to_numpy(dtype=object).tolist()
    return {"title": question.title, "meaning": question.meaning, "keys": keys, "items": texts, "series": series}
