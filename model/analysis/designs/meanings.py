"""What the tables of designs hold: the question of each table and the meaning of each column, told once."""

from __future__ import annotations

import re
from typing import Final

from model.results.declare import Format

QUESTIONS: Final = {
    "Runs": "How many runs have an optimum, and what became of the others?",
    "Tornado": "What does the value become when one input alone goes to its low and to its high end?",
    "Switches": "At which value of an input, all others as they stand, does another corridor carry most?",
    "Spread": "How uncertain are value and exports, given how uncertain the inputs are?",
    "Export quantiles": "Within which bounds do the exports over each corridor lie?",
    "Leading corridors": "How often does each corridor carry most?",
    "Inputs": "With which inputs does the value go up and down?",
    "Morris": "Which inputs matter, and which of them by curves or together with others?",
    "Sobol": "Which share of the variance comes from each input, alone and with others?",
    "Outages": "What is lost when one corridor fails, and where does its volume go?",
    "Outage pairs": "What is lost when two of the worst fail together, beyond what each loses alone?",
    "Scenarios": "How do the scenarios compare?",
    "Causes": "Why have runs no plan? Numbers that cannot all hold, as they stand in the first run with that cause.",
}

_COLUMNS: Final[dict[str, tuple[str, Format]]] = {
    "status": ("How the solver ended; only an optimum has a value", "text"),
    "runs": ("Number of runs", "year"),
    "share": ("Share of all runs", "share"),
    "treatment": ("What became of these runs in the tables", "text"),
    "cause": ("Number of the cause, the most frequent first", "year"),
    "runs_with_it": ("Runs that have this cause, of those that were searched", "year"),
    "runs_searched": ("Infeasible runs that were searched for causes, from all over the batch", "year"),
    "first_run": ("The first run that has it", "year"),
    "first_label": ("What that run is", "text"),
    "contradiction": ("The user's own numbers that cannot all hold, with their cells", "text"),
    "repair": ("The smallest change that mends it, in that run", "text"),
    "input": ("Input: a group of ranges, or a range that moves alone", "text"),
    "range": ("Row of the sheet Ranges", "text"),
    "at_low": ("What the sheet Ranges gives as low", "text"),
    "at_high": ("What the sheet Ranges gives as high", "text"),
    "value_low": ("Value with the input at its low end, million USD, discounted", "money"),
    "value_present": ("Value of the case as it stands, million USD, discounted", "money"),
    "value_high": ("Value with the input at its high end, million USD, discounted", "money"),
    "swing": ("Highest less lowest of the three values, million USD", "money"),
    "family": ("Kind of commodity", "text"),
    "at": ("Value at which the lead changes", "number"),
    "meaning_of_at": ("Whether 'at' is set, added or multiplied with; of a group the share of the way to high", "text"),
    "from_corridor": ("Corridor that carries most below 'at', over all periods; blank where nothing flows", "text"),
    "to_corridor": ("Corridor that carries most above 'at'", "text"),
    "output": ("What is looked at: the value (million USD), or a corridor's volume over all periods", "text"),
    "mean": ("Mean over the runs", "number"),
    "deviation": ("Standard deviation over the runs", "number"),
    "least": ("Lowest of all runs", "number"),
    "most": ("Highest of all runs", "number"),
    "corridor": ("Link or pipeline over which the commodity leaves its country", "text"),
    "second": ("The other corridor that fails at the same time", "text"),
    "period": ("Period", "text"),
    "rank_correlation": ("Spearman's rank correlation with the value, −1 to 1", "number"),
    "mean_effect": ("Mean effect of the whole range on the output", "number"),
    "absolute_effect": ("Mean of the effects without their signs: how much the input matters", "number"),
    "absolute_low": ("Lower end of its 95 % bootstrap interval", "number"),
    "absolute_high": ("Upper end of its 95 % bootstrap interval", "number"),
    "spread_of_effects": ("Standard deviation of the effects: curves, or effects that depend on others", "number"),
    "steps": ("Steps from which the effects come", "year"),
    "steps_left_out": ("Steps left out since a run at one of their ends failed", "year"),
    "first": ("Share of the variance that the input causes alone", "share"),
    "first_low": ("Lower end of its 95 % bootstrap interval", "share"),
    "first_high": ("Upper end of its 95 % bootstrap interval", "share"),
    "total": ("Share of the variance that the input takes part in; near 0 it may be fixed", "share"),
    "total_low": ("Lower end of its 95 % bootstrap interval", "share"),
    "total_high": ("Upper end of its 95 % bootstrap interval", "share"),
    "points": ("Base points from which the shares come", "year"),
    "points_left_out": ("Base points left out since one of their runs failed", "year"),
    "span": ("Periods in which the corridors are out", "text"),
    "value_lost": ("Value lost against the case as it stands, million USD, discounted", "money"),
    "lost_alone": ("Sum of what each outage alone loses, million USD", "money"),
    "lost_together": ("Loss of the pair beyond that: each was the other's way out", "money"),
    "lost_per_day": ("Loss per day of outage, million USD of the day's own money", "number"),
    "lost_per_unit": (
        "Loss per unit of their exports before, USD per t or 1000 m³; blank where they carry more than exports",
        "price",
    ),
    "volume_out": ("Volume that the failed corridors no longer carry in the span", "volume"),
    "rerouted": ("Net volume that other corridors carry instead", "volume"),
    "not_exported": ("Volume that no longer leaves in the span", "volume"),
    "unit": ("Unit of the row's volumes", "text"),
    "where_to": ("Corridors whose volume changes most", "text"),
    "scenario": ("Scenario", "text"),
    "value": ("Value, million USD, discounted", "money"),
    "against_first": ("Value less that of the first scenario, million USD", "money"),
    "largest_changes": ("Corridors whose volume over all periods changes most against the first scenario", "text"),
}


def meaning_of(column: str) -> tuple[str, Format]:
    """Meaning and number format of a column; KeyError where it is not told."""
    quantile = re.fullmatch(r"p(\d\d)", column)
    if quantile:
        return f"{int(quantile[1])} % of the runs lie below", "number"
    leading = re.fullmatch(r"leading_(.+)_(low|present|high)", column)
    if leading:
        where = {"low": "at the low end", "present": "as it stands", "high": "at the high end"}[leading[2]]
        return f"Corridor that carries most {leading[1]}, {where}", "text"
    return _COLUMNS[column]
