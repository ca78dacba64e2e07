"""What one more and one less of a full thing is worth: at a kink the dual is only one value between the two."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.errors import UsageError
from model.formulation.rules import Block
from model.offers import offered
from model.registry import locate
from model.solution import Solution
from model.solver.parts import Part, Parts

if TYPE_CHECKING:
    import pandas as pd

SHARE_STEP: Final = 1e-4  # of the bound
LEAST_STEP: Final = 1e-3  # in the bound's unit
NOTHING: Final = 1e-9  # a dual below it is rounding
FULL: Final = 1e-7  # of the bound: what lies nearer to it is full
# what joins volumes or years, or chooses between them, has no bound of its own that could be one higher
_JOINS: Final = ("balance", "demand_line", "stock_balance", "short_year", "make_up_year", "may_be_short")
# several periods share them, or their years are contract years: worth a present value
_WHOLE: Final = ("contract_", "reserves", "fund_", "project_", "build", "short", "make_up")

Place = tuple[str, tuple[str, ...], str]


@dataclass(frozen=True)
class Bound:
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
    def floors(self) -> bool:
        """Whether its upper bound, a capacity, cannot be less than zero."""
        return self.upper >= 0 and not (self.is_row and self.lower == self.upper)

    @property
    def step(self) -> float:
        """A small step of the bound."""
        return max(SHARE_STEP * abs(self.upper if self.side == "upper" else self.lower), LEAST_STEP)


def full_places(solution: Solution) -> list[Place]:
    """Every bound of a variable or row that is full, as (block, item, span)."""
    return [bound.place for bound in full_bounds(solution)]


def marginals(solution: Solution, rows: Sequence[Place] | None = None) -> pd.DataFrame:
    """Dual, value of one more and value of one less of what is full, by small warm re-solves.

    Parameters
    ----------
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

    bounds = {bound.place: bound for bound in full_bounds(solution)}
    wanted = list(bounds) if rows is None else list(rows)
    loose = [place for place in wanted if place not in bounds]
    if loose:
        block, item, span = loose[0]
        raise UsageError(f"{block}[{', '.join(filter(None, (*item, span)))}] is not full; it is worth nothing more.")
    columns = ["block", "item", "span", "side", "bound", "dual", "value_up", "value_down", "measure"]
    return pd.DataFrame([*_values(solution, [bounds[place] for place in wanted])], columns=columns)


def full_bounds(solution: Solution, blocks_asked: Container[str] | None = None) -> Iterator[Bound]:
    """Every bound that is full, in some blocks of variables and rows (None: in all)."""
    layout, numbers = solution.layout, solution.numbers
    for blocks, low, high, values, gains in (
        (layout.rows, numbers.row_lower, numbers.row_upper, solution.row_value, solution.row_gain),
        (layout.columns, numbers.lower, numbers.upper, solution, solution.bound_gain),
    ):
        for name, block in blocks.items():
            if name in _JOINS or (blocks_asked is not None and name not in blocks_asked):
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


def _bound(solution: Solution, blocks: dict[str, Block], position: int, side: str, gain: float) -> Bound:
    is_row = blocks is solution.layout.rows
    numbers = solution.numbers
    low, high = (numbers.row_lower, numbers.row_upper) if is_row else (numbers.lower, numbers.upper)
    place = locate(blocks, position)
    discount, measure = _measure(solution, place)
    return Bound(place, position, is_row, float(low[position]), float(high[position]), side, gain, discount, measure)


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


def _values(solution: Solution, bounds: Sequence[Bound]) -> Iterator[dict[str, Any]]:
    parts = parts_of(solution)
    for bound in bounds:
        up, down = gains(parts, [bound])
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


def parts_of(solution: Solution) -> Parts:
    """The independent parts of a solved programme, with its whole units at the solution's plan; kept with it."""
    if "parts" not in solution.kept:
        # projects that nothing allows to be built would join all periods
        projects = sorted(set(range(len(solution.case["Projects"]))) - set(offered([solution.case])))
        idle = solution.layout.columns["build"].at(projects).ravel()
        solution.kept["parts"] = Parts(solution.program, solution.plan, idle)
    found: Parts = solution.kept["parts"]
    return found


def gains(parts: Parts, bounds: Sequence[Bound]) -> tuple[float, float]:
    """What the goal gains per unit when bounds that move together rise, and when they fall, by a small step.

    Where the basis holds for the whole step, its duals are the value; else the part is solved again. NaN where there
    is no plan, or where the bound holds nothing but projects that may not be built.
    """
    step = max(bound.step for bound in bounds)
    part = parts.of((bounds[0].position, bounds[0].is_row))
    if not len(part.columns):
        return float("nan"), float("nan")
    places = [part.local((bound.position, bound.is_row)) for bound in bounds]
    fall, rise = part.basis.reach(places)
    found = []
    for way, reach in ((1, rise), (-1, fall)):
        moved = [bound.moved(way * step) for bound in bounds]
        if any(low > high or (bound.floors and high < 0) for bound, (low, high) in zip(bounds, moved, strict=True)):
            found.append(float("nan"))
        elif reach >= step:
            found.append(part.basis.gain(places))
        elif way > 0 and all(bound.floors for bound in bounds) and abs(part.basis.gain(places)) < NOTHING:
            # more room hurts nobody, and is worth no more than the dual
            found.append(0.0)
        else:
            found.append(_solved(part, places, moved) / (way * step))
    return found[0], found[1]


def _solved(part: Part, places: Sequence[tuple[int, bool]], moved: Sequence[tuple[float, float]]) -> float:
    """What the goal gains where some bounds have been moved, by a warm solve from the optimum; NaN without a plan."""
    best = part.best.objective
    part.probe.back_to(part.kept)
    with ExitStack() as changes:
        for place, (low, high) in zip(places, moved, strict=True):
            changes.enter_context(part.bounds(place, low, high))
        return best - part.probe.live.least()
