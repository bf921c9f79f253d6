"""Ratings of movies by users: a long table, and the crosstab that the lessons show.

ratings = default_ratings()                 our own: 15 users, 15 movies, 206 ratings
ratings = busiest(read_ratings("ml-100k/u.data"), 15, 15)           of reading.py
grid, users, movies, titles = crosstab(ratings)                     [15, 15], NaN where there is none
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.kit.park_miller import Draws

LOWEST, HIGHEST, STEP = 0.5, 5.0, 0.5  # MovieLens' scale

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ratings:
    """One rating a place, sorted by user, then movie; users and movies by their ids. `titles` of the movies
    that have one."""

    user: Integers
    movie: Integers
    rating: Numbers
    titles: dict[int, str]

    def __len__(self) -> int:
        return len(self.rating)

    def title(self, movie: int) -> str:
        """The movie's title, or its id in words."""
        return self.titles.get(movie) or f"movie {movie}"

    def where(self, kept: NDArray[np.bool_]) -> Ratings:
        """A part of the ratings."""
        return Ratings(self.user[kept], self.movie[kept], self.rating[kept], self.titles)


def sorted_ratings(user: Integers, movie: Integers, rating: Numbers, titles: dict[int, str]) -> Ratings:
    """Ratings from columns in any order."""
    order = np.lexsort((movie, user))
    return Ratings(user[order], movie[order], rating[order], titles)


def busiest(ratings: Ratings, users: int, movies: int) -> Ratings:
    """The ratings that the `users` most active users gave to the `movies` most rated movies, both counted
    in all ratings; of equals the lower id comes first."""
    chosen = [_most(ids, count) for ids, count in ((ratings.user, users), (ratings.movie, movies))]
    return ratings.where(np.isin(ratings.user, chosen[0]) & np.isin(ratings.movie, chosen[1]))


def _most(ids: Integers, count: int) -> Integers:
    each, times = np.unique(ids, return_counts=True)
    return each[np.lexsort((each, -times))[:count]]


def crosstab(ratings: Ratings) -> tuple[Numbers, Integers, Integers, list[str]]:
    """The ratings as a grid, a row a user and a column a movie, NaN where there is none; the users' and the
    movies' ids, ascending; the movies' titles."""
    users, row = np.unique(ratings.user, return_inverse=True)
    movies, column = np.unique(ratings.movie, return_inverse=True)
    grid = np.full((len(users), len(movies)), np.nan)
    grid[row, column] = ratings.rating
    return grid, users, movies, [ratings.title(movie) for movie in movies.tolist()]


# -- our own ratings

KINDS = 5
TITLES = (  # invented; the kinds (space, love, crime, family, comedy) take turns, so that no block shows them
    *("The Last Signal", "Letters from Lisbon", "Cold Harbour Lane", "The Clockwork Fox", "Two Left Shoes"),
    *("Orbit of Glass", "The Second Waltz", "The Quiet Locksmith", "Paper Boats", "The Wrong Wedding"),
    *("Moon Mutants II", "A Summer in Trieste", "Five Minutes to Midnight", "Grandma's Dragon", "Uncle Otto"),
)
LOVED, HATED = 3, 10  # The Clockwork Fox and Moon Mutants II, by nearly everyone


def default_ratings(seed: int = 1, users: int = 15, movies: int = 15, count: int = 206) -> Ratings:
    """Made-up ratings with visible tastes, from 1 to 5 in halves: each user loves one kind of film and cannot
    stand another, one film is loved by all and one by nobody. `count` is at least users + movies, so that
    each has a rating, and at most users * movies. More than 15 movies are sequels.
    """
    draws = Draws(seed)
    user_ids, movie_ids = (
        np.cumsum(3 + draws.below(45, size)).astype(np.int64) + 7 for size in (users, movies)
    )
    loved = draws.below(KINDS, users)
    shunned = (loved + 1 + draws.below(KINDS - 1, users)) % KINDS
    taste = np.zeros((users, KINDS))
    taste[np.arange(users), loved], taste[np.arange(users), shunned] = 1.3, -1.5
    mood = draws.uniform(users) - 0.5  # some users are kinder than others
    quality = draws.uniform(movies) - 0.4
    place = np.arange(movies) % len(TITLES)
    quality[place == LOVED], quality[place == HATED] = 1.5, -2.3
    swing = np.where((place == LOVED) | (place == HATED), 0.2, 1.0)  # where all agree, tastes count little
    noise = draws.uniform(users * movies).reshape(users, movies) - 0.5
    value = 3.4 + mood[:, None] + quality + taste[:, place % KINDS] * swing + noise
    value = np.clip(np.floor(value / STEP + 0.5) * STEP, 1, HIGHEST)
    row, column = np.nonzero(_given(draws.uniform(users * movies).reshape(users, movies), count))
    names = [
        TITLES[one % len(TITLES)] + (f", part {1 + one // len(TITLES)}" * (one >= len(TITLES)))
        for one in range(movies)
    ]
    titles = dict(zip(movie_ids.tolist(), names, strict=True))
    return Ratings(user_ids[row], movie_ids[column], value[row, column], titles)


def _given(lot: Numbers, count: int) -> NDArray[np.bool_]:
    """Which `count` cells have a rating: those with the highest lots, but first each user's and each movie's
    best one."""
    users, movies = lot.shape
    first = lot.copy()
    first[np.arange(users), lot.argmax(axis=1)] += 1
    first[lot.argmax(axis=0), np.arange(movies)] += 1
    given = np.zeros(lot.size, bool)
    given[np.argsort(-first, axis=None, kind="stable")[:count]] = True
    return given.reshape(lot.shape)
