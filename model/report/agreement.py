"""Two runs set against each other, file by file: the same bytes, or which tables differ, where and by how much."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model.report.files import sha256

# what tells of times, not of results: logs, and the stores of batches with the seconds of every run
_TIMED: Final = re.compile(r"(run\.log|\w+\.sqlite|input/.*)")
_DATED: Final = re.compile(r"_\d{4}-\d\d-\d\d_\d{6}(?=\.\w+$)")


@dataclass(frozen=True)
class Difference:
    """A file that is not the same; ``size`` is the largest relative difference of its numbers, NaN without one."""

    file: str
    said: str
    size: float = math.nan


def compared(files: Mapping[str, str]) -> dict[str, str]:
    """Files of a record that depend on the input alone: plain name -> the name under which each stands."""
    return {_DATED.sub("", name): name for name in files if not _TIMED.fullmatch(name)}


def differences(
    before: Path, files_before: Mapping[str, str], after: Path, files_after: Mapping[str, str]
) -> list[Difference]:
    """What differs between two folders of results, given the digests in their records; empty where nothing does."""
    old, new = compared(files_before), compared(files_after)
    found = []
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            found.append(Difference(name, "is no longer written"))
        elif name not in old:
            found.append(Difference(name, "was not written then"))
        elif not (before / old[name]).is_file() or sha256(before / old[name]) != files_before[old[name]]:
            found.append(Difference(name, "is not as its run wrote it: it was changed or removed since"))
        elif files_before[old[name]] != files_after[new[name]]:
            found.append(_difference(name, before / old[name], after / new[name]))
    return found


def _difference(name: str, before: Path, after: Path) -> Difference:
    if before.suffix != ".csv":
        return Difference(name, "its bytes differ")
    old, new = _rows(before), _rows(after)
    if old[:1] != new[:1]:
        return Difference(name, f"its columns differ: {', '.join(old[0])} then, {', '.join(new[0])} now")
    if len(old) != len(new):
        return Difference(name, f"{len(old) - 1:,} rows then, {len(new) - 1:,} now")
    return _cells(name, old, new)


def _cells(name: str, old: list[list[str]], new: list[list[str]]) -> Difference:
    """The cells that differ, and the one that differs most; a text or a blank counts as infinitely far off."""
    count, worst, where = 0, -1.0, ""
    for line, (then, now) in enumerate(zip(old[1:], new[1:], strict=True), 2):
        for column, (a, b) in enumerate(zip(then, now, strict=False)):
            if a == b:
                continue
            count += 1
            far = _apart(a, b)
            if far > worst:
                key = ", ".join(text for text in then[: min(column, 4)] if _number(text) is None)
                cell = f"row {line} ({key}), column {old[0][column]}"
                worst, where = far, f"{cell}: {a or 'blank'} then, {b or 'blank'} now"
    said = f"{count:,} cells differ" if count else "its bytes differ, not its cells"
    share = f", by {100 * worst:.3g} %" if math.isfinite(worst) and count else ""
    return Difference(name, f"{said}; most in {where}{share}" if count else said, worst if count else math.nan)


def _apart(a: str, b: str) -> float:
    """Difference of two numbers as a share of the larger; infinite where one is none."""
    x, y = _number(a), _number(b)
    if x is None or y is None:
        return math.inf
    return abs(x - y) / max(abs(x), abs(y)) if x != y else 0.0


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _rows(path: Path) -> list[list[str]]:
    csv.field_size_limit(1 << 30)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))
