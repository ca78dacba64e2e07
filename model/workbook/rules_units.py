"""Every unit must fit what its row carries."""

from __future__ import annotations

import numpy as np

from model.units import MoneyUnit, parse_money_unit
from model.workbook.draft import Draft
from model.workbook.goods import Good, Goods, check_money_unit, check_volume_unit, own_units


def check_units(draft: Draft, goods: Goods) -> None:
    """Units of volume and of money of every row but those that selectors pick."""
    _check_currencies(draft)
    for sheet, column, carried in (
        ("Supply", "cost_unit", goods.of_supply),
        ("Demand", "price_unit", goods.of_demand),
        ("Links", "tariff_unit", goods.of_links),
        ("Commodities", "differential_unit", [goods.named(key) for key in draft["Commodities"].keys]),
        ("Markers", "unit", [()] * len(draft["Markers"])),
    ):
        for row, items in enumerate(carried):
            unit = check_money_unit(draft, goods, (sheet, row, column), items)
            if unit and unit.per_km:
                _check_distance(draft, row, unit)
    for row, items in enumerate(goods.of_supply):
        check_volume_unit(draft, "Supply", row, items)
    for row, items in enumerate(goods.of_demand):
        check_volume_unit(draft, "Demand", row, items)
        _check_shared(draft, "Demand", row, items, ("volume", "firm"))
        _check_marker(draft, row, items)
    for row, items in enumerate(goods.of_links):
        check_volume_unit(draft, "Links", row, items)
        _check_shared(draft, "Links", row, items, ("capacity", "minimum"))
    for row, items in enumerate(goods.of_assets):
        check_volume_unit(draft, "Assets", row, items)
    for row, items in enumerate(goods.of_contracts):
        if check_volume_unit(draft, "Contracts", row, items):
            check_common_unit(draft, "Contracts", row, items)


def _check_currencies(draft: Draft) -> None:
    data = draft["Currencies"]
    row = data.position.get("USD")
    if row is not None and np.any(data.numbers["per_usd"][row] != 1):
        draft.fault(("Currencies", row, "per_usd"), "1, since all money is in US dollars")


def _check_distance(draft: Draft, row: int, unit: MoneyUnit) -> None:
    data = draft["Links"]
    if not data.given["distance_km"][row]:
        needs = f"a distance, since the tariff is per {unit.per_km:g} km"
        draft.fault(("Links", row, "distance_km"), needs)


def check_common_unit(draft: Draft, sheet: str, row: int, items: tuple[Good, ...]) -> None:
    """A fault where a row without a volume unit counts commodities of different units."""
    if not draft[sheet].words["volume_unit"][row] and len(own_units(items)) > 1:
        names = ", ".join(f"{good.name} in {good.unit}" for good in items[:6])
        draft.fault((sheet, row, "volume_unit"), f"a unit, since it counts commodities of different units ({names})")


def _check_shared(draft: Draft, sheet: str, row: int, items: tuple[Good, ...], columns: tuple[str, str]) -> None:
    """Commodities without a common unit cannot share a limit."""
    data = draft[sheet]
    limit, least = (data.numbers[column][row] for column in columns)
    if data.words["volume_unit"][row] or len(own_units(items)) < 2:
        return
    if np.isfinite(limit).any() or (least > 0).any():
        column = columns[0] if np.isfinite(limit).any() else columns[1]
        hint = "Mt and bcm cannot share a limit: split the row, or leave the limit to an asset."
        needs = f"commodities of one unit, or a volume_unit, where {column} is limited"
        draft.fault((sheet, row, "commodity"), needs, hint)


def _check_marker(draft: Draft, row: int, items: tuple[Good, ...]) -> None:
    """A marker of the commodity's own kind must convert; one of another kind (oil-indexed gas) is a plain number."""
    marker = draft["Demand"].words["marker"][row]
    position = draft["Markers"].position.get(marker or "")
    text = None if position is None else draft["Markers"].words["unit"][position]
    unit = parse_money_unit(text) if text else None
    if unit is None:
        return
    for good in items:
        if good.is_same_kind(unit.unit) and not good.takes_money(unit.unit):
            draft.fault(("Demand", row, "marker"), f"a marker whose unit fits {good.name!r}", good.lacking(unit.unit))
            return
