"""What the page holds: the result tables of every scenario, folded, and where each place is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.case import Case
from model.report.content import Content
from model.report.page.place import map_of
from model.report.page.pool import Fold, Pool, folded
from model.results.declare import ResultColumn, ResultTable
from model.results.exports import CORRIDOR_MEANING, MARKET_MEANING, corridor_labels, family_units
from model.results.flows import FAMILY
from model.results.money import MILLION_USD
from model.results.routes import OTHER
from model.results.shape import Trade, countries_of_nodes, first_after_records
from model.results.summary import ALL, NET, TOTAL
from model.solution import Solution
from model.workbook.sheets import COMMODITIES

if TYPE_CHECKING:
    import pandas as pd

ROUTES_SHOWN: Final = 40  # of each scenario and family, by volume over all periods
UNLISTED: Final = "routes not listed"
ABROAD: Final = "taken up abroad"

_GRADE: Final = ("commodity", "family", "origin")
_FOLDS: Final = (
    Fold("Exports", ("by", "family", "name", "unit", "trade_unit"), ("volume", "trade_volume"), "volume"),
    Fold(
        "Flows",
        ("link", "from", "to", "mode", *_GRADE, "arrives_as", "unit", "trade_unit", "price_unit"),
        ("flow", "arrival", "trade_flow", "tariff", "risk"),
        "flow",
    ),
    Fold(
        "Deliveries",
        ("demand", "node", "country", *_GRADE, "is_export", "unit", "trade_unit", "price_unit", "trade_price_unit"),
        ("delivery", "trade_delivery", "price", "trade_price"),
        "delivery",
    ),
    Fold(
        "Production",
        ("supply", "node", "country", *_GRADE, "unit", "trade_unit", "price_unit"),
        ("produced", "trade_produced", "capacity", "share_used", "cost", "rent"),
        "produced",
    ),
    Fold(
        "Netbacks",
        ("field", "commodity", "family", "demand", "delivered_as", "route", "price_unit", "trade_price_unit"),
        (
            "volume", "market_price", "grade_differential", "losses", "fees_in_kind", "freight", "port",
            "transit_tariffs", "risk", "netback", "fees_received", "rents", "value", "supply_cost", "field_rent",
            "trade_netback",
        ),
        "volume",
    ),
    Fold(
        "Prices",
        ("node", "country", *_GRADE, "price_unit", "trade_price_unit", "unit"),
        ("value", "trade_value", "throughput"),
        "throughput",
    ),
    Fold(
        "Capacity",
        ("kind", "name", "mode", "country", "family", "unit", "value_unit"),
        ("capacity", "used", "share_used", "value", "rent"),
        "used",
    ),
    Fold("Who gains", ("group", "who", "item"), ("value",), "value"),
    Fold("Paths", ("family", "exporter", "corridor", "market"), ("delivered", "trade_delivered"), "delivered"),
)  # fmt: skip

_PATHS: Final = ResultTable(
    "Paths",
    "Whose volume reaches which market over which corridor? Where volumes meet they mix: the split is proportional.",
    ("scenario", "family", "exporter", "corridor", "market", "period"),
    (
        ResultColumn("family", "Oil, gas or cargo"),
        ResultColumn("exporter", "Country of origin"),
        ResultColumn(
            "corridor",
            f"Where it leaves that country; {UNLISTED} = beyond those in Routes; {ABROAD} = it starts abroad",
        ),
        ResultColumn("market", "Country of delivery"),
        ResultColumn("delivered", "Volume delivered in the period", format="volume"),
        ResultColumn("trade_delivered", "The same as a mean rate in the unit of the trade", format="volume"),
    ),
    lambda *_: {},
)


@dataclass(frozen=True)
class Section:
    """A section of its own on the page: Plotly figures (``data`` and ``layout``), each with what it says in words."""

    title: str
    note: str
    figures: tuple[tuple[str, dict[str, Any]], ...]


def page_data(
    case: Case, solutions: Sequence[Solution], content: Content, sections: Sequence[Section] = ()
) -> dict[str, Any]:
    """Everything that the page shows, ready for JSON; only items that move in some period are in it."""
    first = solutions[0].case
    pool = Pool(len(first.periods))
    specs = {spec.name: spec for spec in (*content.specs, _PATHS)}
    specs["Netbacks"] = replace(specs["Netbacks"], columns=(*specs["Netbacks"].columns, FAMILY))
    frames = {**content.frames, "Paths": paths(solutions, content.frames["Routes"])}
    frames["Netbacks"], left = _largest_routes(frames["Netbacks"], frames["Routes"])
    tables = {fold.table: folded(fold, specs[fold.table], frames[fold.table], first.periods, pool) for fold in _FOLDS}
    own, trade = family_units(first)
    return {
        "title": content.title,
        "workbook": content.workbook,
        "valueName": content.value_name,
        "periods": list(first.periods),
        "start": first_after_records(first),
        "families": [
            {"name": name, "unit": own[name], "trade": trade.get(name, ""), "price": _price(own[name])}
            for name in COMMODITIES["family"].choices
            if name in own
        ],
        "scenarios": [
            {"name": line.name, "description": f"{line.early} {line.description}".strip(),
             "value": line.value, "change": line.change,
             "status": line.status, "reason": line.reason.split("\n", maxsplit=1)[0]}
            for line in content.lines
        ],
        "money": _money(content.frames["Summary"]),
        "words": list(content.words),
        "map": map_of(first),
        "uses": _uses(first),
        "meaning": {"corridor": CORRIDOR_MEANING, "market": MARKET_MEANING},
        "routesLeft": left,
        "texts": pool.texts,
        "series": pool.series,
        "tables": tables,
        "sections": [{"title": one.title, "note": one.note, "figures": one.figures} for one in sections],
    }  # fmt: skip


def _money(table: pd.DataFrame) -> dict[str, list[tuple[str, float]]]:
    """The parts of each scenario's net value over the whole horizon, discounted, million USD; they add up to it."""
    parts = ~table["measure"].isin(["objective", NET]) & (table["family"] != ALL) & (table["unit"] == MILLION_USD)
    rows = table[parts & (table["period"] == TOTAL) & (table["present_value"] != 0)]
    found: dict[str, list[tuple[str, float]]] = {str(name): [] for name in table["scenario"].unique()}
    columns = (rows[name].tolist() for name in ("scenario", "measure", "family", "present_value"))
    for scenario, measure, family, amount in zip(*columns, strict=True):
        found[scenario].append((f"{measure}, {family}", amount))
    return found


