"""Habits of people who work in Excel, and files that are no workbook."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from model.case import Case
from model.errors import UsageError, WorkbookError
from model.workbook.checks import validate
from model.workbook.reader import raw_from_tables, read_workbook
from tests.tiny import Tables, assert_alike, tiny


def write(path: Path, tables: Tables, *, above: int = 0) -> Any:
    """A plain workbook with its headers in row 1 + above, left open for a test to add its habit."""
    book = xlsxwriter.Workbook(str(path))
    for name, rows in tables.items():
        sheet = book.add_worksheet(name)
        headers = list(dict.fromkeys(header for row in rows for header in row))
        sheet.write_row(above, 0, headers)
        for number, row in enumerate(rows, above + 1):
            for index, header in enumerate(headers):
                if row.get(header) is not None:
                    sheet.write(number, index, row[header])
    return book


def read(path: Path) -> Case:
    return validate(read_workbook(path))


def message_of(path: Path) -> str:
    with pytest.raises((WorkbookError, UsageError)) as caught:
        read(path)
    return str(caught.value)


def _edit(path: Path, old: bytes, new: bytes) -> None:
    """Replace something in the parts of a workbook, as another program would have written it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert any(old in data for data in parts.values())
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data.replace(old, new))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "мои данные"
    folder.mkdir()
    return folder / "экспорт 2026.xlsx"


def test_a_workbook_and_tables_from_memory_give_one_case(path: Path) -> None:
    write(path, tiny()).close()
    case = read(path)
    assert_alike(case, validate(raw_from_tables(tiny())))
    assert case.name == "экспорт 2026"
    assert len(case.sha256) == 64


def test_titles_above_the_header_merged_cells_hidden_rows_and_filters(path: Path) -> None:
    book = write(path, tiny(), above=4)
    sheet = book.get_worksheet_by_name("Links")
    sheet.merge_range(0, 0, 0, 5, "Links")
    sheet.merge_range(1, 0, 1, 1, "link")
    sheet.write(2, 3, "in Mt")
    sheet.autofilter(4, 0, 8, 5)
    sheet.filter_column(0, "x == pipe")
    for row in (6, 7):
        sheet.set_row(row, options={"hidden": True})
    book.get_worksheet_by_name("Nodes").hide()
    book.close()
    case = read(path)
    assert_alike(case, validate(raw_from_tables(tiny())))
    assert case["Links"].cell(0, "tariff") == "Links!G6"


def test_stray_spaces_and_the_case_of_headers(path: Path) -> None:
    tables = tiny()
    tables["Nodes"] = [{f"\u00a0{key.upper()} ": value for key, value in row.items()} for row in tables["Nodes"]]
    tables["Nodes"][0]["\u00a0NODE "] = " field\u00a0"
    tables["Links"][0]["from"] = "field\u202f "
    tables["Links"][0]["mode"] = "Pipeline "
    tables["Sources"].append({"source": "   ", "citation": "\u00a0"})
    book = write(path, tables)
    book.close()
    assert_alike(read(path), validate(raw_from_tables(tiny())))


def test_sheet_names_in_any_case_and_own_sheets(path: Path) -> None:
    tables = tiny()
    tables[" links"] = tables.pop("Links")
    tables["_lists"] = [{"a": 1}]
    tables["# notes"] = [{"a": 1}]
    tables["READ ME"] = [{"a": 1}]
    book = write(path, tables)
    book.add_worksheet("Sheet1")
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=Markers!$C$2:$C$3"})
    book.add_chartsheet("A chart").set_chart(chart)
    book.close()
    assert_alike(read(path), validate(raw_from_tables(tiny())))


