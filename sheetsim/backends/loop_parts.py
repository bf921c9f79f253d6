"""What loops are made of besides code: the integers that they need, what they read, where references lead.

A loop is written once for all recurrences of one structure (`scalar`); `loops` binds it to places in memory:
a `Slot` is an integer that the code needs (an address, a size), a `Read` a reference and the kinds of cells
that it may meet there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sheetsim.formula.nodes import CellRef, Node, RangeRef
from sheetsim.values import BLANK, BOOLEAN, ERROR, NUMBER, TEXT

PLAIN = frozenset({BLANK, NUMBER})
COUNTED = frozenset({NUMBER})
MIXED = frozenset({BLANK, NUMBER, TEXT})
ALL = frozenset({BLANK, NUMBER, BOOLEAN, TEXT, ERROR})
"""Kinds of cells that code may meet: a blank is 0 to an operator; ranges' text and blanks are passed over."""

Variant = Literal["plain", "mixed", "all"]
"""What a loop takes cells for. plain: numbers (and blanks, where one value is meant). mixed: ranges may also
hold blanks and text. all: anything; errors flow as codes beside the numbers."""

BLOCKS: dict[Variant, frozenset[int]] = {"plain": COUNTED, "mixed": MIXED, "all": ALL}
CELLS: dict[Variant, frozenset[int]] = {"plain": PLAIN, "mixed": PLAIN, "all": ALL}


@dataclass(frozen=True, slots=True)
class Slot:
    """One integer that the code needs to know. `what`: "cell" (address of `reference` seen from `member`),
    "own" (address of the member's cells), "row" / "column" (of `reference`), "count" (cells in a line of the
    member), "height" (of the grid of sheet number `member`). Where the thing moves with `u` or `s`, it is
    what is left when these are 0."""

    what: Literal["cell", "own", "row", "column", "count", "height"]
    member: int
    reference: CellRef | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A reference of a member, and the kinds of cells it may meet."""

    member: int
    reference: CellRef | RangeRef
    kinds: frozenset[int]


@dataclass(frozen=True, slots=True)
class Place:
    """How the code reaches what a cell reference names: `same`: the value that member number `same` was just
    given; `fixed`: a cell outside the recurrence that never moves; otherwise memory."""

    sheet: int
    same: int | None = None
    fixed: bool = False


@dataclass(slots=True)
class Member:
    """A region of the recurrence as the code sees it."""

    node: Node
    sheet: int
    wide: bool
    across: int
    places: dict[CellRef | RangeRef, Place]
