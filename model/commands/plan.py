"""``plan``: what to build when one plan must do for several scenarios."""

from __future__ import annotations

import argparse
import math
import time
from typing import TYPE_CHECKING, Final

from model.commands.keeping import asked, publish_study, read_input, within
from model.errors import ModelError
from model.report.console import Screen

if TYPE_CHECKING:
    from model.analysis.plan.found import Study

STOPPED_EARLY = 4
PART: Final = "plan"


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Choose the plans, write and show them; returns the exit code."""
    from model.api import plan
    from model.cli import OUTPUTS
    from model.report.folder import open_folder
    from model.report.plan import WORKBOOK, write_plan
    from model.report.record import head

    started = time.perf_counter()
    case, data = read_input(arguments.workbook)
    for notice in case.notices:
        screen.notice(notice)
    if any(case.word("Projects", "whole_units")):
        screen.line("Units are whole: Ctrl-C ends the search under way, keeps its best plan and goes on to the next.")
    with open_folder(arguments.workbook, OUTPUTS, within(arguments.out, PART), part=PART) as folder:
        found = plan(case, arguments.criterion, arguments.scenario, working=screen.working)
        _say(found, screen)
        about = {**asked(arguments), "seconds": {"whole": round(time.perf_counter() - started, 3)}}
        try:
            placed = publish_study(
                folder,
                lambda staging: write_plan(found, staging),
                {arguments.workbook.name: data},
                head(found.case, about),
                screen.lines,
            )
        except OSError as error:
            raise ModelError(f"The plan could not be written to {folder.path} ({error}).") from error
        for notice in folder.notices:
            screen.notice(notice)
    screen.line(
        f"Every plan, with its regrets and money: {folder.path / placed[WORKBOOK]}, the same tables as CSV beside it"
    )
    return STOPPED_EARLY if any(one.stop for one in found.plans) else 0


def _say(found: Study, screen: Screen) -> None:
    from model.analysis.plan.tables import worths
    from model.report.plan import early, headline, money

    for one in (plan for plan in found.plans if plan.criterion):
        screen.heading(f"By {one.criterion}")
        for line in headline(found, one):
            screen.line(line)
    screen.heading("Regret of each plan in each scenario, million USD")
    rows = []
    for one in found.plans:
        low, _ = found.regret(one)
        rows.append([one.name, *(_number(value) for value in low), _number(float(low.max()))])
    screen.table(["", *found.scenarios, "worst"], rows)
    screen.line()
    for name, meaning, worth in worths(found):
        unit = "" if worth.reason else " million USD"
        screen.line(f"{name}: {money(worth)}{unit}. {meaning}.")
    for text in (*found.choice.notices, *early(found)):
        screen.notice(text)
    for plan in found.plans:
        for scenario, why in plan.failures.items():
            screen.notice(f"The plan {plan.name!r} cannot be carried out in {scenario}: {'; '.join(why)}.")


def _number(value: float) -> str:
    return "impossible" if math.isnan(value) else f"{value:,.1f}"
