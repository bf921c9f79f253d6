"""`dropout` by torch: F.conv2d and F.max_pool2d around torch's own step of dropout for a mask that is given,
`native_dropout_backward` (what F.dropout does to gradients: the mask that it drew, times 1/(1-p))."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.vision._shared.reference import channels, convolutions, ends, tensor
from sheetsim.lessons.vision.dropout import CONVENTIONS, SHAPE, STATES, STRIP

Array = NDArray[np.float64]


def dropout(x: Tensor, kept: Tensor, scale: float) -> Tensor:
    """What F.dropout makes of x when it draws this mask."""
    found: Tensor = torch.ops.aten.native_dropout_backward(x, kept, scale)
    return found


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook; of the course's sheet, what it has."""
    conv1, conv2 = convolutions(inputs)
    found = {**channels("conv1", conv1), **channels("conv2", conv2)}
    p = float(inputs["p"])
    threshold = p + 0.001
    scale = 1 / (1 - p) if CONVENTIONS[int(inputs["convention"])] == "torch" else 1.0
    if "seed" in inputs:
        states = park_miller(int(inputs["seed"]))
        uniform = (states / 2147483647).reshape(-1, *SHAPE)
    else:
        uniform = torch.stack([tensor(inputs, f"uniform_{n}") for n in (1, 2)])
    kept = uniform > threshold
    out = dropout(conv2, kept[None, :2], scale)
    mask = uniform[:2] * kept[:2]
    zeros = (mask == 0).sum((1, 2))
    count = torch.stack([torch.full((2,), 26.0 * 26), zeros, zeros / (26 * 26)]).to(torch.float64)
    count[2] = count[1] / count[0]
    found |= {
        **channels("mask", mask[None]),
        **channels("out", out),
        **channels("count", count.T[None, ..., None]),
    }
    found |= ends(inputs, out)
    if "seed" in inputs:
        strip = dropout(conv2[:, :1].expand(-1, STRIP, -1, -1), kept[None, 2:], scale)
        before = torch.cat([conv2[0], conv2[0, :1].expand(STRIP, -1, -1)])
        after = torch.cat([out[0], strip[0]])
        found |= {
            "states": states.reshape(STATES.shape).numpy(),
            **channels("uniform", uniform[None, :2]),
            "rule": np.array([[threshold], [scale]]),
            **channels("strip", strip),
            "counts": counts(kept, before, after, threshold),
        }
    return found


def park_miller(seed: int) -> Tensor:
    """The states after a seed, in whole numbers of 64 bits."""
    state, states = torch.tensor(seed), []
    for _ in range(STATES.size):
        state = 16807 * state % 2147483647
        states.append(state)
    return torch.stack(states).to(torch.float64)


def counts(kept: Tensor, before: Tensor, after: Tensor, threshold: float) -> Array:
    """What a binomial distribution expects, and what is found."""
    cells = kept[0].numel()
    expected = torch.distributions.Binomial(cells, torch.tensor(threshold, dtype=torch.float64))
    off = (~kept).sum((1, 2)).to(torch.float64)
    deviation = expected.stddev
    apart = (off - expected.mean) / deviation if deviation else torch.zeros_like(off)
    each = [torch.full_like(off, float(one)) for one in (cells, expected.mean)]
    columns = [*each, off, off / cells, torch.full_like(off, float(deviation)), apart]
    return torch.stack([*columns, before.mean((1, 2)), after.mean((1, 2))], 1).numpy()
