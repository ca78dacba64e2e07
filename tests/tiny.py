"""A tiny valid case as tables in memory: one field, a pipe and a tanker leg to two markets."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from model.case import Case
from model.workbook.sheets import SHEETS

Tables = dict[str, list[dict[str, Any]]]

_TABLES: Tables = {
    "Settings": [{"setting": "title", "value": "Tiny"}, {"setting": "discount_rate", "value": 0.08}],
    "Periods": [{"period": "2026", "year": 2026, "years": 1}, {"period": "2027", "year": 2027, "years": 1}],
    "Currencies": [{"currency": "EUR", "per_usd": 0.9}],
    "Commodities": [
        {"commodity": "light", "family": "oil", "unit": "Mt", "origin": "Northland", "bbl_per_t": 7.5},
        {"commodity": "blend", "family": "oil", "unit": "Mt", "origin": "Northland", "bbl_per_t": 7.4},
        {"commodity": "gas", "family": "gas", "unit": "bcm", "origin": "Northland", "gj_per_1000m3": 40},
    ],
    "Nodes": [
        {"node": "field", "country": "Northland", "kind": "field", "latitude": 60, "longitude": 10},
        {"node": "port", "country": "Midland", "kind": "port"},
        {"node": "near", "country": "Midland", "kind": "market"},
        {"node": "far", "country": "Southland", "kind": "market"},
    ],
    "Markers": [{"marker": "Brent", "unit": "USD/bbl", "value": 80}, {"marker": "Hub", "unit": "EUR/MWh", "value": 30}],
    "Supply": [
        {"supply": "north", "node": "field", "commodity": "light", "capacity": 20, "cost": 5, "cost_unit": "USD/bbl"},
        {"supply": "north_gas", "node": "field", "commodity": "gas", "capacity": 10, "minimum": 1, "cost": 20},
    ],
    "Demand": [
        {"demand": "near", "node": "near", "commodity": "light", "volume": 5, "firm": 2, "price": 300},
        {"demand": "far", "node": "far", "commodity": "blend, light", "volume": 15, "marker": "Brent",
         "differential": -2, "price_unit": "USD/bbl"},
        {"demand": "heat", "node": "far", "commodity": "gas", "volume": 8, "marker": "Hub", "elasticity": -0.3},
    ],
    "Links": [
        {"link": "pipe", "from": "field", "to": "port", "mode": "pipeline", "commodity": "light", "capacity": 18,
         "tariff": 20, "loss": 0.01, "country": "Northland 60, Midland 40", "distance_km": 800},
        {"link": "local", "from": "port", "to": "near", "mode": "rail", "commodity": "light", "tariff": 10},
        {"link": "sea", "from": "port", "to": "far", "mode": "tanker", "commodity": "light", "becomes": "blend",
         "tariff": 15, "distance_km": 2000, "opens": "2026", "closes": "2027"},
        {"link": "gas_pipe", "from": "field", "to": "far", "mode": "pipeline", "commodity": "gas", "capacity": 9,
         "minimum": 1, "tariff": 2, "tariff_unit": "EUR/1000m3/100km", "distance_km": 1500, "fee_in_kind": 0.02,
         "fee_to": "port"},
    ],
    "Assets": [{"asset": "jetty", "capacity": 400, "volume_unit": "kb/d", "country": "Midland"},
               {"asset": "berth", "capacity": 30}],
    "Uses": [{"link": "sea", "asset": "jetty"}, {"link": "sea", "asset": "ships"},
             {"link": "local", "asset": "berth", "commodity": "light", "use": 2}],
    "Fleets": [{"fleet": "ships", "vessels": 20, "deadweight_t": 60000, "speed_knots": 12, "port_days": 4,
                "operating_days": 350}],
    "Storage": [{"storage": "tanks", "node": "port", "commodity": "light", "capacity": 2, "inject": 9, "withdraw": 9,
                 "initial": 0.5, "final": "initial"}],
    "Projects": [
        {"project": "widening", "adds_to": "pipe", "size": 2, "max_units": 1.5, "whole_units": "no", "capex": 900,
         "life_years": 20, "funds": "bank"},
        {"project": "fleet_two", "adds_to": "ships", "size": 1, "max_units": 3, "whole_units": "yes", "capex": 50,
         "life_years": 25, "earliest": "2027", "lead_years": 0.5, "funds": "bank 60, state 40",
         "requires": "widening"},
    ],
    "Funds": [{"fund": "bank", "budget": 500}, {"fund": "state", "budget": "unlimited"}],
    "Contracts": [{"contract": "pledge", "type": "ship-or-pay", "applies_to": "pipe", "commodity": "light", "volume": 4,
                   "shortfall_price": 12}],
    "Limits": [
        {"limit": "quota", "measure": "flow", "what": "link=sea;origin=Northland", "at_most": 14},
        {"limit": "share", "measure": "delivery", "what": "demand=near", "of": "commodity=*;family=oil",
         "at_most": 0.6},
    ],
    "Series": [{"sheet": "Markers", "key": "Brent", "column": "value", "2026": 80, "2027": 75}],
    "Scenarios": [
        {"scenario": "low", "description": "Brent lower", "run": "yes"},
        {"scenario": "lower", "based_on": "low", "run": "no"},
    ],
    "Changes": [
        {"scenario": "low", "sheet": "Markers", "key": "Brent", "column": "value", "change": "add", "value": -10},
        {"scenario": "lower", "sheet": "Links", "key": "*pipe", "column": "capacity", "period": "2027",
         "change": "multiply", "value": 0.5},
    ],
    "Ranges": [
        {"range": "oil price", "sheet": "Markers", "key": "Brent", "column": "value", "change": "multiply", "low": 0.8,
         "high": 1.2, "group": "prices"},
        {"range": "gas price", "sheet": "Markers", "key": "Hub", "column": "value", "period": "2027", "change": "add",
         "low": -5, "high": 5, "distribution": "normal", "group": "prices"},
        {"range": "pipe", "sheet": "Links", "key": "pipe", "column": "capacity", "change": "set", "low": 10, "high": 20,
         "distribution": "triangular", "likely": 18, "correlated": "tariff -0.3, prices 0.5"},
        {"range": "tariff", "sheet": "Links", "key": "*", "column": "tariff", "change": "multiply",
         "distribution": "choice", "values": "0.9; 1; 1; 1.3"},
    ],
    "Observed": [{"observed": "sea_2026", "measure": "flow", "what": "link=sea", "period": "2026", "value": 10}],
    "Sources": [{"source": "made up", "citation": "Invented for tests"}],
}  # fmt: skip


def tiny() -> Tables:
    """A fresh copy, to be changed at will."""
    return copy.deepcopy(_TABLES)


def assert_alike(one: Case, two: Case) -> None:
    """Whether two cases hold the same names, words and numbers."""
    for name in SHEETS:
        assert one[name].keys == two[name].keys
        assert one[name].words == two[name].words
        for column, values in two[name].numbers.items():
            np.testing.assert_array_equal(one[name].numbers[column], values)
