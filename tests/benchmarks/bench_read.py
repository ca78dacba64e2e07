"""Read and check a workbook of 400 000 cells: 20 000 links and 50 000 cells of Series among them.

    python tests/benchmarks/bench_read.py

The reading runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

LINKS = 20_000
SERIES_CELLS = 50_000
CELLS = 400_000


def write(path: Path) -> int:
    """Write the workbook; returns how many cells it has below its headers."""
    import xlsxwriter

    from tests.benchmarks.synthetic import synthetic_tables

    tables = synthetic_tables(LINKS // 4)
    del tables["Links"][LINKS:]
    kept = {row["link"] for row in tables["Links"]}
    tables["Uses"] = [row for row in tables["Uses"] if row["link"] in kept]
    periods = [row["period"] for row in tables["Periods"]]
    tables["Series"] = [
        {
            "sheet": "Links",
            "key": f"l{i}",
            "column": "tariff",
            **{label: 5.0 + (i + t) % 11 for t, label in enumerate(periods)},
        }
        for i in range(SERIES_CELLS // len(periods) + 1)
    ]
    short = CELLS - sum(len(row) for rows in tables.values() for row in rows)
    extra = ("country", "source", "note", "risk", "fee_in_kind", "opens", "volume_unit", "tariff_unit")
    texts = ("country 1", "assumed", "a remark", 0.5, 0, periods[0], "Mt", "USD/t")
    for row in tables["Links"][: short // len(extra) + 1]:
        row.update(zip(extra, texts, strict=True))
    with xlsxwriter.Workbook(path) as book:
        for name, rows in tables.items():
            sheet = book.add_worksheet(name)
            header = list(dict.fromkeys(column for row in rows for column in row))
            sheet.write_row(0, 0, header)
            place = {column: i for i, column in enumerate(header)}
            for i, row in enumerate(rows, 1):
                for column, value in row.items():
                    sheet.write(i, place[column], value)
    return sum(len(row) for rows in tables.values() for row in rows)


def measure(path: Path) -> dict[str, Any]:
    """Seconds and peak memory of reading one workbook."""
    from model.api import read_case
    from tests.benchmarks.memory import peak_mb

    imported = peak_mb()
    started = time.perf_counter()
    case = read_case(path)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "peak": peak_mb(), "imported": imported, "links": len(case["Links"])}


def main() -> None:
    """Write, then read in a child process."""
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(measure(Path(sys.argv[2]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.xlsx"
        cells = write(path)
        command = [sys.executable, __file__, "--child", str(path)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        size = path.stat().st_size / 1e6
    print(f"{cells:,} cells, {found['links']:,} links, {size:.1f} MB on disk")
    print(f"  read and check   {found['seconds']:.2f} s, {cells / found['seconds']:,.0f} cells/s (goal 40,000)")
    print(
        f"  peak memory      {found['peak']:.0f} MB (goal 400), of which {found['imported']:.0f} MB after the imports"
    )


if __name__ == "__main__":
    main()
