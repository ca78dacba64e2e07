"""One workbook, one set of bytes: whatever the hash seed, the folder, the time zone, the language or the workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACES = (
    ("1", {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C", "COLUMNS": "40"}),
    ("2", {"PYTHONHASHSEED": "77", "TZ": "Asia/Almaty", "LC_ALL": "de_DE.UTF-8", "PYTHONUTF8": "1"}),
)


def test_every_command_writes_the_same_bytes_everywhere(tmp_path: Path) -> None:
    """Workbooks, their metadata and pictures included; times and dates are in run.json, run.log and the run store."""
    running = []
    for jobs, settings in PLACES:
        home = tmp_path / f"at {jobs}" / "home"
        home.mkdir(parents=True)
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {**os.environ, **settings, "PYTHONPATH": path}
        command = [sys.executable, "-m", "tests.everything", str(home), jobs]
        running.append(
            subprocess.Popen(
                command, cwd=home.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        )
    said = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0, 0], [errors for _, errors in said]
    first, second = (json.loads(out) for out, _ in said)
    assert first.keys() == second.keys()
    assert {name for name in first if first[name] != second[name]} == set()
    kinds = {Path(name).suffix for name in first}
    assert {".xlsx", ".csv", ".html", ".png", ".svg", ".json"} <= kinds
    assert {name.split("/")[1] for name in first if name.startswith("out/")} >= {"solve", "sweep", "plan", "projects"}
