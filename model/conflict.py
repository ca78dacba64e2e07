"""What contradicts itself in an infeasible case: the user's own numbers, and changes of them that would mend it."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# columns that ask for something; all others give room for it
ASKING: Final = frozenset(("firm", "minimum", "at_least", "final"))
MOST_IN_A_SENTENCE: Final = 5
DIGITS: Final = 6  # of a number as it is told, and as it is to be typed
OWN_DIGITS: Final = 9  # of a number as it stands, so that a hair too much is seen
LEAST_SHARE: Final = 1e-3
WITH: Final = " with "  # between the cells that make a number together
SPECK: Final = 1e-6  # of the size of a number: what is less was left by rounding


def printable(value: float, *, up: bool, size: float = 0.0, spare: int = 0, digits: int = DIGITS) -> float:
    """A number from 0 up, rounded to what is printed: upwards or downwards, and downwards to 0 where a speck is left.

    ``size`` is that of the numbers from which it was reckoned; ``spare`` how many units of the last digit it is moved
    further the same way.
    """
    if value <= 0 or (not up and value <= SPECK * size):
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(value)) - digits + 1)
    count = value / unit
    nearest = round(count)
    rounded = nearest if abs(count - nearest) < 1e-4 else math.ceil(count) if up else math.floor(count)
    return max(0.0, float(f"{(rounded + (spare if up else -spare)) * unit:.{digits}g}"))


def figure(value: float, digits: int = DIGITS) -> str:
    """A number in a sentence, without an exponent."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    text = f"{value:,.{max(0, digits - 1 - math.floor(math.log10(abs(value))))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(value: float, unit: str, digits: int = DIGITS) -> str:
    """A number with its unit: ``3 Mt/year``, ``1 unit``; a share has none."""
    text = figure(value, digits)
    return _with_unit(text, unit.replace("units", "unit").replace("vessels", "vessel") if text == "1" else unit)


def _with_unit(text: str, unit: str) -> str:
    return text if unit in ("", "share") else f"{text} {unit}"


def _percent(share: float) -> str:
    return f"{share:,.1%}" if share >= LEAST_SHARE else f"under {LEAST_SHARE:.1%}"


@dataclass(frozen=True)
class Part:
    """One number that takes part in a conflict. ``size`` is its value, in ``unit``; None where it is no number."""

    cell: str
    address: str
    name: str
    column: str
    periods: str
    size: float | None
    unit: str

    @property
    def asks(self) -> bool:
        """Whether it asks for something, rather than giving room for it."""
        return self.column in ASKING

    def within(self, periods: str) -> str:
        """The number in a sentence about some periods: where it stands, whose it is, and when, where that differs."""
        when = "" if self.periods == periods else f" in {self.periods}"
        if self.size is None:
            return f"{self.cell} ({self.name}, shut{when} by {self.column})"
        size = amount(self.size, "" if self.unit == self.column else self.unit, OWN_DIGITS)
        return f"{self.cell} ({self.name}, {self.column} {size}{when})"

    @property
    def typed(self) -> bool:
        """Whether its cell holds the number itself, rather than one that a scenario multiplies or adds to."""
        return WITH not in self.cell

    def __str__(self) -> str:
        return self.within("")


@dataclass(frozen=True)
class Change:
    """One number and its new value, in the unit of its row."""

    cell: str
    address: str
    name: str
    column: str
    periods: str
    old: float
    new: float
    unit: str

    @property
    def share(self) -> float:
        """Size of the change against the number itself; infinite where that is zero."""
        return abs(self.new - self.old) / abs(self.old) if self.old else float("inf")

    def __str__(self) -> str:
        share = f" ({_percent(self.share)})" if self.old else ""
        what = f"{self.cell} ({self.name}, {self.column})"
        return f"{self.verb} {what} by {amount(self.by, self.unit)} to {figure(self.new)}{share}{self.how}"

    @property
    def how(self) -> str:
        """How it is done where there is no one cell to type it into."""
        return f", which a further row of Changes can set{self.when}" if WITH in self.cell else ""

    @property
    def when(self) -> str:
        """The periods for which it is to be set; "" for all."""
        return f" in {self.periods}" if "@" in self.address else ""

    @property
    def verb(self) -> str:
        """Which way it goes."""
        return "raise" if self.new > self.old else "lower"

    @property
    def by(self) -> float:
        """Size of the change, in the unit of the row."""
        return abs(self.new - self.old)


@dataclass(frozen=True)
class Repair:
    """Changes that together mend a conflict: proven by solving again. ``weight`` sums their shares."""

    changes: tuple[Change, ...]
    weight: float

    @property
    def rows(self) -> list[list[Change]]:
        """The changes by row and column: a series has one for each of its cells."""
        found: dict[tuple[str, str], list[Change]] = {}
        for change in self.changes:
            found.setdefault((change.address.split("@")[0], change.verb), []).append(change)
        return list(found.values())

    def __str__(self) -> str:
        return " and ".join(map(_row_text, self.rows))


def _row_text(changes: list[Change]) -> str:
    """The changes of one row; several as their range."""
    first = changes[0]
    if len({(one.cell, one.new) for one in changes}) == 1:
        return str(first)
    what = f"{first.verb} {_cells(changes)} ({first.name}, {first.column})"
    low, high = (figure(pick(one.by for one in changes)) for pick in (min, max))
    same = len({one.new for one in changes}) == 1
    by = "by " + _with_unit(low if low == high else f"{low} to {high}", first.unit)
    to = (
        f"to {amount(first.new, first.unit)} {_when(changes)}"
        if same
        else f"{by} {_when(changes)} (sheet Conflict has each)"
    )
    further = any(WITH in one.cell for one in changes)
    return f"{what} {to}{', which further rows of Changes can set' if further else ''}"


def _cells(numbers: Sequence[Part | Change]) -> str:
    """How many cells, from the first to the last; what all of them stand with is said once."""
    first, last = numbers[0].cell, numbers[-1].cell
    cell, joint, beside = first.partition(WITH)
    other = last.removesuffix(joint + beside)
    if joint and other == last:
        cell, joint, beside = first, "", ""
    sheet, _, place = other.partition("!")
    short = place if cell.partition("!")[0] == sheet and WITH not in cell + other else other
    between = "and" if len(numbers) == 2 else "to"
    some = f"{len(numbers)} cells" if _in_a_row(numbers) else f"{len(numbers)} of the cells"
    return f"{some} {cell} {between} {short}{joint}{beside}"


def _in_a_row(numbers: Sequence[Part | Change]) -> bool:
    """Whether cells of a row follow each other, as far as their names tell; two are named both."""
    ends = [re.match(r"\w+!([A-Z]+)\d+", one.cell) for one in (numbers[0], numbers[-1])]
    if len(numbers) == 2 or ends[0] is None or ends[1] is None:
        return True
    first, last = (functools.reduce(lambda n, letter: 26 * n + ord(letter) - 64, end[1], 0) for end in ends if end)
    return last - first == len(numbers) - 1


def _when(numbers: Sequence[Part | Change]) -> str:
    """The periods of several numbers of a row."""
    first, last = numbers[0].periods, numbers[-1].periods
    if len(numbers) == 2:
        return f"in {first} and {last}"
    return f"{'in' if _in_a_row(numbers) else 'within'} {first.partition('..')[0]}..{last.rpartition('..')[2]}"


@dataclass(frozen=True)
class Conflict:
    """The smallest set of numbers that cannot all hold, and its repairs, the smallest first.

    ``periods`` are those in which they contradict each other: in each by themselves, or where that is not so, those
    that the contradiction needs together. ``minimal`` is False where whole units are to blame: then the parts are the
    numbers that some repair changes. ``likewise`` are periods in which other cells of the same rows contradict each
    other, ``elsewhere`` those in which what is asked meets other numbers. Where an error has several conflicts, the
    changes of each reckon on the first repair of the others.
    """

    periods: str
    parts: tuple[Part, ...]
    repairs: tuple[Repair, ...]
    minimal: bool = True
    likewise: str = ""
    elsewhere: str = ""

    @property
    def cause(self) -> tuple[str, ...]:
        """What tells one cause from another: the addresses that take part."""
        return tuple(sorted(part.address for part in self.parts))

    def __str__(self) -> str:
        lines = self.said()
        lines += [f"    {'or ' if number else 'to mend it, '}{one}" for number, one in enumerate(self.repairs)]
        if not self.repairs:
            lines.append("    no change of these numbers alone mends it.")
        return "\n".join(lines)

    def _told(self, *, asks: bool) -> list[str]:
        rows: dict[str, list[Part]] = {}
        for part in self.parts:
            if part.asks == asks:
                rows.setdefault(part.address.partition("@")[0], []).append(part)
        return [_told(parts, self.periods) for parts in rows.values()]

    @property
    def _more(self) -> str:
        """Periods in which it is so too."""
        likewise = f"; so it is in {self.likewise}" if self.likewise else ""
        return likewise + (f"; other numbers are in the way in {self.elsewhere}" if self.elsewhere else "")

    def said(self) -> list[str]:
        """What exceeds what; one number a line where they are many."""
        asked, room = self._told(asks=True), self._told(asks=False)
        if len(asked) + len(room) > MOST_IN_A_SENTENCE:
            start = "whole units leave no plan with" if not self.minimal else "more is asked than there is room for"
            groups = (("asked", asked), ("room", room))
            return [
                f"{self.periods}: {start}{self._more}",
                *(f"    {kind}: {name}" for kind, names in groups for name in names),
            ]
        if not self.minimal:
            return [f"{self.periods}: whole units leave no plan with {_listed([*asked, *room])}."]
        if not asked:
            return [f"{self.periods}: {_listed(room)} cannot all hold{self._more}."]
        one = [sum(part.asks == asks for part in self.parts) == 1 for asks in (True, False)]
        exceed = "exceeds" if one[0] else "together exceed"
        allow = f"{_listed(room)} {'allows' if one[1] else 'allow'}" if room else "can get there"
        return [f"{self.periods}: {_listed(asked)} {exceed} what {allow}{self._more}."]


def several(count: int) -> str:
    """What to know of the repairs where there are several conflicts."""
    return (
        f"There are {count} contradictions, each to be mended; its changes reckon on the first way out of the others."
    )


def _told(parts: Sequence[Part], periods: str) -> str:
    """The numbers of one row and column: several, as a series has them, as their range."""
    first = parts[0]
    sizes = [part.size for part in parts if part.size is not None]
    if len(parts) == 1 or not sizes:
        return first.within(periods)
    low, high = figure(min(sizes)), figure(max(sizes))
    size = _with_unit(low if low == high else f"{low} to {high}", first.unit if first.unit != first.column else "")
    return f"{_cells(parts)} ({first.name}, {first.column} {size} {_when(parts)})"


def _listed(names: Sequence[str]) -> str:
    """Names as a sentence has them."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
