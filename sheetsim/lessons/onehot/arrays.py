"""`onehot` in NumPy."""

import numpy as np

from sheetsim.lessons.embedding.arrays import (
    Array,
    array,
    errors,
    left_to_right,
    places,
    sizes,
    table_numbers,
    together,
    weight_grad,
)
from sheetsim.lessons.lesson import Inputs


def one_hot(rows: Array, size: int) -> Array:
    """A row for each place, 1 in its column; NaN where the place is not known."""
    found = (rows[:, None] == np.arange(1.0, size + 1)).astype(float)
    found[np.isnan(rows)] = np.nan
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
    found = table_numbers(inputs)
    hot, cost = {}, {}
    for side in ("user", "movie"):
        table, rows = array(inputs, f"{side}_factors"), places(inputs, side)
        hot[side] = one_hot(rows, len(table))
        cost[side] = costs(hot[side], table)
        found |= {
            f"{side}_place": rows[:, None],
            f"{side}_slot": np.arange(2.0, len(table) + 1)[None],
            f"{side}_one_hot": hot[side],
            f"{side}_vector": matrix_product(hot[side], table),
        }
    found |= errors(found["user_vector"], found["movie_vector"], array(inputs, "rating").ravel())
    slope = found["predict_grad"]
    return found | {
        "user_grad": weight_grad(hot["user"], slope, found["movie_vector"]),
        "movie_grad": weight_grad(hot["movie"], slope, found["user_vector"]),
        "size": sizes(inputs),
        "cost": together(cost["user"], cost["movie"]),
    }
