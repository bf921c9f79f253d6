"""The definition of meaning: what a formula's tree gives in one cell, evaluated node by node.

Slow and obvious on purpose; the fast evaluators are held to it by property tests. An *operand* is what a
node gives: a scalar, an array (two-dimensional `Values`) or a `Reference`, which keeps the cells' places
because some functions and operators need those. Two ways of evaluating, as in Excel:

- plain formulas: where one value is wanted, a reference gives the cell in the formula's own row or column
  (implicit intersection);
- array formulas (`array`), and the arguments of some functions (SUMPRODUCT): a reference gives all its cells.

In both, operators and functions of one value go through arrays element by element (`SUM({1,2,3}*2)` is 12
in a plain formula too); a plain formula's result is the first element.

    evaluate(parse("SUM(A1:A3)*2", 0, 3), sheet="data", row=0, column=3, lookup=lookup)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Protocol

import numpy as np

from sheetsim.address import MAX_COLUMNS, MAX_ROWS, Rect
from sheetsim.errors import Unsupported
from sheetsim.formula.nodes import (
    ArrayConstant,
    Binary,
    Boolean,
    Call,
    CellRef,
    Error,
    Missing,
    NameRef,
    Node,
    Number,
    RangeRef,
    Text,
    Unary,
)
from sheetsim.functions import FUNCTIONS
from sheetsim.functions.calling import ONE_VALUE, call_scalar, operations
from sheetsim.functions.coercion import to_boolean, to_number
from sheetsim.functions.lifting import lift, single
from sheetsim.functions.logical import Caught, nested_ifs, where_true, where_wrong
from sheetsim.functions.lookup import index_area, offset_area
from sheetsim.functions.operators import BINARY, FINAL, UNARY
from sheetsim.functions.registry import Function
from sheetsim.limits import LIFTED, ONE_BY_ONE, PER_FORMULA, Effort, TooMuch, room
from sheetsim.values import ExcelError, Scalar, Values

MOST_AREAS = 1024
"""Areas of a union."""


class Lookup(Protocol):
    """Where the evaluator finds what a formula refers to. A sheet that is not there gives #REF! values."""

    def cell(self, sheet: str, row: int, column: int) -> Scalar: ...

    def block(self, sheet: str, rect: Rect) -> Values:
        """The cells of `rect` as a two-dimensional block."""

    def name(self, name: str, scope: str) -> Node | None:
        """The tree of a defined name as sheet `scope` sees it, parsed at A1; None when there is none."""

    def sheet_used(self, sheet: str) -> Rect | None:
        """The cells in use; whole columns and rows end with it."""

    def random(self) -> float:
        """A number drawn uniformly from [0, 1)."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Cells by their places: one area, or several for a union."""

    areas: tuple[tuple[str, Rect], ...]

    @property
    def rect(self) -> Rect:
        return self.areas[0][1]

    @property
    def sheet(self) -> str:
        return self.areas[0][0]


Operand = Scalar | Values | Reference


def evaluate(
    node: Node,
    *,
    sheet: str,
    row: int,
    column: int,
    lookup: Lookup,
    array: bool = False,
    effort: Effort | None = None,
) -> Scalar | Values:
    """What the formula `node` gives in the cell (row, column) of `sheet`: a scalar, never blank.

    With `array` it is an array formula and the result is two-dimensional `Values`, which the caller spreads
    over the formula's range (`lifting.fit`). Raises Unsupported for a function that is not known, or is
    given too few or too many arguments, for a name that refers to itself, and (TooMuch) for what is beyond
    the limits; `effort` is what may be spent, MOST_EFFORT for this cell when None.
    """
    effort = effort or Effort()
    effort.spend(PER_FORMULA)
    evaluator = _Evaluator(sheet, row, column, lookup, effort)
    evaluator.root = node
    result = evaluator.value(node, array)
    if not array:
        first = _first(result)
        return 0.0 if first is None else first
    block = result if isinstance(result, Values) else single(result)
    return lift(lambda value: 0.0 if value is None else value, [block])


