"""Ranges must name numbers that exist, and no value of theirs may break a rule of the workbook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from model.case import Case
from model.workbook.changes import ChangeError, Touched, apply_changes
from model.workbook.clashes import clashes
from model.workbook.draft import Draft, DraftSheet
from model.workbook.names import Names
from model.workbook.ranges import Range, correlations, is_positive_definite, read_correlated, read_range, read_values
from model.workbook.rules_scenarios import check_target, is_reported
from model.workbook.values import show

_INSIDE = np.array([0.3719])  # a number of whole units must be a choice
_NEEDED = ("sheet", "key", "column", "change")


def check_ranges(draft: Draft) -> None:
    """Each row names a column of numbers, and its values fit its distribution."""
    data = draft["Ranges"]
    for row in range(len(data)):
        column = check_target(draft, data, row)
        if column is not None and column.kind == "period":
            draft.fault(("Ranges", row, "column"), "a column of numbers")
        _check_values(draft, data, row)
        _check_spread(draft, data, row)
    _check_names(draft, data)


def _check_values(draft: Draft, data: DraftSheet, row: int) -> None:
    """Numbers are there where the distribution needs them, and nowhere else."""
    text, is_choice = data.words["values"][row], data.words["distribution"][row] == "choice"
    if text:
        try:
            read_values(text)
        except ValueError as bad:
            hint = data.table["values"].hint
            draft.fault(("Ranges", row, "values"), "numbers separated by semicolons", hint, str(bad))
        if not is_choice:
            draft.fault(("Ranges", row, "values"), "a blank cell, since the distribution is no choice")
            return
    for column in ("low", "high"):
        given = data.given[column][row]
        if text and given:
            draft.fault(("Ranges", row, column), "a blank cell, since 'values' gives the values of the choice")
        elif not text and not given:
            needs = "a number" + (", or several in 'values'" if is_choice else "")
            draft.fault(("Ranges", row, column), needs)


def _check_spread(draft: Draft, data: DraftSheet, row: int) -> None:
    low, high, likely = (float(data.numbers[column][row, 0]) for column in ("low", "high", "likely"))
    distribution = data.words["distribution"][row]
    if low > high:
        draft.fault(("Ranges", row, "low"), f"a number of at most 'high' ({show(high)})")
    elif distribution == "lognormal" and low <= 0:
        draft.fault(("Ranges", row, "low"), "a number above 0, since the distribution is lognormal")
    if distribution != "triangular" and not np.isnan(likely):
        draft.fault(("Ranges", row, "likely"), "a blank cell, since the distribution is not triangular")
    elif low <= high and not (np.isnan(likely) or low <= likely <= high):
        draft.fault(("Ranges", row, "likely"), f"a number from low to high ({show(low)} to {show(high)})")


def _check_names(draft: Draft, data: DraftSheet) -> None:
    """Groups are no ranges of another factor; correlations name other ranges or groups, each pair once."""
    factor = {key: data.words["group"][row] or key for row, key in enumerate(data.keys) if key}
    for row, group in enumerate(data.words["group"]):
        if group in factor and factor[group] != group:
            needs = "a name that is not that of a range of another group"
            draft.fault(("Ranges", row, "group"), needs, f"The range {group!r} is in the group {factor[group]!r}.")
    factor |= {group: group for group in factor.values()}
    stated: dict[frozenset[str], tuple[float, int]] = {}
    for row, text in enumerate(data.words["correlated"]):
        for name, number in _pairs(draft, row, text):
            own = data.words["group"][row] or data.keys[row]
            if name not in factor:
                draft.fault(("Ranges", row, "correlated"), "names of ranges or groups", Names(factor).hint(name), name)
                continue
            pair = frozenset((own, factor[name]))
            before, where = stated.setdefault(pair, (number, row))
            if len(pair) == 1:
                draft.fault(
                    ("Ranges", row, "correlated"), "a range that does not move together with this one", "", name
                )
            elif before != number:
                hint = f"{data.table.sheet}!{data.raw.letters['correlated']}{data.raw.rows[where][0]} says {before:g}."
                draft.fault(("Ranges", row, "correlated"), "one correlation for two ranges", hint, f"{name} {number:g}")


def _pairs(draft: Draft, row: int, text: str | None) -> Iterator[tuple[str, float]]:
    try:
        yield from read_correlated(text or "").items()
    except ValueError as bad:
        needs = "names, each with a number from -1 to 1"
        draft.fault(("Ranges", row, "correlated"), needs, draft["Ranges"].table["correlated"].hint, str(bad))


def check_range_values(draft: Draft, case: Case) -> None:
    """Put the lowest and the highest value of each range into the case: what they break is a fault of the range.

    No two ranges may set the same number, and correlations must be those of something that can exist.
    """
    data = draft["Ranges"]
    faulty = {row for row, _ in data.bad}
    known = {(clash.places, clash.needs) for clash in clashes(case)} if len(data) else set()
    taken: dict[tuple[str, int, str, int], str] = {}
    for row in range(len(data)):
        if row in faulty or not data.keys[row] or any(data.words[name][row] is None for name in _NEEDED):
            continue
        one = read_range(case["Ranges"], case.period_position, row)
        touched = _apply(draft, case, one, known)
        _check_taken(draft, case, one, touched, taken)
    if len(data) and not data.bad and not is_positive_definite(matrix := correlations(case)):
        row = next(i for i, text in enumerate(data.words["correlated"]) if text)
        needs = "correlations that can hold together: these are not positive definite"
        hint = f"The least eigenvalue of their matrix is {np.linalg.eigvalsh(matrix)[0]:.3g}; bring them nearer to 0."
        draft.fault(("Ranges", row, "correlated"), needs, hint)


def _apply(draft: Draft, case: Case, one: Range, known: set[Any]) -> list[Touched]:
    """What the range touches; its extremes must leave every column within its limits and contradict no number."""
    touched: list[Touched] = []
    for column, value in zip(("low", "high", "distribution"), (*one.extremes, float(one.at(_INSIDE)[0])), strict=True):
        is_end = column != "distribution"
        place = ("Ranges", one.row, column if not is_end or draft["Ranges"].given[column][one.row] else "values")
        tail = f" The {one.distribution} distribution reaches {show(value)}." if value not in one.written else ""
        try:
            changed, touched = apply_changes(case, [one.change(value)])
        except ChangeError as bad:
            if not is_reported(draft, one.change(value), bad):
                part = place if bad.part == "value" else ("Ranges", one.row, bad.part)
                draft.fault(part, bad.needs, (bad.hint + tail).strip())
            return []
        for clash in clashes(changed) if is_end else ():
            if (clash.places, clash.needs) not in known:
                sheet, row, name = clash.places[0]
                needs = f"a value that leaves in {sheet}:{changed[sheet].keys[row]}:{name} {clash.needs}"
                draft.fault(place, needs, (clash.hint + tail).strip())
                break
    return touched


def _check_taken(
    draft: Draft, case: Case, one: Range, touched: list[Touched], taken: dict[tuple[str, int, str, int], str]
) -> None:
    first, last = (0, len(case.periods) - 1) if one.first is None or one.last is None else (one.first, one.last)
    cells = [(one.sheet, each.row, one.column, t) for each in touched for t in range(first, last + 1)]
    clash = next((cell for cell in cells if cell in taken), None)
    if clash is not None:
        address = f"{one.sheet}:{case[one.sheet].keys[clash[1]]}:{one.column}"
        hint = f"{taken[clash]} sets {address} too; narrow the key or the period of one of them."
        draft.fault(("Ranges", one.row, "key"), "numbers that no other range sets", hint)
    taken.update(dict.fromkeys(cells, case["Ranges"].cell(one.row, "range")))
