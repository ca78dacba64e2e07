"""The registry between cells and the linear programme: where a number enters, and by which factor."""

from __future__ import annotations

import pytest
from cases import demand, link, read, supply, tables

from model.engine import Engine
from model.registry import BOUND_COLUMNS, Effect, effects
from model.workbook.changes import CHANGEABLE
from tests.cases import built_tables


@pytest.fixture
def engine() -> Engine:
    """Half a year of crude at 8 bbl/t over one link, measured in kt, at a tariff per barrel."""
    case = read(
        tables(
            periods=[{"period": "2026", "year": 2026, "years": 0.5}],
            Supply=[supply("s", "field", "crude", 10)],
            Demand=[demand("d", "west", "crude", 10, 100)],
            Links=[
                link("l", "field", "west", "crude", 2, tariff_unit="USD/bbl", capacity=5000, volume_unit="kt", loss=0.1)
            ],
        )
    )
    return Engine([case])


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        # USD/bbl at 8 bbl/t: one more costs 8 USD for every tonne of flow
        ("tariff", Effect("cost", "flow[l, crude, 2026]", 8.0)),
        # one kt a year is 0.001 Mt a year, half of it in half a year
        ("capacity", Effect("upper", "flow[l, crude, 2026]", 0.0005)),
        # what is lost does not arrive
        ("loss", Effect("coefficient", "balance[west, crude, 2026] · flow[l, crude, 2026]", -1.0)),
    ],
)
def test_a_number_enters_where_and_as_strongly_as_it_should(engine: Engine, column: str, expected: Effect) -> None:
    (found,) = effects(engine.cases[0], engine.layout, "Links", 0, column)
    assert (found.role, found.name) == (expected.role, expected.name)
    assert found.change == pytest.approx(expected.change, rel=1e-8)


def test_a_number_that_is_not_given_enters_nowhere(engine: Engine) -> None:
    assert effects(engine.cases[0], engine.layout, "Links", 0, "distance_km") == []


# bounds that follow from numbers which are no bounds: conversions, losses, and a final stock that is the initial one
BY_THE_WAY = {
    ("Commodities", "bbl_per_t", "supply", "lower"),
    ("Commodities", "bbl_per_t", "supply_capacity", "upper"),
    ("Commodities", "gj_per_1000m3", "flow", "upper"),
    ("Commodities", "gj_per_1000m3", "delivery", "upper"),
    ("Storage", "initial", "stock", "lower"),
    ("Storage", "loss", "stock_balance", "lower"),
    ("Storage", "loss", "stock_balance", "upper"),
    *(("Contracts", column, "make_up_year", "upper") for column in ("volume", "share", "make_up_years")),
}
# cells that are named where a row holds, though its bound is zero or stands in another row
IN_OTHER_WORDS = {
    ("Projects", "max_units", "build", "upper"),
    ("Projects", "minimum_use", "project_use", "lower"),
    ("Contracts", "make_up_years", "contract_make_up", "upper"),
}


def test_the_cells_named_for_a_bound_are_those_that_move_it() -> None:
    """Every number of the rich case is moved: what bound follows is declared for it, and what is declared follows."""
    case = read(built_tables())
    layout = Engine([case]).layout
    moved = {
        (sheet, column, one.name.split("[")[0], "lower" if "lower" in one.role else "upper")
        for sheet in CHANGEABLE
        for column in case[sheet].numbers
        for row in range(len(case[sheet]))
        for one in effects(case, layout, sheet, row, column)
        if one.role not in ("cost", "coefficient")
    }
    declared = {
        (sheet, column, block, side)
        for block, (sheet, lower, upper) in BOUND_COLUMNS.items()
        for side, columns in (("lower", lower), ("upper", upper))
        for column in columns
        if column in case[sheet].numbers
    }
    assert moved - declared == BY_THE_WAY
    assert declared - moved == IN_OTHER_WORDS
