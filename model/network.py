"""The graph behind a case: which commodity can be where, and the sparse index sets of the linear programme."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.case import Case
from model.selection import IntArray, flow_records, matching, sale_records, supply_records

Pair = tuple[int, int]


@dataclass(frozen=True)
class Network:
    """Index sets by position; every array is aligned with the sheet rows it names.

    A *flow* is a (link, commodity) pair that supply can reach, a *sale* a (demand, commodity) pair, a *use* an
    (asset or fleet, flow) pair. A *balance* is a (node, commodity) place where volumes meet. A *make-up* is a
    (contract, year of the shortfall, year of the make-up) triple, a *target* what a project adds to.
    """

    balances: tuple[Pair, ...]
    flow_link: IntArray
    flow_commodity: IntArray
    flow_grade: IntArray
    flow_from: IntArray
    flow_to: IntArray
    flow_fee: IntArray
    sale_demand: IntArray
    sale_commodity: IntArray
    sale_balance: IntArray
    supply_commodity: IntArray
    supply_balance: IntArray
    asset_use: Uses
    fleet_use: Uses
    shared_links: IntArray
    shared_demands: IntArray
    link_minimum: IntArray
    asset_minimum: IntArray
    elastic: IntArray
    firm: IntArray
    reserves: IntArray
    ceilings: IntArray
    contract_terms: tuple[ContractTerms, ...]
    limit_terms: tuple[LimitTerms, ...]
    limit_upper: IntArray
    limit_lower: IntArray
    contract_years: tuple[int, ...]
    make_ups: tuple[tuple[int, int, int], ...] = ()
    storage_commodity: IntArray = field(default_factory=lambda: _ints(()))
    storage_balance: IntArray = field(default_factory=lambda: _ints(()))
    targets: tuple[Target, ...] = ()
    built_supplies: IntArray = field(default_factory=lambda: _ints(()))
    built_stores: IntArray = field(default_factory=lambda: _ints(()))
    lacking_demand: tuple[int, ...] = ()
    flows_of_link: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    sales_of_demand: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    @cached_property
    def balance_position(self) -> dict[Pair, int]:
        """Position of a (node, commodity) balance."""
        return {pair: i for i, pair in enumerate(self.balances)}


@dataclass(frozen=True)
class Uses:
    """Which flow uses which asset or fleet, by which row of the sheet Uses."""

    holder: IntArray
    flow: IntArray
    row: IntArray


@dataclass(frozen=True)
class Target:
    """One row to whose capacity a project adds: position of the project, the sheet and the row there."""

    project: int
    sheet: str
    row: int


@dataclass(frozen=True)
class ContractTerms:
    """What counts towards a contract: the variables' block, their items, and the row of Uses (-1 = one for one)."""

    block: str
    items: IntArray
    uses: IntArray


@dataclass(frozen=True)
class LimitTerms:
    """What a limit counts: the variables' block, their items, and whether each is in ``what`` and in ``of``."""

    block: str
    items: IntArray
    in_what: NDArray[np.float64]
    in_of: NDArray[np.float64]


