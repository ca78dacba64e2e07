"""A page as one file: its text, style, programme, the library that draws, and its data."""

from __future__ import annotations

import base64
import gzip
import html
import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any, Final

ASSETS: Final = Path(__file__).parent / "assets"


def write_page(
    path: Path, title: str, kicker: str, body: str, scripts: tuple[str, ...], data: Mapping[str, Any]
) -> None:
    """Write a page that opens without a network.

    Parameters
    ----------
    path
        The file.
    title, kicker
        Heading, and the line above it; as text, never as markup.
    body, scripts
        Names of files in ``assets``: the page's content, and its programme in order.
    data
        What the programme shows; anything that JSON holds.
    """
    text = Template((ASSETS / "page.html").read_text(encoding="utf-8")).substitute(
        title=html.escape(title),
        kicker=html.escape(kicker),
        style=(ASSETS / "page.css").read_text(encoding="utf-8"),
        body=(ASSETS / body).read_text(encoding="utf-8"),
        script="\n".join(_script(name) for name in scripts),
        library=_packed(_library()),
        data=_packed(json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)),
    )
    path.write_text(text, encoding="utf-8", newline="\n")


def _script(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _library() -> str:
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def _packed(text: str) -> str:
    """Compressed and in letters that mean nothing in HTML: no text of a user ends the element that holds it."""
    return base64.b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode("ascii")
