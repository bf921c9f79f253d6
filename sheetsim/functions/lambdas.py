"""LET, LAMBDA and the functions that take functions: BYCOL BYROW ISOMITTED MAKEARRAY MAP REDUCE SCAN.

A LAMBDA sees the names that stand around it where it is written. Its body is worked out as in an array
formula, also in a plain one. What is handed over of a range are its cells, not their values:
`MAP(A1:A3,LAMBDA(x,ROW(x)))` is {1;2;3}. Where each call gives one element of the result, an array is #CALC!.

    LET(x,A1:A3,f,LAMBDA(v,v/SUM(x)),MAP(x,f))

Source: support.microsoft.com, LET, LAMBDA and the pages of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sheetsim.address import Rect
from sheetsim.errors import Unsupported
from sheetsim.formula.nodes import (
    Binary,
    Boolean,
    Call,
    CellRef,
    Error,
    Missing,
    NameRef,
    Node,
    Number,
    OptionalName,
    Text,
    Unary,
)
from sheetsim.functions.coercion import to_number
from sheetsim.functions.lifting import stretch
from sheetsim.functions.operands import (
    OMITTED,
    Evaluator,
    Lambda,
    Long,
    Omitted,
    Operand,
    Reference,
    Rule,
    block_of,
    failed,
    first_of,
)
from sheetsim.functions.operators import BINARY, UNARY
from sheetsim.functions.registry import FUNCTIONS, Function, register
from sheetsim.values import ExcelError, Scalar, Values

_PAGE = "support.microsoft.com, "
OPERATORS = frozenset((*BINARY, *UNARY))
_CHOOSING = ("IF", "IFERROR", "IFNA")

# --- names and functions -----------------------------------------------------------------------------------


def bound_names(name: str, arguments: Sequence[Node]) -> list[str]:
    """The names, casefolded, that a call of LET or LAMBDA gives a meaning, in order; none for other calls."""
    if name == "LET":
        listed: Sequence[Node] = arguments[:-1:2]
    elif name == "LAMBDA":
        listed = arguments[:-1]
    else:
        return []
    return [node.name.casefold() for node in listed if isinstance(node, (NameRef, OptionalName))]


def _let(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    names = bound_names("LET", arguments)
    if len(arguments) % 2 == 0 or len(names) != len(arguments) // 2:
        raise Unsupported("LET takes pairs of a name and a value, and what to calculate")
    scope = dict(evaluator.scope)
    for name, node in zip(names, arguments[1::2], strict=True):
        operand = evaluator.within(dict(scope), node, array)
        scope[name] = None if isinstance(node, Missing) else operand
    return evaluator.within(scope, arguments[-1], array)


def _lambda(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    parameters, body = bound_names("LAMBDA", arguments), arguments[-1]
    if len(parameters) != len(arguments) - 1:
        raise Unsupported("the parameters of LAMBDA are names")
    least = sum(isinstance(node, NameRef) for node in arguments[:-1])
    seen = evaluator.scope

    def call(operands: Sequence[Operand]) -> Operand:
        given = dict(seen)
        given.update(zip(parameters, operands, strict=False))
        for parameter in parameters[len(operands) :]:
            given[parameter] = OMITTED
        return evaluator.within(given, body, True)

    return Lambda(call, least, len(parameters), body, tuple(parameters), seen)


def _isomitted(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    return isinstance(evaluator.operand(arguments[0], array), Omitted)


# --- functions that take functions -------------------------------------------------------------------------


def _array(evaluator: Evaluator, node: Node) -> Reference | Values | ExcelError:
    """What is walked over: a range, or the values of an array."""
    operand = evaluator.operand(node, True)
    if isinstance(operand, Reference) and len(operand.areas) == 1:
        evaluator.take(operand.rect.size)
        return operand
    values = evaluator.values_of(operand)
    return values if isinstance(values, ExcelError) else block_of(values)


def _shape(array: Reference | Values) -> tuple[int, int]:
    return array.rect.shape if isinstance(array, Reference) else (array.shape[0], array.shape[1])


def _part(array: Reference | Values, top: int, left: int, bottom: int, right: int) -> Operand:
    if isinstance(array, Reference):
        rect = Rect(top, left, bottom, right).shift(array.rect.top, array.rect.left)
        return Reference(((array.sheet, rect),))
    if bottom - top == right - left == 1:
        return array.get((top, left))
    return array[top:bottom, left:right]


def _each(array: Reference | Values) -> Iterator[Operand]:
    """The elements in reading order."""
    rows, columns = _shape(array)
    for row in range(rows):
        for column in range(columns):
            yield _part(array, row, column, row + 1, column + 1)


class _Nested(Exception):
    """An array stands where a result has one element."""


def _single(evaluator: Evaluator, result: Operand) -> Scalar:
    """One element of a result. _Nested for an array; Unsupported for a function, of which Excel can make
    arrays."""
    if isinstance(result, Lambda):
        raise Unsupported("an array of functions")
    value = evaluator.values_of(result)
    if isinstance(value, Values) and value.numbers.size > 1:
        raise _Nested
    return first_of(value)


def _no_arrays_within(rule: Rule) -> Rule:
    """#CALC! where a function gives an array for one element."""

    def checked(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
        try:
            return rule(evaluator, arguments, array)
        except _Nested:
            return ExcelError.CALC

    return checked


def _function(evaluator: Evaluator, node: Node) -> Operand:
    return evaluator.operand(node, True)


def _map(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    """Beyond the end of an array that is shorter than others, #N/A is handed over."""
    arrays = [_array(evaluator, node) for node in arguments[:-1]]
    function = _function(evaluator, arguments[-1])
    wrong = failed([*arrays, function])
    if wrong is not None:
        return wrong
    if not isinstance(function, Lambda):  # support.microsoft.com, MAP: "Incorrect Parameters"
        return ExcelError.VALUE
    shapes = [_shape(one) for one in arrays]  # type: ignore[arg-type]
    if len(set(shapes)) == 1 and _is_elementwise(function, len(arrays)):
        return _at_once(evaluator, function, arrays, shapes[0])
    rows, columns = max(shape[0] for shape in shapes), max(shape[1] for shape in shapes)

    def at(row: int, column: int) -> Scalar:
        handed = [
            _part(one, row, column, row + 1, column + 1)  # type: ignore[arg-type]
            if row < shape[0] and column < shape[1]
            else ExcelError.NA
            for one, shape in zip(arrays, shapes, strict=True)
        ]
        return _single(evaluator, evaluator.apply(function, handed))

    return Values.of([at(row, column) for column in range(columns)] for row in range(rows))


def _is_elementwise(function: Lambda, count: int) -> bool:
    """Is the body made of operators and functions of single values, so that it may be given whole arrays?"""
    if function.body is None or len(function.parameters) != count:
        return False
    for node in function.body.walk():
        match node:
            case Number() | Text() | Boolean() | Error() | CellRef() | Missing():
                continue
            case NameRef():
                name = node.name.casefold()
                known = node.sheet is None and name in (*function.parameters, *function.seen)
                single = not isinstance(function.seen.get(name), (Values, Reference, Lambda, Long))
                if known and (single or name in function.parameters):
                    continue
            case Unary() | Binary() if node.operator in OPERATORS:
                continue
            case Call():
                record = FUNCTIONS.get(node.name)
                if record is not None and (record.name in _CHOOSING or _is_of_single_values(record)):
                    continue
        return False
    return True


def _is_of_single_values(record: Function) -> bool:
    single = all(kind in ("number", "text", "boolean", "any") for kind in record.parameters)
    return single and record.rule is None and not (record.volatile or record.draws or record.gives_array)


def _at_once(
    evaluator: Evaluator, function: Lambda, arrays: Sequence[object], shape: tuple[int, int]
) -> Operand:
    values = [evaluator.values_of(one) for one in arrays]  # type: ignore[arg-type]
    scope = {**function.seen, **dict(zip(function.parameters, values, strict=True))}
    assert function.body is not None
    result = evaluator.values_of(evaluator.within(scope, function.body, True))
    return stretch(block_of(result), shape)


def _folding(keep: bool) -> Callable[[Evaluator, Sequence[Node], bool], Operand]:
    """REDUCE, and SCAN, which keeps its totals; an initial value left out is the first element."""

    def rule(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
        walked = _array(evaluator, arguments[1])
        function = _function(evaluator, arguments[2])
        wrong = failed([walked, function])
        if wrong is not None:
            return wrong
        assert isinstance(walked, (Reference, Values))
        elements = _each(walked)
        if isinstance(arguments[0], Missing):
            total: Operand = next(elements)
            kept = [_single(evaluator, total)]
        else:
            total, kept = evaluator.operand(arguments[0], True), []
        for element in elements:
            total = evaluator.apply(function, [total, element])
            if keep:
                kept.append(_single(evaluator, total))
        if not keep:
            return total
        rows, columns = _shape(walked)
        return Values.of(kept[row * columns : (row + 1) * columns] for row in range(rows))

    return rule


def _by(rows: bool) -> Callable[[Evaluator, Sequence[Node], bool], Operand]:
    """BYROW, and BYCOL."""

    def rule(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
        walked = _array(evaluator, arguments[0])
        function = _function(evaluator, arguments[1])
        wrong = failed([walked, function])
        if wrong is not None:
            return wrong
        assert isinstance(walked, (Reference, Values))
        height, width = _shape(walked)
        parts = (
            [_part(walked, i, 0, i + 1, width) for i in range(height)]
            if rows
            else [_part(walked, 0, i, height, i + 1) for i in range(width)]
        )
        results = [_single(evaluator, evaluator.apply(function, [part])) for part in parts]
        return Values.of([result] for result in results) if rows else Values.of([results])

    return rule


def _makearray(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    """The function is given the row and the column, from 1. Fewer than one of them is #VALUE!."""
    sizes = [to_number(first_of(evaluator.value(node, True))) for node in arguments[:2]]
    function = _function(evaluator, arguments[2])
    wrong = failed([*sizes, function])
    if wrong is not None:
        return wrong
    rows, columns = (int(size) for size in sizes)
    if rows < 1 or columns < 1:
        return ExcelError.VALUE
    evaluator.take(rows * columns)

    def at(row: int, column: int) -> Scalar:
        return _single(evaluator, evaluator.apply(function, [row + 1.0, column + 1.0]))

    return Values.of([at(row, column) for column in range(columns)] for row in range(rows))


register(Function("LET", ("lazy",), 3, 253, repeats=1, rule=_let, gives_array=True, takes_functions=True,
                  source=_PAGE + "LET"))  # fmt: skip
register(Function("LAMBDA", ("lazy",), 1, 254, repeats=1, rule=_lambda, source=_PAGE + "LAMBDA"))
register(Function("ISOMITTED", ("lazy",), 1, 1, rule=_isomitted, source=_PAGE + "ISOMITTED"))
for _name, _least, _most, _rule in (
    ("MAP", 2, 254, _map),
    ("REDUCE", 3, 3, _folding(keep=False)),
    ("SCAN", 3, 3, _folding(keep=True)),
    ("BYROW", 2, 2, _by(rows=True)),
    ("BYCOL", 2, 2, _by(rows=False)),
    ("MAKEARRAY", 3, 3, _makearray),
):
    register(
        Function(
            _name,
            ("lazy",),
            _least,
            _most,
            repeats=1,
            rule=_no_arrays_within(_rule),
            gives_array=True,
            takes_functions=True,
            source=_PAGE + _name,
        )
    )