def test_formulas_with_a_stored_value(path: Path) -> None:
    book = write(path, tiny())
    links, nodes = (book.get_worksheet_by_name(name) for name in ("Links", "Nodes"))
    links.write_formula("G2", "=10*2", None, 20)
    links.write_array_formula("G3:G3", "{=SUM(10)}", None, 10)
    links.write_formula("K3", '=IF(1,"","kt")', None, "")
    nodes.write_formula("A2", '="fie"&"ld"', None, "field")
    book.close()
    # XlsxWriter leaves out what Excel says of a formula that yields an empty text
    _edit(path, b'<c r="K3">', b'<c r="K3" t="str">')
    assert_alike(read(path), validate(raw_from_tables(tiny())))


def test_a_formula_without_a_stored_value_names_the_remedy(path: Path) -> None:
    write(path, tiny()).close()
    book = openpyxl.load_workbook(path)
    book["Links"]["G2"] = "=10*2"
    book.save(path)
    message = message_of(path)
    assert "Links!G2  row 'pipe', column 'tariff'\n    holds '=10*2'; needs a stored value of the formula." in message
    assert "Open the workbook in Excel and save it" in message
    assert message.startswith(f"{path.name}: 1 place to mend")


@pytest.mark.parametrize("value", ["#N/A", "#REF!", "#DIV/0!"])
def test_error_values(path: Path, value: str) -> None:
    book = write(path, tiny())
    book.get_worksheet_by_name("Links").write_formula("G2", "=1/0", None, value)
    book.close()
    message = message_of(path)
    assert f"Links!G2  row 'pipe', column 'tariff'\n    holds '{value}'; needs a number." in message
    assert "It is an error value of the formula =1/0: mend it in Excel." in message


def test_text_that_begins_like_a_formula(path: Path) -> None:
    tables = tiny()
    tables["Nodes"][0]["note"] = "x"
    book = write(path, tables)
    book.get_worksheet_by_name("Nodes").write_string("F2", "=not a formula")
    book.close()
    assert read(path).word("Nodes", "note")[0] == "=not a formula"


def test_percentages_dates_and_numbers_as_labels(path: Path) -> None:
    tables = tiny()
    for number, row in enumerate(tables["Periods"], 1):
        row.update(period=f"2026-{number:02}", year=2026, years="1/12")
    tables["Series"] = [{"sheet": "Markers", "key": "Brent", "column": "value", "2026-01": 80, "2026-02": 75}]
    tables["Links"][2].update(opens="2026-01", closes="2026-02")
    tables["Observed"][0]["period"] = "2026-01"
    tables["Ranges"][1]["period"] = tables["Changes"][1]["period"] = tables["Projects"][1]["earliest"] = "2026-02"
    tables["Sources"][0]["source"] = 2026
    book = write(path, tables)
    date = book.add_format({"num_format": "mmm yy"})
    book.get_worksheet_by_name("Periods").write_datetime("A2", dt.datetime(2026, 1, 1), date)
    book.get_worksheet_by_name("Series").write_datetime("D1", dt.datetime(2026, 1, 1), date)
    book.get_worksheet_by_name("Links").write_datetime("L4", dt.datetime(2026, 1, 1), date)
    book.get_worksheet_by_name("Links").write_number("H2", 0.01, book.add_format({"num_format": "0%"}))
    book.close()
    case = read(path)
    assert_alike(case, validate(raw_from_tables(tables)))
    assert case.periods == ("2026-01", "2026-02")
    assert case["Sources"].keys == ("2026",)


def test_period_headers_may_be_numbers_and_formulas(path: Path) -> None:
    book = write(path, tiny())
    series = book.get_worksheet_by_name("Series")
    series.write_number("D1", 2026)
    series.write_formula("E1", "=D1+1", None, 2027)
    book.get_worksheet_by_name("Periods").write_number("A2", 2026)
    book.close()
    assert_alike(read(path), validate(raw_from_tables(tiny())))


def test_a_header_formula_without_a_value(path: Path) -> None:
    write(path, tiny()).close()
    book = openpyxl.load_workbook(path)
    book["Series"]["E1"] = "=D1+1"
    book.save(path)
    assert "Series!E1\n    holds '=D1+1'; needs a header with a stored value." in message_of(path)


