"""Small cases as tables in memory, from which tests start."""

from __future__ import annotations

from typing import Any

from model.api import read_case
from model.case import Case

Tables = dict[str, list[dict[str, Any]]]


def one_route() -> Tables:
    """A field, a pipe to a port and a ship to a market, in two periods; links that a test adds need only their ends.

    The field's 20 Mt cost 5; pipe 10 and ship 20 leave 100 − 35 = 65 USD/t on the 15 Mt that the market takes.
    """
    return {
        "Settings": [{"setting": "title", "value": "One route"}],
        "Periods": [{"period": "2026", "year": 2026, "years": 1}, {"period": "2027", "year": 2027, "years": 1}],
        "Commodities": [
            {"commodity": "light", "family": "oil", "unit": "Mt", "bbl_per_t": 7.5},
            {"commodity": "heavy", "family": "oil", "unit": "Mt", "bbl_per_t": 7.0},
        ],
        "Nodes": [{"node": name, "country": "Northland", "kind": "hub"} for name in ("field", "port", "market")],
        "Supply": [{"supply": "wells", "node": "field", "commodity": "light", "capacity": 20, "cost": 5}],
        "Demand": [{"demand": "sales", "node": "market", "commodity": "light", "volume": 15, "price": 100}],
        "Links": [link("pipe", "field", "port", tariff=10), link("ship", "port", "market", tariff=20)],
        "Assets": [],
        "Uses": [],
        "Fleets": [],
        "Contracts": [],
        "Limits": [],
        "Series": [],
    }


def link(name: str, start: str, end: str, **given: Any) -> dict[str, Any]:
    """A row of Links: free and unlimited unless said otherwise."""
    return {"link": name, "from": start, "to": end, "mode": "pipeline", "commodity": "light", "tariff": 0, **given}


def case_of(tables: Tables) -> Case:
    """The case of some tables; empty ones are left out."""
    return read_case({name: rows for name, rows in tables.items() if rows})
