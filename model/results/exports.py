"""What leaves its country: by exporter, by corridor and by market."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from model.case import Case, FloatArray
from model.network import Network
from model.results.declare import Extras, ResultColumn, result_table
from model.results.flows import FAMILY, PERIOD, TRADE_UNIT
from model.results.markets import is_export
from model.results.shape import Placed, Trade, countries_of_nodes, names, ordered, periods, spread
from model.solution import Solution

CORRIDOR_MEANING: Final = (
    "A corridor is the link over which a commodity leaves its country of origin (or, where the case takes it up "
    "abroad, the country of its supply), or the pipeline that several such links share. Its volume is what enters "
    "there, so it is above the deliveries by what is lost or returns on the way."
)
MARKET_MEANING: Final = "Deliveries in another country than the commodity's origin, by country of delivery."
VIEWS: Final = ("exporter", "corridor", "market")

# (family, name) -> volumes per period in the commodities' own unit, and as a rate in the trade's (NaN where none)
Totals = Mapping[tuple[str, str], tuple[FloatArray, FloatArray]]


@result_table(
    "Exports",
    "What leaves its country, by exporter, by corridor and by market?",
    key=("by", "family", "name", "period"),
    columns=(
        ResultColumn("by", "exporter, corridor or market; never to be added up over these three"),
        FAMILY,
        ResultColumn("name", "Country of origin; link or shared pipeline over which it leaves; country of delivery"),
        PERIOD,
        ResultColumn("volume", "By corridor what enters there, else what is delivered abroad", format="volume"),
        ResultColumn("unit", "Unit of the row's volumes, counted over the period"),
        ResultColumn("trade_volume", "The volume as a mean rate in the unit of the trade", format="volume"),
        TRADE_UNIT,
    ),
)
def exports(solution: Solution, _: Extras) -> dict[str, Any]:
    """One row per exporter, corridor or market that the network allows, family and period; zeros included."""
    case = solution.case
    unit, trade_unit = family_units(case)
    found = [(view, *key, *both) for view in VIEWS for key, both in totals(solution, view).items()]
    shape = (len(found), len(case.periods))
    items = {
        "by": names(row[0] for row in found),
        "family": names(row[1] for row in found),
        "name": names(row[2] for row in found),
        "unit": names(unit[row[1]] for row in found),
        "trade_unit": names(trade_unit[row[1]] if np.isfinite(row[4]).all() else "" for row in found),
    }
    numbers = {
        "volume": np.array([row[3] for row in found]).reshape(shape),
        "trade_volume": np.array([row[4] for row in found]).reshape(shape),
    }
    return ordered(spread(items, periods(case), numbers), [column.name for column in exports.columns[1:]])


def family_units(case: Case) -> tuple[dict[str, str], dict[str, str]]:
    """Own and trade unit of each family's volumes."""
    family, trade = case.word("Commodities", "family"), Trade(case)
    own = dict(zip(family, case.word("Commodities", "unit"), strict=True))
    return own, {name: str(unit) for name, unit in zip(family, trade.volume_unit, strict=True) if unit}


def totals(solution: Solution, view: str) -> Totals:
    """Volumes by family and name: ``view`` is exporter, corridor or market."""
    trade = Trade(solution.case)
    found: dict[tuple[str, str], tuple[FloatArray, FloatArray]] = {}
    for one in members(solution, view):
        volume = solution[one.block][one.item]
        rate = volume * trade.volume[one.commodity] / solution.case.years
        before = found.get(one.key, (np.zeros(len(volume)), np.zeros(len(volume))))
        found[one.key] = (before[0] + volume, before[1] + rate)
    return found


@dataclass(frozen=True)
class Member:
    """One flow or sale that counts towards a row of *Exports*; ``key`` is the row's family and name."""

    key: tuple[str, str]
    commodity: int
    block: str
    item: int


def members(solution: Placed, view: str) -> list[Member]:
    """What counts towards each exporter, corridor or market; it follows from names alone, not from numbers."""
    return _corridors(solution) if view == "corridor" else _sales(solution, view)


def _sales(solution: Placed, view: str) -> list[Member]:
    case, net = solution.case, solution.network
    country, family = countries_of_nodes(case), case.word("Commodities", "family")
    nodes, origins = case.word("Demand", "node"), case.word("Commodities", "origin")
    rows = []
    for sale in np.flatnonzero(is_export(solution)).tolist():
        commodity, demand = int(net.sale_commodity[sale]), int(net.sale_demand[sale])
        name = country[nodes[demand]] if view == "market" else origins[commodity]
        rows.append(Member((family[commodity], name), commodity, "delivery", sale))
    return rows


def _corridors(solution: Placed) -> list[Member]:
    case, net = solution.case, solution.network
    family, links = case.word("Commodities", "family"), case["Links"].keys
    found = corridor_labels(case, net)
    origins = case.word("Commodities", "origin")
    rows = []
    for flow in leaving(case, net):
        commodity = int(net.flow_commodity[flow])
        key = (family[commodity], origins[commodity], links[net.flow_link[flow]])
        rows.append(Member((family[commodity], found[key]), commodity, "flow", flow))
    return rows


def corridor_labels(case: Case, net: Network) -> dict[tuple[str, str, str], str]:
    """The corridor that begins with a link, by family, origin and link; only of links that leave the origin."""
    links = case["Links"].keys
    words = list(zip(case.word("Commodities", "family"), case.word("Commodities", "origin"), strict=True))
    keys = dict.fromkeys((*words[net.flow_commodity[flow]], links[net.flow_link[flow]]) for flow in leaving(case, net))
    label = _labels(case, {(family, link) for family, _, link in keys})
    return {(family, origin, link): label[family, link] for family, origin, link in keys}


def leaving(case: Case, network: Network) -> list[int]:
    """Flows that leave the home of what they carry."""
    country, homes = countries_of_nodes(case), _homes(case)
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
    country, commodities = countries_of_nodes(case), case["Commodities"]
    found: dict[tuple[str, str], set[str]] = {}
    for node, commodity in zip(case.word("Supply", "node"), case.word("Supply", "commodity"), strict=True):
        row = commodities.position[commodity]
        family, origin = commodities.words["family"][row], commodities.words["origin"][row]
        if origin is not None:
            found.setdefault((family, origin), set()).add(country[node])
    return {key: frozenset({key[1]} if key[1] in places else places) for key, places in found.items()}


def _labels(case: Case, links: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The name of each corridor: its link's, or that of a pipeline that several leaving links of a family share."""
    pipes = _pipes(case)
    shared = Counter((family, pipe) for family, link in links for pipe in pipes.get(link, ())[:1])
    found = {}
    for family, link in links:
        pipe = next(iter(pipes.get(link, ())), None)
        found[family, link] = pipe if pipe is not None and shared[family, pipe] > 1 else link
    return found


def _pipes(case: Case) -> dict[str, list[str]]:
    """Pipelines that each link uses, by the link's name."""
    kind: Mapping[str, str | None] = dict(zip(case["Assets"].keys, case.word("Assets", "kind"), strict=True))
    pipes: dict[str, list[str]] = {}
    uses: Sequence[tuple[str, str]] = list(zip(case.word("Uses", "link"), case.word("Uses", "asset"), strict=True))
    for link, asset in uses:
        if (kind.get(asset) or "").casefold().startswith("pipe"):
            pipes.setdefault(link, []).append(asset)
    return pipes
