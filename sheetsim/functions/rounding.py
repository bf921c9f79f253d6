"""To whole numbers and multiples: CEILING CEILING.MATH CEILING.PRECISE EVEN FLOOR FLOOR.MATH FLOOR.PRECISE
INT ISO.CEILING MOD MROUND ODD ROUND ROUNDDOWN ROUNDUP TRUNC.

Excel sees 15 significant digits: a number (INT) or a quotient (CEILING, FLOOR, MROUND) that is whole to 15
digits counts as whole, and so does, in ROUND and its like, a product next to a tie. MOD is exact.

    INT(880000000*0.00849/3)           2490400      although the quotient is 2490399.9999999995
    CEILING(0.1, 0.0999999999999996)   0.0999999999999996
    MOD(5, 1E-10)                      9.99998178390134E-11
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.coercion import Codes, first_codes
from sheetsim.functions.digits import floor, floors
from sheetsim.functions.math import elementwise, where_wrong
from sheetsim.functions.plain import plain
from sheetsim.values import ExcelError

Array = NDArray[np.float64]

_TENS = np.array([float(f"1e{exponent}") for exponent in range(309)])
_TIE = 2.0**-50  # how near, relatively, a product must come to a tie (or a whole) to count as one
_MOD_LIMIT = 1_125_900_000_000.0  # Excel: MOD of a quotient this large is #NUM!
_MICROSOFT = "support.microsoft.com, "


elementwise("INT", floor, lambda x: (floors(x), None), source=_MICROSOFT + "INT")


def _mod(x: float, divisor: float) -> float | ExcelError:
    """The exact remainder, with the divisor's sign."""
    if divisor == 0:
        return ExcelError.DIV0
    return x % divisor if abs(x / divisor) < _MOD_LIMIT else ExcelError.NUM


def _mods(x: Array, divisor: Array) -> tuple[Array, Codes]:
    codes = first_codes(
        where_wrong(
            ExcelError.DIV0, np.broadcast_to(divisor == 0, np.broadcast_shapes(x.shape, divisor.shape))
        ),
        where_wrong(ExcelError.NUM, ~(np.abs(x / divisor) < _MOD_LIMIT)),
    )
    return np.mod(x, divisor), codes


elementwise("MOD", _mod, _mods, 2, 2, source=_MICROSOFT + "MOD")


def _scaled(x: float, digits: float, half: float) -> float:
    """|x| to `digits` decimals: up from a tie with `half` 0.5, cut with 0; with x's sign.

    Decimals are what a reader sees: 2.675 is a tie at two decimals although its nearest double lies below
    it, so a scaled value within a few units of the last place of a tie (or of a whole) counts as one.
    """
    places = int(min(max(digits, -308), 308))
    scale = float(_TENS[abs(places)])
    scaled = abs(x) / scale if places < 0 else abs(x) * scale
    if not scaled < 2.0**51:
        return x
    raised = scaled + half
    whole = float(math.floor(raised))
    if (half or places) and whole + 1 - raised <= (whole + 1) * _TIE:
        whole += 1
    result = whole * scale if places < 0 else whole / scale
    return -result if x < 0 else result


def _scaled_arrays(x: Array, digits: Array, half: float) -> Array:
    """`_scaled` on arrays."""
    places = np.clip(np.trunc(digits), -308, 308)
    scale = _TENS[np.abs(places).astype(np.int64)]
    down = places < 0
    scaled = np.where(down, np.abs(x) / scale, np.abs(x) * scale)
    raised = scaled + half
    whole = np.floor(raised)
    near = whole + 1 - raised <= (whole + 1) * _TIE
    whole = np.where(near & (bool(half) | (places != 0)), whole + 1, whole)
    result = np.where(down, whole * scale, whole / scale)
    return np.where(scaled < 2.0**51, np.where(x < 0, -result, result), x)


elementwise(
    "ROUND", lambda x, digits: _scaled(x, digits, 0.5), lambda x, d: (_scaled_arrays(x, d, 0.5), None), 2, 2
)
_ZERO = np.zeros((1, 1, 1, 1))
_ONE = np.ones((1, 1, 1, 1))
elementwise(
    "TRUNC",
    lambda x, digits=0.0: _scaled(x, digits, 0.0),
    lambda x, digits=_ZERO: (_scaled_arrays(x, digits, 0.0), None),
    1,
    2,
)

elementwise(
    "ROUNDDOWN",
    lambda x, digits: _scaled(x, digits, 0.0),
    lambda x, digits: (_scaled_arrays(x, digits, 0.0), None),
    2,
    2,
)


def _raised(x: float, digits: float) -> float:
    """x to `digits` decimals, away from zero; next to a whole number of them counts as whole (`_scaled`)."""
    places = int(min(max(digits, -308), 308))
    scale = float(_TENS[abs(places)])
    scaled = abs(x) / scale if places < 0 else abs(x) * scale
    if not scaled < 2.0**51:
        return x
    whole = float(math.floor(scaled))
    if scaled - whole > ((whole + 1) * _TIE if places else 0.0):
        whole += 1
    result = whole * scale if places < 0 else whole / scale
    return -result if x < 0 else result


