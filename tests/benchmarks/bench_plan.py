"""What a plan for eight scenarios of the base workbook costs, by turns and in one programme of all scenarios.

python tests/benchmarks/bench_plan.py [WORKBOOK [SCENARIO …]]

Without scenarios two studies are made: eight futures on top of the one in which projects are on offer, by expected
value, and the workbook's own eight futures of building, by regret.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

SCENARIOS = 8
OFFERED = "invest"
GOAL = 120.0


@contextmanager
def timed(text: str) -> Iterator[None]:
    """Print how long something took, by the clock and of the processor."""
    wall, processor = time.perf_counter(), time.process_time()
    yield
    seconds, busy = time.perf_counter() - wall, time.process_time() - processor
    print(f"  {text:44s} {seconds:7.1f} s, {busy:6.1f} s of a processor", flush=True)


def with_chances(case: Any, names: list[str]) -> Any:
    """The case in which these scenarios are equally likely."""
    sheet = case["Scenarios"]
    chances = np.where(np.isin(sheet.keys, names), 1 / len(names), 0.0)[:, None]
    return case.with_sheets({"Scenarios": replace(sheet, numbers={**sheet.numbers, "probability": chances})})


def measure(case: Any, names: list[str], criterion: str) -> Any:
    """One study, step by step; returns it."""
    from model import plan

    print(f"{len(names)} scenarios: {', '.join(names)}")
    wall = time.perf_counter()
    found = plan(with_chances(case, names), criterion, names, working=timed)
    chosen = found[criterion]
    proof = f"{chosen.value:,.1f}, no plan below {chosen.bound:,.1f}; {chosen.stop or 'proven'}"
    print(f"  all of it {time.perf_counter() - wall:.1f} s (goal {GOAL:.0f}); {proof}")
    return found


def at_once(found: Any) -> None:
    """The same plan by expected value in one programme of all scenarios."""
    from model.engine import Engine
    from model.formulation.criteria import expected
    from model.formulation.extensive import extensive
    from model.formulation.layout import evaluate
    from model.parameters import build_parameters
    from model.solver.common_plan import CommonPlan

    engine = Engine(found.choice.cases)
    members = [evaluate(one, engine.layout, build_parameters(one, engine.network)) for one in found.choice.cases]
    form = extensive(engine.layout, members, expected(found.probability))
    settings = found.case.settings
    print(f"  {len(form.program.cost):,} variables, {len(form.program.row_lower):,} rows")
    with timed("in one programme of all scenarios"):
        point = CommonPlan(form, settings.mip_gap * found.size, time_limit=settings.time_limit).solve()
    print(f"  {point.value:,.1f}, no plan below {point.bound:,.1f}; {point.stop or 'proven'}")


def main() -> None:
    """Print every measure."""
    from model import read_case
    from model.scenario import runnable, with_scenario

    workbook = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "inputs" / "caspian.xlsx"
    case = read_case(workbook)
    if sys.argv[2:]:
        measure(case, sys.argv[2:], "regret")
        return
    building = [name for name in case["Scenarios"].keys if name.startswith(OFFERED)]
    if building:
        measure(case, building[:SCENARIOS], "regret")
        case = replace(with_scenario(case, OFFERED), scenario="base")
    names = [name for name in runnable(case) if name in case["Scenarios"].position][:SCENARIOS]
    at_once(measure(case, names, "expected"))


if __name__ == "__main__":
    main()
