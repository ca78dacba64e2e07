"""What a batch leaves: sweep.xlsx with native charts, sweep.html, and the pictures as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.analysis.designs.carrying_out import Outcome
from model.analysis.designs.frames import OPTIMAL
from model.analysis.designs.kinds import KINDS
from model.analysis.designs.meanings import QUESTIONS, meaning_of
from model.case import Case
from model.errors import ModelError
from model.report.bulk_sheet import BulkSheet
from model.report.excel import MOST_ROWS
from model.report.page.pool import significant
from model.report.page.write import write_page
from model.report.styles import Styles
from model.report.sweep.figures import figure_of
from model.report.sweep.images import write_images
from model.report.sweep.native import NativeCharts
from model.report.sweep.pictures import Picture, pictures_of
from model.results.declare import Format
from model.workbook.book import new_book

if TYPE_CHECKING:
    import pandas as pd

WORKBOOK: Final = "sweep.xlsx"
PAGE: Final = "sweep.html"
PICTURES: Final = "pictures"
OVERVIEW: Final = "Overview"
RUNS: Final = "All runs"
DATA: Final = "Chart data"
ROWS_ON_PAGE: Final = 2_000
ROWS_ON_PAPER: Final = 62
_SCRIPTS: Final = ("core.js", "extra.js", "sweep.js")
_OWN: Final[dict[str, Format]] = {
    "run": "year", "label": "text", "scenario": "text", "status": "text", "value": "money"
}  # fmt: skip


def write_sweep(folder: Path, case: Case, outcome: Outcome) -> list[Path]:
    """Write workbook, page and picture files into a folder, and give their paths, the workbook first.

    Raises ModelError where a file cannot be written, because it is open elsewhere or the disk is full.
    """
    pictures = pictures_of(case, outcome)
    title = f"{case.settings.title}: {outcome.design.kind}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        workbook, page = folder / WORKBOOK, folder / PAGE
        _write_workbook(workbook, title, outcome, pictures)
        write_page(page, title, f"Batch of {case.name}", "sweep.html", _SCRIPTS, _page_data(outcome, pictures))
        return [workbook, page, *write_images(folder / PICTURES, pictures)]
    except OSError as error:
        message = f"The batch could not be written ({error}). If a file of it is open in another programme, close it."
        raise ModelError(message) from error


def facts(outcome: Outcome) -> list[tuple[str, str, str, str]]:
    """The batch in short: name, value, unit and what is to be added, for tiles and for the head of the workbook."""
    frame, design = outcome.frame, outcome.design
    good = frame[frame["status"] == OPTIMAL]
    others = frame.loc[frame["status"] != OPTIMAL, "status"].value_counts(sort=False)
    failed = ", ".join(f"{count} {status}" for status, count in others.items())
    found = [("Runs", f"{len(frame):,}", "", failed or "all have an optimum")]
    if len(good):
        low, high = float(good["value"].min()), float(good["value"].max())
        found.append(
            ("Value", f"{low:,.0f} to {high:,.0f}", "million USD", "lowest and highest of all runs, discounted")
        )
    if design.factors:
        inputs = len(set(design.about.get("group", design.factors)))
        seed = "" if design.seed is None else f"seed {design.seed}"
        found.append(("Inputs", str(inputs), "", seed or f"scenario {design.scenarios[0]}"))
    return found


def _in_order(outcome: Outcome) -> list[str]:
    """Names of the tables that have rows, the answers first."""
    return sorted((name for name, table in outcome.tables.items() if len(table)), key=lambda name: name == "Runs")


def _question(outcome: Outcome) -> str:
    kind = KINDS.get(outcome.design.kind)
    treated = outcome.tables["Runs"]
    treated = treated[treated["status"] != OPTIMAL]
    said = " ".join(f"{row.runs} runs are {row.status}: {row.treatment}." for row in treated.itertuples())
    turns = outcome.tables.get("Switches")
    steady = "No input changes the leading corridor between its ends." if turns is not None and turns.empty else ""
    return " ".join(filter(None, (kind.question if kind else "", steady, said)))


# ---- the workbook


def _write_workbook(path: Path, title: str, outcome: Outcome, pictures: Sequence[Picture]) -> None:
    with new_book(path, title, outcome.design.points.size + outcome.frame.size) as book:
        styles = Styles(book)
        overview = book.add_worksheet(OVERVIEW)
        names = _in_order(outcome)
        for number, name in enumerate(names):
            _write_table(book, styles, name, outcome.tables[name], number)
        _write_runs(book, styles, outcome)
        _write_glossary(book, styles, outcome)
        data = book.add_worksheet(DATA)
        charts = NativeCharts(book, data, styles)
        row = _write_head(overview, styles, title, outcome, [*names, RUNS, "Glossary"])
        breaks, top = [], 0
        for picture in pictures:
            chart, height = charts.chart(picture)
            rows = height // 20 + 3
            if row + rows - top > ROWS_ON_PAPER:
                breaks.append(row)
                top = row
            overview.write_string(row, 0, picture.note, styles.question)
            overview.insert_chart(row + 1, 0, chart, {"description": picture.said})
            row += rows
        overview.set_h_pagebreaks(breaks)


def _write_head(sheet: Any, styles: Styles, title: str, outcome: Outcome, names: Sequence[str]) -> int:
    """Title, question, figures and links; gives the row below."""
    sheet.hide_gridlines(2)
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 28)
    sheet.set_column(2, 2, 60)
    sheet.write_string(0, 0, title, styles.headline)
    sheet.write_string(1, 0, _question(outcome), styles.question)
    row = 3
    for name, value, unit, more in facts(outcome):
        sheet.write_string(row, 0, name, styles.bold)
        sheet.write_string(row, 1, f"{value} {unit}".strip())
        sheet.write_string(row, 2, more, styles.question)
        row += 1
    row += 1
    for name in names:
        sheet.write_url(row, 0, f"internal:'{name}'!A1", styles.link, name)
        sheet.write_string(row, 1, QUESTIONS.get(name, _OTHERS.get(name, "")), styles.question)
        row += 1
    return row + 1


_OTHERS: Final = {RUNS: "Inputs and value of every run.", "Glossary": "What each column means."}


def _write_table(book: Any, styles: Styles, name: str, table: pd.DataFrame, number: int) -> None:
    formats = [meaning_of(column)[1] for column in table.columns]
    _fill(book, styles, (name, QUESTIONS[name], f"table_{number}"), table, formats)


def _fill(book: Any, styles: Styles, names: tuple[str, str, str], table: pd.DataFrame, formats: Sequence[Any]) -> None:
    """One sheet with one table; ``names`` are those of the sheet, of its question and of the table in Excel."""
    title, question, key = names
    sheet = book.add_worksheet(title, BulkSheet)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.write_string(0, 0, title, styles.title)
    sheet.write_string(1, 0, question, styles.question)
    sheet.write_url(2, 0, f"internal:'{OVERVIEW}'!A1", styles.link, f"Back to {OVERVIEW}")
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, _width(table[column], str(column), is_text=formats[place] == "text"))
    sheet.freeze_panes(5, 0)
    columns = [{"header": str(column), "header_format": styles.header} for column in table.columns]
    sheet.write_frame(5, table, [styles.number(one) for one in formats])
    sheet.add_long_table(4, len(table), len(columns), {"name": key, "style": "Table Style Light 1", "columns": columns})


def _width(values: pd.Series[Any], header: str, *, is_text: bool) -> int:
    longest = max((len(str(value)) for value in values.head(500)), default=0) if is_text else 10
    return min(max(longest, len(header) + 4, 10) + 2, 60)


def _write_runs(book: Any, styles: Styles, outcome: Outcome) -> None:
    """Label, status, value and inputs of every run, as far as a sheet holds them."""
    import pandas as pd

    points = outcome.design.points
    columns: dict[str, Any] = {name: outcome.frame[name] for name in _OWN}
    for place, name in enumerate(outcome.design.factors):
        columns[_unlike(name, columns)] = points[:, place]
    table = pd.DataFrame(columns)
    note = _OTHERS[RUNS]
    if len(table) > MOST_ROWS:
        note = f"{len(table):,} runs are more than a sheet holds; the first {MOST_ROWS:,} stand here."
        table = table.iloc[:MOST_ROWS]
    _fill(book, styles, (RUNS, note, "all_runs"), table, [_OWN.get(name, "number") for name in table.columns])


def _unlike(name: str, taken: Mapping[str, Any]) -> str:
    """A header that no other is like: Excel takes large and small letters for the same."""
    while name.casefold() in map(str.casefold, taken):
        name += "_"
    return name


def _write_glossary(book: Any, styles: Styles, outcome: Outcome) -> None:
    import pandas as pd

    rows = [
        {"table": name, "column": str(column), "meaning": meaning_of(column)[0]}
        for name, table in outcome.tables.items()
        for column in table.columns
    ]
    _fill(book, styles, ("Glossary", "What does each column mean?", "glossary"), pd.DataFrame(rows), ["text"] * 3)


# ---- the page


def _page_data(outcome: Outcome, pictures: Sequence[Picture]) -> dict[str, Any]:
    sections = [{"title": one.title, "note": one.note, "figures": [figure_of(one)]} for one in pictures]
    return {
        "tiles": [dict(zip(("name", "value", "unit", "sub"), fact, strict=True)) for fact in facts(outcome)],
        "question": _question(outcome),
        "sections": sections,
        "tables": [_page_table(name, outcome.tables[name]) for name in _in_order(outcome)],
        "about": f"Numbers on this page have six significant digits; {WORKBOOK} beside it has all.",
    }


def _page_table(name: str, table: pd.DataFrame) -> dict[str, Any]:
    kept = table.head(ROWS_ON_PAGE)
    columns = [[_cell(value) for value in kept[column].tolist()] for column in kept.columns]
    described = [
        {"name": str(column), **dict(zip(("meaning", "format"), meaning_of(column), strict=True))}
        for column in kept.columns
    ]
    rows = [list(row) for row in zip(*columns, strict=True)]
    left = len(table) - len(kept)
    return {"name": name, "question": QUESTIONS[name], "columns": described, "rows": rows, "left": left}


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return float(significant(np.array([value]))[0]) if np.isfinite(value) else None
