"""Results for other programmes: the data package beside the CSV tables, and the IAMC table."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.api import read_case, solve_scenarios
from model.report.exchange import IAMC_COLUMNS, iamc
from model.results.registry import TABLES, all_tables
from tests.cases import rich_tables
from tests.conftest import Command
from tests.export_case import Tables, export_tables

Write = Callable[..., Path]
CASTS: dict[str, Callable[[str], Any]] = {"string": str, "number": float, "integer": int}


def table_of(tables: Tables, scenarios: tuple[str, ...] = ("base",)) -> pd.DataFrame:
    """The IAMC table of a case."""
    case = read_case(tables)
    solutions = [run.solution for run in solve_scenarios(case, scenarios)]  # type: ignore[union-attr]
    return iamc(case, all_tables(solutions))


def value(table: pd.DataFrame, region: str, variable: str, year: int = 2026, scenario: str = "base") -> float:
    """One value."""
    row = table[(table["region"] == region) & (table["variable"] == variable) & (table["year"] == year)]
    (found,) = row.loc[row["scenario"] == scenario, "value"]
    return float(found)


def test_columns_and_types_are_those_that_pyam_reads() -> None:
    table = table_of(export_tables(), ("base", "dear_ship"))
    assert tuple(table.columns) == IAMC_COLUMNS == ("model", "scenario", "region", "variable", "unit", "year", "value")
    assert table["year"].dtype == np.int64
    assert table["value"].dtype == np.float64
    assert table["value"].notna().all()
    assert not table.duplicated(list(IAMC_COLUMNS[:-1])).any()
    assert set(table["scenario"]) == {"base", "dear_ship"}
    texts = table[["model", "scenario", "region", "variable", "unit"]]
    assert (texts.map(lambda text: isinstance(text, str) and text.strip() == text and text != "")).all().all()


def test_values_are_those_of_the_tables() -> None:
    """11 Mt at 400 USD/t in Coastland; 6 at 500 in Farland, where gas pays 200."""
    table = table_of(export_tables(), ("base", "dear_ship"))
    assert value(table, "Inland", "Production|Oil") == pytest.approx(20)
    assert value(table, "Inland", "Exports|Oil") == pytest.approx(17)
    assert value(table, "Farland", "Imports|Oil") == pytest.approx(6)
    assert value(table, "World", "Exports|Oil|Corridor|pipe") == pytest.approx(10)
    assert value(table, "Coastland", "Price|Oil") == pytest.approx(400)
    assert value(table, "Farland", "Price|Gas", scenario="dear_ship") == pytest.approx(200)
    assert value(table, "World", "Rent|pipe") == pytest.approx(700)
    units = dict(zip(table["variable"], table["unit"], strict=True))
    assert units["Exports|Oil"] == "Mt/yr"
    assert units["Production|Gas"] == "bcm/yr"
    assert units["Price|Oil"] == "USD/t"
    assert units["Rent|pipe"] == "million USD/yr"


def test_parts_of_a_year_are_added_up_and_longer_periods_are_yearly_means() -> None:
    tables = export_tables()
    tables["Periods"] = [
        {"period": "2026H1", "year": 2026, "years": 0.5},
        {"period": "2026H2", "year": 2026, "years": 0.5},
        {"period": "2027-31", "year": 2027, "years": 5},
    ]
    table = table_of(tables)
    assert sorted(set(table["year"])) == [2026, 2027]
    for year in (2026, 2027):
        assert value(table, "Inland", "Exports|Oil", year) == pytest.approx(17)
        assert value(table, "Coastland", "Price|Oil", year) == pytest.approx(400)


def test_with_objective_cost_there_are_no_prices() -> None:
    tables = export_tables()
    tables["Settings"].append({"setting": "objective", "value": "cost"})
    table = table_of(tables)
    assert not table["variable"].str.startswith("Price").any()


def test_solve_writes_it_on_demand(run_cli: Command, write_tables: Write, tmp_path: Path) -> None:
    assert run_cli("solve", write_tables(), "--scenario", "base", "--out", tmp_path / "one") == 0
    assert not (tmp_path / "one" / "iamc.csv").exists()
    assert run_cli("solve", write_tables(), "--scenario", "base", "--iamc", "--out", tmp_path / "one") == 0
    table = pd.read_csv(tmp_path / "one" / "iamc.csv")
    assert tuple(table.columns) == IAMC_COLUMNS
    assert value(table, "Inland", "Exports|Oil") == pytest.approx(17)
    assert "iamc.csv" in json.loads((tmp_path / "one" / "run.json").read_text(encoding="utf-8"))["files"]


def test_the_data_package_describes_every_csv_table(run_cli: Command, write_tables: Write, tmp_path: Path) -> None:
    """Every file is there, its columns are those described, and every cell is of the type that is said."""
    assert run_cli("solve", write_tables(rich_tables()), "--scenario", "base", "low", "--out", tmp_path / "one") == 0
    folder = tmp_path / "one" / "tables"
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert package["profile"] == "tabular-data-package"
    assert {one["path"] for one in package["resources"]} == {path.name for path in folder.glob("*.csv")}
    assert len(package["resources"]) == len(TABLES)
    keyed = 0
    for resource in package["resources"]:
        frame = pd.read_csv(folder / resource["path"], dtype=str, keep_default_na=False, encoding="utf-8-sig")
        fields = resource["schema"]["fields"]
        assert list(frame.columns) == [field["name"] for field in fields]
        for field in fields:
            assert field["description"]
            for text in frame.loc[frame[field["name"]] != "", field["name"]]:
                CASTS[field["type"]](text)
        keys = resource["schema"].get("primaryKey")
        if keys:
            keyed += 1
            assert not frame.duplicated(keys).any(), resource["name"]
    assert keyed > 8
