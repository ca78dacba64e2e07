"""Make-up by vintage: which shortfall may be made up when, and which years must choose between the two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.case import Case, FloatArray

Triple = tuple[int, int, int]


def contract_first(case: Case, years: Sequence[int]) -> list[int]:
    """Position of the first period of each contract year, by which its price is taken."""
    return [int(np.argmax(case.year == year)) for year in years]


def make_up_triples(cases: Sequence[Case], years: Sequence[int]) -> tuple[Triple, ...]:
    """(contract, year short, year of make-up) by position, within the longest make-up time of any scenario."""
    longest = np.max([_spans(case) for case in cases], axis=0)
    return tuple(
        (c, v, w)
        for c, span in enumerate(longest.tolist())
        for v, short in enumerate(years)
        for w, later in enumerate(years)
        if 0 < later - short <= span
    )


def choosing_years(cases: Sequence[Case], years: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """(contract, year) where being short and making up at once would pay, so that a whole number must forbid it.

    Falling short again by what is made up turns an old shortfall into a new one. That is worth something where the old
    one would expire before a year in which it can be made up, or where the new one is cheaper than what comes back;
    everywhere else it changes nothing and the tie-break leaves it out.
    """
    found = {pair for case in cases for pair in _choosing(case, years)}
    return tuple(sorted(found))


def _choosing(case: Case, years: Sequence[int]) -> list[tuple[int, int]]:
    price = case.number("Contracts", "shortfall_price")[:, contract_first(case, years)]
    found = []
    for c, span in enumerate(_spans(case).tolist()):
        for w, now in enumerate(years):
            before = [u for u, year in enumerate(years) if 0 < now - year <= span]
            later = [year for year in years if 0 < year - now <= span]
            expires = any(year - years[u] > span for u in before for year in later)
            cheaper = any(price[c, w] < price[c, u] for u in before)
            if expires or cheaper:
                found.append((c, w))
    return found


def _spans(case: Case) -> FloatArray:
    return np.asarray(case.number("Contracts", "make_up_years").max(axis=1, initial=0))
