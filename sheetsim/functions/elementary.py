"""Arithmetic that two implementations must agree on to the bit: powers, logarithms, exponentials.

NumPy's exp, log, log10, tanh and power are vectorised and differ in the last bit from the C library's (and so
from Python's `math`) for some arguments, and NumPy takes yet other ways for arrays with a negative stride
and for a power with one exponent for all. So every call goes through here: arrays are laid out in memory
first, and one number goes as an array of one. With that, the result for a number is the same wherever it
stands (measured with NumPy 2.4 on AVX-512, half a million arguments a function).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sheetsim.values import ExcelError

Array = NDArray[np.float64]

MAX_REPEATED = 64  # the largest integer power that is a repeated multiplication


def on_array(function: Callable[[Array], Array], numbers: Array) -> Array:
    """A NumPy function of an array, with no warnings and no way of its own for odd memory layouts.

    Axes of zero stride, as broadcasting gives them, are worked out once.
    """
    short = tuple(slice(0, 1) if not stride else slice(None) for stride in numbers.strides)
    with np.errstate(all="ignore"):
        return np.broadcast_to(function(np.ascontiguousarray(numbers[short])), numbers.shape)


def on_number(function: Callable[[Array], Array], number: float) -> float:
    """The same for one number; may be nan or infinite."""
    return float(on_array(function, np.array([number]))[0])


def raw_power(base: float, exponent: float) -> float:
    """`base ^ exponent` but for its errors; not a number or infinite where there is none.

    Repeated multiplication for integers up to 64, as Excel has it; a negative number has odd roots
    (`(-8)^(1/3)` is -2), as in Excel, LibreOffice and IronCalc; 0 where the base is 0.
    """
    if base == 0:
        return 0.0
    if base < 0 and _is_odd_root(exponent):
        return -raw_power(-base, exponent)
    if exponent % 1 == 0 and abs(exponent) <= MAX_REPEATED:
        result = 1.0 if exponent == 0 else base
        for _ in range(int(abs(exponent)) - 1):
            result *= base
        if exponent < 0:
            result = 1.0 / result if result else np.inf
        return result
    with np.errstate(all="ignore"):
        return float(np.power(np.array([base]), np.array([exponent]))[0])


def power(base: float, exponent: float) -> float | ExcelError:
    """`base ^ exponent`: 0^0 and what is not real or too large are #NUM!, 0 to a negative power #DIV/0!."""
    if base == 0 and exponent <= 0:
        return ExcelError.DIV0 if exponent < 0 else ExcelError.NUM
    result = raw_power(base, exponent)
    return result if np.isfinite(result) else ExcelError.NUM


def _is_odd_root(exponent: float) -> bool:
    """Is it 1/3, 1/5, -1/7, ...: one over an odd whole number?"""
    return 0 < abs(exponent) < 1 and (1 / exponent) % 2 == 1


def _whole_power(base: Array, exponent: int) -> tuple[Array, NDArray[np.uint8] | None]:
    """`powers` for one exponent from 1 on, which most formulas have (x^2)."""
    result = base.copy()
    with np.errstate(all="ignore"):
        for _ in range(exponent - 1):
            np.multiply(result, base, out=result)
    result[base == 0] = 0.0  # not -0
    finite = np.isfinite(result)
    return result, None if finite.all() else np.where(finite, 0, int(ExcelError.NUM)).astype(np.uint8)


def powers(base: Array, exponent: Array) -> tuple[Array, NDArray[np.uint8] | None]:
    """`power` on arrays that broadcast: results and error codes."""
    if exponent.size == 1 and 1 <= (n := float(exponent.flat[0])) <= MAX_REPEATED and n.is_integer():
        return _whole_power(base, int(n))
    base, exponent = np.broadcast_arrays(base, exponent)
    repeated = (exponent == np.trunc(exponent)) & (np.abs(exponent) <= MAX_REPEATED)
    result = np.ones(base.shape)
    with np.errstate(all="ignore"):
        if repeated.any():
            times = np.where(repeated, np.abs(exponent), 0).astype(np.uint8)
            np.copyto(result, base, where=times > 0)
            for step in range(2, int(times.max()) + 1):
                np.multiply(result, base, out=result, where=times >= step)
            np.divide(1.0, result, out=result, where=repeated & (exponent < 0))
        if not repeated.all():
            others = ~repeated  # picked out, so laid out in memory one after another
            bases, exponents = base[others], exponent[others]
            odd = (bases < 0) & (np.abs(exponents) < 1) & ((1 / exponents) % 2 == 1)
            roots = np.power(np.where(odd, -bases, bases), exponents)
            result[others] = np.where(odd, -roots, roots)
    codes = np.where(np.isfinite(result), 0, int(ExcelError.NUM)).astype(np.uint8)
    zero = base == 0
    if zero.any():
        result[zero] = 0.0
        codes[zero] = 0
        codes[zero & (exponent == 0)] = ExcelError.NUM
        codes[zero & (exponent < 0)] = ExcelError.DIV0
    return result, codes
