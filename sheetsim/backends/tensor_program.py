"""A workbook's moving units compiled into a list of steps on torch tensors.

    program = Program(units, inputs, outputs, calculation, device)
    blocks = program.run([tensor, ...])

Compiling happens once, at the kinds (number, text, blank) and the constants of one calculation in NumPy:
whatever the inputs do not move becomes a constant tensor, a look-up's places become the index of a gather, a
condition that stands still becomes a mask. What is left are closures that run one after another, each putting
a block of cells into its slot of the *frame*; a recurrence is unrolled cell by cell.

`steady` says whether that stays right as the inputs move. It does not where they move a look-up's position or
something that only NumPy can tell; such a program must be compiled anew at each call. `notes` names both, and
every jump (IF by a comparison) that no slope goes through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sheetsim.address import Rect
from sheetsim.backends.slope_units import Unit
from sheetsim.backends.tensor_formula import Code, Formula, always
from sheetsim.backends.tensor_recurrence import Recurrence
from sheetsim.errors import SheetsimError
from sheetsim.functions.coercion import to_numbers
from sheetsim.ir.lower import Unsuited
from sheetsim.limits import Effort
from sheetsim.plan.index import Index
from sheetsim.plan.regions import Region
from sheetsim.run.execute import Calculation
from sheetsim.run.inputs import Place
from sheetsim.run.recurrences import line_cells
from sheetsim.values import TEXT


class Program:
    """See the module. `run` takes a tensor of its place's shape for each input."""

    def __init__(
        self,
        units: Sequence[Unit],
        inputs: Sequence[Place],
        outputs: Sequence[Place],
        calculation: Calculation,
        device: str = "cpu",
    ) -> None:
        self.grids, self.device, self.effort = calculation.grids, device, Effort()
        self.notes: dict[str, None] = {}
        self.steady = True
        blocks = list(inputs) + [place for unit in units for place in unit.computed()]
        by_sheet: dict[str, list[tuple[Rect, tuple[Rect, int]]]] = {}
        for slot, (sheet, rect) in enumerate(blocks):
            by_sheet.setdefault(sheet.casefold(), []).append((rect, (rect, slot)))
        self._index = {name: Index(pairs) for name, pairs in by_sheet.items()}
        self._frame: list[Any] = [self.tensor(calculation.block(*place).numbers) for place in inputs]
        self._frame += [None] * (len(blocks) - len(inputs))
        self._steps: list[tuple[int, Code]] = []
        self._known: dict[tuple[str, Rect], Code] = {}
        self._sweeping: range = range(0)  # slots of the recurrence that is being compiled
        self._cells: dict[tuple[str, int, int], int] = {}  # and the slots of its cells
        self._split: dict[int, int] = {}  # blocks whose cells are used one by one
        slot = len(inputs)
        with torch.no_grad():
            for unit in units:
                self._compile(unit, slot)
                slot += len(unit.regions)
            self._outputs = [self._output(calculation, place) for place in outputs]

    def run(self, values: Sequence[Tensor]) -> list[Tensor]:
        """The outputs' blocks for these inputs."""
        frame = self._frame
        frame[: len(values)] = values
        for slot, code in self._steps:
            frame[slot] = code()
        return [code() for code in self._outputs]

    def tensor(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(np.array(array, order="C")).to(self.device)

    # -- compiling

    def _compile(self, unit: Unit, slot: int) -> None:
        if unit.step.how == "cells":
            raise SheetsimError(f"no slope goes through {unit.step.describe()}")
        if unit.step.sweep is not None:
            try:
                self._recur(unit, slot)
            except Unsuited:
                self._unroll(unit, slot)
            return
        region, place = unit.regions[0], unit.places[0]
        code = Formula(self, region, region.evaluated).result()
        if unit.stack:
            self._step(region, lambda: _fitted(code()[:, 0, 0], place), slot)
        elif region.array:
            self._step(region, lambda: _fitted(code()[0, 0], place), slot)
        else:
            self._step(region, lambda: code()[:, :, 0, 0].expand(place.shape), slot)

    def _step(self, region: Region, code: Code, slot: int) -> None:
        """Append a step, and take it once: the shapes that it works on are those of all calls."""
        try:
            self._frame[slot] = code()
        except RuntimeError:  # how torch says that shapes do not go together
            message = f"no slope goes through {region} ={region.text}: arrays of different sizes"
            raise SheetsimError(message) from None
        self._steps.append((slot, code))

    def _append(self, code: Callable[[], Any]) -> int:
        """A step with a new slot, for what several formulas use."""
        self._frame.append(code())
        slot = len(self._frame) - 1
        self._steps.append((slot, code))
        return slot

    def _recur(self, unit: Unit, slot: int) -> None:
        """A recurrence of smooth functions of numbers: one step, as a loop. Unsuited where it is none."""

        def moving(sheet: str, rect: Rect) -> list[tuple[str, Rect]]:
            return [(sheet.casefold(), area) for area, _ in self._hits(sheet.casefold(), rect)]

        recurrence = Recurrence.of(unit, moving, self.grids)
        slots = [dict(self._hits(*place))[place[1]] for place in recurrence.reads]
        frame = self._frame
        made = self._append(lambda: recurrence(*(frame[read] for read in slots)))
        for number in range(len(unit.regions)):
            frame[slot + number] = frame[made][number]
            self._steps.append((slot + number, partial(self._part, made, number)))

    def _part(self, slot: int, number: int) -> Tensor:
        part: Tensor = self._frame[slot][number]
        return part

    def _unroll(self, unit: Unit, slot: int) -> None:
        sweep = unit.step.sweep
        assert sweep is not None
        self._sweeping = range(slot, slot + len(unit.regions))
        spans = [sweep.times(number) for number in range(len(sweep.members))]
        for at in range(min(first for first, _ in spans), max(end for _, end in spans)):
            for number, region in enumerate(sweep.members):
                if spans[number][0] <= at < spans[number][1]:
                    for row, column in line_cells(sweep, number, at):
                        code = Formula(self, region, Rect.cell(row, column)).result()
                        self._frame.append(None)
                        self._step(region, partial(_first, code), len(self._frame) - 1)
                        self._cells[region.sheet.casefold(), row, column] = len(self._frame) - 1
        for number, region in enumerate(unit.regions):
            name = region.sheet.casefold()
            slots = [self._cells[name, row, column] for row, column in region.rect.cells()]
            self._step(region, partial(self._joined, slots, region.rect.shape), slot + number)
        self._sweeping = range(0)
        self._cells.clear()

    def _joined(self, slots: list[int], shape: tuple[int, int]) -> Tensor:
        return torch.cat([self._frame[slot] for slot in slots]).reshape(shape)

    def _output(self, calculation: Calculation, place: Place) -> Code:
        """An output's cells; text is 0, as everywhere where numbers are asked for, and an overflow NaN."""
        code, kinds = self.read(*place), calculation.block(*place).kind_array()
        texts = self.tensor(kinds == TEXT) if (kinds == TEXT).any() else None

        def output() -> Tensor:
            block = code() if texts is None else torch.where(texts, 0.0, code())
            wrong = torch.isinf(block)
            return torch.where(wrong, torch.nan, block) if bool(wrong.any()) else block

        return output

    # -- reading cells

    def moves(self, sheet: str, rect: Rect) -> bool:
        """Does any of a rectangle's cells move?"""
        return bool(self._hits(sheet.casefold(), rect))

    def _hits(self, name: str, rect: Rect) -> list[tuple[Rect, int]]:
        index = self._index.get(name)
        return index.hits(rect) if index is not None else []

    def read(self, sheet: str, rect: Rect) -> Code:
        """The numbers of a rectangle [rows, columns], NaN for error values and for text that is no number."""
        name = sheet.casefold()
        if self._sweeping and (
            rect.size == 1 or any(slot in self._sweeping for _, slot in self._hits(name, rect))
        ):
            return self._read_cells(name, rect)
        if (name, rect) not in self._known:
            self._known[name, rect] = self._read(name, rect)
        return self._known[name, rect]

    def _read(self, name: str, rect: Rect) -> Code:
        frame, hits = self._frame, self._hits(name, rect)
        if not hits:
            return always(self._still(name, rect))
        area, slot = hits[0]
        if rect == area:
            return lambda: frame[slot]
        if rect.intersect(area) == rect:
            place = _slices(rect, area)
            return lambda: frame[slot][place]
        base = self._still(name, rect)
        pieces = [
            (_slices(common, rect), slot, _slices(common, area))
            for area, slot in hits
            if (common := rect.intersect(area))
        ]

        def composed() -> Tensor:
            result = base.clone()
            for place, slot, source in pieces:
                result[place] = frame[slot][source]
            return result

        return partial(frame.__getitem__, self._append(composed))

    def _read_cells(self, name: str, rect: Rect) -> Code:
        """In a recurrence: cell by cell, so that the way back costs no whole blocks."""
        codes = [self._read_cell(name, row, column) for row, column in rect.cells()]
        if len(codes) == 1:
            return codes[0]
        return lambda: torch.cat([code() for code in codes]).reshape(rect.shape)

    def _read_cell(self, name: str, row: int, column: int) -> Code:
        """One cell, [1, 1]."""
        frame = self._frame
        if (done := self._cells.get((name, row, column))) is not None:
            return partial(frame.__getitem__, done)
        rect = Rect.cell(row, column)
        hits = self._hits(name, rect)
        if not hits or hits[0][1] in self._sweeping:
            return always(self._still(name, rect))
        area, slot = hits[0]
        if slot not in self._split:
            self._split[slot] = self._append(lambda: frame[slot].reshape(-1, 1, 1).unbind())
        split, number = self._split[slot], (row - area.top) * area.columns + column - area.left
        return lambda: frame[split][number]

    def _still(self, name: str, rect: Rect) -> Tensor:
        numbers, codes = to_numbers(self.grids[name].block(rect))
        return self.tensor(numbers if codes is None else np.where(codes != 0, np.nan, numbers))


def _slices(rect: Rect, within: Rect) -> tuple[slice, slice]:
    """Where a rectangle lies in one around it."""
    return (
        slice(rect.top - within.top, rect.bottom - within.top),
        slice(rect.left - within.left, rect.right - within.left),
    )


def _first(code: Code) -> Tensor:
    """The value of a formula in one cell, [1, 1]."""
    return code()[0, 0, :1, :1]


def _fitted(values: Tensor, place: Rect) -> Tensor:
    """An array formula's result [h, w] in its cells: length 1 is stretched, excess cut, lacking is #N/A."""
    values = values[: place.rows, : place.columns]
    height, width = values.shape
    if height in (1, place.rows) and width in (1, place.columns):
        return values.expand(place.shape)
    height, width = (height if height > 1 else place.rows), (width if width > 1 else place.columns)
    result = values.new_full(place.shape, torch.nan)
    result[:height, :width] = values.expand(height, width)
    return result
