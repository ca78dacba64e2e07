"""The only caller of HiGHS: load a programme, change numbers in place, solve, and read everything back."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final

import highspy
import numpy as np
from numpy.typing import NDArray

from model.case import FloatArray
from model.formulation.layout import PeriodOf, Values
from model.formulation.program import Program
from model.solver.load import QuietHighs, to_highs
from model.solver.point import Point, Status, Stop
from model.solver.search import Search
from model.solver.turns import basis_in_turn

# HiGHS's own dual feasibility tolerance is 1e-7; what is ten times above it is not at the optimal face
FACE_TOLERANCE: Final = 1e-6

# heuristics of HiGHS that solve smaller searches of their own
_DEAR: Final = ("feasibility_jump", "rins", "rens", "root_reduced_cost")

_STATUS: Final[dict[highspy.HighsModelStatus, Status]] = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kModelEmpty: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
    highspy.HighsModelStatus.kTimeLimit: "time limit",
}


@dataclass(frozen=True)
class Start:
    """Where re-solves begin: the basis of an optimum, or its plan where units are whole."""

    basis: highspy.HighsBasis
    plan: FloatArray


class LiveModel:
    """One HiGHS object that is loaded once and re-solved after changes of numbers.

    ``keep_best`` says what Ctrl-C does to a search over whole units: end it with the best plan found (a point whose
    status is ``feasible``), or raise KeyboardInterrupt. ``in_turn``, for large programmes, says which column and row is
    of which period: then a solve from scratch begins where its periods, solved one after the other, end.
    """

    def __init__(
        self,
        program: Program,
        *,
        time_limit: float | None = None,
        mip_gap: float | None = None,
        threads: int | None = None,
        keep_best: bool = False,
        in_turn: PeriodOf | None = None,
    ) -> None:
        self.program = program
        self.keep_best = keep_best
        self.in_turn = in_turn
        self.highs = QuietHighs()
        self.limit(time_limit, mip_gap)
        if threads is not None:
            self.highs.setOptionValue("threads", threads)
        self.highs.passModel(to_highs(program))

    def limit(self, time_limit: float | None, mip_gap: float | None) -> None:
        """Seconds that each solve may take, and the relative gap at which whole units are good enough."""
        self.time_limit = time_limit
        if mip_gap is not None:
            self.highs.setOptionValue("mip_rel_gap", float(mip_gap))

    def plainly(self) -> LiveModel:
        """Search whole units without heuristics that solve smaller searches: where plans are easily found anyway.

        Of the base workbook's best plans they took two thirds of the time (8 s against 2.5).
        """
        for name in _DEAR:
            self.highs.setOptionValue(f"mip_heuristic_run_{name}", False)
        self.highs.setOptionValue("mip_heuristic_effort", 0.0)
        return self

    def update(self, values: Values) -> int:
        """Hand over what differs from the present numbers; returns how many numbers changed."""
        old, new = self.program, values
        changed = _changed(old.cost, new.cost)
        if len(changed):
            self.highs.changeColsCost(len(changed), changed, new.cost[changed])
        bounds = np.union1d(_changed(old.lower, new.lower), _changed(old.upper, new.upper)).astype(np.int32)
        if len(bounds):
            self.highs.changeColsBounds(len(bounds), bounds, new.lower[bounds], new.upper[bounds])
        rows = np.union1d(_changed(old.row_lower, new.row_lower), _changed(old.row_upper, new.row_upper))
        for row in rows.tolist():
            self.highs.changeRowBounds(int(row), float(new.row_lower[row]), float(new.row_upper[row]))
        entries = _changed(old.matrix, new.matrix)
        if len(entries):
            row_of = np.searchsorted(old.starts, entries, side="right") - 1
            for entry, row in zip(entries.tolist(), row_of.tolist(), strict=True):
                self.highs.changeCoeff(row, int(old.indices[entry]), float(new.matrix[entry]))
        self.program = Program(
            new.cost,
            new.lower,
            new.upper,
            new.row_lower,
            new.row_upper,
            old.starts,
            old.indices,
            new.matrix,
            old.whole,
            old.offset,
        )
        return len(changed) + len(bounds) + len(rows) + len(entries)

    def solve(self, *, cold: bool = True, distance: FloatArray | None = None) -> Point:
        """Solve, from scratch or from the last basis; with ``distance`` (per column), break ties by it.

        The second solve keeps to the optimal face: columns with a reduced cost and rows with a dual stay where they
        are, and Σ distance·x is minimised over the rest.
        """
        started = time.perf_counter()
        if cold:
            self.highs.clearSolver()
        begun = cold and self._start_in_turn()
        interrupted = self._run(spent=time.perf_counter() - started)
        status = self._status()
        if begun and status not in ("optimal", "time limit"):
            # that there is no optimum is believed from a solve from nothing only
            self.highs.clearSolver()
            interrupted = self._run(spent=time.perf_counter() - started)
            status = self._status()
        if len(self.program.whole) and status in ("optimal", "feasible"):
            stop: Stop = "Ctrl-C" if interrupted else "time limit" if status == "feasible" else ""
            return self._with_plan_fixed(status, stop, distance, started)
        point = self._read(status, time.perf_counter() - started)
        if status == "optimal" and distance is not None:
            point = self._break_ties(point, distance, started)
        return point

    def _start_in_turn(self) -> bool:
        """Set the basis of the periods solved in turn, where that is asked for and each has an optimum."""
        if self.in_turn is None or len(self.program.whole):
            return False
        basis = basis_in_turn(self.program, self.in_turn, self.time_limit)
        if basis is not None:
            self.highs.setBasis(basis)
        return basis is not None

    def mark(self) -> Start:
        """The optimum at which the model stands, as a start of other solves."""
        return Start(self.highs.getBasis(), np.asarray(self.highs.getSolution().col_value))

    def begin_at(self, plan: FloatArray) -> None:
        """Let the next search over whole units begin at a known plan: all its columns."""
        known = highspy.HighsSolution()
        known.col_value = plan.tolist()
        self.highs.setSolution(known)

    def again(self, start: Start, *, duals: bool) -> Point:
        """Solve from a start; without ``duals`` only the columns are read, the other vectors are empty.

        Whatever was solved before is forgotten first, so that the answer depends on the start and the numbers alone.
        That a programme has no optimum is believed from a cold solve only.
        """
        self.highs.clearSolver()
        started = time.perf_counter()
        if len(self.program.whole):
            self.begin_at(start.plan)
        else:
            self.highs.setBasis(start.basis)
        self._run()
        status = self._status()
        if status not in ("optimal", "feasible", "time limit"):
            return self.solve(cold=True)
        if len(self.program.whole) and status != "time limit":
            return self._with_plan_fixed(status, "time limit" if status == "feasible" else "", None, started)
        return self._read(status, time.perf_counter() - started, everything=duals)

    def least(self) -> float:
        """The optimal cost alone, warm; NaN where there is no optimum."""
        self._run()
        if self._status() != "optimal":
            return float("nan")
        return float(self.highs.getInfo().objective_function_value) + self.program.offset

    def columns(self) -> FloatArray:
        """The columns of the optimum alone, warm."""
        self._run()
        self._status()
        return np.asarray(self.highs.getSolution().col_value)

    def _run(self, *, spent: float = 0.0) -> bool:
        """Run the solver, up to the time limit; returns whether Ctrl-C ended a search over whole units with a plan."""
        if self.time_limit is not None:
            # HiGHS counts all runs since it was cleared
            left = max(0.0, float(self.time_limit) - spent)
            self.highs.setOptionValue("time_limit", self.highs.getRunTime() + left)
        if len(self.program.whole):
            return Search(self.highs).run(keep=self.keep_best)
        self.highs.run()
        return False

    def _with_plan_fixed(self, status: Status, stop: Stop, distance: FloatArray | None, started: float) -> Point:
        """Values, duals and ties of the programme with the whole units at their best plan."""
        info = self.highs.getInfo()
        gap, bound = float(info.mip_gap), float(info.mip_dual_bound) + self.program.offset
        columns = self.program.whole.astype(np.int32)
        plan = np.round(np.asarray(self.highs.getSolution().col_value)[columns])
        kinds = [highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger]
        self.highs.changeColsIntegrality(len(columns), columns, np.array([kinds[0]] * len(columns)))
        self.highs.changeColsBounds(len(columns), columns, plan, plan)
        whole = self.program
        self.program = replace(
            whole,
            lower=_with(whole.lower, columns, plan),
            upper=_with(whole.upper, columns, plan),
            whole=np.empty(0, np.int64),
        )
        self._run()
        point = self._read(self._status(), time.perf_counter() - started)
        if distance is not None and point.status == "optimal":
            point = self._break_ties(point, distance, started)
        self.program = whole
        self.highs.changeColsBounds(len(columns), columns, whole.lower[columns], whole.upper[columns])
        self.highs.changeColsIntegrality(len(columns), columns, np.array([kinds[1]] * len(columns)))
        if point.status != "optimal":
            return point
        # the plan's own programme, solved apart, may come out a rounding better than the search said
        return replace(point, status=status, gap=gap, bound=min(bound, point.objective), stop=stop)

    def _status(self) -> Status:
        status = self.highs.getModelStatus()
        if status == highspy.HighsModelStatus.kUnboundedOrInfeasible:
            self.highs.setOptionValue("presolve", "off")
            self._run()
            self.highs.setOptionValue("presolve", "choose")
            status = self.highs.getModelStatus()
        early = (highspy.HighsModelStatus.kTimeLimit, highspy.HighsModelStatus.kInterrupt)
        if status in early and len(self.program.whole):
            found = self.highs.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
            return "feasible" if found else "time limit"
        return _STATUS.get(status, "stopped")

    def _read(self, status: Status, seconds: float, *, everything: bool = True) -> Point:
        solution, info = self.highs.getSolution(), self.highs.getInfo()
        none = np.empty(0)
        return Point(
            status,
            float(info.objective_function_value) + self.program.offset,
            np.asarray(solution.col_value),
            np.asarray(solution.row_value) if everything else none,
            np.asarray(solution.col_dual) if everything else none,
            np.asarray(solution.row_dual) if everything else none,
            seconds,
            int(info.simplex_iteration_count),
        )

    def _break_ties(self, best: Point, distance: FloatArray, started: float) -> Point:
        old = self.program
        columns = np.flatnonzero(np.abs(best.column_dual) > FACE_TOLERANCE).astype(np.int32)
        rows = np.flatnonzero(np.abs(best.row_dual) > FACE_TOLERANCE)
        fixed = best.columns[columns]
        everything = np.arange(len(old.cost), dtype=np.int32)
        self.highs.changeColsBounds(len(columns), columns, fixed, fixed)
        for row in rows.tolist():
            self.highs.changeRowBounds(row, float(best.rows[row]), float(best.rows[row]))
        self.highs.changeColsCost(len(everything), everything, distance)
        self._run()
        tied = self._read(self._status(), 0.0)
        self.highs.changeColsBounds(len(columns), columns, old.lower[columns], old.upper[columns])
        for row in rows.tolist():
            self.highs.changeRowBounds(row, float(old.row_lower[row]), float(old.row_upper[row]))
        self.highs.changeColsCost(len(everything), everything, old.cost)
        value = float(old.cost @ tied.columns) + old.offset if tied.status == "optimal" else np.inf
        # a face that numerical noise has made empty or worse leaves the first optimum as it is
        kept = tied if abs(value - best.objective) <= 1e-7 * max(1.0, abs(best.objective)) else best
        return Point(
            best.status,
            best.objective,
            kept.columns,
            kept.rows,
            best.column_dual,
            best.row_dual,
            time.perf_counter() - started,
            best.iterations + (tied.iterations if kept is tied else 0),
        )


def _with(vector: FloatArray, positions: NDArray[np.int32], values: FloatArray) -> FloatArray:
    changed = vector.copy()
    changed[positions] = values
    return changed


def _changed(old: FloatArray, new: FloatArray) -> NDArray[np.int32]:
    return np.flatnonzero(old != new).astype(np.int32)


def versions() -> dict[str, str]:
    """Version of the solver, for run.json."""
    return {"highs": QuietHighs().version()}
