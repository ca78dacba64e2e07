"""The vocabulary in which result tables are declared: a column with its meaning and unit, and a table of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from model.errors import AuditError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from model.case import Case, FloatArray
    from model.solution import Solution

Format = Literal["text", "volume", "money", "price", "share", "number", "year", "time"]
Need = Literal["freed", "steps", "unsure", "sureness", "starts", "relaxed", "usual"]
Columns = Mapping[str, Any]


@dataclass(frozen=True)
class ResultColumn:
    """One column of a result table; ``format`` says how it is shown, ``unit`` is blank where the row names it."""

    name: str
    meaning: str
    unit: str = ""
    format: Format = "text"


@dataclass(frozen=True)
class Steps:
    """What the goal gains per unit by one more and one less, by block of variables or rows, shape (items, spans).

    Discounted like the duals beside which they stand; NaN where there is no such step.
    """

    up: Mapping[str, FloatArray]
    down: Mapping[str, FloatArray]


@dataclass(frozen=True)
class Extras:
    """What some tables tell more of, or less.

    ``freed`` is the scenario solved without contracts and limits, ``workbook`` the workbook's own case; ``steps`` are
    the values of one more and one less; ``unsure`` says which flows could be others at the same value, shape
    (flows, periods); ``sureness`` gives the columns of *How sure*, ``starts`` the tariff at which each of
    the *Next routes* (period, balance, sale, legs) starts; ``periods`` are the positions of the periods that
    an excerpt holds (None: all). ``relaxed`` is the scenario solved with parts of units, where units are whole;
    ``usual`` is the scenario ``base``, where the table is of another.
    """

    freed: Solution | None = None
    workbook: Case | None = None
    steps: Steps | None = None
    unsure: NDArray[np.bool_] | None = None
    sureness: Columns | None = None
    starts: Mapping[tuple[int, int, int, tuple[int, ...]], float] | None = None
    periods: tuple[int, ...] | None = None
    relaxed: Solution | None = None
    usual: Solution | None = None


@dataclass(frozen=True)
class ResultTable:
    """One result table: the question that it answers, its columns, and the function that fills them.

    ``function`` takes a solution and extras and gives one array (or sequence) per declared column except ``scenario``,
    which is added for tables that hold one scenario's results (``per_scenario``). ``key`` names the columns that tell
    rows apart. Of a ``detail`` Excel holds the first scenario, the CSV file all; of an ``excerpt`` all files hold some
    periods of the first scenario: whole it would outweigh all others. ``needs`` are the extras that take solves.
    """

    name: str
    question: str
    key: tuple[str, ...]
    columns: tuple[ResultColumn, ...]
    function: Callable[[Solution, Extras], Columns]
    per_scenario: bool = True
    detail: bool = False
    excerpt: bool = False
    needs: tuple[Need, ...] = ()

    @property
    def attribute(self) -> str:
        """The table's name in Python, such as ``contract_balance``."""
        return self.name.lower().replace(" ", "_")

    def fill(self, solution: Solution, extras: Extras) -> dict[str, Any]:
        """The table's columns for one scenario, in the declared order.

        Raises AuditError where the function gives other columns than those declared, or columns of unequal length.
        """
        import numpy as np

        found = dict(self.function(solution, extras))
        lengths = {len(values) for values in found.values()}
        if self.per_scenario:
            rows = max(lengths, default=0)
            found = {SCENARIO.name: np.full(rows, solution.case.scenario, dtype=object), **found}
        declared = [column.name for column in self.columns]
        if list(found) != declared or len(lengths) > 1:
            raise AuditError(f"The table {self.name!r} holds {list(found)}; declared are {declared}.")
        return found


SCENARIO: Final = ResultColumn("scenario", "Scenario of the row")


def result_table(
    name: str,
    question: str,
    *,
    key: Sequence[str],
    columns: Sequence[ResultColumn],
    per_scenario: bool = True,
    detail: bool = False,
    excerpt: bool = False,
    needs: tuple[Need, ...] = (),
) -> Callable[[Callable[[Solution, Extras], Columns]], ResultTable]:
    """Declare the decorated function as a result table.

    Every table that belongs to a scenario gets the column ``scenario`` in front.
    """

    def declare(function: Callable[[Solution, Extras], Columns]) -> ResultTable:
        before = (SCENARIO,) if per_scenario else ()
        keys = tuple(column.name for column in before) + tuple(key)
        return ResultTable(name, question, keys, (*before, *columns), function, per_scenario, detail, excerpt, needs)

    return declare
