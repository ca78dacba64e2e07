"""A design is a list of runs; what does not fit together is refused when it is made."""

from __future__ import annotations

import numpy as np
import pytest

from model.analysis.batch.design import Design, listed


def test_a_list_names_its_runs_in_order() -> None:
    design = listed([{"Links:pipe:tariff": 3.0}, {}])
    assert (design.kind, len(design)) == ("list", 2)
    assert design.labels == ("run 1", "run 2")
    assert design.scenarios == ("base", "base")
    assert listed([{}], ["as it stands"]).labels == ("as it stands",)


def test_one_label_and_scenario_per_run() -> None:
    with pytest.raises(ValueError, match="2 runs, 1 labels and 2 scenarios"):
        Design("list", ({}, {}), ("one",), ("base", "base"))


def test_points_are_runs_by_factors() -> None:
    with pytest.raises(ValueError, match=r"shape \(1, 2\); needed is \(runs, factors\) = \(2, 2\)"):
        Design("grid", ({}, {}), ("a", "b"), ("base", "base"), ("x", "y"), np.zeros((1, 2)))
