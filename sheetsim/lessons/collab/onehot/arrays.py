"""`onehot` in NumPy."""

import numpy as np

from sheetsim.lessons.collab._embedding.arrays import (
    Array,
    array,
    counted,
    dot,
    left_to_right,
    places,
    root_mean,
    sizes,
    together,
    weight_grad,
)
from sheetsim.lessons.kit.lesson import Inputs


def one_hot(place: Array, size: int) -> Array:
    """A row for each place, 1 in its column; NaN where the place is not known."""
    found = (place == np.arange(1.0, size + 1)).astype(float)
    found[np.isnan(place.ravel())] = np.nan
    return found


def matrix_product(left: Array, right: Array) -> Array:
    """MMULT: from left to right, and nothing at all where one number is missing."""
    if np.isnan(left).any() or np.isnan(right).any():
        return np.full((len(left), right.shape[1]), np.nan)
    return left_to_right(left.T[:, :, None] * right[:, None, :])


def costs(hot: Array, table: Array) -> list[float]:
    """Multiplications, additions, bytes read, written and held: each product reads both its factors."""
    outputs = len(hot) * table.shape[1]
    products = outputs * len(table)
    return [products, products - outputs, 2 * 8 * products, 8 * outputs, hot.nbytes]


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    users, movies = array(inputs, "user_factors"), array(inputs, "movie_factors")
    rating = array(inputs, "rating").reshape(-1, 1)
    user_place = places(array(inputs, "user"), array(inputs, "user_id"))
    movie_place = places(array(inputs, "movie"), array(inputs, "movie_id"))
    user_hot, movie_hot = one_hot(user_place, len(users)), one_hot(movie_place, len(movies))
    user_vector, movie_vector = matrix_product(user_hot, users), matrix_product(movie_hot, movies)
    predict = dot(user_vector, movie_vector)
    squared = (predict - rating) * (predict - rating)
    slope = 2 * (predict - rating) / len(rating)
    return {
        "user_number": counted(users),
        "movie_number": counted(movies),
        "user_place": user_place,
        "movie_place": movie_place,
        "user_slot": counted(users).T,
        "movie_slot": counted(movies).T,
        "user_one_hot": user_hot,
        "movie_one_hot": movie_hot,
        "user_vector": user_vector,
        "movie_vector": movie_vector,
        "predict": predict,
        "squared_error": squared,
        "rmse": root_mean(squared),
        "predict_grad": slope,
        "user_grad": weight_grad(user_hot, slope, movie_vector),
        "movie_grad": weight_grad(movie_hot, slope, user_vector),
        "size": sizes(users, movies, rating),
        "cost": together(costs(user_hot, users), costs(movie_hot, movies)),
    }
