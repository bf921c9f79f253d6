"""`broadcasting`, told by CUDA kernels, which repeat an axis by a stride of 0: see kernel.cu."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.nets.broadcasting import AXES, EXAMPLES, OPERANDS, OPERATORS, OWN, SIDE, shapes_of

Array = NDArray[np.float64]

SOURCE = Path(__file__).with_name("kernel.cu")
ENTRIES = ("combine", "means", "rule")


def strides(array: Array, rows: int, columns: int) -> tuple[int, int]:
    """How far apart an array's neighbours lie, down and across, where it is read as rows x columns: 0 along
    an axis that is repeated."""
    held = array.shape
    down = 0 if held[0] == 1 and rows > 1 else held[1]
    return down, 0 if held[1] == 1 and columns > 1 else 1


def compute(inputs: Inputs, device: str | None = None) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    kernels = Kernels(SOURCE, ENTRIES, device)
    c, m = (np.ascontiguousarray(inputs[name], np.float64) for name in ("c", "m"))

    def means(down: bool) -> Array:
        found = kernels.empty((SIDE,))
        kernels.launch("means", SIDE, m, found, SIDE, SIDE, *((1, SIDE) if down else (SIDE, 1)))
        return kernels.download(found)

    columns, rows = means(True), means(False)
    operands = {
        "c": c,
        "column c": c.reshape(-1, 1),
        "m": m,
        "column means": columns.reshape(1, -1),
        "row means": rows.reshape(-1, 1),
        "flat row means": rows.reshape(1, -1),
    }
    words = list(OPERANDS)
    one, does, other = (int(inputs[name]) for name in ("left", "operator", "right"))
    chosen = {name: (each.left, each.operator, each.right) for name, each in EXAMPLES.items()}
    chosen[OWN] = (words[one], OPERATORS[does], words[other])
    blocks = {
        "c_column": operands["column c"],
        "mean_0": operands["column means"],
        "mean_1": operands["row means"],
        "mean_1_flat": operands["flat row means"],
    }
    for name, (left, operator, right) in chosen.items():
        a, b = (np.ascontiguousarray(operands[word]) for word in (left, right))
        shape = max(a.shape[0], b.shape[0]), max(a.shape[1], b.shape[1])
        made = [kernels.empty(shape) for _ in range(3)]
        steps = (*strides(a, *shape), *strides(b, *shape))
        operation = OPERATORS.index(operator)
        kernels.launch("combine", shape[0] * shape[1], a, b, *made, *shape, *steps, operation)
        for part, buffer in zip(("left", "right", "result"), made, strict=True):
            blocks[f"{name}.{part}"] = np.full((SIDE, SIDE), np.nan)
            blocks[f"{name}.{part}"][: shape[0], : shape[1]] = kernels.download(buffer)
        if name != OWN:
            blocks[f"{name}.array"] = blocks[f"{name}.result"]
    pairs = len(shapes_of(inputs))  # refuses what is no shape
    a, b = (np.ascontiguousarray(inputs[name], np.float64) for name in ("shape_a", "shape_b"))
    sizes, numbers = kernels.empty((pairs, AXES)), kernels.empty((pairs, 3))
    kernels.launch("rule", pairs, a, b, sizes, numbers, pairs, AXES)
    return blocks | {"axes": kernels.download(sizes), "numbers": kernels.download(numbers)}
