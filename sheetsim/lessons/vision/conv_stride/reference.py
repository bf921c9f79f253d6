"""`conv_stride` by torch: nn.Conv2d with strides, its pooling layers, and receptive fields by autograd.

A cell's receptive field is where its gradient with respect to an earlier grid is not zero, when no weight
is: so it is found here, with filters of ones.
"""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.vision.conv_stride import CHANNELS, KERNEL, LAYERS


class AdaptiveConcatPool2d(nn.Module):
    """fastai's layer: the largest of each channel, then the mean of each."""

    def __init__(self) -> None:
        super().__init__()
        self.ap, self.mp = nn.AdaptiveAvgPool2d(1), nn.AdaptiveMaxPool2d(1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.mp(x), self.ap(x)], 1)


def layers(inputs: Inputs) -> list[nn.Conv2d]:
    """The convolutions, with the workbook's weights."""
    stride, padding = int(inputs["stride"]), int(inputs["padding"])
    found, channels = [], 1
    for number in range(1, LAYERS + 1):
        conv = nn.Conv2d(channels, CHANNELS, KERNEL, stride, padding, bias=False, dtype=torch.float64)
        filters = np.stack([np.asarray(inputs[f"w{number}_{channel + 1}"]) for channel in range(CHANNELS)])
        with torch.no_grad():
            conv.weight.copy_(torch.tensor(filters.reshape(conv.weight.shape)))
        found.append(conv)
        channels = CHANNELS
    return found


def fields(inputs: Inputs, size: int) -> list[list[float]]:
    """What the chosen cell of the last grid sees of each grid: how many rows of an endless one, first and
    last row and column of this one."""
    stride, padding = int(inputs["stride"]), int(inputs["padding"])
    ones = torch.ones(1, 1, KERNEL, KERNEL, dtype=torch.float64)
    grids = [torch.ones(1, 1, size, size, dtype=torch.float64, requires_grad=True)]
    for _ in range(LAYERS):
        grids.append(F.conv2d(grids[-1], ones, stride=stride, padding=padding))
    last = grids[-1]
    row, column = (min(int(inputs[name]), len(last[0, 0])) - 1 for name in ("row", "column"))
    gradients = torch.autograd.grad(last[0, 0, row, column], grids)
    endless = [torch.ones(1, 1, 1, 1, dtype=torch.float64)]
    for _ in range(LAYERS):
        endless.append(F.conv_transpose2d(endless[-1], ones, stride=stride))
    found = []
    for gradient, whole in zip(gradients, reversed(endless), strict=True):
        rows, columns = (torch.nonzero(gradient[0, 0].sum(axis)).flatten() + 1 for axis in (1, 0))
        edges = (rows.min(), rows.max(), columns.min(), columns.max())
        found.append([float(whole.shape[-1]), *(float(edge) for edge in edges)])
    return found


def costs(convs: list[nn.Conv2d], size: int) -> list[list[float]]:
    """Weights, multiplications, and multiplications with stride 1, by layers that are run on no numbers."""
    meta, full = (torch.empty(1, 1, size, size, device="meta") for _ in range(2))
    found = []
    for conv in convs:
        options = {"padding": conv.padding, "bias": False, "device": "meta"}
        strided = nn.Conv2d(conv.in_channels, CHANNELS, KERNEL, conv.stride, **options)
        dense = nn.Conv2d(conv.in_channels, CHANNELS, KERNEL, **options)
        meta, full = strided(meta), dense(full)
        weights, places, others = conv.weight.numel(), meta[0, 0].numel(), full[0, 0].numel()
        found.append([float(weights), float(weights * places), float(weights * others)])
    return found


def compute(inputs: Inputs) -> dict[str, NDArray[np.float64]]:
    """All blocks of the lesson, from the inputs of its workbook."""
    image = torch.tensor(np.asarray(inputs["image"]), dtype=torch.float64)
    convs = layers(inputs)
    blocks: dict[str, Tensor] = {}
    sizes = [[len(image), 1]]
    with torch.no_grad():
        grid = image[None, None]
        for number, conv in enumerate(convs, 1):
            grid = F.relu(conv(grid))
            sizes.append([grid.shape[-1], sizes[-1][1] * conv.stride[0]])
            blocks |= {f"conv{number}_{channel + 1}": grid[0, channel] for channel in range(CHANNELS)}
            if number == 1:
                pools = {"average": F.avg_pool2d(grid, 2), "max": F.max_pool2d(grid, 2)}
                for name, pool in pools.items():
                    blocks |= {f"{name}_{channel + 1}": pool[0, channel] for channel in range(CHANNELS)}
        blocks["joined"] = AdaptiveConcatPool2d()(grid).reshape(-1, 1)
    told = {name: block.numpy() for name, block in blocks.items()}
    return told | {
        "sizes": np.array(sizes, float),
        "field": np.array(fields(inputs, len(image))),
        "costs": np.array(costs(convs, len(image))),
    }
