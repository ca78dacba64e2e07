"""A choice among projects that takes a solver far longer than a test may: many knapsacks at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.cases import Row, Tables, demand, link, supply, tables

PROJECTS, FUNDS = 60, 6


def hard_choice(projects: int = PROJECTS, *, settings: dict[str, Any] | None = None) -> Tables:
    """Projects that each open a field of their own, paid by six funds of which each has half of what is asked.

    Worth and cost go together, so that bounds from parts of units say little and a search over whole units is long.
    """
    chance = np.random.default_rng(4)
    shares = chance.dirichlet(np.ones(FUNDS), projects)
    capex = chance.integers(50, 150, projects)
    size = np.round(capex / 100 * chance.uniform(0.95, 1.05, projects), 3)
    return tables(
        settings=settings or {},
        Supply=[supply(f"field {i}", "field", "crude", 0) for i in range(projects)],
        Demand=[demand("east", "east", "crude", "unlimited", 400)],
        Links=[link("pipe", "field", "east", "crude", capacity=1e4)],
        Projects=[_project(i, float(size[i]), float(capex[i]), shares[i]) for i in range(projects)],
        Funds=[{"fund": f"fund {f}", "budget": float((shares[:, f] * capex).sum() / 2)} for f in range(FUNDS)],
    )


def _project(i: int, size: float, capex: float, shares: Any) -> Row:
    whole = np.round(shares * 100, 2)
    whole[0] += 100 - whole.sum()
    return {
        "project": f"project {i}", "adds_to": f"field {i}", "size": size, "max_units": 1, "whole_units": "yes",
        "capex": capex, "life_years": 1, "funds": ", ".join(f"fund {f} {share:.2f}" for f, share in enumerate(whole)),
    }  # fmt: skip
