"""`conv` by torch: F.conv2d and F.max_pool2d; the receptive field from autograd; patches from F.unfold; what
it costs from the shapes of real layers."""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.vision._shared.reference import (
    channels,
    conv1_weight,
    conv2_weight,
    convolutions,
    ends,
    tensor,
)
from sheetsim.lessons.vision.conv import CHOICES, LAYERS, WEIGHTS

Array = NDArray[np.float64]


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook; of the course's sheet, the net."""
    conv1, conv2 = convolutions(inputs)
    found = {**channels("conv1", conv1), **channels("conv2", conv2), **ends(inputs, conv2)}
    if "layer" in inputs:
        chosen = LAYERS[int(inputs["layer"])], int(inputs["row"]), int(inputs["column"])
        found["field"] = receptive_field(*chosen)
        found |= {"cost": cost(), **one_cell(inputs, conv1), **weights(inputs)}
    return found


def receptive_field(layer: str, row: int, column: int) -> Array:
    """What the chosen cell depends on: where its gradient is not zero, in a net of ones without ReLU."""
    image = torch.ones(1, 1, 28, 28, requires_grad=True)
    ones = torch.ones(1, 1, 3, 3)
    conv1 = F.conv2d(image, ones)
    conv2 = F.conv2d(F.pad(conv1, (0, 1)), ones)
    pool = F.avg_pool2d(conv2, 2, ceil_mode=True)  # the mean depends on the whole window
    layers = [image, conv1, conv2, pool]
    depth = 1 + LAYERS.index(layer)
    rows, columns = layers[depth].shape[2:]
    cell = 0, 0, min(row, rows) - 1, min(column, columns) - 1
    slopes = torch.autograd.grad(layers[depth][cell], layers[: depth + 1])
    field = np.full((4, 4), np.nan)
    for place, slope in enumerate(slopes):
        down, across = (torch.nonzero(slope[0, 0].sum(dim)).flatten() + 1 for dim in (1, 0))
        field[place] = [float(one) for one in (down[0], down[-1], across[0], across[-1])]
    return field


def one_cell(inputs: Inputs, conv1: Tensor) -> dict[str, Array]:
    """One cell of conv1 and one of conv2: columns of F.unfold's matrix, times the weights."""
    layer, row, column = (int(inputs[name]) for name in ("layer", "row", "column"))
    row, column = (
        (min(row, 12) * 2 - 1, min(column, 13) * 2 - 1) if LAYERS[layer] == "pool" else (row, column)
    )
    second = min(row, 24), min(column, 25)
    first = second if LAYERS[layer] != "conv1" else (row, column)
    seen = F.unfold(tensor(inputs, "image")[None, None], 3)[0, :, (first[0] - 1) * 26 + first[1] - 1]
    deep = F.unfold(F.pad(conv1, (0, 1)), 3)[0, :, (second[0] - 1) * 25 + second[1] - 1]
    shallow = seen * conv1_weight(inputs)[0].flatten()
    product = deep * conv2_weight(inputs)[0].flatten()
    one, two = shallow.sum(), product.reshape(2, 9).sum(1)
    sums = torch.stack([one, F.relu(one), two[0], two[1], two.sum(), F.relu(two.sum())])
    names = ("image", "conv1_1", "conv1_2")
    patches = zip(names, torch.cat([seen, deep]).reshape(3, 3, 3).numpy(), strict=True)
    products = zip(names, torch.cat([shallow, product]).reshape(3, 3, 3).numpy(), strict=True)
    return {
        "place": np.array([first, second], float),
        **{f"patch_{name}": patch for name, patch in patches},
        **{f"product_{name}": product for name, product in products},
        "sums": sums[None].numpy(),
    }


def weights(inputs: Inputs) -> dict[str, Array]:
    """The numbers from the seed, in whole numbers of 64 bits, and the filters that are chosen for conv1."""
    state, states = torch.tensor(int(inputs["seed"])), []
    for _ in range(WEIGHTS):
        state = 16807 * state % 2147483647
        states.append(state)
    uniform = torch.stack(states).to(torch.float64) / 2147483647
    random = torch.stack([torch.stack(states).to(torch.float64), uniform, 2 * uniform - 1], 1)
    choice = CHOICES[int(inputs["filters"])]
    if choice == "random":
        chosen = random[:18, 2].reshape(2, 3, 3)
    else:
        chosen = torch.stack([tensor(inputs, f"{choice}_{n}") for n in (1, 2)])
    return {"random": random.numpy(), "chosen_1": chosen[0].numpy(), "chosen_2": chosen[1].numpy()}


def cost() -> Array:
    """Counted in real layers; the large one on the device that stores nothing."""
    rows = []
    image = torch.zeros(1, 1, 28, 28)
    for layer, padding in ((nn.Conv2d(1, 2, 3, bias=False), 0), (nn.Conv2d(2, 2, 3, bias=False), 1)):
        wide = F.pad(image, (0, padding))
        out, columns = layer(wide), F.unfold(wide, 3)
        matrix = nn.Linear(image.numel(), out.numel(), bias=False, device="meta").weight.numel()
        taps = layer.weight[0].numel()
        counts = [out.numel(), taps, out.numel() * taps, layer.weight.numel(), columns.numel()]
        rows.append([*counts, image.numel(), matrix, matrix / (out.numel() * taps)])
        image = out
    return np.array(rows, float)
