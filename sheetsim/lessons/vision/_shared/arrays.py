"""The small convolutional net in NumPy, each sum in the sheet's order: within a filter in reading order, then
channel by channel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.kit.lesson import Inputs

Array = NDArray[np.float64]


def grid(inputs: Inputs, name: str) -> Array:
    return np.asarray(inputs[name], np.float64)


def convolve(image: Array, weight: Array, columns: int | None = None) -> Array:
    """A filter moved over an image: each output's sum of products, tap by tap. With `columns`, so many
    columns of outputs, the image continued by zeros (blank cells) on its right."""
    rows = image.shape[0] - weight.shape[0] + 1
    valid = image.shape[1] - weight.shape[1] + 1
    columns = columns or valid
    wide = np.pad(image, [(0, 0), (0, columns - valid)])
    total = np.zeros((rows, columns))
    for (row, column), tap in np.ndenumerate(weight):
        total = total + wide[row : row + rows, column : column + columns] * tap
    return total


def relu(x: Array) -> Array:
    return np.where(x > 0, x, 0.0)


def max_pool(image: Array) -> Array:
    """The largest of each 2x2 window; windows at the edge may reach past it."""
    rows, columns = -(-image.shape[0] // 2), -(-image.shape[1] // 2)
    edges = [(0, 2 * rows - image.shape[0]), (0, 2 * columns - image.shape[1])]
    padded = np.pad(image, edges, constant_values=-np.inf)
    pooled: Array = padded.reshape(rows, 2, columns, 2).max(axis=(1, 3))
    return pooled


def spread(pooled: Array) -> Array:
    """Pooled values in every second cell, blanks between."""
    rows, columns = pooled.shape
    cells = np.full((2 * rows - 1, 2 * columns - 1), np.nan)
    cells[::2, ::2] = pooled
    return cells


def sum_product(a: Array, b: Array) -> float:
    """Blanks (NaN) count as 0; strictly in reading order."""
    products = np.nan_to_num(a) * np.nan_to_num(b)
    return float(products.ravel().cumsum()[-1])


def convolutions(inputs: Inputs) -> dict[str, Array]:
    """conv1 and conv2."""
    image = grid(inputs, "image")
    conv1 = [relu(convolve(image, grid(inputs, f"conv1_weight_{n}"))) for n in (1, 2)]
    found = {"conv1_1": conv1[0], "conv1_2": conv1[1]}
    for out in (1, 2):
        first, second = (
            convolve(conv1[into - 1], grid(inputs, f"conv2_weight_{out}{into}"), conv1[0].shape[1] - 1)
            for into in (1, 2)
        )
        found[f"conv2_{out}"] = relu(first + second)
    return found


def ends(inputs: Inputs, pictures: tuple[Array, Array]) -> dict[str, Array]:
    """Max pooling of two pictures, and the dense unit."""
    pool = [spread(max_pool(one)) for one in pictures]
    parts = [sum_product(grid(inputs, f"dense_weight_{n}"), pool[n - 1]) for n in (1, 2)]
    return {"pool_1": pool[0], "pool_2": pool[1], "dense": np.array([[parts[0] + parts[1]]])}
