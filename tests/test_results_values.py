"""The worth of every scarce thing, in the unit that a table shows, against what one more of it really earns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from model.case import Case
from model.engine import Engine
from model.parameters.convert import discount_factors
from model.results.registry import one_table
from model.scenario import with_changes
from model.solution import Solution
from tests.cases import Tables, read, rich_tables, supply

DAYS = 365.25
STEP = 1e-4
# millions of what a value is per (t, bbl, 1000 m³, MWh, day), in one unit held for a year
MILLIONS = {"Mt": 1, "kt": 1e-3, "kb/d": DAYS / 1e3, "mb/d": DAYS, "bcm": 1, "mcm/d": DAYS / 1e3, "TWh": 1, "units": 1}


class Probe:
    """A case of which single cells are nudged up and down."""

    def __init__(self, sheets: Tables) -> None:
        self.case: Case = read(sheets)
        self.engine = Engine([self.case])
        self.solution: Solution = self.engine.solve(self.case)
        self.years = dict(zip(self.case.periods, self.case.years.tolist(), strict=True))
        self.discount = dict(zip(self.case.periods, discount_factors(self.case).tolist(), strict=True))
        self.goal = -1.0 if self.case.settings.objective == "cost" else 1.0

    def slopes(self, address: str, step: float = STEP) -> tuple[float, float]:
        """What the goal gains per unit of a cell, upwards and downwards, discounted million USD."""
        sheet, key, place = address.split(":")
        column, _, period = place.partition("@")
        row = self.case[sheet].position[key]
        value = float(self.case.number(sheet, column)[row, self.case.period(period.split("..")[0]) if period else 0])
        up, down = (
            self.engine.solve(with_changes(self.case, {address: value + sign * step}), ties=False) for sign in (1, -1)
        )
        assert (up.status, down.status) == ("optimal", "optimal"), address
        middle = self.solution.objective
        return self.goal * (up.objective - middle) / step, self.goal * (middle - down.objective) / step

    def assert_value(self, address: str, expected: float, step: float = STEP) -> None:
        """The dual lies between one more and one less; with these numbers all three are the same."""
        up, down = self.slopes(address, step)
        size = 1e-5 * max(1.0, abs(expected))
        assert up - size <= expected <= down + size, (address, up, expected, down)
        assert (up + down) / 2 == pytest.approx(expected, rel=1e-4, abs=1e-5), (address, up, expected, down)


@pytest.fixture(scope="module")
def rich() -> Probe:
    return Probe(rich_tables())


def rows(probe: Probe, name: str, keep: Callable[[pd.Series], bool]) -> list[Any]:
    """Rows of a table, told apart by attribute."""
    frame = one_table(name, probe.solution)
    return list(frame[frame.apply(keep, axis=1)].itertuples())


def test_what_one_more_unit_of_capacity_earns(rich: Probe) -> None:
    """Links and assets, by the cell of their capacity; a fleet by its vessels."""
    sheets = {"link": ("Links", "capacity"), "asset": ("Assets", "capacity"), "fleet": ("Fleets", "vessels")}
    found = rows(rich, "Capacity", lambda row: row["value"] > 0 and row["capacity"] > 0)
    assert {row.kind for row in found} == set(sheets)
    assert {row.unit for row in found} >= {"kb/d", "bcm", "Mt", "TWh", "vessel-days"}
    for row in found:
        sheet, column = sheets[row.kind]
        fleet = {name: values[0, 0] for name, values in rich.case["Fleets"].numbers.items()}
        millions = MILLIONS.get(row.unit, 0.0)
        if row.kind == "fleet":
            place = rich.case["Fleets"].position[row.name]
            fleet = {name: float(values[place, 0]) for name, values in rich.case["Fleets"].numbers.items()}
            millions = fleet["operating_days"] * (1 - fleet["reserved"]) / 1e6
        elif row.kind == "asset":
            place = rich.case["Assets"].position[row.name]
            millions *= float(rich.case["Assets"].numbers["availability"][place, 0])
        worth = row.value * millions * rich.years[row.period] * rich.discount[row.period]
        rich.assert_value(f"{sheet}:{row.name}:{column}@{row.period}", worth)


def test_what_one_more_unit_of_a_minimum_costs(rich: Probe) -> None:
    sheets = {"link": "Links", "asset": "Assets"}
    found = rows(rich, "Capacity", lambda row: row["cost_of_minimum"] > 0)
    assert {row.kind for row in found} == set(sheets)
    assert {row.name for row in found} >= {"detour", "gas_detour", "relic"}
    for row in found:
        cost = row.cost_of_minimum * MILLIONS[row.unit] * rich.years[row.period] * rich.discount[row.period]
        rich.assert_value(f"{sheets[row.kind]}:{row.name}:minimum@{row.period}", -cost)


def test_what_one_more_unit_of_supply_earns_or_costs(rich: Probe) -> None:
    units = {"light": MILLIONS["kb/d"] / 7.93, "ore": MILLIONS["kt"]}
    found = rows(rich, "Production", lambda row: row["rent"] > 0 or row["cost_of_minimum"] > 0)
    assert {row.supply for row in found} >= {"light", "stripper"}
    for row in found:
        column, worth = ("capacity", row.rent) if row.rent > 0 else ("minimum", -row.cost_of_minimum)
        worth *= units.get(row.supply, 1.0) * rich.years[row.period] * rich.discount[row.period]
        rich.assert_value(f"Supply:{row.supply}:{column}@{row.period}", worth)


def test_what_one_more_unit_in_the_ground_is_worth(rich: Probe) -> None:
    found = rows(rich, "Production", lambda row: row["reserve_value"] > 0)
    assert {row.supply for row in found} == {"old"}
    rich.assert_value("Supply:old:reserves", found[0].reserve_value)


def test_what_one_more_unit_of_firm_demand_costs(rich: Probe) -> None:
    found = rows(rich, "Firm demand", lambda row: row["cost_of_firm"] > 0)
    assert {row.demand for row in found} >= {"town", "refinery"}
    for row in found:
        cost = row.cost_of_firm * MILLIONS[row.unit] * rich.years[row.period] * rich.discount[row.period]
        rich.assert_value(f"Demand:{row.demand}:firm@{row.period}", -cost)


def test_firm_demand_in_another_unit() -> None:
    """The village's 9.1 mcm/d at a dear price must all be met: the cost is per 1000 m³, and firm is in mcm/d."""
    sheets = rich_tables()
    village = next(row for row in sheets["Demand"] if row["demand"] == "village")
    village.update(firm=9.0, price=-417.0)
    probe = Probe(sheets)
    found = rows(probe, "Firm demand", lambda row: row["demand"] == "village")
    for row in found:
        assert (row.unit, row.cost_unit) == ("mcm/d", "USD/1000 m³")
        assert row.cost_of_firm > 100
        cost = row.cost_of_firm * MILLIONS["mcm/d"] * probe.years[row.period] * probe.discount[row.period]
        probe.assert_value(f"Demand:village:firm@{row.period}", -cost)


