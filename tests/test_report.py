"""What a run leaves: the folder, results.xlsx with its charts, CSV tables, the console."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pandas as pd
import pytest

from model.api import read_case, solve, solve_scenarios
from model.errors import UsageError
from model.report import excel, handover
from model.report.console import Screen
from model.report.content import Content, gather, shown, some_periods
from model.report.digest import say_digest
from model.report.excel import write_results
from model.report.folder import OutputFolder, open_folder
from model.report.handover import KEPT_RUNS
from model.report.headlines import OTHERS, Breakdown, headlines
from model.report.lock import FolderLock
from model.report.table_text import aligned, write_csv
from model.results.declare import ResultColumn, ResultTable
from model.results.registry import TABLES, all_tables
from tests.export_case import Tables, export_tables

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 3, 4, 5, 6, 7)


def content_of(
    tables: dict[str, list[dict[str, Any]]] | None = None, scenarios: tuple[str, ...] = ("base",)
) -> Content:
    """The content of a report on the small export case."""
    case = read_case(tables or export_tables())
    solutions = [run.solution for run in solve_scenarios(case, scenarios)]  # type: ignore[union-attr]
    return gather(case, solutions, {}, TABLES, all_tables(solutions))


@pytest.fixture(scope="module")
def content() -> Content:
    """The report of two scenarios."""
    return content_of(scenarios=("base", "dear_ship"))


@pytest.fixture(scope="module")
def book(content: Content, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as results.xlsx."""
    path = tmp_path_factory.mktemp("book") / "results.xlsx"
    assert write_results(path, content) == []
    return path


# ---- headlines


def test_a_corridor_is_the_link_that_leaves_the_country_of_origin() -> None:
    """Oil leaves by pipe (10) and rail (7); the ship sails between two other countries, the home pipe stays at home."""
    found = headlines(solve(read_case(export_tables())).solution)
    oil = found.corridors[0]
    assert (oil.family, oil.unit, oil.names) == ("oil", "Mt", ("pipe", "rail"))
    np.testing.assert_allclose(oil.volumes, [[10] * 3, [7] * 3])


def test_links_that_share_a_pipeline_are_one_corridor() -> None:
    """Both gas links run through the trunk of 8 bcm."""
    gas = headlines(solve(read_case(export_tables())).solution).corridors[1]
    assert gas.names == ("gas_trunk",)
    np.testing.assert_allclose(gas.volumes, [[8] * 3])


def test_what_is_taken_up_abroad_leaves_from_there() -> None:
    """Crude of an origin whose own wells give gas only: Inland is where its journey begins."""
    tables = export_tables()
    tables["Commodities"][0]["origin"] = "Beyond"
    tables["Commodities"].append({**tables["Commodities"][1], "commodity": "far gas", "origin": "Beyond"})
    tables["Nodes"].append({"node": "beyond", "country": "Beyond", "kind": "field"})
    tables["Supply"].append({"supply": "far gas", "node": "beyond", "commodity": "far gas", "capacity": 1, "cost": 1})
    found = headlines(solve(read_case(tables)).solution)
    assert found.corridors[0].names == ("pipe", "rail")
    assert found.exporters[0].names == ("Beyond",)


def test_markets_and_exporters_count_deliveries_abroad_only() -> None:
    """3 Mt stay at home; of 17 abroad 6 sail on to Farland."""
    found = headlines(solve(read_case(export_tables())).solution)
    markets = dict(zip(found.markets[0].names, found.markets[0].volumes[:, 0], strict=True))
    assert markets == pytest.approx({"Coastland": 11, "Farland": 6})
    assert found.exporters[0].names == ("Inland",)
    assert found.exporters[0].total[0] == pytest.approx(17)


def test_small_names_are_added_up() -> None:
    volumes = np.array([[1.0], [5.0], [3.0], [2.0]])
    top = Breakdown("oil", "Mt", ("2026",), ("a", "b", "c", "d"), volumes).largest(2)
    assert top.names == ("b", "c", OTHERS)
    assert top.total[0] == 11


def test_full_rows_come_with_periods_and_value(content: Content) -> None:
    """One more bcm of trunk: 200 − 10 − 20 = 170. One more Mt by pipe saves rail: 90 − 20 = 70."""
    rows = {row.name: row for row in content.full}
    assert list(rows) == ["gas_trunk", "pipe", "ship"], "the dearest scarcity first"
    assert rows["gas_trunk"].most == pytest.approx(170)
    assert (rows["pipe"].least, rows["pipe"].most) == pytest.approx((70, 70))
    assert rows["pipe"].periods == "2026..2028"


