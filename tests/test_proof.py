"""The Pyomo model and the arrays are one formulation; on large cases that is proved on a few periods."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

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
