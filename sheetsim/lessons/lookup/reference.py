"""`lookup` by torch: nn.Embedding, counted by torch's own FlopCounterMode, slopes by autograd."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from sheetsim.lessons.embedding.reference import (
    SIDES,
    bytes_of,
    from_one,
    judge,
    places,
    sizes,
    table_numbers,
    tensor,
    together,
)
from sheetsim.lessons.lesson import Inputs


def count_rows(layer: nn.Embedding, ids: Tensor) -> tuple[Tensor, list[float]]:
    """The layer's rows, and what they cost: multiplications, additions, bytes read, written and held. For
    each number, where it stands is read beside itself."""
    with FlopCounterMode(display=False) as counter:
        rows = layer(ids)
    operations = counter.get_total_flops()
    read = bytes_of(rows, ids[:, None].expand_as(rows))
    return rows, [operations, operations, read, bytes_of(rows), bytes_of(ids)]


def compute(inputs: Inputs) -> dict[str, NDArray[np.float64]]:
    """All blocks of the lesson, from the inputs of its workbook."""
    found = table_numbers(inputs)
    weights, vectors, costs = {}, {}, {}
    for side in SIDES:
        ids = places(inputs, side)
        layer = nn.Embedding.from_pretrained(tensor(inputs, f"{side}_factors"), freeze=False)
        rows, costs[side] = count_rows(layer, ids.clamp(min=0))
        vectors[side] = rows.masked_fill((ids < 0)[:, None], torch.nan)
        weights[side] = layer.weight
        found[f"{side}_place"] = from_one(ids)
        found[f"{side}_vector"] = vectors[side].detach().numpy()
    found |= judge(vectors, weights, tensor(inputs, "rating"))
    return found | {"size": sizes(inputs), "cost": together(costs)}
