"""Variants of a case: the workbook's scenarios, and changes made from a script. No function edits its input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from model.address import Address, parse_address, period_span, resolve
from model.case import Case
from model.errors import UsageError
from model.workbook.changes import Change, ChangeError, Touched, apply_changes, changes_in, lineage
from model.workbook.clashes import clashes
from model.workbook.names import Names

BASE = "base"


def scenario_names(case: Case) -> list[str]:
    """Every scenario, in the order of the sheet Scenarios; ``base`` is always one, first unless listed elsewhere."""
    listed = list(case["Scenarios"].keys)
    return listed if BASE in listed else [BASE, *listed]


def runnable(case: Case) -> list[str]:
    """What a plain run solves: ``base``, unless the sheet says no, and every scenario marked run."""
    run = dict(zip(case["Scenarios"].keys, case.word("Scenarios", "run"), strict=True))
    return [*([BASE] if run.get(BASE, True) else []), *(name for name in run if run[name] and name != BASE)]


def with_scenario(case: Case, name: str) -> Case:
    """A scenario of the workbook as a case of its own; changes of those that it is based on come first.

    Raises
    ------
    UsageError
        Where there is no such scenario; the message names the nearest.
    """
    if case.scenario != BASE:
        message = f"The case is already the scenario {case.scenario!r}; take scenarios from the workbook's own case."
        raise UsageError(message)
    return _with_scenario(case, name)[0]


def _with_scenario(case: Case, name: str) -> tuple[Case, list[Touched]]:
    names = scenario_names(case)
    if name not in names:
        hint = Names(names).hint(name) or f"There are {len(names)} scenarios."
        raise UsageError(f"There is no scenario {name!r}. {hint}")
    if name == BASE:
        return case, []
    based_on = dict(zip(case["Scenarios"].keys, case.word("Scenarios", "based_on"), strict=True))
    chain = lineage(based_on, name)
    changes = [change for scenario in chain for change in changes_in(case["Changes"], case, scenario)]
    changed, touched = apply_changes(case, changes)
    return replace(changed, scenario=name, changed_cells=_cells(case, touched)), touched


def _cells(case: Case, touched: list[Touched]) -> dict[tuple[str, str, str, int], str]:
    """Where each number that a scenario changed now stands; what adds to a number or multiplies it stands beside it."""
    found: dict[tuple[str, str, str, int], str] = {}
    for one in touched:
        change = one.change
        if one.row < 0 or not isinstance(one.new, np.ndarray):
            continue
        key = case[change.sheet].keys[one.row]
        first, last = (0, len(case.periods) - 1) if change.first is None else (change.first, change.last)
        for t in range(first, (first if last is None else last) + 1):
            place = (change.sheet, key, change.column, t)
            before = found.get(place) or case.source_cell(change.sheet, one.row, change.column, t)
            found[place] = change.cell if change.how == "set" else f"{before} with {change.cell}"
    return found


def changes_of(case: Case, name: str) -> list[dict[str, Any]]:
    """What a scenario changes, one record a changed row and run of periods with one old and one new value.

    Records hold scenario, sheet, key, column, period, change, value, old, new, cell; the cell is the one in Changes.
    """
    _, touched = _with_scenario(case, name)
    return [record for one in touched for record in _records(case, name, one)]


def _records(case: Case, name: str, touched: Touched) -> list[dict[str, Any]]:
    change = touched.change
    key = change.key if touched.row < 0 else case[change.sheet].keys[touched.row]
    record = {
        "scenario": name,
        "sheet": change.sheet,
        "key": key,
        "column": change.column,
        "change": change.how,
        "value": change.value,
        "cell": change.cell,
    }
    return [{**record, "period": span, "old": old, "new": new} for span, old, new in _runs(case, touched)]


def _runs(case: Case, touched: Touched) -> list[tuple[str, Any, Any]]:
    """Periods in a row with one old and one new value, such as ``2026..2030``; all of them is ""."""
    if not isinstance(touched.new, np.ndarray):
        return [("", touched.old, touched.new)]
    old, new = np.broadcast_arrays(touched.old, touched.new)
    first, last = touched.change.first, touched.change.last
    if len(new) == 1:
        return [("", float(old[0]), float(new[0]))]
    start, stop = (0, len(new) - 1) if first is None or last is None else (first, last)
    runs: list[tuple[str, Any, Any]] = []
    begin = start
    for t in range(start, stop + 1):
        last_of_run = t == stop or not (_same(old[t + 1], old[t]) and _same(new[t + 1], new[t]))
        if last_of_run:
            whole = begin == 0 and t == len(new) - 1
            runs.append(("" if whole else period_span(case, begin, t), float(old[t]), float(new[t])))
            begin = t + 1
    return runs


def _same(a: float, b: float) -> bool:
    return bool(a == b or (np.isnan(a) and np.isnan(b)))


def with_changes(case: Case, values: Mapping[str, float | str]) -> Case:
    """A case with values set at addresses such as ``Links:btc:tariff`` or ``Markers:Brent:value@2026..2030``.

    Keys may hold ``*``. Values are in the row's own unit; ``opens`` and ``closes`` take a period label.

    Raises
    ------
    UsageError
        Where an address names nothing, a value does not fit its column, or the result contradicts other numbers.
    """
    changed = case
    touched: list[Touched] = []
    for text, value in values.items():
        address = parse_address(text)
        try:
            changed, done = apply_changes(changed, [_change(case, address, value)])
        except ChangeError as bad:
            hint = f" {bad.hint}" if bad.hint else ""
            raise UsageError(f"{text} = {value}: the {bad.part} needs {bad.needs}.{hint}") from None
        touched += done
    _raise_clashes(case, changed, touched)
    # NumPy's numbers would not be written to JSON
    plain = tuple((text, value if isinstance(value, str) else float(value)) for text, value in values.items())
    return replace(changed, overrides=(*case.overrides, *plain))


def _change(case: Case, address: Address, value: float | str) -> Change:
    first, last = resolve(case, address)
    plain = value if isinstance(value, str) else float(value)
    return Change(address.sheet, address.key, address.column, first, last, "set", plain)


def _raise_clashes(before: Case, after: Case, touched: list[Touched]) -> None:
    places = {(one.change.sheet, one.row, one.change.column) for one in touched}
    known: set[Any] | None = None
    for clash in clashes(after):
        known = {(old.places, old.needs) for old in clashes(before)} if known is None else known
        if (clash.places, clash.needs) not in known and places.intersection(clash.places):
            sheet, row, column = clash.places[0]
            address = f"{sheet}:{after[sheet].keys[row]}:{column}"
            raise UsageError(f"{address}: needs {clash.needs}.{' ' + clash.hint if clash.hint else ''}")
