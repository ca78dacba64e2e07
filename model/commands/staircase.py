"""``staircase``: at which values of one number the optimal plan changes."""

from __future__ import annotations

import argparse
import math
import time
from typing import TYPE_CHECKING, Final

from model.commands.keeping import PATIENCE, as_name, asked, publish_study, read_input, within
from model.errors import ModelError
from model.report.console import Screen

if TYPE_CHECKING:
    from model.analysis.staircase import Staircase

NO_OPTIMUM = 3
MOST_SHOWN = 60
PART: Final = "staircase"


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Find the steps, write them as a workbook and show them; returns the exit code."""
    from model.analysis.staircase import staircase
    from model.cli import OUTPUTS
    from model.report.folder import open_folder
    from model.report.record import head
    from model.report.staircase import write_staircase

    started = time.perf_counter()
    case, data = read_input(arguments.workbook)
    with screen.working(f"Finding the steps of {arguments.of}"):
        found = staircase(case, arguments.of, arguments.low, arguments.high, arguments.scenario, arguments.period)
    _say(found, screen)
    name, about = _name(found), {**asked(arguments), "seconds": {"whole": round(time.perf_counter() - started, 3)}}
    part, book = f"{PART}/{name}", f"{name}.xlsx"
    out = within(arguments.out, part)
    try:
        with open_folder(arguments.workbook, OUTPUTS, out, part=part, patience=PATIENCE) as folder:
            placed = publish_study(
                folder,
                lambda staging: write_staircase(found, staging, book),
                {arguments.workbook.name: data},
                head(case, about),
                screen.lines,
            )
            for notice in folder.notices:
                screen.notice(notice)
    except OSError as error:
        raise ModelError(f"The staircase could not be written ({error}).") from error
    screen.line(f"With volumes and charts: {folder.path / placed[book]}")
    return 0 if (found.steps["status"] == "optimal").any() else NO_OPTIMUM


def _name(found: Staircase) -> str:
    """The name of the folder and of the workbook."""
    scenario = "" if found.scenario == "base" else f"_{found.scenario}"
    return as_name(f"{found.address}{scenario}").replace("..", "-").strip("_")


def _say(found: Staircase, screen: Screen) -> None:
    present = "" if found.present is None else f"; at present {found.present:g}"
    screen.heading(f"{found.address}{', ' + found.unit if found.unit else ''}, scenario {found.scenario}{present}")
    header = ["step", "from", "to", f"{found.goal} at the start", "at the end", "per unit", "status", "what changes"]
    rows = [
        [
            str(row["step"]),
            *(_number(row[name]) for name in ("from", "to", "value_from", "value_to", "slope")),
            row["status"],
            row["change"],
        ]
        for row in found.steps.head(MOST_SHOWN).to_dict("records")
    ]
    screen.table(header, rows)
    if len(found.steps) > MOST_SHOWN:
        screen.line(f"and {len(found.steps) - MOST_SHOWN} more steps in the workbook.")
    for cause in found.causes:
        at = f"{cause.at:,.6g} {found.unit}".rstrip()
        screen.line(f"Why step {cause.step} has no {cause.lacks}, at {at}:")
        screen.line(cause.text)
    screen.line(f"{found.goal.capitalize()} in discounted million USD; {found.steps['method'].iloc[0]}.")


def _number(value: float) -> str:
    return (
        f"{value:,.6g}"
        if abs(value) < 1e6 and math.isfinite(value)
        else f"{value:,.0f}"
        if math.isfinite(value)
        else ""
    )
