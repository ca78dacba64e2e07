"""Units of volume and money: what is written in a cell, turned into the commodity's own unit and US dollars.

Volumes: one Mt is ``bbl_per_t`` million barrels; one kb/d is 365.25 thousand barrels a year. Energy is gross calorific
at 15 °C: one bcm is ``gj_per_1000m3`` PJ. One MMBtu is 1.055056 GJ (ISO 31-4, international table).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

DAYS_PER_YEAR: Final = 365.25
GJ_PER_MMBTU: Final = 1.055056
GJ_PER_MWH: Final = 3.6
KM_PER_NAUTICAL_MILE: Final = 1.852

PER_UNITS: Final = ("t", "bbl", "1000m3", "MMBtu", "MWh")
DISTANCES: Final = {"100km": 100.0, "1000km": 1000.0}


@dataclass(frozen=True)
class MoneyUnit:
    """A parsed unit of price, cost or tariff: ``KZT/t/1000km`` is (KZT, t, 1000.0); ``per_km`` 0 = no distance."""

    currency: str
    unit: str
    per_km: float = 0.0


@cache
def parse_money_unit(text: str, *, distance: bool = False) -> MoneyUnit | None:
    """Read ``<currency>/<unit>`` with, for tariffs, an optional ``/100km`` or ``/1000km``; None where it is neither."""
    parts = [part.strip() for part in text.split("/")]
    if len(parts) not in ((2, 3) if distance else (2,)) or not parts[0]:
        return None
    unit = {known.lower(): known for known in PER_UNITS}.get(parts[1].lower().replace("m³", "m3").replace(" ", ""))
    if unit is None:
        return None
    if len(parts) == 2:
        return MoneyUnit(parts[0], unit)
    per_km = DISTANCES.get(parts[2].lower().replace(" ", ""))
    return None if per_km is None else MoneyUnit(parts[0], unit, per_km)


def volume_factor(unit: str | None, own: str, bbl_per_t: float, gj_per_1000m3: float) -> float:
    """Units of ``unit`` in one unit of a commodity measured in ``own`` (Mt or bcm); NaN where it cannot convert.

    A blank unit is the commodity's own. Rates (kb/d, mb/d, mcm/d) count units per year on the other side.
    """
    if unit is None or unit == own:
        return 1.0
    by_mass = {
        "kt": 1e3,
        "kb/d": bbl_per_t * 1e3 / DAYS_PER_YEAR,
        "mb/d": bbl_per_t / DAYS_PER_YEAR,
    }
    by_gas = {
        "mcm/d": 1e3 / DAYS_PER_YEAR,
        "PJ": gj_per_1000m3,
        "TWh": gj_per_1000m3 / GJ_PER_MWH,
    }
    return (by_mass if own == "Mt" else by_gas).get(unit, np.nan)


def money_factor(unit: str, own: str, bbl_per_t: float, gj_per_1000m3: float) -> float:
    """Pricing units (t, bbl, 1000m3, MMBtu, MWh) in one t or 1000 m³ of a commodity; NaN where it cannot convert."""
    by_mass = {"t": 1.0, "bbl": bbl_per_t}
    by_gas = {"1000m3": 1.0, "MMBtu": gj_per_1000m3 / GJ_PER_MMBTU, "MWh": gj_per_1000m3 / GJ_PER_MWH}
    return (by_mass if own == "Mt" else by_gas).get(unit, np.nan)


def trade_volume_unit(own: str) -> str:
    """Unit of the trade shown beside the commodity's own: kb/d for oil, mcm/d for gas."""
    return "kb/d" if own == "Mt" else "mcm/d"


def trade_price_unit(own: str) -> str:
    """Unit of the trade's prices: bbl for oil, MMBtu for gas."""
    return "bbl" if own == "Mt" else "MMBtu"
