"""Projects must add to something that has a capacity, in one unit, and be paid for in full."""

from __future__ import annotations

from typing import Final

import numpy as np

from model.workbook.draft import Draft
from model.workbook.goods import Good, Goods, own_units
from model.workbook.sheets import CAPACITY

TOLERANCE: Final = 1e-6
RATE: Final = " a year"
PLAIN: Final = "units of use"


def check_projects(draft: Draft, goods: Goods) -> None:
    """What projects add to, what they require, and the shares in which funds pay."""
    for row, names in enumerate(draft["Projects"].words["adds_to"]):
        targets = [(sheet, draft[sheet].position[name]) for name in names or () for sheet in _holders(draft, name)]
        for sheet, target in targets:
            _check_target(draft, row, sheet, target)
        _check_unit(draft, goods, row, targets)
    for row in range(len(draft["Projects"])):
        _check_shares(draft, row)
    _check_loops(draft)


def _holders(draft: Draft, name: str) -> list[str]:
    return [sheet for sheet in CAPACITY if name in draft[sheet].position]


def _check_target(draft: Draft, row: int, sheet: str, target: int) -> None:
    data, column = draft[sheet], CAPACITY[sheet]
    name, place = data.keys[target], ("Projects", row, "adds_to")
    if np.isinf(data.numbers[column][target]).all():
        draft.fault(place, f"rows with a limit; {name!r} has no {column} to which anything could be added", "", name)
    if sheet == "Demand" and np.isfinite(data.numbers["elasticity"][target]).any():
        needs = f"rows other than {name!r}, whose volume follows its price by an elasticity"
        draft.fault(place, needs, "Add to a link or asset in front of it, or to a demand of its own.", name)
    if sheet == "Storage" and (draft["Projects"].numbers["minimum_use"][row] > 0).any():
        draft.fault(("Projects", row, "minimum_use"), f"a blank cell or 0, since {name!r} is a store")


def _check_unit(draft: Draft, goods: Goods, row: int, targets: list[tuple[str, int]]) -> None:
    """The size holds for every row, so all are in one unit; an asset in units of use fits any volume per year."""
    found: dict[str, str] = {}
    for sheet, target in targets:
        unit = _unit(draft, goods, sheet, target)
        if unit:
            found.setdefault(unit, draft[sheet].keys[target])
    if all(unit.endswith(RATE) for unit in found if unit != PLAIN):
        found.pop(PLAIN, None)
    if len(found) > 1:
        listed = ", ".join(f"{name!r} in {unit}" for unit, name in found.items())
        hint = "Make a project of each, where one requires the other."
        draft.fault(("Projects", row, "adds_to"), f"rows in one unit, since size holds for each ({listed})", hint)


def _unit(draft: Draft, goods: Goods, sheet: str, target: int) -> str:
    if sheet == "Fleets":
        return "vessels"
    if sheet == "Storage":
        unit = _own(goods.named(draft[sheet].words["commodity"][target]))
        return f"{unit} in store" if unit else ""
    written = draft[sheet].words["volume_unit"][target]
    if sheet == "Assets":
        return f"{written}{RATE}" if written else PLAIN
    carried = {"Supply": goods.of_supply, "Demand": goods.of_demand, "Links": goods.of_links}[sheet][target]
    unit = written or _own(carried)
    return f"{unit}{RATE}" if unit else ""


def _own(goods: tuple[Good, ...]) -> str:
    return " or ".join(own_units(goods))


def _check_shares(draft: Draft, row: int) -> None:
    """Shares of funds as they are written add up to 100 (or 1); the reader has made them parts of one already."""
    data = draft["Projects"]
    text = data.cell(row, "funds")
    shares = data.words["funds"][row]
    if not isinstance(text, str) or not shares or (len(shares) == 1 and shares[0][0] == text.strip()):
        return
    written = [float(part.strip().rpartition(" ")[2].removesuffix("%")) for part in text.split(",") if part.strip()]
    total = sum(written)
    if abs(total - 100) > 100 * TOLERANCE and abs(total - 1) > TOLERANCE:
        hint = "For money from elsewhere, add a fund whose budget is unlimited."
        draft.fault(("Projects", row, "funds"), f"shares that add up to 100; these add up to {total:.6g}", hint)


def _check_loops(draft: Draft) -> None:
    """A project that requires itself, directly or through others; each loop is reported once."""
    data = draft["Projects"]
    needed = {key: names or () for key, names in zip(data.keys, data.words["requires"], strict=True) if key}
    done: set[str] = set()
    for start in needed:
        path = [start]
        loop = _loop(needed, path, done)
        if loop:
            row = data.position[loop[0]]
            needs = "projects that do not in turn require this one"
            draft.fault(("Projects", row, "requires"), needs, f"Loop: {' → '.join(loop)}.")
            done.update(loop)


def _loop(needed: dict[str, tuple[str, ...]], path: list[str], done: set[str]) -> list[str]:
    """The first loop that a path runs into; what leads to none is added to ``done``."""
    for name in needed.get(path[-1], ()):
        if name in path:
            return [*path[path.index(name) :], name]
        if name not in done:
            found = _loop(needed, [*path, name], done)
            if found:
                return found
    done.add(path[-1])
    return []
