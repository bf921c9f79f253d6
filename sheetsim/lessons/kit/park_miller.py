"""Random numbers from a seed, the same in Excel, NumPy, PyTorch and CUDA: Park and Miller's generator
(Communications of the ACM 31(10), 1988), next = 16807*prev mod 2147483647, uniform = next/2147483647.

    >>> draws = Draws(1)
    >>> draws.uniform(2).round(6).tolist()
    [8e-06, 0.131538]
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MULTIPLIER, MODULUS = 16807, 2147483647


class Draws:
    """The numbers that follow a seed (1 to 2147483646), each used once."""

    def __init__(self, seed: int) -> None:
        self._state = int(seed)

    def uniform(self, count: int) -> NDArray[np.float64]:
        """The next `count` numbers, each above 0 and below 1."""
        state, found = self._state, np.empty(count)
        for place in range(count):
            state = MULTIPLIER * state % MODULUS
            found[place] = state
        self._state = state
        return found / MODULUS

    def below(self, limit: int, count: int) -> NDArray[np.int64]:
        """The next `count` whole numbers from 0 up to, not with, `limit`."""
        return np.floor(self.uniform(count) * limit).astype(np.int64)
