"""The small convolutional net by torch: F.conv2d, F.relu, F.max_pool2d, F.linear."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from sheetsim.lessons.kit.lesson import Inputs

Array = NDArray[np.float64]


def tensor(inputs: Inputs, name: str) -> Tensor:
    return torch.tensor(np.asarray(inputs[name]), dtype=torch.float64)


def conv1_weight(inputs: Inputs) -> Tensor:
    """[out channel, in channel, row, column]."""
    return torch.stack([tensor(inputs, f"conv1_weight_{n}") for n in (1, 2)])[:, None]


def conv2_weight(inputs: Inputs) -> Tensor:
    rows = [[tensor(inputs, f"conv2_weight_{out}{into}") for into in (1, 2)] for out in (1, 2)]
    return torch.stack([torch.stack(row) for row in rows])


def convolutions(inputs: Inputs) -> tuple[Tensor, Tensor]:
    """conv1 [1, 2, 26, 26] and conv2 [1, 2, 24, 25]: a blank column on the right is one column of padding."""
    image = tensor(inputs, "image")[None, None]
    conv1 = F.relu(F.conv2d(image, conv1_weight(inputs)))
    return conv1, F.relu(F.conv2d(F.pad(conv1, (0, 1)), conv2_weight(inputs)))


def ends(inputs: Inputs, pictures: Tensor) -> dict[str, Array]:
    """Max pooling and the dense unit: torch's `ceil_mode` keeps windows that reach past the edge."""
    pooled = F.max_pool2d(pictures, 2, ceil_mode=True)
    weight = torch.stack([tensor(inputs, f"dense_weight_{n}")[::2, ::2] for n in (1, 2)])
    dense = F.linear(pooled.flatten(1), weight.nan_to_num().reshape(1, -1))
    return {**channels("pool", spread(pooled)), "dense": dense.numpy()}


def spread(pooled: Tensor) -> Tensor:
    """In every second cell, NaN between."""
    rows, columns = pooled.shape[-2:]
    cells = torch.full((*pooled.shape[:-2], 2 * rows - 1, 2 * columns - 1), torch.nan, dtype=pooled.dtype)
    cells[..., ::2, ::2] = pooled
    return cells


def channels(name: str, pictures: Tensor) -> dict[str, Array]:
    """A block for each channel of the first picture of a batch."""
    return {f"{name}_{n + 1}": picture.numpy() for n, picture in enumerate(pictures[0])}
