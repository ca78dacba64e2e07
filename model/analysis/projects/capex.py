"""How much of a project is built as its capex varies, and the capex at which it is built at all.

Where no limited fund pays for a project, each plan's value falls in a straight line as its capex rises, and the
optimum is the highest of these lines: every line and every meeting point is found as in a staircase, exactly, whole
units or not. Where a limited fund pays, capex also decides what the fund can afford; the stretch is then halved, and a
step is exact where the plan's own limit (its money or its worth) is confirmed by solves on both sides. A single whole
unit is built up to some capex and not above it, whoever pays: each plan with it is followed as far as it can be paid
and is worth it, until just beyond no plan has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from model.analysis.projects.optima import Optima, Optimum

EXACT: Final = "exact"
HALVED: Final = "halved"
MONEY: Final = "follows the money"
MOST_SOLVES: Final = 60  # for one project's curve
# what a plan costs for nothing tells less than what it costs for next to nothing: then only units of use are built
_LOWEST: Final = 1e-6
_FIRST: Final = 1.0371  # uneven, so that no step of round numbers falls on a sample
_HIGHEST: Final = 1024.0  # of today's capex: what is built even then is built at any
_SIDE: Final = 1e-5  # how far beside a step, as a share of it, a plan must be the one that is said to hold
_FINEST: Final = 1e-4  # of the capex, for whole units
_COARSEST: Final = 0.25  # of the capex, where units may be parts and follow what the money buys
_SAME: Final = 1e-6  # units, of the most on offer


@dataclass(frozen=True)
class Stretch:
    """Between two factors on today's capex so many units are built; ``end`` infinite where that never changes.

    ``units_end`` differs where parts of units follow what a fund's money buys.
    """

    start: float
    end: float
    units: float
    units_end: float
    value: float
    value_end: float
    method: str


@dataclass(frozen=True)
class _Line:
    """A plan that stays possible as capex rises: value = at_nothing − cost·factor."""

    at_nothing: float
    cost: float
    units: float

    def at(self, factor: float) -> float:
        return self.at_nothing - (self.cost * factor if self.cost else 0.0)


def stretches(optima: Optima, project: int) -> list[Stretch]:
    """The curve of a project from no capex upwards; empty where it has no capex or there is no plan."""
    if not optima.net_cost(project, np.ones_like(optima.today.build)) > 0:
        return []
    if optima.case.word("Projects", "whole_units")[project] and optima.solution.parameters.build_most[project] == 1:
        return _Single(optima, project).stretches()
    return _Funded(optima, project).stretches() if optima.is_paid_by_budget(project) else _lines(optima, project)


def break_even(curve: list[Stretch]) -> float:
    """The factor on today's capex below which a project is built; 0 where it is not for any, infinite where always."""
    built = [one.end for one in curve if one.units > _SAME]
    return max(built, default=0.0)


# ---- no limited fund


def _lines(optima: Optima, project: int) -> list[Stretch]:
    first = _line(optima, project, _LOWEST)
    without = optima.ask(without=[project])
    last = _Line(without.value, 0.0, 0.0) if without.found else _line(optima, project, _HIGHEST)
    if first is None or last is None:
        return []
    met = [(0.0, first), *_envelope(optima, project, first, last)]
    ends = [*(at for at, _ in met[1:]), np.inf]
    return _joined(
        Stretch(at, end, line.units, line.units, line.at(at), _at_end(line, end), EXACT)
        for (at, line), end in zip(met, ends, strict=True)
    )


def _at_end(line: _Line, end: float) -> float:
    return line.at(end) if np.isfinite(end) or not line.cost else np.nan


def _line(optima: Optima, project: int, factor: float) -> _Line | None:
    best = optima.ask(capex=(project, factor))
    if not best.found:
        return None
    cost = optima.net_cost(project, best.build)
    return _Line(best.value + factor * cost, cost, float(best.build[project].sum()))


def _envelope(optima: Optima, project: int, first: _Line, last: _Line) -> list[tuple[float, _Line]]:
    """Each line after the first, with the factor from which on it is the highest."""
    found: list[tuple[float, _Line]] = []
    pairs, solves = [(first, last)], 0
    while pairs:
        left, right = pairs.pop()
        at = _meeting(left, right)
        middle = None
        # where as many whole units are built on both sides no other number is sought between
        alike = optima.whole and abs(left.units - right.units) <= _SAME
        if at > _LOWEST and solves < MOST_SOLVES and not alike:
            middle = _line(optima, project, at)
            solves += 1
        if middle is not None and middle.at(at) > left.at(at) + optima.near:
            pairs += [(middle, right), (left, middle)]
        else:
            found.append((at, right))
    return found


