"""``ranging``: the input tables with the interval of each number within which the plan stays."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from model.commands.keeping import asked, bytes_of, part_of, publish_study, within
from model.errors import AuditError, ModelError
from model.report.console import Screen

if TYPE_CHECKING:
    from model.analysis.ranging import Range, Ranges
    from model.case import Case

VERIFIED: Final = 10
PART: Final = "ranging"


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Range a scenario's numbers, re-solve at the tightest, and write the workbook; returns the exit code."""
    from model.cli import OUTPUTS
    from model.report.folder import open_folder
    from model.report.ranging import TABLE, WORKBOOK, write_ranging
    from model.report.record import head
    from model.scenario import with_scenario
    from model.workbook.checks import validate
    from model.workbook.reader import read_workbook

    started = time.perf_counter()
    raw = read_workbook(arguments.workbook)
    data = bytes_of(arguments.workbook, raw.sha256)
    case = with_scenario(validate(raw), arguments.scenario)
    part = part_of(PART, arguments.scenario)
    with open_folder(arguments.workbook, OUTPUTS, within(arguments.out, part), part=part) as folder:
        found, first, verified = _ranged(arguments.workbook.name, case, screen)
        _say(screen, case, found, first)
        screen.line(verified[0])
        about = {**asked(arguments), "seconds": {"whole": round(time.perf_counter() - started, 3)}}

        def write(staging: Path) -> None:
            write_ranging(staging, raw, case, found, verified)

        try:
            placed = publish_study(folder, write, {arguments.workbook.name: data}, head(case, about), screen.lines)
        except OSError as error:
            raise ModelError(f"The ranges could not be written to {folder.path} ({error}).") from error
        for notice in folder.notices:
            screen.notice(notice)
    screen.line(f"All of them, beside the input: {folder.path / placed[WORKBOOK]}, as a table also {placed[TABLE]}")
    return 0


def _ranged(name: str, case: Case, screen: Screen) -> tuple[Ranges, Sequence[Range], list[str]]:
    """The ranges, the tightest of them, and what re-solving those showed."""
    from model.analysis.ranging import ranging, tightest, verify
    from model.api import solve_one
    from model.engine import Engine

    with screen.working(f"Ranging {name}"):
        engine = Engine([case])
        if len(engine.layout.whole):
            raise ModelError("A case with whole units has no ranges: its plan moves in jumps.")
        solve_one(engine, case)
        found = ranging(engine, case)
        first = tightest(found, VERIFIED)
        proofs = [verify(engine, case, one) for one in first]
    if not all(inside for inside, _ in proofs):
        raise AuditError("A plan changed inside the interval within which it was said to stay.")
    held = sum(outside for _, outside in proofs)
    said = (
        f"The {len(proofs)} tightest were re-solved on both sides of their nearer end: inside, all of them hold; "
        f"outside, {held} of them change at once{'' if held == len(proofs) else ', the others somewhat later'}."
    )
    return found, first, [said]


def _say(screen: Screen, case: Case, found: Ranges, first: Sequence[Range]) -> None:
    from model.report.ranging import amount

    rows = [
        [
            f"{one.sheet}:{case[one.sheet].keys[one.row]}:{one.column}",
            f"{one.value:g}",
            amount(one.fall),
            amount(one.rise),
            one.below if one.fall <= one.rise else one.above,
        ]
        for one in first
    ]
    screen.heading(f"The tightest of {len(found.ranges)} intervals, scenario {case.scenario}")
    screen.table(["address", "value", "may fall by", "may rise by", "what gives way first"], rows)
