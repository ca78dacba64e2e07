"""Names that cells refer to must exist."""

from __future__ import annotations

from typing import Any

from model.workbook.columns import Column
from model.workbook.draft import Draft, DraftSheet
from model.workbook.names import Names
from model.workbook.raw import label
from model.workbook.sheets import CAPACITY

BASE = "base"


def check_references(draft: Draft) -> None:
    """Every name that refers to another sheet or to a period exists; else the nearest valid one is named."""
    for data in draft.sheets.values():
        for column in data.table.columns:
            if column.kind in ("reference", "references", "shares", "becomes") and column.refers_to:
                _check_names(draft, data, column)
            elif column.kind in ("period", "periods"):
                _check_periods(draft, data, column)
    _check_ambiguous(draft, "Uses", "asset", ("Assets", "Fleets"))
    _check_ambiguous(draft, "Contracts", "applies_to", ("Links", "Assets", "Demand"))
    _check_ambiguous(draft, "Projects", "adds_to", tuple(CAPACITY))


def _referred(value: Any) -> tuple[str, ...]:
    """The names in a typed value of a referring column."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, dict):
        return tuple(name for pair in value.items() for name in pair if name)
    return tuple(part if isinstance(part, str) else part[0] for part in value or ())


def _check_names(draft: Draft, data: DraftSheet, column: Column) -> None:
    targets = [draft[sheet] for sheet in column.refers_to]
    if any(target.table.needed and not len(target) for target in targets):
        return  # the empty sheet has been reported
    valid = {key for target in targets for key in target.keys}
    if column.refers_to == ("Scenarios",):
        valid.add(BASE)
    valid.discard("")
    # names whose own row is at fault were declared all the same
    declared = valid.union(*(map(label, target.values(target.table.key)) for target in targets))
    names = Names(key for target in targets for key in target.position)
    passed: set[int] = set()
    words = data.words[column.name]
    for row, value in enumerate(words):
        if value is None or id(value) in passed:
            continue
        unknown = [name for name in _referred(value) if name not in declared]
        for name in unknown:
            found = None if len(_referred(value)) == 1 else name
            draft.fault((data.table.sheet, row, column.name), column.needs, names.hint(name), found)
        if any(name not in valid for name in _referred(value)):
            words[row] = None if column.kind != "becomes" else {}
        else:
            passed.add(id(value))


def _check_periods(draft: Draft, data: DraftSheet, column: Column) -> None:
    names = Names(draft.periods)
    words = data.words[column.name]
    for row, value in enumerate(words):
        if value is None or not draft.periods:
            continue
        labels: tuple[str, ...] = (value,) if isinstance(value, str) else value
        unknown = [one for one in dict.fromkeys(labels) if one not in draft.period_position]
        for one in unknown:
            draft.fault((data.table.sheet, row, column.name), column.needs, period_hint(names, one), one)
        if unknown:
            words[row] = None
        elif len(labels) == 2 and draft.period_position[labels[0]] > draft.period_position[labels[1]]:
            draft.fault((data.table.sheet, row, column.name), "a range whose first period is not after its last")
            words[row] = None


def period_hint(names: Names, wrong: str) -> str:
    """The nearest period, and the first and last there are."""
    if not names.names:
        return ""
    span = f"The periods run from {names.names[0]} to {names.names[-1]}."
    near = names.nearest(wrong)
    return f"Nearest valid name: {near!r}. {span}" if near else span


def _check_ambiguous(draft: Draft, sheet: str, column: str, targets: tuple[str, ...]) -> None:
    words = draft[sheet].words[column]
    for row, value in enumerate(words):
        for name in _referred(value):
            holders = [target for target in targets if name in draft[target].position]
            if len(holders) > 1:
                needs = f"a name that only one of the sheets {', '.join(targets)} has"
                hint = f"{' and '.join(holders)} both have a row {name!r}: rename one."
                draft.fault((sheet, row, column), needs, hint, name)
                words[row] = None