def _meeting(left: _Line, right: _Line) -> float:
    if left.cost - right.cost <= 0:
        return 0.0
    return max(0.0, (left.at_nothing - right.at_nothing) / (left.cost - right.cost))


# ---- a limited fund pays


@dataclass(frozen=True)
class _Sample:
    at: float
    best: Optimum
    units: float


class _Sampled:
    """What is built of a project at some factors on its capex, and how long a plan holds as it rises."""

    def __init__(self, optima: Optima, project: int) -> None:
        self.optima, self.project = optima, project
        self.whole = bool(optima.case.word("Projects", "whole_units")[project])
        self.same = _SAME * max(1.0, float(optima.solution.parameters.build_most[project]))

    def sample(self, at: float) -> _Sample:
        best = self.optima.ask(capex=(self.project, at))
        return _Sample(at, best, float(best.build[self.project].sum()))

    def line(self, one: _Sample) -> _Line:
        """A sample's plan at any capex."""
        cost = self.optima.net_cost(self.project, one.best.build)
        return _Line(one.best.value + one.at * cost, cost, one.units)

    def constant(self, one: _Sample, start: float, end: float) -> Stretch:
        """A stretch on which a sample's plan holds."""
        line = self.line(one)
        return Stretch(start, end, one.units, one.units, line.at(start), _at_end(line, end), EXACT)

    def alike(self, one: _Sample, other: _Sample) -> bool:
        return abs(one.units - other.units) <= self.same


class _Funded(_Sampled):
    """The curve of a project for which a limited fund pays, from samples."""

    def stretches(self) -> list[Stretch]:
        """All of them; empty where a search found no plan."""
        samples = [self.sample(_LOWEST), self.sample(_FIRST)]
        while samples[-1].units > self.same and samples[-1].at < _HIGHEST:
            samples.append(self.sample(2 * samples[-1].at))
        if not all(one.best.found for one in samples):
            return []
        found = [part for one, other in pairwise(samples) for part in self.between(one, other)]
        last = samples[-1]
        return _joined([*found, self.constant(last, last.at, np.inf)])

    def between(self, first: _Sample, last: _Sample) -> list[Stretch]:
        """What lies between two samples; where both build as much, so does what lies between."""
        if self.alike(first, last):
            return [self.constant(first, first.at, last.at)]
        limit = self.own_limit(first, last)
        if limit is not None:
            at, after = limit
            then = self.between(after, last)
            return [self.constant(first, first.at, at), replace(then[0], start=at), *then[1:]]
        ends = last.units <= self.same
        step = self.last_step(first, last) if ends and not self.whole else None
        if step is not None:
            at, before = step
            return [*self.between(first, before), self.constant(last, at, last.at)]
        if last.at <= first.at * (1 + (_FINEST if self.whole or ends else _COARSEST)):
            return self.unresolved(first, last)
        middle = self.sample((first.at + last.at) / 2)
        if not middle.best.found:
            return self.unresolved(first, last)
        return [*self.between(first, middle), *self.between(middle, last)]

    def unresolved(self, first: _Sample, last: _Sample) -> list[Stretch]:
        """Whole units: a step somewhere between; else units that follow what the money buys."""
        if self.whole:
            at = (first.at + last.at) / 2
            parts = [self.constant(first, first.at, at), self.constant(last, at, last.at)]
            return [replace(part, method=HALVED) for part in parts]
        values = first.best.value, last.best.value
        return [Stretch(first.at, last.at, first.units, last.units, *values, MONEY)]

    def own_limit(self, first: _Sample, last: _Sample) -> tuple[float, _Sample] | None:
        """The factor to which the first plan can be paid and is worth it, confirmed beside it; and what comes then."""
        at = min(
            self.optima.affordable(self.project, first.best.point.columns), _meeting(self.line(first), self.line(last))
        )
        if not first.at * (1 + 4 * _SIDE) < at < last.at * (1 - 4 * _SIDE):
            return None
        before, after = self.sample(at * (1 - _SIDE)), self.sample(at * (1 + _SIDE))
        return (at, after) if self.alike(before, first) and not self.alike(after, first) else None

    def last_step(self, first: _Sample, last: _Sample) -> tuple[float, _Sample] | None:
        """The factor from which on not even a part of a unit pays, and the sample just below it; None if not confirmed.

        Where parts may be built money is no hindrance to the last of them: only its worth is, unless the money has a
        better use.
        """
        low, without = first, self.line(last)
        for _ in range(MOST_SOLVES):
            at = _meeting(self.line(low), without)
            if not first.at * (1 + 4 * _SIDE) < at < last.at * (1 - 4 * _SIDE):
                return None
            beyond = self.sample(at * (1 + _SIDE))
            if not beyond.units > self.same:
                before = self.sample(at * (1 - _SIDE))
                return (at, replace(before, at=at)) if before.units > self.same else None
            low = beyond
        return None


