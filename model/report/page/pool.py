"""Long tables folded for a page: one row per item, each series of numbers over the periods kept once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.case import FloatArray

if TYPE_CHECKING:
    import pandas as pd

    from model.results.declare import ResultTable

DIGITS: Final = 6  # significant digits of a number on the page; the tables hold all


@dataclass
class Pool:
    """Texts and series, each kept once and named by its position; series 0 is all zeros."""

    periods: int
    texts: list[str] = field(default_factory=list)
    series: list[list[float | int | None]] = field(default_factory=list)
    _text: dict[str, int] = field(default_factory=dict)
    _series: dict[bytes, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.add(np.zeros((1, self.periods)))

    def code(self, text: str) -> int:
        """The position of a text."""
        if text not in self._text:
            self._text[text] = len(self.texts)
            self.texts.append(text)
        return self._text[text]

    def add(self, rows: FloatArray) -> list[int]:
        """The positions of series, shape (series, periods); NaN is a blank, infinity too."""
        rounded = significant(rows)
        places = []
        for row in rounded:
            key = row.tobytes()
            if key not in self._series:
                self._series[key] = len(self.series)
                self.series.append([_short(value) for value in row.tolist()])
            places.append(self._series[key])
        return places


def significant(values: FloatArray, digits: int = DIGITS) -> FloatArray:
    """Numbers rounded to some significant digits, written without a tail; blanks (NaN) for infinity."""
    found = np.where(np.isfinite(values), values, np.nan).astype(float)
    size = np.abs(found)
    known = np.isfinite(found) & (size > 0)
    places = np.zeros(found.shape)
    places[known] = np.clip(digits - 1 - np.floor(np.log10(size[known])), 0, 15)
    scale = 10.0**places
    # minus zero is no other number than zero
    return np.asarray(np.round(found * scale) / scale + 0.0)


def _short(value: float) -> float | int | None:
    if value != value:  # noqa: PLR0124  (not a number)
        return None
    return int(value) if value == int(value) else value


@dataclass(frozen=True)
class Fold:
    """Which columns of a result table go to the page, and what a row must have to go there.

    ``texts`` name an item, ``numbers`` vary by period; items whose ``active`` numbers are all zero are left out.
    """

    table: str
    texts: tuple[str, ...]
    numbers: tuple[str, ...]
    active: str


def folded(fold: Fold, spec: ResultTable, frame: pd.DataFrame, periods: Sequence[str], pool: Pool) -> dict[str, Any]:
    """One table as columns: texts and series by position in the pool, one entry per item and scenario."""
    names = ["scenario", *fold.texts]
    group = frame.groupby(names, sort=False, dropna=False).ngroup().to_numpy()
    count = int(group.max()) + 1 if len(group) else 0
    position = {label: t for t, label in enumerate(periods)}
    period = frame["period"].map(position).to_numpy(dtype=np.int64)
    numbers = {name: _spread(frame[name].to_numpy(dtype=float), group, period, (count, len(periods)))
               for name in fold.numbers}  # fmt: skip
    kept = np.flatnonzero((np.abs(np.nan_to_num(numbers[fold.active])) > 1e-9).any(axis=1))
    first = np.zeros(count, dtype=np.int64)
    first[group[::-1]] = np.arange(len(group))[::-1]
    items = frame[names].iloc[first[kept]]
    return {
        "name": spec.name,
        "question": spec.question,
        "columns": _columns(spec, [*fold.texts, *fold.numbers]),
        "texts": {name: [pool.code(str(text)) for text in items[name]] for name in names},
        "numbers": {name: pool.add(values[kept]) for name, values in numbers.items()},
    }


def _spread(values: FloatArray, group: Any, period: Any, shape: tuple[int, int]) -> FloatArray:
    found = np.full(shape, np.nan)
    found[group, period] = values
    return found


def _columns(spec: ResultTable, names: Iterable[str]) -> list[Mapping[str, str]]:
    declared = {column.name: column for column in spec.columns}
    return [
        {"name": name, "meaning": declared[name].meaning, "unit": declared[name].unit, "format": declared[name].format}
        for name in names
    ]
