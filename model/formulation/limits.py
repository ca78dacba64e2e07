"""Limits on chosen supplies, flows or deliveries: quotas, permits, caps on shares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pyomo.environ as pyo

from model.case import Case, FloatArray
from model.formulation.rules import Constraint, Index, Key, Terms, at_least, at_most
from model.network import Network
from model.parameters import Parameters
from model.parameters.obligations import limit_spans
from model.selection import IntArray


def limit_upper(m: pyo.ConcreteModel, i: str, span: str, _: str) -> Any:
    """What a limit counts stays below it, as a volume or as a share of a whole.

        Σ_what u·x ≤ at_most·y        or, with ``of``:   Σ_what u·x − at_most·Σ_of u·x ≤ 0      ∀ limit i, span

    x         supply, flow, delivery or build, as ``measure`` says, in the open periods of the span (of one period, a
              calendar year, or the horizon)
    u         units of the limit's volume_unit in one unit of the commodity; 1 for units of projects
    at_most   Limits, a volume per year (over the whole horizon where per = horizon) or a share
    Dual      discounted value of one more unit (of the right-hand side), million USD per unit
    """
    return at_most(m.counted("upper", i, span), m.bound["limit_upper"][i, span, ""])


def limit_lower(m: pyo.ConcreteModel, i: str, span: str, _: str) -> Any:
    """What a limit counts reaches its lower side, as a volume or as a share of a whole.

        Σ_what u·x ≥ at_least·y       or, with ``of``:   Σ_what u·x − at_least·Σ_of u·x ≥ 0     ∀ limit i, span

    at_least   Limits, as at_most
    Dual       minus the discounted cost of one more unit, million USD per unit
    """
    return at_least(m.counted("lower", i, span), m.bound["limit_lower"][i, span, ""])


def _rows(case: Case, limits: IntArray) -> list[Key]:
    return [
        (case["Limits"].keys[limit], label) for limit in limits.tolist() for label, _ in limit_spans(case, int(limit))
    ]


def _stack(bounds: Sequence[FloatArray], limits: IntArray) -> FloatArray:
    chosen = [bounds[limit] for limit in limits.tolist()]
    return np.concatenate(chosen)[:, None] if chosen else np.empty((0, 1))


def _terms(side: str, limits: Callable[[Network], IntArray]) -> Callable[[Index, Parameters], Iterator[Terms]]:
    def terms(x: Index, p: Parameters) -> Iterator[Terms]:
        rows, first = x.rows[f"limit_{side}"], 0
        for limit in limits(x.network).tolist():
            counted = x.network.limit_terms[limit]
            columns = x.columns[counted.block].at(counted.items)
            span_of = np.empty(columns.shape[1], dtype=np.int64)
            for i, (_, periods) in enumerate(p.limit_spans[limit]):
                span_of[periods] = first + i
            first += len(p.limit_spans[limit])
            row = rows.at(span_of)[:, 0]
            yield Terms(np.broadcast_to(row, columns.shape), columns, getattr(p, f"limit_{side}_coefficients")[limit])

    return terms


LIMIT_UPPER = Constraint(
    limit_upper,
    lambda case, net: (_rows(case, net.limit_upper), ("",)),
    lambda p, net: (-np.inf, _stack(p.limit_upper, net.limit_upper)),
    _terms("upper", lambda net: net.limit_upper),
)
LIMIT_LOWER = Constraint(
    limit_lower,
    lambda case, net: (_rows(case, net.limit_lower), ("",)),
    lambda p, net: (_stack(p.limit_lower, net.limit_lower), np.inf),
    _terms("lower", lambda net: net.limit_lower),
)
