"""Periods must follow each other without gaps."""

from __future__ import annotations

from model.workbook.draft import Draft

TOLERANCE = 1e-3  # twelve twelfths typed as 0.083


def check_periods(draft: Draft) -> None:
    """Periods of one calendar year fill it, and the next year begins where the last period ends.

    Whole years (or several) follow each other; the first and the last year may be covered in part, as a study may
    begin in October and end in March.
    """
    data = draft["Periods"]
    year, years = data.numbers["year"][:, 0], data.numbers["years"][:, 0]
    if not len(data) or data.bad:
        return
    filled = 0.0
    for row in range(len(data)):
        if row == 0:
            filled = float(years[0])
            continue
        gap = float(year[row] - year[row - 1])
        if gap < 0:
            draft.fault(("Periods", row, "year"), f"a year not before that of the period above ({year[row - 1]:g})")
            return
        if gap == 0:
            filled += float(years[row])
            if filled > 1 + TOLERANCE * (row + 1):
                hint = f"With it the periods of {year[row]:g} are {filled:.4g} years long."
                draft.fault(("Periods", row, "years"), "periods of one year that are together no longer than it", hint)
                return
            continue
        first_year = year[row - 1] == year[0]
        short = filled < gap - TOLERANCE * (row + 1)
        if filled > gap + TOLERANCE * (row + 1) or (short and not (first_year and filled < 1 and gap == 1)):
            due = float(year[row - 1]) + max(filled, 1.0)
            hint = f"The periods of {year[row - 1]:g} are {filled:.4g} years long, so the next year is {due:.4g}."
            draft.fault(("Periods", row, "year"), "a year that follows without a gap", hint)
            return
        filled = float(years[row])