# ---- results.xlsx


def test_the_sheets_are_the_declared_tables_and_the_charts(book: Path) -> None:
    names = openpyxl.load_workbook(book).sheetnames
    assert names == ["Dashboard", "Summary", "Charts", *(table.name for table in TABLES[1:])]


def test_every_sheet_is_an_excel_table_with_units_filter_and_frozen_header(book: Path, content: Content) -> None:
    workbook = openpyxl.load_workbook(book)
    for spec in content.specs:
        sheet = workbook[spec.name]
        (table,) = sheet.tables.values()
        assert [column.name for column in table.tableColumns] == [column.name for column in spec.columns], spec.name
        assert table.autoFilter is not None
        assert table.tableStyleInfo.name == "TableStyleLight1"
        header = int("".join(filter(str.isdigit, table.ref.split(":")[0])))
        units = [sheet.cell(header - 1, i).value or "" for i in range(1, len(spec.columns) + 1)]
        assert units == [column.unit for column in spec.columns], spec.name
        assert sheet.cell(header, 1).comment is not None
        if spec.name != "Summary":
            assert sheet.freeze_panes == f"A{header + 1}"


def test_cells_hold_what_the_tables_hold(book: Path, content: Content) -> None:
    workbook = openpyxl.load_workbook(book)
    for spec in content.specs:
        frame, sheet = content.frames[spec.name], workbook[spec.name]
        if spec.detail:
            frame = frame[frame["scenario"] == "base"]
            assert f"all scenarios are in tables/{spec.attribute}.csv" in sheet["A2"].value
        (table,) = sheet.tables.values()
        rows = [[cell.value for cell in row] for row in sheet[table.ref]][1:][: len(frame)]
        for found, expected in zip(rows, frame.itertuples(index=False), strict=True):
            for cell, value in zip(found, expected, strict=True):
                if cell is None:
                    assert value in {"", None} or value != value  # noqa: PLR0124
                elif isinstance(value, str):
                    assert str(cell) == value
                else:
                    assert cell == pytest.approx(value, rel=1e-12, abs=1e-300)


def test_number_formats_follow_the_columns(book: Path) -> None:
    sheet = openpyxl.load_workbook(book)["Capacity"]
    columns = {sheet.cell(5, i).value: i for i in range(1, sheet.max_column + 1)}
    row = next(r for r in range(6, sheet.max_row + 1) if sheet.cell(r, columns["name"]).value == "pipe")
    assert sheet.cell(row, columns["share_used"]).number_format.startswith("0.0%")
    assert sheet.cell(row, columns["value"]).number_format.startswith("#,##0.00")


MARKUP, CALL = "<script x", "+HYPERLINK(1)"
BAD = ("HYPERLINK", "@SUM", "crude", "-home")


def test_what_looks_like_a_formula_is_written_as_text(tmp_path: Path) -> None:
    tables = export_tables()
    tables["Settings"][0]["value"] = '=HYPERLINK("http://bad")'
    tables["Scenarios"][0]["description"] = "@SUM(A1)"
    tables["Supply"][0]["supply"] = "+crude"
    tables["Links"][0]["link"] = "-home"
    found = content_of(tables, ("base", "dear_ship"))
    path = tmp_path / "results.xlsx"
    write_results(path, found)
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                text = archive.read(name).decode()
                # formulas stand on the first sheet only, and no text of the user is in them
                assert name.endswith("sheet1.xml") or "<f>" not in text, name
                assert not any(part in formula for formula in re.findall("<f>(.*?)</f>", text) for part in BAD), name
                assert "http" not in text.split("<sheetData>")[1].split("</sheetData>")[0]
    sheet = openpyxl.load_workbook(path)["Summary"]
    assert (sheet["A1"].value, sheet["A1"].data_type) == ('=HYPERLINK("http://bad")', "s") or sheet[
        "A1"
    ].data_type != "f"
    write_csv(found.frames["Production"], tmp_path / "production.csv")
    assert "'+crude" in (tmp_path / "production.csv").read_text(encoding="utf-8-sig")


