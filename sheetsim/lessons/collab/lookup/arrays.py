"""`lookup` in NumPy."""

import numpy as np

from sheetsim.lessons.collab._embedding.arrays import (
    Array,
    array,
    counted,
    dot,
    gather,
    places,
    root_mean,
    sizes,
    together,
    weight_grad,
)
from sheetsim.lessons.kit.lesson import Inputs


def costs(place: Array, table: Array) -> list[float]:
    """Multiplications, additions, bytes read, written and held: each number is read once, and where from."""
    outputs = len(place) * table.shape[1]
    return [0, 0, 2 * 8 * outputs, 8 * outputs, place.nbytes]


def used(place: Array, table: Array) -> Array:
    """Which rating uses which row of the table."""
    return np.where(np.isnan(place), np.nan, place == np.arange(1.0, len(table) + 1))


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    users, movies = array(inputs, "user_factors"), array(inputs, "movie_factors")
    rating = array(inputs, "rating").reshape(-1, 1)
    user_place = places(array(inputs, "user"), array(inputs, "user_id"))
    movie_place = places(array(inputs, "movie"), array(inputs, "movie_id"))
    user_vector, movie_vector = gather(users, user_place), gather(movies, movie_place)
    predict = dot(user_vector, movie_vector)
    squared = (predict - rating) * (predict - rating)
    slope = 2 * (predict - rating) / len(rating)
    return {
        "user_number": counted(users),
        "movie_number": counted(movies),
        "user_place": user_place,
        "movie_place": movie_place,
        "user_vector": user_vector,
        "movie_vector": movie_vector,
        "predict": predict,
        "squared_error": squared,
        "rmse": root_mean(squared),
        "predict_grad": slope,
        "user_grad": weight_grad(used(user_place, users), slope, movie_vector),
        "movie_grad": weight_grad(used(movie_place, movies), slope, user_vector),
        "size": sizes(users, movies, rating),
        "cost": together(costs(user_place, users), costs(movie_place, movies)),
    }
