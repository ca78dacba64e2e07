"""``projects``: what every project and more money in every fund are worth."""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from model.commands.keeping import asked, part_of, publish_study, read_input, within
from model.errors import ModelError
from model.report.console import Screen
from model.report.content import shown

if TYPE_CHECKING:
    from model.analysis.projects.study import Study
    from model.case import Case
    from model.solution import Solution

PART: Final = "projects"
MOST_SHOWN = 25
FIRST_GAP = 0.01
STOPPED_EARLY = 4


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Answer by re-solves, write the answers as a workbook and show them; returns the exit code."""
    from model.analysis.projects.study import study
    from model.cli import OUTPUTS
    from model.report.folder import open_folder
    from model.report.projects import WORKBOOK, write_projects
    from model.report.record import head
    from model.scenario import with_scenario

    started = time.perf_counter()
    whole, data = read_input(arguments.workbook)
    case = with_scenario(whole, arguments.scenario)
    funds, projects = _looked_at(case, arguments)
    part = part_of(PART, arguments.scenario)
    with open_folder(arguments.workbook, OUTPUTS, within(arguments.out, part), part=part) as folder:
        with screen.working(f"Solving scenario {arguments.scenario}"):
            solution = _first_plan(case)
        screen.line("Ctrl-C ends the work; what has been found until then is written.")
        with screen.counting() as say:
            found = study(solution, funds, projects, say)
        _say(screen, found)
        about = {
            **asked(arguments),
            "missing": found.missing,
            "seconds": {"whole": round(time.perf_counter() - started, 3)},
        }
        try:
            placed = publish_study(
                folder,
                lambda staging: write_projects(found, staging),
                {arguments.workbook.name: data},
                head(case, about),
                screen.lines,
            )
        except OSError as error:
            raise ModelError(f"The answers could not be written to {folder.path} ({error}).") from error
        for notice in folder.notices:
            screen.notice(notice)
    screen.line()
    screen.line(f"With interactions, capex curves and charts: {folder.path / placed[WORKBOOK]}")
    return STOPPED_EARLY if found.missing else 0


def _looked_at(case: Case, arguments: argparse.Namespace) -> tuple[list[int], list[int]]:
    """Funds and projects that are looked at: naming one kind leaves out the other."""
    from model.analysis.projects.study import check, chosen_projects

    funds, projects = check(case, arguments.fund), chosen_projects(case, arguments.project)
    if arguments.fund is None and arguments.project:
        funds = []
    if arguments.fund is not None and not arguments.project:
        projects = []
    return funds, projects


def _first_plan(case: Case) -> Solution:
    """The scenario solved so far that whole units have some good plan; the study itself searches for the best."""
    from model.api import solve_one
    from model.engine import Engine

    rough = replace(case, settings=replace(case.settings, mip_gap=max(FIRST_GAP, case.settings.mip_gap)))
    return replace(solve_one(Engine([rough]), rough), case=case)


def _say(screen: Screen, found: Study) -> None:
    from model.report.projects import said_first

    screen.heading(said_first(found))
    _say_worth(screen, found)
    _say_money(screen, found)


def _say_worth(screen: Screen, found: Study) -> None:
    if not len(found.worth.frame):
        return
    screen.heading("What projects are worth, million USD")
    rows = found.worth.frame.head(MOST_SHOWN)
    header = ["project", "units", "capex", "npv", "pay-back, years", "capex per unit", "built below", "note"]
    names = ("units", "capex", "npv", "payback_years", "capex_per_unit", "break_even_capex")
    screen.table(
        header,
        [[one["project"], *(shown(one[name]) for name in names), one["note"]] for one in rows.to_dict("records")],
    )
    if len(found.worth.frame) > MOST_SHOWN:
        screen.line(f"and {len(found.worth.frame) - MOST_SHOWN} more in the workbook.")


def _say_money(screen: Screen, found: Study) -> None:
    for fund, rows in found.money.frame.groupby("fund", sort=False):
        screen.heading(f"Value of more money in {fund}")
        table = [
            [
                _range(one["budget_from"], one["budget_to"]),
                one["today"],
                shown(one["value_from"]),
                shown(one["gain"]),
                shown(one["gain_per_dollar"]),
                one["plan_at_end"] or one["plan"],
            ]
            for one in rows.head(MOST_SHOWN).to_dict("records")
        ]
        screen.table(["budget, million USD", "", "value", "gain", "per dollar", "plan"], table)


def _range(start: float, end: float) -> str:
    return f"{start:,.4g} to {end:,.4g}" if math.isfinite(end) else f"{start:,.4g} and more"
