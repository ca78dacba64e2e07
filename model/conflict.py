"""What contradicts itself in an infeasible case: the user's own numbers, and changes of them that would mend it."""

from __future__ import annotations

from dataclasses import dataclass


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

    def __str__(self) -> str:
        size = "" if self.size is None else f" {self.size:,.6g} {self.unit}".rstrip()
        return f"{self.cell} ({self.name}: {self.column}{size}, {self.periods})"


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
        share = f", {self.share:.1%}" if self.old else ""
        by = f"{self.by:,.6g} {self.unit}".rstrip()
        way = f"from {self.old:,.6g} to {self.new:,.6g}{share}"
        return f"{self.verb} {self.cell} ({self.name}: {self.column}) by {by}, {way}"

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
    if len(changes) == 1:
        return str(first)
    low, high = (f"{pick(one.by for one in changes):,.6g}" for pick in (min, max))
    by = low if low == high else f"{low} to {high}"
    one_sheet = first.cell.partition("!")[0] == last.cell.partition("!")[0]
    cells = (
        f"{first.cell} {'and' if len(changes) == 2 else 'to'} {last.cell.partition('!')[2] if one_sheet else last.cell}"
    )
    when = first.periods.partition("..")[0] + ".." + last.periods.rpartition("..")[2]
    unit = f" {first.unit}" if first.unit else ""
    return f"{first.verb} {len(changes)} cells {cells} ({first.name}: {first.column}) by {by}{unit}, {when}"


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
        lines = [f"{self.periods}: these cannot all hold:", *(f"    {part}" for part in self.parts)]
        if not self.minimal:
            lines[0] = f"{self.periods}: whole units leave no plan; these numbers decide it:"
        lines += [f"  {'to mend it,' if number == 0 else 'or'} {one}" for number, one in enumerate(self.repairs)]
        if not self.repairs:
            lines.append("  no change of these numbers alone mends it.")
        return "\n".join(lines)
