"""Every column of every result table varies, and goes with money and volumes as its declaration says.

The columns come from the tables' own declarations; a new one that no case fills, that is the same in every row, or that
is no volume, money, price or share where it says so, fails here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pytest

from model.analysis.backcast import without_contracts_and_limits
from model.api import read_case, solve_scenarios
from model.results.declare import Extras, ResultTable
from model.results.registry import TABLES, all_tables
from model.scenario import with_changes
from tests.cases import Tables, built_tables, read, solve
from tests.fuzz.laws import at_prices, multiplied

BASE: Final = Path(__file__).resolve().parent.parent / "inputs" / "caspian.xlsx"
# how often twice the money and twice the volumes double what a format shows
POWERS: Final = {"volume": (0, 1), "money": (1, 1), "price": (1, 0), "share": (0, 0), "year": (0, 0), "time": (0, 0)}
# of several kinds: a row's unit says which
BY_UNIT: Final = {
    ("Summary", "value"): "unit",
    ("Limit use", "measured"): "unit",
    ("Limit use", "bound"): "unit",
    ("Limit use", "slack"): "unit",
    ("Limit use", "volume"): "volume_unit",
    ("Limit use", "value"): "value_unit",
    ("Disruption", "usual"): "unit",
    ("Disruption", "here"): "unit",
    ("Disruption", "change"): "unit",
    ("Disruption", "change_per_day"): "unit",
}
NUMBERS: Final = {
    ("Plan", "units"): (0, 0),
    ("Plan", "units_until_then"): (0, 0),
    ("Plan", "max_units"): (0, 0),
    ("Plan", "capacity_built"): (0, 1),
    ("Plan", "capacity_at_work"): (0, 1),
    ("Funds", "value"): (0, 0),
    ("Disruption", "days"): (0, 0),
    ("Backcast fit", "corridors"): (0, 0),
}
VOLUMES: Final = {
    "Supply": ("capacity", "minimum", "reserves"), "Demand": ("volume", "firm"), "Links": ("capacity", "minimum"),
    "Assets": ("capacity", "reserved", "minimum"), "Fleets": ("vessels",),
    "Storage": ("capacity", "inject", "withdraw", "initial", "final"), "Contracts": ("volume", "ceiling"),
    "Projects": ("size", "capex"), "Funds": ("budget", "period_budget"), "Observed": ("value",),
}  # fmt: skip


def frames(made: Tables) -> dict[str, pd.DataFrame]:
    """Every table of the base scenario, and of one with an outage for the table that compares with it."""
    case = read(made)
    solution = solve(case)
    extras = {"base": Extras(workbook=case, freed=solve(without_contracts_and_limits(case)), **_usual(case))}
    return all_tables([solution], extras)


def _usual(case: Any) -> dict[str, Any]:
    short = float(case.number("Supply", "capacity")[case["Supply"].position["sour"], 0]) * 0.4
    return {"usual": solve(with_changes(case, {"Supply:sour:capacity@2026H1": short}))}


def more_of_everything(tables: Tables) -> Tables:
    """Every volume twice as large, with the money that pays for capacity."""
    after = multiplied(tables, VOLUMES, 2)
    for row in after["Limits"]:
        if row["measure"] != "built" and not row.get("of"):
            row.update({column: 2 * row[column] for column in ("at_most", "at_least") if row.get(column) is not None})
    return after


@pytest.fixture(scope="module")
def plain() -> dict[str, pd.DataFrame]:
    return frames(built_tables())


@pytest.fixture(scope="module")
def dear() -> dict[str, pd.DataFrame]:
    return frames(at_prices(built_tables(), 2))


@pytest.fixture(scope="module")
def large() -> dict[str, pd.DataFrame]:
    return frames(more_of_everything(built_tables()))


COLUMNS: Final = [(table.name, column.name) for table in TABLES for column in table.columns if column.format != "text"]


def powers(table: str, column: str, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
    """How often a column's rows are doubled by twice the money and by twice the volumes, shape (rows, 2)."""
    spec = next(one for each in TABLES if each.name == table for one in each.columns if one.name == column)
    if (table, column) in BY_UNIT:
        return np.array([of_unit(unit) for unit in frame[BY_UNIT[table, column]]]).reshape(-1, 2)
    power = NUMBERS[table, column] if spec.format == "number" else POWERS[spec.format]
    return np.tile(power, (len(frame), 1))


def of_unit(unit: str) -> tuple[int, int]:
    if unit.startswith("million USD"):
        return (1, 1)  # of a share or a unit built too: what it is a share of has doubled
    if unit.startswith(("USD/", "EUR/")):
        return (1, 0)
    return (0, 0) if unit in ("share", "units built") else (0, 1)


@pytest.fixture(scope="module")
def rich(plain: dict[str, pd.DataFrame]) -> list[dict[str, pd.DataFrame]]:
    """Tables of the rich workbook, of a linear one with other origins and promises, and of the base workbook."""
    made = built_tables()
    next(row for row in made["Commodities"] if row["commodity"] == "gas")["origin"] = "Transit"
    next(row for row in made["Contracts"] if row["contract"] == "ship_gas")["make_up_years"] = 1
    next(row for row in made["Projects"] if row["project"] == "looping")["whole_units"] = "no"
    made["Scenarios"].append({"scenario": "strike", "run": "yes"})
    made["Changes"].append({"scenario": "strike", "sheet": "Supply", "key": "sour", "column": "capacity",
                            "period": "2026H1", "change": "multiply", "value": 0.4})  # fmt: skip
    runs = [*solve_scenarios(read_case(built_tables())), *solve_scenarios(read_case(made), ["base", "strike"])]
    runs += solve_scenarios(read_case(BASE), ["base"])
    return [plain, *({table.name: run.table(table.name) for table in TABLES} for run in runs)]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.attribute)
def test_every_column_varies(rich: list[dict[str, pd.DataFrame]], table: ResultTable) -> None:
    """A column that holds the same in every row of every case could hold anything."""
    for column in table.columns:
        values = pd.concat([one[table.name][column.name].dropna().astype(object) for one in rich])
        found = set(values)
        assert len(found) > 1, f"{table.name}.{column.name} holds {found or 'nothing'} only: give it a case"


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda part: part)
def test_every_column_goes_with_money_and_volumes(
    plain: dict[str, pd.DataFrame],
    dear: dict[str, pd.DataFrame],
    large: dict[str, pd.DataFrame],
    table: str,
    column: str,
) -> None:
    """Twice the money doubles money and prices; twice the volumes double volumes and money."""
    frame = plain[table]
    expected = frame[column].to_numpy(dtype=float)
    for position, other in enumerate((dear, large)):
        factor = 2.0 ** powers(table, column, frame)[:, position]
        assert len(other[table]) == len(frame)
        found = other[table][column].to_numpy(dtype=float)
        assert found == pytest.approx(expected * factor, rel=1e-6, abs=1e-6, nan_ok=True)
