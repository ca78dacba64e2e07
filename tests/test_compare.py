"""`compare`: two result folders, or scenarios of one, side by side."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from model.analysis.compare import QUESTIONS, Side, compared, totals
from model.errors import UsageError
from model.report.compare import bridge_section
from model.report.saved import read_saved
from model.results.registry import BY_ATTRIBUTE
from tests.browser import NAMES, Page
from tests.conftest import Command
from tests.export_case import export_tables
from tests.programs import program

Write = Callable[..., Path]
Capture = pytest.CaptureFixture[str]
QUESTION = {question.title: question for question in QUESTIONS}


@pytest.fixture
def folder(run_cli: Command, write_tables: Write, tmp_path: Path) -> Path:
    """The results of two scenarios."""
    assert run_cli("solve", write_tables(), "--scenario", "base", "dear_ship", "--out", tmp_path / "one") == 0
    return tmp_path / "one"


def rows_of(path: Path, sheet: str) -> list[dict[str, Any]]:
    """The Excel table of a sheet."""
    page = openpyxl.load_workbook(path)[sheet]
    (table,) = page.tables.values()
    header, *rows = [[cell.value for cell in row] for row in page[table.ref]]
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_two_scenarios_of_one_folder(run_cli: Command, folder: Path, capsys: Capture) -> None:
    """50 USD more on the ship cost 3 · 6 · 50 = 900 and move nothing: the ship still earns 20."""
    assert run_cli("compare", folder, "base", "dear_ship") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "-900.0" in said
    assert "tariffs and losses -900.0" in said, "the bridge"
    assert "1 inputs differ" in said
    book = folder / "compare" / "base_vs_dear_ship" / "base_vs_dear_ship.xlsx"
    (tariffs,) = [
        row for row in rows_of(book, "Money")
        if (row["measure"], row["family"], row["period"]) == ("tariffs", "oil", "2026")
    ]  # fmt: skip
    assert (tariffs["base"], tariffs["dear_ship"], tariffs["difference"]) == pytest.approx((-1013, -1313, -300))
    (rent,) = [row for row in rows_of(book, "Rents") if (row["name"], row["period"]) == ("ship", "2026")]
    assert (rent["base"], rent["dear_ship"], rent["difference"]) == pytest.approx((420, 120, -300))
    assert all(row["difference"] == 0 for row in rows_of(book, "Corridors"))
    inputs = [[cell.value for cell in row] for row in openpyxl.load_workbook(book)["Inputs"].iter_rows(min_row=3)]
    assert inputs == [["address", "base", "dear_ship"], ["Links:ship:tariff", "30", "80"]]
    overview = [[cell.value for cell in row] for row in openpyxl.load_workbook(book)["Overview"].iter_rows()]
    assert any(row[:3] == ["against base", None, pytest.approx(-900)] for row in overview)


def test_two_folders(run_cli: Command, folder: Path, write_tables: Write, tmp_path: Path, capsys: Capture) -> None:
    """3 Mt less of pipe go by rail, which costs 70 more: 3 · 3 · 70 = 630, and the cell that differs is named."""
    tables = export_tables()
    tables["Links"][1]["capacity"] = 7
    other = tmp_path / "two"
    assert run_cli("solve", write_tables(tables, "b/roads.xlsx"), "--scenario", "base", "--out", other) == 0
    capsys.readouterr()
    assert run_cli("compare", folder, other) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "-630.0" in said
    assert "capacities -630.0" in said
    book = other / "compare" / "one_vs_two" / "one_vs_two.xlsx"
    pipe = [row for row in rows_of(book, "Corridors") if row["name"] == "pipe"]
    assert [(row["one"], row["two"], row["difference"]) for row in pipe] == [(10, 7, -3)] * 3
    values = [[cell.value for cell in row] for row in openpyxl.load_workbook(book)["Inputs"].iter_rows(min_row=4)]
    assert values == [["Links:pipe:capacity", "10", "7"]]
    assert run_cli("compare", folder, other, "--scenario", "dear_ship") == 2
    assert "dear_ship" in capsys.readouterr().err


def test_three_scenarios_have_no_bridge(run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture) -> None:
    tables = export_tables()
    tables["Scenarios"].append({"scenario": "no_ship", "run": "yes"})
    tables["Changes"].append(
        {"scenario": "no_ship", "sheet": "Links", "key": "ship", "column": "capacity", "change": "set", "value": 0}
    )
    assert run_cli("solve", write_tables(tables), "--out", tmp_path / "one") == 0
    assert run_cli("compare", tmp_path / "one", "base", "dear_ship", "no_ship", "--out", tmp_path / "here") == 0
    assert "compare two to see it" in capsys.readouterr().out
    rows = rows_of(tmp_path / "here" / "base_vs_dear_ship_vs_no_ship" / "base_vs_dear_ship_vs_no_ship.xlsx", "Markets")
    far = next(row for row in rows if (row["name"], row["period"]) == ("Farland", "2026") and row["unit"] == "Mt")
    assert (far["difference dear_ship"], far["difference no_ship"]) == pytest.approx((0, -6))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere", "base"], "is not there"),
        (["{folder}", "bas"], "Nearest valid name: 'base'"),
        (["{folder}", "base"], "compared with itself"),
        (["{folder}", "{folder}"], "compared with itself"),
        (["{folder}", "base", "{folder}"], "Two folders are compared at a time"),
        (["{folder}", "dear_ship", "--scenario", "base"], "--scenario is for two folders"),
        (["{empty}", "base"], "holds no complete run"),
    ],
)
def test_what_cannot_be_compared_is_said(
    run_cli: Command, folder: Path, tmp_path: Path, arguments: list[str], message: str, capsys: Capture
) -> None:
    (tmp_path / "empty").mkdir()
    given = [one.format(folder=folder, empty=tmp_path / "empty") for one in arguments]
    assert run_cli("compare", *given) == 2
    assert message in capsys.readouterr().err


def test_damaged_results_are_named(run_cli: Command, folder: Path, capsys: Capture) -> None:
    path = folder / "tables" / "exports.csv"
    text = path.read_text(encoding="utf-8-sig")
    path.write_text(text.replace("volume", "amount", 1), encoding="utf-8")
    assert run_cli("compare", folder, "base", "dear_ship") == 2
    assert "exports.csv lacks the column 'volume'" in capsys.readouterr().err
    path.unlink()
    assert run_cli("compare", folder, "base", "dear_ship") == 2
    assert "lacks tables/exports.csv" in capsys.readouterr().err
    (folder / "run.json").write_text("{", encoding="utf-8")
    assert run_cli("compare", folder, "base", "dear_ship") == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_scenario_that_failed_is_named_with_its_status(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: Capture
) -> None:
    run_cli("solve", write_tables(), "--scenario", "base", "cut_off", "--out", tmp_path / "one")
    assert run_cli("compare", tmp_path / "one", "base", "cut_off") == 2
    assert "'cut_off' has no result" in capsys.readouterr().err


def test_tables_are_read_back_as_they_were(run_cli: Command, write_tables: Write, tmp_path: Path) -> None:
    """A name that a spreadsheet would take for a formula is marked in the CSV, and read back without the mark."""
    tables = export_tables()
    tables["Links"][1]["link"] = "-pipe"
    assert run_cli("solve", write_tables(tables), "--scenario", "base", "--out", tmp_path / "one") == 0
    assert "'-pipe" in (tmp_path / "one" / "tables" / "exports.csv").read_text(encoding="utf-8-sig")
    frame = read_saved(tmp_path / "one").frame(BY_ATTRIBUTE["exports"], ["name", "period", "volume"])
    assert frame.loc[frame["name"] == "-pipe", "volume"].tolist() == [10, 10, 10]
    assert frame["period"].iloc[0] == "2026"


def test_what_other_commands_wrote_is_not_compared(
    run_cli: Command, folder: Path, write_tables: Write, tmp_path: Path, capsys: Capture
) -> None:
    assert run_cli("ranging", write_tables(), "--out", tmp_path) == 0
    assert run_cli("compare", folder, tmp_path / "ranging") == 2
    assert "holds what ranging wrote; compared is what solve wrote" in capsys.readouterr().err
    record = (folder / "run.json").read_text(encoding="utf-8")
    (folder / "run.json").write_text(record.replace("tables/exports.csv", "../exports.csv"))
    assert run_cli("compare", folder, "base", "dear_ship") == 2
    assert "names a file outside its folder ('../exports.csv')" in capsys.readouterr().err


def test_a_dated_file_beside_an_open_one_is_the_one_that_is_read(folder: Path) -> None:
    shutil.move(folder / "tables" / "exports.csv", folder / "tables" / "exports_2026-03-04_050607.csv")
    record = (folder / "run.json").read_text(encoding="utf-8")
    (folder / "run.json").write_text(record.replace("tables/exports.csv", "tables/exports_2026-03-04_050607.csv"))
    assert len(read_saved(folder).frame(BY_ATTRIBUTE["exports"], ["name", "volume"]))


def test_results_of_other_periods_are_compared_in_those_that_both_have(
    run_cli: Command, folder: Path, write_tables: Write, tmp_path: Path, capsys: Capture
) -> None:
    """The second has 2027 and 2028 only: the other's 10 Mt in the pipe in 2026 do not count, and nothing differs."""
    other, last = tmp_path / "two", tmp_path / "last"
    run_cli("solve", write_tables(), "--scenario", "base", "--periods", "2027..2028", "--out", other)
    run_cli("solve", write_tables(), "--scenario", "base", "--periods", "2026..2026", "--out", last)
    capsys.readouterr()
    assert run_cli("compare", folder, other, "--scenario", "base") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Differences are those of 2027 to 2028, which all have" in said
    assert "one 2026 to 2028, two 2027 to 2028" in said
    book = other / "compare" / "one_vs_two" / "one_vs_two.xlsx"
    rows = rows_of(book, "Corridors")
    assert {row["period"] for row in rows} == {"2027", "2028"}
    assert all(row["difference"] == pytest.approx(0) for row in rows)
    assert {row["period"] for row in rows_of(book, "Money")} == {"2027", "2028"}
    assert "2027 to 2028" in str(openpyxl.load_workbook(book)["Overview"]["A2"].value)
    assert run_cli("compare", last, other) == 2
    assert "no period in common: last 2026 to 2026, two 2027 to 2028" in capsys.readouterr().err


