"""What one more and one less of a full thing is worth: at a kink the dual is only one value between the two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.engine import Engine
from model.errors import UsageError
from model.formulation.rules import Block
from model.registry import locate
from model.solution import Solution
from model.solver.probe import Kept, Probe

if TYPE_CHECKING:
    import pandas as pd

SHARE_STEP: Final = 1e-4  # of the bound
LEAST_STEP: Final = 1e-3  # in the bound's unit
FULL: Final = 1e-7  # of the bound: what lies nearer to it is full
# what joins volumes or years has no bound of its own that could be one higher
_JOINS: Final = ("balance", "demand_line", "stock_balance")
# several periods share them, or their years are contract years: worth a present value
_WHOLE: Final = ("contract_", "reserves", "fund_", "project_", "build", "short", "make_up")

Place = tuple[str, tuple[str, ...], str]


@dataclass(frozen=True)
class _Bound:
    """One full bound: where it stands, its lower and upper value, and which of them is full."""

    place: Place
    position: int
    is_row: bool
    lower: float
    upper: float
    side: str
    dual: float
    discount: float
    measure: str

    def moved(self, step: float) -> tuple[float, float]:
        """The bounds with the full side moved; both where they are one."""
        lower = self.lower + step if self.side == "lower" or self.lower == self.upper else self.lower
        upper = self.upper + step if self.side == "upper" or self.lower == self.upper else self.upper
        return lower, upper

    @property
    def step(self) -> float:
        """A small step of the bound."""
        return max(SHARE_STEP * abs(self.upper if self.side == "upper" else self.lower), LEAST_STEP)


def full_places(solution: Solution) -> list[Place]:
    """Every bound of a variable or row that is full, as (block, item, span)."""
    return [bound.place for bound in _full(solution)]


def marginals(engine: Engine, solution: Solution, rows: Sequence[Place] | None = None) -> pd.DataFrame:
    """Dual, value of one more and value of one less of what is full, by small warm re-solves.

    Parameters
    ----------
    engine
        With which the solution was made.
    solution
        An optimum; with whole units, all values hold with its plan fixed.
    rows
        Full bounds as (block, item, span), such as ``("asset_capacity", ("strait",), "2026")``; None for all.

    Returns
    -------
    DataFrame
        block, item, span, side (``upper`` or ``lower`` bound), bound, dual, value_up, value_down, measure. Values are
        what the goal gains per unit by which the bound rises: million USD of the period per unit, or, where the bound
        is shared by several periods, present value (see ``measure``). Blank where such a step has no feasible plan.

    Raises
    ------
    UsageError
        Where a place is not full.
    """
    import pandas as pd

    bounds = {bound.place: bound for bound in _full(solution)}
    wanted = list(bounds) if rows is None else list(rows)
    loose = [place for place in wanted if place not in bounds]
    if loose:
        block, item, span = loose[0]
        raise UsageError(f"{block}[{', '.join(filter(None, (*item, span)))}] is not full; it is worth nothing more.")
    columns = ["block", "item", "span", "side", "bound", "dual", "value_up", "value_down", "measure"]
    return pd.DataFrame([*_values(engine, solution, [bounds[place] for place in wanted])], columns=columns)


def _full(solution: Solution) -> Iterator[_Bound]:
    layout, numbers = solution.layout, solution.numbers
    for blocks, low, high, values, gains in (
        (layout.rows, numbers.row_lower, numbers.row_upper, solution.row_value, solution.row_gain),
        (layout.columns, numbers.lower, numbers.upper, solution, solution.bound_gain),
    ):
        for name, block in blocks.items():
            if name in _JOINS:
                continue
            value, gain = values[name].ravel(), gains[name].ravel()
            for side, bound in (("upper", high[block.slice]), ("lower", low[block.slice])):
                # no variable is worth a negative volume
                real = np.isfinite(bound) & ((side == "upper") | (bound > 0) | (blocks is layout.rows))
                near = np.abs(value - np.where(real, bound, 0.0)) <= FULL * np.maximum(1.0, np.abs(value))
                # a value of the other sign is that of the other side
                mine = gain >= 0 if side == "upper" else gain < 0
                for i in np.flatnonzero(real & near & mine).tolist():
                    yield _bound(solution, blocks, block.offset + i, side, float(gain[i]))


def _bound(solution: Solution, blocks: dict[str, Block], position: int, side: str, gain: float) -> _Bound:
    is_row = blocks is solution.layout.rows
    numbers = solution.numbers
    low, high = (numbers.row_lower, numbers.row_upper) if is_row else (numbers.lower, numbers.upper)
    place = locate(blocks, position)
    discount, measure = _measure(solution, place)
    return _Bound(place, position, is_row, float(low[position]), float(high[position]), side, gain, discount, measure)


def _measure(solution: Solution, place: Place) -> tuple[float, str]:
    """δ of the period that a bound belongs to; 1, for a present value, where several periods share it."""
    block, item, span = place
    case = solution.case
    if block.startswith(_WHOLE):
        return 1.0, "present value"
    if block.startswith("limit_"):
        if case.word("Limits", "per")[case["Limits"].position[item[0]]] != "period":
            return 1.0, "present value"
        span = span or item[-1]
    return float(solution.parameters.discount[case.period_position[span]]), "per unit of the period"


def _values(engine: Engine, solution: Solution, bounds: Sequence[_Bound]) -> Iterator[dict[str, Any]]:
    probe = Probe(engine.live)
    engine.live.update(solution.numbers)
    plan = np.concatenate([np.empty(0), *(solution[name].ravel() for name in solution.layout.columns)])
    with probe.plan_fixed(plan):
        best = probe.again()
        kept = probe.keep()
        for bound in bounds:
            up, down = (_gain(probe, kept, bound, best.objective, way * bound.step) for way in (1, -1))
            block, item, span = bound.place
            yield {
                "block": block,
                "item": ", ".join(item),
                "span": span,
                "side": bound.side,
                "bound": bound.upper if bound.side == "upper" else bound.lower,
                "dual": bound.dual / bound.discount,
                "value_up": up / bound.discount,
                "value_down": down / bound.discount,
                "measure": bound.measure,
            }
        probe.back_to(kept)


def _gain(probe: Probe, kept: Kept, bound: _Bound, best: float, step: float) -> float:
    """What the goal gains per unit when a bound moves by a step; NaN where there is no plan."""
    lower, upper = bound.moved(step)
    if lower > upper or (upper < 0 <= bound.upper):
        return float("nan")
    probe.back_to(kept)
    with _changed(probe, bound, lower, upper):
        point = probe.again()
    return (best - point.objective) / step if point.status == "optimal" else float("nan")


def _changed(probe: Probe, bound: _Bound, lower: float, upper: float) -> AbstractContextManager[None]:
    change = probe.row_bounds if bound.is_row else probe.column_bounds
    return change(bound.position, lower, upper)
