"""Changes of numbers: what a row of the sheet Changes, the command line or a script does to a case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Final

import numpy as np

from model.case import Case, FloatArray, Sheet
from model.workbook.columns import Column, Table
from model.workbook.draft import within
from model.workbook.names import Names
from model.workbook.sheets import SETTINGS, SHEETS
from model.workbook.values import fits, number_hint, show

UNCHANGEABLE: Final = ("Periods", "Nodes", "Series", "Scenarios", "Changes", "Ranges", "Observed", "Sources")
CHANGEABLE: Final = tuple(name for name, table in SHEETS.items() if name not in UNCHANGEABLE)

# settings that hold for all scenarios at once
_FIXED: Final = ("schema_version", "tail")


class ChangeError(ValueError):
    """A change that cannot be made: which part of it is wrong, what is needed, and the nearest valid name."""

    def __init__(self, part: str, needs: str, hint: str = "") -> None:
        super().__init__(needs)
        self.part, self.needs, self.hint = part, needs, hint


@dataclass(frozen=True)
class Change:
    """One change; ``key`` may hold ``*``; ``first`` and ``last`` are period positions, None for all periods.

    ``row`` is the position in the sheet Changes, -1 for a change from elsewhere; ``cell`` where it is written.
    """

    sheet: str
    key: str
    column: str
    first: int | None
    last: int | None
    how: str
    value: float | str
    scenario: str = ""
    row: int = -1
    cell: str = ""


@dataclass(frozen=True)
class Touched:
    """What one change did to one row: the values by period (or the single value) before and after."""

    change: Change
    row: int
    old: Any
    new: Any


def changeable_column(sheet: str, column: str) -> Column:
    """The declared column of an address; ChangeError where it cannot be changed."""
    table = SHEETS[sheet]
    if sheet not in CHANGEABLE:
        raise ChangeError("sheet", "a sheet whose values can be changed", f"These are {', '.join(CHANGEABLE)}.")
    if sheet == "Settings":
        if column != "value":
            raise ChangeError("column", "the column value")
        return table[column]
    valid = changeable_columns(table)
    if column not in valid:
        hint = f"Columns of {sheet} that can be changed: {', '.join(valid)}."
        raise ChangeError("column", "a column of numbers, or opens or closes", hint)
    return table[column]


def changeable_columns(table: Table) -> list[str]:
    """Names of a sheet's columns whose values can be changed."""
    return [column.name for column in table.columns if column.changeable]


def matching_rows(keys: tuple[str, ...], position: Mapping[str, int], pattern: str) -> list[int]:
    """Rows that a key, maybe with wildcards, names."""
    if pattern in position:
        return [position[pattern]]
    if "*" not in pattern:
        return []
    return [row for row, key in enumerate(keys) if fnmatchcase(key, pattern)]


def apply_changes(case: Case, changes: Iterable[Change]) -> tuple[Case, list[Touched]]:
    """A new case with the changes made from first to last, and what they did; the given case is left as it is.

    Raises
    ------
    ChangeError
        Where a change matches no row, or its result is outside the column's limits.
    """
    touched: list[Touched] = []
    sheets: dict[str, Sheet] = {}
    settings = case.settings
    for change in changes:
        column = changeable_column(change.sheet, change.column)
        sheet = sheets.get(change.sheet, case.sheets[change.sheet])
        if change.sheet == "Settings":
            done, sheet, settings = _change_setting(sheet, settings, change)
        elif column.kind == "number":
            done, sheet = _change_numbers(case, sheet, column, change)
        else:
            done, sheet = _change_words(case, sheet, column, change)
        touched.extend(done)
        sheets[change.sheet] = sheet
    return case.with_sheets(sheets, settings=settings), touched


def _rows(sheet: Sheet, change: Change) -> list[int]:
    rows = matching_rows(sheet.keys, sheet.position, change.key)
    if not rows:
        needs = f"the name of a row of the sheet {sheet.name}"
        hint = f"Nothing matches {change.key!r}." if "*" in change.key else Names(sheet.keys).hint(change.key)
        raise ChangeError("key", needs, hint)
    return rows


def _change_numbers(case: Case, sheet: Sheet, column: Column, change: Change) -> tuple[list[Touched], Sheet]:
    value = _number(change, column)
    rows = _rows(sheet, change)
    old = sheet.numbers[column.name]
    periods = slice(None)
    if change.first is not None and change.last is not None:
        if not column.series:
            raise ChangeError("period", f"a blank cell, since {column.name} cannot vary by period")
        old = np.broadcast_to(old, (len(sheet), len(case.periods)))
        periods = slice(change.first, change.last + 1)
    new = old.copy()
    new[rows, periods] = _changed(old[rows, periods], change.how, value)
    keys = [sheet.keys[row] for row in rows]
    _check_result(column, change, keys, old[rows, periods], new[rows, periods])
    done = [Touched(change, row, old[row], new[row]) for row in rows]
    return done, replace(sheet, numbers={**sheet.numbers, column.name: new})


