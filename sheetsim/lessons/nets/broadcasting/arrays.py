"""`broadcasting` in NumPy."""

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.nets.broadcasting import AXES, EXAMPLES, OPERANDS, OPERATORS, OWN, SIDE, shapes_of

Array = NDArray[np.float64]


def combine(left: Array, operator: str, right: Array) -> Array:
    if operator == "above":
        return (left > right).astype(float)
    return {"plus": np.add, "minus": np.subtract, "times": np.multiply}[operator](left, right)


def mean(rows: Array) -> Array:
    """The mean along the last axis, summed from left to right."""
    total = np.zeros(rows.shape[:-1])
    for place in range(rows.shape[-1]):
        total = total + rows[..., place]
    return total / rows.shape[-1]


def along(x: int, y: int) -> float:
    """The rule for one axis: equal sizes stay, 1 becomes the other, else there is none."""
    if x == y or y == 1:
        return float(x)
    return float(y) if x == 1 else np.nan


def rule(a: tuple[int, ...], b: tuple[int, ...]) -> list[float]:
    """The result's size along each of the last axes; NaN where there is no axis, or no size that fits."""
    found = []
    for axis in range(-AXES, 0):
        here = [shape[axis] if -axis <= len(shape) else None for shape in (a, b)]
        x, y = (1 if size is None else size for size in here)
        found.append(np.nan if here == [None, None] else along(x, y))
    return found


def numbers(a: tuple[int, ...], b: tuple[int, ...], axes: list[float]) -> list[float]:
    """How many numbers both store, and how many the result has; NaN where there is none."""
    present = axes[AXES - max(len(a), len(b)) :]
    return [float(np.prod(shape, dtype=np.float64)) for shape in (a, b, present)]


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    c, m = np.asarray(inputs["c"], np.float64)[0], np.asarray(inputs["m"], np.float64)
    mean_1 = mean(m)
    operands = {
        "c": c,
        "column c": c[:, None],
        "m": m,
        "column means": mean(m.T),
        "row means": mean_1[:, None],
        "flat row means": mean_1,
    }
    words = list(OPERANDS)
    own = tuple(int(inputs[name]) for name in ("left", "operator", "right"))
    chosen = {name: (one.left, one.operator, one.right) for name, one in EXAMPLES.items()}
    chosen[OWN] = (words[own[0]], OPERATORS[own[1]], words[own[2]])
    blocks = {
        "c_column": operands["column c"],
        "mean_0": operands["column means"][None],
        "mean_1": operands["row means"],
        "mean_1_flat": mean_1[None],
    }
    for name, (left, operator, right) in chosen.items():
        result = combine(operands[left], operator, operands[right])
        repeated = np.broadcast_arrays(operands[left], operands[right])
        for part, array in zip(("left", "right", "result"), (*repeated, result), strict=True):
            shown = np.full((SIDE, SIDE), np.nan)  # a result of one row or column leaves cells empty
            shape = np.atleast_2d(array).shape
            shown[: shape[0], : shape[1]] = array
            blocks[f"{name}.{part}"] = shown
        if name != OWN:
            blocks[f"{name}.array"] = result
    shapes = shapes_of(inputs)
    axes = [rule(a, b) for a, b in shapes]
    counts = [numbers(a, b, sizes) for (a, b), sizes in zip(shapes, axes, strict=True)]
    return blocks | {"axes": np.array(axes), "numbers": np.array(counts)}
