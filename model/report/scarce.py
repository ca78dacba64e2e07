"""What runs full at a price, the dearest scarcity first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from model.case import Case
from model.describe import span_text

if TYPE_CHECKING:
    import pandas as pd

FULL: Final = 0.9995  # a share that every table shows as 100 %


@dataclass(frozen=True)
class FullRow:
    """Something that runs full: in which periods, and what one more unit of it is worth there, at least and at most."""

    name: str
    kind: str
    periods: str
    least: float
    most: float
    unit: str
    rent: float


def full_rows(case: Case, capacity: pd.DataFrame) -> tuple[FullRow, ...]:
    """What runs full at a price by the Capacity table of one scenario, the dearest scarcity first."""
    scarce = capacity[(capacity["share_used"] >= FULL) & (capacity["value"] > 0)]
    rows = []
    for (kind, name), group in scarce.groupby(["kind", "name"], sort=False):
        values = group["value_up"].fillna(group["value"]).to_numpy(dtype=float)
        rent = float(group["rent"].sum())
        span = span_text(case, [case.period(p) for p in group["period"]])
        unit = str(group["value_unit"].iloc[0])
        rows.append(FullRow(str(name), str(kind), span, float(values.min()), float(values.max()), unit, rent))
    return tuple(sorted(rows, key=lambda row: (-row.rent, row.name)))
