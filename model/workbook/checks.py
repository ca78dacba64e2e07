"""From raw cells to a valid case, or to one error that lists every fault."""

from __future__ import annotations

import difflib
from collections import Counter
from pathlib import Path

import numpy as np

from model.case import Case, Settings, Sheet
from model.errors import Issue, WorkbookError
from model.workbook.clashes import clashes
from model.workbook.draft import Draft, open_draft
from model.workbook.goods import Goods
from model.workbook.raw import RawBook
from model.workbook.references import check_references
from model.workbook.rules_limits import check_limits
from model.workbook.rules_network import check_network
from model.workbook.rules_periods import check_periods
from model.workbook.rules_probabilities import check_probabilities
from model.workbook.rules_projects import check_projects
from model.workbook.rules_ranges import check_range_values, check_ranges
from model.workbook.rules_scenarios import check_changes, check_scenarios
from model.workbook.rules_units import check_units
from model.workbook.series import merge_series
from model.workbook.settings import read_settings


def validate(raw: RawBook) -> Case:
    """The case that a workbook describes.

    Raises
    ------
    WorkbookError
        With every fault of the workbook and of each of its scenarios.
    """
    draft = open_draft(raw)
    check_references(draft)
    merge_series(draft)
    settings = read_settings(draft)
    check_periods(draft)
    goods = Goods(draft)
    check_units(draft, goods)
    check_network(draft, goods)
    check_limits(draft, goods)
    check_projects(draft, goods)
    check_probabilities(draft)
    check_changes(draft)
    check_ranges(draft)
    case = _case(draft, settings)
    if draft.periods and not draft["Periods"].bad:
        check_clashes(draft, case)
        check_scenarios(draft, case)
        check_range_values(draft, case)
    if draft.faults:
        raise WorkbookError(raw.name, draft.faults)
    return case


def _case(draft: Draft, settings: Settings) -> Case:
    sheets = {name: data.sheet() for name, data in draft.sheets.items()}
    if settings.objective == "cost":
        sheets["Demand"] = _without_prices(sheets["Demand"])
    for sheet in sheets.values():
        for values in sheet.numbers.values():
            values.flags.writeable = False
    return Case(
        name=Path(draft.raw.name).stem,
        settings=settings,
        sheets=sheets,
        notices=(*draft.raw.notices, *_lookalikes(draft)),
        series_cells=draft.series_cells,
        sha256=draft.raw.sha256,
        path=draft.raw.path,
    )


def _without_prices(demand: Sheet) -> Sheet:
    """Where the cost is minimised, a demand with neither a price nor a marker has the price zero."""
    price = demand.numbers["price"].copy()
    for row, marker in enumerate(demand.words["marker"]):
        if marker is None:
            price[row] = np.nan_to_num(price[row], nan=0.0)
    return Sheet(
        demand.name, demand.keys, demand.words, {**demand.numbers, "price": price}, demand.rows, demand.letters
    )


def check_clashes(draft: Draft, case: Case) -> None:
    """Numbers of the workbook itself that contradict each other; faulty cells are left out."""
    for clash in clashes(case):
        if any((row, column) in draft[sheet].bad for sheet, row, column in clash.places):
            continue
        sheet, row, column = clash.places[0]
        from_series = draft.series_cells.get((sheet, case[sheet].keys[row], column, clash.period or 0))
        if from_series is None:
            draft.fault((sheet, row, column), clash.needs, clash.hint)
            continue
        letters = "".join(c for c in from_series.partition("!")[2] if c.isalpha())
        number = int(from_series.partition("!")[2][len(letters) :])
        found = f"{case.number(sheet, column)[row, clash.period or 0]:.12g}"
        key = f"{sheet}/{case[sheet].keys[row]}/{column}"
        label = case.periods[clash.period or 0]
        draft.faults.append(Issue("Series", number, letters, key, label, found, clash.needs, clash.hint))


def _lookalikes(draft: Draft) -> list[str]:
    """Countries written in two ways, as far as they look alike: countries are texts, so a typo is no fault."""
    nodes = Counter(name for name in draft["Nodes"].words["country"] if name)
    written: dict[str, str] = {}
    for sheet, column in (
        ("Commodities", "origin"),
        ("Links", "country"),
        ("Assets", "country"),
        ("Fleets", "country"),
    ):
        data = draft[sheet]
        for row, value in enumerate(data.words[column]):
            for name in (value,) if isinstance(value, str) else [who for who, _ in value or ()]:
                place = f"{sheet}!{data.raw.letters.get(column, '')}{data.raw.rows[row][0]}"
                written.setdefault(name, place)
    notices = []
    for name, place in written.items():
        near = difflib.get_close_matches(name, nodes, 1, 0.85) if name not in nodes else []
        if near:
            notices.append(f"{place}: the country {name!r} is not on the sheet Nodes, which has {near[0]!r}.")
    return notices
