"""The first sheet of results.xlsx: figures and charts that follow four cells, without macros."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest

from model.api import read_case, solve_scenarios
from model.report.content import Content, gather
from model.report.excel import write_results
from model.results.registry import TABLES, all_tables
from tests.cases import rich_tables
from tests.export_case import export_tables
from tests.programs import program

PICKERS = {"scenario": "B4", "versus": "B5", "family": "B6", "period": "B7"}
OTHERS = "all others"


def content_of(tables: dict[str, list[dict[str, object]]], scenarios: tuple[str, ...]) -> Content:
    case = read_case(tables)
    solutions = [run.solution for run in solve_scenarios(case, scenarios)]  # type: ignore[union-attr]
    return gather(case, solutions, {}, TABLES, all_tables(solutions))


@pytest.fixture(scope="module")
def content() -> Content:
    """Two scenarios of the export case, whose ship is dearer in the second."""
    return content_of(export_tables(), ("base", "dear_ship"))


@pytest.fixture(scope="module")
def book(content: Content, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "results.xlsx"
    write_results(path, content)
    return path


def recalculated(path: Path, folder: Path, **chosen: str) -> Path:
    """The workbook with other choices and no stored values, worked out by LibreOffice."""
    office = program("soffice", "libreoffice")
    workbook = openpyxl.load_workbook(path)
    for name, value in chosen.items():
        workbook["Dashboard"][PICKERS[name]] = value
    (folder / "in").mkdir(parents=True)
    workbook.save(folder / "in" / "results.xlsx")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    source = str(folder / "in" / "results.xlsx")
    order = [office, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder), source]
    subprocess.run(order, check=True, capture_output=True, timeout=300)
    return folder / "results.xlsx"


def figures(path: Path) -> dict[str, tuple[float, float, float, str]]:
    """Figures by name: chosen, compared with, difference, unit."""
    sheet = openpyxl.load_workbook(path, data_only=True)["Dashboard"]
    rows = sheet.iter_rows(min_row=10, max_row=16, max_col=5, values_only=True)
    return {f"{row[0]}, {row[4]}": row[1:] for row in rows if row[0]}


def behind(path: Path, view: str) -> dict[str, list[float]]:
    """The numbers behind a chart of exports, by name."""
    sheet = openpyxl.load_workbook(path, data_only=True)["Dashboard"]
    start = next(cell.row for cell in sheet["O"] if cell.value == f"Exports by {view}")
    found = {}
    for row in sheet.iter_rows(min_row=start + 2, min_col=17, values_only=True):
        if not row[0]:
            break
        found[row[0]] = [value for value in row[1:] if value is not None]
    return found


def drawn_rents(path: Path) -> list[tuple[str, float]]:
    """What the chart of rents draws, in its order, by the title that stands above it."""
    sheet = openpyxl.load_workbook(path, data_only=True)["Dashboard"]
    start = next(cell.row for cell in sheet["O"] if "rents in" in str(cell.value))
    rows = sheet.iter_rows(min_row=start + 1, max_row=start + 10, min_col=17, max_col=18, values_only=True)
    return [(name, value) for name, value in rows if name and name.strip()]


def test_the_largest_rents_are_drawn_in_order(book: Path) -> None:
    """The trunk line earns 8 · 170, the pipe 10 · 70, the ship 6 · 70."""
    assert drawn_rents(book) == [
        ("gas_trunk", pytest.approx(1360)), ("pipe", pytest.approx(700)), ("ship", pytest.approx(420)),
    ]  # fmt: skip


def test_figures_are_stored_for_those_who_do_not_calculate(book: Path) -> None:
    found = figures(book)
    assert found["Value, all commodities and periods, discounted, million USD"][:3] == pytest.approx(
        (21141, 20241, 900)
    )
    assert found["Exports of oil, 2026, Mt"][:3] == pytest.approx((17, 17, 0))
    assert found["Exports of oil, 2026, kb/d"][0] == pytest.approx(17 * 7.5 / 0.36525)
    # 11 Mt at 400 and 6 at 500, and 3 at home at 100
    assert found["Sales of oil, 2026, million USD"][0] == pytest.approx(7700)
    assert found["Capacities full at a price, 2026, number"][0] == 3
    assert behind(book, "corridor") == {"pipe": [10] * 3, "rail": [7] * 3, OTHERS: [0] * 3}
    assert behind(book, "market") == {"Coastland": [11] * 3, "Farland": [6] * 3, OTHERS: [0] * 3}


def test_the_pickers_offer_what_there_is(book: Path) -> None:
    sheet = openpyxl.load_workbook(book)["Dashboard"]
    offered = {}
    for rule in sheet.data_validations.dataValidation:
        cells = sheet[rule.formula1.lstrip("=").replace("$", "")]
        offered[str(rule.sqref)] = [row[0].value for row in (cells if isinstance(cells, tuple) else ((cells,),))]
    assert offered == {
        "B4": ["base", "dear_ship"], "B5": ["base", "dear_ship"], "B6": ["oil", "gas"], "B7": ["2026", "2027", "2028"],
    }  # fmt: skip
    assert all(sheet[cell].number_format == "@" for cell in PICKERS.values()), "a period stays a text"


def test_there_are_four_charts_and_a_link_to_each_sheet(book: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    linked = [cell.hyperlink.location for row in workbook["Dashboard"].iter_rows() for cell in row if cell.hyperlink]
    assert {place.split("'")[1] for place in linked} == set(workbook.sheetnames[1:])
    assert len(linked) == len(workbook.sheetnames) - 1
    with zipfile.ZipFile(book) as archive:
        assert archive.read("xl/drawings/drawing1.xml").count(b"<c:chart ") == 4


def test_another_choice_gives_other_figures(book: Path, content: Content, tmp_path: Path) -> None:
    """What LibreOffice works out from the formulas is what the tables hold."""
    made = recalculated(book, tmp_path, scenario="dear_ship", versus="base", family="gas", period="2027")
    found = figures(made)
    assert found["Value, all commodities and periods, discounted, million USD"][:3] == pytest.approx(
        (20241, 21141, -900)
    )
    assert found["Exports of gas, 2027, bcm"][:3] == pytest.approx((8, 8, 0))
    assert found["Exports of gas, 2027, mcm/d"][0] == pytest.approx(8 / 0.36525)
    assert found["Sales of gas, 2027, million USD"][0] == pytest.approx(1600)
    rents = content.frames["Capacity"]
    mine = rents[(rents["scenario"] == "dear_ship") & (rents["period"] == "2027")]["rent"].sum()
    assert found["Rents of scarce capacities, 2027, million USD"][0] == pytest.approx(mine)
    largest = rents[(rents["scenario"] == "dear_ship") & (rents["period"] == "2027")].set_index("name")["rent"]
    largest = largest[largest > 0.5].sort_values(ascending=False)
    assert drawn_rents(made) == [(name, pytest.approx(value)) for name, value in largest.items()]
    trunk = {name: values for name, values in behind(made, "corridor").items() if name.strip()}
    assert trunk == {"gas_trunk": [8] * 3, OTHERS: [0] * 3}


@pytest.mark.parametrize("rich", [False, True])
def test_no_formula_is_broken_and_stored_values_are_those_worked_out(book: Path, tmp_path: Path, rich: bool) -> None:
    if rich:
        book = tmp_path / "rich.xlsx"
        write_results(book, content_of(rich_tables(), ("base", "low", "lower")))
    stored = openpyxl.load_workbook(book, data_only=True)["Dashboard"]
    formulas = openpyxl.load_workbook(book)["Dashboard"]
    made = openpyxl.load_workbook(recalculated(book, tmp_path / "office"), data_only=True)
    checked = 0
    for row in formulas.iter_rows():
        for cell in (one for one in row if one.data_type == "f"):
            mine, theirs = stored[cell.coordinate].value, made["Dashboard"][cell.coordinate].value
            wanted = mine if isinstance(mine, str) else pytest.approx(mine, rel=1e-9, abs=1e-6)
            assert theirs == wanted, (cell.coordinate, cell.value)
            checked += 1
    assert checked > 30
    for sheet in made:
        for row in sheet.iter_rows(values_only=True):
            assert not [
                v for v in row if isinstance(v, str) and v.startswith(("#REF!", "#NAME?", "#N/A", "#VALUE!", "#DIV"))
            ]


def test_volumes_beyond_the_named_are_the_rest(tmp_path: Path) -> None:
    """Ten railways: eight by name, the others together, and the sum is that of the exporters."""
    tables = export_tables()
    tables["Links"][2]["capacity"] = 0.5
    for i in range(10):
        tables["Links"].append({**tables["Links"][2], "link": f"rail {i}", "tariff": 91 + i})
    found = content_of(tables, ("base",))
    path = tmp_path / "results.xlsx"
    write_results(path, found)
    numbers = behind(path, "corridor")
    assert len(numbers) == 9
    exports = found.frames["Exports"]
    total = exports[(exports["by"] == "exporter") & (exports["family"] == "oil") & (exports["period"] == "2026")]
    assert sum(values[0] for values in numbers.values()) == pytest.approx(total["volume"].sum())
    assert numbers[OTHERS][0] > 1
