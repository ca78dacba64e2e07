"""Whatever the programme is made of moves its optimum: a part that could be left out unnoticed is a part untested.

The lists come from the programme's own declarations; a new constraint, variable or term without a case in which it
counts fails here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pytest

from model.case import Case
from model.engine import Engine
from model.formulation.layout import CONSTRAINTS, Values, evaluate, matrix_of
from model.formulation.program import assemble
from model.formulation.rules import Index
from model.formulation.variables import VARIABLES
from model.parameters import Parameters, build_parameters
from model.solver.highs import LiveModel
from tests.cases import built_tables, read

# bounds that rows or money imply: they shorten the search for a plan, or say it once more
IMPLIED = {
    ("delivery", "lower"): "what a sale takes back, another would have to bring",
    ("unserved", "upper"): "nobody pays for leaving out what need not be delivered",
    ("short", "upper"): "nobody pays for falling short of more than is due",
    ("make_up", "lower"): "undoing a make-up gives back the refund",
    ("make_up", "upper"): "contract_make_up and make_up_year hold it",
    ("may_be_short", "lower"): "its rows ask for 0 or 1",
    ("may_be_short", "upper"): "its rows ask for 0 or 1",
}
# a switch that is on lets through as much as there ever is: never in the way
SWITCHED = {("short_year", "short"), ("short_year", "may_be_short"), ("make_up_year", "make_up")}


@dataclass(frozen=True)
class Solved:
    """A case, its numbers, and the optimum."""

    case: Case

    @cached_property
    def engine(self) -> Engine:
        return Engine([self.case])

    @cached_property
    def parameters(self) -> Parameters:
        return build_parameters(self.case, self.engine.network)

    @cached_property
    def values(self) -> Values:
        return evaluate(self.case, self.engine.layout, self.parameters)

    @cached_property
    def optimum(self) -> float:
        status, value = self.solve(self.values)
        assert status == "optimal"
        return value

    def solve(self, values: Values) -> tuple[str, float]:
        point = LiveModel(assemble(self.engine.layout, values), mip_gap=1e-9).solve()
        return point.status, point.objective

    def moves(self, values: Values) -> bool:
        """Whether other numbers have no optimum, or another one."""
        status, value = self.solve(values)
        return status != "optimal" or abs(value / self.optimum - 1) > 1e-9

    def with_terms(self, constraint: str, variable: str, up: int) -> Values | None:
        """The numbers where one kind of variable counts a tenth more or less, in turns, in one kind of row."""
        layout = self.engine.layout
        index = Index(self.case, self.engine.network, layout.columns, layout.rows)
        block = layout.columns[variable].slice
        parts, found = [np.empty(0)], False
        for one in CONSTRAINTS:
            for term in one.terms(index, self.parameters):
                values = np.broadcast_to(term.values, term.columns.shape).ravel()
                factor = np.where((term.columns.ravel() + up) % 2, 1.1, 0.9)
                mine = (term.columns.ravel() >= block.start) & (term.columns.ravel() < block.stop)
                if one.name == constraint and (mine & (values != 0)).any():
                    values, found = np.where(mine, factor * values, values), True
                parts.append(values)
        return replace(self.values, matrix=matrix_of(layout, np.concatenate(parts))) if found else None


def without_the_new_cavern() -> Case:
    """The rich case with a store that nothing widens."""
    made = built_tables()
    made["Projects"] = [row for row in made["Projects"] if row["project"] != "cavern two"]
    return read(made)


def other_promises() -> Case:
    """The rich case where other contracts and limits bind: no cap on the west, more due from it and from power."""
    made = built_tables()
    contracts, limits = (
        {row[name]: row for row in made[sheet]} for sheet, name in (("Contracts", "contract"), ("Limits", "limit"))
    )
    contracts["take_power"].update(volume=4, ceiling=None, share=1)
    contracts["swing"].update(ceiling=5.8)
    next(row for row in made["Series"] if row["key"] == "swing")["2028"] = 6.13
    limits["yearly"].update(at_most=None, at_least=4.3)
    return read(made)


@pytest.fixture(scope="module")
def solved() -> tuple[Solved, ...]:
    return tuple(Solved(one) for one in (read(built_tables()), without_the_new_cavern(), other_promises()))


def bounds_lifted(one: Solved, name: str, where: slice, limit: float) -> Values | None:
    """The numbers with one side of a block's bounds lifted; None where it has none."""
    old = getattr(one.values, name)
    if not np.isfinite(old[where]).any():
        return None
    new = old.copy()
    new[where] = limit
    return replace(one.values, **{name: new})


