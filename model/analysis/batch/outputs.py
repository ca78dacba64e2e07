"""What a batch keeps of each run, by name: ``corridors:oil:cpc@2030``, or all of a kind at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

import numpy as np

from model.case import Case, FloatArray
from model.errors import UsageError
from model.formulation.layout import Layout
from model.network import Network
from model.results.exports import members
from model.results.rents import rent_holders, rent_totals
from model.selection import IntArray
from model.solver.resolver import Resolved
from model.workbook.names import Names

VALUE: Final = "value"
TOTAL: Final = "total"
FORM: Final = "An output is written kind:name@period, such as corridors:oil:cpc@2030 or exports@total"


@dataclass(frozen=True)
class Place:
    """The programme of which outputs are read: what members of results are found by."""

    case: Case
    network: Network
    layout: Layout


# names of an item, the variables that make it up, each with its block
_Members = dict[tuple[str, ...], list[tuple[str, int]]]


@dataclass(frozen=True)
class Kind:
    """One kind of output.

    ``parts`` names what its name consists of, ``unit`` says what the numbers are; ``members`` gives the variables whose
    sum each is. ``when`` says what may follow @: periods, the total over the horizon, or both.
    """

    name: str
    parts: tuple[str, ...]
    meaning: str
    unit: str
    members: Callable[[Place], _Members]
    when: str = "both"


def _view(view: str, *, by_family: bool = False) -> Callable[[Place], _Members]:
    def found(place: Place) -> _Members:
        result: _Members = {}
        for one in members(place, view):
            result.setdefault(one.key[:1] if by_family else one.key, []).append((one.block, one.item))
        return result

    return found


def _block(name: str) -> Callable[[Place], _Members]:
    return lambda place: {item: [(name, i)] for i, item in enumerate(place.layout.columns[name].items)}


def _nodes(place: Place) -> _Members:
    return {item: [("balance", i)] for i, item in enumerate(place.layout.rows["balance"].items)}


def _holders(place: Place) -> _Members:
    return {holder: [] for holder in rent_holders(place.layout).names}


_OWN: Final = "in the commodity's own unit, counted over the period"
KINDS: Final = {
    one.name: one
    for one in (
        Kind("exports", ("family",), "Deliveries abroad", _OWN, _view("exporter", by_family=True)),
        Kind("exporters", ("family", "name"), "Deliveries abroad by country of origin", _OWN, _view("exporter")),
        Kind("corridors", ("family", "name"), "Volume that enters each corridor", _OWN, _view("corridor")),
        Kind("markets", ("family", "name"), "Deliveries abroad by country of delivery", _OWN, _view("market")),
        Kind("supplies", ("supply",), "Production", _OWN, _block("supply")),
        Kind("flows", ("link", "commodity"), "Volume that enters each link", _OWN, _block("flow")),
        Kind("deliveries", ("demand", "commodity"), "Volume delivered", _OWN, _block("delivery")),
        Kind("built", ("project",), "Units on which building starts", "units", _block("build")),
        Kind("prices", ("node", "commodity"), "Value of one more unit at a node", "USD per unit", _nodes, "periods"),
        Kind("rents", ("kind", "name"), "What a scarce thing earns", "million USD, present value", _holders, TOTAL),
    )
}


@dataclass(frozen=True)
class Column:
    """One number that is kept of each run; ``period`` is a label or ``total``."""

    kind: str
    names: tuple[str, ...]
    period: str

    def __str__(self) -> str:
        return f"{':'.join((self.kind, *self.names))}@{self.period}"


def columns_of(outputs: Sequence[str], place: Place) -> tuple[Column, ...]:
    """The columns that outputs stand for, in the order in which they are asked for; ``value`` is always kept.

    Raises UsageError where one names nothing; the message names the nearest.
    """
    found: dict[Column, None] = {}
    known: dict[str, _Members] = {}
    for text in outputs:
        if text.strip() == VALUE:
            continue
        kind, patterns, periods = _parse(text, place.case)
        items = known.setdefault(kind.name, kind.members(place))
        fits = [item for item in items if all(map(fnmatchcase, item, patterns))]
        if not fits and any("*" not in one for one in patterns):
            raise UsageError(f"Output {text!r} names nothing. {_nearest(patterns, list(items))}".rstrip())
        found.update((Column(kind.name, item, period), None) for item in fits for period in periods)
    return tuple(found)


def _parse(text: str, case: Case) -> tuple[Kind, list[str], list[str]]:
    name, at, when = (part.strip() for part in text.partition("@"))
    word, *patterns = (part.strip() for part in name.split(":"))
    kind = KINDS.get(word)
    if kind is None:
        raise UsageError(f"Output {text!r}: {FORM}. {Names([VALUE, *KINDS]).hint(word)}".rstrip())
    if len(patterns) > len(kind.parts) or (at and not when):
        raise UsageError(f"Output {text!r}: {FORM}; of {word} the name is {':'.join(kind.parts)}.")
    return kind, patterns + ["*"] * (len(kind.parts) - len(patterns)), _periods(text, kind, when, case)


def _periods(text: str, kind: Kind, when: str, case: Case) -> list[str]:
    if kind.when == TOTAL and when in ("", TOTAL):
        return [TOTAL]
    if when == TOTAL and kind.when == "both":
        return [TOTAL]
    if TOTAL in (when, kind.when):
        only = f"@{TOTAL}" if kind.when == TOTAL else "periods"
        raise UsageError(f"Output {text!r}: {kind.name} can be kept by {only} only.")
    if when in ("", "*"):
        return list(case.periods)
    first, _, last = when.partition("..")
    start, stop = case.period(first), case.period(last or first)
    if start > stop:
        raise UsageError(f"Output {text!r}: the periods run backwards.")
    return list(case.periods[start : stop + 1])


def _nearest(patterns: Sequence[str], items: Sequence[tuple[str, ...]]) -> str:
    for i, pattern in enumerate(patterns):
        names = Names(dict.fromkeys(item[i] for item in items))
        if "*" not in pattern and pattern not in names.names:
            return names.hint(pattern)
    return ""


@dataclass(frozen=True)
class _Sum:
    """Columns that are sums of variables: entry by entry the variable's position and the column to which it adds."""

    entries: IntArray
    targets: IntArray


