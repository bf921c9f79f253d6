"""The parts that scalar code of a recurrence is made of: what it needs to know, and Python's nodes.

`loop_code.Writer` writes the code; `loops` binds it to places in memory: a `Slot` is an integer that the
code needs (an address, a size), a `Read` a reference and the kinds of cells that it may meet there.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

from sheetsim.formula.nodes import CellRef, Node, RangeRef
from sheetsim.values import BLANK, NUMBER, TEXT

Code = ast.expr

PLAIN = frozenset({BLANK, NUMBER})
SUMMED = frozenset({BLANK, NUMBER, TEXT})
COUNTED = frozenset({NUMBER})
"""Kinds of cells that code may meet: a blank is 0 to an operator, text counts for nothing in a sum, and where
numbers are counted there must be nothing else."""


class Unsuited(Exception):
    """A formula that cannot be scalar code of numbers; the text says which part, for `Plan.describe`."""


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


@dataclass(slots=True)
class Term:
    """Code for a number, and whether it may be infinite or not a number."""

    code: Code
    infinite: bool = False
    nan: bool = False

    @property
    def loose(self) -> bool:
        return self.infinite or self.nan


# -- Python's nodes


def named(name: str, context: ast.expr_context | None = None) -> ast.Name:
    return ast.Name(name, context or ast.Load())


def constant(value: float) -> ast.Constant:
    return ast.Constant(value)


def binary(operator: type[ast.operator], left: Code, right: Code) -> ast.BinOp:
    return ast.BinOp(left, operator(), right)


def call(function: str, *arguments: Code) -> ast.Call:
    return ast.Call(named(function), list(arguments), [])


def item(array: str, index: Code, context: ast.expr_context | None = None) -> ast.Subscript:
    return ast.Subscript(named(array), index, context or ast.Load())
