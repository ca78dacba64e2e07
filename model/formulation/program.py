"""Compile the Pyomo model to sparse form in the layout's order, and prove that both say the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.common.enums import ObjectiveSense
from pyomo.common.gc_manager import PauseGC
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler, _LinearStandardFormCompiler_impl

from model.case import FloatArray
from model.errors import AuditError
from model.formulation.layout import CONSTRAINTS, Layout, Values
from model.selection import IntArray


@dataclass(frozen=True)
class Program:
    """A linear programme in compressed sparse rows: minimise cost·x within bounds of columns and rows.

    Columns and rows beyond the layout's come from the user's own additions to the Pyomo model.
    """

    cost: FloatArray
    lower: FloatArray
    upper: FloatArray
    row_lower: FloatArray
    row_upper: FloatArray
    starts: IntArray
    indices: IntArray
    matrix: FloatArray
    whole: IntArray
    offset: float = 0.0

    @property
    def entry_rows(self) -> IntArray:
        """The row of every entry of the matrix."""
        return np.repeat(np.arange(len(self.row_lower)), np.diff(self.starts))


def assemble(layout: Layout, values: Values) -> Program:
    """The programme from the named arrays alone."""
    v = values
    return Program(
        v.cost, v.lower, v.upper, v.row_lower, v.row_upper, layout.starts, layout.indices, v.matrix, layout.whole
    )


class _Columns:
    """A compressed-column matrix without SciPy, as far as Pyomo's compiler needs one."""

    def __init__(self, parts: tuple[Any, Any, Any], shape: Iterable[int]) -> None:
        self.data, self.indices, self.indptr = parts
        self.shape = tuple(shape)


class _Compiler(_LinearStandardFormCompiler_impl):
    """Pyomo's compiler with its SciPy matrices replaced, which saves importing SciPy (a third of a second)."""

    _to_vector = staticmethod(np.fromiter)
    _csc_matrix = _Columns
    _csr_matrix = _Columns

    def __init__(self, config: Any) -> None:
        self.config = config

    def _create_csc(self, data: Any, index: Any, index_ptr: Any, nnz: int, n_cols: int) -> _Columns:
        values = np.fromiter((x for part in data for x in part), np.float64, nnz)
        columns = np.fromiter((x for part in index for x in part), np.int64, nnz)
        rows = np.repeat(np.arange(len(index_ptr) - 1), np.diff(index_ptr))
        kept = values != 0
        values, columns, rows = values[kept], columns[kept], rows[kept]
        order = np.argsort(columns, kind="stable")
        pointers = np.searchsorted(columns[order], np.arange(n_cols + 1))
        return _Columns((values[order], rows[order], pointers), [len(index_ptr) - 1, n_cols])


def compile_model(m: pyo.ConcreteModel, layout: Layout, values: Values) -> Program:
    """The programme that Pyomo compiles, in the layout's order; rows and columns of a user's hook stand last.

    Pyomo drops columns without coefficients and rows without bounds; they keep their place here.
    """
    config = LinearStandardFormCompiler().CONFIG({"mixed_form": True, "set_sense": ObjectiveSense.minimize})
    with PauseGC():
        info = _Compiler(config).write(m)
    columns = _positions(layout.columns, m, "value")
    rows = _positions(layout.rows, m, "constraint")
    column_at, extra_columns = _place((id(v) for v in info.columns), columns, layout.column_count)
    row_at, extra_rows = _place((id(entry.constraint) for entry in info.rows), rows, layout.row_count)
    cost = np.zeros(layout.column_count + extra_columns)
    lower, upper = _column_bounds(info, column_at, layout, values)
    cost[column_at[np.repeat(np.arange(len(info.columns)), np.diff(info.c.indptr))]] = info.c.data
    row_lower, row_upper = _row_bounds(info, row_at, layout.row_count + extra_rows)
    entry_rows = row_at[info.A.indices]
    entry_columns = column_at[np.repeat(np.arange(len(info.columns)), np.diff(info.A.indptr))]
    order = np.lexsort((entry_columns, entry_rows))
    starts = np.searchsorted(entry_rows[order], np.arange(len(row_lower) + 1))
    offset = float(info.c_offset[0]) if len(info.c_offset) else 0.0
    whole = np.array(
        [position for v, position in zip(info.columns, column_at.tolist(), strict=True) if not v.is_continuous()]
    )
    whole = np.union1d(layout.whole, whole).astype(np.int64)
    return Program(
        cost, lower, upper, row_lower, row_upper, starts, entry_columns[order], info.A.data[order], whole, offset
    )


