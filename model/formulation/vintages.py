"""A contract year either falls short or makes up earlier shortfalls, where doing both would pay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyomo.environ as pyo

from model.case import Case, FloatArray
from model.formulation.rules import Constraint, Index, Key, Terms, at_most
from model.formulation.variables import choosing_items
from model.network import Network
from model.parameters import Parameters


def short_year(m: pyo.ConcreteModel, c: str, v: str, _: str) -> Any:
    """A contract year falls short only where it may.

        short[c,v] − share·volume·may_be_short[c,v] ≤ 0           ∀ contract c, year v in which doing both would pay

    may_be_short   variable 0 or 1
    Dual           none: 0 or 1 is decided first, prices come from the programme with that fixed
    """
    return at_most([(1.0, m.short[c, v]), (-m.most_short[c, v], m.may_be_short[c, v, ""])], 0.0)


def make_up_year(m: pyo.ConcreteModel, c: str, v: str, _: str) -> Any:
    """A contract year makes up only where it may not fall short: only on volume above its own minimum.

        Σ_u make_up[c,u,v] + M·may_be_short[c,v] ≤ M              ∀ contract c, year v in which doing both would pay

    M      Σ_u share·volume of the years u whose shortfall may be made up in v: never more than that
    Dual   none: 0 or 1 is decided first, prices come from the programme with that fixed
    """
    most = m.most_made_up[c, v]
    terms = [(1.0, m.make_up[c, u, w, ""]) for u, w in m.make_ups[c] if w == v]
    return at_most([*terms, (most, m.may_be_short[c, v, ""])], most)


def most_short(p: Parameters, net: Network) -> FloatArray:
    """The most that each choosing year can fall short, shape (choosing,)."""
    return np.array([p.contract_due[c, v] for c, v in net.choosing])


def most_made_up(p: Parameters, net: Network) -> FloatArray:
    """The most that each choosing year can make up, shape (choosing,)."""
    place = {pair: i for i, pair in enumerate(net.choosing)}
    most = np.zeros(len(place))
    for (c, _, w), upper in zip(net.make_ups, p.make_up_upper.tolist(), strict=True):
        if (c, w) in place:
            most[place[c, w]] += upper
    return most


def _items(case: Case, net: Network) -> tuple[Sequence[Key], Sequence[str]]:
    return choosing_items(case, net)


def _short_terms(x: Index, p: Parameters) -> Iterator[Terms]:
    net, every = x.network, range(len(x.network.choosing))
    rows = x.rows["short_year"].at(every)
    short = x.columns["short"].at([c for c, _ in net.choosing])[every, [v for _, v in net.choosing]]
    yield Terms(rows, short[:, None], 1.0)
    yield Terms(rows, x.columns["may_be_short"].at(every), -most_short(p, net)[:, None])


def _make_up_terms(x: Index, p: Parameters) -> Iterator[Terms]:
    net, rows = x.network, x.rows["make_up_year"]
    place = {pair: i for i, pair in enumerate(net.choosing)}
    items = [i for i, (c, _, w) in enumerate(net.make_ups) if (c, w) in place]
    owners = [place[net.make_ups[i][0], net.make_ups[i][2]] for i in items]
    yield Terms(rows.at(owners), x.columns["make_up"].at(items), 1.0)
    every = range(len(net.choosing))
    yield Terms(rows.at(every), x.columns["may_be_short"].at(every), most_made_up(p, net)[:, None])


SHORT_YEAR = Constraint(short_year, _items, lambda _, __: (-np.inf, 0.0), _short_terms)
MAKE_UP_YEAR = Constraint(make_up_year, _items, lambda p, net: (-np.inf, most_made_up(p, net)[:, None]), _make_up_terms)
