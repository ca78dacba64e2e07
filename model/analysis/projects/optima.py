"""Optima of one scenario where projects are taken away, capex is scaled or a budget is another."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from model.case import FloatArray
from model.errors import NoAnswer
from model.formulation.layout import Values
from model.formulation.program import assemble
from model.selection import IntArray
from model.solution import Solution, read_solution
from model.solver.apart import Apart
from model.solver.highs import LiveModel
from model.solver.point import Point
from model.solver.probe import Probe

# differences of optima are looked at: each is searched to this share of the scenario's value
TIGHT_GAP: Final = 1e-7
# of the value: what differs less may be a matter of rounding
_ROUNDING: Final = 1e-9
_BUILT: Final = 1e-6  # units
_FUND_ROWS: Final = ("fund_budget", "fund_period")


@dataclass(frozen=True)
class Optimum:
    """The best plan of a question: its ``value`` and the ``bound`` that no plan passes, in discounted million USD.

    Where a cost is minimised both are minus the cost; they are equal where the plan is proven the best. NaN where there
    is no plan, and ``status`` says why. ``build`` is what it builds, (projects, periods).
    """

    status: str
    value: float
    bound: float
    build: FloatArray
    point: Point

    @property
    def found(self) -> bool:
        """Whether there is a plan."""
        return self.status in ("optimal", "feasible")

    def builds(self, project: int) -> bool:
        """Whether it builds some of a project."""
        return bool(self.build[project].sum() > _BUILT)


@dataclass(frozen=True)
class Difference:
    """The difference of two optima, and the least and the most that it can be where a search was not finished."""

    value: float
    least: float
    most: float


def difference(plus: Iterable[Optimum], minus: Iterable[Optimum]) -> Difference:
    """Σ plus − Σ minus; NaN where one of them has no plan, 0 where they differ by what numbers of their size round."""
    plus, minus = list(plus), list(minus)
    speck = 4 * sys.float_info.epsilon * sum(abs(one.value) for one in (*plus, *minus))

    def less(high: Iterable[float], low: Iterable[float]) -> float:
        found = sum(high) - sum(low)
        return 0.0 if abs(found) <= speck else found

    values = [[one.value for one in side] for side in (plus, minus)]
    bounds = [[one.bound for one in side] for side in (plus, minus)]
    return Difference(less(values[0], values[1]), less(values[0], bounds[1]), less(bounds[0], values[1]))


_Varied = tuple[int, float] | None  # a project and the factor on its capex, or a fund and its budget


@dataclass(frozen=True)
class _Question:
    """What is other than today."""

    without: frozenset[int] = frozenset()
    capex: _Varied = None
    budget: _Varied = None


class Optima:
    """Asks one live model and remembers the answers.

    ``parts`` allows parts of whole units: the linear relaxation.
    """

    def __init__(self, solution: Solution, *, parts: bool = False) -> None:
        self.solution, self.case, self.layout = solution, solution.case, solution.layout
        self.base: Values = solution.numbers
        self.names = self.case["Projects"].keys
        self._known: dict[_Question, Optimum] = {}
        limit, scale = self.case.settings.time_limit, max(1.0, abs(solution.objective))
        self.gap = min(TIGHT_GAP, self.case.settings.mip_gap) * scale
        # whole units are searched part by part; parts of units are a short warm solve
        self.apart = None if parts or not len(self.layout.whole) else Apart(self._budget_rows, self.gap, limit)
        self._limit = limit

    @cached_property
    def probe(self) -> Probe:
        """A live model without whole units."""
        program = replace(assemble(self.layout, self.base), whole=np.empty(0, dtype=np.int64))
        return Probe(LiveModel(program, time_limit=self._limit))

    @property
    def whole(self) -> bool:
        """Whether the plan is of whole units."""
        return self.apart is not None

    @property
    def near(self) -> float:
        """How much two optima may differ without being told apart, million USD."""
        return 2 * self.gap if self.whole else _ROUNDING * max(1.0, abs(self.today.value))

    @property
    def today(self) -> Optimum:
        """The scenario as it is."""
        return self.ask()

    def ask(
        self,
        *,
        without: Iterable[int] = (),
        capex: tuple[int, float] | None = None,
        budget: tuple[int, float] | None = None,
    ) -> Optimum:
        """The optimum without some projects, with a project's capex times a factor, or with another budget of a fund.

        Raises NoAnswer where the scenario as it is has no plan within the time limit.
        """
        key = _Question(frozenset(without), capex, budget)
        if key not in self._known:
            known = next((best for asked, best in self._known.items() if self._answers(asked, best, key)), None)
            self._known[key] = known or self._solve(self._numbers(sorted(key.without), capex, budget))
            if key == _Question() and not self._known[key].found:
                raise NoAnswer(self.case.scenario, "the solver stopped before it had a plan; raise time_limit.")
        return self._known[key]

    def _answers(self, asked: _Question, best: Optimum, question: _Question) -> bool:
        """Whether the best plan of a question that allows all that another does, and more, is one that this allows.

        A project that the best plan does not build may be taken away or become dearer; money that it leaves, too.
        """
        return (
            best.found
            and asked.without <= question.without
            and not any(best.builds(project) for project in question.without - asked.without)
            and self._no_cheaper(asked.capex, best, question.capex)
            and self._money_left(asked.budget, best, question.budget)
        )

    def _no_cheaper(self, asked: _Varied, best: Optimum, question: _Varied) -> bool:
        if asked == question:
            return True
        projects = {varied[0] for varied in (asked, question) if varied is not None}
        before, factor = (1.0 if varied is None else varied[1] for varied in (asked, question))
        return len(projects) == 1 and factor >= before and not best.builds(projects.pop())

    def _money_left(self, asked: _Varied, best: Optimum, question: _Varied) -> bool:
        if asked == question:
            return True
        funds = {varied[0] for varied in (asked, question) if varied is not None}
        if len(funds) != 1:
            return False
        fund = funds.pop()
        today = float(self.base.row_upper[self.budget_row(fund)])
        had, money = (today if varied is None else varied[1] for varied in (asked, question))
        return self.spent(fund, best) <= money <= had

    def spent(self, fund: int, best: Optimum) -> float:
        """What a plan takes of a fund over the horizon at today's capex, million USD."""
        row = self.budget_row(fund)
        span = slice(int(self.layout.starts[row]), int(self.layout.starts[row + 1]))
        return float(self.base.matrix[span] @ best.point.columns[self.layout.indices[span]])

    def least_money(self, fund: int) -> float:
        """The least of a fund's money for any plan, million USD; NaN without one."""
        row = self.budget_row(fund)
        span = slice(int(self.layout.starts[row]), int(self.layout.starts[row + 1]))
        cost, row_upper = np.zeros_like(self.base.cost), self.base.row_upper.copy()
        cost[self.layout.indices[span]] = self.base.matrix[span]
        row_upper[row] = np.inf
        values = replace(self.base, cost=cost, row_upper=row_upper)
        best = self._solve(values)
        return max(0.0, self.spent(fund, best)) if best.found else np.nan

    def least_money_worth(self, fund: int, value: float) -> float:
        """The least of a fund's money for a plan of parts of units that is worth at least so much; NaN without one."""
        self.probe.live.update(self.base)
        point = self.probe.least_activity(self.budget_row(fund), -value)
        return max(0.0, point.objective) if point.status == "optimal" else np.nan

    def _start(self, values: Values) -> FloatArray:
        """Columns of the best plan known that a question allows; else today's without what it takes away.

        Questions differ in capex, in units on offer and in money alone, so that other rows allow whatever they did.
        """
        allowed = [best.point.columns for best in self._known.values() if best.found and self._allows(values, best)]
        if allowed:
            return min(allowed, key=lambda columns: float(values.cost @ columns))
        plan, units = self.solution.plan[: self.layout.column_count].copy(), self.layout.rows["project_units"]
        for project in range(len(self.names)):
            if values.row_upper[units.at([project])[0, 0]] == 0:
                plan[self.build_columns(project)] = 0.0
        return plan

    def _allows(self, values: Values, best: Optimum) -> bool:
        entries, rows = self._asked
        taken = values.matrix[entries] * best.point.columns[self.layout.indices[entries]]
        most = values.row_upper + _ROUNDING * np.maximum(1.0, np.abs(values.row_upper))
        used, asked = np.bincount(rows, weights=taken, minlength=len(most)), np.unique(rows)
        return bool(np.all(used[asked] <= most[asked]))

    @cached_property
    def _asked(self) -> tuple[IntArray, IntArray]:
        """Entries of the rows in which questions differ, and their rows."""
        units = self.layout.rows["project_units"]
        starts = self.layout.starts
        rows = np.concatenate([np.arange(units.offset, units.offset + units.size), self._budget_rows])
        entries = np.concatenate([np.arange(starts[row], starts[row + 1]) for row in rows.tolist()])
        return entries.astype(np.int64), (np.searchsorted(starts, entries, side="right") - 1).astype(np.int64)

    def _solve(self, values: Values) -> Optimum:
        if self.apart is not None:
            return self.read(self.apart.solve(assemble(self.layout, values), self._start(values)))
        live = self.probe.live
        live.update(values)
        point = live.solve(cold=False)
        if point.status not in ("optimal", "feasible", "time limit"):
            # what is no optimum is confirmed from scratch
            point = live.solve(cold=True)
        return self.read(point)

    def read(self, point: Point) -> Optimum:
        """A solver's point as the answer to a question."""
        if point.status not in ("optimal", "feasible"):
            block = self.layout.columns["build"]
            nothing = np.full((len(block.items), len(block.spans)), np.nan)
            return Optimum(point.status, np.nan, np.nan, nothing, point)
        bound = -point.objective if point.bound is None else -point.bound
        return Optimum(point.status, -point.objective, bound, self.built(point.columns), point)

    def built(self, columns: FloatArray) -> FloatArray:
        """What is built, out of the values of all columns, (projects, periods)."""
        block = self.layout.columns["build"]
        return np.array(columns[block.slice]).reshape(len(block.items), len(block.spans))

    def as_solution(self, optimum: Optimum) -> Solution:
        """An optimum with named values and duals, for tables of volumes and money."""
        one = self.solution
        return read_solution(one.case, one.layout, one.parameters, one.numbers, one.program, optimum.point)

    def _numbers(self, without: list[int], capex: tuple[int, float] | None, budget: tuple[int, float] | None) -> Values:
        row_upper, cost, matrix = self.base.row_upper, self.base.cost, self.base.matrix
        if without:
            row_upper = row_upper.copy()
            row_upper[self.layout.rows["project_units"].at(without)] = 0.0
        if budget is not None:
            row_upper = row_upper.copy()
            row_upper[self.budget_row(budget[0])] = budget[1]
        if capex is not None:
            project, factor = capex
            cost, matrix = cost.copy(), matrix.copy()
            cost[self.build_columns(project)] *= factor
            matrix[self._paid(project)] *= factor
        return replace(self.base, row_upper=row_upper, cost=cost, matrix=matrix)

    def budget_row(self, fund: int) -> int:
        """The row that holds a fund's spending over the horizon."""
        return int(self.layout.rows["fund_budget"].at([fund])[0, 0])

    def build_columns(self, project: int) -> IntArray:
        """The columns of a project, by build period."""
        return np.asarray(self.layout.columns["build"].at([project])[0])

    def _paid(self, project: int) -> IntArray:
        """Entries of the matrix by which funds pay for a project."""
        return self._entries[np.isin(self.layout.indices[self._entries], self.build_columns(project))]

    @property
    def _budget_rows(self) -> IntArray:
        spans = [self.layout.rows[name] for name in _FUND_ROWS]
        return np.concatenate([np.arange(rows.offset, rows.offset + rows.size) for rows in spans]).astype(np.int64)

    @property
    def _entries(self) -> IntArray:
        starts = self.layout.starts
        spans = [self.layout.rows[name] for name in _FUND_ROWS]
        return np.concatenate(
            [np.arange(starts[rows.offset], starts[rows.offset + rows.size]) for rows in spans]
        ).astype(np.int64)

    def is_paid_by_budget(self, project: int) -> bool:
        """Whether a fund whose money is limited pays for a project."""
        entries = self._paid(project)
        rows = np.searchsorted(self.layout.starts, entries, side="right") - 1
        return bool(np.any(np.isfinite(self.base.row_upper[rows]) & (self.base.matrix[entries] != 0)))

    def affordable(self, project: int, plan: FloatArray) -> float:
        """The factor on a project's capex up to which the funds can pay for a plan (values of all columns)."""
        starts, indices, matrix = self.layout.starts, self.layout.indices, self.base.matrix
        mine, most = set(self._paid(project).tolist()), np.inf
        for name in _FUND_ROWS:
            for row in range(
                self.layout.rows[name].offset, self.layout.rows[name].offset + self.layout.rows[name].size
            ):
                entries = np.arange(starts[row], starts[row + 1])
                amounts = matrix[entries] * plan[indices[entries]]
                own = np.array([entry in mine for entry in entries.tolist()], dtype=bool)
                paid = float(amounts[own].sum())
                if np.isfinite(self.base.row_upper[row]) and paid > 0:
                    most = min(most, (float(self.base.row_upper[row]) - float(amounts[~own].sum())) / paid)
        return most

    def net_cost(self, project: int, build: FloatArray) -> float:
        """What a project's units cost at today's capex less their unexpired value, discounted million USD."""
        return float(self.base.cost[self.build_columns(project)] @ build[project])

    def in_words(self, build: FloatArray) -> str:
        """A plan such as ``pipe 1, port 0.5``, in the order of the sheet."""
        units = build.sum(axis=1)
        built = [(name, number) for name, number in zip(self.names, units.tolist(), strict=True) if number > _BUILT]
        return ", ".join(f"{name} {number:.4g}" for name, number in built) or "nothing"
