"""`conv` in NumPy."""

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.vision._shared.arrays import convolutions, ends, grid, relu
from sheetsim.lessons.vision.conv import CHOICES, LAYERS, WEIGHTS

Array = NDArray[np.float64]


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook; of the course's sheet, the net."""
    found = convolutions(inputs)
    found |= ends(inputs, (found["conv2_1"], found["conv2_2"]))
    if "layer" in inputs:
        field = receptive_field(LAYERS[int(inputs["layer"])], int(inputs["row"]), int(inputs["column"]))
        found |= {"field": field, "cost": cost(), **one_cell(inputs, found, field), **weights(inputs)}
    return found


def receptive_field(layer: str, row: int, column: int) -> Array:
    """First and last row and column of what a cell sees, for image, conv1, conv2 and pool."""
    field = np.full((4, 4), np.nan)
    if layer == "pool":
        row, column = min(row, 12), min(column, 13)
        field[3] = row, row, column, column
        field[2] = 2 * row - 1, 2 * row, 2 * column - 1, min(2 * column, 25)
    elif layer == "conv2":
        row, column = min(row, 24), min(column, 25)
        field[2] = row, row, column, column
    else:
        field[1] = row, row, column, column
    if layer != "conv1":
        top, bottom, left, right = field[2]
        field[1] = top, bottom + 2, left, min(right + 2, 26)
    top, bottom, left, right = field[1]
    field[0] = top, bottom + 2, left, right + 2
    return field


def one_cell(inputs: Inputs, found: dict[str, Array], field: Array) -> dict[str, Array]:
    """One cell of conv1 and one of conv2, tap by tap."""
    place = np.array([field[1, [0, 2]], field[2, [0, 2]]])
    if np.isnan(place[1, 0]):
        place[1] = min(inputs["row"], 24), min(inputs["column"], 25)
    layers = {
        "image": (grid(inputs, "image"), "conv1_weight_1", place[0]),
        "conv1_1": (found["conv1_1"], "conv2_weight_11", place[1]),
        "conv1_2": (found["conv1_2"], "conv2_weight_12", place[1]),
    }
    blocks, sums = {"place": place}, []
    for name, (picture, weight, (row, column)) in layers.items():
        wide = np.pad(picture, [(0, 0), (0, 1)])
        patch = wide[int(row) - 1 : int(row) + 2, int(column) - 1 : int(column) + 2]
        product = patch * grid(inputs, weight)
        blocks |= {f"patch_{name}": patch, f"product_{name}": product}
        sums.append(product.ravel().cumsum()[-1])
    conv1, first, second = sums
    row = [conv1, relu(conv1), first, second, first + second, relu(first + second)]
    return blocks | {"sums": np.array([row], float)}


def weights(inputs: Inputs) -> dict[str, Array]:
    """The numbers from the seed, and the filters that are chosen for conv1."""
    state, states = int(inputs["seed"]), []
    for _ in range(WEIGHTS):
        state = 16807 * state % 2147483647
        states.append(state)
    uniform = np.array(states, float) / 2147483647
    random = np.column_stack([states, uniform, 2 * uniform - 1])
    choice = CHOICES[int(inputs["filters"])]
    if choice == "random":
        first, second = random[:18, 2].reshape(2, 3, 3)
    else:
        first, second = grid(inputs, f"{choice}_1"), grid(inputs, f"{choice}_2")
    return {"random": random, "chosen_1": first, "chosen_2": second}


def cost() -> Array:
    """A row for each convolution: outputs, taps of each, multiplications, weights, numbers in im2col's
    matrix, inputs, numbers in the matrix from all inputs to all outputs, how many times more those are."""
    rows = []
    for pixels, taps, seen in ((26 * 26, 9, 28 * 28), (24 * 25, 18, 2 * 26 * 26)):
        outputs = 2 * pixels
        matrix = outputs * seen
        rows.append(
            [outputs, taps, outputs * taps, 2 * taps, pixels * taps, seen, matrix, matrix / (outputs * taps)]
        )
    return np.array(rows, float)
