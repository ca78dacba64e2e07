"""The registry between cells and the linear programme: where a number enters, and by which factor."""

from __future__ import annotations

import pytest
from cases import demand, link, read, supply, tables

from model.engine import Engine
from model.registry import Effect, effects


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
