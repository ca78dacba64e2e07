"""What was recorded beside what the model gives, and how much of it takes the right corridor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from model.case import Case, FloatArray
from model.parameters.convert import Converter
from model.results.declare import Extras, ResultColumn, result_table
from model.results.flows import FAMILY, PERIOD
from model.results.shape import RATES, families, names, unit_of
from model.selection import IntArray, flow_records, matching, sale_records, supply_records
from model.solution import Solution

_NOTHING = float("nan")


class _Records:
    """What each row of Observed counts: its commodities, and its volume in a solution, in the row's unit."""

    def __init__(self, case: Case) -> None:
        self.case, self.convert = case, Converter(case)
        self.observed = case["Observed"].words
        self.items = {"supply": _supplies(case), "flow": _flows(case), "delivery": _sales(case)}
        records = {
            "supply": supply_records(case),
            "flow": flow_records(case, *self.items["flow"]),
            "delivery": sale_records(case, *self.items["delivery"]),
        }
        selectors = list(zip(self.observed["measure"], self.observed["what"], strict=True))
        # a corridor is recorded year after year
        found = {one: np.flatnonzero(matching(one[1], records[one[0]])) for one in dict.fromkeys(selectors)}
        self.picked = [found[one] for one in selectors]
        self.commodities = [
            self.items[measure][1][picked]
            for measure, picked in zip(self.observed["measure"], self.picked, strict=True)
        ]
        own = case.word("Commodities", "unit")
        self.unit = [
            unit_of(written, [own[k] for k in commodities.tolist()])
            for written, commodities in zip(self.observed["volume_unit"], self.commodities, strict=True)
        ]
        self.period = np.array([case.period(label) for label in self.observed["period"]], dtype=np.int64)

    def modelled(self, solution: Solution) -> FloatArray:
        """Volume of each row in a solution, in the row's unit, a mean rate where that is one; shape (rows,)."""
        net = solution.network
        supplies = np.arange(len(net.supply_commodity))
        position = {
            "supply": _positions(supplies, net.supply_commodity),
            "flow": _positions(net.flow_link, net.flow_commodity),
            "delivery": _positions(net.sale_demand, net.sale_commodity),
        }
        volumes = np.zeros(len(self.picked))
        for row, (measure, picked, commodities) in enumerate(
            zip(self.observed["measure"], self.picked, self.commodities, strict=True)
        ):
            owners = self.items[measure][0][picked].tolist()
            # what no supply can reach is not in the programme: it carries nothing
            found = [position[measure].get(pair, -1) for pair in zip(owners, commodities.tolist(), strict=True)]
            kept = np.array([place for place in found if place >= 0], dtype=np.int64)
            there = np.array([place >= 0 for place in found], dtype=bool)
            factors = self.convert.volumes([self.observed["volume_unit"][row]] * len(kept), commodities[there])
            volumes[row] = factors @ solution[measure][kept, self.period[row]]
        return volumes / self._years()

    def own_factor(self) -> FloatArray:
        """Own units of volume over the period in one of the row's unit, by its first commodity; shape (rows,)."""
        written = self.observed["volume_unit"]
        factors = [
            self.convert.volume(unit, int(commodities[0])) if len(commodities) else _NOTHING
            for unit, commodities in zip(written, self.commodities, strict=True)
        ]
        return np.asarray(self._years() / np.array(factors))

    def _years(self) -> FloatArray:
        rate = np.array([unit in RATES for unit in self.unit], dtype=bool)
        return np.where(rate, self.case.years[self.period], 1.0)


def _positions(owners: IntArray, commodities: IntArray) -> dict[tuple[int, int], int]:
    return {pair: i for i, pair in enumerate(zip(owners.tolist(), commodities.tolist(), strict=True))}


def _supplies(case: Case) -> tuple[IntArray, IntArray]:
    position = case["Commodities"].position
    commodities = [position[name] for name in case.word("Supply", "commodity")]
    return np.arange(len(commodities)), np.array(commodities, dtype=np.int64)


def _flows(case: Case) -> tuple[IntArray, IntArray]:
    return _pairs(case, case.word("Links", "commodity"))


def _sales(case: Case) -> tuple[IntArray, IntArray]:
    return _pairs(case, case.word("Demand", "commodity"))


def _pairs(case: Case, groups: Sequence[Sequence[str]]) -> tuple[IntArray, IntArray]:
    position = case["Commodities"].position
    pairs = [(owner, position[name]) for owner, group in enumerate(groups) for name in group]
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