def hostile_countries(tables: Tables) -> Tables:
    """Countries may hold what other names may not: one begins like markup, one like a formula."""
    other = {"Inland": CALL, "Farland": MARKUP}
    for sheet, column in (("Nodes", "country"), ("Commodities", "origin"), ("Links", "country")):
        for row in tables[sheet]:
            row[column] = other.get(row.get(column), row.get(column))
    return tables


def test_markup_and_formulas_are_text_in_workbook_charts_and_csv(tmp_path: Path) -> None:
    found = content_of(hostile_countries(export_tables()), ("base", "dear_ship"))
    path = tmp_path / "results.xlsx"
    write_results(path, found)
    with zipfile.ZipFile(path) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
        sheets = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    roots = [ElementTree.fromstring(text) for text in charts]
    formulas = [one.text or "" for root in roots for one in root.iter() if one.tag.endswith("}f")]
    assert formulas
    assert not [text for text in formulas if "HYPERLINK" in text or "<" in text]
    texts = {one.text for root in roots for one in root.iter() if one.tag.rsplit("}", 1)[1] in ("t", "v")}
    assert MARKUP in texts, "the name of a series"
    assert not [formula for text in sheets for formula in re.findall("<f>(.*?)</f>", text) if "HYPERLINK" in formula]
    rows = openpyxl.load_workbook(path)["Exports"].iter_rows(min_row=6)
    kinds = {cell.value: cell.data_type for row in rows for cell in row}
    assert kinds[MARKUP] == kinds[CALL] == "s"
    write_csv(found.frames["Exports"], tmp_path / "exports.csv")
    with (tmp_path / "exports.csv").open(encoding="utf-8-sig", newline="") as file:
        held = {cell for row in csv.reader(file) for cell in row}
    assert {MARKUP, f"'{CALL}"} <= held
    assert CALL not in held


def test_the_list_of_texts_counts_what_the_sheets_use(book: Path) -> None:
    with zipfile.ZipFile(book) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        used = sum(archive.read(name).count(b't="s"') for name in sheets)
        head = archive.read("xl/sharedStrings.xml")[:300].decode()
    assert f' count="{used}" ' in head


def test_no_clock_in_the_workbook(book: Path) -> None:
    with zipfile.ZipFile(book) as archive:
        assert b">2000-01-01T00:00:00Z</dcterms:created>" in archive.read("docProps/core.xml")
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_charts_show_both_families_apart(book: Path) -> None:
    titles = []
    with zipfile.ZipFile(book) as archive:
        for name in sorted(n for n in archive.namelist() if n.startswith("xl/charts/chart")):
            text = archive.read(name).decode()
            titles.append(re.split("<(?:a:t|c:v)>", text.split("<c:title>")[1])[1].split("<")[0])
    # by the names of their files, of which the tenth comes second
    assert sorted(titles) == [
        "Change of value against base, million USD",
        "Gas: exports by corridor, bcm per period",
        "Gas: exports by market, bcm per period",
        "Gas: use of corridors, share of capacity",
        "Oil: exports by corridor, Mt per period",
        "Oil: exports by market, Mt per period",
        "Oil: use of corridors, share of capacity",
        "base: exports by corridor of oil, Mt",
        "base: exports by market of oil, Mt",
        "base: rents in 2026, million USD",
    ]


def test_charts_are_fed_by_the_numbers_beside_them(book: Path) -> None:
    sheet = openpyxl.load_workbook(book)["Charts"]
    rows = [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]
    assert ["pipe", 10, 10, 10] in rows
    assert ["rail", 7, 7, 7] in rows
    assert ["gas_trunk", 8, 8, 8] in rows
    assert ["Coastland", 11, 11, 11] in rows
    assert ["Farland", 6, 6, 6] in rows
    assert ["gas_trunk", 1, 1, 1] in rows, "the share of capacity used"


def test_a_case_that_exports_nothing_has_a_report_all_the_same(tmp_path: Path) -> None:
    tables = export_tables()
    for row in tables["Commodities"]:
        del row["origin"]
    path = tmp_path / "results.xlsx"
    write_results(path, content_of(tables))
    with zipfile.ZipFile(path) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 1, "rents on the dashboard; nothing of exports"
    assert "rents in 2026" in charts[0]


