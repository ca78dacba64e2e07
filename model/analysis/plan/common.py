"""How a common plan is searched: by turns where whole units are built, else in one programme of all scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from model.analysis.plan.found import Best, Plan
from model.case import FloatArray
from model.formulation.criteria import Criterion
from model.formulation.extensive import extensive
from model.formulation.layout import Layout, Values
from model.formulation.master import Master, master
from model.solver.common_plan import PROOF, CommonPlan, Found, Recourse
from model.solver.decomposed import Decomposed, Tried

# a regret is proven to this share of itself: it may be small beside the values that mip_gap is a share of
REGRET_GAP: Final = 0.01
_FEW: Final = 50


@dataclass
class Common:
    """The search for common plans of scenarios whose own ``best`` are known."""

    layout: Layout
    members: Sequence[Values]
    recourses: Sequence[Recourse]
    best: Sequence[Best]
    mip_gap: float
    time_limit: float | None

    @cached_property
    def by_turns(self) -> bool:
        """Whether whole units are built and nothing else is whole: then flows have slopes, and cuts can be had."""
        build, whole = self.layout.columns["build"].slice, self.layout.whole
        return len(whole) > 0 and bool(((whole >= build.start) & (whole < build.stop)).all())

    @cached_property
    def tried(self) -> list[Tried]:
        """What is known of each scenario."""
        return [Tried(recourse) for recourse in self.recourses]

    @property
    def size(self) -> float:
        """Of the losses, million USD."""
        return max(1.0, float(np.mean(np.abs([one.found for one in self.best]))))

    @property
    def gap(self) -> float:
        """To which common plans are proven, million USD; a few places to build are searched to the last digit."""
        build = self.layout.columns["build"].slice
        places = np.any([one.upper[build] > 0 for one in self.members], axis=0).sum()
        return (PROOF if places <= _FEW else self.mip_gap) * self.size

    def search(self, criterion: Criterion, known: Sequence[Plan]) -> Found:
        """The best plan by a criterion; ``known`` can be carried out everywhere, the best of them first."""
        if not self.by_turns:
            return self._together(criterion).solve(_flows(known))
        share = REGRET_GAP if criterion.name == "regret" else None
        search = Decomposed(
            self._master(criterion), self.tried, criterion.of, gap=self.gap, share=share, time_limit=self.time_limit
        )
        return search.solve([plan.units.ravel() for plan in known])

    def settle(self, criterion: Criterion, value: float, weight: FloatArray, known: Plan) -> Found:
        """Of all plans whose criterion is no more than ``value``, the one that loses least by ``weight``."""
        if not self.by_turns:
            return self._together(criterion).settle(value, weight, _flows([known]))

        def worth(losses: FloatArray) -> float:
            return float(weight @ losses) if criterion.of(losses) <= value else np.inf

        search = Decomposed(
            self._master(criterion, weight), self.tried, worth, gap=self.gap, time_limit=self.time_limit
        )
        search.hold(value)
        return search.solve([known.units.ravel()])

    def _together(self, criterion: Criterion) -> CommonPlan:
        form = extensive(self.layout, self.members, criterion)
        return CommonPlan(form, self.gap, time_limit=self.time_limit)

    def _master(self, criterion: Criterion, weight: FloatArray | None = None) -> Master:
        level = np.array([one.found for one in self.best])
        bound = np.array([one.bound for one in self.best])
        # a bound less what the solver's rounding may be
        least = bound - PROOF * np.maximum(1.0, np.abs(bound))
        return master(self.layout, self.members, criterion, level, least, weight)


def _flows(known: Sequence[Plan]) -> list[Any]:
    return [point.columns for point in known[0].flows] if known else []
