"""Movies' factors and biases as training leaves them, for lessons that look at what has been learned.

Plain gradient descent on mean + biases + dot product, with weight decay, each user's and movie's slope the
mean over its ratings. Every sum is in a fixed order and the weights are rounded, so that they are the same on
every machine.
"""

from __future__ import annotations

import numpy as np

from sheetsim.lessons.collab.ratings import Numbers, Ratings
from sheetsim.lessons.kit.park_miller import Draws

STEPS, LR, WEIGHT_DECAY = 400, 0.3, 0.1
DIGITS = 4


def trained_movies(ratings: Ratings, factors: int, seed: int) -> tuple[Numbers, Numbers]:
    """The movies' factors [movies, factors] and biases [movies], in the order of their ids."""
    rows = [np.unique(ids, return_inverse=True)[1] for ids in (ratings.user, ratings.movie)]
    counts = [np.bincount(row).astype(np.float64) for row in rows]
    draws = Draws(seed)
    weights = [draws.uniform(len(count) * factors).reshape(-1, factors) - 0.5 for count in counts]
    biases = [np.zeros(len(count)) for count in counts]
    mean = np.cumsum(ratings.rating)[-1] / len(ratings)
    for _ in range(STEPS):
        own = [weight[row] for weight, row in zip(weights, rows, strict=True)]
        predicted = mean + biases[0][rows[0]] + biases[1][rows[1]]
        for k in range(factors):
            predicted = predicted + own[0][:, k] * own[1][:, k]
        error = predicted - ratings.rating
        for side, (row, count) in enumerate(zip(rows, counts, strict=True)):
            other = own[1 - side]
            slopes = [np.bincount(row, error * other[:, k]) / count for k in range(factors)]
            decay = WEIGHT_DECAY * weights[side]
            weights[side] = weights[side] - LR * (np.column_stack(slopes) + decay)
            by_bias = np.bincount(row, error) / count + WEIGHT_DECAY * biases[side]
            biases[side] = biases[side] - LR * by_bias
    return np.round(weights[1], DIGITS), np.round(biases[1], DIGITS)
