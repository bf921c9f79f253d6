"""Functions of numbers, element by element: ABS EXP LN LOG LOG10 PI POWER SIGN SQRT TANH.

Each is told on floats and on float arrays; `elementwise` makes the two tellings of the record from them and
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

_MICROSOFT = "support.microsoft.com, "


def elementwise(
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


def where_wrong(error: ExcelError, condition: NDArray[np.bool_]) -> Codes:
    return np.where(condition, np.uint8(error), np.uint8(0)) if condition.any() else None


def from_numpy(name: str, function: Callable[[Array], Array]) -> None:
    """A NumPy function that is right as it stands: not finite where Excel has #NUM!."""
    elementwise(name, lambda x: on_number(function, x), lambda x: (on_array(function, x), None))


for _name, _function in {
    "ABS": np.abs,
    "EXP": np.exp,
    "LN": np.log,
    "LOG10": np.log10,
    "SQRT": np.sqrt,
    "TANH": np.tanh,
}.items():
    from_numpy(_name, _function)

elementwise(
    "SIGN", lambda x: float((x > 0) - (x < 0)), lambda x: (np.subtract(x > 0, x < 0, dtype=np.float64), None)
)
elementwise("POWER", power, powers, 2, 2)


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
        return decimal, where_wrong(ExcelError.NUM, x <= 0)
    x, base, decimal = np.broadcast_arrays(x, base, decimal)
    outside = where_wrong(ExcelError.NUM, (x <= 0) | (base <= 0))
    numbers = np.where(base == 10, decimal, on_array(np.log, x) / on_array(np.log, base))
    return numbers, first_codes(outside, where_wrong(ExcelError.DIV0, base == 1))


elementwise("LOG", _log, _logs, 1, 2)


register(Function("PI", (), 0, 0, lambda: math.pi, lambda: Values(np.full((1, 1, 1, 1), math.pi))))
