"""Scenarios that are legal but odd: changes many times the number itself, and scenarios that are each other's copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from model.case import Case
from model.scenario import BASE, changes_of, scenario_names

TIMES: Final = 5.0
TIMES_ROOM: Final = 20.0  # room that is opened may be many times what there was, but for a unit mistaken
MONEY: Final = ("value", "price", "cost", "tariff", "capex")

Made = Mapping[str, Sequence[Mapping[str, Any]]]


def odd_changes(case: Case) -> Iterator[str]:
    """Each such change and scenario in a sentence with its cell."""
    made = {name: changes_of(case, name) for name in scenario_names(case) if name != BASE}
    yield from _large(made)
    yield from _copies(case, made)


def _large(made: Made) -> Iterator[str]:
    """Changes that make a number many times as large, or a small part of itself; of many rows of a change the first."""
    told = set()
    for record in (one for records in made.values() for one in records):
        old, new, how = record["old"], record["new"], record["change"]
        if record["cell"] in told or not all(isinstance(one, float) and np.isfinite(one) for one in (old, new)):
            continue
        if not old * new > 0:
            continue
        ratio, times = new / old, TIMES if how == "multiply" or record["column"] in MONEY else TIMES_ROOM
        if 1 / times < ratio < times:
            continue
        told.add(record["cell"])
        address = f"{record['sheet']}:{record['key']}:{record['column']}"
        at = f" in {record['period']}" if record["period"] else ""
        size = f"{ratio:,.4g} times" if ratio > 1 else f"1/{1 / ratio:,.4g} of"
        asked = "; ten per cent more is to multiply with 1.1." if how == "multiply" else "."
        yield f"{record['cell']}: {address} becomes {new:,.6g}{at}, {size} what it was ({old:,.6g}){asked}"


def _copies(case: Case, made: Made) -> Iterator[str]:
    """Scenarios with the very numbers of one above them, or of the workbook itself."""
    first: dict[frozenset[Any], str] = {frozenset(): BASE}
    for name, records in made.items():
        last = {tuple(one[part] for part in ("sheet", "key", "column", "period")): one for one in records}
        numbers = frozenset((place, one["new"]) for place, one in last.items() if one["new"] != one["old"])
        twin = first.setdefault(numbers, name)
        if twin != name:
            cell = case["Scenarios"].cell(case["Scenarios"].position[name], "scenario")
            yield f"{cell}: {name!r} has the same numbers as {twin!r}: it gives the same result. Is a change missing?"
