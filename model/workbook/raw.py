"""A workbook as it was found: cells with their places, before anything is checked."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from model.errors import Issue
from model.workbook.columns import Table
from model.workbook.names import Names
from model.workbook.sheets import SHEETS

OWN_MARKS: Final = ("_", "#")
READ_ME: Final = "read me"
_SPACES: Final = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u200b": "", "\ufeff": "", "\u200e": ""})


@dataclass(frozen=True)
class Unusable:
    """A cell without a value that could be used: an error value, or a formula that was never calculated."""

    found: str
    needs: str
    hint: str


RawValue = str | float | int | bool | dt.date | dt.time | dt.timedelta | Unusable


@dataclass
class RawSheet:
    """One sheet: where its header stands, the letter of each column, and the cells of each row that are not blank."""

    name: str
    header_row: int = 1
    letters: dict[str, str] = field(default_factory=dict)
    rows: list[tuple[int, dict[str, RawValue]]] = field(default_factory=list)


@dataclass
class RawBook:
    """A whole workbook, or tables from memory, with the faults found while reading."""

    name: str
    path: str = ""
    sha256: str = ""
    sheets: dict[str, RawSheet] = field(default_factory=dict)
    faults: list[Issue] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def clean(text: str) -> str:
    """A text as it is compared: trimmed, non-breaking spaces as ordinary ones, accents composed."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_SPACES))
    return text.strip()


def label(value: object) -> str:
    """How a name or label reads: 2026.0 as ``2026``, a date as ``2026-01`` (or ``2026-01-15``)."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.date):
        return value.strftime("%Y-%m" if value.day == 1 else "%Y-%m-%d")
    return str(value)


def is_own(name: str) -> bool:
    """Whether a sheet or column is the user's own and not read."""
    return name.startswith(OWN_MARKS) or name.casefold() == READ_ME


def find_sheet(name: str) -> Table | None:
    """The declared sheet of that name, whatever its case."""
    return _BY_NAME.get(clean(name).casefold())


_BY_NAME: Final = {name.casefold(): table for name, table in SHEETS.items()}


def unknown_sheet(name: str) -> Issue:
    """The fault of a sheet that is not declared."""
    near = Names(SHEETS).hint(name)
    hint = f"{near} " if near else ""
    return Issue(name, 0, "", "", "", name, "is no sheet of this workbook", hint + "Begin your own sheets with _ or #.")


def repeated_sheet(name: str, title: str, first: str) -> Issue:
    """The fault of a second sheet that reads as one there is, such as ``links`` beside ``Links``."""
    needs = f"stands there a second time, beside {first!r}; which of them counts cannot be told"
    return Issue(name, 0, "", "", "", title, needs, f"Begin the name of {title!r} with _ or #, or delete it.")


def column_letter(index: int) -> str:
    """Excel's letter of a column, from 1 = A."""
    letters = ""
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def read_header(table: Table, row: int, header: Sequence[object], faults: list[Issue]) -> list[str]:
    """Canonical column name of each header cell; "" for blank headers and the user's own columns.

    Unknown and repeated headers are added to ``faults``.
    """
    names: list[str] = []
    seen: dict[str, str] = {}
    for index, value in enumerate(header, 1):
        text = "" if value is None else " ".join(label(value).split())
        known = table.by_name.get(text.lower())
        name = known.name if known else text if table.open_columns else ""
        letter = column_letter(index)
        if not text or is_own(text):
            name = ""
        elif not name:
            near = Names(column.name for column in table.columns).hint(text.lower())
            needs = f"one of the columns of {table.sheet}"
            hint = " ".join([*([near] if near else []), "Begin the header of your own columns with _ or #."])
            faults.append(Issue(table.sheet, row, letter, "", "", text, needs, hint))
        elif name in seen:
            needs = "a header that no other column has"
            faults.append(Issue(table.sheet, row, letter, "", "", text, needs, f"{seen[name]}{row} has it already."))
            name = ""
        if name:
            seen[name] = letter
        names.append(name)
    return names


def raw_from_tables(tables: Mapping[str, Any], name: str = "tables") -> RawBook:
    """The same from memory: sheet -> DataFrame, or list of rows as mappings of header to value.

    A cell has the place that it would have in a workbook with its header in row 1.
    """
    book = RawBook(name)
    digest = hashlib.sha256()
    titles: dict[str, str] = {}
    for sheet, rows in tables.items():
        table = find_sheet(str(sheet))
        if table is None:
            if not is_own(str(sheet)):
                book.faults.append(unknown_sheet(str(sheet)))
            continue
        first = titles.setdefault(table.sheet, str(sheet))
        if first != str(sheet):
            book.faults.append(repeated_sheet(table.sheet, str(sheet), first))
            continue
        headers, records = _records(rows)
        names = read_header(table, 1, headers, book.faults)
        raw = RawSheet(table.sheet, 1, {n: column_letter(i) for i, n in enumerate(names, 1) if n})
        used = [(n, h) for n, h in zip(names, headers, strict=True) if n]
        for number, record in enumerate(records, 2):
            cells = {n: value for n, h in used if (value := _plain(record.get(h))) is not None}
            if cells:
                raw.rows.append((number, cells))
        digest.update(repr((table.sheet, raw.rows)).encode())
        book.sheets[table.sheet] = raw
    book.sha256 = digest.hexdigest()
    return book


def _records(rows: Any) -> tuple[list[Any], Iterable[Mapping[Any, Any]]]:
    if hasattr(rows, "to_dict"):
        named_index = [name for name in rows.index.names if name is not None]
        frame = rows.reset_index() if named_index else rows
        return list(frame.columns), frame.astype(object).to_dict("records")
    records = list(rows)
    return list(dict.fromkeys(header for record in records for header in record)), records


def _plain(value: Any) -> RawValue | None:
    """A value from memory as a workbook would hold it: NumPy's and pandas' types unwrapped, missing ones as blank."""
    if value is None or isinstance(value, str):
        return clean(value) or None if value else None
    if isinstance(value, (list, tuple)):
        return ", ".join(label(one) for one in value) or None
    if hasattr(value, "to_pydatetime"):
        value = None if type(value).__name__ == "NaTType" else value.to_pydatetime()
    elif hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and math.isnan(value):
        return None
    if value is None or isinstance(value, (bool, int, float, dt.date, dt.time, dt.timedelta)):
        return value
    # pandas' missing values have no common type
    return None if type(value).__name__ == "NAType" else clean(str(value)) or None
