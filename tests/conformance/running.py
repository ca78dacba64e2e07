"""Runs a published case through the project and says how it compares; ``python -m tests.conformance`` prints all."""

from __future__ import annotations

import time
from dataclasses import dataclass

from model.api import read_case, solve
from model.errors import InfeasibleCase, UnboundedCase
from tests.conformance.converter import Converted, convert
from tests.conformance.problem import InexpressibleError
from tests.conformance.published import Published


@dataclass(frozen=True)
class Outcome:
    """What the project made of a case; ``reason`` says why it was not solved."""

    status: str
    minimum: float | None = None
    reason: str = ""
    seconds: float = 0.0


def outcome(case: Published) -> Outcome:
    """Convert and solve a case."""
    started = time.perf_counter()
    try:
        converted = convert(case)
    except InexpressibleError as error:
        return Outcome("not expressed", reason=str(error))
    try:
        status, minimum = "optimal", solved(converted)
    except InfeasibleCase:
        status, minimum = "infeasible", None
    except UnboundedCase:
        status, minimum = "unbounded", None
    return Outcome(status, minimum, seconds=time.perf_counter() - started)


def solved(converted: Converted) -> float:
    """The canonical minimum that the project finds."""
    return converted.minimum(solve(read_case(converted.tables)).value)


def misfit(case: Published, minimum: float) -> float:
    """Distance from the published minimum, relative to it (to 1 where it is smaller)."""
    target = float(case.about["canonical_min_objective"])
    return abs(minimum - target) / max(1.0, abs(target))
