"""What the kernels of the factor models share on Python's side: see factors.cuh."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.gpu.machine import Buffer
from sheetsim.lessons.kit.lesson import Inputs

ENTRIES = ("errors", "cells", "crosstab", "differences")
Array = NDArray[np.float64]


def array(inputs: Inputs, name: str) -> Array:
    return np.ascontiguousarray(inputs[name], np.float64)


def errors(kernels: Kernels, rating: Array, predicted: Buffer) -> dict[str, Array]:
    """The error of all ratings, of each user's and of each movie's."""
    users, movies = rating.shape
    given = kernels.upload(rating)

    def lines(count: int, length: int, line_step: int, step: int) -> Array:
        found = kernels.empty((count,))
        kernels.launch("errors", count, given, predicted, found, count, length, line_step, step)
        return kernels.download(found)

    return {
        "rmse": lines(1, rating.size, 0, 1)[:, None],
        "user_rmse": lines(users, movies, movies, 1)[:, None],
        "movie_rmse": lines(movies, users, 1, movies)[None, :],
    }


def crosstab(kernels: Kernels, inputs: Inputs) -> dict[str, Array]:
    """Each rating's cell, counted from 1, and the grid; {} where there is no long table."""
    if "long_user" not in inputs:
        return {}
    rating, value = array(inputs, "ratings"), array(inputs, "long_rating")
    ids = [array(inputs, name) for name in ("long_user", "long_movie", "user_id", "movie_id")]
    cell, grid, differences = (kernels.empty(shape) for shape in (value.shape, rating.shape, (1, 1)))
    kernels.launch("cells", value.size, *ids, cell, value.size, *rating.shape)
    kernels.launch("crosstab", rating.size, cell, value, grid, value.size, rating.size)
    kernels.launch("differences", 1, grid, rating, differences, rating.size)
    return {
        "crosstab.cell": kernels.download(cell)[:, None],
        "crosstab.grid": kernels.download(grid),
        "crosstab.differences": kernels.download(differences),
    }
