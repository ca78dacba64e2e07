"""Runs every command that writes into one folder and prints the digest of each file that depends on the input alone."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import sys
from pathlib import Path

from model import cli
from model.workbook.template import write_workbook
from tests.export_case import export_tables
from tests.plan_cases import three_ways

TIMED = ("run.json", "run.log", "runs.sqlite", ".lock")


def main(home: Path, jobs: str) -> None:
    """Commands in turn, with so many processes for batches; digests as JSON."""
    vary = {"range": "east", "sheet": "Demand", "key": "east_sales", "column": "price", "change": "multiply"}
    roads = {**three_ways(), "Ranges": [{**vary, "low": 0.5, "high": 2, "distribution": "uniform"}]}
    short = {**export_tables(), "Demand": [{**row, "volume": 1000, "firm": 1000} for row in export_tables()["Demand"]]}
    for name, sheets in {"roads": roads, "export": export_tables(), "short": short}.items():
        write_workbook(home / f"{name}.xlsx", sheets)
    paths = {name: str(home / f"{name}.xlsx") for name in ("roads", "export", "short", "blank")}
    for words in (
        ("solve", paths["export"], "--iamc"),
        ("sweep", paths["roads"], "--design", "sample", "--runs", "12", "--jobs", jobs),
        ("plan", paths["roads"]),
        ("projects", paths["roads"]),
        ("compare", str(home / "out" / "solve"), "base", "dear_ship"),
        ("staircase", paths["export"], "--of", "Links:pipe:tariff", "--from", "1", "--to", "40"),
        ("ranging", paths["export"]),
        ("solve", paths["short"], "--scenario", "base"),
        ("new", paths["blank"]),
    ):
        out = home / "out" / f"{words[0]}{'-short' if paths['short'] in words else ''}"
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            code = cli.main([*words, *(() if words[0] == "new" else ("--out", str(out)))])
        if code != (3 if paths["short"] in words else 0):
            raise SystemExit(f"{words} ended with {code}")
    files = [path for path in sorted(home.rglob("*")) if path.is_file() and path.name not in TIMED]
    found = {path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
