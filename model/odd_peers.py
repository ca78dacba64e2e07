"""Numbers that stand apart from all their peers, and would stand amid them if they were typed in another unit."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from model.case import Case, FloatArray
from model.network import Network
from model.own_unit import own_unit
from model.parameters.convert import Converter
from model.units import KM_PER_NAUTICAL_MILE, parse_money_unit

FEWEST: Final = 3  # peers beside which a number may stand apart
VOLUMES: Final = {"Mt": ("Mt", "kt", "kb/d", "mb/d"), "bcm": ("bcm", "mcm/d", "TWh", "PJ")}
PRICES: Final = {"Mt": ("t", "bbl"), "bcm": ("1000m3", "MMBtu", "MWh")}
OWN_PRICE: Final = {"Mt": "USD/t", "bcm": "USD/1000 m³"}


@dataclass(frozen=True)
class Peers:
    """The least, the most and the middle of some numbers, all above nothing."""

    low: float
    high: float
    middle: float

    @classmethod
    def of(cls, values: Sequence[float], own: float, *, leave: int = 0) -> Peers:
        """The others of sorted values among which a number stands; as many as ``leave`` are left out at both ends."""
        place, last = bisect_left(values, own), len(values) - 2
        low, high, middle = (values[at + (at >= place)] for at in (leave, last - leave, last // 2))
        return cls(low, high, middle)


@dataclass(frozen=True)
class Apart:
    """How far from its peers a number must stand, above and below, and how near it must come in another unit."""

    above: float
    below: float
    near: float

    def unit(self, value: float, peers: Peers, others: Mapping[str, float]) -> str | None:
        """The unit in which a number would stand amid its peers, nearest to their middle; None where it is not odd."""
        if peers.low / self.below <= value <= peers.high * self.above:
            return None
        low, high = peers.low / self.near, peers.high * self.near
        amid = [name for name, other in others.items() if low <= other <= high]
        return min(amid, key=lambda name: abs(np.log(others[name] / peers.middle)), default=None)


NEVER_BELOW: Final = float("inf")
MONEY: Final = Apart(1.5, 1.5, 1.25)
VOLUME: Final = Apart(3.0, NEVER_BELOW, 1.0)
OF_A_KIND: Final = Apart(4.0, NEVER_BELOW, 2.0)  # few peers, of the same commodity
SPEED: Final = Apart(1.25, NEVER_BELOW, 1.0)
LOSS: Final = Apart(2.0, NEVER_BELOW, 1.0)
CAPEX: Final = Apart(10.0, 10.0, 3.0)


@dataclass(frozen=True)
class Typed:
    """A number as it is typed, its value in the unit of its peers, and the values that it would have in other units."""

    sheet: str
    row: int
    column: str
    period: int
    typed: float
    value: float
    unit: str
    others: Mapping[str, float]


def odd_peers(case: Case, net: Network) -> Iterator[str]:
    """Each such number in a sentence with its cell, its peers, and the unit that may be meant."""
    convert = Converter(case)
    yield from _alike(case, _money(case, convert, "Supply", "cost", "cost_unit"), MONEY, "cost_unit")
    yield from _alike(case, _money(case, convert, "Demand", "price", "price_unit"), MONEY, "price_unit")
    for sheet, column in (("Supply", "capacity"), ("Demand", "volume")):
        by_family = _volumes(case, convert, sheet, column)
        yield from _alike(case, by_family, VOLUME, "volume_unit")
        yield from _alike(case, _by_commodity(case, by_family), OF_A_KIND, "volume_unit", fewest=2)
    yield from _alike(case, _assets(case, net, convert), VOLUME, "volume_unit")
    yield from _alike(case, _speeds(case), SPEED)
    yield from _alike(case, _losses(case, net), LOSS)
    yield from _alike(case, _capex(case, net), CAPEX, fewest=2)


Groups = Mapping[str, Sequence[Typed]]


def _alike(case: Case, groups: Groups, apart: Apart, column: str = "", fewest: int = FEWEST) -> Iterator[str]:
    """The numbers of each group, by its name, that stand apart from all the others of it."""
    for kind, group in groups.items():
        values = sorted(one.value for one in group if one.value > 0)
        if len(values) <= fewest:
            continue
        for one in (one for one in group if one.value > 0):
            peers = Peers.of(values, one.value)
            unit = apart.unit(one.value, peers, one.others)
            if unit is not None:
                span = f"{peers.low:,.4g} to {peers.high:,.4g}{_after(one.unit)}"
                yield sentence(case, one, f"the {len(values) - 1} others {kind} have {span}", unit, column)


def sentence(case: Case, one: Typed, beside: str, unit: str, column: str) -> str:
    """What stands in a cell, what stands beside it, and the unit (of which ``column`` tells) that may be meant."""
    own = own_unit(case, one.sheet, one.row, one.column)
    value = f", {one.value:,.4g}{_after(one.unit)}" if abs(one.value - one.typed) > 1e-3 * one.typed else ""
    return (
        f"{case.source_cell(one.sheet, one.row, one.column, one.period)}: {case[one.sheet].keys[one.row]!r} has a "
        f"{one.column} of {one.typed:,.6g}{_after(own)}{value}; {beside}. If it is in {unit}, it comes to "
        f"{one.others[unit]:,.4g}{_after(one.unit)}, like theirs; {f'say so in {column}' if column else 'convert it'}."
    )


def _after(unit: str) -> str:
    return f" {unit}" if unit not in ("", "share") else ""


def largest(values: FloatArray) -> tuple[int, float]:
    """The period in which a row is largest, and how much it is; 0 where it is without limit or not given."""
    finite = np.where(np.isfinite(values), values, 0.0)
    t = int(finite.argmax())
    return t, float(finite[t])


def _first(case: Case, sheet: str, row: int) -> int:
    """The first commodity of a row."""
    names = case.word(sheet, "commodity")[row]
    return case["Commodities"].position[names if isinstance(names, str) else names[0]]


def family_of(case: Case, commodity: int) -> str:
    """The family of a commodity, given by its position."""
    return str(case.word("Commodities", "family")[commodity])


def _money(case: Case, convert: Converter, sheet: str, column: str, unit_column: str) -> Groups:
    """Costs or prices per unit, by family."""
    groups: defaultdict[str, list[Typed]] = defaultdict(list)
    for row, values in enumerate(case.number(sheet, column)):
        (t, typed), k, written = largest(values), _first(case, sheet, row), case.word(sheet, unit_column)[row]
        units = money_units(convert, k, written, t)
        own = float(convert.money(written, k)[t])
        others = {name: typed * factor for name, factor in units.items()}
        kind = f"of {sheet} for {family_of(case, k)}"
        unit = OWN_PRICE[convert.own[k]]
        groups[kind].append(Typed(sheet, row, column, t, typed, typed * own, unit, others))
    return groups


def money_units(convert: Converter, commodity: int, written: str | None, t: int) -> dict[str, float]:
    """USD per unit of a commodity for one of each unit that might have been meant: other ways to measure it."""
    ways = PRICES[convert.own[commodity]]
    parsed = parse_money_unit(written or f"USD/{ways[0]}", distance=True)
    if parsed is None:
        return {}
    names = {f"{parsed.currency}/{way}" for way in ways if way != parsed.unit}
    return {name: float(convert.money(name, commodity)[t]) for name in sorted(names)}


def _volumes(case: Case, convert: Converter, sheet: str, column: str) -> Groups:
    """Volumes a year in the commodity's unit, by family."""
    groups: defaultdict[str, list[Typed]] = defaultdict(list)
    for row, values in enumerate(case.number(sheet, column)):
        k = _first(case, sheet, row)
        one = _volume(convert, (sheet, row, column), k, case.word(sheet, "volume_unit")[row], values)
        groups[f"of {sheet} for {family_of(case, k)}"].append(one)
    return groups


