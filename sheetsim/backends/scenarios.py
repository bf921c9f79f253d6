"""A part of a workbook as one compiled function of many scenarios: inputs to outputs, once for each.

    slice_ = Scenarios.of(book, plan, inputs, outputs)       Unsuited where a step is no loop of numbers
    blocks, failed = slice_.run([learning_rates[:, None, None]])

The loops between inputs and outputs (`slices`) are called one after another on the same working memory, for
one scenario after another. A scenario in which something fails (a division by zero) is said to have
`failed`: its outputs mean nothing, and whoever asked works it out otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.backends import native
from sheetsim.backends.print_llvm import LlvmCode, module
from sheetsim.backends.slices import addresses, slice_loops
from sheetsim.plan.schedule import Plan
from sheetsim.run.inputs import Place
from sheetsim.run.store import Grid
from sheetsim.values import ERROR
from sheetsim.workbook import Workbook

Array = NDArray[np.float64]


@dataclass(slots=True)
class Scenarios:
    """`run` as the module says; what `function` points to is kept alive by the other fields."""

    inputs: Sequence[Place]
    outputs: Sequence[Place]
    function: native.Native
    grids: dict[str, Grid]
    kept: list[NDArray[Any]]

    @classmethod
    def of(cls, book: Workbook, plan: Plan, inputs: Sequence[Place], outputs: Sequence[Place]) -> Scenarios:
        """`inputs` hold no formulas. Unsuited, with the reason, where a step cannot be told so."""
        grids, loops = slice_loops(book, plan, inputs, outputs, lambda: LlvmCode(False))
        kept: list[NDArray[Any]] = []
        steps = []
        for loop in loops:
            used = [grids[sheet] for sheet in loop.sheets]
            given = [
                np.array(loop.integers, np.int64),
                np.array([grid.flat.ctypes.data for grid in used], np.int64),
                np.array([grid.kinds.T.ctypes.data for grid in used], np.int64),
            ]
            kept += given
            size = len(loop.integers), len(used), loop.sign
            steps.append((loop.printer, size, [array.ctypes.data for array in given], loop.start, loop.stop))
        for places in (inputs, outputs):
            where = [
                grids[place[0].casefold()].flat.ctypes.data + 8 * addresses(grids, place) for place in places
            ]
            kept.append(np.concatenate(where))
        text = module(steps, [(array.ctypes.data, len(array)) for array in kept[-2:]])
        return cls(inputs, outputs, native.compiled(text), grids, kept)

    def run(self, blocks: Sequence[Array]) -> tuple[list[Array], NDArray[np.bool_]]:
        """Blocks [scenarios, rows, columns] of the outputs for those of the inputs (one scenario stands for
        all), and which scenarios failed."""
        given = side_by_side(blocks, self.inputs)
        count = len(given)
        found = np.empty((count, sum(rect.size for _, rect in self.outputs)))
        failed = np.zeros(count, np.uint8)
        self.function(given.ctypes.data, found.ctypes.data, failed.ctypes.data, 0, count)
        wrong = (failed != 0) | ~np.isfinite(given).all(axis=1)
        return taken_apart(found, self.outputs, self.grids), wrong


def side_by_side(blocks: Sequence[Array], inputs: Sequence[Place]) -> Array:
    """A row of all inputs' numbers for each scenario."""
    count = max(len(block) for block in blocks)
    wide = [
        np.broadcast_to(block, (count, *rect.shape)).reshape(count, -1)
        for block, (_, rect) in zip(blocks, inputs, strict=True)
    ]
    return np.ascontiguousarray(np.concatenate(wide, axis=1), np.float64)


def taken_apart(found: Array, outputs: Sequence[Place], grids: Mapping[str, Grid]) -> list[Array]:
    """A block for each output of rows of all their numbers; errors that no input moves are NaN."""
    sizes = [rect.size for _, rect in outputs]
    parts = np.split(found, np.cumsum(sizes)[:-1], axis=1)
    blocks = []
    for part, (sheet, rect) in zip(parts, outputs, strict=True):
        block = part.reshape(len(found), *rect.shape)
        kinds = grids[sheet.casefold()].kinds[rect.top : rect.bottom, rect.left : rect.right]
        block[:, kinds == ERROR] = np.nan
        blocks.append(block)
    return blocks