def _price(unit: str) -> str:
    return {"Mt": "USD/t", "bcm": "USD/1000 m³"}.get(unit, f"USD/{unit}")


def _uses(case: Case) -> dict[str, list[str]]:
    """The assets and fleets that each link uses."""
    found: dict[str, list[str]] = {}
    for link, asset in zip(case.word("Uses", "link"), case.word("Uses", "asset"), strict=True):
        found.setdefault(link, []).append(asset)
    return found


def paths(solutions: Sequence[Solution], routes: pd.DataFrame) -> pd.DataFrame:
    """What each exporter delivers abroad over each corridor to each market; adds up to the exports by market.

    Columns scenario, family, exporter, corridor, market, period, delivered, trade_delivered.
    """
    import pandas as pd

    parts = [_paths_of(one, routes[routes["scenario"] == one.case.scenario]) for one in solutions]
    together = pd.concat(parts)
    keys = ["scenario", "family", "exporter", "corridor", "market", "period"]
    return together.groupby(keys, sort=False, as_index=False)[["delivered", "trade_delivered"]].sum(min_count=1)


def _paths_of(solution: Solution, routes: pd.DataFrame) -> pd.DataFrame:
    case = solution.case
    labels, countries = corridor_labels(case, solution.network), countries_of_nodes(case)
    market = {key: countries[node] for key, node in zip(case["Demand"].keys, case.word("Demand", "node"), strict=True)}
    rows = routes.assign(market=routes["demand"].map(market)).dropna(subset="market")
    rows = rows[(rows["origin"] != "") & (rows["origin"] != rows["market"])]
    keys = list(zip(rows["family"], rows["origin"], rows["route"], strict=True))
    known = {key: _corridor(*key, labels) for key in set(keys)}
    trade, position = Trade(case), case["Commodities"].position
    factor = trade.volume[[position[name] for name in rows["delivered_as"]]]
    years = dict(zip(case.periods, case.years.tolist(), strict=True))
    length = rows["period"].map(years).to_numpy(dtype=float)
    return rows.assign(
        exporter=rows["origin"],
        corridor=[known[key] for key in keys],
        trade_delivered=rows["delivered"].to_numpy(dtype=float) * np.asarray(factor) / length,
    )


def _corridor(family: str, origin: str, route: str, labels: dict[tuple[str, str, str], str]) -> str:
    """The first corridor on a route; what is not listed, and what a carrier took abroad as its fee, has none."""
    if route == OTHER:
        return UNLISTED
    return next(
        (labels[family, origin, link] for link in route.split(" > ") if (family, origin, link) in labels), ABROAD
    )


def _largest_routes(netbacks: pd.DataFrame, routes: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Netbacks of the largest routes of each scenario and family, with the family; and how many are left out."""
    keys = ["field", "starts_as", "commodity", "demand", "delivered_as", "route"]
    family = dict(zip(routes["commodity"], routes["family"], strict=True))
    found = netbacks.assign(family=netbacks["commodity"].map(family))
    totals = found.groupby(["scenario", "family", *keys], sort=False)["volume"].sum()
    rank = totals.groupby(level=[0, 1]).rank(ascending=False, method="first")
    kept = set(rank.index[rank <= ROUTES_SHOWN])
    names = found[["scenario", "family", *keys]].itertuples(index=False, name=None)
    return found.loc[[row in kept for row in names]], len(rank) - len(kept)
