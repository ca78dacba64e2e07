"""Tariffs far from those of links of the same mode and family: of all, between the same ends, of the same length."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np

from model.case import Case, FloatArray
from model.network import Network
from model.odd_peers import OWN_PRICE, PRICES, Apart, Peers, Typed, family_of, largest, money_units, sentence
from model.parameters import Parameters
from model.parameters.convert import Converter
from model.units import parse_money_unit

TIMES: Final = 10.0
FEWEST: Final = 4  # links from which a median says something
AGREEING: Final = 5  # links of about the same length, of which all but the dearest and the cheapest agree
NEAREST: Final = 6  # links of about the same length, by which a tariff is judged
SHORTEST: Final = 50.0  # km from which a tariff grows with the way
AGREED: Final = 3.0  # between the second and the last but one of them, where they say what is usual
TARIFF: Final = Apart(4.0, 4.0, 1.6)  # beside what is usual for its length


def odd_tariffs(case: Case, net: Network, p: Parameters) -> Iterator[str]:
    """Each such tariff in a sentence with its cell."""
    built = _built_for(net)
    yield from _by_mode(case, net, p, built)
    yield from _beside(case, net, p, built)


def _by_mode(case: Case, net: Network, p: Parameters, built: set[int]) -> Iterator[str]:
    """Tariffs ten times those of links of the same mode and family, as they stand or by distance, or a tenth."""
    cost = p.flow_tariff.max(axis=1)
    rate = np.where(p.flow_km >= SHORTEST, cost / p.flow_km * 100, 0.0)
    for (mode, family), flows in _alike(case, net).items():
        told: set[int] = set()
        for values, per in ((cost, ""), (rate, " per 100 km")):
            paid = values[flows][values[flows] > 0]
            if len({int(net.flow_link[f]) for f in flows if values[f] > 0}) < FEWEST:
                continue
            usual = float(np.median(paid))
            for flow in flows:
                link, times = int(net.flow_link[flow]), values[flow] / usual
                dear, cheap = times > TIMES, 0 < times < 1 / TIMES and bool(per) and flow not in built
                if link in told or not (dear or cheap):
                    continue
                told.add(link)
                t = int(p.flow_tariff[flow].argmax())
                ratio = f"{times:,.0f} times" if dear else f"1/{1 / times:,.0f} of"
                yield (
                    f"{case.source_cell('Links', link, 'tariff', t)}: {case['Links'].keys[link]!r} costs "
                    f"{values[flow]:,.4g} per unit{per}, {ratio} what a {mode} for {family} usually costs here "
                    f"({usual:,.4g}). Is it in another currency, per another unit or per distance (tariff_unit)?"
                )


def _alike(case: Case, net: Network) -> dict[tuple[str, str], list[int]]:
    """Flows by the mode of their link and the family of what they carry."""
    families, modes = case.word("Commodities", "family"), case.word("Links", "mode")
    peers: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for flow, (link, k) in enumerate(zip(net.flow_link.tolist(), net.flow_commodity.tolist(), strict=True)):
        peers[modes[link], families[k]].append(flow)
    return peers


def _built_for(net: Network) -> set[int]:
    """Flows on what projects build: their tariff may hold the running cost alone."""
    links, assets = net.growing("Links"), net.growing("Assets")
    return {*np.flatnonzero(np.isin(net.flow_link, links)).tolist(),
            *net.asset_use.flow[np.isin(net.asset_use.holder, assets)].tolist()}  # fmt: skip


@dataclass(frozen=True)
class _Leg:
    """The tariff of a link, its length and its two ends."""

    tariff: Typed
    km: float
    ends: frozenset[str]


def _beside(case: Case, net: Network, p: Parameters, built: set[int]) -> Iterator[str]:
    """Tariffs far from those of links beside them, or of the same mode, family and about the same length."""
    convert = Converter(case)
    groups: defaultdict[tuple[str, str], list[_Leg]] = defaultdict(list)
    links, typed = case["Links"].words, case.number("Links", "tariff")
    for row, flows in net.flows_of_link.items():
        if not built.isdisjoint(flows):
            continue
        ends = frozenset((links["from"][row], links["to"][row]))
        k, km, values = int(net.flow_commodity[flows[0]]), float(p.flow_km[flows[0]]), p.flow_tariff[flows[0]]
        leg = _Leg(_tariff(case, convert, (row, k, km), typed[row], values), km, ends)
        groups[links["mode"][row], family_of(case, k)].append(leg)
    for (mode, family), group in groups.items():
        for leg, usual, where in _usual([leg for leg in group if leg.tariff.value > 0]):
            unit = TARIFF.unit(leg.tariff.value, Peers(usual, usual, usual), leg.tariff.others)
            if unit is not None:
                beside = f"a {mode} for {family} usually costs about {usual:,.3g} {leg.tariff.unit} {where}"
                yield sentence(case, leg.tariff, beside, unit, "tariff_unit")


def _tariff(
    case: Case, convert: Converter, link: tuple[int, int, float], tariffs: FloatArray, values: FloatArray
) -> Typed:
    """The tariff of a link, given by its row, what it carries and how far; as typed, and in USD per unit."""
    (row, k, km), (t, value) = link, largest(values)
    typed, written = float(tariffs[t]), case.word("Links", "tariff_unit")[row]
    parsed = parse_money_unit(written or f"USD/{PRICES[convert.own[k]][0]}", distance=True)
    others = {}
    if parsed is not None:
        way = km / parsed.per_km if parsed.per_km else 1.0
        others = {name: typed * factor * way for name, factor in money_units(convert, k, written, t).items()}
        money = f"{parsed.currency}/{parsed.unit}"
        plain = typed * float(convert.money(money, k)[t])
        others |= {money: plain} if parsed.per_km else {f"{money}/100km": plain * km / 100}
    return Typed("Links", row, "tariff", t, typed, value, OWN_PRICE[convert.own[k]], others)


def _usual(group: Sequence[_Leg]) -> Iterator[tuple[_Leg, float, str]]:
    """Links with what those between the same ends cost, or those of about the same length if they agree; and where."""
    between: defaultdict[frozenset[str], list[float]] = defaultdict(list)
    for leg in group:
        between[leg.ends].append(leg.tariff.value)
    for values in between.values():
        values.sort()
    short = sorted(leg.tariff.value for leg in group if leg.km < SHORTEST)
    long = sorted((leg for leg in group if leg.km >= SHORTEST), key=lambda leg: leg.km)
    place = {leg.tariff.row: at for at, leg in enumerate(long)}
    for leg in group:
        value, beside = leg.tariff.value, between[leg.ends]
        if len(beside) > 2:  # of two, either may be the odd one
            yield leg, Peers.of(beside, value).middle, "between these ends"
        elif leg.km < SHORTEST:
            if len(short) > AGREEING and _agree(peers := Peers.of(short, value, leave=1)):
                yield leg, peers.middle, "over so short a way"
        else:
            rates = _rates_about(long, place[leg.tariff.row])
            # its own rate is not among them: 0 takes that place
            if len(rates) >= AGREEING and _agree(Peers.of([0.0, *rates], 0.0, leave=1)):
                yield leg, _middle(rates) * leg.km, f"over {leg.km:,.0f} km"


def _agree(peers: Peers) -> bool:
    return peers.high <= AGREED * peers.low


def _rates_about(long: Sequence[_Leg], at: int) -> list[float]:
    """What the links next in length cost a km, sorted; the links stand in order of their lengths."""
    around = [*long[max(at - NEAREST, 0) : at], *long[at + 1 : at + 1 + NEAREST]]
    nearest = sorted(around, key=lambda leg: abs(log(leg.km / long[at].km)))[:NEAREST]
    return sorted(leg.tariff.value / leg.km for leg in nearest)


def _middle(rates: Sequence[float]) -> float:
    return (rates[(len(rates) - 1) // 2] + rates[len(rates) // 2]) / 2
