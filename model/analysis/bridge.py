"""The bridge between two scenarios: how much of the change in value each group of inputs brings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING, Final

import numpy as np

from model.case import Case, Sheet
from model.engine import Engine, structure_of
from model.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final = ("step", "value_before", "change", "value_after", "cells", "note")
SETTINGS: Final = "settings"
_OF_SHEET: Final = {
    "Markers": "prices",
    "Commodities": "prices",
    "Currencies": "prices",
    "Demand": "prices",
    "Links": "tariffs and losses",
    "Assets": "capacities",
    "Uses": "capacities",
    "Fleets": "capacities",
    "Storage": "capacities",
    "Supply": "supply",
    "Contracts": "contracts and limits",
    "Limits": "contracts and limits",
    "Projects": "projects and funds",
    "Funds": "projects and funds",
}
_OF_COLUMN: Final = {
    ("Links", "capacity"): "capacities",
    ("Links", "minimum"): "capacities",
    ("Links", "opens"): "capacities",
    ("Links", "closes"): "capacities",
    ("Demand", "volume"): "demand",
    ("Demand", "firm"): "demand",
}
Group = frozenset[str]


@dataclass(frozen=True)
class Bridge:
    """Contributions of groups of inputs, which add up to the change from one value to another.

    ``parts`` holds names and contributions; a name with ``+`` is of groups that cannot change one without the other.
    """

    start: str
    end: str
    before: float
    after: float
    parts: tuple[tuple[str, float, int, str], ...]

    def table(self) -> pd.DataFrame:
        """step, value_before, change, value_after, cells, note: the start, each part, the end; million USD."""
        import pandas as pd

        rows: list[tuple[str, float, float, float, int, str]] = [(self.start, 0.0, self.before, self.before, 0, "")]
        at = self.before
        for name, change, cells, note in self.parts:
            rows.append((name, at, change, at + change, cells, note))
            at += change
        rows.append((self.end, 0.0, self.after, self.after, 0, ""))
        return pd.DataFrame(rows, columns=list(COLUMNS))


def bridge(engine: Engine, start: Case, end: Case) -> Bridge:
    """Split the change in value between two scenarios of one workbook by groups of inputs.

    The values of a group's cells are exchanged, all others stay; each group's part is its Shapley value (Shapley,
    1953): its contribution averaged over all orders of exchange, so that the parts add up whatever the order. All
    2^groups mixtures are solved, warm. Where a mixture has no plan, a group in it is merged with one that gives it
    one, and the note says so.

    Raises
    ------
    UsageError
        Where the two cannot be mixed, or one of them has no optimum.
    """
    if structure_of(start) != structure_of(end):
        raise UsageError(f"{start.scenario} and {end.scenario} differ in the structure of the model; none joins them.")
    differing = _differing(start, end)
    values = _Values(engine, start, end)
    before, after = values.of(frozenset()), values.of(frozenset(differing))
    for name, value in ((start.scenario, before), (end.scenario, after)):
        if np.isnan(value):
            raise UsageError(f"Scenario {name} has no optimum; no bridge leads from or to it.")
    merged = _merged([frozenset((name,)) for name in differing], values.of)
    parts = [
        (
            " + ".join(sorted(group)),
            _shapley(group, merged, values.of),
            sum(differing[name] for name in group),
            "merged: without one of them the other has no plan" if len(group) > 1 else "",
        )
        for group in merged
    ]
    return Bridge(start.scenario, end.scenario, before, after, tuple(sorted(parts, key=lambda part: -abs(part[1]))))


class _Values:
    """Values of mixtures: cases of the start with some groups' cells from the end; NaN without a plan."""

    def __init__(self, engine: Engine, start: Case, end: Case) -> None:
        self.engine, self.start, self.end = engine, start, end
        self.known: dict[Group, float] = {}

    def of(self, groups: Group) -> float:
        if groups not in self.known:
            solution = self.engine.solve(_mixed(self.start, self.end, groups), cold=not self.known, ties=False)
            self.known[groups] = solution.objective if solution.status == "optimal" else float("nan")
        return self.known[groups]


def group_of(sheet: str, column: str) -> str:
    """The group of inputs to which a column belongs."""
    return _OF_COLUMN.get((sheet, column)) or _OF_SHEET.get(sheet, SETTINGS)


def _differing(start: Case, end: Case) -> dict[str, int]:
    """Groups in which the two differ, and in how many cells (row and column)."""
    found: dict[str, int] = {}
    for name, sheet in start.sheets.items():
        for column in (*sheet.numbers, *sheet.words):
            count = _count(sheet, end[name], column)
            if count and name in _OF_SHEET:
                found[group_of(name, column)] = found.get(group_of(name, column), 0) + count
    if start.settings != end.settings:
        found[SETTINGS] = 1
    return found


def _count(one: Sheet, other: Sheet, column: str) -> int:
    """Rows whose values in a column differ, in any period."""
    if column in one.words:
        return sum(a != b for a, b in zip(one.words[column], other.words[column], strict=True))
    a, b = np.broadcast_arrays(one.numbers[column], other.numbers[column])
    return int((~((a == b) | (np.isnan(a) & np.isnan(b)))).any(axis=1).sum())


def _mixed(start: Case, end: Case, groups: Group) -> Case:
    changed = {}
    for name, sheet in start.sheets.items():
        other = end[name]
        numbers = {c: other.numbers[c] if group_of(name, c) in groups else v for c, v in sheet.numbers.items()}
        words = {c: other.words[c] if group_of(name, c) in groups else v for c, v in sheet.words.items()}
        changed[name] = replace(sheet, numbers=numbers, words=words)
    return start.with_sheets(changed, settings=end.settings if SETTINGS in groups else start.settings)


def _merged(groups: Sequence[Group], value: Callable[[Group], float]) -> list[Group]:
    """Groups merged until every mixture of them has a plan: the smallest without one takes in what gives it one."""
    current = list(groups)
    while True:
        bad = next((mixture for mixture in _mixtures(current) if np.isnan(value(_union(mixture)))), None)
        if bad is None:
            return current
        others = [group for group in current if group not in bad]
        helper = next((one for one in others if not np.isnan(value(_union((*bad, one))))), None)
        together = (bad[-1], helper) if helper is not None else tuple(current)
        current = [group for group in current if group not in together] + [_union(together)]


def _mixtures(groups: Sequence[Group]) -> list[tuple[Group, ...]]:
    """All subsets, the smallest first."""
    return [some for size in range(len(groups) + 1) for some in combinations(groups, size)]


def _union(groups: Sequence[Group]) -> Group:
    return frozenset().union(*groups)


def _shapley(group: Group, groups: Sequence[Group], value: Callable[[Group], float]) -> float:
    others, count = [one for one in groups if one != group], len(groups)
    total = 0.0
    for some in _mixtures(others):
        weight = factorial(len(some)) * factorial(count - len(some) - 1) / factorial(count)
        total += weight * (value(_union((*some, group))) - value(_union(some)))
    return total
