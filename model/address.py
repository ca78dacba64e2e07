"""Addresses: ``sheet:key:column@period``, the public name of every number that can be changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from model.case import Case, FloatArray
from model.errors import UsageError
from model.own_unit import own_unit
from model.workbook.changes import CHANGEABLE, changeable_columns, changeable_settings, matching_rows
from model.workbook.names import Names
from model.workbook.sheets import SETTINGS, SHEETS

FORM = "An address is written sheet:key:column, with @period or @first..last for some periods only"


@dataclass(frozen=True)
class Address:
    """A parsed address; ``key`` may hold ``*``, ``first`` and ``last`` are period labels or None for all periods."""

    sheet: str
    key: str
    column: str
    first: str | None = None
    last: str | None = None

    def __str__(self) -> str:
        place = f"{self.sheet}:{self.key}:{self.column}"
        if self.first is None:
            return place
        return f"{place}@{self.first}" if self.first == self.last else f"{place}@{self.first}..{self.last}"


def parse_address(text: str) -> Address:
    """Read ``Links:btc:tariff@2026..2030``; sheet and column in any case.

    Raises
    ------
    UsageError
        Where it is not written so, or the sheet or column does not exist or cannot be changed.
    """
    place, at, span = (part.strip() for part in text.partition("@"))
    parts = [part.strip() for part in place.split(":")]
    if len(parts) != 3 or not all(parts) or (at and not span):
        raise UsageError(f"{text!r} is no address. {FORM}, such as Links:btc:tariff@2026..2030.")
    sheet = _known(parts[0], CHANGEABLE, f"{text}: there is no sheet {parts[0]!r} whose values can be changed")
    columns = ["value"] if sheet == "Settings" else changeable_columns(SHEETS[sheet])
    column = _known(parts[2], columns, f"{text}: {sheet} has no column {parts[2]!r} that can be changed")
    if not at:
        return Address(sheet, parts[1], column)
    first, dots, last = (part.strip() for part in span.partition(".."))
    if not first or (dots and not last):
        raise UsageError(f"{text!r}: {span!r} is no period and no range such as 2026..2030.")
    return Address(sheet, parts[1], column, first, last or first)


def _known(name: str, valid: tuple[str, ...] | list[str], message: str) -> str:
    folded = {one.casefold(): one for one in valid}
    if name.casefold() not in folded:
        near = Names(valid).nearest(name)
        raise UsageError(f"{message}. " + (f"Nearest: {near}." if near else f"There are {', '.join(valid)}."))
    return folded[name.casefold()]


def resolve(case: Case, address: Address) -> tuple[int | None, int | None]:
    """Positions of an address's first and last period; UsageError where the key or a period does not exist."""
    keys = case[address.sheet].keys
    if address.sheet == "Settings":
        keys = tuple(column.name for column in changeable_settings())
    if not matching_rows(
        keys, {key: i for i, key in enumerate(keys)} if "*" in address.key else _position(keys), address.key
    ):
        hint = Names(keys).hint(address.key) if "*" not in address.key else ""
        raise UsageError(f"{address}: nothing on the sheet {address.sheet} is called {address.key!r}. {hint}".rstrip())
    if address.first is None or address.last is None:
        return None, None
    first, last = _period(case, address, address.first), _period(case, address, address.last)
    if first > last:
        raise UsageError(f"{address}: {address.first} is after {address.last}.")
    return first, last


def _position(keys: tuple[str, ...]) -> dict[str, int]:
    return {key: i for i, key in enumerate(keys)}


def _period(case: Case, address: Address, label: str) -> int:
    if label in case.period_position:
        return case.period_position[label]
    near = Names(case.periods).nearest(label)
    span = f"the periods run from {case.periods[0]} to {case.periods[-1]}"
    raise UsageError(f"{address}: there is no period {label!r}; {span}." + (f" Nearest: {near}." if near else ""))


