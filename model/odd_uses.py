"""Assets, fleets and fields that are legal but oddly placed: unused, passed by, or in another country."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from model.case import Case

FEWEST: Final = 3  # others at one place of which all use an asset
ENTRIES: Final = ("border", "port")


def odd_uses(case: Case) -> Iterator[str]:
    """Each in a sentence with its cell."""
    yield from _unused(case)
    yield from _passed_by(case)
    yield from _abroad(case)


def _unused(case: Case) -> Iterator[str]:
    """Assets and fleets that no link uses: they limit nothing."""
    used = set(case.word("Uses", "asset"))
    for sheet, column in (("Assets", "asset"), ("Fleets", "fleet")):
        for row, name in enumerate(case[sheet].keys):
            if name not in used:
                cell = case[sheet].cell(row, column)
                yield f"{cell}: no link uses {name!r}, so it limits nothing. Is a row of Uses missing?"


def _passed_by(case: Case) -> Iterator[str]:
    """Links that do not use what all links beside them use; one that has a limit of its own needs two beside it."""
    links, used, told = case["Links"], _used(case), set()
    capacity = case.number("Links", "capacity")
    for (place, between), members in _beside(case).items():
        count = Counter(asset for row in members for asset in used[links.keys[row]])
        nearly = {asset for asset, users in count.items() if users == len(members) - 1}  # all but one use it
        for row in members if nearly else ():
            name, passed = links.keys[row], nearly - used[links.keys[row]]
            bare = not used[name] and not np.isfinite(capacity[row]).any()
            others = [other for other in members if other != row] if passed else []
            enough = len(others) >= (1 if bare else 2) if between else bare and _spread(case, others)
            if passed and enough and row not in told:
                told.add(row)
                who, do = (
                    (f"all {len(others)} others", "do") if len(others) > 1 else (repr(links.keys[others[0]]), "does")
                )
                yield (
                    f"{links.cell(row, 'link')}: {name!r} does not use {min(passed)!r}, which {who} {place} {do}. "
                    "Is a row of Uses missing?"
                )


def _spread(case: Case, rows: Sequence[int]) -> bool:
    """Whether links at one place are many and lead to several: what all of them use stands at the place."""
    links = case["Links"].words
    return len(rows) >= FEWEST and len({(links["from"][row], links["to"][row]) for row in rows}) > 1


def _used(case: Case) -> defaultdict[str, set[str]]:
    """The assets that each link uses."""
    used: defaultdict[str, set[str]] = defaultdict(set)
    for link, asset in zip(case.word("Uses", "link"), case.word("Uses", "asset"), strict=True):
        if asset in case["Assets"].position:
            used[link].add(asset)
    return used


def _beside(case: Case) -> dict[tuple[str, bool], list[int]]:
    """Links of one mode and family by where they are, and whether that is between two places or at one of them."""
    links = case["Links"].words
    families = dict(zip(case["Commodities"].keys, case.word("Commodities", "family"), strict=True))
    groups: defaultdict[tuple[str, bool], list[int]] = defaultdict(list)
    for row, (start, end, mode) in enumerate(zip(links["from"], links["to"], links["mode"], strict=True)):
        kind = f"by {mode} for {families[links['commodity'][row][0]]}"
        groups[f"{kind} from {start!r} to {end!r}", True].append(row)
        groups[f"{kind} that begin at {start!r}", False].append(row)
        groups[f"{kind} that end at {end!r}", False].append(row)
    return groups


def _abroad(case: Case) -> Iterator[str]:
    """Supplies in another country than that from which their commodity comes, unless it enters at a border or port."""
    supply, node = case["Supply"], case["Nodes"].position
    origin = dict(zip(case["Commodities"].keys, case.word("Commodities", "origin"), strict=True))
    countries = set(case.word("Nodes", "country"))  # an origin may be a region, which is none of them
    for row, place in enumerate(supply.words["node"]):
        name = supply.words["commodity"][row]
        country, kind = (case.word("Nodes", column)[node[place]] for column in ("country", "kind"))
        if origin[name] in countries - {country} and kind not in ENTRIES:
            yield (
                f"{supply.cell(row, 'node')}: {supply.keys[row]!r} gives {name!r} of {origin[name]} at {place!r}, a "
                f"{kind} in {country}. Is it another node, or another commodity?"
            )
