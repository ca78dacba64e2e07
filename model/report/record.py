"""What tells later how a result came about: run.json and run.log."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any, Final

from model import __version__
from model.case import Case
from model.errors import NoAnswer
from model.solution import Solution

SCHEMA: Final = 1
_PACKAGES: Final = ("pyomo", "highspy", "numpy", "pandas", "openpyxl", "XlsxWriter")


def versions() -> dict[str, str]:
    """Versions of this programme, Python and the packages that decide results."""
    found = {"energy-export-optimisation": __version__, "python": platform.python_version()}
    return {**found, **{name: metadata.version(name) for name in _PACKAGES}}


def settings(case: Case) -> dict[str, Any]:
    """The settings that were in force, defaults included."""
    return dict(vars(case.settings))


def head(case: Case, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What run.json begins with where a workbook was read: what was run, with what and how; no path in it.

    ``asked`` holds ``command`` and ``arguments``, by name, those left out as null.
    """
    return {**start(asked, {"workbook": case.name, "input_sha256": case.sha256}), "settings": settings(case)}


def start(asked: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    """What every run.json begins with, so that it can be run again; ``source`` says from what it was made."""
    return {"schema": SCHEMA, **source, **asked, "versions": versions()}


def record(
    case: Case,
    solutions: Sequence[Solution],
    failed: Mapping[str, tuple[str, str]],
    asked: Mapping[str, Any],
    *,
    periods: tuple[str, str] | None,
    seconds: Mapping[str, float],
) -> dict[str, Any]:
    """Content of run.json but for the files; ``value`` in million USD.

    ``seconds`` are those of the whole run, by what they were spent on.
    """
    scenarios: list[dict[str, Any]] = [
        {
            "name": solution.case.scenario,
            "status": solution.status,
            "value": solution.objective,
            "gap": solution.gap,
            "bound": solution.bound,
            "stopped_by": solution.stop,
            "seconds": _rounded(solution.seconds),
        }
        for solution in solutions
    ]
    scenarios += [
        {"name": name, "status": status, "value": None, "gap": None, "seconds": {}, "reason": reason}
        for name, (status, reason) in failed.items()
    ]
    return {
        **head(case, asked),
        "periods": None if periods is None else list(periods),
        "scenarios": scenarios,
        "seconds": _rounded(seconds),
    }


def status_of(error: NoAnswer) -> str:
    """Why a scenario has no result, in one word or two."""
    return {"InfeasibleCase": "infeasible", "UnboundedCase": "unbounded"}.get(type(error).__name__, "stopped early")


def _rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in seconds.items()}