def period_span(case: Case, first: int, last: int) -> str:
    """``2026`` or ``2026..2030``."""
    labels = case.periods
    return labels[first] if first == last else f"{labels[first]}..{labels[last]}"


@dataclass(frozen=True)
class Entry:
    """One address with what stands there: a number, numbers by period, a period label, or None where none is given."""

    address: Address
    value: float | str | FloatArray | None
    unit: str
    cell: str

    @property
    def shown(self) -> str:
        """The value in one short text; numbers by period as ``10 … 14``."""
        if isinstance(self.value, np.ndarray):
            if np.all(np.isnan(self.value)):
                return "not given"
            first, last = (_shown(float(one)) for one in (self.value[0], self.value[-1]))
            return f"{first} … {last}"
        return "not given" if self.value is None else _shown(self.value)


def _shown(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return "not given" if np.isnan(value) else "unlimited" if np.isinf(value) else f"{value:.6g}"


def find(case: Case, pattern: str = "*") -> list[Entry]:
    """Every address that can be changed and fits a pattern, in sheet order.

    The pattern is ``sheet:key:column``, each part with wildcards ``*`` and parts left out meaning all; a single part
    is a sheet or, where there is no such sheet, a key.

    Raises
    ------
    UsageError
        Where nothing fits; the message names the nearest sheet, key or column.
    """
    parts = [part.strip() or "*" for part in pattern.partition("@")[0].split(":")]
    if len(parts) > 3:
        raise UsageError(f"{pattern!r} is no pattern of addresses. {FORM}.")
    if len(parts) == 1 and not _sheets(parts[0]):
        parts = ["*", parts[0]]
    sheet, key, column = (*parts, "*", "*")[:3]
    found = list(_entries(case, sheet, key, column))
    if not found:
        raise UsageError(f"No address fits {pattern!r}. {_nearest_part(case, sheet, key, column)}".rstrip())
    return found


def _sheets(pattern: str) -> list[str]:
    return [name for name in CHANGEABLE if fnmatchcase(name.casefold(), pattern.casefold())]


def _entries(case: Case, sheets: str, key: str, columns: str) -> Iterator[Entry]:
    for name in _sheets(sheets):
        if name == "Settings":
            yield from _settings(case, key, columns)
            continue
        sheet = case[name]
        rows = matching_rows(sheet.keys, sheet.position, key)
        wanted = [one for one in changeable_columns(SHEETS[name]) if fnmatchcase(one, columns.lower())]
        for row in rows:
            for column in wanted:
                address = Address(name, sheet.keys[row], column)
                yield Entry(
                    address, _value(case, name, row, column), own_unit(case, name, row, column), sheet.cell(row, column)
                )


def _value(case: Case, sheet: str, row: int, column: str) -> Any:
    numbers = case[sheet].numbers.get(column)
    if numbers is None:
        return case[sheet].words[column][row]
    values = numbers[row]
    if len(values) > 1 and not np.array_equal(values, np.full_like(values, values[0]), equal_nan=True):
        return values
    return None if np.isnan(values[0]) else float(values[0])


def _settings(case: Case, key: str, columns: str) -> Iterator[Entry]:
    position = case["Settings"].position
    for column in changeable_settings() if fnmatchcase("value", columns.lower()) else ():
        if fnmatchcase(column.name, key):
            row = position.get(column.name)
            cell = "Settings" if row is None else case["Settings"].cell(row, "value")
            unit = SETTINGS[column.name].unit
            yield Entry(Address("Settings", column.name, "value"), getattr(case.settings, column.name), unit, cell)


def _nearest_part(case: Case, sheet: str, key: str, column: str) -> str:
    sheets = _sheets(sheet)
    if not sheets:
        return Names(CHANGEABLE).hint(sheet)
    keys = Names(one for name in sheets for one in case[name].keys)
    if "*" not in key and key not in keys.names:
        return keys.hint(key)
    return Names(dict.fromkeys(one for name in sheets for one in changeable_columns(SHEETS[name]))).hint(column)
