"""``compare``: two result folders, or scenarios of one, side by side as a workbook and a page."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.commands.keeping import PATIENCE, as_name, asked, publish_study
from model.errors import ModelError, NoAnswer, UsageError
from model.report.console import Screen

if TYPE_CHECKING:
    import pandas as pd

    from model.analysis.compare import Side
    from model.case import Case
    from model.report.compare import Comparison
    from model.report.saved import Saved
    from model.results.declare import ResultTable

_SHOWN = 6
_CHANGE = ("sheet", "key", "column", "period", "old", "new")
_IN_CONSOLE = ("Exporters", "Corridors", "Markets")


@dataclass(frozen=True)
class _Pick:
    """A scenario of a folder under the name that it bears in the comparison."""

    saved: Saved
    scenario: str
    name: str


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Compare and write; returns the exit code."""
    from model.analysis.compare import check_names, in_common
    from model.report.compare import write_comparison, write_comparison_page
    from model.report.folder import hold
    from model.report.record import start

    started = time.perf_counter()
    picks = _picks(arguments)
    with screen.working("Reading the results"):
        sides = _sides(picks)
    check_names(sides)
    sides, said = in_common(sides)
    found = _comparison(picks, sides, said, screen)
    tables = found.tables()
    stem = as_name("_vs_".join(found.names))
    home = (arguments.out or picks[-1].saved.path / "compare") / stem
    book, page = f"{stem}.xlsx", f"{stem}.html"

    def write(staging: Path) -> None:
        write_comparison(staging / book, found, tables)
        write_comparison_page(staging / page, found, tables)

    _say(found, tables, screen)
    record = start(_asked(arguments, picks), {"seconds": {"whole": round(time.perf_counter() - started, 3)}})
    try:
        with screen.working("Writing the comparison"), hold(home, PATIENCE) as folder:
            placed = publish_study(folder, write, _kept(picks), record, screen.lines)
    except OSError as error:
        raise ModelError(f"The comparison could not be written to {home} ({error}).") from error
    for notice in folder.notices:
        screen.notice(notice)
    screen.line(f"Pictures: {home / placed[page]}")
    screen.line(f"Tables: {home / placed[book]}")
    return 0


def _asked(arguments: argparse.Namespace, picks: Sequence[_Pick]) -> dict[str, Any]:
    """The command as the record holds it: folders by the names of their copies, scenarios where there is one folder."""
    folders = list(_folders(picks))
    scenarios = [pick.scenario for pick in picks] if len(folders) == 1 else []
    return asked(argparse.Namespace(**{**vars(arguments), "folders": folders, "scenarios": scenarios}))


def _folders(picks: Sequence[_Pick]) -> dict[str, list[_Pick]]:
    """The picks of each folder, under the name by which the comparison tells it from the other."""
    if len({pick.saved.path for pick in picks}) == 1:
        return {picks[0].saved.path.resolve().name: list(picks)}
    return {pick.name: [pick] for pick in picks}


def _kept(picks: Sequence[_Pick]) -> dict[str, bytes]:
    """What was read of the folders, to be kept beside the comparison."""
    return {
        f"{folder}/{name}": data
        for folder, own in _folders(picks).items()
        for name, data in own[0].saved.excerpt(_wanted(), [pick.scenario for pick in own]).items()
    }


def _picks(arguments: argparse.Namespace) -> list[_Pick]:
    """Which results are meant: scenarios of the first folder, or one scenario of two folders."""
    from model.report.saved import read_saved

    first = read_saved(_folder(arguments.first))
    others: Sequence[str] = arguments.others
    if not any(_is_folder(other) for other in others):
        if arguments.scenario:
            raise UsageError("--scenario is for two folders; name the scenarios after the folder, without it.")
        names = [first.scenario(name) for name in others]
        # one alone is set against the first of its folder
        if len(names) == 1:
            names = [first.scenarios[0], *names]
        return [_Pick(first, name, name) for name in names]
    if len(others) > 1:
        raise UsageError("Two folders are compared at a time, or any number of scenarios of one.")
    both = [first, read_saved(_folder(others[0]))]
    names = [_name(saved, other) for saved, other in (both, both[::-1])]
    chosen = [saved.scenario(arguments.scenario or saved.scenarios[0]) for saved in both]
    return [_Pick(*row) for row in zip(both, chosen, names, strict=True)]


def _is_folder(text: str) -> bool:
    """A path, or the name of something that is there; else it is a scenario."""
    path = Path(text)
    return path.is_dir() or path.suffix.lower() in (".xlsx", ".xlsm") or len(path.parts) > 1


def _folder(text: str) -> Path:
    """The folder itself, or the one in which a workbook's results are by default."""
    from model.cli import OUTPUTS
    from model.report.folder import folder_of

    path = Path(text)
    return folder_of(path, OUTPUTS) if path.suffix.lower() in (".xlsx", ".xlsm") else path


def _name(saved: Saved, other: Saved) -> str:
    """The shortest end of a folder's path that tells it from the other's."""
    mine, theirs = (one.path.resolve().parts[1:] for one in (saved, other))
    for length in range(1, max(len(mine), len(theirs)) + 1):
        if mine[-length:] != theirs[-length:]:
            return "/".join(mine[-length:])
    raise UsageError(f"{saved.path} would be compared with itself; name another folder, or two scenarios of it.")


