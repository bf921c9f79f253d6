"""What lies between some cells of a workbook and others, as loops one after another.

    grids, parts = slice_loops(book, plan, inputs, outputs, lambda: LlvmCode(False))

Each step that the inputs move and the outputs need is a loop (`loops`), also one that is no recurrence,
printed by a printer of its own, to be a part of one larger program: `scenarios` makes LLVM IR of them,
`kernels` CUDA C++.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.backends.loop_parts import Variant
from sheetsim.backends.loops import LoopCode, Segment, bind, segments
from sheetsim.backends.printer import Printer
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
from sheetsim.values import NUMBER
from sheetsim.workbook import Workbook

P = TypeVar("P", bound=Printer)
_VARIANTS: tuple[Variant, ...] = ("plain", "mixed")


@dataclass(frozen=True, slots=True)
class SliceLoop(Generic[P]):
    """One loop: how it is printed, its integers, the sheets (in lower case) that its arrays are, its first
    time and the one that it stops at, as its language counts."""

    printer: P
    integers: list[int]
    sheets: list[str]
    sign: int
    start: int
    stop: int


def slice_loops(
    book: Workbook, plan: Plan, inputs: Sequence[Place], outputs: Sequence[Place], printer: Callable[[], P]
) -> tuple[dict[str, Grid], list[SliceLoop[P]]]:
    """The grids of a calculation at the inputs that the book holds, and the loops. `inputs` hold no formulas.
    Unsuited, with the reason, where a step cannot be told so."""
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
    found = []
    for unit in units:
        sweep, parts = _loops(unit)
        for segment in parts:
            code, printed = _printed(segment, sweep, grids, printer)
            integers = bind(code.slots, sweep, segment.active, grids)
            ends = sweep.sign * segment.start, sweep.sign * segment.stop
            found.append(SliceLoop(printed, integers, list(sweep.places.sheets), sweep.sign, *ends))
    return grids, found


def addresses(grids: dict[str, Grid], place: Place) -> NDArray[np.int64]:
    """The numbers of a rectangle's cells in the flat array of their sheet, in reading order."""
    sheet, rect = place
    grid = grids[sheet.casefold()]
    if Rect(0, 0, grid.height, grid.width).intersect(rect) != rect:
        raise Unsuited("an input or output outside the cells in use")
    rows = np.arange(rect.top, rect.bottom)[:, None]
    columns = np.arange(rect.left, rect.right)
    return (columns * grid.height + rows).reshape(-1).astype(np.int64)


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
    segment: Segment, sweep: Sweep, grids: dict[str, Grid], printer: Callable[[], P]
) -> tuple[LoopCode, P]:
    """The loop of a segment in the variant that takes its cells as they are."""
    if segment.loop is None:
        raise Unsuited(segment.reason)
    look = Pass(grids, _unexpected)
    for variant in _VARIANTS:
        printed = printer()
        code = segment.loop.printed(variant, printed)
        look.mark(code, sweep, segment)
        if look.takes(code, sweep, segment):
            return code, printed
    raise Unsuited("something that is no number")


def _unexpected(region: Region, row: int, column: int) -> None:
    raise AssertionError("nothing is computed while a loop is looked at")
