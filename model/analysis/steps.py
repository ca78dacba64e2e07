"""One more and one less of everything that a table values: the differences that its duals stand for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from model.analysis.marginal import Bound, full_bounds, gains, parts_of
from model.case import FloatArray
from model.results.declare import Steps
from model.solution import Solution
from model.solver.parts import Parts

_CAPACITIES: Final = ("link_capacity", "asset_capacity", "fleet_time", "contract_ceiling", "limit_upper", "limit_lower")
DUE: Final = "contract_lifting"
# less than this passes nowhere
_SPECK: Final = 1e-9


def steps(solution: Solution) -> Steps:
    """Value of one more and of one less of every capacity, ceiling, limit and volume due, and at every node.

    Discounted, in the sign of the solution's gains: positive where more of it is worth more. What is not full is worth
    nothing either way; NaN where a step has no plan, and at nodes where nothing passes.
    """
    parts = parts_of(solution)
    found: dict[str, tuple[FloatArray, FloatArray]] = {}
    for name in ("flow", *_CAPACITIES, DUE, "balance"):
        blocks = solution.layout.columns if name == "flow" else solution.layout.rows
        shape = (len(blocks[name].items), len(blocks[name].spans))
        found[name] = (np.full(shape, np.nan if name == "balance" else 0.0),) * 2
        found[name] = (found[name][0].copy(), found[name][1].copy())
    for name, position, together in _asked(solution):
        up, down = found[name]
        up.flat[position], down.flat[position] = gains(parts, together)
    _at_nodes(solution, parts, *found["balance"])
    return Steps({name: up for name, (up, _) in found.items()}, {name: down for name, (_, down) in found.items()})


def _asked(solution: Solution) -> Iterator[tuple[str, int, list[Bound]]]:
    """Block, place in it, and the bounds that move together."""
    layout = solution.layout
    due = {bound.position: bound for bound in full_bounds(solution, ("short",)) if bound.side == "upper"}
    for bound in full_bounds(solution, ("flow", *_CAPACITIES, DUE)):
        name = bound.place[0]
        if name == "flow" and bound.side == "lower":
            continue
        position = bound.position - (layout.rows if bound.is_row else layout.columns)[name].offset
        # what is due also bounds what may be short
        other = due.get(layout.columns["short"].offset + position) if name == DUE else None
        yield name, position, [bound] if other is None else [bound, other]


def _at_nodes(solution: Solution, parts: Parts, up: FloatArray, down: FloatArray) -> None:
    """Nodes where something passes: one more unit there is a right-hand side one lower."""
    block = solution.layout.rows["balance"]
    volume = np.zeros(up.shape)
    net = solution.network
    for items, name in ((net.flow_from, "flow"), (net.sale_balance, "delivery"), (net.storage_balance, "inject")):
        np.add.at(volume, items, solution[name])
    for place in np.flatnonzero(volume.ravel() > _SPECK).tolist():
        bound = Bound(("balance", (), ""), block.offset + place, True, 0.0, 0.0, "upper", 0.0, 1.0, "")
        more, less = gains(parts, [bound])
        up.flat[place], down.flat[place] = -less, -more
