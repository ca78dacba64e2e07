"""The unit in which a cell's number is written: its column's unit, with the row's own where that says {volume}."""

from __future__ import annotations

from collections.abc import Iterable

from model.case import Case
from model.units import parse_money_unit
from model.workbook.choices import Choices
from model.workbook.sheets import CAPACITY, SHEETS

_MONEY = {
    "{cost}": "cost_unit",
    "{price}": "price_unit",
    "{tariff}": "tariff_unit",
    "{differential}": "differential_unit",
}


def own_unit(case: Case, sheet: str, row: int, column: str) -> str:
    """The unit of one number, such as ``kb/d`` or ``USD/1000 m³``; "" where it has none."""
    unit = SHEETS[sheet][column].unit
    if unit in _MONEY:
        written = case.word(sheet, _MONEY[unit])[row]
        return _tidy(written) if written else _plain_money(case, sheet, row)
    if unit == "{volume}":
        unit = _volume(case, sheet, row)
    elif unit in ("{own}", "{own}/year"):
        own = _own(case, _commodities(case, sheet, row))[0]
        unit = own if unit == "{own}" else f"{own}/year"
    elif unit == "{added}":
        unit = _added(case, row)
    elif unit in ("{volume}/year", "{capacity}/year"):
        unit = _rate(_volume(case, sheet, row))
    elif unit == "{limit}":
        unit = _limit(case, row)
    elif unit == "{marker}":
        unit = case.word("Markers", "unit")[row]
    elif unit == "USD per unit and year":
        unit = f"{_plain_money(case, sheet, row)} and year"
    elif unit == "USD per unit":
        unit = _plain_money(case, sheet, row) or unit
    return unit


def _added(case: Case, row: int) -> str:
    """Unit of the capacity that a project adds: that of the first row to which it adds."""
    name = case.word("Projects", "adds_to")[row][0]
    sheet = next(sheet for sheet in CAPACITY if name in case[sheet].position)
    return own_unit(case, sheet, case[sheet].position[name], CAPACITY[sheet])


def _rate(volume: str) -> str:
    return volume if volume.endswith("/d") else f"{volume}/year"


def _limit(case: Case, row: int) -> str:
    return "share" if case.word("Limits", "of")[row] is not None else counted_unit(case, row)


def counted_unit(case: Case, row: int) -> str:
    """The unit of what a limit counts, of which it may allow a share."""
    horizon = case.word("Limits", "per")[row] == "horizon"
    if case.word("Limits", "measure")[row] == "built":
        return "units" if horizon else "units/year"
    volume = _volume(case, "Limits", row)
    return volume if horizon else _rate(volume)


def _tidy(written: str) -> str:
    parsed = parse_money_unit(written, distance=True)
    if parsed is None:
        return written
    unit = "1000 m³" if parsed.unit == "1000m3" else parsed.unit
    return f"{parsed.currency}/{unit}" + (f"/{parsed.per_km:g} km" if parsed.per_km else "")


def _volume(case: Case, sheet: str, row: int) -> str:
    written = case.word(sheet, "volume_unit")[row]
    if written is None and sheet == "Assets":
        return "units of use"
    return written or " or ".join(_own(case, _commodities(case, sheet, row))) or "unit"


def _plain_money(case: Case, sheet: str, row: int) -> str:
    units = _own(case, _commodities(case, sheet, row))
    return " or ".join({"Mt": "USD/t", "bcm": "USD/1000 m³"}[unit] for unit in units)


def _own(case: Case, commodities: Iterable[str]) -> list[str]:
    """The different units of some commodities."""
    position, units = case["Commodities"].position, case.word("Commodities", "unit")
    return list(dict.fromkeys(units[position[name]] for name in commodities))


def _commodities(case: Case, sheet: str, row: int) -> tuple[str, ...]:
    """Commodities that a row counts, as far as its unit depends on them."""
    if sheet == "Commodities":
        return (case["Commodities"].keys[row],)
    if sheet == "Contracts":
        return case.word("Contracts", "commodity")[row] or _of_holder(case, case.word("Contracts", "applies_to")[row])
    if sheet in ("Limits", "Observed"):
        records = Choices(case).picked(case.word(sheet, "what")[row])
        return tuple(dict.fromkeys(str(record["commodity"]) for record in records))
    names = case.word(sheet, "commodity")[row]
    return (names,) if isinstance(names, str) else tuple(names)


def _of_holder(case: Case, name: str) -> tuple[str, ...]:
    for sheet in ("Links", "Demand"):
        if name in case[sheet].position:
            return tuple(case.word(sheet, "commodity")[case[sheet].position[name]])
    links = case["Links"]
    uses = zip(case.word("Uses", "link"), case.word("Uses", "asset"), case.word("Uses", "commodity"), strict=True)
    found: dict[str, None] = {}
    for link, asset, only in uses:
        if asset == name:
            found.update(dict.fromkeys((only,) if only else links.words["commodity"][links.position[link]]))
    return tuple(found)
