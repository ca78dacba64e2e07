"""Every scenario must be a valid workbook in its turn."""

from __future__ import annotations

from fnmatch import fnmatchcase

from model.case import Case
from model.workbook.changes import (
    CHANGEABLE,
    Change,
    ChangeError,
    Touched,
    apply_changes,
    changeable_column,
    changes_in,
    lineage,
)
from model.workbook.clashes import Clash, clashes
from model.workbook.columns import Column
from model.workbook.draft import Draft, DraftSheet
from model.workbook.raw import find_sheet
from model.workbook.references import BASE
from model.workbook.series import locate


def check_changes(draft: Draft) -> None:
    """Each row of Changes names a column that can be changed; sheets and columns get their declared spelling."""
    data = draft["Changes"]
    for row in range(len(data)):
        if data.words["scenario"][row] == BASE:
            needs = "a scenario of the sheet Scenarios: 'base' is the workbook as it stands"
            draft.fault(("Changes", row, "scenario"), needs)
        check_target(draft, data, row)


def check_target(draft: Draft, data: DraftSheet, row: int) -> Column | None:
    """The column that a row of Changes or Ranges names, with faults where there is none that can be changed.

    Sheet and column get their declared spelling.
    """
    place = data.table.sheet
    name = data.words["sheet"][row]
    table = find_sheet(name) if name else None
    if table is not None and table.sheet not in CHANGEABLE:
        hint = f"These are {', '.join(CHANGEABLE)}."
        draft.fault((place, row, "sheet"), "a sheet whose values can be changed", hint)
        return None
    target = locate(draft, data, row)
    if target is None:
        return None
    sheet, column = target
    data.words["sheet"][row], data.words["column"][row] = sheet.table.sheet, column.name
    try:
        return changeable_column(sheet.table.sheet, column.name)
    except ChangeError as bad:
        draft.fault((place, row, bad.part), bad.needs, bad.hint)
        return None


def check_scenarios(draft: Draft, case: Case) -> None:
    """Make each scenario's changes and look for contradictions that the workbook itself does not have."""
    based_on = _based_on(draft)
    faulty = {row for row, _ in draft["Changes"].bad} | _incomplete(draft)
    known = {(clash.places, clash.needs) for clash in clashes(case)}
    sheet = case["Changes"]
    for scenario in based_on:
        try:
            chain = lineage(based_on, scenario)
        except ValueError as loop:
            row = draft["Scenarios"].position[scenario]
            draft.fault(("Scenarios", row, "based_on"), "a scenario that is not based on this one", f"Loop: {loop}.")
            continue
        changed, touched = case, list[Touched]()
        for change in (one for name in chain for one in changes_in(sheet, case, name) if one.row not in faulty):
            try:
                changed, done = apply_changes(changed, [change])
                touched += done
            except ChangeError as bad:
                faulty.add(change.row)
                if not is_reported(draft, change, bad):
                    draft.fault(("Changes", change.row, bad.part), bad.needs, bad.hint)
        for clash in clashes(changed):
            if (clash.places, clash.needs) not in known:
                _blame(draft, changed, scenario, clash, touched)


def _based_on(draft: Draft) -> dict[str, str | None]:
    data = draft["Scenarios"]
    based_on = {key: parent for key, parent in zip(data.keys, data.words["based_on"], strict=True) if key}
    if based_on.get(BASE):
        needs = "a blank cell: 'base' is the workbook as it stands"
        draft.fault(("Scenarios", data.position[BASE], "based_on"), needs)
    based_on.pop(BASE, None)
    return based_on


def _incomplete(draft: Draft) -> set[int]:
    """Rows of Changes that lack something, as reported."""
    data = draft["Changes"]
    needed = ("scenario", "sheet", "key", "column", "change", "value")
    return {row for row in range(len(data)) if any(data.words[name][row] is None for name in needed)}


def is_reported(draft: Draft, change: Change, bad: ChangeError) -> bool:
    """Whether the row meant has a fault of its own: in its name, or in the very cell that is changed."""
    table = find_sheet(change.sheet)
    if table is None:
        return False
    data = draft[table.sheet]
    if bad.part == "key":
        return change.key in map(str, data.values(table.key))
    return any(
        column == change.column and data.keys[row] is not None and fnmatchcase(str(data.keys[row]), change.key)
        for row, column in data.bad
    )


def _blame(draft: Draft, case: Case, scenario: str, clash: Clash, touched: list[Touched]) -> None:
    """Report a contradiction where the last change that took part in it stands; nothing where none did."""
    for one in reversed(touched):
        change = one.change
        covers = clash.period is None or change.first is None or change.first <= clash.period <= (change.last or 0)
        if (change.sheet, one.row, change.column) in clash.places and covers:
            sheet, row, column = clash.places[0]
            needs = f"a change that leaves in {sheet}:{case[sheet].keys[row]}:{column} {clash.needs}"
            hint = " ".join(filter(None, (clash.hint, f"Scenario {scenario!r}.")))
            draft.fault(("Changes", change.row, "value"), needs, hint)
            return
