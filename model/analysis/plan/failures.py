"""Why a plan cannot be carried out in a scenario: the budgets and limits that it breaks, or what then is short."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from model.case import Case, FloatArray
from model.errors import in_short
from model.formulation.extensive import building_rows
from model.formulation.layout import Layout, Values
from model.registry import cells_of, locate
from model.solver.common_plan import Recourse
from model.solver.diagnosis import shortages

_TOLERANCE: Final = 1e-6
_ROWS: Final = {
    "project_units": "units of project {0!r}",
    "project_requires": "project {0!r} ahead of {1!r}, which it requires, as a share",
    "fund_budget": "money from fund {0!r}, million USD",
    "fund_period": "money from fund {0!r} in {1}, million USD",
}


def broken(case: Case, layout: Layout, values: Values, plan: FloatArray) -> list[str]:
    """What a plan breaks of the rules that concern building alone; empty where it keeps them all."""
    return [*_early(case, layout, values, plan), *_rows(case, layout, values, plan)]


def lacking(case: Case, layout: Layout, recourse: Recourse, plan: FloatArray) -> list[str]:
    """What is short in a scenario that has no flows with a plan that keeps the rules of building."""
    return in_short([one for one in shortages(recourse.operation(plan), layout, case) if "in the way" not in one.what])


def _early(case: Case, layout: Layout, values: Values, plan: FloatArray) -> Iterator[str]:
    block = layout.columns["build"]
    outside = plan > values.upper[block.slice] + _TOLERANCE
    for position in np.flatnonzero(outside).tolist():
        item, span = divmod(position, len(block.spans))
        cells = ", ".join(cells_of(case, "build", block.items[item], None))
        yield f"project {block.items[item][0]!r} cannot be started in {block.spans[span]} ({cells})"


def _rows(case: Case, layout: Layout, values: Values, plan: FloatArray) -> Iterator[str]:
    every = np.zeros(layout.column_count)
    every[layout.columns["build"].slice] = plan
    products = values.matrix * every[layout.indices]
    row_of = layout.entry_rows
    activity = np.bincount(row_of, weights=products, minlength=layout.row_count)
    for row in np.flatnonzero(building_rows(layout)).tolist():
        for bound, over, word in ((values.row_upper[row], 1.0, "most"), (values.row_lower[row], -1.0, "least")):
            if over * (activity[row] - bound) > _TOLERANCE * max(1.0, abs(bound)):
                yield _row(case, layout, row, activity[row], bound, word)


def _row(case: Case, layout: Layout, row: int, found: float, bound: float, word: str) -> str:
    block, item, span = locate(layout.rows, row)
    what = _ROWS.get(block, f"{block.partition('_')[0]} {{0!r}}").format(*item, span)
    side = "upper" if word == "most" else "lower"
    cells = ", ".join(cells_of(case, block, item, case.period_position.get(span), side))
    return f"{what}: {found:,.6g} where at {word} {bound:,.6g} is allowed{f' ({cells})' if cells else ''}"
