"""How messages name periods, so that every message says it alike."""

from __future__ import annotations

from collections.abc import Iterable

from model.case import Case


def span_text(case: Case, periods: Iterable[int]) -> str:
    """Positions of periods as a user writes them: ``2026``, ``2026..2030`` or ``2026, 2028..2030``."""
    positions = set(periods)
    starts = sorted(t for t in positions if t - 1 not in positions)
    ends = sorted(t for t in positions if t + 1 not in positions)
    labels = case.periods
    return ", ".join(labels[a] if a == b else f"{labels[a]}..{labels[b]}" for a, b in zip(starts, ends, strict=True))
