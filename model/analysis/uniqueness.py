"""How sure is a flow? The least and the most that it could be at the same value, and at nearly the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.engine import Engine
from model.selection import IntArray
from model.solution import Solution
from model.solver.point import Point
from model.solver.probe import Kept, Probe

if TYPE_CHECKING:
    import pandas as pd

    from model.case import FloatArray

NEARLY: Final = 0.01  # of the value of the flow's own period and family
MOVES: Final = 1e-6  # of the flow: what can move more is not unique


@dataclass(frozen=True)
class _Corridor:
    """All flow of one family over one link in one period."""

    link: str
    family: str
    period: int
    unit: str
    flow: float
    columns: IntArray


def uniqueness(engine: Engine, solution: Solution, largest: int = 20) -> pd.DataFrame:
    """The least and the most that each of the largest corridor flows could be.

    Parameters
    ----------
    engine
        With which the solution was made.
    solution
        An optimum; with whole units, its plan stays as it is.
    largest
        How many corridor flows (link, family and period), the largest by volume.

    Returns
    -------
    DataFrame
        link, family, period, flow, unit; ``least`` and ``most`` at the same value; ``least_nearly`` and ``most_nearly``
        where other periods stay as they are and the whole may be worth less by 1 % of what the flow's own family
        earns in its own period (``give``, discounted million USD); mark (``not unique`` or empty). Blank where the
        solver found no answer.
    """
    import pandas as pd

    rows = [*_rows(engine, solution, _corridors(solution)[:largest])]
    columns = [
        "link",
        "family",
        "period",
        "flow",
        "unit",
        "least",
        "most",
        "least_nearly",
        "most_nearly",
        "give",
        "mark",
    ]
    return pd.DataFrame(rows, columns=columns)


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


def _rows(engine: Engine, solution: Solution, corridors: list[_Corridor]) -> Iterator[dict[str, Any]]:
    probe = Probe(engine.live)
    engine.live.update(solution.numbers)
    plan = np.concatenate([np.empty(0), *(solution[name].ravel() for name in solution.layout.columns)])
    gives = [NEARLY * abs(_earned(solution, one.family, one.period)) for one in corridors]
    with probe.plan_fixed(plan):
        best = probe.again()
        kept = probe.keep()
        with probe.optimal_face(best):
            same = [_range(probe, kept, one, best) for one in corridors]
        nearly = _nearly(probe, solution, best, corridors, gives)
        probe.back_to(kept)
    for one, (least, most), (low, high), give in zip(corridors, same, nearly, gives, strict=True):
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
            "mark": "not unique" if most - least > MOVES * max(1.0, one.flow) else "",
        }


def _range(probe: Probe, kept: Kept | None, one: _Corridor, best: Point) -> tuple[float, float]:
    """Least and most of a corridor's flow under what the probe has set; the flow of ``best`` is always within."""
    flow = float(best.columns[one.columns].sum())
    ends = []
    for sign in (1.0, -1.0):
        if kept is None:
            probe.forget()
        else:
            probe.back_to(kept)
        point = probe.extreme(one.columns, sign)
        ends.append(float(point.columns[one.columns].sum()) if point.status == "optimal" else np.nan)
    return min(ends[0], flow), max(ends[1], flow)


def _nearly(
    probe: Probe, solution: Solution, best: Point, corridors: list[_Corridor], gives: list[float]
) -> list[tuple[float, float]]:
    found = []
    with probe.value_at_most() as row:
        for one, give in zip(corridors, gives, strict=True):
            probe.allow_cost(row, best.objective + give)
            with probe.others_fixed(_free(solution, one.period), best):
                found.append(_range(probe, None, one, best))
    return found


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
