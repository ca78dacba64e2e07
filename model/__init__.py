"""Which oil and gas goes over which pipeline, railway and ship to which market.

from model import read_case, solve, sweep
run = solve(read_case("inputs/tutorial.xlsx"), scenario="base")
run.value, run.flows, run.prices
sweep(run.case, [{"Links:*:tariff": 20.0}], ["exports"]).frame()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from model.version import __version__

if TYPE_CHECKING:
    from model.analysis.batch.design import Design
    from model.analysis.batch.sweep import sweep
    from model.api import Failure, Run, plan, solve, solve_scenarios
    from model.errors import InfeasibleCase, ModelError, NoAnswer, UnboundedCase, UsageError, WorkbookError
    from model.workbook.reading import read_case

__all__ = [
    "Design",
    "Failure",
    "InfeasibleCase",
    "ModelError",
    "NoAnswer",
    "Run",
    "UnboundedCase",
    "UsageError",
    "WorkbookError",
    "__version__",
    "plan",
    "read_case",
    "solve",
    "solve_scenarios",
    "sweep",
]

_ERRORS: Final = frozenset(("InfeasibleCase", "ModelError", "NoAnswer", "UnboundedCase", "UsageError", "WorkbookError"))


def __getattr__(name: str) -> Any:
    # Pyomo and HiGHS take half a second to import, which `--help` should not wait for
    if name not in __all__:
        raise AttributeError(f"module 'model' has no attribute {name!r}; it has {', '.join(__all__)}")
    from importlib import import_module

    homes = {
        "Design": "model.analysis.batch.design",
        "read_case": "model.workbook.reading",
        "sweep": "model.analysis.batch.sweep",
    }
    home = "model.errors" if name in _ERRORS else homes.get(name, "model.api")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return list(__all__)
