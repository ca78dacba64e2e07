"""Build, compile, solve and read back synthetic networks, beside one cold HiGHS solve of the same matrix.

    python tests/benchmarks/bench_scale.py [NODES[:caps|stores|projects] ...] [--json]

Each size runs in a process of its own, so that its peak memory is its own. What joins the periods is said after the
nodes; without it they are years that nothing joins.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

# about 20 000, 200 000 and 1 000 000 variables; what joins periods but caps at 200 000 only
SIZES = ("190", "1850", "9500", "150:caps", "1475:caps", "7400:caps", "1400:stores", "1425:projects")
STEPS = {
    "network": "network, arrays, pattern",
    "build": "Pyomo build",
    "load": "compile, prove equal, load",
    "update": "numbers of the scenario",
    "back": "read back",
}


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
    seconds["load"] = seconds["engine"] - seconds["network"] - seconds["build"]
    size = {"columns": len(program.cost), "rows": len(program.row_lower), "nonzeros": len(program.matrix)}
    around = sum(seconds[name] for name in STEPS)
    return {
        **size,
        "joined": joined,
        "seconds": seconds,
        "around": around,
        "total": around + seconds["own"],
        "ratio": (around + seconds["own"]) / raw.seconds,
        "tied_ratio": (around + seconds["ties"]) / raw.seconds,
        "before": before,
        "peak": highest,
    }


def measured(sizes: tuple[str, ...] = SIZES) -> Iterator[dict[str, Any]]:
    """Each size in a child process of its own."""
    for size in sizes:
        command = [sys.executable, __file__, "--child", *size.partition(":")[::2]]
        child = subprocess.run(command, check=True, capture_output=True, text=True)
        yield json.loads(child.stdout)


def growth(small: dict[str, Any], large: dict[str, Any], of: str = "total") -> float:
    """The exponent with which seconds grow with the nonzeros between two sizes."""
    seconds = [found[of] if of in found else found["seconds"][of] for found in (small, large)]
    return math.log(seconds[1] / seconds[0]) / math.log(large["nonzeros"] / small["nonzeros"])


def show(found: dict[str, Any]) -> None:
    """Print one size."""
    s, nonzeros = found["seconds"], found["nonzeros"]
    joined = f"periods joined by {found['joined']}" if found["joined"] else "nothing joins periods"
    print(f"\n{found['columns']:,} variables, {found['rows']:,} rows, {nonzeros:,} nonzeros; {joined}")
    steps = {**{label: s[name] for name, label in STEPS.items()}, "together": found["around"]}
    for name, value in steps.items():
        print(
            f"  {name:28s} {value:8.3f} s  {1e6 * value / nonzeros:7.2f} µs per nonzero  {value / s['raw']:6.2f} × raw"
        )
    print(f"  {'one cold HiGHS solve (raw)':28s} {s['raw']:8.3f} s  {1e6 * s['raw'] / nonzeros:7.2f} µs per nonzero")
    for name, total, ratio in (
        ("all, with own solve", found["total"], found["ratio"]),
        ("all, with ties broken", found["around"] + s["ties"], found["tied_ratio"]),
    ):
        print(f"  {name:28s} {total:8.3f} s  {1e6 * total / nonzeros:7.2f} µs per nonzero  {ratio:6.2f} × raw")
    print(f"  besides: read and check {s['read']:.2f} s, precheck {s['precheck']:.3f} s, audit {s['audit']:.2f} s")
    print(f"  peak memory {found['peak']:.0f} MB, of which before the build {found['before']:.0f} MB", flush=True)


def main() -> None:
    """Each size, and how seconds grow from one to the next of a kind."""
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(measure(int(sys.argv[2]), sys.argv[3])))
        return
    before: dict[str, dict[str, Any]] = {}
    sizes = tuple(text for text in sys.argv[1:] if text != "--json") or SIZES
    for found in measured(sizes):
        if "--json" in sys.argv:
            print(json.dumps(found), flush=True)
            continue
        show(found)
        small = before.get(found["joined"])
        if small is not None:
            exponents = growth(small, found), growth(small, found, "raw")
            print(f"  from the size before, seconds grow with nonzeros to the power {exponents[0]:.2f}", end="")
            print(f", of the cold solve {exponents[1]:.2f}", flush=True)
        before[found["joined"]] = found


if __name__ == "__main__":
    main()
