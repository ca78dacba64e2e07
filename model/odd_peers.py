"""Numbers that stand apart from all their peers, and would stand amid them if they were typed in another unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from model.case import Case, FloatArray
from model.network import Network
from model.odd_numbers import built_for
from model.own_unit import own_unit
from model.parameters import Parameters
from model.parameters.convert import Converter
from model.units import KM_PER_NAUTICAL_MILE, parse_money_unit

FEWEST: Final = 3  # peers beside which a number may stand apart
NEAREST: Final = 6  # links of about the same length, by which a tariff is judged
SHORTEST: Final = 50.0  # km from which a tariff grows with the way
VOLUMES: Final = {"Mt": ("Mt", "kt", "kb/d", "mb/d"), "bcm": ("bcm", "mcm/d", "TWh", "PJ")}
PRICES: Final = {"Mt": ("t", "bbl"), "bcm": ("1000m3", "MMBtu", "MWh")}
AGREED: Final = 3.0  # between the second and the last but one of them, where they say what is usual


@dataclass(frozen=True)
class Apart:
    """How far from its peers a number must stand, above and below, and how near it must come in another unit."""

    above: float
    below: float
    near: float

    def unit(self, value: float, peers: Sequence[float], others: Mapping[str, float]) -> str | None:
        """The unit in which a number would stand amid its peers, nearest to their middle; None where it is not odd."""
        low, high = min(peers), max(peers)
        if value == 0 or low / self.below <= value <= high * self.above:
            return None
        middle = float(np.log(np.median(peers)))
        amid = [name for name, other in others.items() if low / self.near <= other <= high * self.near]
        return min(amid, key=lambda name: abs(np.log(others[name]) - middle), default=None)


NEVER_BELOW: Final = float("inf")
MONEY: Final = Apart(1.5, 1.5, 1.25)
VOLUME: Final = Apart(3.0, NEVER_BELOW, 1.0)
OF_A_KIND: Final = Apart(4.0, NEVER_BELOW, 2.0)  # few peers, of the same commodity
TARIFF: Final = Apart(4.0, 4.0, 1.6)  # beside what is usual for its length
SPEED: Final = Apart(1.25, NEVER_BELOW, 1.0)
LOSS: Final = Apart(2.0, NEVER_BELOW, 1.0)
CAPEX: Final = Apart(10.0, 10.0, 3.0)


@dataclass(frozen=True)
class _Typed:
    """A number as it is typed, its value in the unit of its peers, and the values that it would have in other units."""

    sheet: str
    row: int
    column: str
    period: int
    typed: float
    value: float
    unit: str
    others: Mapping[str, float]


def odd_peers(case: Case, net: Network, p: Parameters) -> Iterator[str]:
    """Each such number in a sentence with its cell, its peers, and the unit that may be meant."""
    convert = Converter(case)
    yield from _tariffs(case, net, p, convert)
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


@dataclass(frozen=True)
class _Leg:
    """The tariff of a link, its length and its two ends."""

    tariff: _Typed
    km: float
    ends: frozenset[str]


Groups = Mapping[str, Sequence[_Typed]]


def _alike(case: Case, groups: Groups, apart: Apart, column: str = "", fewest: int = FEWEST) -> Iterator[str]:
    """The numbers of each group, by its name, that stand apart from all the others of it."""
    for kind, group in groups.items():
        for one in group:
            peers = [other.value for other in group if other.row != one.row and other.value > 0]
            if len(peers) < fewest:
                continue
            unit = apart.unit(one.value, peers, one.others)
            if unit is not None:
                beside = f"the {len(peers)} others {kind} have {_span(peers)}{_after(one.unit)}"
                yield _sentence(case, one, beside, unit, column)


def _sentence(case: Case, one: _Typed, beside: str, unit: str, column: str) -> str:
    own = own_unit(case, one.sheet, one.row, one.column)
    value = f", {one.value:,.4g}{_after(one.unit)}" if abs(one.value - one.typed) > 1e-3 * one.typed else ""
    asked = f" Is that meant ({column})?" if column else " Is that meant?"
    return (
        f"{case.source_cell(one.sheet, one.row, one.column, one.period)}: {case[one.sheet].keys[one.row]!r} has a "
        f"{one.column} of {one.typed:,.6g}{_after(own)}{value}; {beside}. Typed in {unit} it would be "
        f"{one.others[unit]:,.4g}{_after(one.unit)}, as they are.{asked}"
    )


def _span(values: Sequence[float]) -> str:
    return f"{min(values):,.4g} to {max(values):,.4g}"


def _after(unit: str) -> str:
    return f" {unit}" if unit not in ("", "share") else ""


def _largest(values: FloatArray) -> tuple[int, float]:
    """The period in which a row is largest, and how much it is; 0 where it is without limit or not given."""
    finite = np.where(np.isfinite(values), values, 0.0)
    t = int(finite.argmax())
    return t, float(finite[t])


def _first(case: Case, sheet: str, row: int) -> int:
    """The first commodity of a row."""
    names = case.word(sheet, "commodity")[row]
    return case["Commodities"].position[names if isinstance(names, str) else names[0]]


def _family(case: Case, commodity: int) -> str:
    return str(case.word("Commodities", "family")[commodity])


def _money(case: Case, convert: Converter, sheet: str, column: str, unit_column: str) -> Groups:
    """Costs or prices per unit, by family."""
    groups: defaultdict[str, list[_Typed]] = defaultdict(list)
    for row, values in enumerate(case.number(sheet, column)):
        (t, typed), k, written = _largest(values), _first(case, sheet, row), case.word(sheet, unit_column)[row]
        units = _money_units(convert, k, written, t)
        own = float(convert.money(written, k)[t])
        others = {name: typed * factor for name, factor in units.items()}
        kind = f"of {sheet} for {_family(case, k)}"
        unit = f"USD/{PRICES[convert.own[k]][0]}"
        groups[kind].append(_Typed(sheet, row, column, t, typed, typed * own, unit, others))
    return groups


def _money_units(convert: Converter, commodity: int, written: str | None, t: int) -> dict[str, float]:
    """USD per unit of a commodity for one of each unit that might have been meant: other ways to measure it."""
    ways = PRICES[convert.own[commodity]]
    parsed = parse_money_unit(written or f"USD/{ways[0]}", distance=True)
    if parsed is None:
        return {}
    names = {f"{parsed.currency}/{way}" for way in ways if way != parsed.unit}
    return {name: float(convert.money(name, commodity)[t]) for name in sorted(names)}


def _volumes(case: Case, convert: Converter, sheet: str, column: str) -> Groups:
    """Volumes a year in the commodity's unit, by family."""
    groups: defaultdict[str, list[_Typed]] = defaultdict(list)
    for row, values in enumerate(case.number(sheet, column)):
        k = _first(case, sheet, row)
        one = _volume(convert, (sheet, row, column), k, case.word(sheet, "volume_unit")[row], values)
        groups[f"of {sheet} for {_family(case, k)}"].append(one)
    return groups


