"""`lr_finder`, told by CUDA kernels: see kernel.cu."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.schedules.lr_finder import COLUMNS, LAST_SKIPPED

SOURCE = Path(__file__).with_name("kernel.cu")
NUMBERS = ("start_lr", "end_lr", "beta", "stop", "b", "a")


def compute(inputs: Inputs, device: str | None = None) -> dict[str, NDArray[np.float64]]:
    """All blocks of the lesson, from the inputs of its workbook."""
    kernels = Kernels(SOURCE, ("train", "look", "suggest"), device)
    x, y = (np.asarray(inputs[name], np.float64) for name in ("x", "y"))
    steps = int(inputs["steps"])
    table, suggestion = kernels.empty((steps, 12)), kernels.empty((3, 2))
    slope, looked = kernels.empty((steps, 1)), kernels.empty((steps, 1))
    kernels.launch("train", 1, x, y, table, len(x), steps, *(float(inputs[name]) for name in NUMBERS))
    cells = kernels.download(table)
    taken = cells[:, 9].sum()
    last = 0 if np.isnan(taken) else int(taken) - LAST_SKIPPED  # an error in the sheet: nothing is looked at
    kernels.launch("look", steps, table, slope, looked, steps, steps // 10, last)
    kernels.launch("suggest", 1, table, slope, looked, suggestion, steps)
    found = {
        name: cells[:, left - 3 : left - 3 + len(headings)]
        for name, (left, headings, _) in COLUMNS.items()
        if name not in ("slope", "looked")
    }
    told = {"slope": slope, "looked": looked, "suggestion": suggestion}
    return found | {name: kernels.download(buffer) for name, buffer in told.items()}
