"""Contracts: what is due in a contract year is lifted or paid for, and no more than the ceiling is lifted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyomo.environ as pyo

from model.case import Case, FloatArray
from model.formulation.rules import Block, Constraint, Index, Key, Terms, at_least, at_most
from model.network import Network
from model.parameters import Parameters
from model.selection import IntArray


def contract_lifting(m: pyo.ConcreteModel, c: str, v: str) -> Any:
    """What a contract year falls short of the part that binds is paid for.

        Σ_t∈v use·volume counted − Σ_u make_up[c,u,v] + short[c,v] ≥ share[c,v]·volume[c,v]
        short[c,v] ≤ share·volume                                       ∀ contract c, contract year v

    make_up         variable ≥ 0: what is lifted to make up an earlier shortfall does not count for the year itself
    volume, share   Contracts, in the contract's volume_unit per contract year, for the part of it that is open
    use             units of the contract's volume_unit in one unit of the commodity, × Uses.use for an asset
    Dual            minus the discounted cost of one more unit due, million USD per unit
    """
    made_up = [(-1.0, m.make_up[c, u, w, ""]) for u, w in m.make_ups[c] if w == v]
    return at_least([*m.lifted(c, v), *made_up, (1.0, m.short[c, v])], m.bound["contract_lifting"][c, v])


def contract_ceiling(m: pyo.ConcreteModel, c: str, v: str) -> Any:
    """A contract year lifts no more than the ceiling.

        Σ_t∈v use·volume counted ≤ ceiling[c,v]                         ∀ contract c with a ceiling, year v

    ceiling   Contracts, in the contract's volume_unit per contract year, for the part of it that is open
    Dual      discounted value of one more unit under the contract, million USD per unit
    """
    return at_most(m.lifted(c, v), m.bound["contract_ceiling"][c, v])


def contract_make_up(m: pyo.ConcreteModel, c: str, v: str, _: str) -> Any:
    """No more of a shortfall is made up than there was.

        Σ_w make_up[c,v,w] − short[c,v] ≤ 0                         ∀ contract c with make-up, year v of the shortfall

    make_up   variable ≥ 0, contract's unit, for years w within make_up_years of v
    Dual      discounted value of one more unit of shortfall that may be made up, million USD per unit
    """
    terms = [(1.0, m.make_up[c, u, w, ""]) for u, w in m.make_ups[c] if u == v]
    return at_most([*terms, (-1.0, m.short[c, v])] if terms else [], 0.0)


def _made_up(_: Case, net: Network) -> list[tuple[int, int]]:
    return list(dict.fromkeys((c, v) for c, v, _ in net.make_ups))


def _make_up_items(case: Case, net: Network) -> tuple[Sequence[Key], Sequence[str]]:
    names, years = case["Contracts"].keys, _years(net)
    return [(names[c], years[v]) for c, v in _made_up(case, net)], ("",)


def _make_up_terms(x: Index, _: Parameters) -> Iterator[Terms]:
    place = {pair: i for i, pair in enumerate(_made_up(x.case, x.network))}
    rows, make_up = x.rows["contract_make_up"], x.columns["make_up"]
    yield Terms(rows.at([place[c, v] for c, v, _ in x.network.make_ups]), make_up.at(range(len(make_up.items))), 1.0)
    pairs = list(place)
    short = x.columns["short"].at([c for c, _ in pairs])[range(len(pairs)), [v for _, v in pairs]]
    yield Terms(rows.at(range(len(pairs))), short[:, None], -1.0)


def _years(net: Network) -> list[str]:
    return [str(year) for year in net.contract_years]


def _all(case: Case, net: Network) -> tuple[Sequence[Key], Sequence[str]]:
    return [(name,) for name in case["Contracts"].keys], _years(net)


def _capped(case: Case, net: Network) -> tuple[Sequence[Key], Sequence[str]]:
    return [(case["Contracts"].keys[c],) for c in net.ceilings.tolist()], _years(net)


def _lifted_terms(x: Index, p: Parameters, rows: Block, contracts: IntArray) -> Iterator[Terms]:
    for i, contract in enumerate(contracts.tolist()):
        terms = x.network.contract_terms[contract]
        columns = x.columns[terms.block].at(terms.items)
        row = rows.at([i])[0][p.contract_year_of]
        values = p.contract_coefficients[contract] * p.contract_open[contract]
        yield Terms(np.broadcast_to(row, columns.shape), columns, values)


def _lifting_terms(x: Index, p: Parameters) -> Iterator[Terms]:
    rows, every = x.rows["contract_lifting"], np.arange(len(x.case["Contracts"]))
    yield from _lifted_terms(x, p, rows, every)
    yield Terms(rows.at(every), x.columns["short"].at(every), 1.0)
    triples = x.network.make_ups
    later = rows.at([c for c, _, _ in triples])[range(len(triples)), [w for _, _, w in triples]]
    yield Terms(later[:, None], x.columns["make_up"].at(range(len(triples))), -1.0)


def _ceiling_terms(x: Index, p: Parameters) -> Iterator[Terms]:
    yield from _lifted_terms(x, p, x.rows["contract_ceiling"], x.network.ceilings)


def _due(p: Parameters, _: Network) -> tuple[FloatArray, float]:
    return p.contract_due, np.inf


CONTRACT_LIFTING = Constraint(contract_lifting, _all, _due, _lifting_terms)
CONTRACT_CEILING = Constraint(
    contract_ceiling, _capped, lambda p, net: (-np.inf, p.contract_ceiling[net.ceilings]), _ceiling_terms
)
CONTRACT_MAKE_UP = Constraint(contract_make_up, _make_up_items, lambda _, __: (-np.inf, 0.0), _make_up_terms)
