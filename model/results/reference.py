"""What a reader needs beside the figures: changes of the scenario, how the run went, every equation."""

from __future__ import annotations

import inspect
import math
import platform
from collections.abc import Iterator, Sequence
from dataclasses import fields
from importlib.metadata import version
from typing import Any

from model.address import parse_address
from model.case import Case
from model.results.declare import Extras, ResultColumn, ResultTable, result_table
from model.results.shape import names
from model.scenario import BASE, changes_of
from model.solution import Solution
from model.workbook.changes import lineage

_PACKAGES = ("pyomo", "highspy", "numpy", "pandas", "openpyxl", "XlsxWriter")


def text_columns(table: ResultTable, rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Text columns from rows, in the order declared after the scenario."""
    declared = [column.name for column in table.columns if column.name != "scenario"]
    return {name: names(row[i] for row in rows) for i, name in enumerate(declared)}


def _text(value: Any) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.10g}"
    return "" if value is None else str(value)


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
    """One row per changed value and run of periods, in the order in which the changes apply.

    Without the workbook's own case (``extras``) the changes stand as they are written, without old and new values.
    """
    case = solution.case
    names_of = [column.name for column in scenario_changes.columns[1:]]
    found = _written(case) if extras.workbook is None else changes_of(extras.workbook, case.scenario)
    rows = [[_text(record.get(name)) for name in names_of] for record in found]
    for text, value in case.overrides:
        at = parse_address(text)
        period = "" if at.first is None else at.first if at.first == at.last else f"{at.first}..{at.last}"
        rows.append([at.sheet, at.key, at.column, period, "set", _text(value), "", _text(value), ""])
    return text_columns(scenario_changes, rows)


def _written(case: Case) -> Iterator[dict[str, Any]]:
    """The rows of Changes that make up the case's scenario."""
    sheet, scenarios = case["Changes"], case["Scenarios"]
    based_on = dict(zip(scenarios.keys, case.word("Scenarios", "based_on"), strict=True))
    for scenario in [] if case.scenario == BASE else lineage(based_on, case.scenario):
        for row, name in enumerate(sheet.words["scenario"]):
            if name == scenario:
                record = {column: values[row] for column, values in sheet.words.items()}
                span = dict.fromkeys(record["period"] or ())
                yield {**record, "period": "..".join(span), "cell": sheet.cell(row, "value")}


@result_table(
    "Run",
    "With what was this solved, and how did it end?",
    key=("item",),
    columns=(ResultColumn("item", "What is stated"), ResultColumn("value", "Its value")),
)
def run_facts(solution: Solution, _: Extras) -> dict[str, Any]:
    """Facts that are the same whenever the same input is solved; times stand in run.json and run.log."""
    case = solution.case
    facts = [
        ("workbook", case.name),
        ("workbook sha256", case.sha256),
        ("status", solution.status),
        ("objective, million USD", _text(solution.objective)),
        ("gap", _text(solution.gap)),
        ("best that is not ruled out, million USD", _text(solution.bound)),
        ("stopped by", solution.stop),
        ("variables", str(sum(values.size for values in solution.values.values()))),
        ("rows", str(sum(values.size for values in solution.row_gain.values()))),
        ("nonzeros", str(len(solution.layout.indices))),
        ("periods", f"{case.periods[0]} to {case.periods[-1]}"),
        *((f"setting {one.name}", _text(getattr(case.settings, one.name))) for one in fields(case.settings)),
        ("python", platform.python_version()),
        *((package, version(package)) for package in _PACKAGES),
        *((f"notice {i + 1}", notice) for i, notice in enumerate((*case.notices, *solution.parameters.lapsed))),
    ]
    return text_columns(run_facts, facts)


@result_table(
    "Formulation",
    "What exactly is solved?",
    key=("kind", "name"),
    columns=(
        ResultColumn("kind", "Objective, variable, constraint or definition"),
        ResultColumn("name", "Its name in the programme"),
        ResultColumn("law", "What it says"),
        ResultColumn("equation", "The same as an equation"),
        ResultColumn("symbols", "Where its numbers come from, and what its dual means"),
    ),
    per_scenario=False,
)
def formulation(_: Solution, __: Extras) -> dict[str, Any]:
    """The objective, variables, constraints and definitions, from the docstrings beside their code."""
    from model.formulation import variables
    from model.formulation.layout import CONSTRAINTS
    from model.parameters.convert import discount_factors
    from model.parameters.markets import demand_prices, demand_steps

    rows = [["objective", "value", *equation_parts(variables)]]
    rows += [["variable", one.name, one.meaning, "", one.items.__doc__ or ""] for one in variables.VARIABLES]
    rows += [["constraint", one.name, *equation_parts(one.rule)] for one in CONSTRAINTS]
    rows += [
        ["definition", one.__name__.strip("_"), *equation_parts(one)]
        for one in (discount_factors, demand_prices, demand_steps)
    ]
    return text_columns(formulation, rows)


def equation_parts(documented: Any) -> list[str]:
    """Law, equation and symbols of a docstring: its first line, its indented block, and the rest."""
    lines = (inspect.getdoc(documented) or "").splitlines()
    indented = [line for line in lines[1:] if line.startswith("    ")]
    rest = [line for line in lines[1:] if not line.startswith("    ")]
    return [lines[0], inspect.cleandoc("\n".join(indented)), "\n".join(rest).strip()]