def _raised_arrays(x: Array, digits: Array) -> Array:
    """`_raised` on arrays."""
    places = np.clip(np.trunc(digits), -308, 308)
    scale = _TENS[np.abs(places).astype(np.int64)]
    down = places < 0
    scaled = np.where(down, np.abs(x) / scale, np.abs(x) * scale)
    whole = np.floor(scaled)
    whole = np.where(scaled - whole > np.where(places != 0, (whole + 1) * _TIE, 0.0), whole + 1, whole)
    result = np.where(down, whole * scale, whole / scale)
    return np.where(scaled < 2.0**51, np.where(x < 0, -result, result), x)


elementwise("ROUNDUP", _raised, lambda x, digits: (_raised_arrays(x, digits), None), 2, 2)


def _multiple(x: float, step: float, up: bool) -> float:
    """The multiple of a positive `step` next to x, above or below it; x that is one to 15 digits is one."""
    quotient = x / step
    if not abs(quotient) < 2.0**51:
        return x
    whole = -floor(-quotient) if up else floor(quotient)
    return whole * step + 0.0  # never -0


def _multiples(x: Array, step: Array, up: NDArray[np.bool_]) -> Array:
    """`_multiple` on arrays; anything where a step is 0."""
    quotient = x / step
    whole = np.where(up, -floors(-quotient), floors(quotient))
    return np.where(np.abs(quotient) < 2.0**51, whole * step + 0.0, x)


def _ceiling_math(x: float, step: float = 1.0, away: float = 0.0) -> float:
    return _multiple(x, abs(step), x >= 0 or away == 0) if step else 0.0


def _ceilings_math(x: Array, step: Array = _ONE, away: Array = _ZERO) -> tuple[Array, Codes]:
    return np.where(step == 0, 0.0, _multiples(x, np.abs(step), (x >= 0) | (away == 0))), None


def _floor_math(x: float, step: float = 1.0, inwards: float = 0.0) -> float:
    return _multiple(x, abs(step), x < 0 and inwards != 0) if step else 0.0


def _floors_math(x: Array, step: Array = _ONE, inwards: Array = _ZERO) -> tuple[Array, Codes]:
    return np.where(step == 0, 0.0, _multiples(x, np.abs(step), (x < 0) & (inwards != 0))), None


def _ceiling(x: float, step: float) -> float | ExcelError:
    if x > 0 > step:
        return ExcelError.NUM
    return _multiple(x, abs(step), x >= 0 or step > 0) if step else 0.0


def _ceilings(x: Array, step: Array) -> tuple[Array, Codes]:
    numbers = np.where(step == 0, 0.0, _multiples(x, np.abs(step), (x >= 0) | (step > 0)))
    return numbers, where_wrong(ExcelError.NUM, (x > 0) & (step < 0))


def _floor(x: float, step: float) -> float | ExcelError:
    if x > 0 > step:
        return ExcelError.NUM
    if step == 0:
        return 0.0 if x == 0 else ExcelError.DIV0
    return _multiple(x, abs(step), x < 0 and step < 0)


def _floors(x: Array, step: Array) -> tuple[Array, Codes]:
    numbers = np.where(step == 0, 0.0, _multiples(x, np.abs(step), (x < 0) & (step < 0)))
    divided = where_wrong(ExcelError.DIV0, (x != 0) & (step == 0))
    return numbers, first_codes(where_wrong(ExcelError.NUM, (x > 0) & (step < 0)), divided)


elementwise("CEILING.MATH", _ceiling_math, _ceilings_math, 1, 3, source=_MICROSOFT + "CEILING.MATH")
elementwise("FLOOR.MATH", _floor_math, _floors_math, 1, 3, source=_MICROSOFT + "FLOOR.MATH")
elementwise("CEILING", _ceiling, _ceilings, 2, 2, source=_MICROSOFT + "CEILING")
elementwise("FLOOR", _floor, _floors, 2, 2, source=_MICROSOFT + "FLOOR")


def _precise(x: float, step: float = 1.0) -> float:
    """Up, whatever the signs are."""
    return _multiple(x, abs(step), True) if step else 0.0


def _mround(x: float, step: float) -> float | ExcelError:
    """To the nearest multiple, half away from zero."""
    if x == 0 or step == 0:
        return 0.0
    if (x < 0) != (step < 0):
        return ExcelError.NUM
    quotient = x / step
    return floor(quotient + 0.5) * step if quotient < 2.0**51 else x


def _away(x: float, odd: int) -> float:
    """Away from zero to the next even (or odd) whole number."""
    size = -floor(-(abs(x) + odd) / 2) * 2 - odd
    size = max(size, float(odd))
    return -size if x < 0 else size


plain("CEILING.PRECISE", _precise, "number [number]")
plain("ISO.CEILING", _precise, "number [number]")
plain("FLOOR.PRECISE", lambda x, step=1.0: _multiple(x, abs(step), False) if step else 0.0, "number [number]")
plain("MROUND", _mround, "strict strict")
plain("EVEN", lambda x: _away(x, 0), "number")
plain("ODD", lambda x: _away(x, 1), "number")
