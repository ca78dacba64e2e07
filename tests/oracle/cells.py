"""Raw cells as numbers by period: blanks, series, changes of scenarios, and units of volume and money."""

from __future__ import annotations

import math
from fnmatch import fnmatchcase
from typing import Any

Row = dict[str, Any]
KEY = {
    "Supply": "supply", "Demand": "demand", "Links": "link", "Assets": "asset", "Fleets": "fleet", "Storage": "storage",
    "Contracts": "contract", "Projects": "project", "Funds": "fund", "Limits": "limit", "Markers": "marker",
    "Currencies": "currency", "Commodities": "commodity", "Nodes": "node", "Scenarios": "scenario",
}  # fmt: skip
# barrels a year in one barrel a day; GJ in one MMBtu and one MWh
DAYS, MMBTU, MWH = 365.25, 1.055056, 3.6


class Cells:
    """One scenario of tables: what each cell says in each period."""

    def __init__(self, tables: dict[str, list[Row]], scenario: str = "base") -> None:
        self.tables = tables
        self.labels = [row["period"] for row in self["Periods"]]
        self.year = [row["year"] for row in self["Periods"]]
        self.years = [row.get("years", 1) for row in self["Periods"]]
        self.start = [float(year) for year in self.year]
        for t in range(1, len(self.labels)):
            if self.year[t] == self.year[t - 1]:
                self.start[t] = self.start[t - 1] + self.years[t - 1]
        self.end = self.start[-1] + self.years[-1]
        settings = {row["setting"]: row.get("value") for row in self["Settings"]}
        self.setting = {name: value for name, value in settings.items() if value is not None}
        self.rate = self.setting.get("discount_rate", 0)
        self.base = self.setting.get("base_year", self.year[0])
        self.of = {sheet: {row[key]: row for row in self[sheet]} for sheet, key in KEY.items()}
        self.changes = [row for name in self._lineage(scenario) for row in self["Changes"] if row["scenario"] == name]

    def __getitem__(self, sheet: str) -> list[Row]:
        return self.tables.get(sheet, [])

    def _lineage(self, scenario: str) -> list[str]:
        """The scenario after all on which it is based."""
        if scenario == "base":
            return []
        before = self.of["Scenarios"][scenario].get("based_on")
        return [*(self._lineage(before) if before else []), scenario]

    def number(self, sheet: str, row: Row, column: str, t: int = 0, blank: float = math.nan) -> float:
        """A number of a row in a period: its own or that of the series, then what the scenario does to it."""
        key = row[KEY[sheet]] if sheet in KEY else f"{row['link']}/{row['asset']}"
        value = row.get(column)
        for series in self["Series"]:
            if (series["sheet"], series["key"], series["column"]) == (sheet, key, column):
                own = series.get(self.labels[t])
                value = value if own is None else own
        found = blank if value is None else math.inf if value == "unlimited" else float(value)
        for change in self.changes:
            if (change["sheet"], change["column"]) == (sheet, column) and fnmatchcase(key, change["key"]):
                found = self._changed(found, change, t)
        return found

    def _changed(self, value: float, change: Row, t: int) -> float:
        first, _, last = (change.get("period") or f"{self.labels[0]}..{self.labels[-1]}").partition("..")
        if not self.labels.index(first) <= t <= self.labels.index(last or first):
            return value
        amount = change["value"]
        return {"set": amount, "add": value + amount, "multiply": value * amount}[change["change"]]

    def is_open(self, row: Row, t: int) -> bool:
        opens, closes = row.get("opens"), row.get("closes")
        return (not opens or self.labels.index(opens) <= t) and (not closes or t <= self.labels.index(closes))

    def names(self, row: Row, column: str = "commodity") -> list[str]:
        return [part.strip() for part in (row.get(column) or "").split(",") if part.strip()]

    def discount(self, t: int) -> float:
        """Mean of (1+r)^−(τ−base) over the period."""
        if not self.rate:
            return 1.0
        growth, since = math.log(1 + self.rate), self.start[t] - self.base
        return (math.exp(-growth * since) - math.exp(-growth * (since + self.years[t]))) / (growth * self.years[t])

    def at(self, date: float) -> float:
        return float((1 + self.rate) ** -(date - self.base))

    def per(self, unit: str | None, commodity: str) -> float:
        """How many of a unit of volume one Mt or bcm of a commodity is; NaN where it does not convert."""
        row = self.of["Commodities"][commodity]
        if not unit or unit == row["unit"]:
            return 1.0
        barrels, energy = row.get("bbl_per_t") or math.nan, row.get("gj_per_1000m3") or math.nan
        return {
            "kt": 1000.0,
            "kb/d": barrels * 1000 / DAYS,
            "mb/d": barrels / DAYS,
            "mcm/d": 1000 / DAYS,
            "PJ": energy,
            "TWh": energy / MWH,
        }.get(unit, math.nan)

    def fits(self, unit: str, commodity: str) -> bool:
        """Whether a price in a unit says what a t or 1000 m³ of the commodity costs."""
        mass = self.of["Commodities"][commodity]["unit"] == "Mt"
        return unit.split("/")[1] in (("t", "bbl") if mass else ("1000m3", "MMBtu", "MWh"))

    def usd(self, unit: str | None, commodity: str, t: int, km: float | None = None) -> float:
        """USD per t or 1000 m³ that one of a unit of money is in a period."""
        if not unit:
            return 1.0
        currency, per, *distance = unit.split("/")
        row = self.of["Commodities"][commodity]
        energy = row.get("gj_per_1000m3") or math.nan
        amount = {"t": 1.0, "1000m3": 1.0, "bbl": row.get("bbl_per_t"), "MMBtu": energy / MMBTU, "MWh": energy / MWH}[
            per
        ]
        rate = 1.0 if currency == "USD" else self.number("Currencies", self.of["Currencies"][currency], "per_usd", t)
        return amount / rate * (km / float(distance[0].removesuffix("km")) if distance and km is not None else 1.0)
