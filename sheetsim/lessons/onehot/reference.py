"""`onehot` by torch: F.one_hot(ids) @ weight, counted by torch's own FlopCounterMode, slopes by autograd."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
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


def one_hot(ids: Tensor, size: int) -> Tensor:
    """A row for each id; NaN for an unknown one."""
    hot = F.one_hot(ids.clamp(min=0), size).double()
    return hot.masked_fill((ids < 0)[:, None], torch.nan)


def count_product(hot: Tensor, weight: Tensor) -> tuple[Tensor, list[float]]:
    """hot @ weight, and what it costs: multiplications, additions, bytes read, written and held. torch counts
    a multiplication and an addition for each product, the first one's to 0, which is none here."""
    with FlopCounterMode(display=False) as counter:
        product = hot @ weight
    products = counter.get_total_flops() / 2
    pairs = torch.broadcast_tensors(hot[:, :, None], weight[None])
    return product, [
        products,
        products - product.numel(),
        bytes_of(*pairs),
        bytes_of(product),
        bytes_of(hot),
    ]


def compute(inputs: Inputs) -> dict[str, NDArray[np.float64]]:
    """All blocks of the lesson, from the inputs of its workbook."""
    found = table_numbers(inputs)
    weights, vectors, costs = {}, {}, {}
    for side in SIDES:
        ids, weights[side] = places(inputs, side), tensor(inputs, f"{side}_factors").requires_grad_()
        hot = one_hot(ids, len(weights[side]))
        vectors[side], costs[side] = count_product(hot, weights[side])
        if hot.isnan().any():  # a sheet's product of matrices has one error for all
            vectors[side] = vectors[side] * torch.nan
        found |= {
            f"{side}_place": from_one(ids),
            f"{side}_slot": torch.arange(2, hot.shape[1] + 1).double()[None].numpy(),
            f"{side}_one_hot": hot.numpy(),
            f"{side}_vector": vectors[side].detach().numpy(),
        }
    found |= judge(vectors, weights, tensor(inputs, "rating"))
    return found | {"size": sizes(inputs), "cost": together(costs)}
