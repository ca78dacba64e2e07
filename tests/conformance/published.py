"""A published case as it lies in its folder: ``case.json`` and CSV tables."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

Row = dict[str, str]


@dataclass(frozen=True)
class Published:
    """One case: what was published about it, and its tables."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def about(self) -> dict[str, Any]:
        """Contents of ``case.json``: status, optimum, tolerance, source."""
        about: dict[str, Any] = json.loads((self.folder / "case.json").read_text(encoding="utf-8"))
        return about

    def table(self, name: str) -> list[Row]:
        """Rows of one table; a missing one is empty."""
        path = self.folder / f"{name}.csv"
        if not path.is_file():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def published_cases(folder: Path) -> list[Published]:
    """Every case of a folder, by name."""
    return [Published(path.parent) for path in sorted(folder.glob("*/case.json"))]


def number(text: str | None, blank: float) -> float:
    """A number of a CSV cell."""
    return float(text) if text else blank
