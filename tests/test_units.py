"""Every factor between what a cell says and the commodity's own unit, from the definitions alone."""

from __future__ import annotations

import math

import pytest

from model import units
from tests.cases import case, demand, link, solve, supply


@pytest.mark.parametrize(
    ("unit", "own", "factor"),
    [
        (None, "Mt", 1.0),
        ("Mt", "Mt", 1.0),
        ("kt", "Mt", 1000.0),
        # 1 Mt of 8 bbl/t a year is 8 million barrels in 365.25 days
        ("kb/d", "Mt", 8000 / 365.25),
        ("mb/d", "Mt", 8 / 365.25),
        ("mcm/d", "bcm", 1000 / 365.25),
        # 1 bcm of 36 GJ per 1000 m³ is 36 PJ, and 3.6 PJ are one TWh
        ("PJ", "bcm", 36.0),
        ("TWh", "bcm", 10.0),
    ],
)
def test_units_of_volume(unit: str | None, own: str, factor: float) -> None:
    assert units.volume_factor(unit, own, 8.0, 36.0) == pytest.approx(factor, rel=1e-14)


@pytest.mark.parametrize(
    ("unit", "own", "factor"),
    [
        ("t", "Mt", 1.0),
        ("bbl", "Mt", 8.0),
        ("1000m3", "bcm", 1.0),
        # one million British thermal units are 1.055056 GJ, one MWh is 3.6 GJ
        ("MMBtu", "bcm", 36 / 1.055056),
        ("MWh", "bcm", 10.0),
    ],
)
def test_units_of_price(unit: str, own: str, factor: float) -> None:
    assert units.money_factor(unit, own, 8.0, 36.0) == pytest.approx(factor, rel=1e-14)


@pytest.mark.parametrize(("unit", "own"), [("kb/d", "bcm"), ("kt", "bcm"), ("TWh", "Mt"), ("mcm/d", "Mt")])
def test_oil_is_not_counted_as_gas_nor_gas_as_oil(unit: str, own: str) -> None:
    assert math.isnan(units.volume_factor(unit, own, 8.0, 36.0))


@pytest.mark.parametrize(("text", "per"), [("USD/t", 0), ("USD/t/100km", 100), ("USD/t/1000km", 1000)])
def test_tariffs_by_distance(text: str, per: float) -> None:
    assert units.parse_money_unit(text, distance=True) == units.MoneyUnit("USD", "t", per)


def test_million_barrels_a_day_in_a_case() -> None:
    """0.1 mb/d at 8 bbl/t is 36.525/8 = 4.565625 Mt a year; each earns 90."""
    solution = solve(
        case(
            Supply=[supply("s", "field", "crude", 0.1, volume_unit="mb/d")],
            Demand=[demand("east", "east", "crude", 9, 100)],
            Links=[link("pipe", "field", "east", "crude", 10)],
        )
    )
    assert solution.objective == pytest.approx(4.565625 * 90)
