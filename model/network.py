"""The graph behind a case: which commodity can be where, and the sparse index sets of the linear programme."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.case import Case
from model.graph import Pair, reachable_flows, reachable_sales, store_places
from model.offers import offered
from model.selection import IntArray, flow_records, matching, project_records, sale_records, supply_records
from model.vintages import choosing_years, make_up_triples

Members = Mapping[int, tuple[int, ...]]


@dataclass(frozen=True)
class Network:
    """Index sets by position; every array is aligned with the sheet rows it names.

    A *flow* is a (link, commodity) pair that supply can reach, a *sale* a (demand, commodity) pair, a *use* an
    (asset or fleet, flow) pair. A *balance* is a (node, commodity) place where volumes meet. A *make-up* is a
    (contract, year of the shortfall, year of the make-up) triple, *choosing* a (contract, year) that must not fall
    short and make up at once, a *target* what a project adds to; *offered* projects are those that may be built.
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
    choosing: tuple[tuple[int, int], ...] = ()
    storage_commodity: IntArray = field(default_factory=lambda: _ints(()))
    storage_balance: IntArray = field(default_factory=lambda: _ints(()))
    targets: tuple[Target, ...] = ()
    offered: tuple[int, ...] = ()
    built_supplies: IntArray = field(default_factory=lambda: _ints(()))
    built_stores: IntArray = field(default_factory=lambda: _ints(()))
    used_targets: IntArray = field(default_factory=lambda: _ints(()))
    lacking_demand: tuple[int, ...] = ()
    flows_of_link: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    sales_of_demand: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def holds(self, case: Case) -> bool:
        """Whether every row and variable that a case needs is there; else its numbers would be passed over."""
        needed = _optional_rows([case], self.flows_of_link, self.sales_of_demand)
        within = all(set(np.ravel(needed[name])) <= set(np.ravel(getattr(self, name))) for name in OPTIONAL)
        within &= all(set(needed[name]) <= set(getattr(self, name)) for name in ("make_ups", "choosing", "offered"))
        return within and self._reaches(case)

    def _reaches(self, case: Case) -> bool:
        """Whether stocks that the case begins with stand where something could be already."""
        flows, _ = reachable_flows([case])
        return set(flows) <= set(zip(self.flow_link.tolist(), self.flow_commodity.tolist(), strict=True))

    def growing(self, sheet: str) -> list[int]:
        """Rows of a sheet to which projects may add."""
        return [target.row for target in self.targets if target.sheet == sheet]

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
    flows, grades = reachable_flows(cases)
    ends = _ends(case, flows, grades)
    stores = store_places(case)
    present = dict.fromkeys([*(pair for pairs in ends.values() for pair in pairs if pair), *stores])
    place = {pair: i for i, pair in enumerate(sorted(present))}
    sales, lacking = reachable_sales(case, present)
    pairs = _pair_arrays(flows, sales)
    groups = _group([link for link, _ in flows]), _group([demand for demand, _ in sales])
    nodes = [case["Nodes"].position[name] for name in case.word("Demand", "node")]
    return Network(
        balances=tuple(place),
        **pairs,
        flow_grade=_ints(grades),
        flow_from=_ints(place[pair] for pair in ends["from"] if pair),
        flow_to=_ints(place[pair] for pair in ends["to"] if pair),
        flow_fee=_ints(place[pair] if pair else -1 for pair in ends["fee"]),
        sale_balance=_ints(place[nodes[d], k] for d, k in sales),
        supply_commodity=_ints(pair[1] for pair in ends["supply"] if pair),
        supply_balance=_ints(place[pair] for pair in ends["supply"] if pair),
        asset_use=_uses(case, "Assets", groups[0], pairs["flow_commodity"]),
        fleet_use=_uses(case, "Fleets", groups[0], pairs["flow_commodity"]),
        contract_terms=_contract_terms(case, *groups, pairs),
        limit_terms=_limit_terms(case, pairs),
        storage_commodity=_ints(k for _, k in stores),
        storage_balance=_ints(place[pair] for pair in stores),
        lacking_demand=tuple(lacking),
        flows_of_link=groups[0],
        sales_of_demand=groups[1],
        **_optional_rows(cases, *groups),
    )


def _ends(case: Case, flows: Sequence[Pair], grades: Sequence[int]) -> dict[str, list[Pair | None]]:
    """Places (node, commodity) of supplies and of where each flow starts, ends and pays its fee in kind."""
    node, commodity = case["Nodes"].position, case["Commodities"].position
    links = case["Links"].words
    supply = zip(case.word("Supply", "node"), case.word("Supply", "commodity"), strict=True)
    arriving = list(zip((link for link, _ in flows), grades, strict=True))
    return {
        "supply": [(node[n], commodity[k]) for n, k in supply],
        "from": [(node[links["from"][link]], k) for link, k in flows],
        "to": [(node[links["to"][link]], grade) for link, grade in arriving],
        "fee": [(node[links["fee_to"][link]], grade) if links["fee_to"][link] else None for link, grade in arriving],
    }


