"""The sheet Series: values by period, put in the place of their rows' own values."""

from __future__ import annotations

import numpy as np

from model.errors import Issue
from model.workbook.columns import Column
from model.workbook.draft import Draft, DraftSheet, parse_value
from model.workbook.names import Names
from model.workbook.raw import find_sheet, label
from model.workbook.references import period_hint
from model.workbook.values import CellError


def merge_series(draft: Draft) -> None:
    """Put every value of Series into its row's numbers; faults name the cell in Series."""
    data = draft["Series"]
    if draft.periods:
        _check_headers(draft, data)
    first: dict[tuple[str, int, str], int] = {}
    for row in range(len(data)):
        target = locate(draft, data, row)
        if target is None:
            continue
        sheet, column = target
        data.words["sheet"][row], data.words["column"][row] = sheet.table.sheet, column.name
        position = _key_position(draft, data, row, sheet)
        if position is None:
            continue
        earlier = first.setdefault((sheet.table.sheet, position, column.name), row)
        if earlier == row:
            _merge_row(draft, data, row, (sheet, position, column))
        elif data.keys[row]:  # spelled alike, it was reported with its key
            draft.fault(
                ("Series", row, "sheet"), "a row for this only once", f"Row {data.raw.rows[earlier][0]} is for it too."
            )
    _check_given(draft)


def _check_headers(draft: Draft, data: DraftSheet) -> None:
    declared = {column.name for column in data.table.columns}
    names = Names(draft.periods)
    for header, letter in data.raw.letters.items():
        if header not in declared and header not in draft.period_position:
            needs, hint = "a period of the sheet Periods", period_hint(names, header)
            draft.faults.append(Issue("Series", data.raw.header_row, letter, "", "", header, needs, hint))
    for clash in set(draft.periods) & declared:
        row = draft["Periods"].position[clash]
        draft.fault(("Periods", row, "period"), "a label that is no column of the sheet Series")


def locate(draft: Draft, data: DraftSheet, row: int) -> tuple[DraftSheet, Column] | None:
    """The sheet and column that a row of Series or Changes names, in any case; faults where there are none."""
    name, wanted = data.words["sheet"][row], data.words["column"][row]
    table = find_sheet(name) if name else None
    if table is None:
        if name:
            hint = Names(draft.sheets).hint(name)
            draft.fault((data.table.sheet, row, "sheet"), "the name of a sheet of this workbook", hint)
        return None
    column = table.by_name.get(wanted.lower()) if wanted else None
    if column is None:
        if wanted:
            numbers = [one.name for one in table.columns if one.changeable]
            draft.fault(
                (data.table.sheet, row, "column"), f"a column of the sheet {table.sheet}", Names(numbers).hint(wanted)
            )
        return None
    return draft[table.sheet], column


def _key_position(draft: Draft, data: DraftSheet, row: int, target: DraftSheet) -> int | None:
    key = data.words["key"][row]
    if not key or key in target.position:
        return target.position.get(key)
    if key not in map(label, target.values(target.table.key)):  # else that row has been reported
        needs = f"the name of a row of the sheet {target.table.sheet}"
        draft.fault(("Series", row, "key"), needs, target.names.hint(key))
    return None


def _merge_row(draft: Draft, data: DraftSheet, row: int, place: tuple[DraftSheet, int, Column]) -> None:
    target, position, column = place
    if not column.series:
        varying = [one.name for one in target.table.columns if one.series]
        hint = f"Columns of {target.table.sheet} that can: {', '.join(varying)}." if varying else ""
        draft.fault(("Series", row, "column"), "a column that can vary by period", hint)
        return
    number, cells = data.raw.rows[row]
    values: dict[int, float] = {}
    blank = True
    for period, t in draft.period_position.items():
        raw = cells.get(period)
        if raw is None:
            continue
        blank = False
        try:
            values[t] = parse_value(raw, column)
        except CellError as bad:
            draft.fault(("Series", row, period), bad.needs, bad.hint)
            data.bad.add((position, f"{target.table.sheet}:{column.name}"))
    if blank and draft.periods:
        draft.fault(("Series", row, ""), "a value for at least one period")
    _put(draft, target, position, column, values)
    sheet, key = target.table.sheet, target.keys[position]
    letters = data.raw.letters
    draft.series_cells.update(
        {(sheet, key, column.name, t): f"Series!{letters[draft.periods[t]]}{number}" for t in values}
    )


def _put(draft: Draft, target: DraftSheet, position: int, column: Column, values: dict[int, float]) -> None:
    numbers = target.numbers[column.name]
    if numbers.shape[1] != len(draft.periods):
        numbers = np.repeat(numbers, len(draft.periods), axis=1)
        target.numbers[column.name] = numbers
    numbers[position, list(values)] = list(values.values())


def _check_given(draft: Draft) -> None:
    """A value that must be given is given in its own cell, or by Series in every period."""
    failed = draft["Series"].bad
    for sheet, data in draft.sheets.items():
        for column in data.table.columns:
            if not (column.required and column.series and len(data)):
                continue
            missing = np.isnan(data.numbers[column.name]) & ~data.given[column.name][:, None]
            rows = np.flatnonzero(missing.any(axis=1)).tolist()
            rows = [row for row in rows if (row, f"{sheet}:{column.name}") not in failed]
            if column.name not in data.raw.letters and rows:
                draft.fault((sheet, None, column.name), "is missing: add this column to the header")
                continue
            for row in rows:
                where = missing[row].nonzero()[0]
                hint = column.hint
                if 0 < len(where) < missing.shape[1]:
                    hint = f"Series gives no value for {_list([draft.periods[t] for t in where])}."
                draft.fault((sheet, row, column.name), column.needs, hint)


def _list(labels: list[str]) -> str:
    return ", ".join(labels) if len(labels) <= 6 else f"{', '.join(labels[:5])} and {len(labels) - 5} more periods"