def _volume(
    convert: Converter, place: tuple[str, int, str], commodity: int, written: str | None, values: FloatArray
) -> Typed:
    (t, typed), own = largest(values), convert.own[commodity]
    others = {unit: typed / convert.volume(unit, commodity) for unit in VOLUMES[own] if unit != (written or own)}
    known = {unit: value for unit, value in others.items() if np.isfinite(value)}
    return Typed(*place, t, typed, typed / convert.volume(written, commodity), f"{own}/year", known)


def _by_commodity(case: Case, groups: Groups) -> Groups:
    found: defaultdict[str, list[Typed]] = defaultdict(list)
    for group in groups.values():
        for one in group:
            name = case["Commodities"].keys[_first(case, one.sheet, one.row)]
            found[f"of {one.sheet} for {name}"].append(one)
    return found


def _assets(case: Case, net: Network, convert: Converter) -> Groups:
    """Capacities of assets that count tonnes or cubic metres, by kind and family of what they carry."""
    groups: defaultdict[str, list[Typed]] = defaultdict(list)
    uses = case.number("Uses", "use")[:, 0]
    carried: dict[int, int] = {}
    odd: set[int] = set()
    for holder, flow, row in zip(net.asset_use.holder, net.asset_use.flow, net.asset_use.row, strict=True):
        carried.setdefault(int(holder), int(net.flow_commodity[flow]))
        if uses[row] != 1:
            odd.add(int(holder))
    for row, k in carried.items():
        if row not in odd:
            written = case.word("Assets", "volume_unit")[row]
            one = _volume(convert, ("Assets", row, "capacity"), k, written, case.number("Assets", "capacity")[row])
            groups[f"of kind {case.word('Assets', 'kind')[row]} for {family_of(case, k)}"].append(one)
    return groups


def _speeds(case: Case) -> Groups:
    speeds = case.number("Fleets", "speed_knots")
    return {
        "of Fleets": [
            Typed("Fleets", row, "speed_knots", t, typed, typed, "knots", {"km/h": typed / KM_PER_NAUTICAL_MILE})
            for row, (t, typed) in enumerate(map(largest, speeds))
        ]
    }


def _losses(case: Case, net: Network) -> Groups:
    """Shares lost, by the mode of the link and the family of what it carries."""
    groups: defaultdict[str, list[Typed]] = defaultdict(list)
    losses = case.number("Links", "loss")
    for row, flows in net.flows_of_link.items():
        t, typed = largest(losses[row])
        family = family_of(case, int(net.flow_commodity[flows[0]]))
        one = Typed("Links", row, "loss", t, typed, typed, "", {"per cent": typed / 100})
        groups[f"by {case.word('Links', 'mode')[row]} for {family}"].append(one)
    return groups


def _capex(case: Case, net: Network) -> Groups:
    """Capex per unit of capacity built, by the sheet to which projects add."""
    groups: defaultdict[str, list[Typed]] = defaultdict(list)
    sizes, costs = case.number("Projects", "size"), case.number("Projects", "capex")
    for project, sheet in {target.project: target.sheet for target in net.targets}.items():
        t, typed = largest(costs[project])
        value = typed / sizes[project][t] if sizes[project][t] > 0 else 0.0
        others = {"thousand USD": value / 1000, "billion USD": value * 1000}
        groups[f"that add to {sheet}, per unit of size,"].append(
            Typed("Projects", project, "capex", t, typed, value, "million USD", others)
        )
    return groups
