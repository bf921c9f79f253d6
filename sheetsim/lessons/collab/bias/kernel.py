"""`bias`, told by a CUDA kernel: see kernel.cu."""

from pathlib import Path

import numpy as np

from sheetsim.gpu.launch import Kernels
from sheetsim.gpu.machine import Buffer
from sheetsim.lessons.collab._shared.kernel import ENTRIES, Array, array, crosstab, errors
from sheetsim.lessons.collab.bias import BLANK_BIAS, RANGED, WEIGHTS
from sheetsim.lessons.kit.lesson import Inputs

SOURCE = Path(__file__).with_name("kernel.cu")


def scores(kernels: Kernels, inputs: Inputs, prefix: str = "") -> tuple[Buffer, Buffer]:
    """The scores, and the predictions when these are all."""
    rating, *weights = (array(inputs, name) for name in ("ratings", *(prefix + one for one in WEIGHTS)))
    score, predicted = kernels.empty(rating.shape), kernels.empty(rating.shape)
    sizes = (*rating.shape, len(weights[1]), int(inputs.get(BLANK_BIAS, 0)))
    kernels.launch("predict", rating.size, rating, *weights, score, predicted, *sizes)
    return score, predicted


def in_range(kernels: Kernels, inputs: Inputs, rating: Array) -> dict[str, Array]:
    """The model whose predictions are kept in a range; {} where the workbook has none."""
    if f"{RANGED}user_factors" not in inputs:
        return {}
    score, predicted = scores(kernels, inputs, RANGED)
    if inputs["y_range"]:
        limits = (float(inputs["y_low"]), float(inputs["y_high"]))
        kernels.launch("squash", rating.size, score, predicted, rating.size, *limits)
    return {
        f"{RANGED}score": kernels.download(score),
        f"{RANGED}predict": kernels.download(predicted),
        f"{RANGED}rmse": errors(kernels, rating, predicted)["rmse"],
    }


def means(kernels: Kernels, rating: Array, lines: int, count: int, *steps: int) -> Array:
    """How many ratings each line has, and their mean, in two columns."""
    given, mean = kernels.empty((lines,)), kernels.empty((lines,))
    kernels.launch("means", lines, rating, given, mean, lines, count, *steps)
    return np.column_stack([kernels.download(given), kernels.download(mean)])


def compute(inputs: Inputs, device: str | None = None) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    kernels = Kernels(SOURCE, ("predict", "squash", "means", *ENTRIES), device)
    rating = array(inputs, "ratings")
    users, movies = rating.shape
    _, predicted = scores(kernels, inputs)
    overall = means(kernels, rating, 1, rating.size, 0, 1)[:, 1:]
    by_user = means(kernels, rating, users, movies, movies, 1)
    by_movie = means(kernels, rating, movies, users, 1, movies)
    user_bias, movie_bias = (array(inputs, name).reshape(-1, 1) for name in ("user_bias", "movie_bias"))
    return {
        "predict": kernels.download(predicted),
        **errors(kernels, rating, predicted),
        "mean": overall,
        "user_means": np.hstack([by_user, by_user[:, 1:] - overall, user_bias]),
        "movie_means": np.hstack([by_movie, by_movie[:, 1:] - overall, movie_bias]),
        **in_range(kernels, inputs, rating),
        **crosstab(kernels, inputs),
    }