# ---- a single whole unit


class _Single(_Sampled):
    """The curve of a project of one whole unit, whoever pays for it: built up to some capex, not above.

    A plan with it that can be paid is also possible where it is cheaper, and worth more there; plans without it are
    worth the same at any capex. So each plan with it is followed to the capex beyond which it cannot be paid or is not
    worth it; where another plan still builds it there, that one is followed.
    """

    def stretches(self) -> list[Stretch]:
        """One or two; empty where a search found no plan."""
        without, lowest = self.optima.ask(without=[self.project]), self.sample(_LOWEST)
        if not lowest.best.found:
            return []
        if not self.is_built(lowest, without):
            return [Stretch(0.0, np.inf, 0.0, 0.0, without.value, without.value, EXACT)]
        at, known, method = self.last(lowest, without)
        first = self.line(lowest).at(0.0)
        if not np.isfinite(at):
            return [Stretch(0.0, at, 1.0, 1.0, first, _at_end(self.line(known), at), method)]
        # what a plan without it is worth where worth is the limit, more where money is
        before = (
            self.sample(at * (1 - _SIDE)).best.value
            if self.line(known).at(at) > without.value + self.optima.near
            else without.value
        )
        return [
            Stretch(0.0, at, 1.0, 1.0, first, before, method),
            Stretch(at, np.inf, 0.0, 0.0, without.value, without.value, method),
        ]

    def last(self, lowest: _Sample, without: Optimum) -> tuple[float, _Sample, str]:
        """The factor up to which it is built, the last plan with it, and whether a search just beyond confirms it."""
        today = _Sample(1.0, self.optima.today, float(self.optima.today.build[self.project].sum()))
        known = [one for one in (lowest, today) if self.is_built(one, without)]
        at, best = max(((self.limit(one, without), one) for one in known), key=lambda pair: pair[0])
        for _ in range(MOST_SOLVES):
            if not np.isfinite(at):
                return at, best, EXACT
            beyond = self.sample(at * (1 + _SIDE))
            if not beyond.best.found or not self.is_built(beyond, without):
                return at, best, EXACT if beyond.best.status != "feasible" else HALVED
            at, best = max(at * (1 + _SIDE), self.limit(beyond, without)), beyond
        return at, best, HALVED

    def limit(self, one: _Sample, without: Optimum) -> float:
        """The factor up to which a plan can be paid and is worth it."""
        paid = self.optima.affordable(self.project, one.best.point.columns)
        return min(paid, _meeting(self.line(one), _Line(without.value, 0.0, 0.0))) if without.found else paid

    def is_built(self, one: _Sample, without: Optimum) -> bool:
        """Whether a plan has the unit, and is better for it."""
        return one.units > self.same and not one.best.value <= without.value + self.optima.near


def _joined(parts: Iterable[Stretch]) -> list[Stretch]:
    """Stretches of some length; neighbours with the same units as one."""
    joined: list[Stretch] = []
    for part in parts:
        if part.end <= part.start + _LOWEST:
            continue
        last = joined[-1] if joined else None
        level = part.units == part.units_end
        if last is not None and level and max(abs(last.units - part.units), abs(last.units_end - part.units)) <= _SAME:
            joined[-1] = replace(last, end=part.end, value_end=part.value_end)
        else:
            joined.append(part)
    return [replace(joined[0], start=0.0), *joined[1:]] if joined else []
