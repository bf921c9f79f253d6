"""`embedding_size` by torch: sizes by tensor operations, weights counted in real nn.Embedding layers."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sheetsim.lessons.kit.lesson import Inputs


def emb_sz_rule(n: Tensor, factor: float, exponent: float, largest: float) -> Tensor:
    """fastai's `emb_sz_rule`. torch.round takes halves to even, which no n of the rule comes to."""
    return torch.round(factor * n**exponent).clamp(max=largest)


def count_weights(n: float, size: float) -> float:
    """The weights of the layer, which is made on the device that stores nothing."""
    if min(n, size) < 0 or n % 1 or size % 1 or n * size > 2**53:
        return n * size  # there is no such layer
    layer = nn.Embedding(int(n), int(size), device="meta")
    return float(layer.weight.numel())


def compute(inputs: Inputs) -> dict[str, NDArray[np.float64]]:
    """All blocks of the lesson, from the inputs of its workbook."""
    n, curve_n = (torch.tensor(np.asarray(inputs[name]), dtype=torch.float64) for name in ("n", "curve_n"))
    rule = tuple(float(inputs[name]) for name in ("factor", "exponent", "largest"))
    size = emb_sz_rule(n, *rule)
    weights = [count_weights(*pair) for pair in zip(n.tolist(), size.tolist(), strict=True)]
    older = torch.clamp(torch.div(curve_n + 1, 2, rounding_mode="floor"), max=50)
    return {
        "rule": (rule[0] * n ** rule[1])[:, None].numpy(),
        "size": size[:, None].numpy(),
        "weights": np.array(weights)[:, None],
        "saved": (n / size)[:, None].numpy(),
        "curve": torch.stack([emb_sz_rule(curve_n, *rule), older], 1).numpy(),
    }
