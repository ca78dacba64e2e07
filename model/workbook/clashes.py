"""Numbers that contradict each other, in the workbook and again in every scenario that changes some of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model import units
from model.case import Case, FloatArray

Place = tuple[str, int, str]


@dataclass(frozen=True)
class Clash:
    """Numbers that cannot stand together; the first place is where it is reported, unless a change caused it.

    ``period`` is the position of the first period concerned, None where it is the same in all.
    """

    places: tuple[Place, ...]
    period: int | None
    needs: str
    hint: str = ""


def clashes(case: Case) -> Iterator[Clash]:
    """Every contradiction between numbers; blanks and faulty cells (NaN, None) contradict nothing."""
    with np.errstate(invalid="ignore"):
        for sheet in ("Supply", "Links", "Assets"):
            yield from _minimum(case, sheet)
        yield from _demand(case)
        yield from _prices(case)
        yield from _elastic(case)
        yield from _losses(case)
        yield from _limits(case)
        yield from _contract_years(case)
        yield from _stores(case)
        yield from _projects(case)
        for sheet in ("Links", "Contracts", "Limits"):
            yield from _life(case, sheet)


def _each_row(case: Case, wrong: NDArray[np.bool_]) -> Iterator[tuple[int, int | None]]:
    """Rows where something is wrong, with the first period; None where it is wrong in all periods."""
    for row in np.flatnonzero(wrong.any(axis=1)).tolist():
        periods = np.flatnonzero(wrong[row])
        yield row, None if len(periods) == len(case.periods) else int(periods[0])


def _at(case: Case, sheet: str, column: str, row: int, period: int | None) -> str:
    value = case.number(sheet, column)[row, period or 0]
    where = "" if period is None else f" in {case.periods[period]}"
    return f"{value:.12g}{where}"


def _minimum(case: Case, sheet: str) -> Iterator[Clash]:
    """A minimum above the row's own capacity; where an outage (Series, Changes) takes capacity, it lapses instead."""
    wrong = case.number(sheet, "minimum") > case.number(sheet, "capacity")
    if not wrong.any():
        return
    wrong = wrong.copy()
    for row, period in np.argwhere(wrong).tolist():
        wrong[row, period] = (sheet, case[sheet].keys[row], "capacity", period) not in case.series_cells
    for row, t in _each_row(case, wrong):
        needs = f"a number of at most the capacity of the row ({_at(case, sheet, 'capacity', row, t)})"
        yield Clash(((sheet, row, "minimum"),), t, needs)


def _demand(case: Case) -> Iterator[Clash]:
    for row, t in _each_row(case, case.number("Demand", "firm") > case.number("Demand", "volume")):
        needs = f"a number of at most the volume of the row ({_at(case, 'Demand', 'volume', row, t)})"
        yield Clash((("Demand", row, "firm"), ("Demand", row, "volume")), t, needs)


def _prices(case: Case) -> Iterator[Clash]:
    linked = np.array([marker is not None for marker in case.word("Demand", "marker")], dtype=bool)[:, None]
    price = case.number("Demand", "price")
    for row, t in _each_row(case, linked & ~np.isnan(price)):
        places = (("Demand", row, "price"), ("Demand", row, "marker"))
        yield Clash(places, t, "a blank cell, since a marker is given: a price is either fixed or linked")
    if case.settings.objective != "cost":
        for row, t in _each_row(case, ~linked & np.isnan(price)):
            places = (("Demand", row, "price"), ("Demand", row, "marker"))
            where = "" if t is None else f"In {case.periods[t]} there is none."
            yield Clash(places, None, "a price, or a marker to which the price is linked", where)
    for column, idle in (("slope", 1.0), ("differential", 0.0)):
        for row, t in _each_row(case, ~linked & (case.number("Demand", column) != idle)):
            needs = "a blank cell, since it is added to a marker and the row has none"
            yield Clash((("Demand", row, column), ("Demand", row, "marker")), t, needs)


def _elastic(case: Case) -> Iterator[Clash]:
    elasticity = case.number("Demand", "elasticity")[:, 0]
    for row in np.flatnonzero(~np.isnan(elasticity)).tolist():
        volume = case.number("Demand", "volume")[row]
        if np.isinf(volume).any():
            needs = "a number, since a demand with an elasticity needs a point on its line"
            yield Clash((("Demand", row, "volume"), ("Demand", row, "elasticity")), _first(np.isinf(volume)), needs)
        price = _lowest_price(case, row)
        if (price <= 0).any():
            t = _first(price <= 0)
            linked = case.word("Demand", "marker")[row] is not None
            places = [("Demand", row, name) for name in ("price", "differential", "slope", "elasticity")]
            places = places[1:] if linked else [places[0], places[3]]
            needs = f"a price above 0, since the demand has an elasticity (it is {price[t or 0]:.6g} USD per unit)"
            yield Clash(tuple(places), t, needs)


def _first(wrong: NDArray[np.bool_]) -> int | None:
    return None if wrong.all() else int(np.argmax(wrong))


