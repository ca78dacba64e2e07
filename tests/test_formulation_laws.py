"""Laws that hold for any case: money scales, more room never hurts, names and the order of rows mean nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.audit import audit
from model.engine import Engine
from model.results.registry import one_table
from model.scenario import with_changes
from model.solution import Solution
from tests.cases import Tables, demand, link, read, rich_tables, solve, supply, tables, years

MONEY = (
    ("Supply", ("cost",)),
    ("Links", ("tariff", "risk")),
    ("Demand", ("price", "differential")),
    ("Markers", ("value",)),
    ("Contracts", ("shortfall_price",)),
    ("Commodities", ("differential",)),
)


@pytest.fixture(scope="module")
def rich() -> Solution:
    return solve(read(rich_tables()))


def flows(solution: Solution) -> dict[tuple[str, ...], list[float]]:
    return {item: solution["flow"][i].tolist() for i, item in enumerate(solution.items["flow"])}


def test_twice_the_money_is_twice_the_value_of_the_same_plan(rich: Solution) -> None:
    """Every price, cost and tariff doubled."""
    sheets = rich_tables()
    for sheet, columns in MONEY:
        for row in sheets[sheet]:
            row.update({column: 2 * row[column] for column in columns if row.get(column) is not None})
    for row in sheets["Settings"]:
        if row["setting"] == "unserved_price":
            row["value"] *= 2
    for row in sheets["Series"]:
        if row["sheet"] == "Markers":
            row.update({label: 2 * row[label] for label in ("2027", "2028")})
    doubled = solve(read(sheets))
    assert doubled.objective == pytest.approx(2 * rich.objective, rel=1e-9)
    for item, values in flows(rich).items():
        assert flows(doubled)[item] == pytest.approx(values, abs=1e-6), item
    assert doubled.node_value == pytest.approx(2 * rich.node_value, rel=1e-6, abs=1e-6)


def test_a_dearer_dollar_changes_what_is_written_in_euro_only() -> None:
    """Twice the euro per dollar halves a tariff in euro and leaves one in dollars."""
    sheets = tables(
        Currencies=[{"currency": "EUR", "per_usd": 0.5}],
        Supply=[supply("s", "field", "crude", 10)],
        Demand=[demand("east", "east", "crude", 4, 100), demand("west", "west", "crude", 6, 100)],
        Links=[
            link("east", "field", "east", "crude", 10, tariff_unit="EUR/t"),
            link("west", "field", "west", "crude", 10),
        ],
    )
    assert solve(read(sheets)).objective == pytest.approx(4 * 80 + 6 * 90)
    sheets["Currencies"] = [{"currency": "EUR", "per_usd": 1.0}]
    assert solve(read(sheets)).objective == pytest.approx(4 * 90 + 6 * 90)


@pytest.mark.parametrize(
    "address",
    [
        "Supply:light:capacity",
        "Links:trunk:capacity",
        "Links:gas_east:capacity",
        "Assets:exit:capacity",
        "Assets:terminal:capacity",
        "Fleets:tankers:vessels",
        "Demand:power:volume",
        "Limits:quota:at_most",
        "Limits:yearly:at_most",
        "Limits:depletion:at_most",
        "Contracts:take_power:ceiling",
        "Supply:old:reserves",
    ],
)
def test_more_room_never_hurts(rich: Solution, address: str) -> None:
    sheet, key, column = address.split(":")
    value = float(rich.case.number(sheet, column)[rich.case[sheet].position[key], 0])
    wider = with_changes(rich.case, {address: 1.3 * value})
    assert Engine([wider]).solve(wider).objective >= rich.objective - 1e-6


def test_the_order_of_rows_means_nothing(rich: Solution) -> None:
    sheets = rich_tables()
    for name in sheets:
        if name not in ("Periods", "Changes"):
            sheets[name] = sheets[name][::-1]
    turned = solve(read(sheets))
    assert turned.objective == pytest.approx(rich.objective, rel=1e-9)
    for item, values in flows(rich).items():
        assert flows(turned)[item] == pytest.approx(values, abs=1e-6), item


def test_names_mean_nothing(rich: Solution) -> None:
    """Nodes, links and grades bear other names, in every cell and selector that mentions them."""
    sheets = rich_tables()
    new = {
        kind: {row[kind]: f"{kind} имя {i}" for i, row in enumerate(sheets[sheet])}
        for sheet, kind in (("Nodes", "node"), ("Links", "link"), ("Commodities", "commodity"))
    }
    for sheet, column, kind in RENAMED:
        for row in sheets[sheet]:
            if row.get(column):
                row[column] = renamed(row[column], new[kind])
    for sheet, column in (("Limits", "what"), ("Limits", "of"), ("Observed", "what")):
        for row in sheets[sheet]:
            terms = [term.split("=") for term in row[column].split(";")] if row.get(column) else []
            row[column] = ";".join(f"{field}={renamed(name, new.get(field, {}))}" for field, name in terms) or None
    sheets["Limits"][0]["what"] = f"link={new['link']['on_east']};family=oil"
    for row in sheets["Series"] + sheets["Changes"]:
        row["key"] = new["link"].get(row["key"], row["key"]) if row["sheet"] == "Links" else row["key"]
    solution = solve(read(sheets))
    assert solution.objective == pytest.approx(rich.objective, rel=1e-9)
    for (name, grade), values in flows(rich).items():
        item = (new["link"][name], new["commodity"][grade])
        assert flows(solution)[item] == pytest.approx(values, abs=1e-6), item


RENAMED = (
    *((sheet, "commodity", "commodity") for sheet in ("Commodities", "Supply", "Demand", "Links", "Uses", "Contracts")),
    *((sheet, "node", "node") for sheet in ("Nodes", "Supply", "Demand")),
    *(("Links", column, "node") for column in ("from", "to", "fee_to")),
    ("Links", "becomes", "commodity"),
    *((sheet, "link", "link") for sheet in ("Links", "Uses")),
    ("Contracts", "applies_to", "link"),
)


def renamed(text: str, names: dict[str, str]) -> str:
    """Every name of a list, or of pairs ``a > b``, in a cell."""
    return ", ".join(" > ".join(names.get(name, name) for name in part.split(" > ")) for part in text.split(", "))


def test_an_idle_year_more_changes_nothing_else() -> None:
    """Periods that nothing couples are solved as if alone."""
    sheets: dict[str, Any] = {
        "Supply": [supply("s", "field", "crude", 10, 20)],
        "Demand": [demand("east", "east", "crude", 7, 100), demand("west", "west", "crude", 7, 90)],
        "Links": [link("east", "field", "east", "crude", 10), link("west", "field", "west", "crude", 15)],
    }
    one, three = (solve(read(tables(periods=years(2026, count), **sheets))) for count in (1, 3))
    assert three.objective == pytest.approx(3 * one.objective)
    for item, values in flows(one).items():
        assert flows(three)[item] == pytest.approx(values * 3)


number = st.floats(0.5, 20).map(lambda value: round(value, 2))


@st.composite
def networks(draw: st.DrawFn) -> Tables:
    """Two fields, two grades, five places and up to eight links with losses, fees and capacities."""
    places = ["field", "port", "hub", "east", "west"]
    leg = st.tuples(st.sampled_from(places), st.sampled_from(places)).filter(lambda ends: ends[0] != ends[1])
    legs = draw(st.lists(leg, min_size=1, max_size=8))
    links = [
        link(
            f"leg {i}",
            start,
            end,
            draw(st.sampled_from(["crude", "sour", "crude, sour"])),
            draw(number),
            capacity=draw(st.one_of(st.just("unlimited"), number)),
            loss=draw(st.sampled_from([0, 0.03, 0.2])),
            becomes=draw(st.sampled_from([None, "sour"])),
            fee_in_kind=draw(st.sampled_from([0, 0.05])),
        )
        for i, (start, end) in enumerate(legs)
    ]
    return tables(
        periods=years(2026, 2),
        settings={"discount_rate": 0.05, "unserved_price": 700},
        Supply=[supply("a", "field", "crude", draw(number), draw(number)), supply("b", "port", "sour", draw(number))],
        Demand=[
            demand("e", "east", "crude, sour", draw(number), 10 * draw(number), firm=0.3),
            demand(
                "w", "west", "sour", draw(number), 10 * draw(number), elasticity=draw(st.sampled_from([None, -0.4]))
            ),
        ],
        Links=links,
        Contracts=[
            {
                "contract": "c",
                "type": "ship-or-pay",
                "applies_to": "leg 0",
                "volume": draw(number),
                "shortfall_price": 7,
            }
        ],
        Limits=[{"limit": "l", "measure": "flow", "what": "family=oil", "at_most": draw(number), "per": "horizon"}],
    )


@given(networks())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
def test_whatever_is_solved_passes_the_audit_and_adds_up(sheets: Tables) -> None:
    case = read(sheets)
    solution = Engine([case]).solve(case)
    assert solution.status == "optimal"
    audit(solution)
    summary = one_table("Summary", solution).set_index(["measure", "family", "period"])["present_value"]
    assert summary["net value", "all", "total"] == pytest.approx(solution.objective, rel=1e-6, abs=1e-6)
