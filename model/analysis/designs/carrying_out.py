"""A design from its first run to its tables: what some kinds ask further once their runs are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from model.analysis.batch.design import Design
from model.analysis.designs.analyse import analyse
from model.analysis.designs.causes import causes
from model.analysis.designs.inputs import inputs_of
from model.analysis.designs.outages import pairs_of_worst
from model.analysis.designs.switches import switches
from model.case import Case

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Outcome:
    """All runs of a design with their results, one row a run, and the tables that they give."""

    design: Design
    frame: pd.DataFrame
    tables: dict[str, pd.DataFrame]


def carry_out(case: Case, design: Design, run: Callable[[Design], pd.DataFrame]) -> Outcome:
    """Run a design and answer its question.

    Parameters
    ----------
    case
        The workbook's case.
    design
        From ``design_for``.
    run
        Solves the runs of a design and gives its frame; called again where the results ask for more runs (pairs of the
        worst outages). The frame holds the outputs ``frames.OUTPUTS``.
    """
    import pandas as pd

    frame = run(design)
    more = pairs_of_worst(design, frame) if design.kind == "outages" else None
    if more is not None:
        frame = pd.concat([frame, run(more)], ignore_index=True)
        frame["run"] = range(1, len(frame) + 1)
        design = joined(design, more)
    tables = analyse(design, frame)
    if design.kind == "tornado":
        tables["Switches"] = switches(inputs_of(case, design.scenarios[0]))
    if (frame["status"] == "infeasible").any():
        tables["Causes"] = causes(case, design, frame)
    return Outcome(design, frame, tables)


def joined(first: Design, more: Design) -> Design:
    """Two designs of outages as one."""
    return replace(
        first,
        runs=first.runs + more.runs,
        labels=first.labels + more.labels,
        scenarios=first.scenarios + more.scenarios,
        about={**first.about, "out": [*first.about["out"], *more.about["out"]]},
    )
