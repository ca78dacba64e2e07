"""Every result table, listed once in the order in which it is shown, and what their columns mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from model.errors import UsageError
from model.results.agreements import contract_balance, limit_use
from model.results.backcast import backcast, backcast_fit
from model.results.building import funds, plan
from model.results.capacity import capacity
from model.results.declare import Extras, Format, ResultColumn, ResultTable, result_table
from model.results.disruption import disruption
from model.results.exports import exports
from model.results.flows import flows, production
from model.results.gains import who_gains
from model.results.idle import idle_routes
from model.results.ladder import netback_ladder
from model.results.made_up import made_up
from model.results.markets import deliveries, firm_demand
from model.results.netbacks import netbacks
from model.results.next_routes import next_routes
from model.results.prices import prices
from model.results.reference import formulation, run_facts, scenario_changes, text_columns
from model.results.rents import value_balance
from model.results.routes import routes
from model.results.shape import excerpt_periods
from model.results.stores import stores
from model.results.summary import summary
from model.results.sureness import how_sure
from model.solution import Solution
from model.workbook.names import Names
from model.workbook.sheets import SETTINGS, SHEETS

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "BY_ATTRIBUTE",
    "TABLES",
    "Extras",
    "Format",
    "ResultColumn",
    "ResultTable",
    "all_tables",
    "one_table",
    "result_table",
]


@result_table(
    "Glossary",
    "What does every column mean, and in which unit does it stand?",
    key=("book", "sheet", "column"),
    columns=(
        ResultColumn("book", "input: the workbook that you write; result: what comes out"),
        ResultColumn("sheet", "The sheet"),
        ResultColumn("column", "The column, or the setting"),
        ResultColumn("meaning", "What it means"),
        ResultColumn("unit", "Its unit; in braces where the row says it"),
        ResultColumn("needs", "What an entry must be"),
        ResultColumn("blank_means", "What a blank cell stands for"),
    ),
    per_scenario=False,
)
def glossary(_: Solution, __: Extras) -> dict[str, Any]:
    """Every column of the workbook and of the results, from the declarations that the programme itself uses."""
    rows = []
    for table in (*SHEETS.values(), SETTINGS):
        rows += [
            ["input", table.sheet, column.name, column.meaning, column.unit, column.needs, column.blank_means]
            for column in table.columns
        ]
    for result in TABLES:
        rows += [["result", result.name, column.name, column.meaning, column.unit, "", ""] for column in result.columns]
    return text_columns(glossary, rows)


TABLES: Final[tuple[ResultTable, ...]] = (
    summary,
    exports,
    flows,
    deliveries,
    firm_demand,
    production,
    routes,
    netbacks,
    netback_ladder,
    prices,
    capacity,
    idle_routes,
    next_routes,
    how_sure,
    stores,
    plan,
    funds,
    contract_balance,
    made_up,
    limit_use,
    value_balance,
    who_gains,
    disruption,
    backcast,
    backcast_fit,
    scenario_changes,
    run_facts,
    glossary,
    formulation,
)
BY_ATTRIBUTE: Final[dict[str, ResultTable]] = {table.attribute: table for table in TABLES}
_NOTHING: Final = Extras()


def find_table(name: str) -> ResultTable:
    """A table by its name in Excel or in Python, in any case; UsageError names the nearest."""
    attribute = name.strip().lower().replace(" ", "_")
    if attribute in BY_ATTRIBUTE:
        return BY_ATTRIBUTE[attribute]
    hint = Names(BY_ATTRIBUTE).hint(attribute)
    raise UsageError(f"There is no result table {name!r}. {hint or 'Tables are ' + ', '.join(BY_ATTRIBUTE) + '.'}")


def one_table(name: str, solution: Solution, extras: Extras = _NOTHING) -> pd.DataFrame:
    """One result table of one scenario; ``name`` as in Excel (``Contract balance``) or Python (``contract_balance``).

    Raises UsageError, naming the nearest, where there is no such table.
    """
    table = find_table(name)
    return _frame(table, [table.fill(solution, extras)])


def all_tables(solutions: Sequence[Solution], extras: Mapping[str, Extras] | None = None) -> dict[str, pd.DataFrame]:
    """Every result table by name, scenarios one below the other; those without a scenario column once.

    An excerpt holds the first scenario in the periods of ``excerpt_periods``.

    ``extras`` gives, by scenario, what some tables tell more of.
    Raises AuditError where a table does not hold exactly the columns that it declares.
    """
    found = {one.case.scenario: (extras or {}).get(one.case.scenario, _NOTHING) for one in solutions}
    first = solutions[0].case
    found[first.scenario] = replace(found[first.scenario], periods=excerpt_periods(first))
    return {
        table.name: _frame(
            table,
            [
                table.fill(solution, found[solution.case.scenario])
                for solution in (solutions if table.per_scenario and not table.excerpt else solutions[:1])
            ],
        )
        for table in TABLES
    }


def _frame(table: ResultTable, parts: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    columns = {}
    for column in table.columns:
        values = [np.asarray(part[column.name]) for part in parts]
        together = np.concatenate(values) if values else np.empty(0)
        kind: Any = {"text": object, "year": np.int64}.get(column.format, np.float64)
        typed = together.astype(kind)
        # minus zero is no other number than zero
        columns[column.name] = typed + 0.0 if kind is np.float64 else typed
    return pd.DataFrame(columns)