@pytest.mark.parametrize("name", [one.name for one in CONSTRAINTS])
def test_without_a_constraint_the_optimum_is_another(solved: tuple[Solved, ...], name: str) -> None:
    def moves(one: Solved) -> bool:
        where = one.engine.layout.rows[name].slice
        lower, upper = one.values.row_lower.copy(), one.values.row_upper.copy()
        lower[where], upper[where] = -np.inf, np.inf
        return one.moves(replace(one.values, row_lower=lower, row_upper=upper))

    assert any(map(moves, solved)), f"{name} may be left out, and no case of this test notices"


@pytest.mark.parametrize("side", ["lower", "upper"])
@pytest.mark.parametrize("name", [one.name for one in VARIABLES])
def test_without_a_bound_the_optimum_is_another(solved: tuple[Solved, ...], name: str, side: str) -> None:
    limit = -np.inf if side == "lower" else np.inf
    lifted = [(one, bounds_lifted(one, side, one.engine.layout.columns[name].slice, limit)) for one in solved]
    bounded = [(one, values) for one, values in lifted if values is not None]
    moved = any(one.moves(values) for one, values in bounded)
    assert moved == (bool(bounded) and (name, side) not in IMPLIED), (name, side)


@pytest.mark.parametrize("name", [one.name for one in VARIABLES])
def test_without_a_variable_the_optimum_is_another(solved: tuple[Solved, ...], name: str) -> None:
    def moves(one: Solved) -> bool:
        lower, upper = one.values.lower.copy(), one.values.upper.copy()
        where = one.engine.layout.columns[name].slice
        lower[where] = upper[where] = 0
        return one.moves(replace(one.values, lower=lower, upper=upper))

    assert any(map(moves, solved)), f"{name} may be left out, and no case of this test notices"


@pytest.mark.parametrize("name", [one.name for one in VARIABLES])
def test_what_a_variable_is_worth_moves_the_optimum(solved: tuple[Solved, ...], name: str) -> None:
    def moves(one: Solved) -> bool:
        cost = one.values.cost.copy()
        cost[one.engine.layout.columns[name].slice] *= 0.99
        return one.moves(replace(one.values, cost=cost))

    free = {"may_be_short", "inject", "withdraw"}  # neither earns nor costs anything
    assert any(map(moves, solved)) == (name not in free)


@pytest.mark.parametrize("name", [one.name for one in VARIABLES if one.whole is not None])
def test_whole_numbers_cost_something(solved: tuple[Solved, ...], name: str) -> None:
    """May each be a fraction, the optimum is another: so at least one of them is a fraction there."""

    def moves(one: Solved) -> bool:
        block = one.engine.layout.columns[name]
        others = [i for i in one.engine.layout.whole.tolist() if not block.offset <= i < block.offset + block.size]
        program = replace(assemble(one.engine.layout, one.values), whole=np.array(others, dtype=np.int64))
        return abs(LiveModel(program, mip_gap=1e-9).solve().objective / one.optimum - 1) > 1e-9

    assert any(map(moves, solved)), name


def pairs() -> Iterator[tuple[str, str]]:
    """(constraint, variable) of all that stand in one another's rows, in the rich case."""
    layout = Solved(read(built_tables())).engine.layout
    for row in CONSTRAINTS:
        within = layout.rows[row.name].slice
        entries = layout.indices[layout.starts[within.start] : layout.starts[within.stop]]
        for column in VARIABLES:
            block = layout.columns[column.name].slice
            if ((entries >= block.start) & (entries < block.stop)).any():
                yield row.name, column.name


@pytest.mark.parametrize(("constraint", "variable"), list(pairs()), ids=lambda part: part)
def test_every_coefficient_moves_the_optimum(solved: tuple[Solved, ...], constraint: str, variable: str) -> None:
    """One kind of variable counts a tenth less and more, in turns, in one kind of row."""
    changed = [(one, one.with_terms(constraint, variable, up)) for one in solved for up in (0, 1)]
    assert any(values is not None for _, values in changed), "only zeros"
    moved = any(one.moves(values) for one, values in changed if values is not None)
    assert moved == ((constraint, variable) not in SWITCHED)
