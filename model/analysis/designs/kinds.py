"""Each kind of design: which runs it takes to answer its question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from model.analysis.batch.design import Design
from model.analysis.designs.inputs import Inputs, inputs_of
from model.analysis.designs.outages import PRESENT, outages
from model.analysis.designs.sampling import correlated, latin_hypercube, saltelli, trajectories
from model.case import Case, FloatArray
from model.errors import UsageError
from model.scenario import BASE, runnable
from model.workbook.names import Names

MOST_SOBOL: Final = 32  # inputs: there are good direction numbers for two dimensions of each
MOST_GRID: Final = 100_000
LEVELS: Final = 5
SEED: Final = 1


@dataclass(frozen=True)
class Kind:
    """A kind of design: the question that it answers and how many runs it takes where none are asked for."""

    question: str
    runs: str
    make: Callable[[Inputs, int | None, int], Design] | None = None


def design_for(
    case: Case,
    kind: str,
    *,
    runs: int | None = None,
    seed: int | None = None,
    scenario: str = BASE,
    span: str | None = None,
) -> Design:
    """The runs that answer the question of a kind of design.

    Parameters
    ----------
    case
        From ``read_case``.
    kind
        One of ``KINDS``.
    runs
        How many runs at most; ``morris``, ``sobol`` and ``grid`` take the largest number of theirs below it.
    seed
        Of random designs; 0 is a seed, None is 1: the same seed gives the same runs.
    scenario
        The scenario in which inputs are varied.
    span
        For ``outages``: the period or range of periods in which a corridor is out; the first period without records.

    Raises
    ------
    UsageError
        Where there is no such kind, nothing to vary, or the number of runs cannot be.
    """
    if kind not in KINDS:
        raise UsageError(f"There is no design {kind!r}. {Names(KINDS).hint(kind)}".rstrip())
    if runs is not None and runs < 1:
        raise UsageError(f"A design of {runs} runs is none; give a whole number of at least 1.")
    if seed is not None and seed < 0:
        raise UsageError(f"The seed {seed} is negative; a seed is a whole number from 0 on.")
    if span is not None and kind != "outages":
        raise UsageError(f"Only outages have a span of periods; {kind} takes the periods of each range.")
    if kind == "outages":
        return outages(case, scenario, span)
    if kind == "scenarios":
        return _scenarios(case)
    make = KINDS[kind].make
    assert make is not None
    return make(inputs_of(case, scenario), runs, SEED if seed is None else seed)


def _scenarios(case: Case) -> Design:
    names = tuple(runnable(case))
    return Design("scenarios", ({},) * len(names), names, names)


def _tornado(inputs: Inputs, runs: int | None, _: int) -> Design:
    """The case as it stands, then each factor alone at its low and at its high end."""
    count = len(inputs.factors)
    if runs is not None and runs < 2 * count + 1:
        raise UsageError(f"A tornado of {count} inputs takes {2 * count + 1} runs, not {runs}.")
    points = [np.full(len(inputs.ranges), np.nan)]
    labels = [PRESENT]
    ends = inputs.values(np.array([[0.0] * count, [1.0] * count]), "even")
    for factor, name in enumerate(inputs.factors):
        moved = np.array(inputs.of_range) == factor
        for values, word in zip(ends, ("low", "high"), strict=True):
            points.append(np.where(moved, values, np.nan))
            labels.append(f"{name} {word}")
    return inputs.design("tornado", np.array(points), labels)


def _grid(inputs: Inputs, runs: int | None, _: int) -> Design:
    """Every combination of evenly spaced values, or of a choice's values."""
    count = len(inputs.factors)
    wanted = LEVELS if runs is None else int(np.floor(runs ** (1.0 / count) + 1e-9))
    if wanted < 2:
        raise UsageError(
            f"A grid of {count} inputs takes at least {2**count} runs, not {runs}; sample takes any number."
        )
    levels = [_levels(inputs, factor, wanted) for factor in range(count)]
    total = int(np.prod([float(len(one)) for one in levels]))
    if total > MOST_GRID:
        raise UsageError(f"A grid of {count} inputs has {total:,} runs of {wanted} values each; sample takes fewer.")
    shares = np.array(np.meshgrid(*levels, indexing="ij")).reshape(count, -1).T
    points = inputs.values(shares, "even")
    return inputs.design("grid", points, [f"grid {i}" for i in range(1, len(points) + 1)])


