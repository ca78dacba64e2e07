"""The one path from workbook to results, used by the command line and by scripts alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, get_args

from model.analysis.backcast import without_contracts_and_limits
from model.analysis.starts import Starts, starts
from model.analysis.steps import steps
from model.analysis.uniqueness import not_unique, uniqueness_columns
from model.audit import audit
from model.case import Case
from model.conflicts import find_conflicts, infeasible
from model.engine import Engine, relaxed, solved_again, structure_of
from model.errors import InfeasibleCase, ModelError, NoAnswer, UnboundedCase
from model.formulation.build import Hook
from model.horizon import with_periods
from model.offers import offered_whole
from model.precheck import precheck
from model.results.declare import Extras, Need, Steps
from model.results.disruption import differs_for_a_time
from model.results.shape import excerpt_periods, first_after_records
from model.scenario import BASE, runnable, with_scenario
from model.solution import Solution
from model.solver.diagnosis import explain_unbounded
from model.workbook.reading import read_case

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from model.analysis.plan.found import Study

__all__ = ["Failure", "Run", "plan", "read_case", "solutions", "solve", "solve_one", "solve_scenarios"]


@dataclass(frozen=True)
class Run:
    """One solved scenario: its status, value and, as pandas tables, its results (``run.flows``, ``run.prices`` …)."""

    solution: Solution
    scenario: str
    workbook: Case | None = None

    @property
    def case(self) -> Case:
        """The scenario's case, with its changes applied."""
        return self.solution.case

    @property
    def status(self) -> str:
        """``optimal``, or ``feasible`` for a plan of whole units that the time limit or Ctrl-C ended the search at.

        A scenario without a plan raises instead of giving a run.
        """
        return self.solution.status

    @property
    def gap(self) -> float | None:
        """How much better than this plan of whole units another may be, as a share; None without whole units."""
        return self.solution.gap

    @property
    def bound(self) -> float | None:
        """The best value (or cost) that is not ruled out, million USD; None without whole units."""
        return self.solution.bound

    @property
    def value(self) -> float:
        """The objective in discounted million USD; with objective ``cost``, the cost."""
        return self.solution.objective

    def table(self, name: str) -> pd.DataFrame:
        """A result table by its name in Excel (``Contract balance``) or in Python (``contract_balance``)."""
        from model.results.registry import find_table, one_table

        return one_table(name, self.solution, self._extras(find_table(name).needs))

    @property
    def extras(self) -> Extras:
        """All that some tables tell more of, with the solves that it takes."""
        return self._extras(get_args(Need))

    def _extras(self, needs: Sequence[Need]) -> Extras:
        return Extras(workbook=self.workbook, **{need: getattr(self, need) for need in needs})

    @cached_property
    def freed(self) -> Solution | None:
        """What would flow without contracts and limits, where outcomes are observed and it has an optimum."""
        if not len(self.case["Observed"]):
            return None
        case = without_contracts_and_limits(self.case)
        solution = solved_again(self.solution, case)
        return solution if solution.status == "optimal" else None

    @cached_property
    def relaxed(self) -> Solution | None:
        """The scenario with parts of units allowed, where projects are of whole units: it has duals for funds."""
        return relaxed(self.solution) if len(self.solution.layout.whole) else None

    @cached_property
    def usual(self) -> Solution | None:
        """The scenario ``base``, where this one differs from it for a time only; None where that has no optimum."""
        if self.workbook is None or self.scenario == BASE:
            return None
        base = with_scenario(self.workbook, BASE)
        if base.periods != self.case.periods:
            base = with_periods(base, self.case.periods[0], self.case.periods[-1])
        if not differs_for_a_time(base, self.case):
            return None
        solution = Engine([base]).solve(base)
        return solution if solution.status == "optimal" else None

    @cached_property
    def steps(self) -> Steps:
        """Values of one more and one less of everything that a table values."""
        return steps(self.solution)

    @cached_property
    def unsure(self) -> NDArray[np.bool_]:
        """Which flows could be others at the same value, (flows, periods)."""
        return not_unique(self.solution)

    @cached_property
    def sureness(self) -> Mapping[str, Any]:
        """The columns of *How sure*."""
        return uniqueness_columns(self.solution, period=first_after_records(self.case))

    @cached_property
    def starts(self) -> Starts:
        """Tariffs at which the next routes start, in the periods of an excerpt."""
        return starts(self.solution, excerpt_periods(self.case))

    def __getattr__(self, name: str) -> pd.DataFrame:
        from model.results.registry import BY_ATTRIBUTE

        if name in BY_ATTRIBUTE:
            return self.table(name)
        raise AttributeError(f"a run has no {name!r}; its tables are {', '.join(BY_ATTRIBUTE)}")


