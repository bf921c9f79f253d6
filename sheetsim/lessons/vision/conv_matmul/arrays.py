"""`conv_matmul` in NumPy."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sheetsim.lessons.kit.lesson import Inputs

Array = NDArray[np.float64]


def matmul(a: Array, b: Array) -> Array:
    """a @ b, each sum from left to right."""
    total = np.zeros((len(a), b.shape[1]))
    for k in range(a.shape[1]):
        total = total + a[:, k, None] * b[None, k, :]
    return total


def slide(image: Array, weights: Array) -> Array:
    """The window moves over the picture; each result is the sum of pixel * weight, row by row."""
    rows, columns = (image.shape[axis] - weights.shape[axis] + 1 for axis in (0, 1))
    total = np.zeros((rows, columns))
    for (u, v), weight in np.ndenumerate(weights):
        total = total + image[u : u + rows, v : v + columns] * weight
    return total


def band(weights: Array, size: int) -> Array:
    """The matrix that maps a flattened picture to its convolution: each row holds the weights, at the
    places of its window's pixels."""
    k = len(weights)
    out = size - k + 1
    matrix = np.zeros((out, out, size, size))
    for i, j in np.ndindex(out, out):
        matrix[i, j, i : i + k, j : j + k] = weights
    return matrix.reshape(out * out, size * size)


def difference(a: Array, b: Array) -> Array:
    """a - b, rounded to 12 places."""
    return np.round(a - b, 12)


def count(n: Array, k: int) -> Array:
    """Outputs; multiplications of the sliding window and of im2col; numbers that im2col stores;
    multiplications of the banded matrix, and the share of them that is not by zero."""
    outputs = (n - k + 1) ** 2
    return np.column_stack([outputs, outputs * k**2, outputs * k**2, outputs * n**2, k**2 / n**2])


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    image, filters = (np.asarray(inputs[name], np.float64) for name in ("image", "filters"))
    size = len(image)
    k = round(filters.shape[1] ** 0.5)
    weights = filters[int(inputs["filter"])].reshape(k, k)
    sliding = slide(image, weights)
    unfolded = sliding_window_view(image, (k, k)).reshape(-1, k * k)
    product = matmul(unfolded, weights.reshape(-1, 1))
    banded = band(weights, size)
    banded_product = matmul(banded, image.reshape(-1, 1))
    folded, banded_folded = product.reshape(sliding.shape), banded_product.reshape(sliding.shape)
    window = unfolded[min(int(inputs["patch"]), len(unfolded)) - 1].reshape(k, k)
    products = window * weights
    return {
        "weights": weights,
        "sliding": sliding,
        "unfolded": unfolded,
        "weight_column": weights.reshape(-1, 1),
        "product": product,
        "folded": folded,
        "banded": banded,
        "image_column": image.reshape(-1, 1),
        "banded_product": banded_product,
        "banded_folded": banded_folded,
        "off_im2col": difference(folded, sliding),
        "off_banded": difference(banded_folded, sliding),
        "window": window,
        "products": products,
        "sum": matmul(products.reshape(1, -1), np.ones((k * k, 1))),
        "counts": count(np.asarray(inputs["count_n"], np.float64), k),
    }
