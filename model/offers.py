"""Which projects may be built at all: the others need no whole numbers, so that a case without any stays linear."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.case import NEVER, Case
from model.selection import matching, project_records


def offered(cases: Sequence[Case]) -> tuple[int, ...]:
    """Positions of the projects of which some scenario may build a unit."""
    return tuple(np.flatnonzero(np.logical_or.reduce([_offered(case) for case in cases])).tolist())


def offered_whole(case: Case) -> tuple[int, ...]:
    """Those of them that come in whole units only."""
    whole = case.word("Projects", "whole_units")
    return tuple(project for project in offered([case]) if whole[project])


def _offered(case: Case) -> NDArray[np.bool_]:
    """Projects with units on offer, a period to begin in, and no limit that allows none in any period."""
    projects, limits = case["Projects"], case["Limits"]
    found = case.number("Projects", "max_units")[:, 0] > 0
    found &= np.array([word != NEVER for word in projects.words["earliest"]], dtype=bool)
    none = (case.number("Limits", "at_most") == 0).all(axis=1)
    for row in np.flatnonzero(none).tolist():
        words = {name: values[row] for name, values in limits.words.items()}
        always = words["opens"] is None and words["closes"] is None
        if words["measure"] == "built" and words["of"] is None and always:
            found &= ~matching(words["what"], project_records(case))
    return np.asarray(found, dtype=bool)