def test_a_table_beyond_the_rows_of_excel_is_left_to_csv_and_said(
    content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel, "MOST_ROWS", 100)
    notices = write_results(tmp_path / "results.xlsx", content)
    assert any(notice.startswith("Formulation") for notice in notices) is (len(content.frames["Formulation"]) > 100)
    assert any(notice.startswith("Glossary") and "tables/" in notice for notice in notices)
    sheet = openpyxl.load_workbook(tmp_path / "results.xlsx")["Glossary"]
    assert any("more than a sheet holds" in str(cell.value) for row in sheet["A1:H3"] for cell in row)


def test_unlimited_and_missing_numbers(tmp_path: Path) -> None:
    columns = (ResultColumn("name", "Its name"), ResultColumn("value", "Its value", "Mt", "volume"))
    spec = ResultTable("Odd", "What is odd?", ("name",), columns, lambda *_: {})
    frame = pd.DataFrame({"name": ["a", "b", "", "b"], "value": [np.nan, np.inf, 2.5, -np.inf]})
    base = content_of()
    odd = Content(**{**vars(base), "specs": (*base.specs, spec), "frames": {**base.frames, "Odd": frame}})
    write_results(tmp_path / "results.xlsx", odd)
    sheet = openpyxl.load_workbook(tmp_path / "results.xlsx")["Odd"]
    rows = [[sheet.cell(row, column).value for column in (1, 2)] for row in (6, 7, 8, 9)]
    assert rows == [["a", None], ["b", "unlimited"], [None, 2.5], ["b", None]]


# ---- CSV


