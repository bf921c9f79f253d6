"""`embeddings` by torch: F.one_hot(ids) @ weight and nn.Embedding on the same weights, and, for vocabularies
of any size, on tensors that hold nothing (device "meta"), counted by torch's FlopCounterMode."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from sheetsim.lessons.collab._embedding.reference import tensor
from sheetsim.lessons.collab.lookup import reference as lookup
from sheetsim.lessons.collab.onehot import reference as onehot
from sheetsim.lessons.kit.lesson import Inputs


def growth(rows: float, factors: int) -> list[float]:
    """What one vector out of a table of so many rows costs: multiplications of the product, bytes that the
    product and the look-up read, and how many times as much that is. NaN where there is no such table."""
    if rows < 1 or rows % 1:
        return [float("nan")] * 4
    table = torch.empty((int(rows), factors), device="meta", dtype=torch.float64)
    hot = torch.empty((1, int(rows)), device="meta", dtype=torch.float64)
    _, product = onehot.count_product(hot, table)
    layer = nn.Embedding(int(rows), factors, device="meta", dtype=torch.float64)
    _, copied = lookup.count_rows(layer, torch.empty(1, device="meta", dtype=torch.long))
    return [product[0], product[2], copied[2], product[2] / copied[2]]


def compute(inputs: Inputs) -> dict[str, NDArray[np.float64]]:
    """All blocks of the lesson, from the inputs of its workbook."""
    first, second = onehot.compute(inputs), lookup.compute(inputs)
    both = torch.tensor(np.hstack([first["predict"], second["predict"]]))
    difference = both[:, :1] - both[:, 1:]
    cost = torch.tensor(np.column_stack([first["cost"][:, 2], second["cost"][:, 2]]))
    ratio = (cost[:, :1] / cost[:, 1:]).masked_fill(cost[:, 1:] == 0, torch.nan)
    factors = tensor(inputs, "user_factors").shape[1]
    sizes = [*first["size"][0], first["size"][1, 0], factors]
    return {
        **{f"onehot.{name}": block for name, block in first.items()},
        **{f"lookup.{name}": block for name, block in second.items()},
        "predictions": torch.cat([both, difference], dim=1).numpy(),
        "apart": difference.abs().max().reshape(1, 1).numpy(),
        "size": np.array(sizes, float)[:, None],
        "cost": torch.cat([cost, ratio], dim=1).numpy(),
        "growth": np.array([growth(rows, factors) for rows in tensor(inputs, "vocabulary").tolist()]),
    }
