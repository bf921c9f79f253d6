"""Made-up ratings whose structure is known, of MovieLens' shape: to see whether training finds it again.

known = known_ratings(seed=1)                943 users, 1,682 movies, 100,000 ratings
known.ratings, known.noise, known.clean
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sheetsim.lessons.collab.ratings import Numbers, Ratings, sorted_ratings

MEAN = 3.5
ACTIVITY, POPULARITY = 0.9, 1.5  # of the logarithms: a few users and movies have most of the ratings
SPREADS = {"user": 0.35, "movie": 0.5}  # of the biases
TASTE = 0.4  # the standard deviation of the dot products


@dataclass(frozen=True, slots=True)
class Known:
    """Ratings, and what they are without the noise, whose standard deviation is `noise`."""

    ratings: Ratings
    clean: Numbers
    noise: float


def known_ratings(
    seed: int = 1,
    *,
    users: int = 943,
    movies: int = 1682,
    count: int = 100_000,
    factors: int = 2,
    noise: float = 0.9,
) -> Known:
    """Ratings = mean + biases + dot product of normal factors + normal noise, not rounded and on no scale.
    Which movie a user has rated is drawn without replacement, by activity times popularity."""
    random = np.random.default_rng(seed)
    activity = random.normal(0, ACTIVITY, users)
    popularity = random.normal(0, POPULARITY, movies)
    lot = activity[:, None] + popularity + random.gumbel(size=(users, movies))
    row, column = np.divmod(np.sort(np.argpartition(-lot.ravel(), count - 1)[:count]), movies)
    spread = np.sqrt(TASTE / np.sqrt(factors))
    u, m = (random.normal(0, spread, (size, factors)) for size in (users, movies))
    user_bias, movie_bias = (
        random.normal(0, SPREADS["user"], users),
        random.normal(0, SPREADS["movie"], movies),
    )
    clean = MEAN + user_bias[row] + movie_bias[column] + (u[row] * m[column]).sum(1)
    rating = clean + random.normal(0, noise, count)
    return Known(sorted_ratings(row + 1, column + 1, rating, {}), clean, noise)
