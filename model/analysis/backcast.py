"""The backcast's counterfactual: the same case without contracts and limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from model.case import Case


def without_contracts_and_limits(case: Case) -> Case:
    """The case with no contract volume due, no ceiling and no limit on what moves; those on what is built stay.

    Only numbers differ, so that it is solved on the matrix of the case that it comes from.
    """
    contracts, limits = case["Contracts"], case["Limits"]
    nothing = {
        "volume": np.zeros_like(contracts.numbers["volume"]),
        "ceiling": np.full_like(contracts.numbers["ceiling"], np.nan),
    }
    moves = np.array([measure != "built" for measure in limits.words["measure"]], dtype=bool)[:, None]
    unlimited = {side: np.where(moves, np.nan, limits.numbers[side]) for side in ("at_most", "at_least")}
    return case.with_sheets(
        {
            "Contracts": replace(contracts, numbers={**contracts.numbers, **nothing}),
            "Limits": replace(limits, numbers={**limits.numbers, **unlimited}),
        }
    )
