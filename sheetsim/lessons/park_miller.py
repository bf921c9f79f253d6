"""Random numbers for made-up data: Park and Miller's generator (Communications of the ACM 31(10), 1988).

state = 16807*state mod 2147483647, a number between 0 and 1 is state/2147483647. Every step is exact in
float64, so that a sheet can make the same numbers by formula.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MULTIPLIER, MODULUS = 16807, 2147483647


def uniforms(seed: int, count: int) -> NDArray[np.float64]:
    """The first `count` numbers after a seed from 1 to 2147483646, each above 0 and below 1."""
    state, found = int(seed), np.empty(count)
    for place in range(count):
        state = MULTIPLIER * state % MODULUS
        found[place] = state / MODULUS
    return found
