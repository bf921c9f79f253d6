"""`embedding_size` in NumPy."""

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.kit.lesson import Inputs

Array = NDArray[np.float64]


def half_up(x: Array) -> Array:
    """Rounded as Excel's ROUND does it, halves away from zero; x >= 0."""
    return np.floor(x + 0.5)


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    n, curve_n = (np.asarray(inputs[name], np.float64) for name in ("n", "curve_n"))
    factor, exponent, largest = (float(inputs[name]) for name in ("factor", "exponent", "largest"))
    rule = factor * n**exponent
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.minimum(largest, half_up(rule))
        saved = n / size
    curve = np.minimum(largest, half_up(factor * curve_n**exponent))
    older = np.minimum(50, np.floor((curve_n + 1) / 2))
    return {
        "rule": rule[:, None],
        "size": size[:, None],
        "weights": (n * size)[:, None],
        "saved": saved[:, None],
        "curve": np.column_stack([curve, older]),
    }
