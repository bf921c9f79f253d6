"""`onehot`, told by CUDA kernels: see kernel.cu."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.gpu.machine import Buffer
from sheetsim.lessons.collab._embedding import kernel as embedding
from sheetsim.lessons.kit.lesson import Inputs

SOURCE = Path(__file__).with_name("kernel.cu")
ENTRIES = (*embedding.ENTRIES, "one_hot", "one_hot_product", "weight_grad")

Array = NDArray[np.float64]


def embed(kernels: Kernels, place: Buffer, table: Array) -> embedding.Vectors:
    """One-hot rows, and their product with the table."""
    count, (rows, factors) = place.shape[0], table.shape
    hot, vector = kernels.empty((count, rows)), kernels.empty((count, factors))
    kernels.launch("one_hot", count * rows, place, hot, count, rows)
    cost = embedding.counted(
        kernels,
        count * factors,
        lambda done: kernels.launch(
            "one_hot_product", count * factors, hot, table, vector, done, count, rows, factors
        ),
    )
    ones, product = kernels.download(hot), kernels.download(vector)
    if np.isnan(ones).any() or np.isnan(table).any():
        product = np.full_like(product, np.nan)  # a sheet's product of matrices has one error for all
        vector = kernels.upload(product)
    blocks = {
        "place": kernels.download(place),
        "slot": np.arange(2.0, rows + 1)[None],
        "one_hot": ones,
        "vector": product,
    }
    return embedding.Vectors(hot, vector, [*cost, float(ones.nbytes)], blocks)


def compute(inputs: Inputs, device: str | None = None) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    return embedding.compute(Kernels(SOURCE, ENTRIES, device), embed, "weight_grad", inputs)