def _levels(inputs: Inputs, factor: int, wanted: int) -> FloatArray:
    of_factor = [one for one, i in zip(inputs.ranges, inputs.of_range, strict=True) if i == factor]
    if all(one.distribution == "choice" for one in of_factor):
        wanted = min(wanted, max(len(set(one.values)) for one in of_factor))
    return np.linspace(0.0, 1.0, wanted)


def _sample(inputs: Inputs, runs: int | None, seed: int) -> Design:
    """A Latin hypercube with the correlations that the sheet states."""
    random = np.random.default_rng(seed)
    count = 200 if runs is None else runs
    shares = latin_hypercube(random, count, len(inputs.factors))
    if count > len(inputs.factors) + 1 and (inputs.correlation != np.eye(len(inputs.factors))).any():
        shares = correlated(random, shares, inputs.correlation)
    points = inputs.values(shares, "spread")
    return inputs.design("sample", points, [f"sample {i}" for i in range(1, count + 1)], seed)


def _morris(inputs: Inputs, runs: int | None, seed: int) -> Design:
    _need_independent(inputs, "morris")
    per_path = len(inputs.factors) + 1
    count = 20 if runs is None else runs // per_path
    if count < 2:
        raise UsageError(f"Morris' screening of {per_path - 1} inputs takes at least {2 * per_path} runs, not {runs}.")
    shares = trajectories(np.random.default_rng(seed), count, per_path - 1)
    labels = [f"path {path} step {step}" for path in range(1, count + 1) for step in range(per_path)]
    return inputs.design("morris", inputs.values(shares, "even"), labels, seed, shares=shares.tolist())


def _sobol(inputs: Inputs, runs: int | None, seed: int) -> Design:
    _need_independent(inputs, "sobol")
    count = len(inputs.factors)
    if count > MOST_SOBOL:
        hint = "find the few that matter with morris, or put ranges into groups."
        raise UsageError(f"Sobol' indices of {count} inputs; at most {MOST_SOBOL} are supported: {hint}")
    per_point = count + 2
    base = 256 if runs is None else 1 << max(0, int(np.log2(max(1, runs // per_point))))
    if base < 8:
        raise UsageError(f"Sobol' indices of {count} inputs take at least {8 * per_point} runs, not {runs}.")
    shares = saltelli(np.random.default_rng(seed), base, count)
    parts = ["A", "B", *(f"A with {name} of B" for name in inputs.factors)]
    labels = [f"point {point} {part}" for point in range(1, base + 1) for part in parts]
    return inputs.design("sobol", inputs.values(shares, "spread"), labels, seed)


def _need_independent(inputs: Inputs, kind: str) -> None:
    """Shares of variance and effects of one input alone have no meaning where inputs hang together."""
    stated = np.argwhere(np.triu(inputs.correlation, 1) != 0)
    if len(stated):
        one, other = (inputs.factors[i] for i in stated[0])
        raise UsageError(
            f"{kind} takes inputs that are independent; the sheet Ranges correlates {one!r} with {other!r}. "
            "Put them into one group, clear the column correlated, or use sample."
        )


KINDS: Final[dict[str, Kind]] = {
    "tornado": Kind("Which input moves the value most, and when does the plan turn?", "2 an input + 1", _tornado),
    "grid": Kind("What holds at each combination of a few inputs?", f"{LEVELS} values an input", _grid),
    "sample": Kind("How uncertain are value and exports, given how uncertain the inputs are?", "200", _sample),
    "morris": Kind("Which of many inputs matter at all?", "20 paths of inputs + 1", _morris),
    "sobol": Kind("How much of the uncertainty comes from each input?", "256 × (inputs + 2)", _sobol),
    "outages": Kind("What is lost when a corridor fails, and where does its volume go?", "one a corridor, then pairs"),
    "scenarios": Kind("How do the scenarios of the workbook compare?", "one a scenario"),
}
