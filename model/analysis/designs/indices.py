"""Sensitivity indices: Morris' elementary effects and Sobol' shares of variance, with bootstrap intervals.

Every function takes whole results only: a failed run must be left out before, with all that depends on it, for one
missing number would spoil every sum that it enters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from model.case import FloatArray

RESAMPLES: Final = 500
INSIDE: Final = 0.95  # of the bootstrap's results


@dataclass(frozen=True)
class Interval:
    """An estimate of each input with the ends of its 95 % bootstrap interval, each of shape (inputs,)."""

    estimate: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True)
class Effects:
    """Of each input: mean effect over its whole range, mean absolute effect, spread of effects, and their number."""

    mean: FloatArray
    absolute: Interval
    spread: FloatArray
    count: FloatArray


def sobol_indices(results: FloatArray, random: np.random.Generator) -> tuple[Interval, Interval]:
    """First-order and total shares of the variance of a result.

    results  shape (base points, inputs + 2): at A, at B, and at A with one input of B each

        first[i] = mean((f(B) − m)·(f(AB[i]) − f(A))) / V     (Saltelli et al. 2010, equation b of table 2, centred)
        total[i] = mean((f(A) − f(AB[i]))²) / 2V              (Jansen 1999, equation f of table 2)

    with m and V the mean and the variance of all f(A) and f(B). Intervals resample base points. NaN where V is 0.
    """
    points = len(results)
    first, total = _indices(results[None])
    chosen = random.integers(0, points, (RESAMPLES, points))
    again = [_indices(results[rows][None]) for rows in chosen]
    firsts, totals = (np.concatenate([pair[k] for pair in again]) for k in (0, 1))
    return _interval(first[0], firsts), _interval(total[0], totals)


def _indices(results: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both indices of each sample, shape (samples, inputs), from results of shape (samples, points, inputs + 2)."""
    a, b, mixed = results[..., 0], results[..., 1], results[..., 2:]
    both = np.concatenate([a, b], axis=-1)
    mean = both.mean(axis=-1)
    # what a solver's last digits differ by is no variance
    variance = both.var(axis=-1)
    variance = np.where(variance > 1e-18 * np.maximum(1.0, mean**2), variance, np.nan)[..., None]
    moved = mixed - a[..., None]
    first = ((b - mean[..., None])[..., None] * moved).mean(axis=-2) / variance
    total = (moved**2).mean(axis=-2) / (2.0 * variance)
    return first, total


def _interval(estimate: FloatArray, samples: FloatArray) -> Interval:
    tail = 100.0 * (1.0 - INSIDE) / 2.0
    with np.errstate(invalid="ignore"):
        low, high = np.percentile(samples, [tail, 100.0 - tail], axis=0)
    return Interval(estimate, low, high)


def morris_effects(results: FloatArray, shares: FloatArray, random: np.random.Generator) -> Effects:
    """Elementary effects of each input: what a result changes per whole range of the input, one step at a time.

    results  shape (paths, inputs + 1); NaN where a run failed: the one or two steps that it ends are left out
    shares   shape (paths, inputs + 1, inputs): where in its range each input lies

        effect = (f(after) − f(before)) / (share after − share before)

    M. D. Morris (1991); the mean absolute effect by F. Campolongo, J. Cariboni, A. Saltelli (2007), Environmental
    Modelling & Software 22(10), 1509-1518. NaN where no step of an input is left; the spread takes two.
    """
    moved = np.diff(shares, axis=1)
    which = np.argmax(np.abs(moved), axis=2)
    size = np.take_along_axis(moved, which[..., None], axis=2)[..., 0]
    effects = np.diff(results, axis=1) / size
    by_input = [effects[which == i] for i in range(shares.shape[2])]
    kept = [one[np.isfinite(one)] for one in by_input]
    return Effects(
        mean=np.array([one.mean() if len(one) else np.nan for one in kept]),
        absolute=_mean_with_interval([np.abs(one) for one in kept], random),
        spread=np.array([one.std(ddof=1) if len(one) > 1 else np.nan for one in kept]),
        count=np.array([float(len(one)) for one in kept]),
    )


def _mean_with_interval(values: list[FloatArray], random: np.random.Generator) -> Interval:
    """Mean of each input's values with its bootstrap interval."""
    found = []
    for one in values:
        if len(one):
            again = one[random.integers(0, len(one), (RESAMPLES, len(one)))].mean(axis=1)
            found.append(_interval(np.array([one.mean()]), again[:, None]))
        else:
            nothing = np.array([np.nan])
            found.append(Interval(nothing, nothing, nothing))
    return Interval(*(np.concatenate([getattr(one, part) for one in found]) for part in ("estimate", "low", "high")))


def rank_correlation(one: FloatArray, other: FloatArray) -> float:
    """Spearman's rank correlation, ties by their mean rank; NaN where either is the same throughout."""
    a, b = _ranks(one), _ranks(other)
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def _ranks(values: FloatArray) -> FloatArray:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2.0)[place], dtype=np.float64)
