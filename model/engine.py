"""From cases to solved scenarios: one matrix for all scenarios of a workbook, numbers exchanged in place."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from model.case import Case, FloatArray
from model.errors import UsageError
from model.formulation.build import Hook, build_model
from model.formulation.layout import Layout, PeriodOf, Values, build_layout, evaluate, joins_periods, tie_lengths
from model.formulation.program import Program, assemble, compile_model, prove_equal
from model.formulation.proof import prove_on_cuts
from model.magnitude import check_magnitude
from model.network import Network, build_network
from model.parameters import Parameters, build_parameters
from model.solution import Solution, read_solution
from model.solver.highs import LiveModel
from model.workbook.sheets import SHEETS

# above it, Pyomo takes longer than the solver: what holds for some periods then holds for all
LARGEST_WHOLE: Final = 15_000  # variables
# above it, periods solved in turn are the better start
LARGEST_AT_ONCE: Final = 15_000  # variables


# sheets that are read another way or never enter the programme, and columns that only explain
_UNREAD: Final = ("Settings", "Series", "Scenarios", "Changes", "Ranges", "Observed", "Sources")
_TEXTS: Final = ("label", "source", "note", "owner")


def structure_of(case: Case) -> tuple[object, ...]:
    """What two cases must share to be solved on one matrix: rows, references and periods; numbers may differ."""
    settings = case.settings
    names = tuple(
        (name, sheet.keys, *(_hashable(values) for column, values in sheet.words.items() if _joins(name, column)))
        for name, sheet in case.sheets.items()
        if name not in _UNREAD
    )
    length = (case.year.tobytes(), case.years.tobytes())
    return (settings.demand_steps, settings.unserved_price is None, length, names)


def _joins(sheet: str, column: str) -> bool:
    """Whether a column that holds no numbers says how rows are joined, the same in all scenarios of a workbook."""
    return column not in _TEXTS and SHEETS[sheet][column].kind != "period"


def _hashable(words: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(tuple(word.items()) if isinstance(word, dict) else word for word in words)


@dataclass
class Engine:
    """A compiled model of several scenarios of one workbook, with a live solver.

    Raises UsageError where the scenarios differ in more than numbers.
    """

    cases: Sequence[Case]
    hook: Hook | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len({structure_of(case) for case in self.cases}) > 1:
            raise UsageError("These scenarios differ in the structure of the model; solve them apart.")
        clock = time.perf_counter
        started = clock()
        first = self.cases[0]
        self.network: Network = build_network(self.cases)
        parameters = build_parameters(first, self.network)
        self.layout: Layout = build_layout(first, self.network, parameters)
        values = evaluate(first, self.layout, parameters)
        check_magnitude(first, self.layout, values)
        self.seconds["network"] = clock() - started
        self.live = self._load(first, parameters, values)

    def _load(self, case: Case, parameters: Parameters, values: Values) -> LiveModel:
        started = time.perf_counter()
        if self.hook is None and self.layout.column_count > LARGEST_WHOLE:
            prove_on_cuts(self.cases, joined=joins_periods(self.layout))
            self.seconds["build"] = time.perf_counter() - started
            program = assemble(self.layout, values)
        else:
            program = self._compiled(case, parameters, values)
        self.seconds["compile"] = time.perf_counter() - started - self.seconds["build"]
        settings = case.settings
        return LiveModel(
            program,
            time_limit=settings.time_limit,
            mip_gap=settings.mip_gap,
            keep_best=True,
            in_turn=_in_turn(self.layout, program),
        )

    def _compiled(self, case: Case, parameters: Parameters, values: Values) -> Program:
        started = time.perf_counter()
        model = build_model(case, self.layout, parameters, values)
        if self.hook is not None:
            self.hook(model)
        self.seconds["build"] = time.perf_counter() - started
        compiled = compile_model(model, self.layout, values)
        if self.hook is not None:
            return compiled
        program = assemble(self.layout, values)
        prove_equal(compiled, program, self.layout)
        return program

    def solve(self, case: Case, *, cold: bool = True, ties: bool = True) -> Solution:
        """Solve one scenario; the solution's status says whether it is an optimum.

        Raises UsageError for a case that needs rows which those of this engine do without.
        """
        started = time.perf_counter()
        if not self.fits(case):
            raise UsageError(f"Scenario {case.scenario!r} differs in the structure of the model; solve it apart.")
        parameters = build_parameters(case, self.network)
        values = evaluate(case, self.layout, parameters)
        check_magnitude(case, self.layout, values)
        if self.hook is None:
            self.live.update(values)
        else:
            self.live = self._load(case, parameters, values)
        updated = time.perf_counter() - started
        point = self.live.solve(cold=cold, distance=self._distance(parameters) if ties else None)
        return read_solution(
            case, self.layout, parameters, values, self.live.program, point, {"update": updated, "highs": point.seconds}
        )

    def at(self, case: Case) -> Program:
        """The programme with the numbers of one scenario, nothing solved."""
        parameters = build_parameters(case, self.network)
        values = evaluate(case, self.layout, parameters)
        if self.hook is None:
            self.live.update(values)
        else:
            self.live = self._load(case, parameters, values)
        return self.live.program

    def fits(self, case: Case) -> bool:
        """Whether a case can be solved on this engine's matrix."""
        return any(case is one for one in self.cases) or self.network.holds(case)

    def _distance(self, parameters: Parameters) -> FloatArray:
        # what a hook added has no length
        extra = len(self.live.program.cost) - self.layout.column_count
        return np.append(tie_lengths(self.layout, parameters), np.zeros(extra))


def _in_turn(layout: Layout, program: Program) -> PeriodOf | None:
    """What large programmes are started by."""
    if layout.column_count <= LARGEST_AT_ONCE:
        return None
    more = len(program.cost) - layout.column_count, len(program.row_lower) - layout.row_count
    return layout.period.with_more(*more)


def solved_again(solution: Solution, case: Case) -> Solution:
    """Another case on the matrix of a solved one, cold; only numbers may differ, and what a hook added is left out."""
    parameters = build_parameters(case, solution.network)
    values = evaluate(case, solution.layout, parameters)
    program = assemble(solution.layout, values)
    live = LiveModel(program, time_limit=case.settings.time_limit, in_turn=_in_turn(solution.layout, program))
    point = live.solve(distance=tie_lengths(solution.layout, parameters))
    return read_solution(case, solution.layout, parameters, values, live.program, point, {"highs": point.seconds})


def relaxed(solution: Solution) -> Solution | None:
    """The same scenario where parts of units may be built, for its duals; None where that has no optimum."""
    program = replace(assemble(solution.layout, solution.numbers), whole=np.empty(0, dtype=np.int64))
    in_turn = _in_turn(solution.layout, program)
    live = LiveModel(program, time_limit=solution.case.settings.time_limit, in_turn=in_turn)
    point = live.solve()
    if point.status != "optimal":
        return None
    return read_solution(
        solution.case, solution.layout, solution.parameters, solution.numbers, program, point, {"highs": point.seconds}
    )
