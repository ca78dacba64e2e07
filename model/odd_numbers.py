"""Numbers that are legal but odd beside their peers, or too large or small for the solver."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import numpy as np

from model.case import Case, FloatArray
from model.describe import span_text
from model.own_unit import own_unit

TIMES: Final = 10.0
FEWEST: Final = 4  # peers from which a median says something
JUMP: Final = 5.0
SPIKE: Final = 1.6
ALIKE: Final = 1.3  # neighbours of a spike
MONEY: Final = ("value", "price", "cost", "tariff")
LARGEST: Final = 1e7
SMALLEST: Final = 1e-6
VOLUMES: Final = (("Supply", "capacity"), ("Demand", "volume"), ("Links", "capacity"))
BOUNDS: Final = (*VOLUMES, ("Assets", "capacity"), ("Contracts", "volume"), ("Limits", "at_most"))


def odd_numbers(case: Case) -> Iterator[str]:
    """Each odd number in a sentence with its cell."""
    yield from _other_units(case)
    yield from _jumps(case)
    yield from _spikes(case)


def _other_units(case: Case) -> Iterator[str]:
    """Volumes in a commodity's own unit that stand out as if they were thousand barrels a day, or a thousandth."""
    family = dict(zip(case["Commodities"].keys, case.word("Commodities", "family"), strict=True))
    for sheet, column in VOLUMES:
        groups: defaultdict[str, list[tuple[float, int, int]]] = defaultdict(list)
        for row, written in enumerate(case.word(sheet, "volume_unit")):
            names = case.word(sheet, "commodity")[row]
            values = case.number(sheet, column)[row]
            finite = np.where(np.isfinite(values), values, 0.0)
            if written is None and finite.max() > 0:
                first = names if isinstance(names, str) else names[0]
                groups[family[first]].append((float(finite.max()), row, int(finite.argmax())))
        for one in groups.values():
            one.sort(reverse=True)
            if len(one) >= FEWEST and one[0][0] > TIMES * one[1][0]:
                value, row, t = one[0]
                unit = own_unit(case, sheet, row, column)
                yield (
                    f"{case.source_cell(sheet, row, column, t)}: {case[sheet].keys[row]!r} has {value:,.6g} {unit}, "
                    f"{value / one[1][0]:,.0f} times the next largest {column} of {sheet}; if it is in another unit, "
                    "say so in volume_unit."
                )


def _jumps(case: Case) -> Iterator[str]:
    """Series that rise to five times, or fall to a fifth, from one period to the next; one line a row and period."""
    found: defaultdict[tuple[str, str, int], list[str]] = defaultdict(list)
    for sheet, key, column in dict.fromkeys(place[:3] for place in case.series_cells):
        values = case.number(sheet, column)[case[sheet].position[key]]
        after = next(_steps(values), None)  # the first is enough to look at the row
        if after is not None:
            found[sheet, key, after].append(column)
    for (sheet, key, t), columns in found.items():
        row, column = case[sheet].position[key], columns[0]
        before, now = case.number(sheet, column)[row, t - 1 : t + 1]
        also = ", ".join(f"{name} ({case.source_cell(sheet, row, name, t)})" for name in columns[1:])
        yield (
            f"{case.source_cell(sheet, row, column, t)}: {sheet}:{key}:{column} jumps from {before:,.6g} to {now:,.6g} "
            f"between {case.periods[t - 1]} and {case.periods[t]}" + (f"; so does {also}." if also else ".")
        )


def _spikes(case: Case) -> Iterator[str]:
    """Prices of one period far above or below those before and after it, which agree: digits swapped, a comma lost."""
    for sheet, key, column in dict.fromkeys(place[:3] for place in case.series_cells):
        if column not in MONEY:
            continue
        row = case[sheet].position[key]
        values = case.number(sheet, column)[row]
        for t in range(1, len(values) - 1):
            before, now, after = values[t - 1 : t + 2].tolist()
            if not min(before, now, after) > 0:
                continue
            apart = now / (before * after) ** 0.5
            if 1 / ALIKE < before / after < ALIKE and not 1 / SPIKE < apart < SPIKE:
                yield (
                    f"{case.source_cell(sheet, row, column, t)}: {sheet}:{key}:{column} is {now:,.6g} in "
                    f"{case.periods[t]}, between {before:,.6g} and {after:,.6g}. Are digits swapped, or a comma lost?"
                )
                break


def _steps(values: FloatArray) -> Iterator[int]:
    for t in range(1, len(values)):
        before, now = values[t - 1], values[t]
        if np.isfinite(before) and np.isfinite(now) and before > 0 < now and not 1 / JUMP < now / before < JUMP:
            yield t


def solver_range(case: Case) -> Iterator[str]:
    """Numbers so large or small that the solver's tolerances no longer mean anything beside them."""
    for sheet, column in BOUNDS:
        values = case.number(sheet, column)
        large = np.isfinite(values) & (values >= LARGEST)
        for row in np.flatnonzero(large.any(axis=1)).tolist():
            periods = np.flatnonzero(large[row]).tolist()
            cell = case.source_cell(sheet, row, column, periods[0])
            yield (
                f"{cell}: {values[row, periods[0]]:,.6g} ({span_text(case, periods)}) is too large for the solver to "
                "tell small volumes beside it; write 'unlimited' where no limit is meant."
            )
    use = np.abs(case.number("Uses", "use"))
    for row in np.flatnonzero((((use > 0) & (use < SMALLEST)) | (use > LARGEST)).any(axis=1)).tolist():
        size = "small" if use[row].min() < SMALLEST else "large"
        yield (
            f"{case['Uses'].cell(row, 'use')}: a use of {case.number('Uses', 'use')[row, 0]:g} is too {size} for the "
            "solver to see beside the others; choose another unit for the asset."
        )
    yield from _small(case)


def _small(case: Case) -> Iterator[str]:
    """Volumes above nothing that the solver takes for nothing."""
    for sheet, column in BOUNDS:
        values = case.number(sheet, column)
        tiny = (values > 0) & (values < SMALLEST)
        for row in np.flatnonzero(tiny.any(axis=1)).tolist():
            t = int(tiny[row].argmax())
            yield (
                f"{case.source_cell(sheet, row, column, t)}: {values[row, t]:g} is so small that the solver takes it "
                "for nothing; write 0, or choose another unit for it."
            )
