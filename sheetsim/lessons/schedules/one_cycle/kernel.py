"""`one_cycle`, told by a CUDA kernel: see kernel.cu. The three schedules are three threads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import column_index
from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.schedules.one_cycle import AVERAGES, COLUMNS, SHEETS, optimizer_of

SOURCE = Path(__file__).with_name("kernel.cu")


def schedules(inputs: Inputs) -> NDArray[np.float64]:
    """A row of numbers for each schedule: the fields of `Schedule`."""

    def numbers(*names: str) -> list[float]:
        return [float(inputs[name]) for name in names]

    top, div, div_final = numbers("lr_max", "div", "div_final")
    fastai = [0, top, top / div, top / div_final, *numbers("pct_start", "anneal", "mom_high", "mom_low")]
    top, div, div_final = numbers("torch_lr_max", "div_factor", "final_div_factor")
    part = numbers("torch_pct_start", "torch_anneal", "max_momentum", "base_momentum")
    lr, momentum = numbers("lr", "momentum")
    rows = [
        fastai,
        [1, top, top / div, top / div / div_final, *part],
        [2, lr, lr, lr, 0, 0, momentum, momentum],
    ]
    return np.array(rows, np.float64)


def compute(inputs: Inputs, device: str | None = None) -> dict[str, NDArray[np.float64]]:
    """All blocks of the lesson, from the inputs of its workbook."""
    kernels = Kernels(SOURCE, ("train",), device)
    x, y = (np.asarray(inputs[name], np.float64) for name in ("x", "y"))
    rows, epochs, name = (
        len(x),
        int(inputs["epochs"]),
        optimizer_of({"optimizer": float(inputs["optimizer"])}),
    )
    adam = name == "adam"
    tables = kernels.empty((3, rows * epochs, 18 if adam else 14))
    rmse, top = kernels.empty((3, epochs)), kernels.empty((3, epochs))
    line = float(inputs["b"]), float(inputs["a"])
    constants = (float(inputs["beta2"]), float(inputs["eps"])) if adam else (0.0, 0.0)
    kernels.launch(
        *("train", 3, schedules(inputs), x, y, tables, rmse, top, 3, rows, epochs, int(adam)),
        *line,
        *constants,
    )
    cells, roots, highest = (kernels.download(one) for one in (tables, rmse, top))
    found, first = {}, column_index("D")
    for place, role in enumerate(SHEETS):
        for block, (letter, headings, _) in {**COLUMNS, **AVERAGES[name]}.items():
            left = column_index(letter) - first
            found[f"{role}.{block}"] = cells[place][:, left : left + len(headings)]
        ends = found[f"{role}.step"][rows - 1 :: rows]
        found[f"summary.{role}"] = np.column_stack([roots[place], ends, highest[place]])
    del found["constant.phase"]
    return found
