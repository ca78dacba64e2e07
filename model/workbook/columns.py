"""The vocabulary in which sheets are declared: a column, a table, and what a blank cell means."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

Kind = Literal[
    "name",  # the row's own name
    "text",
    "number",
    "choice",
    "yes/no",
    "reference",  # one name declared on another sheet
    "references",  # several, comma separated
    "shares",  # `A 70, B 30`: names with the share of each
    "period",  # one period label
    "periods",  # a label or a range `2026..2030`
    "unit",
    "becomes",  # a grade, or `a > b, c > d`
    "selector",  # `link=btc*;origin=Kazakhstan`
    "value",  # a number, text or label, as another column of the row decides
]


# beyond these no solver reckons reliably, and no quantity of this trade is meant
LARGEST: Final = 1e15
SMALLEST: Final = 1e-15  # of what is divided by

AS_INITIAL: Final = -1.0  # Storage.final: the word 'initial', as much as at the start


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Final = _Required()


@dataclass(frozen=True)
class Column:
    """One column of one sheet: the single source for reader, checks, template, glossary and messages.

    ``unit`` is a unit (``USD/t``, ``share``) or a placeholder for the row's own one: ``{volume}``, ``{volume}/year``,
    ``{cost}``, ``{price}``, ``{tariff}``, ``{marker}``, ``{differential}``, ``{capacity}/year``; ``{own}`` is the
    commodity's own unit, ``{added}`` that of the rows to which a project adds.
    ``fraction`` says that a text such as ``1/12`` is read as a number.
    ``literals`` are words that stand for a number of their own, such as 'initial'.
    ``blank`` is REQUIRED, None (not given) or the value that a blank stands for; ``blank_means`` says it in words.
    """

    name: str
    meaning: str
    kind: Kind = "number"
    unit: str = ""
    blank: Any = REQUIRED
    blank_means: str = ""
    refers_to: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    unlimited: bool = False
    literals: tuple[tuple[str, float], ...] = ()
    series: bool = False
    whole: bool = False
    fraction: bool = False
    hint: str = ""
    example: Any = None

    @property
    def required(self) -> bool:
        """Whether a blank cell is a fault."""
        return self.blank is REQUIRED

    @property
    def changeable(self) -> bool:
        """Whether scenarios, sweeps and the command line may change the value."""
        return self.kind in ("number", "period")

    @cached_property
    def needs(self) -> str:
        """What a valid entry is, for messages and notes: ``a number of at least 0 in USD/t``."""
        return _needs(self)


def _needs(column: Column) -> str:
    if column.kind == "number":
        limits = [
            f"{word} {limit:g}"
            for word, limit in (
                ("of at least", column.at_least),
                ("above", column.above),
                ("of at most", column.at_most),
                ("below", column.below),
            )
            if limit is not None
        ]
        what = "a whole number" if column.whole else "a number"
        text = " ".join([what, " and ".join(limits)]).strip()
        text += f" in {column.unit}" if column.unit and "{" not in column.unit else ""
        words = ["unlimited"] * column.unlimited + [word for word, _ in column.literals]
        return text + "".join(f", or '{word}'" for word in words)
    names = " or ".join(column.refers_to)
    return {
        "name": "a name that no other row has",
        "text": "a text",
        "choice": "one of: " + ", ".join(column.choices),
        "yes/no": "yes or no",
        "reference": f"a name from the sheet {names}",
        "references": f"names from the sheet {names}, separated by commas",
        "shares": f"names {'from the sheet ' + names + ' ' if names else ''}with shares, such as 'A 70, B 30'",
        "period": "a period of the sheet Periods",
        "periods": "a period, or a range of periods such as 2026..2030",
        "unit": "a unit",
        "becomes": "a commodity, or pairs such as 'a > b, c > d'",
        "selector": "a selector such as 'link=btc*;origin=Kazakhstan'",
        "value": "a value",
    }[column.kind]


@dataclass(frozen=True)
class Table:
    """One sheet: its name, purpose and columns; the first column is the key."""

    sheet: str
    purpose: str
    columns: tuple[Column, ...]
    needed: bool = False
    unique: bool = True
    open_columns: bool = False

    @cached_property
    def key(self) -> str:
        """Name of the key column."""
        return self.columns[0].name

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by lower-case header."""
        return {column.name.lower(): column for column in self.columns}

    def __getitem__(self, name: str) -> Column:
        return self.by_name[name.lower()]
