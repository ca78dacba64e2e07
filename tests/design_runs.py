"""Runs of a design by cold solves, and a case of two roads whose answers are worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from model.analysis.batch.design import Design
from model.case import Case
from model.engine import Engine
from model.results.exports import totals
from model.scenario import with_changes, with_scenario
from tests.cases import Row, Tables, demand, link, supply, tables, years


def two_roads(*ranges: Row, **more: Any) -> Tables:
    """10 Mt at 50 USD/t; north takes 6 Mt at 400 − 30 = 370, south any volume at 300 − 45 = 255; the pipe holds 4.

    As it stands 4 Mt go north and 6 Mt south: 4·(370 − 50) + 6·(255 − 50) = 2510 million USD.
    """
    return tables(
        **{
            "Supply": [supply("field", "field", "crude", 10, 50)],
            "Demand": [demand("near", "east", "crude", 6, 400), demand("far", "west", "crude", 20, 300)],
            "Links": [
                link("north", "field", "east", "crude", 30, capacity=4),
                link("south", "field", "west", "crude", 45, capacity=8),
            ],
            "Ranges": [dict(row) for row in ranges],
            **more,
        }
    )


def two_years(*ranges: Row) -> Tables:
    """Two roads in 2026 and 2027, undiscounted."""
    return two_roads(*ranges, periods=years(2026, 2))


def vary(name: str, address: str, how: str, low: float | None, high: float | None, **more: Any) -> Row:
    sheet, key, column = address.split(":")
    return {
        "range": name,
        "sheet": sheet,
        "key": key,
        "column": column,
        "change": how,
        "low": low,
        "high": high,
        **more,
    }


def runner(case: Case) -> Callable[[Design], pd.DataFrame]:
    """Solves every run of a design cold and gives the frame of a batch."""

    def run(design: Design) -> pd.DataFrame:
        rows = []
        for number, (changes, label, scenario) in enumerate(
            zip(design.runs, design.labels, design.scenarios, strict=True), 1
        ):
            one = with_changes(with_scenario(case, scenario), changes)
            found = Engine([one]).solve(one)
            row: dict[str, Any] = {"run": number, "label": label, "scenario": scenario, "status": found.status}
            row["value"] = found.objective if found.status == "optimal" else None
            row |= dict(zip(design.factors, design.points[number - 1].tolist() if design.factors else (), strict=True))
            for (family, name), (volumes, _) in totals(found, "corridor").items():
                for period, volume in zip(case.periods, volumes.tolist(), strict=True):
                    row[f"corridors:{family}:{name}@{period}"] = volume if found.status == "optimal" else None
            rows.append(row)
        return pd.DataFrame(rows).astype({"value": float})

    return run
