"""report.html: the page of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from model.case import Case
from model.report.content import Content
from model.report.page.data import Section, page_data
from model.report.page.write import write_page
from model.solution import Solution

PAGE: Final = "report.html"
_SCRIPTS: Final = ("core.js", "map.js", "charts.js", "scenarios.js", "tables.js", "extra.js", "main.js")


def write_report(
    path: Path, case: Case, solutions: Sequence[Solution], content: Content, sections: Sequence[Section] = ()
) -> None:
    """Write the page of a run: map, flow diagram, charts, netbacks, scenarios and tables, in one file.

    ``sections`` are pictures of other analyses that are to stand on the same page.
    """
    data = page_data(case, solutions, content, sections)
    write_page(path, content.title, f"Results of {content.workbook}", "report.html", _SCRIPTS, data)