def _pair_arrays(flows: Sequence[Pair], sales: Sequence[Pair]) -> dict[str, Any]:
    flow, sale = (np.array(pairs, dtype=np.int64).reshape(-1, 2) for pairs in (flows, sales))
    return {
        "flow_link": flow[:, 0],
        "flow_commodity": flow[:, 1],
        "sale_demand": sale[:, 0],
        "sale_commodity": sale[:, 1],
    }


def _optional_rows(cases: Sequence[Case], flows_of_link: Members, sales_of_demand: Members) -> dict[str, Any]:
    """Rows that exist only where some scenario, several commodities or a project need them."""
    targets = _targets(cases[0])
    years = tuple(sorted({int(year) for year in cases[0].year}))
    built = {sheet: {target.row for target in targets if target.sheet == sheet} for sheet in TARGET_SHEETS}
    elastic = np.flatnonzero(_given(cases, "Demand", "elasticity"))
    shared = [i for i, items in flows_of_link.items() if len(items) > 1 or i in built["Links"]]
    least = _positive(cases, "Links", "minimum")
    markets = [d for d, items in sales_of_demand.items() if len(items) > 1 or d in built["Demand"]]
    return {
        "shared_links": _ints(shared),
        "shared_demands": _ints(d for d in markets if d not in elastic),
        "link_minimum": _ints(i for i in shared if least[i]),
        "asset_minimum": np.flatnonzero(_positive(cases, "Assets", "minimum")),
        "elastic": elastic,
        "firm": np.flatnonzero(_positive(cases, "Demand", "firm")),
        "reserves": np.flatnonzero(_given(cases, "Supply", "reserves")),
        "ceilings": np.flatnonzero(_given(cases, "Contracts", "ceiling")),
        "limit_upper": np.flatnonzero(_given(cases, "Limits", "at_most")),
        "limit_lower": np.flatnonzero(_given(cases, "Limits", "at_least")),
        "contract_years": years,
        "make_ups": make_up_triples(cases, years),
        "choosing": choosing_years(cases, years),
        "targets": targets,
        "offered": offered(cases),
        "built_supplies": _ints(sorted(built["Supply"])),
        "built_stores": _ints(sorted(built["Storage"])),
        "used_targets": _used_targets(cases, targets),
    }


# index sets of rows that exist only where a scenario needs them
OPTIONAL = (
    "link_minimum",
    "asset_minimum",
    "elastic",
    "firm",
    "reserves",
    "ceilings",
    "limit_upper",
    "limit_lower",
    "used_targets",
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


def _used_targets(cases: Sequence[Case], targets: Sequence[Target]) -> IntArray:
    """Targets of projects that have a minimum use in some scenario (stores are not used in this sense)."""
    least = _positive(cases, "Projects", "minimum_use")
    return _ints(i for i, target in enumerate(targets) if least[target.project] and target.sheet != "Storage")


def _ints(values: object) -> IntArray:
    return np.array(list(values), dtype=np.int64)  # type: ignore[call-overload]


def _group(owners: Sequence[int]) -> dict[int, tuple[int, ...]]:
    members: defaultdict[int, list[int]] = defaultdict(list)
    for item, owner in enumerate(owners):
        members[owner].append(item)
    return {owner: tuple(items) for owner, items in sorted(members.items())}


def _positive(cases: Sequence[Case], sheet: str, column: str) -> NDArray[np.bool_]:
    """Rows whose value is above zero in some period of some scenario."""
    found = [(case.number(sheet, column) > 0).any(axis=1) for case in cases]
    return np.asarray(np.logical_or.reduce(found), dtype=bool)


def _given(cases: Sequence[Case], sheet: str, column: str) -> NDArray[np.bool_]:
    """Rows whose value is given in some period of some scenario."""
    found = [(~np.isnan(case.number(sheet, column))).any(axis=1) for case in cases]
    return np.asarray(np.logical_or.reduce(found), dtype=bool)


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


def _limit_terms(case: Case, pairs: Mapping[str, IntArray]) -> tuple[LimitTerms, ...]:
    """What each limit counts, by its selectors."""
    records = {
        "supply": supply_records(case),
        "flow": flow_records(case, pairs["flow_link"], pairs["flow_commodity"]),
        "delivery": sale_records(case, pairs["sale_demand"], pairs["sale_commodity"]),
        "built": project_records(case),
    }
    limits = case["Limits"].words
    terms = []
    for measure, selector, of in zip(limits["measure"], limits["what"], limits["of"], strict=True):
        what = matching(selector, records[measure])
        whole = matching(of, records[measure]) if of else np.zeros(len(what), dtype=bool)
        items = np.flatnonzero(what | whole)
        block = "build" if measure == "built" else measure
        terms.append(LimitTerms(block, items, what[items].astype(float), whole[items].astype(float)))
    return tuple(terms)
