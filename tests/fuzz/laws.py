"""Changes of a network of which the optimum must know nothing, or whose effect on it is known beforehand."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tests.fuzz.chance import Chance
from tests.fuzz.goods import VOLUMES, carried_by
from tests.oracle.cells import KEY, Cells

Row = dict[str, Any]
Tables = dict[str, list[Row]]
# what holds for the value before and the value after: the after is so many times the before, or is no worse
Changed = tuple[Tables, float | None]

MONEY: Final = {
    "Supply": ("cost",), "Links": ("tariff", "risk"), "Demand": ("price", "differential"), "Markers": ("value",),
    "Contracts": ("shortfall_price",), "Commodities": ("differential",), "Storage": ("cost",), "Projects": ("capex",),
    "Funds": ("budget", "period_budget"),
}  # fmt: skip
ROOM: Final = {
    "Supply": ("capacity", "reserves"), "Links": ("capacity",), "Assets": ("capacity",), "Fleets": ("vessels",),
    "Storage": ("capacity", "inject", "withdraw"), "Projects": ("max_units",), "Funds": ("budget", "period_budget"),
    "Demand": ("volume",), "Contracts": ("ceiling",), "Limits": ("at_most",),
}  # fmt: skip


def more_room(tables: Tables, draw: Chance) -> Changed:
    """One capacity, volume, budget or upper limit raised: the value never falls.

    Without minimums: one that lapsed to a small capacity would come back with a larger one.
    """
    made = copy.deepcopy(tables)
    for rows in made.values():
        for row in rows:
            row.pop("minimum", None)
            row.pop("minimum_use", None)
    for row in made.get("Projects", []):
        row.pop("requires", None)  # it asks for a share of max_units
    after = copy.deepcopy(made)
    places = [
        (sheet, i, column)
        for sheet, columns in ROOM.items()
        for i, row in enumerate(after.get(sheet, []))
        for column in columns
        if isinstance(row.get(column), int | float) and not (sheet == "Demand" and row.get("elasticity"))
    ]
    sheet, i, column = draw.one(places)
    row = after[sheet][i]
    if sheet == "Limits" and row.get("of"):
        row[column] = min(1, 1.4 * row[column])
    else:
        row[column] *= 2
    tables.clear()
    tables.update(made)
    return after, None


def dearer_money(tables: Tables, draw: Chance) -> Changed:
    """Every amount of money so many times as large."""
    times = draw.number(0.5, 3)
    return at_prices(tables, times), times


def at_prices(tables: Tables, times: float) -> Tables:
    """The tables with every amount of money so many times as large."""
    after = multiplied(tables, MONEY, times)
    for row in after["Settings"]:
        if row["setting"] == "unserved_price":
            row["value"] *= times
    return after


def multiplied(tables: Tables, columns: Mapping[str, Sequence[str]], times: float) -> Tables:
    """The tables with the numbers of some columns so many times as large, wherever they are written."""
    after = copy.deepcopy(tables)
    cells = [(row, column) for sheet, names in columns.items() for row in after.get(sheet, []) for column in names]
    for row, column in cells:
        if isinstance(row.get(column), int | float):
            row[column] *= times
    for row in after.get("Series", []):
        if row["column"] in columns.get(row["sheet"], ()):
            row.update({label: times * value for label, value in row.items() if isinstance(value, int | float)})
    for row in after.get("Changes", []):
        if row["change"] != "multiply" and row["column"] in columns.get(row["sheet"], ()):
            row["value"] *= times
    return after


def other_names(tables: Tables, draw: Chance) -> Changed:
    """Every name another one, in letters of another script, and all rows in another order."""
    after = copy.deepcopy(tables)
    sheets = [sheet for sheet in KEY if sheet not in ("Scenarios", "Currencies")]
    names = [row[KEY[sheet]] for sheet in sheets for row in after.get(sheet, [])]
    new = {name: f"{name[0]}-имя {i}" for i, name in enumerate(names)}
    word = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(new, key=len, reverse=True)))
    kept = {"setting", "sheet", "column", "mode", "kind", "unit", "family", "country", "origin", "type", "measure",
            "per", "volume_unit", "cost_unit", "price_unit", "tariff_unit", "differential_unit", "change",
            "measured_at", "final", "scenario", "based_on", "owner", "currency", "description"}  # fmt: skip
    for sheet, rows in after.items():
        for row in rows if sheet not in ("Settings", "Periods") else ():
            for column, value in row.items():
                if isinstance(value, str) and column not in kept:
                    row[column] = _renamed(value, new, word)
    for sheet in after:
        if sheet not in ("Periods", "Changes"):
            draw.random.shuffle(after[sheet])
    return after, 1.0


def _renamed(text: str, new: dict[str, str], word: re.Pattern[str]) -> str:
    if "=" not in text:
        return text if text.endswith("*") else word.sub(lambda found: new[found[0]], text)
    terms = [term.split("=") for term in text.split(";")]
    fields = ("family", "country", "origin", "mode")
    return ";".join(f"{f}={v if f in fields else word.sub(lambda found: new[found[0]], v)}" for f, v in terms)


def idle_rows(tables: Tables, draw: Chance) -> Changed:
    """A row more on many sheets, each of which can do nothing."""
    after = copy.deepcopy(tables)
    node, other = (row["node"] for row in after["Nodes"][:2])
    grade, link = draw.one(after["Commodities"])["commodity"], draw.one(after["Links"])
    rows = {
        "Nodes": {"node": "idle", "country": "Home", "kind": "hub"},
        "Supply": {"supply": "idle", "node": node, "commodity": grade, "capacity": 0, "cost": 1},
        "Demand": {"demand": "idle d", "node": other, "commodity": grade, "volume": 0, "price": 9999},
        "Links": {"link": "idle l", "from": node, "to": other, "mode": "rail", "commodity": grade, "capacity": 0,
                  "tariff": 0},
        "Assets": {"asset": "idle a", "capacity": 1},
        "Fleets": {"fleet": "idle f", "vessels": 1, "deadweight_t": 9, "speed_knots": 9, "port_days": 1,
                   "operating_days": 300},
        "Storage": {"storage": "idle w", "node": node, "commodity": grade, "capacity": 0, "inject": 9, "withdraw": 9},
        "Contracts": {"contract": "idle c", "type": "ship-or-pay", "applies_to": link["link"], "volume": 0,
                      "shortfall_price": 99, "volume_unit": link["volume_unit"]},
        "Limits": {"limit": "idle q", "measure": "flow", "what": f"link={link['link']}", "at_most": 1e9,
                   "volume_unit": link["volume_unit"]},
        "Projects": {"project": "idle p", "adds_to": "idle a", "size": 1, "max_units": 0, "whole_units": "no",
                     "capex": 0, "life_years": 9},
        "Funds": {"fund": "idle g", "budget": 5},
    }  # fmt: skip
    for sheet, row in rows.items():
        after.setdefault(sheet, []).append(row)
    return after, 1.0


def other_units(tables: Tables, _: Chance) -> Changed:
    """Volumes and money of every row of one commodity in the next unit that fits it."""
    after, cells = copy.deepcopy(tables), Cells(tables)
    varied = {(row["sheet"], row["key"]) for row in tables.get("Series", [])}
    varied |= {(row["sheet"], "*") for row in tables.get("Changes", [])}
    for sheet, volumes, money in (
        ("Supply", ("capacity", "minimum", "reserves"), ("cost_unit", "cost")),
        ("Demand", ("volume", "firm"), ("price_unit", "price")),
        ("Links", ("capacity", "minimum"), ("tariff_unit", "tariff", "risk")),
    ):
        grown = {name for row in tables.get("Projects", []) for name in cells.names(row, "adds_to")}
        for row in after[sheet]:
            names, key = cells.names(row), row[KEY[sheet]]
            if len(names) > 1 or {(sheet, key), (sheet, "*")} & varied or key in grown:
                continue
            _other_volume(cells, row, names[0], volumes)
            if not any(one["sheet"] == "Currencies" for one in tables.get("Series", [])):
                _other_money(cells, row, names[0], money)
    return after, 1.0


def _other_volume(cells: Cells, row: Row, commodity: str, columns: tuple[str, ...]) -> None:
    units = VOLUMES[carried_by({"commodity": commodity})]
    old = row.get("volume_unit")
    new = units[(units.index(old) + 1) % len(units)] if old else units[0]
    row["volume_unit"] = new
    for column in columns:
        if isinstance(row.get(column), int | float):
            row[column] *= cells.per(new, commodity) / cells.per(old, commodity)


def _other_money(cells: Cells, row: Row, commodity: str, columns: tuple[str, ...]) -> None:
    unit, *amounts = columns
    mass = cells.of["Commodities"][commodity]["unit"] == "Mt"
    barrels = cells.of["Commodities"][commodity].get("bbl_per_t")
    new = ("EUR/bbl" if barrels else "KZT/t") if mass else "EUR/MWh"
    if unit == "price_unit" and row.get("marker"):
        return  # its unit says what the marker is multiplied with
    km = row.get("distance_km")
    new += "/100km" if unit == "tariff_unit" and km else ""
    for column in amounts:
        if isinstance(row.get(column), int | float):
            row[column] *= cells.usd(row.get(unit), commodity, 0, km) / cells.usd(new, commodity, 0, km)
    row[unit] = new


def split_periods(tables: Tables, _: Chance) -> Changed:
    """Each period as two halves, without discounting and without what joins periods or begins in one of them."""
    for sheet in ("Storage", "Projects", "Funds"):
        tables.pop(sheet, None)
    tables["Limits"] = [row for row in tables.get("Limits", []) if row["measure"] != "built"]
    tables["Settings"] = [row for row in tables["Settings"] if row["setting"] != "discount_rate"]
    # a period of several years has no halves in one calendar year
    short = [row for row in tables["Periods"] if row["years"] <= 1]
    if len(short) < len(tables["Periods"]):
        return copy.deepcopy(tables), 1.0
    after = copy.deepcopy(tables)
    after["Periods"] = [
        {**row, "period": f"{row['period']}{half}", "years": row["years"] / 2} for row in short for half in "ab"
    ]
    labels = {row["period"] for row in short}
    for sheet, rows in after.items():
        for row in rows if sheet != "Periods" else ():
            for column, half in (("opens", "a"), ("closes", "b")):
                row.update({column: f"{row[column]}{half}"} if row.get(column) else {})
            if sheet == "Series":
                for label in labels & row.keys():
                    row[f"{label}a"] = row[f"{label}b"] = row.pop(label)
            if sheet == "Changes" and row.get("period"):
                first, _, last = row["period"].partition("..")
                row["period"] = f"{first}a..{last or first}b"
    return after, 1.0


LAWS: Final[dict[str, Callable[[Tables, Chance], Changed]]] = {
    "more room never hurts": more_room,
    "money scales": dearer_money,
    "names and order mean nothing": other_names,
    "idle rows change nothing": idle_rows,
    "units change nothing": other_units,
    "halves of periods are the whole": split_periods,
}
