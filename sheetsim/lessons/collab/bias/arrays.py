"""`bias` in NumPy."""

import numpy as np

from sheetsim.lessons.collab._shared.arrays import Array, array, crosstab, dot, errors, root_mean_square
from sheetsim.lessons.collab.bias import BLANK_BIAS, RANGED
from sheetsim.lessons.kit.lesson import Inputs


def score(inputs: Inputs, prefix: str = "") -> Array:
    """The dot product plus the movie's and the user's bias, in this order."""
    user, movie, user_bias, movie_bias = (
        array(inputs, prefix + name) for name in ("user_factors", "movie_factors", "user_bias", "movie_bias")
    )
    return dot(user, movie) + movie_bias.reshape(1, -1) + user_bias.reshape(-1, 1)


def means(rating: Array, bias: Array, axis: int) -> Array:
    """Of each line of ratings: how many, their mean, how far it is from the mean of all, the bias."""
    given = ~np.isnan(rating)
    count = given.sum(axis=axis, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.cumsum(np.where(given, rating, 0), axis=axis).take(-1, axis=axis) / count
        overall = np.cumsum(rating[given])[-1] / given.sum()
    return np.column_stack([count, mean, mean - overall, bias.ravel()])


def in_range(inputs: Inputs, rating: Array) -> dict[str, Array]:
    """The model whose predictions are kept in a range; {} where the workbook has none."""
    if f"{RANGED}user_factors" not in inputs:
        return {}
    x = score(inputs, RANGED)
    low, high = float(inputs["y_low"]), float(inputs["y_high"])
    with np.errstate(over="ignore"):
        kept = low + (high - low) / (1 + np.exp(-x)) if inputs["y_range"] else x
    blank = np.isnan(rating)
    predict = np.where(blank, 0, kept)
    return {
        f"{RANGED}score": np.where(blank, np.nan, x),
        f"{RANGED}predict": predict,
        f"{RANGED}rmse": root_mean_square(rating.reshape(1, -1), predict.reshape(1, -1), axis=1)[:, None],
    }


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    rating = array(inputs, "ratings")
    user_bias, movie_bias = array(inputs, "user_bias"), array(inputs, "movie_bias")
    bare = movie_bias.reshape(1, -1) + user_bias.reshape(-1, 1)
    empty = bare if inputs.get(BLANK_BIAS) else np.zeros_like(bare)
    predict = np.where(np.isnan(rating), empty, score(inputs))
    return {
        "predict": predict,
        **errors(rating, predict),
        "mean": np.array([[np.cumsum(rating[~np.isnan(rating)])[-1] / (~np.isnan(rating)).sum()]]),
        "user_means": means(rating, user_bias, axis=1),
        "movie_means": means(rating, movie_bias, axis=0),
        **in_range(inputs, rating),
        **crosstab(inputs),
    }
