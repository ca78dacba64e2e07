"""Laws of volume: nodes, supply, links, assets, fleets and markets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.audit.building import added
from model.audit.cells import Cells
from model.audit.report import Report, total
from model.selection import IntArray
from model.solution import Solution


def _names(solution: Solution, variable: str) -> list[str]:
    return [" ".join(item) for item in solution.items[variable]]


def volumes_close(s: Solution, c: Cells, report: Report) -> None:
    """At every node and grade, what is produced or arrives is delivered or sent on."""
    case, grades = c.case, len(c.unit)
    node, grade = case["Nodes"].position, case["Commodities"].position
    links = case["Links"].words

    def place(nodes: Sequence[str], commodities: IntArray) -> IntArray:
        return np.array([node[name] for name in nodes], dtype=np.int64) * grades + commodities

    arriving = np.array(
        [
            grade[(links["becomes"][i] or {}).get(name, (links["becomes"][i] or {}).get("", name))]
            for i, (_, name) in zip(c.flow_link.tolist(), s.items["flow"], strict=True)
        ],
        dtype=np.int64,
    )
    start, end = ([links[side][i] for i in c.flow_link.tolist()] for side in ("from", "to"))
    fee_to = [links["fee_to"][i] for i in c.flow_link.tolist()]
    paid = np.array([i for i, name in enumerate(fee_to) if name is not None], dtype=np.int64)
    count = len(node) * grades
    into = total(s["supply"], place(case.word("Supply", "node"), c.supply_commodity), count)
    into += total(s["flow"] * (1 - c.lost), place(end, arriving), count)
    kept = s["flow"][paid] * case.number("Links", "fee_in_kind")[c.flow_link[paid]]
    into += total(kept, place([fee_to[i] for i in paid.tolist()], arriving[paid]), count)
    out = total(s["flow"], place(start, c.flow_commodity), count)
    at = [case.word("Demand", "node")[d] for d in c.sale_demand.tolist()]
    out += total(s["delivery"], place(at, c.sale_commodity), count)
    stores = place(case.word("Storage", "node"), np.array([grade[k] for k in case.word("Storage", "commodity")], int))
    into += total(s["withdraw"], stores, count)
    out += total(s["inject"], stores, count)
    names = [f"{name} {commodity}" for name in node for commodity in grade]
    report.equal("volumes at a node", names, case.periods, into, out, np.maximum(into, out))


def supply_fits(s: Solution, c: Cells, report: Report) -> None:
    """Supplies keep to capacity, minimum and reserves."""
    case, rows = c.case, np.arange(len(c.case["Supply"]))
    factor = c.volumes("Supply", rows, c.supply_commodity)
    upper = case.number("Supply", "capacity") / factor * case.years
    lower = np.minimum(case.number("Supply", "minimum") / factor * case.years, upper)
    upper = upper + added(s, c, "Supply")
    names, produced = _names(s, "supply"), s["supply"]
    report.at_most("production", names, case.periods, produced, upper)
    report.at_least("least production", names, case.periods, produced, lower)
    held = case.number("Supply", "reserves")[:, :1] / factor
    held = np.where(np.isnan(held), np.inf, held)
    report.at_most("reserves", names, ["horizon"], produced.sum(axis=1, keepdims=True), held)
    grown = s.network.built_supplies
    own = np.where(np.isin(rows, grown)[:, None], np.inf, upper)
    report.priced("production", names, case.periods, s.bound_gain["supply"], produced, own, lower)
    some = [names[i] for i in grown.tolist()]
    gain = s.row_gain["supply_capacity"]
    report.priced("production", some, case.periods, gain, produced[grown], upper[grown])
    with_reserves = s.network.reserves
    report.priced(
        "reserves",
        [names[i] for i in with_reserves.tolist()],
        ["horizon"],
        s.row_gain["reserves"],
        produced[with_reserves].sum(axis=1, keepdims=True),
        held[with_reserves],
    )


def links_fit(s: Solution, c: Cells, report: Report) -> None:
    """Links keep to capacity and minimum and carry nothing while closed."""
    case, net = c.case, s.network
    mask = c.is_open("Links")
    upper = np.where(mask > 0, case.number("Links", "capacity"), 0.0) * case.years
    lower = np.minimum(case.number("Links", "minimum") * mask * case.years, upper)
    upper = upper + added(s, c, "Links")
    factor = c.volumes("Links", c.flow_link, c.flow_commodity)
    names, used = case["Links"].keys, total(s["flow"] * factor, c.flow_link, len(case["Links"]))
    reached = np.unique(c.flow_link)
    report.at_most("link", names, case.periods, used, upper)
    report.at_least("flow", _names(s, "flow"), case.periods, s["flow"], np.zeros_like(s["flow"]))
    labels = [names[i] for i in reached.tolist()]
    report.at_least("link's minimum", labels, case.periods, used[reached], lower[reached])
    shared = np.isin(c.flow_link, net.shared_links)[:, None]
    flow_upper = np.where(shared & (mask[c.flow_link] > 0), np.inf, upper[c.flow_link] / factor)
    flow_lower = np.where(shared, 0.0, lower[c.flow_link] / factor)
    report.priced("link", _names(s, "flow"), case.periods, s.bound_gain["flow"], s["flow"], flow_upper, flow_lower)
    for row, which in (("link_capacity", net.shared_links), ("link_minimum", net.link_minimum)):
        low, high = (-np.inf, upper[which]) if row == "link_capacity" else (lower[which], np.inf)
        some = [names[i] for i in which.tolist()]
        report.priced("link", some, case.periods, s.row_gain[row], used[which], high, low)


def assets_fit(s: Solution, c: Cells, report: Report) -> None:
    """Assets keep to what is available of them and to their minimum."""
    case, net = c.case, s.network
    capacity, available = (case.number("Assets", name) for name in ("capacity", "availability"))
    upper = np.where(available > 0, capacity * np.where(available > 0, available, 1.0), 0.0)
    upper = np.maximum(upper - case.number("Assets", "reserved"), 0.0) * case.years
    lower = np.minimum(case.number("Assets", "minimum") * case.years, upper)
    upper = upper + added(s, c, "Assets")
    used = c.asset_used(s["flow"])
    names = case["Assets"].keys
    touched = np.unique(c.asset_uses("Assets")[0])
    report.at_most("asset", names, case.periods, used, upper)
    labels = [names[i] for i in touched.tolist()]
    # without a minimum, what goes back may outweigh what goes forth
    report.at_least(
        "asset's minimum", labels, case.periods, used[touched], np.where(lower > 0, lower, -np.inf)[touched]
    )
    report.priced("asset", names, case.periods, s.row_gain["asset_capacity"], used, upper)
    some = [names[i] for i in net.asset_minimum.tolist()]
    gain = s.row_gain["asset_minimum"]
    report.priced("asset", some, case.periods, gain, used[net.asset_minimum], lower=lower[net.asset_minimum])


def fleets_fit(s: Solution, c: Cells, report: Report) -> None:
    """Round trips take no more days than the vessels have."""
    case = c.case
    fleet = {name: case.number("Fleets", name) for name in case["Fleets"].numbers}
    upper = fleet["vessels"] * fleet["operating_days"] * (1 - fleet["reserved"]) * case.years
    upper, used = upper + added(s, c, "Fleets"), c.fleet_days(s["flow"])
    names = case["Fleets"].keys
    report.at_most("fleet", names, case.periods, used, upper)
    report.priced("fleet", names, case.periods, s.row_gain["fleet_time"], used, upper)


def markets_fit(s: Solution, c: Cells, report: Report) -> None:
    """Markets take no more than they want, and at least what is firm."""
    case, net, names = c.case, s.network, c.case["Demand"].keys
    factor = c.volumes("Demand", c.sale_demand, c.sale_commodity)
    taken = total(s["delivery"] * factor, c.sale_demand, len(names))
    volume = case.number("Demand", "volume") * case.years + added(s, c, "Demand")
    firm = case.number("Demand", "firm") * case.years
    elastic = np.zeros((len(names), 1), dtype=bool)
    elastic[net.elastic] = True
    report.at_least("delivery", _names(s, "delivery"), case.periods, s["delivery"], np.zeros_like(s["delivery"]))
    report.at_most("demand", names, case.periods, taken, np.where(elastic, np.inf, volume))
    unserved = np.zeros_like(taken)
    if s["unserved"].size:
        unserved[net.firm] = s["unserved"]
    report.at_least("firm demand", names, case.periods, taken + unserved, firm)
    report.at_most("unserved demand", names, case.periods, unserved, firm)
    labels = [names[d] for d in net.firm.tolist()]
    gain = s.row_gain["demand_firm"]
    report.priced("firm demand", labels, case.periods, gain, (taken + unserved)[net.firm], lower=firm[net.firm])
    if s["unserved"].size:
        report.priced(
            "unserved demand", labels, case.periods, s.bound_gain["unserved"], s["unserved"], firm[net.firm], 0.0
        )
    in_rows = np.isin(c.sale_demand, np.concatenate([net.shared_demands, net.elastic]))[:, None]
    most = np.where(in_rows, np.inf, volume[c.sale_demand] / factor)
    report.priced("demand", _names(s, "delivery"), case.periods, s.bound_gain["delivery"], s["delivery"], most, 0.0)
    labels = [names[d] for d in net.shared_demands.tolist()]
    gain = s.row_gain["demand_volume"]
    report.priced("demand", labels, case.periods, gain, taken[net.shared_demands], volume[net.shared_demands])


def lines_hold(s: Solution, c: Cells, report: Report) -> None:
    """Elastic markets climb down their steps, each no wider than it is."""
    case, net = c.case, s.network
    names, factor = case["Demand"].keys, c.volumes("Demand", c.sale_demand, c.sale_commodity)
    taken = total(s["delivery"] * factor, c.sale_demand, len(names))[net.elastic]
    steps = s["step"].reshape(len(net.elastic), case.settings.demand_steps, c.count)
    labels = [names[d] for d in net.elastic.tolist()]
    report.equal("demand line", labels, case.periods, taken, steps.sum(axis=1), taken)
    width = (case.number("Demand", "volume") * case.years)[net.elastic] / case.settings.demand_steps
    width = np.repeat(
        width * (1 - case.number("Demand", "elasticity")[net.elastic]), case.settings.demand_steps, axis=0
    )
    report.at_most("step of demand", _names(s, "step"), case.periods, s["step"], width)
    report.priced("step of demand", _names(s, "step"), case.periods, s.bound_gain["step"], s["step"], width, 0.0)
