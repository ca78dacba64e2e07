"""Every number of the linear programme, in model units, as named arrays that follow from the tables alone.

Volumes are in each commodity's own unit per period, money in million USD, so a unit cost in USD/t or USD/1000 m³ needs
no factor. Arrays have the shape (items, periods) unless said otherwise, in the order of the network's index sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from model.case import Case, FloatArray
from model.network import Network
from model.parameters.building import projects, storage
from model.parameters.carrying import assets, fleets, flows, supply
from model.parameters.convert import Converter, discount_factors
from model.parameters.markets import demand
from model.parameters.obligations import contracts, limits
from model.selection import IntArray


@dataclass(frozen=True)
class Parameters:
    """Named arrays in the order of the network's index sets.

    supply_*        (supplies, periods)   volume per period; cost in USD per unit
    flow_*          (flows, periods)      bounds per period (infinite where the link is shared), cost per unit,
                                          arrival and fee as shares, use of the link's own capacity per unit
    link_*          (links, periods)      shared links: capacity and minimum in the link's unit per period
    asset_*, fleet_*                      capacity in the asset's unit, fleet time in days, per period; *_use per unit
    delivery_*      (sales, periods)      bounds per period, price per unit, share of the demand's volume per unit
    demand_*        (demands, periods)    volume and firm part in the demand's unit per period; *_unit that unit in one
                                          unit of the first commodity written, (demands, 1)
    step_*          (elastic demands, steps, periods)   width in the demand's unit, price in USD per commodity unit
    contract_*      (contracts, contract years)
    limit_*         one row per limit and span; coefficients aligned with the terms
    make_up_*       (make-ups,)           most that may be made up, discounted refund per unit
    stock_*         (stores, periods)     bounds of the stock, share kept over a period, cost per unit held at its end
    build_*         (projects, periods)   where units may be built, worth per unit (unexpired value − capex),
                                          what is left of capex at the horizon (undiscounted), capex
    in_service      (projects, build periods, periods)   share of a period in which what was built works
    target_size     (targets, periods)    capacity per unit built, in the target's unit and period
    """

    years: FloatArray
    discount: FloatArray
    supply_capacity: FloatArray
    supply_upper: FloatArray
    supply_lower: FloatArray
    supply_cost: FloatArray
    reserves: FloatArray
    flow_upper: FloatArray
    flow_lower: FloatArray
    flow_tariff: FloatArray
    flow_risk: FloatArray
    flow_arrival: FloatArray
    flow_fee: FloatArray
    flow_use: FloatArray
    flow_open: FloatArray
    flow_km: FloatArray
    link_upper: FloatArray
    link_lower: FloatArray
    asset_upper: FloatArray
    asset_lower: FloatArray
    asset_use: FloatArray
    fleet_upper: FloatArray
    fleet_use: FloatArray
    delivery_upper: FloatArray
    delivery_price: FloatArray
    delivery_premium: FloatArray
    delivery_use: FloatArray
    demand_upper: FloatArray
    demand_firm: FloatArray
    unserved_upper: FloatArray
    demand_unit: FloatArray
    demand_price: FloatArray
    step_width: FloatArray
    step_price: FloatArray
    contract_due: FloatArray
    contract_ceiling: FloatArray
    contract_price: FloatArray
    contract_open: FloatArray
    contract_coefficients: tuple[FloatArray, ...]
    contract_year_of: IntArray
    limit_spans: tuple[tuple[tuple[str, IntArray], ...], ...]
    limit_upper: tuple[FloatArray, ...]
    limit_lower: tuple[FloatArray, ...]
    limit_upper_coefficients: tuple[FloatArray, ...]
    limit_lower_coefficients: tuple[FloatArray, ...]
    make_up_upper: FloatArray
    make_up_refund: FloatArray
    stock_capacity: FloatArray
    stock_upper: FloatArray
    stock_lower: FloatArray
    stock_keep: FloatArray
    stock_initial: FloatArray
    stock_cost: FloatArray
    inject_upper: FloatArray
    withdraw_upper: FloatArray
    build_upper: FloatArray
    build_worth: FloatArray
    build_left: FloatArray
    build_capex: FloatArray
    build_most: FloatArray
    in_service: FloatArray
    target_size: FloatArray
    minimum_use: FloatArray
    fund_share: FloatArray
    fund_total: FloatArray
    fund_by_period: FloatArray
    lapsed: tuple[str, ...]


# each makes some of the arrays, from what the ones before it made
PARTS: Final = (supply, flows, assets, fleets, demand, contracts, limits, storage, projects)


def build_parameters(case: Case, network: Network) -> Parameters:
    """All arrays of a case; pure and vectorised, so that a changed case is a cheap update."""
    convert = Converter(case)
    parts: dict[str, Any] = {"years": case.years, "discount": discount_factors(case)}
    lapsed: list[str] = []
    for part in PARTS:
        parts.update(part(case, network, convert, parts, lapsed))
    return Parameters(**parts, lapsed=tuple(lapsed))
