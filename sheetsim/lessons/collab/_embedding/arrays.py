"""What the look-ups share in NumPy, sums strictly from left to right as Excel adds them up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.kit.lesson import Inputs

Array = NDArray[np.float64]


def array(inputs: Inputs, name: str) -> Array:
    return np.asarray(inputs[name], np.float64)


def match(wanted: Any, known: Sequence[Any]) -> float:
    """The place, from 1, of the last of the sorted values that is not above the wanted one; NaN for none.
    Excel's MATCH without a match type: by bisection, which an equal value ends."""
    low, high = 0, len(known) - 1
    while low <= high:
        middle = (low + high) // 2
        if known[middle] == wanted:
            while middle + 1 < len(known) and known[middle + 1] == wanted:
                middle += 1
            return middle + 1.0
        if known[middle] < wanted:
            low = middle + 1
        else:
            high = middle - 1
    return high + 1.0 if high >= 0 else np.nan


def places(wanted: Array, ids: Array) -> Array:
    """For each rating the row of its user or movie, from 1."""
    known = ids.ravel().tolist()
    return np.array([match(one, known) for one in wanted.ravel().tolist()])[:, None]


def gather(table: Array, rows: Array) -> Array:
    """The rows of a table at these places, from 1; NaN for a place that is NaN."""
    known = ~np.isnan(rows.ravel())
    found = np.full((len(known), table.shape[1]), np.nan)
    found[known] = table[rows.ravel()[known].astype(int) - 1]
    return found


def left_to_right(terms: Array) -> Array:
    """Sums along the first axis in the order of a sheet."""
    total = np.zeros(terms.shape[1:])
    for term in terms:
        total = total + term
    return total


def dot(user_vector: Array, movie_vector: Array) -> Array:
    """The dot product of each row of one with the same row of the other."""
    return left_to_right((user_vector * movie_vector).T)[:, None]


def root_mean(squared: Array) -> Array:
    """The root of the mean of all."""
    return np.sqrt(left_to_right(squared) / len(squared)).reshape(1, 1)


def weight_grad(chosen: Array, slope: Array, other_vector: Array) -> Array:
    """The slope for each number of a table: `chosen` [ratings, rows] says with 1 and 0 whose row each rating
    uses, `other_vector` is what the row was multiplied by."""
    total = np.zeros((chosen.shape[1], other_vector.shape[1]))
    for uses, by, vector in zip(chosen, slope.ravel(), other_vector, strict=True):
        total = total + (uses * by)[:, None] * vector
    return total


def counted(table: Array) -> Array:
    """The rows of a table, counted; the first one's number is typed."""
    return np.arange(2.0, len(table) + 1)[:, None]


def sizes(users: Array, movies: Array, rating: Array) -> Array:
    """Rows of both tables, ratings, factors: for users, for movies."""
    return np.array([[len(table), len(rating), table.shape[1]] for table in (users, movies)], float).T


def together(user: Sequence[float], movie: Sequence[float]) -> Array:
    """Costs of both tables and their sums."""
    return np.array([[one, other, one + other] for one, other in zip(user, movie, strict=True)], float)