def test_what_one_more_unit_under_a_contract_costs_or_earns(rich: Probe) -> None:
    """Of contract years with one period only, so that the cell of that period is the year's."""
    share = {"ship_trunk": 0.9, "ship_gas": 0.83, "take_power": 0.6}
    found = [row for row in rows(rich, "Contract balance", lambda row: row["year"] != 2026) if row.cost_of_due > 0]
    assert {row.contract for row in found} >= {"ship_trunk", "berth", "empty"}
    for row in found:
        period = str(row.year)
        per = MILLIONS[row.unit] * rich.years[period] * rich.discount[period]
        worth = -row.cost_of_due * per * share.get(row.contract, 1.0)
        rich.assert_value(f"Contracts:{row.contract}:volume@{period}", worth)
    capped = rows(rich, "Contract balance", lambda row: row["year"] != 2026 and row["value_of_ceiling"] > 0)
    assert {row.contract for row in capped} == {"take_power"}
    for row in capped:
        period = str(row.year)
        worth = row.value_of_ceiling * MILLIONS[row.unit] * rich.years[period] * rich.discount[period]
        rich.assert_value(f"Contracts:take_power:ceiling@{period}", worth)


def test_what_a_contract_year_of_two_periods_costs(rich: Probe) -> None:
    """In 2026 what is due is the cells' volume over both halves, and is paid in the second."""
    row = rows(rich, "Contract balance", lambda row: row["contract"] == "ship_trunk" and row["year"] == 2026)[0]
    worth = -row.cost_of_due * MILLIONS["kb/d"] * 0.9 * rich.discount["2026H2"]
    rich.assert_value("Contracts:ship_trunk:volume@2026H1..2026H2", worth)