def build_network(cases: Sequence[Case]) -> Network:
    """The network of one workbook.

    ``cases`` are its scenarios, which share names and references and differ in numbers only; a row of the programme
    exists where any of them needs it, so that all can be solved on one matrix.
    """
    case = cases[0]
    flows, grades = _reachable_flows(case)
    node = case["Nodes"].position
    commodity = case["Commodities"].position
    links = case["Links"]
    starts = [node[name] for name in links.words["from"]]
    ends = [node[name] for name in links.words["to"]]
    fees = [node[name] if name else -1 for name in links.words["fee_to"]]
    supply_at = [
        (node[n], commodity[k])
        for n, k in zip(case.word("Supply", "node"), case.word("Supply", "commodity"), strict=True)
    ]
    stores = _store_places(case)
    targets = _targets(case)
    from_pairs = [(starts[link], k) for link, k in flows]
    to_pairs = [(ends[link], grade) for (link, _), grade in zip(flows, grades, strict=True)]
    fee_pairs = [
        (fees[link], grade) if fees[link] >= 0 else None for (link, _), grade in zip(flows, grades, strict=True)
    ]
    present = dict.fromkeys([*supply_at, *from_pairs, *to_pairs, *(pair for pair in fee_pairs if pair), *stores])
    sales, lacking = _sales(case, present)
    place = {pair: i for i, pair in enumerate(sorted(present))}
    flows_of_link = _group([link for link, _ in flows])
    sales_of_demand = _group([demand for demand, _ in sales])
    flow_link, flow_commodity = _columns(flows)
    sale_demand, sale_commodity = _columns(sales)
    demand_nodes = [node[name] for name in case.word("Demand", "node")]
    partial = {
        "flow_link": flow_link,
        "flow_commodity": flow_commodity,
        "sale_demand": sale_demand,
        "sale_commodity": sale_commodity,
    }
    selection = _Selection(case, partial)
    years = tuple(sorted({int(year) for year in case.year}))
    built = {sheet: {target.row for target in targets if target.sheet == sheet} for sheet in TARGET_SHEETS}
    elastic = [d for d, value in enumerate(_given(cases, "Demand", "elasticity")) if value]
    return Network(
        balances=tuple(sorted(present)),
        **partial,
        flow_grade=np.array(grades, dtype=np.int64),
        flow_from=_ints(place[pair] for pair in from_pairs),
        flow_to=_ints(place[pair] for pair in to_pairs),
        flow_fee=_ints(place[pair] if pair else -1 for pair in fee_pairs),
        sale_balance=_ints(place[demand_nodes[d], k] for d, k in sales),
        supply_commodity=_ints(k for _, k in supply_at),
        supply_balance=_ints(place[pair] for pair in supply_at),
        asset_use=_uses(case, "Assets", flows_of_link, flow_commodity),
        fleet_use=_uses(case, "Fleets", flows_of_link, flow_commodity),
        shared_links=_ints(i for i, items in flows_of_link.items() if len(items) > 1 or i in built["Links"]),
        shared_demands=_ints(
            d for d, items in sales_of_demand.items() if (len(items) > 1 or d in built["Demand"]) and d not in elastic
        ),
        link_minimum=_ints(
            link
            for link in np.flatnonzero(_positive(cases, "Links", "minimum"))
            if len(flows_of_link.get(link, ())) > 1 or (link in flows_of_link and link in built["Links"])
        ),
        asset_minimum=np.flatnonzero(_positive(cases, "Assets", "minimum")),
        elastic=_ints(elastic),
        firm=np.flatnonzero(_positive(cases, "Demand", "firm")),
        reserves=np.flatnonzero(_given(cases, "Supply", "reserves")),
        ceilings=np.flatnonzero(_given(cases, "Contracts", "ceiling")),
        contract_terms=_contract_terms(case, flows_of_link, sales_of_demand, partial),
        limit_terms=tuple(selection.limit(row) for row in range(len(case["Limits"]))),
        limit_upper=np.flatnonzero(_given(cases, "Limits", "at_most")),
        limit_lower=np.flatnonzero(_given(cases, "Limits", "at_least")),
        contract_years=years,
        make_ups=_make_ups(cases, years),
        storage_commodity=_ints(k for _, k in stores),
        storage_balance=_ints(place[pair] for pair in stores),
        targets=targets,
        built_supplies=_ints(sorted(built["Supply"])),
        built_stores=_ints(sorted(built["Storage"])),
        lacking_demand=tuple(lacking),
        flows_of_link=flows_of_link,
        sales_of_demand=sales_of_demand,
    )


TARGET_SHEETS = ("Supply", "Demand", "Links", "Assets", "Fleets", "Storage")


def _targets(case: Case) -> tuple[Target, ...]:
    """What each project adds to, in sheet order; names are unique across the sheets that it may add to."""
    found = []
    for project, names in enumerate(case.word("Projects", "adds_to")):
        for name in names:
            sheet = next(sheet for sheet in TARGET_SHEETS if name in case[sheet].position)
            found.append(Target(project, sheet, case[sheet].position[name]))
    return tuple(found)


def _store_places(case: Case) -> list[Pair]:
    node, commodity = case["Nodes"].position, case["Commodities"].position
    names = zip(case.word("Storage", "node"), case.word("Storage", "commodity"), strict=True)
    return [(node[n], commodity[k]) for n, k in names]


def _filled_stores(case: Case) -> list[Pair]:
    """Places that an initial stock can supply."""
    initial = case.number("Storage", "initial").max(axis=1, initial=0.0)
    return [place for place, stock in zip(_store_places(case), initial.tolist(), strict=True) if stock > 0]


def _make_ups(cases: Sequence[Case], years: Sequence[int]) -> tuple[tuple[int, int, int], ...]:
    """(contract, year short, year of make-up) by position, within the longest make-up time of any scenario."""
    spans = np.max([case.number("Contracts", "make_up_years").max(axis=1, initial=0) for case in cases], axis=0)
    return tuple(
        (c, v, w)
        for c, span in enumerate(np.atleast_1d(spans).tolist())
        for v, short in enumerate(years)
        for w, later in enumerate(years)
        if 0 < later - short <= span
    )


