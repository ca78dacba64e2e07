"""The numbers of one case after another on one layout: only what follows from a changed cell is worked out again.

Every function that makes numbers (a part of the parameters, a bound, the terms of a constraint) is remembered with what
it read. It is called again only where one of these has changed; as the functions are pure, what it would return is
known otherwise. So there is no second list of which cell enters where, which could be wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import numpy as np

from model.case import Case, FloatArray, Sheet
from model.formulation.layout import CONSTRAINTS, Layout, Values, coefficients, matrix_of
from model.formulation.rules import Block, Index, Variable
from model.formulation.variables import VARIABLES
from model.network import Network
from model.parameters import PARTS, Parameters
from model.parameters.convert import Converter, discount_factors

Reads = set[Hashable]


class _Watched(dict[str, Any]):
    """A mapping that notes which of its entries are read."""

    def __init__(self, entries: Any, name: str, notes: _Notes) -> None:
        super().__init__(entries)
        self.name, self.notes = name, notes

    def __getitem__(self, key: str) -> Any:
        self.notes.reads.add((self.name, key))
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """The entry, or the default where there is none."""
        if key not in self:
            return default
        return self[key]

    def items(self) -> Any:
        """All entries, all of them noted."""
        return [(key, self[key]) for key in self]

    def values(self) -> Any:
        """The same without their keys."""
        return [self[key] for key in self]


class _WatchedFields:
    """An object that notes which of its fields are read."""

    def __init__(self, fields: Any, name: str, notes: _Notes) -> None:
        self._fields, self._name, self._notes = fields, name, notes

    def __getattr__(self, key: str) -> Any:
        self._notes.reads.add((self._name, key))
        return getattr(self._fields, key)


class _Notes:
    """What is read between two calls of ``fresh``."""

    def __init__(self) -> None:
        self.reads: Reads = set()

    def fresh(self) -> Reads:
        """A new list to note on, which is returned."""
        self.reads = set()
        return self.reads


@dataclass
class _Known:
    """What a function returned, and what it read to do so."""

    value: Any
    reads: Reads


class Numbers:
    """Parameters and numbers of the programme, case after case of one structure; each result is left as it is."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._notes = _Notes()
        # the case last asked about, what was read to tell, and whether it fits
        self._held: tuple[Case, Reads, bool] | None = None
        self._forget()

    def _forget(self) -> None:
        self._known: dict[Hashable, _Known] = {}
        self._case: Case | None = None
        self._sheets: dict[str, tuple[Sheet, Sheet]] = {}
        self._watched = cast("Case", None)
        self._fields: dict[str, Any] = {}
        self._changed: Reads = set()
        self._last = cast("tuple[Parameters, Values]", None)

    def at(self, case: Case) -> tuple[Parameters, Values]:
        """The same as ``build_parameters`` and ``evaluate`` give for the case."""
        if case is self._case:
            return self._last
        try:
            self._watch(case)
            self._last = self._parameters(), self._values()
        except BaseException:
            # what was half changed would be taken for known
            self._forget()
            raise
        self._case = case
        return self._last

    def fits(self, case: Case) -> bool:
        """Whether the network holds every row and variable that the case needs."""
        if self._held is None or not self._held[1].isdisjoint(_differing(self._held[0], case)):
            reads = self._notes.fresh()
            holds = self.layout.network.holds(self._watched_of(case))
            self._held = case, reads, holds
        return self._held[2]

    def _watched_of(self, case: Case) -> Case:
        sheets = {name: self._watched_sheet(sheet) for name, sheet in case.sheets.items()}
        settings = _WatchedFields(case.settings, "Settings", self._notes)
        return replace(case, sheets=sheets, settings=cast("Any", settings))

    def _watched_sheet(self, sheet: Sheet) -> Sheet:
        before = self._sheets.get(sheet.name)
        if before is not None and before[0] is sheet:
            return before[1]
        numbers = _Watched(sheet.numbers, sheet.name, self._notes)
        return replace(sheet, numbers=numbers, words=_Watched(sheet.words, sheet.name, self._notes))

    def _watch(self, case: Case) -> None:
        self._changed = set() if self._case is None else _differing(self._case, case)
        self._watched = self._watched_of(case)
        self._sheets = {name: (sheet, self._watched.sheets[name]) for name, sheet in case.sheets.items()}

    def _again(self, name: Hashable, work: Callable[[], Any]) -> tuple[Any, bool]:
        """What a function returns now, and whether that is other than before."""
        known = self._known.get(name)
        if known is not None and known.reads.isdisjoint(self._changed):
            return known.value, False
        reads = self._notes.fresh()
        value = work()
        other = known is None or not _same(known.value, value)
        self._known[name] = _Known(value if known is None or other else known.value, reads)
        return self._known[name].value, other

    def _parameters(self) -> Parameters:
        case = self._watched
        convert, _ = self._again("convert", lambda: Converter(case))
        used = self._known["convert"].reads
        self._field("years", lambda: case.years)
        self._field("discount", lambda: discount_factors(case))
        lapsed: list[str] = []
        for part in PARTS:
            value, other = self._again(part.__name__, partial(self._part, part, convert))
            # its factors were read before the part was
            self._known[part.__name__].reads |= used
            lapsed += value[1]
            self._keep(value[0] if other else {})
        return Parameters(**self._fields, lapsed=tuple(lapsed))

    def _part(self, part: Callable[..., dict[str, Any]], convert: Converter) -> tuple[dict[str, Any], list[str]]:
        lapsed: list[str] = []
        fields = _Watched(self._fields, "field", self._notes)
        return part(self._watched, self.layout.network, convert, fields, lapsed), lapsed

    def _field(self, name: str, work: Callable[[], FloatArray]) -> None:
        value, other = self._again(("field", name), work)
        if other:
            self._keep({name: value})

    def _keep(self, fields: dict[str, Any]) -> None:
        for name, value in fields.items():
            if name not in self._fields or not _same(self._fields[name], value):
                self._fields[name] = value
                self._changed.add(("field", name))

    def _values(self) -> Values:
        layout, case = self.layout, self._watched
        net = layout.network
        p = cast("Parameters", _WatchedFields(Parameters(**self._fields, lapsed=()), "field", self._notes))
        old = None if self._case is None else self._last[1]
        lower, upper, cost, low, high = _vectors(layout, old)
        for v in VARIABLES:
            block = layout.columns[v.name]
            for vector, find in (
                (lower, partial(v.lower, p, net)),
                (upper, partial(v.upper, p, net)),
                (cost, partial(_cost, v, p, net, case)),
            ):
                self._fill(vector, block, find)
        for c in CONSTRAINTS:
            block = layout.rows[c.name]
            bounds, other = self._again((c.name, "bounds"), partial(c.bounds, p, net))
            if other:
                _put(low.own(), block, bounds[0])
                _put(high.own(), block, bounds[1])
        return Values(cost.now, lower.now, upper.now, low.now, high.now, self._matrix(p, old))

    def _fill(self, vector: _Vector, block: Block, work: Callable[[], Any]) -> None:
        value, other = self._again((block.name, vector.name), work)
        if other:
            _put(vector.own(), block, value)

    def _matrix(self, p: Parameters, old: Values | None) -> FloatArray:
        index = Index(self._watched, self.layout.network, self.layout.columns, self.layout.rows)
        found = [self._again((c.name, "terms"), partial(coefficients, c, index, p)) for c in CONSTRAINTS]
        if old is not None and not any(other for _, other in found):
            return old.matrix
        return matrix_of(self.layout, np.concatenate([value for value, _ in found]))


