"""What a solve leaves, free of any solver's own types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from model.case import FloatArray

Status = Literal["optimal", "feasible", "infeasible", "unbounded", "time limit", "stopped"]
Stop = Literal["", "time limit", "Ctrl-C"]


@dataclass(frozen=True)
class Point:
    """What a solve left: values, row activities, and derivatives of the minimised cost by each bound.

    ``column_dual`` and ``row_dual`` are those of the first, value-optimal solve also where ties were broken after it;
    with whole units they are those of the programme with the plan fixed. ``gap`` is relative and ``bound`` the least
    cost that is not ruled out, both None without whole units; a status of ``feasible`` is a plan that is not proven to
    be within the gap that was asked for, and ``stop`` what ended the search for a better one.
    """

    status: Status
    objective: float
    columns: FloatArray
    rows: FloatArray
    column_dual: FloatArray
    row_dual: FloatArray
    seconds: float
    iterations: int
    gap: float | None = None
    bound: float | None = None
    stop: Stop = ""
