"""A small case that exports: oil over a pipe and a railway to two countries, gas over one shared pipe."""

from __future__ import annotations

import copy
from typing import Any

Tables = dict[str, list[dict[str, Any]]]

_TABLES: Tables = {
    "Settings": [{"setting": "title", "value": "Two roads"}],
    "Periods": [{"period": "2026", "year": 2026}, {"period": "2027", "year": 2027}, {"period": "2028", "year": 2028}],
    "Commodities": [
        {"commodity": "crude", "family": "oil", "unit": "Mt", "origin": "Inland", "bbl_per_t": 7.5},
        {"commodity": "gas", "family": "gas", "unit": "bcm", "origin": "Inland", "gj_per_1000m3": 38},
    ],
    "Nodes": [
        {"node": "well", "country": "Inland", "kind": "field"},
        {"node": "refinery", "country": "Inland", "kind": "market"},
        {"node": "harbour", "country": "Coastland", "kind": "port"},
        {"node": "abroad", "country": "Farland", "kind": "market"},
    ],
    "Supply": [
        {"supply": "crude", "node": "well", "commodity": "crude", "capacity": 20, "cost": 50},
        {"supply": "gas", "node": "well", "commodity": "gas", "capacity": 10, "cost": 20},
    ],
    "Demand": [
        {"demand": "home", "node": "refinery", "commodity": "crude", "volume": 3, "firm": 3, "price": 100},
        {"demand": "harbour", "node": "harbour", "commodity": "crude", "volume": 12, "price": 400},
        {"demand": "abroad", "node": "abroad", "commodity": "crude", "volume": 30, "price": 500},
        {"demand": "heat", "node": "abroad", "commodity": "gas", "volume": 30, "price": 200},
    ],
    "Links": [
        {"link": "home", "from": "well", "to": "refinery", "mode": "pipeline", "commodity": "crude", "tariff": 1},
        {"link": "pipe", "from": "well", "to": "harbour", "mode": "pipeline", "commodity": "crude", "capacity": 10,
         "tariff": 20},
        {"link": "rail", "from": "well", "to": "harbour", "mode": "rail", "commodity": "crude", "tariff": 90},
        {"link": "ship", "from": "harbour", "to": "abroad", "mode": "tanker", "commodity": "crude", "capacity": 6,
         "tariff": 30},
        {"link": "gas_north", "from": "well", "to": "abroad", "mode": "pipeline", "commodity": "gas", "tariff": 10},
        {"link": "gas_south", "from": "well", "to": "abroad", "mode": "pipeline", "commodity": "gas", "tariff": 12},
    ],
    "Assets": [{"asset": "gas_trunk", "kind": "pipeline", "capacity": 8, "volume_unit": "bcm"}],
    "Uses": [{"link": "gas_north", "asset": "gas_trunk"}, {"link": "gas_south", "asset": "gas_trunk"}],
    "Scenarios": [
        {"scenario": "dear_ship", "description": "The ship costs 50 more", "run": "yes"},
        {"scenario": "cut_off", "description": "Home must take more than there is", "run": "no"},
    ],
    "Changes": [
        {"scenario": "dear_ship", "sheet": "Links", "key": "ship", "column": "tariff", "change": "add", "value": 50},
        {"scenario": "cut_off", "sheet": "Demand", "key": "home", "column": "volume", "change": "set", "value": 30},
        {"scenario": "cut_off", "sheet": "Demand", "key": "home", "column": "firm", "change": "set", "value": 30},
    ],
}  # fmt: skip


def export_tables() -> Tables:
    """A fresh copy of the case, to be changed at will."""
    return copy.deepcopy(_TABLES)