def frame(rows: list[tuple[str, str, str, float, str]]) -> pd.DataFrame:
    columns = ["family", "name", "period", "volume", "unit"]
    return pd.DataFrame(rows, columns=columns).assign(by="corridor", scenario="x")


def test_a_row_that_one_side_lacks_counts_as_zero() -> None:
    one = Side(
        "one", {"Exports": frame([("oil", "a", "1", 4, "Mt"), ("oil", "b", "1", 1, "Mt"), ("oil", "c", "1", 0, "Mt")])}
    )
    two = Side(
        "two",
        {"Exports": frame([("oil", "b", "1", 3, "Mt"), ("oil", "d", "1", 2.5, "Mt"), ("oil", "d", "2", 1, "Mt")])},
    )
    found = compared(QUESTION["Corridors"], [one, two])
    rows = [tuple(row) for row in found[["name", "period", "one", "two", "difference"]].itertuples(index=False)]
    assert rows == [("a", "1", 4, 0, -4), ("d", "1", 0, 2.5, 2.5), ("b", "1", 1, 3, 2), ("d", "2", 0, 1, 1)]
    added = totals(found, QUESTION["Corridors"], [one, two])
    assert added[["name", "difference"]].to_numpy().tolist() == [["a", -4], ["d", 3.5], ["b", 2]]


