"""Capacity that projects add to the rows of a sheet."""

from __future__ import annotations

import numpy as np

from model.case import FloatArray
from model.solution import Solution


def added(solution: Solution, sheet: str, count: int) -> FloatArray:
    """What projects add to each row of a sheet, in the row's unit and period (stores: at its end), (count, periods)."""
    p, found = solution.parameters, np.zeros((count, len(solution.case.periods)))
    for i, target in enumerate(solution.network.targets):
        if target.sheet == sheet:
            found[target.row] += added_to(solution, i) * p.target_size[i]
    return found


def added_to(solution: Solution, target: int) -> FloatArray:
    """Units of a target's project that work in each period, (periods,)."""
    project = solution.network.targets[target].project
    return np.asarray(solution["build"][project] @ solution.parameters.in_service[project])
