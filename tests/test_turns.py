"""Periods solved in turn as a start: the optimum of the whole is the same, whatever joins the periods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from model import engine
from model.api import read_case, solve
from model.case import Case
from model.engine import Engine
from model.formulation.layout import Layout, build_layout, evaluate, joins_periods
from model.formulation.program import Program, assemble
from model.network import build_network
from model.parameters import build_parameters
from model.solver.highs import LiveModel
from model.solver.turns import basis_in_turn
from tests.benchmarks.synthetic import synthetic_tables
from tests.cases import Tables, built_tables, demand, link, read, rich_tables, supply, tables, years
from tests.test_time_laws import random_tables

JOINED = ("", "caps", "stores", "projects")


def laid_out(case: Case) -> tuple[Layout, Program]:
    network = build_network([case])
    parameters = build_parameters(case, network)
    layout = build_layout(case, network, parameters)
    return layout, assemble(layout, evaluate(case, layout, parameters))


def in_turn(case: Case) -> tuple[LiveModel, LiveModel]:
    """The relaxed case with and without the start."""
    layout, program = laid_out(case)
    program = replace(program, whole=np.empty(0, np.int64))
    return LiveModel(program, in_turn=layout.period), LiveModel(program)


def random_case(seed: int) -> Case:
    return read(random_tables(seed, stores=seed % 2 == 0, parts=1 + seed % 3))


CASES: dict[str, Callable[[], Case]] = {
    **{
        f"{joined or 'nothing'} joins": lambda by=joined: read_case(synthetic_tables(40, joined=by))
        for joined in JOINED
    },
    **{f"random {seed}": lambda seed=seed: random_case(seed) for seed in range(12)},
    "rich": lambda: read(rich_tables()),
    "built": lambda: read(built_tables()),
}  # type: ignore[misc]


@pytest.mark.parametrize("name", CASES)
def test_the_optimum_is_that_of_a_solve_of_the_whole(name: str) -> None:
    started, plain = in_turn(CASES[name]())
    one, other = started.solve(), plain.solve()
    assert one.status == other.status == "optimal"
    assert one.objective == pytest.approx(other.objective, rel=1e-9, abs=1e-6)
    # the duals prove it: they bound the optimum by weak duality
    program = started.program
    columns = np.where(one.column_dual > 0, program.lower, program.upper)
    rows = np.where(one.row_dual > 0, program.row_lower, program.row_upper)
    used = np.abs(one.column_dual) > 1e-7, np.abs(one.row_dual) > 1e-7
    bound = one.column_dual[used[0]] @ columns[used[0]] + one.row_dual[used[1]] @ rows[used[1]]
    assert bound == pytest.approx(one.objective, rel=1e-6, abs=1e-3)


@pytest.mark.parametrize("joined", JOINED)
def test_the_whole_takes_few_steps_from_there(joined: str) -> None:
    """None where nothing joins the periods, since each period's optimum is then a part of the whole's."""
    layout, program = laid_out(read_case(synthetic_tables(160, joined=joined)))
    assert joins_periods(layout) == bool(joined)
    assert basis_in_turn(program, layout.period, None) is not None
    steps = LiveModel(program, in_turn=layout.period).solve().iterations
    if joined:
        assert steps < 0.35 * LiveModel(program).solve().iterations
    else:
        assert steps == 0


def one_pipe(**settings: float) -> Tables:
    """A pipe of 5 Mt, a field of 10 over the horizon, three years; the market takes all."""
    return tables(
        periods=years(2026, 3),
        settings=settings,
        Supply=[supply("s", "field", "crude", 8, 10, reserves=10)],
        Demand=[demand("d", "east", "crude", 9, 50)],
        Links=[link("pipe", "field", "east", "crude", 5, capacity=5)],
    )


def test_reserves_are_spent_where_they_earn_most() -> None:
    """Each year alone would take 5 of the 10 Mt; at 8 % the whole takes 5, 5 and none, 35 USD/t each."""
    started, _ = in_turn(read(one_pipe(discount_rate=0.08, base_year=2026)))
    point = started.solve()
    discount = [(1.08**-t - 1.08 ** -(t + 1)) / np.log(1.08) for t in range(2)]
    assert point.objective == pytest.approx(-5 * 35 * sum(discount))


def test_without_a_plan_or_an_end_it_is_as_without_the_start() -> None:
    short = one_pipe()
    short["Demand"][0]["firm"] = 4  # 12 Mt over three years of 10 in the ground: each year alone could
    for made in (short, with_unlimited(one_pipe())):
        started, plain = in_turn(read(made))
        assert started.solve().status == plain.solve().status != "optimal"


def with_unlimited(made: Tables) -> Tables:
    made["Supply"][0].update(capacity="unlimited", reserves=None)
    made["Demand"][0].update(volume="unlimited")
    made["Links"][0].update(capacity="unlimited")
    return made


def test_the_time_limit_counts_the_periods() -> None:
    layout, program = laid_out(read_case(synthetic_tables(160, joined="caps")))
    assert basis_in_turn(program, layout.period, 0.0) is None
    assert LiveModel(program, in_turn=layout.period, time_limit=0.0).solve().status == "time limit"


def test_a_period_of_another_size_than_the_one_before() -> None:
    """Rows and columns that stand in some periods only, as a hook may add them, make the last basis unfit."""
    layout, program = laid_out(read_case(synthetic_tables(20)))
    period = layout.period
    some = np.flatnonzero(period.columns == 3)[:4]
    columns = period.columns.copy()
    columns[some] = -1
    started = LiveModel(program, in_turn=replace(period, columns=columns)).solve()
    assert started.objective == pytest.approx(LiveModel(program).solve().objective, rel=1e-9)


def test_the_engine_starts_large_cases_so(monkeypatch: pytest.MonkeyPatch) -> None:
    made = read_case(synthetic_tables(40, joined="stores"))
    plain = solve(made)
    assert Engine([made]).live.in_turn is None
    monkeypatch.setattr(engine, "LARGEST_AT_ONCE", 100)
    assert Engine([made]).live.in_turn is not None
    started = solve(made)
    assert started.value == pytest.approx(plain.value, rel=1e-9)
    assert started.flows["flow"].sum() == pytest.approx(plain.flows["flow"].sum(), rel=1e-6)


def test_a_hook_adds_what_is_of_no_period(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cap over all years, written by the user: 10 Mt through the pipe in all."""
    import pyomo.environ as pyo

    def hook(m: pyo.ConcreteModel) -> None:
        m.own = pyo.Var(bounds=(0, 4))
        m.cap = pyo.Constraint(expr=sum(m.flow["pipe", "crude", t] for t in m.periods) + m.own <= 8)

    monkeypatch.setattr(engine, "LARGEST_AT_ONCE", 1)
    made = one_pipe(discount_rate=0.0)
    run = solve(read(made), hook=hook)
    assert run.value == pytest.approx(8 * 35)


def test_an_end_without_a_verdict_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a basis HiGHS has ended as unknown; the whole is then solved from nothing."""
    layout, program = laid_out(read_case(synthetic_tables(20)))
    live, true = LiveModel(program, in_turn=layout.period), LiveModel._status
    verdicts = iter(["stopped"])
    monkeypatch.setattr(LiveModel, "_status", lambda self: next(verdicts, None) or true(self))
    point = live.solve()
    assert point.status == "optimal"
    assert point.iterations > 0
