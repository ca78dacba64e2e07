"""What can go wrong, in the user's words: faults of a workbook and outcomes without an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from model.conflict import Conflict, figure, several

MOST_SHOWN: Final = 200
MOST_ALIKE: Final = 3  # shortages told one by one


@dataclass(frozen=True, order=True)
class Issue:
    """One cell to mend, named the way Excel names it.

    ``row`` 0 means the sheet as a whole and an empty ``letter`` the row as a whole.
    """

    sheet: str
    row: int
    letter: str
    key: str
    column: str
    found: str
    needs: str
    hint: str = ""

    @property
    def cell(self) -> str:
        """The place as Excel writes it: ``Links!H12``, or the sheet where there is no cell."""
        if not self.row:
            return self.sheet
        return f"{self.sheet}!{self.letter}{self.row}" if self.letter else f"{self.sheet}!{self.row}"

    def __str__(self) -> str:
        place = self.cell
        if self.key:
            place += f"  row {self.key!r}"
        if self.column:
            place += f", column {self.column!r}" if self.key else f"  column {self.column!r}"
        found = f"holds {self.found!r}" if self.found else "is blank"
        body = f"    {found}; needs {self.needs}." if self.row else f"    {self.needs}."
        return "\n".join([place, body, *([f"    {self.hint}"] if self.hint else [])])


class ModelError(Exception):
    """Base of every error that a user can cause and mend; the command line prints it without a traceback."""

    exit_code = 1


class UsageError(ModelError):
    """A wrong argument: an unknown scenario, address, period or path."""

    exit_code = 2


class WorkbookError(ModelError):
    """A workbook (or tables in memory) with faults; ``issues`` lists every one of them."""

    exit_code = 2

    def __init__(self, name: str, issues: Iterable[Issue]) -> None:
        self.name = name
        self.issues = sorted(set(issues))
        super().__init__(str(self))

    def __str__(self) -> str:
        count = len(self.issues)
        places = "1 place" if count == 1 else f"{count} places"
        more = [f"and {count - MOST_SHOWN} more."] if count > MOST_SHOWN else []
        shown = map(str, self.issues[:MOST_SHOWN])
        return "\n".join([f"{self.name}: {places} to mend; nothing was run.", *shown, *more])


@dataclass(frozen=True)
class Shortage:
    """One thing that an infeasible case lacks, from the elastic re-solve."""

    period: str
    what: str
    where: str
    commodity: str
    volume: float
    unit: str
    cells: tuple[str, ...] = ()

    def __str__(self) -> str:
        cells = f" ({', '.join(self.cells)})" if self.cells else ""
        of = f" of {self.commodity}" if self.commodity else ""
        return f"{self.period}: {self.what} at {self.where}{of}: {figure(self.volume, 4)} {self.unit}{cells}"


def in_short(shortages: Sequence[Shortage]) -> list[str]:
    """Shortages as lines; what is short at one place in many periods is told once, by the worst."""
    groups: dict[tuple[object, ...], list[Shortage]] = {}
    for one in shortages:
        groups.setdefault((one.what, one.where, one.commodity, one.unit), []).append(one)
    lines: list[str] = []
    for alike in groups.values():
        first, worst = alike[0], max(alike, key=lambda one: one.volume)
        if len(alike) <= MOST_ALIKE:
            lines += map(str, alike)
        else:
            text = str(worst).removeprefix(f"{worst.period}: ")
            lines.append(f"{first.period} to {alike[-1].period}, {len(alike)} periods, most in {worst.period}: {text}")
    return lines


class NoAnswer(ModelError):
    """The solver proved that there is no optimum, or stopped before it had one."""

    exit_code = 4

    def __init__(
        self, scenario: str, reason: str, shortages: Sequence[Shortage] = (), conflicts: Sequence[Conflict] = ()
    ) -> None:
        self.scenario, self.reason, self.shortages = scenario, reason, tuple(shortages)
        self.conflicts = tuple(conflicts)
        # what is in the way is among the numbers of a conflict, as far as it matters
        told = [one for one in self.shortages if not (conflicts and "in the way" in one.what)]
        lines = [f"Scenario {scenario!r}: {reason}", *(f"    {one}" for one in in_short(told))]
        if len(self.conflicts) > 1:
            lines.append(several(len(self.conflicts)))
        super().__init__("\n".join([*lines, *map(str, self.conflicts)]))

    @property
    def cause(self) -> tuple[object, ...]:
        """What tells one cause from another: scenarios of a batch that share it need to be told it once."""
        return (type(self), *(conflict.cause for conflict in self.conflicts)) if self.conflicts else (str(self),)


class InfeasibleCase(NoAnswer):
    """No plan meets every bound, minimum and firm demand.

    ``conflicts`` holds, for each cause, the numbers that contradict each other and the changes that would mend it.
    """

    exit_code = 3


class UnboundedCase(NoAnswer):
    """The value can grow without limit: a price meets no limit of volume."""

    exit_code = 3


class AuditError(ModelError):
    """The result tables do not add up: a fault of this programme, never of the workbook."""

    exit_code = 1


@dataclass
class Faults:
    """Collects issues while a workbook is read, so that all are reported at once."""

    issues: list[Issue] = field(default_factory=list)

    def add(self, issue: Issue) -> None:
        """Keep one more issue."""
        self.issues.append(issue)

    def raise_if_any(self, name: str) -> None:
        """Raise one WorkbookError with everything collected."""
        if self.issues:
            raise WorkbookError(name, self.issues)
