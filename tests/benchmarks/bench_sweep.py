"""Sweeps against the raw solver: 1 000 runs with a tariff, a price and a capacity changed in each.

    python tests/benchmarks/bench_sweep.py [WORKBOOK] [RUNS]

The raw yardstick loads the same programme once, changes the same numbers in the live solver and solves it warm, and
collects nothing. Reading, building and solving per run is timed on a few runs.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from model import read_case, solve, sweep  # noqa: E402
from model.case import Case  # noqa: E402
from model.engine import Engine  # noqa: E402
from model.formulation.layout import evaluate  # noqa: E402
from model.formulation.program import assemble  # noqa: E402
from model.parameters import build_parameters  # noqa: E402
from model.scenario import with_changes  # noqa: E402
from model.solver.highs import LiveModel  # noqa: E402

Runs = list[dict[str, float]]
OUTPUTS = ("exports", "corridors")


def changed(case: Case, count: int) -> Runs:
    """Each run sets one tariff, one price deck and one capacity, drawn from all that are limited."""
    random = np.random.default_rng(7)

    def some(sheet: str, column: str) -> tuple[str, float]:
        values = case.number(sheet, column)[:, -1]
        rows = np.flatnonzero(np.isfinite(values) & (values > 0))
        row = int(random.choice(rows))
        return f"{sheet}:{case[sheet].keys[row]}:{column}", float(values[row] * random.uniform(0.8, 1.2))

    return [dict([some("Links", "tariff"), some("Markers", "value"), some("Assets", "capacity")]) for _ in range(count)]


def raw(case: Case, runs: Runs) -> float:
    """Seconds of the live solver alone: numbers handed over and warm re-solves, the numbers worked out beforehand."""
    engine = Engine([case])
    values = [
        evaluate(one, engine.layout, build_parameters(one, engine.network))
        for one in (with_changes(case, run) for run in runs)
    ]
    base = evaluate(case, engine.layout, build_parameters(case, engine.network))
    live = LiveModel(assemble(engine.layout, base), threads=1)
    live.solve()
    started = time.perf_counter()
    for one in values:
        live.update(one)
        live.solve(cold=False)
    return time.perf_counter() - started


def timed(case: Case, runs: Sequence[dict[str, float]], jobs: int) -> float:
    """Seconds of a whole sweep, outputs collected and kept."""
    started = time.perf_counter()
    frame = sweep(case, list(runs), OUTPUTS, jobs=jobs).frame()
    seconds = time.perf_counter() - started
    assert (frame["status"] == "optimal").all(), frame["status"].value_counts()
    return seconds


def one_by_one(workbook: Path, runs: Runs) -> float:
    """Seconds per run of reading the workbook, building and solving it from nothing."""
    started = time.perf_counter()
    for run in runs:
        solve(with_changes(read_case(workbook), run))
    return (time.perf_counter() - started) / len(runs)


def started_up(workbook: Path) -> tuple[float, float]:
    """Seconds of two processes: one solve, and a sweep of one run."""
    one = "import sys; from model import read_case, solve; solve(read_case(sys.argv[1]))"
    many = "import sys; from model import read_case, sweep; sweep(read_case(sys.argv[1]), [{}], jobs=1).frame()"
    found = []
    for code in (one, many):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code, str(workbook)], cwd=ROOT, check=True)
        found.append(time.perf_counter() - started)
    return found[0], found[1]


def main() -> None:
    workbook = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "inputs" / "caspian.xlsx"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    case = read_case(workbook)
    runs = changed(case, count)
    bare, alone, two = raw(case, runs), timed(case, runs, 1), timed(case, runs, 2)
    each = one_by_one(workbook, runs[:5])
    solved, swept = started_up(workbook)
    each_ms = 1e3 / count
    print(f"{workbook.name}, {count:,} runs, each of another tariff, price and capacity; kept: {', '.join(OUTPUTS)}")
    print(f"  raw warm re-solves           {bare:8.2f} s   {each_ms * bare:7.2f} ms a run")
    print(f"  one worker                   {alone:8.2f} s   {each_ms * alone:7.2f} ms a run   {alone / bare:.2f} × raw")
    print(f"  two workers                  {two:8.2f} s   {each_ms * two:7.2f} ms a run   {alone / two:.2f} × faster")
    print(f"  read, build, solve per run   {count * each:8.2f} s   {1e3 * each:7.2f} ms a run")
    print(f"  … against one worker         {count * each / alone:8.1f} times as long")
    print(f"  start-up                     {swept:8.2f} s against {solved:.2f} s of one solve: {swept / solved:.2f}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"  peak memory of the largest process started {peak:.0f} MB")


if __name__ == "__main__":
    main()
