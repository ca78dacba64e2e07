"""Next routes: what the cheapest unused routes lack, taken apart, and proved by re-solves at their starting tariffs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model import read_case, solve
from model.scenario import with_changes
from tests.cases import demand, link, read, rich_tables, supply, tables

ROOT = Path(__file__).resolve().parent.parent


def near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-6, abs=1e-6)


def _three_ways() -> dict[str, Any]:
    """8 Mt; the pipe takes all of it at 10 to a market of 100. A road at 25; a ferry at 12 + 20, a tenth lost; a closed
    tunnel at 2.
    """
    return tables(
        Supply=[supply("wells", "field", "crude", 8, 30)],
        Demand=[demand("city", "east", "crude", 9, 100)],
        Links=[
            link("pipe", "field", "east", "crude", 10),
            link("road", "field", "east", "crude", 25),
            link("ferry", "field", "hub", "crude", 12, loss=0.1),
            link("rail", "hub", "east", "crude", 20),
            link("tunnel", "field", "east", "crude", 2, capacity=0),
        ],
    )


def test_what_each_of_three_ways_lacks() -> None:
    """A unit is worth 100 − 10 = 90 at the field.

    Road: 100 − 25 = 75, so 15 are missing: it starts at 10. Ferry and rail: 0.9·100 − 12 − 0.9·20 = 60, 30 missing:
    the ferry would have to fall from 12 to −18. Tunnel: 100 − 2 = 98: it would earn 8 were it open.
    """
    table = solve(read(_three_ways())).next_routes.set_index("route")
    assert table["value"].tolist() == near([90] * 3)
    road = table.loc["road"]
    assert (road["gap"], road["tariff"], road["start_tariff"], road["starts_at"]) == near((15, 25, 10, 10))
    ferry = table.loc["ferry > rail"]
    assert (ferry["gap"], ferry["lever"], ferry["start_tariff"], ferry["starts_at"]) == (
        near(30), "ferry", near(-18), near(-18),
    )  # fmt: skip
    assert (ferry["losses"], ferry["transit_tariffs"]) == near((-10, -30))
    tunnel = table.loc["tunnel"]
    assert (tunnel["gap"], tunnel["unused"], tunnel["lever"]) == (near(-8), "tunnel (closed)", "")
    assert table["rank"].to_dict() == {"road": 1, "ferry > rail": 2, "tunnel": 3}


def test_rents_and_contracts_stand_between_a_route_and_its_start() -> None:
    """The strait takes 5 and its rent is 20: of the route over it that nothing takes, 20 of the gap's parts are rent.

    A goes by the strait for 10 to a market of 100 (5 of 8), the rest by land for 30; b goes by land too, its way
    through the strait costs 14. Value at the field: 100 − 30 = 70; the strait's rent: 90 − 70 = 20.
    B over the strait: 100 − 14 − 20 = 66: 4 are missing.
    """
    sheets = tables(
        Supply=[supply("a", "field", "crude", 8), supply("b", "port", "crude", 2)],
        Demand=[demand("city", "east", "crude", 20, 100)],
        Links=[
            link("a_sea", "field", "east", "crude", 10),
            link("a_land", "field", "east", "crude", 30),
            link("b_sea", "port", "east", "crude", 14),
            link("b_land", "port", "east", "crude", 30),
        ],
        Assets=[{"asset": "strait", "kind": "strait", "country": "Home", "capacity": 5}],
        Uses=[{"link": "a_sea", "asset": "strait"}, {"link": "b_sea", "asset": "strait"}],
    )
    row = solve(read(sheets)).next_routes.set_index("route").loc["b_sea"]
    assert (row["rents"], row["gap"], row["start_tariff"], row["starts_at"]) == near((-20, 4, 10, 10))


def _parts(table: Any) -> Any:
    on_the_way = ["market_price", "grade_differential", "losses", "fees_in_kind", "freight", "port", "transit_tariffs"]
    return table[[*on_the_way, "risk", "rents", "contracts", "gap"]].sum(axis=1)


@pytest.mark.parametrize("name", ["rich", "base"])
def test_the_gap_and_its_parts_make_the_value_at_the_field(name: str) -> None:
    case = read(rich_tables()) if name == "rich" else read_case(ROOT / "inputs" / "caspian.xlsx")
    table = solve(case).next_routes
    assert len(table)
    assert _parts(table).to_numpy() == near(table["value"].to_numpy())
    openly = ~table["unused"].str.contains("closed")
    assert (table.loc[openly, "gap"] > -1e-6).all()
    assert not table.duplicated(["field", "demand", "delivered_as", "route", "period", "commodity"]).any()


def test_routes_of_the_shipped_workbook_start_at_their_tariffs() -> None:
    """Every route asked in the excerpt starts where its gap says; one is also proved through its cell."""
    case = read_case(ROOT / "inputs" / "caspian.xlsx")
    run = solve(case)
    asked = run.next_routes.dropna(subset=["starts_at"])
    assert len(asked) > 50
    assert (np.abs(asked["starts_at"] - asked["start_tariff"]) < 1e-6).mean() > 0.95
    assert (asked["starts_at"] <= asked["start_tariff"] + 1e-6).all(), "at a kink it starts later, never sooner"
    plain = asked[(asked["start_tariff"] > 1) & (asked["gap"] > 0.5)]
    units = dict(zip(case["Links"].keys, case.word("Links", "tariff_unit"), strict=True))
    row = next(row for row in plain.itertuples() if units[row.lever] is None)
    for step, starts in ((-0.02, True), (0.02, False)):
        address = f"Links:{row.lever}:tariff@{row.period}"
        flows = solve(with_changes(case, {address: row.start_tariff + step})).flows
        one = flows[(flows["link"] == row.lever) & (flows["period"] == row.period)]
        assert (one["flow"].sum() > 1e-6) == starts, row
