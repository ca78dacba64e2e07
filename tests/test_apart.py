"""Searches over whole units part by part: the optima of one search over the whole, and of all plans written out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from model.analysis.projects import capex
from model.analysis.projects.optima import Optima
from model.analysis.projects.study import study
from model.engine import Engine
from model.formulation.layout import Values
from model.formulation.program import Program, assemble
from model.solver.apart import FOUND, split
from model.solver.highs import LiveModel
from model.solver.tight import tightened
from tests.cases import Row, Tables, demand, link, read, solve, supply, tables, years
from tests.conftest import Command
from tests.hard_choice import hard_choice
from tests.test_projects import project, two_corridors


def islands(seed: int, count: int = 3) -> Tables:
    """Fields each with a way of their own to a market of their own, joined by what two funds may spend alone.

    Two projects widen each way; a market takes little more than one of them brings, some units may be parts.
    """
    chance = np.random.default_rng(seed)
    names = [str(i) for i in range(count)]
    made = tables(
        settings={"discount_rate": 0.05, "base_year": 2026, "mip_gap": 1e-9},
        periods=years(2026, 3),
        Supply=[supply(f"s{i}", f"field {i}", "crude", 30) for i in names],
        Demand=[demand(f"d{i}", f"market {i}", "crude", int(chance.integers(4, 12)), 100) for i in names],
        Links=[
            link(f"way {i}", f"field {i}", f"market {i}", "crude", int(chance.integers(20, 60)), capacity=1)
            for i in names
        ],
        Projects=[_widening(chance, i, which) for i in names for which in "ab"],
        Funds=[{"fund": name, "budget": int(chance.integers(150, 500))} for name in ("north", "south")],
    )
    kinds = (("field", "Home"), ("market", "East"))
    made["Nodes"] = [{"node": f"{kind} {i}", "country": place, "kind": kind} for i in names for kind, place in kinds]
    return made


def _widening(chance: np.random.Generator, i: str, which: str) -> Row:
    share = int(chance.integers(2, 9)) * 10
    return project(
        f"{i}{which}",
        f"way {i}",
        float(chance.integers(2, 6)),
        float(chance.integers(80, 200)),
        max_units=int(chance.integers(1, 3)),
        whole_units="no" if chance.random() < 0.2 else "yes",
        lead_years=int(chance.integers(0, 2)),
        funds=f"north {share}, south {100 - share}",
        **({"requires": f"{i}a"} if which == "b" and chance.random() < 0.3 else {}),
    )


def asked_of(optima: Optima) -> list[dict[str, Any]]:
    """Questions of every kind."""
    count = len(optima.names)
    return [
        {},
        *({"without": [i]} for i in range(count)),
        {"without": range(count)},
        {"without": [0, 3]},
        *({"capex": (i, factor)} for i in range(count) for factor in (1e-6, 0.5, 1.7)),
        *({"budget": (fund, money)} for fund in (0, 1) for money in (0.0, 90.0, 200.0, np.inf)),
    ]


def in_one_search(optima: Optima, question: dict[str, Any]) -> float:
    """The optimum of a question by one search over the whole programme, from scratch."""
    values: Values = optima._numbers(sorted(question.get("without", ())), question.get("capex"), question.get("budget"))
    live = LiveModel(assemble(optima.layout, values), mip_gap=0.0)
    return -live.solve().objective


@pytest.mark.parametrize("seed", range(4))
def test_a_search_by_parts_finds_what_one_search_finds(seed: int) -> None:
    """26 questions on three islands whose money is short or not; the truth lies in every bracket."""
    case = read(islands(seed))
    optima = Optima(solve(case))
    for question in asked_of(optima):
        best, truth = optima.ask(**question), in_one_search(optima, question)
        assert best.found
        assert best.value == pytest.approx(truth, abs=1e-3), (seed, question)
        assert best.value - 1e-6 <= truth <= best.bound + 1e-3, (seed, question)


@pytest.mark.parametrize("seed", range(4))
def test_duals_put_together_from_parts_are_those_of_an_optimum(seed: int) -> None:
    """Rows and bounds, but for the plan's, have a price only where they bind, of the sign by which they bind."""
    case = read(islands(seed))
    optima = Optima(solve(case))
    point, program = optima.today.point, assemble(optima.layout, optima.base)
    free = np.ones(len(program.cost), dtype=bool)
    free[program.whole] = False
    for value, price, low, high in (
        (point.columns[free], point.column_dual[free], program.lower[free], program.upper[free]),
        (point.rows, point.row_dual, program.row_lower, program.row_upper),
    ):
        assert np.all(value >= low - 1e-6)
        assert np.all(value <= high + 1e-6)
        assert np.all(np.abs(price[(value > low + 1e-5) & (value < high - 1e-5)]) < 1e-6)
        assert np.all(price[(value <= low + 1e-5) & (value < high - 1e-5)] > -1e-6)
        assert np.all(price[(value >= high - 1e-5) & (value > low + 1e-5)] < 1e-6)


def test_what_only_money_joins_is_apart() -> None:
    """Three islands are three parts with whole units, whatever two funds say, and one rest."""
    made = islands(1)
    for row in made["Projects"]:
        row["whole_units"] = "yes"
    optima = Optima(solve(read(made)))
    assert optima.apart is not None
    assert len(split(assemble(optima.layout, optima.base), optima.apart.shared).groups) == 4


def units_of(upper: list[float], rows: list[tuple[list[float], float]]) -> Program:
    """Whole columns from 0 up to a bound, and rows Σ weight·x ≤ most."""
    count = len(upper)
    return Program(
        cost=np.zeros(count),
        lower=np.zeros(count),
        upper=np.array(upper),
        row_lower=np.full(len(rows), -np.inf),
        row_upper=np.array([most for _, most in rows]),
        starts=np.arange(len(rows) + 1) * count,
        indices=np.tile(np.arange(count), len(rows)),
        matrix=np.array([weight for weights, _ in rows for weight in weights]),
        whole=np.arange(count),
    )


