"""How sure the largest flows are: what they could be at the same value, and at nearly the same."""

from __future__ import annotations

from typing import Any

from model.results.declare import Extras, ResultColumn, result_table
from model.results.flows import FAMILY, PERIOD, SURE, UNIT
from model.solution import Solution


@result_table(
    "How sure",
    "How sure are the largest flows of the first year after records: what could they be at nearly the same value?",
    key=("link", "family", "period"),
    columns=(
        ResultColumn("link", "The link"),
        FAMILY,
        PERIOD,
        ResultColumn("flow", "Volume entering the link, all grades of the family", format="volume"),
        ResultColumn("least", "Least that it could be at the same value", format="volume"),
        ResultColumn("most", "Most that it could be at the same value", format="volume"),
        ResultColumn(
            "least_nearly",
            "Least that it could be if that may cost up to ``give``, other periods as they are",
            format="volume",
        ),
        ResultColumn("most_nearly", "Most that it could be then", format="volume"),
        UNIT,
        ResultColumn("give", "1 % of what the family earns in the period, discounted", "million USD", "money"),
        SURE,
    ),
    needs=("sureness",),
)
def how_sure(_: Solution, extras: Extras) -> dict[str, Any]:
    """One row per link and family, the largest first; none where it was not asked."""
    found = extras.sureness or {}
    return {column.name: found.get(column.name, []) for column in how_sure.columns[1:]}
