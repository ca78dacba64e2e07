"""How full every link, asset and fleet is, and what widening it would earn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.case import Case, FloatArray
from model.results.added import added
from model.results.declare import Extras, ResultColumn, result_table
from model.results.flows import FAMILY, PERIOD
from model.results.shape import (
    Names,
    families,
    finite,
    names,
    ordered,
    periods,
    picked,
    ratio,
    row_gain,
    shown_per,
    spread,
    stacked,
    step_arrays,
    sums,
    unit_of,
    value_steps,
    value_units,
)
from model.solution import Solution


@dataclass(frozen=True)
class _Use:
    """Capacity, minimum and use (own unit per period) and undiscounted gains, (holders, periods)."""

    kind: str
    sheet: str
    mode: Names
    country: Names
    carried: Sequence[Sequence[int]]
    unit: Sequence[str]
    upper: FloatArray
    lower: FloatArray
    used: FloatArray
    value: FloatArray
    up: FloatArray
    down: FloatArray
    cost: FloatArray
    tonnes: FloatArray


@result_table(
    "Capacity",
    "How full does every link, asset and fleet run, and what would one more unit of it earn?",
    key=("kind", "name", "period"),
    columns=(
        ResultColumn("kind", "Link, asset or fleet"),
        ResultColumn("name", "Its name"),
        ResultColumn("mode", "A link's mode, an asset's kind"),
        ResultColumn("country", "Who owns it or earns its tariff"),
        FAMILY,
        PERIOD,
        ResultColumn(
            "capacity",
            "What is available, with what projects add; zero while closed; blank = unlimited",
            format="volume",
        ),
        ResultColumn("minimum", "Least use", format="volume"),
        ResultColumn("used", "What is used", format="volume"),
        ResultColumn("unit", "Unit of the row: over the period, or a mean rate (kb/d, mb/d, mcm/d)"),
        ResultColumn("share_used", "Share of the capacity used; blank where it is zero or unlimited", format="share"),
        ResultColumn("value", "Dual of the capacity, undiscounted: between the two values that follow", format="price"),
        *value_steps("unit of capacity"),
        ResultColumn(
            "cost_of_minimum", "Cost of one more unit of the minimum, undiscounted; blank without one", format="price"
        ),
        ResultColumn("value_unit", "Unit of that value and cost"),
        ResultColumn(
            "rent", "What its scarcity earns in the period: value × used, undiscounted", "million USD", "money"
        ),
        ResultColumn(
            "value_per_t", "Fleets: the value per tonne carried, on the mean of the routes sailed", "USD/t", "price"
        ),
    ),
    needs=("steps",),
)
def capacity(solution: Solution, extras: Extras) -> dict[str, Any]:
    """One row per link, asset and fleet and period, those closed, idle or out of reach included."""
    tables = [
        _columns(solution, use)
        for use in (_links(solution, extras), _assets(solution, extras), _fleets(solution, extras))
    ]
    return ordered(stacked(tables), [column.name for column in capacity.columns[1:]])


def _columns(solution: Solution, use: _Use) -> dict[str, Any]:
    case = solution.case
    value_unit, factor = value_units(use.unit)
    per = shown_per(use.unit, case.years)
    value = use.value * factor
    items = {
        "kind": names([use.kind] * len(use.unit)),
        "name": names(case[use.sheet].keys),
        "mode": use.mode,
        "country": use.country,
        "family": families(case, use.carried),
        "unit": names(use.unit),
        "value_unit": value_unit,
    }
    numbers = {
        "capacity": finite(use.upper / per),
        "minimum": use.lower / per,
        "used": use.used / per,
        "share_used": ratio(use.used, use.upper),
        "value": value,
        "value_up": use.up * factor,
        "value_down": use.down * factor,
        "cost_of_minimum": np.where(use.lower > 0, use.cost * factor, np.nan),
        "rent": use.value * use.used,
        "value_per_t": ratio(value * use.used, use.tonnes),
    }
    return spread(items, periods(case), numbers)


def _blank(solution: Solution, count: int) -> FloatArray:
    return np.full((count, len(solution.case.periods)), np.nan)


def _countries(case: Case, sheet: str) -> list[str | None]:
    shares = case.word(sheet, "country")
    return [None if row is None else ", ".join(name for name, _ in row) for row in shares]


def _links(solution: Solution, extras: Extras) -> _Use:
    case, net, p = solution.case, solution.network, solution.parameters
    count = len(case["Links"])
    shared = np.isin(net.flow_link, net.shared_links)[:, None]
    gain = solution.undiscounted(solution.bound_gain["flow"]) / p.flow_use
    # a shared link that is closed is held by its flows' bounds as well as by its row
    own = np.zeros((count, gain.shape[1]))
    np.maximum.at(own, net.flow_link, gain)
    held = np.zeros_like(own)
    np.maximum.at(held, net.flow_link, np.where(shared, 0.0, -gain))
    row = solution.undiscounted(row_gain(solution, "link_capacity", net.shared_links, count))
    least = solution.undiscounted(row_gain(solution, "link_minimum", net.link_minimum, count))
    position, unit_by_grade = case["Commodities"].position, case.word("Commodities", "unit")
    carried = [[position[k] for k in group] for group in case.word("Links", "commodity")]
    starts = dict(zip(case["Nodes"].keys, case.word("Nodes", "country"), strict=True))
    country = [
        found or starts[node] for found, node in zip(_countries(case, "Links"), case.word("Links", "from"), strict=True)
    ]
    return _Use(
        "link",
        "Links",
        names(case.word("Links", "mode")),
        names(country),
        carried,
        [
            unit_of(written, [unit_by_grade[k] for k in group])
            for written, group in zip(case.word("Links", "volume_unit"), carried, strict=True)
        ],
        p.link_upper + added(solution, "Links", count),
        p.link_lower,
        sums(solution["flow"] * p.flow_use, net.flow_link, count),
        own + row,
        *_link_steps(solution, extras, count),
        held - least,
        _blank(solution, count),
    )


def _steps(solution: Solution, extras: Extras, block: str) -> tuple[FloatArray, FloatArray]:
    up, down = step_arrays(extras, block, solution.row_gain[block].shape)
    return solution.undiscounted(up), solution.undiscounted(down)


def _link_steps(solution: Solution, extras: Extras, count: int) -> tuple[FloatArray, FloatArray]:
    """A link of one commodity is bounded by its flow, one of several by its row; blank while that is closed."""
    net, p = solution.network, solution.parameters
    alone = np.flatnonzero(~np.isin(net.flow_link, net.shared_links))
    closed = p.link_upper[net.shared_links] <= 0
    found = []
    for flow, row in zip(
        step_arrays(extras, "flow", solution["flow"].shape),
        step_arrays(extras, "link_capacity", solution.row_gain["link_capacity"].shape),
        strict=True,
    ):
        whole = np.full((count, flow.shape[1]), 0.0 if extras.steps else np.nan)
        whole[net.flow_link[alone]] = flow[alone] / p.flow_use[alone]
        whole[net.shared_links] = np.where(closed, np.nan, row)
        found.append(solution.undiscounted(whole))
    return found[0], found[1]


def _assets(solution: Solution, extras: Extras) -> _Use:
    case, net, p = solution.case, solution.network, solution.parameters
    count, uses = len(case["Assets"]), net.asset_use
    least = solution.undiscounted(row_gain(solution, "asset_minimum", net.asset_minimum, count))
    carried = _carried(uses.holder.tolist(), net.flow_commodity[uses.flow].tolist(), count)
    unit_by_grade = case.word("Commodities", "unit")
    plain = np.ones(count, dtype=bool)
    plain[uses.holder[(case.number("Uses", "use")[uses.row] != 1).any(axis=1)]] = False
    return _Use(
        "asset",
        "Assets",
        names(case.word("Assets", "kind")),
        names(_countries(case, "Assets")),
        carried,
        [
            unit_of(written, [unit_by_grade[k] for k in group] if one_for_one else [])
            for written, group, one_for_one in zip(
                case.word("Assets", "volume_unit"), carried, plain.tolist(), strict=True
            )
        ],
        p.asset_upper + added(solution, "Assets", count),
        p.asset_lower,
        sums(solution["flow"][uses.flow] * p.asset_use, uses.holder, count),
        solution.undiscounted(solution.row_gain["asset_capacity"]),
        *_steps(solution, extras, "asset_capacity"),
        -least,
        _blank(solution, count),
    )


def _fleets(solution: Solution, extras: Extras) -> _Use:
    case, net, p = solution.case, solution.network, solution.parameters
    count, uses = len(case["Fleets"]), net.fleet_use
    volume = solution["flow"][uses.flow]
    return _Use(
        "fleet",
        "Fleets",
        picked([""], np.zeros(count, dtype=np.int64)),
        names(_countries(case, "Fleets")),
        _carried(uses.holder.tolist(), net.flow_commodity[uses.flow].tolist(), count),
        ["vessel-days"] * count,
        p.fleet_upper + added(solution, "Fleets", count),
        np.zeros_like(p.fleet_upper),
        sums(volume * p.fleet_use, uses.holder, count),
        solution.undiscounted(solution.row_gain["fleet_time"]),
        *_steps(solution, extras, "fleet_time"),
        np.zeros_like(p.fleet_upper),
        sums(volume, uses.holder, count) * 1e6,
    )


def _carried(holders: Sequence[int], commodities: Sequence[int], count: int) -> list[list[int]]:
    groups: list[list[int]] = [[] for _ in range(count)]
    for holder, commodity in zip(holders, commodities, strict=True):
        groups[holder].append(commodity)
    return groups
