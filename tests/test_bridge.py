"""The bridge between two scenarios: parts by hand, adding up, and merged where one alone has no plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model import read_case
from model.analysis.bridge import Bridge, bridge
from model.case import Case
from model.engine import Engine
from model.errors import UsageError
from model.scenario import with_scenario
from tests.cases import demand, link, read, rich_tables, supply, tables

ROOT = Path(__file__).resolve().parent.parent


def _scenarios(changes: list[tuple[Any, ...]], **sheets: Any) -> tuple[Case, Case]:
    rows = [
        dict(zip(("scenario", "sheet", "key", "column", "change", "value"), ("other", *row), strict=True))
        for row in changes
    ]
    base = tables(
        Supply=[supply("wells", "field", "crude", 10, 20)],
        Demand=[demand("city", "east", "crude", 6, 100)],
        Links=[link("pipe", "field", "east", "crude", 10, capacity=8)],
    )
    case = read({**base, **sheets, "Scenarios": [{"scenario": "other", "run": "yes"}], "Changes": rows})
    return case, with_scenario(case, "other")


def test_parts_of_two_changes_by_hand() -> None:
    """6 t at 100 − 20 − 10 = 70: 420. Price 120: 540. Volume 8: 560. Both: 720.

    Price: ½·(120 + 160) = 140; demand: ½·(140 + 180) = 160; together 300.
    """
    start, end = _scenarios([("Demand", "city", "price", "set", 120), ("Demand", "city", "volume", "set", 8)])
    found = bridge(Engine([start, end]), start, end)
    assert {name: change for name, change, _, _ in found.parts} == pytest.approx({"prices": 140, "demand": 160})
    table = found.table()
    assert table["step"].tolist() == ["base", "demand", "prices", "other"]
    assert table["value_after"].tolist() == pytest.approx([420, 580, 720, 720])


def test_a_group_that_has_no_plan_alone_is_merged_with_the_one_that_it_needs() -> None:
    """Firm demand of 9 needs a pipe of 9: alone it has no plan. 6·70 = 420 becomes 630, and at a tariff of 5 675."""
    start, end = _scenarios(
        [
            ("Demand", "city", "volume", "set", 9),
            ("Demand", "city", "firm", "set", 9),
            ("Links", "pipe", "capacity", "set", 9),
            ("Links", "pipe", "tariff", "set", 5),
        ]
    )
    found = bridge(Engine([start, end]), start, end)
    parts = {name: (change, note) for name, change, _, note in found.parts}
    assert set(parts) == {"capacities + demand", "tariffs and losses"}
    assert "merged" in parts["capacities + demand"][1]
    assert sum(change for change, _ in parts.values()) == pytest.approx(675 - 420)
    # tariff: half of 6·5 and 9·5; both: half of 210 and 225
    assert parts["tariffs and losses"][0] == pytest.approx((30 + 45) / 2)
    assert parts["capacities + demand"][0] == pytest.approx((210 + 225) / 2)


def test_an_end_without_a_plan_has_no_bridge() -> None:
    start, end = _scenarios([("Demand", "city", "firm", "set", 6), ("Links", "pipe", "capacity", "set", 1)])
    with pytest.raises(UsageError, match="other has no optimum"):
        bridge(Engine([start, end]), start, end)


def test_nothing_changed_is_a_bridge_without_parts() -> None:
    start, _ = _scenarios([])
    found = bridge(Engine([start]), start, start)
    assert (found.parts, found.before) == ((), pytest.approx(420))


def test_every_sheet_with_numbers_belongs_to_a_group() -> None:
    """Rows of a sheet without a group would be exchanged with the settings, unseen."""
    from model.analysis.bridge import _OF_SHEET

    told = {"Settings", "Periods", "Nodes", "Series", "Scenarios", "Changes", "Ranges", "Observed", "Sources"}
    assert set(read(rich_tables()).sheets) <= set(_OF_SHEET) | told


def test_bridges_of_the_shipped_workbook_add_up() -> None:
    case = read_case(ROOT / "inputs" / "caspian.xlsx")
    low, tcp = with_scenario(case, "brent_low"), with_scenario(case, "russia_closed")
    engine = Engine([case, low, tcp])
    for start, end in ((case, low), (low, tcp)):
        found = bridge(engine, start, end)
        assert found.before + sum(change for _, change, _, _ in found.parts) == pytest.approx(found.after, rel=1e-9)
        assert engine.solve(end).objective == pytest.approx(found.after, rel=1e-7), "cold, alone"
    assert len(found.parts) >= 2


def test_each_step_starts_where_the_one_before_it_ended() -> None:
    """10 + 1 + 2 + 3 = 16."""
    parts = (("prices", 1.0, 1, ""), ("capacities", 2.0, 1, ""), ("supply", 3.0, 1, ""))
    table = Bridge("low", "high", 10.0, 16.0, parts).table().set_index("step")
    assert table["value_before"].tolist() == [0, 10, 11, 13, 0]
    assert table["value_after"].tolist() == [10, 11, 13, 16, 16]
