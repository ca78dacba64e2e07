"""Prove on a few periods that the Pyomo model and the arrays are one formulation.

Every period repeats the same rules and the same vectorised arrays, so a large case need not be built whole in Pyomo: it
is cut to its first and to its last two periods, which hold every kind of row, also those that join periods.
"""

from __future__ import annotations

from collections.abc import Sequence

from model.case import Case
from model.formulation.build import build_model
from model.formulation.layout import build_layout, evaluate
from model.formulation.program import assemble, compile_model, prove_equal
from model.horizon import with_periods
from model.network import build_network
from model.parameters import build_parameters


def prove_on_cuts(cases: Sequence[Case]) -> None:
    """Build, compile and compare the first two and the last two periods of a workbook's scenarios.

    Raises AuditError where the Pyomo model and the arrays differ.
    """
    labels = cases[0].periods
    for first, last in dict.fromkeys(((labels[0], labels[:2][-1]), (labels[-2:][0], labels[-1]))):
        cuts = [with_periods(case, first, last) for case in cases]
        network = build_network(cuts)
        parameters = build_parameters(cuts[0], network)
        layout = build_layout(cuts[0], network, parameters)
        values = evaluate(cuts[0], layout, parameters)
        compiled = compile_model(build_model(cuts[0], layout, parameters, values), layout, values)
        prove_equal(compiled, assemble(layout, values), layout)
