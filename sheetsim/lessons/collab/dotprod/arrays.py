"""`dotprod` in NumPy."""

import numpy as np

from sheetsim.lessons.collab._shared.arrays import Array, array, crosstab, dot, errors
from sheetsim.lessons.kit.lesson import Inputs


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    rating = array(inputs, "ratings")
    product = dot(array(inputs, "user_factors"), array(inputs, "movie_factors"))
    blank = np.isnan(rating)
    predict = np.where(blank, 0, product)
    unseen = np.where(blank, product, np.nan)
    best = np.where(blank, product, -np.inf).max(axis=1)
    return {
        "predict": predict,
        **errors(rating, predict),
        "unseen": unseen,
        "given": (~blank).sum(axis=1, dtype=float)[:, None],
        "best": np.where(blank.any(axis=1), best, np.nan)[:, None],
        **crosstab(inputs),
    }
