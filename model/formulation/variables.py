"""The decisions of the linear programme, with their bounds and what each is worth in the objective.

    value = Σ δ[t]·( Σ price·delivery + Σ p_j·step_j − Σ cost·supply − Σ (tariff + risk)·flow
                     − storage cost·y·stock − unserved_price·unserved )
            − Σ shortfall_price·short + Σ refund·make_up − Σ (capex − unexpired value)·build     → max

Every unit cost is undiscounted in its array and enters with the discount factor δ of its period.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.case import Case, FloatArray
from model.formulation.rules import Key, Variable
from model.network import Network
from model.parameters import Parameters
from model.parameters.markets import unserved_rows

Items = tuple[Sequence[Key], Sequence[str]]


def supply_items(case: Case, _: Network) -> Items:
    """Every row of Supply."""
    return [(name,) for name in case["Supply"].keys], case.periods


def flow_items(case: Case, net: Network) -> Items:
    """Every (link, commodity) pair that supply can reach."""
    links, grades = case["Links"].keys, case["Commodities"].keys
    pairs = zip(net.flow_link.tolist(), net.flow_commodity.tolist(), strict=True)
    return [(links[link], grades[k]) for link, k in pairs], case.periods


def delivery_items(case: Case, net: Network) -> Items:
    """Every (demand, commodity) pair that supply can reach."""
    demands, grades = case["Demand"].keys, case["Commodities"].keys
    pairs = zip(net.sale_demand.tolist(), net.sale_commodity.tolist(), strict=True)
    return [(demands[d], grades[k]) for d, k in pairs], case.periods


def step_items(case: Case, net: Network) -> Items:
    """The steps of every elastic demand."""
    names = [case["Demand"].keys[d] for d in net.elastic.tolist()]
    return [(name, str(j + 1)) for name in names for j in range(case.settings.demand_steps)], case.periods


def unserved_items(case: Case, net: Network) -> Items:
    """Every demand with a firm part, where an unserved price is set."""
    return [(case["Demand"].keys[d],) for d in unserved_rows(case, net).tolist()], case.periods


def short_items(case: Case, net: Network) -> Items:
    """Every contract, by contract year."""
    return [(name,) for name in case["Contracts"].keys], [str(year) for year in net.contract_years]


def make_up_items(case: Case, net: Network) -> Items:
    """Every (contract, year of the shortfall, year of the make-up) within the contract's make-up time."""
    names, years = case["Contracts"].keys, net.contract_years
    return [(names[c], str(years[v]), str(years[w])) for c, v, w in net.make_ups], ("",)


def choosing_items(case: Case, net: Network) -> Items:
    """Every (contract, year) that must not fall short and make up at once."""
    return [(case["Contracts"].keys[c], str(net.contract_years[w])) for c, w in net.choosing], ("",)


def storage_items(case: Case, _: Network) -> Items:
    """Every row of Storage."""
    return [(name,) for name in case["Storage"].keys], case.periods


def build_items(case: Case, _: Network) -> Items:
    """Every project, by the period in which building starts."""
    return [(name,) for name in case["Projects"].keys], case.periods


def _unserved_worth(p: Parameters, net: Network, case: Case) -> FloatArray:
    # the unserved volume is in the demand's own unit, the price per unit of its first commodity
    return -(case.settings.unserved_price or 0.0) / p.demand_unit[unserved_rows(case, net)] * p.discount


VARIABLES = (
    Variable(
        "supply",
        "Volume produced by a supply in a period, commodity's unit",
        supply_items,
        lower=lambda p, _: p.supply_lower,
        upper=lambda p, _: p.supply_upper,
        worth=lambda p, _, __: -p.supply_cost * p.discount,
    ),
    Variable(
        "flow",
        "Volume of a commodity entering a link in a period, commodity's unit",
        flow_items,
        lower=lambda p, _: p.flow_lower,
        upper=lambda p, _: p.flow_upper,
        worth=lambda p, _, __: -(p.flow_tariff + p.flow_risk) * p.discount,
    ),
    Variable(
        "delivery",
        "Volume of a commodity delivered to a demand in a period, commodity's unit",
        delivery_items,
        lower=lambda _, __: 0.0,
        upper=lambda p, _: p.delivery_upper,
        worth=lambda p, net, _: (
            np.where(np.isin(net.sale_demand, net.elastic)[:, None], p.delivery_premium, p.delivery_price) * p.discount
        ),
    ),
    Variable(
        "step",
        "Volume taken on one step of an elastic demand line in a period, demand's unit",
        step_items,
        lower=lambda _, __: 0.0,
        upper=lambda p, _: p.step_width.reshape(-1, len(p.years)),
        worth=lambda p, _, __: p.step_price.reshape(-1, len(p.years)) * p.discount,
    ),
    Variable(
        "unserved",
        "Firm demand that is not met in a period, demand's unit",
        unserved_items,
        lower=lambda _, __: 0.0,
        upper=lambda p, _: p.unserved_upper,
        worth=_unserved_worth,
    ),
    Variable(
        "short",
        "Volume that a contract year falls short of what is due, contract's unit",
        short_items,
        lower=lambda _, __: 0.0,
        upper=lambda p, _: p.contract_due,
        worth=lambda p, _, __: -p.contract_price,
    ),
    Variable(
        "make_up",
        "Shortfall of one contract year that is made up in a later one, contract's unit",
        make_up_items,
        lower=lambda _, __: 0.0,
        upper=lambda p, _: p.make_up_upper[:, None],
        worth=lambda p, _, __: p.make_up_refund[:, None],
    ),
    Variable(
        "may_be_short",
        "1 where a contract year may fall short, 0 where it may make up an earlier shortfall",
        choosing_items,
        lower=lambda _, __: 0.0,
        upper=lambda _, __: 1.0,
        worth=lambda _, __, ___: 0.0,
        whole=lambda _, net: [True] * len(net.choosing),
    ),
    Variable(
        "inject",
        "Volume put into a store in a period, commodity's unit",
        storage_items,
        lower=lambda _, __: 0.0,
        upper=lambda p, _: p.inject_upper,
        worth=lambda _, __, ___: 0.0,
    ),
    Variable(
        "withdraw",
        "Volume taken out of a store in a period, commodity's unit",
        storage_items,
        lower=lambda _, __: 0.0,
        upper=lambda p, _: p.withdraw_upper,
        worth=lambda _, __, ___: 0.0,
    ),
    Variable(
        "stock",
        "Volume in a store at the end of a period, commodity's unit",
        storage_items,
        lower=lambda p, _: p.stock_lower,
        upper=lambda p, _: p.stock_upper,
        worth=lambda p, _, __: -p.stock_cost * p.discount,
    ),
    Variable(
        "build",
        "Units of a project whose building starts in a period",
        build_items,
        lower=lambda _, __: 0.0,
        upper=lambda p, _: p.build_upper,
        worth=lambda p, _, __: p.build_worth,
        whole=lambda case, net: [
            bool(whole) and project in net.offered for project, whole in enumerate(case.word("Projects", "whole_units"))
        ],
    ),
)
