"""Cases that time joins: the monthly workbook, and the base workbook with projects of whole units.

    python tests/benchmarks/bench_time.py

Flat simplex is set beside the interior point (with crossover to a basis, so that duals are as good) on the monthly
programme, which stores join, and on the relaxation of that with projects, which building joins. Periods in turn
with an assembled basis would pay where one flat solve is slow; on these it takes less than a second.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from model import read_case  # noqa: E402
from model.case import Case  # noqa: E402
from model.engine import Engine  # noqa: E402
from model.scenario import with_scenario  # noqa: E402
from model.solver.highs import LiveModel  # noqa: E402

RUNS = 3


def whole_run(workbook: Path) -> tuple[float, int]:
    """Seconds of one process that solves every scenario marked run and writes all, and how many there are."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        started = time.perf_counter()
        command = [sys.executable, str(ROOT / "run.py"), "solve", str(workbook), "--out", str(out)]
        subprocess.run(command, check=True, capture_output=True)
        seconds = time.perf_counter() - started
        return seconds, len(json.loads((out / "run.json").read_text(encoding="utf-8"))["scenarios"])


def linear(case: Case, method: str) -> tuple[float, float]:
    """Fastest seconds of a cold solve by a method of HiGHS, parts of units allowed, and the optimum."""
    engine = Engine([case])
    program = replace(engine.at(case), whole=np.empty(0, dtype=np.int64))
    best, value = np.inf, 0.0
    for _ in range(RUNS):
        live = LiveModel(program)
        live.highs.setOptionValue("solver", method)
        started = time.perf_counter()
        value = live.least()
        best = min(best, time.perf_counter() - started)
    return best, value


def whole_units(case: Case, gap: float) -> tuple[float, float, float]:
    """Seconds of branch and bound to a gap, the gap reached, and the value."""
    case = replace(case, settings=replace(case.settings, mip_gap=gap, time_limit=None))
    engine = Engine([case])
    started = time.perf_counter()
    solution = engine.solve(case)
    return time.perf_counter() - started, float(solution.gap or 0.0), solution.objective


def main() -> None:
    monthly, annual = (ROOT / "inputs" / name for name in ("caspian_monthly.xlsx", "caspian.xlsx"))
    seconds, count = whole_run(monthly)
    print(f"{monthly.name}, {count} scenarios, from start to files: {seconds:.1f} s (goal 15)")
    invest = with_scenario(read_case(annual), "invest")
    count = sum(invest.word("Projects", "whole_units"))
    for gap in (1e-3, 1e-4):
        seconds, reached, value = whole_units(invest, gap)
        print(
            f"{annual.name}, scenario invest, {count} projects of whole units, gap {gap:.2%}: {seconds:.1f} s", end=""
        )
        print(f", reached {reached:.3%}, value {value:,.1f}{' (goal 60)' if gap == 1e-3 else ''}")
    for name, case in ((monthly.name, read_case(monthly)), (f"{annual.name}, invest, parts of units", invest)):
        simplex, value = linear(case, "simplex")
        interior, other = linear(case, "ipm")
        print(
            f"{name}: simplex {simplex:.2f} s; interior point {interior:.2f} s, {interior / simplex:.2f} of it", end=""
        )
        print(f"; optima differ by {abs(other / value - 1):.1e}")


if __name__ == "__main__":
    main()
