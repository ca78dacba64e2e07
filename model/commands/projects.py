"""``projects``: what every project and more money in every fund are worth."""

from __future__ import annotations

import argparse
import math
import re
from typing import TYPE_CHECKING

from model.errors import ModelError
from model.report.console import Screen
from model.report.content import shown

if TYPE_CHECKING:
    from model.analysis.projects.study import Study

MOST_SHOWN = 25
STOPPED_EARLY = 4


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Answer by re-solves, write the answers as a workbook and show them; returns the exit code."""
    from model.analysis.projects.study import check, chosen_projects, study
    from model.api import read_case, solve_one
    from model.cli import OUTPUTS
    from model.engine import Engine
    from model.report.folder import open_folder
    from model.report.projects import said_first, write_projects
    from model.scenario import with_scenario

    case = with_scenario(read_case(arguments.workbook), arguments.scenario)
    funds = check(case, arguments.fund)
    projects = chosen_projects(case, arguments.project)
    with screen.working(f"Solving scenario {arguments.scenario}"):
        solution = solve_one(Engine([case]), case)
    screen.line("Ctrl-C ends the work; what has been found until then is written.")
    with screen.counting() as say:
        found = study(solution, funds, projects, say)
    try:
        with open_folder(arguments.workbook, OUTPUTS, arguments.out) as folder:
            path = write_projects(found, folder.path / _file_name(arguments.scenario))
            for notice in folder.notices:
                screen.notice(notice)
    except OSError as error:
        raise ModelError(f"The workbook could not be written ({error}).") from error
    screen.heading(said_first(found))
    _say_worth(screen, found)
    _say_money(screen, found)
    screen.line()
    screen.line(f"With interactions, capex curves and charts: {path}")
    return STOPPED_EARLY if found.missing else 0


def _file_name(scenario: str) -> str:
    suffix = "" if scenario == "base" else "_" + re.sub(r"[^\w.+-]+", "_", scenario)
    return f"projects{suffix}.xlsx"


def _say_worth(screen: Screen, found: Study) -> None:
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
