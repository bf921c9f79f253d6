"""The definition of meaning: what a formula's tree gives in one cell, evaluated node by node.

Slow and obvious on purpose; the fast evaluators are held to it by property tests. An *operand* is what a
node gives: a scalar, an array (two-dimensional `Values`), a `Reference`, which keeps the cells' places
because some functions and operators need those, or a function (`functions/operands.py`). Two ways of
evaluating, as in Excel:

- plain formulas: where one value is wanted, a reference gives the cell in the formula's own row or column
  (implicit intersection);
- array formulas (`array`), the arguments of some functions (SUMPRODUCT) and the bodies of LAMBDAs: a
  reference gives all its cells.

In both, operators and functions of one value go through arrays element by element (`SUM({1,2,3}*2)` is 12
in a plain formula too); a plain formula's result is the first element.

    evaluate(parse("SUM(A1:A3)*2", 0, 3), sheet="data", row=0, column=3, lookup=lookup)
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import product

from sheetsim.address import MAX_COLUMNS, MAX_ROWS, Rect
from sheetsim.errors import Unsupported
from sheetsim.formula.nodes import (
    Apply,
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
from sheetsim.functions.calling import ONE_VALUE, call_array, call_scalar, operations
from sheetsim.functions.lifting import lift, single
from sheetsim.functions.operands import (
    OMITTED,
    Lambda,
    Long,
    Lookup,
    Omitted,
    Operand,
    Reference,
    block_of,
    first_of,
    together,
)
from sheetsim.functions.operators import BINARY, FINAL, UNARY
from sheetsim.functions.outside import why_unknown
from sheetsim.functions.registry import Function, Tail
from sheetsim.limits import LIFTED, ONE_BY_ONE, PER_FORMULA, Effort, TooMuch, room
from sheetsim.values import ERROR, NUMBER, ExcelError, Scalar, Values

MOST_AREAS = 1024
"""Areas of a union."""

MOST_CALLS = 1024
"""Levels of LAMBDAs that call each other. Excel's limit depends on its version and gives #NUM!; what goes
beyond ours is reported, not guessed."""

PER_CALL = 10_000
"""What the call of a LAMBDA costs, in cell operations."""

FRAMES = 32
"""Python's frames that a level takes, at most; MOST_CALLS levels are made room for."""

