"""`embeddings`, told by both lessons' CUDA kernels and kernel.cu."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.collab._embedding.kernel import array
from sheetsim.lessons.collab.lookup import kernel as lookup
from sheetsim.lessons.collab.onehot import kernel as onehot
from sheetsim.lessons.kit.lesson import Inputs

SOURCE = Path(__file__).with_name("kernel.cu")
ENTRIES = ("side_by_side", "largest", "growth")


def compute(inputs: Inputs, device: str | None = None) -> dict[str, NDArray[np.float64]]:
    """All blocks of the lesson, from the inputs of its workbook."""
    first, second = onehot.compute(inputs, device), lookup.compute(inputs, device)
    kernels = Kernels(SOURCE, ENTRIES, device)
    count, vocabulary = len(first["predict"]), array(inputs, "vocabulary").ravel()
    factors = float(first["size"][2, 0])
    both, apart = kernels.empty((count, 3)), kernels.empty((1, 1))
    growth = kernels.empty((vocabulary.size, 4))
    kernels.launch("side_by_side", count, first["predict"], second["predict"], both, count)
    kernels.launch("largest", 1, both, apart, count)
    kernels.launch("growth", vocabulary.size, vocabulary, growth, vocabulary.size, factors)
    product, copying = first["cost"][:, 2], second["cost"][:, 2]
    ratio = np.divide(product, copying, out=np.full_like(product, np.nan), where=copying != 0)
    return {
        **{f"onehot.{name}": block for name, block in first.items()},
        **{f"lookup.{name}": block for name, block in second.items()},
        "predictions": kernels.download(both),
        "apart": kernels.download(apart),
        "size": np.array([*first["size"][0], first["size"][1, 0], factors])[:, None],
        "cost": np.column_stack([product, copying, ratio]),
        "growth": kernels.download(growth),
    }
