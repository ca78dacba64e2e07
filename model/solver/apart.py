"""The best plan of whole units, searched part by part: what no row joins, or only money that is not short, is apart.

A search over a part takes a fraction of one over the whole, and parts that a question leaves as they were are not
searched again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final

import numpy as np

from model.case import FloatArray
from model.formulation.program import Program
from model.selection import IntArray
from model.solver.highs import LiveModel
from model.solver.parts import cut, joined
from model.solver.point import Point
from model.solver.tight import tightened

FOUND: Final = ("optimal", "feasible")
# The solver's searches within the search took six sevenths of the time: a known plan is a better start. A search this
# short is none the faster for a second thread, which only waits and takes the processor from others.
LEAN: Final[dict[str, bool | float | str]] = {
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_allow_restart": False,
    "parallel": "off",
}
_REST: Final = -1  # the label of all parts without whole units or shared money, together one linear programme
_SHORT: Final = 1e-6  # of what there is (and at least of 1): the solver's own tolerance
_SPENT: Final = 1e-9
Group = frozenset[int]


@dataclass
class _Split:
    """A programme with the part of every column and row; ``shared`` are the rows of money that more than one may use.

    Columns that cannot move, and rows that nothing movable is in, belong to the rest.
    """

    program: Program
    columns: IntArray
    rows: IntArray
    shared: IntArray

    def __post_init__(self) -> None:
        self._pieces: dict[Group, tuple[Program, IntArray, IntArray]] = {}

    @property
    def groups(self) -> list[Group]:
        """Every part by itself."""
        return [frozenset([label]) for label in np.unique(self.columns).tolist()]

    def piece(self, group: Group) -> tuple[Program, IntArray, IntArray]:
        """The programme of some parts, with all that there is of what they share, and its columns and rows."""
        if group not in self._pieces:
            self._pieces[group] = self._piece(group)
        return self._pieces[group]

    def _piece(self, group: Group) -> tuple[Program, IntArray, IntArray]:
        program = self.program
        columns = np.flatnonzero(np.isin(self.columns, list(group)))
        rows = np.flatnonzero(np.isin(self.rows, list(group)))
        if group != {_REST}:
            rows = np.union1d(rows, self.shared)
        fixed = np.where(program.lower == program.upper, program.lower, 0.0)
        part = cut(program, columns, rows, fixed)
        whole = np.flatnonzero(np.isin(columns, program.whole) & (program.lower[columns] < program.upper[columns]))
        return replace(part.program, whole=whole), columns, rows

    def spent(self, values: FloatArray, row: int) -> dict[int, float]:
        """What each part takes of a row."""
        program = self.program
        span = slice(int(program.starts[row]), int(program.starts[row + 1]))
        columns = program.indices[span]
        taken = program.matrix[span] * values[columns]
        labels = self.columns[columns]
        return {label: float(taken[labels == label].sum()) for label in np.unique(labels).tolist()}


def split(program: Program, shared: IntArray) -> _Split:
    """Where a programme comes apart once the rows ``shared`` are set aside."""
    program = tightened(program)
    limited = shared[np.isfinite(program.row_upper[shared])]
    row_of = program.entry_rows
    movable = program.lower < program.upper
    bounded = np.isfinite(program.row_lower) | np.isfinite(program.row_upper)
    moves = movable[program.indices] & (program.matrix != 0) & bounded[row_of]
    is_limited = np.isin(row_of, limited)
    columns, rows = joined(program, moves & ~is_limited)
    apart = np.zeros(len(columns), dtype=bool)
    apart[columns[program.whole[movable[program.whole]]]] = True
    apart[columns[program.indices[moves & is_limited]]] = True
    rows = np.append(columns, len(columns))[rows]
    mine = np.append(apart, False)[rows]
    used = np.unique(row_of[moves & is_limited])
    labels = np.where(apart[columns] & movable, columns, _REST)
    row_labels = np.where(mine, rows, _REST)
    row_labels[used] = len(columns)
    return _Split(program, labels, row_labels, used)


class Apart:
    """Searches for best plans of programmes that differ in numbers; each part's answer is remembered.

    ``shared`` are rows Σ a·x ≤ b, a ≥ 0, of which parts take a share each: the budgets. ``gap`` is absolute, in the
    objective's own unit, and is for all parts together; ``time_limit`` is for each search.
    """

    def __init__(self, shared: IntArray, gap: float, time_limit: float | None) -> None:
        self.shared, self.gap, self.time_limit = shared, gap, time_limit
        self._known: dict[bytes, Point] = {}

    def solve(self, program: Program, start: FloatArray | None = None) -> Point:
        """The best plan, with duals of the programme in which it is fixed; ``start`` holds all columns of a known one.

        Parts are first searched as if each had all the money. If that does for all of them no plan is better; else
        those that spend from a budget that is short are searched together.
        """
        parts = split(program, self.shared)
        groups = parts.groups
        gap = self.gap / max(1, len(groups) - 1)
        while True:
            points = [self._search(parts, group, gap, start) for group in groups]
            failed = next((point for point in points if point.status not in FOUND), None)
            if failed is not None:
                return failed
            values = np.zeros(len(parts.columns))
            for group, point in zip(groups, points, strict=True):
                values[parts.piece(group)[1]] = point.columns
            merged = _merged(parts, groups, values)
            if len(merged) == len(groups):
                return self._whole(parts, groups, points, values)
            groups = merged

    def _search(self, parts: _Split, group: Group, gap: float, start: FloatArray | None) -> Point:
        program, columns, _ = parts.piece(group)
        key = _key(program, gap)
        if key not in self._known:
            self._known[key] = self._run(program, gap, None if start is None else start[columns])
        return self._known[key]

    def _run(self, program: Program, gap: float, start: FloatArray | None) -> Point:
        live = LiveModel(program, time_limit=self.time_limit, mip_gap=0.0)
        if len(program.whole):
            live.highs.setOptionValue("mip_abs_gap", gap)
            for option, value in LEAN.items():
                live.highs.setOptionValue(option, value)
            if start is not None:
                live.begin_at(start)
        return live.solve(cold=False)

    def _whole(self, parts: _Split, groups: Sequence[Group], points: Sequence[Point], values: FloatArray) -> Point:
        """The parts' answers as one."""
        program = parts.program
        row_of = program.entry_rows
        row_dual = np.zeros(len(program.row_lower))
        for group, point in zip(groups, points, strict=True):
            # what a budget is worth to whom it is worth most keeps the others from spending it, too
            rows = parts.piece(group)[2]
            is_shared = np.isin(rows, parts.shared)
            row_dual[rows[~is_shared]] = point.row_dual[~is_shared]
            np.minimum.at(row_dual, rows[is_shared], point.row_dual[is_shared])
        count = len(values)
        priced = np.bincount(program.indices, weights=program.matrix * row_dual[row_of], minlength=count)
        used = np.bincount(row_of, weights=program.matrix * values[program.indices], minlength=len(row_dual))
        objective = float(program.cost @ values) + program.offset
        open_ = sum(point.objective - point.bound for point in points if point.bound is not None)
        feasible = any(point.status == "feasible" for point in points)
        return Point(
            "feasible" if feasible else "optimal",
            objective,
            values,
            used.astype(float),
            program.cost - priced,
            row_dual,
            sum(point.seconds for point in points),
            sum(point.iterations for point in points),
            open_ / max(abs(objective), _SPENT),
            objective - open_,
            "time limit" if feasible else "",
        )


def _key(program: Program, gap: float) -> bytes:
    p = program
    digest = blake2b(repr((gap, p.offset)).encode())
    for array in (p.cost, p.lower, p.upper, p.row_lower, p.row_upper, p.starts, p.indices, p.matrix, p.whole):
        digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(b"|")
    return digest.digest()


def _merged(parts: _Split, groups: Sequence[Group], values: FloatArray) -> list[Group]:
    """The groups, those together that spend from a row of which there is too little for all."""
    found = list(groups)
    for row in parts.shared.tolist():
        spent = parts.spent(values, row)
        most = float(parts.program.row_upper[row])
        if sum(spent.values()) <= most + _SHORT * max(1.0, abs(most)):
            continue
        spenders = {label for label, amount in spent.items() if amount > _SPENT}
        found = _together(found, spenders - {_REST})
    return found


def _together(groups: Sequence[Group], labels: set[int]) -> list[Group]:
    mine = [group for group in groups if group & labels]
    return [*(group for group in groups if not group & labels), *([frozenset().union(*mine)] if mine else [])]
