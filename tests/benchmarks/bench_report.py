"""Size and seconds of what a run leaves: the page, the workbook and the tables, for ten scenarios of a workbook.

    python tests/benchmarks/bench_report.py [WORKBOOK] [SCENARIOS]

The page is opened in the Chromium that the tests use, where there is one.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

RUNS = 3


def fastest(work: Callable[[], Any]) -> float:
    """Seconds of the fastest of some runs."""
    spent = []
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return min(spent)


def ready(page: Path) -> float | None:
    """Seconds until the page says that it is ready, the fastest of some openings; None without a browser."""
    from tests.browser import NAMES, Page

    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        return None
    with Page(program) as browser:
        return min(browser.open(page) for _ in range(RUNS)) / 1000


def main() -> None:
    """Solve, write each part several times, and print the fastest beside its goal."""
    from model.api import read_case, solve_scenarios
    from model.report.content import gather
    from model.report.excel import write_results
    from model.report.page.report import write_report
    from model.report.table_text import file_name, write_csv
    from model.results.registry import TABLES, all_tables
    from model.scenario import runnable

    workbook = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "inputs" / "caspian.xlsx"
    case = read_case(workbook)
    names = runnable(case)[: int(sys.argv[2]) if len(sys.argv) > 2 else 10]
    solutions = [run.solution for run in solve_scenarios(case, names)]  # type: ignore[union-attr]
    frames = all_tables(solutions)
    content = gather(case, solutions, {}, TABLES, frames)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page, book = folder / "report.html", folder / "results.xlsx"
        paging = fastest(lambda: write_report(page, case, solutions, content))
        booking = fastest(lambda: write_results(book, content))
        tables = fastest(lambda: [write_csv(frame, folder / file_name(name)) for name, frame in frames.items()])
        opening = ready(page)
        cells = sum(frame.size for frame in frames.values())
        first = {name: frame[frame["scenario"] == names[0]] for name, frame in frames.items() if "scenario" in frame}
        shown = sum((first[spec.name] if spec.detail else frames[spec.name]).size for spec in TABLES)
        print(f"{workbook.name}, {len(names)} scenarios, fastest of {RUNS}")
        print(f"  report.html            {page.stat().st_size / 1e6:9.2f} MB (goal 6)")
        print(f"  ready in the browser   {'no browser' if opening is None else f'{opening:9.2f} s (goal 2)'}")
        print(f"  results.xlsx           {book.stat().st_size / 1e6:9.2f} MB")
        print(f"  page and workbook      {paging + booking:9.2f} s (goal 4): {paging:.2f} and {booking:.2f}")
        print(f"  tables in results.xlsx {shown / booking:9,.0f} cells/s (goal 150,000), {shown:,} cells")
        print(f"  tables as CSV          {cells / tables:9,.0f} cells/s, {cells:,} cells")


if __name__ == "__main__":
    main()
