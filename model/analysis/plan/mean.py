"""The mean of several scenarios: a case whose every number is the mean of theirs, where there is such a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from model.case import Case, FloatArray, Settings, Sheet
from model.workbook.columns import AS_INITIAL

MEAN = "mean"


class NoMean(ValueError):
    """Scenarios that have no mean, and why."""


def mean_case(cases: Sequence[Case], probability: FloatArray) -> Case:
    """The case of the mean numbers, weighted by probability; names and words are those that all share.

    Raises
    ------
    NoMean
        Where scenarios differ in more than finite numbers: a period, a word, a blank or unlimited cell.
    """
    first = cases[0]
    sheets = {name: _sheet([case[name] for case in cases], probability) for name in first.sheets}
    return replace(first, sheets=sheets, settings=_settings(cases, probability), scenario=MEAN, overrides=())


def _sheet(sheets: Sequence[Sheet], probability: FloatArray) -> Sheet:
    first = sheets[0]
    for column, words in first.words.items():
        for other in sheets[1:]:
            if other.words[column] != words:
                row = next(i for i, word in enumerate(words) if other.words[column][i] != word)
                raise NoMean(f"{first.cell(row, column)} ({first.keys[row]}, {column}) is no number that has a mean")
    numbers = {
        column: _mean(first, column, [one.numbers[column] for one in sheets], probability) for column in first.numbers
    }
    return replace(first, numbers=numbers)


def _mean(sheet: Sheet, column: str, values: Sequence[FloatArray], probability: FloatArray) -> FloatArray:
    if all(one is values[0] for one in values):
        return values[0]
    stack = np.stack(np.broadcast_arrays(*values))
    same = ((stack == stack[0]) | (np.isnan(stack) & np.isnan(stack[0]))).all(axis=0)
    word = (sheet.name, column) == ("Storage", "final")
    fit = np.isfinite(stack).all(axis=0) & ~(word & (stack == AS_INITIAL).any(axis=0))
    for row in np.unique(np.nonzero(~same & ~fit)[0]).tolist():
        message = (
            f"{sheet.cell(row, column)} ({sheet.keys[row]}, {column}) is blank, a word or unlimited in some of them"
        )
        raise NoMean(message)
    with np.errstate(invalid="ignore"):
        mean = np.tensordot(probability, np.where(same, 0.0, stack), axes=1)
    return np.asarray(np.where(same, stack[0], mean), dtype=np.float64)


def _settings(cases: Sequence[Case], probability: FloatArray) -> Settings:
    changed: dict[str, Any] = {}
    for one in fields(Settings):
        values = [getattr(case.settings, one.name) for case in cases]
        if all(value == values[0] for value in values):
            continue
        if not all(isinstance(value, float) for value in values):
            raise NoMean(f"the setting {one.name} has no mean")
        changed[one.name] = float(probability @ np.array(values))
    return replace(cases[0].settings, **changed)
