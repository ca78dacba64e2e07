"""The pieces from which the linear programme is declared: blocks of variables and rows, terms, and their index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.core.expr.numeric_expr import LinearExpression

from model.case import Case, FloatArray
from model.network import Network
from model.parameters import Parameters
from model.selection import IntArray

Key = tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """Variables or rows of one name: items (names without the period) × spans (periods, contract years)."""

    name: str
    items: tuple[Key, ...]
    spans: tuple[str, ...]
    offset: int

    @property
    def size(self) -> int:
        """Number of variables or rows."""
        return len(self.items) * len(self.spans)

    @property
    def slice(self) -> slice:
        """Where the block stands among all variables or rows."""
        return slice(self.offset, self.offset + self.size)

    @cached_property
    def keys(self) -> list[Key]:
        """Full keys in order: the item's names, then the span."""
        return [(*item, span) for item in self.items for span in self.spans]

    def at(self, items: IntArray | Sequence[int]) -> IntArray:
        """Positions of some items, shape (items, spans)."""
        item = np.asarray(items, dtype=np.int64)
        return self.offset + item[:, None] * len(self.spans) + np.arange(len(self.spans))


@dataclass(frozen=True)
class Terms:
    """Coefficients of one kind: rows, columns and values of equal shape."""

    rows: IntArray
    columns: IntArray
    values: FloatArray | float


@dataclass(frozen=True)
class Index:
    """What the declarations need to find their rows and columns."""

    case: Case
    network: Network
    columns: dict[str, Block]
    rows: dict[str, Block]


@dataclass(frozen=True)
class Variable:
    """One kind of variable: its items and spans, and its bounds and worth in the objective (value is maximised).

    ``whole`` says, item by item, whether only whole numbers are allowed.
    """

    name: str
    meaning: str
    items: Callable[[Case, Network], tuple[Sequence[Key], Sequence[str]]]
    lower: Callable[[Parameters, Network], FloatArray | float]
    upper: Callable[[Parameters, Network], FloatArray | float]
    worth: Callable[[Parameters, Network, Case], FloatArray | float]
    whole: Callable[[Case, Network], Sequence[bool]] | None = None


@dataclass(frozen=True)
class Constraint:
    """One kind of row: the Pyomo rule with its equation, its items, bounds and terms.

    The terms say where each array enters the matrix, so that a changed number is an update in place; they are compared
    with what Pyomo compiles from the rule.
    """

    rule: Callable[..., Any]
    items: Callable[[Case, Network], tuple[Sequence[Key], Sequence[str]]]
    bounds: Callable[[Parameters, Network], tuple[FloatArray | float, FloatArray | float]]
    terms: Callable[[Index, Parameters], Iterator[Terms]]

    @property
    def name(self) -> str:
        """Name of the constraint: that of its rule."""
        return self.rule.__name__


def total(terms: Sequence[tuple[float, Any]]) -> Any:
    """Σ coefficient·variable as one linear expression (Pyomo builds and compiles it without a tree)."""
    return LinearExpression(linear_coefs=[c for c, _ in terms], linear_vars=[v for _, v in terms])


def at_most(terms: Sequence[tuple[float, Any]], bound: float) -> Any:
    """The row Σ ≤ bound, left out where it has no terms or no bound."""
    return pyo.Constraint.Skip if not terms or abs(bound) == np.inf else (None, total(terms), bound)


def at_least(terms: Sequence[tuple[float, Any]], bound: float) -> Any:
    """The row Σ ≥ bound, left out where it has no terms or no bound."""
    # Pyomo refuses a row of zeros above zero; left to the arrays, it is infeasible and explained like any other
    return pyo.Constraint.Skip if abs(bound) == np.inf or not any(c for c, _ in terms) else (bound, total(terms), None)


def equal(terms: Sequence[tuple[float, Any]], value: float) -> Any:
    """The row Σ = value, left out where it has no terms."""
    return pyo.Constraint.Skip if not terms else (value, total(terms), value)
