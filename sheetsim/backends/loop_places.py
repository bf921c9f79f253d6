"""Where a loop finds its cells: addresses and spans as whole numbers, from slots and the time.

Cell (row, column) of a sheet is number `column * height + row` of its flat arrays; what moves with the time
`u` or the place `s` within a line is a slot, which holds where it is at 0, plus these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from sheetsim.backends.loop_parts import Member, Slot, Variant
from sheetsim.backends.printer import Code, Printer
from sheetsim.formula.nodes import CellRef, RangeRef


@dataclass(slots=True)
class LoopPlaces:
    """`slots` grows as places are asked for."""

    members: Sequence[Member]
    along_rows: bool
    to: Printer
    variant: Variant
    slots: list[Slot] = field(default_factory=list)

    def slot(self, slot: Slot) -> Code:
        if slot not in self.slots:
            self.slots.append(slot)
        return self.to.slot(self.slots.index(slot))

    def height(self, sheet: int) -> Code:
        return self.slot(Slot("height", sheet))

    def address(self, slot: Slot, along: bool, over: bool, sheet: int) -> Code:
        """A slot's address, moved by `u` where it moves along the sweep and by `s` where it moves across."""
        to, code = self.to, self.slot(slot)
        for moves, variable, is_row in ((along, "u", self.along_rows), (over, "s", not self.along_rows)):
            if moves:
                step = to.at(variable)
                code = to.whole("+", code, step if is_row else to.whole("*", step, self.height(sheet)))
        return code

    def moves(self, member: int, reference: CellRef) -> tuple[bool, bool]:
        """Does it move along the sweep, does it move across?"""
        row, column = not reference.row_abs, not reference.column_abs
        along, over = (row, column) if self.along_rows else (column, row)
        return along, over and self.members[member].wide

    def bounds(self, member: int, reference: RangeRef) -> tuple[tuple[Code, Code], tuple[Code, Code]]:
        """Half-open spans of rows and of columns."""
        first, last = reference.first, reference.last
        rows = self._span(member, "row", first, last, first.row_abs == last.row_abs, first.row <= last.row)
        ordered = first.column <= last.column
        return rows, self._span(member, "column", first, last, first.column_abs == last.column_abs, ordered)

    def _span(
        self,
        member: int,
        what: Literal["row", "column"],
        first: CellRef,
        last: CellRef,
        steady: bool,
        ordered: bool,
    ) -> tuple[Code, Code]:
        to = self.to
        low, high = self._corner(member, what, first), self._corner(member, what, last)
        if not steady:
            low, high = to.whole("min", low, high), to.whole("max", low, high)
        elif not ordered:
            low, high = high, low
        return low, to.whole("+", high, to.integer(1))

    def _corner(self, member: int, what: Literal["row", "column"], corner: CellRef) -> Code:
        code = self.slot(Slot(what, member, corner))
        along, over = self.moves(member, corner)
        for moves, variable, runs in ((along, "u", self.along_rows), (over, "s", not self.along_rows)):
            if moves and runs == (what == "row"):
                code = self.to.whole("+", code, self.to.at(variable))
        return code
