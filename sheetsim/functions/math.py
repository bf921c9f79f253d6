"""Functions of numbers, element by element: ABS CEILING CEILING.MATH COS EXP FLOOR FLOOR.MATH INT LN LOG
LOG10 MOD PI POWER ROUND ROUNDDOWN ROUNDUP SIGN SIN SQRT TANH TRUNC.

Each is told on floats and on float arrays; `_elementwise` makes the two tellings of the record from them and
turns what is not finite into #NUM!.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.coercion import Codes, first_codes, with_errors
from sheetsim.functions.elementary import on_array, on_number, power, powers
from sheetsim.functions.registry import Function, Kind, register
from sheetsim.values import ExcelError, Values

Array = NDArray[np.float64]

_TENS = np.array([float(f"1e{exponent}") for exponent in range(309)])
_TIE = 2.0**-50  # how near, relatively, a product must come to a tie (or a whole) to count as one
_MOD_LIMIT = 1_125_900_000_000.0  # Excel: MOD of a quotient this large is #NUM!
_MICROSOFT = "support.microsoft.com, "


def _elementwise(
    name: str,
    scalar: Callable[..., float | ExcelError],
    array: Callable[..., tuple[Array, Codes]],
    least: int = 1,
    most: int = 1,
    source: str = "",
) -> None:
    def one(*arguments: float) -> float | ExcelError:
        result = scalar(*arguments)
        return result if isinstance(result, ExcelError) or math.isfinite(result) else ExcelError.NUM

    def many(*arguments: Values) -> Values:
        with np.errstate(all="ignore"):
            numbers, codes = array(*(argument.numbers for argument in arguments))
        return with_errors(numbers, codes)

    parameters: tuple[Kind, ...] = tuple("number" for _ in range(most))
    register(Function(name, parameters, least, most, one, many, source=source))


def _where(error: ExcelError, condition: NDArray[np.bool_]) -> Codes:
    return np.where(condition, np.uint8(error), np.uint8(0)) if condition.any() else None


def _plain(name: str, function: Callable[[Array], Array]) -> None:
    """A NumPy function that is right as it stands: not finite where Excel has #NUM!."""
    _elementwise(name, lambda x: on_number(function, x), lambda x: (on_array(function, x), None))


for _name, _function in {
    "ABS": np.abs,
    "COS": np.cos,
    "EXP": np.exp,
    "INT": np.floor,
    "LN": np.log,
    "LOG10": np.log10,
    "SIN": np.sin,
    "SQRT": np.sqrt,
    "TANH": np.tanh,
}.items():
    _plain(_name, _function)

_elementwise(
    "SIGN", lambda x: float((x > 0) - (x < 0)), lambda x: (np.subtract(x > 0, x < 0, dtype=np.float64), None)
)
_elementwise("POWER", power, powers, 2, 2)


def _log(x: float, base: float = 10.0) -> float | ExcelError:
    if x <= 0 or base <= 0:
        return ExcelError.NUM
    if base == 10:
        return on_number(np.log10, x)
    if base == 1:
        return ExcelError.DIV0
    return on_number(np.log, x) / on_number(np.log, base)


def _logs(x: Array, base: Array | None = None) -> tuple[Array, Codes]:
    decimal = on_array(np.log10, x)
    if base is None:
        return decimal, _where(ExcelError.NUM, x <= 0)
    x, base, decimal = np.broadcast_arrays(x, base, decimal)
    outside = _where(ExcelError.NUM, (x <= 0) | (base <= 0))
    numbers = np.where(base == 10, decimal, on_array(np.log, x) / on_array(np.log, base))
    return numbers, first_codes(outside, _where(ExcelError.DIV0, base == 1))


_elementwise("LOG", _log, _logs, 1, 2)


def _mod(x: float, divisor: float) -> float | ExcelError:
    if divisor == 0:
        return ExcelError.DIV0
    quotient = x / divisor
    if not abs(quotient) < _MOD_LIMIT:
        return ExcelError.NUM
    return x - divisor * float(np.floor(quotient))  # math.floor loses the sign of -0


def _mods(x: Array, divisor: Array) -> tuple[Array, Codes]:
    quotient = x / divisor
    codes = first_codes(
        _where(ExcelError.DIV0, np.broadcast_to(divisor == 0, quotient.shape)),
        _where(ExcelError.NUM, ~(np.abs(quotient) < _MOD_LIMIT)),
    )
    return x - divisor * np.floor(quotient), codes


_elementwise("MOD", _mod, _mods, 2, 2, source=_MICROSOFT + "MOD: n - d*INT(n/d)")


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


_elementwise(
    "ROUND", lambda x, digits: _scaled(x, digits, 0.5), lambda x, d: (_scaled_arrays(x, d, 0.5), None), 2, 2
)
_ZERO = np.zeros((1, 1, 1, 1))
_ONE = np.ones((1, 1, 1, 1))
_elementwise(
    "TRUNC",
    lambda x, digits=0.0: _scaled(x, digits, 0.0),
    lambda x, digits=_ZERO: (_scaled_arrays(x, digits, 0.0), None),
    1,
    2,
)

_elementwise(
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


_elementwise("ROUNDUP", _raised, lambda x, digits: (_raised_arrays(x, digits), None), 2, 2)


def _multiple(x: float, step: float, up: bool) -> float:
    """The multiple of a positive `step` next to x, above or below it; x that is one but for its last bits
    (0.3 of 0.1, whose quotient is just below 3) counts as one."""
    quotient = x / step
    if not abs(quotient) < 2.0**51:
        return x
    whole = float(math.floor(quotient + 0.5))
    if abs(quotient - whole) > abs(whole) * _TIE:
        whole = float(math.ceil(quotient) if up else math.floor(quotient))
    return whole * step + 0.0  # never -0


def _multiples(x: Array, step: Array, up: NDArray[np.bool_]) -> Array:
    """`_multiple` on arrays; anything where a step is 0."""
    quotient = x / step
    whole = np.floor(quotient + 0.5)
    apart = np.abs(quotient - whole) > np.abs(whole) * _TIE
    whole = np.where(apart, np.where(up, np.ceil(quotient), np.floor(quotient)), whole)
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
    return numbers, _where(ExcelError.NUM, (x > 0) & (step < 0))


def _floor(x: float, step: float) -> float | ExcelError:
    if x > 0 > step:
        return ExcelError.NUM
    if step == 0:
        return 0.0 if x == 0 else ExcelError.DIV0
    return _multiple(x, abs(step), x < 0 and step < 0)


def _floors(x: Array, step: Array) -> tuple[Array, Codes]:
    numbers = np.where(step == 0, 0.0, _multiples(x, np.abs(step), (x < 0) & (step < 0)))
    divided = _where(ExcelError.DIV0, (x != 0) & (step == 0))
    return numbers, first_codes(_where(ExcelError.NUM, (x > 0) & (step < 0)), divided)


_elementwise("CEILING.MATH", _ceiling_math, _ceilings_math, 1, 3, source=_MICROSOFT + "CEILING.MATH")
_elementwise("FLOOR.MATH", _floor_math, _floors_math, 1, 3, source=_MICROSOFT + "FLOOR.MATH")
_elementwise("CEILING", _ceiling, _ceilings, 2, 2, source=_MICROSOFT + "CEILING")
_elementwise("FLOOR", _floor, _floors, 2, 2, source=_MICROSOFT + "FLOOR")

register(Function("PI", (), 0, 0, lambda: math.pi, lambda: Values(np.full((1, 1, 1, 1), math.pi))))
