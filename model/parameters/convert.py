"""Factors from what cells say to model units, and where in time periods and rows stand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model import units
from model.case import NEVER, Case, FloatArray
from model.selection import IntArray


class Converter:
    """Factors from what cells say to model units, for many (row, commodity) items at once."""

    def __init__(self, case: Case) -> None:
        commodities = case["Commodities"]
        self.periods = len(case.periods)
        self.own = commodities.words["unit"]
        self.bbl = commodities.numbers["bbl_per_t"][:, 0].tolist()
        self.gj = commodities.numbers["gj_per_1000m3"][:, 0].tolist()
        self.rates = {"USD": np.ones(self.periods)}
        rates = case.number("Currencies", "per_usd")
        self.rates.update({name: rates[i] for name, i in case["Currencies"].position.items()})
        self._money: dict[tuple[str, int], FloatArray] = {}

    def volume(self, unit: str | None, commodity: int) -> float:
        """Units of ``unit`` in one unit of the commodity."""
        return units.volume_factor(unit, self.own[commodity], self.bbl[commodity], self.gj[commodity])

    def volumes(self, row_units: Sequence[str | None], commodities: IntArray) -> FloatArray:
        """The same for many items, shape (items,)."""
        known: dict[tuple[str | None, int], float] = {}
        result = np.empty(len(commodities))
        for i, item in enumerate(zip(row_units, commodities.tolist(), strict=True)):
            if item not in known:
                known[item] = self.volume(*item)
            result[i] = known[item]
        return result

    def money(self, unit: str | None, commodity: int) -> FloatArray:
        """USD per unit of the commodity for one written unit of money, shape (periods,)."""
        if unit is None:
            return self.rates["USD"]
        if (unit, commodity) not in self._money:
            self._money[unit, commodity] = self._parsed_money(unit, commodity)
        return self._money[unit, commodity]

    def _parsed_money(self, unit: str, commodity: int) -> FloatArray:
        parsed = units.parse_money_unit(unit, distance=True)
        if parsed is None:
            raise ValueError(f"not a unit of money: {unit!r}")
        factor = units.money_factor(parsed.unit, self.own[commodity], self.bbl[commodity], self.gj[commodity])
        return factor / self.rates[parsed.currency]

    def moneys(self, row_units: Sequence[str | None], commodities: IntArray) -> FloatArray:
        """The same for many items, shape (items, periods)."""
        known: dict[tuple[str | None, int], FloatArray] = {}
        result = np.empty((len(commodities), self.periods))
        for i, item in enumerate(zip(row_units, commodities.tolist(), strict=True)):
            if item not in known:
                known[item] = self.money(*item)
            result[i] = known[item]
        return result


def discount_factors(case: Case) -> FloatArray:
    """Mean discount factor of each period, shape (periods,).

    δ[t] = (1/y[t])·∫ (1+r)^−(τ−base_year) dτ over the period, so that splitting a period changes nothing. A period
    starts where the ones before it in the same year end.
    """
    start = period_start(case)
    growth = np.log1p(case.settings.discount_rate)
    if growth == 0:
        return np.ones(len(case.periods))
    since = start - case.settings.base_year
    mean = -np.expm1(-growth * case.years) / (growth * case.years)
    return np.asarray(np.exp(-growth * since) * mean)


def period_start(case: Case) -> FloatArray:
    """Date at which each period begins, in years, shape (periods,)."""
    start = case.year.copy()
    for t in range(1, len(start)):
        if case.year[t] == case.year[t - 1]:
            start[t] = start[t - 1] + case.years[t - 1]
    return start


def open_mask(case: Case, sheet: str) -> FloatArray:
    """1 where a row is open by its ``opens`` and ``closes``, else 0; shape (rows, periods)."""
    position = {**case.period_position, NEVER: len(case.periods)}
    last = len(case.periods) - 1
    opens = np.array([0 if label is None else position[label] for label in case.word(sheet, "opens")], dtype=int)
    closes = np.array([position[label] if label else last for label in case.word(sheet, "closes")], dtype=int)
    t = np.arange(last + 1)
    return ((t >= opens[:, None]) & (t <= closes[:, None])).astype(float)


def row_units(case: Case, sheet: str, column: str, rows: IntArray) -> list[str | None]:
    """The unit written in each of some rows."""
    words = case.word(sheet, column)
    return [words[row] for row in rows.tolist()]
