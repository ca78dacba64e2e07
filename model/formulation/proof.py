"""Prove on a few periods that the Pyomo model and the arrays are one formulation.

Every period repeats the same rules and the same vectorised arrays, so a large case need not be built whole in Pyomo: it
is cut to its first two and its last two periods, and to two in which a contract year follows another: in months only
those hold what one year makes up of another. Where nothing joins periods, the first and the last alone do. In a cut
projects work at once, since two periods may be shorter than any lead; the lead is a number that both forms read from
one array.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from model.case import Case
from model.formulation.build import build_model
from model.formulation.layout import build_layout, evaluate
from model.formulation.program import assemble, compile_model, prove_equal
from model.horizon import with_periods
from model.network import build_network
from model.parameters import build_parameters


def prove_on_cuts(cases: Sequence[Case], *, joined: bool = True) -> None:
    """Build, compile and compare pairs of periods of a workbook's scenarios: first, last, and at a turn of the year.

    ``joined`` says whether anything joins periods. Raises AuditError where the Pyomo model and the arrays differ.
    """
    labels = cases[0].periods
    for first, last in _pairs(cases[0]) if joined else dict.fromkeys([(labels[0],) * 2, (labels[-1],) * 2]):
        cuts = [_at_once(with_periods(case, first, last)) for case in cases]
        network = build_network(cuts)
        parameters = build_parameters(cuts[0], network)
        layout = build_layout(cuts[0], network, parameters)
        values = evaluate(cuts[0], layout, parameters)
        compiled = compile_model(build_model(cuts[0], layout, parameters, values), layout, values)
        prove_equal(compiled, assemble(layout, values), layout)


def _pairs(case: Case) -> list[tuple[str, str]]:
    """First and last label of each cut."""
    labels = case.periods
    turns = [(labels[i], labels[i + 1]) for i in np.flatnonzero(np.diff(case.year))[:1].tolist()]
    return list(dict.fromkeys([(labels[0], labels[:2][-1]), *turns, (labels[-2:][0], labels[-1])]))


def _at_once(case: Case) -> Case:
    """The case with projects that work from the period in which they are built."""
    projects = case["Projects"]
    numbers = {**projects.numbers, "lead_years": np.zeros_like(projects.numbers["lead_years"])}
    return replace(case, sheets={**case.sheets, "Projects": replace(projects, numbers=numbers)})
