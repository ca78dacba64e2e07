"""Synthetic networks of the shape that users have: fields, hubs and markets, legs to near places, shared assets."""

from __future__ import annotations

from typing import Any

import numpy as np

Tables = dict[str, list[dict[str, Any]]]

GRADES = ("light", "heavy")
PERIODS = tuple(str(year) for year in range(2022, 2041))


def synthetic_tables(nodes: int, *, periods: tuple[str, ...] = PERIODS, seed: int = 0) -> Tables:
    """A connected random network of some nodes; about eight variables a node and period.

    Every node is joined to four of its nearest neighbours, both ways where that comes out so. A sixth of the nodes
    produce, a quarter buy. A third of the legs carry two grades that compete for their capacity, every tenth leg
    shares an asset with its neighbours in the list.
    """
    draw = np.random.default_rng(seed)
    x, y = draw.random((2, nodes))
    names = [f"n{i}" for i in range(nodes)]
    kinds = draw.permutation(nodes)
    fields, markets = kinds[: max(1, nodes // 6)], kinds[-max(1, nodes // 4) :]
    links = _links(draw, x, y, names)
    shared = links[::10]
    return {
        "Settings": [
            {"setting": "title", "value": f"Synthetic, {nodes} nodes"},
            {"setting": "discount_rate", "value": 0.08},
        ],
        "Periods": [{"period": label, "year": int(label), "years": 1} for label in periods],
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
        "Series": [
            {"sheet": "Markers", "key": "Brent", "column": "value", **{t: 70.0 + 2 * i for i, t in enumerate(periods)}}
        ],
    }


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
