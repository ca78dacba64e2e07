"""Points of the unit cube: where in their ranges the inputs of each run lie.

Every function takes a random generator, so that one seed gives one design whatever runs it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.analysis.designs.directions import DIRECTIONS
from model.case import FloatArray

BITS: Final = 30
LEVELS: Final = 4  # of Morris' grid
JUMP: Final = LEVELS / (2 * (LEVELS - 1))  # two thirds of the range, so that every level is as likely


def latin_hypercube(random: np.random.Generator, runs: int, inputs: int) -> FloatArray:
    """Each input once in each of ``runs`` equal parts of its range, in random order; shape (runs, inputs).

    M. D. McKay, R. J. Beckman, W. J. Conover (1979), Technometrics 21(2), 239-245.
    """
    order = np.argsort(random.random((runs, inputs)), axis=0)
    return np.asarray((order + random.random((runs, inputs))) / runs, dtype=np.float64)


def correlated(random: np.random.Generator, points: FloatArray, correlation: FloatArray) -> FloatArray:
    """The same values of each input, put in an order that has the rank correlations asked for.

    Scores of a normal distribution get the correlations exactly, and each input the ranks of its scores: R. L. Iman
    and W. J. Conover (1982), Communications in Statistics B 11(3), 311-334.
    """
    from statistics import NormalDist

    runs, inputs = points.shape
    normal = NormalDist()
    score = np.array([normal.inv_cdf(i / (runs + 1)) for i in range(1, runs + 1)])
    scores = np.column_stack([score[np.argsort(random.random(runs))] for _ in range(inputs)])
    # what correlation the shuffled scores have by chance is taken out first
    present = np.linalg.cholesky(np.corrcoef(scores, rowvar=False).reshape(inputs, inputs))
    # rank correlation ρ of normal variables belongs to their correlation 2·sin(ρ·π/6)
    wanted = 2.0 * np.sin(correlation * np.pi / 6.0)
    np.fill_diagonal(wanted, 1.0)
    shaped = scores @ np.linalg.inv(present).T @ _root(wanted).T
    ranks = np.argsort(np.argsort(shaped, axis=0), axis=0)
    return np.take_along_axis(np.sort(points, axis=0), ranks, axis=0)


def _root(matrix: FloatArray) -> FloatArray:
    """A matrix whose square is the given one; the sine can take a hair off a matrix that only just exists."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)), dtype=np.float64)


def trajectories(random: np.random.Generator, count: int, inputs: int) -> FloatArray:
    """Paths on which each step moves one input by JUMP of its range; shape (count · (inputs + 1), inputs).

    M. D. Morris (1991), Factorial sampling plans for preliminary computational experiments, Technometrics 33(2),
    161-174.
    """
    paths = []
    for _ in range(count):
        start = random.integers(0, LEVELS // 2, inputs) / (LEVELS - 1)
        upwards = random.random(inputs) < 0.5
        path = np.repeat(np.where(upwards, start, start + JUMP)[None, :], inputs + 1, axis=0)
        for step, i in enumerate(random.permutation(inputs).tolist()):
            path[step + 1 :, i] += JUMP if upwards[i] else -JUMP
        paths.append(path)
    return np.asarray(np.clip(np.concatenate(paths), 0.0, 1.0), dtype=np.float64)


def saltelli(random: np.random.Generator, base: int, inputs: int) -> FloatArray:
    """Runs for Sobol' indices: per base point A, B, and A with one input of B each; (base · (inputs + 2), inputs).

    A. Saltelli et al. (2010), Computer Physics Communications 181(2), 259-270, table 2.
    """
    points = sobol_sequence(random, base, 2 * inputs)
    first, second = points[:, :inputs], points[:, inputs:]
    blocks = np.repeat(first[:, None, :], inputs + 2, axis=1)
    blocks[:, 1] = second
    for i in range(inputs):
        blocks[:, 2 + i, i] = second[:, i]
    return blocks.reshape(base * (inputs + 2), inputs)


def sobol_sequence(random: np.random.Generator, count: int, dimensions: int) -> FloatArray:
    """The first points of a scrambled Sobol' sequence, best where ``count`` is a power of two.

    Direction numbers by Joe and Kuo; scrambled by random lower triangular matrices and a digital shift (J. Matoušek
    (1998), On the L2-discrepancy for anchored boxes, Journal of Complexity 14(4), 527-556).
    """
    if dimensions > len(DIRECTIONS) + 1:
        raise ValueError(f"{dimensions} dimensions; there are direction numbers for {len(DIRECTIONS) + 1}")
    index = np.arange(count, dtype=np.int64)
    found = np.empty((count, dimensions))
    for d in range(dimensions):
        vectors = _scrambled(random, direction_vectors(d))
        bits = np.full(count, random.integers(0, 1 << BITS), dtype=np.int64)
        for k in range(max(1, int(count - 1).bit_length())):
            bits ^= np.where((index >> k) & 1, vectors[k], 0)
        found[:, d] = (bits + random.random(count)) / (1 << BITS)
    return found


def direction_vectors(dimension: int) -> NDArray[np.int64]:
    """Direction numbers of one dimension (0 = the first) as binary fractions of BITS bits, unscrambled."""
    if dimension == 0:
        return np.array([1 << (BITS - 1 - k) for k in range(BITS)], dtype=np.int64)
    polynomial, *first = DIRECTIONS[dimension - 1]
    degree = polynomial.bit_length() - 1
    numbers = [number << (BITS - 1 - k) for k, number in enumerate(first)]
    for k in range(degree, BITS):
        number = numbers[k - degree] ^ (numbers[k - degree] >> degree)
        for j in range(1, degree):
            if (polynomial >> (degree - j)) & 1:
                number ^= numbers[k - j]
        numbers.append(number)
    return np.array(numbers, dtype=np.int64)


def _scrambled(random: np.random.Generator, vectors: NDArray[np.int64]) -> NDArray[np.int64]:
    """The vectors times a random lower triangular matrix with ones on its diagonal."""
    found = np.zeros_like(vectors)
    for row in range(BITS):
        above = int(random.integers(0, 1 << row)) if row else 0
        mask = (above << (BITS - row)) | (1 << (BITS - 1 - row))
        parity = np.array([bin(v & mask).count("1") & 1 for v in vectors.tolist()], dtype=np.int64)
        found |= parity << (BITS - 1 - row)
    return found
