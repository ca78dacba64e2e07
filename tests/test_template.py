"""What is written can be read, and a blank workbook says how to be filled in."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from model.errors import UsageError, WorkbookError
from model.workbook.checks import validate
from model.workbook.reader import raw_from_tables, read_workbook
from model.workbook.sheets import SHEETS
from model.workbook.template import write_workbook
from tests.tiny import assert_alike, tiny


def test_a_blank_workbook_lacks_nothing_but_rows(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "blank")
    assert path.name == "blank.xlsx"
    with pytest.raises(WorkbookError) as caught:
        validate(read_workbook(path))
    assert {(issue.sheet, issue.needs) for issue in caught.value.issues} == {
        (name, "needs at least one row") for name, table in SHEETS.items() if table.needed
    }


def test_written_tables_read_back_alike(tmp_path: Path) -> None:
    tables = tiny()
    tables["Links"][0]["capacity"] = float("inf")
    tables["Projects"][0]["adds_to"] = "gas_pipe"
    tables["Links"][1]["note"] = "=not a formula"
    tables["Scenarios"][0]["run"] = True
    path = write_workbook(tmp_path / "tiny.xlsx", tables)
    assert_alike(validate(read_workbook(path)), validate(raw_from_tables(tables)))


def test_every_column_has_a_header_with_a_note(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_workbook(tmp_path / "blank.xlsx"))
    assert book.sheetnames == ["Read me", *SHEETS]
    for name in book.sheetnames[1:]:
        headers = {cell.value: cell for cell in book[name][5] if cell.value}
        assert list(headers) == [column.name for column in SHEETS[name].columns]
        for column in SHEETS[name].columns:
            assert column.meaning in headers[column.name].comment.text
        assert book[name].freeze_panes == "B6"
        assert list(book[name].tables) == [f"t_{name}"]


def test_drop_downs_offer_choices_and_declared_names(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_workbook(tmp_path / "blank.xlsx"))
    rules = {str(rule.sqref).split(":")[0]: rule for rule in book["Links"].data_validations.dataValidation}
    assert rules["B6"].formula1 == "names_Nodes"
    assert rules["D6"].formula1 == '"pipeline,tanker,ferry,rail,terminal,swap,virtual"'
    assert book.defined_names["names_Nodes"].attr_text == (
        "OFFSET('Nodes'!$A$6,0,0,MAX(1,COUNTA('Nodes'!$A$6:$A$5005)),1)"
    )


def test_what_exists_is_not_overwritten(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx")
    with pytest.raises(UsageError, match="exists; give another name"):
        write_workbook(path)
    write_workbook(path, overwrite=True)
    with pytest.raises(UsageError, match="There is no folder"):
        write_workbook(tmp_path / "nowhere" / "a.xlsx")


def test_unknown_sheets_and_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no sheet 'Link'"):
        write_workbook(tmp_path / "a.xlsx", {"Link": []})
    with pytest.raises(UsageError, match="Links has no column 'tarif' \\(row 1\\)"):
        write_workbook(tmp_path / "b.xlsx", {"Links": [{"link": "a", "tarif": 1}]})
    assert not list(tmp_path.iterdir())
