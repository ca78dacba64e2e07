"""Small cases of plans for several scenarios, from which tests start."""

from __future__ import annotations

from typing import Any

from tests.cases import Row, Tables, demand, link, supply, tables

PRICES = {"east": (30, 10, 5), "west": (22, 16, 11), "hub": (15, 15, 15)}
NAMES = ("base", "slump", "crisis")


def pipe(name: str, **more: Any) -> Row:
    """A project of one whole pipe of 10 Mt for 100 million USD that lasts for a year."""
    row = {"project": f"to_{name}", "adds_to": name, "size": 10, "max_units": 1, "whole_units": "yes", "capex": 100}
    return {**row, "life_years": 1, "funds": "purse", **more}


def three_ways(probability: tuple[float, ...] | None = (0.6, 0.3, 0.1), **settings: Any) -> Tables:
    """A field of 10 Mt, money for one of three pipes, and prices that differ by scenario.

    value of        base   slump   crisis
    to_east          200       0      −50       10 Mt at 30, 10 or 5, less 100
    to_west          120      60       10       10 Mt at 22, 16 or 11, less 100
    to_hub            50      50       50       10 Mt at 15, less 100
    nothing            0       0        0
    """
    chances: list[dict[str, Any]] = [{"probability": p} for p in probability] if probability else [{}] * 3
    return tables(
        settings={"discount_rate": 0, "base_year": 2026, **settings},
        Supply=[supply("wells", "field", "crude", 10)],
        Demand=[demand(f"{name}_sales", name, "crude", 10, prices[0]) for name, prices in PRICES.items()],
        Links=[link(name, "field", name, "crude", capacity=0) for name in PRICES],
        Projects=[pipe(name) for name in PRICES],
        Funds=[{"fund": "purse", "budget": 100}],
        Scenarios=[{"scenario": name, "run": "yes", **chance} for name, chance in zip(NAMES, chances, strict=True)],
        Changes=[
            {"scenario": scenario, "sheet": "Demand", "key": f"{name}_sales", "column": "price", "change": "set",
             "value": prices[s]}
            for name, prices in PRICES.items()
            for s, scenario in enumerate(NAMES)
            if s
        ],
    )  # fmt: skip
