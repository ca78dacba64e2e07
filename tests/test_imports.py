"""No command loads what it does not use: modules are what starting up costs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = """\
import contextlib, io, json, sys
from model import cli
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    code = cli.main(sys.argv[1:])
    if code:
        raise RuntimeError(code)
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules} | {n for n in sys.modules if n.count(".") == 2})))
"""
HEAVY = frozenset(
    ("numpy", "pandas", "scipy", "pyomo", "highspy", "openpyxl", "xlsxwriter", "plotly", "matplotlib", "dask")
) | {"distributed", "rich", "multiprocessing", "pytest"}
READING = frozenset(("numpy", "openpyxl"))
TUTORIAL = "inputs/tutorial.xlsx"


@pytest.mark.parametrize(
    ("words", "needs"),
    [
        (["--help"], frozenset()),
        (["new", "@/blank.xlsx"], frozenset(("numpy", "xlsxwriter"))),
        (["check", TUTORIAL], READING),
        (["addresses", TUTORIAL], READING),
        (["diff", TUTORIAL, TUTORIAL], READING),
        (["solve", TUTORIAL, "--out", "@/out"], READING | {"pandas", "pyomo", "highspy", "xlsxwriter", "plotly"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_command_loads_what_it_uses_and_no_more(tmp_path: Path, words: list[str], needs: frozenset[str]) -> None:
    arguments = [word.replace("@", str(tmp_path)) for word in words]
    done = subprocess.run(
        [sys.executable, "-c", CODE, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(done.stdout))
    assert loaded & HEAVY == needs
    if words[0] == "solve":
        others = ("plan", "projects", "designs", "batch")
        assert not loaded & {f"model.analysis.{name}" for name in others}, "of other commands"