def _positions(blocks: dict[str, Any], m: pyo.ConcreteModel, kind: str) -> dict[int, int]:
    """Position by identity of Pyomo's own objects: names are unique but slow to print."""
    found: dict[int, int] = {}
    for block in blocks.values():
        component = getattr(m, block.name)
        if kind == "value":
            found.update(zip(map(id, component.values()), range(block.offset, block.offset + block.size), strict=True))
        else:
            found.update((id(component[key]), block.offset + i) for i, key in enumerate(block.keys) if key in component)
    return found


def _place(ids: Iterable[int], known: dict[int, int], count: int) -> tuple[IntArray, int]:
    extra: dict[int, int] = {}
    places = [known[i] if i in known else extra.setdefault(i, count + len(extra)) for i in ids]
    return np.array(places, dtype=np.int64), len(extra)


def _column_bounds(info: Any, place: IntArray, layout: Layout, values: Values) -> tuple[FloatArray, FloatArray]:
    size = layout.column_count + int((place >= layout.column_count).sum())
    lower, upper = np.zeros(size), np.full(size, np.inf)
    lower[: layout.column_count], upper[: layout.column_count] = values.lower, values.upper
    for variable, position in zip(info.columns, place.tolist(), strict=True):
        low, high = variable.lower, variable.upper
        lower[position] = -np.inf if low is None else pyo.value(low)
        upper[position] = np.inf if high is None else pyo.value(high)
    return lower, upper


def _row_bounds(info: Any, place: IntArray, size: int) -> tuple[FloatArray, FloatArray]:
    lower, upper = np.full(size, -np.inf), np.full(size, np.inf)
    for entry, position, rhs in zip(info.rows, place.tolist(), info.rhs, strict=True):
        if entry.bound_type <= 0:
            lower[position] = rhs
        if entry.bound_type >= 0:
            upper[position] = rhs
    return lower, upper


def prove_equal(compiled: Program, assembled: Program, layout: Layout) -> None:
    """Raise AuditError where Pyomo's programme and the one from the arrays differ: they are one formulation."""
    _same("cost", compiled.cost, assembled.cost)
    _same("lower bounds", compiled.lower, assembled.lower)
    _same("upper bounds", compiled.upper, assembled.upper)
    filled = np.diff(compiled.starts) > 0
    _same("right-hand sides", compiled.row_upper[filled], assembled.row_upper[filled])
    _same("right-hand sides", compiled.row_lower[filled], assembled.row_lower[filled])
    kept = assembled.matrix != 0
    rows = assembled.entry_rows
    # rows without a finite bound are in the arrays but not in Pyomo's matrix
    bounded = np.isfinite(assembled.row_lower) | np.isfinite(assembled.row_upper)
    kept &= bounded[rows]
    compiled_rows = compiled.entry_rows
    same = np.array_equal(compiled_rows, rows[kept]) and np.array_equal(compiled.indices, assembled.indices[kept])
    if not same:
        names = [c.name for c in CONSTRAINTS if _pattern_differs(layout, c.name, compiled_rows, rows[kept])]
        raise AuditError(
            f"The pattern of the Pyomo model and of the arrays differ in: {', '.join(names) or 'columns'}."
        )
    _same("coefficients", compiled.matrix, assembled.matrix[kept])


def _pattern_differs(layout: Layout, name: str, one: IntArray, other: IntArray) -> bool:
    block = layout.rows[name].slice
    counts = [int(((rows >= block.start) & (rows < block.stop)).sum()) for rows in (one, other)]
    return counts[0] != counts[1]


def _same(what: str, one: FloatArray, other: FloatArray) -> None:
    if len(one) != len(other) or not np.allclose(one, other, rtol=1e-12, atol=1e-12):
        raise AuditError(f"The Pyomo model and the arrays differ in their {what}.")
