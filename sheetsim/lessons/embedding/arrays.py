"""What the look-ups share in NumPy, sums strictly from left to right as Excel adds them up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.lesson import Inputs

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


def places(inputs: Inputs, side: str) -> Array:
    """For each rating the row of its user or movie, from 1."""
    known = array(inputs, f"{side}_id").ravel().tolist()
    return np.array([match(wanted, known) for wanted in array(inputs, side).ravel().tolist()])


def gather(table: Array, rows: Array) -> Array:
    """The rows of a table at these places, from 1; NaN for a place that is NaN."""
    known = ~np.isnan(rows)
    found = np.full((len(rows), table.shape[1]), np.nan)
    found[known] = table[rows[known].astype(int) - 1]
    return found


def left_to_right(terms: Array) -> Array:
    """Sums along the first axis in the order of a sheet."""
    total = np.zeros(terms.shape[1:])
    for term in terms:
        total = total + term
    return total


def errors(user_vector: Array, movie_vector: Array, rating: Array) -> dict[str, Array]:
    """Predictions, their errors, and the slope of the mean squared error for each of them."""
    predict = left_to_right((user_vector * movie_vector).T)
    apart = predict - rating
    squared = apart * apart
    count = len(rating)
    return {
        "predict": predict[:, None],
        "squared_error": squared[:, None],
        "rmse": np.sqrt(left_to_right(squared) / count).reshape(1, 1),
        "predict_grad": (2 * apart / count)[:, None],
    }


def weight_grad(chosen: Array, slope: Array, other_vector: Array) -> Array:
    """The slope for each number of a table: `chosen` [ratings, rows] says with 1 and 0 whose row each rating
    uses, `other_vector` is what the row was multiplied by."""
    total = np.zeros((chosen.shape[1], other_vector.shape[1]))
    for uses, by, vector in zip(chosen, slope.ravel(), other_vector, strict=True):
        total = total + (uses * by)[:, None] * vector
    return total


def table_numbers(inputs: Inputs) -> dict[str, Array]:
    """The rows of both tables, counted; the first one's number is typed."""
    return {
        f"{side}_number": np.arange(2.0, array(inputs, f"{side}_id").size + 1)[:, None]
        for side in ("user", "movie")
    }


def sizes(inputs: Inputs) -> Array:
    """Rows of both tables, ratings, factors."""
    return np.array(
        [
            [array(inputs, f"{side}_id").size for side in ("user", "movie")],
            [array(inputs, side).size for side in ("user", "movie")],
            [array(inputs, f"{side}_factors").shape[1] for side in ("user", "movie")],
        ],
        float,
    )


def together(user: Sequence[float], movie: Sequence[float]) -> Array:
    """Costs of both tables and their sums."""
    return np.array([[one, other, one + other] for one, other in zip(user, movie, strict=True)], float)
