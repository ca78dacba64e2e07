"""What formulas say of themselves: those that hang on their own result, and those that take values from elsewhere.

Only stored values are read, so that no formula is ever run. A stored value may still mislead: Excel stores 0 for a
circular formula, and what came from another workbook is as old as the last time that it was open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from model.errors import Issue
from model.workbook.raw import clean, column_letter, find_sheet

Place = tuple[str, int, int]  # sheet, row, column from 1

_QUOTED: Final = re.compile(r'"[^"]*"')
_REFERENCE: Final = re.compile(
    r"(?:(?:'((?:[^']|'')+)'|([\w.]+))!)?\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?(?![\w(.!])"
)
_CALLS: Final = (
    (re.compile(r"\[\d+\]|\[[^\]]*\.xl\w*\]", re.IGNORECASE), "another workbook"),
    (re.compile(r"\b(?:WEBSERVICE|RTD|CALL|REGISTER\.ID|STOCKHISTORY|IMAGE)\s*\(", re.IGNORECASE), "another service"),
    (re.compile(r"^=\s*'?[\w. ]+'?\|", re.IGNORECASE), "another programme"),
)
MOST_NAMED: Final = 3
MOST_REFERENCES: Final = 1_000_000


def calling_formulas(formulas: Mapping[Place, str]) -> Iterator[str]:
    """Formulas that take values from outside, a sentence for each kind of source with its first cells."""
    for pattern, source in _CALLS:
        cells = [_cell(place) for place, text in formulas.items() if pattern.search(_QUOTED.sub("", text))]
        if cells:
            more = f" and {len(cells) - MOST_NAMED} more" if len(cells) > MOST_NAMED else ""
            which = ", ".join(cells[:MOST_NAMED]) + more
            yield f"{which}: a formula takes this from {source}; the stored value is read, nothing is called."


def circular_formulas(formulas: Mapping[Place, str], titles: Mapping[str, str]) -> list[Issue]:
    """One fault for each loop of formulas, at its first cell; a workbook with too many references is refused.

    Parameters
    ----------
    formulas
        Text by place of every formula in the sheets that are read.
    titles
        The title in the workbook by declared name of each sheet.
    """
    names = {clean(title).casefold(): name for name, title in titles.items()}
    by_sheet: dict[str, list[Place]] = {}
    for place in formulas:
        by_sheet.setdefault(place[0], []).append(place)
    needed, count = {}, 0
    for place, text in formulas.items():
        needed[place] = list(islice(_needed(place, text, formulas, by_sheet, names), MOST_REFERENCES - count))
        count += len(needed[place])
        if count >= MOST_REFERENCES:
            needs = f"has formulas with more than {MOST_REFERENCES:,} references to other formulas"
            return [Issue(place[0], 0, "", "", "", "", needs, "Keep the calculation in a sheet of your own.")]
    return [_issue(loop, formulas) for loop in _loops(needed)]


def _needed(
    place: Place, text: str, formulas: Mapping[Place, str], by_sheet: Mapping[str, list[Place]], names: dict[str, str]
) -> Iterator[Place]:
    """Places of the formulas to which a formula refers."""
    for quoted, plain, letters, row, last_letters, last_row in _REFERENCE.findall(_QUOTED.sub("", text)):
        title = (quoted.replace("''", "'") or plain).strip()
        sheet = names.get(clean(title).casefold()) if title else place[0]
        if sheet is None or (title and find_sheet(title) is None):
            continue
        top, left = int(row), _number(letters)
        if not last_letters:
            if (sheet, top, left) in formulas:
                yield (sheet, top, left)
            continue
        bottom, right = int(last_row), _number(last_letters)
        yield from (p for p in by_sheet.get(sheet, ()) if top <= p[1] <= bottom and left <= p[2] <= right)


def _loops(needed: Mapping[Place, list[Place]]) -> Iterator[list[Place]]:
    """Loops of references, each formula in one of them at most."""
    done: set[Place] = set()
    for root in needed:
        path: dict[Place, Iterator[Place]] = {}
        here: Place | None = None if root in done else root
        while here is not None:
            steps = path.setdefault(here, iter(needed[here]))
            after = next((p for p in steps if p not in done), None)
            if after is None:
                done.add(here)
                del path[here]
                here = next(reversed(path), None)
            elif after in path:
                order = list(path)
                yield order[order.index(after) :]
                done.update(path)
                break
            else:
                here = after


def _issue(loop: list[Place], formulas: Mapping[Place, str]) -> Issue:
    first = min(loop)
    start = loop.index(first)
    order = [_cell(place) for place in [*loop[start:], *loop[:start], first]]
    shown = " → ".join(order if len(order) <= 6 else [*order[:5], "…", order[-1]])
    hint = f"It hangs on its own result: {shown}. Excel stores 0 for it."
    return Issue(first[0], first[1], column_letter(first[2]), "", "", formulas[first][:60], "no circular formula", hint)


def _cell(place: Place) -> str:
    return f"{place[0]}!{column_letter(place[2])}{place[1]}"


def _number(letters: str) -> int:
    """Position of a column from 1 = A."""
    value = 0
    for letter in letters:
        value = 26 * value + ord(letter) - 64
    return value
