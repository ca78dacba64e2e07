"""``addresses``: every value that scenarios and scripts can change, with what stands there now."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from model.report.console import Screen

if TYPE_CHECKING:
    from model.case import Case

MOST_EFFECTS: Final = 200


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """List the addresses that a pattern picks; returns the exit code."""
    from model.address import find
    from model.workbook.reading import read_case

    case = read_case(arguments.workbook)
    if arguments.effects:
        return _effects(case, arguments.pattern, screen)
    rows = [[str(entry.address), entry.shown, entry.unit, entry.cell] for entry in find(case, arguments.pattern)]
    screen.table(["address", "value", "unit", "cell"], rows)
    return 0


def _effects(case: Case, pattern: str, screen: Screen) -> int:
    """List what of the linear programme follows from each address, and by which factor."""
    from model.address import find
    from model.engine import Engine
    from model.registry import effects

    layout = Engine([case]).layout
    rows = []
    for entry in find(case, pattern):
        sheet, column = entry.address.sheet, entry.address.column
        if sheet not in case.sheets or column not in case[sheet].numbers:
            continue
        found = effects(case, layout, sheet, case[sheet].position[entry.address.key], column)
        rows += [[str(entry.address), one.role, one.name, f"{one.change:.6g}"] for one in found]
    screen.table(["address", "enters", "of", "per unit"], rows[:MOST_EFFECTS])
    if len(rows) > MOST_EFFECTS:
        screen.notice(f"{len(rows) - MOST_EFFECTS} more; a narrower pattern shows them.")
    return 0
