"""Legal but odd ways: what nothing can reach or leave, and what is far wider than all that could ever pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from model.case import Case, FloatArray
from model.network import Network
from model.own_unit import own_unit
from model.parameters import Parameters
from model.possible import Possible, possible

TIMES: Final = 10.0
TIMES_OWED: Final = 3.0
LEAST_USE: Final = 1e-12
TIMES_MADE: Final = 5.0  # production that cannot leave is odder than room that is not used


def odd_reach(case: Case, net: Network, p: Parameters) -> Iterator[str]:
    """Each odd way in a sentence with its cell."""
    yield from _empty_links(case, net)
    yield from _cut_off(case, net)
    bounds = possible(case, net, p)
    yield from _too_wide(case, net, p, bounds)
    yield from _too_much_owed(case, net, p, bounds)


def _empty_links(case: Case, net: Network) -> Iterator[str]:
    """Links to which nothing can come; of several behind each other, the first."""
    links, node, commodity = case["Links"], case["Nodes"].position, case["Commodities"].position
    held = set(net.balances)
    empty = [row for row in range(len(links)) if row not in net.flows_of_link]
    fed = {links.words["to"][row] for row in empty}
    for row in empty:
        start, end, names = (links.words[column][row] for column in ("from", "to", "commodity"))
        turned = any((node[end], commodity[name]) in held for name in names)
        if start not in fed or turned:
            asks = f"; it can come to {end!r}, so the link may be the wrong way round." if turned else "."
            yield (
                f"{links.cell(row, 'from')}: {links.keys[row]!r} stays empty: no {' or '.join(names)} can come to "
                f"{start!r}{asks}"
            )


def _cut_off(case: Case, net: Network) -> Iterator[str]:
    """Demands that no supply can reach, and supplies from which no way leads to a demand or a store."""
    demand, supply = case["Demand"], case["Supply"]
    for row in net.lacking_demand:
        names, node = " or ".join(demand.words["commodity"][row]), demand.words["node"][row]
        yield f"{demand.cell(row, 'node')}: {demand.keys[row]!r} gets nothing: no {names} can come to {node!r}."
    ahead = np.zeros(len(net.balances), dtype=bool)
    ahead[net.sale_balance] = True
    ahead[net.storage_balance] = True
    count = -1
    while (now := int(ahead.sum())) != count:
        count = now
        np.logical_or.at(ahead, net.flow_from, ahead[net.flow_to])
    for row in np.flatnonzero(~ahead[net.supply_balance]).tolist():
        grade, node = supply.words["commodity"][row], supply.words["node"][row]
        yield (
            f"{supply.cell(row, 'node')}: {supply.keys[row]!r} stays unused: no way leads {grade} from {node!r} "
            "to a demand for it."
        )


def _too_wide(case: Case, net: Network, p: Parameters, bounds: Possible) -> Iterator[str]:
    """Volumes many times all that could ever pass: a limit that limits nothing, or a wrong unit."""
    behind = "the most that is produced behind it and taken beyond it"
    for sheet, column, given, most, times, what in (
        ("Supply", "capacity", p.supply_capacity, bounds.taken[net.supply_balance], TIMES_MADE,
         "the most that can leave its node or be taken beyond it"),
        ("Demand", "volume", p.demand_upper, _to_demands(net, p, bounds), TIMES, "the most that can come to it"),
        ("Links", "capacity", p.link_upper, _on_links(net, p, bounds), TIMES, behind),
        ("Assets", "capacity", p.asset_upper, _on_assets(net, p, bounds), TIMES, behind),
    ):  # fmt: skip
        finite = np.where(np.isfinite(given), given, 0.0)
        highest = most.max(axis=1, initial=0.0)
        odd = (finite.max(axis=1, initial=0.0) > times * highest) & (highest > 0)
        for row in np.flatnonzero(odd).tolist():
            t = int(finite[row].argmax())
            value, unit = case.number(sheet, column)[row, t], own_unit(case, sheet, row, column)
            ratio = finite[row, t] / highest[row]
            yield (
                f"{case.source_cell(sheet, row, column, t)}: {case[sheet].keys[row]!r} has a {column} of {value:,.6g} "
                f"{unit}, {ratio:,.0f} times {what} ({value / ratio:,.4g}). Is it in another unit (volume_unit), or is "
                "no limit meant ('unlimited')?"
            )


def _too_much_owed(case: Case, net: Network, p: Parameters, bounds: Possible) -> Iterator[str]:
    """Contracts on several times what could ever be lifted, so that most of the volume is paid for and not used."""
    contracts = case["Contracts"]
    asked = p.demand_upper[net.sale_demand] / np.maximum(p.delivery_use, LEAST_USE)
    sold = np.minimum(bounds.come[net.sale_balance], asked)
    for row, terms in enumerate(net.contract_terms):
        lifted = bounds.carried if terms.block == "flow" else sold
        counted = np.maximum(p.contract_coefficients[row], 0.0)
        passing = np.where(counted > 0, lifted[terms.items], 0.0)  # what is without limit but not counted is nothing
        most = (counted * passing / p.years).sum(axis=0)
        volume = case.number("Contracts", "volume")[row] * (p.contract_open[row] > 0)
        t = int(volume.argmax())
        highest = most.max(initial=0.0)
        if volume[t] > TIMES_OWED * highest > 0:
            yield (
                f"{case.source_cell('Contracts', row, 'volume', t)}: {contracts.keys[row]!r} is on {volume[t]:,.6g} "
                f"{own_unit(case, 'Contracts', row, 'volume')}, {volume[t] / highest:,.0f} times the most that "
                f"{contracts.words['applies_to'][row]!r} could take ({highest:,.4g}). "
                "Is it in another unit (volume_unit)?"
            )


def _on_links(net: Network, p: Parameters, bounds: Possible) -> FloatArray:
    """What could enter each link, in its unit."""
    total = np.zeros(p.link_upper.shape)
    np.add.at(total, net.flow_link, p.flow_use * bounds.flow)
    return total


def _on_assets(net: Network, p: Parameters, bounds: Possible) -> FloatArray:
    """What could use each asset, in its unit; nothing where no use is positive."""
    total = np.zeros(p.asset_upper.shape)
    used = p.asset_use > 0
    flow = np.where(used, bounds.flow[net.asset_use.flow], 0.0)
    np.add.at(total, net.asset_use.holder, np.where(used, p.asset_use, 0.0) * flow)
    return total


def _to_demands(net: Network, p: Parameters, bounds: Possible) -> FloatArray:
    """What could come to each demand, in its unit."""
    total = np.zeros(p.demand_upper.shape)
    np.add.at(total, net.sale_demand, p.delivery_use * bounds.come[net.sale_balance])
    return total
