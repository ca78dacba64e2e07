"""Whether projects help or replace one another: the interaction of pairs."""

from __future__ import annotations

import math
from typing import Any, Final

from model.analysis.projects.optima import Difference, Optima, difference
from model.results.declare import ResultColumn

MOST_PROJECTS: Final = 8  # the most valuable; their pairs take a solve each
_MILLION: Final = "million USD"

COLUMNS: Final = (
    ResultColumn("first", "One project"),
    ResultColumn("second", "Another"),
    ResultColumn(
        "interaction",
        "V(both) − V(first) − V(second) + V(neither), all other projects on offer as they are: above 0 they help each "
        "other, below 0 each can do the other's work or takes its money",
        _MILLION,
        "money",
    ),
    ResultColumn("at_least", "Least that it can be: searches over whole units leave a gap", _MILLION, "money"),
    ResultColumn("at_most", "Most that it can be", _MILLION, "money"),
    ResultColumn("kind", "complements, substitutes, or independent within what the searches can tell"),
)


def interaction(optima: Optima, a: int, b: int) -> dict[str, Any]:
    """The row of a pair."""
    only_b, only_a = optima.ask(without=[a]), optima.ask(without=[b])
    found = difference([optima.today, optima.ask(without=[a, b])], [only_a, only_b])
    return {
        "first": optima.names[a],
        "second": optima.names[b],
        "interaction": found.value,
        "at_least": found.least if optima.whole else float("nan"),
        "at_most": found.most if optima.whole else float("nan"),
        "kind": _kind(found, optima.near),
    }


def _kind(found: Difference, near: float) -> str:
    if math.isnan(found.value):
        return "without one of them there is no plan"
    if found.least > near or found.most < -near:
        return "complements" if found.least > near else "substitutes"
    return "independent" if found.most - found.least <= 4 * near else "not told apart"