class _Evaluator:
    def __init__(self, sheet: str, row: int, column: int, lookup: Lookup, effort: Effort) -> None:
        self.sheet, self.row, self.column, self.lookup, self.effort = sheet, row, column, lookup, effort
        self.names: list[str] = []  # being resolved
        self.root: Node | None = None

    # --- operands and values ---------------------------------------------------------------------------

    def operand(self, node: Node, array: bool) -> Operand:
        match node:
            case Number() | Text() | Boolean() | Error():
                return node.value
            case Missing():
                return None
            case CellRef():
                return self.area(node.sheet, [node.at(self.row, self.column)] * 2)
            case RangeRef():
                corners = [node.first.at(self.row, self.column), node.last.at(self.row, self.column)]
                return self.area(node.sheet, corners)
            case NameRef():
                return self.named(node, array)
            case ArrayConstant():
                return Values.of([item.value for item in items] for items in node.rows)  # type: ignore[attr-defined]
            case Unary():
                return self.unary(node, array)
            case Binary():
                return self.binary(node, array)
            case Call():
                return self.call(node, array)
        raise TypeError(f"{type(node).__name__} is not a node of a formula")

    def value(self, node: Node, array: bool) -> Scalar | Values:
        """A node's operand as one value, or an array of more than one."""
        operand = self.operand(node, array)
        if isinstance(operand, Reference):
            if not array:
                return self.intersected(operand)
            operand = self.cells(operand)
        if isinstance(operand, Values) and operand.numbers.size == 1:
            return operand.get((0, 0))
        return operand

    # --- references --------------------------------------------------------------------------------------

    def area(self, sheet: str | None, corners: Sequence[tuple[int, int]]) -> Reference | ExcelError:
        rows, columns = sorted(row for row, _ in corners), sorted(column for _, column in corners)
        if rows[0] < 0 or columns[0] < 0 or rows[1] >= MAX_ROWS or columns[1] >= MAX_COLUMNS:
            return ExcelError.REF
        rect = Rect(rows[0], columns[0], rows[1] + 1, columns[1] + 1)
        return Reference(((sheet or self.sheet, rect),))

    def named(self, node: NameRef, array: bool) -> Operand:
        meaning = self.lookup.name(node.name, node.sheet or self.sheet)
        if meaning is None:
            return ExcelError.NAME
        if node.name.casefold() in self.names:
            raise Unsupported(f"the name {node.name} refers to itself")
        self.names.append(node.name.casefold())
        result = self.operand(meaning, array)
        self.names.pop()
        return result

    def intersected(self, reference: Reference) -> Scalar:
        """The one cell of a reference that a formula in this row and column means."""
        rect = reference.rect
        if len(reference.areas) > 1:
            return ExcelError.VALUE
        if rect.size == 1:
            return self.lookup.cell(reference.sheet, rect.top, rect.left)
        if rect.columns == 1 and rect.top <= self.row < rect.bottom:
            return self.lookup.cell(reference.sheet, self.row, rect.left)
        if rect.rows == 1 and rect.left <= self.column < rect.right:
            return self.lookup.cell(reference.sheet, rect.top, self.column)
        return ExcelError.VALUE

    def cells(self, reference: Reference, beside: Sequence[Reference] = ()) -> Values | ExcelError:
        """The cells of a reference. Whole columns and rows end with the last cell in use of all sheets
        referred to (`beside` too), so that they stay equally long."""
        if len(reference.areas) > 1:
            return ExcelError.VALUE
        rect = reference.rect
        if rect.bottom == MAX_ROWS or rect.right == MAX_COLUMNS:
            used = [self.lookup.sheet_used(sheet) for r in (reference, *beside) for sheet, _ in r.areas]
            bottom = max((u.bottom for u in used if u), default=0)
            right = max((u.right for u in used if u), default=0)
            if rect.bottom == MAX_ROWS:
                rect = Rect(rect.top, rect.left, max(rect.top + 1, bottom), rect.right)
            if rect.right == MAX_COLUMNS:
                rect = Rect(rect.top, rect.left, rect.bottom, max(rect.left + 1, right))
        self.take(rect.size)
        return self.lookup.block(reference.sheet, rect)

    def take(self, cells: int) -> None:
        """An array of so many cells is to be made, one by one: TooMuch when that is beyond the limits."""
        room(cells)
        self.effort.spend(ONE_BY_ONE * cells)

    def lift(self, elements: int) -> None:
        """Something is to be called for each of so many elements: TooMuch when that is beyond the limits."""
        room(elements)
        self.effort.spend(LIFTED * elements)

    # --- operators ---------------------------------------------------------------------------------------

    def unary(self, node: Unary, array: bool) -> Operand:
        if node.operator == "@":
            operand = self.operand(node.operand, array)
            if isinstance(operand, Reference):
                return self.intersected(operand)
            return operand.get((0, 0)) if isinstance(operand, Values) else operand
        return self.elementwise(UNARY[node.operator].scalar, [self.value(node.operand, array)])

    def binary(self, node: Binary, array: bool) -> Operand:
        """Chains that lean left, like a + b + c, are walked without recursion."""
        if node.operator in _REFERENCE_OPERATORS:
            left, right = self.operand(node.left, array), self.operand(node.right, array)
            return _joined(node.operator, left, right)
        chain = [node]
        while isinstance(chain[-1].left, Binary) and chain[-1].left.operator in BINARY:
            chain.append(chain[-1].left)
        result = self.value(chain[-1].left, array)
        for link in reversed(chain):
            table = FINAL if link is self.root and link.operator in FINAL else BINARY
            result = self.elementwise(table[link.operator].scalar, [result, self.value(link.right, array)])
        return result

    def elementwise(
        self, function: Callable[..., Scalar], values: Sequence[Scalar | Values]
    ) -> Scalar | Values:
        if not any(isinstance(value, Values) for value in values):
            return function(*values)
        blocks = [_block(value) for value in values]
        self.lift(_size(blocks))
        return lift(function, blocks)

    # --- functions ---------------------------------------------------------------------------------------

    def call(self, node: Call, array: bool) -> Operand:
        record = FUNCTIONS.get(node.name)
        if record is None:
            raise Unsupported(f"the function {node.name} is not known")
        if not record.least <= len(node.arguments) <= record.most:
            raise Unsupported(f"{node.name} with {len(node.arguments)} arguments")
        special = _SPECIAL.get(node.name)
        if special is not None:
            return special(self, node.arguments, array)
        arguments: list[Scalar | Values] = []
        operands = [self.argument(record, i, argument, array) for i, argument in enumerate(node.arguments)]
        references = [operand for operand in operands if isinstance(operand, Reference)]
        for i, operand in enumerate(operands):
            if not isinstance(operand, Reference):
                arguments.append(operand)
            elif record.kind(i) == "sized":
                arguments.append(self.sized(operand, arguments[0]))
            elif len(operand.areas) > 1 and record.repeats:
                arguments.extend(self.cells(Reference((area,)), references) for area in operand.areas)
            else:
                arguments.append(self.cells(operand, references))
        return self.lifted(record, arguments)

    def argument(self, record: Function, position: int, node: Node, array: bool) -> Operand:
        kind = record.kind(position)
        if kind == "strict":
            if isinstance(node, Missing) and position < record.least:
                return ExcelError.NA
            operand = self.operand(node, array)
            if isinstance(operand, Reference) and (len(operand.areas) > 1 or operand.rect.size > 1):
                return ExcelError.VALUE
        if kind == "corner":
            operand = self.operand(node, array)
            if isinstance(operand, Reference):
                return self.lookup.cell(operand.sheet, operand.rect.top, operand.rect.left)
            return (
                operand.get((0, 0)) if isinstance(operand, Values) and operand.numbers.size == 1 else operand
            )
        if kind in ONE_VALUE:
            return self.value(node, array)
        return self.operand(node, array or kind == "array")

    def sized(self, reference: Reference, like: Scalar | Values) -> Values | ExcelError:
        """The cells from a reference's top left cell on, as many as `like` has."""
        height, width = like.shape if isinstance(like, Values) else (1, 1)
        top, left = reference.rect.top, reference.rect.left
        if top + height > MAX_ROWS or left + width > MAX_COLUMNS:
            return ExcelError.REF
        self.take(height * width)
        return self.lookup.block(reference.sheet, Rect(top, left, top + height, left + width))

    def lifted(self, record: Function, arguments: Sequence[Scalar | Values]) -> Scalar | Values:
        """The call, once, or for each element of the arrays that stand where one value is wanted."""
        liftable = (i for i in range(len(arguments)) if record.kind(i) in ONE_VALUE)
        over = [i for i in liftable if isinstance(arguments[i], Values)]

        def once(*elements: Scalar) -> Scalar | Values:
            ready = list(arguments)
            for i, element in zip(over, elements, strict=True):
                ready[i] = element
            return call_scalar(record, ready, self.lookup.random() if record.draws else None)

        self.effort.spend(ONE_BY_ONE * operations(record, [_block(argument) for argument in arguments]))
        if not over:
            return once()
        self.lift(_size([arguments[i] for i in over]))  # type: ignore[misc]
        return lift(lambda *elements: _first(once(*elements)), [arguments[i] for i in over])  # type: ignore[misc]

    def if_(self, arguments: Sequence[Node], array: bool) -> Operand:
        condition = self.value(arguments[0], array)
        if isinstance(condition, Values):
            yes, no = (_block(self.value_of(self.branch(arguments, i, array))) for i in (1, 2))
            return where_true(condition, yes, no)
        truth = to_boolean(condition)
        if isinstance(truth, ExcelError):
            return truth
        return self.branch(arguments, 1 if truth else 2, array)

    def branch(self, arguments: Sequence[Node], position: int, array: bool) -> Operand:
        """A branch of IF: absent altogether it is FALSE, empty it is 0."""
        if position >= len(arguments):
            return False
        return 0.0 if isinstance(arguments[position], Missing) else self.operand(arguments[position], array)

    def value_of(self, operand: Operand) -> Scalar | Values:
        return self.cells(operand) if isinstance(operand, Reference) else operand

    def iferror(self, arguments: Sequence[Node], array: bool, caught: Caught = None) -> Operand:
        """IFERROR, and IFNA, which catches one error only."""
        value = self.value(arguments[0], array)
        if isinstance(value, Values):
            return where_wrong(value, _block(self.value(arguments[1], array)), caught)
        if not isinstance(value, ExcelError) or (caught is not None and value is not caught):
            return value
        return 0.0 if isinstance(arguments[1], Missing) else self.value(arguments[1], array)

    def switch(self, arguments: Sequence[Node], array: bool) -> Operand:
        """SWITCH: the result beside the first case that equals the value, else the default, else #N/A."""
        value = self.value(arguments[0], array)
        cases, results = arguments[1:-1:2], arguments[2::2]
        default = arguments[-1:] if len(arguments) % 2 == 0 else ()
        for position, case in enumerate(cases):
            equal = self.elementwise(BINARY["="].scalar, [value, self.value(case, array)])
            if isinstance(equal, Values):
                return self.switched(value, position, cases, results, default, array)
            if isinstance(equal, ExcelError):
                return equal
            if equal:
                return self.branch(results, position, array)
        return self.branch(default, 0, array) if default else ExcelError.NA

    def switched(
        self,
        value: Scalar | Values,
        start: int,
        cases: Sequence[Node],
        results: Sequence[Node],
        default: Sequence[Node],
        array: bool,
    ) -> Values:
        """SWITCH of arrays, from the case at `start` on: every result is worked out."""
        chosen = _block(self.value_of(self.branch(default, 0, array)) if default else ExcelError.NA)
        for position in reversed(range(start, len(cases))):
            equal = self.elementwise(BINARY["="].scalar, [value, self.value(cases[position], array)])
            chosen = where_true(
                _block(equal), _block(self.value_of(self.branch(results, position, array))), chosen
            )
        return chosen

    def place(self, arguments: Sequence[Node], array: bool, down: bool) -> Operand:
        """ROW (`down`) and COLUMN."""
        if not arguments:
            return float((self.row if down else self.column) + 1)
        reference = self.operand(arguments[0], array)
        if isinstance(reference, ExcelError):
            return reference
        if not isinstance(reference, Reference) or len(reference.areas) > 1:
            return ExcelError.VALUE
        rect = reference.rect
        if not array:
            return float((rect.top if down else rect.left) + 1)
        first, last = (rect.top, rect.bottom) if down else (rect.left, rect.right)
        self.take(last - first)
        numbers = np.arange(first + 1, last + 1, dtype=np.float64)
        return Values(numbers.reshape((-1, 1) if down else (1, -1)))

    def length(self, arguments: Sequence[Node], array: bool, down: bool) -> Operand:
        """ROWS (`down`) and COLUMNS."""
        operand = self.operand(arguments[0], True)
        if isinstance(operand, ExcelError):
            return operand
        if isinstance(operand, Reference):
            if len(operand.areas) > 1:
                return ExcelError.REF
            return float(operand.rect.shape[0 if down else 1])
        return float(operand.shape[0 if down else 1]) if isinstance(operand, Values) else 1.0

    def index(self, arguments: Sequence[Node], array: bool) -> Operand:
        source = self.operand(arguments[0], array)
        if isinstance(source, ExcelError):
            return source
        numbers = [self.value(argument, array) for argument in arguments[1:]]
        if any(isinstance(number, Values) for number in numbers):
            blocks = [_block(number) for number in numbers]
            self.take(_size(blocks))
            return lift(lambda *ns: _first(self.value_of(self.indexed(source, ns))), blocks)
        return self.indexed(source, numbers)  # type: ignore[arg-type]

    def indexed(self, source: Operand, numbers: Sequence[Scalar]) -> Operand:
        """INDEX of one place: `numbers` are row, column and area as far as they are given."""
        given = [to_number(number) for number in numbers]
        wrong = next((number for number in given if isinstance(number, ExcelError)), None)
        if wrong is not None:
            return wrong
        if isinstance(source, Reference):
            area = int(given[2]) if len(given) > 2 else 1
            if not 1 <= area <= len(source.areas):
                return ExcelError.REF
            sheet, rect = source.areas[area - 1]
            part = index_area(rect.rows, rect.columns, given[0], given[1] if len(given) > 1 else None)
            if isinstance(part, ExcelError):
                return part
            return Reference(((sheet, part.shift(rect.top, rect.left)),))
        block = _block(source)
        part = index_area(block.shape[0], block.shape[1], given[0], given[1] if len(given) > 1 else None)
        if isinstance(part, ExcelError):
            return part
        return block[part.top : part.bottom, part.left : part.right]

    def offset(self, arguments: Sequence[Node], array: bool) -> Operand:
        reference = self.operand(arguments[0], array)
        if isinstance(reference, ExcelError):
            return reference
        if not isinstance(reference, Reference) or len(reference.areas) > 1:
            return ExcelError.VALUE
        numbers: list[float | None] = []
        for argument in arguments[1:]:
            number = to_number(_first(self.value(argument, False)))
            if isinstance(number, ExcelError):
                return number
            numbers.append(None if isinstance(argument, Missing) and len(numbers) > 1 else number)
        area = offset_area(reference.rect, numbers[0] or 0.0, numbers[1] or 0.0, *numbers[2:])
        return area if isinstance(area, ExcelError) else Reference(((reference.sheet, area),))


