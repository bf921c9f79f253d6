"""`conv_matmul`, told by CUDA kernels: see kernel.cu."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.gpu.machine import Buffer
from sheetsim.lessons.kit.lesson import Inputs

SOURCE = Path(__file__).with_name("kernel.cu")
ENTRIES = ("slide", "unfold", "band", "multiply", "subtract", "weigh", "count")
TILE, THREADS = 16, 256  # kernel.cu's TILE; threads of a block that makes one tile


class MatmulKernels:
    """The kernels, each with its results' shapes."""

    def __init__(self, device: str | None) -> None:
        self.kernels = Kernels(SOURCE, ENTRIES, device)

    def run(self, entry: str, shape: tuple[int, ...], *given: Buffer | NDArray[np.float64] | int) -> Buffer:
        """A kernel with a thread for each number of its one result, which is its last buffer."""
        kernels = self.kernels
        uploaded = [kernels.upload(one) if isinstance(one, np.ndarray) else one for one in given]
        result = kernels.empty(shape)
        buffers = [one for one in uploaded if isinstance(one, Buffer)]
        numbers = [one for one in uploaded if not isinstance(one, Buffer)]
        kernels.launch(entry, int(np.prod(shape)), *buffers, result, *numbers)
        return result

    def multiply(self, a: Buffer, b: Buffer) -> Buffer:
        (rows, inner), columns = a.shape, b.shape[1]
        result = self.kernels.empty((rows, columns))
        tiles = -(-rows // TILE) * -(-columns // TILE)
        self.kernels.launch_blocks("multiply", tiles, THREADS, a, b, result, rows, inner, columns)
        return result

    def difference(self, a: Buffer, b: Buffer) -> Buffer:
        count = int(np.prod(a.shape))
        return self.run("subtract", b.shape, a, b, count)


def compute(inputs: Inputs, device: str | None = None) -> dict[str, NDArray[np.float64]]:
    """All blocks of the lesson, from the inputs of its workbook."""
    machine = MatmulKernels(device)
    kernels = machine.kernels
    image, filters = (np.ascontiguousarray(inputs[name], np.float64) for name in ("image", "filters"))
    size, k = len(image), round(filters.shape[1] ** 0.5)
    out = size - k + 1
    weights = filters[int(inputs["filter"])].copy()
    patches, pixels = out * out, size * size

    sliding = machine.run("slide", (out, out), image, weights, size, k)
    unfolded = machine.run("unfold", (patches, k * k), image, size, k)
    banded = machine.run("band", (patches, pixels), weights, size, k)
    product = machine.multiply(unfolded, kernels.upload(weights.reshape(-1, 1)))
    banded_product = machine.multiply(banded, kernels.upload(image.reshape(-1, 1)))
    off_im2col = machine.difference(product, sliding)
    off_banded = machine.difference(banded_product, sliding)

    rows = kernels.download(unfolded)
    window = rows[min(int(inputs["patch"]), patches) - 1].copy()
    products, total = kernels.empty((k, k)), kernels.empty((1, 1))
    kernels.launch("weigh", 1, window, weights, products, total, k * k)
    n = np.ascontiguousarray(inputs["count_n"], np.float64)
    costs = kernels.empty((len(n), 5))
    kernels.launch("count", len(n), n, costs, len(n), float(k))

    found = {"sliding": sliding, "product": product, "banded": banded, "banded_product": banded_product}
    found |= {"off_im2col": off_im2col, "off_banded": off_banded, "products": products, "sum": total}
    told = {name: kernels.download(buffer) for name, buffer in (found | {"counts": costs}).items()}
    return told | {
        "weights": weights.reshape(k, k),
        "weight_column": weights.reshape(-1, 1),
        "unfolded": rows,
        "window": window.reshape(k, k),
        "image_column": image.reshape(-1, 1),
        "folded": told["product"].reshape(out, out),
        "banded_folded": told["banded_product"].reshape(out, out),
    }
