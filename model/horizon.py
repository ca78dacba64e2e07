"""Cut a case to some of its periods."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from model.case import NEVER, Case, Sheet
from model.errors import UsageError


def with_periods(case: Case, first: str, last: str) -> Case:
    """The same case from one period to another, both included; rows open only outside them are closed.

    Raises UsageError for a period that does not exist or a range that runs backwards.
    """
    start, stop = case.period(first), case.period(last) + 1
    if start >= stop:
        raise UsageError(f"The periods {first}..{last} run backwards.")
    count = len(case.periods)
    kept = case.periods[start:stop]
    sheets: dict[str, Sheet] = {}
    for name, sheet in case.sheets.items():
        numbers = {c: v[:, start:stop] if v.shape[1] == count and count > 1 else v for c, v in sheet.numbers.items()}
        words = _clamp(case, sheet, start, stop) if "opens" in sheet.words else sheet.words
        words = _begin(case, sheet, start, stop) if "earliest" in words else words
        sheets[name] = replace(sheet, numbers=numbers, words=words)
    rows = range(start, stop)
    sheets["Periods"] = _rows_of(case["Periods"], rows)
    observed = [i for i, label in enumerate(case.word("Observed", "period")) if label in kept]
    sheets["Observed"] = _rows_of(case["Observed"], observed)
    series, changed = (
        {(s, k, c, t - start): cell for (s, k, c, t), cell in cells.items() if start <= t < stop}
        for cells in (case.series_cells, case.changed_cells)
    )
    return replace(case, sheets=sheets, series_cells=series, changed_cells=changed)


def _begin(case: Case, sheet: Sheet, start: int, stop: int) -> dict[str, Any]:
    """First periods of building within the kept ones."""
    position = case.period_position
    first = [position[label] if label else 0 for label in sheet.words["earliest"]]
    kept = [NEVER if t >= stop else case.periods[max(t, start)] for t in first]
    return {**sheet.words, "earliest": tuple(kept)}


def _rows_of(sheet: Sheet, rows: Any) -> Sheet:
    rows = list(rows)
    return replace(
        sheet,
        keys=tuple(sheet.keys[i] for i in rows),
        rows=tuple(sheet.rows[i] for i in rows),
        words={c: tuple(v[i] for i in rows) for c, v in sheet.words.items()},
        numbers={c: v[rows] for c, v in sheet.numbers.items()},
    )


def _clamp(case: Case, sheet: Sheet, start: int, stop: int) -> dict[str, Any]:
    """Opening and closing periods within the kept ones; a row that is open in none of them is never open."""
    position, last = case.period_position, len(case.periods) - 1
    opens: list[str | None] = []
    closes: list[str | None] = []
    for o, c in zip(sheet.words["opens"], sheet.words["closes"], strict=True):
        begin, end = (position[o] if o else 0), (position[c] if c else last)
        never = begin >= stop or end < start
        opens.append(NEVER if never else case.periods[max(begin, start)])
        closes.append(case.periods[min(max(end, start), stop - 1)])
    return {**sheet.words, "opens": tuple(opens), "closes": tuple(closes)}
