"""Why runs of a batch have no plan: numbers that contradict each other, each cause once and how often it was met."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from model.analysis.batch.design import Design
from model.analysis.batch.worker import scenario_case
from model.case import Case
from model.conflict import Conflict
from model.conflicts import find_conflicts
from model.engine import Engine
from model.scenario import with_changes

if TYPE_CHECKING:
    import pandas as pd

MOST_SEARCHED: Final = 20  # a search takes as long as some hundred runs; not by the clock: equal runs, equal tables
COLUMNS: Final = ("cause", "runs_with_it", "runs_searched", "first_run", "first_label", "contradiction", "repair")


def causes(case: Case, design: Design, frame: pd.DataFrame, most: int = MOST_SEARCHED) -> pd.DataFrame:
    """The causes of infeasible runs, the most frequent first.

    Parameters
    ----------
    case
        The workbook's case.
    design, frame
        The runs, and what became of them, one row a run.
    most
        How many runs are searched. They are taken from all over the batch, not from its start.

    Returns
    -------
    DataFrame
        ``runs_with_it`` of the ``runs_searched`` have the cause; the contradiction and its smallest repair are those of
        its first run.
    """
    import pandas as pd

    numbers = frame.index[frame["status"] == "infeasible"].tolist()
    counts: Counter[tuple[str, ...]] = Counter()
    first: dict[tuple[str, ...], tuple[int, Conflict]] = {}
    searched = _spread(numbers)[:most]
    for number in searched:
        for one in _conflicts(case, design, number):
            counts[one.cause] += 1
            if one.cause not in first or number < first[one.cause][0]:
                first[one.cause] = number, one
    rows = [_row(design, len(searched), count, *first[cause]) for cause, count in counts.most_common()]
    for place, row in enumerate(rows, 1):
        row["cause"] = place
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _spread(numbers: list[int]) -> list[int]:
    """The same numbers in an order whose every beginning is spread over them all: halves, quarters, and so on."""
    width = max(len(numbers) - 1, 0).bit_length()
    places = (int(f"{i:0{width}b}"[::-1], 2) if width else 0 for i in range(1 << width))
    return [numbers[place] for place in places if place < len(numbers)]


def _conflicts(case: Case, design: Design, number: int) -> list[Conflict]:
    start = scenario_case(case, design.scenarios[number])
    values = design.runs[number]
    run = with_changes(start, values) if values else start
    return find_conflicts(Engine([run]), run)


def _row(design: Design, searched: int, count: int, number: int, conflict: Conflict) -> dict[str, Any]:
    return {
        "runs_with_it": count,
        "runs_searched": searched,
        "first_run": number + 1,
        "first_label": design.labels[number],
        "contradiction": " ".join(line.strip() for line in conflict.said()),
        "repair": str(conflict.repairs[0]) if conflict.repairs else "",
    }