def _changed(old: FloatArray, how: str, value: float) -> FloatArray:
    if how == "set":
        return np.full_like(old, value)
    # what is unlimited stays so
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(old), old, old + value if how == "add" else old * value)


def _check_result(column: Column, change: Change, keys: list[str], before: FloatArray, after: FloatArray) -> None:
    if change.how != "set" and np.isnan(before).any():
        key = keys[int(np.argmax(np.isnan(before).any(axis=1)))]
        raise ChangeError("value", f"a value to change; {key!r} has none in {column.name}: use 'set'")
    if change.how != "set" and np.isinf(before).all():
        raise ChangeError("change", f"'set', since {change.key!r} is unlimited in {column.name}")
    wrong = ~within(after, column) & ~(np.isinf(after) & (after > 0) & column.unlimited)
    if wrong.any():
        i, t = np.argwhere(wrong)[0]
        result = show(float(after[i, t]))
        raise ChangeError("value", f"a change whose result is {column.needs}; for {keys[i]!r} it is {result}")


def _number(change: Change, column: Column) -> float:
    value = change.value
    if isinstance(value, str) and value.lower() == "unlimited" and change.how == "set" and column.unlimited:
        return np.inf
    if isinstance(value, (str, bool)):
        raise ChangeError("value", "a number", number_hint(value) if isinstance(value, str) else "")
    if change.how == "set" and not fits(value, column):
        raise ChangeError("value", column.needs, column.hint)
    return float(value)


def _change_words(case: Case, sheet: Sheet, column: Column, change: Change) -> tuple[list[Touched], Sheet]:
    """Set opens or closes to a period."""
    label = change.value if isinstance(change.value, str) else f"{change.value:.12g}"
    if change.how != "set":
        raise ChangeError("change", f"'set', since {column.name} is a period")
    if change.first is not None:
        raise ChangeError("period", f"a blank cell, since {column.name} cannot vary by period")
    if label not in case.period_position:
        raise ChangeError("value", "a period of the sheet Periods", Names(case.periods).hint(label))
    rows = _rows(sheet, change)
    words = list(sheet.words[column.name])
    done = [Touched(change, row, words[row], label) for row in rows]
    for row in rows:
        words[row] = label
    return done, replace(sheet, words={**sheet.words, column.name: tuple(words)})


def changeable_settings() -> list[Column]:
    """Settings that are numbers of the model."""
    return [one for one in SETTINGS.columns if one.kind == "number" and one.name not in _FIXED]


def _change_setting(sheet: Sheet, settings: Any, change: Change) -> tuple[list[Touched], Sheet, Any]:
    columns = {column.name: column for column in changeable_settings()}
    names = matching_rows(tuple(columns), {name: i for i, name in enumerate(columns)}, change.key)
    if not names:
        raise ChangeError("key", "a setting that is a number", Names(columns).hint(change.key))
    if change.first is not None:
        raise ChangeError("period", "a blank cell, since settings cannot vary by period")
    done = []
    words = list(sheet.words["value"])
    for name in (list(columns)[i] for i in names):
        column, row = columns[name], sheet.position.get(name, -1)
        value, old = _number(change, column), getattr(settings, name)
        if change.how != "set" and old is None:
            raise ChangeError("change", f"'set', since the setting {name} is blank")
        new = value if change.how == "set" else old + value if change.how == "add" else old * value
        if not fits(new, column):
            raise ChangeError(
                "value", f"a change whose result is {column.needs}; for {name!r} it is {show(float(new))}"
            )
        new = int(new) if column.whole else float(new)
        settings = replace(settings, **{name: new})
        done.append(Touched(change, row, old, new))
        if row >= 0:
            words[row] = new
    return done, replace(sheet, words={**sheet.words, "value": tuple(words)}), settings


def changes_in(sheet: Sheet, case: Case, scenario: str) -> Iterator[Change]:
    """The rows of Changes of one scenario, from top to bottom."""
    words = sheet.words
    for row, name in enumerate(words["scenario"]):
        if name == scenario:
            span = words["period"][row]
            first, last = (None, None) if span is None else (case.period_position[label] for label in span)
            yield Change(
                words["sheet"][row],
                words["key"][row],
                words["column"][row],
                first,
                last,
                words["change"][row],
                words["value"][row],
                scenario,
                row,
                sheet.cell(row, "value"),
            )


def lineage(based_on: Mapping[str, str | None], scenario: str) -> list[str]:
    """A scenario and those it is based on, the most basic first; ValueError names a loop."""
    chain = [scenario]
    while parent := based_on.get(chain[-1]):
        if parent == "base":
            break
        if parent in chain:
            raise ValueError(" → ".join([*chain, parent]))
        chain.append(parent)
    return chain[::-1]
