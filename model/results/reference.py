"""What a reader needs beside the figures: changes of the scenario, how the run went, every column, every equation."""

from __future__ import annotations

import inspect
import platform
from collections.abc import Iterator, Sequence
from dataclasses import fields
from importlib.metadata import version
from typing import Any

from model.results.declare import Extras, ResultColumn, ResultTable, result_table
from model.results.shape import names
from model.scenario import BASE, changes_of
from model.solution import Solution
from model.workbook.sheets import SETTINGS, SHEETS

_PACKAGES = ("pyomo", "highspy", "numpy", "pandas", "openpyxl", "XlsxWriter")


def _columns(table: ResultTable, rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Text columns from rows, in the order declared after the scenario."""
    declared = [column.name for column in table.columns if column.name != "scenario"]
    return {name: names(row[i] for row in rows) for i, name in enumerate(declared)}


def _text(value: Any) -> str:
    if value is None or value != value:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


@result_table(
    "Scenario changes",
    "What does the scenario change in the workbook?",
    key=("sheet", "key", "column", "period", "cell"),
    columns=(
        ResultColumn("sheet", "Sheet of the value"),
        ResultColumn("key", "Its row"),
        ResultColumn("column", "Its column"),
        ResultColumn("period", "Periods that change; blank = all"),
        ResultColumn("change", "set, add or multiply"),
        ResultColumn("value", "With what"),
        ResultColumn("old", "Value before this change"),
        ResultColumn("new", "Value after it"),
        ResultColumn("cell", "Where the change is written; blank = from the command line or a script"),
    ),
)
def scenario_changes(solution: Solution, extras: Extras) -> dict[str, Any]:
    """One row per changed value and run of periods, in the order in which the changes apply."""
    rows = [
        [_text(record[column.name]) for column in scenario_changes.columns[1:]]
        for record in ([] if extras.workbook is None else changes_of(extras.workbook, solution.case.scenario))
    ]
    rows += [[*_address(address), "set", _text(value), "", _text(value), ""] for address, value in solution.case.overrides]
    return _columns(scenario_changes, rows)
