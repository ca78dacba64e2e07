"""What a plan for several scenarios is judged by: the losses of the scenarios become one number to be minimised.

The loss of a scenario is what its programme minimises: minus the value, or with objective ``cost`` the cost; discounted
million USD.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from model.case import FloatArray


@dataclass(frozen=True)
class Criterion:
    """A linear programme over losses: minimise weight·loss + cost·e with loss[s] + entries[s]·e ≤ upper[s].

    ``weight`` and ``upper`` have one entry a scenario, ``cost`` and ``lower`` one for each of its own variables e,
    ``entries`` the shape (scenarios, variables); without variables there are no rows. ``fill`` gives the best e for
    given losses.
    """

    name: str
    weight: FloatArray
    cost: FloatArray
    lower: FloatArray
    entries: FloatArray
    upper: FloatArray
    fill: Callable[[FloatArray], FloatArray]

    def of(self, losses: FloatArray) -> float:
        """The criterion of a plan with these losses, shape (scenarios,); NaN where one of them is."""
        return float(self.weight @ losses + self.cost @ self.fill(losses))


def expected(probability: FloatArray) -> Criterion:
    """The least expected loss.

        Σ_s probability[s]·loss[s]                                      → min

    probability   Scenarios, adding up to one
    """
    none = np.empty(0)
    return Criterion(
        "expected", probability, none, none, np.empty((len(probability), 0)), np.empty(0), lambda _: np.empty(0)
    )


def regret(best: FloatArray) -> Criterion:
    """The least largest regret: what the plan loses against the best that hindsight could have built.

        worst → min,   loss[s] − best[s] ≤ worst                        ∀ scenario s

    best    the scenario's own optimum, where building was free to suit it alone
    worst   free variable, million USD

    Needs no probabilities (Savage, 1951, The theory of statistical decision).
    """
    count = len(best)
    return Criterion(
        "regret",
        np.zeros(count),
        np.ones(1),
        np.full(1, -np.inf),
        np.full((count, 1), -1.0),
        best,
        lambda losses: np.array([np.max(losses - best)]),
    )


def cvar(probability: FloatArray, tail: float) -> Criterion:
    """The least mean loss of the worst outcomes, which together have the probability ``tail``.

        edge + 1/tail·Σ_s probability[s]·beyond[s] → min,   loss[s] − edge ≤ beyond[s],  beyond ≥ 0     ∀ scenario s

    tail     Settings; a scenario that reaches beyond it counts with the part that lies within
    edge     free variable; at the optimum the least of the worst losses (value at risk)
    beyond   variable ≥ 0, million USD

    Rockafellar and Uryasev (2000), Optimization of conditional value-at-risk, Journal of Risk 2, theorem 1.
    """
    count = len(probability)

    def fill(losses: FloatArray) -> FloatArray:
        edge = _edge(losses, probability, tail)
        return np.concatenate([[edge], np.maximum(losses - edge, 0.0)])

    return Criterion(
        "cvar",
        np.zeros(count),
        np.concatenate([[1.0], probability / tail]),
        np.concatenate([[-np.inf], np.zeros(count)]),
        np.column_stack([np.full(count, -1.0), -np.eye(count)]),
        np.zeros(count),
        fill,
    )


def _edge(losses: FloatArray, probability: FloatArray, tail: float) -> float:
    """The largest loss that no more than ``tail`` of the probability lies above."""
    if np.isnan(losses).any():
        return float("nan")
    order = np.argsort(-losses, kind="stable")
    reached = np.cumsum(probability[order]) >= tail - 1e-12
    return float(losses[order[int(np.argmax(reached))]])
