"""What the tables share: long columns from arrays, names and units of items, and units in which scarcity is valued."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from model import units
from model.case import Case, FloatArray
from model.results.declare import Extras, Format, ResultColumn
from model.selection import IntArray
from model.solution import Solution

if TYPE_CHECKING:
    from model.network import Network

Names = NDArray[np.object_]

# what one million USD per unit of capacity held for a year comes to, in the unit beside it
_VALUE_PER: Final[dict[str, tuple[str, float]]] = {
    "Mt": ("USD/t", 1.0),
    "kt": ("USD/t", 1e3),
    "kb/d": ("USD/bbl", 1e3 / units.DAYS_PER_YEAR),
    "mb/d": ("USD/bbl", 1.0 / units.DAYS_PER_YEAR),
    "bcm": ("USD/1000 m³", 1.0),
    "mcm/d": ("USD/1000 m³", 1e3 / units.DAYS_PER_YEAR),
    "TWh": ("USD/MWh", 1.0),
    "PJ": ("USD/GJ", 1.0),
    "vessel-days": ("USD/vessel-day", 1e6),
}
RATES: Final = frozenset({"kb/d", "mb/d", "mcm/d"})
_PRICE_UNIT: Final = {"Mt": "USD/t", "bcm": "USD/1000 m³"}


class Placed(Protocol):
    """A programme's names, of which a solution is one: what needs no numbers can be asked before any solve."""

    @property
    def case(self) -> Case:
        """The case."""

    @property
    def network(self) -> Network:
        """Its network."""


def names(values: Iterable[Any]) -> Names:
    """Texts as an object array, blank for None."""
    return np.array(["" if value is None else value for value in values], dtype=object)


def spread(
    items: Mapping[str, Sequence[Any] | Names], spans: Mapping[str, Sequence[Any] | Names], numbers: Mapping[str, Any]
) -> dict[str, Any]:
    """Long columns of (items × spans): what varies by item is repeated, what varies by span tiled, numbers unrolled."""
    rows = len(next(iter(items.values())))
    count = len(next(iter(spans.values())))
    table: dict[str, Any] = {name: np.repeat(np.asarray(values, dtype=object), count) for name, values in items.items()}
    table.update({name: np.tile(np.asarray(values), rows) for name, values in spans.items()})
    table.update({name: np.broadcast_to(values, (rows, count)).ravel() for name, values in numbers.items()})
    return table


