"""A design: the list of runs of a batch, and what the analysis of its kind needs to know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from model.case import FloatArray
from model.scenario import BASE


def _no_points() -> FloatArray:
    return np.zeros((0, 0))


@dataclass(frozen=True, eq=False)
class Design:
    """A list of runs: which numbers each sets.

    kind        tornado, grid, sample, morris, sobol, outages, scenarios or list
    runs        {address: value in the row's own unit}, one a run, in run order
    labels      one a run, for people ("Brent low", "without cpc")
    scenarios   the scenario from which each run starts, mostly ``base``
    factors     names of the ranges
    points      (runs, factors): values of the factors as the user states them
    about       what the analysis of the kind needs, as JSON knows it: groups, levels, trajectories
    """

    kind: str
    runs: tuple[Mapping[str, float | str], ...]
    labels: tuple[str, ...]
    scenarios: tuple[str, ...]
    factors: tuple[str, ...] = ()
    points: FloatArray = field(default_factory=_no_points)
    seed: int | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lengths = {len(self.runs), len(self.labels), len(self.scenarios)}
        if len(lengths) > 1:
            message = f"{len(self.runs)} runs, {len(self.labels)} labels and {len(self.scenarios)} scenarios: "
            raise ValueError(message + "a design has one of each per run")
        shape = (len(self.runs), len(self.factors))
        if self.factors and self.points.shape != shape:
            raise ValueError(f"points have the shape {self.points.shape}; needed is (runs, factors) = {shape}")

    def __len__(self) -> int:
        return len(self.runs)


def listed(
    runs: Sequence[Mapping[str, float | str]],
    labels: Sequence[str] | None = None,
    scenarios: Sequence[str] | None = None,
) -> Design:
    """A design of kind ``list``: the runs as they are written; its factors are the addresses that they set.

    A point is NaN where a run leaves the number as it is, or sets a period's label.
    """
    factors = tuple(dict.fromkeys(address for run in runs for address in run))
    points = [
        [value if isinstance(value := run.get(name), (int, float)) else np.nan for name in factors] for run in runs
    ]
    return Design(
        "list",
        tuple(dict(run) for run in runs),
        tuple(labels) if labels is not None else tuple(f"run {number}" for number in range(1, len(runs) + 1)),
        tuple(scenarios) if scenarios is not None else (BASE,) * len(runs),
        factors,
        np.array(points, dtype=np.float64).reshape(len(runs), len(factors)),
    )
