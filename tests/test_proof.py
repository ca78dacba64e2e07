"""The Pyomo model and the arrays are one formulation; on large cases that is proved on a few periods."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model.errors import AuditError
from model.formulation import proof
from tests.small_cases import Tables, case_of, one_route


def many_periods(count: int) -> Tables:
    tables = one_route()
    tables["Periods"] = [{"period": str(2026 + i), "year": 2026 + i, "years": 1} for i in range(count)]
    tables["Demand"][0]["firm"] = 2
    tables["Limits"] = [{"limit": "quota", "measure": "flow", "what": "link=ship", "at_most": 90, "per": "horizon"}]
    tables["Contracts"] = [
        {
            "contract": "deal",
            "type": "ship-or-pay",
            "applies_to": "ship",
            "volume": 1,
            "shortfall_price": 1,
            "opens": "2026",
        }
    ]
    return tables


@pytest.mark.parametrize("count", [1, 2, 3, 9])
def test_a_sound_formulation_is_proved(count: int) -> None:
    proof.prove_on_cuts([case_of(many_periods(count))])


@pytest.mark.parametrize(
    ("part", "says"),
    [("matrix", "coefficients"), ("cost", "cost"), ("upper", "upper bounds"), ("row_upper", "right-hand")],
)
def test_arrays_that_differ_from_the_pyomo_model_are_caught(
    part: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(program: Any) -> Any:
        numbers = getattr(program, part).copy()
        numbers[0] += 1
        return replace(program, **{part: numbers})

    assemble = proof.assemble
    monkeypatch.setattr(proof, "assemble", lambda layout, values: broken(assemble(layout, values)))
    with pytest.raises(AuditError, match=says):
        proof.prove_on_cuts([case_of(many_periods(5))])


def months_with_make_up() -> Tables:
    """Two years of months; a contract that may be made up in the next year; a project that needs three months."""
    tables = many_periods(2)
    tables["Periods"] = [
        {"period": f"{year}-{month:02d}", "year": year, "years": 1 / 12}
        for year in (2026, 2027)
        for month in range(1, 13)
    ]
    tables["Contracts"][0].update(opens="2026-01", make_up_years=1)
    tables["Links"][0]["capacity"] = 9
    project = {"project": "loop", "adds_to": "pipe", "size": 2, "max_units": 1, "whole_units": "no", "capex": 10}
    tables["Projects"] = [{**project, "lead_years": 0.25, "life_years": 9}]
    return tables


@pytest.mark.parametrize(("column", "row"), [("make_up", "contract_lifting"), ("build", "link_capacity")])
def test_what_joins_years_and_what_is_added_is_compared_in_months_too(
    column: str, row: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the arrays alone, half of what is made up counts, or half of what a project adds."""
    assemble = proof.assemble

    def broken(layout: Any, values: Any) -> Any:
        program = assemble(layout, values)
        rows, columns = layout.rows[row].slice, layout.columns[column].slice
        row_of = np.repeat(np.arange(len(program.row_upper)), np.diff(program.starts))
        mine = (row_of >= rows.start) & (row_of < rows.stop)
        mine &= (program.indices >= columns.start) & (program.indices < columns.stop)
        return replace(program, matrix=np.where(mine, 0.5 * program.matrix, program.matrix))

    case = case_of(months_with_make_up())
    proof.prove_on_cuts([case])
    monkeypatch.setattr(proof, "assemble", broken)
    with pytest.raises(AuditError, match="coefficients"):
        proof.prove_on_cuts([case])
