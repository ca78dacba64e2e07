"""What the economist's answers cost beside a run of the base workbook, and warm solves as the measure of the rest.

python tests/benchmarks/bench_answers.py [WORKBOOK]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

LARGEST = 20
ADDRESS = "Links:btc_azeri:tariff@2030"
# tables of items 1 to 3 and of who gains
ANSWERS = ("routes", "netbacks", "netback_ladder", "idle_routes", "next_routes", "value_balance", "who_gains")


def timed(work: Callable[[], Any], repeats: int = 3) -> float:
    """The fewest seconds of several calls."""
    best = float("inf")
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - started)
    return best


def warm_solves(engine: Any, case: Any, count: int = 30) -> float:
    """Median seconds of one warm solve of the whole programme after a changed tariff."""
    from model.registry import moved

    seconds = []
    tariffs = case["Links"].numbers["tariff"]
    engine.solve(case, ties=False)
    for row in range(min(count, len(tariffs))):
        changed = moved(case, "Links", row, "tariff", 1.0)
        started = time.perf_counter()
        engine.solve(changed, cold=False, ties=False)
        seconds.append(time.perf_counter() - started)
    engine.solve(case, cold=False, ties=False)
    return statistics.median(seconds)


def answers(run: Any) -> None:
    """Seconds of the answers as a run makes them: what they share is counted where it is first needed."""
    from dataclasses import replace

    from model.analysis.starts import starts
    from model.analysis.steps import steps
    from model.analysis.uniqueness import not_unique
    from model.results.registry import BY_ATTRIBUTE
    from model.results.shape import excerpt_periods

    solution, periods = run.solution, excerpt_periods(run.case)
    extras = replace(run.extras, periods=periods)
    work: dict[str, Callable[[], Any]] = {
        "one more and one less": lambda: steps(solution),
        **{name: lambda name=name: BY_ATTRIBUTE[name].fill(solution, extras) for name in ANSWERS},  # type: ignore[misc]
        "starting tariffs proved": lambda: starts(solution, periods),
        "marks: which flows are unique": lambda: not_unique(solution),
    }
    best = dict.fromkeys(work, float("inf"))
    for _ in range(3):
        solution.kept.clear()
        for name, one in work.items():
            best[name] = min(best[name], timed(one, 1))
    for name, seconds in best.items():
        print(f"  {name:30s} {seconds:7.3f} s")
    together = sum(seconds for name, seconds in best.items() if not name.startswith("marks"))
    print(f"  {'together, without the marks':30s} {together:7.3f} s (goal 1.0; files not counted)")


def main() -> None:
    """Print every measure."""
    from model.analysis.staircase import staircase
    from model.analysis.uniqueness import uniqueness
    from model.api import Run, read_case, solve_one
    from model.engine import Engine
    from model.scenario import with_scenario

    workbook = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "inputs" / "caspian.xlsx"
    case = with_scenario(read_case(workbook), "base")
    engine = Engine([case])
    run = Run(solve_one(engine, case), "base", case)
    print(f"{workbook.name}, scenario base, fastest of 3")
    answers(run)
    warm = warm_solves(engine, case)
    print(f"  {'median warm solve':30s} {warm:7.4f} s")
    solves = 4 * LARGEST
    spent = timed(lambda: uniqueness(run.solution, LARGEST))
    share = spent / (solves * warm)
    print(f"  {f'sureness of {LARGEST} flows':30s} {spent:7.3f} s = {share:.2f} × {solves} warm solves (goal 2.5)")
    found = staircase(case, ADDRESS, 0.0, 60.0)
    seconds = timed(lambda: staircase(case, ADDRESS, 0.0, 60.0), 2)
    steps = len(found.steps)
    print(f"  {ADDRESS}, {steps} steps {seconds:9.3f} s; 20 steps {20 * seconds / steps:.2f} s (goal 2)")


if __name__ == "__main__":
    main()
