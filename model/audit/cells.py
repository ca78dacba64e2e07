"""The cells read a second time: units, prices, shares and capacities worked out apart from the linear programme."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from model.audit.report import total
from model.case import NEVER, Case, FloatArray
from model.selection import IntArray
from model.solution import Solution
from model.units import parse_money_unit

DAYS = 365.25


class Cells:
    """Numbers of one case in own units and US dollars, by item name; arrays are (items, periods) per period."""

    def __init__(self, solution: Solution) -> None:
        self.case: Case = solution.case
        self.items = solution.items
        case = self.case
        self.count = len(case.periods)
        self.unit = case.word("Commodities", "unit")
        self.bbl = case.number("Commodities", "bbl_per_t")[:, 0].tolist()
        self.gj = case.number("Commodities", "gj_per_1000m3")[:, 0].tolist()
        self.flow_link, self.flow_commodity = self._pairs("flow", "Links")
        self.sale_demand, self.sale_commodity = self._pairs("delivery", "Demand")
        self.supply_commodity = self._commodities(case.word("Supply", "commodity"))

    def _pairs(self, variable: str, sheet: str) -> tuple[IntArray, IntArray]:
        owner, grade = self.case[sheet].position, self.case["Commodities"].position
        pairs = [(owner[item[0]], grade[item[1]]) for item in self.items[variable]]
        table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    def _commodities(self, names: Sequence[str]) -> IntArray:
        return np.array([self.case["Commodities"].position[name] for name in names], dtype=np.int64)

    def volume(self, written: str | None, k: int) -> float:
        """Written units in one own unit (10⁶ t or 10⁹ m³) of a commodity; NaN where it does not convert."""
        if written is None or written == self.unit[k]:
            return 1.0
        barrels, gigajoules = 1e6 * self.bbl[k], 1e6 * self.gj[k]
        units: dict[str, float] = {
            "kt": 1000.0,
            "kb/d": barrels / 1000 / DAYS,
            "mb/d": barrels / 1e6 / DAYS,
            "mcm/d": 1000 / DAYS,
            "PJ": gigajoules / 1e6,
            "TWh": gigajoules / 3.6 / 1e6,
        }
        return units.get(written, np.nan)

    def volumes(self, sheet: str, rows: IntArray, commodities: IntArray) -> FloatArray:
        """The same for rows of a sheet, shape (items, 1)."""
        written = self.case.word(sheet, "volume_unit")
        pairs = zip(rows.tolist(), commodities.tolist(), strict=True)
        return np.array([self.volume(written[row], k) for row, k in pairs]).reshape(-1, 1)

    def money(self, written: str | None, k: int) -> FloatArray:
        """US dollars per t or 1000 m³ for one written unit of money, shape (periods,); NaN where it does not fit."""
        one = np.ones(self.count)
        parsed = parse_money_unit(written, distance=True) if written else None
        if parsed is None:
            return one
        quantity = {
            "Mt": {"t": 1.0, "bbl": self.bbl[k]},
            "bcm": {"1000m3": 1.0, "MMBtu": self.gj[k] / 1.055056, "MWh": self.gj[k] / 3.6},
        }[self.unit[k]].get(parsed.unit, np.nan)
        currencies = self.case["Currencies"].position
        if parsed.currency == "USD" and "USD" not in currencies:
            return np.asarray(one * quantity)
        rate: FloatArray = self.case.number("Currencies", "per_usd")[currencies[parsed.currency]]
        return np.asarray(quantity / rate)

    def moneys(self, sheet: str, column: str, rows: IntArray, commodities: IntArray) -> FloatArray:
        """The same for rows of a sheet, times the row's distance where the unit is per 100 or 1000 km."""
        written = self.case.word(sheet, column)
        known: dict[Any, FloatArray] = {}
        found = np.empty((len(rows), self.count))
        for i, (row, k) in enumerate(zip(rows.tolist(), commodities.tolist(), strict=True)):
            key = (written[row], k)
            if key not in known:
                known[key] = self.money(*key)
            found[i] = known[key]
            text = written[row] or ""
            if text.endswith("km"):
                per = float(text.split("/")[2].strip().removesuffix("km").strip())
                found[i] = found[i] * (self.case.number(sheet, "distance_km")[row] / per)
        return found

    @cached_property
    def begin(self) -> FloatArray:
        """Time in years at which each period starts, shape (periods,)."""
        begin = np.zeros(self.count)
        for t, year in enumerate(self.case.year):
            begin[t] = year + sum(self.case.years[s] for s in range(t) if self.case.year[s] == year)
        return begin

    @cached_property
    def discount(self) -> FloatArray:
        """Mean discount factor of each period, from the integral's two ends."""
        rate, base = 1 + self.case.settings.discount_rate, self.case.settings.base_year
        if rate == 1:
            return np.ones(self.count)
        end = self.begin + self.case.years
        return np.asarray((rate ** (base - self.begin) - rate ** (base - end)) / np.log(rate) / self.case.years)

    def is_open(self, sheet: str) -> FloatArray:
        """1 from the period in ``opens`` to that in ``closes``, shape (rows, periods)."""
        mask = np.zeros((len(self.case[sheet]), self.count))
        labels = self.case.periods
        for row, (first, last) in enumerate(
            zip(self.case.word(sheet, "opens"), self.case.word(sheet, "closes"), strict=True)
        ):
            if first != NEVER:
                mask[row, labels.index(first) if first else 0 : (labels.index(last) + 1) if last else None] = 1
        return mask

    @cached_property
    def lost(self) -> FloatArray:
        """Share of each flow that does not arrive, (flows, periods)."""
        return (self.case.number("Links", "loss") + self.case.number("Links", "fee_in_kind"))[self.flow_link]

    def asset_uses(self, sheet: str) -> tuple[IntArray, IntArray, IntArray]:
        """(holder, flow, row of Uses) for every flow that uses an asset or fleet."""
        holders = self.case[sheet].position
        by_link: dict[str, list[int]] = {}
        for flow, (link, _) in enumerate(self.items["flow"]):
            by_link.setdefault(link, []).append(flow)
        words = self.case["Uses"].words
        found = [
            (holders[holder], flow, row)
            for row, (link, holder, only) in enumerate(
                zip(words["link"], words["asset"], words["commodity"], strict=True)
            )
            if holder in holders
            for flow in by_link.get(link, ())
            if only is None or only == self.items["flow"][flow][1]
        ]
        table = np.array(found, dtype=np.int64).reshape(-1, 3)
        return table[:, 0], table[:, 1], table[:, 2]

    def asset_used(self, flows: FloatArray, least: float = -np.inf) -> FloatArray:
        """What flows use of each asset, in its unit per period, (assets, periods); no use counts below ``least``."""
        case = self.case
        holder, flow, row = self.asset_uses("Assets")
        written, at = case.word("Assets", "volume_unit"), case.word("Assets", "measured_at")
        factor = self.volumes("Assets", holder, self.flow_commodity[flow])
        factor[[written[h] is None for h in holder.tolist()]] = 1.0
        leaving = np.array([at[h] == "out" for h in holder.tolist()], dtype=bool)[:, None]
        carried = flows[flow] * np.where(leaving, 1 - self.lost[flow], 1.0)
        return total(carried * factor * np.maximum(case.number("Uses", "use")[row], least), holder, len(case["Assets"]))

    def fleet_days(self, flows: FloatArray) -> FloatArray:
        """Days that round trips take of each fleet, (fleets, periods)."""
        case = self.case
        holder, flow, row = self.asset_uses("Fleets")
        fleet = {name: case.number("Fleets", name) for name in case["Fleets"].numbers}
        distance = case.number("Links", "distance_km")[self.flow_link[flow]]
        sailing = 2 * distance / 1.852 / fleet["speed_knots"][holder] / 24
        by_route = case.number("Uses", "load_factor")[row]
        load = np.where(np.isnan(by_route), fleet["load_factor"][holder], by_route)
        trips = flows[flow] * 1e6 / (fleet["deadweight_t"][holder] * load)
        days = trips * (sailing + fleet["port_days"][holder]) * case.number("Uses", "use")[row]
        return total(days, holder, len(case["Fleets"]))

    @cached_property
    def prices(self) -> tuple[FloatArray, FloatArray]:
        """Price without, and differential of the grade, of each sale, USD per own unit, (sales, periods)."""
        sales = zip(self.sale_demand.tolist(), self.sale_commodity.tolist(), strict=True)
        found = np.array([self.price(d, k) for d, k in sales]).reshape(-1, 2, self.count)
        return found[:, 0], found[:, 1]

    def price(self, d: int, k: int) -> tuple[FloatArray, FloatArray]:
        """The same of one row of Demand and one commodity, (periods,)."""
        case, nothing = self.case, np.zeros(self.count)
        fixed, slope, plus = (case.number("Demand", name)[d] for name in ("price", "slope", "differential"))
        linked, written = case.word("Demand", "marker")[d], case.word("Demand", "price_unit")[d]
        own = self.money(written, k)
        if linked is None:
            return (nothing if np.isnan(fixed).all() else fixed * own), nothing
        marker = case["Markers"].position[linked]
        by_marker = self.money(case.word("Markers", "unit")[marker], k)
        by_marker = own if np.isnan(by_marker).any() else by_marker
        by_price = by_marker if written is None else own
        price = slope * case.number("Markers", "value")[marker] * by_marker + plus * by_price
        grade = case.number("Commodities", "differential")[k]
        return price, grade * self.money(case.word("Commodities", "differential_unit")[k], k)
