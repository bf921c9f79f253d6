"""A part of a workbook as one compiled function of many scenarios: inputs to outputs, once for each.

    slice_ = Scenarios.of(book, plan, inputs, outputs)       Unsuited where a step is no loop of numbers
    blocks, failed = slice_.run([learning_rates[:, None, None]])

The steps between inputs and outputs are loops (`loops`), also those that are no recurrences; they are called
one after another on the same working memory, for one scenario after another. A scenario in which something
fails (a division by zero) is said to have `failed`: its outputs mean nothing, and whoever asked works it out
otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.backends import native
from sheetsim.backends.loops import LoopCode, Segment, bind, segments
from sheetsim.backends.print_llvm import LlvmCode, module
from sheetsim.backends.slope_units import Unit, moving_units
from sheetsim.errors import SheetsimError
from sheetsim.ir.lower import Unsuited
from sheetsim.plan.graph import survey
from sheetsim.plan.recurrence import Places, Sweep
from sheetsim.plan.regions import Region
from sheetsim.plan.schedule import Plan
from sheetsim.run.execute import calculate
from sheetsim.run.inputs import Place
from sheetsim.run.recurrences import Pass
from sheetsim.run.store import Grid
from sheetsim.values import ERROR, NUMBER
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
        calculation = calculate(book, plan)
        if calculation.plan is not plan or calculation.late:
            raise Unsuited("what depends on how far formulas spill")
        grids = calculation.grids
        for sheet, rect in inputs:
            kinds = grids[sheet.casefold()].kinds
            kinds[rect.top : rect.bottom, rect.left : rect.right] = NUMBER
        try:
            units = moving_units(book, plan, calculation, inputs, outputs)
        except SheetsimError as reason:
            raise Unsuited(str(reason)) from None
        printed: list[tuple[LlvmCode, tuple[int, int, int], int, int]] = []
        integers: list[NDArray[np.int64]] = []
        arrays: list[list[Grid]] = []
        for unit in units:
            sweep, parts = _loops(unit)
            for segment in parts:
                code, printer, size = _printed(segment, sweep, grids)
                integers.append(np.array(bind(code.slots, sweep, segment.active, grids), np.int64))
                arrays.append([grids[sheet] for sheet in sweep.places.sheets])
                printed.append((printer, size, sweep.sign * segment.start, sweep.sign * segment.stop))
        keep: list[NDArray[Any]] = list(integers)
        steps = []
        for (printer, size, start, stop), given, used in zip(printed, integers, arrays, strict=True):
            numbers = np.array([grid.flat.ctypes.data for grid in used], np.int64)
            kinds = np.array([grid.kinds.T.ctypes.data for grid in used], np.int64)
            keep += [numbers, kinds]
            addresses = [array.ctypes.data for array in (given, numbers, kinds)]
            steps.append((printer, size, addresses, start, stop))
        places = [np.concatenate([_addresses(grids, place) for place in some]) for some in (inputs, outputs)]
        text = module(steps, [(array.ctypes.data, len(array)) for array in places])
        return cls(inputs, outputs, native.compiled(text), grids, [*keep, *places])

    def run(self, blocks: Sequence[Array]) -> tuple[list[Array], NDArray[np.bool_]]:
        """Blocks [scenarios, rows, columns] of the outputs for those of the inputs (one scenario stands for
        all), and which scenarios failed."""
        count = max(len(block) for block in blocks)
        wide = [
            np.broadcast_to(block, (count, *rect.shape)).reshape(count, -1)
            for block, (_, rect) in zip(blocks, self.inputs, strict=True)
        ]
        given = np.ascontiguousarray(np.concatenate(wide, axis=1), np.float64)
        sizes = [rect.size for _, rect in self.outputs]
        found, failed = np.empty((count, sum(sizes))), np.zeros(count, np.uint8)
        self.function(given.ctypes.data, found.ctypes.data, failed.ctypes.data, 0, count)
        parts = np.split(found, np.cumsum(sizes)[:-1], axis=1)
        shaped = [
            part.reshape(count, *rect.shape) for part, (_, rect) in zip(parts, self.outputs, strict=True)
        ]
        for block, (sheet, rect) in zip(shaped, self.outputs, strict=True):
            kinds = self.grids[sheet.casefold()].kinds[rect.top : rect.bottom, rect.left : rect.right]
            block[:, kinds == ERROR] = np.nan  # errors that no input moves
        return shaped, (failed != 0) | ~np.isfinite(given).all(axis=1)


def _loops(unit: Unit) -> tuple[Sweep, Sequence[Segment]]:
    """A unit as loops: a recurrence, or a region as a sweep that depends on nothing of its own."""
    if unit.step.sweep is not None:
        return unit.step.sweep, unit.step.segments
    region: Region = unit.regions[0]
    single = unit.step.how in ("whole", "cells") and len(unit.regions) == 1
    if unit.stack or region.array or region.lifted or not single:
        raise Unsuited(f"{region} is no formula of single cells")
    assert region.node is not None
    references = tuple(survey(region.node).references)
    sweep = Sweep("down", (region,), (references,), (0,), (1,), Places([region], [references]))
    return sweep, segments(sweep)


def _printed(
    segment: Segment, sweep: Sweep, grids: dict[str, Grid]
) -> tuple[LoopCode, LlvmCode, tuple[int, int, int]]:
    """The loop of a segment in the variant that takes its cells as they are."""
    if segment.loop is None:
        raise Unsuited(segment.reason)
    look = Pass(grids, _unexpected, "llvm")
    for variant in ("plain", "mixed"):
        code, printer = segment.loop.printed(variant)
        look.mark(code, sweep, segment)
        if look.takes(code, sweep, segment):
            return code, printer, (len(code.slots), segment.loop.arrays, segment.loop.sign)
    raise Unsuited("something that is no number")


def _addresses(grids: dict[str, Grid], place: Place) -> NDArray[np.int64]:
    """Where the numbers of a rectangle's cells are in memory, in reading order."""
    sheet, rect = place
    grid = grids[sheet.casefold()]
    if Rect(0, 0, grid.height, grid.width).intersect(rect) != rect:
        raise Unsuited("an input or output outside the cells in use")
    rows = np.arange(rect.top, rect.bottom)[:, None]
    columns = np.arange(rect.left, rect.right)
    return (grid.flat.ctypes.data + 8 * (columns * grid.height + rows)).reshape(-1).astype(np.int64)


def _unexpected(region: Region, row: int, column: int) -> None:
    raise AssertionError("nothing is computed while a loop is looked at")
