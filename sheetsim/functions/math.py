"""Functions of numbers, element by element: ABS CEILING CEILING.MATH COS EXP FLOOR FLOOR.MATH INT LN LOG
LOG10 MOD PI POWER ROUND ROUNDDOWN ROUNDUP SIGN SIN SQRT TANH TRUNC.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sheetsim.functions.registry import Function, Kind, register
from sheetsim.values import ExcelError

if TYPE_CHECKING:
    from sheetsim.ir.build import Body, Builder, Operand, Term

_TIE = 2.0**-50  # how near, relatively, a product must come to a tie (or a whole) to count as one
_EXACT = 2.0**51  # numbers from here on have no digits behind the point to round
_MOD_LIMIT = 1_125_900_000_000.0  # Excel: MOD of a quotient this large is #NUM!
_MICROSOFT = "support.microsoft.com, "


def _numeric(name: str, body: Body, least: int = 1, most: int = 1, source: str = "") -> None:
    parameters: tuple[Kind, ...] = tuple("number" for _ in range(most))
    register(Function(name, parameters, least, most, body=body, source=source))


for _name, _operation in {
    "ABS": "abs",
    "COS": "cos",
    "EXP": "exp",
    "INT": "floor",
    "LN": "log",
    "LOG10": "log10",
    "SIN": "sin",
    "SQRT": "sqrt",
    "TANH": "tanh",
}.items():
    _numeric(_name, lambda b, x, _operation=_operation: b.op(_operation, x))

_numeric("SIGN", lambda b, x: b.number(x > 0) - b.number(x < 0))
_numeric("PI", lambda b: b.constant(math.pi), 0, 0)


def power(b: Builder, base: Term, exponent: Term) -> Term:
    """POWER and `^`: 0^0 is #NUM!, 0 to a negative power #DIV/0!; for the rest see `elementary.raw_power`."""
    zero = b.eq(base, 0)
    result = b.fail(b.power(base, exponent), zero & (exponent < 0), ExcelError.DIV0)
    return b.fail(result, zero & b.eq(exponent, 0), ExcelError.NUM)


_numeric("POWER", power, 2, 2)


def _log(b: Builder, x: Term, base: Term | None = None) -> Term:
    if base is None:
        return b.fail(b.log10(x), x <= 0, ExcelError.NUM)
    decimal = b.eq(base, 10)
    result = b.select(decimal, b.log10(x), b.log(x) / b.log(base))
    result = b.fail(result, (x <= 0) | (base <= 0), ExcelError.NUM)
    return b.fail(result, b.eq(base, 1), ExcelError.DIV0)


_numeric("LOG", _log, 1, 2)


def _mod(b: Builder, x: Term, divisor: Term) -> Term:
    quotient = x / divisor
    result = b.fail(x - divisor * b.floor(quotient), b.eq(divisor, 0), ExcelError.DIV0)
    return b.fail(result, ~(abs(quotient) < _MOD_LIMIT), ExcelError.NUM)


_numeric("MOD", _mod, 2, 2, source=_MICROSOFT + "MOD: n - d*INT(n/d)")


# -- to so many decimals
#
# Decimals are what a reader sees: 2.675 is a tie at two decimals although its nearest double lies below it,
# so a scaled value within a few units of the last place of a tie (or of a whole) counts as one.


def _places(b: Builder, x: Term, digits: Operand) -> tuple[Term, Term, Term, Term]:
    """|x| scaled so that the last decimal kept is the ones; whether it was divided, by which power of ten."""
    places = b.trunc(b.op("min2", b.op("max2", digits, -308.0), 308.0))
    scale = b.op("ten_to", abs(places))
    down = places < 0
    return b.select(down, abs(x) / scale, abs(x) * scale), down, scale, places


def _back(b: Builder, x: Term, whole: Term, scaled: Term, down: Term, scale: Term) -> Term:
    """A whole number of the last decimal as a number, with x's sign; x itself where it has no decimals."""
    result = b.select(down, whole * scale, whole / scale)
    return b.select(scaled < _EXACT, b.select(x < 0, -result, result), x)


def _cut(half: float) -> Body:
    """To the nearest, up from a tie (`half` 0.5: ROUND), or cut (0: ROUNDDOWN)."""

    def body(b: Builder, x: Term, digits: Operand = 0.0) -> Term:
        scaled, down, scale, places = _places(b, x, digits)
        raised = scaled + half
        whole = b.floor(raised)
        near = whole + 1 - raised <= (whole + 1) * _TIE
        if not half:
            near = near & b.ne(places, 0)
        return _back(b, x, b.select(near, whole + 1, whole), scaled, down, scale)

    return body


def _away(b: Builder, x: Term, digits: Term) -> Term:
    """ROUNDUP, away from zero; next to a whole number of the last decimal counts as whole."""
    scaled, down, scale, places = _places(b, x, digits)
    whole = b.floor(scaled)
    beyond = scaled - whole > b.select(b.ne(places, 0), (whole + 1) * _TIE, 0.0)
    return _back(b, x, b.select(beyond, whole + 1, whole), scaled, down, scale)


_numeric("ROUND", _cut(0.5), 2, 2)
_numeric("TRUNC", _cut(0.0), 1, 2)
_numeric("ROUNDDOWN", _cut(0.0), 2, 2)
_numeric("ROUNDUP", _away, 2, 2)


# -- to multiples


def _multiple(b: Builder, x: Term, step: Term, up: Term) -> Term:
    """The multiple of |step| next to x, above or below it (0 where the step is 0); x that is one but for its
    last bits (0.3 of 0.1, whose quotient is just below 3) counts as one."""
    size = abs(step)
    quotient = x / size
    nearest = b.floor(quotient + 0.5)
    apart = abs(quotient - nearest) > abs(nearest) * _TIE
    whole = b.select(apart, b.select(up, b.ceil(quotient), b.floor(quotient)), nearest)
    result = b.select(abs(quotient) < _EXACT, whole * size + 0.0, x)  # + 0: never -0
    return b.select(b.eq(step, 0), 0.0, result)


def _ceiling_math(b: Builder, x: Term, step: Operand = 1.0, away: Operand = 0.0) -> Term:
    return _multiple(b, x, b.term(step), (x >= 0) | b.eq(away, 0))


def _floor_math(b: Builder, x: Term, step: Operand = 1.0, inwards: Operand = 0.0) -> Term:
    return _multiple(b, x, b.term(step), (x < 0) & b.ne(inwards, 0))


def _ceiling(b: Builder, x: Term, step: Term) -> Term:
    result = _multiple(b, x, step, (x >= 0) | (step > 0))
    return b.fail(result, (x > 0) & (step < 0), ExcelError.NUM)


def _floor(b: Builder, x: Term, step: Term) -> Term:
    result = _multiple(b, x, step, (x < 0) & (step < 0))
    result = b.fail(result, (x > 0) & (step < 0), ExcelError.NUM)
    return b.fail(result, b.ne(x, 0) & b.eq(step, 0), ExcelError.DIV0)


_numeric("CEILING.MATH", _ceiling_math, 1, 3, source=_MICROSOFT + "CEILING.MATH")
_numeric("FLOOR.MATH", _floor_math, 1, 3, source=_MICROSOFT + "FLOOR.MATH")
_numeric("CEILING", _ceiling, 2, 2, source=_MICROSOFT + "CEILING")
_numeric("FLOOR", _floor, 2, 2, source=_MICROSOFT + "FLOOR")
