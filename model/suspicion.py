"""Legal but odd input, each with its cell: said by ``check``, never in the way of a run."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.case import Case
from model.network import Network
from model.odd_changes import odd_changes
from model.odd_numbers import odd_numbers, solver_range
from model.odd_pay import never_paying
from model.odd_peers import odd_peers
from model.odd_reach import odd_reach
from model.odd_tariffs import odd_tariffs
from model.odd_units import odd_units
from model.odd_uses import odd_uses
from model.parameters import build_parameters
from model.selection import flow_records, matching

MOST_ALIKE: Final = 10
_NAMES_AND_NUMBERS: Final = re.compile(r"'[^']*'|[\d.,]+")


def suspicions(case: Case, net: Network) -> list[str]:
    """What looks odd in a case, in plain words with cells; empty where nothing does."""
    numbers = build_parameters(case, net)
    by_cell = {
        line.partition(": ")[0]: line  # one a cell: the cause stands before what follows from it
        for line in reversed(
            (
                *solver_range(case),
                *odd_reach(case, net, numbers),
                *odd_units(case, net, numbers),
                *odd_tariffs(case, net, numbers),
                *odd_numbers(case),
                *odd_peers(case, net),
            )
        )
    }
    return _few(
        *_in_series(case, net),
        *_dead_fees(case, net),
        *_isolated(case),
        *reversed(by_cell.values()),
        *_both_ways(case),
        *odd_uses(case),
        *odd_changes(case),
        *never_paying(case, net, numbers),
    )


def _few(*lines: str) -> list[str]:
    """The lines, of each kind the first ones: kinds differ in more than names and numbers."""
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for line in lines:
        kinds[_NAMES_AND_NUMBERS.sub("", line.partition(": ")[2])].append(line)
    shown = {line for alike in kinds.values() for line in alike[:MOST_ALIKE]}
    kept = [line for line in lines if line in shown]
    left = len(lines) - len(kept)
    return [*kept, f"{left} more of these kinds; mend the first ones and check again."] if left else kept


def _isolated(case: Case) -> Iterator[str]:
    """Nodes at which nothing begins, ends or passes."""
    used = {*case.word("Supply", "node"), *case.word("Demand", "node"), *case.word("Storage", "node")}
    used |= {*case.word("Links", "from"), *case.word("Links", "to"), *case.word("Links", "fee_to")}
    for row, node in enumerate(case["Nodes"].keys):
        if node not in used:
            yield f"{case['Nodes'].cell(row, 'node')}: nothing begins, ends or passes at {node!r}."


def _both_ways(case: Case) -> Iterator[str]:
    """Pairs of opposite links that must both carry something at once, by their minimum or by a contract."""
    links = case["Links"]
    forced = _forced(case)
    by_ends: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for row in forced:
        by_ends[links.words["from"][row], links.words["to"][row]].append(row)
    for (start, end), rows in by_ends.items():
        for row in rows:
            for other in by_ends.get((end, start), ()):
                shared = set(links.words["commodity"][row]) & set(links.words["commodity"][other])
                if row < other and shared and np.any(forced[row][0] & forced[other][0]):
                    yield (
                        f"{forced[row][1]}: {links.keys[row]!r} and, the other way, {links.keys[other]!r} "
                        f"({forced[other][1]}) must both flow at once."
                    )


def _forced(case: Case) -> dict[int, tuple[NDArray[np.bool_], str]]:
    """Links that must flow or pay: the periods, and the cell that asks for it."""
    links, contracts = case["Links"], case["Contracts"]
    found: dict[int, tuple[NDArray[np.bool_], str]] = {}
    for row, holder in enumerate(case.word("Contracts", "applies_to")):
        due = case.number("Contracts", "volume")[row] * case.number("Contracts", "share")[row] > 0
        if holder in links.position and due.any():
            found[links.position[holder]] = due, contracts.cell(row, "volume")
    least = case.number("Links", "minimum") > 0
    for row in np.flatnonzero(least.any(axis=1)).tolist():
        found[row] = least[row], links.cell(row, "minimum")
    return dict(sorted(found.items()))


def _in_series(case: Case, net: Network) -> Iterator[str]:
    """Selectors of flows that pick links one behind the other, so that the same tonne counts twice."""
    records = flow_records(case, net.flow_link, net.flow_commodity)
    onward: defaultdict[int, list[int]] = defaultdict(list)
    for flow, place in enumerate(net.flow_from.tolist()):
        onward[place].append(flow)
    names = case["Links"].keys
    for sheet in ("Limits", "Observed"):
        for row, measure in enumerate(case.word(sheet, "measure")):
            if measure != "flow":
                continue
            picked = np.flatnonzero(matching(case.word(sheet, "what")[row], records)).tolist()
            pair = _behind(net, onward, picked)
            if pair:
                first, second = (names[net.flow_link[flow]] for flow in pair)
                yield (
                    f"{case[sheet].cell(row, 'what')}: {first!r} and {second!r} lie in series; "
                    "what passes both is counted twice."
                )


def _behind(net: Network, onward: defaultdict[int, list[int]], picked: list[int]) -> tuple[int, int] | None:
    """Two picked flows of which the second can carry on what the first brings, or None."""
    chosen = set(picked)
    for start in picked:
        queue, seen = deque([int(net.flow_to[start])]), {int(net.flow_to[start])}
        while queue:
            for flow in onward[queue.popleft()]:
                if flow in chosen and flow != start:
                    return start, flow
                place = int(net.flow_to[flow])
                if place not in seen:
                    seen.add(place)
                    queue.append(place)
    return None


def _dead_fees(case: Case, net: Network) -> Iterator[str]:
    """Fees in kind that appear where nobody takes that grade: the link can carry nothing."""
    served = {*net.sale_balance.tolist(), *net.flow_from.tolist(), *net.storage_balance.tolist()}
    fees = case.number("Links", "fee_in_kind")[net.flow_link]
    for flow, place in enumerate(net.flow_fee.tolist()):
        if place >= 0 and place not in served and (fees[flow] > 0).any():
            link = int(net.flow_link[flow])
            grade, node = case["Commodities"].keys[net.flow_grade[flow]], case.word("Links", "fee_to")[link]
            yield (
                f"{case['Links'].cell(link, 'fee_to')}: nothing takes {grade!r} at {node!r}, "
                f"so {case['Links'].keys[link]!r} can carry none of it."
            )
