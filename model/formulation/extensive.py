"""One programme for all scenarios: what is built is common to them, everything else is each one's own.

    criterion(loss) → min
    loss[s] = k[s]·build + c[s]·x[s]                                    ∀ scenario s
    R·build ≤ r                  rows that concern building alone, of every scenario, equal ones once
    T[s]·build + A[s]·x[s] ≤ b[s]                                       all other rows, ∀ scenario s

Columns stand in this order: build, x of each scenario in turn, the criterion's own. Every number may differ between
scenarios, capital cost and budgets too: a common plan is one that every scenario allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.case import FloatArray
from model.formulation.criteria import Criterion
from model.formulation.layout import Layout, Values
from model.formulation.program import Program
from model.selection import IntArray


@dataclass(frozen=True)
class Extensive:
    """The programme of all scenarios, and where its parts stand.

    ``places`` gives, for each scenario and column of the layout, its column here: shape (scenarios, columns).
    ``goal`` is the row that holds the criterion's value from above, unlimited at first; None where the criterion has no
    variables of its own.
    """

    program: Program
    criterion: Criterion
    places: IntArray
    build: int
    goal: int | None
    costs: FloatArray

    def cost(self, weight: FloatArray) -> FloatArray:
        """The cost of each column where Σ weight·loss is minimised."""
        cost = np.zeros(len(self.program.cost))
        for share, places, own in zip(weight.tolist(), self.places, self.costs, strict=True):
            cost[places] += share * own
        return cost

    def point(self, flows: Sequence[FloatArray]) -> FloatArray:
        """All columns, from the columns of each scenario solved with one plan."""
        found = np.zeros(len(self.program.cost))
        for places, columns in zip(self.places, flows, strict=True):
            found[places] = columns
        losses = np.array([own @ columns for own, columns in zip(self.costs, flows, strict=True)])
        own = self.criterion.fill(losses)
        found[len(found) - len(own) :] = own
        return found


def extensive(layout: Layout, members: Sequence[Values], criterion: Criterion) -> Extensive:
    """Set up the programme of several scenarios on one layout.

    Parameters
    ----------
    members
        The numbers of each scenario.
    criterion
        What the plan is judged by; its arrays have one entry for each of the members.
    """
    places, build, width = _places(layout, len(members))
    kept = _kept(layout, members)
    parts = [_rows(layout, values, rows, place) for values, rows, place in zip(members, kept, places, strict=True)]
    first = sum(len(rows) for rows in kept)
    own = len(criterion.cost)
    if own:
        parts += [
            _epigraph(member, place, s, width, criterion)
            for s, (member, place) in enumerate(zip(members, places, strict=True))
        ]
        parts.append(_goal(width, criterion))
    counts = np.concatenate([part.counts for part in parts])
    whole = np.unique(places[:, layout.whole])
    lower, upper = _bounds(members, places, width)
    costs = np.array([member.cost for member in members])
    program = Program(
        np.zeros(width + own),
        np.concatenate([lower, criterion.lower]),
        np.concatenate([upper, np.full(own, np.inf)]),
        np.concatenate([part.lower for part in parts]),
        np.concatenate([part.upper for part in parts]),
        np.concatenate([[0], np.cumsum(counts)]),
        np.concatenate([part.indices for part in parts]),
        np.concatenate([part.values for part in parts]),
        whole,
    )
    goal = first + len(members) if own else None
    form = Extensive(program, criterion, places, build, goal, costs)
    program.cost[:] = form.cost(criterion.weight)
    program.cost[width:] = criterion.cost
    return form


def building_rows(layout: Layout) -> NDArray[np.bool_]:
    """Which rows concern building alone: units, prerequisites, budgets, limits on what is built."""
    own = np.ones(layout.column_count, dtype=bool)
    own[layout.columns["build"].slice] = False
    row_of = layout.entry_rows
    touches = np.bincount(row_of, weights=own[layout.indices], minlength=layout.row_count) > 0
    return np.asarray((np.diff(layout.starts) > 0) & ~touches)


@dataclass(frozen=True)
class _Part:
    """Some rows: entries in each, their columns and values, and the rows' bounds."""

    counts: IntArray
    indices: IntArray
    values: FloatArray
    lower: FloatArray
    upper: FloatArray


def _places(layout: Layout, scenarios: int) -> tuple[IntArray, int, int]:
    build = np.arange(layout.column_count)[layout.columns["build"].slice]
    own = np.setdiff1d(np.arange(layout.column_count), build)
    places = np.empty((scenarios, layout.column_count), dtype=np.int64)
    places[:, build] = np.arange(len(build))
    places[:, own] = len(build) + np.arange(scenarios * len(own)).reshape(scenarios, len(own))
    return places, len(build), len(build) + scenarios * len(own)


def _kept(layout: Layout, members: Sequence[Values]) -> list[IntArray]:
    """Rows of each scenario: of those about building alone, what an earlier scenario has already is left out."""
    shared = building_rows(layout)
    row_of = layout.entry_rows
    kept = []
    for s, one in enumerate(members):
        known = np.zeros(layout.row_count, dtype=bool)
        for other in members[:s]:
            same = (one.row_lower == other.row_lower) & (one.row_upper == other.row_upper)
            same[row_of[one.matrix != other.matrix]] = False
            known |= same
        kept.append(np.flatnonzero(~(shared & known)))
    return kept


def _rows(layout: Layout, values: Values, rows: IntArray, places: IntArray) -> _Part:
    counts = np.diff(layout.starts)
    taken = np.isin(np.repeat(np.arange(layout.row_count), counts), rows)
    return _Part(
        counts[rows],
        places[layout.indices[taken]],
        values.matrix[taken],
        values.row_lower[rows],
        values.row_upper[rows],
    )


def _epigraph(member: Values, places: IntArray, scenario: int, width: int, criterion: Criterion) -> _Part:
    """The row loss[s] + entries[s]·e ≤ upper[s]."""
    paid, own = np.flatnonzero(member.cost), np.flatnonzero(criterion.entries[scenario])
    indices = np.concatenate([places[paid], width + own])
    values = np.concatenate([member.cost[paid], criterion.entries[scenario][own]])
    return _Part(
        np.array([len(indices)]), indices, values, np.array([-np.inf]), criterion.upper[scenario : scenario + 1]
    )


def _goal(width: int, criterion: Criterion) -> _Part:
    """The row cost·e ≤ what the criterion may be."""
    own = np.flatnonzero(criterion.cost)
    return _Part(np.array([len(own)]), width + own, criterion.cost[own], np.array([-np.inf]), np.array([np.inf]))


def _bounds(members: Sequence[Values], places: IntArray, width: int) -> tuple[FloatArray, FloatArray]:
    """The narrowest bounds that every scenario allows."""
    lower, upper = np.full(width, -np.inf), np.full(width, np.inf)
    for member, place in zip(members, places, strict=True):
        lower[place] = np.maximum(lower[place], member.lower)
        upper[place] = np.minimum(upper[place], member.upper)
    return lower, upper
