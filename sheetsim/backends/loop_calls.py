"""Functions as scalar code: one implementation each of those that recurrences call, for `loop_code.Writer`.

Functions of numbers that are not here are called by their scalar implementation (then the code runs in plain
Python only, because NumPy's exp or log under a compiler would be the C library's, which differ in the last
bit).

Functions of ranges become loops in reading order, `SUM(A4:B6)`:

    t1 = 0.0
    for r in range(b1 + u, b2 + u + 1):
        for c in range(b3, b4 + 1):
            t1 = t1 + N0[c * b5 + r]
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence

from sheetsim.backends.loop_code import Writer
from sheetsim.backends.loop_parts import (
    COUNTED,
    SUMMED,
    Code,
    Term,
    Unsuited,
    binary,
    call,
    constant,
    item,
    named,
)
from sheetsim.formula.nodes import CellRef, Node, RangeRef
from sheetsim.functions.digits import NEAR

_MOD_LIMIT = 1_125_900_000_000.0  # as functions/rounding.py has it


def _expect(arguments: Sequence[Node], count: int) -> Sequence[Node]:
    if len(arguments) != count:
        raise Unsuited(f"a function with {len(arguments)} arguments that takes {count}")
    return arguments


def _one(arguments: Sequence[Node]) -> Node:
    return _expect(arguments, 1)[0]


def _sqrt(writer: Writer, arguments: Sequence[Node]) -> Term:
    inner = writer.number(_one(arguments))
    return Term(call("sqrt", inner.code), inner.infinite, True)


def _abs(writer: Writer, arguments: Sequence[Node]) -> Term:
    inner = writer.number(_one(arguments))
    return Term(call("abs", inner.code), inner.infinite, inner.nan)


def _floor(writer: Writer, arguments: Sequence[Node]) -> Term:
    """Stops at numbers next to a whole one, of which the 15th digit decides (see `functions/digits.py`)."""
    number = writer.simple(writer.finite(_one(arguments)))
    below = writer.assign(writer.new(), binary(ast.FloorDiv, number, constant(1.0)))
    left = binary(ast.Sub, binary(ast.Add, below, constant(1.0)), number)
    writer.stop_if(_compare(left, ast.LtE, binary(ast.Mult, constant(NEAR), call("abs", number))))
    return Term(below)


def _sign(writer: Writer, arguments: Sequence[Node]) -> Term:
    code, zero = writer.simple(writer.finite(_one(arguments))), constant(0.0)
    negative = ast.IfExp(_compare(code, ast.Lt, zero), constant(-1.0), zero)
    return Term(ast.IfExp(_compare(code, ast.Gt, zero), constant(1.0), negative))


def _mod(writer: Writer, arguments: Sequence[Node]) -> Term:
    """The exact remainder, with the divisor's sign."""
    number, divisor = (writer.simple(writer.finite(argument)) for argument in _expect(arguments, 2))
    quotient = writer.assign(writer.new(), binary(ast.Div, number, divisor))
    inside = _compare(call("abs", quotient), ast.Lt, constant(_MOD_LIMIT))
    writer.stop_if(ast.UnaryOp(ast.Not(), inside))
    return Term(binary(ast.Mod, number, divisor))


def _power(writer: Writer, arguments: Sequence[Node]) -> Term:
    return writer.power(*_expect(arguments, 2))


def _pi(writer: Writer, arguments: Sequence[Node]) -> Term:
    _expect(arguments, 0)
    return Term(constant(math.pi))


# -- functions of ranges


def _sum(writer: Writer, arguments: Sequence[Node]) -> Term:
    return _fold(writer, arguments, 0.0, lambda total, value: binary(ast.Add, total, value), SUMMED)


def _sumsq(writer: Writer, arguments: Sequence[Node]) -> Term:
    def add(total: Code, value: Code) -> Code:
        value = writer.simple(value)
        return binary(ast.Add, total, binary(ast.Mult, value, value))

    return _fold(writer, arguments, 0.0, add, SUMMED)


def _product(writer: Writer, arguments: Sequence[Node]) -> Term:
    return _fold(writer, arguments, 1.0, lambda total, value: binary(ast.Mult, total, value), COUNTED)


def _extreme(test: type[ast.cmpop], start: float) -> Callable[[Writer, Sequence[Node]], Term]:
    def tell(writer: Writer, arguments: Sequence[Node]) -> Term:
        def better(best: Code, value: Code) -> Code:
            value = writer.simple(value)
            return ast.IfExp(_compare(value, test, best), value, best)

        return Term(_fold(writer, arguments, start, better, COUNTED, finite=True).code)

    return tell


