"""The inputs of a lesson in a workbook: what their cells *store*, so that a learner may change x, y or lr.

The cells of each input are read once (`InputCells`); what they mean is decided from that alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import cell_name, quote_sheet
from sheetsim.checking.file import File
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.lesson import Input, Lesson, Settings
from sheetsim.values import BLANK, NUMBER, Values


@dataclass(frozen=True, slots=True)
class InputCells:
    """The cells of an input: what they store, or, in a file saved by a program that computes nothing, give;
    whether any of them stores something, and whether all were typed, none a formula."""

    input: Input
    path: str
    block: Values
    filled: bool
    typed: bool

    @classmethod
    def read(cls, file: File, one: Input) -> InputCells:
        stored, formulas = file.stored(one.sheet, one.rect), file.has_formula(one.sheet, one.rect)
        blank = stored.kind_array() == BLANK
        block = file.calculation.block(one.sheet, one.rect) if (blank & formulas).any() else stored
        return cls(one, str(file.path), block, not blank.all(), not formulas.any())

    def where(self, r: int, c: int) -> str:
        """A cell, counted from 0, as an error names it."""
        one = self.input
        cell = cell_name(one.rect.top + r, one.rect.left + c)
        return f"{self.path}: {quote_sheet(one.sheet)}!{cell} ({one.name})"


def read_inputs(
    file: File, lesson: Lesson, settings: Settings, wanted: Sequence[Input], original: bool
) -> dict[str, float | NDArray[Any]]:
    """The inputs and the structural parameters by their names. `original`: in a sheet that is taken by itself
    there is no start sheet, and what the cells of a start state show counts. SheetsimError naming the first
    cell that does not fit."""
    found: dict[str, float | NDArray[Any]] = {}
    for key in lesson.structural:
        found[key] = int(settings[key]) if lesson.parameter(key).integer else settings[key]
    every = [InputCells.read(file, one) for one in wanted]
    # where one cell of a start state is typed over, the others' values are the state, too
    state = any(cells.typed and cells.filled for cells in every if cells.input.optional)
    for cells in every:
        if not cells.input.optional or state or (original and cells.filled):
            found[cells.input.name] = _value(lesson, cells)
    return found


def _value(lesson: Lesson, cells: InputCells) -> float | NDArray[Any]:
    """The input's cells in its form."""
    form, block = cells.input.form, cells.block
    parameter = next((each for each in lesson.parameters if each.name == cells.input.name), None)
    if parameter is not None and form == "number":
        value = block.get((0, 0))
        if parameter.choices or type(value) in (float, int):
            try:
                return parameter.read("" if value is None else value)
            except SheetsimError as error:
                raise SheetsimError(f"{cells.where(0, 0)}: {error}") from None
    if form == "texts":
        return _texts(cells)
    numbers = _numbers(cells)
    if form == "number":
        return float(numbers[0, 0])
    return numbers.ravel() if form == "column" else numbers


def _numbers(cells: InputCells) -> NDArray[np.float64]:
    kinds = cells.block.kind_array()
    blank = (kinds == BLANK) & cells.input.blank
    for r, c in np.argwhere((kinds != NUMBER) & ~blank)[:1].tolist():
        value = cells.block.get((r, c))
        holds = "is blank" if value is None else f"holds {str(value)[:40]!r}"
        raise SheetsimError(f"{cells.where(r, c)} {holds}; a number is needed")
    return np.where(blank, np.nan, cells.block.numbers).astype(np.float64)


def _texts(cells: InputCells) -> NDArray[np.object_]:
    """Texts; a number is the text that a cell shows of it in Excel's general format."""
    texts = np.full(cells.block.shape, "", object)
    for r, c in np.ndindex(cells.block.shape):
        value = cells.block.get((r, c))
        if value is None and not cells.input.blank:
            raise SheetsimError(f"{cells.where(r, c)} is blank; a text is needed")
        texts[r, c] = f"{value:.15g}" if isinstance(value, float) else str(value or "")
    return texts