class _Vector:
    """One vector of the programme; it is copied before the first change, so that earlier results stay."""

    def __init__(self, name: str, size: int, old: FloatArray | None) -> None:
        self.name = name
        self.now = np.empty(size) if old is None else old
        self._own = old is None

    def own(self) -> FloatArray:
        """The vector, to be changed."""
        if not self._own:
            self.now, self._own = self.now.copy(), True
        return self.now


def _vectors(layout: Layout, old: Values | None) -> list[_Vector]:
    wide, high = layout.column_count, layout.row_count
    sizes = {"lower": wide, "upper": wide, "cost": wide, "row_lower": high, "row_upper": high}
    return [_Vector(name, size, None if old is None else getattr(old, name)) for name, size in sizes.items()]


def _cost(variable: Variable, p: Parameters, net: Network, case: Case) -> FloatArray:
    return np.asarray(0.0 - np.asarray(variable.worth(p, net, case)))


def _put(vector: FloatArray, block: Block, value: Any) -> None:
    vector[block.slice] = np.broadcast_to(value, (len(block.items), len(block.spans))).ravel()


def _differing(before: Case, case: Case) -> Reads:
    """Columns and settings that are not those of the case before."""
    changed: Reads = set()
    for name, sheet in case.sheets.items():
        old = before.sheets[name]
        if old is not sheet:
            changed |= {(name, column) for column in _other(old.numbers, sheet.numbers)}
            changed |= {(name, column) for column in _other(old.words, sheet.words)}
    if case.settings is not before.settings:
        old_settings, settings = vars(before.settings), vars(case.settings)
        changed |= {("Settings", name) for name in settings if old_settings[name] != settings[name]}
    return changed


def _other(old: Any, new: Any) -> Iterator[str]:
    """Columns that are other objects; a changed column never is the old one."""
    return (name for name in new if new[name] is not old[name])


def _same(old: Any, new: Any) -> bool:
    """Whether two results, which may be nested, hold the same numbers."""
    if old is new:
        return True
    if isinstance(new, np.ndarray):
        return np.shape(old) == new.shape and np.array_equal(old, new, equal_nan=new.dtype.kind == "f")
    if isinstance(new, dict):
        return old.keys() == new.keys() and all(_same(old[name], new[name]) for name in new)
    if isinstance(new, (tuple, list)):
        return len(old) == len(new) and all(_same(one, two) for one, two in zip(old, new, strict=True))
    return bool(old == new)
