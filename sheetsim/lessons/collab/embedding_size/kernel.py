"""`embedding_size`, told by a CUDA kernel: see kernel.cu."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.kit.lesson import Inputs

SOURCE = Path(__file__).with_name("kernel.cu")
RESULTS = ("rule", "size", "weights", "saved", "older")


def compute(inputs: Inputs, device: str | None = None) -> dict[str, NDArray[np.float64]]:
    """All blocks of the lesson, from the inputs of its workbook."""
    kernels = Kernels(SOURCE, ("sizes",), device)
    constants = [float(inputs[name]) for name in ("factor", "exponent", "largest")]

    def sizes(name: str) -> dict[str, NDArray[np.float64]]:
        n = np.asarray(inputs[name], np.float64)
        results = {result: kernels.empty(n.shape) for result in RESULTS}
        kernels.launch("sizes", len(n), n, *results.values(), len(n), *constants)
        return {result: kernels.download(buffer)[:, None] for result, buffer in results.items()}

    found, curve = sizes("n"), sizes("curve_n")
    blocks = {name: found[name] for name in ("rule", "size", "weights", "saved")}
    return blocks | {"curve": np.hstack([curve["size"], curve["older"]])}
