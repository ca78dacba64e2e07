"""How sure is a flow? Whether it could be another at the same value, and the least and the most that it could be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from model.analysis.marginal import parts_of
from model.results.flows import NOT_UNIQUE, UNIQUE
from model.selection import IntArray
from model.solution import Solution
from model.solver.face import varying
from model.solver.parts import Part, Parts
from model.solver.probe import Probe

if TYPE_CHECKING:
    import pandas as pd

    from model.case import FloatArray

LARGEST: Final = 20
NEARLY: Final = 0.01  # of the value of the flow's own period and family
MOVES: Final = 1e-6  # of the flow: what can move more is not unique
COLUMNS: Final = (
    "link", "family", "period", "flow", "least", "most", "least_nearly", "most_nearly", "unit", "give", "sure",
)  # fmt: skip


@dataclass(frozen=True)
class _Corridor:
    """All flow of one family over one link in one period."""

    link: str
    family: str
    period: int
    unit: str
    flow: float
    columns: IntArray


def not_unique(solution: Solution) -> NDArray[np.bool_]:
    """Which flows could be others at the same value, shape of ``solution["flow"]``; whole units stay at their plan."""
    parts = parts_of(solution)
    moves = np.zeros(len(solution.program.cost), dtype=bool)
    for part in parts.every():
        # what may not be built is a part of its own, of which nothing can move
        if (part.program.lower < part.program.upper).any():
            moves[part.columns] = varying(part.program, part.best)
    block = solution.layout.columns["flow"]
    return moves[block.slice].reshape(solution["flow"].shape)


def uniqueness(solution: Solution, largest: int = LARGEST, *, period: int | None = None) -> pd.DataFrame:
    """The least and the most that each of the largest corridor flows could be.

    Parameters
    ----------
    solution
        An optimum; with whole units, its plan stays as it is.
    largest
        How many corridor flows (link, family and period), the largest by volume.
    period
        Position of the only period to look at; None for all.

    Returns
    -------
    DataFrame
        link, family, period, flow, unit; ``least`` and ``most`` at the same value; ``least_nearly`` and ``most_nearly``
        where other periods stay as they are and the whole may be worth less by 1 % of what the flow's own family
        earns in its own period (``give``, discounted million USD); sure (``unique`` or ``not unique``). Blank where
        the solver found no answer.
    """
    import pandas as pd

    return pd.DataFrame(uniqueness_columns(solution, largest, period=period), columns=list(COLUMNS))


def uniqueness_columns(solution: Solution, largest: int = LARGEST, *, period: int | None = None) -> dict[str, Any]:
    """The columns of ``uniqueness``."""
    corridors = [one for one in _corridors(solution) if period is None or one.period == period]
    rows = [*_rows(solution, [one for one in corridors if one.flow > MOVES][:largest])]
    return {name: [row[name] for row in rows] for name in COLUMNS}


def _corridors(solution: Solution) -> list[_Corridor]:
    case, net, flows = solution.case, solution.network, solution["flow"]
    family, unit = case.word("Commodities", "family"), case.word("Commodities", "unit")
    places: dict[tuple[int, str, str], list[int]] = {}
    for i, (link, k) in enumerate(zip(net.flow_link.tolist(), net.flow_commodity.tolist(), strict=True)):
        places.setdefault((link, family[k], unit[k]), []).append(i)
    positions = solution.layout.columns["flow"]
    found = [
        _Corridor(case["Links"].keys[link], name, t, own, float(flows[items, t].sum()), positions.at(items)[:, t])
        for (link, name, own), items in places.items()
        for t in range(len(case.periods))
    ]
    return sorted(found, key=lambda one: -one.flow)


def _rows(solution: Solution, corridors: list[_Corridor]) -> Iterator[dict[str, Any]]:
    parts = parts_of(solution)
    same = _same(parts, corridors)
    for one, (least, most) in zip(corridors, same, strict=True):
        give = NEARLY * abs(_earned(solution, one.family, one.period))
        low, high = _nearly(parts, solution, one, give)
        yield {
            "link": one.link,
            "family": one.family,
            "period": solution.case.periods[one.period],
            "flow": one.flow,
            "unit": one.unit,
            "least": least,
            "most": most,
            # what can be reached at the same value can be reached for less
            "least_nearly": min(low, least),
            "most_nearly": max(high, most),
            "give": give,
            "sure": NOT_UNIQUE if most - least > MOVES * max(1.0, one.flow) else UNIQUE,
        }


def _same(parts: Parts, corridors: list[_Corridor]) -> list[tuple[float, float]]:
    """Least and most over all optima: every part in which a corridor has flows has its own."""
    asked: dict[int, list[tuple[int, IntArray]]] = {}
    for i, one in enumerate(corridors):
        for part, columns in _by_part(parts, one):
            asked.setdefault(int(part.columns[0]), []).append((i, columns))
    ends = np.zeros((len(corridors), 2))
    for label, questions in asked.items():
        part = parts.of((label, False))
        part.probe.back_to(part.kept)
        with part.probe.optimal_face(part.best):
            for i, columns in questions:
                ends[i] += _range(part.probe, columns)
    return [(float(least), float(most)) for least, most in ends]


def _nearly(parts: Parts, solution: Solution, one: _Corridor, give: float) -> tuple[float, float]:
    """Least and most where the corridor's own period may be worth less by ``give``, all other periods as they are."""
    free, ends = _free(solution, one.period), [0.0, 0.0]
    for part, columns in _by_part(parts, one):
        own = part.only(np.flatnonzero(np.isin(part.columns, free)))
        most = own.best.objective + give
        with own.probe.value_at_most() as row:
            own.probe.allow_cost(row, most)
            found = _range(own.probe, np.searchsorted(own.columns, columns))
        ends = [ends[0] + found[0], ends[1] + found[1]]
    return ends[0], ends[1]


