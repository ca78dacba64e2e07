"""Probabilities of scenarios: of all that a plain run solves, or of none, and one in all."""

from __future__ import annotations

from typing import Final

import numpy as np

from model.workbook.draft import Draft
from model.workbook.references import BASE

ROUNDING: Final = 1e-6  # three thirds written as 0.3333333 are one


def check_probabilities(draft: Draft) -> None:
    """The scenarios marked run have probabilities that add up to one, or none of them has any."""
    data = draft["Scenarios"]
    column = data.numbers["probability"][:, 0]
    if np.isnan(column).all() or any(name in ("probability", "run", "scenario") for _, name in data.bad):
        return
    run = np.array([word is True for word in data.words["run"]], dtype=bool)
    missing = np.flatnonzero(run & np.isnan(column)).tolist()
    for row in missing:
        hint = "Write 0 to leave it out of expected values, or leave all blank: a plan by regret needs none."
        draft.fault(("Scenarios", row, "probability"), "a probability, since other scenarios have one", hint)
    if BASE not in data.position:
        needs = f"needs a row for {BASE!r}, which is run as well, since other scenarios have a probability"
        hint = f"Give {BASE!r} a probability, 0 to leave it out of expected values, or no in the column run."
        draft.fault(("Scenarios", None, "probability"), needs, hint)
        return
    total = float(column[run].sum())
    if not missing and run.any() and abs(total - 1) > ROUNDING:
        letter = data.raw.letters["probability"]
        cells = [f"{letter}{data.raw.rows[row][0]} = {column[row]:g}" for row in np.flatnonzero(run).tolist()]
        needs = f"probabilities of the scenarios marked run that add up to 1; these add up to {total:.6g}"
        draft.fault(("Scenarios", int(np.flatnonzero(run)[0]), "probability"), needs, f"They are {', '.join(cells)}.")
