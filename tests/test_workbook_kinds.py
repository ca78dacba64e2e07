"""Workbooks as people leave them: each reads like the plain one, says what is unusual, or is refused with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table

from model.api import read_case
from model.case import Case
from model.errors import WorkbookError
from model.workbook.difference import differences

TUTORIAL = Path(__file__).resolve().parent.parent / "inputs" / "tutorial.xlsx"


def saved(folder: Path, change: Callable[[Any], object]) -> Path:
    """The tutorial after a change, its header of Links in row 4 and data from row 5."""
    book = openpyxl.load_workbook(TUTORIAL)
    change(book)
    book.save(folder / "kind.xlsx")
    return folder / "kind.xlsx"


def filtered(book: Any) -> None:
    book["Links"].auto_filter.ref = "A4:U9"
    book["Links"].row_dimensions[6].hidden = True


def dressed(book: Any) -> None:
    """All at once: what changes a sheet's looks and not its numbers."""
    links = book["Links"]
    links.freeze_panes = "C5"
    links.protection.sheet = True
    links["I5"].comment = Comment("why", "me")
    links.add_table(Table(displayName="T1", ref="A4:U9"))
    links.merge_cells("A1:F1")
    links["A5"].value = CellRichText("Line ", TextBlock(InlineFont(b=True), "A"))
    links["M4"].value = " Distance_KM\u00a0"
    links["G5"].number_format = "0.0,"
    links.insert_rows(8, 2)
    book.epoch = CALENDAR_MAC_1904
    for name, target in (("tariff", "Links!$I$5"), ("R1C1", "Links!$A$1"), ("lost", "#REF!")):
        book.defined_names[name] = DefinedName(name, attr_text=target)
    book.create_sheet("Tabelle1")


def hidden(book: Any) -> None:
    book["Links"].sheet_state = "veryHidden"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (dressed, None),
        (filtered, "Links: row 6 is hidden, by a filter or by hand, and read like the others."),
        (lambda book: book["Links"].row_dimensions.group(6, 9, hidden=True), "Links: rows 6, 7, 8, 9 are hidden"),
        (hidden, "The sheet Links is hidden and read like the others."),
    ],
)
def test_reads_like_the_plain_one(change: Callable[[Any], object], says: str | None, tmp_path: Path) -> None:
    path = saved(tmp_path, change)
    case = read_case(path)
    assert differences(TUTORIAL, path) == ([], [])
    plain = read_case(TUTORIAL).notices
    new = [notice for notice in case.notices if notice not in plain]
    assert [notice.startswith(says) for notice in new] == [True] if says else new == []


def two_headers(book: Any) -> None:
    book["Links"].insert_rows(5)
    for column, text in enumerate(("Leitung", "von", "nach"), 1):
        book["Links"].cell(5, column).value = text


def set_cell(cell: str, value: object, form: str = "General") -> Callable[[Any], None]:
    def change(book: Any) -> None:
        book["Links"][cell] = value
        book["Links"][cell].number_format = form

    return change


@pytest.mark.parametrize(
    ("change", "place", "says"),
    [
        (lambda book: book["Links"].merge_cells("G5:G6"), "Links!G6", "(merged with G5)'; needs a value of its own"),
        (lambda book: book["Links"].merge_cells("G5:H5"), "Links!H5", "(merged with G5)'; needs a value of its own"),
        (two_headers, "Links!B5", "holds 'von'; needs a name from the sheet Nodes"),
        (lambda book: book["Links"].insert_rows(1, 9), "Links", "has no header; one of its first 10 rows"),
        (set_cell("I5", "10,0"), "Links!I5", "it looks like the number 10: type that number"),
        (set_cell("J5", "2%"), "Links!J5", "write 0.02, or format the cell as a percentage"),
        (set_cell("G5", dt.datetime(2026, 2, 20), "d.m.yyyy"), "Links!G5", "is formatted as a date or time"),
    ],
)
def test_refused_with_its_cell(change: Callable[[Any], object], place: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(WorkbookError) as caught:
        read_case(saved(tmp_path, change))
    assert f"\n{place}" in str(caught.value)
    assert says in str(caught.value)


def test_a_percentage_is_a_share(tmp_path: Path) -> None:
    case: Case = read_case(saved(tmp_path, set_cell("J5", 0.02, "0%")))
    assert case.number("Links", "loss")[0, 0] == 0.02


def test_merged_notes_are_no_fault(tmp_path: Path) -> None:
    assert read_case(saved(tmp_path, lambda book: book["Links"].merge_cells("T5:T9"))).name == "kind"
