"""`dropout` in NumPy."""

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.vision._shared.arrays import convolutions, ends, grid
from sheetsim.lessons.vision.dropout import CONVENTIONS, SHAPE, STATES, STRIP

Array = NDArray[np.float64]


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook; of the course's sheet, what it has."""
    found = convolutions(inputs)
    p = float(inputs["p"])
    threshold = p + 0.001
    factor = 1 / (1 - p) if CONVENTIONS[int(inputs["convention"])] == "torch" else 1.0
    if "seed" in inputs:
        states = park_miller(int(inputs["seed"]))
        numbers = (states / 2147483647).reshape(-1, *SHAPE)
        found |= {"states": states, "uniform_1": numbers[0], "uniform_2": numbers[1]}
        found["rule"] = np.array([[threshold], [factor]])
        found |= strip(found["conv2_1"], numbers[2:], threshold, factor)
    for n in (1, 2):
        uniform = found.get(f"uniform_{n}")
        mask = keep(grid(inputs, f"uniform_{n}") if uniform is None else uniform, threshold)
        zeros = float((mask == 0).sum())
        found[f"mask_{n}"] = mask
        found[f"count_{n}"] = np.array([[26.0 * 26], [zeros], [zeros / (26 * 26)]])
        found[f"out_{n}"] = np.where(mask == 0, 0.0, found[f"conv2_{n}"] * factor)
    found |= ends(inputs, (found["out_1"], found["out_2"]))
    if "seed" in inputs:
        found["counts"] = counts(found, numbers, threshold)
    return found


def park_miller(seed: int) -> Array:
    """The states after a seed, row by row."""
    states = np.empty(STATES.size)
    for place in range(len(states)):
        seed = 16807 * seed % 2147483647
        states[place] = seed
    return states.reshape(STATES.shape)


def keep(uniform: Array, threshold: float) -> Array:
    """The random number itself where it is above the threshold, else 0."""
    return np.where(uniform > threshold, uniform, 0.0)


def strip(picture: Array, numbers: Array, threshold: float, factor: float) -> dict[str, Array]:
    """The same picture under each mask."""
    return {f"strip_{n + 1}": np.where(numbers[n] > threshold, picture * factor, 0.0) for n in range(STRIP)}


def mean(picture: Array) -> float:
    """Summed in reading order."""
    return float(picture.ravel().cumsum()[-1] / picture.size)


def counts(found: dict[str, Array], numbers: Array, threshold: float) -> Array:
    """A row for each channel and each mask of the strip."""
    before = [found["conv2_1"], found["conv2_2"], *[found["conv2_1"]] * STRIP]
    after = [found["out_1"], found["out_2"], *(found[f"strip_{n + 1}"] for n in range(STRIP))]
    rows = []
    for uniform, first, last in zip(numbers, before, after, strict=True):
        cells, off = uniform.size, int((uniform <= threshold).sum())
        expected = cells * threshold
        deviation = np.sqrt(expected * (1 - threshold))
        apart = (off - expected) / deviation if deviation else 0.0
        rows.append([cells, expected, off, off / cells, deviation, apart, mean(first), mean(last)])
    return np.array(rows, float)
