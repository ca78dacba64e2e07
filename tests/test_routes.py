"""Routes and price ladders: volumes add up to flows, ladders to the price, both worked out by hand on small cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.api import read_case
from model.engine import Engine
from model.results.registry import all_tables, one_table
from model.results.routes import OTHER
from model.results.tracing import trace
from model.solution import Solution
from tests.cases import demand, link, read, rich_tables, solve, supply, tables, two_markets

BASE = Path(__file__).parents[1] / "inputs" / "caspian.xlsx"
LADDER = ["field", "starts_as", "commodity", "demand", "delivered_as", "route", "period"]
TO_THE_WELLHEAD = (
    "market price", "value at the end", "grade differential", "loss", "fee in kind", "freight", "port",
    "transit tariff", "risk",
)  # fmt: skip


def near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-7)


def going_round() -> Solution:
    """A minimum on the way back forces 2 Mt round from hub to port and back, losing a tenth on the way back."""
    return solve(
        read(
            tables(
                Supply=[supply("wells", "field", "crude", 10, 50)],
                Demand=[demand("west", "west", "crude", 8, 400)],
                Links=[
                    link("in", "field", "hub", "crude", 1),
                    link("there", "hub", "port", "crude", 2),
                    link("back", "port", "hub", "crude", 3, minimum=2, loss=0.1),
                    link("out", "hub", "west", "crude", 4),
                ],
            )
        )
    )


@pytest.fixture(scope="module")
def solutions() -> dict[str, Solution]:
    base = read_case(BASE)
    return {
        "base": Engine([base]).solve(base),
        "rich": solve(read(rich_tables())),
        "two markets": solve(read(two_markets())),
        "going round": going_round(),
    }


NAMES = ("base", "rich", "two markets", "going round")


@pytest.mark.parametrize("name", NAMES)
def test_all_routes_together_are_the_flows(solutions: dict[str, Solution], name: str) -> None:
    solution = solutions[name]
    found, p = trace(solution, 10**6), solution.parameters
    flow, delivery = np.zeros_like(solution["flow"]), np.zeros_like(solution["delivery"])
    produced = 0.0
    for pair in found.pairs:
        assert sum(volume for volume, _ in pair.routes) == near(pair.volume)
        produced += pair.volume * (pair.origin.kind == "field")
        if pair.sink < found.stores_from:
            delivery[pair.sink, pair.period] += pair.delivered
        for start, legs in pair.routes:
            volume = start
            for leg in legs:
                flow[leg, pair.period] += volume
                volume *= p.flow_arrival[leg, pair.period]
    for ring in found.rings:
        flow[list(ring.legs), ring.period] += ring.volumes
    assert flow == near(solution["flow"])
    assert delivery == near(solution["delivery"])
    assert produced == near(solution["supply"].sum())


@pytest.mark.parametrize("name", NAMES)
def test_money_on_routes_is_that_of_the_summary(solutions: dict[str, Solution], name: str) -> None:
    routes = one_table("routes", solutions[name])
    summary = one_table("summary", solutions[name])
    whole = summary[(summary["family"] == "all") & (summary["period"] != "total")].groupby("measure")["value"].sum()
    assert routes["sales"].sum() == near(whole["sales"])
    assert routes["tariffs"].sum() == near(-whole["tariffs"])
    assert routes["risk_cost"].sum() == near(-whole["risk"])


@pytest.mark.parametrize("name", NAMES)
def test_ladders_add_up(solutions: dict[str, Solution], name: str) -> None:
    table = one_table("netback_ladder", solutions[name])
    ladder = table[table["step"].isin(TO_THE_WELLHEAD)].groupby(LADDER)
    netback = table[table["step"] == "netback"].set_index(LADDER)["netback_here"].sort_index()
    assert ladder["amount"].sum().to_numpy() == near(netback.to_numpy())
    assert ladder["per_unit_at_wellhead"].sum().to_numpy() == near(netback.to_numpy())
    worth = table[table["step"] == "value where it starts"].set_index(LADDER)["netback_here"].sort_index()
    above = table[~table["step"].isin(["supply cost", "field rent"])].groupby(LADDER)["amount"].sum()
    assert above.to_numpy() == near(worth.to_numpy()), "rents explain netback less value at the field"
    last = table[table["starts_as"] == "field"].groupby(LADDER)["netback_here"].last()
    assert len(last)
    assert last.to_numpy() == near(0.0), "cost and field rent use up the value at the field"


@pytest.mark.parametrize("name", NAMES)
def test_netbacks_are_the_ladders_in_one_row(solutions: dict[str, Solution], name: str) -> None:
    table = one_table("netbacks", solutions[name]).set_index(LADDER, drop=False).sort_index()
    on_the_way = ["losses", "fees_in_kind", "freight", "port", "transit_tariffs", "risk"]
    steps = table[["market_price", "grade_differential", *on_the_way]].sum(axis=1)
    assert steps.to_numpy() == near(table["netback"].to_numpy())
    assert table[["netback", "fees_received", "rents"]].sum(axis=1).to_numpy() == near(table["value"].to_numpy())
    fields = table[table["starts_as"] == "field"]
    assert fields[["value", "supply_cost", "field_rent"]].sum(axis=1).to_numpy() == near(0.0)
    ladder = one_table("netback_ladder", solutions[name])
    rungs = ladder[ladder["step"] == "netback"].set_index(LADDER)[["netback_here", "trade_netback_here"]].sort_index()
    assert table[["netback", "trade_netback"]].fillna(0).to_numpy() == near(rungs.fillna(0).to_numpy())


def test_files_hold_an_excerpt_of_the_ladder(solutions: dict[str, Solution]) -> None:
    """First period, first after the records, and last; a table of up to three periods is whole."""
    ladder = all_tables([solutions["base"]])["Netback ladder"]
    assert set(ladder["period"]) == {"2022", "2024", "2040"}
    whole = one_table("netback_ladder", solutions["base"])
    assert len(ladder) == whole["period"].isin(["2022", "2024", "2040"]).sum()


def test_where_volumes_meet_every_way_on_takes_the_same_share() -> None:
    """10 Mt from the field and, after a loss of 10 %, 27 of 30 Mt from the port meet: 37 Mt at the hub.

    The east takes 7.4 of it, a fifth; so a fifth of each, counted where it starts, goes east: 2 and 6 Mt, and of the
    port's 6 Mt 5.4 arrive. Tariffs to the east: the field's 2·1 + 2·3 = 8; the port's 6·2 + 5.4·3 = 28.2.
    """
    solution = solve(
        read(
            tables(
                Supply=[supply("a", "field", "crude", 10, 5), supply("b", "port", "crude", 30, 5)],
                Demand=[demand("east", "east", "crude", 7.4, 400), demand("west", "west", "crude", 50, 300)],
                Links=[
                    link("one", "field", "hub", "crude", 1),
                    link("two", "port", "hub", "crude", 2, loss=0.1),
                    link("to_east", "hub", "east", "crude", 3),
                    link("to_west", "hub", "west", "crude", 4),
                ],
            )
        )
    )
    routes = one_table("routes", solution).set_index(["field", "demand"])
    assert routes.loc[("field", "east"), ["volume", "delivered", "tariffs"]].tolist() == near([2, 2, 8])
    assert routes.loc[("port", "east"), ["volume", "delivered", "tariffs"]].tolist() == near([6, 5.4, 28.2])
    assert routes.loc[("port", "west"), ["volume", "delivered"]].tolist() == near([24, 21.6])
    assert routes.loc[("field", "west"), "route"] == "one > to_west"


def test_ladder_of_two_markets_by_hand() -> None:
    """Far: 300 − 30 lost (a tenth at 300) − 45 = 225; a wellhead unit fetches 0.9·300 = 270, less 45.

    Near: 400 − 30 = 370, of which 145 are the rent of the full market; both leave 225 at the field = 50 cost + 175.
    """
    table = one_table("netback_ladder", solve(read(two_markets())))
    far = table[table["demand"] == "far"].set_index("step")
    assert far["amount"].drop(["netback", "value where it starts"]).to_dict() == near(
        {"market price": 300, "loss": -30, "transit tariff": -45, "supply cost": -50, "field rent": -175}
    )
    assert far["per_unit_at_wellhead"].loc[["market price", "loss", "transit tariff"]].tolist() == near([270, 0, -45])
    assert far["netback_here"].tolist() == near([300, 270, 225, 225, 225, 175, 0])
    assert far["trade_amount"]["market price"] == near(300 / 8)
    close = table[table["demand"] == "near"].set_index("step")
    assert close.loc["netback", "netback_here"] == near(370)
    assert (close.loc["rent", "name"], close.loc["rent", "amount"]) == ("market near", near(-145))


def test_a_fee_in_kind_starts_a_route_of_its_own() -> None:
    """Of 10 bcm a tenth is kept and sold at the hub for 50: 9 at 100 − fee 0.1·100 − tariff 5 = 85, + 0.1·50 = 90."""
    solution = solve(
        read(
            tables(
                Supply=[supply("wells", "field", "gas", 10, 20)],
                Demand=[demand("city", "west", "gas", 30, 100), demand("village", "hub", "gas", 3, 50)],
                Links=[link("trunk", "field", "west", "gas", 5, fee_in_kind=0.1, fee_to="hub")],
            )
        )
    )
    routes = one_table("routes", solution).set_index("starts_as")
    fee = routes.loc["fee in kind"]
    assert (fee["field"], fee["demand"], fee["volume"]) == ("trunk fee in kind", "village", near(1))
    table = one_table("netback_ladder", solution)
    steps = table[table["starts_as"] == "field"].set_index("step")["netback_here"]
    assert steps[["fee in kind", "netback", "fee in kind received"]].tolist() == near([90, 85, 90])
    assert steps["value where it starts"] == near(90)


def test_routes_beyond_the_cap_are_one_row() -> None:
    sheets = two_markets(settings={"routes_per_pair": 1})
    sheets["Links"].append(link("slow", "field", "west", "crude", 46, loss=0.1, minimum=1))
    routes = one_table("routes", solve(read(sheets)))
    far = routes[routes["demand"] == "far"].set_index("route")
    assert far["volume"].to_dict() == near({"ship": 3, OTHER: 1})
    assert far.loc[OTHER, ["delivered", "sales", "tariffs"]].tolist() == near([0.9, 270, 46])


def test_risk_of_a_route_beyond_the_cap_is_of_what_gets_there() -> None:
    """1 Mt must go by the hub; a tenth is lost before the leg at 6 and a risk of 2: 40 + 5.4, and 1.8."""
    sheets = two_markets(settings={"routes_per_pair": 1})
    sheets["Links"] += [
        link("slow", "field", "hub", "crude", 40, loss=0.1, minimum=1),
        link("last", "hub", "west", "crude", 6, risk=2),
    ]
    routes = one_table("routes", solve(read(sheets)))
    other = routes[routes["demand"] == "far"].set_index("route").loc[OTHER]
    assert other[["volume", "delivered", "tariffs", "risk_cost"]].tolist() == near([1, 0.9, 45.4, 1.8])


def test_cycles_are_cancelled_first(solutions: dict[str, Solution]) -> None:
    """Of 2 Mt sent back a tenth is lost: 1.8 come round, at 2·3 + 1.8·2 = 9.6; the field makes up 0.2, no delivery."""
    routes = one_table("routes", solutions["going round"]).set_index("demand")
    assert routes.loc["west", "route"] == "in > out"
    assert routes.loc["west", "delivered"] == near(8)
    ring = routes[routes["field"] == "going round"]
    assert ring["tariffs"].tolist() == near([9.6])
    assert routes.loc["going round"].query("field == 'field'")["volume"].tolist() == near([0.2])


def test_tables_of_the_base_workbook_are_quick(solutions: dict[str, Solution]) -> None:
    import time

    started = time.perf_counter()
    for name in ("routes", "netbacks", "idle_routes", "value_balance", "who_gains"):
        assert isinstance(one_table(name, solutions["base"]), pd.DataFrame)
    assert time.perf_counter() - started < 3  # one second on a machine that does nothing else
