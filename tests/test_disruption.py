"""What an outage costs, month by month: worked out by hand, and adding up in any case."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from model import solve
from model.results.disruption import CORRIDOR, LOST, REROUTED, STORED
from model.results.summary import LOSSES, NET
from tests.cases import Tables, demand, link, read, supply, tables

MONTHS = ["2026-01", "2026-02", "2026-03", "2026-04"]
DAYS = 365.25 / 12


def one_month_out(**changes: Any) -> Tables:
    """A field with a wide pipe, a narrow railway and a tank; see the first test."""
    sheets = tables(
        periods=[{"period": month, "year": 2026, "years": "1/12"} for month in MONTHS],
        Supply=[supply("field", "field", "crude", 12)],
        Demand=[demand("west", "west", "crude", 99, 100)],
        Links=[link("pipe", "field", "west", "crude", 10), link("railway", "field", "west", "crude", 30, capacity=3)],
        Assets=[{"asset": "pump", "capacity": 15}],
        Uses=[{"link": "pipe", "asset": "pump"}],
        Storage=[
            {"storage": "tank", "node": "field", "commodity": "crude", "capacity": 0.5, "inject": 99, "withdraw": 99}
        ],
        Scenarios=[
            {"scenario": "out", "run": "yes"},
            {"scenario": "out_for_good", "run": "yes"},
        ],
        Changes=[
            {"scenario": name, "sheet": "Assets", "key": "pump", "column": "availability", "period": period,
             "change": "set", "value": 0}
            for name, period in (("out", "2026-02"), ("out_for_good", "2026-02..2026-04"))
        ],
    )  # fmt: skip
    return {**sheets, **changes}


def table(scenario: str, sheets: Tables | None = None) -> pd.DataFrame:
    return solve(read(sheets or one_month_out()), scenario).table("Disruption")


def change(frame: pd.DataFrame, measure: str, name: str = "all", column: str = "change") -> list[float]:
    mine = frame[(frame["measure"] == measure) & (frame["name"] == name) & (frame["family"] != "all")]
    return list(mine.set_index("period")[column].loc[[*MONTHS, "total"]])


def near(values: list[float]) -> Any:
    return pytest.approx(values, abs=1e-9)


def test_of_a_lost_month_a_part_goes_round_a_part_into_the_tank_and_the_rest_stays_in_the_ground() -> None:
    """Each month the field gives 1 Mt, which earns 100 − 10 by pipe (1.25 Mt a month) and 100 − 30 by rail (0.25 Mt).

    In February the pipe stands still: 0.25 Mt go by rail, 0.5 fill the tank, 0.25 stay in the ground. In March and
    April the pipe has room for 0.25 Mt more each, which empty the tank. So the year lacks 0.25 Mt at 90 and earns 20
    less on the 0.25 Mt by rail: 22.5 + 5 = 27.5 million USD, of which 90 − 17.5 = 72.5 less in February and 22.5
    more in March and in April. The month has 365.25/12 days.
    """
    frame = table("out")
    assert change(frame, CORRIDOR, "pipe") == near([0, -1, 0.25, 0.25, -0.5])
    assert change(frame, CORRIDOR, "railway") == near([0, 0.25, 0, 0, 0.25])
    assert change(frame, LOST) == near([0, -1, 0, 0, -1])
    assert change(frame, REROUTED) == near([0, 0.25, 0.25, 0.25, 0.75])
    assert change(frame, STORED, "tank") == near([0, 0.5, -0.25, -0.25, 0])
    assert change(frame, "production", "field") == near([0, -0.25, 0, 0, -0.25])
    assert change(frame, "deliveries", "West") == near([0, -0.75, 0.25, 0.25, -0.25])
    assert change(frame, NET) == near([0, -72.5, 22.5, 22.5, -27.5])
    assert change(frame, NET, column="days") == near([0, DAYS, 0, 0, DAYS])
    per_day = change(frame, NET, column="change_per_day")
    assert np.isnan(per_day[:-1]).all()
    assert per_day[-1] == pytest.approx(-27.5 / DAYS)
    assert set(frame["scenario"]) == {"out"}


def test_what_is_usual_and_what_is_here_stand_beside_the_change() -> None:
    frame = table("out")
    assert change(frame, CORRIDOR, "pipe", "usual") == near([1, 1, 1, 1, 4])
    assert change(frame, CORRIDOR, "pipe", "here") == near([1, 0, 1.25, 1.25, 3.5])


def test_days_count_only_where_inputs_differ_and_a_change_without_end_is_no_disruption() -> None:
    assert table("out_for_good").empty
    assert table("base").empty


def test_what_does_not_change_has_no_row() -> None:
    sheets = one_month_out()
    sheets["Supply"].append(supply("other", "hub", "crude", 1))
    sheets["Demand"].append(demand("near", "hub", "crude", 5, 50))
    assert "other" not in set(table("out", sheets)["name"])


def test_production_is_delivered_stored_or_lost_in_change_too() -> None:
    """With losses on the way and in the tank every period still adds up."""
    sheets = one_month_out()
    sheets["Links"][0]["loss"] = 0.04
    sheets["Storage"][0]["loss"] = 0.2
    frame = table("out", sheets)
    sums = frame.pivot_table("change", "measure", "period", "sum")
    there = sums.reindex(["deliveries", STORED, LOSSES]).fillna(0.0).sum()
    assert (sums.loc["production"] - there).abs().max() < 1e-9
    assert sums.loc[LOSSES].abs().max() > 0.01


def test_a_cut_run_compares_the_same_periods() -> None:
    run = solve(read(one_month_out()), "out", periods=("2026-01", "2026-03"))
    frame = run.disruption
    assert list(frame["period"].unique()) == [*MONTHS[:3], "total"]
    assert frame["days"].max() == pytest.approx(DAYS)