def _volume(
    convert: Converter, place: tuple[str, int, str], commodity: int, written: str | None, values: FloatArray
) -> _Typed:
    (t, typed), own = _largest(values), convert.own[commodity]
    others = {unit: typed / convert.volume(unit, commodity) for unit in VOLUMES[own] if unit != (written or own)}
    known = {unit: value for unit, value in others.items() if np.isfinite(value)}
    return _Typed(*place, t, typed, typed / convert.volume(written, commodity), f"{own}/year", known)


def _by_commodity(case: Case, groups: Groups) -> Groups:
    found: defaultdict[str, list[_Typed]] = defaultdict(list)
    for group in groups.values():
        for one in group:
            name = case["Commodities"].keys[_first(case, one.sheet, one.row)]
            found[f"of {one.sheet} for {name}"].append(one)
    return found


def _assets(case: Case, net: Network, convert: Converter) -> Groups:
    """Capacities of assets that count tonnes or cubic metres, by kind and family of what they carry."""
    groups: defaultdict[str, list[_Typed]] = defaultdict(list)
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
            groups[f"of kind {case.word('Assets', 'kind')[row]} for {_family(case, k)}"].append(one)
    return groups


def _speeds(case: Case) -> Groups:
    speeds = case.number("Fleets", "speed_knots")
    return {
        "of Fleets": [
            _Typed("Fleets", row, "speed_knots", t, typed, typed, "knots", {"km/h": typed / KM_PER_NAUTICAL_MILE})
            for row, (t, typed) in enumerate(map(_largest, speeds))
        ]
    }