def test_sums_over_the_periods_leave_out_the_row_that_is_their_sum() -> None:
    """Tariffs of 5 and 6 became 8 and 6: 3 more in all, though the row of the whole horizon says 3 again."""
    sides = [
        Side(
            name,
            {
                "Summary": pd.DataFrame(
                    [("tariffs", "oil", "all", label, value, "million USD") for label, value in by_period.items()],
                    columns=["measure", "family", "origin", "period", "value", "unit"],
                )
            },
        )
        for name, by_period in (
            ("one", {"2026": -5.0, "2027": -6.0, "total": -11.0}),
            ("two", {"2026": -8.0, "2027": -6.0, "total": -14.0}),
        )
    ]
    added = totals(compared(QUESTION["Money"], sides), QUESTION["Money"], sides)
    assert added[["one", "two", "difference"]].to_numpy().tolist() == [[-11, -14, -3]]


def test_the_rounding_of_sums_is_no_difference() -> None:
    """A millionth of 300 000 is below its billionth part, a hundredth is not: 3e5 · 1e-9 = 3e-4."""
    one = Side("one", {"Exports": frame([("oil", "a", "1", 0.3e6, "Mt"), ("oil", "b", "1", 0.3e6, "Mt")])})
    two = Side(
        "two", {"Exports": frame([("oil", "a", "1", 0.3e6 + 1e-6, "Mt"), ("oil", "b", "1", 0.3e6 + 1e-2, "Mt")])}
    )
    found = compared(QUESTION["Corridors"], [one, two]).set_index("name")["difference"]
    assert found.to_dict() == {"a": 0, "b": pytest.approx(1e-2)}


