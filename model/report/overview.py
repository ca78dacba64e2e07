"""The head of the Summary sheet: scenarios, exports, what is full, and links to every sheet."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from model.report.content import Content, some_periods
from model.report.headlines import CORRIDOR_MEANING, MARKET_MEANING, Breakdown
from model.report.styles import Styles

_MOST = 8


@dataclass
class _Page:
    """Writes downwards from the row that it has reached."""

    sheet: Any
    styles: Styles
    row: int = 0

    def text(self, text: str, style: Any = None, column: int = 0) -> None:
        self.sheet.write_string(self.row, column, text, style)

    def section(self, title: str, note: str = "") -> None:
        self.row += 1
        self.text(title, self.styles.section)
        for column in range(1, 8):
            self.sheet.write_blank(self.row, column, None, self.styles.section)
        self.row += 1
        for line in textwrap.wrap(note, 130):
            self.text(line, self.styles.question)
            self.row += 1

    def header(self, left: Sequence[str], right: Sequence[str]) -> None:
        for column, name in enumerate([*left, *right]):
            style = self.styles.left_header if column < len(left) else self.styles.right_header
            self.text(name, style, column)
        self.row += 1

    def numbers(self, name: str, values: Sequence[float], column: int = 1, style: Any = None) -> None:
        self.text(name, style)
        for offset, value in enumerate(values):
            self.sheet.write_number(self.row, column + offset, value, style or self.styles.number("volume"))
        self.row += 1


def write_overview(sheet: Any, styles: Styles, content: Content) -> int:
    """Write the head of the Summary; returns the row in which the long table may begin."""
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 12, 15)
    page = _Page(sheet, styles)
    page.text(content.title, styles.headline)
    page.row += 1
    page.text(f"Results of {content.workbook}", styles.question)
    page.row += 1
    for write in _PARTS:
        write(page, content)
    page.row += 2
    return page.row


def _words(page: _Page, content: Content) -> None:
    page.section(f"In words, scenario {content.first.scenario}")
    for sentence in content.words:
        for line in textwrap.wrap(sentence, 130):
            page.text(line)
            page.row += 1


def _scenarios(page: _Page, content: Content) -> None:
    page.section("Scenarios", f"Discounted {content.value_name} in million USD; change against the first scenario.")
    whole = any(line.gap is not None for line in content.lines)
    page.header(["scenario"], [content.value_name, "change", *(["gap", "at best"] if whole else [])])
    last = 5 if whole else 3
    page.sheet.write_string(page.row - 1, last, "what it stands for", page.styles.indented_header)
    for line in content.lines:
        page.text(line.name)
        if line.value is None:
            page.text(f"no result: {line.status}", page.styles.warning, 1)
        else:
            page.sheet.write_number(page.row, 1, line.value, page.styles.number("money"))
        if line.change is not None:
            page.sheet.write_number(page.row, 2, line.change, page.styles.number("money"))
        for column, known, style in ((3, line.gap, "gap"), (4, line.bound, "money")):
            if known is not None and math.isfinite(known):
                page.sheet.write_number(page.row, column, known, page.styles.number(style))
        said = line.description or line.reason.split("\n")[0]
        if line.early:
            said = f"stopped early. {said}".strip()
        page.text(said, page.styles.warning if line.early else page.styles.indented, last)
        page.row += 1
    if whole:
        none = "cost that none is below" if content.objective == "cost" else "value that none passes"
        page.text(
            f"gap: how much better another plan of whole units may be; at best: the {none}.", page.styles.question
        )
        page.row += 1


def _breakdowns(
    title: str, note: str, pick: Callable[[Content], Sequence[Breakdown]]
) -> Callable[[_Page, Content], None]:
    def write(page: _Page, content: Content) -> None:
        found = pick(content)
        if not found:
            return
        page.section(f"{title}, scenario {content.first.scenario}", note)
        for breakdown in found:
            at = some_periods(breakdown.periods, 6)
            page.header([f"{breakdown.family}, {breakdown.unit} per period"], [breakdown.periods[t] for t in at])
            top = breakdown.largest(_MOST)
            for name, volumes in zip(top.names, top.volumes, strict=True):
                page.numbers(name, [float(volumes[t]) for t in at])
            if len(top.names) > 1:
                page.numbers("total", [float(top.total[t]) for t in at], style=page.styles.bold)
            page.row += 1
        page.row -= 1

    return write


def _full(page: _Page, content: Content) -> None:
    page.section(
        f"What is full, scenario {content.first.scenario}",
        "Links, assets and fleets at capacity, by what the scarcity earns; the value of one more unit is undiscounted.",
    )
    if not content.full:
        page.text("Nothing is full at a price.")
        page.row += 1
        return
    page.header(["name", "kind"], ["least value", "most value"])
    page.sheet.write_string(page.row - 1, 4, "unit", page.styles.indented_header)
    page.sheet.write_string(page.row - 1, 5, "full in", page.styles.left_header)
    for row in content.full[: 2 * _MOST]:
        page.text(row.name)
        page.text(row.kind, None, 1)
        page.sheet.write_number(page.row, 2, row.least, page.styles.number("price"))
        page.sheet.write_number(page.row, 3, row.most, page.styles.number("price"))
        page.text(row.unit, page.styles.indented, 4)
        page.text(row.periods, None, 5)
        page.row += 1
    left = len(content.full) - 2 * _MOST
    if left > 0:
        page.text(f"and {left} more: sheet Capacity, filter share_used = 100%", page.styles.question)
        page.row += 1


def _contents(page: _Page, content: Content) -> None:
    page.section("Sheets")
    for name, question in [("Charts", "Exports and use over time.")] + [
        (s.name, s.question) for s in content.specs[1:]
    ]:
        page.sheet.write_url(page.row, 0, f"internal:'{name}'!A1", page.styles.link, name)
        page.text(question, None, 1)
        page.row += 1


_PARTS: tuple[Callable[[_Page, Content], None], ...] = (
    _scenarios,
    _words,
    _breakdowns("Exports by exporter", MARKET_MEANING.split(", by ")[0] + ".", lambda c: c.first.exporters),
    _breakdowns("Exports by corridor", CORRIDOR_MEANING, lambda c: c.first.corridors),
    _full,
    _contents,
)