def _losses(case: Case, net: Network) -> Groups:
    """Shares lost, by the mode of the link and the family of what it carries."""
    groups: defaultdict[str, list[_Typed]] = defaultdict(list)
    for row, flows in net.flows_of_link.items():
        t, typed = _largest(case.number("Links", "loss")[row])
        family = _family(case, int(net.flow_commodity[flows[0]]))
        one = _Typed("Links", row, "loss", t, typed, typed, "", {"per cent": typed / 100})
        groups[f"by {case.word('Links', 'mode')[row]} for {family}"].append(one)
    return groups


def _capex(case: Case, net: Network) -> Groups:
    """Capex per unit of capacity built, by the sheet to which projects add."""
    groups: defaultdict[str, list[_Typed]] = defaultdict(list)
    sizes, costs = case.number("Projects", "size"), case.number("Projects", "capex")
    for project, sheet in {target.project: target.sheet for target in net.targets}.items():
        t, typed = _largest(costs[project])
        value = typed / sizes[project][t] if sizes[project][t] > 0 else 0.0
        others = {"thousand USD": value / 1000, "billion USD": value * 1000}
        groups[f"that add to {sheet}, per unit of size,"].append(
            _Typed("Projects", project, "capex", t, typed, value, "million USD", others)
        )
    return groups


def _tariffs(case: Case, net: Network, p: Parameters, convert: Converter) -> Iterator[str]:
    """Tariffs far from those of links beside them, or of the same mode, family and about the same length."""
    groups: defaultdict[tuple[str, str], list[_Leg]] = defaultdict(list)
    links = case["Links"].words
    built = built_for(net)  # what projects build may have its running cost alone as a tariff
    for row, flows in net.flows_of_link.items():
        if not built.isdisjoint(flows):
            continue
        ends = frozenset((links["from"][row], links["to"][row]))
        leg = _Leg(_tariff(case, net, p, convert, row, flows), float(p.flow_km[flows[0]]), ends)
        groups[links["mode"][row], _family(case, int(net.flow_commodity[flows[0]]))].append(leg)
    for (mode, family), group in groups.items():
        for leg in group:
            usual = _usual(leg, group)
            unit = None if usual is None else TARIFF.unit(leg.tariff.value, [usual[0]], leg.tariff.others)
            if usual is not None and unit is not None:
                beside = f"a {mode} for {family} usually costs about {usual[0]:,.3g} {leg.tariff.unit} {usual[1]}"
                yield _sentence(case, leg.tariff, beside, unit, "tariff_unit")


def _tariff(case: Case, net: Network, p: Parameters, convert: Converter, row: int, flows: Sequence[int]) -> _Typed:
    k, km, written = (
        int(net.flow_commodity[flows[0]]),
        float(p.flow_km[flows[0]]),
        case.word("Links", "tariff_unit")[row],
    )
    t, value = _largest(p.flow_tariff[flows[0]])
    typed = float(case.number("Links", "tariff")[row, t])
    parsed = parse_money_unit(written or f"USD/{PRICES[convert.own[k]][0]}", distance=True)
    others = {}
    if parsed is not None:
        way = km / parsed.per_km if parsed.per_km else 1.0
        others = {name: typed * factor * way for name, factor in _money_units(convert, k, written, t).items()}
        money = f"{parsed.currency}/{parsed.unit}"
        plain = typed * float(convert.money(money, k)[t])
        others |= {money: plain} if parsed.per_km else {f"{money}/100km": plain * km / 100}
    return _Typed("Links", row, "tariff", t, typed, value, f"USD/{PRICES[convert.own[k]][0]}", others)


def _usual(leg: _Leg, group: Sequence[_Leg]) -> tuple[float, str] | None:
    """What links between the same ends cost, or links of about the same length, and where; None where they disagree."""
    peers = [other for other in group if other.tariff.row != leg.tariff.row and other.tariff.value > 0]
    beside = [other.tariff.value for other in peers if other.ends == leg.ends]
    if len(beside) > 1:  # of two, either may be the odd one
        return float(np.median(beside)), "between these ends"
    if leg.km < SHORTEST:
        rates, way, where = [other.tariff.value for other in peers if other.km < SHORTEST], 1.0, "over so short a way"
    else:
        far = sorted((abs(np.log(o.km / leg.km)), o.tariff.value / o.km) for o in peers if o.km >= SHORTEST)
        rates, way, where = [rate for _, rate in far[:NEAREST]], leg.km, f"over {leg.km:,.0f} km"
    rates.sort()
    middle = rates[1:-1]
    agreed = len(middle) >= FEWEST and middle[-1] <= AGREED * middle[0]
    return (float(np.median(rates)) * way, where) if agreed else None
