"""What a reader asks first: exports by corridor, by market and by exporter, and which corridors are full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from model.case import Case, FloatArray
from model.solution import Solution
from model.workbook.sheets import COMMODITIES

CORRIDOR_MEANING: Final = (
    "A corridor is the link over which a commodity leaves its country of origin (or, where the case takes it up "
    "abroad, the country of its supply), or the pipeline that several such links share. Its volume is what enters "
    "there, so it is above the deliveries by what is lost or returns on the way."
)
MARKET_MEANING: Final = "Deliveries in another country than the commodity's origin, by country of delivery."
OTHERS: Final = "all others"


@dataclass(frozen=True)
class Breakdown:
    """Volumes per period of one family by name; ``volumes`` has the shape (names, periods)."""

    family: str
    unit: str
    periods: tuple[str, ...]
    names: tuple[str, ...]
    volumes: FloatArray

    @property
    def total(self) -> FloatArray:
        """Sum over the names, shape (periods,)."""
        return np.asarray(self.volumes.sum(axis=0))

    def largest(self, count: int) -> Breakdown:
        """The largest names, the others added up in one."""
        order = sorted(range(len(self.names)), key=lambda i: (-float(self.volumes[i].sum()), i))
        kept, rest = order[:count], order[count:]
        names = [self.names[i] for i in kept]
        volumes = [self.volumes[i] for i in kept]
        if rest:
            names.append(OTHERS)
            volumes.append(self.volumes[rest].sum(axis=0))
        shape = (len(names), len(self.periods))
        return Breakdown(self.family, self.unit, self.periods, tuple(names), np.array(volumes).reshape(shape))


@dataclass(frozen=True)
class Headlines:
    """The breakdowns of one scenario, each by family; a family that exports nothing is left out."""

    scenario: str
    value: float
    objective: str
    corridors: tuple[Breakdown, ...]
    markets: tuple[Breakdown, ...]
    exporters: tuple[Breakdown, ...]


def headlines(solution: Solution) -> Headlines:
    """Exports of one solved scenario by corridor, market and exporter."""
    case = solution.case
    return Headlines(
        case.scenario,
        solution.objective,
        case.settings.objective,
        _by_family(case, _corridors(solution)),
        _by_family(case, _sales(solution, by="market")),
        _by_family(case, _sales(solution, by="exporter")),
    )


Totals = Mapping[tuple[str, str], FloatArray]


def _by_family(case: Case, totals: Totals) -> tuple[Breakdown, ...]:
    unit = dict(zip(case.word("Commodities", "family"), case.word("Commodities", "unit"), strict=True))
    found = []
    for family in COMMODITIES["family"].choices:
        names = tuple(name for kind, name in totals if kind == family)
        if names:
            volumes = np.array([totals[family, name] for name in names])
            found.append(Breakdown(family, unit[family], case.periods, names, volumes))
    return tuple(found)


def _sum(rows: Sequence[tuple[tuple[str, str], FloatArray]]) -> Totals:
    totals: dict[tuple[str, str], FloatArray] = {}
    for key, volumes in rows:
        totals[key] = totals[key] + volumes if key in totals else volumes
    return totals


def _countries(case: Case) -> dict[str, str]:
    return dict(zip(case["Nodes"].keys, case.word("Nodes", "country"), strict=True))


def _sales(solution: Solution, *, by: str) -> Totals:
    case, network = solution.case, solution.network
    country, families = _countries(case), case.word("Commodities", "family")
    nodes, origins = case.word("Demand", "node"), case.word("Commodities", "origin")
    rows = []
    pairs = zip(network.sale_demand.tolist(), network.sale_commodity.tolist(), solution["delivery"], strict=True)
    for demand, commodity, volumes in pairs:
        market, origin = country[nodes[demand]], origins[commodity]
        if origin is not None and origin != market:
            rows.append(((families[commodity], market if by == "market" else origin), volumes))
    return _sum(rows)


def _corridors(solution: Solution) -> Totals:
    case, network = solution.case, solution.network
    families = case.word("Commodities", "family")
    leaving = _leaving(solution)
    family = {flow: families[network.flow_commodity[flow]] for flow in leaving}
    links = {(family[flow], int(network.flow_link[flow])) for flow in leaving}
    label = _labels(case, links)
    return _sum([((family[f], label[family[f], int(network.flow_link[f])]), solution["flow"][f]) for f in leaving])


def _leaving(solution: Solution) -> list[int]:
    """Flows that leave the home of what they carry."""
    case, network = solution.case, solution.network
    country, homes = _countries(case), _homes(case)
    kinds = list(zip(case.word("Commodities", "family"), case.word("Commodities", "origin"), strict=True))
    start = [country[node] for node in case.word("Links", "from")]
    end = [country[node] for node in case.word("Links", "to")]
    pairs = zip(network.flow_link.tolist(), network.flow_commodity.tolist(), strict=True)
    return [
        flow
        for flow, (link, commodity) in enumerate(pairs)
        if start[link] in (home := homes.get(kinds[commodity], frozenset())) and end[link] not in home
    ]


def _homes(case: Case) -> dict[tuple[str, str], frozenset[str]]:
    """Where exports of a family and origin begin: in the origin, or else where it is supplied."""
    country, commodities = _countries(case), case["Commodities"]
    found: dict[tuple[str, str], set[str]] = {}
    for node, commodity in zip(case.word("Supply", "node"), case.word("Supply", "commodity"), strict=True):
        row = commodities.position[commodity]
        family, origin = commodities.words["family"][row], commodities.words["origin"][row]
        if origin is not None:
            found.setdefault((family, origin), set()).add(country[node])
    return {key: frozenset({key[1]} if key[1] in places else places) for key, places in found.items()}


def _labels(case: Case, links: set[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The name of each corridor: its link's, or that of a pipeline that several leaving links of a family share."""
    pipes = _pipes(case)
    shared = Counter((family, pipe) for family, link in links for pipe in pipes.get(case["Links"].keys[link], ())[:1])
    names = {}
    for family, link in links:
        own = case["Links"].keys[link]
        pipe = next(iter(pipes.get(own, ())), None)
        names[family, link] = pipe if pipe is not None and shared[family, pipe] > 1 else own
    return names


def _pipes(case: Case) -> dict[str, list[str]]:
    """Pipelines that each link uses, by the link's name."""
    kind = dict(zip(case["Assets"].keys, case.word("Assets", "kind"), strict=True))
    pipes: dict[str, list[str]] = {}
    for link, asset in zip(case.word("Uses", "link"), case.word("Uses", "asset"), strict=True):
        if (kind.get(asset) or "").casefold().startswith("pipe"):
            pipes.setdefault(link, []).append(asset)
    return pipes
