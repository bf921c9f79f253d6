"""Slopes of one cell of a workbook with respect to others, at the values that it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sheetsim.errors import SheetsimError
from sheetsim.solve.device import torch_device
from sheetsim.values import ERROR
from sheetsim.workbook import Workbook


@dataclass(frozen=True, slots=True)
class Gradient:
    """The cell's value, its slopes (a block [rows, columns] for each address asked for, 0 where it does not
    depend on a cell) and what no slope goes through."""

    value: float
    slopes: list[NDArray[np.float64]]
    notes: list[str]


def gradient(book: Workbook, of: str, wrt: Sequence[str], device: str = "cpu") -> Gradient:
    """The gradient of cell `of` by the cells of `wrt`, all with their sheets ("adam!I32"); on `device`.

    SheetsimError for an address that is none, where `of` is more than one cell or depends on none of `wrt`,
    where a formula on the way has no slope, and for a device that is not there; MissingExtra without torch.
    """
    place = torch_device(device, "a gradient")
    import torch

    from sheetsim.backends.tensors import make_function

    function = make_function(book, wrt, [of], device=place)
    if function.outputs[0][1].size > 1:
        raise SheetsimError(f"a gradient is of one cell, not of {of}")
    points = []
    for sheet, rect in function.inputs:
        block = book[sheet].block(rect)
        numbers = np.where(block.kind_array() == ERROR, 0.0, block.numbers)
        points.append(torch.tensor(np.ascontiguousarray(numbers), requires_grad=True))
    value = function(*points)
    assert isinstance(value, torch.Tensor)
    slopes = (
        torch.autograd.grad(value, points, allow_unused=True) if value.requires_grad else [None] * len(wrt)
    )
    return Gradient(
        float(value.detach()),
        [
            np.zeros(point.shape) if slope is None else slope.numpy()
            for slope, point in zip(slopes, points, strict=True)
        ],
        function.notes,
    )
