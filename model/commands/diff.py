"""``diff``: two input workbooks, cell by cell, by address."""

from __future__ import annotations

import argparse

from model.report.console import Screen


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """List what differs; returns the exit code."""
    from model.workbook.difference import differences

    rows, faulty = differences(arguments.first, arguments.second)
    for name in faulty:
        screen.notice(f"{name} has faults that `check` lists; what can be read is compared.")
    if not rows:
        screen.line("No cell differs.")
        return 0
    screen.table(["address", "first", "second"], [list(row) for row in rows], text_columns=3)
    screen.line(f"{len(rows)} differences.")
    return 0