def test_what_loosening_a_limit_earns(rich: Probe) -> None:
    column = {"at most": "at_most", "at least": "at_least"}
    found = rows(rich, "Limit use", lambda row: row["value"] > 0)
    assert {row.limit for row in found} == {"quota", "yearly", "blend", "depletion", "permit"}
    for row in found:
        unit = row.volume_unit
        sign = 1.0 if row.side == "at most" else -1.0
        if row.limit == "blend":
            # one more share of the whole that passes the trunk
            whole = row.volume / row.measured
            worth = row.value * whole * rich.discount[row.span]
            # a share is a coefficient: the optimum bends the other way
            assert sum(rich.slopes(f"Limits:blend:at_most@{row.span}")) / 2 == pytest.approx(worth, rel=1e-4)
        elif row.span == "horizon":
            rich.assert_value(f"Limits:{row.limit}:{column[row.side]}", sign * row.value * MILLIONS[unit])
        elif row.limit != "yearly" or row.span != "2026":
            period = row.span
            worth = sign * row.value * MILLIONS[unit] * rich.years[period] * rich.discount[period]
            rich.assert_value(f"Limits:{row.limit}:{column[row.side]}@{period}", worth)


def test_what_loosening_a_limit_of_a_year_of_two_periods_earns(rich: Probe) -> None:
    """Half a unit of the year's volume per unit of the first period's cell; undiscounted by the year's mean."""
    row = rows(rich, "Limit use", lambda row: row["limit"] == "yearly" and row["span"] == "2026")[0]
    assert row.value > 0
    mean = (rich.discount["2026H1"] + rich.discount["2026H2"]) / 2
    rich.assert_value("Limits:yearly:at_most@2026H1", row.value * 0.5 * mean)


def test_the_price_at_a_node_is_what_a_unit_found_there_earns() -> None:
    """A supply of next to nothing, for nothing, at every node: its rent is the price, and so is what it adds."""
    sheets = rich_tables()
    places = [
        ("field", "light"),
        ("hub", "blend"),
        ("port", "sour"),
        ("east", "gas"),
        ("west", "blend"),
        ("port", "ore"),
    ]
    sheets["Supply"] += [supply(f"{node} {grade}", node, grade, 2 * STEP, 0) for node, grade in places]
    probe = Probe(sheets)
    price = one_table("Prices", probe.solution).set_index(["node", "commodity", "period"])["value"]
    rent = one_table("Production", probe.solution).set_index(["supply", "period"])["rent"]
    for node, grade in places:
        for period in probe.case.periods:
            value = price[node, grade, period]
            assert value > 0, (node, grade, period)
            assert rent[f"{node} {grade}", period] == pytest.approx(value, rel=1e-6)
            worth = value * probe.years[period] * probe.discount[period]
            probe.assert_value(f"Supply:{node} {grade}:capacity@{period}", worth)


def test_values_of_least_cost_are_savings() -> None:
    """With objective cost scarce supply saves money: the same signs, and the cost falls."""
    sheets = rich_tables()
    sheets["Settings"].append({"setting": "objective", "value": "cost"})
    for row in sheets["Demand"]:
        row["firm"] = 0.61 * row["volume"] if row["demand"] in ("east", "west", "power") else row.get("firm")
    probe = Probe(sheets)
    found = rows(probe, "Production", lambda row: row["rent"] > 0)
    assert {row.supply for row in found} == {"light"}
    for row in found:
        worth = row.rent * MILLIONS["kb/d"] / 7.93 * probe.years[row.period] * probe.discount[row.period]
        assert worth > 0
        probe.assert_value(f"Supply:light:capacity@{row.period}", worth)
    for row in rows(probe, "Firm demand", lambda row: row["cost_of_firm"] > 0 and row["unserved"] == 0):
        cost = row.cost_of_firm * MILLIONS[row.unit] * probe.years[row.period] * probe.discount[row.period]
        probe.assert_value(f"Demand:{row.demand}:firm@{row.period}", -cost)
