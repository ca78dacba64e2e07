"""Probabilities of scenarios: each faulty column is told with its cells."""

from __future__ import annotations

from typing import Any

import pytest

from model.errors import WorkbookError
from tests.cases import read
from tests.plan_cases import three_ways


def said(*probability: Any, run: tuple[str, str, str] = ("yes", "yes", "yes")) -> str:
    """What is said of the scenarios base, slump and crisis with these probabilities."""
    sheets = three_ways(None)
    for row, value, word in zip(sheets["Scenarios"], probability, run, strict=True):
        row.update(probability=value, run=word)
    try:
        read(sheets)
    except WorkbookError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("good", [(None, None, None), (0.6, 0.3, 0.1), (1, 0, 0), (0.3333333, 0.3333333, 0.3333333)])
def test_none_or_one_in_all(good: tuple[float | None, ...]) -> None:
    assert said(*good) == ""


def test_what_does_not_add_up_names_its_cells() -> None:
    text = said(0.6, 0.3, 0.2)
    assert "Scenarios!C2  row 'base', column 'probability'" in text
    assert "holds '0.6'; needs probabilities of the scenarios marked run that add up to 1; these add up to 1.1." in text
    assert "They are C2 = 0.6, C3 = 0.3, C4 = 0.2." in text


def test_some_blank_are_each_named() -> None:
    text = said(0.6, None, None)
    assert "2 places to mend" in text
    for cell, name in (("C3", "slump"), ("C4", "crisis")):
        assert f"Scenarios!{cell}  row '{name}', column 'probability'\n    is blank; needs a probability" in text
    assert "a plan by regret needs none" in text


def test_negative_and_above_one_are_refused() -> None:
    assert "C3" in said(0.6, -0.3, 0.7)
    assert "C2" in said(60, 30, 10)


def test_what_is_not_run_does_not_count() -> None:
    assert said(0.7, 0.3, None, run=("yes", "yes", "no")) == ""
    assert said(0.7, 0.3, 0.5, run=("yes", "yes", "no")) == ""
    assert "add up to 0.9" in said(0.6, 0.3, 0.1, run=("yes", "yes", "no"))


def test_base_needs_a_row_of_its_own() -> None:
    sheets = three_ways()
    del sheets["Scenarios"][0]
    with pytest.raises(WorkbookError, match="needs a row for 'base', which is run as well"):
        read(sheets)