def _lowest_price(case: Case, row: int) -> FloatArray:
    """The row's price in USD per t or 1000 m³ by period, the lowest of its commodities; NaN where not known."""
    words = {name: case.word("Demand", name)[row] for name in ("commodity", "marker", "price_unit")}
    value = {name: case.number("Demand", name)[row] for name in ("price", "slope", "differential")}
    marker = case["Markers"].position.get(words["marker"] or "")
    lowest = np.full(len(case.periods), np.nan)
    for commodity in words["commodity"] or ():
        own = _rate(case, words["price_unit"], commodity)
        if marker is None:
            price = value["price"] * own
        else:
            by_marker = _rate(case, case.word("Markers", "unit")[marker], commodity)
            fits = not np.isnan(by_marker).any()
            by_marker = by_marker if fits else own
            added = by_marker if fits and words["price_unit"] is None else own
            price = value["slope"] * case.number("Markers", "value")[marker] * by_marker + value["differential"] * added
        lowest = np.fmin(lowest, price)
    return lowest


def _rate(case: Case, unit: str | None, commodity: str) -> FloatArray:
    """USD per t or 1000 m³ for one written unit of money, by period; NaN where it cannot convert."""
    if unit is None:
        return np.ones(len(case.periods))
    parsed = units.parse_money_unit(unit, distance=True)
    row = case["Commodities"].position.get(commodity)
    currency = case["Currencies"].position.get(parsed.currency) if parsed else None
    if parsed is None or row is None or (currency is None and parsed.currency != "USD"):
        return np.full(len(case.periods), np.nan)
    numbers = (float(case.number("Commodities", name)[row, 0]) for name in ("bbl_per_t", "gj_per_1000m3"))
    factor = units.money_factor(parsed.unit, case.word("Commodities", "unit")[row], *numbers)
    rate = 1.0 if currency is None else case.number("Currencies", "per_usd")[currency]
    return np.broadcast_to(factor / rate, (len(case.periods),))


def _losses(case: Case) -> Iterator[Clash]:
    total = case.number("Links", "loss") + case.number("Links", "fee_in_kind")
    for row, t in _each_row(case, total >= 1):
        needs = f"a share that with fee_in_kind ({_at(case, 'Links', 'fee_in_kind', row, t)}) stays below 1"
        yield Clash((("Links", row, "loss"), ("Links", row, "fee_in_kind")), t, needs)


def _limits(case: Case) -> Iterator[Clash]:
    most, least = case.number("Limits", "at_most"), case.number("Limits", "at_least")
    for row in np.flatnonzero(np.isnan(most).all(axis=1) & np.isnan(least).all(axis=1)).tolist():
        yield Clash((("Limits", row, "at_most"), ("Limits", row, "at_least")), None, "a limit, here or in at_least")
    for row, t in _each_row(case, least > most):
        needs = f"a number of at most at_most ({_at(case, 'Limits', 'at_most', row, t)})"
        yield Clash((("Limits", row, "at_least"), ("Limits", row, "at_most")), t, needs)
    share = np.array([of is not None for of in case.word("Limits", "of")], dtype=bool)[:, None]
    whole = np.array([per == "horizon" for per in case.word("Limits", "per")], dtype=bool)
    for column, values in (("at_most", most), ("at_least", least)):
        for row, t in _each_row(case, share & (values > 1)):
            yield Clash((("Limits", row, column),), t, "a share of at most 1, since 'of' is filled")
        for row in np.flatnonzero(whole & _varies(values)).tolist():
            yield Clash((("Limits", row, column),), None, "one value for all periods, since it holds over the horizon")


def _varies(values: FloatArray) -> NDArray[np.bool_]:
    varies: NDArray[np.bool_] = (values != values[:, :1]).any(axis=1) & ~np.isnan(values).all(axis=1)
    return varies


def _contract_years(case: Case) -> Iterator[Clash]:
    """Contracts run by calendar year: periods of one year have one value."""
    same_year = case.year[1:] == case.year[:-1]
    for column in ("volume", "share", "ceiling", "shortfall_price"):
        values = case.number("Contracts", column)
        before, after = values[:, :-1], values[:, 1:]
        wrong = same_year & (before != after) & ~(np.isnan(before) & np.isnan(after))
        for row in np.flatnonzero(wrong.any(axis=1)).tolist():
            t = int(np.argmax(wrong[row])) + 1
            yield Clash((("Contracts", row, column),), t, f"one value for all periods of {case.year[t]:g}")


def _stores(case: Case) -> Iterator[Clash]:
    """Stocks at the start and end that do not fit into the store."""
    capacity = case.number("Storage", "capacity")
    for column, t in (("initial", 0), ("final", -1)):
        stock = case.number("Storage", column)[:, 0]
        for row in np.flatnonzero(stock > capacity[:, t]).tolist():
            period = None if case["Storage"].numbers["capacity"].shape[1] == 1 else t % len(case.periods)
            needs = f"a stock of at most the capacity of the store ({_at(case, 'Storage', 'capacity', row, period)})"
            yield Clash((("Storage", row, column), ("Storage", row, "capacity")), None, needs)


def _projects(case: Case) -> Iterator[Clash]:
    """Whole units that are no whole number."""
    most = case.number("Projects", "max_units")[:, 0]
    whole = np.array([bool(word) for word in case.word("Projects", "whole_units")], dtype=bool)
    for row in np.flatnonzero(whole & (most != np.floor(most)) & ~np.isnan(most)).tolist():
        yield Clash((("Projects", row, "max_units"),), None, "a whole number, since whole_units says yes")


def _life(case: Case, sheet: str) -> Iterator[Clash]:
    position = case.period_position
    for row, (opens, closes) in enumerate(zip(case.word(sheet, "opens"), case.word(sheet, "closes"), strict=True)):
        if opens in position and closes in position and position[opens] > position[closes]:
            needs = f"a period not after closes ({closes})"
            yield Clash(((sheet, row, "opens"), (sheet, row, "closes")), None, needs)
