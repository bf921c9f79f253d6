"""`conv_stride` in NumPy."""

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.vision.conv_stride import CHANNELS, KERNEL, LAYERS

Array = NDArray[np.float64]


def convolve(grid: Array, weights: Array, stride: int, padding: int) -> Array:
    """One grid, one filter: the sums of pixel * weight, row by row, at every `stride`th place."""
    padded = np.pad(grid, padding)
    k = len(weights)
    rows, columns = ((length - k) // stride + 1 for length in padded.shape)
    total = np.zeros((rows, columns))
    for (u, v), weight in np.ndenumerate(weights):
        taken = padded[u : u + stride * rows : stride, v : v + stride * columns : stride]
        total = total + taken[:rows, :columns] * weight
    return total


def layer(grids: list[Array], filters: list[Array], stride: int, padding: int) -> list[Array]:
    """Convolution and ReLU: each channel that comes out adds up one convolution of each that goes in."""
    found = []
    for stacked in filters:
        parts = stacked.reshape(len(grids), KERNEL, KERNEL)
        total = convolve(grids[0], parts[0], stride, padding)
        for grid, weights in zip(grids[1:], parts[1:], strict=True):
            total = total + convolve(grid, weights, stride, padding)
        found.append(np.maximum(0, total))
    return found


def quarters(grid: Array) -> list[Array]:
    """The four cells of each 2 x 2 square; a last odd row or column is left out."""
    half = len(grid) // 2
    whole = grid[: 2 * half, : 2 * half]
    return [whole[u::2, v::2] for u in (0, 1) for v in (0, 1)]


def average_pool(grid: Array) -> Array:
    first, second, third, fourth = quarters(grid)
    return (first + second + third + fourth) / 4


def max_pool(grid: Array) -> Array:
    return np.maximum.reduce(quarters(grid))


def mean(grid: Array) -> float:
    """The mean, summed row by row."""
    total = 0.0
    for value in grid.ravel().tolist():
        total += value
    return total / grid.size


def seen(place: int, sizes: list[int], stride: int, padding: int) -> list[tuple[int, int, int]]:
    """For each grid from the last to the picture: how many rows a cell of the last sees of an endless grid,
    and the first and last of those that there are, counted from 1."""
    field, first = 1, min(place, sizes[-1])
    last = first
    found = [(field, first, last)]
    for size in sizes[-2::-1]:
        field = (field - 1) * stride + KERNEL
        first = max(1, (first - 1) * stride - padding + 1)
        last = min(size, (last - 1) * stride - padding + KERNEL)
        found.append((field, first, last))
    return found


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    stride, padding = int(inputs["stride"]), int(inputs["padding"])
    image = np.asarray(inputs["image"], np.float64)
    grids = [[image]]
    for number in range(1, LAYERS + 1):
        filters = [np.asarray(inputs[f"w{number}_{channel + 1}"], np.float64) for channel in range(CHANNELS)]
        grids.append(layer(grids[-1], filters, stride, padding))
    blocks = {
        f"conv{number}_{channel + 1}": grid
        for number, made in enumerate(grids)
        if number
        for channel, grid in enumerate(made)
    }
    for channel, grid in enumerate(grids[1]):
        blocks[f"average_{channel + 1}"] = average_pool(grid)
        blocks[f"max_{channel + 1}"] = max_pool(grid)
    last = grids[-1]
    blocks["joined"] = np.array([[grid.max()] for grid in last] + [[mean(grid)] for grid in last])

    sizes = [len(made[0]) for made in grids]
    rows, columns = (seen(int(inputs[name]), sizes, stride, padding)[::-1] for name in ("row", "column"))
    blocks["sizes"] = np.array([[size, stride**number] for number, size in enumerate(sizes)], float)
    blocks["field"] = np.array(
        [[*row, *column[1:]] for row, column in zip(rows, columns, strict=True)], float
    )
    costs = []
    for number in range(1, LAYERS + 1):
        weights = KERNEL**2 * len(grids[number - 1]) * CHANNELS
        full = sizes[0] - number * (KERNEL - 1 - 2 * padding)
        costs.append([weights, weights * sizes[number] ** 2, weights * full**2])
    blocks["costs"] = np.array(costs, float)
    return blocks
