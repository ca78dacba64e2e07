"""What a scenario that differs only for a time costs: volumes that go elsewhere, into stock or stay in the ground."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.case import Case, FloatArray
from model.results.declare import Extras, ResultColumn, result_table
from model.results.exports import family_units, totals
from model.results.flows import FAMILY
from model.results.money import MILLION_USD, money_parts
from model.results.shape import countries_of_nodes, names, sums
from model.results.stores import lost_in_store, stock_before
from model.results.summary import ALL, LOSSES, NET, TOTAL, lost_on_links
from model.solution import Solution

DAYS_A_YEAR: Final = 365.25
LEAST: Final = 1e-9
CORRIDOR: Final = "over a corridor"
LOST: Final = "less over corridors"
REROUTED: Final = "more over corridors"
STORED: Final = "into stores"


class _Row(NamedTuple):
    """One measure of something, by period."""

    measure: str
    family: str
    name: str
    volume: FloatArray


class _Change(NamedTuple):
    """The same of two scenarios."""

    measure: str
    family: str
    name: str
    usual: FloatArray
    here: FloatArray


@result_table(
    "Disruption",
    "What does it cost when something fails for a time, by period and by day, and where does the volume go instead?",
    key=("measure", "family", "name", "period"),
    columns=(
        ResultColumn(
            "measure",
            f"What is counted. By family production = deliveries + {STORED} + {LOSSES}, in change too; {LOST} and "
            f"{REROUTED} add up what each corridor loses and gains in a period",
        ),
        FAMILY,
        ResultColumn("name", "Supply, store, corridor, country of delivery; all = their sum"),
        ResultColumn("period", "Label of the period; total = the whole horizon"),
        ResultColumn(
            "days", "Days of the period, where an input differs from that of base; total = their sum", "days", "number"
        ),
        ResultColumn("usual", "The scenario base; money undiscounted", format="number"),
        ResultColumn("here", "This scenario", format="number"),
        ResultColumn("change", "This scenario less base: below 0 what is lost", format="number"),
        ResultColumn("change_per_day", "The change of the whole horizon by day of disruption", format="number"),
        ResultColumn("unit", "Unit of the three, and by day of the fourth"),
    ),
    needs=("usual",),
)
def disruption(solution: Solution, extras: Extras) -> dict[str, Any]:
    """Rows of whatever changes; none of base, nor of a scenario whose inputs still differ in the last period."""
    usual = extras.usual
    if usual is None or not differs_for_a_time(usual.case, solution.case):
        return _columns([], np.empty(0), solution.case)
    differs = periods_that_differ(usual.case, solution.case)
    return _columns(_changes(usual, solution), differs * solution.case.years * DAYS_A_YEAR, solution.case)


def differs_for_a_time(one: Case, other: Case) -> bool:
    """Whether some number differs in some period, and none any more in the last."""
    differs = periods_that_differ(one, other)
    return bool(differs.any() and not differs[-1])


def periods_that_differ(one: Case, other: Case) -> NDArray[np.bool_]:
    """In which periods some number of two cases of the same rows differs, (periods,)."""
    found = np.zeros(len(one.periods), dtype=bool)
    for name, sheet in one.sheets.items():
        beside = other.sheets[name]
        if sheet.words != beside.words:
            found[:] = True
        for column, values in sheet.numbers.items():
            theirs = beside.numbers[column]
            unlike = (values != theirs) & ~(np.isnan(values) & np.isnan(theirs))
            found |= np.broadcast_to(unlike.any(axis=0), found.shape)
    return found


def _changes(usual: Solution, solution: Solution) -> list[_Change]:
    pairs = list(zip(_rows(usual), _rows(solution), strict=True))
    every = [_Change(*before[:3], before.volume, here.volume) for before, here in pairs]
    moved = [one for one in every if np.abs(one.here - one.usual).max(initial=0.0) > LEAST]
    return [*_over_corridors(every), *moved]


def _over_corridors(changes: list[_Change]) -> Iterator[_Change]:
    """What corridors lose, and what they gain, added up by family; against all that goes over them."""
    mine = [one for one in changes if one.measure == CORRIDOR]
    for family in dict.fromkeys(one.family for one in mine):
        usual = sum(one.usual for one in mine if one.family == family)
        change = np.array([one.here - one.usual for one in mine if one.family == family])
        for measure, part in ((LOST, np.minimum(change, 0.0)), (REROUTED, np.maximum(change, 0.0))):
            if np.abs(change).max(initial=0.0) > LEAST:
                yield _Change(measure, family, ALL, np.asarray(usual), usual + part.sum(axis=0))


def _rows(solution: Solution) -> Iterator[_Row]:
    yield from _money(solution)
    for (family, name), (volume, _) in totals(solution, "corridor").items():
        yield _Row(CORRIDOR, family, name, volume)
    yield from _balance(solution)


def _money(solution: Solution) -> Iterator[_Row]:
    parts = money_parts(solution).values()
    for family in (ALL, *dict.fromkeys(solution.case.word("Commodities", "family"))):
        each = [part.amount[part.family == family] if family != ALL else part.amount for part in parts]
        yield _Row(NET, family, ALL, np.concatenate(each).sum(axis=0))


def _balance(solution: Solution) -> Iterator[_Row]:
    """Production and where it stays, by what produces, stores and takes it."""
    case, net = solution.case, solution.network
    family, country = names(case.word("Commodities", "family")), countries_of_nodes(case)
    nodes = case.word("Demand", "node")
    stores = case["Storage"].keys
    put_in = solution["stock"] - stock_before(solution)
    for measure, labels, kinds, volume in (
        ("production", case["Supply"].keys, family[net.supply_commodity], solution["supply"]),
        (STORED, stores, family[net.storage_commodity], put_in),
        ("deliveries", [country[nodes[d]] for d in net.sale_demand.tolist()], family[net.sale_commodity],
         solution["delivery"]),
        (LOSSES, [ALL] * len(family), family, _lost(solution)),
    ):  # fmt: skip
        places: dict[tuple[str, str], list[int]] = {}
        for i, place in enumerate(zip(kinds.tolist(), labels, strict=True)):
            places.setdefault(place, []).append(i)
        for (kind, label), members in places.items():
            yield _Row(measure, kind, label, volume[members].sum(axis=0))


def _lost(solution: Solution) -> FloatArray:
    """Used and lost on links and in stores, (commodities, periods)."""
    net, count = solution.network, len(solution.case["Commodities"])
    in_stores = sums(lost_in_store(solution), net.storage_commodity, count)
    return sums(lost_on_links(solution), net.flow_commodity, count) + in_stores


def _columns(changes: list[_Change], days: FloatArray, case: Case) -> dict[str, Any]:
    """Each change by period and in total."""
    unit = {**family_units(case)[0], ALL: MILLION_USD}
    labels, span = [*case.periods, TOTAL], len(case.periods) + 1
    usual, here = (_with_total([getattr(one, side) for one in changes], span) for side in ("usual", "here"))
    change = here - usual
    per_day = np.full(change.shape, np.nan)
    if changes:
        per_day[:, -1] = change[:, -1] / days.sum()
    return {
        **{
            name: np.repeat(names(getattr(one, name) for one in changes), span)
            for name in ("measure", "family", "name")
        },
        "period": np.tile(names(labels), len(changes)),
        "days": np.tile(np.append(days, days.sum()), len(changes)),
        "usual": usual.ravel(),
        "here": here.ravel(),
        "change": change.ravel(),
        "change_per_day": per_day.ravel(),
        "unit": np.repeat(names(MILLION_USD if one.measure == NET else unit[one.family] for one in changes), span),
    }


def _with_total(volumes: list[FloatArray], span: int) -> FloatArray:
    table = np.array(volumes).reshape(len(volumes), span - 1)
    return np.hstack([table, table.sum(axis=1, keepdims=True)])
