"""What a study of plans found: plans, what each brings in every scenario, and what knowing more would be worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from model.analysis.plan.choice import Choice
from model.case import Case, FloatArray
from model.errors import UsageError
from model.formulation.criteria import cvar
from model.formulation.layout import Layout
from model.solution import Solution
from model.solver.common_plan import PROOF
from model.solver.point import Point


@dataclass
class Best:
    """A scenario's own best: plan, the least loss found and the least that is not ruled out, million USD."""

    scenario: str
    plan: FloatArray
    found: float
    bound: float
    stop: str = ""

    @property
    def proven(self) -> bool:
        """Whether both are one to a millionth; else a regret is a bracket."""
        return self.found - self.bound <= PROOF * max(1.0, abs(self.found))

    def improve(self, loss: float) -> None:
        """Take the loss of any plan that does better: the search may have stopped short of it."""
        self.found = min(self.found, loss) if np.isfinite(loss) else self.found
        self.bound = min(self.bound, self.found)


@dataclass(frozen=True)
class Plan:
    """What is built, units by project and period, and the loss in every scenario.

    ``losses`` and ``unserved`` (what unserved demand counts in them) are in discounted million USD, NaN in a scenario
    in which the plan cannot be carried out, for the reasons in ``failures``. A plan by a ``criterion`` has its
    ``value``, the ``bound`` that it cannot fall below, and what ended the search early (``stop``).
    """

    name: str
    kind: str
    units: FloatArray
    losses: FloatArray
    unserved: FloatArray
    failures: Mapping[str, tuple[str, ...]]
    criterion: str = ""
    value: float = float("nan")
    bound: float = float("nan")
    stop: str = ""
    flows: tuple[Point, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Worth:
    """A number of million USD between ``low`` and ``high``, or the reason why there is none."""

    low: float = float("nan")
    high: float = float("nan")
    reason: str = ""


@dataclass(frozen=True)
class Study:
    """The plans for several scenarios, those by the criteria first.

    ``plan.best`` holds each scenario's own best; tables are ``plans``, ``regrets``, ``build`` and so on.
    """

    case: Case
    choice: Choice
    best: tuple[Best, ...]
    plans: tuple[Plan, ...]
    no_mean: str
    layout: Layout
    solutions: Mapping[tuple[str, str], Solution] = field(repr=False)

    def __getitem__(self, name: str) -> Plan:
        """A plan by its name."""
        for plan in self.plans:
            if plan.name == name:
                return plan
        raise UsageError(f"There is no plan {name!r}; there are {', '.join(plan.name for plan in self.plans)}.")

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names of the scenarios."""
        return self.choice.names

    @property
    def probability(self) -> FloatArray | None:
        """Probabilities of the scenarios, None without."""
        return self.choice.probability

    @property
    def sign(self) -> float:
        """What turns a loss into what is reported: minus one for the value, one for the cost."""
        return 1.0 if self.case.settings.objective == "cost" else -1.0

    @property
    def goal(self) -> str:
        """``value`` or ``cost``."""
        return "cost" if self.sign > 0 else "value"

    @cached_property
    def size(self) -> float:
        """Size of the losses, million USD."""
        return max(1.0, float(np.mean(np.abs([one.found for one in self.best]))))

    def regret(self, plan: Plan) -> tuple[FloatArray, FloatArray]:
        """Regret in every scenario, at least and at most: they differ where a scenario's best is not proven."""
        found, bound = np.array([b.found for b in self.best]), np.array([b.bound for b in self.best])
        proven = np.array([b.proven for b in self.best])
        low = np.maximum(plan.losses - found, 0.0)
        return low, np.where(proven, low, plan.losses - bound)

    def expected(self, plan: Plan) -> float:
        """Expected loss; NaN without probabilities or where a scenario rules the plan out."""
        return float("nan") if self.probability is None else float(self.probability @ plan.losses)

    def tail(self, plan: Plan) -> float:
        """Mean loss of the worst outcomes."""
        if self.probability is None:
            return float("nan")
        return cvar(self.probability, self.case.settings.tail).of(plan.losses)

    @cached_property
    def evpi(self) -> Worth:
        """What it would be worth to know the scenario before building."""
        return expected_value_of_information(self)

    @cached_property
    def vss(self) -> Worth:
        """What it is worth to plan for the scenarios instead of their mean."""
        return value_of_stochastic_solution(self)

    def gap(self, plan: Plan) -> float:
        """How much better another plan may be by the criterion, million USD; 0 where that is next to nothing."""
        gap = plan.value - plan.bound
        return gap if gap > PROOF * self.size else 0.0


def expected_value_of_information(study: Study) -> Worth:
    """What it would be worth to know the scenario before building: the loss by recourse less that by wait-and-see.

        EVPI = Σ_s p[s]·loss[s](plan by expected) − Σ_s p[s]·best[s] ≥ 0

    p      Scenarios.probability
    best   the scenario's own optimum, with building free to suit it alone

    Raiffa and Schlaifer (1961), Applied statistical decision theory.
    """
    plan = next((one for one in study.plans if one.criterion == "expected"), None)
    if plan is None or study.probability is None:
        return Worth(reason=_needs_expected(study))
    best = float(study.probability @ [one.found for one in study.best])
    bound = float(study.probability @ [one.bound for one in study.best])
    low, high = max(plan.bound - best, 0.0), max(plan.value - bound, 0.0)
    if high - low <= 2 * PROOF * study.size:
        low = high = max(plan.value - best, 0.0)
    return Worth(low, high)


def value_of_stochastic_solution(study: Study) -> Worth:
    """What it is worth to plan for the scenarios instead of their mean: the loss of the mean's plan less recourse.

        VSS = Σ_s p[s]·loss[s](best plan for the mean) − Σ_s p[s]·loss[s](plan by expected) ≥ 0

    The mean scenario has the mean of every number; where scenarios differ in words, periods, blanks or unlimited
    cells there is none. Birge (1982), The value of the stochastic solution in stochastic linear programs with fixed
    recourse, Mathematical Programming 24.
    """
    plan = next((one for one in study.plans if one.criterion == "expected"), None)
    if plan is None:
        return Worth(reason=_needs_expected(study))
    mean = next((one for one in study.plans if one.kind == "mean"), None)
    if mean is None:
        return Worth(reason=study.no_mean)
    if mean.failures:
        return Worth(reason=f"the plan for the mean cannot be carried out in {', '.join(mean.failures)}")
    worth = study.expected(mean) - plan.value
    return Worth(worth, worth + study.gap(plan))


def _needs_expected(study: Study) -> str:
    if study.probability is None:
        return "the scenarios have no probabilities"
    return "the plan by expected was not asked for"
