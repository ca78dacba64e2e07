"""conflict.xlsx: why scenarios have no plan, number by number, with the changes that would mend them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from model.case import Case
from model.conflict import Change, Conflict
from model.errors import NoAnswer
from model.report.styles import Styles
from model.workbook.book import new_book

WORKBOOK: Final = "conflict.xlsx"
_LOOKS: Final = {"share": "share", "volume": "volume"}  # all others are shown as they are to be typed
SAID: Final = (
    "Numbers that cannot all hold. Each repair was tried: the case was solved with it, and with repair 1 of the other "
    "conflicts of its scenario."
)
_CONFLICT: Final = (
    ("scenario", 18), ("conflict", 9), ("periods", 14), ("what", 22), ("cell", 26), ("row", 26), ("column", 12),
    ("unit", 18), ("now", 11), ("change", 11), ("then", 11), ("share", 9), ("address", 44),
)  # fmt: skip
_SHORTAGE: Final = (
    ("scenario", 18), ("period", 14), ("what", 34), ("where", 44), ("commodity", 34), ("volume", 12), ("unit", 18),
    ("cells", 30),
)  # fmt: skip


def write_conflicts(path: Path, case: Case, failures: Mapping[str, NoAnswer]) -> None:
    """Write a workbook with the sheets Conflict and Shortages.

    Parameters
    ----------
    path
        Where to write.
    case
        The workbook's case, for its title.
    failures
        By scenario, why it has no answer.
    """
    title = f"Conflicts in {case.settings.title}"
    with new_book(path, title) as book:
        add_conflicts(book, Styles(book), title, failures)


def add_conflicts(book: Any, styles: Styles, title: str, failures: Mapping[str, NoAnswer]) -> None:
    """Add the sheets Conflict and Shortages to a workbook that is being written."""
    conflict = _Sheet(book, styles, "Conflict", title, _CONFLICT)
    conflict.say(SAID)
    for scenario, error in failures.items():
        for number, one in enumerate(error.conflicts, 1):
            conflict.write((scenario, number, *cells) for cells in _rows(one))
    conflict.close()
    shortages = _Sheet(book, styles, "Shortages", "What is missing", _SHORTAGE)
    shortages.say("The least by which what is asked would have to fall, period by period; and what is full.")
    for scenario, error in failures.items():
        shortages.write(
            (scenario, s.period, s.what, s.where, s.commodity, s.volume, s.unit, ", ".join(s.cells))
            for s in error.shortages
        )
    shortages.close()


def _rows(conflict: Conflict) -> Iterator[tuple[Any, ...]]:
    yield (conflict.periods, "in words", conflict.said()[0].partition(": ")[2])
    what = "takes part" if conflict.minimal else "decides it"
    for part in conflict.parts:
        size = "" if part.size is None else part.size
        yield (part.periods, what, part.cell, part.name, part.column, part.unit, size, "", "", "", part.address)
    for number, repair in enumerate(conflict.repairs, 1):
        for change in repair.changes:
            yield _change(number, change)


def _change(number: int, c: Change) -> tuple[Any, ...]:
    step, share = c.new - c.old, c.share if c.old else ""
    what = f"repair {number}: {c.verb}"
    return c.periods, what, c.cell, c.name, c.column, c.unit, c.old, step, c.new, share, c.address


class _Sheet:
    """A titled table that grows row by row."""

    def __init__(self, book: Any, styles: Styles, name: str, title: str, columns: tuple[tuple[str, int], ...]) -> None:
        self.sheet, self.styles, self.columns, self.next = book.add_worksheet(name), styles, columns, 4
        self.sheet.hide_gridlines(2)
        self.sheet.write_string(0, 0, title, styles.title)
        for index, (header, width) in enumerate(columns):
            self.sheet.set_column(index, index, width)
            self.sheet.write_string(3, index, header, styles.header)
        self.sheet.freeze_panes(4, 0)
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)

    def say(self, text: str) -> None:
        """The line below the title."""
        self.sheet.write_string(1, 0, text, self.styles.question)

    def write(self, rows: Iterator[tuple[Any, ...]]) -> None:
        """Further rows: texts and numbers."""
        for row in rows:
            for index, value in enumerate(row):
                if isinstance(value, str):
                    self.sheet.write_string(self.next, index, value, self.styles.indented if value else None)
                else:
                    look = _LOOKS.get(self.columns[index][0], "typed")
                    self.sheet.write_number(self.next, index, value, self.styles.number(look))
            self.next += 1

    def close(self) -> None:
        """Put the filter on what was written."""
        self.sheet.autofilter(3, 0, max(self.next - 1, 4), len(self.columns) - 1)