def test_blank_rows_far_cells_and_wrong_dimensions(path: Path) -> None:
    """Formatting and notes far away cost nothing; a row below many blank ones is read, not dropped."""
    book = write(path, tiny())
    sheet = book.get_worksheet_by_name("Sources")
    sheet.write("XFD1048576", "lost")
    sheet.write("H3", "a note of mine")
    sheet.write("A500", "far below")
    sheet.write("B500", "read all the same")
    sheet.write_blank("C900", None, book.add_format({"bold": True}))
    book.close()
    assert read(path)["Sources"].keys == ("made up", "far below")
    _edit(path, b'<dimension ref="A1:XFD1048576"/>', b'<dimension ref="A1"/>')
    assert read(path)["Sources"].keys == ("made up", "far below")


def test_a_value_without_a_header(path: Path) -> None:
    book = write(path, tiny())
    book.get_worksheet_by_name("Sources").write("C2", "found")
    book.close()
    assert "Sources!C2  row 'made up'\n    holds 'found'; needs a header above it." in message_of(path)


def test_a_sheet_without_a_header(path: Path) -> None:
    tables = tiny()
    tables["Nodes"] = [{"place": row["node"], **row} for row in tables["Nodes"]]
    for row in tables["Nodes"]:
        del row["node"]
    write(path, tables).close()
    message = message_of(path)
    assert "Nodes\n    has no header; one of its first 10 rows must hold the column name 'node'." in message
    assert "needs at least one row" not in message


def test_unknown_sheets_and_repeated_headers(path: Path) -> None:
    book = write(path, tiny())
    book.add_worksheet("Linkss").write("A1", "x")
    book.get_worksheet_by_name("Sources").write("C1", "Citation")
    book.close()
    message = message_of(path)
    assert "Linkss\n    is no sheet of this workbook.\n    Nearest valid name: 'Links'." in message
    assert (
        "Sources!C1\n    holds 'Citation'; needs a header that no other column has.\n    B1 has it already." in message
    )


def test_macro_workbooks_read_only_files_and_lock_files(path: Path) -> None:
    macro = path.with_suffix(".xlsm")
    write(macro, tiny()).close()
    macro.chmod(0o444)
    macro.with_name(f"~${macro.name}").write_bytes(b"lock")
    case = read(macro)
    assert case.notices == (f"{macro.name} is open in Excel: what was last saved is read.",)
    assert "is Excel's own lock file, not the workbook" in message_of(macro.with_name(f"~${macro.name}"))


def test_what_is_no_workbook(path: Path) -> None:
    assert "There is no file" in message_of(path)
    assert "is a folder" in message_of(path.parent)
    for name, data, text in (
        ("a.csv", b"link,from\n", "is a text file"),
        ("b.xlsx", b"link,from\n", "is not an Excel workbook"),
        ("c.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "in the format of Excel 97; save it as .xlsx"),
        (
            "d.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
    ):
        path.with_name(name).write_bytes(data)
        assert text in message_of(path.with_name(name))
    for name, part, text in (
        ("e.xlsx", "readme.txt", "is not an Excel workbook"),
        ("f.xlsb", "xl/workbook.bin", "is a binary workbook"),
    ):
        with zipfile.ZipFile(path.with_name(name), "w") as archive:
            archive.writestr(part, "x")
        assert text in message_of(path.with_name(name))
    write(path, tiny()).close()
    assert f"Nearest: {path}" in message_of(path.with_name("экспорт 2025.xlsx"))
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/worksheets/sheet1.xml", "<broken")
    assert "cannot be read as a workbook" in message_of(path)


def test_a_file_that_unpacks_to_too_much(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, tiny()).close()
    monkeypatch.setattr("model.workbook.archive.MOST_BYTES", 1000)
    assert "MB are read" in message_of(path)


def test_the_file_is_not_held_open(path: Path) -> None:
    write(path, tiny()).close()
    read(path)
    path.rename(path.with_name("moved.xlsx"))
