"""Numbers of a programme that are beyond what the solver reckons with, named by cells before it sees them."""

from __future__ import annotations

from typing import Final

import numpy as np

from model.case import Case, FloatArray
from model.errors import UsageError
from model.formulation.layout import Layout, Values
from model.registry import BOUND_COLUMNS, cells_of, key_at, locate

LARGEST_COEFFICIENT: Final = 1e15  # HiGHS refuses a matrix that holds a larger one
LARGEST_COST: Final = 1e20  # HiGHS takes it for infinity
MOST_NAMED: Final = 5
UNUSUAL: Final = 1e6


def check_magnitude(case: Case, layout: Layout, values: Values) -> None:
    """Raise UsageError where cells that are sound alone make a cost or coefficient that is not.

    A deadweight of 10⁻⁹ t takes 10¹⁵ round trips a Mt.
    """
    found = [
        (f"one unit of {key_at(layout.columns, i)} costs {values.cost[i]:.3g}", _cells(case, layout, None, i))
        for i in _beyond(values.cost, LARGEST_COST)
    ]
    for entry in _beyond(values.matrix, LARGEST_COEFFICIENT):
        row, column = int(np.searchsorted(layout.starts, entry, side="right")) - 1, int(layout.indices[entry])
        takes = f"one unit of {key_at(layout.columns, column)} counts {values.matrix[entry]:.3g}"
        found.append((f"{takes} in {key_at(layout.rows, row)}", _cells(case, layout, row, column)))
    if not found:
        return
    lines = [f"    {what} ({', '.join(cells)})" if cells else f"    {what}" for what, cells in found[:MOST_NAMED]]
    more = [f"    and {len(found) - MOST_NAMED} more"] if len(found) > MOST_NAMED else []
    head = f"Scenario {case.scenario!r}: numbers in these rows multiply to more than can be reckoned with; mend them."
    raise UsageError("\n".join([head, *lines, *more]))


def _beyond(numbers: FloatArray, largest: float) -> list[int]:
    return [int(i) for i in np.flatnonzero(~(np.abs(numbers) < largest))]


def _cells(case: Case, layout: Layout, row: int | None, column: int) -> list[str]:
    """Cells of unusual size in the sheet's rows of the row and of the variable; else those of their limits."""
    found: list[str] = []
    limits: list[str] = []
    for blocks, position in ((layout.rows, row), (layout.columns, column)):
        block, item, span = locate(blocks, position) if position is not None else ("", (), "")
        if block not in BOUND_COLUMNS:
            continue
        sheet = BOUND_COLUMNS[block][0]
        place, period = case[sheet].position[item[0]], case.period_position.get(span)
        for name in case[sheet].numbers:
            size = abs(float(case.number(sheet, name)[place, period or 0]))
            if (size > UNUSUAL or 0 < size < 1 / UNUSUAL) and np.isfinite(size):
                found.append(case.source_cell(sheet, place, name, period))
        for side in ("lower", "upper"):
            limits += cells_of(case, block, item, period, side)
    return list(dict.fromkeys(found or limits))
