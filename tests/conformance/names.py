"""Names that this project allows."""

from __future__ import annotations

import re
from collections.abc import Iterable


def safe_names(names: Iterable[str]) -> dict[str, str]:
    """Distinct names that this project allows, by published name."""
    safe: dict[str, str] = {}
    used: set[str] = set()
    for name in dict.fromkeys(names):
        base = re.sub(r"[^\w \-.()+&]|\.(?=\.)", "_", name).strip() or "_"
        own, count = base, 1
        while own in used:
            count += 1
            own = f"{base}_{count}"
        used.add(own)
        safe[name] = own
    return safe
