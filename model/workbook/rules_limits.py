"""Do contracts, limits and recorded outcomes count something, and in one unit?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from model.selector import Selector, parse_selector
from model.workbook.draft import Draft
from model.workbook.goods import Goods, check_volume_unit
from model.workbook.names import Names
from model.workbook.rules_units import check_common_unit

Record = dict[str, str | tuple[str, ...]]


def check_contracts(draft: Draft, goods: Goods) -> None:
    """Contracts name commodities that the link, asset or demand carries."""
    words = draft["Contracts"].words
    for row, (name, only) in enumerate(zip(words["applies_to"], words["commodity"], strict=True)):
        carried = [good.name for good in goods.of_holder(name)]
        for commodity in only or () if carried else ():
            if commodity not in carried:
                needs, hint = f"commodities that {name!r} carries", Names(carried).hint(commodity)
                draft.fault("Contracts", row, "commodity", needs, hint, commodity)


def check_selectors(draft: Draft, goods: Goods) -> None:
    """Selectors of Limits and Observed are read, pick something, and count one unit; the words become Selectors."""
    choices = Choices(draft)
    for sheet, columns in (("Limits", ("what", "of")), ("Observed", ("what",))):
        for row in range(len(draft[sheet])):
            selectors = [_check_selector(draft, choices, sheet, row, column) for column in columns]
            for column, selector in zip(columns, selectors, strict=True):
                draft[sheet].words[column][row] = selector
            picked = [record for one in selectors if one for record in choices.picked(one)]
            items = goods.named(dict.fromkeys(str(record["commodity"]) for record in picked))
            if check_volume_unit(draft, sheet, row, items):
                check_common_unit(draft, sheet, row, items)


def _check_selector(draft: Draft, choices: Choices, sheet: str, row: int, column: str) -> Selector | None:
    data = draft[sheet]
    measure, text = data.words["measure"][row], data.words[column][row]
    if measure is None or text is None:
        return None
    if measure == "built":
        if column == "what":
            hint = "Measures that can be used: supply, flow, delivery."
            draft.fault(sheet, row, "measure", "another measure: 'built' is declared but not yet honoured", hint)
        return None
    try:
        selector = parse_selector(text, measure)
    except ValueError as error:
        message = str(error)
        draft.fault(sheet, row, column, data.table[column].needs, message[0].upper() + message[1:] + ".")
        return None
    for field, pattern in selector.terms:
        values = choices.values(measure, field)
        if not any(Selector(measure, ((field, pattern),), "").matches({field: value}) for value in values.names):
            hint = values.hint(pattern)
            draft.fault(sheet, row, column, f"a {field} that there is; no {measure} has {field}={pattern}", hint)
            return None
    if not choices.picked(selector):
        draft.fault(sheet, row, column, f"a selector that picks some {measure}; together its terms pick none")
        return None
    return selector


class Choices:
    """What selectors can pick: one record a supply, a (link, commodity) pair, or a (demand, commodity) pair."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self._values: dict[tuple[str, str], Names] = {}
        self._picked: dict[Selector, list[Record]] = {}

    def picked(self, selector: Selector) -> list[Record]:
        """The records that a selector picks."""
        if selector not in self._picked:
            self._picked[selector] = [record for record in self.records[selector.measure] if selector.matches(record)]
        return self._picked[selector]

    def values(self, measure: str, field: str) -> Names:
        """All values of a field."""
        if (measure, field) not in self._values:
            found: dict[str, None] = {}
            for record in self.records[measure]:
                value = record[field]
                found.update(dict.fromkeys((value,) if isinstance(value, str) else value))
            self._values[measure, field] = Names(found)
        return self._values[measure, field]

    @cached_property
    def records(self) -> dict[str, list[Record]]:
        """Records by measure."""
        return {"supply": self._supply(), "flow": self._flow(), "delivery": self._delivery()}

    def _supply(self) -> list[Record]:
        rows = self._rows("Supply", "node", "commodity")
        return [
            {"supply": key, "node": node, "country": self._country.get(node, ""), **self._grade(commodity)}
            for key, node, commodity in rows
        ]

    def _flow(self) -> list[Record]:
        assets: defaultdict[str, list[str]] = defaultdict(list)
        uses = self.draft["Uses"].words
        for link, asset in zip(uses["link"], uses["asset"], strict=True):
            if link and asset:
                assets[link].append(asset)
        return [
            {
                "link": key,
                "from": start,
                "to": end,
                "mode": mode,
                "asset": tuple(assets.get(key, ())),
                "country": tuple(name for name, _ in country or ()) or self._country.get(start, ""),
                **self._grade(commodity),
            }
            for key, start, end, mode, country, names in self._rows("Links", "from", "to", "mode", "country", "commodity")
            for commodity in names or ()
        ]

    def _delivery(self) -> list[Record]:
        return [
            {"demand": key, "node": node, "country": self._country.get(node, ""), **self._grade(commodity)}
            for key, node, names in self._rows("Demand", "node", "commodity")
            for commodity in names or ()
        ]

    def _rows(self, sheet: str, *columns: str) -> Iterable[tuple[Any, ...]]:
        data = self.draft[sheet]
        # a faulty cell was reported; here it is a value that nothing matches
        cleaned = [["" if v is None and c != "country" else v for v in data.words[c]] for c in columns]
        return zip(data.keys, *cleaned, strict=True)

    @cached_property
    def _country(self) -> dict[str, str]:
        data = self.draft["Nodes"]
        return {key: country or "" for key, country in zip(data.keys, data.words["country"], strict=True)}

    @cached_property
    def _grades(self) -> dict[str, Record]:
        data = self.draft["Commodities"]
        pairs = zip(data.keys, data.words["family"], data.words["origin"], strict=True)
        return {key: {"commodity": key, "family": family or "", "origin": origin or ""} for key, family, origin in pairs}

    def _grade(self, commodity: str) -> Record:
        return self._grades.get(commodity, {"commodity": commodity, "family": "", "origin": ""})


def check_limits(draft: Draft, goods: Goods) -> None:
    """Contracts, limits and observations, in that order."""
    check_contracts(draft, goods)
    check_selectors(draft, goods)

