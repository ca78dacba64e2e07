"""The colours of a batch's pictures on paper; on the page they follow light and dark by the same names."""

from __future__ import annotations

from typing import Final

PALETTE: Final = ("#0072B2", "#E69F00", "#009E73", "#B65C93", "#56B4E9", "#882255", "#8C6D31", "#5D6D9E")
LOW: Final = "#D55E00"
HIGH: Final = PALETTE[0]
INK: Final = "#1B2733"
LINE: Final = "#DDE2E8"
BAND: Final = "#BBD9EC"
INNER: Final = "#7FB6D9"
LONGEST: Final = 44  # letters of a name beside a bar


def short(name: str, most: int = LONGEST) -> str:
    """A name that leaves room for its picture."""
    return name if len(name) <= most else f"{name[: most - 1]}…"
