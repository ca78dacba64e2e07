"""Numbers that are legal but odd beside their peers: a wrong unit, a slip of the comma, a jump in a series."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import numpy as np

from model.case import Case, FloatArray
from model.describe import span_text
from model.network import Network
from model.own_unit import own_unit
from model.parameters import Parameters

TIMES: Final = 10.0
FEWEST: Final = 4  # peers from which a median says something
JUMP: Final = 5.0
LARGEST: Final = 1e7
SMALLEST_USE: Final = 1e-6
VOLUMES: Final = (("Supply", "capacity"), ("Demand", "volume"), ("Links", "capacity"))
BOUNDS: Final = (*VOLUMES, ("Assets", "capacity"), ("Contracts", "volume"), ("Limits", "at_most"))


def odd_numbers(case: Case, net: Network, p: Parameters) -> Iterator[str]:
    """Each odd number in a sentence with its cell."""
    yield from _dear_links(case, net, p)
    yield from _wide_links(case, net, p)
    yield from _other_units(case)
    yield from _jumps(case)
    yield from _range(case)


def _dear_links(case: Case, net: Network, p: Parameters) -> Iterator[str]:
    """Tariffs ten times those of links of the same mode and family."""
    cost = p.flow_tariff.max(axis=1)
    families, modes = case.word("Commodities", "family"), case.word("Links", "mode")
    peers: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for flow, (link, k) in enumerate(zip(net.flow_link.tolist(), net.flow_commodity.tolist(), strict=True)):
        peers[modes[link], families[k]].append(flow)
    for (mode, family), flows in peers.items():
        paid = cost[flows]
        paid = paid[paid > 0]
        if len({int(net.flow_link[f]) for f in flows}) < FEWEST or not len(paid):
            continue
        usual = float(np.median(paid))
        dear = dict.fromkeys(int(net.flow_link[f]) for f in flows if cost[f] > TIMES * usual)
        for link in dear:
            t = int(p.flow_tariff[[f for f in flows if net.flow_link[f] == link]].max(axis=0).argmax())
            amount = max(float(cost[f]) for f in flows if net.flow_link[f] == link)
            yield (
                f"{case.source_cell('Links', link, 'tariff', t)}: {case['Links'].keys[link]!r} costs {amount:,.4g} per "
                f"unit, {amount / usual:,.0f} times what a {mode} for {family} usually costs here ({usual:,.4g})."
            )


def _wide_links(case: Case, net: Network, p: Parameters) -> Iterator[str]:
    """Capacities ten times all that could ever come: a limit that limits nothing, or a wrong unit."""
    if not np.isfinite(p.supply_upper).all() or len(net.targets):
        return
    all_supply = np.zeros((len(case["Commodities"]), len(case.periods)))
    np.add.at(all_supply, net.supply_commodity, p.supply_upper)
    families = np.array(case.word("Commodities", "family"))
    own = np.array([all_supply[families == families[k]].sum(axis=0).max() for k in range(len(families))])
    seen = set()
    for flow, link in enumerate(net.flow_link.tolist()):
        capacity = case.number("Links", "capacity")[link]
        upper = p.flow_upper[flow] if np.isfinite(p.flow_upper[flow]).any() else p.link_upper[link]
        finite = np.where(np.isfinite(upper), upper, 0.0)
        most = own[net.flow_commodity[flow]]
        if link not in seen and finite.max() > TIMES * most > 0:
            seen.add(link)
            t = int(finite.argmax())
            yield (
                f"{case.source_cell('Links', link, 'capacity', t)}: {case['Links'].keys[link]!r} could take "
                f"{capacity[t]:,.4g} {own_unit(case, 'Links', link, 'capacity')}, {finite[t] / most:,.0f} times all "
                "that is produced; write 'unlimited' where no limit is meant."
            )


def _other_units(case: Case) -> Iterator[str]:
    """Volumes in a commodity's own unit that stand out as if they were thousand barrels a day, or a thousandth."""
    family = dict(zip(case["Commodities"].keys, case.word("Commodities", "family"), strict=True))
    for sheet, column in VOLUMES:
        groups: defaultdict[str, list[tuple[float, int, int]]] = defaultdict(list)
        for row, written in enumerate(case.word(sheet, "volume_unit")):
            names = case.word(sheet, "commodity")[row]
            values = case.number(sheet, column)[row]
            finite = np.where(np.isfinite(values), values, 0.0)
            if written is None and finite.max() > 0:
                first = names if isinstance(names, str) else names[0]
                groups[family[first]].append((float(finite.max()), row, int(finite.argmax())))
        for one in groups.values():
            one.sort(reverse=True)
            if len(one) >= FEWEST and one[0][0] > TIMES * one[1][0]:
                value, row, t = one[0]
                unit = own_unit(case, sheet, row, column)
                yield (
                    f"{case.source_cell(sheet, row, column, t)}: {case[sheet].keys[row]!r} has {value:,.6g} {unit}, "
                    f"{value / one[1][0]:,.0f} times the next largest {column} of {sheet}; if it is in another unit, "
                    "say so in volume_unit."
                )


def _jumps(case: Case) -> Iterator[str]:
    """Series that rise to five times, or fall to a fifth, from one period to the next."""
    done = set()
    for sheet, key, column, _ in case.series_cells:
        if (sheet, key, column) in done:
            continue
        done.add((sheet, key, column))
        values = case.number(sheet, column)[case[sheet].position[key]]
        for after in _steps(values):
            cell = case.source_cell(sheet, case[sheet].position[key], column, after)
            yield (
                f"{cell}: {sheet}:{key}:{column} jumps from {values[after - 1]:,.6g} to {values[after]:,.6g} "
                f"between {case.periods[after - 1]} and {case.periods[after]}."
            )
            break  # the first is enough to look at the row


def _steps(values: FloatArray) -> Iterator[int]:
    for t in range(1, len(values)):
        before, now = values[t - 1], values[t]
        if np.isfinite(before) and np.isfinite(now) and before > 0 < now and not 1 / JUMP < now / before < JUMP:
            yield t


def _range(case: Case) -> Iterator[str]:
    """Numbers so large or small that the solver's tolerances no longer mean anything beside them."""
    for sheet, column in BOUNDS:
        values = case.number(sheet, column)
        large = np.isfinite(values) & (values >= LARGEST)
        for row in np.flatnonzero(large.any(axis=1)).tolist():
            periods = np.flatnonzero(large[row]).tolist()
            cell = case.source_cell(sheet, row, column, periods[0])
            yield (
                f"{cell}: {values[row, periods[0]]:,.6g} ({span_text(case, periods)}) is too large for the solver to "
                "tell small volumes beside it; write 'unlimited' where no limit is meant."
            )
    use = case.number("Uses", "use")
    tiny = (use != 0) & (np.abs(use) < SMALLEST_USE)
    for row in np.flatnonzero(tiny.any(axis=1)).tolist():
        cell = case["Uses"].cell(row, "use")
        yield f"{cell}: a use of {use[row].min():g} is too small for the solver to see; choose another unit for it."