@result_table(
    "Backcast",
    "How close does the model come to what was recorded?",
    key=("observed",),
    columns=(
        ResultColumn("observed", "The record"),
        ResultColumn("measure", "What it counts: supply, flow or delivery"),
        ResultColumn("what", "Which of it"),
        FAMILY,
        PERIOD,
        ResultColumn("recorded", "Recorded volume", format="volume"),
        ResultColumn("modelled", "Volume in the model", format="volume"),
        ResultColumn("difference", "Modelled less recorded", format="volume"),
        ResultColumn(
            "modelled_freed", "Volume with contracts and limits switched off; blank where not solved", format="volume"
        ),
        ResultColumn("unit", "Unit of the row's volumes: over the period, or a mean rate"),
    ),
    needs=("freed",),
)
def backcast(solution: Solution, extras: Extras) -> dict[str, Any]:
    """One row per row of Observed."""
    case = solution.case
    records = _Records(case)
    recorded, modelled = case.number("Observed", "value")[:, 0], records.modelled(solution)
    freed = np.full(len(recorded), np.nan) if extras.freed is None else records.modelled(extras.freed)
    return {
        "observed": names(case["Observed"].keys),
        "measure": names(records.observed["measure"]),
        "what": names(str(what) for what in records.observed["what"]),
        "family": families(case, [group.tolist() for group in records.commodities]),
        "period": names(records.observed["period"]),
        "recorded": recorded,
        "modelled": modelled,
        "difference": modelled - recorded,
        "modelled_freed": freed,
        "unit": names(records.unit),
    }


@result_table(
    "Backcast fit",
    "Which share of the recorded flows takes the right corridor, year by year?",
    key=("family", "period"),
    columns=(
        FAMILY,
        PERIOD,
        ResultColumn("corridors", "Number of corridors recorded: rows of Observed with measure flow", format="number"),
        ResultColumn("recorded", "Sum of the volumes recorded", format="volume"),
        ResultColumn("modelled", "Sum of the volumes modelled on the same corridors", format="volume"),
        ResultColumn("unit", "Unit of the row's volumes, counted over the period"),
        ResultColumn("fit", "1 − ½·Σ |modelled share − recorded share| of the workbook as it is", format="share"),
        ResultColumn(
            "fit_freed", "The same with contracts and limits switched off; blank where not solved", format="share"
        ),
        ResultColumn(
            "fit_naive",
            "The same of shares last recorded, among corridors recorded before; blank for the first",
            format="share",
        ),
    ),
    needs=("freed",),
)
def backcast_fit(solution: Solution, extras: Extras) -> dict[str, Any]:
    """One row per family and period with recorded flows."""
    case = solution.case
    records = _Records(case)
    factor = records.own_factor()
    volumes = {
        "recorded": case.number("Observed", "value")[:, 0] * factor,
        "modelled": records.modelled(solution) * factor,
        "freed": np.full(len(factor), np.nan) if extras.freed is None else records.modelled(extras.freed) * factor,
    }
    family = families(case, [group.tolist() for group in records.commodities])
    last: dict[str, dict[str, float]] = {}
    rows = []
    for name, period in _groups(records, family):
        mine = (names(records.observed["measure"]) == "flow") & (family == name) & (records.period == period)
        found = {kind: values[mine] for kind, values in volumes.items()}
        row = _judged(records, np.flatnonzero(mine).tolist(), found, last.setdefault(name, {}))
        rows.append({"family": name, "period": case.periods[period], **row})
    return {
        column.name: (names if column.format == "text" else np.array)([row[column.name] for row in rows])
        for column in backcast_fit.columns[1:]
    }


def _judged(
    records: _Records, mine: Sequence[int], found: Mapping[str, FloatArray], before: dict[str, float]
) -> dict[str, Any]:
    """One family and period: volumes and fits; ``before`` holds what each corridor carried last, and is brought on."""
    corridors = [str(records.observed["what"][i]) for i in mine]
    # a corridor that was never recorded before has no share to carry forward
    known = np.array([corridor in before for corridor in corridors], dtype=bool)
    naive = np.array([before[corridor] for corridor in corridors if corridor in before])
    before.update(zip(corridors, found["recorded"].tolist(), strict=True))
    own = records.case.word("Commodities", "unit")
    return {
        "corridors": float(len(mine)),
        "recorded": float(found["recorded"].sum()),
        "modelled": float(found["modelled"].sum()),
        "unit": unit_of(None, [own[k] for i in mine for k in records.commodities[i].tolist()]),
        "fit": _fit(found["modelled"], found["recorded"]),
        "fit_freed": _fit(found["freed"], found["recorded"]),
        "fit_naive": _fit(naive, found["recorded"][known]),
    }


def _groups(records: _Records, family: Any) -> list[tuple[str, int]]:
    """Families and periods with recorded flows, families in sheet order, periods in order of time."""
    found = {
        (family[i], int(records.period[i]))
        for i, measure in enumerate(records.observed["measure"])
        if measure == "flow"
    }
    order = {name: i for i, name in enumerate(dict.fromkeys(family))}
    return sorted(found, key=lambda group: (order[group[0]], group[1]))


def _fit(modelled: FloatArray, recorded: FloatArray) -> float:
    """1 − ½·Σ |share − recorded share|; blank where nothing was modelled or recorded."""
    if not recorded.sum() > 0 or not modelled.sum() > 0:
        return _NOTHING
    return float(1 - 0.5 * np.abs(modelled / modelled.sum() - recorded / recorded.sum()).sum())
