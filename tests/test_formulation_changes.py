"""Numbers exchanged in place give what a rebuild gives, for every column that may change; every rule is exercised."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from model.case import Case
from model.engine import Engine, structure_of
from model.errors import UsageError
from model.formulation.layout import CONSTRAINTS
from model.formulation.variables import VARIABLES
from model.scenario import with_changes
from model.solution import Solution
from model.workbook.changes import CHANGEABLE, changeable_columns, changeable_settings
from model.workbook.sheets import SHEETS
from tests.cases import built_tables, read

COLUMNS = [
    *((sheet, column) for sheet in CHANGEABLE if sheet != "Settings" for column in changeable_columns(SHEETS[sheet])),
    *(("Settings", one.name) for one in changeable_settings()),
]
# the programme does not read these: the objective stays
WITHOUT_EFFECT = {
    ("Commodities", "co2_t_per_unit"),
    ("Settings", "time_limit"),
    ("Settings", "mip_gap"),
    ("Settings", "routes_per_pair"),
}


@pytest.fixture(scope="module")
def rich() -> Case:
    return read(built_tables())


@pytest.fixture(scope="module")
def engine(rich: Case) -> Engine:
    return Engine([rich])


@pytest.fixture(scope="module")
def solution(rich: Case, engine: Engine) -> Solution:
    return engine.solve(rich)


def changes(case: Case, sheet: str, column: str) -> Iterator[Case]:
    """The case with one cell of a column changed, for cell after cell that holds something."""
    if sheet == "Settings":
        value = getattr(case.settings, column)
        for other in (value * 1.1, value * 0.9, value + 1):
            yield from attempt(case, f"Settings:{column}:value", other)
        return
    for row, key in enumerate(case[sheet].keys):
        if SHEETS[sheet][column].kind == "period":
            for label in case.periods:
                yield from attempt(case, f"{sheet}:{key}:{column}", label)
            continue
        value = float(case.number(sheet, column)[row, -1])
        if np.isfinite(value):
            for other in (value * 1.07, value * 0.93, value + 0.013, value + 1):
                yield from attempt(case, f"{sheet}:{key}:{column}", other)


def attempt(case: Case, address: str, value: float | str) -> Iterator[Case]:
    try:
        yield with_changes(case, {address: value})
    except UsageError:
        return


@pytest.mark.parametrize(("sheet", "column"), COLUMNS, ids=lambda part: part)
def test_a_changed_cell_is_an_update_in_place(
    rich: Case, engine: Engine, solution: Solution, sheet: str, column: str
) -> None:
    """Cells of a column are changed until one changes the objective: each time, in place and rebuilt agree."""
    tried, moved = 0, False
    for changed in changes(rich, sheet, column):
        if structure_of(changed) != structure_of(rich):
            with pytest.raises(UsageError, match="structure"):
                Engine([rich, changed])
            moved = True
            break
        common = engine
        if not engine.fits(changed):
            with pytest.raises(UsageError, match="structure"):
                engine.solve(changed)
            common = Engine([rich, changed])
            common.solve(rich)
        rebuilt, updated = Engine([changed]).solve(changed), common.solve(changed)
        assert updated.status == rebuilt.status, changed.overrides
        assert updated.objective == pytest.approx(rebuilt.objective, rel=1e-9), changed.overrides
        for name, values in rebuilt.values.items() if rebuilt.status == "optimal" else ():
            if common is engine:
                assert updated[name] == pytest.approx(values, rel=1e-6, abs=1e-6), (changed.overrides, name)
        tried += 1
        moved = rebuilt.status == "optimal" and abs(rebuilt.objective / solution.objective - 1) > 1e-7
        if moved:
            break
    known = (sheet, column) in WITHOUT_EFFECT
    assert tried or moved or known, f"no cell of {sheet}.{column} in the rich case can be changed"
    assert moved != known, f"{tried} changes of {sheet}.{column} {'moved' if moved else 'did not move'} the objective"


def test_the_workbook_itself_comes_back_after_its_changes(rich: Case, engine: Engine, solution: Solution) -> None:
    engine.solve(with_changes(rich, {"Links:*:tariff": 3.0, "Supply:*:capacity": 7.0}))
    again = engine.solve(rich)
    assert again.objective == solution.objective
    for name, values in solution.values.items():
        assert np.array_equal(again[name], values), name


@pytest.mark.parametrize("name", [one.name for one in CONSTRAINTS])
def test_every_constraint_is_exercised(solution: Solution, name: str) -> None:
    """In the rich case it has rows, and one of them costs or earns something."""
    # a year either falls short or makes up: one of the two rows is idle
    names = {"short_year": ("short_year", "make_up_year")}.get(name, (name,))
    assert solution.row_gain[name].size
    assert any((np.abs(solution.row_gain[one]) > 1e-5).any() for one in names), name


@pytest.mark.parametrize("name", [one.name for one in VARIABLES])
def test_every_variable_is_exercised(solution: Solution, name: str) -> None:
    assert (solution[name] > 1e-5).any(), name
