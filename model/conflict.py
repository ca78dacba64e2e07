"""What contradicts itself in an infeasible case: the user's own numbers, and changes of them that would mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# columns that ask for something; all others give room for it
ASKING: Final = frozenset(("firm", "minimum", "at_least", "final"))
MOST_IN_A_SENTENCE: Final = 5


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
        size = f" {self.size:,.6g} {self.unit}".rstrip()
        return f"{self.cell} ({self.name}, {self.column}{size}{when})"

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
        share = f" ({self.share:.1%})" if self.old else ""
        by = f"{self.by:,.6g} {self.unit}".rstrip()
        return f"{self.verb} {self.cell} ({self.name}, {self.column}) by {by} to {self.new:,.6g}{share}"

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
    first, last = changes[0], changes[-1]
    if len({(one.cell, one.new) for one in changes}) == 1:
        return str(first)
    low, high = (f"{pick(one.by for one in changes):,.6g}" for pick in (min, max))
    by = low if low == high else f"{low} to {high}"
    one_sheet = first.cell.partition("!")[0] == last.cell.partition("!")[0]
    cells = (
        f"{first.cell} {'and' if len(changes) == 2 else 'to'} {last.cell.partition('!')[2] if one_sheet else last.cell}"
    )
    when = first.periods.partition("..")[0] + ".." + last.periods.rpartition("..")[2]
    unit = f" {first.unit}" if first.unit else ""
    return f"{first.verb} {len(changes)} cells {cells} ({first.name}, {first.column}) by {by}{unit} in {when}"


@dataclass(frozen=True)
class Conflict:
    """The smallest set of numbers that cannot all hold, and its repairs, the smallest first.

    ``minimal`` is False where whole units are to blame: then the parts are the numbers that some repair changes.
    """

    periods: str
    parts: tuple[Part, ...]
    repairs: tuple[Repair, ...]
    minimal: bool = True

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

    def said(self) -> list[str]:
        """What exceeds what; one number a line where they are many."""
        asked, room = self._told(asks=True), self._told(asks=False)
        if len(asked) + len(room) > MOST_IN_A_SENTENCE:
            start = "whole units leave no plan with" if not self.minimal else "more is asked than there is room for"
            groups = (("asked", asked), ("room", room))
            return [f"{self.periods}: {start}", *(f"    {kind}: {name}" for kind, names in groups for name in names)]
        if not self.minimal:
            return [f"{self.periods}: whole units leave no plan with {_listed([*asked, *room])}."]
        if not asked:
            return [f"{self.periods}: {_listed(room)} cannot all hold."]
        one = [sum(part.asks == asks for part in self.parts) == 1 for asks in (True, False)]
        exceed = "exceeds" if one[0] else "together exceed"
        allow = f"{_listed(room)} {'allows' if one[1] else 'allow'}" if room else "can get there"
        return [f"{self.periods}: {_listed(asked)} {exceed} what {allow}."]


def _told(parts: Sequence[Part], periods: str) -> str:
    """The numbers of one row and column: several, as a series has them, as their range."""
    first, last = parts[0], parts[-1]
    sizes = [part.size for part in parts if part.size is not None]
    if len(parts) == 1 or not sizes:
        return first.within(periods)
    low, high = f"{min(sizes):,.6g}", f"{max(sizes):,.6g}"
    size = f"{low if low == high else f'{low} to {high}'} {first.unit}".rstrip()
    when = f"{first.periods.partition('..')[0]}..{last.periods.rpartition('..')[2]}"
    between = "and" if len(parts) == 2 else "to"
    return f"{len(parts)} cells {first.cell} {between} {last.cell} ({first.name}, {first.column} {size} in {when})"


def _listed(names: Sequence[str]) -> str:
    """Names as a sentence has them."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
