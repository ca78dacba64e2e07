"""Values of the decisions and the worth of every scarce thing, with the sign and unit of each fixed here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from model.case import Case, FloatArray
from model.network import Network
from model.parameters import Parameters
from model.solver.point import Point

if TYPE_CHECKING:
    from model.formulation.layout import Layout, Values
    from model.formulation.program import Program
    from model.formulation.rules import Block


@dataclass(frozen=True)
class Solution:
    """One solved scenario, as arrays in the order of the network's index sets.

    ``values`` holds each kind of variable, shape (items, periods or contract years), volumes per period.
    ``bound_gain`` holds, for each kind of variable, and ``row_gain``, for each kind of row, how much the goal improves
    per unit by which the binding bound or right-hand side rises: discounted million USD per unit. So it is positive
    for a scarce capacity and negative for a minimum that costs. The goal is the value, or minus the cost.
    ``layout`` and ``numbers`` hold the programme that was declared: blocks, pattern and numbers; ``program`` and
    ``plan`` the one that was solved and the values of all its columns, with what a hook added. ``kept`` is where tables
    leave for one another what takes long to work out. With whole units ``bound`` is the best value (or cost) that is
    not ruled out and ``gap`` how far it is, as a share; ``stop`` says what ended the search before the gap was closed.
    """

    case: Case
    network: Network
    parameters: Parameters
    layout: Layout
    numbers: Values
    program: Program
    plan: FloatArray
    status: str
    objective: float
    values: dict[str, FloatArray]
    bound_gain: dict[str, FloatArray]
    row_gain: dict[str, FloatArray]
    row_value: dict[str, FloatArray]
    seconds: dict[str, float] = field(default_factory=dict)
    gap: float | None = None
    bound: float | None = None
    stop: str = ""
    kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def __getitem__(self, variable: str) -> FloatArray:
        return self.values[variable]

    def undiscounted(self, gain: FloatArray) -> FloatArray:
        """Per-period gains in USD per unit of the period: discounted gains divided by δ; shape kept."""
        return gain / self.parameters.discount

    @property
    def items(self) -> dict[str, tuple[tuple[str, ...], ...]]:
        """Names of the items of each kind of variable, such as (link, commodity)."""
        return {name: block.items for name, block in self.layout.columns.items()}

    @property
    def node_value(self) -> FloatArray:
        """Value of one more unit at each (node, commodity), USD per unit, shape (balances, periods)."""
        # the balance reads arriving − leaving = 0: one more unit is a right-hand side one lower
        return self.undiscounted(-self.row_gain["balance"])


def read_solution(
    case: Case,
    layout: Layout,
    parameters: Parameters,
    numbers: Values,
    program: Program,
    point: Point,
    seconds: dict[str, float] | None = None,
) -> Solution:
    """Cut the solver's vectors into named arrays."""
    sign = 1.0 if case.settings.objective == "cost" else -1.0
    return Solution(
        case=case,
        network=layout.network,
        parameters=parameters,
        layout=layout,
        numbers=numbers,
        program=program,
        plan=point.columns,
        status=point.status,
        objective=sign * point.objective,
        values=_cut(point.columns, layout.columns),
        # HiGHS minimises: its duals are the rise of the cost per unit of the bound
        bound_gain=_cut(-point.column_dual, layout.columns),
        row_gain=_cut(-point.row_dual, layout.rows),
        row_value=_cut(point.rows, layout.rows),
        seconds=seconds or {},
        gap=point.gap,
        bound=None if point.bound is None else sign * point.bound,
        stop=point.stop,
    )


def _cut(vector: FloatArray, blocks: dict[str, Block]) -> dict[str, FloatArray]:
    return {
        name: np.array(vector[block.slice]).reshape(len(block.items), len(block.spans))
        for name, block in blocks.items()
    }
