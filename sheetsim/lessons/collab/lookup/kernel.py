"""`lookup`, told by CUDA kernels: see kernel.cu."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.gpu.machine import Buffer
from sheetsim.lessons.collab._embedding import kernel as embedding
from sheetsim.lessons.kit.lesson import Inputs

SOURCE = Path(__file__).with_name("kernel.cu")
ENTRIES = (*embedding.ENTRIES, "gather", "scatter_grad")

Array = NDArray[np.float64]


def embed(kernels: Kernels, place: Buffer, table: Array) -> embedding.Vectors:
    """The rows of the table, copied."""
    count, factors = place.shape[0], table.shape[1]
    vector = kernels.empty((count, factors))
    cost = embedding.counted(
        kernels,
        count * factors,
        lambda done: kernels.launch("gather", count * factors, place, table, vector, done, count, factors),
    )
    found = kernels.download(place)
    blocks = {"place": found, "vector": kernels.download(vector)}
    return embedding.Vectors(place, vector, [*cost, float(found.nbytes)], blocks)


def compute(inputs: Inputs, device: str | None = None) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    return embedding.compute(Kernels(SOURCE, ENTRIES, device), embed, "scatter_grad", inputs)
