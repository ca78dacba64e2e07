"""What selectors can ask for: one record per supply, flow or sale, and which of them a selector picks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from model.case import Case
from model.selector import Selector

IntArray = NDArray[np.int64]
Record = Mapping[str, str | tuple[str, ...]]


def matching(selector: Selector, records: Sequence[Record]) -> NDArray[np.bool_]:
    """Which records a selector picks, shape (records,)."""
    return np.array([selector.matches(record) for record in records], dtype=bool)


def supply_records(case: Case) -> list[Record]:
    """What a selector of measure supply can ask for, one record a supply."""
    country = dict(zip(case["Nodes"].keys, case.word("Nodes", "country"), strict=True))
    return [
        {"supply": name, "node": node, "country": country[node], **_grade(case, commodity)}
        for name, node, commodity in zip(
            case["Supply"].keys, case.word("Supply", "node"), case.word("Supply", "commodity"), strict=True
        )
    ]


def flow_records(case: Case, link: IntArray, commodity: IntArray) -> list[Record]:
    """What a selector of measure flow can ask for, one record a (link, commodity) pair."""
    links = case["Links"]
    country = dict(zip(case["Nodes"].keys, case.word("Nodes", "country"), strict=True))
    assets: defaultdict[str, list[str]] = defaultdict(list)
    for name, asset in zip(case.word("Uses", "link"), case.word("Uses", "asset"), strict=True):
        assets[name].append(asset)
    return [
        {
            "link": links.keys[i],
            "from": links.words["from"][i],
            "to": links.words["to"][i],
            "mode": links.words["mode"][i],
            "asset": tuple(assets[links.keys[i]]),
            "country": tuple(name for name, _ in links.words["country"][i] or ()) or country[links.words["from"][i]],
            **_grade(case, case["Commodities"].keys[k]),
        }
        for i, k in zip(link.tolist(), commodity.tolist(), strict=True)
    ]


def sale_records(case: Case, demand: IntArray, commodity: IntArray) -> list[Record]:
    """What a selector of measure delivery can ask for, one record a (demand, commodity) pair."""
    country = dict(zip(case["Nodes"].keys, case.word("Nodes", "country"), strict=True))
    nodes = case.word("Demand", "node")
    return [
        {
            "demand": case["Demand"].keys[d],
            "node": nodes[d],
            "country": country[nodes[d]],
            **_grade(case, case["Commodities"].keys[k]),
        }
        for d, k in zip(demand.tolist(), commodity.tolist(), strict=True)
    ]


def project_records(case: Case) -> list[Record]:
    """What a selector of measure built can ask for, one record a project."""
    funds = case.word("Projects", "funds")
    return [
        {"project": name, "fund": tuple(fund for fund, _ in shares or ())}
        for name, shares in zip(case["Projects"].keys, funds, strict=True)
    ]


def _grade(case: Case, commodity: str) -> Record:
    row = case["Commodities"].position[commodity]
    return {
        "commodity": commodity,
        "family": case.word("Commodities", "family")[row],
        "origin": case.word("Commodities", "origin")[row] or "",
    }


def contract_commodities(case: Case) -> list[list[int]]:
    """The commodities that count towards each contract, by position, also those that no supply can bring."""
    position = case["Commodities"].position
    found = []
    for name, only in zip(case.word("Contracts", "applies_to"), case.word("Contracts", "commodity"), strict=True):
        carried = _carried(case, name)
        found.append([position[k] for k in carried if not only or k in only])
    return found


def _carried(case: Case, name: str) -> list[str]:
    """What a link or asset carries or a demand takes."""
    for sheet in ("Links", "Demand"):
        if name in case[sheet].position:
            return list(case.word(sheet, "commodity")[case[sheet].position[name]])
    links, uses = case["Links"], case["Uses"].words
    rows = zip(uses["link"], uses["asset"], uses["commodity"], strict=True)
    groups = [
        [only] if only else links.words["commodity"][links.position[link]]
        for link, asset, only in rows
        if asset == name
    ]
    return list(dict.fromkeys(k for group in groups for k in group))
