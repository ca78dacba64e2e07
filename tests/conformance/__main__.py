"""Print how every published case compares; the folder is the argument, or stands in CONFORMANCE_CASES."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.conformance.published import published_cases
from tests.conformance.running import misfit, outcome


def main() -> None:
    """One line a case."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ["CONFORMANCE_CASES"])
    table = Table("case", "published", "here", "minimum", "misfit", "tolerance", "seconds")
    for case in published_cases(folder):
        found = outcome(case)
        figures = ["", found.reason, "", ""]
        if found.minimum is not None:
            figures = [
                f"{found.minimum:,.6f}",
                f"{misfit(case, found.minimum):.1e}",
                f"{case.about['tolerance_rel']:g}",
                f"{found.seconds:.2f}",
            ]
        table.add_row(case.name, case.about["status"], found.status, *figures)
    Console(width=None if sys.stdout.isatty() else 150).print(table)


if __name__ == "__main__":
    main()
