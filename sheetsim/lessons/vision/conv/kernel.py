"""`conv`, told by CUDA kernels: see kernel.cu and ../vision/vision.cuh."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.vision._shared.kernel import ENTRIES, convolutions, ends, grid
from sheetsim.lessons.vision.conv import CHOICES, WEIGHTS

SOURCE = Path(__file__).with_name("kernel.cu")

Array = NDArray[np.float64]


def compute(inputs: Inputs, device: str | None = None) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook; of the course's sheet, the net."""
    kernels = Kernels(SOURCE, (*ENTRIES, "weights", "look", "patch", "sums", "cost"), device)
    conv1, conv2 = convolutions(kernels, inputs)
    found = {"conv1_1": conv1[0], "conv1_2": conv1[1], "conv2_1": conv2[0], "conv2_2": conv2[1]}
    found |= ends(kernels, inputs, conv2)
    if "layer" in inputs:
        cost = kernels.empty((2, 8))
        kernels.launch("cost", 2, cost)
        found |= {
            "cost": kernels.download(cost),
            **one_cell(kernels, inputs, conv1),
            **weights(kernels, inputs),
        }
    return found


def one_cell(kernels: Kernels, inputs: Inputs, conv1: Array) -> dict[str, Array]:
    """What the chosen cell sees, and one cell of conv1 and one of conv2, tap by tap."""
    field, place = kernels.empty((4, 4)), kernels.empty((2, 2))
    layer, row, column = (int(inputs[name]) for name in ("layer", "row", "column"))
    kernels.launch("look", 1, field, place, layer, float(row), float(column))
    places = kernels.download(place)
    layers = {
        "image": (grid(inputs, "image"), "conv1_weight_1", places[0]),
        "conv1_1": (conv1[0], "conv2_weight_11", places[1]),
        "conv1_2": (conv1[1], "conv2_weight_12", places[1]),
    }
    found, products = {"field": kernels.download(field), "place": places}, []
    for name, (picture, weight, where) in layers.items():
        patch, product = kernels.empty((3, 3)), kernels.empty((3, 3))
        taps = (np.ascontiguousarray(picture), grid(inputs, weight), where)
        kernels.launch("patch", 9, *taps, patch, product, picture.shape[1])
        found |= {f"patch_{name}": kernels.download(patch), f"product_{name}": kernels.download(product)}
        products.append(found[f"product_{name}"])
    sums = kernels.empty((1, 6))
    kernels.launch("sums", 1, np.stack(products), sums)
    return found | {"sums": kernels.download(sums)}


def weights(kernels: Kernels, inputs: Inputs) -> dict[str, Array]:
    """The numbers from the seed, and the filters that are chosen for conv1."""
    table = kernels.empty((WEIGHTS, 3))
    kernels.launch("weights", WEIGHTS, table, int(inputs["seed"]), WEIGHTS)
    random = kernels.download(table)
    choice = CHOICES[int(inputs["filters"])]
    own = random[:18, 2].reshape(2, 3, 3)
    chosen = own if choice == "random" else [grid(inputs, f"{choice}_{n}") for n in (1, 2)]
    return {"random": random, "chosen_1": chosen[0], "chosen_2": chosen[1]}
