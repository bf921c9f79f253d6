"""`broadcasting` by torch: its operators, torch.broadcast_tensors and torch.broadcast_shapes."""

import math
import operator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.nets.broadcasting import AXES, EXAMPLES, OPERANDS, OPERATORS, OWN, SIDE, shapes_of

FUNCTIONS = {
    "plus": operator.add,
    "minus": operator.sub,
    "times": operator.mul,
    "above": operator.gt,
}


def as_cells(tensor: Tensor) -> NDArray[np.float64]:
    """As three rows of three cells; a result of one row or column leaves the others empty."""
    cells = np.full((SIDE, SIDE), np.nan)
    rows = torch.atleast_2d(tensor.double()).numpy()
    cells[: rows.shape[0], : rows.shape[1]] = rows
    return cells


def rule(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[list[float], float]:
    """Sizes along the last axes and how many numbers the result has. torch refuses shapes that do not fit as
    a whole; which of their axes is to blame it says when asked for each alone."""
    longest = max(len(a), len(b))
    try:
        shape = torch.broadcast_shapes(a, b)
    except RuntimeError:
        sizes = []
        for x, y in zip((1,) * (longest - len(a)) + a, (1,) * (longest - len(b)) + b, strict=True):
            try:
                sizes.append(float(torch.broadcast_shapes((x,), (y,))[0]))
            except RuntimeError:
                sizes.append(math.nan)
        return [math.nan] * (AXES - longest) + sizes, math.nan
    return [math.nan] * (AXES - longest) + [float(size) for size in shape], float(math.prod(shape))


def compute(inputs: Inputs) -> dict[str, NDArray[np.float64]]:
    """All blocks of the lesson, from the inputs of its workbook."""
    c = torch.tensor(np.asarray(inputs["c"])[0], dtype=torch.float64)
    m = torch.tensor(np.asarray(inputs["m"]), dtype=torch.float64)
    operands = {
        "c": c,
        "column c": c[:, None],
        "m": m,
        "column means": m.mean(0),
        "row means": m.mean(1, keepdim=True),
        "flat row means": m.mean(1),
    }
    words = list(OPERANDS)
    chosen = {name: (one.left, one.operator, one.right) for name, one in EXAMPLES.items()}
    left, function, right = (int(inputs[name]) for name in ("left", "operator", "right"))
    chosen[OWN] = (words[left], OPERATORS[function], words[right])
    blocks = {
        "c_column": operands["column c"].numpy(),
        "mean_0": operands["column means"][None].numpy(),
        "mean_1": operands["row means"].numpy(),
        "mean_1_flat": operands["flat row means"][None].numpy(),
    }
    for name, (one, does, other) in chosen.items():
        result = FUNCTIONS[does](operands[one], operands[other])
        repeated = torch.broadcast_tensors(operands[one], operands[other])
        for part, tensor in zip(("left", "right", "result"), (*repeated, result), strict=True):
            blocks[f"{name}.{part}"] = as_cells(tensor)
        if name != OWN:
            blocks[f"{name}.array"] = as_cells(result)
    axes, counts = [], []
    for a, b in shapes_of(inputs):
        sizes, count = rule(a, b)
        axes.append(sizes)
        counts.append([float(math.prod(a)), float(math.prod(b)), count])
    return blocks | {"axes": np.array(axes), "numbers": np.array(counts)}
