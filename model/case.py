"""The validated input: frozen tables of names and of numbers by period, in the units of their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.errors import UsageError

FloatArray = NDArray[np.float64]

NEVER: Final = ""  # in ``opens``: open in none of the periods that were kept


@dataclass(frozen=True)
class Sheet:
    """One sheet after validation.

    ``words`` holds, by column, one typed value a row: a text, a bool, a tuple of names, a tuple of (name, share)
    pairs for shares, a dict for ``becomes`` ({} = unchanged, {"": grade} = all become it), a period label, or None
    where the cell was blank. ``numbers`` holds, by column, an array of shape (rows, periods), or (rows, 1) for a
    column that cannot vary by period; in the row's own unit; infinity = unlimited, NaN = not given.
    ``rows`` and ``letters`` give the place of a cell in the workbook; a sheet from memory has the places it would
    have in a workbook with its header in row 1.
    """

    name: str
    keys: tuple[str, ...] = ()
    words: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    numbers: Mapping[str, FloatArray] = field(default_factory=dict)
    rows: tuple[int, ...] = ()
    letters: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def position(self) -> dict[str, int]:
        """Row position by key."""
        return {key: i for i, key in enumerate(self.keys)}

    def __len__(self) -> int:
        return len(self.keys)

    def cell(self, row: int, column: str) -> str:
        """The cell as Excel writes it, such as ``Links!H12``."""
        letter = self.letters.get(column, "")
        return f"{self.name}!{letter}{self.rows[row]}" if letter else f"{self.name}!{self.rows[row]}"


@dataclass(frozen=True)
class Settings:
    """Typed settings; the meaning of each stands in ``workbook.sheets.SETTINGS``."""

    title: str
    objective: str = "export value"
    discount_rate: float = 0.0
    base_year: float = 0.0
    unserved_price: float | None = None
    demand_steps: int = 20
    choke_multiple: float = 3.0
    routes_per_pair: int = 5
    time_limit: float | None = None
    mip_gap: float = 1e-4
    tail: float = 0.1


@dataclass(frozen=True)
class Case:
    """A whole workbook, valid and ready to solve.

    ``overrides`` lists what was changed since it was read, as (address, value) pairs. ``series_cells`` gives the cell
    of a number that came from the sheet Series, by (sheet, key, column, period position), ``changed_cells`` that of one
    which a scenario changed.
    """

    name: str
    settings: Settings
    sheets: Mapping[str, Sheet]
    scenario: str = "base"
    notices: tuple[str, ...] = ()
    series_cells: Mapping[tuple[str, str, str, int], str] = field(default_factory=dict)
    changed_cells: Mapping[tuple[str, str, str, int], str] = field(default_factory=dict)
    sha256: str = ""
    path: str = ""
    overrides: tuple[tuple[str, float | str], ...] = ()

    def __getitem__(self, sheet: str) -> Sheet:
        return self.sheets[sheet]

    @cached_property
    def periods(self) -> tuple[str, ...]:
        """Period labels in order."""
        return self.sheets["Periods"].keys

    @cached_property
    def year(self) -> FloatArray:
        """Calendar year of each period, shape (periods,)."""
        return self.sheets["Periods"].numbers["year"][:, 0]

    @cached_property
    def years(self) -> FloatArray:
        """Length of each period in years, shape (periods,)."""
        return self.sheets["Periods"].numbers["years"][:, 0]

    @cached_property
    def period_position(self) -> dict[str, int]:
        """Position by period label."""
        return {label: t for t, label in enumerate(self.periods)}

    def period(self, label: str) -> int:
        """Position of a period; UsageError names the periods there are."""
        if label not in self.period_position:
            message = f"There is no period {label!r}; the periods run from {self.periods[0]} to {self.periods[-1]}."
            raise UsageError(message)
        return self.period_position[label]

    def number(self, sheet: str, column: str) -> FloatArray:
        """Values of a column, shape (rows, periods), in each row's own unit (read-only view)."""
        values = self.sheets[sheet].numbers[column]
        return np.broadcast_to(values, (values.shape[0], len(self.periods)))

    def word(self, sheet: str, column: str) -> tuple[Any, ...]:
        """Typed non-numeric values of a column, one a row."""
        return self.sheets[sheet].words[column]

    def source_cell(self, sheet: str, row: int, column: str, period: int | None = None) -> str:
        """The cell from which a number came: in Changes or Series where they give it, else in its own sheet."""
        data = self.sheets[sheet]
        if period is not None:
            place = (sheet, data.keys[row], column, period)
            cell = self.changed_cells.get(place) or self.series_cells.get(place)
            if cell:
                return cell
        return data.cell(row, column)

    def with_sheets(self, changed: Mapping[str, Sheet], **other: Any) -> Case:
        """A copy with some sheets replaced; this case is left as it is."""
        return replace(self, sheets={**self.sheets, **changed}, **other)
