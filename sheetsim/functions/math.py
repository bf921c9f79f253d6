"""Functions of numbers, element by element: ABS EXP LN LOG LOG10 PI POWER SIGN SQRT, and the circular and
hyperbolic ones, their reciprocals and inverses, in radians.

Excel takes no angle from 2^27 on for SIN, COS, TAN and their reciprocals: #NUM!.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from sheetsim.functions.registry import Function, Kind, register
from sheetsim.values import ExcelError

if TYPE_CHECKING:
    from sheetsim.ir.build import Body, Builder, Term

LARGEST_ANGLE = 2.0**27
SOURCE = "support.microsoft.com, "


def numeric(name: str, body: Body, least: int = 1, most: int = 1) -> None:
    parameters: tuple[Kind, ...] = tuple("number" for _ in range(most))
    register(Function(name, parameters, least, most, body=body, source=SOURCE + name))


for _name, _operation in {
    "ABS": "abs",
    "EXP": "exp",
    "LN": "log",
    "LOG10": "log10",
    "SQRT": "sqrt",
    "ACOS": "arccos",
    "ACOSH": "arccosh",
    "ASIN": "arcsin",
    "ASINH": "arcsinh",
    "ATAN": "arctan",
    "ATANH": "arctanh",
    "COSH": "cosh",
    "SINH": "sinh",
    "TANH": "tanh",
}.items():
    numeric(_name, lambda b, x, _operation=_operation: b.op(_operation, x))

numeric("SIGN", lambda b, x: b.number(x > 0) - b.number(x < 0))
numeric("PI", lambda b: b.constant(math.pi), 0, 0)


def power(b: Builder, base: Term, exponent: Term) -> Term:
    """POWER and `^`: 0^0 is #NUM!, 0 to a negative power #DIV/0!; for the rest see `elementary.raw_power`."""
    zero = b.eq(base, 0)
    result = b.fail(b.power(base, exponent), zero & (exponent < 0), ExcelError.DIV0)
    return b.fail(result, zero & b.eq(exponent, 0), ExcelError.NUM)


numeric("POWER", power, 2, 2)


def _log(b: Builder, x: Term, base: Term | None = None) -> Term:
    if base is None:
        return b.fail(b.log10(x), x <= 0, ExcelError.NUM)
    decimal = b.eq(base, 10)
    result = b.select(decimal, b.log10(x), b.log(x) / b.log(base))
    result = b.fail(result, (x <= 0) | (base <= 0), ExcelError.NUM)
    return b.fail(result, b.eq(base, 1), ExcelError.DIV0)


numeric("LOG", _log, 1, 2)


# -- angles


def _circular(name: str, body: Callable[[Builder, Term], Term]) -> None:
    """A function of an angle: #NUM! where that is too large."""
    numeric(name, lambda b, x: b.fail(body(b, x), abs(x) >= LARGEST_ANGLE, ExcelError.NUM))


def _inverse(b: Builder, x: Term, value: Term) -> Term:
    """1 / value, #DIV/0! where x is 0."""
    return b.fail(1 / value, b.eq(x, 0), ExcelError.DIV0)


def _atan2(b: Builder, x: Term, y: Term) -> Term:
    """The angle of the point (x, y): Excel gives x first."""
    return b.fail(b.atan2(y, x), b.eq(x, 0) & b.eq(y, 0), ExcelError.DIV0)


def _acoth(b: Builder, x: Term) -> Term:
    return b.fail(0.5 * b.log((x + 1) / (x - 1)), abs(x) <= 1, ExcelError.NUM)


_circular("SIN", lambda b, x: b.sin(x))
_circular("COS", lambda b, x: b.cos(x))
_circular("TAN", lambda b, x: b.tan(x))
_circular("SEC", lambda b, x: 1 / b.cos(x))
_circular("COT", lambda b, x: _inverse(b, x, b.tan(x)))
_circular("CSC", lambda b, x: _inverse(b, x, b.sin(x)))
numeric("SECH", lambda b, x: 1 / b.cosh(x))
numeric("COTH", lambda b, x: _inverse(b, x, b.tanh(x)))
numeric("CSCH", lambda b, x: _inverse(b, x, b.sinh(x)))
numeric("ACOT", lambda b, x: math.pi / 2 - b.arctan(x))
numeric("ACOTH", _acoth)
numeric("ATAN2", _atan2, 2, 2)
numeric("DEGREES", lambda b, x: x * (180 / math.pi))
numeric("RADIANS", lambda b, x: x * (math.pi / 180))
