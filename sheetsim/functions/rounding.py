"""To whole numbers and multiples: CEILING CEILING.MATH CEILING.PRECISE EVEN FLOOR FLOOR.MATH FLOOR.PRECISE
INT ISO.CEILING MOD MROUND ODD ROUND ROUNDDOWN ROUNDUP TRUNC.

Excel sees 15 significant digits: a number (INT) or a quotient (CEILING, FLOOR, MROUND) that is whole to 15
digits counts as whole, and so does, in ROUND and its like, a product next to a tie. MOD is exact.

    INT(880000000*0.00849/3)           2490400      although the quotient is 2490399.9999999995
    CEILING(0.1, 0.0999999999999996)   0.0999999999999996
    MOD(5, 1E-10)                      9.99998178390134E-11
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sheetsim.functions.math import SOURCE, numeric
from sheetsim.functions.registry import Function, register
from sheetsim.values import ExcelError

if TYPE_CHECKING:
    from sheetsim.ir.build import Body, Builder, Operand, Term

_TIE = 2.0**-50  # how near, relatively, a product must come to a tie (or a whole) to count as one
_EXACT = 2.0**51  # numbers from here on have no digits behind the point to round
_MOD_LIMIT = 1_125_900_000_000.0  # Excel: MOD of a quotient this large is #NUM!


def _mod(b: Builder, x: Term, divisor: Term) -> Term:
    result = b.fail(b.op("remainder", x, divisor), b.eq(divisor, 0), ExcelError.DIV0)
    return b.fail(result, ~(abs(x / divisor) < _MOD_LIMIT), ExcelError.NUM)


numeric("INT", lambda b, x: b.op("floor15", x))
numeric("MOD", _mod, 2, 2)


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


def _raised(b: Builder, x: Term, digits: Term) -> Term:
    """ROUNDUP, away from zero; next to a whole number of the last decimal counts as whole."""
    scaled, down, scale, places = _places(b, x, digits)
    whole = b.floor(scaled)
    beyond = scaled - whole > b.select(b.ne(places, 0), (whole + 1) * _TIE, 0.0)
    return _back(b, x, b.select(beyond, whole + 1, whole), scaled, down, scale)


numeric("ROUND", _cut(0.5), 2, 2)
numeric("TRUNC", _cut(0.0), 1, 2)
numeric("ROUNDDOWN", _cut(0.0), 2, 2)
numeric("ROUNDUP", _raised, 2, 2)


# -- to multiples


def _multiple(b: Builder, x: Term, step: Term, up: Operand) -> Term:
    """The multiple of |step| next to x, above or below it (0 where the step is 0)."""
    size = abs(step)
    quotient = x / size
    whole = b.select(up, -b.op("floor15", -quotient), b.op("floor15", quotient))
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


numeric("CEILING.MATH", _ceiling_math, 1, 3)
numeric("FLOOR.MATH", _floor_math, 1, 3)
numeric("CEILING", _ceiling, 2, 2)
numeric("FLOOR", _floor, 2, 2)


def _precise(up: bool) -> Body:
    """Up (or down), whatever the signs are."""
    return lambda b, x, step=1.0: _multiple(b, x, b.term(step), up)


def _mround(b: Builder, x: Term, step: Term) -> Term:
    """To the nearest multiple, half away from zero; #NUM! where the signs differ."""
    quotient = x / step
    result = b.select(quotient < _EXACT, b.op("floor15", quotient + 0.5) * step, x)
    result = b.fail(result, ((x < 0) & (step > 0)) | ((x > 0) & (step < 0)), ExcelError.NUM)
    return b.select(b.eq(step, 0) | b.eq(x, 0), 0.0, result)


def _away(odd: float) -> Body:
    """Away from zero to the next even (`odd` 0) or odd whole number."""

    def body(b: Builder, x: Term) -> Term:
        size = -2 * b.op("floor15", -(abs(x) + odd) / 2) - odd
        size = b.op("max2", size, odd)
        return b.select(x < 0, -size, size)

    return body


numeric("CEILING.PRECISE", _precise(True), 1, 2)
numeric("ISO.CEILING", _precise(True), 1, 2)
numeric("FLOOR.PRECISE", _precise(False), 1, 2)
numeric("EVEN", _away(0.0))
numeric("ODD", _away(1.0))
register(Function("MROUND", ("strict", "strict"), 2, 2, body=_mround, source=SOURCE + "MROUND"))
