"""Values of the decisions and the worth of every scarce thing, with the sign and unit of each fixed here."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from model.case import Case, FloatArray
from model.formulation.layout import Layout
from model.network import Network
from model.parameters import Parameters


@dataclass(frozen=True)
class Solution:
    """One solved scenario, as arrays in the order of the network's index sets.

    ``values`` holds each kind of variable, shape (items, periods or contract years), volumes per period.
    ``bound_gain`` holds, for each kind of variable, and ``row_gain``, for each kind of row, how much the goal improves
    per unit by which the binding bound or right-hand side rises: discounted million USD per unit. So it is positive
    for a scarce capacity and negative for a minimum that costs. ``goal`` is the value, or minus the cost.
    """

    case: Case
    network: Network
    parameters: Parameters
    status: str
    objective: float
    values: dict[str, FloatArray]
    bound_gain: dict[str, FloatArray]
    row_gain: dict[str, FloatArray]
    row_value: dict[str, FloatArray]
    items: dict[str, tuple[tuple[str, ...], ...]]
    seconds: dict[str, float] = field(default_factory=dict)
    gap: float | None = None

    def __getitem__(self, variable: str) -> FloatArray:
        return self.values[variable]

    def undiscounted(self, gain: FloatArray) -> FloatArray:
        """Per-period gains in USD per unit of the period: discounted gains divided by δ; shape kept."""
        return gain / self.parameters.discount

    @property
    def node_value(self) -> FloatArray:
        """Value of one more unit at each (node, commodity), USD per unit, shape (balances, periods)."""
        # the balance reads arriving − leaving = 0: one more unit is a right-hand side one lower
        return self.undiscounted(-self.row_gain["balance"])


def read_solution(
    case: Case,
    layout: Layout,
    parameters: Parameters,
    point: object,
    seconds: dict[str, float] | None = None,
) -> Solution:
    """Cut the solver's vectors into named arrays; ``point`` is what ``solver.highs`` returned."""
    columns, rows = point.columns, point.rows  # type: ignore[attr-defined]
    column_dual, row_dual = point.column_dual, point.row_dual  # type: ignore[attr-defined]
    cost = case.settings.objective == "cost"

    def cut(vector: FloatArray, blocks: dict[str, object]) -> dict[str, FloatArray]:
        return {
            name: np.array(vector[b.slice]).reshape(len(b.items), len(b.spans))  # type: ignore[attr-defined]
            for name, b in blocks.items()
        }

    return Solution(
        case=case,
        network=layout.network,
        parameters=parameters,
        status=point.status,  # type: ignore[attr-defined]
        objective=point.objective if cost else -point.objective,  # type: ignore[attr-defined]
        values=cut(columns, layout.columns),  # type: ignore[arg-type]
        # HiGHS minimises: its duals are the rise of the cost per unit of the bound
        bound_gain=cut(-column_dual, layout.columns),  # type: ignore[arg-type]
        row_gain=cut(-row_dual, layout.rows),  # type: ignore[arg-type]
        row_value=cut(rows, layout.rows),  # type: ignore[arg-type]
        items={name: block.items for name, block in layout.columns.items()},
        seconds=seconds or {},
    )
