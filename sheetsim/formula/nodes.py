"""The parsed form of a formula: a tree of frozen nodes in *relative form*.

A reference is stored as an offset from the cell that holds the formula (unless `$` makes it absolute), so
that the trees of a formula filled down a column are equal, and hash equal, in every row. `=C4+D4*A4` in E4
and `=C5+D5*A5` in E5 are the same tree:

    Binary("+", CellRef(0, -2), Binary("*", CellRef(0, -1), CellRef(0, -4)))

What a tree means is the business of `backends/`; this file only says what can be written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from sheetsim.address import MAX_COLUMNS, MAX_ROWS
from sheetsim.values import ExcelError


class Node:
    """Base of all nodes. Nodes are frozen dataclasses: compare with ==, use as dictionary keys."""

    __slots__ = ()

    def children(self) -> Iterator[Node]:
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, Node):
                yield value
            elif isinstance(value, tuple):
                yield from (item for item in value if isinstance(item, Node))

    def walk(self) -> Iterator[Node]:
        """This node and all below it, parents first."""
        stack: list[Node] = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(list(node.children())))


@dataclass(frozen=True, slots=True)
class Number(Node):
    value: float
    text: str = ""  # as it was written ("1E-4"), for printing; "" prints the shortest form

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)


@dataclass(frozen=True, slots=True)
class Text(Node):
    value: str


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    value: bool


@dataclass(frozen=True, slots=True)
class Error(Node):
    value: ExcelError


@dataclass(frozen=True, slots=True)
class Missing(Node):
    """An argument left out: the second of `IF(A1,,2)`."""


@dataclass(frozen=True, slots=True)
class ArrayConstant(Node):
    """`{1,2;3,4}`: rows of Number, Text, Boolean or Error nodes."""

    rows: tuple[tuple[Node, ...], ...]

    def children(self) -> Iterator[Node]:
        for row in self.rows:
            yield from row


@dataclass(frozen=True, slots=True)
class CellRef(Node):
    """One cell. `row` and `column` are offsets from the formula's own cell, or, where `row_abs` /
    `column_abs`, positions counted from 0. `sheet` None is the formula's own sheet, "a:b" all sheets from a
    to b. With `wraps`, as in defined names, offsets go round the sheet's edges: a row above row 1 is the
    last one."""

    row: int
    column: int
    row_abs: bool = False
    column_abs: bool = False
    sheet: str | None = None
    wraps: bool = False

    def at(self, row: int, column: int) -> tuple[int, int]:
        """The cell meant when the formula stands in (row, column); may lie outside the sheet (#REF!)."""
        r = self.row if self.row_abs else row + self.row
        c = self.column if self.column_abs else column + self.column
        return (r % MAX_ROWS, c % MAX_COLUMNS) if self.wraps else (r, c)


@dataclass(frozen=True, slots=True)
class RangeRef(Node):
    """`first:last`, corners as written (they need not be top left and bottom right). Whole columns (`A:C`)
    have absolute rows 0 and MAX_ROWS-1, whole rows likewise. The sheet is the first corner's."""

    first: CellRef
    last: CellRef

    @property
    def sheet(self) -> str | None:
        return self.first.sheet


@dataclass(frozen=True, slots=True)
class NameRef(Node):
    """A name, as written: a defined one, one of LET or LAMBDA, or of a function that is handed over
    (`BYROW(A1:C3,SUM)`); `sheet` where it was qualified (`adam!lr`)."""

    name: str
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class StructuredRef(Node):
    """Cells of a table by their names: `Table1[[#This Row],[SibSp]:[Ones]]`.

    `table` "" is the table in which the formula stands. `items` says which rows, from "#All", "#Headers",
    "#Data", "#Totals", "#This Row"; () is the data. `first` is the column, None for all columns; `last` the
    end of a range of columns, None for a single one. Like a name it moves with no cell, but for the row that
    "#This Row" means; `graph.dependencies` puts the plain references in its place.
    """

    table: str
    items: tuple[str, ...] = ()
    first: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """Prefix `-` or `+`, postfix `%`, prefix `@` (implicit intersection), postfix `#` (all that the formula
    in a cell spills)."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`+ - * / ^ & = <> < <= > >=` and the reference operators `:` (range of two expressions),
    `,` (union, as "union") and space (intersection, as " ")."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function call. `name` is in capitals without `_xlfn.`, `_xlfn._xlws.` prefixes."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Apply(Node):
    """The call of what an expression gives: `LAMBDA(x,x+1)(3)`; or of a name: `area(2,3)`."""

    function: Node
    arguments: tuple[Node, ...]

    def children(self) -> Iterator[Node]:
        yield self.function
        yield from self.arguments


@dataclass(frozen=True, slots=True)
class OptionalName(Node):
    """A parameter of LAMBDA that may be left out, `[x]`."""

    name: str
