"""Faults that random cases brought to light, each as the smallest case that shows it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from model.api import read_case, solve
from model.errors import InfeasibleCase, UsageError, WorkbookError
from model.network import build_network
from model.own_unit import own_unit
from model.suspicion import suspicions
from tests.cases import Tables, case, demand, link, rich_tables, supply, tables, two_markets, years
from tests.cases import solve as audited


def backhaul(**asset: Any) -> Tables:
    """A pipe whose flow back counts half: 2 Mt go forth at 10 each, 6 Mt come back, so 2 − 3 = −1 of use."""
    return tables(
        Supply=[supply("a", "field", "crude", 2), supply("b", "port", "sour", 6)],
        Demand=[demand("far", "port", "crude", 9, 10), demand("near", "field", "sour", 9, 10)],
        Links=[link("forth", "field", "port", "crude"), link("back", "port", "field", "sour")],
        Assets=[{"asset": "pipe", "capacity": 5, **asset}],
        Uses=[{"link": "forth", "asset": "pipe"}, {"link": "back", "asset": "pipe", "use": -0.5}],
    )


def test_a_contract_on_a_pipe_where_what_comes_back_has_no_limit_is_checked() -> None:
    """What flows back does not count for the contract: without a limit it was nothing times without end."""
    sheets = backhaul()
    sheets["Supply"][1]["capacity"] = "unlimited"
    sheets["Demand"][1]["volume"] = "unlimited"
    sheets["Contracts"] = [
        {"contract": "c", "type": "ship-or-pay", "applies_to": "pipe", "volume": 900, "shortfall_price": 8}
    ]
    one = read_case(sheets)
    (owed,) = [text for text in suspicions(one, build_network([one])) if "could take" in text]
    assert "the most that 'pipe' could take (2)" in owed


def test_an_asset_without_a_minimum_may_be_used_backwards_on_balance() -> None:
    """All 8 Mt are sold; with a minimum of 0.5 only 2·(2 − 0.5) = 3 Mt may come back."""
    assert audited(read_case(backhaul())).objective == pytest.approx(80)
    assert audited(read_case(backhaul(minimum=0.5))).objective == pytest.approx(50)


def test_a_minimum_in_one_year_says_nothing_of_the_others() -> None:
    made = backhaul(minimum=0.5)
    made["Periods"] = years(2026, 2)
    made["Series"] = [{"sheet": "Assets", "key": "pipe", "column": "minimum", "2027": 0}]
    assert audited(read_case(made)).objective == pytest.approx(50 + 80)


def test_what_a_store_lacks_is_told_as_a_stock() -> None:
    """The store must end with 3 Mt and begins with 1; of 4 years a share of 0.5 a year is no rate."""
    made = tables(
        periods=[{"period": "2026", "year": 2026, "years": 4}],
        Supply=[supply("s", "field", "sour", 1)],
        Demand=[demand("d", "field", "sour", 1, 10)],
        Links=[link("l", "port", "east", "crude")],
        Storage=[
            {"storage": "tanks", "node": "port", "commodity": "crude", "capacity": 5, "inject": 5, "withdraw": 5,
             "initial": 1, "final": 3}
        ],
    )  # fmt: skip
    with pytest.raises(InfeasibleCase) as caught:
        solve(read_case(made))
    lacking = next(one for one in caught.value.shortages if one.where == "store 'tanks'")
    assert (lacking.volume, lacking.unit, lacking.cells) == (pytest.approx(2), "Mt", ("Storage!H2",))


def test_results_are_written_where_exports_pass_no_corridor(
    write_tables: Callable[..., Path], run_cli: Callable[..., int]
) -> None:
    """Gas of Home is produced and sold in the East: an export over no link, beside oil that passes some."""
    made = two_markets()
    made["Supply"].append(supply("abroad", "east", "gas", 2, 10))
    made["Demand"].append(demand("there", "east", "gas", 2, 300))
    assert run_cli("solve", write_tables(made)) == 0


def test_results_are_written_where_nothing_moves(
    write_tables: Callable[..., Path], run_cli: Callable[..., int]
) -> None:
    made = two_markets()
    made["Demand"] = [demand("none", "east", "crude", 0, 400)]
    assert run_cli("solve", write_tables(made)) == 0


def test_results_are_written_where_no_link_can_carry_anything(
    write_tables: Callable[..., Path], run_cli: Callable[..., int]
) -> None:
    """All is sold where it is produced, and a second market there goes without: a route that has no leg."""
    made = tables(
        Supply=[supply("s", "east", "crude", 2, 10)],
        Demand=[demand("d", "east", "crude", 2, 50), demand("e", "east", "crude", 2, 40)],
        Links=[link("idle", "port", "west", "crude")],
    )
    assert run_cli("solve", write_tables(made)) == 0


@pytest.mark.parametrize(
    ("sheet", "column", "value", "says"),
    [
        (
            "Supply",
            "capacity",
            1e20,
            "Numbers of 1e+15 and more are not reckoned with. Write 'unlimited' where there is no limit.",
        ),
        ("Supply", "cost", -1e300, "Numbers of 1e+15 and more are not reckoned with."),
        ("Fleets", "deadweight_t", 1e-300, "Numbers below 1e-15 are not reckoned with."),
    ],
)
def test_numbers_beyond_reckoning_are_faults(sheet: str, column: str, value: float, says: str) -> None:
    made = rich_tables()
    made[sheet][0][column] = value
    with pytest.raises(WorkbookError) as caught:
        read_case(made)
    assert [one.hint for one in caught.value.issues if one.column == column] == [says]


def test_numbers_that_multiply_beyond_reckoning_are_named() -> None:
    """A Mt in vessels of 10⁻¹⁰ t takes more than 10¹⁵ days."""
    made = rich_tables()
    made["Fleets"][0]["deadweight_t"] = 1e-10
    with pytest.raises(UsageError, match=r"counts .* in fleet_time\[tankers, 2026H1\] \(Fleets!D2\)"):
        solve(read_case(made))


def test_a_limit_in_mt_stands_beside_gas() -> None:
    """4 of the 10 Mt may be delivered at 100, and 3 bcm of gas at 50."""
    one = case(
        Supply=[supply("s", "field", "crude", 10), supply("g", "field", "gas", 3)],
        Demand=[demand("d", "field", "crude", 10, 100), demand("h", "field", "gas", 3, 50)],
        Links=[link("l", "field", "east", "crude")],
        Limits=[{"limit": "q", "measure": "delivery", "what": "demand=d", "at_most": 4, "volume_unit": "Mt"}],
    )
    assert audited(one).objective == pytest.approx(4 * 100 + 3 * 50)


def test_a_shortfall_is_priced_per_tonne_in_any_unit_of_volume() -> None:
    one = case(
        Supply=[supply("s", "field", "crude", 10)],
        Demand=[demand("d", "east", "crude", 10, 100)],
        Links=[link("l", "field", "east", "crude")],
        Contracts=[
            {"contract": "c", "type": "ship-or-pay", "applies_to": "l", "volume": 9, "shortfall_price": 8,
             "volume_unit": "kb/d"}
        ],
    )  # fmt: skip
    assert own_unit(one, "Contracts", 0, "shortfall_price") == "USD/t"
    assert own_unit(one, "Contracts", 0, "volume") == "kb/d"
