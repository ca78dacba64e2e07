"""Laws re-checked after every solve, from the tables and the solved volumes alone.

Unit factors, losses, fees, capacities and prices are worked out a second time, from the cells and not from the arrays
of the linear programme, so that a fault in either shows as a difference.
"""

from __future__ import annotations

from typing import Final

from model.audit.building import funds_hold, projects_are_used, projects_hold, stores_hold
from model.audit.cells import Cells
from model.audit.obligations import contracts_hold, limits_hold, money_adds_up
from model.audit.report import Report
from model.audit.volumes import assets_fit, fleets_fit, lines_hold, links_fit, markets_fit, supply_fits, volumes_close
from model.errors import AuditError
from model.solution import Solution

SHOWN: Final = 8
LAWS: Final = (
    volumes_close,
    supply_fits,
    links_fit,
    assets_fit,
    fleets_fit,
    markets_fit,
    lines_hold,
    contracts_hold,
    limits_hold,
    stores_hold,
    projects_hold,
    projects_are_used,
    funds_hold,
    money_adds_up,
)
KNOWN: Final = frozenset(
    [
        *("supply", "flow", "delivery", "step", "unserved", "short", "make_up", "may_be_short"),
        *("inject", "withdraw", "stock", "build"),
    ]
)


def audit(solution: Solution) -> None:
    """Check that a solution closes: balances, bounds, capacities, contracts, limits, duals and the objective.

    Raises
    ------
    AuditError
        Naming what does not close, where and in which period, with both values (1e-6 relative).
    """
    unknown = sorted(name for name, values in solution.values.items() if values.size and name not in KNOWN)
    if unknown:
        raise AuditError(f"The audit knows no variable {', '.join(unknown)}.")
    report, cells = Report(), Cells(solution)
    for law in LAWS:
        law(solution, cells, report)
    if report.faults:
        more = len(report.faults) - SHOWN
        lines = [*report.faults[:SHOWN], *([f"and {more} more"] if more > 0 else [])]
        heading = f"Scenario {solution.case.scenario!r}: the result does not add up; this is a fault of the programme."
        raise AuditError("\n    ".join([heading, *lines]))