UNUSED = 64
"""Rows or columns behind the last cell in use from which on an array is `Long`."""


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
    over the formula's range (`lifting.fit`) or spills. A function, as a result, is #CALC!. Raises Unsupported
    for a function that is not known, or is given too few or too many arguments, for a name that refers to
    itself, and (TooMuch) for what is beyond the limits; `effort` is what may be spent, MOST_EFFORT for this
    cell when None.
    """
    effort = effort or Effort()
    effort.spend(PER_FORMULA)
    evaluator = _Evaluator(sheet, row, column, lookup, effort)
    evaluator.root = node
    operand = evaluator.operand(node, array)
    if isinstance(operand, Lambda):
        operand = ExcelError.CALC
    result = evaluator.one(operand, array)
    if not array:
        first = first_of(result)
        return 0.0 if first is None else first
    block = block_of(result)
    return block if block.kinds is None else lift(lambda value: 0.0 if value is None else value, [block])


class _Evaluator:
    """See `operands.Evaluator`, which this is, for what is not explained here."""

    def __init__(self, sheet: str, row: int, column: int, lookup: Lookup, effort: Effort) -> None:
        self.sheet, self.row, self.column, self.lookup, self.effort = sheet, row, column, lookup, effort
        self.scope: Mapping[str, Operand] = {}
        self.names: list[str] = []  # being resolved
        self.root: Node | None = None
        self.calls = 0  # of LAMBDAs, one in the other

    # --- operands and values ---------------------------------------------------------------------------

    def operand(self, node: Node, array: bool) -> Operand:
        match node:
            case Number() | Text() | Boolean() | Error():
                return node.value
            case CellRef():
                return self.area(node.sheet, [node.at(self.row, self.column)] * 2)
            case RangeRef():
                corners = [node.first.at(self.row, self.column), node.last.at(self.row, self.column)]
                return self.area(node.sheet, corners)
            case NameRef():
                return self.named(node, array)
            case Binary():
                return self.binary(node, array)
            case Call():
                return self.call(node, array)
            case Unary():
                return self.unary(node, array)
            case Missing():
                return None
            case ArrayConstant():
                return Values.of([item.value for item in items] for items in node.rows)  # type: ignore[attr-defined]
            case Apply():
                function = self.operand(node.function, array)
                return self.apply(function, [self.handed(argument) for argument in node.arguments])
        raise Unsupported(f"{type(node).__name__} cannot be evaluated")

    def value(self, node: Node, array: bool) -> Scalar | Values:
        return self.one(self.operand(node, array), array)

    def one(self, operand: Operand, array: bool) -> Scalar | Values:
        """An operand as one value, or an array of more than one; of a reference, in a plain formula, the cell
        in the formula's own row or column."""
        if isinstance(operand, Reference) and not array:
            return self.intersected(operand)
        return self.values_of(operand)

    def values_of(self, operand: Operand) -> Scalar | Values:
        values = self.long_of(operand)
        return _only(values.whole()) if isinstance(values, Long) else values

    def long_of(self, operand: Operand) -> Scalar | Values | Long:
        """All values of an operand, as they are held."""
        if isinstance(operand, Reference):
            if len(operand.areas) == 1 and operand.rect.size == 1:
                return self.lookup.cell(operand.sheet, operand.rect.top, operand.rect.left)
            operand = self.cells(operand)
        if isinstance(operand, Values):
            return _only(operand)
        if isinstance(operand, Omitted):
            return None
        if isinstance(operand, Lambda):
            raise Unsupported("a function where a value is wanted")
        return operand

    def long_value(self, node: Node, array: bool) -> Scalar | Values | Long:
        return self.one_long(self.operand(node, array), array)

    def one_long(self, operand: Operand, array: bool) -> Scalar | Values | Long:
        if isinstance(operand, Reference) and not array:
            return self.intersected(operand)
        return self.long_of(operand)

    # --- names and functions as values -------------------------------------------------------------------

    def named(self, node: NameRef, array: bool) -> Operand:
        key = node.name.casefold()
        if node.sheet is None and key in self.scope:
            return self.scope[key]
        meaning = self.lookup.name(node.name, node.sheet or self.sheet)
        if meaning is None:
            record = FUNCTIONS.get(node.name.upper())
            return ExcelError.NAME if record is None or node.sheet else self.function(record)
        if key in self.names:
            raise Unsupported(f"the name {node.name} refers to itself")
        self.names.append(key)
        try:
            return self.within({}, meaning, array)
        finally:
            self.names.pop()

    def within(self, scope: Mapping[str, Operand], node: Node, array: bool) -> Operand:
        outer, self.scope = self.scope, scope
        try:
            return self.operand(node, array)
        finally:
            self.scope = outer

    def handed(self, node: Node) -> Operand:
        """An argument of a LAMBDA."""
        return OMITTED if isinstance(node, Missing) else self.operand(node, True)

    def function(self, record: Function) -> Lambda:
        """A function of Excel's as a value; what it is given has names of its own."""

        def call(operands: Sequence[Operand]) -> Operand:
            names = [f"argument {place}" for place in range(len(operands))]
            node = Call(record.name, tuple(map(NameRef, names)))
            return self.within(dict(zip(names, operands, strict=True)), node, True)

        return Lambda(call, record.least, record.most)

    def apply(self, function: Operand, operands: Sequence[Operand]) -> Operand:
        if isinstance(function, ExcelError):
            return function
        if not isinstance(function, Lambda) or not function.least <= len(operands) <= function.most:
            return ExcelError.VALUE
        if self.calls == MOST_CALLS:
            raise TooMuch(f"LAMBDAs that call each other through more than {MOST_CALLS} levels")
        self.effort.spend(PER_CALL)
        names, self.names = self.names, []
        self.calls += 1
        try:
            if self.calls > 1:
                return function.call(operands)
            with _room_for_frames():
                return function.call(operands)
        finally:
            self.calls -= 1
            self.names = names

    # --- references --------------------------------------------------------------------------------------

    def area(self, sheet: str | None, corners: Sequence[tuple[int, int]]) -> Reference | ExcelError:
        rows, columns = sorted(row for row, _ in corners), sorted(column for _, column in corners)
        if rows[0] < 0 or columns[0] < 0 or rows[1] >= MAX_ROWS or columns[1] >= MAX_COLUMNS:
            return ExcelError.REF
        rect = Rect(rows[0], columns[0], rows[1] + 1, columns[1] + 1)
        return Reference(((sheet or self.sheet, rect),))

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

    def cells(self, reference: Reference) -> Values | Long | ExcelError:
        """The cells of a reference; far beyond the last cell in use they are not held."""
        if len(reference.areas) > 1:
            return ExcelError.VALUE
        rect = reference.rect
        used = self.lookup.sheet_used(reference.sheet) or Rect(0, 0, 0, 0)
        bottom, right = max(used.bottom, rect.top) + 1, max(used.right, rect.left) + 1
        held = Rect(
            rect.top,
            rect.left,
            bottom if rect.bottom > bottom + UNUSED else rect.bottom,
            right if rect.right > right + UNUSED else rect.right,
        )
        self.take(held.size)
        block = self.lookup.block(reference.sheet, held)
        return block if held == rect else Long(block, *rect.shape)

    def take(self, cells: int) -> None:
        room(cells)
        self.effort.spend(ONE_BY_ONE * cells)

    def lift(self, elements: int) -> None:
        """Something is to be called for each of so many elements: TooMuch when that is beyond the limits."""
        room(elements)
        self.effort.spend(LIFTED * elements)

    # --- operators ---------------------------------------------------------------------------------------

    def unary(self, node: Unary, array: bool) -> Operand:
        if node.operator in "@#":
            operand = self.operand(node.operand, array)
            if node.operator == "#":
                return self.spilled(operand)
            if isinstance(operand, Reference):
                return self.intersected(operand)
            return operand.get((0, 0)) if isinstance(operand, Values) else operand
        return self.elementwise(UNARY[node.operator].scalar, [self.long_value(node.operand, array)])

    def spilled(self, operand: Operand) -> Operand:
        """`A1#`: what the formula in A1 spills into; #REF! where none does."""
        if isinstance(operand, ExcelError):
            return operand
        if not isinstance(operand, Reference) or len(operand.areas) > 1 or operand.rect.size > 1:
            return ExcelError.REF
        rect = self.lookup.spilled(operand.sheet, operand.rect.top, operand.rect.left)
        return ExcelError.REF if rect is None else Reference(((operand.sheet, rect),))

    def binary(self, node: Binary, array: bool) -> Operand:
        """Chains that lean left, like a + b + c, are walked without recursion."""
        if node.operator in _REFERENCE_OPERATORS:
            left, right = self.operand(node.left, array), self.operand(node.right, array)
            return _joined(node.operator, left, right)
        chain = [node]
        while isinstance(chain[-1].left, Binary) and chain[-1].left.operator in BINARY:
            chain.append(chain[-1].left)
        result = self.long_value(chain[-1].left, array)
        for link in reversed(chain):
            table = FINAL if link is self.root and link.operator in FINAL else BINARY
            right = self.long_value(link.right, array)
            result = self.elementwise(table[link.operator].scalar, [result, right])
        return result

    def elementwise(
        self, function: Callable[..., Scalar], values: Sequence[Scalar | Values | Long]
    ) -> Scalar | Values | Long:
        if not any(isinstance(value, (Values, Long)) for value in values):
            return function(*values)
        blocks, size = together(values)
        self.lift(_size(blocks))
        result = lift(function, blocks)
        return result if result.shape == size else Long(result, *size)

    # --- functions ---------------------------------------------------------------------------------------

    def call(self, node: Call, array: bool) -> Operand:
        record = FUNCTIONS.get(node.name)
        if record is None:
            function = self.named(NameRef(node.name), array)
            if isinstance(function, ExcelError):
                raise Unsupported(why_unknown(node.name))
            return self.apply(function, [self.handed(argument) for argument in node.arguments])
        if not record.takes(len(node.arguments)):
            raise Unsupported(f"{node.name} with {len(node.arguments)} arguments")
        if record.rule is not None:
            return record.rule(self, node.arguments, array)  # type: ignore[return-value]
        arguments: list[Scalar | Values | Long] = []
        for i, argument in enumerate(node.arguments):
            kind = record.kind(i)
            operand = self.operand(argument, array or kind == "array")
            if kind == "strict" and _is_range(operand):
                arguments.append(ExcelError.VALUE)
            elif kind == "strict" and isinstance(argument, Missing) and i < record.least:
                arguments.append(ExcelError.NA)
            elif kind == "corner" and isinstance(operand, Reference):
                arguments.append(self.lookup.cell(operand.sheet, operand.rect.top, operand.rect.left))
            elif kind in ONE_VALUE:
                value = self.one_long(operand, array)
                blank = kind == "given" and value is None and not isinstance(argument, Missing)
                arguments.append(0.0 if blank else value)
            elif not isinstance(operand, Reference):
                arguments.append(self.range_of(operand))
            elif kind == "sized":
                arguments.append(self.sized(operand, arguments[0]))
            elif len(operand.areas) > 1 and record.repeats:
                arguments.extend(self.cells(Reference((area,))) for area in operand.areas)
            else:
                arguments.append(self.cells(operand))
        return self.lifted(record, arguments)

    def range_of(self, operand: Operand) -> Scalar | Values | Long:
        """What is no reference, for a parameter that takes a range."""
        if isinstance(operand, Values):
            return operand  # an array, also of one cell
        return self.long_of(operand)

    def sized(self, reference: Reference, like: Scalar | Values | Long) -> Values | Long | ExcelError:
        """The cells from a reference's top left cell on, as many as `like` has."""
        height, width = like.shape if isinstance(like, (Values, Long)) else (1, 1)
        top, left = reference.rect.top, reference.rect.left
        if top + height > MAX_ROWS or left + width > MAX_COLUMNS:
            return ExcelError.REF
        return self.cells(Reference(((reference.sheet, Rect(top, left, top + height, left + width)),)))

    def lifted(self, record: Function, arguments: Sequence[Scalar | Values | Long]) -> Operand:
        """The call, once, or for each element of the arrays that stand where one value is wanted."""
        one_value = [i for i in range(len(arguments)) if record.kind(i) in ONE_VALUE]
        over = [i for i in one_value if isinstance(arguments[i], (Values, Long))]
        ranges, left_out = _shortened(
            record, arguments, [i for i in range(len(arguments)) if i not in one_value]
        )

        def once(*elements: Scalar) -> Scalar | Values:
            ready = list(ranges)
            for i, element in zip(over, elements, strict=True):
                ready[i] = element
            result = _called(record, ready, self.lookup.random() if record.draws else None)
            if left_out and isinstance(result, float):
                blank = [single(None) if isinstance(given, Values) else given for given in ready]
                each = call_scalar(record, blank)
                assert isinstance(each, float)
                result += left_out * each
            return result

        if not over:
            self.effort.spend(ONE_BY_ONE * operations(record, [block_of(argument) for argument in ranges]))
            return once()
        blocks, size = together([arguments[i] for i in over])
        sizes = [block_of(argument) for argument in ranges]
        for i, block in zip(over, blocks, strict=True):
            sizes[i] = block
        self.effort.spend(ONE_BY_ONE * operations(record, sizes))
        self.lift(_size(blocks))
        result = lift(lambda *elements: first_of(once(*elements)), blocks)
        return result if result.shape == size else Long(result, *size)


