"""Which scenarios a plan is for, their probabilities and the criteria, or what is to be mended first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from model.case import Case, FloatArray
from model.engine import structure_of
from model.errors import UsageError
from model.scenario import runnable, with_scenario
from model.workbook.names import Names

CRITERIA: Final = ("expected", "regret", "cvar")
_ROUNDING: Final = 1e-6


@dataclass(frozen=True)
class Choice:
    """What is asked: criteria, scenarios as cases, and their probabilities, None where the workbook has none."""

    criteria: tuple[str, ...]
    cases: tuple[Case, ...]
    probability: FloatArray | None
    notices: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The scenarios."""
        return tuple(case.scenario for case in self.cases)


def choose(case: Case, criterion: str | Sequence[str] | None, scenarios: Sequence[str] | None) -> Choice:
    """Check what is asked of a workbook.

    Raises
    ------
    UsageError
        Where there is no such criterion or scenario, only one scenario, nothing to build, no price of unserved demand,
        or no probabilities for a criterion that needs them; all of these at once.
    """
    names = list(dict.fromkeys(runnable(case) if scenarios is None else scenarios))
    cases = tuple(with_scenario(case, name) for name in names)
    faults = [*_faults(case, cases), *_unknown(criterion)]
    probability, notices, missing = probabilities(case, names)
    criteria = (criterion,) if isinstance(criterion, str) else tuple(dict.fromkeys(criterion or ()))
    if not criteria:
        criteria = CRITERIA if probability is not None and not missing else ("regret",)
    needy = [name for name in criteria if name != "regret"]
    if needy and (probability is None or missing):
        where = f" (blank: {', '.join(missing)})" if missing else ""
        faults.append(
            f"The criterion {' and '.join(needy)} needs a probability of each scenario, in the sheet Scenarios{where}; "
            "--criterion regret needs none."
        )
    if faults:
        raise UsageError("\n".join(faults))
    return Choice(criteria, cases, None if missing else probability, tuple(notices))


def _faults(case: Case, cases: Sequence[Case]) -> list[str]:
    faults = []
    if not len(case["Projects"]):
        faults.append("There is nothing to plan: the sheet Projects has no rows.")
    if len(cases) < 2:
        only = f"only {cases[0].scenario!r} is" if cases else "none is"
        faults.append(
            f"A plan that survives needs at least two scenarios, and {only} marked run; add rows to Scenarios and "
            "Changes, or name more with --scenario."
        )
    firm = next((cell for one in cases for cell in _firm(one)), "")
    if firm and case.settings.unserved_price is None:
        faults.append(
            "A plan for several scenarios needs the setting unserved_price (USD per unit of firm demand that is not "
            f"met): firm demand such as {firm} would have to be met in every scenario whatever was built, and one in "
            "which it cannot be would rule out every plan."
        )
    alien = [one.scenario for one in cases[1:] if structure_of(one) != structure_of(cases[0])]
    if alien:
        faults.append(f"{', '.join(alien)} and {cases[0].scenario} differ in more than numbers, such as demand_steps.")
    return faults


def _firm(case: Case) -> list[str]:
    rows = np.flatnonzero((case.number("Demand", "firm") > 0).any(axis=1))
    return [case.source_cell("Demand", int(row), "firm") for row in rows[:1].tolist()]


def _unknown(criterion: str | Sequence[str] | None) -> list[str]:
    asked = [criterion] if isinstance(criterion, str) else criterion or ()
    return [
        f"There is no criterion {name!r}. {Names(CRITERIA).hint(name) or 'They are ' + ', '.join(CRITERIA) + '.'}"
        for name in asked
        if name not in CRITERIA
    ]


def probabilities(case: Case, names: Sequence[str]) -> tuple[FloatArray | None, list[str], list[str]]:
    """Probabilities of some scenarios given that one of them comes true, notices, and the cells that are blank."""
    sheet = case["Scenarios"]
    given = case.number("Scenarios", "probability")[:, 0] if len(sheet) else np.empty(0)
    found = np.array([given[sheet.position[name]] if name in sheet.position else np.nan for name in names])
    if np.isnan(found).all():
        return None, [], []
    blank = [name for name, value in zip(names, found.tolist(), strict=True) if np.isnan(value)]
    cells = [sheet.cell(sheet.position[name], "probability") if name in sheet.position else name for name in blank]
    total = float(found.sum())
    if blank:
        return found, [], cells
    if total <= 0:
        return found, [], [f"{', '.join(names)} have the probability 0"]
    if abs(total - 1) <= _ROUNDING:
        return found, [], []
    notice = f"The probabilities of {', '.join(names)} add up to {total:.6g}; each is divided by that."
    return found / total, [notice], []
