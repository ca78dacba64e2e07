"""The sheet Read me of an input workbook: its rules, and its sheets with what they are for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from model.workbook.layout import Layout

TEXT_WIDTH: Final = 110
LINE: Final = 16

RULES: Final = (
    (
        "Tables",
        "One table per sheet. The header is the first row that holds the name of the sheet's first column; rows above "
        "it are free. Columns may stand in any order.",
    ),
    (
        "Names",
        "The first column is the row's unique name. Names may hold letters of any script, digits, spaces and "
        "_ - . ( ) + &. Upper and lower case differ.",
    ),
    (
        "Blank cells",
        "The note at each header says what a blank means. Where it says nothing, a blank is a fault. Where no limit is "
        "meant, write 'unlimited'.",
    ),
    (
        "Units",
        "Volumes are in the commodity's own unit (Mt or bcm), a year where the unit row says so; money is million USD, "
        "prices and costs USD per t or per 1000 m³. Other units go into the row's volume_unit, cost_unit, price_unit "
        "or tariff_unit.",
    ),
    (
        "Values by period",
        "The sheet Series holds values that vary by period; what it leaves blank is the row's own value.",
    ),
    (
        "Scenarios",
        "The sheet Changes says what each scenario of the sheet Scenarios changes. The workbook as it stands is the "
        "scenario 'base'.",
    ),
    (
        "Ranges",
        "The sheet Ranges says how far numbers may vary in batches (python run.py sweep); a plain run ignores it.",
    ),
    ("Formulas", "Formulas are welcome; the value that Excel stored with them is read."),
    ("Your own notes", "Sheets and columns whose names begin with _ or # are not read, nor is this sheet."),
    ("Checking", "python run.py check WORKBOOK lists every fault with its cell."),
)


def write_read_me(
    sheet: Any, formats: Mapping[str, Any], layouts: Sequence[Layout], title: str, *, blank: bool
) -> None:
    """Title, rules, and a list of sheets with links."""
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, TEXT_WIDTH)
    sheet.write_string(0, 0, title or "Energy exports", formats["title"])
    what = "A blank workbook: examples stand in grey above each header." if blank else "Inputs of an export model."
    sheet.write_string(1, 0, what, formats["help"])
    row = 3
    for name, text in RULES:
        sheet.write_string(row, 0, name, formats["strong"])
        sheet.write_string(row, 1, text, formats["wrap"])
        sheet.set_row(row, LINE * (1 + len(text) // TEXT_WIDTH))  # a row of a written file does not grow by itself
        row += 1
    row += 1
    sheet.write_string(row, 0, "Sheet", formats["strong"])
    sheet.write_string(row, 1, "What it is for", formats["strong"])
    for layout in layouts:
        row += 1
        table = layout.table
        sheet.write_url(row, 0, f"internal:'{table.sheet}'!A1", formats["link"], table.sheet)
        needed = " (needed)" if table.needed else ""
        sheet.write_string(row, 1, f"{table.purpose}{needed}", formats["wrap"])
