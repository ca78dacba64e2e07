"""Who gains: accounts worked out by hand, and adding up to the objective and the transfers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from model.api import read_case
from model.engine import Engine
from model.results.registry import one_table
from model.solution import Solution
from tests.cases import built_tables, demand, link, read, rich_tables, solve, supply, tables, two_markets

BASE = Path(__file__).parents[1] / "inputs" / "caspian.xlsx"


def near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-7)


def accounts(solution: Solution) -> dict[tuple[str, str, str], float]:
    table = one_table("who_gains", solution)
    return dict(table.groupby(["group", "who", "item"])["value"].sum())


def base() -> Solution:
    case = read_case(BASE)
    return Engine([case]).solve(case)


@pytest.mark.parametrize("make", [base, lambda: solve(read(rich_tables())), lambda: solve(read(two_markets()))])
def test_gains_are_the_net_value_and_the_transfers(make: Any) -> None:
    solution = make()
    table = one_table("who_gains", solution)
    total = table[table["group"] == "total"].pivot_table(index="period", columns="item", values="value", sort=False)
    assert total["sum"].to_numpy() == near((total["net value"] + total["transfers"]).to_numpy())
    above = table[table["group"] != "total"].groupby("period", sort=False)["value"].sum()
    assert above[total.index].to_numpy() == near(total["sum"].to_numpy())
    assert table[table["item"] == "net value"]["present_value"].sum() == near(solution.objective)
    summary: pd.DataFrame = one_table("summary", solution)
    rows = summary[(summary["measure"] == "net value") & (summary["family"] == "all")].set_index("period")["value"]
    assert total["net value"].to_dict() == near(rows.drop("total").to_dict())
    tariffs = summary[(summary["measure"] == "tariffs") & (summary["family"] == "all")].set_index("period")["value"]
    received = table[table["item"] == "tariffs"]["value"].sum()
    assert received == near(-tariffs["total"])


def test_gains_with_stores_projects_and_make_up_add_up_as_well() -> None:
    """And what is paid for shortfalls is what contracts say, less what comes back for what is made up."""
    solution = solve(read(built_tables()))
    table = one_table("who_gains", solution)
    total = table[table["group"] == "total"].pivot_table(index="period", columns="item", values="value", sort=False)
    assert total["sum"].to_numpy() == near((total["net value"] + total["transfers"]).to_numpy())
    contracts = one_table("contract_balance", solution)
    assert contracts["refunded"].sum() > 0
    paid = table[table["item"] == "shortfall payments"].groupby("period")["value"].sum()
    due = (contracts["refunded"] - contracts["paid"]).groupby(contracts["year"]).sum()
    # a contract year pays in its last period
    assert paid[["2026H1", "2026H2", "2027", "2028"]].tolist() == near([0, due[2026], due[2027], due[2028]])


def test_gains_of_two_markets_by_hand() -> None:
    """The field earns 10·(225 − 50) = 1750; near, which takes no more, 6·(370 − 225) = 870 for the exporter's access.

    The pipe's 180 are shared 60 to 40, the ship's 4·45 = 180 are Home's: 2620 + 360 = 2980 in all.
    """
    sheets = two_markets()
    sheets["Links"][0]["country"] = "Home 60, Transit 40"
    sheets["Links"][1]["mode"] = "tanker"
    assert accounts(solve(read(sheets))) == near(
        {
            ("access to markets", "Home", "rent of markets that take no more"): 870,
            ("producers", "Home", "field rent"): 1750,
            ("shipping", "Home", "tariffs"): 180,
            ("total", "all", "net value"): 2620,
            ("total", "all", "sum"): 2980,
            ("total", "all", "transfers"): 360,
            ("transit", "Home", "tariffs"): 108,
            ("transit", "Transit", "tariffs"): 72,
        }
    )


def test_a_fee_in_kind_is_the_producers_loss_and_the_carriers_gain() -> None:
    """1 of 10 bcm is kept and worth 50 at the hub; the field's value counts it: 10·(0.9·100 + 0.1·50 − 5 − 20)."""
    found = accounts(
        solve(
            read(
                tables(
                    Supply=[supply("wells", "field", "gas", 10, 20)],
                    Demand=[demand("city", "west", "gas", 30, 100), demand("village", "hub", "gas", 3, 50)],
                    Links=[link("trunk", "field", "west", "gas", 5, fee_in_kind=0.1, fee_to="hub", country="Transit")],
                )
            )
        )
    )
    assert found["producers", "Home", "field rent"] == near(700)
    assert found["producers", "Home", "fees in kind paid"] == near(-50)
    assert found["transit", "Transit", "fees in kind"] == near(50)
    assert found["total", "all", "sum"] == near(700 + 50)


def test_rent_of_a_full_asset_is_its_owners() -> None:
    """A berth of 4 Mt before the market at 400: 4·(370 − 225) = 580, shared as its country says."""
    sheets = two_markets()
    sheets["Demand"][0]["volume"] = 20
    sheets["Assets"] = [{"asset": "berth", "capacity": 4, "country": "Transit 75, East 25"}]
    sheets["Uses"] = [{"link": "pipe", "asset": "berth"}]
    found = accounts(solve(read(sheets)))
    assert found["owners of capacity", "Transit", "rent of assets"] == near(435)
    assert found["owners of capacity", "East", "rent of assets"] == near(145)


def test_a_shortfall_payment_moves_from_one_to_the_other() -> None:
    """The buyer of 6 Mt at 20 USD, below the far market's, lifts nothing and pays 2 a t for 5: 10 to the contract."""
    sheets = two_markets()
    sheets["Demand"][0]["price"] = 20
    sheets["Contracts"] = [
        {"contract": "old", "type": "take-or-pay", "applies_to": "near", "volume": 5, "shortfall_price": 2}
    ]
    found = accounts(solve(read(sheets)))
    assert found["buyers", "East", "shortfall payments"] == near(-10)
    assert found["contracts and limits", "old", "shortfall payments received"] == near(10)
    assert found["total", "all", "sum"] == near(found["total", "all", "net value"] + 450 + 10)


def test_a_buyer_who_is_not_served_is_paid() -> None:
    """Far is due 5 of the 4 Mt that get there: 3.6 after a tenth is lost. 1.4 short at 3 are 4.2, to the West."""
    sheets = two_markets()
    sheets["Contracts"] = [
        {"contract": "promise", "type": "deliver-or-pay", "applies_to": "far", "volume": 5, "shortfall_price": 3}
    ]
    found = accounts(solve(read(sheets)))
    assert found["contracts and limits", "promise", "shortfall payments"] == near(-4.2)
    assert found["buyers", "West", "shortfall payments received"] == near(4.2)
