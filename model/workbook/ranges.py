"""Ranges: how far inputs may vary, what values they take, and how these hang together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from model.case import Case, FloatArray, Sheet
from model.workbook.changes import Change

TAIL: Final = 0.001  # where the tails of normal and lognormal end
_QUANTILE: Final = NormalDist().inv_cdf(0.95)
_PAIR: Final = re.compile(r"(.+?)\s+([-+−]?\d*\.?\d+)")


@dataclass(frozen=True)
class Range:
    """One row of the sheet Ranges: which numbers vary, and the values that come up.

    ``low`` and ``high`` are the ends, or the 5 % and 95 % quantiles of normal and lognormal; ``values`` those of a
    choice. ``factor`` is the group, or the range's own name: ranges of one factor move together.
    """

    name: str
    sheet: str
    key: str
    column: str
    first: int | None
    last: int | None
    how: str
    low: float
    high: float
    distribution: str
    likely: float
    values: tuple[float, ...]
    factor: str
    row: int

    def at(self, shares: FloatArray) -> FloatArray:
        """The values below which the given shares of all cases lie; shares between 0 and 1, shape kept.

        Triangular by the inverse of its distribution; normal and lognormal as
        mean + deviation·z(share), with z(0.95) = 1.6449 at ``high``.
        """
        shares = np.asarray(shares, dtype=np.float64)
        if self.distribution == "choice":
            place = np.minimum((shares * len(self.values)).astype(np.int64), len(self.values) - 1)
            return np.array(self.values)[place]
        if self.distribution == "triangular":
            return self._triangular(shares)
        if self.distribution == "uniform":
            return self.low + shares * (self.high - self.low)
        low, high = (self.low, self.high) if self.distribution == "normal" else (np.log(self.low), np.log(self.high))
        inside = np.clip(shares, TAIL, 1.0 - TAIL)
        score = np.array([NormalDist().inv_cdf(share) for share in inside.ravel().tolist()]).reshape(inside.shape)
        found = (low + high) / 2.0 + (high - low) / (2.0 * _QUANTILE) * score
        return found if self.distribution == "normal" else np.exp(found)

    def _triangular(self, shares: FloatArray) -> FloatArray:
        width = self.high - self.low
        peak = (self.likely - self.low) / width if width else 0.0
        below = self.low + width * np.sqrt(shares * peak)
        above = self.high - width * np.sqrt((1.0 - shares) * (1.0 - peak))
        return np.where(shares < peak, below, above)

    def between(self, shares: FloatArray) -> FloatArray:
        """The values at the given shares of the way from ``low`` to ``high``: lognormal by ratio, a choice by place."""
        shares = np.asarray(shares, dtype=np.float64)
        if self.distribution == "choice":
            distinct = np.array(sorted(set(self.values)))
            return distinct[np.minimum((shares * len(distinct)).astype(np.int64), len(distinct) - 1)]
        if self.distribution == "lognormal":
            return self.low * (self.high / self.low) ** shares
        return self.low + shares * (self.high - self.low)

    @property
    def extremes(self) -> tuple[float, float]:
        """The lowest and the highest value that can come up."""
        low, high = self.at(np.array([0.0, 1.0])).tolist()
        return min(low, self.low), max(high, self.high)

    @property
    def written(self) -> tuple[float, ...]:
        """The values that stand in the sheet."""
        return self.values or (self.low, self.high)

    @property
    def neutral(self) -> float | None:
        """The value that leaves the numbers as they are; None for ``set``."""
        return {"set": None, "add": 0.0, "multiply": 1.0}[self.how]

    def change(self, value: float) -> Change:
        """What a value of the range does to a case."""
        return Change(self.sheet, self.key, self.column, self.first, self.last, self.how, value)


def ranges_in(case: Case) -> tuple[Range, ...]:
    """The rows of the sheet Ranges, in their order."""
    sheet = case["Ranges"]
    return tuple(read_range(sheet, case.period_position, row) for row in range(len(sheet)))


def read_range(sheet: Sheet, position: Mapping[str, int], row: int) -> Range:
    """One row of the sheet; ValueError where its values cannot be read."""
    words = {column: values[row] for column, values in sheet.words.items()}
    low, high, likely = (float(sheet.numbers[column][row, 0]) for column in ("low", "high", "likely"))
    values = read_values(words["values"]) if words["values"] else ()
    if words["distribution"] == "choice":
        values = tuple(sorted(values or (low, high)))
        low, high = values[0], values[-1]
    first, last = (None, None) if words["period"] is None else (position[label] for label in words["period"])
    return Range(
        name=sheet.keys[row],
        sheet=words["sheet"],
        key=words["key"],
        column=words["column"],
        first=first,
        last=last,
        how=words["change"],
        low=low,
        high=high,
        distribution=words["distribution"],
        likely=(low + high) / 2.0 if np.isnan(likely) else likely,
        values=values,
        factor=words["group"] or sheet.keys[row],
        row=row,
    )


def read_values(text: str) -> tuple[float, ...]:
    """Numbers separated by semicolons; ValueError names the part that is none."""
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        try:
            number = float(part)
        except ValueError:
            raise ValueError(part) from None
        if not np.isfinite(number):
            raise ValueError(part)
        found.append(number)
    if not found:
        raise ValueError(text)
    return tuple(found)


def read_correlated(text: str) -> dict[str, float]:
    """``Brent 0.7, TTF -0.2`` as a dict; ValueError names the part that is not a name with a number from -1 to 1."""
    found: dict[str, float] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        match = _PAIR.fullmatch(part)
        number = float(match[2].replace("−", "-")) if match else np.nan
        if match is None or not -1.0 <= number <= 1.0 or match[1] in found:
            raise ValueError(part)
        found[match[1]] = number
    return found


def factors_of(ranges: Sequence[Range]) -> dict[str, list[Range]]:
    """Ranges by factor, in order of their first range: a group is one factor."""
    found: dict[str, list[Range]] = {}
    for one in ranges:
        found.setdefault(one.factor, []).append(one)
    return found


def correlations(case: Case) -> FloatArray:
    """Rank correlations of the factors, shape (factors, factors); 1 on the diagonal, 0 where none is stated."""
    ranges = ranges_in(case)
    names = list(factors_of(ranges))
    factor = {one.name: one.factor for one in ranges} | {name: name for name in names}
    matrix = np.eye(len(names))
    for one, text in zip(ranges, case.word("Ranges", "correlated"), strict=True):
        for other, number in read_correlated(text or "").items():
            i, j = names.index(one.factor), names.index(factor[other])
            matrix[i, j] = matrix[j, i] = number
    return matrix


def is_positive_definite(matrix: FloatArray) -> bool:
    """Whether variables with these correlations exist, none of them a mixture of the others."""
    return len(matrix) == 0 or bool(np.linalg.eigvalsh(matrix)[0] > 1e-9)
