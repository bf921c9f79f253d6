"""`embeddings` in NumPy: both lessons' arrays, and what they cost."""

import numpy as np

from sheetsim.lessons.collab._embedding.arrays import Array, array
from sheetsim.lessons.collab.lookup import arrays as lookup
from sheetsim.lessons.collab.onehot import arrays as onehot
from sheetsim.lessons.kit.lesson import Inputs


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    first, second = onehot.compute(inputs), lookup.compute(inputs)
    difference = first["predict"] - second["predict"]
    cost = np.column_stack([first["cost"][:, 2], second["cost"][:, 2]])
    vocabulary, factors = array(inputs, "vocabulary").ravel(), first["size"][2, 0]
    bytes_read = 2 * 8 * vocabulary * factors, np.full_like(vocabulary, 2 * 8 * factors)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(cost[:, 1] == 0, np.nan, cost[:, 0] / cost[:, 1])
    return {
        **{f"onehot.{name}": block for name, block in first.items()},
        **{f"lookup.{name}": block for name, block in second.items()},
        "predictions": np.hstack([first["predict"], second["predict"], difference]),
        "apart": np.abs(difference).max().reshape(1, 1),
        "size": np.array([*first["size"][0], first["size"][1, 0], factors])[:, None],
        "cost": np.column_stack([cost, ratio]),
        "growth": np.column_stack([vocabulary * factors, *bytes_read, bytes_read[0] / bytes_read[1]]),
    }
