"""Names: which are allowed, and which valid one is nearest to a wrong one."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_MARKS: Final = frozenset("_-.()+& ")
LONGEST_NAME: Final = 200
NAME_RULE: Final = "a name of letters, digits, spaces and _ - . ( ) + &"


def name_fault(name: str) -> str | None:
    """What is wrong with a name, in words; None where it may stand."""
    if len(name) > LONGEST_NAME:
        return f"It is longer than {LONGEST_NAME} characters."
    if ".." in name:
        return "Two dots in a row stand for a range of periods."
    if name.isidentifier():
        return None
    wrong = [c for c in dict.fromkeys(name) if not (c.isalnum() or c in _MARKS or unicodedata.category(c)[0] == "M")]
    if not wrong:
        return None
    shown = " ".join("line break" if c in "\r\n" else c for c in wrong)
    return f"It holds {shown}, which a name may not."


class Names:
    """The valid names of one kind, to find the nearest to a wrong one."""

    MOST_SEARCHES: Final = 200  # a long list of wrong names in a large workbook would take minutes

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(dict.fromkeys(names))
        self._folded: dict[str, str] | None = None
        self._found: dict[str, str | None] = {}

    def nearest(self, name: str) -> str | None:
        """The valid name most like a wrong one, or None where none is like it."""
        if self._folded is None:
            self._folded = {valid.casefold(): valid for valid in self.names}
        folded = name.casefold()
        if folded in self._folded:
            return self._folded[folded]
        if folded not in self._found:
            if len(self._found) >= self.MOST_SEARCHES:
                return None
            near = difflib.get_close_matches(folded, self._folded, 1, 0.6)
            self._found[folded] = self._folded[near[0]] if near else None
        return self._found[folded]

    def hint(self, name: str) -> str:
        """``Nearest valid name: 'tengiz'.``, the valid names themselves where they are few, or nothing."""
        near = self.nearest(name)
        if near is not None:
            return f"Nearest valid name: {near!r}."
        if 0 < len(self.names) <= 8:
            return f"Valid names: {', '.join(self.names)}."
        return ""


def nearest_file(path: Path) -> Path | None:
    """The workbook beside a missing one whose name is most like it."""
    if not path.parent.is_dir():
        return None
    beside = {one.name.casefold(): one for one in path.parent.iterdir() if one.suffix.lower() in (".xlsx", ".xlsm")}
    near = difflib.get_close_matches(path.name.casefold(), beside, 1, 0.6)
    return beside[near[0]] if near else None
