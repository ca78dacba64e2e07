"""What a plan for eight scenarios of the base workbook costs: cold and started, simplex and interior point.

python tests/benchmarks/bench_plan.py [WORKBOOK [SCENARIO …]]
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

SCENARIOS = 8
OFFERED = "invest"
GOAL = 120.0


def seconds_of(
    form: Any, gap: float, limit: float | None, method: str = "choose", start: Any = None
) -> tuple[Any, float]:
    """The common plan and the seconds that it took."""
    from model.solver.common_plan import CommonPlan

    solver = CommonPlan(form, gap, time_limit=limit, method=method)
    started = time.perf_counter()
    point = solver.solve(start)
    return point, time.perf_counter() - started


def main() -> None:
    """Print every measure."""
    from model import plan, read_case
    from model.analysis.plan.found import Study
    from model.engine import Engine
    from model.formulation.criteria import expected
    from model.formulation.extensive import extensive
    from model.formulation.layout import evaluate
    from model.parameters import build_parameters
    from model.scenario import runnable, with_scenario

    workbook = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "inputs" / "caspian.xlsx"
    case = read_case(workbook)
    if OFFERED in case["Scenarios"].keys:
        # every scenario on top of the one in which projects are on offer
        case = replace(with_scenario(case, OFFERED), scenario="base")
    sheet = case["Scenarios"]
    names = sys.argv[2:] or [name for name in runnable(case) if name in sheet.position][:SCENARIOS]
    chance = np.full(len(names), 1 / len(names))
    given = np.where(np.isin(sheet.keys, names), 1 / len(names), 0.0)[:, None]
    case = case.with_sheets({"Scenarios": replace(sheet, numbers={**sheet.numbers, "probability": given})})
    started = time.perf_counter()
    found: Study = plan(case, "expected", names)
    whole = time.perf_counter() - started
    print(f"{workbook.name}, {len(names)} scenarios: {', '.join(names)}")
    print(
        f"  plan --criterion expected, all of it {whole:7.1f} s (goal {GOAL:.0f}); {found['expected'].stop or 'proven'}"
    )
    engine = Engine(found.choice.cases)
    members = [evaluate(one, engine.layout, build_parameters(one, engine.network)) for one in found.choice.cases]
    form = extensive(engine.layout, members, expected(chance))
    gap, limit = case.settings.mip_gap * found.size, case.settings.time_limit
    print(f"  {len(form.program.cost):,} variables, {len(form.program.row_lower):,} rows, gap {gap:,.1f} million USD")
    known = [one for one in found.plans if not one.criterion and not one.failures]
    best = min(known, key=found.expected)
    start = form.point([point.columns for point in best.flows])
    cold, cold_seconds = seconds_of(form, gap, limit)
    warm, warm_seconds = seconds_of(form, gap, limit, start=start)
    print(f"  extensive form cold                  {cold_seconds:7.1f} s  {cold.objective:,.1f} {cold.status}")
    print(f"  started from the plan {best.name!r}: {warm_seconds:.1f} s  {warm.objective:,.1f} {warm.status}")
    print(f"  ratio cold to started                {cold_seconds / warm_seconds:7.2f}")
    relaxed = replace(form, program=replace(form.program, whole=np.empty(0, np.int64)))
    times = {method: seconds_of(relaxed, gap, limit, method)[1] for method in ("simplex", "ipm")}
    for method, seconds in times.items():
        print(f"  parts of units allowed, {method:12s} {seconds:7.1f} s")
    print(f"  ratio interior point to simplex      {times['ipm'] / times['simplex']:7.2f}")


if __name__ == "__main__":
    main()