def _wanted() -> list[tuple[ResultTable, list[str]]]:
    """The tables that are compared, and their columns."""
    from model.analysis.compare import QUESTIONS
    from model.results.registry import TABLES

    wanted: dict[str, set[str]] = {"Scenario changes": {"scenario", *_CHANGE}}
    for question in QUESTIONS:
        wanted.setdefault(question.table, set()).update(question.columns)
    return [(spec, sorted(wanted[spec.name])) for spec in TABLES if spec.name in wanted]


def _sides(picks: Sequence[_Pick]) -> list[Side]:
    from model.analysis.compare import Side
    from model.report.saved import of_scenario

    frames: dict[Path, dict[str, pd.DataFrame]] = {}
    for saved in {pick.saved.path: pick.saved for pick in picks}.values():
        frames[saved.path] = {spec.name: saved.frame(spec, columns) for spec, columns in _wanted()}
    return [Side(pick.name, of_scenario(frames[pick.saved.path], pick.scenario)) for pick in picks]


def _comparison(picks: Sequence[_Pick], sides: Sequence[Side], said: str, screen: Screen) -> Comparison:
    from model.report.compare import Comparison

    names = [side.name for side in sides]
    goals = {str(pick.saved.record["settings"]["objective"]) for pick in picks}
    if len(goals) > 1:
        raise UsageError(f"{' and '.join(names)} have different objectives; their values cannot be compared.")
    inputs = _inputs(picks, sides, screen)
    with screen.working("Building the bridge"):
        bridge, why = _bridge(picks)
    return Comparison(
        title=f"{' and '.join(names)} compared",
        value_name="Cost" if goals == {"cost"} else "Value",
        sides=sides,
        worth=[pick.saved.value(pick.scenario) for pick in picks],
        inputs=inputs,
        bridge=bridge,
        no_bridge=why,
        note=said,
    )


def _inputs(picks: Sequence[_Pick], sides: Sequence[Side], screen: Screen) -> list[tuple[str, ...]]:
    """Inputs that differ, by address: of two folders the cells of the workbooks, and what the scenarios change."""
    from model.workbook.difference import differences

    rows: list[tuple[str, ...]] = []
    if picks[0].saved.path != picks[1].saved.path:
        found, faulty = differences(picks[0].saved.workbook, picks[1].saved.workbook)
        for name in faulty:
            screen.notice(f"{name} has faults that `check` lists; what can be read is compared.")
        rows.extend(found)
    changes = [side.frames["Scenario changes"] for side in sides]
    cells = [
        {f"{row.sheet}:{row.key}:{row.column}@{row.period}": (row.old, row.new) for row in frame.itertuples()}
        for frame in changes
    ]
    for address in dict.fromkeys(address for found in cells for address in found):
        old = next(found[address][0] for found in cells if address in found)
        texts = [_cell(found[address][1] if address in found else old) for found in cells]
        if len(set(texts)) > 1:
            rows.append((address.removesuffix("@").removesuffix("@all"), *texts))
    return rows


def _cell(value: object) -> str:
    text = str(value)
    return "blank" if text in ("", "nan") else text


def _bridge(picks: Sequence[_Pick]) -> tuple[pd.DataFrame | None, str]:
    """The bridge between two sides, or why there is none."""
    if len(picks) != 2:
        return None, "A bridge leads from one result to one other; compare two to see it."
    from model.analysis.bridge import bridge
    from model.engine import Engine, structure_of

    try:
        start, end = (_case(pick) for pick in picks)
        if structure_of(start) != structure_of(end):
            return None, "the two differ in rows, links or periods, not in numbers alone."
        return bridge(Engine([start, end]), start, end).table(), ""
    except (UsageError, NoAnswer) as error:
        return None, str(error)


def _case(pick: _Pick) -> Case:
    """The case that was solved, from the copy of its workbook."""
    from dataclasses import replace

    from model.horizon import with_periods
    from model.scenario import with_scenario
    from model.workbook.reading import read_case

    case = with_scenario(read_case(pick.saved.workbook), pick.scenario)
    periods = pick.saved.record["periods"]
    return replace(with_periods(case, *periods) if periods else case, scenario=pick.name)


def _say(found: Comparison, tables: dict[str, pd.DataFrame], screen: Screen) -> None:
    from model.analysis.compare import QUESTIONS, totals

    screen.heading(f"{found.title}: {found.value_name.lower()}, million USD")
    rows = [
        [name, f"{value:,.1f}", f"{value - found.worth[0]:+,.1f}" if i else ""]
        for i, (name, value) in enumerate(zip(found.names, found.worth, strict=True))
    ]
    screen.table(["", found.value_name.lower(), f"against {found.names[0]}"], rows)
    if found.note:
        screen.notice(found.note)
    if found.bridge is None:
        screen.notice(f"No bridge: {found.no_bridge}")
    else:
        screen.heading("Bridge, million USD")
        parts = found.bridge.iloc[1:-1]
        screen.table(["", "change"], [[s, f"{c:+,.1f}"] for s, c in zip(parts["step"], parts["change"], strict=True)])
    for question in QUESTIONS:
        if question.title not in _IN_CONSOLE:
            continue
        top = totals(tables[question.title], question, found.sides).head(_SHOWN)
        screen.heading(f"{question.title}, all periods")
        columns = list(top.columns[2:])
        table = [
            [f"{family}: {name}", unit, *(f"{value:,.2f}" for value in values)]
            for family, name, unit, *values in top.itertuples(index=False, name=None)
        ]
        screen.table(["", *map(str, columns)], table or [["nothing differs", *("" for _ in columns)]], text_columns=2)
    screen.line(f"{len(found.inputs)} inputs differ.")
