"""A common plan by turns: HiGHS chooses what to build by the cuts known so far, each scenario's flows then cut again.

The programme of all scenarios together has the size of their sum and few whole units; HiGHS spends minutes on cuts at
its root. What is built is some hundred columns, and a scenario's flows re-solve in milliseconds from the last basis.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import highspy
import numpy as np

from model.case import FloatArray
from model.formulation.master import Cut, Master
from model.selection import IntArray
from model.solver.common_plan import PROOF, Found, Recourse
from model.solver.highs import LiveModel
from model.solver.point import Point, Status, Stop

_ROUNDS: Final = 100
# how many of the plans that a search comes by are tried
_TRIED: Final = 6
# of what lies between the bound and the best plan: where a search, and parts of units, give way to the next cuts,
# and how far below the relaxed plan a cut is idle (measured on 4 and 8 scenarios with 330 places to build)
_COARSE: Final = 0.1
_EARLY: Final = 0.001
_IDLE: Final = 0.5


@dataclass
class Tried:
    """What plans that were tried bring in one scenario, and the cuts that they showed; shared by all searches."""

    recourse: Recourse
    cuts: dict[bytes, Cut] = field(default_factory=dict)
    losses: dict[bytes, float] = field(default_factory=dict)

    def of(self, plan: FloatArray) -> float:
        """What the scenario loses with a plan that breaks no rule of building; infinite where it has no flows."""
        key = plan.tobytes()
        if key not in self.losses:
            point = self.recourse.at(plan)
            short = point.status != "optimal"
            self.losses[key] = np.inf if short else point.objective
            point = self.recourse.short(plan) if short else point
            slope = point.column_dual[self.recourse.build]
            self.cuts[key] = Cut(point.objective - float(slope @ plan), slope, short)
        return self.losses[key]


class Decomposed:
    """One search for the best common plan.

    ``worth`` is what is minimised, of the losses of a plan, infinite where they are not allowed. The search ends where
    no plan can be better by more than ``gap`` million USD, or by ``share`` of what the best one is worth.
    """

    def __init__(
        self,
        master: Master,
        tried: Sequence[Tried],
        worth: Callable[[FloatArray], float],
        *,
        gap: float,
        share: float | None = None,
        time_limit: float | None = None,
    ) -> None:
        self.master, self.tried, self.worth = master, tried, worth
        self.gap, self.share = gap, share
        self.end = None if time_limit is None else time.perf_counter() + time_limit
        self.live = LiveModel(master.program, mip_gap=0.0, keep_best=True).plainly()
        self.rows: list[tuple[int, Cut]] = []
        self.best: FloatArray | None = None
        self.value, self.bound = np.inf, -np.inf

    def hold(self, value: float) -> None:
        """Allow only plans whose criterion is at most a value."""
        self.live.highs.changeRowBounds(self.master.goal, -highspy.kHighsInf, value - self.master.goal_constant)

    def solve(self, known: Sequence[FloatArray] = ()) -> Found:
        """The best common plan; ``known`` are plans that keep the rules of building."""
        for plan in known:
            self._try(plan)
        self._add([(s, cut) for s, tried in enumerate(self.tried) for cut in tried.cuts.values()])
        try:
            stop = self._relaxed() or self._whole()
        except KeyboardInterrupt:
            if self.best is None:
                raise
            stop = "Ctrl-C"
        return Found(self._status(stop), self.best, self.value, min(self.bound, self.value), stop)

    def _status(self, stop: Stop) -> Status:
        if self.best is not None:
            return "feasible" if stop else "optimal"
        if stop:
            return "time limit"
        return "infeasible" if self.bound == np.inf else "stopped"

    @property
    def enough(self) -> float:
        """The gap at which the search ends."""
        if self.share is None or not np.isfinite(self.value):
            return self.gap
        return max(min(self.gap, self.share * abs(self.value)), PROOF)

    @property
    def _late(self) -> bool:
        return self.end is not None and time.perf_counter() > self.end

    def _value(self, plan: FloatArray) -> float:
        losses = np.array([tried.of(plan) for tried in self.tried])
        return self.worth(losses) if np.isfinite(losses).all() else np.inf

    def _try(self, plan: FloatArray) -> None:
        """See what a whole plan brings; it may be the best so far."""
        value = self._value(plan)
        if value < self.value:
            self.value, self.best = value, plan

    def _add(self, cuts: Sequence[tuple[int, Cut]]) -> None:
        for scenario, cut in cuts:
            columns, entries, least = self.master.row(scenario, cut)
            self.live.highs.addRow(least, highspy.kHighsInf, len(columns), columns.astype(np.int32), entries)
        self.rows += cuts

    def _cut_off(self, plan: FloatArray, thought: FloatArray, at: FloatArray) -> int:
        """Add what a plan showed where it forbids another one, thought to lose so much; each cut stands once."""
        standing = {id(cut) for _, cut in self.rows}
        found = [(s, tried.cuts[plan.tobytes()]) for s, tried in enumerate(self.tried)]
        cuts = [
            (s, cut)
            for s, cut in found
            if id(cut) not in standing
            and cut.at(at) - (0.0 if cut.short else thought[s]) > PROOF * max(1.0, abs(cut.constant))
        ]
        self._add(cuts)
        return len(cuts)

    # ---- parts of units

    def _relaxed(self) -> Stop:
        """Cut with parts of units allowed, halfway between the master's plan and where it has been.

        Halfway points lie inside, where a cut says more: Ben-Ameur and Neto (2007), Acceleration of cutting-plane and
        column generation algorithms, Networks 49.
        """
        live, program = self.live, self.live.program
        _declare(live, program.whole, highspy.HighsVarType.kContinuous)
        live.program = replace(program, whole=np.empty(0, np.int64))
        middle, least = None, np.inf
        for _ in range(_ROUNDS):
            point = live.solve(cold=False)
            if point.status != "optimal" or self._late:
                break
            self.bound = max(self.bound, point.objective + self.master.constant)
            plan, thought = self.master.plan(point.columns), self.master.losses(point.columns)
            middle = plan if middle is None else (middle + plan) / 2
            least = min(least, self._value(middle))
            if least - self.bound <= max(self.enough / 2, _EARLY * (self.value - self.bound)):
                break
            if not self._cut_off(middle, thought, plan):
                self._value(plan)
                if not self._cut_off(plan, thought, plan):
                    break
        self._drop_idle()
        _declare(live, program.whole, highspy.HighsVarType.kInteger)
        live.program = program
        return "time limit" if self._late else ""

    def _drop_idle(self) -> None:
        """Leave out cuts that lie far below: the search is the faster, and those that are needed come back."""
        if not np.isfinite(self.value) or self.live.solve(cold=False).status != "optimal":
            return
        highs, first = self.live.highs, len(self.master.program.row_lower)
        slack = np.asarray(highs.getSolution().row_value) - np.asarray(highs.getLp().row_lower_)
        idle = np.flatnonzero(slack[first:] > max(_IDLE * (self.value - self.bound), self.enough))
        highs.deleteRows(len(idle), (first + idle).astype(np.int32))
        gone = set(idle.tolist())
        self.rows = [row for i, row in enumerate(self.rows) if i not in gone]

    # ---- whole units

    def _whole(self) -> Stop:
        """Search whole plans, each time only better ones, until none can be better by more than is enough."""
        pool: list[FloatArray] = []

        def note(event: Any) -> None:
            pool.append(np.array(event.data_out.mip_solution))

        coarse = _COARSE
        self.live.highs.cbMipImprovingSolution += note
        try:
            while self.value - self.bound > self.enough:
                pool.clear()
                point = self._search(coarse)
                new = self._learn(point, pool)
                if point.stop or point.status == "time limit":
                    return point.stop or "time limit"
                if not new and not coarse:
                    break  # nothing is left but rounding
                coarse = _COARSE if new else 0.0
        finally:
            self.live.highs.cbMipImprovingSolution -= note
        return ""

    def _search(self, coarse: float) -> Point:
        """The master's best plan among those that it thinks better than the best known one, by half of enough."""
        live, cutoff = self.live, self.value - self.enough / 2
        cutoff = cutoff if np.isfinite(cutoff) else np.inf
        live.highs.changeRowBounds(self.master.cutoff, -highspy.kHighsInf, cutoff - self.master.constant)
        ahead = self.value - self.bound
        rough = coarse * ahead if np.isfinite(ahead) else 0.0
        live.highs.setOptionValue("mip_abs_gap", max(rough, self.enough / 2))
        live.limit(None if self.end is None else max(self.end - time.perf_counter(), 0.0), None)
        point = live.solve()
        below = np.inf if point.status == "infeasible" else float(live.highs.getInfo().mip_dual_bound)
        if point.status in ("optimal", "feasible"):
            below = float(point.objective) if point.bound is None else point.bound
        self.bound = max(self.bound, min(cutoff, below + self.master.constant))
        return point

    def _learn(self, point: Point, pool: Sequence[FloatArray]) -> int:
        """Try the plans of a search; returns how many cuts forbid what was thought of them."""
        tried = [*pool[-_TRIED:], *([point.columns] if point.status in ("optimal", "feasible") else [])]
        new = 0
        for columns in tried:
            plan = self._tidy(self.master.plan(columns))
            self._try(plan)
            new += self._cut_off(plan, self.master.losses(columns), plan)
        return new

    def _tidy(self, plan: FloatArray) -> FloatArray:
        whole = self.master.program.whole
        plan[whole] = np.round(plan[whole])
        # a zero has one sign, and a plan one name
        return np.asarray(np.maximum(plan, 0.0) + 0.0)


def _declare(live: LiveModel, columns: IntArray, kind: highspy.HighsVarType) -> None:
    live.highs.changeColsIntegrality(len(columns), columns.astype(np.int32), np.array([kind] * len(columns)))
