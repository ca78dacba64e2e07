"""Marks of a sheet that its cells do not show: hidden rows, and blocks of merged cells."""

from __future__ import annotations

import re
from typing import Final

_MARK: Final = re.compile(
    rb"<(?:\w+:)?(?:row\b(?=[^>]*\shidden=\"(?:1|true)\")[^>]*?\sr=\"(\d{1,7})\"|mergeCell\b[^>]*?\sref=\"([A-Z0-9:]+)\")"
)
_END: Final = re.compile(rb"</(?:\w+:)?sheetData>|<(?:\w+:)?sheetData\s*/>")
_REF: Final = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
MOST_MARKS: Final = 100_000  # of hidden rows; far more than any table has, and soon looked through


class Marks:
    """Collects the marks of one sheet from its part, given in pieces."""

    def __init__(self) -> None:
        self.hidden: set[int] = set()
        self._blocks: list[str] = []
        self.rules = 0  # bytes behind the cells: merged blocks, links, drop-downs, conditional formats
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        """The next bytes; a tag that they cut off waits for the bytes after them."""
        data = self._rest + chunk
        cut = data.rfind(b"<")
        kept = self._rest = data[cut:] if cut >= 0 and len(data) - cut < 4096 else b""
        end = _END.search(data, 0, len(data) - len(kept)) if not self.rules else None
        self.rules += len(chunk) if self.rules else len(data) - end.end() if end else 0
        if (b' hidden="' in data or b"mergeCell " in data) and len(self.hidden) + len(self._blocks) < MOST_MARKS:
            for row, block in _MARK.findall(data[: len(data) - len(self._rest)]):
                if row:
                    self.hidden.add(int(row))
                else:
                    self._blocks.append(block.decode())

    def blocks(self) -> list[tuple[str, range, tuple[str, str]]]:
        """Merged blocks: the first cell, the rows, and the first and last column as letters."""
        found = []
        for block in self._blocks:
            if match := _REF.fullmatch(block):
                left, top, right, bottom = match.groups()
                found.append((left + top, range(int(top), int(bottom) + 1), (left, right)))
        return found