def test_a_price_that_one_side_lacks_stays_blank() -> None:
    columns = ["family", "node", "commodity", "period", "value", "price_unit"]
    prices = [pd.DataFrame([("oil", node, "k", "1", 5.0, "USD/t")], columns=columns) for node in ("a", "b")]
    found = compared(
        QUESTION["Prices"], [Side(name, {"Prices": p}) for name, p in zip(("one", "two"), prices, strict=True)]
    )
    assert found["difference"].isna().all()


def test_the_waterfall_starts_and_ends_at_the_values() -> None:
    bridge = pd.DataFrame(
        [("base", 0.0, 100.0, 100.0), ("a & b", 100.0, -30.0, 70.0), ("c", 70.0, 5.0, 75.0), ("low", 0.0, 75.0, 75.0)],
        columns=["step", "value_before", "change", "value_after"],
    )
    ((said, figure),) = bridge_section(bridge, "Value").figures
    (bars,) = figure["data"]
    assert bars["measure"] == ["absolute", "relative", "relative", "total"]
    assert bars["x"] == [100, -30, 5, 75]
    assert figure["layout"]["yaxis"]["ticktext"] == ["base", "a &amp; b", "c", "low"]
    low, high = figure["layout"]["xaxis"]["range"]
    assert low < 70
    assert high > 100
    assert "a & b −30" in said


def test_different_objectives_are_not_compared(
    run_cli: Command, folder: Path, write_tables: Write, tmp_path: Path, capsys: Capture
) -> None:
    tables = export_tables()
    tables["Settings"].append({"setting": "objective", "value": "cost"})
    assert run_cli("solve", write_tables(tables, "c.xlsx"), "--scenario", "base", "--out", tmp_path / "two") == 0
    assert run_cli("compare", folder, tmp_path / "two") == 2
    assert "different objectives" in capsys.readouterr().err


# ---- the page


@pytest.fixture
def browser() -> Iterator[Page]:
    with Page(program(*NAMES)) as page:
        yield page


def test_the_page_of_a_comparison(run_cli: Command, folder: Path, browser: Page) -> None:
    assert run_cli("compare", folder, "base", "dear_ship") == 0
    browser.open(folder / "compare" / "base_vs_dear_ship" / "base_vs_dear_ship.html")
    browser.draw()
    assert "−900.0 against base" in browser.value("$('tiles').textContent")
    (steps,) = browser.value("$('more-0-0').data.map(one => one.x)")
    assert steps == pytest.approx([21141, -900, 20241], abs=1)
    (rents,) = browser.value("$('difference-Rents').data.map(one => one.x)")
    assert rents == pytest.approx([-300])
    assert "Links:ship:tariff" in browser.value("$('inputs').textContent")
    browser.choose("table", "Money")
    assert "−300.0" in browser.value("$('rows').textContent")
    for family in browser.value("D.families"):
        browser.choose("family", family)
    browser.resize(390, 800)
    browser.value("changed()")
    browser.draw()
    assert browser.value("document.documentElement.scrollWidth") <= 390
    assert browser.faults == []
    assert browser.asked == []


def test_a_bridge_needs_one_structure(
    run_cli: Command, folder: Path, write_tables: Write, tmp_path: Path, capsys: Capture
) -> None:
    tables = export_tables()
    tables["Links"].append({**tables["Links"][2], "link": "road", "tariff": 95})
    assert run_cli("solve", write_tables(tables, "c.xlsx"), "--scenario", "base", "--out", tmp_path / "two") == 0
    assert run_cli("compare", folder, tmp_path / "two") == 0
    assert "No bridge" in capsys.readouterr().out


def test_a_saved_scenario_is_found_by_its_name(folder: Path) -> None:
    saved = read_saved(folder)
    assert saved.scenarios == ["base", "dear_ship"]
    assert saved.value("dear_ship") == pytest.approx(20241, abs=1)
    with pytest.raises(UsageError, match="dear_ship"):
        saved.scenario("dear_shp")
