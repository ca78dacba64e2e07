"""The best plan by each criterion, beside the plans that hindsight, the mean or doing nothing would give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from model.analysis.plan.choice import Choice, choose
from model.analysis.plan.common import Common
from model.analysis.plan.failures import broken, lacking
from model.analysis.plan.found import Best, Plan, Study
from model.analysis.plan.mean import NoMean, mean_case
from model.audit import audit
from model.case import Case, FloatArray
from model.conflicts import infeasible
from model.engine import Engine
from model.errors import AuditError, NoAnswer, UnboundedCase, UsageError
from model.formulation.criteria import Criterion, cvar, expected, regret
from model.formulation.layout import Layout, Values, evaluate
from model.formulation.program import assemble
from model.parameters import Parameters, build_parameters
from model.precheck import precheck
from model.solution import Solution, read_solution
from model.solver.common_plan import PROOF, Found, Recourse
from model.solver.diagnosis import explain_unbounded
from model.solver.highs import LiveModel
from model.solver.point import Point

Working = Callable[[str], AbstractContextManager[Any]]
# of the size of the losses: how far the solver's own sum of millions may be from the plan's, reckoned anew
_AGREE = 1e-5


def study(
    case: Case,
    criterion: str | Sequence[str] | None = None,
    scenarios: Sequence[str] | None = None,
    working: Working = lambda _: nullcontext(),
) -> Study:
    """Choose what to build for several scenarios at once.

    Parameters
    ----------
    case
        The workbook's own case.
    criterion
        ``expected``, ``regret`` or ``cvar``, or several; None for all that the workbook's probabilities allow.
    scenarios
        Names; None for all that are marked run.
    working
        Called with what is being done, for a context in which it is.

    Raises
    ------
    UsageError
        Where something has to be mended first.
    InfeasibleCase, UnboundedCase, NoAnswer
        Where a scenario has no plan, or no plan does for all.
    """
    choice = choose(case, criterion, scenarios)
    mean, no_mean = _mean(choice)
    work = _Work(choice, Engine([*choice.cases, *([mean] if mean else [])]))
    for one in choice.cases:
        with working(f"The best plan for {one.scenario}"):
            work.own_best(one)
    plans = [work.evaluated("nothing", "nothing", np.zeros(work.layout.columns["build"].size))]
    plans += [work.evaluated(f"best for {b.scenario}", "own best", b.plan) for b in work.best]
    if mean is not None:
        with working("The best plan for the mean of the scenarios"):
            plan, no_mean = work.plan_for_mean(mean)
        plans += [] if plan is None else [work.evaluated("best for the mean", "mean", plan)]
    work.plans = plans
    for name in choice.criteria:
        with working(f"The plan by {name}"):
            work.plans = [*work.plans, work.by_criterion(name)]
    order = [*(p for p in work.plans if p.criterion), *(p for p in work.plans if not p.criterion)]
    return work.study(case, order, no_mean)


def _mean(choice: Choice) -> tuple[Case | None, str]:
    if choice.probability is None:
        return None, "there are no probabilities"
    try:
        return mean_case(choice.cases, choice.probability), ""
    except NoMean as why:
        return None, f"the scenarios have no mean: {why}"


@dataclass
class _Work:
    """One study under way: programmes of every scenario on one layout, and what was found so far."""

    choice: Choice
    engine: Engine
    best: list[Best] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    solutions: dict[tuple[str, str], Solution] = field(default_factory=dict)

    @property
    def layout(self) -> Layout:
        return self.engine.layout

    @cached_property
    def parameters(self) -> list[Parameters]:
        return [build_parameters(one, self.engine.network) for one in self.choice.cases]

    @cached_property
    def members(self) -> list[Values]:
        pairs = zip(self.choice.cases, self.parameters, strict=True)
        return [evaluate(one, self.layout, parameters) for one, parameters in pairs]

    @cached_property
    def recourses(self) -> list[Recourse]:
        return [Recourse(self.layout, values) for values in self.members]

    @property
    def settings(self) -> Any:
        return self.choice.cases[0].settings

    @cached_property
    def common(self) -> Common:
        """The searches for plans."""
        mip_gap, time_limit = self.settings.mip_gap, self.settings.time_limit
        return Common(self.layout, self.members, self.recourses, self.best, mip_gap, time_limit)

    @property
    def size(self) -> float:
        """Of the losses, million USD."""
        return self.common.size

    def own_best(self, case: Case) -> None:
        """Solve one scenario with building free to suit it alone."""
        precheck(case, self.engine.network)
        point = self._solved(self.members[len(self.best)])
        if point.status == "infeasible":
            self.engine.at(case)
            raise infeasible(self.engine, case)
        if point.status == "unbounded":
            self.engine.at(case)
            raise UnboundedCase(case.scenario, explain_unbounded(self.engine, case))
        if point.status not in ("optimal", "feasible"):
            raise NoAnswer(case.scenario, f"no plan was found before the search was ended ({point.status}).")
        bound = point.objective if point.bound is None else point.bound
        self.best.append(Best(case.scenario, self._tidy(point.columns), point.objective, bound, point.stop))

    def _solved(self, values: Values) -> Point:
        program = assemble(self.layout, values)
        live = LiveModel(program, time_limit=self.settings.time_limit, mip_gap=PROOF, keep_best=True)
        return live.plainly().solve()

    def plan_for_mean(self, mean: Case) -> tuple[FloatArray | None, str]:
        """The plan that suits the mean of the scenarios, or why there is none."""
        point = self._solved(evaluate(mean, self.layout, build_parameters(mean, self.engine.network)))
        if point.status not in ("optimal", "feasible"):
            return None, f"the mean of the scenarios has no plan ({point.status})"
        return self._tidy(point.columns), ""

    def _tidy(self, columns: FloatArray) -> FloatArray:
        """The plan among a scenario's columns, whole units without specks of rounding, nothing below zero."""
        whole = np.isin(np.arange(self.layout.column_count), self.layout.whole)
        block = self.layout.columns["build"].slice
        return np.maximum(np.where(whole, np.round(columns), columns)[block], 0.0)

    def evaluated(self, name: str, kind: str, plan: FloatArray, *, cold: bool = False) -> Plan:
        """What a plan brings in every scenario; where it cannot be carried out, why."""
        losses, failures, flows = np.full(len(self.members), np.nan), {}, []
        unserved = np.full(len(self.members), np.nan)
        spill = self.layout.columns["unserved"].slice
        for s, (case, values, recourse) in enumerate(zip(self.choice.cases, self.members, self.recourses, strict=True)):
            why = broken(case, self.layout, values, plan)
            point = None if why else recourse.at(plan, cold=cold)
            if point is None or point.status != "optimal":
                failures[case.scenario] = tuple(why or lacking(case, self.layout, recourse, plan))
                continue
            losses[s] = point.objective
            unserved[s] = float(values.cost[spill] @ point.columns[spill])
            flows.append(point)
        block = self.layout.columns["build"]
        units = plan.reshape(len(block.items), len(block.spans))
        for b, loss in zip(self.best, losses.tolist(), strict=True):
            b.improve(loss)
        return Plan(name, kind, units, losses, unserved, failures, flows=tuple(flows))

    def by_criterion(self, name: str) -> Plan:
        """The best common plan by one criterion, and of equally good ones that which loses least on the whole."""
        criterion = self._criterion(name)
        known = self._known(criterion)
        found = self.common.search(criterion, known)
        if found.plan is None and not known:
            raise self._no_plan(found)
        plan = known[0] if found.plan is None else self._common(name, found, criterion, known)
        value = criterion.of(plan.losses)
        if len(criterion.cost) and not found.stop:
            plan = self._settled(criterion, plan, value)
        stop = found.stop or ("" if found.status == "optimal" else found.status)
        plan = replace(
            plan, name=name, kind="criterion", criterion=name, value=criterion.of(plan.losses),
            bound=min(found.bound, value), stop=stop,
        )  # fmt: skip
        self._audit(plan)
        return plan

    def _criterion(self, name: str) -> Criterion:
        best = np.array([one.found for one in self.best])
        if name == "regret":
            return regret(best)
        if self.choice.probability is None:
            raise UsageError(f"The criterion {name} needs probabilities.")
        return (
            expected(self.choice.probability)
            if name == "expected"
            else cvar(self.choice.probability, self.settings.tail)
        )

    def _known(self, criterion: Criterion) -> list[Plan]:
        """The plans known so far that every scenario allows, the best first."""
        known = [plan for plan in self.plans if not plan.failures]
        return sorted(known, key=lambda plan: criterion.of(plan.losses))

    def _common(self, name: str, found: Found, criterion: Criterion, known: Sequence[Plan]) -> Plan:
        """The plan of a search, reckoned anew scenario by scenario; or the best known one where that is better."""
        plan = self._reckoned(name, found)
        if not abs(criterion.of(plan.losses) - found.value) <= _AGREE * self.size:
            message = f"The plan by {name} is worth {criterion.of(plan.losses):,.6g} scenario by scenario"
            raise AuditError(f"{message}, and {found.value:,.6g} in the search.")
        return known[0] if known and criterion.of(known[0].losses) < criterion.of(plan.losses) else plan

    def _reckoned(self, name: str, found: Found) -> Plan:
        columns = np.zeros(self.layout.column_count)
        columns[self.layout.columns["build"].slice] = found.plan
        return self.evaluated(name, "criterion", self._tidy(columns), cold=True)

    def _settled(self, criterion: Criterion, plan: Plan, value: float) -> Plan:
        """Of all plans as good by a criterion that sees the worst only, the one that loses least on the whole."""
        count = len(self.members)
        weight = np.full(count, 1 / count)
        if criterion.name == "cvar" and self.choice.probability is not None:
            weight = self.choice.probability
        slack = 1e-6 + 1e-9 * self.size
        found = self.common.settle(criterion, value + slack, weight, plan)
        if found.plan is None:
            return plan
        other = self._reckoned(plan.name, found)
        better = weight @ other.losses < weight @ plan.losses - slack
        return other if better and criterion.of(other.losses) <= value + 2 * slack else plan

    def _no_plan(self, found: Found) -> NoAnswer:
        """Why no plan does for all scenarios: what each plan that suits one of them breaks in another."""
        if found.status != "infeasible":
            return NoAnswer("all together", f"no plan was found before the search was ended ({found.status}).")
        lines = ["no plan can be carried out in every scenario."]
        for plan in self.plans:
            for scenario, why in plan.failures.items():
                lines += [f"the plan {plan.name!r} fails in {scenario!r}: {text}" for text in why]
        return _NoCommonPlan("all together", "\n    ".join(lines))

    def _audit(self, plan: Plan) -> None:
        """Let every scenario's flows under a plan stand the audit of any result."""
        for case, parameters, recourse in zip(self.choice.cases, self.parameters, self.recourses, strict=True):
            values = recourse.fixed(plan.units.ravel())
            point = recourse.at(plan.units.ravel(), cold=True)
            solution = read_solution(case, self.layout, parameters, values, assemble(self.layout, values), point)
            # what is given has no price of its own, as a whole unit has none
            gains = {**solution.bound_gain, "build": np.zeros_like(plan.units)}
            solution = replace(solution, bound_gain=gains)
            audit(solution)
            self.solutions[plan.name, case.scenario] = solution

    def study(self, case: Case, plans: Sequence[Plan], no_mean: str) -> Study:
        """Everything that was found."""
        return Study(case, self.choice, tuple(self.best), tuple(plans), no_mean, self.layout, self.solutions)


class _NoCommonPlan(NoAnswer):
    """Every scenario has a plan, but no plan does for all."""

    exit_code = 3