@dataclass(frozen=True)
class Failure:
    """A scenario that gave no result, and why."""

    scenario: str
    error: ModelError


def solve(
    case: Case, scenario: str = "base", *, periods: tuple[str, str] | None = None, hook: Hook | None = None
) -> Run:
    """Solve one scenario.

    Parameters
    ----------
    case
        From ``read_case``.
    scenario
        A row of Scenarios, or ``base``.
    periods
        First and last period to keep.
    hook
        Called with the whole Pyomo model before it is compiled, to add variables and constraints; the objective stays
        as it is (``m.flow["btc", "kz_light", "2026"]`` is a variable, constraints bear the names of *Formulation*).

    Raises
    ------
    InfeasibleCase, UnboundedCase, NoAnswer
        Where there is no optimum; the message names periods, places and cells.
    AuditError
        Where the result does not add up.
    """
    for result in solve_scenarios(case, [scenario], periods=periods, hook=hook):
        if isinstance(result, Failure):
            raise result.error
        return result
    raise AssertionError("solve_scenarios yields one result per scenario")


def solve_scenarios(
    case: Case,
    scenarios: Iterable[str] | None = None,
    *,
    periods: tuple[str, str] | None = None,
    hook: Hook | None = None,
) -> Iterator[Run | Failure]:
    """Solve scenarios one after the other on common matrices; each yields a run, or a failure with its reason.

    ``scenarios`` None means every scenario marked ``run``, ``base`` first.
    """
    names = list(runnable(case) if scenarios is None else scenarios)
    cases = [with_scenario(case, name) for name in names]
    if periods is not None:
        cases = [with_periods(one, *periods) for one in cases]
    engines: dict[object, Engine] = {}
    # scenarios in which nothing is built in whole units stay linear, with duals of their own
    keys = [(structure_of(one), bool(offered_whole(one))) for one in cases]
    for name, one, key in zip(names, cases, keys, strict=True):
        try:
            if key not in engines:
                engines[key] = Engine([c for c, other in zip(cases, keys, strict=True) if other == key], hook)
            yield Run(solve_one(engines[key], one), name, case)
        except NoAnswer as error:
            yield Failure(name, error)


def solve_one(engine: Engine, case: Case) -> Solution:
    """Check a case for what has no answer, solve it cold, audit the result.

    Raises InfeasibleCase, UnboundedCase or NoAnswer with what to mend, AuditError where tables do not close.
    """
    try:
        precheck(case, engine.network)
    except InfeasibleCase as error:
        raise InfeasibleCase(case.scenario, error.reason, error.shortages, find_conflicts(engine, case)) from None
    solution = engine.solve(case)
    if solution.status == "infeasible":
        raise infeasible(engine, case)
    if solution.status == "unbounded":
        raise UnboundedCase(case.scenario, explain_unbounded(engine, case))
    if solution.status not in ("optimal", "feasible"):
        raise NoAnswer(case.scenario, f"the solver stopped early ({solution.status}); no result is given.")
    audit(solution)
    return solution


def plan(
    case: Case,
    criterion: str | Sequence[str] | None = None,
    scenarios: Sequence[str] | None = None,
    *,
    working: Callable[[str], AbstractContextManager[Any]] = lambda _: nullcontext(),
) -> Study:
    """What to build when one plan must do for several scenarios, flows being free to follow each.

    Parameters
    ----------
    case
        From ``read_case``.
    criterion
        ``expected`` (least expected loss), ``regret`` (least largest regret, without probabilities) or ``cvar`` (least
        mean loss of the worst outcomes), or several; None for all that the workbook's probabilities allow.
    scenarios
        Two or more; None means every scenario marked ``run``.
    working
        Called with a text before each solve, for a context in which it is done.

    Returns
    -------
    Study
        ``study["regret"].units`` are what that plan builds (projects, periods), ``study.evpi`` and ``study.vss`` what
        knowing and planning for more is worth, million USD.

    Raises
    ------
    UsageError, InfeasibleCase, UnboundedCase, NoAnswer
        Where something has to be mended, a scenario has no plan, or no plan does for all of them.
    """
    from model.analysis.plan.study import study

    return study(case, criterion, scenarios, working)


def solutions(results: Sequence[Run | Failure]) -> list[Solution]:
    """The solutions among results."""
    return [result.solution for result in results if isinstance(result, Run)]
