"""At which value of an input another corridor leads: found by halving, with a solve on both sides of each switch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.analysis.designs.inputs import Inputs
from model.analysis.response import Response, spread
from model.engine import structure_of
from model.results.exports import corridor_labels, leaving
from model.scenario import with_changes
from model.workbook.ranges import Range

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final = ("input", "family", "at", "meaning_of_at", "from_corridor", "to_corridor")
POINTS: Final = 9  # at which each range is looked at first; a lead that comes and goes between two of them is not seen
FINEST: Final = 1e-8  # of the range: how near halving comes to a switch
_SPECK: Final = 1e-9


def switches(inputs: Inputs) -> pd.DataFrame:
    """Every value between low and high at which another corridor carries the largest volume, one row a family.

    All other inputs stand as they are. The columns are those of COLUMNS; ``at`` is the value of the range (what is
    set, added or multiplied with), of a group the share of the way from low to high, exact to FINEST of the range.
    Volumes count over all periods. A corridor "" means that nothing flows, or that there is no plan. An input that
    changes the structure of the model (demand_steps) has no values between its own, so no row.
    """
    import pandas as pd

    rows = [row for factor in range(len(inputs.factors)) for row in _of_factor(inputs, factor)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _of_factor(inputs: Inputs, factor: int) -> Iterator[dict[str, Any]]:
    moved = [i for i, one in enumerate(inputs.of_range) if one == factor]
    ranges = [inputs.ranges[i] for i in moved]
    name = inputs.factors[factor]
    low, high = (ranges[0].low, ranges[0].high) if len(ranges) == 1 else (0.0, 1.0)
    if low == high:
        return

    def changes(at: float) -> Mapping[str, float | str]:
        values = np.full(len(inputs.ranges), np.nan)
        values[moved] = [_value(one, at, alone=len(ranges) == 1) for one in ranges]
        return inputs.run(values.tolist())

    row = {"input": name, "meaning_of_at": ranges[0].how if len(ranges) == 1 else "share of the way"}
    if structure_of(with_changes(inputs.case, changes(low))) != structure_of(with_changes(inputs.case, changes(high))):
        return
    response = Response(inputs.case, name, low, high, changes)
    if response.kind != "nothing":
        yield from ({**row, **found} for found in _switches(response))


def _value(one: Range, at: float, *, alone: bool) -> float:
    return at if alone else one.low + at * (one.high - one.low)


def _switches(response: Response) -> Iterator[dict[str, Any]]:
    corridors = _Corridors(response)
    points = spread(response.low, response.high, POINTS)
    with response.probe.exact():
        led = [corridors.leaders(at) for at in points]
        for (low, high), (first, last) in zip(pairwise(points), pairwise(led), strict=True):
            for i in range(len(corridors.families)):
                if first[i] != last[i]:
                    yield from _between(corridors, i, (low, first[i]), (high, last[i]))


def _between(
    corridors: _Corridors, family: int, start: tuple[float, str], end: tuple[float, str]
) -> Iterator[dict[str, Any]]:
    """Switches from one leader to another: halved until both sides of each are FINEST of the range apart."""
    (low, first), (high, last) = start, end
    if high - low > FINEST * (corridors.response.high - corridors.response.low):
        middle = (low + high) / 2
        leader = corridors.leaders(middle)[family]
        if leader != first:
            yield from _between(corridors, family, start, (middle, leader))
        if leader != last:
            yield from _between(corridors, family, (middle, leader), end)
    else:
        row = {"family": corridors.families[family], "at": (low + high) / 2}
        yield {**row, "from_corridor": first, "to_corridor": last}


class _Corridors:
    """Volumes by family and corridor over all periods."""

    def __init__(self, response: Response) -> None:
        case, net = response.case, response.engine.network
        self.response = response
        family, origin = case.word("Commodities", "family"), case.word("Commodities", "origin")
        labels, links = corridor_labels(case, net), case["Links"].keys
        self.flows = leaving(case, net)
        grades = [int(net.flow_commodity[flow]) for flow in self.flows]
        keys = [
            (family[k], labels[family[k], origin[k], links[net.flow_link[flow]]])
            for flow, k in zip(self.flows, grades, strict=True)
        ]
        self.names = list(dict.fromkeys(keys))
        self.of_flow = np.array([self.names.index(key) for key in keys], dtype=np.int64)
        self.families = list(dict.fromkeys(family for family, _ in self.names))

    def leaders(self, at: float) -> list[str]:
        """The leader of each family at a value, ties broken by distance; "" where nothing flows or no plan is."""
        flows = self.response.flows(at)[self.flows].sum(axis=1)
        volumes = np.bincount(self.of_flow, weights=flows, minlength=len(self.names))
        found = []
        for family in self.families:
            mine = [i for i, (of, _) in enumerate(self.names) if of == family]
            best = max(mine, key=lambda i: float(volumes[i]))
            found.append(self.names[best][1] if volumes[best] > _SPECK else "")
        return found
