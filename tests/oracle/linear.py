"""A linear programme of named variables, and GLPK, which shares no code with HiGHS."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Hashable, Iterable
from math import inf
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # SWIG's own types lack a module in newer Pythons
    import swiglpk as glpk

Term = tuple[float, Hashable]


class Programme:
    """Maximise Σ worth·x within bounds and rows; variables are made when they are first named."""

    def __init__(self) -> None:
        self.place: dict[Hashable, int] = {}
        self.bounds: list[tuple[float, float]] = []
        self.worth: defaultdict[Hashable, float] = defaultdict(float)
        self.whole: set[Hashable] = set()
        self.rows: list[tuple[float, float, dict[Hashable, float]]] = []

    def variable(self, name: Hashable, low: float = 0.0, high: float = inf, *, whole: bool = False) -> Hashable:
        self.place[name] = len(self.bounds)
        self.bounds.append((low, high))
        if whole:
            self.whole.add(name)
        return name

    def row(self, terms: Iterable[Term], low: float = -inf, high: float = inf) -> None:
        """low ≤ Σ coefficient·variable ≤ high; a row without limits says nothing."""
        together: defaultdict[Hashable, float] = defaultdict(float)
        for coefficient, name in terms:
            together[name] += coefficient
        if low > -inf or high < inf:
            self.rows.append((low, high, dict(together)))

    def solve(self) -> tuple[str, float]:
        """Status (optimal, infeasible, unbounded or what GLPK says) and value."""
        problem = glpk.glp_create_prob()
        try:
            self._load(problem)
            return self._solved(problem)
        finally:
            glpk.glp_delete_prob(problem)

    def _load(self, problem: Any) -> None:
        glpk.glp_set_obj_dir(problem, glpk.GLP_MAX)
        glpk.glp_add_cols(problem, len(self.bounds))
        for name, place in self.place.items():
            if name in self.whole:
                glpk.glp_set_col_kind(problem, place + 1, glpk.GLP_IV)
            glpk.glp_set_col_bnds(problem, place + 1, *_kind(*self.bounds[place]))
            glpk.glp_set_obj_coef(problem, place + 1, self.worth.get(name, 0.0))
        glpk.glp_add_rows(problem, max(len(self.rows), 1))
        for i, (low, high, terms) in enumerate(self.rows, 1):
            glpk.glp_set_row_bnds(problem, i, *_kind(low, high))
            places, values = glpk.intArray(len(terms) + 1), glpk.doubleArray(len(terms) + 1)
            for j, (name, value) in enumerate(terms.items(), 1):
                places[j], values[j] = self.place[name] + 1, value
            glpk.glp_set_mat_row(problem, i, len(terms), places, values)

    def _solved(self, problem: Any) -> tuple[str, float]:
        glpk.glp_term_out(glpk.GLP_OFF)
        glpk.glp_scale_prob(problem, glpk.GLP_SF_AUTO)
        glpk.glp_adv_basis(problem, 0)
        simplex = glpk.glp_smcp()
        glpk.glp_init_smcp(simplex)
        simplex.meth = glpk.GLP_DUALP
        glpk.glp_simplex(problem, simplex)
        names = {glpk.GLP_OPT: "optimal", glpk.GLP_NOFEAS: "infeasible", glpk.GLP_UNBND: "unbounded"}
        status = names.get(glpk.glp_get_status(problem), "undecided")
        if status != "optimal" or not self.whole:
            return status, glpk.glp_get_obj_val(problem)
        search = glpk.glp_iocp()
        glpk.glp_init_iocp(search)
        glpk.glp_intopt(problem, search)
        whole = {glpk.GLP_OPT: "optimal", glpk.GLP_NOFEAS: "infeasible"}
        return whole.get(glpk.glp_mip_status(problem), "undecided"), glpk.glp_mip_obj_val(problem)


def _kind(low: float, high: float) -> tuple[int, float, float]:
    if low == -inf:
        return (glpk.GLP_FR, 0.0, 0.0) if high == inf else (glpk.GLP_UP, 0.0, high)
    if high == inf:
        return glpk.GLP_LO, low, 0.0
    return (glpk.GLP_FX, low, low) if low == high else (glpk.GLP_DB, low, high)
