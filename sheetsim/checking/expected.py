"""The formulas that a lesson's sheets should have, beside those that a file has.

The lesson's workbook is built anew with the file's own settings (formulas only, nothing is computed), and the
two are compared in relative form, region by region. Where a learner has moved a sheet's content by inserting
rows or columns above or left of it, or has renamed the sheet, the expected formulas are moved likewise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sheetsim.address import Rect
from sheetsim.checking.file import File
from sheetsim.checking.subject import Shift, Subject
from sheetsim.formula import unparse
from sheetsim.formula.nodes import Binary, Call, CellRef, Node, RangeRef, Unary
from sheetsim.plan.names import Names
from sheetsim.plan.regions import Region, find_regions


@dataclass(frozen=True, slots=True)
class Change:
    """A rectangle of cells whose formula is not the lesson's. `found` None: no formula, a typed value."""

    sheet: str
    rect: Rect
    expected: Node
    found: Region | None

    def expected_text(self, row: int, column: int) -> str:
        return unparse(self.expected, row, column)


class Expected:
    """The lesson's own formulas, where they should stand in the file."""

    def __init__(self, file: File, subject: Subject) -> None:
        self._file = file
        self._subject = subject

    @cached_property
    def regions(self) -> list[Region]:
        """Regions of the lesson's formulas, moved to where the file has its sheets; array formulas and
        sheets that cannot be matched are left out."""
        subject = self._subject
        if not subject.shifts:  # laid out otherwise than the lesson's own sheets
            return []
        # an original may lack some of the lesson's data: formulas do not depend on it
        data = subject.lesson.make_data(subject.settings)
        data |= {key: np.asarray(subject.inputs[key]) for key in data if key in subject.inputs}
        built = subject.lesson.implementation("sheet").build(subject.settings, data)
        shifts = {sheet.casefold(): place for sheet, place in subject.shifts.items()}
        found = []
        names = Names(built)
        gone = {sheet.casefold() for sheet in subject.gone}
        for region in find_regions(built):
            if region.sheet.casefold() in shifts and region.node and not _sheets(region.node) & gone:
                sheet, shift = shifts[region.sheet.casefold()]
                node = _moved(names.resolve(region.node, region.sheet), shift, shifts)
                found.append(replace(region, sheet=sheet, rect=region.rect.shift(*shift), node=node))
        return found

    @cached_property
    def changes(self) -> list[Change]:
        """Where the file's formulas differ from the lesson's, but for the inputs' cells: these are the
        user's. On the course's own sheets only the blocks are looked at."""
        found: list[Change] = []
        for region in self.regions:
            for rect in self._looked_at(region):
                found += self._changes(replace(region, rect=rect))
        return found

    def _looked_at(self, region: Region) -> Iterator[Rect]:
        if not self._subject.original:
            yield region.rect
            return
        for block in self._subject.blocks:
            common = block.rect.intersect(region.rect)
            if common is not None and block.sheet == region.sheet:
                yield common

    def _changes(self, region: Region) -> Iterator[Change]:
        assert region.node is not None
        inputs = [one.rect for one in self._subject.input_cells if one.sheet == region.sheet]
        typed = _without(region.rect, inputs)
        for held, common in self._file.on(region.sheet, region.rect):
            if held.node != region.node or held.array != region.array:
                for rect in _without(common, inputs):
                    yield Change(region.sheet, rect, region.node, held)
            typed = [rest for rect in typed for rest in rect.without(common)]
        for rect in typed:
            yield Change(region.sheet, rect, region.node, None)


def _sheets(node: Node) -> set[str]:
    """The other sheets that a formula reads."""
    return {part.sheet.casefold() for part in node.walk() if isinstance(part, CellRef) and part.sheet}


def _without(rect: Rect, holes: list[Rect]) -> list[Rect]:
    pieces = [rect]
    for hole in holes:
        pieces = [rest for piece in pieces for rest in piece.without(hole)]
    return pieces


def _moved(node: Node, own: Shift, shifts: dict[str, tuple[str, Shift]]) -> Node:
    """The formula as it reads when its own sheet's content has moved by `own` and other sheets' by theirs."""
    if isinstance(node, CellRef):
        return _moved_cell(node, own, shifts)
    if isinstance(node, RangeRef):
        first = _moved_cell(node.first, own, shifts)
        last = _moved_cell(replace(node.last, sheet=node.sheet), own, shifts)
        return RangeRef(first, last if node.last.sheet else replace(last, sheet=None))
    if isinstance(node, Unary):
        return Unary(node.operator, _moved(node.operand, own, shifts))
    if isinstance(node, Binary):
        return Binary(node.operator, _moved(node.left, own, shifts), _moved(node.right, own, shifts))
    if isinstance(node, Call):
        return Call(node.name, tuple(_moved(one, own, shifts) for one in node.arguments))
    return node


def _moved_cell(cell: CellRef, own: Shift, shifts: dict[str, tuple[str, Shift]]) -> CellRef:
    sheet, target = cell.sheet, own
    if sheet is not None and sheet.casefold() in shifts:
        sheet, target = shifts[sheet.casefold()]
    rows = target[0] if cell.row_abs else target[0] - own[0]
    columns = target[1] if cell.column_abs else target[1] - own[1]
    return replace(cell, row=cell.row + rows, column=cell.column + columns, sheet=sheet)
