"""The sheet Settings: one typed value a setting."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from model.case import Settings
from model.workbook.columns import Column
from model.workbook.draft import Draft, parse_value
from model.workbook.names import LONGEST_NAME, Names
from model.workbook.sheets import SETTINGS
from model.workbook.values import CellError


def read_settings(draft: Draft) -> Settings:
    """Typed settings; blanks are replaced by their defaults, here and in the sheet's words."""
    data = draft["Settings"]
    values: dict[str, Any] = {column.name: column.blank for column in SETTINGS.columns}
    valid = {column.name for column in SETTINGS.columns}
    for row, key in enumerate(data.keys):
        column = SETTINGS.by_name.get(key.lower()) if key else None
        if column is None:
            if key:
                hint = Names(valid).nearest(key)
                valid_names = f"Settings are {', '.join(sorted(valid))}."
                draft.fault(
                    ("Settings", row, "setting"), "the name of a setting", f"Nearest: {hint}." if hint else valid_names
                )
            continue
        data.keys[row] = column.name
        value = _value(draft, row, column)
        values[column.name] = data.words["value"][row] = value
    values["title"] = values["title"] or Path(draft.raw.name).stem
    if values["base_year"] is None:
        years = draft["Periods"].numbers["year"]
        values["base_year"] = float(years[0, 0]) if len(years) else 0.0
    return Settings(**{one.name: _typed(values[one.name], SETTINGS[one.name]) for one in fields(Settings)})


def _value(draft: Draft, row: int, column: Column) -> Any:
    raw = draft["Settings"].cell(row, "value")
    if raw is None:
        return column.blank
    try:
        value = parse_value(raw, column)
        if column.name == "title" and len(value) > LONGEST_NAME:
            raise CellError(f"a text of at most {LONGEST_NAME} characters")
        return value
    except CellError as bad:
        draft.fault(("Settings", row, "value"), bad.needs, bad.hint)
        return column.blank


def _typed(value: Any, column: Column) -> Any:
    return int(value) if column.whole and value is not None else value
