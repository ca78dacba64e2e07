"""Wall time of the whole process for scenario base of a workbook, and what it was spent on.

    python tests/benchmarks/bench_base.py [WORKBOOK] [RUNS]

The split comes from the run's own run.json; the solve is split once more in this process.
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


def whole_run(workbook: Path) -> tuple[float, dict[str, Any]]:
    """Seconds of one process from start to end, and its run.json."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        command = [
            sys.executable,
            str(ROOT / "run.py"),
            "solve",
            str(workbook),
            "--scenario",
            "base",
            "--out",
            str(out),
        ]
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds = time.perf_counter() - started
        return seconds, json.loads((out / "run.json").read_text(encoding="utf-8"))


def solve_parts(workbook: Path) -> dict[str, float]:
    """Seconds of the parts of one solve, in this process."""
    from model.api import read_case
    from model.audit import audit
    from model.engine import Engine
    from model.precheck import precheck
    from model.scenario import with_scenario

    case = with_scenario(read_case(workbook), "base")
    engine = Engine([case])
    started = time.perf_counter()
    precheck(case, engine.network)
    checked = time.perf_counter()
    solution = engine.solve(case)
    solved = time.perf_counter()
    audit(solution)
    size = {"variables": len(engine.live.program.cost), "nonzeros": len(engine.live.program.matrix)}
    parts = {**engine.seconds, "precheck": checked - started, **solution.seconds, "audit": time.perf_counter() - solved}
    return {**size, **parts}


def main() -> None:
    """The fastest of several runs."""
    workbook = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "inputs" / "caspian.xlsx"
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    wall, record = min((whole_run(workbook) for _ in range(runs)), key=lambda pair: pair[0])
    spent = record["seconds"]
    highs = record["scenarios"][0]["seconds"]["highs"]
    print(f"{workbook.name}, scenario base, fastest of {runs} runs")
    for name, value in {**spent, "start, files, screen": wall - sum(spent.values())}.items():
        print(f"  {name:22s} {value:7.3f} s")
    print(f"  {'whole process':22s} {wall:7.3f} s, of which HiGHS {highs:.3f} s")
    print(f"  {'all but HiGHS':22s} {wall - highs:7.3f} s (goal 4.0), {(wall - highs) / 4.0:.2f} of it")
    print(f"  {'read and check':22s} {spent['read and check']:7.3f} s (goal 1.0)")
    parts = solve_parts(workbook)
    size = f"{parts.pop('variables'):,.0f} variables, {parts.pop('nonzeros'):,.0f} nonzeros"
    print(f"the solve alone, {size}")
    for name, value in parts.items():
        print(f"  {name:22s} {value:7.3f} s")


if __name__ == "__main__":
    main()
