"""What selectors can pick, from a workbook under examination or from a valid case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from model.case import Case
from model.selector import Selector
from model.workbook.draft import Draft
from model.workbook.names import Names

Record = dict[str, str | tuple[str, ...]]


class Choices:
    """What selectors can pick: one record a supply, a (link, commodity) or (demand, commodity) pair, or a project."""

    def __init__(self, source: Draft | Case) -> None:
        self.source = source
        self._values: dict[tuple[str, str], Names] = {}
        self._records: dict[str, list[Record]] = {}
        self._picked: dict[Selector, list[Record]] = {}

    def picked(self, selector: Selector) -> list[Record]:
        """The records that a selector picks."""
        if selector not in self._picked:
            self._picked[selector] = [record for record in self.records(selector.measure) if selector.matches(record)]
        return self._picked[selector]

    def values(self, measure: str, field: str) -> Names:
        """All values of a field."""
        if (measure, field) not in self._values:
            found: dict[str, None] = {}
            for record in self.records(measure):
                value = record[field]
                found.update(dict.fromkeys((value,) if isinstance(value, str) else value))
            self._values[measure, field] = Names(filter(None, found))
        return self._values[measure, field]

    def records(self, measure: str) -> list[Record]:
        """All that a selector of a measure can pick."""
        if measure not in self._records:
            by_measure = {"supply": self._supply, "flow": self._flow, "delivery": self._delivery, "built": self._built}
            self._records[measure] = by_measure[measure]()
        return self._records[measure]

    def _supply(self) -> list[Record]:
        rows = self._rows("Supply", "node", "commodity")
        return [
            {"supply": key, "node": node, "country": self._country.get(node, ""), **self._grade(commodity)}
            for key, node, commodity in rows
        ]

    def _flow(self) -> list[Record]:
        assets: defaultdict[str, list[str]] = defaultdict(list)
        uses = self.source["Uses"].words
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
            for key, start, end, mode, country, names in self._rows(
                "Links", "from", "to", "mode", "country", "commodity"
            )
            for commodity in names or ("",)
        ]

    def _delivery(self) -> list[Record]:
        return [
            {"demand": key, "node": node, "country": self._country.get(node, ""), **self._grade(commodity)}
            for key, node, names in self._rows("Demand", "node", "commodity")
            for commodity in names or ("",)
        ]

    def _built(self) -> list[Record]:
        funds = self.source["Projects"].words["funds"]
        keys = self.source["Projects"].keys
        return [
            {"project": key, "fund": tuple(name for name, _ in shares or ())}
            for key, shares in zip(keys, funds, strict=True)
        ]

    def _rows(self, sheet: str, *columns: str) -> Iterable[tuple[Any, ...]]:
        data = self.source[sheet]
        # a faulty cell was reported; here it is a value that nothing matches
        cleaned = [["" if v is None and c != "country" else v for v in data.words[c]] for c in columns]
        return zip(data.keys, *cleaned, strict=True)

    @cached_property
    def _country(self) -> dict[str, str]:
        data = self.source["Nodes"]
        return {key: country or "" for key, country in zip(data.keys, data.words["country"], strict=True)}

    @cached_property
    def _grades(self) -> dict[str, Record]:
        data = self.source["Commodities"]
        pairs = zip(data.keys, data.words["family"], data.words["origin"], strict=True)
        return {
            key: {"commodity": key, "family": family or "", "origin": origin or ""} for key, family, origin in pairs
        }

    def _grade(self, commodity: str) -> Record:
        return self._grades.get(commodity, {"commodity": commodity, "family": "", "origin": ""})