def ordered(table: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    """Some columns of a table in a given order."""
    return {name: table[name] for name in columns}


def stacked(tables: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Tables of the same columns one below the other."""
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def picked(values: Sequence[Any], rows: IntArray | Sequence[int]) -> Names:
    """The texts of some rows."""
    return names(values)[np.asarray(rows, dtype=np.int64)]


def periods(case: Case) -> dict[str, Names]:
    """The column ``period``, to be tiled."""
    return {"period": names(case.periods)}


def grade_columns(case: Case, commodity: IntArray) -> dict[str, Names]:
    """Commodity, family and origin of each item."""
    return {
        "commodity": picked(case["Commodities"].keys, commodity),
        "family": picked(case.word("Commodities", "family"), commodity),
        "origin": picked(case.word("Commodities", "origin"), commodity),
    }


def own_units(case: Case, commodity: IntArray) -> Names:
    """The unit of each item's commodity: Mt or bcm."""
    return picked(case.word("Commodities", "unit"), commodity)


def price_units(case: Case, commodity: IntArray) -> Names:
    """The unit of a price per unit of each item's commodity."""
    return names(_PRICE_UNIT[unit] for unit in own_units(case, commodity))


def countries_of_nodes(case: Case) -> dict[str, str]:
    """Country by node."""
    return dict(zip(case["Nodes"].keys, case.word("Nodes", "country"), strict=True))


def families(case: Case, members: Sequence[Sequence[int]]) -> Names:
    """The family of groups of commodities (by position): ``shared`` where they are of several, blank without any."""
    family = case.word("Commodities", "family")
    found = [{family[k] for k in group} for group in members]
    return names("shared" if len(kinds) > 1 else next(iter(kinds), "") for kinds in found)


class Trade:
    """The units of the trade, by commodity: kb/d and USD/bbl, or mcm/d and USD/MMBtu; blank where not convertible."""

    def __init__(self, case: Case) -> None:
        own = case.word("Commodities", "unit")
        bbl = case.number("Commodities", "bbl_per_t")[:, 0].tolist()
        gj = case.number("Commodities", "gj_per_1000m3")[:, 0].tolist()
        volume_unit = [units.trade_volume_unit(unit) for unit in own]
        price_unit = [units.trade_price_unit(unit) for unit in own]
        self.volume = np.array([units.volume_factor(*row) for row in zip(volume_unit, own, bbl, gj, strict=True)])
        self.price = np.array([units.money_factor(*row) for row in zip(price_unit, own, bbl, gj, strict=True)])
        self.volume_unit = names(u if np.isfinite(f) else "" for u, f in zip(volume_unit, self.volume, strict=True))
        self.price_unit = names(
            f"USD/{u}" if np.isfinite(f) else "" for u, f in zip(price_unit, self.price, strict=True)
        )
        self.years = case.years

    def rate(self, volume: FloatArray, commodity: IntArray) -> FloatArray:
        """Volumes per period, (items, periods), as a mean rate in the trade's unit."""
        rate: FloatArray = volume * self.volume[commodity][:, None] / self.years
        return rate

    def per_unit(self, price: FloatArray, commodity: IntArray) -> FloatArray:
        """Prices per own unit, (items, periods), in the trade's unit."""
        traded: FloatArray = price / self.price[commodity][:, None]
        return traded


def unit_of(written: str | None, own: Iterable[str]) -> str:
    """The unit of a row's volumes: the written one, else its commodities' own, ``units`` where these differ."""
    if written is not None:
        return written
    found = set(own)
    return next(iter(found)) if len(found) == 1 else "units"


def shown_per(unit_names: Sequence[str], years: FloatArray) -> FloatArray:
    """What volumes of a span are divided by to be shown, (items, spans): its years for rates (kb/d), else 1."""
    rate = np.array([unit in RATES for unit in unit_names], dtype=bool)
    return np.where(rate[:, None], years, 1.0)


def value_units(unit_names: Sequence[str]) -> tuple[Names, FloatArray]:
    """Units in which one more unit is valued, and the factors from million USD per unit (and year, for rates)."""
    found = [_VALUE_PER.get(unit, (f"million USD/{unit}", 1.0)) for unit in unit_names]
    return names(unit for unit, _ in found), np.array([factor for _, factor in found]).reshape(-1, 1)


def finite(values: FloatArray) -> FloatArray:
    """Blank (NaN) where a bound is unlimited."""
    return np.where(np.isfinite(values), values, np.nan)


def ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """part/whole, blank where the whole is zero or unlimited."""
    fine = np.isfinite(whole) & (whole > 0)
    return np.where(fine, part / np.where(fine, whole, 1.0), np.nan)


def sums(values: FloatArray, group: IntArray, count: int) -> FloatArray:
    """Sums of rows by group, shape (count, columns)."""
    total = np.zeros((count, values.shape[1]))
    np.add.at(total, group, values)
    return total


def value_steps(of: str, *, format: Format = "price") -> tuple[ResultColumn, ResultColumn]:
    """The columns beside a dual: what one more and one less are worth."""
    where = "first scenario of a run; blank where no plan is left"
    return (
        ResultColumn("value_up", f"What one more {of} is worth: less than the value at a kink; {where}", format=format),
        ResultColumn("value_down", f"What one less {of} costs: more than the value at a kink; {where}", format=format),
    )


def step_arrays(extras: Extras, block: str, shape: tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
    """Discounted values of one more and one less by item and span, blank where they were not asked for."""
    if extras.steps is None:
        return np.full(shape, np.nan), np.full(shape, np.nan)
    return extras.steps.up[block], extras.steps.down[block]


def row_gain(solution: Solution, name: str, rows: IntArray, count: int) -> FloatArray:
    """Gains of a kind of row that exists only for ``rows``, zero for the others; shape (count, spans)."""
    gain = solution.row_gain[name]
    full = np.zeros((count, gain.shape[1]))
    full[rows] = gain
    return full


def first_after_records(case: Case) -> int:
    """Position of the period after the last recorded one; the first where nothing, or the last, is recorded."""
    recorded = [case.period(label) for label in case.word("Observed", "period")]
    after = max(recorded, default=-1) + 1
    return after if after < len(case.periods) else 0


def excerpt_periods(case: Case) -> tuple[int, ...]:
    """Positions of the periods that an excerpt holds: all of up to three, else first, first after records, and last."""
    if len(case.periods) <= 3:
        return tuple(range(len(case.periods)))
    return tuple(sorted({0, first_after_records(case), len(case.periods) - 1}))