def test_csv_keeps_every_digit_and_every_letter(tmp_path: Path) -> None:
    frame = pd.DataFrame({"имя": ["Атырау", "=1+1", None], "value": [0.1 + 0.2, np.nan, -1.0]})
    path = tmp_path / "t.csv"
    write_csv(frame, path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert path.read_text(encoding="utf-8-sig") == "имя,value\nАтырау,0.30000000000000004\n'=1+1,\n,-1.0\n"


def test_csv_is_read_back_as_it_was(tmp_path: Path) -> None:
    """Commas, quotes and line ends within a text, and numbers large and small, in more rows than one piece holds."""
    texts = ["plain", "a,b", 'say "so"', "two\nlines", "back\rspace", "it's", ""]
    values = [0.1, 1e-300, 123456789012345680.0, -2.5, np.nan, 3, np.inf]
    frame = pd.DataFrame({"text, it": texts * 5_000, "value": values * 5_000})
    path = tmp_path / "t.csv"
    write_csv(frame, path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = list(csv.reader(file))
    assert header == ["text, it", "value"]
    assert [row[0] for row in rows] == texts * 5_000
    assert [float(row[1] or "nan") for row in rows] == pytest.approx(values * 5_000, rel=0, nan_ok=True)


def test_csv_of_an_empty_table_has_its_header(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_csv(pd.DataFrame({"name": np.empty(0, dtype=object), "value": np.empty(0)}), path)
    assert path.read_text(encoding="utf-8-sig") == "name,value\n"


# ---- the folder


Folder = Callable[..., OutputFolder]


def leave(folder: OutputFolder, text: str, now: datetime = NOW, extra: tuple[str, ...] = ()) -> dict[str, str]:
    """One run that writes a few files."""
    staging = folder.start()
    (staging / "tables").mkdir()
    for name in ("results.xlsx", "tables/flows.csv", *extra):
        (staging / name).write_text(text)
    return folder.publish({"schema": 1, "text": text}, now)


def run_once(root: Path, text: str, *, workbook: str = "in/a.xlsx", out: Path | None = None, **more: Any) -> list[str]:
    """Open, write and close; returns the notices."""
    with open_folder(root / workbook, root / "outputs", out) as folder:
        leave(folder, text, **more)
    return folder.notices


def test_the_record_is_written_last_and_hashes_every_file(tmp_path: Path) -> None:
    run_once(tmp_path, "one")
    folder = tmp_path / "outputs" / "a"
    record = json.loads((folder / "run.json").read_text())
    assert set(record["files"]) == {"results.xlsx", "tables/flows.csv"}
    assert record["files"]["results.xlsx"] == "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"


def test_a_crash_while_writing_leaves_the_earlier_run_whole(tmp_path: Path) -> None:
    run_once(tmp_path, "one")
    before = {p: p.read_bytes() for p in (tmp_path / "outputs").rglob("*") if p.is_file()}
    with open_folder(tmp_path / "in/a.xlsx", tmp_path / "outputs") as folder:
        (folder.start() / "results.xlsx").write_text("half")
    assert {p: p.read_bytes() for p in (tmp_path / "outputs").rglob("*") if p.is_file()} == before


def test_a_crash_while_exchanging_leaves_the_earlier_run_in_the_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_once(tmp_path, "one")
    with open_folder(tmp_path / "in/a.xlsx", tmp_path / "outputs") as folder:
        monkeypatch.setattr(handover._Exchange, "_clear", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            leave(folder, "two")
    home = tmp_path / "outputs" / "a"
    assert not (home / "run.json").exists(), "no mark of a complete run"
    (kept,) = (home / "history").iterdir()
    assert {p.name: p.read_text() for p in kept.rglob("*.*") if p.is_file() and p.suffix != ".json"} == {
        "results.xlsx": "one", "flows.csv": "one",
    }  # fmt: skip


def test_the_last_ten_runs_are_kept_and_old_files_go(tmp_path: Path) -> None:
    folder = tmp_path / "outputs" / "a"
    start = datetime(2026, 1, 1).timestamp()
    for number in range(KEPT_RUNS + 3):
        run_once(tmp_path, f"run {number}", extra=("tables/once.csv",) if number == 0 else ())
        os.utime(folder / "run.json", (start + 60 * number,) * 2)
    kept = sorted((folder / "history").iterdir())
    assert [(path / "results.xlsx").read_text() for path in kept] == [f"run {n}" for n in range(2, KEPT_RUNS + 2)]
    assert (folder / "results.xlsx").read_text() == f"run {KEPT_RUNS + 2}"
    assert not (folder / "tables" / "once.csv").exists()


def test_runs_within_one_second_do_not_collide(tmp_path: Path) -> None:
    for text in ("one", "two", "three"):
        run_once(tmp_path, text)
        os.utime(tmp_path / "outputs" / "a" / "run.json", (NOW.timestamp(),) * 2)
    assert len(list((tmp_path / "outputs" / "a" / "history").iterdir())) == 2


@pytest.mark.parametrize("mark", ["~$results.xlsx", ".~lock.results.xlsx#"])
def test_an_open_results_workbook_is_left_and_the_new_one_put_beside_it(tmp_path: Path, mark: str) -> None:
    run_once(tmp_path, "one")
    folder = tmp_path / "outputs" / "a"
    (folder / mark).write_text("me")
    (notice,) = run_once(tmp_path, "two")
    assert "results.xlsx is open in" in notice
    assert "results_2026-03-04_050607.xlsx" in notice
    assert (folder / "results.xlsx").read_text() == "one"
    assert (folder / "results_2026-03-04_050607.xlsx").read_text() == "two"
    assert "results_2026-03-04_050607.xlsx" in json.loads((folder / "run.json").read_text())["files"]
    (folder / mark).unlink()
    assert run_once(tmp_path, "three", now=NOW + timedelta(hours=1)) == []
    assert (folder / "results.xlsx").read_text() == "three"
    assert not (folder / "results_2026-03-04_050607.xlsx").exists(), "it is in the history"


def test_a_file_that_the_system_will_not_replace_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows a CSV that is open in Excel leaves no lock file: replacing it fails."""
    run_once(tmp_path, "one")
    replace = Path.replace

    def held(self: Path, target: Path) -> Path:
        if Path(target).name == "flows.csv":
            raise PermissionError(13, "in use")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", held)
    (notice,) = run_once(tmp_path, "two")
    assert "flows.csv is open in another programme" in notice
    folder = tmp_path / "outputs" / "a"
    assert (folder / "tables" / "flows.csv").read_text() == "one"
    assert (folder / "tables" / "flows_2026-03-04_050607.csv").read_text() == "two"


def test_two_workbooks_of_one_name_do_not_collide(tmp_path: Path) -> None:
    assert run_once(tmp_path, "one", workbook="in/a.xlsx") == []
    (notice,) = run_once(tmp_path, "other", workbook="elsewhere/a.xlsx")
    assert "a-2" in notice
    assert run_once(tmp_path, "one again", workbook="in/a.xlsx") == []
    run_once(tmp_path, "other again", workbook="elsewhere/a.xlsx")
    texts = {path.parent.name: path.read_text() for path in (tmp_path / "outputs").glob("*/results.xlsx")}
    assert texts == {"a": "one again", "a-2": "other again"}


def test_the_folder_that_the_user_names_is_the_folder_itself(tmp_path: Path) -> None:
    run_once(tmp_path, "one", out=tmp_path / "mine")
    assert (tmp_path / "mine" / "results.xlsx").exists()
    run_once(tmp_path, "two", workbook="elsewhere/b.xlsx", out=tmp_path / "mine")
    assert (tmp_path / "mine" / "results.xlsx").read_text() == "two"


def test_files_of_other_origin_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "results.xlsx").write_text("a thesis")
    with pytest.raises(UsageError, match=r"results\.xlsx of other origin"):
        open_folder(tmp_path / "a.xlsx", tmp_path, tmp_path / "mine")
    (tmp_path / "mine" / "results.xlsx").unlink()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    run_once(tmp_path, "one", out=tmp_path / "mine")
    assert (tmp_path / "mine" / "notes.txt").read_text() == "mine"


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("a file")
    with pytest.raises(UsageError, match="is a file, not a folder"):
        open_folder(tmp_path / "a.xlsx", tmp_path, tmp_path / "mine")


def test_two_runs_at_once_into_one_folder(tmp_path: Path) -> None:
    """The other run is a process of its own; when it is killed, its hold on the folder ends with it."""
    code = (
        "import sys, time, pathlib; from model.report.lock import FolderLock; "
        "lock = FolderLock(pathlib.Path(sys.argv[1])); lock.take(); print('held', flush=True); time.sleep(60)"
    )
    folder = tmp_path / "outputs" / "a"
    folder.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", code, str(folder)], cwd=ROOT, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(UsageError, match=rf"process {other.pid}\) is writing to .*--out"):
            open_folder(tmp_path / "a.xlsx", tmp_path, folder)
        other.kill()
        other.wait()
    open_folder(tmp_path / "a.xlsx", tmp_path, folder).close()


def test_a_lock_is_released(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    first.take()
    with pytest.raises(UsageError):
        second.take()
    first.release()
    second.take()
    second.release()


# ---- the console


def said(content: Content) -> str:
    """What a console that is no terminal shows."""
    stream = io.StringIO()
    say_digest(Screen(stream), content)
    return stream.getvalue()


def test_one_scenario_is_summed_up_in_detail() -> None:
    lines = [" ".join(line.split()) for line in said(content_of()).splitlines()]
    assert "Two roads: value 21,141 million USD" in lines
    assert "pipe 10.0 10.0 10.0" in lines
    assert "total 17.0 17.0 17.0" in lines
    assert "pipe link 2026..2028 70.0 USD/t" in lines


def test_many_scenarios_have_a_line_each_and_the_detail_of_the_first(content: Content) -> None:
    lines = [" ".join(line.split()) for line in said(content).splitlines()]
    assert "base 21,141" in lines
    assert "dear_ship 20,241 -900.0" in lines
    assert any(line.startswith("Exports by corridor, scenario base: oil") for line in lines)


def test_a_terminal_shows_the_same_figures(content: Content) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    screen = Screen(stream)
    with screen.working("Solving"):
        pass
    say_digest(screen, content)
    assert "21,141" in stream.getvalue()
    assert any("pipe" in line and "70.0" in line for line in screen.lines), "the log has it too"


def test_numbers_are_shown_with_the_digits_that_count() -> None:
    assert [shown(v) for v in (12345.6, 123.45, 1.234, None, float("nan"), -0.0001)] == [
        "12,346", "123.5", "1.23", "", "", "0.00",
    ]  # fmt: skip


def test_some_periods_are_evenly_spread() -> None:
    labels = [str(year) for year in range(2022, 2041)]
    assert [labels[t] for t in some_periods(labels)] == ["2022", "2026", "2031", "2036", "2040"]
    assert some_periods(["2022"]) == [0]
    assert some_periods(["2022", "2023", "2024"]) == [0, 1, 2]


def test_aligned_columns() -> None:
    assert aligned(["name", "Mt"], [["a", "10.0"], ["long name", "7.5"]]) == [
        "name         Mt",
        "a          10.0",
        "long name   7.5",
    ]
