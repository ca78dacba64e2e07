"""Numbers of a programme that are beyond what the solver reckons with, named by cells before it sees them."""

from __future__ import annotations

from typing import Final

import numpy as np

from model.case import Case, FloatArray
from model.errors import UsageError
from model.formulation.layout import Layout, Values
from model.registry import cells_of, key_at, locate

LARGEST_COEFFICIENT: Final = 1e15  # HiGHS refuses a matrix that holds a larger one
LARGEST_COST: Final = 1e20  # HiGHS takes it for infinity
MOST_NAMED: Final = 5


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
    """Cells of the row and of the variable; of both sides, since either may be what is too large."""
    found: list[str] = []
    for blocks, position in ((layout.rows, row), (layout.columns, column)):
        if position is not None:
            block, item, span = locate(blocks, position)
            for side in ("lower", "upper"):
                found += cells_of(case, block, item, case.period_position.get(span), side)
    return list(dict.fromkeys(found))