def _ints(values: object) -> IntArray:
    return np.array(list(values), dtype=np.int64)  # type: ignore[call-overload]


def _columns(pairs: Sequence[Pair]) -> tuple[IntArray, IntArray]:
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _group(owners: Sequence[int]) -> dict[int, tuple[int, ...]]:
    members: defaultdict[int, list[int]] = defaultdict(list)
    for item, owner in enumerate(owners):
        members[owner].append(item)
    return {owner: tuple(items) for owner, items in sorted(members.items())}


def _positive(cases: Sequence[Case], sheet: str, column: str) -> NDArray[np.bool_]:
    """Rows whose value is above zero in some period of some scenario."""
    return np.any([(case.number(sheet, column) > 0).any(axis=1) for case in cases], axis=0)


def _given(cases: Sequence[Case], sheet: str, column: str) -> NDArray[np.bool_]:
    """Rows whose value is given in some period of some scenario."""
    return np.any([(~np.isnan(case.number(sheet, column))).any(axis=1) for case in cases], axis=0)


def arriving_grade(becomes: Mapping[str, str], commodity: str) -> str:
    """The grade that a commodity is after a link, by the link's ``becomes``."""
    return becomes.get(commodity, becomes.get("", commodity))


def _reachable_flows(case: Case) -> tuple[list[Pair], list[int]]:
    """Flows that some supply can reach, in sheet order, and the grade that each becomes."""
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
    queue.extend(dict.fromkeys(_filled_stores(case)))
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


def _sales(case: Case, present: Mapping[Pair, None]) -> tuple[list[Pair], list[int]]:
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


def _uses(case: Case, sheet: str, flows_of_link: Mapping[int, tuple[int, ...]], flow_commodity: IntArray) -> Uses:
    holders, link = case[sheet].position, case["Links"].position
    commodity = case["Commodities"].position
    uses = case["Uses"].words
    rows = [
        (holders[asset], flow, row)
        for row, (name, asset, only) in enumerate(zip(uses["link"], uses["asset"], uses["commodity"], strict=True))
        if asset in holders
        for flow in flows_of_link.get(link[name], ())
        if only is None or commodity[only] == flow_commodity[flow]
    ]
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Uses(table[:, 0], table[:, 1], table[:, 2])


def _contract_terms(
    case: Case,
    flows_of_link: Mapping[int, tuple[int, ...]],
    sales_of_demand: Mapping[int, tuple[int, ...]],
    items: Mapping[str, IntArray],
) -> tuple[ContractTerms, ...]:
    asset_uses = _uses(case, "Assets", flows_of_link, items["flow_commodity"])
    commodity = case["Commodities"].position
    terms = []
    for name, only in zip(case.word("Contracts", "applies_to"), case.word("Contracts", "commodity"), strict=True):
        block, kept, uses = "flow", _ints(()), None
        if name in case["Links"].position:
            kept = _ints(flows_of_link.get(case["Links"].position[name], ()))
        elif name in case["Demand"].position:
            block, kept = "delivery", _ints(sales_of_demand.get(case["Demand"].position[name], ()))
        else:
            mine = asset_uses.holder == case["Assets"].position[name]
            kept, uses = asset_uses.flow[mine], asset_uses.row[mine]
        uses = np.full(len(kept), -1) if uses is None else uses
        if only:
            grades = items["flow_commodity" if block == "flow" else "sale_commodity"][kept]
            fits = np.isin(grades, [commodity[k] for k in only])
            kept, uses = kept[fits], uses[fits]
        terms.append(ContractTerms(block, kept, uses))
    return tuple(terms)


class _Selection:
    """Evaluates selectors over supplies, flows and sales."""

    def __init__(self, case: Case, items: Mapping[str, IntArray]) -> None:
        self.case = case
        self.records = {
            "supply": supply_records(case),
            "flow": flow_records(case, items["flow_link"], items["flow_commodity"]),
            "delivery": sale_records(case, items["sale_demand"], items["sale_commodity"]),
        }

    def limit(self, row: int) -> LimitTerms:
        """The terms of one row of Limits."""
        measure = self.case.word("Limits", "measure")[row]
        what = matching(self.case.word("Limits", "what")[row], self.records[measure])
        of = self.case.word("Limits", "of")[row]
        whole = matching(of, self.records[measure]) if of else np.zeros(len(what), dtype=bool)
        items = np.flatnonzero(what | whole)
        return LimitTerms(measure, items, what[items].astype(float), whole[items].astype(float))
