"""Numbers outside what oil, gas and ships ever had: most often a unit mistaken for another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from model.case import Case
from model.network import Network
from model.parameters import Parameters
from model.units import GJ_PER_MMBTU

# Far outside what has been seen; a number beyond is a slip far more often than news.
RANGES: Final = (
    (
        "Commodities",
        "bbl_per_t",
        5.0,
        14.0,
        "barrels per tonne (crude oil has 6 to 9, light products and LPG up to 13)",
    ),
    ("Commodities", "gj_per_1000m3", 25.0, 60.0, "GJ per 1000 m³ (natural gas has 33 to 45; kWh per m³ times 3.6)"),
    ("Fleets", "deadweight_t", 300.0, 600_000.0, "tonnes (not thousand tonnes)"),
    ("Fleets", "speed_knots", 3.0, 30.0, "knots (1 knot is 1.852 km/h)"),
    ("Fleets", "port_days", 0.0, 40.0, "days a round trip (not hours)"),
    ("Projects", "lead_years", 0.0, 15.0, "years from the decision to the first flow (not months)"),
    ("Projects", "life_years", 3.0, 100.0, "years (not months)"),
    ("Links", "loss", -1.0, 0.15, "the share lost on the way (ten percent is 0.1)"),
)
EARTH_KM: Final = 6371.0
NEAR_KM: Final = 50.0  # below it, where a node is drawn matters more than the way
STRAIGHT: Final = 0.8  # of the shortest way there is: nodes are drawn roughly
TIMES: Final = 5.0
DEAREST: Final = {"bbl": 300.0, "MMBtu": 100.0}


def odd_units(case: Case, net: Network, p: Parameters) -> Iterator[str]:
    """Each such number in a sentence with its cell."""
    for sheet, column, low, high, meant in RANGES:
        values = case.number(sheet, column)
        with np.errstate(invalid="ignore"):
            odd = (values < low) | (values > high)
        for row in np.flatnonzero(odd.any(axis=1)).tolist():
            t = int(odd[row].argmax())
            bound = f"below {low:g}" if values[row, t] < low else f"above {high:g}"
            yield (
                f"{case.source_cell(sheet, row, column, t)}: {case[sheet].keys[row]!r} has a {column} of "
                f"{values[row, t]:,.6g}, {bound}; {meant} is meant."
            )
    yield from _prices(case, net, p)
    yield from _distances(case, net)


def _prices(case: Case, net: Network, p: Parameters) -> Iterator[str]:
    """Prices above all that oil and gas ever fetched for a year; of a marker's many sales the first."""
    barrels = case.number("Commodities", "bbl_per_t")[net.sale_commodity]
    heat = case.number("Commodities", "gj_per_1000m3")[net.sale_commodity] / GJ_PER_MMBTU
    per = np.where(np.isnan(barrels), heat, barrels)
    price = p.delivery_price / per
    told = set()
    for sale, demand in enumerate(net.sale_demand.tolist()):
        unit = "MMBtu" if np.isnan(barrels[sale, 0]) else "bbl"
        t = int(np.nan_to_num(price[sale]).argmax())
        marker = case.word("Demand", "marker")[demand]
        if marker is None:
            cell = case.source_cell("Demand", demand, "price", t)
        else:
            cell = case.source_cell("Markers", case["Markers"].position[marker], "value", t)
        if price[sale, t] > DEAREST[unit] and cell not in told:
            told.add(cell)
            yield (
                f"{cell}: {case['Demand'].keys[demand]!r} pays {price[sale, t]:,.4g} USD/{unit} in {case.periods[t]}, "
                f"above {DEAREST[unit]:g}, which no year has seen; is it in another unit?"
            )


def _distances(case: Case, net: Network) -> Iterator[str]:
    """Distances far from those on the map, where vessel days or a tariff hang on them."""
    links, node = case["Links"], case["Nodes"].position
    place = np.radians(np.hstack([case.number("Nodes", "latitude")[:, :1], case.number("Nodes", "longitude")[:, :1]]))
    start, end = (place[[node[name] for name in links.words[side]]] for side in ("from", "to"))
    cosine = np.sin(start[:, 0]) * np.sin(end[:, 0])
    cosine += np.cos(start[:, 0]) * np.cos(end[:, 0]) * np.cos(end[:, 1] - start[:, 1])
    apart = EARTH_KM * np.arccos(np.clip(cosine, -1.0, 1.0))
    sailed = set(net.flow_link[net.fleet_use.flow].tolist())
    for row, given in enumerate(case.number("Links", "distance_km")[:, 0].tolist()):
        counts = row in sailed or (links.words["tariff_unit"][row] or "").count("/") > 1
        if counts and apart[row] >= NEAR_KM and not 1 / TIMES <= given / apart[row] <= TIMES:
            yield (
                f"{links.cell(row, 'distance_km')}: {links.keys[row]!r} is {given:,.6g} km long, and its ends lie "
                f"{apart[row]:,.0f} km apart on the map; vessel days and tariffs by distance hang on it."
            )
        elif row in sailed and apart[row] >= NEAR_KM and given < STRAIGHT * apart[row]:
            yield (
                f"{links.cell(row, 'distance_km')}: {links.keys[row]!r} is {given:,.6g} km long, and no way is shorter "
                f"than the {apart[row]:,.0f} km between its ends on the map. Are these miles (1.852 km at sea)?"
            )
