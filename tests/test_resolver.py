"""The in-place re-solver: whatever numbers change, it gives what a build from nothing gives."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from model.api import read_case
from model.case import Case
from model.engine import Engine, structure_of
from model.errors import UsageError
from model.formulation.incremental import Numbers
from model.formulation.layout import Layout, evaluate
from model.parameters import build_parameters
from model.scenario import with_changes
from model.solver.highs import LiveModel
from model.solver.resolver import Resolver
from model.workbook.changes import CHANGEABLE, changeable_columns, changeable_settings
from model.workbook.sheets import SHEETS
from tests import cases
from tests.test_layout import ROOT

ADDRESSES = [
    *((sheet, column) for sheet in CHANGEABLE if sheet != "Settings" for column in changeable_columns(SHEETS[sheet])),
    *(("Settings", one.name) for one in changeable_settings()),
]


def layout_of(case: Case) -> Layout:
    return Engine([case]).layout


def random_value(case: Case, sheet: str, column: str, rng: np.random.Generator) -> tuple[str, float | str] | None:
    """An address of one cell with a number, and another value for it."""
    if sheet == "Settings":
        value = getattr(case.settings, column)
        if value is None:
            return None
        # a factor would move the base year by centuries
        other = value + rng.integers(-3, 4) if column == "base_year" else value * rng.uniform(0.8, 1.2)
        return f"Settings:{column}:value", float(other)
    key = str(rng.choice(case[sheet].keys)) if len(case[sheet]) else ""
    if not key:
        return None
    if SHEETS[sheet][column].kind == "period":
        return f"{sheet}:{key}:{column}", str(rng.choice(case.periods))
    value = float(case.number(sheet, column)[case[sheet].position[key], -1])
    where = f"@{rng.choice(case.periods)}" if SHEETS[sheet][column].series and rng.random() < 0.3 else ""
    found = value * rng.uniform(0.7, 1.3) if np.isfinite(value) and value else rng.uniform(0.1, 2)
    return f"{sheet}:{key}:{column}{where}", float(found)


def random_cases(case: Case, count: int, seed: int) -> Iterator[Case]:
    """Valid variants with one to three changed numbers, cycling through every column that can change."""
    rng = np.random.default_rng(seed)
    made = 0
    while made < count:
        picks = [ADDRESSES[made % len(ADDRESSES)], *(ADDRESSES[i] for i in rng.integers(len(ADDRESSES), size=2))]
        values = dict(filter(None, (random_value(case, *one, rng) for one in picks[: rng.integers(1, 4)])))
        made += 1
        try:
            yield with_changes(case, values)
        except UsageError:
            continue


def test_numbers_worked_out_in_part_are_those_worked_out_in_whole() -> None:
    """600 random changes of every column, one after the other on one object: every bit of every vector is the same."""
    case = cases.read(cases.built_tables())
    layout = layout_of(case)
    numbers = Numbers(layout)
    seen = 0
    for changed in random_cases(case, 600, 1):
        if structure_of(changed) != structure_of(case):
            continue
        assert numbers.fits(changed) == layout.network.holds(changed), changed.overrides
        if not numbers.fits(changed):
            continue
        parameters, values = numbers.at(changed)
        whole = build_parameters(changed, layout.network)
        for name, vector in vars(evaluate(changed, layout, whole)).items():
            assert np.array_equal(getattr(values, name), vector, equal_nan=True), (changed.overrides, name)
        assert parameters.lapsed == whole.lapsed, changed.overrides
        seen += 1
    assert seen > 300


def test_a_fault_midway_leaves_nothing_half_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails while numbers are worked out is worked out afresh by the next call."""
    case = cases.read(cases.two_markets())
    layout = layout_of(case)
    numbers = Numbers(layout)
    numbers.at(case)
    changed = with_changes(case, {"Links:*:tariff": 7.0, "Supply:*:capacity": 3.0})
    with monkeypatch.context() as patch:
        patch.setattr(Numbers, "_matrix", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            numbers.at(changed)
    for one in (changed, case):
        _, values = numbers.at(one)
        expected = evaluate(one, layout, build_parameters(one, layout.network))
        assert np.array_equal(values.cost, expected.cost)
        assert np.array_equal(values.upper, expected.upper)


@pytest.mark.parametrize("name", ["rich", "built", "tutorial"])
def test_solved_in_place_is_solved_from_a_build(name: str) -> None:
    """Hundreds of random changes of every kind: status and objective (to 1e-7) are those of a build from nothing."""
    tables = {"rich": cases.rich_tables, "built": cases.built_tables}
    case = cases.read(tables[name]()) if name in tables else read_case(ROOT / "inputs" / "tutorial.xlsx")
    resolver = Resolver(layout_of(case), case)
    start = resolver.start(case)
    seen = 0
    for changed in random_cases(case, 250, 2):
        if structure_of(changed) != structure_of(case) or not resolver.fits(changed):
            continue
        here = resolver.solve(changed, start)
        built = Engine([changed]).solve(changed, ties=False)
        assert here.point.status == built.status, changed.overrides
        if built.status == "optimal":
            value = here.cost if changed.settings.objective == "cost" else -here.cost
            gap = 2 * changed.settings.mip_gap if len(resolver.layout.whole) else 0.0
            assert value == pytest.approx(built.objective, rel=1e-7 + gap, abs=1e-7), changed.overrides
        seen += 1
    assert seen > 100


def test_an_answer_does_not_depend_on_what_was_solved_before() -> None:
    """The same case between other cases, forwards and backwards: the same plan and duals, to the last bit."""
    case = cases.read(cases.rich_tables())
    resolver = Resolver(layout_of(case), case)
    start = resolver.start(case)
    variants = [one for one in random_cases(case, 80, 3) if structure_of(one) == structure_of(case)]
    variants = [one for one in variants if resolver.fits(one)]
    forwards = [resolver.solve(one, start).point for one in variants]
    backwards = [resolver.solve(one, start).point for one in reversed(variants)][::-1]
    for one, two in zip(forwards, backwards, strict=True):
        assert one.status == two.status
        if one.status == "optimal":
            assert np.array_equal(one.columns, two.columns)
            assert np.array_equal(one.row_dual, two.row_dual)


def test_ties_go_to_the_shorter_way() -> None:
    """Two ways of equal tariff to one market, 900 and 300 km: all 10 Mt go over the shorter one.

    That the price on distance (1e-8 USD per unit and km) is no part of the value: 10·(100 − 20) = 800 exactly.
    """
    tables = cases.tables(
        Supply=[cases.supply("field", "field", "crude", 10)],
        Demand=[cases.demand("east", "east", "crude", 50, 100)],
        Links=[
            cases.link("long", "field", "east", "crude", 20, distance_km=900),
            cases.link("short", "field", "east", "crude", 20, distance_km=300),
        ],
    )
    case = cases.read(tables)
    resolver = Resolver(layout_of(case), case)
    for one in (case, with_changes(case, {"Links:*:tariff": 30.0})):
        found = resolver.solve(one, resolver.start(case))
        block = resolver.layout.columns["flow"]
        flows = dict(zip([item[0] for item in block.items], found.point.columns[block.slice], strict=True))
        assert flows == pytest.approx({"long": 0, "short": 10})
    assert -resolver.solve(case, None).cost == pytest.approx(800, abs=1e-12)


def test_each_solve_has_the_whole_time_limit() -> None:
    """HiGHS counts all solves of one object: were it not renewed, the limit of one would be used up after some."""
    case = cases.read(cases.rich_tables())
    engine = Engine([case])
    live = LiveModel(engine.at(case), time_limit=1.0)
    live.solve()
    live.time_limit = 3 * live.highs.getRunTime() + 0.05
    used = [live.solve().status for _ in range(200)]
    assert live.highs.getRunTime() > live.time_limit, "the test needs more solves"
    assert set(used) == {"optimal"}
