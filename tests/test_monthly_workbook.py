"""The shipped monthly workbook: in order, sourced row by row, and it answers what an outage of the moorings costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from model import read_case, solve
from model.api import Run
from model.case import Case
from model.results.disruption import LOST, REROUTED, STORED
from model.results.summary import NET

MONTHLY = Path(__file__).parents[1] / "inputs" / "caspian_monthly.xlsx"
OUT = ("moorings_out_1", "moorings_out_2", "moorings_out_3")
MONTH = 365.25 / 12


@pytest.fixture(scope="module")
def monthly() -> Case:
    return read_case(MONTHLY)


@pytest.fixture(scope="module")
def base(monthly: Case) -> Run:
    return solve(monthly)


def test_two_years_of_months(monthly: Case) -> None:
    assert len(monthly.periods) == 24
    assert (monthly.periods[0], monthly.periods[-1]) == ("2024-01", "2025-12")
    assert monthly.years == pytest.approx([1 / 12] * 24)


def test_every_row_names_sources_that_are_declared_and_says_what_it_is(monthly: Case) -> None:
    declared = set(monthly["Sources"].keys)
    for name, sheet in monthly.sheets.items():
        if name == "Sources" or "source" not in sheet.words:
            continue
        for key, source in zip(sheet.keys, sheet.words["source"], strict=True):
            assert source, (name, key)
            unknown = {part.strip() for part in source.split(";")} - declared
            assert not unknown, (name, key, unknown)
    kinds = dict(zip(monthly["Sources"].keys, monthly.word("Sources", "kind"), strict=True))
    for store, source, note in zip(
        monthly["Storage"].keys, monthly.word("Storage", "source"), monthly.word("Storage", "note"), strict=True
    ):
        if all(kinds[part.strip()] in ("assumed", "remembered") for part in source.split(";")):
            assert note.startswith(("Assumed", "Remembered")), store


def test_demand_follows_the_seasons_and_keeps_the_year(monthly: Case) -> None:
    """The shares of a year add up to one, so that the mean rate of both Januaries is above that of both Julys."""
    row = monthly["Demand"].position["italy"]
    volume = monthly.number("Demand", "volume")[row]
    assert volume[0] > 1.5 * volume[6]
    assert volume[:12].mean() == pytest.approx(19.3, rel=1e-3)


def test_gas_is_put_away_in_summer_and_taken_out_in_winter_and_no_firm_demand_fails(base: Run) -> None:
    stores = base.stores
    gas = stores[stores["family"] == "gas"]
    month = gas["period"].str[5:].astype(int)
    assert gas.loc[~month.between(4, 10), "injected"].abs().max() < 1e-9
    assert gas.loc[month.between(4, 10), "withdrawn"].abs().max() < 1e-9
    assert gas["injected"].sum() > 1
    assert base.firm_demand["unserved"].abs().max() < 1e-9


def test_an_outage_loses_reroutes_stores_and_shuts_in_and_a_longer_one_costs_more(monthly: Case) -> None:
    lost = []
    for months, name in enumerate(OUT, 1):
        frame = solve(monthly, name).disruption
        oil = frame[(frame["family"] == "oil") & (frame["period"] != "total")]
        change = oil.pivot_table("change", "measure", "period", "sum")
        first = change["2025-02"]
        assert first[LOST] < 0 < first[REROUTED] < -first[LOST]
        assert first["production"] < 0 < change.loc[STORED].max()
        assert change[change.columns[change.columns < "2025-01"]].abs().to_numpy().max() < 1e-6
        net = frame[(frame["measure"] == NET) & (frame["family"] == "all") & (frame["period"] == "total")].iloc[0]
        assert net["days"] == pytest.approx(months * MONTH)
        assert net["change_per_day"] == pytest.approx(net["change"] / net["days"])
        lost.append(-net["change"])
    assert 0 < lost[0] < lost[1] < lost[2]
