"""What a batch's frame holds beside the value: exports by corridor, the status of each run, values of the inputs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from model.case import FloatArray

if TYPE_CHECKING:
    import pandas as pd

CORRIDORS: Final = "corridors"
OUTPUTS: Final = ("value", CORRIDORS)  # what every analysis of a design reads
OPTIMAL: Final = "optimal"
_COLUMN: Final = re.compile(r"corridors:(?P<family>[^:@]*):(?P<name>[^:@]*)@(?P<period>[^:@]*)")


class Exports:
    """Volumes by corridor and period in the family's own unit, from the columns ``corridors:family:name@period``."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.corridors: dict[tuple[str, str], dict[str, str]] = {}
        for column in map(str, frame.columns):
            found = _COLUMN.fullmatch(column)
            if found:
                key = (found["family"], found["name"])
                self.corridors.setdefault(key, {})[found["period"]] = column

    @cached_property
    def families(self) -> list[str]:
        """Families in their order."""
        return list(dict.fromkeys(family for family, _ in self.corridors))

    @cached_property
    def periods(self) -> list[str]:
        """Periods in their order."""
        return list(next(iter(self.corridors.values()), {}))

    def volume(self, family: str, name: str, periods: Sequence[str] | None = None) -> FloatArray:
        """Volumes entering a corridor, shape (runs, periods); zero where the family does not use it."""
        columns = self.corridors.get((family, name), {})
        wanted = self.periods if periods is None else periods
        if not columns:
            return np.zeros((len(self.frame), len(wanted)))
        return self.frame[[columns[period] for period in wanted]].to_numpy(dtype=np.float64)

    def total(self, family: str) -> dict[str, FloatArray]:
        """Volume over all periods by corridor of a family, one number a run."""
        return {name: self.volume(one, name).sum(axis=1) for one, name in self.corridors if one == family}

    def leading(self, family: str) -> list[str]:
        """The corridor with the largest volume over all periods, one a run; "" where none has any."""
        totals = self.total(family)
        if not totals:
            return [""] * len(self.frame)
        names, volumes = list(totals), np.nan_to_num(np.array(list(totals.values())))
        best = np.argmax(volumes, axis=0)
        return [names[i] if volumes[i, run] > 0 else "" for run, i in enumerate(best.tolist())]


def solved(frame: pd.DataFrame) -> pd.DataFrame:
    """The runs that have an optimum."""
    return frame[frame["status"] == OPTIMAL]
