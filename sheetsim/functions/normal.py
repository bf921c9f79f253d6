"""The normal distribution: ERF, ERFC (and .PRECISE), NORM.S.DIST. Python's `math.erf` and `math.erfc`, number
by number, in both implementations: NumPy has neither."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.elementary import on_array, on_number
from sheetsim.functions.registry import Function, register
from sheetsim.values import Values

Array = NDArray[np.float64]
_SOURCE = "support.microsoft.com, "


def _each(function: Callable[[float], float], x: Array) -> Array:
    return np.array([function(value) for value in x.ravel().tolist()]).reshape(x.shape)


def _erf(low: float, high: float | None = None) -> float:
    """From 0 to `low`; with two arguments from the one to the other."""
    return math.erf(low) if high is None else math.erf(high) - math.erf(low)


def _erfs(low: Values, high: Values | None = None) -> Values:
    first = _each(math.erf, low.numbers)
    return Values(first if high is None else _each(math.erf, high.numbers) - first)


def _bell(x: Array) -> Array:
    return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def _below(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))


def _normal(x: float, cumulative: bool) -> float:
    return _below(x) if cumulative else on_number(_bell, x)


def _normals(x: Values, cumulative: Values) -> Values:
    return Values(np.where(cumulative.numbers != 0, _each(_below, x.numbers), on_array(_bell, x.numbers)))


register(Function("ERF", ("strict", "strict"), 1, 2, _erf, _erfs, source=_SOURCE + "ERF"))
register(Function("ERF.PRECISE", ("strict",), 1, 1, math.erf, _erfs, source=_SOURCE + "ERF.PRECISE"))
for _name in ("ERFC", "ERFC.PRECISE"):
    register(
        Function(
            *(_name, ("strict",), 1, 1, math.erfc, lambda x: Values(_each(math.erfc, x.numbers))),
            source=_SOURCE + _name,
        )
    )
register(
    Function("NORM.S.DIST", ("number", "boolean"), 2, 2, _normal, _normals, source=_SOURCE + "NORM.S.DIST")
)
