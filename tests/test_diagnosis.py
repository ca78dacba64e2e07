"""After a solve without an optimum: what is missing where and when, and what earns without end, with cells."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.api import solve
from model.case import Case
from model.engine import Engine
from model.errors import InfeasibleCase, Shortage, UnboundedCase
from model.solver.diagnosis import explain_infeasible, explain_unbounded
from tests.small_cases import Tables, case_of, link, one_route


def lacks(tables: Tables) -> list[Shortage]:
    case = case_of(tables)
    engine = Engine([case])
    assert engine.solve(case).status == "infeasible"
    return explain_infeasible(engine, case)


def asked(found: list[Shortage]) -> list[tuple[str, str, float, str]]:
    """What falls short, apart from what is in the way."""
    return [(s.period, s.where, round(s.volume, 6), s.unit) for s in found if "in the way" not in s.what]


def in_the_way(found: list[Shortage]) -> dict[str, Shortage]:
    return {s.where: s for s in found if "in the way" in s.what}


def firm(must: float, **row: Any) -> Tables:
    tables = one_route()
    tables["Demand"][0].update(firm=must, **row)
    return tables


def test_firm_demand_above_a_capacity_names_what_is_missing_and_the_full_leg() -> None:
    """The ship brings 11 of the 14 Mt that must arrive: 3 are missing in each year."""
    tables = firm(14)
    tables["Links"][1]["capacity"] = 11
    found = lacks(tables)
    assert asked(found) == [
        ("2026", "market (demand 'sales')", 3.0, "Mt/year"),
        ("2027", "market (demand 'sales')", 3.0, "Mt/year"),
    ]
    assert found[0].what == "firm demand not met"
    assert found[0].commodity == "light"
    assert found[0].cells == ("Demand!F2",)
    ship = in_the_way(found)["link 'ship'"]
    assert (ship.period, ship.volume, ship.unit) == ("2026..2027", 11, "Mt/year")
    assert ship.cells[0] == "Links!G3"
    assert set(in_the_way(found)) == {"link 'ship'"}


def test_shortages_stand_in_order_of_time() -> None:
    tables = firm(14)
    tables["Demand"].append({**tables["Demand"][0], "demand": "more sales"})
    tables["Supply"][0]["capacity"] = 10
    periods = [period for period, *_ in asked(lacks(tables))]
    assert periods == sorted(periods)
    assert len(periods) >= 3, "18 Mt are missing in each year, and no market asks for so much"


def test_losses_on_the_way_are_counted() -> None:
    """15 Mt must arrive, 20 are produced and 10 % are lost at sea: 18 would; with 40 % lost 3 are missing."""
    tables = firm(15)
    tables["Links"][1]["loss"] = 0.4
    assert asked(lacks(tables))[0][2] == pytest.approx(3)


def test_volumes_stand_in_the_unit_of_the_cell() -> None:
    """1 Mt a year of 7.5 bbl/t is 7 500 000/365.25 b/d = 20.533881 kb/d; 30 kb/d are asked."""
    tables = firm(30, volume=40, volume_unit="kb/d", price=100)
    tables["Supply"][0]["capacity"] = 1
    first = asked(lacks(tables))[0]
    assert first[3] == "kb/d"
    assert first[2] == pytest.approx(30 - 7500 / 365.25, abs=1e-6)


def test_volumes_are_per_year_in_longer_periods() -> None:
    tables = firm(14)
    tables["Periods"][0]["years"] = 5
    tables["Periods"][1]["year"] = 2031
    tables["Links"][1]["capacity"] = 11
    assert [volume for _, _, volume, _ in asked(lacks(tables))] == pytest.approx([3, 3])


def test_the_cell_of_a_series_is_named_in_its_period() -> None:
    tables = firm(4)
    tables["Series"] = [{"sheet": "Demand", "key": "sales", "column": "firm", "2027": 14}]
    tables["Supply"][0]["capacity"] = 10
    found = lacks(tables)
    assert asked(found) == [("2027", "market (demand 'sales')", 4.0, "Mt/year")]
    assert found[0].cells[0].startswith("Series!")
    assert in_the_way(found)["field (supply 'wells')"].period == "2027"


def test_supply_that_must_flow_but_cannot_leave() -> None:
    """18 Mt must be produced, the pipe takes 12."""
    tables = one_route()
    tables["Supply"][0]["minimum"] = 18
    tables["Links"][0]["capacity"] = 12
    found = lacks(tables)
    assert asked(found)[0] == ("2026", "field (supply 'wells')", 6.0, "Mt/year")
    assert found[0].what == "minimum not reached"
    assert found[0].cells == ("Supply!F2",)


def test_a_minimum_written_in_barrels() -> None:
    """The minimum of 100 kb/d is 4.87 Mt a year and the market takes 15; a market of 3 Mt takes 61.6 kb/d."""
    tables = one_route()
    tables["Supply"][0].update(capacity=400, minimum=100, volume_unit="kb/d")
    tables["Demand"][0]["volume"] = 3
    first = asked(lacks(tables))[0]
    assert first[2] == pytest.approx(100 - 3 * 7500 / 365.25, abs=1e-6)
    assert first[3] == "kb/d"


def test_a_share_kept_in_kind_that_nobody_takes() -> None:
    """A twentieth of at least 4 Mt appears at the depot: 0.2 Mt have no way out."""
    tables = one_route()
    tables["Nodes"].append({"node": "depot", "country": "Northland", "kind": "hub"})
    tables["Links"][0].update(minimum=4, fee_in_kind=0.05, fee_to="depot")
    found = lacks(tables)
    assert asked(found)[0] == ("2026", "node 'depot'", 0.2, "Mt/year")
    assert found[0].what == "volume with no way out"
    assert found[0].commodity == "light"


def test_a_minimum_that_several_grades_share() -> None:
    tables = one_route()
    tables["Supply"].append({"supply": "old", "node": "field", "commodity": "heavy", "capacity": 2, "cost": 1})
    tables["Supply"][0]["capacity"] = 5
    tables["Links"][0].update(commodity="light, heavy", minimum=9)
    tables["Demand"].append({"demand": "heavy sales", "node": "port", "commodity": "heavy", "volume": 9, "price": 50})
    assert asked(lacks(tables))[0] == ("2026", "link 'pipe'", 2.0, "Mt/year")


def test_minimum_of_an_asset() -> None:
    tables = one_route()
    tables["Assets"], tables["Uses"] = (
        [{"asset": "berth", "capacity": 60, "minimum": 40}],
        [{"link": "ship", "asset": "berth", "use": 2}],
    )
    assert asked(lacks(tables))[0] == ("2026", "asset 'berth'", 10.0, "units of use/year")


def test_a_minimum_of_what_is_never_used_is_told_like_any_other() -> None:
    tables = one_route()
    tables["Assets"] = [{"asset": "berth", "capacity": 60, "minimum": 40}]
    tables["Uses"] = [{"link": "ship", "asset": "berth", "use": 0}]
    assert asked(lacks(tables))[0] == ("2026", "asset 'berth'", 40.0, "units of use/year")


def test_lower_limits_by_period_and_over_the_horizon() -> None:
    tables = one_route()
    tables["Limits"] = [{"limit": "pledge", "measure": "delivery", "what": "demand=sales", "at_least": 17}]
    found = lacks(tables)
    assert asked(found)[0] == ("2026", "limit 'pledge'", 2.0, "Mt/year")
    assert found[0].what == "lower limit not reached"
    tables["Limits"][0].update(at_least=34, per="horizon")
    assert asked(lacks(tables)) == [("horizon", "limit 'pledge'", 4.0, "Mt")]


def test_ceilings_limits_and_reserves_hold_and_are_named() -> None:
    tables = firm(14)
    tables["Contracts"] = [
        {
            "contract": "deal",
            "type": "ship-or-pay",
            "applies_to": "ship",
            "volume": 1,
            "shortfall_price": 1,
            "ceiling": 13,
        }
    ]
    found = lacks(tables)
    assert asked(found)[0][2] == pytest.approx(1)
    assert set(in_the_way(found)) == {"contract 'deal'"}
    tables["Contracts"] = []
    tables["Limits"] = [{"limit": "permit", "measure": "flow", "what": "link=pipe", "at_most": 12}]
    found = lacks(tables)
    assert asked(found)[0][2] == pytest.approx(2)
    assert set(in_the_way(found)) == {"limit 'permit'"}
    tables["Limits"] = []
    tables["Supply"][0]["reserves"] = 25
    found = lacks(tables)
    assert sum(volume for _, _, volume, _ in asked(found)) == pytest.approx(3)
    assert set(in_the_way(found)) == {"field (supply 'wells')"}


def test_a_closed_leg_is_called_closed() -> None:
    tables = firm(6)
    tables["Links"].append(link("train", "field", "market", capacity=3))
    tables["Links"][1]["opens"] = "2027"
    found = lacks(tables)
    assert asked(found) == [("2026", "market (demand 'sales')", 3.0, "Mt/year")]
    assert in_the_way(found)["link 'ship'"].what.startswith("closed")
    assert in_the_way(found)["link 'train'"].what.startswith("full")


def test_a_row_of_the_users_own_is_reported() -> None:
    def at_least_as_much_as_there_is_not(model: pyo.ConcreteModel) -> None:
        model.mine = pyo.Constraint(expr=model.supply["wells", "2026"] >= 22)

    case = case_of(one_route())
    with pytest.raises(InfeasibleCase, match=r"a row added to the model does not hold at row .*: 2"):
        solve(case, hook=at_least_as_much_as_there_is_not)


def test_solve_raises_with_the_shortages_and_exit_code() -> None:
    tables = firm(14)
    tables["Supply"][0]["capacity"] = 10
    with pytest.raises(InfeasibleCase) as caught:
        solve(case_of(tables))
    assert caught.value.exit_code == 3
    assert [s.volume for s in caught.value.shortages[:2]] == pytest.approx([4, 4])
    assert "2026: firm demand not met at market (demand 'sales') of light: 4 Mt/year (Demand!F2)" in str(caught.value)


volumes = st.integers(0, 30)


@settings(max_examples=60, deadline=None)
@given(volumes, volumes, volumes, st.integers(1, 30), st.integers(1, 30))
def test_the_shortage_is_the_least_and_lowering_what_is_asked_by_it_helps(
    supply: int, pipe: int, train: int, near: int, far: int
) -> None:
    """near at the port hangs on the pipe, far on the train: the least shortage is that of a maximum flow by hand."""
    tables = one_route()
    tables["Supply"][0]["capacity"] = supply
    tables["Links"] = [link("pipe", "field", "port", capacity=pipe), link("train", "field", "market", capacity=train)]
    tables["Demand"] = [
        {"demand": name, "node": node, "commodity": "light", "volume": 30, "firm": volume, "price": 100}
        for name, node, volume in (("near", "port", near), ("far", "market", far))
    ]
    most = min(supply, min(pipe, near) + min(train, far))
    case = case_of(tables)
    engine = Engine([case])
    if engine.solve(case).status == "optimal":
        assert most == near + far
        return
    short = {(s.where, s.period): s.volume for s in explain_infeasible(engine, case) if "in the way" not in s.what}
    assert sum(v for (_, period), v in short.items() if period == "2026") == pytest.approx(near + far - most, abs=1e-6)
    for row, place in zip(tables["Demand"], ("port (demand 'near')", "market (demand 'far')"), strict=True):
        row["firm"] = max(0.0, row["firm"] - max(short.get((place, period), 0.0) for period in ("2026", "2027")))
    mended = case_of(tables)
    assert Engine([mended]).solve(mended).status == "optimal"


def growing() -> Case:
    """Two markets without limit; a cap on the share of one keeps neither in bounds. The cheap well is limited."""
    tables = one_route()
    tables["Supply"].append({"supply": "cheap", "node": "field", "commodity": "light", "capacity": 3, "cost": 1})
    tables["Supply"][0]["capacity"] = tables["Demand"][0]["volume"] = "unlimited"
    tables["Demand"].append(
        {"demand": "port sales", "node": "port", "commodity": "light", "volume": "unlimited", "price": 40}
    )
    tables["Limits"] = [
        {"limit": "mix", "measure": "delivery", "what": "demand=sales", "of": "commodity=light", "at_most": 0.5},
        {
            "limit": "mix too",
            "measure": "delivery",
            "what": "demand=port sales",
            "of": "commodity=light",
            "at_most": 0.9,
        },
    ]
    return case_of(tables)


def test_what_grows_without_limit_is_named_with_its_cells() -> None:
    case = growing()
    engine = Engine([case])
    assert engine.solve(case).status == "unbounded"
    text = explain_unbounded(engine, case)
    year = "2026" if "2026" in text else "2027"
    assert f"supply[wells, {year}]: cost Supply!E2, no limit in capacity Supply!D2" in text
    assert f"delivery[sales, light, {year}]: price Demand!E2, no limit in volume Demand!D2" in text
    assert f"flow[ship, light, {year}]: tariff Links!F3" in text
    assert "cheap" not in text
    assert text.count(", 2026]") == 0 or text.count(", 2027]") == 0, "one direction is enough"


def test_solve_tells_it_as_an_unbounded_case() -> None:
    with pytest.raises(UnboundedCase, match="grow without limit") as caught:
        solve(growing())
    assert caught.value.exit_code == 3


def test_what_lacks_of_a_share_is_a_volume() -> None:
    """A share of the flow is asked of a ship that is shut: 3 of 10 Mt lack, which is no share."""
    tables = firm(10)
    tables["Links"].append(link("other", "port", "market", capacity=0))
    tables["Limits"] = [
        {"limit": "part", "measure": "flow", "what": "link=other", "of": "demand=sales", "at_least": 0.3}
    ]
    tables["Limits"][0]["of"] = "to=market"
    assert ("2026", "limit 'part'", 3.0, "Mt/year") in asked(lacks(tables))
