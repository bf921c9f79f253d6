"""`dropout`, told by CUDA kernels: see kernel.cu and ../vision/vision.cuh."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.vision._shared.kernel import ENTRIES, convolutions, ends, grid
from sheetsim.lessons.vision.dropout import CONVENTIONS, STATES, STRIP

SOURCE = Path(__file__).with_name("kernel.cu")

Array = NDArray[np.float64]


def compute(inputs: Inputs, device: str | None = None) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook; of the course's sheet, what it has."""
    kernels = Kernels(SOURCE, (*ENTRIES, "states", "dropout", "counts"), device)
    conv1, conv2 = convolutions(kernels, inputs)
    p = float(inputs["p"])
    by_torch = CONVENTIONS[int(inputs["convention"])] == "torch"
    rule = p + 0.001, 1 / (1 - p) if by_torch else 1.0
    own = "seed" in inputs
    pictures = np.concatenate([conv2, *[conv2[:1]] * STRIP]) if own else conv2
    typed = None if own else np.stack([grid(inputs, f"uniform_{n}") for n in (1, 2)])
    uniform, mask, out = (kernels.empty(pictures.shape) for _ in range(3))
    seed, count = int(inputs.get("seed", 0)), pictures.size
    kernels.launch("dropout", count, pictures, typed, uniform, mask, out, count, seed, 0, *rule)
    table = kernels.empty((len(pictures), 8))
    cells = pictures[0].size
    kernels.launch("counts", len(pictures), pictures, mask, out, table, len(pictures), cells, rule[0])
    layers = {"conv1": conv1, "conv2": conv2}
    layers |= {"mask": kernels.download(mask)[:2], "out": kernels.download(out)[:2]}
    counts = kernels.download(table)
    off = counts[:2, 2]
    layers["count"] = np.stack([np.full(2, 676.0), off, off / 676], 1)[:, :, None]
    found = ends(kernels, inputs, layers["out"])
    if own:
        layers |= {"uniform": kernels.download(uniform)[:2], "strip": kernels.download(out)[2:]}
        states = kernels.empty(STATES.shape)
        kernels.launch("states", STATES.size, states, seed, STATES.size)
        found |= {"states": kernels.download(states), "rule": np.array(rule)[:, None], "counts": counts}
    return found | {f"{name}_{n}": one for name, layer in layers.items() for n, one in enumerate(layer, 1)}
