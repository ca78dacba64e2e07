"""Where things stand on a sheet of an input workbook, how wide columns are, and what their notes say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from model.workbook.columns import Column, Table

ROOM: Final = 5000
WIDTHS: Final = {"source": 28, "note": 60, "citation": 70, "description": 50, "purpose": 40, "what": 34, "of": 30}


@dataclass(frozen=True)
class Layout:
    """One sheet as it is written: rows are counted from 0; units stand above the header, an example above them."""

    table: Table
    columns: tuple[Column, ...]
    header: int
    example: bool
    periods: tuple[str, ...] = ()


def layout_of(
    table: Table, rows: Sequence[Mapping[str, Any]], periods: Sequence[str], *, example: bool = False
) -> Layout:
    """The columns of a sheet; those of Series continue with one column a period."""
    columns = list(table.columns)
    if table.open_columns:
        labels = tuple(str(period) for period in periods)
        at = 1 + max(i for i, column in enumerate(columns) if column.name not in ("source", "note"))
        columns[at:at] = [
            Column(label, f"Value in {label}", blank=None, blank_means="the row's own value") for label in labels
        ]
        return Layout(table, tuple(columns), 4 if example else 3, example, labels)
    return Layout(table, tuple(columns), 4 if example else 3, example)


def column_width(column: Column, rows: Sequence[Mapping[str, Any]], *, example: bool = False) -> float:
    """Width in characters: room for unit, example and header with its filter button, and for most of the texts."""
    if column.name in WIDTHS:
        return WIDTHS[column.name]
    longest = max((len(str(row.get(column.name) or "")) for row in rows), default=0)
    shown = len(str(column.example)) + 6 if example and column.example is not None else 0
    return min(max(len(column.name) + 4, len(unit_shown(column)), shown, longest + 1, 9), 36)


def unit_shown(column: Column) -> str:
    """A unit as the row above the header shows it; where rows have their own, the column that says which."""
    words = {
        "{volume}": "volume_unit",
        "{volume}/year": "volume_unit/year",
        "{capacity}/year": "volume_unit/year",
        "{own}": "commodity's unit",
        "{own}/year": "commodity's unit/year",
        "{added}": "as in adds_to",
        "{cost}": "cost_unit",
        "{price}": "price_unit",
        "{tariff}": "tariff_unit",
        "{marker}": "unit",
        "{differential}": "differential_unit",
        "{limit}": "volume_unit/year, or share",
    }
    return words.get(column.unit, column.unit)


def note_text(column: Column) -> str:
    """What a header's note says: meaning, what is needed, what a blank means."""
    lines = [f"{column.meaning}.", f"Needs {column.needs}."]
    if column.required:
        series = " (or a value for every period on the sheet Series)" if column.series else ""
        lines.append(f"Must be filled in{series}.")
    else:
        lines.append(f"Blank: {blank_text(column)}.")
    if column.series:
        lines.append("May vary by period, through the sheet Series.")
    if column.hint:
        lines.append(column.hint)
    if column.example is not None:
        lines.append(f"Example: {column.example}")
    return "\n".join(lines)


def blank_text(column: Column) -> str:
    """What a blank cell means, in words."""
    if column.blank_means:
        return column.blank_means
    return "not given" if column.blank is None else str(column.blank)
