"""Stocks carried from one period to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyomo.environ as pyo

from model.case import Case
from model.formulation.projects import added_terms
from model.formulation.rules import Constraint, Index, Key, Terms, at_most, equal
from model.formulation.variables import storage_items
from model.network import Network
from model.parameters import Parameters


def stock_balance(m: pyo.ConcreteModel, w: str, t: str) -> Any:
    """What is in a store at the end of a period is what was kept of before, plus what was put in, less what was taken.

        stock[w,t] = (1 − loss[w,t])^y[t]·stock[w,t−1] + inject[w,t] − withdraw[w,t]           ∀ store w, period t

    stock, inject, withdraw   variables ≥ 0, commodity's unit; before the first period stands Storage.initial
    loss                      Storage.loss, share lost per year held
    Dual                      discounted value of one more unit in the store at the end of t, million USD per unit
    """
    place = m.periods.index(t)
    terms = [(1.0, m.stock[w, t]), (-1.0, m.inject[w, t]), (1.0, m.withdraw[w, t])]
    if place:
        terms.append((-m.stock_keep[w, t], m.stock[w, m.periods[place - 1]]))
    return equal(terms, m.bound["stock_balance"][w, t])


def stock_capacity(m: pyo.ConcreteModel, w: str, t: str) -> Any:
    """A store that projects may enlarge holds no more than its capacity and what was added.

        stock[w,t] ≤ capacity[w,t] + Σ size·in_service·build            ∀ store w that a project adds to, period t

    capacity   Storage.capacity, commodity's unit
    Dual       discounted value of one more unit of room, million USD per unit
    """
    return at_most([(1.0, m.stock[w, t]), *m.added("Storage", w, t)], m.bound["stock_capacity"][w, t])


def _balance_terms(x: Index, p: Parameters) -> Iterator[Terms]:
    stores = range(len(x.network.storage_balance))
    rows, stock = x.rows["stock_balance"].at(stores), x.columns["stock"].at(stores)
    yield Terms(rows, stock, 1.0)
    yield Terms(rows, x.columns["inject"].at(stores), -1.0)
    yield Terms(rows, x.columns["withdraw"].at(stores), 1.0)
    yield Terms(rows[:, 1:], stock[:, :-1], -p.stock_keep[:, 1:])


def _capacity_items(case: Case, net: Network) -> tuple[Sequence[Key], Sequence[str]]:
    return [(case["Storage"].keys[i],) for i in net.built_stores.tolist()], case.periods


def _capacity_terms(x: Index, p: Parameters) -> Iterator[Terms]:
    rows = x.rows["stock_capacity"]
    yield Terms(rows.at(range(len(x.network.built_stores))), x.columns["stock"].at(x.network.built_stores), 1.0)
    yield from added_terms(x, p, rows, "Storage", x.network.built_stores)


STOCK_BALANCE = Constraint(
    stock_balance, storage_items, lambda p, _: (p.stock_initial, p.stock_initial), _balance_terms
)
STOCK_CAPACITY = Constraint(
    stock_capacity,
    _capacity_items,
    lambda p, net: (-np.inf, p.stock_capacity[net.built_stores]),
    _capacity_terms,
)
