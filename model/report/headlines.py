"""What a reader asks first: exports by corridor, by market and by exporter, and which corridors are full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from model.case import Case, FloatArray
from model.results.exports import CORRIDOR_MEANING, MARKET_MEANING, Totals, family_units, totals
from model.solution import Solution
from model.workbook.sheets import COMMODITIES

__all__ = ["CORRIDOR_MEANING", "MARKET_MEANING", "OTHERS", "Breakdown", "Headlines", "headlines"]

OTHERS: Final = "all others"


@dataclass(frozen=True)
class Breakdown:
    """Volumes per period of one family by name; ``volumes`` has the shape (names, periods)."""

    family: str
    unit: str
    periods: tuple[str, ...]
    names: tuple[str, ...]
    volumes: FloatArray

    @property
    def total(self) -> FloatArray:
        """Sum over the names, shape (periods,)."""
        return np.asarray(self.volumes.sum(axis=0))

    def largest(self, count: int) -> Breakdown:
        """The largest names, the others added up in one."""
        order = sorted(range(len(self.names)), key=lambda i: (-float(self.volumes[i].sum()), i))
        kept, rest = order[:count], order[count:]
        names = [self.names[i] for i in kept]
        volumes = [self.volumes[i] for i in kept]
        if rest:
            names.append(OTHERS)
            volumes.append(self.volumes[rest].sum(axis=0))
        shape = (len(names), len(self.periods))
        return Breakdown(self.family, self.unit, self.periods, tuple(names), np.array(volumes).reshape(shape))


@dataclass(frozen=True)
class Headlines:
    """The breakdowns of one scenario, each by family; a family that exports nothing is left out."""

    scenario: str
    value: float
    objective: str
    corridors: tuple[Breakdown, ...]
    markets: tuple[Breakdown, ...]
    exporters: tuple[Breakdown, ...]


def headlines(solution: Solution) -> Headlines:
    """Exports of one solved scenario by corridor, market and exporter."""
    case = solution.case
    return Headlines(
        case.scenario,
        solution.objective,
        case.settings.objective,
        _by_family(case, totals(solution, "corridor")),
        _by_family(case, totals(solution, "market")),
        _by_family(case, totals(solution, "exporter")),
    )


def _by_family(case: Case, found: Totals) -> tuple[Breakdown, ...]:
    unit, _ = family_units(case)
    breakdowns = []
    for family in COMMODITIES["family"].choices:
        names = tuple(name for kind, name in found if kind == family)
        if names:
            volumes = np.array([found[family, name][0] for name in names])
            breakdowns.append(Breakdown(family, unit[family], case.periods, names, volumes))
    return tuple(breakdowns)
