"""The optimum over a range of one number: every value at which the plan changes, and what lies between them.

With prices and costs the optimal value is convex in the number, with capacities and other bounds it is concave, and in
both cases it is made of straight lines. Value and slope at the two ends of a range give two of these lines; where they
meet, either the value lies on both, and there is no other line between them, or a solve there finds another line. So
every line is found, and the meeting points are exact. Where coefficients change (a loss, a use) the value bends between
breakpoints; these are then found by halving: how far does the present basis stay optimal?
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.address import parse_address, resolve
from model.analysis.pieces import Piece, find_pieces
from model.analysis.response import Response
from model.case import Case, FloatArray
from model.conflict import Conflict, several
from model.conflicts import find_conflicts
from model.errors import UsageError
from model.own_unit import own_unit
from model.scenario import BASE, with_changes, with_scenario
from model.solver.diagnosis import explain_unbounded
from model.workbook.changes import matching_rows

if TYPE_CHECKING:
    import pandas as pd

LARGEST: Final = 3  # corridors named where a step begins
METHOD: Final = {
    "nothing": "the programme does not depend on it",
    "costs": "tangents, exact",
    "bounds": "tangents, exact",
    "other": "halving",
}


@dataclass(frozen=True)
class Cause:
    """Why there is no optimum at one end of the range, where the address has the value ``at``.

    ``conflicts`` are the contradictions of an infeasible end; ``text`` says them, or why the value has no end.
    """

    step: int
    at: float
    status: str
    conflicts: tuple[Conflict, ...]
    text: str

    @property
    def lacks(self) -> str:
        """What there is none of."""
        return "plan" if self.status == "infeasible" else "optimum"


@dataclass(frozen=True)
class Staircase:
    """The response of the optimum to one address, as tables.

    ``steps`` has one row a step: step, from, to (in ``unit``), value_from, value_to (million USD), slope (million USD
    per unit of the address), status, method, change (of the largest corridors: with
    prices and costs where the step begins, else from its start to its end).
    ``volumes`` has one row a step and link: step, link, family, volume_from, volume_to, unit; over the addressed
    periods. ``present`` is what the scenario itself has there, None where that differs between rows or periods.
    ``causes`` say why there is no optimum at an end of the range; what mends that end mends its whole step where only
    bounds follow from the address.
    """

    address: str
    unit: str
    scenario: str
    present: float | None
    goal: str
    steps: pd.DataFrame
    volumes: pd.DataFrame
    solves: int
    causes: tuple[Cause, ...] = ()


def staircase(
    case: Case, address: str, low: float, high: float, scenario: str = BASE, period: str | None = None
) -> Staircase:
    """Every value of an address within a range at which the optimal plan changes, with value and volumes between.

    Parameters
    ----------
    case
        From ``read_case``.
    address
        A number, such as ``Links:btc:tariff`` or ``Assets:strait:capacity@2026``; the key may hold ``*``.
    low, high
        The range, in the row's own unit.
    scenario
        The scenario in which it is varied.
    period
        A period or range of periods (``2026..2030``) for which it is varied; the same as ``@`` in the address.

    Raises
    ------
    UsageError
        Where the address names nothing or no number, the range is empty, or a value of it is not valid there.
    """
    place, first, last, unit, present = _place(with_scenario(case, scenario), address, period)
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise UsageError(f"{place}: a staircase runs from a lower to a higher number, not from {low:g} to {high:g}.")
    response = Response(with_scenario(case, scenario), place, float(low), float(high))
    if response.probe.has_whole_units and response.kind not in ("costs", "nothing"):
        raise UsageError(
            f"{place}: with whole units a staircase is exact for prices, tariffs and costs only; "
            "write no in the column whole_units of Projects, or vary a price."
        )
    with response.probe.exact():
        pieces = find_pieces(response)
        volumes = _volumes(response, pieces, slice(first, last))
    steps, table = _tables(response, pieces, volumes)
    goal = "cost" if response.sign > 0 else "value"
    causes = tuple(_causes(response, pieces))
    return Staircase(place, unit, scenario, present, goal, steps, table, response.solves, causes)


def _causes(response: Response, pieces: list[Piece]) -> Iterator[Cause]:
    """Why the first and the last step have no optimum, at the ends of the range."""
    told: set[tuple[str, ...]] = set()
    for step, at in ((1, response.low), (len(pieces), response.high)):
        status = pieces[step - 1].status
        if status == "optimal":
            continue
        case = with_changes(response.case, response.changes(at))
        conflicts = tuple(find_conflicts(response.engine, case)) if status == "infeasible" else ()
        together = [several(len(conflicts))] if len(conflicts) > 1 else []
        text = "\n".join([*together, *map(str, conflicts)]) or _without_conflict(response, case, status)
        what = (status, *(name for one in conflicts for name in one.cause))
        if what not in told:
            told.add(what)
            yield Cause(step, at, status, conflicts, text)


def _without_conflict(response: Response, case: Case, status: str) -> str:
    """What is said of an end whose numbers do not contradict each other."""
    if status == "unbounded":
        response.engine.at(case)
        return explain_unbounded(response.engine, case)
    return "no number of the workbook alone is the cause."


def _place(case: Case, text: str, period: str | None) -> tuple[str, int, int, str, float | None]:
    """The full address, the positions of its periods, its unit and its present value."""
    address = parse_address(text)
    if period is not None:
        if address.first is not None:
            raise UsageError(f"{text} names its period already; leave out the period {period}.")
        address = parse_address(f"{text}@{period}")
    first, last = resolve(case, address)
    start, stop = 0 if first is None else first, len(case.periods) if last is None else last + 1
    if address.sheet == "Settings":
        held = getattr(case.settings, address.key)
        if isinstance(held, str):
            raise UsageError(f"{address} holds no number; a staircase needs one.")
        return str(address), start, stop, "", None if held is None else float(held)
    sheet = case[address.sheet]
    if address.column not in sheet.numbers:
        raise UsageError(f"{address} holds no number; a staircase needs one.")
    rows = matching_rows(sheet.keys, sheet.position, address.key)
    held = np.unique(case.number(address.sheet, address.column)[rows, start:stop])
    units = dict.fromkeys(own_unit(case, address.sheet, row, address.column) for row in rows)
    present = float(held[0]) if len(held) == 1 and np.isfinite(held[0]) else None
    return str(address), start, stop, ", ".join(units), present


def _volumes(response: Response, pieces: list[Piece], span: slice) -> list[tuple[FloatArray, FloatArray]]:
    """Flows over the addressed periods where each step starts and ends, shape (flows,)."""
    found = []
    for piece in pieces:
        if piece.status != "optimal":
            nothing = np.full(len(response.engine.network.flow_link), np.nan)
            found.append((nothing, nothing))
        elif response.kind in ("costs", "nothing"):
            # where two plans meet both are optimal; within a step there is one
            inside = response.flows((piece.start.at + piece.end.at) / 2, piece.start.kept)[:, span].sum(axis=1)
            found.append((inside, inside))
        else:
            ends = [response.flows(end.at, end.kept)[:, span].sum(axis=1) for end in (piece.start, piece.end)]
            found.append((ends[0], ends[1]))
    return found


def _tables(
    response: Response, pieces: list[Piece], volumes: list[tuple[FloatArray, FloatArray]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    corridors = _Corridors(response)
    by_link = [(corridors.sum(start), corridors.sum(end)) for start, end in volumes]
    steps, rows = [], []
    for number, (piece, (start, end)) in enumerate(zip(pieces, by_link, strict=True), 1):
        before = by_link[number - 2][1] if number > 1 else start
        jump = corridors.change(before, start) if response.kind == "costs" else corridors.change(start, end)
        steps.append(_step(response, number, piece, jump))
        rows.append(corridors.rows(number, start, end))
    return pd.DataFrame(steps), pd.concat(rows, ignore_index=True)


def _step(response: Response, number: int, piece: Piece, change: str) -> dict[str, Any]:
    optimal = piece.status == "optimal"
    return {
        "step": number,
        "from": piece.start.at,
        "to": piece.end.at,
        "value_from": response.sign * piece.start.cost if optimal else np.nan,
        "value_to": response.sign * piece.end.cost if optimal else np.nan,
        "slope": response.sign * piece.slope + 0.0 if optimal else np.nan,
        "status": piece.status,
        "method": METHOD[response.kind],
        "change": change,
    }


class _Corridors:
    """Links by family: flows of several commodities of one family are one corridor."""

    def __init__(self, response: Response) -> None:
        case, net = response.case, response.engine.network
        families, units = case.word("Commodities", "family"), case.word("Commodities", "unit")
        pairs = [
            (case["Links"].keys[link], families[k], units[k])
            for link, k in zip(net.flow_link.tolist(), net.flow_commodity.tolist(), strict=True)
        ]
        self.names = list(dict.fromkeys(pairs))
        self.of_flow = np.array([self.names.index(pair) for pair in pairs], dtype=np.int64)

    def sum(self, flows: FloatArray) -> FloatArray:
        """Volume of each corridor."""
        return np.bincount(self.of_flow, weights=flows, minlength=len(self.names)).astype(np.float64)

    def change(self, before: FloatArray, after: FloatArray) -> str:
        """The largest changes of volume, such as ``north -5.2 Mt, south +5.2 Mt``."""
        moved = after - before
        order = np.argsort(-np.abs(moved), kind="stable")[:LARGEST].tolist()
        return ", ".join(
            f"{self.names[i][0]} {moved[i]:+.4g} {self.names[i][2]}" for i in order if abs(moved[i]) > 1e-6
        )

    def rows(self, number: int, start: FloatArray, end: FloatArray) -> pd.DataFrame:
        """One row a corridor."""
        import pandas as pd

        links, families, units = (list(part) for part in zip(*self.names, strict=True)) if self.names else ([], [], [])
        columns = {"step": number, "link": links, "family": families}
        return pd.DataFrame({**columns, "volume_from": start, "volume_to": end, "unit": units})
