"""The factor models in NumPy, sums strictly from left to right as Excel adds them up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.kit.lesson import Inputs

Array = NDArray[np.float64]


def array(inputs: Inputs, name: str) -> Array:
    return np.asarray(inputs[name], np.float64)


def dot(user: Array, movie: Array) -> Array:
    """The dot product of each user's factors [users, factors] and each movie's [factors, movies]."""
    total = user[:, :1] * movie[:1]
    for factor in range(1, len(movie)):
        total = total + user[:, factor : factor + 1] * movie[factor : factor + 1]
    return total


def root_mean_square(rating: Array, predicted: Array, axis: int) -> Array:
    """The error of the ratings there are, along an axis; NaN where there is none."""
    given = ~np.isnan(rating)
    squares = np.where(given, (rating - predicted) ** 2, 0)
    total = np.cumsum(squares, axis=axis).take(-1, axis=axis)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(total / given.sum(axis=axis))


def errors(rating: Array, predicted: Array) -> dict[str, Array]:
    """The error of all ratings, of each user's and of each movie's."""
    return {
        "rmse": root_mean_square(rating.reshape(1, -1), predicted.reshape(1, -1), axis=1)[:, None],
        "user_rmse": root_mean_square(rating, predicted, axis=1)[:, None],
        "movie_rmse": root_mean_square(rating, predicted, axis=0)[None, :],
    }


def crosstab(inputs: Inputs) -> dict[str, Array]:
    """Each rating's cell, counted from 1, and the grid; {} where there is no long table."""
    if "long_user" not in inputs:
        return {}
    rating = array(inputs, "ratings")
    users, movies = rating.shape
    row = _position(array(inputs, "long_user"), array(inputs, "user_id").ravel())
    column = _position(array(inputs, "long_movie"), array(inputs, "movie_id").ravel())
    cell = row * movies + column + 1
    grid = np.full(users * movies, np.nan)
    known = ~np.isnan(cell)
    # the first rating of a cell counts, so they are put in from the last
    grid[(cell[known][::-1] - 1).astype(int)] = array(inputs, "long_rating")[known][::-1]
    grid = grid.reshape(rating.shape)
    same = (grid == rating) | (np.isnan(grid) & np.isnan(rating))
    return {
        "crosstab.cell": cell[:, None],
        "crosstab.grid": grid,
        "crosstab.differences": np.array([[float((~same).sum())]]),
    }


def _position(values: Array, ids: Array) -> Array:
    """The place of each value among the ids, from 0; NaN where it is not among them."""
    same = values[:, None] == ids
    return np.where(same.any(axis=1), same.argmax(axis=1), np.nan)