def _by_part(parts: Parts, one: _Corridor) -> Iterator[tuple[Part, IntArray]]:
    """The parts in which a corridor has flows, and where these stand in them."""
    labels = parts.column_part[one.columns]
    for label in np.unique(labels):
        part = parts.of((int(label), False))
        yield part, np.searchsorted(part.columns, one.columns[labels == label])


def _range(probe: Probe, columns: IntArray) -> tuple[float, float]:
    """Least and most of a sum of columns under what the probe has set; NaN where the solver finds no answer."""
    ends = []
    for sign in (1.0, -1.0):
        point = probe.extreme(columns, sign)
        ends.append(float(point.columns[columns].sum()) if point.status == "optimal" else np.nan)
    return ends[0], ends[1]


def _free(solution: Solution, period: int) -> IntArray:
    """Columns of one period, and of contract years."""
    periods = solution.case.periods
    return np.concatenate(
        [
            block.at(range(len(block.items)))[:, period if block.spans == periods else slice(None)].ravel()
            for block in solution.layout.columns.values()
            if block.size
        ]
    )


def _earned(solution: Solution, family: str, period: int) -> float:
    """What a family earns in a period, discounted: its sales less its supply cost, tariffs and risk."""
    layout, cost, net = solution.layout, solution.numbers.cost, solution.network
    of_family = np.array([name == family for name in solution.case.word("Commodities", "family")])
    earned = 0.0
    for block, commodity in (
        ("supply", net.supply_commodity),
        ("flow", net.flow_commodity),
        ("delivery", net.sale_commodity),
    ):
        mine = np.flatnonzero(of_family[commodity])
        costs: FloatArray = cost[layout.columns[block].at(mine)[:, period]]
        earned -= float(costs @ solution[block][mine, period])
    return earned + _steps_earned(solution, of_family, period)


def _steps_earned(solution: Solution, of_family: Any, period: int) -> float:
    """What elastic demands of a family are worth to their buyers, price by price."""
    block = solution.layout.columns["step"]
    net, demands = solution.network, solution.case["Demand"].position
    mine = [
        i
        for i, (name, _) in enumerate(block.items)
        if any(of_family[net.sale_commodity[sale]] for sale in net.sales_of_demand.get(demands[name], ()))
    ]
    costs: FloatArray = solution.numbers.cost[block.at(mine)[:, period]]
    return -float(costs @ solution["step"][mine, period])
