"""What each row carries, and whether the units written in a row fit it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model.units import MoneyUnit, money_factor, parse_money_unit, volume_factor
from model.workbook.draft import Draft
from model.workbook.names import Names

MASS_PRICES = ("t", "bbl")
GAS_PRICES = ("1000m3", "MMBtu", "MWh")
MASS_VOLUMES = ("Mt", "kt", "kb/d", "mb/d")
GAS_VOLUMES = ("bcm", "mcm/d", "PJ", "TWh")


@dataclass(frozen=True)
class Good:
    """A commodity's unit and conversions."""

    name: str
    unit: str
    bbl_per_t: float
    gj_per_1000m3: float

    def takes_volume(self, unit: str | None) -> bool:
        """Whether a volume unit can be converted to the commodity's own."""
        return not np.isnan(volume_factor(unit, self.unit, self.bbl_per_t, self.gj_per_1000m3))

    def takes_money(self, unit: str) -> bool:
        """Whether a price per ``unit`` can be converted to one per t or 1000 m³."""
        return not np.isnan(money_factor(unit, self.unit, self.bbl_per_t, self.gj_per_1000m3))

    def is_same_kind(self, unit: str) -> bool:
        """Whether a pricing unit measures mass where the commodity does, gas where it does."""
        return unit in (MASS_PRICES if self.unit == "Mt" else GAS_PRICES)

    def needs(self, *, money: bool) -> str:
        """Units that fit, in words."""
        units = (
            (MASS_PRICES if money else MASS_VOLUMES) if self.unit == "Mt" else (GAS_PRICES if money else GAS_VOLUMES)
        )
        return f"a unit that fits {self.name!r}: {', '.join(units)}"

    def lacking(self, unit: str) -> str:
        """Which conversion is missing, in words; "" where none would help."""
        if self.unit == "Mt" and unit in ("bbl", "kb/d", "mb/d"):
            return f"{unit} needs bbl_per_t of {self.name!r} on the sheet Commodities."
        if self.unit == "bcm" and unit in ("MMBtu", "MWh", "TWh", "PJ"):
            return f"{unit} needs gj_per_1000m3 of {self.name!r} on the sheet Commodities."
        return ""


class Goods:
    """The commodities of every row, as far as they are known."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        data = draft["Commodities"]
        numbers = zip(data.numbers["bbl_per_t"][:, 0], data.numbers["gj_per_1000m3"][:, 0], strict=True)
        self.by_name = {
            key: Good(key, unit, float(bbl), float(gj))
            for key, unit, (bbl, gj) in zip(data.keys, data.words["unit"], numbers, strict=True)
            if key and unit
        }

    def named(self, names: str | Iterable[str] | None) -> tuple[Good, ...]:
        """Goods by name; unknown ones are left out, they were reported."""
        names = (names,) if isinstance(names, str) else names or ()
        return tuple(self.by_name[name] for name in names if name in self.by_name)

    @cached_property
    def of_supply(self) -> list[tuple[Good, ...]]:
        """Goods of each row of Supply."""
        return [self.named(name) for name in self.draft["Supply"].words["commodity"]]

    @cached_property
    def of_demand(self) -> list[tuple[Good, ...]]:
        """Goods of each row of Demand."""
        return [self.named(names) for names in self.draft["Demand"].words["commodity"]]

    @cached_property
    def of_links(self) -> list[tuple[Good, ...]]:
        """Goods entering each row of Links."""
        return [self.named(names) for names in self.draft["Links"].words["commodity"]]

    @cached_property
    def of_assets(self) -> list[tuple[Good, ...]]:
        """Goods that use each row of Assets, as they enter the links."""
        uses, assets, links = (self.draft[sheet] for sheet in ("Uses", "Assets", "Links"))
        found: list[dict[Good, None]] = [{} for _ in range(len(assets))]
        for link, asset, only in zip(uses.words["link"], uses.words["asset"], uses.words["commodity"], strict=True):
            if asset in assets.position and link in links.position:
                goods = self.named(only) if only else self.of_links[links.position[link]]
                found[assets.position[asset]].update(dict.fromkeys(goods))
        return [tuple(goods) for goods in found]

    @cached_property
    def of_contracts(self) -> list[tuple[Good, ...]]:
        """Goods that count towards each row of Contracts."""
        words = self.draft["Contracts"].words
        found = []
        for name, only in zip(words["applies_to"], words["commodity"], strict=True):
            goods = self.of_holder(name)
            found.append(tuple(good for good in goods if not only or good.name in only))
        return found

    def of_holder(self, name: str | None) -> tuple[Good, ...]:
        """Goods of the link, asset or demand that a contract applies to."""
        for sheet, goods in (("Links", self.of_links), ("Assets", self.of_assets), ("Demand", self.of_demand)):
            position = self.draft[sheet].position.get(name or "")
            if position is not None:
                return goods[position]
        return ()

    @cached_property
    def currencies(self) -> Names:
        """Currencies that may be written in a unit."""
        return Names(["USD", *self.draft["Currencies"].position])


def check_volume_unit(draft: Draft, sheet: str, row: int, goods: Sequence[Good]) -> bool:
    """Whether the row's volume unit fits all its commodities; a fault where it does not."""
    unit = draft[sheet].words["volume_unit"][row]
    for good in goods if unit else ():
        if not good.takes_volume(unit):
            draft.fault((sheet, row, "volume_unit"), good.needs(money=False), good.lacking(unit))
            return False
    return True


def own_units(goods: Iterable[Good]) -> list[str]:
    """The different units of some commodities."""
    return list(dict.fromkeys(good.unit for good in goods))


def check_money_unit(
    draft: Draft, goods: Goods, place: tuple[str, int, str], carried: Sequence[Good]
) -> MoneyUnit | None:
    """The row's unit of money, where it can be read and fits all that is carried; else a fault and None."""
    sheet, row, column = place
    text = draft[sheet].words[column][row]
    if not text:
        return None
    tariff = column == "tariff_unit"
    unit = parse_money_unit(text, distance=tariff)
    form = "<currency>/<unit>, unit one of t, bbl, 1000m3, MMBtu, MWh" + (
        ", then maybe /100km or /1000km" if tariff else ""
    )
    if unit is None:
        draft.fault((sheet, row, column), f"a unit written {form}", draft[sheet].table[column].hint)
        return None
    if unit.currency not in goods.currencies.names:
        if unit.currency not in map(str, draft["Currencies"].values("currency")):
            hint = goods.currencies.hint(unit.currency)
            draft.fault((sheet, row, column), "USD or a currency of the sheet Currencies", hint, unit.currency)
        return None
    for good in carried:
        if not good.takes_money(unit.unit):
            draft.fault((sheet, row, column), good.needs(money=True), good.lacking(unit.unit))
            return None
    return unit
