"""Selectors: short texts that pick supplies, link flows or deliveries, such as ``link=btc*;origin=Kazakhstan``."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

_GRADE: Final = ("commodity", "family", "origin")

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "supply": ("supply", "node", "country", *_GRADE),
    "flow": ("link", "from", "to", "mode", "asset", "country", *_GRADE),
    "delivery": ("demand", "node", "country", *_GRADE),
    "built": ("project", "fund"),
}


@dataclass(frozen=True)
class Selector:
    """A parsed selector: every term must match; ``text`` is what the user wrote."""

    measure: str
    terms: tuple[tuple[str, str], ...]
    text: str

    def matches(self, record: Mapping[str, str | tuple[str, ...]]) -> bool:
        """Whether a record, such as ``{"link": "btc", "asset": ("btc_pipe", "port"), …}``, is picked.

        A field of several values (the assets of a link, the countries that share it) matches when any of them does.
        """
        return all(_fits(record[field], pattern) for field, pattern in self.terms)

    def __str__(self) -> str:
        return self.text


# every scenario asks the same of the same names
@lru_cache(maxsize=65_536)
def _fits(value: str | tuple[str, ...], pattern: str) -> bool:
    if isinstance(value, str):
        return value == pattern or fnmatchcase(value, pattern)
    return any(one == pattern or fnmatchcase(one, pattern) for one in value) or (pattern == "*" and not value)


def parse_selector(text: str, measure: str) -> Selector:
    """Read ``field=pattern`` terms joined by ``;``.

    Raises
    ------
    ValueError
        Where a term is no ``field=pattern`` or its field does not belong to the measure; the message names the
        fields that do and the nearest one.
    """
    fields = FIELDS[measure]
    terms = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        field, equals, pattern = (piece.strip() for piece in part.partition("="))
        if not equals or not pattern:
            raise ValueError(f"the term {part!r} is not written field=pattern, such as {fields[0]}=*")
        name = field.lower()
        if name not in fields:
            raise ValueError(_unknown_field(field, measure))
        terms.append((name, pattern))
    if not terms:
        raise ValueError(f"it selects nothing; write {fields[0]}=* for all")
    return Selector(measure, tuple(terms), text)


def _unknown_field(field: str, measure: str) -> str:
    fields = FIELDS[measure]
    elsewhere = [other for other, names in FIELDS.items() if field.lower() in names]
    message = f"there is no field {field!r} for the measure {measure!r}"
    if elsewhere:
        message += f" (it belongs to {' and '.join(elsewhere)})"
    near = difflib.get_close_matches(field.lower(), fields, 1, 0.6)
    message += f"; fields are {', '.join(fields)}"
    return message + (f"; nearest: {near[0]}" if near else "")
