"""Where the optimum over a range bends or breaks: the pieces on each of which one plan's basis holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from model.analysis.response import Response, Sample, spread
from model.errors import NoAnswer

ON_THE_LINE: Final = 1e-10  # of the cost: what lies nearer to a line is on it
SAME_SLOPE: Final = 1e-7  # of the slope
BENDS: Final = 1e-5  # of the slope: what changes it less is a change of basis without a change of plan
FINEST: Final = 1e-7  # of the range: how near halving comes to a breakpoint
GRID: Final = 9  # points at which a range is looked at first where its ends do not say enough


@dataclass(frozen=True)
class Piece:
    """A stretch of the range, with the slope of the minimised cost; where there is no optimum, with its status."""

    start: Sample
    end: Sample
    slope: float
    status: str = "optimal"


def find_pieces(response: Response) -> list[Piece]:
    """The pieces from the low to the high end of the range, without gaps.

    Raises
    ------
    NoAnswer
        Where the solver stopped early.
    """
    ends = [response.sample(response.low), response.sample(response.high)]
    if response.kind == "other" or any(end.status != "optimal" for end in ends):
        inner = spread(response.low, response.high, GRID)[1:-1]
        ends = [ends[0], *(response.sample(at) for at in inner), ends[1]]
    pieces: list[Piece] = []
    for stretch in _stretches(response, ends):
        first, last = stretch
        if first.status != "optimal":
            pieces.append(Piece(first, last, np.nan, first.status))
        elif response.kind == "other":
            pieces.extend(_by_halving(response, first, last))
        else:
            pieces.extend(_joined(_by_tangents(response, first, last)))
    return pieces


def _stretches(response: Response, samples: list[Sample]) -> list[tuple[Sample, Sample]]:
    """Stretches of one status; the places between them are found by halving."""
    begin, found = samples[0], []
    for before, after in pairwise(samples):
        if before.status == after.status:
            continue
        low, high = before, after
        while high.at - low.at > FINEST * (response.high - response.low):
            middle = response.sample((low.at + high.at) / 2)
            low, high = (middle, high) if middle.status == before.status else (low, middle)
        found.append((begin, low))
        begin = high
    found.append((begin, samples[-1]))
    for first, _ in found:
        if first.status not in ("optimal", "infeasible", "unbounded"):
            raise NoAnswer(response.case.scenario, f"the solver stopped early ({first.status}) at {first.at:g}.")
    return _touching(found)


def _touching(stretches: list[tuple[Sample, Sample]]) -> list[tuple[Sample, Sample]]:
    """Stretches that meet: the one with an optimum keeps its end, the other begins or ends there."""
    met = list(stretches)
    for i, ((_, last), (begin, end)) in enumerate(pairwise(stretches)):
        if last.status == "optimal":
            met[i + 1] = (replace(begin, at=last.at), end)
        else:
            met[i] = (met[i][0], replace(last, at=begin.at))
    return met


def _by_tangents(response: Response, first: Sample, last: Sample) -> list[Piece]:
    """Straight pieces of a convex or concave cost, from value and slope at the ends of ever shorter stretches."""
    pieces: list[Piece] = []
    stretches = [(first, last)]
    while stretches:
        a, b = stretches.pop()
        near = ON_THE_LINE * max(1.0, abs(a.cost), abs(b.cost))
        width = b.at - a.at
        if abs(a.cost + a.slope * width - b.cost) <= near:
            pieces.append(Piece(a, b, a.slope))
        elif abs(b.cost - b.slope * width - a.cost) <= near:
            pieces.append(Piece(a, b, b.slope))
        else:
            middle, between = _meeting(response, a, b, near)
            if between:
                stretches += [(middle, b), (a, middle)]
            else:
                pieces += [Piece(a, middle, _chord(a, middle)), Piece(middle, b, _chord(middle, b))]
    return pieces


def _meeting(response: Response, a: Sample, b: Sample, near: float) -> tuple[Sample, bool]:
    """The optimum where the tangents of both ends meet, and whether other pieces lie between."""
    finest = 1e-12 * (response.high - response.low)
    at = a.at + (b.cost - a.cost - b.slope * (b.at - a.at)) / (a.slope - b.slope)
    if not a.at + finest < at < b.at - finest:
        # the slope at an end that is itself a breakpoint may be that of neither side
        at = (a.at + b.at) / 2
    middle = response.sample(at, a.kept)
    if middle.status != "optimal":
        raise NoAnswer(response.case.scenario, f"the solver found no optimum ({middle.status}) at {at:.9g}.")
    on_first = abs(a.cost + a.slope * (at - a.at) - middle.cost) <= near
    on_last = abs(b.cost - b.slope * (b.at - at) - middle.cost) <= near
    narrow = b.at - a.at <= FINEST * (response.high - response.low)
    return middle, not (on_first and on_last) and not narrow


def _chord(a: Sample, b: Sample) -> float:
    return (b.cost - a.cost) / (b.at - a.at)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbouring pieces of one slope as one."""
    joined = pieces[:1]
    for piece in pieces[1:]:
        last = joined[-1]
        if abs(piece.slope - last.slope) <= SAME_SLOPE * max(1.0, abs(piece.slope)):
            joined[-1] = Piece(last.start, piece.end, last.slope)
        else:
            joined.append(piece)
    return joined


def _by_halving(response: Response, first: Sample, last: Sample) -> list[Piece]:
    """Pieces on each of which the basis of its start stays optimal; their slope is that from end to end."""
    bounds, start = [first], first
    while start.at < last.at:
        inside, end = _reach(response, start, last)
        inside, end = (response.with_slope(one) for one in (inside, end))
        bends = abs(inside.slope - end.slope) > BENDS * max(1.0, abs(end.slope))
        if bends or end.at >= last.at:
            bounds.append(end)
        start = end
    return [Piece(a, b, _chord(a, b)) for a, b in pairwise(bounds)]


def _reach(response: Response, start: Sample, last: Sample) -> tuple[Sample, Sample]:
    """The last sample at which a basis is optimal, and the first beyond it (the same where it holds to the last)."""
    good, bad = start, response.sample(last.at, start.kept)
    if bad.kept.is_alike(start.kept):
        return bad, bad
    while bad.at - good.at > FINEST * (response.high - response.low):
        middle = response.sample((good.at + bad.at) / 2, start.kept)
        if middle.kept.is_alike(start.kept):
            good = middle
        else:
            bad = middle
    return good, bad
