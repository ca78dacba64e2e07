"""Sensitivity indices against published ones, and what a failed run does to them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from model.analysis.batch.design import Design
from model.analysis.designs.analyse import analyse
from model.analysis.designs.indices import RESAMPLES, Interval, morris_effects, rank_correlation, sobol_indices
from model.analysis.designs.kinds import design_for
from model.analysis.designs.sampling import (
    BITS,
    direction_vectors,
    latin_hypercube,
    saltelli,
    sobol_sequence,
    trajectories,
)
from model.case import FloatArray
from tests.cases import read
from tests.design_runs import two_roads, vary


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def ishigami(shares: FloatArray) -> FloatArray:
    x = np.pi * (2 * shares - 1)
    return np.asarray(np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0]))


G = np.array([0, 1, 4.5, 9, 99, 99, 99, 99])


def g_function(shares: FloatArray) -> FloatArray:
    return np.asarray(np.prod((np.abs(4 * shares - 2) + G) / (1 + G), axis=1))


def morris_function(shares: FloatArray) -> FloatArray:
    """The function of Morris (1991), section 4, its small random coefficients left at 0."""
    w = 2 * (shares - 0.5)
    for i in (2, 4, 6):
        w[:, i] = 2 * (1.1 * shares[:, i] / (shares[:, i] + 0.1) - 0.5)
    total = 20 * w[:, :10].sum(axis=1)
    for order, among, factor in ((2, 6, -15), (3, 5, -10), (4, 4, 5)):
        for some in combinations(range(among), order):
            total = total + factor * np.prod(w[:, some], axis=1)
    return total


def covers(found: Interval, truth: list[float]) -> list[bool]:
    return ((found.low <= truth) & (truth <= found.high)).tolist()


def test_the_indices_of_ishigami_are_those_published() -> None:
    """T. Ishigami and T. Homma (1990): first 0.3139, 0.4424, 0; total 0.5576, 0.4424, 0.2437."""
    first, total = sobol_indices(ishigami(saltelli(random(), 2048, 3)).reshape(-1, 5), random())
    assert first.estimate == pytest.approx([0.3139, 0.4424, 0], abs=0.02)
    assert total.estimate == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)
    assert all(covers(first, [0.3139, 0.4424, 0]) + covers(total, [0.5576, 0.4424, 0.2437]))


def test_the_indices_of_the_g_function_are_those_published() -> None:
    """I. M. Sobol' (1993), with V[i] = 1 ÷ (3·(1 + a[i])²): the product form gives all indices."""
    parts = 1 / (3 * (1 + G) ** 2)
    whole = np.prod(1 + parts) - 1
    found = sobol_indices(g_function(saltelli(random(), 2048, 8)).reshape(-1, 10), random())
    assert found[0].estimate == pytest.approx(parts / whole, abs=0.02)
    assert found[1].estimate == pytest.approx(parts * np.prod(1 + parts) / (1 + parts) / whole, abs=0.02)
    assert parts[:2] / whole == pytest.approx([0.7165, 0.1791], abs=1e-3)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """95 % intervals of the three total indices of Ishigami over 40 seeds: 114 of 120 expected."""
    truth = [0.5576, 0.4424, 0.2437]
    hits = []
    for seed in range(40):
        results = ishigami(saltelli(random(seed), 128, 3)).reshape(-1, 5)
        hits += covers(sobol_indices(results, random(seed))[1], truth)
    assert 0.9 <= np.mean(hits) <= 1.0


def test_morris_ranks_the_function_of_morris() -> None:
    """Inputs 8 to 10 add 20·w = 40·x and no more, 11 to 20 do nothing; 1 to 7 are curved or act with others.

    Input 7 alone, from 0 to 2/3 of its range or from 1/3 to 1: 20·2·1.1·x ÷ (x + 0.1).
    """
    paths = 60
    shares = trajectories(random(), paths, 20)
    effects = morris_effects(morris_function(shares.copy()).reshape(paths, 21), shares.reshape(paths, 21, 20), random())
    assert effects.mean[7:10] == pytest.approx([40] * 3)
    assert effects.spread[7:10] == pytest.approx([0] * 3, abs=1e-9)
    assert effects.absolute.estimate[10:] == pytest.approx([0] * 10)
    assert (effects.spread[:7] > 10).all()
    assert (effects.absolute.estimate[:10] > 20).all()
    low, high = (44 * (x + 2 / 3) / (x + 2 / 3 + 0.1) - 44 * x / (x + 0.1) for x in (0, 1 / 3))
    share_low = (effects.mean[6] - 1.5 * high) / (1.5 * (low - high))
    assert 0 < share_low < 1
    assert effects.count.tolist() == [paths] * 20


def test_a_step_moves_one_input_by_two_thirds_of_its_range() -> None:
    shares = trajectories(random(3), 50, 4).reshape(50, 5, 4)
    moved = np.diff(shares, axis=1)
    assert ((np.abs(moved) > 1e-9).sum(axis=2) == 1).all()
    assert np.abs(moved).max(axis=2) == pytest.approx(np.full((50, 4), 2 / 3))
    assert shares.min() >= 0
    assert shares.max() <= 1
    assert set(np.round(shares.ravel() * 3).astype(int).tolist()) == {0, 1, 2, 3}