def _average(writer: Writer, arguments: Sequence[Node]) -> Term:
    total = _fold(writer, arguments, 0.0, lambda total, value: binary(ast.Add, total, value), COUNTED)
    return Term(binary(ast.Div, total.code, _count_of(writer, arguments)), True, True)


def _count(writer: Writer, arguments: Sequence[Node]) -> Term:
    for argument in arguments:
        if not isinstance(argument, (CellRef, RangeRef)):
            raise Unsuited("COUNT of other than references")
        writer.note(argument, COUNTED)
    return Term(binary(ast.Mult, _count_of(writer, arguments), constant(1.0)))


def _sumproduct(writer: Writer, arguments: Sequence[Node]) -> Term:
    def add(total: Code, *values: Code) -> Code:
        product = values[0]
        for value in values[1:]:
            product = binary(ast.Mult, product, value)
        return binary(ast.Add, total, product)

    return _paired(writer, arguments, add, SUMMED)


def _sumxmy2(writer: Writer, arguments: Sequence[Node]) -> Term:
    def add(total: Code, left: Code, right: Code) -> Code:
        difference = writer.simple(binary(ast.Sub, left, right))
        return binary(ast.Add, total, binary(ast.Mult, difference, difference))

    return _paired(writer, _expect(arguments, 2), add, COUNTED)


def _fold(
    writer: Writer,
    arguments: Sequence[Node],
    start: float,
    step: Callable[[Code, Code], Code],
    kinds: frozenset[int],
    finite: bool = False,
) -> Term:
    """`start`, and each value of the arguments put to it in reading order."""
    total = named(writer.new())
    writer.assign(total.id, constant(start))
    for argument in arguments:
        if isinstance(argument, RangeRef):
            with writer.window(argument) as address:
                writer.note(argument, kinds)
                writer.assign(total.id, step(total, item(writer.array_of(argument), address)))
        else:
            if isinstance(argument, CellRef):
                term = writer.cell(argument, kinds)
            else:
                term = writer.number(argument)
            value = writer.stop_unless_finite(term, writer.new()) if finite and term.loose else term.code
            writer.assign(total.id, step(total, value))
    return Term(total, True, True)


def _paired(
    writer: Writer, arguments: Sequence[Node], add: Callable[..., Code], kinds: frozenset[int]
) -> Term:
    """A sum over several ranges of one shape, place by place."""
    ranges = [argument for argument in arguments if isinstance(argument, RangeRef)]
    if len(ranges) != len(arguments) or not ranges or len({_shape(r) for r in ranges}) != 1:
        raise Unsuited("a sum of products of other than ranges of one fixed shape")
    total = named(writer.new())
    writer.assign(total.id, constant(0.0))
    with writer.window(ranges[0]) as first:
        addresses = [first] + [writer.beside(ranges[0], other) for other in ranges[1:]]
        for reference in ranges:
            writer.note(reference, kinds)
        values = [
            item(writer.array_of(reference), address)
            for reference, address in zip(ranges, addresses, strict=True)
        ]
        writer.assign(total.id, add(total, *values))
    return Term(total, True, True)


def _shape(reference: RangeRef) -> tuple[int, int]:
    first, last = reference.first, reference.last
    if first.row_abs != last.row_abs or first.column_abs != last.column_abs:
        raise Unsuited("a sum of products over a growing range")
    return abs(last.row - first.row), abs(last.column - first.column)


def _count_of(writer: Writer, arguments: Sequence[Node]) -> Code:
    """How many values the arguments are."""
    count: Code = constant(sum(not isinstance(argument, RangeRef) for argument in arguments))
    for argument in arguments:
        if isinstance(argument, RangeRef):
            (low, high), (left, right) = writer.bounds(argument)
            size = binary(ast.Mult, binary(ast.Sub, high, low), binary(ast.Sub, right, left))
            count = binary(ast.Add, count, size)
    return count


def _compare(left: Code, test: type[ast.cmpop], right: Code) -> Code:
    return ast.Compare(left, [test()], [right])


CALLS: Mapping[str, Callable[[Writer, Sequence[Node]], Term]] = {
    "ABS": _abs,
    "AVERAGE": _average,
    "COUNT": _count,
    "INT": _floor,
    "MAX": _extreme(ast.Gt, -math.inf),
    "MIN": _extreme(ast.Lt, math.inf),
    "MOD": _mod,
    "PI": _pi,
    "POWER": _power,
    "PRODUCT": _product,
    "SIGN": _sign,
    "SQRT": _sqrt,
    "SUM": _sum,
    "SUMPRODUCT": _sumproduct,
    "SUMSQ": _sumsq,
    "SUMXMY2": _sumxmy2,
}
"""Excel's name -> what writes its code."""
