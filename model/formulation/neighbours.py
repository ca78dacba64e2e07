"""What projects add and use, by name, for the rules of the Pyomo model."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pyomo.environ as pyo

from model.case import Case
from model.formulation.layout import Layout
from model.formulation.projects import unit_share, users_of
from model.parameters import Parameters

Terms = list[tuple[float, Any]]


def attach_projects(m: pyo.ConcreteModel, case: Case, layout: Layout, p: Parameters) -> None:
    """Give the model ``added``, ``added_by``, ``used``, ``paid_by``, ``unit_share`` and ``minimum_use``."""
    net, names = layout.network, case["Projects"].keys
    targets: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for i, target in enumerate(net.targets):
        targets[target.sheet, case[target.sheet].keys[target.row]].append(i)
    by_project = {(names[net.targets[i].project], row): i for (_, row), found in targets.items() for i in found}

    def capacity_of(i: int, t: str, sign: float) -> Terms:
        project, end = net.targets[i].project, case.period_position[t]
        worth = sign * p.in_service[project, : end + 1, end] * p.target_size[i, end]
        return [(c, m.build[names[project], case.periods[b]]) for b, c in enumerate(worth.tolist())]

    def added(sheet: str, row: str, t: str) -> Terms:
        """Minus what projects in service add to a row, to stand on the left of its capacity."""
        return [term for i in targets[sheet, row] for term in capacity_of(i, t, -1.0)]

    def added_by(project: str, row: str, t: str) -> Terms:
        return capacity_of(by_project[project, row], t, -1.0)

    def used(project: str, row: str, t: str) -> Terms:
        target = net.targets[by_project[project, row]]
        block, items, values = users_of(net, p, target.sheet, target.row)
        keys, period = layout.columns[block].items, case.period_position[t]
        variables = getattr(m, block)
        forth = np.maximum(values[:, period], 0.0).tolist()
        return [(forth[i], variables[(*keys[item], t)]) for i, item in enumerate(items.tolist())]

    m.added, m.added_by, m.used = added, added_by, used
    m.unit_share = dict(zip(names, unit_share(p).tolist(), strict=True))
    m.minimum_use = dict(zip(names, p.minimum_use.tolist(), strict=True))
    m.paid_by = _payers(case, p)


def _payers(case: Case, p: Parameters) -> defaultdict[tuple[str, str], Terms]:
    payers: defaultdict[tuple[str, str], Terms] = defaultdict(list)
    for fund, project in np.argwhere(p.fund_share > 0).tolist():
        for t, label in enumerate(case.periods):
            amount = float(p.fund_share[fund, project] * p.build_capex[project, t])
            payers[case["Funds"].keys[fund], label].append((case["Projects"].keys[project], amount))  # type: ignore[arg-type]
    return payers
