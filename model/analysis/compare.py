"""What differs between results: exports, prices, rents and money, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from model.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd


MILLION_USD: Final = "million USD"
TOTAL: Final = "total"  # the label of the whole horizon in Summary
_NOISE: Final = 1e-9  # of the numbers compared
SMALLEST: Final = 1e-6  # a difference below is the solver's rounding


@dataclass(frozen=True)
class Side:
    """The results of one scenario under the name that it bears in the comparison; ``frames`` by table."""

    name: str
    frames: Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Question:
    """One comparison: the table it reads, what tells its rows apart, the number compared and the unit beside it.

    ``unit`` is the name of a column, or a unit where the table names none. ``which`` keeps some rows only.
    """

    title: str
    table: str
    keys: tuple[str, ...]
    number: str
    unit: str
    meaning: str
    which: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def columns(self) -> set[str]:
        """The columns of the table that it reads."""
        unit = () if self.unit == MILLION_USD else (self.unit,)
        return {"scenario", *self.keys, self.number, *unit, *(column for column, _ in self.which)}


_NAME: Final = ("family", "name", "period")


def _by(title: str, view: str, meaning: str) -> Question:
    return Question(title, "Exports", _NAME, "volume", "unit", meaning, (("by", (view,)),))


QUESTIONS: Final = (
    Question(
        "Money",
        "Summary",
        ("measure", "family", "period"),
        "value",
        MILLION_USD,
        "Parts of the net value by family, undiscounted; costs are negative.",
        (("unit", (MILLION_USD,)), ("origin", ("all",))),
    ),
    _by("Corridors", "corridor", "What leaves its country, by corridor."),
    _by("Markets", "market", "Deliveries abroad, by country of delivery."),
    _by("Exporters", "exporter", "Deliveries abroad, by country of origin."),
    Question("Links", "Flows", ("family", "link", "commodity", "period"), "flow", "unit", "What enters every link."),
    Question(
        "Prices",
        "Prices",
        ("family", "node", "commodity", "period"),
        "value",
        "price_unit",
        "What one more unit is worth at every node, undiscounted.",
    ),
    Question(
        "Rents",
        "Capacity",
        ("kind", "name", "period"),
        "rent",
        MILLION_USD,
        "What the scarcity of each capacity earns, undiscounted.",
    ),
)


def compared(question: Question, sides: Sequence[Side]) -> pd.DataFrame:
    """One row per item and period in which a side has a number other than zero; the largest differences first.

    Columns: the keys, ``unit``, one column per side (by its name), and, for every side after the first,
    ``difference`` (of several: ``difference <name>``) against the first. A row that only one side has counts as zero on
    the other, a price stays blank there. A key of two units is two rows.
    """
    import pandas as pd

    parts = [_numbers(question, side) for side in sides]
    table = pd.concat(parts, axis=1, keys=[side.name for side in sides])
    if question.table != "Prices":
        table = table.fillna(0.0)
    table = table[(table.fillna(0.0).abs() > 1e-9).any(axis=1)]
    names = [side.name for side in sides]
    for name in names[1:]:
        column = "difference" if len(names) == 2 else f"difference {name}"
        gap = table[name] - table[names[0]]
        # two sums of the same numbers in another order are the same sum
        noise = _NOISE * table[[name, names[0]]].abs().max(axis=1)
        table[column] = gap.where((gap.abs() > noise) | gap.isna(), 0.0)
    gap = table[table.columns[len(names) :]].abs().max(axis=1)
    order = gap.sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index()


def _numbers(question: Question, side: Side) -> pd.Series[float]:
    frame = side.frames[question.table]
    for column, values in question.which:
        frame = frame[frame[column].isin(values)]
    keyed = frame.assign(unit=frame.get(question.unit, question.unit)).groupby([*question.keys, "unit"], sort=False)[
        question.number
    ]
    return keyed.sum(min_count=1)


def in_common(sides: Sequence[Side]) -> tuple[list[Side], str]:
    """The sides in the periods that all of them have, and what is to be said where some have others.

    Raises UsageError where they have no period in common.
    """
    found = [
        list(dict.fromkeys(label for label in side.frames["Summary"]["period"] if label != TOTAL)) for side in sides
    ]
    shared = [label for label in found[0] if all(label in labels for labels in found)]
    spans = ", ".join(f"{side.name} {labels[0]} to {labels[-1]}" for side, labels in zip(sides, found, strict=True))
    if not shared:
        raise UsageError(f"The results have no period in common: {spans}.")
    if all(labels == shared for labels in found):
        return list(sides), ""
    read = {question.table for question in QUESTIONS}
    cut = [
        replace(
            side,
            frames={n: f[f["period"].isin(shared)] if n in read else f for n, f in side.frames.items()},
        )
        for side in sides
    ]
    said = f"Differences are those of {shared[0]} to {shared[-1]}, which all have; values are of all periods: {spans}."
    return cut, said


def check_names(sides: Sequence[Side]) -> None:
    """UsageError where two sides bear one name."""
    names = [side.name for side in sides]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"{twice} would be compared with itself; name two different scenarios or folders.")


def totals(table: pd.DataFrame, question: Question, sides: Sequence[Side]) -> pd.DataFrame:
    """A comparison added up over the periods: what differs, the largest first, without rows of the whole horizon."""
    keys = [key for key in question.keys if key != "period"]
    rows = table[table["period"] != TOTAL]
    found = rows.groupby([*keys, "unit"], sort=False)[list(table.columns[len(question.keys) + 1 :])].sum()
    last = found[[name for name in found.columns if str(name).startswith("difference")]].abs().max(axis=1)
    order = last[last > SMALLEST].sort_values(ascending=False, kind="stable").index
    return found.loc[order].reset_index()
