"""Which commodity can be where: reachability over links from supplies and filled stores."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence

from model.case import Case

Pair = tuple[int, int]


def arriving_grade(becomes: Mapping[str, str], commodity: str) -> str:
    """The grade that a commodity is after a link, by the link's ``becomes``."""
    return becomes.get(commodity, becomes.get("", commodity))


def reachable_flows(cases: Sequence[Case]) -> tuple[list[Pair], list[int]]:
    """Flows that some supply, or a stock of some scenario, can reach, in sheet order, and the grade each becomes."""
    case = cases[0]
    node, commodity = case["Nodes"].position, case["Commodities"].position
    links = case["Links"].words
    leaving: defaultdict[Pair, list[tuple[int, int]]] = defaultdict(list)
    grade_of: dict[Pair, int] = {}
    for link, (start, names, becomes) in enumerate(
        zip(links["from"], links["commodity"], links["becomes"], strict=True)
    ):
        for name in names:
            pair = (link, commodity[name])
            grade_of[pair] = commodity[arriving_grade(becomes or {}, name)]
            leaving[node[start], commodity[name]].append(pair)
    queue = deque(
        (node[n], commodity[k])
        for n, k in zip(case.word("Supply", "node"), case.word("Supply", "commodity"), strict=True)
    )
    queue.extend(dict.fromkeys(place for one in cases for place in filled_stores(one)))
    seen = set(queue)
    used: set[Pair] = set()
    while queue:
        for link, k in leaving[queue.popleft()]:
            used.add((link, k))
            for name in (links["to"][link], links["fee_to"][link]):
                if name is None:
                    continue
                place = (node[name], grade_of[link, k])
                if place not in seen:
                    seen.add(place)
                    queue.append(place)
    flows = [pair for pair in grade_of if pair in used]
    return flows, [grade_of[pair] for pair in flows]


def reachable_sales(case: Case, present: Mapping[Pair, None]) -> tuple[list[Pair], list[int]]:
    """(demand, commodity) pairs that something can reach, and the demands that nothing can."""
    node, commodity = case["Nodes"].position, case["Commodities"].position
    sales: list[Pair] = []
    lacking = []
    for demand, (place, names) in enumerate(
        zip(case.word("Demand", "node"), case.word("Demand", "commodity"), strict=True)
    ):
        found = [(demand, commodity[name]) for name in names if (node[place], commodity[name]) in present]
        sales.extend(found)
        if not found:
            lacking.append(demand)
    return sales, lacking


def store_places(case: Case) -> list[Pair]:
    """Where each store stands: (node, commodity) of every row of Storage."""
    node, commodity = case["Nodes"].position, case["Commodities"].position
    names = zip(case.word("Storage", "node"), case.word("Storage", "commodity"), strict=True)
    return [(node[n], commodity[k]) for n, k in names]


def filled_stores(case: Case) -> list[Pair]:
    """Places that an initial stock can supply."""
    initial = case.number("Storage", "initial").max(axis=1, initial=0.0)
    return [place for place, stock in zip(store_places(case), initial.tolist(), strict=True) if stock > 0]
