"""Which oil and gas goes over which pipeline, railway and ship to which market.

from model import read_case, solve
run = solve(read_case("inputs/tutorial.xlsx"), scenario="base")
run.value, run.flows, run.prices
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

__version__ = "0.1.0"

if TYPE_CHECKING:
    from model.api import Failure, Run, plan, read_case, solve, solve_scenarios
    from model.errors import InfeasibleCase, ModelError, NoAnswer, UnboundedCase, UsageError, WorkbookError

__all__ = [
    "Failure",
    "InfeasibleCase",
    "ModelError",
    "NoAnswer",
    "Run",
    "UnboundedCase",
    "UsageError",
    "WorkbookError",
    "plan",
    "read_case",
    "solve",
    "solve_scenarios",
]

_ERRORS: Final = frozenset(("InfeasibleCase", "ModelError", "NoAnswer", "UnboundedCase", "UsageError", "WorkbookError"))


def __getattr__(name: str) -> Any:
    # Pyomo and HiGHS take half a second to import, which `--help` should not wait for
    if name not in __all__:
        raise AttributeError(f"module 'model' has no attribute {name!r}; it has {', '.join(__all__)}")
    from importlib import import_module

    return getattr(import_module("model.errors" if name in _ERRORS else "model.api"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