class Collector:
    """Reads the columns from a solved run on one programme.

    Volumes of what the programme does not have are 0, prices and rents NaN.
    """

    def __init__(self, columns: Sequence[Column], place: Place) -> None:
        self.columns = tuple(columns)
        self.place = place
        self.needs_duals = any(column.kind in ("prices", "rents") for column in columns)
        self._volumes, self._prices = _Sum(*self._entries(("prices",), rest=True)), _Sum(*self._entries(("prices",)))
        self._holders = rent_holders(place.layout)
        row = {name: i for i, name in enumerate(self._holders.names)}
        rents = [(i, row[c.names]) for i, c in enumerate(self.columns) if c.kind == "rents" and c.names in row]
        self._rents = np.array(rents, dtype=np.int64).reshape(-1, 2)
        self._blank = np.array([np.nan if c.kind in ("prices", "rents") else 0.0 for c in self.columns])

    def _entries(self, kinds: tuple[str, ...], *, rest: bool = False) -> tuple[IntArray, IntArray]:
        wanted = [
            (i, column)
            for i, column in enumerate(self.columns)
            if (column.kind in kinds) != rest and column.kind != "rents"
        ]
        known = {kind: KINDS[kind].members(self.place) for kind in {column.kind for _, column in wanted}}
        pairs = [
            (position, i)
            for i, column in wanted
            for position in self._positions(known[column.kind].get(column.names, []), column.period)
        ]
        table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    def _positions(self, found: list[tuple[str, int]], period: str) -> Iterator[int]:
        layout, case = self.place.layout, self.place.case
        spans = range(len(case.periods)) if period == TOTAL else (case.period_position[period],)
        for name, item in found:
            block = layout.columns.get(name) or layout.rows[name]
            yield from (block.offset + item * len(block.spans) + t for t in spans)

    def __call__(self, run: Resolved) -> FloatArray:
        """The columns of one run with an optimum, shape (columns,)."""
        found = self._blank.copy()
        volumes = run.point.columns[self._volumes.entries]
        found += np.bincount(self._volumes.targets, weights=volumes, minlength=len(found))
        if len(self._prices.entries):
            # the balance reads arriving − leaving = 0: one more unit is a right-hand side one lower
            count = len(self.place.case.periods)
            first = self.place.layout.rows["balance"].offset
            period = (self._prices.entries - first) % count
            price = run.point.row_dual[self._prices.entries] / run.parameters.discount[period]
            found[self._prices.targets] = price
        if len(self._rents):
            gains = -run.point.row_dual, -run.point.column_dual
            rents = rent_totals(self._holders, self.place.layout, run.values, run.point.columns, *gains)
            found[self._rents[:, 0]] = rents[self._rents[:, 1]]
        return found