_REFERENCE_OPERATORS = (":", " ", "union")
_SPECIAL: dict[str, Callable[[_Evaluator, Sequence[Node], bool], Operand]] = {
    "IF": _Evaluator.if_,
    "IFERROR": _Evaluator.iferror,
    "IFNA": lambda e, arguments, array: e.iferror(arguments, array, ExcelError.NA),
    "IFS": lambda e, arguments, array: e.operand(nested_ifs(arguments), array),
    "SWITCH": _Evaluator.switch,
    "ROW": lambda e, arguments, array: e.place(arguments, array, True),
    "COLUMN": lambda e, arguments, array: e.place(arguments, array, False),
    "ROWS": lambda e, arguments, array: e.length(arguments, array, True),
    "COLUMNS": lambda e, arguments, array: e.length(arguments, array, False),
    "INDEX": _Evaluator.index,
    "OFFSET": _Evaluator.offset,
}


def _block(value: Scalar | Values) -> Values:
    return value if isinstance(value, Values) else single(value)


def _size(blocks: Sequence[Values]) -> int:
    """Cells of the array that two-dimensional blocks make together."""
    return max(block.shape[0] for block in blocks) * max(block.shape[1] for block in blocks)


def _first(value: Scalar | Values) -> Scalar:
    return value.get((0, 0)) if isinstance(value, Values) else value


def _joined(operator: str, left: Operand, right: Operand) -> Operand:
    """The reference operators: range from corner to corner, intersection, union."""
    if isinstance(left, ExcelError):
        return left
    if isinstance(right, ExcelError):
        return right
    if not isinstance(left, Reference) or not isinstance(right, Reference):
        return ExcelError.VALUE
    if len(left.areas) * len(right.areas) > MOST_AREAS:
        raise TooMuch(f"more than {MOST_AREAS} areas in a reference")
    if operator == "union":
        return Reference(left.areas + right.areas)
    if operator == ":":
        if len(left.areas) > 1 or len(right.areas) > 1 or left.sheet.casefold() != right.sheet.casefold():
            return ExcelError.VALUE
        a, b = left.rect, right.rect
        corner = min(a.top, b.top), min(a.left, b.left)
        return Reference(((left.sheet, Rect(*corner, max(a.bottom, b.bottom), max(a.right, b.right))),))
    common = [
        (sheet, part)
        for (sheet, a), (other, b) in product(left.areas, right.areas)
        if sheet.casefold() == other.casefold() and (part := a.intersect(b)) is not None
    ]
    return Reference(tuple(common)) if common else ExcelError.NULL
