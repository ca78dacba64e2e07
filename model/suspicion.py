"""Legal but odd input, each with its cell: said by ``check``, never in the way of a run."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator

import numpy as np

from model.case import Case
from model.network import Network
from model.selection import flow_records, matching


def suspicions(case: Case, net: Network) -> list[str]:
    """What looks odd in a case, in plain words with cells; empty where nothing does."""
    return [*_in_series(case, net), *_dead_fees(case, net)]


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
