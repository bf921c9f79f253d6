"""Circular and hyperbolic functions, their reciprocals and inverses, in radians: ACOS ACOSH ACOT ACOTH ASIN
ASINH ATAN ATAN2 ATANH COSH COT COTH CSC CSCH DEGREES RADIANS SEC SECH SINH TAN.

Excel takes no angle from 2^27 on for SIN, COS, TAN and their reciprocals: #NUM!.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.coercion import Codes
from sheetsim.functions.elementary import on_array, on_number
from sheetsim.functions.math import elementwise, from_numpy, where_wrong
from sheetsim.values import ExcelError

Array = NDArray[np.float64]

LARGEST_ANGLE = 2.0**27
_SOURCE = "support.microsoft.com, "


def _circular(name: str, function: Callable[[Array], Array]) -> None:
    """A function of an angle: #NUM! where that is too large."""
    _partial(name, function, ExcelError.NUM, lambda x: np.abs(x) >= LARGEST_ANGLE)


def _reciprocal(name: str, function: Callable[[Array], Array], most: float = math.inf) -> None:
    """1 / function: #DIV/0! at 0, #NUM! for an angle too large."""

    def inverse(x: Array) -> Array:
        return 1 / function(x)

    def one(x: float) -> float | ExcelError:
        if abs(x) >= most:
            return ExcelError.NUM
        return on_number(inverse, x) if x else ExcelError.DIV0

    def many(x: Array) -> tuple[Array, Codes]:
        wrong = where_wrong(ExcelError.DIV0, x == 0)
        large = where_wrong(ExcelError.NUM, np.abs(x) >= most)
        codes = wrong if large is None else large if wrong is None else np.where(large != 0, large, wrong)
        return on_array(inverse, x), codes

    elementwise(name, one, many, source=_SOURCE + name)


def _partial(
    name: str,
    function: Callable[[Array], Array],
    error: ExcelError,
    wrong: Callable[[Array], NDArray[np.bool_]],
) -> None:
    """A function that gives `error` where `wrong` holds."""

    def one(x: float) -> float | ExcelError:
        return error if wrong(np.array([x]))[0] else on_number(function, x)

    def many(x: Array) -> tuple[Array, Codes]:
        return on_array(function, x), where_wrong(error, wrong(x))

    elementwise(name, one, many, source=_SOURCE + name)


_PLAIN: dict[str, Callable[[Array], Array]] = {
    "ACOS": np.arccos,
    "ACOSH": np.arccosh,
    "ASIN": np.arcsin,
    "ASINH": np.arcsinh,
    "ATAN": np.arctan,
    "ATANH": np.arctanh,
    "COSH": np.cosh,
    "SINH": np.sinh,
    "DEGREES": np.degrees,
    "RADIANS": np.radians,
    "SECH": lambda x: 1 / np.cosh(x),
    "ACOT": lambda x: math.pi / 2 - np.arctan(x),
}
for _name, _function in _PLAIN.items():
    from_numpy(_name, _function)

_CIRCULAR: dict[str, Callable[[Array], Array]] = {
    "SIN": np.sin,
    "COS": np.cos,
    "TAN": np.tan,
    "SEC": lambda x: 1 / np.cos(x),
}
for _name, _function in _CIRCULAR.items():
    _circular(_name, _function)

_reciprocal("COT", np.tan, LARGEST_ANGLE)
_reciprocal("CSC", np.sin, LARGEST_ANGLE)
_reciprocal("COTH", np.tanh)
_reciprocal("CSCH", np.sinh)
_partial(
    "ACOTH",
    lambda x: 0.5 * np.log((x + 1) / (x - 1)),
    ExcelError.NUM,
    lambda x: np.abs(x) <= 1,
)


def _atan2(x: float, y: float) -> float | ExcelError:
    """The angle of the point (x, y): Excel gives x first."""
    return math.atan2(y, x) if x or y else ExcelError.DIV0


def _atan2s(x: Array, y: Array) -> tuple[Array, Codes]:
    x, y = np.broadcast_arrays(x, y)
    angles = np.array([math.atan2(b, a) for a, b in zip(x.ravel(), y.ravel(), strict=True)])
    return angles.reshape(x.shape), where_wrong(ExcelError.DIV0, (x == 0) & (y == 0))


elementwise("ATAN2", _atan2, _atan2s, 2, 2, source=_SOURCE + "ATAN2")
