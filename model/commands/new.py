"""``new``: a blank workbook to be filled in."""

from __future__ import annotations

import argparse

from model.report.console import Screen


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Write a blank workbook; returns the exit code."""
    from model.workbook.template import write_workbook

    path = write_workbook(arguments.path)
    screen.line(f"{path} is ready to be filled in: units and meanings stand above each column and in its notes.")
    return 0
