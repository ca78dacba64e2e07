"""What the makers of random cases draw with: rounded numbers, choices, and things that are there only sometimes."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any


class Chance:
    """Draws from a ``Random``, so that a seed or Hypothesis decides alike."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def number(self, low: float, high: float, digits: int = 3) -> float:
        return round(low + (high - low) * self.random.random(), digits)

    def count(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def one(self, items: Sequence[Any]) -> Any:
        return items[self.random.randint(0, len(items) - 1)]

    def some(self, items: Sequence[Any], most: int) -> list[Any]:
        """One to ``most`` different ones, in the order in which they stand."""
        left = list(items)
        wanted = self.random.randint(1, min(most, len(left)))
        while len(left) > wanted:
            left.pop(self.random.randint(0, len(left) - 1))
        return left

    def maybe(self, share: float = 0.5) -> bool:
        return self.random.random() < share

    def given(self, share: float, low: float, high: float) -> float | None:
        """A number, or a blank cell."""
        return self.number(low, high) if self.maybe(share) else None
