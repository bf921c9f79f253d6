"""Numbers as Excel sees them: 15 significant digits.

Two numbers that agree in 15 digits are equal to `=`, and a number that is whole in 15 digits is whole to INT.
The digits are only written out for the few numbers that are near enough for it to matter.

    fifteen(0.1 + 0.2) == fifteen(0.3)    True
    floor(2490399.9999999995)             2490400.0
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NEAR = 1e-14
"""Numbers farther apart than this, relatively, differ within 15 digits."""


def fifteen(x: float) -> float:
    """The number that 15 significant digits of x read as."""
    return float(f"{x:.14e}")


def same(a: float, b: float) -> bool:
    """Whether two numbers are equal to 15 digits."""
    if a == b:
        return True
    return abs(a - b) <= NEAR * max(abs(a), abs(b)) < math.inf and fifteen(a) == fifteen(b)


def near_arrays(a: Array, b: Array) -> NDArray[np.bool_] | None:
    """Where numbers of arrays that broadcast differ and yet are the `same`; None: nowhere."""
    with np.errstate(all="ignore"):
        near = np.asarray((np.abs(a - b) <= 2 * NEAR * np.abs(a)) & (a != b))
    if not near.any():
        return None
    a, b = np.broadcast_arrays(a, b)
    near[near] = [same(x, y) for x, y in zip(a[near].tolist(), b[near].tolist(), strict=True)]
    return near


def floor(x: float) -> float:
    """The whole number at or below x; one that is whole to 15 digits is that whole."""
    below = float(np.floor(x))  # keeps the sign of -0
    return below + 1 if below + 1 - x <= NEAR * abs(x) and fifteen(x) == below + 1 else below


def floors(x: Array) -> Array:
    """`floor` on an array."""
    below = np.asarray(np.floor(x))
    with np.errstate(all="ignore"):
        near = (below + 1 - x <= NEAR * np.abs(x)) & np.isfinite(x)
    if near.any():
        below[near] = [floor(number) for number in x[near].tolist()]
    return below


def settle(total: float, a: float) -> float:
    """`total`, which is a and another number added up; 0 where these cancel in 15 digits."""
    return 0.0 if total and abs(total) <= NEAR * abs(a) and same(a, a - total) else total


def add(a: float, b: float) -> float:
    """a + b, 0 where they cancel in 15 digits."""
    return settle(a + b, a)


def subtract(a: float, b: float) -> float:
    return add(a, -b)


def settle_arrays(total: Array, a: Array) -> Array:
    """`settle` on arrays that broadcast."""
    with np.errstate(all="ignore"):
        near = (np.abs(total) <= NEAR * np.abs(a)) & (total != 0)
    if not near.any():
        return total
    total, a = (np.array(part) for part in np.broadcast_arrays(total, a))
    total[near] = [settle(x, y) for x, y in zip(total[near].tolist(), a[near].tolist(), strict=True)]
    return total


def add_arrays(a: Array, b: Array) -> Array:
    """`add` on arrays that broadcast."""
    return settle_arrays(np.asarray(a + b), a)


def same_arrays(a: Array, b: Array) -> NDArray[np.bool_]:
    """`same` on arrays that broadcast."""
    near = near_arrays(a, b)
    return np.asarray(a == b) if near is None else near | (a == b)
