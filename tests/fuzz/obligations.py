"""What random networks promise, store and build, and how their scenarios differ."""

from __future__ import annotations

from typing import Any

from tests.fuzz.chance import Chance
from tests.fuzz.goods import carried_by, volume

Row = dict[str, Any]
Tables = dict[str, list[Row]]


def add_agreements(draw: Chance, tables: Tables) -> None:
    """Stores, contracts with make-up and ceilings, limits of every measure."""
    add_stores(draw, tables)
    labels = [row["period"] for row in tables["Periods"]]
    first = draw.count(0, len(labels) - 1)
    tables["Contracts"] = []
    for i in range(draw.count(0, 2)):
        sheet, kind = draw.one((("Links", "ship-or-pay"), ("Links", "deliver-or-pay"), ("Demand", "take-or-pay")))
        row = draw.one(tables[sheet])
        amount, unit = volume(draw, carried_by(row), 0.2, 6)
        tables["Contracts"].append(
            {"contract": f"c{i}", "type": kind, "applies_to": row["link" if sheet == "Links" else "demand"],
             "commodity": draw.one((None, row["commodity"].split(", ")[-1])), "volume": amount,
             "share": draw.given(0.6, 0.4, 1), "ceiling": 1.2 * amount if draw.maybe(0.3) else None,
             "volume_unit": unit, "shortfall_price": draw.number(0, 60), "make_up_years": draw.one((None, None, 1, 2)),
             "opens": labels[first] if draw.maybe(0.2) else None,
             "closes": draw.one(labels[first:]) if draw.maybe(0.2) else None}
        )  # fmt: skip
    if tables["Assets"] and draw.maybe(0.3):
        asset = draw.one(tables["Assets"])
        commodity = next(use for use in tables["Uses"] if use["asset"] == asset["asset"])
        link = next(row for row in tables["Links"] if row["link"] == commodity["link"])
        tables["Contracts"].append(
            {"contract": "port deal", "type": "ship-or-pay", "applies_to": asset["asset"],
             "commodity": commodity["commodity"] or link["commodity"].split(", ")[0], "volume": draw.number(0.1, 3),
             "shortfall_price": draw.number(0, 40)}
        )  # fmt: skip
    if tables["Contracts"] and draw.maybe(0.3):
        _add_prices_by_year(draw, tables, draw.one(tables["Contracts"]))
    tables["Limits"] = [row for i in range(draw.count(0, 3)) for row in [_limit(draw, tables, i, labels)]]


def _add_prices_by_year(draw: Chance, tables: Tables, contract: Row) -> None:
    """What a contract asks for a shortfall, another price each year: all periods of a year have the same."""
    factor = {row["year"]: draw.number(0.3, 2) for row in tables["Periods"]}
    prices = {row["period"]: factor[row["year"]] * contract["shortfall_price"] for row in tables["Periods"]}
    tables["Series"].append({"sheet": "Contracts", "key": contract["contract"], "column": "shortfall_price", **prices})


def add_stores(draw: Chance, tables: Tables) -> None:
    tables["Storage"] = []
    for i in range(draw.count(0, 2)):
        row = draw.one([*tables["Supply"], *tables["Demand"]])
        capacity = draw.number(0.3, 3)
        tables["Storage"].append(
            {"storage": f"w{i}", "node": row["node"], "commodity": row["commodity"].split(", ")[0],
             "capacity": capacity, "inject": draw.one(("unlimited", draw.number(0.2, 5))),
             "withdraw": draw.number(0.2, 5), "initial": 0.4 * capacity if draw.maybe() else None,
             "final": draw.one((None, None, 0.1 * capacity, "initial")), "cost": draw.given(0.5, 0, 5),
             "loss": draw.given(0.5, 0, 0.1)}
        )  # fmt: skip


