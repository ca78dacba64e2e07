"""Build, compile and read back synthetic networks, beside one cold HiGHS solve of the same matrix.

    python tests/benchmarks/bench_scale.py [NODES ...]

Each size runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

SIZES = (236, 2560)  # nodes, for about 25 000 and 270 000 variables over 19 periods


def measure(nodes: int, joined: str) -> dict[str, Any]:
    """Seconds of each step, sizes and peak memory for one network."""
    from model.api import read_case
    from model.audit import audit
    from model.engine import Engine
    from model.precheck import precheck
    from model.solver.highs import LiveModel
    from tests.benchmarks.memory import peak_mb
    from tests.benchmarks.synthetic import synthetic_tables

    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        result = work()
        seconds[name] = time.perf_counter() - started
        return result

    tables = synthetic_tables(nodes, joined=joined)
    case = timed("read", lambda: read_case(tables))
    before = peak_mb()
    engine = timed("engine", lambda: Engine([case]))
    timed("precheck", lambda: precheck(case, engine.network))
    solution = timed("solved", lambda: engine.solve(case, ties=False))
    highest = peak_mb()
    tied = timed("tied", lambda: engine.solve(case))
    program = engine.live.program
    raw = LiveModel(program).solve()
    timed("audit", lambda: audit(tied))
    if solution.status != "optimal" or abs(raw.objective + solution.objective) > 1e-6 * abs(raw.objective):
        raise SystemExit(f"not the same optimum: {solution.status}, {raw.objective}, {solution.objective}")
    seconds.update(engine.seconds)
    seconds.update(update=solution.seconds["update"], own=solution.seconds["highs"], ties=tied.seconds["highs"])
    seconds.update(raw=raw.seconds, back=seconds["solved"] - seconds["update"] - seconds["own"])
    size = {"columns": len(program.cost), "rows": len(program.row_lower), "nonzeros": len(program.matrix)}
    return {**size, "seconds": seconds, "before": before, "peak": highest}


def show(found: dict[str, Any]) -> None:
    """Print one size."""
    s, nonzeros = found["seconds"], found["nonzeros"]
    around = s["engine"] + s["update"] + s["back"]
    print(f"\n{found['columns']:,} variables, {found['rows']:,} rows, {nonzeros:,} nonzeros")
    steps = {
        "network, arrays, pattern": s["network"],
        "Pyomo build": s["build"],
        "compile, prove equal, load": s["engine"] - s["network"] - s["build"],
        "numbers of the scenario": s["update"],
        "read back": s["back"],
        "together": around,
    }
    for name, value in steps.items():
        print(
            f"  {name:28s} {value:8.3f} s  {1e6 * value / nonzeros:7.2f} µs per nonzero  {value / s['raw']:6.2f} × raw"
        )
    print(f"  {'one cold HiGHS solve (raw)':28s} {s['raw']:8.3f} s")
    print(
        f"  {'all, with own HiGHS solve':28s} {around + s['own']:8.3f} s  {(around + s['own']) / s['raw']:33.2f} × raw"
    )
    print(f"  {'all, with ties broken':28s} {around + s['ties']:8.3f} s  {(around + s['ties']) / s['raw']:33.2f} × raw")
    print(f"  besides: read and check {s['read']:.2f} s, precheck {s['precheck']:.3f} s, audit {s['audit']:.2f} s")
    print(f"  peak memory {found['peak']:.0f} MB, of which before the build {found['before']:.0f} MB")


def main() -> None:
    """Each size in a child process."""
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(measure(int(sys.argv[2]), sys.argv[3])))
        return
    for nodes in [int(text) for text in sys.argv[1:]] or SIZES:
        command = [sys.executable, __file__, "--child", str(nodes)]
        child = subprocess.run(command, check=True, capture_output=True, text=True)
        show(json.loads(child.stdout))


if __name__ == "__main__":
    main()
