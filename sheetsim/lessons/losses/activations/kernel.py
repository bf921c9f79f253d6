"""`activations`, told by CUDA kernels: see kernel.cu."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.losses.activations import DEEP, EXACT_DIGITS, FUNCTIONS, LAYERS

SOURCE = Path(__file__).with_name("kernel.cu")
COLUMNS = {"values": 7, "slopes": 7, "inner": 2, "exact": 2}

Array = NDArray[np.float64]


def compute(inputs: Inputs, device: str | None = None) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    kernels = Kernels(SOURCE, ("table", "layers"), device)
    low, step, leak, x0, h = (float(inputs[name]) for name in ("low", "step", "negative_slope", "x0", "h"))

    def table(x: Array) -> dict[str, Array]:
        results = {name: kernels.empty((len(x), columns)) for name, columns in COLUMNS.items()}
        kernels.launch("table", len(x), x, *results.values(), len(x), leak, 10.0**EXACT_DIGITS)
        return {name: kernels.download(result) for name, result in results.items()}

    x = low + step * np.arange(int(inputs["rows"]), dtype=np.float64)
    found, near = table(x), table(np.array([x0 - h, x0, x0 + h]))
    at, slope = near["values"].T, near["slopes"].T[:, 1:2]
    estimate = (at[:, 2:] - at[:, :1]) / (2 * h)
    chosen = FUNCTIONS[int(inputs["function"])]
    place = FUNCTIONS.index(chosen)
    tangent = at[place, 1] + slope[place, 0] * (x - x0)
    signals, passed = (kernels.empty((LAYERS + 1, len(DEEP))) for _ in range(2))
    kernels.launch("layers", len(DEEP), signals, passed, LAYERS, len(DEEP), float(inputs["signal"]), leak)
    return found | {
        "x": x[:, None],
        "at": at,
        "slope": slope,
        "estimate": estimate,
        "apart": np.round(estimate - slope, 6),
        "chosen": np.array([[place + 1, at[place, 1], slope[place, 0]]]),
        "tangent": np.column_stack([x, found["values"][:, place], tangent]),
        "signals": kernels.download(signals),
        "passed": kernels.download(passed),
    }