def _limit(draw: Chance, tables: Tables, i: int, labels: list[str]) -> Row:
    measure = draw.one(("supply", "flow", "delivery"))
    sheet, key = {"supply": ("Supply", "supply"), "flow": ("Links", "link"), "delivery": ("Demand", "demand")}[measure]
    row = draw.one(tables[sheet])
    grade = row["commodity"].split(", ")[0]
    per = draw.one((None, "period", "year", "horizon"))
    first = draw.count(0, len(labels) - 1)
    limit: Row = {
        "limit": f"q{i}",
        "measure": measure,
        "what": draw.one((f"{key}={row[key]}", f"{key}={row[key]};commodity={grade}", f"commodity={grade}")),
        "per": per,
        "opens": labels[first] if draw.maybe(0.2) else None,
        "closes": draw.one(labels[first:]) if draw.maybe(0.2) else None,
    }
    if draw.maybe(0.3):
        family = next(one["family"] for one in tables["Commodities"] if one["commodity"] == grade)
        limit |= {"of": f"family={family}", "at_most": draw.given(0.9, 0.1, 0.9)}
        limit["at_least"] = draw.number(0, 0.05) if limit["at_most"] is None else None
        return limit
    at_most, unit = volume(draw, carried_by(row), 0.3, 6)
    limit |= {"at_most": at_most, "volume_unit": unit}
    # what must be reached is small, or most cases would have no answer
    limit["at_least"] = draw.number(0, 0.05) if draw.maybe(0.08) else None
    return limit


def add_building(draw: Chance, tables: Tables, *, whole: bool | None) -> None:
    """Up to three projects of two funds; each adds to one row that has a limit."""
    tables["Projects"], tables["Funds"] = [], []
    places = [
        *((row["link"], row["capacity"]) for row in tables["Links"] if isinstance(row["capacity"], float)),
        *((row["supply"], row["capacity"]) for row in tables["Supply"]),
        *((row["demand"], row["volume"]) for row in tables["Demand"] if row["elasticity"] is None),
        *((row["asset"], row["capacity"]) for row in tables["Assets"]),
        *((row["fleet"], row["vessels"]) for row in tables["Fleets"]),
        *((row["storage"], row["capacity"]) for row in tables["Storage"]),
    ]
    stores = {row["storage"] for row in tables["Storage"]}
    if not draw.maybe(0.7):
        return
    tables["Funds"] = [
        {"fund": "bank", "budget": draw.number(30, 400), "owner": "Home"},
        {"fund": "state", "budget": "unlimited", "period_budget": draw.given(0.5, 20, 200)},
    ]
    labels = [row["period"] for row in tables["Periods"]]
    for i in range(draw.count(1, 3)):
        name, capacity = draw.one(places)
        in_whole = draw.maybe() if whole is None else whole
        tables["Projects"].append(
            {"project": f"p{i}", "adds_to": name, "size": capacity * draw.number(0.2, 1),
             "minimum_use": draw.given(0.15, 0, 0.5) if name not in stores else None,
             "max_units": draw.count(1, 3) if in_whole else draw.number(0.3, 3),
             "whole_units": "yes" if in_whole else "no", "capex": draw.number(0, 200),
             "earliest": draw.one((None, draw.one(labels))), "lead_years": draw.one((None, 0.5, 1)),
             "life_years": draw.number(0.7, 20), "funds": draw.one((None, "bank", "state", "bank 60, state 40")),
             "requires": f"p{i - 1}" if i and draw.maybe(0.3) else None}
        )  # fmt: skip
    if draw.maybe(0.2):
        limit = {"limit": "few", "measure": "built", "what": draw.one(("project=*", "project=p0")), "per": "horizon"}
        tables["Limits"].append({**limit, "at_most": draw.count(0, 2)})


def add_scenarios(draw: Chance, tables: Tables) -> None:
    """Two scenarios, one based on the other, with changes of prices, capacities and dates."""
    tables["Scenarios"], tables["Changes"] = [], []
    if not draw.maybe(0.4):
        return
    tables["Scenarios"] = [
        {"scenario": "first", "run": "yes"},
        {"scenario": "second", "run": "yes", "based_on": draw.one((None, "first"))},
    ]
    labels = [row["period"] for row in tables["Periods"]]
    kinds = (
        ("Links", "l*", "tariff", "multiply", 0.5, 2), ("Supply", "s*", "cost", "add", -1, 5),
        ("Markers", "Brent", "value", "set", 30, 90), ("Supply", "s0", "capacity", "multiply", 0.3, 2),
    )  # fmt: skip
    for scenario in ("first", "second"):
        sheet, key, column, change, low, high = draw.one(kinds)
        span = draw.one((None, labels[0], f"{labels[0]}..{labels[-1]}"))
        tables["Changes"].append(
            {"scenario": scenario, "sheet": sheet, "key": key, "column": column, "period": span, "change": change,
             "value": draw.number(low, high)}
        )  # fmt: skip
