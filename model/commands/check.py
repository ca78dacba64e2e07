"""``check``: every fault of a workbook and of its scenarios, nothing solved."""

from __future__ import annotations

import argparse

from model.errors import NoAnswer
from model.report.console import Screen


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Say what there is to mend, or that nothing is; returns the exit code."""
    from model.network import build_network
    from model.precheck import precheck
    from model.scenario import runnable, with_scenario
    from model.suspicion import suspicions
    from model.workbook.reading import read_case

    with screen.working(f"Checking {arguments.workbook.name}"):
        case = read_case(arguments.workbook)
        cases = [with_scenario(case, name) for name in runnable(case)]
        failures: list[NoAnswer] = []
        network = build_network(cases or [case])
        for one in cases:
            try:
                precheck(one, network)
            except NoAnswer as error:
                failures.append(error)
    for notice in (*case.notices, *suspicions(case, network)):
        screen.notice(notice)
    for failure in failures:
        screen.error(str(failure))
    if failures:
        return min(failure.exit_code for failure in failures)
    filled = {name: len(sheet) for name, sheet in case.sheets.items() if len(sheet)}
    size = f"{sum(filled.values())} rows on {len(filled)} sheets, periods {case.periods[0]} to {case.periods[-1]}"
    screen.line(f"{case.name} is in order: {size}.", style="green")
    screen.line(f"Scenarios to run: {', '.join(one.scenario for one in cases)}.")
    return 0
