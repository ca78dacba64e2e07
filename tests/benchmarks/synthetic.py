"""Synthetic networks of the shape that users have: fields, hubs and markets, legs to near places, shared assets."""

from __future__ import annotations

from typing import Any

import numpy as np

Tables = dict[str, list[dict[str, Any]]]

GRADES = ("light", "heavy")
YEARS = tuple(str(year) for year in range(2022, 2041))
MONTHS = tuple(f"{year}-{month:02}" for year in (2024, 2025) for month in range(1, 13))
COUPLED_SHARE = 0.05  # of supplies that have a cap over time, of nodes that have a store, of links that may be widened


def synthetic_tables(nodes: int, *, joined: str = "", seed: int = 0) -> Tables:
    """A connected random network of some nodes over 19 years or 24 months; about 5½ variables a node and period.

    Every node is joined to four of its nearest neighbours, both ways where that comes out so. A sixth of the nodes
    produce, a quarter buy. A third of the legs carry two grades that compete for their capacity, every tenth leg
    shares an asset with its neighbours in the list. Periods are years that nothing joins, or months with prices by
    season that are ``joined`` by ``caps`` (on what some supplies give in a calendar year), ``stores`` or ``projects``.
    """
    draw = np.random.default_rng(seed)
    x, y = draw.random((2, nodes))
    names = [f"n{i}" for i in range(nodes)]
    kinds = draw.permutation(nodes)
    fields, markets = kinds[: max(1, nodes // 6)], kinds[-max(1, nodes // 4) :]
    links = _links(draw, x, y, names)
    shared = links[::10]
    tables = {
        "Settings": [
            {"setting": "title", "value": f"Synthetic, {nodes} nodes"},
            {"setting": "discount_rate", "value": 0.08},
        ],
        **_periods(months=bool(joined)),
        "Commodities": [
            {"commodity": k, "family": "oil", "unit": "Mt", "origin": "Inland", "bbl_per_t": 7.5} for k in GRADES
        ],
        "Nodes": [{"node": n, "country": f"country {i % 7}", "kind": "hub"} for i, n in enumerate(names)],
        "Markers": [{"marker": "Brent", "unit": "USD/bbl", "value": 70}],
        "Supply": [
            {
                "supply": f"s{i}",
                "node": names[i],
                "commodity": GRADES[i % 2],
                "capacity": float(draw.integers(5, 30)),
                "cost": float(draw.integers(20, 120)),
            }
            for i in fields
        ],
        "Demand": [
            {
                "demand": f"d{i}",
                "node": names[i],
                "commodity": ", ".join(GRADES) if i % 3 == 0 else GRADES[i % 2],
                "volume": float(draw.integers(3, 20)),
                "marker": "Brent",
                "differential": float(draw.integers(-15, 5)),
                "price_unit": "USD/bbl",
            }
            for i in markets
        ],
        "Links": links,
        "Assets": [{"asset": f"a{i}", "capacity": float(draw.integers(10, 40))} for i in range(0, len(shared), 3)],
        "Uses": [{"link": row["link"], "asset": f"a{i - i % 3}"} for i, row in enumerate(shared)],
    }
    return {**tables, **_joined(joined, draw, tables)}


def _periods(*, months: bool) -> Tables:
    """Periods and the price of oil in each, which rises by the year and follows the season by the month."""
    labels = MONTHS if months else YEARS
    season = 15 * np.cos(np.arange(len(labels)) * np.pi / 6) if months else np.zeros(len(labels))
    price = {t: round(70.0 + 2 * i + float(season[i]), 2) for i, t in enumerate(labels)}
    return {
        "Periods": [{"period": t, "year": int(t[:4]), "years": "1/12" if months else 1} for t in labels],
        "Series": [{"sheet": "Markers", "key": "Brent", "column": "value", **price}],
    }


def _joined(by: str, draw: np.random.Generator, tables: Tables) -> Tables:
    """What joins the periods."""
    if not by:
        return {}
    sheet = {"caps": "Supply", "stores": "Nodes", "projects": "Links"}[by]
    rows = [row for row in tables[sheet] if draw.random() < COUPLED_SHARE]
    if by == "caps":
        limits = [
            {"limit": f"cap {r['supply']}", "measure": "supply", "what": f"supply={r['supply']}", "per": "year"}
            | {"at_most": 0.5 * r["capacity"]}
            for r in rows
        ]
        return {"Limits": limits}
    if by == "stores":
        stores = [
            {"storage": f"w {r['node']} {k}", "node": r["node"], "commodity": k, "capacity": 2.0, "inject": 6.0}
            | {"withdraw": 6.0, "initial": 1.0, "final": "initial", "cost": 1.0}
            for r in rows
            for k in GRADES
        ]
        return {"Storage": stores}
    projects = [
        {"project": f"p {r['link']}", "adds_to": r["link"], "size": 5.0, "max_units": 2, "whole_units": "no"}
        | {"capex": 10.0 + r["distance_km"] / 20, "lead_years": 0.5, "life_years": 20}
        for r in rows
    ]
    return {"Projects": projects}


def _links(draw: np.random.Generator, x: Any, y: Any, names: list[str]) -> list[dict[str, Any]]:
    rows = []
    for i, start in enumerate(names):
        distance = np.hypot(x - x[i], y - y[i])
        for j in np.argpartition(distance, min(6, len(names) - 1))[:7]:
            if i == j or draw.random() < 1 / 3:
                continue
            km = float(np.round(3000 * distance[j], 1)) + 10
            rows.append(
                {
                    "link": f"l{len(rows)}",
                    "from": start,
                    "to": names[j],
                    "mode": "pipeline",
                    "commodity": ", ".join(GRADES) if draw.random() < 0.4 else GRADES[int(draw.integers(2))],
                    "capacity": float(draw.integers(3, 25)),
                    "tariff": round(2 + 0.02 * km, 2),
                    "loss": 0.002,
                    "distance_km": km,
                }
            )
    return rows
