"""What random networks carry: groups of commodities that can share a row, and units in which they may be written."""

from __future__ import annotations

from typing import Any

from tests.fuzz.chance import Chance

OIL, GAS = ("light", "heavy", "blend"), ("gas", "sour gas")
GROUPS = (OIL, GAS, ("ore",))
VOLUMES = {OIL: ("kb/d", "mb/d", "kt", "Mt"), GAS: ("TWh", "PJ", "mcm/d", "bcm"), ("ore",): ("kt", "Mt")}
PER_UNIT = {"kb/d": 20.0, "mb/d": 0.02, "kt": 1000.0, "Mt": 1.0, "TWh": 10.0, "PJ": 37.0, "mcm/d": 2.7, "bcm": 1.0}
# unit of money and how many of it are about one USD per t or 1000 m³
MONEY = {
    OIL: (("USD/t", 1.0), ("USD/bbl", 0.13), ("EUR/bbl", 0.12), ("KZT/t", 480.0)),
    GAS: (("USD/1000m3", 1.0), ("EUR/MWh", 0.09), ("USD/MMBtu", 0.028)),
    ("ore",): (("USD/t", 1.0), ("KZT/t", 480.0)),
}


def volume(draw: Chance, group: tuple[str, ...], low: float, high: float) -> tuple[float, str | None]:
    """A volume of about so many Mt or bcm, with the unit in which it is written."""
    unit = draw.one((None, *VOLUMES[group]))
    return draw.number(low, high) * (PER_UNIT[unit] if unit else 1.0), unit


def money(draw: Chance, group: tuple[str, ...], low: float, high: float) -> tuple[float, str | None]:
    """An amount of about so many USD per unit, with the unit in which it is written."""
    unit, factor = draw.one(((None, 1.0), *MONEY[group]))
    return draw.number(low, high) * factor, unit


def carried_by(row: dict[str, Any]) -> tuple[str, ...]:
    """The group of commodities to which those of a row belong."""
    first = row["commodity"].split(",")[0].strip()
    return next(group for group in GROUPS if first in group)
