"""Contracts, limits and recorded outcomes must count something, in one unit."""

from __future__ import annotations

from model.selector import Selector, parse_selector
from model.workbook.choices import Choices
from model.workbook.draft import Draft
from model.workbook.goods import Goods, check_volume_unit
from model.workbook.names import Names
from model.workbook.rules_units import check_common_unit

_PICKED = ("Supply", "Links", "Demand", "Uses", "Nodes", "Commodities", "Projects", "Funds")


def check_contracts(draft: Draft, goods: Goods) -> None:
    """Contracts name commodities that the link, asset or demand carries."""
    words = draft["Contracts"].words
    for row, (name, only) in enumerate(zip(words["applies_to"], words["commodity"], strict=True)):
        carried = [good.name for good in goods.of_holder(name)]
        for commodity in only or () if carried else ():
            if commodity not in carried:
                needs, hint = f"commodities that {name!r} carries", Names(carried).hint(commodity)
                draft.fault(("Contracts", row, "commodity"), needs, hint, commodity)


def check_selectors(draft: Draft, goods: Goods) -> None:
    """Selectors of Limits and Observed are read, pick something, and count one unit; the words become Selectors."""
    if not len(draft["Commodities"]):
        return  # nothing could be picked
    choices = Choices(draft)
    for sheet, columns in (("Limits", ("what", "of")), ("Observed", ("what",))):
        for row in range(len(draft[sheet])):
            selectors = [_check_selector(draft, choices, sheet, row, column) for column in columns]
            for column, selector in zip(columns, selectors, strict=True):
                draft[sheet].words[column][row] = selector
            picked = [record for one in selectors if one for record in choices.picked(one)]
            if draft[sheet].words["measure"][row] == "built":
                _check_no_unit(draft, sheet, row)
                continue
            items = goods.named(dict.fromkeys(str(record["commodity"]) for record in picked))
            if check_volume_unit(draft, sheet, row, items):
                check_common_unit(draft, sheet, row, items)


def _check_no_unit(draft: Draft, sheet: str, row: int) -> None:
    if draft[sheet].words["volume_unit"][row]:
        draft.fault((sheet, row, "volume_unit"), "a blank cell, since units of projects are counted")


def _check_selector(draft: Draft, choices: Choices, sheet: str, row: int, column: str) -> Selector | None:
    data = draft[sheet]
    measure, text = data.words["measure"][row], data.words[column][row]
    if measure is None or text is None:
        return None
    try:
        selector = parse_selector(text, measure)
    except ValueError as error:
        message = str(error)
        draft.fault((sheet, row, column), data.table[column].needs, message[0].upper() + message[1:] + ".")
        return None
    for field, pattern in selector.terms:
        values = choices.values(measure, field)
        if not any(Selector(measure, ((field, pattern),), "").matches({field: value}) for value in values.names):
            hint = values.hint(pattern)
            draft.fault(
                (sheet, row, column), f"a value of {field} that there is; no {measure} has {field}={pattern}", hint
            )
            return None
    # cells at fault were reported; once mended, they may be what the terms pick
    sound = not any(draft[name].bad for name in _PICKED)
    if sound and not choices.picked(selector):
        draft.fault((sheet, row, column), f"a selector that picks some {measure}; together its terms pick none")
        return None
    return selector


def check_limits(draft: Draft, goods: Goods) -> None:
    """Contracts, limits and observations, in that order."""
    check_contracts(draft, goods)
    check_selectors(draft, goods)
