"""Ranges: how far a number may move before the plan changes, by hand and by re-solves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest
from cases import demand, link, read, supply, tables, years

from model.analysis.ranging import Range, ranging, tightest, verify
from model.api import read_case
from model.engine import Engine

INPUTS = Path(__file__).resolve().parent.parent / "inputs"


def two_routes() -> Engine:
    """Ten from one field: near pays 100 − 10 = 90 for at most 6, far 100 − 30 = 70 for the rest, lifted at 20."""
    case = read(
        tables(
            Supply=[supply("s", "field", "crude", 10, 20)],
            Demand=[demand("near", "east", "crude", 6, 100), demand("far", "west", "crude", 50, 100)],
            Links=[link("short", "field", "east", "crude", 10), link("long", "field", "west", "crude", 30)],
        )
    )
    return Engine([case])


def of(engine: Engine, sheet: str, key: str, column: str) -> Range:
    case = engine.cases[0]
    row = case[sheet].position[key]
    return next(one for one in ranging(engine, case).ranges if (one.sheet, one.row, one.column) == (sheet, row, column))


@pytest.mark.parametrize(
    ("sheet", "key", "column", "fall", "rise"),
    [
        # at 30 both routes net the same; below 10 it is only better
        ("Links", "short", "tariff", np.inf, 20),
        # 20 dearer or 20 cheaper than the other; at 80 (50 more) the far sale covers its lifting cost no longer
        ("Links", "long", "tariff", 20, 50),
        ("Supply", "s", "cost", np.inf, 50),
        # the last four go far: four less and none does, and from 56 on both markets are full
        ("Supply", "s", "capacity", 4, 46),
        ("Demand", "near", "volume", 6, 4),
    ],
)
def test_intervals_by_hand(sheet: str, key: str, column: str, fall: float, rise: float) -> None:
    one = of(two_routes(), sheet, key, column)
    assert (one.fall, one.rise) == pytest.approx((fall, rise))


def test_a_bound_that_moves_towards_a_flow_which_it_does_not_hold_yet() -> None:
    """A pipe of 8 Mt carries 8 of 10 in 2026 and all 6 of 2027: 2 less and 2027 is full, 2 more and 2026 is not."""
    case = read(
        tables(
            periods=years(2026, 2),
            Supply=[supply("s", "field", "crude", 10, 20)],
            Demand=[demand("far", "west", "crude", 50, 100)],
            Links=[link("pipe", "field", "west", "crude", 10, capacity=8)],
            Series=[{"sheet": "Supply", "key": "s", "column": "capacity", "2027": 6}],
        )
    )
    one = of(Engine([case]), "Links", "pipe", "capacity")
    assert (one.fall, one.rise) == pytest.approx((2, 2))


def test_the_rival_is_named() -> None:
    one = of(two_routes(), "Links", "short", "tariff")
    assert one.above
    assert not one.below


def test_a_small_room_is_marked_as_tight() -> None:
    assert Range("Links", 0, "tariff", 100.0, 4.9, np.inf, "", "").tight
    assert not Range("Links", 0, "tariff", 100.0, 5.1, np.inf, "", "").tight


def test_the_tightest_intervals_of_the_base_workbook_hold_when_re_solved() -> None:
    """Inside the plan must hold always; beyond, it may hold a little longer where the optimum is degenerate."""
    case = read_case(INPUTS / "caspian.xlsx")
    engine = Engine([case])
    found = ranging(engine, case)
    proofs = [verify(engine, case, one) for one in tightest(found, 12)]
    assert all(inside for inside, _ in proofs), proofs
    assert sum(outside for _, outside in proofs) >= 4, proofs


def test_the_workbook_repeats_the_input_with_notes(tmp_path: Path) -> None:
    from model.cli import main

    assert main(["ranging", str(INPUTS / "tutorial.xlsx"), "--out", str(tmp_path / "out")]) == 0
    book = openpyxl.load_workbook(tmp_path / "out" / "ranging" / "ranging.xlsx")
    entered = openpyxl.load_workbook(INPUTS / "tutorial.xlsx")
    noted = 0
    for sheet in book.worksheets[1:]:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.comment is not None:
                    noted += 1
                    assert cell.value == entered[sheet.title][cell.coordinate].value
                    assert cell.comment.text.startswith("The plan stays")
    assert noted >= 10