def test_bounds_say_what_rows_say_of_whole_units() -> None:
    """30·x + 45·y ≤ 110 allows 3 and 2; then x + y ≤ 4 still says something, x + y ≤ 5 no more.

    x − y ≤ 1 allows an x of 3, as y may be 2.
    """
    found = tightened(units_of([np.inf, np.inf], [([30, 45], 110), ([1, 1], 4), ([1, 1], 5), ([1, -1], 1)]))
    assert found.upper.tolist() == [3, 2]
    assert found.row_upper.tolist() == [110, 4, np.inf, 1]
    below = tightened(units_of([1, 1], [([1, 1], 0)]))
    assert below.upper.tolist() == [0, 0]
    assert below.row_upper.tolist() == [np.inf]


@pytest.mark.parametrize("which", range(0, 8, 2))
def test_the_last_capex_at_which_a_unit_is_built_is_that_of_all_plans(which: int) -> None:
    """Eight projects, six funds, 256 plans: one with a project holds until a fund is spent or its worth is gone.

    A project is worth 400·size − capex; its last capex is the most that any plan allows.
    """
    made = hard_choice(8, settings={"mip_gap": 1e-9})
    case = read(made)
    rows, budgets = made["Projects"], np.array([row["budget"] for row in made["Funds"]])
    shares = np.array([[float(part.split()[-1]) / 100 for part in row["funds"].split(", ")] for row in rows])
    price, size = np.array([row["capex"] for row in rows]), np.array([row["size"] for row in rows])
    chosen = np.array([[bool(number >> i & 1) for i in range(8)] for number in range(256)])
    others = np.where(np.arange(8) == which, False, chosen)
    paid, worth = (others * price) @ shares, others @ (400 * size - price)
    fits = (paid <= budgets + 1e-9).all(axis=1)
    without = worth[fits].max()
    money = ((budgets - paid) / (shares[which] * price[which])).min(axis=1)
    gain = (worth + 400 * size[which] - without) / price[which]
    truth = np.minimum(money, gain)[fits & chosen[:, which]].max()
    optima = Optima(solve(case))
    curve = capex.stretches(optima, which)
    assert capex.break_even(curve) == pytest.approx(truth, rel=1e-6)
    assert [one.method for one in curve] == ["exact"] * len(curve)


def test_a_plan_that_still_holds_is_not_searched_again() -> None:
    """The track is not built: without it, at twice its capex, or with 100 in the bank the plan is today's.

    At half its capex, with 120 or without the loop it may be another.
    """
    optima = Optima(solve(read(two_corridors())))
    loop, track = 0, 1
    today = optima.today
    assert optima.ask(without=[track]) is today
    assert optima.ask(capex=(track, 2.0)) is today
    assert optima.ask(budget=(0, 100.0)) is today
    for question in ({"without": [loop]}, {"capex": (track, 0.5)}, {"budget": (0, 99.0)}, {"budget": (0, 160.0)}):
        assert optima.ask(**question) is not today


# ---- work that is stopped


def interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_keeps_what_has_been_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the bank's money is varied the worth of both projects is known, and their capex has not been varied."""
    monkeypatch.setattr("model.analysis.projects.money.more_money", interrupt)
    found = study(solve(read(two_corridors())), [0])
    assert found.missing == "the value of money from bank on, capex curves, interactions"
    assert found.worth.frame["npv"].tolist() == pytest.approx([104, 0], abs=1e-3)
    assert found.worth.frame["break_even_capex"].isna().all()
    assert found.worth.frame["note"].str.contains("its capex was not varied").all()
    assert found.money.frame.empty
    assert found.pairs.frame.empty


def test_the_command_writes_what_ctrl_c_left_and_says_so(
    run_cli: Command, write_tables: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr("model.analysis.projects.capex.stretches", interrupt)
    assert run_cli("projects", write_tables(two_corridors())) == 4
    says = "UNFINISHED, stopped by Ctrl-C. Missing: capex curves from loop on, interactions."
    assert says in capsys.readouterr().out.replace("\n", " ")
    [path] = (tmp_path / "outputs").rglob("projects.xlsx")
    for sheet in openpyxl.load_workbook(path).worksheets[:4]:
        assert says in sheet["A3"].value
    assert json.loads((path.parent / "run.json").read_text())["missing"] == "capex curves from loop on, interactions"
    [beside] = path.parent.rglob("UNFINISHED.txt")
    assert says in beside.read_text()
    assert list(beside.parent.glob("*.csv"))


def test_nothing_is_on_offer_that_would_never_work() -> None:
    """Two years, a lead of one: what is begun in the second would be ready when all is over. Its unexpired value is all
    of its capex, so that without discounting it would cost nothing, and a solver might build it.
    """
    made = two_corridors(220)
    made["Projects"][0]["lead_years"] = 1
    made["Projects"][1]["lead_years"] = 2
    case = read(made)
    solution = Engine([case]).solve(case)
    assert solution.parameters.build_upper.tolist() == [[np.inf, 0], [0, 0]]
    assert solution.status in FOUND


def test_numbers_are_those_of_the_programme_that_was_asked() -> None:
    """A search leaves the programme that it was given as it was."""
    optima = Optima(solve(read(two_corridors())))
    before = replace(optima.base)
    optima.ask(without=[0])
    optima.ask(capex=(1, 0.3))
    assert all(np.array_equal(getattr(before, name), getattr(optima.base, name)) for name in before.__dict__)
