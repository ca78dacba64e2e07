"""The sheet Ranges: what its values mean, and one broken cell a rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from model.case import Case
from model.errors import WorkbookError
from model.workbook.checks import validate
from model.workbook.ranges import Range, correlations, factors_of, is_positive_definite, ranges_in
from model.workbook.raw import raw_from_tables
from tests.tiny import Tables, tiny


def case_of(tables: Tables) -> Case:
    return validate(raw_from_tables(tables))


def named(name: str, **cells: Any) -> Range:
    tables = tiny()
    row = next(row for row in tables["Ranges"] if row["range"] == name)
    row.update(cells)
    return next(one for one in ranges_in(case_of(tables)) if one.name == name)


def test_uniform_values_lie_evenly() -> None:
    assert named("oil price").at(np.array([0, 0.25, 1])) == pytest.approx([0.8, 0.9, 1.2])


def test_a_triangle_has_its_peak_at_the_likeliest_value() -> None:
    """From 10 over 18 to 20: the left part holds 8/10 of all cases, half of its height at the middle: a quarter of it.

    The share below 14 is (14 − 10)² ÷ (10·8) = 0.2; above 19 lies (20 − 19)² ÷ (10·2) = 0.05.
    """
    assert named("pipe").at(np.array([0, 0.2, 0.8, 0.95, 1])) == pytest.approx([10, 14, 18, 19, 20])
    assert named("pipe", likely=None).likely == 15


def test_normal_and_lognormal_go_through_low_and_high_at_one_in_twenty() -> None:
    shares = np.array([0.05, 0.5, 0.95])
    assert named("gas price").at(shares) == pytest.approx([-5, 0, 5])
    lognormal = named("oil price", distribution="lognormal", low=0.5, high=2)
    assert lognormal.at(shares) == pytest.approx([0.5, 1, 2])


def test_tails_end_at_one_in_a_thousand() -> None:
    """5 ÷ 1.6449 · 3.0902 = 9.393."""
    assert named("gas price").extremes == pytest.approx((-9.393, 9.393), abs=1e-3)


def test_a_value_that_stands_twice_comes_up_twice_as_often() -> None:
    one = named("tariff")
    assert (one.low, one.high) == (0.9, 1.3)
    assert one.at(np.array([0, 0.24, 0.25, 0.74, 0.75, 1])).tolist() == [0.9, 0.9, 1, 1, 1.3, 1.3]
    two = named("tariff", values=None, low=0.9, high=1.1)
    assert two.at(np.array([0.49, 0.51])).tolist() == [0.9, 1.1]


def test_a_group_is_one_factor_and_correlations_are_symmetric() -> None:
    case = case_of(tiny())
    factors = factors_of(ranges_in(case))
    assert {name: [one.name for one in ranges] for name, ranges in factors.items()} == {
        "prices": ["oil price", "gas price"],
        "pipe": ["pipe"],
        "tariff": ["tariff"],
    }
    assert correlations(case).tolist() == [[1, 0.5, 0], [0.5, 1, -0.3], [0, -0.3, 1]]
    assert is_positive_definite(correlations(case))


# row, cells, place in the message, what it says
BROKEN: list[tuple[int, dict[str, Any], str, str]] = [
    (0, {"sheet": "Marker"}, "Ranges!B2", "Nearest valid name: 'Markers'."),
    (0, {"sheet": "Nodes"}, "Ranges!B2", "a sheet whose values can be changed"),
    (0, {"key": "Brint"}, "Ranges!C2", "Nearest valid name: 'Brent'."),
    (3, {"key": "rail_*"}, "Ranges!C5", "Nothing matches 'rail_*'."),
    (2, {"column": "capactiy"}, "Ranges!D4", "Nearest valid name: 'capacity'."),
    (2, {"column": "mode"}, "Ranges!D4", "Columns of Links that can be changed"),
    (2, {"column": "opens"}, "Ranges!D4", "a column of numbers"),
    (1, {"period": "2027..2031"}, "Ranges!I3", "holds '2031'; needs a period"),
    (0, {"low": 1.5}, "Ranges!F2", "holds '1.5'; needs a number of at most 'high' (1.2)"),
    (0, {"low": None}, "Ranges!F2", "is blank; needs a number."),
    (0, {"distribution": "gaussian"}, "Ranges!I2", "one of: uniform, triangular, normal, lognormal"),
    (0, {"distribution": "lognormal", "low": 0}, "Ranges!F2", "a number above 0, since the distribution is lognormal"),
    (0, {"likely": 1}, "column 'likely'", "a blank cell, since the distribution is not triangular"),
    (2, {"likely": 30}, "column 'likely'", "a number from low to high (10 to 20)"),
    (3, {"values": "1; two"}, "Ranges!", "holds 'two'; needs numbers separated by semicolons"),
    (3, {"low": 1}, "Ranges!F5", "a blank cell, since 'values' gives the values of the choice"),
    (3, {"values": None, "low": 1}, "Ranges!G5", "needs a number, or several in 'values'"),
    (0, {"values": "1; 2"}, "column 'values'", "a blank cell, since the distribution is no choice"),
    (2, {"low": -1}, "Ranges!F4", "holds '-1'; needs a number of at least 0"),
    (1, {"low": -20, "high": 20}, "Ranges!F3", "for 'Hub' it is -7.57455685458.\n    The normal distribution reaches"),
    (3, {"key": "gas_pipe", "column": "capacity", "values": "0.9; -1"}, "Ranges!M5", "for 'gas_pipe' it is -9"),
    (2, {"sheet": "Settings", "key": "demand_steps", "column": "value"}, "Ranges!J4", "a whole number"),
    (2, {"key": "gas_pipe", "low": 0.5}, "Ranges!F4", "leaves in Links:gas_pipe:minimum a number of at most"),
    (3, {"key": "*pipe", "column": "capacity"}, "Ranges!C5", "Ranges!A4 sets Links:pipe:capacity too"),
    (2, {"correlated": "tarif 0.3"}, "column 'correlated'", "holds 'tarif'; needs names of ranges or groups.\n"
     "    Nearest valid name: 'tariff'."),
    (2, {"correlated": "tariff 3"}, "column 'correlated'", "holds 'tariff 3'; needs names, each with a number from -1"),
    (2, {"correlated": "pipe 0.3"}, "column 'correlated'", "a range that does not move together with this one"),
    (0, {"correlated": "pipe 0.4"}, "column 'correlated'", "needs one correlation for two ranges"),
    (3, {"correlated": "prices 0.9"}, "column 'correlated'", "these are not positive definite"),
    (3, {"group": "pipe", "correlated": None}, "column 'correlated'", "does not move together with this one"),
    (3, {"group": "oil price"}, "column 'group'", "The range 'oil price' is in the group 'prices'."),
]  # fmt: skip


@pytest.mark.parametrize(("row", "cells", "place", "text"), BROKEN)
def test_one_broken_cell(row: int, cells: dict[str, Any], place: str, text: str) -> None:
    tables = tiny()
    tables["Ranges"][row].update(cells)
    with pytest.raises(WorkbookError) as caught:
        case_of(tables)
    assert place in str(caught.value)
    assert text in str(caught.value)
    assert len(caught.value.issues) == 1


def test_two_ranges_may_set_a_number_in_different_periods() -> None:
    tables = tiny()
    tables["Ranges"][0]["period"] = "2026"
    tables["Ranges"].append({**tables["Ranges"][0], "range": "later", "period": "2027", "group": None})
    assert len(case_of(tables)["Ranges"]) == 5
