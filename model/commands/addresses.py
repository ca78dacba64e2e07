"""``addresses``: every value that scenarios and scripts can change, with what stands there now."""

from __future__ import annotations

import argparse

from model.report.console import Screen


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """List the addresses that a pattern picks; returns the exit code."""
    from model.address import find
    from model.api import read_case

    case = read_case(arguments.workbook)
    rows = [[str(entry.address), entry.shown, entry.unit, entry.cell] for entry in find(case, arguments.pattern)]
    screen.table(["address", "value", "unit", "cell"], rows)
    return 0
