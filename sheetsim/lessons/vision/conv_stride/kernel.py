"""`conv_stride`, told by CUDA kernels: see kernel.cu."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.vision.conv_stride import CHANNELS, KERNEL, LAYERS

SOURCE = Path(__file__).with_name("kernel.cu")
ENTRIES = ("convolve", "pool", "join", "tables")


def compute(inputs: Inputs, device: str | None = None) -> dict[str, NDArray[np.float64]]:
    """All blocks of the lesson, from the inputs of its workbook."""
    kernels = Kernels(SOURCE, ENTRIES, device)
    stride, padding = int(inputs["stride"]), int(inputs["padding"])
    image = np.ascontiguousarray(inputs["image"], np.float64)
    size = side = len(image)
    grid, channels = kernels.upload(image), 1
    blocks: dict[str, NDArray[np.float64]] = {}

    def keep(name: str, made: NDArray[np.float64]) -> None:
        blocks.update({f"{name}_{channel + 1}": one for channel, one in enumerate(made)})

    for layer in range(1, LAYERS + 1):
        filters = [np.asarray(inputs[f"w{layer}_{channel + 1}"], np.float64) for channel in range(CHANNELS)]
        weights = np.stack(filters).reshape(CHANNELS, channels, KERNEL, KERNEL)
        out = (side + 2 * padding - KERNEL) // stride + 1
        made = kernels.empty((CHANNELS, out, out))
        sizes = (channels, side, CHANNELS, KERNEL, stride, padding)
        kernels.launch("convolve", CHANNELS * out * out, grid, weights, made, *sizes)
        grid, side, channels = made, out, CHANNELS
        keep(f"conv{layer}", kernels.download(made))
        if layer == 1:
            average, largest = (kernels.empty((CHANNELS, out // 2, out // 2)) for _ in range(2))
            kernels.launch("pool", CHANNELS * (out // 2) ** 2, grid, average, largest, CHANNELS, out)
            keep("average", kernels.download(average))
            keep("max", kernels.download(largest))
    joined = kernels.empty((2 * CHANNELS, 1))
    kernels.launch("join", CHANNELS, grid, joined, CHANNELS, side * side)

    tables = [kernels.empty(shape) for shape in ((LAYERS + 1, 2), (LAYERS + 1, 5), (LAYERS, 3))]
    place = int(inputs["row"]), int(inputs["column"])
    kernels.launch("tables", 1, *tables, LAYERS, size, CHANNELS, KERNEL, stride, padding, *place)
    names = ("joined", "sizes", "field", "costs")
    told = zip(names, (joined, *tables), strict=True)
    return blocks | {name: kernels.download(buffer) for name, buffer in told}