def _called(record: Function, arguments: Sequence[Scalar | Values], draw: float | None) -> Scalar | Values:
    """The function's value; a body of whole ranges is worked out on these."""
    ranges = any(record.kind(i) not in ONE_VALUE for i in range(len(arguments)))
    if record.body is None or not ranges or draw is not None:
        return call_scalar(record, arguments, draw)
    blocks = [block_of(argument)[None, None] for argument in arguments]
    direct = [not isinstance(argument, Values) for argument in arguments]
    return _only(call_array(record, blocks, direct)[0, 0])


def _shortened(
    record: Function, arguments: Sequence[Scalar | Values | Long], ranges: Sequence[int]
) -> tuple[list[Scalar | Values], int]:
    """The arguments without what is repeated at their ends, where the function may be given them so; ranges
    that are long stay equally so. And of a function that counts, how many blank cells were left out."""
    ready: list[Scalar | Values] = [v if not isinstance(v, Long) else None for v in arguments]
    long = [i for i in ranges if isinstance(arguments[i], Long)]
    if not long:
        return ready, 0
    tail = record.tail if isinstance(record.tail, str) else record.tail(*arguments)
    ends = [arguments[i].repeated() for i in long]  # type: ignore[union-attr]
    whole = any(isinstance(arguments[i], Values) and arguments[i].numbers.size > 1 for i in ranges)  # type: ignore[union-attr]
    whole = whole or len({arguments[i].shape for i in long}) > 1  # type: ignore[union-attr]
    whole = whole or not _may_go(tail, ends)
    height = max(arguments[i].held.shape[0] for i in long)  # type: ignore[union-attr]
    width = max(arguments[i].held.shape[1] for i in long)  # type: ignore[union-attr]
    for i in long:
        block = arguments[i]
        assert isinstance(block, Long)
        if whole:
            ready[i] = block.whole()
        else:
            rows, columns = min(height, block.rows), min(width, block.columns)
            ready[i] = Long(block.of_size(rows, columns), *block.shape).short(once=tail == "once")
    counted = tail == "counted" and not whole
    first = arguments[long[0]]
    assert isinstance(first, Long)
    return ready, first.rows * first.columns - block_of(ready[long[0]]).numbers.size if counted else 0


