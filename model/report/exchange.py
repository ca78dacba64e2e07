"""Results for other programmes: a description of the CSV tables, and the long table that integrated models exchange.

The description is a Tabular Data Package (Frictionless Data, version 1). The long table is that of the Integrated
Assessment Modeling Consortium (IAMC): model, scenario, region, variable, unit, year, value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from model import __version__
from model.case import Case
from model.report.table_text import file_name
from model.results.declare import ResultTable

if TYPE_CHECKING:
    import pandas as pd

PACKAGE: Final = "datapackage.json"
IAMC: Final = "iamc.csv"
NOT_OPTIMAL: Final = "NOT OPTIMAL.txt"
WORLD: Final = "World"
IAMC_COLUMNS: Final = ("model", "scenario", "region", "variable", "unit", "year", "value")
_TYPES: Final = {"text": "string", "year": "integer"}


def write_package(
    path: Path, title: str, specs: Sequence[ResultTable], frames: Mapping[str, pd.DataFrame], warnings: Sequence[str]
) -> None:
    """Describe the CSV tables that stand beside ``path``: every column with its type, meaning and unit.

    ``warnings`` say which scenarios are not at their optimum.
    """
    package = {
        "profile": "tabular-data-package",
        "name": "results",
        "title": title,
        **({"description": " ".join(warnings)} if warnings else {}),
        "resources": [_resource(spec, frames[spec.name]) for spec in specs],
    }
    path.write_text(json.dumps(package, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _resource(spec: ResultTable, frame: pd.DataFrame) -> dict[str, Any]:
    fields = [
        {
            "name": column.name,
            "type": _TYPES.get(column.format, "number"),
            "description": column.meaning,
            **({"unit": column.unit} if column.unit else {}),
        }
        for column in spec.columns
    ]
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    keys = list(spec.key)
    # a blank is no part of a key to those who read the package
    if len(frame) and not (frame[keys] == "").to_numpy().any() and not frame[keys].isna().to_numpy().any():
        schema["primaryKey"] = keys
    return {
        "profile": "tabular-data-resource",
        "name": re.sub(r"[^a-z0-9]+", "-", spec.name.lower()),
        "path": file_name(spec.name),
        "title": spec.question,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def write_iamc(path: Path, case: Case, frames: Mapping[str, pd.DataFrame]) -> None:
    """Write the IAMC table; ``case`` gives the year and length of each period."""
    iamc(case, frames).to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def iamc(case: Case, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Yearly rates in the columns ``IAMC_COLUMNS``: year a whole number, value a number, no row twice.

    ``Production``, ``Exports`` and ``Imports`` by country, ``Exports|…|Corridor`` of the world, all in the own unit
    per year. ``Price`` is the mean of what a country's markets pay, weighted by volume. ``Rent`` is what the scarcity
    of a capacity earns, of those that are scarce in some period. Periods of one year are added up; a longer period
    gives its yearly mean in its year.
    """
    import pandas as pd

    found = pd.concat([_rates(case, part) for part in _parts(frames)], ignore_index=True)
    found.insert(0, "model", f"energy-export-optimisation {__version__}")
    return found[list(IAMC_COLUMNS)].sort_values(list(IAMC_COLUMNS[:-1]), ignore_index=True)


def _parts(frames: Mapping[str, pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Volumes (or money) per period: scenario, region, variable, unit, period, value, and a weight for means."""
    families = frames["Exports"]["family"].str.capitalize()
    production, deliveries = frames["Production"], frames["Deliveries"]
    yield production.assign(
        region=production["country"],
        variable="Production|" + production["family"].str.capitalize(),
        value=production["produced"],
    )
    for by, name in (("exporter", "Exports"), ("market", "Imports")):
        rows = frames["Exports"][frames["Exports"]["by"] == by]
        yield rows.assign(region=rows["name"], variable=f"{name}|" + families.loc[rows.index], value=rows["volume"])
    rows = frames["Exports"][frames["Exports"]["by"] == "corridor"]
    variable = "Exports|" + families.loc[rows.index] + "|Corridor|" + rows["name"]
    yield rows.assign(region=WORLD, variable=variable, value=rows["volume"])
    sold = deliveries[deliveries["price"].notna() & (deliveries["delivery"] > 0)]
    yield sold.assign(
        region=sold["country"],
        variable="Price|" + sold["family"].str.capitalize(),
        unit=sold["price_unit"],
        value=sold["sales"],
        weight=sold["delivery"],
    )
    rents = frames["Capacity"]
    rents = rents[rents["name"].isin(rents.loc[rents["rent"] > 0, "name"])]
    yield rents.assign(region=WORLD, variable="Rent|" + rents["name"], unit="million USD", value=rents["rent"])


def _rates(case: Case, part: pd.DataFrame) -> pd.DataFrame:
    """Per year: added up over the periods of a year and divided by their length, or by the weight if any."""
    import pandas as pd

    lengths = pd.Series(case.years, index=list(case.periods))
    years = pd.Series(case.year.astype(int), index=list(case.periods))
    length_of_year = lengths.groupby(years).sum()
    weighted = "weight" in part
    rows = part.assign(year=part["period"].map(years).astype(int), weight=part["weight"] if weighted else 0.0)
    keys = ["scenario", "region", "variable", "unit", "year"]
    found = rows.groupby(keys, as_index=False, sort=False)[["value", "weight"]].sum()
    found["value"] /= found["weight"] if weighted else found["year"].map(length_of_year)
    if not weighted:
        found["unit"] += "/yr"
    return found.drop(columns="weight")
