"""The inputs that a design varies: factors of the sheet Ranges, and what a value of each sets in the case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np

from model.address import period_span
from model.analysis.batch.design import Design
from model.case import Case, FloatArray
from model.errors import UsageError
from model.scenario import BASE, with_scenario
from model.workbook.changes import ChangeError, Touched, apply_changes, changeable_settings, matching_rows
from model.workbook.ranges import Range, correlations, factors_of, ranges_in

# what a batch's frame has of its own beside one column a range
COLUMNS: Final = frozenset({"run", "label", "scenario", "status", "value", "path", "verified", "reason"})
HOW_TO: Final = "Each row of the sheet Ranges names a number of the workbook with a low and a high value."


@dataclass(frozen=True)
class Target:
    """An address that a range sets, with the number it starts from (None: the range's value is set as it is)."""

    address: str
    before: float | None


@dataclass(frozen=True)
class Inputs:
    """Factors of a case in one scenario; ``case`` is that scenario, from which additions and multiples start."""

    case: Case
    scenario: str
    ranges: tuple[Range, ...]
    targets: tuple[tuple[Target, ...], ...]

    @cached_property
    def factors(self) -> list[str]:
        """Names of the factors: a group, or a range that moves alone."""
        return list(factors_of(self.ranges))

    @cached_property
    def of_range(self) -> list[int]:
        """The factor of each range."""
        return [self.factors.index(one.factor) for one in self.ranges]

    @property
    def correlation(self) -> FloatArray:
        """Rank correlations of the factors, shape (factors, factors)."""
        return correlations(self.case)

    def values(self, shares: FloatArray, how: Literal["spread", "even"]) -> FloatArray:
        """Values of the ranges, shape (runs, ranges), from shares of the factors, shape (runs, factors).

        ``spread``: a share is that of all cases below the value; ``even``: that of the way from low to high.
        """
        columns = [shares[:, factor] for factor in self.of_range]
        pairs = zip(self.ranges, columns, strict=True)
        return np.column_stack([one.at(u) if how == "spread" else one.between(u) for one, u in pairs])

    def run(self, values: Sequence[float]) -> dict[str, float | str]:
        """The addresses that one value per range sets; NaN leaves a range as it stands."""
        found: dict[str, float | str] = {}
        for one, targets, value in zip(self.ranges, self.targets, values, strict=True):
            for target in targets if not np.isnan(value) else ():
                if target.before is None:
                    found[target.address] = float(value)
                else:
                    found[target.address] = target.before + value if one.how == "add" else target.before * value
        return found

    def design(
        self, kind: str, points: FloatArray, labels: Sequence[str], seed: int | None = None, **about: object
    ) -> Design:
        """A design whose runs set the ranges to the given values; NaN leaves a range as it stands."""
        present = np.array([self.present(i) for i in range(len(self.ranges))])
        about = {"group": [self.factors[i] for i in self.of_range], **about}
        return Design(
            kind=kind,
            runs=tuple(self.run(row) for row in points.tolist()),
            labels=tuple(labels),
            scenarios=(self.scenario,) * len(points),
            factors=tuple(f"{one.name} (range)" if one.name in COLUMNS else one.name for one in self.ranges),
            points=np.where(np.isnan(points), present, points),
            seed=seed,
            about=about,
        )

    def present(self, i: int) -> float:
        """The value of a range with which the case is as it stands; NaN where its numbers differ."""
        one = self.ranges[i]
        if one.neutral is not None:
            return one.neutral
        held = {number for target in numbers_of(self.case, one) for number in target}
        return held.pop() if len(held) == 1 else np.nan


def inputs_of(case: Case, scenario: str = BASE) -> Inputs:
    """The factors of a workbook's case.

    Raises
    ------
    UsageError
        Where the sheet Ranges is blank, or in a scenario other than base a value of a range breaks a rule.
    """
    if not len(case["Ranges"]):
        raise UsageError(f"The sheet Ranges is blank, so nothing is to be varied. {HOW_TO}")
    chosen = with_scenario(case, scenario)
    ranges = ranges_in(chosen)
    return Inputs(chosen, scenario, ranges, tuple(tuple(_targets(chosen, one)) for one in ranges))


def _touched(case: Case, one: Range) -> list[Touched]:
    found: list[Touched] = []
    for value in one.extremes:
        try:
            _, found = apply_changes(case, [one.change(value)])
        except ChangeError as bad:
            place = f"Range {one.name!r} in the scenario {case.scenario!r} at {value:g}"
            raise UsageError(f"{place}: the {bad.part} needs {bad.needs}. {bad.hint}".rstrip()) from None
    return found


def _targets(case: Case, one: Range) -> Iterator[Target]:
    """Addresses with what stands there now: one a stretch of periods that hold the same number."""
    touched = _touched(case, one)
    if one.how == "set":
        yield Target(_address(one.sheet, one.key, one.column, _span(case, one)), None)
        return
    if one.sheet == "Settings":
        for name, number in _settings(case, one):
            yield Target(_address("Settings", name, "value", ""), number)
        return
    for each in touched:
        key = case[one.sheet].keys[each.row]
        for first, last, number in _stretches(each.old, one):
            if np.isinf(number):
                continue  # what is unlimited stays so
            whole = first == 0 and last == len(case.periods) - 1
            span = "" if whole or len(each.old) == 1 else period_span(case, first, last)
            yield Target(_address(one.sheet, key, one.column, span), number)


def _address(sheet: str, key: str, column: str, span: str) -> str:
    return f"{sheet}:{key}:{column}" + (f"@{span}" if span else "")


def _span(case: Case, one: Range) -> str:
    return "" if one.first is None or one.last is None else period_span(case, one.first, one.last)


def _settings(case: Case, one: Range) -> list[tuple[str, float]]:
    names = [column.name for column in changeable_settings()]
    rows = matching_rows(tuple(names), {name: i for i, name in enumerate(names)}, one.key)
    return [(names[row], float(getattr(case.settings, names[row]))) for row in rows]


def _stretches(numbers: FloatArray, one: Range) -> list[tuple[int, int, float]]:
    """First and last period of each run of equal numbers, within the range's periods."""
    first, last = (0, len(numbers) - 1) if one.first is None or one.last is None else (one.first, one.last)
    found: list[tuple[int, int, float]] = []
    for t in range(first, last + 1):
        if found and found[-1][2] == numbers[t]:
            found[-1] = (found[-1][0], t, found[-1][2])
        else:
            found.append((t, t, float(numbers[t])))
    return found


def numbers_of(case: Case, one: Range) -> list[set[float]]:
    """What stands in each row that a range sets."""
    if one.sheet == "Settings":
        return [{number} for _, number in _settings(case, one)]
    first, last = (0, len(case.periods) - 1) if one.first is None or one.last is None else (one.first, one.last)
    sheet = case[one.sheet]
    rows = matching_rows(sheet.keys, sheet.position, one.key)
    return [set(case.number(one.sheet, one.column)[row, first : last + 1].tolist()) for row in rows]