def _may_go(tail: Tail, ends: Sequence[Values]) -> bool:
    """May a function do without these repeated cells?"""
    if tail in ("zero", "product"):
        wrong = any((end.kind_array() == ERROR).any() for end in ends)
        nothing = [not ((end.kind_array() == NUMBER) & (end.numbers != 0)).any() for end in ends]
        return not wrong and (all(nothing) if tail == "zero" else any(nothing))
    if tail in ("blank", "counted"):
        return not any(end.kind_array().any() for end in ends)
    return tail == "once"


_REFERENCE_OPERATORS = (":", " ", "union")


def _is_range(operand: Operand) -> bool:
    return isinstance(operand, Reference) and (len(operand.areas) > 1 or operand.rect.size > 1)


def _only(values: Values) -> Scalar | Values:
    """An array of one cell is a value."""
    return values.get((0, 0)) if values.numbers.size == 1 else values


def _size(blocks: Sequence[Values]) -> int:
    """Cells of the array that two-dimensional blocks make together."""
    return max(block.shape[0] for block in blocks) * max(block.shape[1] for block in blocks)


@contextmanager
def _room_for_frames() -> Iterator[None]:
    """Python's limit on recursion, raised while a LAMBDA is the first of others."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + FRAMES * MOST_CALLS)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


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
