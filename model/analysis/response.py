"""The optimum as a function of one address: its numbers at any point of a range, its value and its slope there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Final

import numpy as np

from model.case import Case, FloatArray
from model.engine import Engine, structure_of
from model.errors import UsageError
from model.formulation.layout import Values, evaluate
from model.parameters import build_parameters
from model.scenario import with_changes
from model.solver.point import Point
from model.solver.probe import Kept, Probe

# uneven, so that no kink between them can look like a straight line
_INSIDE: Final = (0.137, 0.5, 0.829)
_GOLDEN: Final = 0.6180339887498949
Changes = Callable[[float], Mapping[str, float | str]]
_BOUNDS: Final = ("lower", "upper", "row_lower", "row_upper")


@dataclass(frozen=True)
class Sample:
    """The optimum at one value of the address: minimised cost, its slope per unit of the address, and its basis."""

    at: float
    status: str
    cost: float
    point: Point
    kept: Kept
    slope: float = np.nan


class Response:
    """The minimised cost over a range of one address, or of one number that says what several addresses are set to.

    ``kind`` says what follows from the address in a straight line: ``costs`` (the value is then convex in it),
    ``bounds`` (the value is concave in it), ``nothing``, or ``other`` where coefficients change, several of these do,
    or the numbers do not follow in a straight line.
    """

    def __init__(self, case: Case, address: str, low: float, high: float, changes: Changes | None = None) -> None:
        self.case, self.address, self.low, self.high = case, address, low, high
        self.changes: Changes = changes or (lambda at: {address: at})
        ends = [with_changes(case, self.changes(x)) for x in (low, high)]
        if any(structure_of(one) != structure_of(case) for one in ends):
            raise UsageError(f"{address} changes the structure of the model; it has no staircase.")
        self.engine = Engine([case, *ends])
        self.probe = Probe(self.engine.live)
        self.first, self.last = (self._evaluate(x) for x in (low, high))
        self.kind = self._kind()
        self.solves = 0

    def _evaluate(self, at: float) -> Values:
        case = with_changes(self.case, self.changes(at))
        return evaluate(case, self.engine.layout, build_parameters(case, self.engine.network))

    def _kind(self) -> str:
        changed = {
            f.name for f in fields(Values) if not _alike(getattr(self.first, f.name), getattr(self.last, f.name))
        }
        for share in _INSIDE:
            inside, line = self._evaluate(self.low + share * (self.high - self.low)), self._on_line(share)
            if not all(_alike(getattr(inside, f.name), getattr(line, f.name)) for f in fields(Values)):
                return "other"
        if not changed:
            return "nothing"
        if changed == {"cost"}:
            return "costs"
        return "bounds" if changed <= set(_BOUNDS) else "other"

    def _on_line(self, share: float) -> Values:
        return Values(
            *(_between(getattr(self.first, f.name), getattr(self.last, f.name), share) for f in fields(Values))
        )

    def values(self, at: float) -> Values:
        """The numbers of the programme at a value of the address."""
        if self.kind == "other":
            return self._evaluate(at)
        return self._on_line((at - self.low) / (self.high - self.low))

    def sample(self, at: float, start: Kept | None = None) -> Sample:
        """The optimum at a value of the address, warm; without its slope where that takes longer than the solve."""
        self.solves += 1
        values = self.values(at)
        point = self.probe.solve(values, start=start)
        found = Sample(at, point.status, point.objective, point, self.probe.keep())
        return found if self.kind == "other" or point.status != "optimal" else self.with_slope(found)

    def with_slope(self, sample: Sample) -> Sample:
        """The sample with its slope."""
        return replace(sample, slope=self._slope(sample.at, sample.point))

    def _slope(self, at: float, point: Point) -> float:
        """Derivative of the minimised cost: what costs, bounds and coefficients each add at the optimum."""
        before, after, width = self.first, self.last, self.high - self.low
        if self.kind == "other":
            width = 1e-6 * (self.high - self.low)
            begin = min(at, self.high - width)
            before, after = self._evaluate(begin), self._evaluate(begin + width)
        change = {f.name: _difference(getattr(before, f.name), getattr(after, f.name)) / width for f in fields(Values)}
        column_bound = np.where(point.column_dual > 0, change["lower"], change["upper"])
        row_bound = np.where(point.row_dual > 0, change["row_lower"], change["row_upper"])
        layout = self.engine.layout
        row_of = layout.entry_rows
        carried = point.row_dual[row_of] * change["matrix"] * point.columns[layout.indices]
        of_bounds = point.column_dual @ column_bound + point.row_dual @ row_bound
        return float(change["cost"] @ point.columns + of_bounds - carried.sum())

    @cached_property
    def _distance(self) -> FloatArray:
        """Kilometres of each column by which ties are broken; no two flows have quite the same."""
        km = build_parameters(self.case, self.engine.network).flow_km
        block = self.engine.layout.columns["flow"]
        distance = np.zeros(self.engine.layout.column_count)
        # else two equal ways may change places from step to step
        unlike = 1.0 + 0.01 * np.modf(np.arange(1, len(km) + 1) * _GOLDEN)[0]
        distance[block.slice] = np.repeat(km * unlike, len(block.spans))
        return distance

    def flows(self, at: float, start: Kept | None = None) -> FloatArray:
        """Flows at a value of the address with ties broken by distance, shape (flows, periods); NaN without a plan."""
        block = self.engine.layout.columns["flow"]
        point = self.probe.solve(self.values(at), start=start, distance=self._distance)
        if point.status != "optimal":
            return np.full((len(block.items), len(block.spans)), np.nan)
        return point.columns[block.slice].reshape(len(block.items), len(block.spans))

    @property
    def sign(self) -> float:
        """1 where the goal is to keep the cost low, −1 where a value is to be high."""
        return 1.0 if self.case.settings.objective == "cost" else -1.0


def _alike(one: FloatArray, other: FloatArray) -> bool:
    return bool(np.allclose(one, other, rtol=1e-11, atol=1e-11))


def _between(one: FloatArray, other: FloatArray, share: float) -> FloatArray:
    # where both are infinite there is no difference to take
    return one + share * _difference(one, other)


def _difference(one: FloatArray, other: FloatArray) -> FloatArray:
    moved = one != other
    change = np.zeros_like(one)
    change[moved] = other[moved] - one[moved]
    return np.where(np.isfinite(change), change, 0.0)


def spread(low: float, high: float, count: int) -> Sequence[float]:
    """Evenly spaced values, both ends exact."""
    inner = np.linspace(low, high, count).tolist()
    return [low, *inner[1:-1], high]
