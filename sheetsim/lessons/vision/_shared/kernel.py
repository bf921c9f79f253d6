"""The small convolutional net by CUDA kernels: see vision.cuh, which the lessons' kernel.cu include."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.kit.lesson import Inputs

Array = NDArray[np.float64]

ENTRIES = ("convolve", "max_pool", "dense")
TILE, THREADS = 16, 256  # see vision.cuh


def grid(inputs: Inputs, name: str) -> Array:
    return np.asarray(inputs[name], np.float64)


def convolve(kernels: Kernels, image: Array, weight: Array, columns: int) -> Array:
    """[out channel, row, column] of an image [channel, row, column]."""
    count, rows = weight.shape[0], image.shape[1] - weight.shape[2] + 1
    out = kernels.empty((count, rows, columns))
    blocks = count * -(-rows // TILE) * -(-columns // TILE)
    kernels.launch_blocks(
        *("convolve", blocks, THREADS, np.ascontiguousarray(image), np.ascontiguousarray(weight), out),
        *(*image.shape, count, rows, columns),
    )
    return kernels.download(out)


def convolutions(kernels: Kernels, inputs: Inputs) -> tuple[Array, Array]:
    """conv1 and conv2 [channel, row, column]."""
    image = grid(inputs, "image")[None]
    weight1 = np.stack([grid(inputs, f"conv1_weight_{n}")[None] for n in (1, 2)])
    conv1 = convolve(kernels, image, weight1, image.shape[2] - 2)
    rows = [[grid(inputs, f"conv2_weight_{out}{into}") for into in (1, 2)] for out in (1, 2)]
    return conv1, convolve(kernels, conv1, np.array(rows), conv1.shape[2] - 1)


def ends(kernels: Kernels, inputs: Inputs, pictures: Array) -> dict[str, Array]:
    """Max pooling and the dense unit."""
    channels, rows, columns = pictures.shape
    pooled = kernels.empty((channels, -(-rows // 2), -(-columns // 2)))
    count = int(np.prod(pooled.shape))
    kernels.launch("max_pool", count, np.ascontiguousarray(pictures), pooled, channels, rows, columns)
    weight = np.stack([np.nan_to_num(grid(inputs, f"dense_weight_{n}")[::2, ::2]) for n in (1, 2)])
    out = kernels.empty((1, 1))
    kernels.launch("dense", 1, pooled, np.ascontiguousarray(weight), out, channels, count // channels)
    cells = np.full((channels, 2 * pooled.shape[1] - 1, 2 * pooled.shape[2] - 1), np.nan)
    cells[:, ::2, ::2] = kernels.download(pooled)
    return {"pool_1": cells[0], "pool_2": cells[1], "dense": kernels.download(out)}
