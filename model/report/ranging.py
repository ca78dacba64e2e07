"""The workbook of ranges: the input tables once more, with a note and a colour on each number that was ranged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from model.analysis.ranging import Range, Ranges
from model.case import Case
from model.own_unit import own_unit
from model.report.styles import Styles
from model.report.table_text import write_csv
from model.workbook.book import new_book
from model.workbook.raw import RawBook, RawSheet, Unusable

if TYPE_CHECKING:
    import pandas as pd

WORKBOOK: Final = "ranging.xlsx"
TABLE: Final = "ranges.csv"
_COLOURS: Final = {True: "#F8CBAD", False: "#E2EFDA"}
_HEADER: Final = ("address", "value", "unit", "may fall by", "what gives way", "may rise by", "what gives way", "tight")
_WIDTHS: Final = (44, 14, 20, 14, 50, 14, 50, 8)


def write_ranging(folder: Path, raw: RawBook, case: Case, found: Ranges, verified: Sequence[str]) -> None:
    """Write the tables of a workbook afresh, with what is known of each ranged number, and the intervals as CSV.

    Cells stand where they stand in the input. ``verified`` are sentences on the intervals that were re-solved.
    """
    write_csv(_table(case, found), folder / TABLE)
    with new_book(folder / WORKBOOK, f"Ranges of {case.settings.title}") as book:
        styles = Styles(book)
        colours = {tight: book.add_format({"bg_color": colour}) for tight, colour in _COLOURS.items()}
        _write_list(book.add_worksheet("Ranging"), styles, colours, case, found, verified)
        by_place = {(one.sheet, case[one.sheet].keys[one.row], one.column): one for one in found.ranges}
        notes = {case[s].cell(case[s].position[key], column): one for (s, key, column), one in by_place.items()}
        for sheet in raw.sheets.values():
            if sheet.rows:
                _write_sheet(book.add_worksheet(sheet.name), styles, colours, case, sheet, notes)


def _table(case: Case, found: Ranges) -> pd.DataFrame:
    """One row an interval; a distance without an end is infinite."""
    import pandas as pd

    rows = [
        (
            f"{one.sheet}:{case[one.sheet].keys[one.row]}:{one.column}",
            one.value,
            own_unit(case, one.sheet, one.row, one.column),
            one.fall,
            one.below,
            one.rise,
            one.above,
            one.tight,
        )
        for one in found.ranges
    ]
    return pd.DataFrame(rows, columns=["address", "value", "unit", "fall", "below", "rise", "above", "tight"])


def _write_list(
    sheet: Any, styles: Styles, colours: dict[bool, Any], case: Case, found: Ranges, verified: Sequence[str]
) -> None:
    sheet.write_string(0, 0, f"Ranges of {case.settings.title}, scenario {case.scenario}", styles.title)
    sheet.write_string(
        1, 0, "How far may each number move, in all its periods at once, before the plan changes?", styles.question
    )
    degenerate = (
        "The optimum is degenerate: other plans of equal value share it, so that a plan may hold somewhat longer."
        if found.degenerate
        else "The optimum is not degenerate: the plan changes exactly at these ends."
    )
    for row, text in enumerate([degenerate, *verified], start=2):
        sheet.write_string(row, 0, text, styles.question)
    top = 3 + len(verified)
    for column, (text, width) in enumerate(zip(_HEADER, _WIDTHS, strict=True)):
        sheet.write_string(top, column, text, styles.header)
        sheet.set_column(column, column, width)
    for row, one in enumerate(found.ranges, start=top + 1):
        unit = own_unit(case, one.sheet, one.row, one.column)
        sheet.write_string(row, 0, f"{one.sheet}:{case[one.sheet].keys[one.row]}:{one.column}")
        sheet.write_number(row, 1, one.value, colours[one.tight])
        for column, text in ((2, unit), (3, amount(one.fall)), (4, one.below), (5, amount(one.rise)), (6, one.above)):
            sheet.write_string(row, column, text)
        sheet.write_string(row, 7, "yes" if one.tight else "")
    sheet.freeze_panes(top + 1, 1)
    sheet.autofilter(top, 0, top + len(found.ranges), len(_HEADER) - 1)


def _write_sheet(
    sheet: Any, styles: Styles, colours: dict[bool, Any], case: Case, raw: RawSheet, notes: dict[str, Range]
) -> None:
    for name, letter in raw.letters.items():
        sheet.write_string(f"{letter}{raw.header_row}", name, styles.header)
        sheet.set_column(f"{letter}:{letter}", 18)
    for number, cells in raw.rows:
        for name, value in cells.items():
            place = f"{raw.letters[name]}{number}"
            one = notes.get(f"{raw.name}!{place}")
            text = value.found if isinstance(value, Unusable) else value
            sheet.write(place, text, colours[one.tight] if one else None)
            if one:
                sheet.write_comment(place, said(case, one), {"x_scale": 2.2, "y_scale": 1.4})
    sheet.freeze_panes(raw.header_row, 1)


def amount(value: float) -> str:
    """A distance in words: a number, or ``no end``."""
    return "no end" if math.isinf(value) else f"{value:,.4g}"


def said(case: Case, one: Range) -> str:
    """The note on a cell."""
    unit = own_unit(case, one.sheet, one.row, one.column)
    lines = ["The plan stays while this, in all its periods, falls and rises by no more than:"]
    for way, reach, rival in (("fall", one.fall, one.below), ("rise", one.rise, one.above)):
        lines.append(
            f"{way}: {amount(reach)} {unit if math.isfinite(reach) else ''}{f', then {rival}' if rival else ''}"
        )
    return "\n".join(lines)
