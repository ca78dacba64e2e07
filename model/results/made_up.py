"""Make-up by vintage: which shortfall is made up in which later contract year."""

from __future__ import annotations

from typing import Any

import numpy as np

from model.results.agreements import contract_year_ends
from model.results.declare import Extras, ResultColumn, result_table
from model.results.shape import names
from model.solution import Solution


@result_table(
    "Made up",
    "Which shortfall is made up when, and what comes back for it?",
    key=("contract", "short_year", "make_up_year"),
    columns=(
        ResultColumn("contract", "The contract"),
        ResultColumn("short_year", "Contract year of the shortfall", format="year"),
        ResultColumn("make_up_year", "Contract year in which it is made up", format="year"),
        ResultColumn("volume", "Volume made up, in the contract's unit over the year", format="volume"),
        ResultColumn("refunded", "What comes back for it in that year, undiscounted", "million USD", "money"),
    ),
)
def made_up(solution: Solution, _: Extras) -> dict[str, Any]:
    """One row per contract, year of a shortfall and year in which it may be made up."""
    case, net, p = solution.case, solution.network, solution.parameters
    years, ends = net.contract_years, contract_year_ends(solution)
    volume = solution["make_up"][:, 0]
    later = np.array([w for _, _, w in net.make_ups], dtype=np.int64)
    discount = p.discount[ends[later]] if len(later) else np.ones(0)
    return {
        "contract": names(case["Contracts"].keys[c] for c, _, _ in net.make_ups),
        "short_year": np.array([years[v] for _, v, _ in net.make_ups], dtype=np.int64),
        "make_up_year": np.array([years[w] for _, _, w in net.make_ups], dtype=np.int64),
        "volume": volume,
        "refunded": p.make_up_refund * volume / discount,
    }
