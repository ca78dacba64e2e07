"""The programme of building alone: what each scenario loses is held from below by what plans tried so far have shown.

    criterion(loss) → min
    R·build ≤ r                     rows that concern building alone, of every scenario
    loss[s] ≥ loss[s](plan) + slope[s](plan)·(build − plan)             ∀ scenario s, plan that was tried
      0     ≥ short[s](plan) + slope[s](plan)·(build − plan)            where a plan left no flows
    loss[s] ≥ least[s]              the least that building for s alone could lose

    slope   derivative of the scenario's optimum by each unit built (reduced costs of ``build``, the plan being given)
    short   what the rows of the scenario's flows lack together, each in its own unit

A scenario's optimum is a convex function of the plan, so each row is below it everywhere: the optimum of this programme
is a bound of the criterion, and with a row for every whole plan it is the criterion's own. Benders (1962), Partitioning
procedures for solving mixed-variables programming problems, Numerische Mathematik 4; one row a scenario: Birge and
Louveaux (1988), A multicut algorithm for two-stage stochastic linear programs, European Journal of Operational Research
34.

Units are counted by when they stand, stands[p,t] = Σ_τ≤t build[p,τ]: a search that asks whether a pipe stands by 2030
halves what is left, one that asks whether it is begun in just that year does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.case import FloatArray
from model.formulation.criteria import Criterion
from model.formulation.extensive import building_rows
from model.formulation.layout import Layout, Values
from model.formulation.program import Program
from model.selection import IntArray

_NOTHING = 1e-9  # entries of a cut below it are rounding


@dataclass(frozen=True)
class Cut:
    """What a plan tried in a scenario shows of all others: its loss, or with ``short`` 0, ≥ constant + slope·build."""

    constant: float
    slope: FloatArray
    short: bool = False

    def at(self, plan: FloatArray) -> float:
        """The least that the scenario loses or lacks with a plan."""
        return self.constant + float(self.slope @ plan)


@dataclass(frozen=True)
class Master:
    """The programme of building, without cuts yet, and where its parts stand.

    Columns: stands (projects, periods), loss of each scenario, the criterion's own. Losses are counted from ``level``.
    The row ``cutoff`` holds the objective and ``goal`` the criterion from above, both unlimited at first; ``constant``
    and ``goal_constant`` are what the level of the losses adds to each.
    """

    program: Program
    level: FloatArray
    shape: tuple[int, int]
    cutoff: int
    goal: int
    constant: float
    goal_constant: float

    def plan(self, columns: FloatArray) -> FloatArray:
        """Units built, from the columns."""
        stands = columns[: self.shape[0] * self.shape[1]].reshape(self.shape)
        return np.asarray(np.diff(stands, axis=1, prepend=0.0).ravel())

    def losses(self, columns: FloatArray) -> FloatArray:
        """What each scenario is thought to lose."""
        first = self.shape[0] * self.shape[1]
        return self.level + columns[first : first + len(self.level)]

    def row(self, scenario: int, cut: Cut) -> tuple[IntArray, FloatArray, float]:
        """A cut of a scenario as a row: its columns, entries, and what they add up to at least."""
        entries = -_by_standing(cut.slope.reshape(self.shape))
        count = len(entries)
        used = np.flatnonzero((np.abs(entries) > _NOTHING) & (self.program.upper[:count] > 0))
        if cut.short:
            return used, entries[used], cut.constant
        own = count + scenario
        return np.append(used, own), np.append(entries[used], 1.0), cut.constant - self.level[scenario]


def master(
    layout: Layout,
    members: Sequence[Values],
    criterion: Criterion,
    level: FloatArray,
    least: FloatArray,
    weight: FloatArray | None = None,
) -> Master:
    """Set up the programme of building for several scenarios.

    Parameters
    ----------
    level
        What losses are counted from, million USD by scenario: without it a regret would be a small difference of
        large numbers.
    least
        The least that each scenario can lose, million USD.
    weight
        Minimise Σ weight·loss; None for the criterion itself.
    """
    block = layout.columns["build"]
    shape = (len(block.items), len(block.spans))
    own = np.concatenate([criterion.weight, criterion.cost])
    objective = own if weight is None else np.concatenate([weight, np.zeros(len(criterion.cost))])
    lower = np.max([one.lower[block.slice] for one in members], axis=0).reshape(shape)
    upper = np.min([one.upper[block.slice] for one in members], axis=0).reshape(shape)
    rows = [*_rules(layout, members, shape), *_order(lower, upper), *_epigraphs(block.size, criterion, level)]
    rows += [_row(values, -np.inf, np.inf, block.size) for values in (objective, own)]
    whole = layout.whole[(layout.whole >= block.offset) & (layout.whole < block.offset + block.size)]
    program = Program(
        np.concatenate([np.zeros(block.size), objective]),
        np.concatenate([np.cumsum(lower, axis=1).ravel(), least - level, criterion.lower]),
        np.concatenate([np.cumsum(upper, axis=1).ravel(), np.full(len(own), np.inf)]),
        np.array([row.low for row in rows]),
        np.array([row.high for row in rows]),
        np.concatenate([[0], np.cumsum([len(row.indices) for row in rows])]),
        np.concatenate([row.indices for row in rows]),
        np.concatenate([row.values for row in rows]),
        whole - block.offset,
    )
    constant = float(objective[: len(level)] @ level)
    return Master(program, level, shape, len(rows) - 2, len(rows) - 1, constant, float(criterion.weight @ level))


@dataclass(frozen=True)
class _Row:
    indices: IntArray
    values: FloatArray
    low: float
    high: float


def _row(values: FloatArray, low: float, high: float, first: int = 0) -> _Row:
    used = np.flatnonzero(values)
    return _Row(first + used, values[used], low, high)


def _by_standing(values: FloatArray) -> FloatArray:
    """Coefficients of ``stands``, from those of ``build``: Σ c[t]·build[t] = Σ (c[t] − c[t+1])·stands[t]."""
    return (values - np.append(values[:, 1:], np.zeros((len(values), 1)), axis=1)).ravel()


def _rules(layout: Layout, members: Sequence[Values], shape: tuple[int, int]) -> list[_Row]:
    """The rows that concern building alone, equal ones of several scenarios once."""
    block, found = layout.columns["build"], dict[bytes, _Row]()
    for row in np.flatnonzero(building_rows(layout)).tolist():
        entries = slice(layout.starts[row], layout.starts[row + 1])
        for one in members:
            values = np.zeros(block.size)
            values[layout.indices[entries] - block.offset] = one.matrix[entries]
            low, high = float(one.row_lower[row]), float(one.row_upper[row])
            key = np.concatenate([values, [low, high]]).tobytes()
            found[key] = _row(_by_standing(values.reshape(shape)), low, high)
    return list(found.values())


def _order(lower: FloatArray, upper: FloatArray) -> list[_Row]:
    """What is built in a period is what stands in it less what stood before."""
    periods = lower.shape[1]
    return [
        _Row(
            np.array([p * periods + t - 1, p * periods + t]),
            np.array([-1.0, 1.0]),
            float(lower[p, t]),
            float(upper[p, t]),
        )
        for p, t in np.ndindex(lower.shape)
        if t
    ]


def _epigraphs(build: int, criterion: Criterion, level: FloatArray) -> list[_Row]:
    """The rows loss[s] + entries[s]·e ≤ upper[s], where the criterion has variables."""
    if not len(criterion.cost):
        return []
    left = np.hstack([np.eye(len(level)), criterion.entries])
    return [
        _row(values, -np.inf, high, build)
        for values, high in zip(left, (criterion.upper - level).tolist(), strict=True)
    ]