def test_a_sobol_sequence_puts_one_point_in_each_part() -> None:
    points = sobol_sequence(random(), 256, 64)
    for column in points.T:
        assert sorted(np.floor(256 * column).astype(int).tolist()) == list(range(256))
    # in each pair of the first dimensions every 16th by 16th square holds one of 256 points
    for i, j in combinations(range(2), 2):
        squares = set(zip(np.floor(16 * points[:, i]).tolist(), np.floor(16 * points[:, j]).tolist(), strict=True))
        assert len(squares) == 256
    with pytest.raises(ValueError, match="65 dimensions; there are direction numbers for 64"):
        sobol_sequence(random(), 8, 65)


def test_direction_numbers_follow_their_polynomial() -> None:
    """Joe and Kuo's recurrence m4 = 2·a1·m3 ^ 4·a2·m2 ^ 8·m1 ^ m1 for the two polynomials of degree 3.

    x³ + x + 1 (a1 = 0, a2 = 1) with m = 1, 3, 1: 12 ^ 8 ^ 1 = 5; x³ + x² + 1 (1, 0) with m = 1, 1, 1: 2 ^ 8 ^ 1 = 11.
    """
    assert [int(direction_vectors(d)[3]) >> (BITS - 4) for d in (3, 4)] == [5, 11]


def test_a_sobol_sequence_integrates_better_than_a_latin_hypercube() -> None:
    """The mean of the g-function is 1."""
    error = {
        name: np.mean([abs(g_function(make(random(seed), 512, 8)).mean() - 1) for seed in range(20)])
        for name, make in (("sobol", sobol_sequence), ("latin", latin_hypercube))
    }
    assert error["sobol"] < 0.5 * error["latin"]


def test_an_input_without_effect_and_a_result_without_variance() -> None:
    first, total = sobol_indices(np.full((64, 5), 3.0), random())
    assert np.isnan(first.estimate).all()
    assert np.isnan(total.estimate).all()
    results = saltelli(random(), 256, 3)[:, 0].reshape(-1, 5)
    first, total = sobol_indices(results, random())
    assert first.estimate == pytest.approx([1, 0, 0], abs=0.02)
    assert total.estimate[1:].tolist() == [0, 0]
    assert RESAMPLES == 500


def test_rank_correlation_takes_ties_by_their_mean_rank() -> None:
    """Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5 ÷ √(4.5 · 5)."""
    assert rank_correlation(np.array([1, 2, 2, 5.0]), np.array([0, 1, 2, 9.0])) == pytest.approx(4.5 / 22.5**0.5)
    assert np.isnan(rank_correlation(np.ones(3), np.arange(3.0)))


# ---- failed runs


def made(kind: str, failed: list[int], runs: int) -> tuple[Design, pd.DataFrame]:
    """A design of two inputs with results 3·x + y; some runs, numbered from 0, have no plan."""
    ranges = [vary(name, f"Links:{name}:tariff", "set", 0, 1) for name in ("north", "south")]
    design = design_for(read(two_roads(*ranges)), kind, runs=runs)
    value = 3 * design.points[:, 0] + design.points[:, 1]
    value[failed] = np.nan
    status = ["infeasible" if run in failed else "optimal" for run in range(len(design))]
    return design, pd.DataFrame({"run": range(len(design)), "status": status, "value": value})


def test_a_failed_run_takes_its_own_steps_from_morris_and_no_more() -> None:
    """The middle run of the first path ends one step and begins the other: both inputs lose one of ten steps."""
    tables = analyse(*made("morris", [1], 30))
    table = tables["Morris"].set_index("input")
    assert table["absolute_effect"].to_dict() == pytest.approx({"north": 3, "south": 1})
    assert table["steps"].to_dict() == {"north": 9, "south": 9}
    assert table["steps_left_out"].to_dict() == {"north": 1, "south": 1}
    runs = tables["Runs"].set_index("status")
    assert runs["runs"].to_dict() == {"optimal": 29, "infeasible": 1}
    assert runs["treatment"]["infeasible"] == "left out with the steps that lead to it and from it"


def test_a_failed_run_takes_its_base_point_from_sobol_and_no_more() -> None:
    """Variances of 3·x and y are as 9 to 1. Runs 0 and 3 are of one point, run 9 of another."""
    design, frame = made("sobol", [0, 3, 9], 4 * 512)
    table = analyse(design, frame)["Sobol"].set_index("input")
    assert (table["points"].tolist(), table["points_left_out"].tolist()) == ([510] * 2, [2] * 2)
    assert table["first"].to_dict() == pytest.approx({"north": 0.9, "south": 0.1}, abs=0.01)
    assert table["total"].to_dict() == pytest.approx({"north": 0.9, "south": 0.1}, abs=0.01)
    whole = frame["value"].to_numpy().reshape(-1, 4)[np.isfinite(frame["value"].to_numpy().reshape(-1, 4)).all(axis=1)]
    assert table["first"].tolist() == sobol_indices(whole, random(1))[0].estimate.tolist()


def test_no_indices_where_most_points_are_not_whole() -> None:
    tables = analyse(*made("sobol", [*range(0, 4 * 8, 4), 1], 4 * 8))
    assert "Sobol" not in tables
    assert tables["Runs"]["runs"].tolist() == [9, 23]
    assert "no indices" in tables["Runs"]["treatment"].iloc[0]


def test_a_sample_of_failed_runs_only_gives_no_tables_but_their_count() -> None:
    design, frame = made("sample", list(range(10)), 10)
    assert list(analyse(design, frame)) == ["Runs"]
    with pytest.raises(ValueError, match="the design has 10 runs, the frame 9"):
        analyse(design, frame.iloc[:-1])
