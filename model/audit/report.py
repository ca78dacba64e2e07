"""Comparisons with one tolerance, and the faults that they find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.case import FloatArray

RELATIVE: Final = 1e-6
ABSOLUTE: Final = 1e-6
# discounted million USD per unit; the solver keeps to 1e-7 and its tie-break to 1e-6
GAIN: Final = 2e-6


@dataclass
class Report:
    """Collects what does not close; arrays are (names, spans)."""

    faults: list[str] = field(default_factory=list)

    def _add(self, law: str, names: Sequence[str], spans: Sequence[str], bad: NDArray[np.bool_], pair: Any) -> None:
        if not bad.any():
            return
        one, other = (np.broadcast_to(values, bad.shape) for values in pair)
        for i, t in np.argwhere(bad):
            self.faults.append(f"{law}: {names[i]}, {spans[t]}: {one[i, t]:.9g} against {other[i, t]:.9g}")

    def equal(
        self,
        law: str,
        names: Sequence[str],
        spans: Sequence[str],
        one: FloatArray,
        other: FloatArray,
        scale: FloatArray,
    ) -> None:
        """Both sides are the same, within 1e-6 of the scale (or absolutely, below a scale of one)."""
        # written so that a NaN is a fault
        fine = np.abs(one - other) <= np.maximum(RELATIVE * scale, ABSOLUTE)
        self._add(law, names, spans, ~fine, (one, other))

    def at_most(
        self, law: str, names: Sequence[str], spans: Sequence[str], value: FloatArray, bound: FloatArray
    ) -> None:
        """The value does not pass its bound."""
        fine = value <= bound + _slack(value, bound)
        self._add(law, names, spans, ~fine, (value, bound))

    def at_least(
        self, law: str, names: Sequence[str], spans: Sequence[str], value: FloatArray, bound: FloatArray
    ) -> None:
        """The value reaches its bound."""
        fine = value >= bound - _slack(value, bound)
        self._add(law, names, spans, ~fine, (value, bound))

    def priced(
        self,
        law: str,
        names: Sequence[str],
        spans: Sequence[str],
        gain: FloatArray,
        value: FloatArray,
        upper: FloatArray | float = np.inf,
        lower: FloatArray | float = -np.inf,
    ) -> None:
        """What is worth more is used up, what costs is at its minimum: nothing slack has a price."""
        above, below = (np.broadcast_to(bound, value.shape) for bound in (upper, lower))
        scarce, costly = gain > GAIN, gain < -GAIN
        slack_up = ~(value >= above - _slack(value, above))
        slack_down = ~(value <= below + _slack(value, below))
        self._add(f"{law} has a value but room", names, spans, scarce & slack_up, (value, above))
        self._add(f"{law} has a cost but is above its minimum", names, spans, costly & slack_down, (value, below))
        self._add(f"{law} has no value", names, spans, np.isnan(gain), (gain, value))


def _slack(value: FloatArray, bound: Any) -> FloatArray:
    scale = np.maximum(np.abs(value), np.where(np.isfinite(bound), np.abs(bound), 0.0))
    return np.maximum(RELATIVE * scale, ABSOLUTE)


def total(values: FloatArray, group: NDArray[np.int64], count: int) -> FloatArray:
    """Sums of rows by group, shape (count, columns)."""
    sums = np.zeros((count, values.shape[1]))
    np.add.at(sums, group, values)
    return sums
