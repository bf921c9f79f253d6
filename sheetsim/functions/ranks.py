"""Questions about parts of a long list of numbers, answered without looking through it again for each.

    sorted once       how many are below x, which is the first equal to x
    `Wavelet`         how many in [a, b) are below x; which is the k-th smallest there (a median that slides)
    `Extremes`        the largest in [a, b)
    `run_groups`      running totals of many lists at once, each in its own order

All take arrays of questions and take a few whole-array steps for each level of a binary tree, so a thousand
questions about a thousand numbers are some 20,000 operations, not a million. Nothing is added up in another
order than the list's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

_LONG = 64
"""A list from this length on has its running totals made for itself, shorter ones all together."""


class Wavelet:
    """A list of whole numbers 0 .. size - 1, sorted bit by bit from the highest (a wavelet matrix).

    32 bits for each number and level. Claude, Navarro, Ordonez: The wavelet matrix (2015).
    """

    def __init__(self, values: Places, size: int) -> None:
        self.bits = max(int(size - 1).bit_length(), 1)
        self.zeros: list[NDArray[np.int32]] = []  # for each level: how many zeros come before a place
        for bit in reversed(range(self.bits)):
            ones = (values >> bit) & 1 == 1
            zeros = np.zeros(len(values) + 1, np.int32)
            np.cumsum(~ones, out=zeros[1:])
            self.zeros.append(zeros)
            values = np.concatenate([values[~ones], values[ones]])

    def below(self, start: Places, stop: Places, limit: Places) -> Places:
        """How many of the numbers in [start, stop) are below `limit`."""
        found = np.where(limit >= 1 << self.bits, stop - start, 0)
        limit = np.where((limit < 1 << self.bits) & (limit > 0), limit, 0)
        for level, zeros in enumerate(self.zeros):
            one = (limit >> (self.bits - 1 - level)) & 1 == 1
            a, b = zeros[start].astype(np.int64), zeros[stop].astype(np.int64)
            found = found + np.where(one, b - a, 0)
            start = np.where(one, zeros[-1] + start - a, a)
            stop = np.where(one, zeros[-1] + stop - b, b)
        return found

    def smallest(self, start: Places, stop: Places, k: Places) -> Places:
        """The k-th smallest, counted from 0, of the numbers in [start, stop); anything where there are not so
        many."""
        found = np.zeros(np.broadcast_shapes(start.shape, stop.shape, k.shape), np.int64)
        for level, zeros in enumerate(self.zeros):
            a, b = zeros[start].astype(np.int64), zeros[stop].astype(np.int64)
            one = k >= b - a
            k = np.where(one, k - (b - a), k)
            found = found + np.where(one, 1 << (self.bits - 1 - level), 0)
            start = np.where(one, zeros[-1] + start - a, a)
            stop = np.where(one, zeros[-1] + stop - b, b)
        return found


class Extremes:
    """The largest (or with np.minimum the smallest) of any stretch of a list, from those of stretches of 1,
    2, 4, ... made once."""

    def __init__(self, operation: np.ufunc, values: Numbers) -> None:
        self.operation, self.levels = operation, [values]
        step = 1
        while 2 * step <= len(values):
            before = self.levels[-1]
            self.levels.append(operation(before[:-step], before[step:]))
            step *= 2

    def of(self, start: Places, stop: Places) -> Numbers:
        """For stretches [start, stop), none of them empty."""
        found = np.empty(start.shape)
        level = np.frexp((stop - start).astype(np.float64))[1] - 1
        for number in np.unique(level).tolist():
            at = level == number
            held = self.levels[number]
            found[at] = self.operation(held[start[at]], held[stop[at] - (1 << number)])
        return found


def run_groups(operation: np.ufunc, values: Numbers, starts: Places) -> Numbers:
    """Running totals of lists that lie one after another in `values`, each from its place in `starts` on to
    the next: in each list from its first number on, in order."""
    found = values.copy()
    stops = np.append(starts[1:], len(values))
    lengths = stops - starts
    for start, stop in zip(starts[lengths >= _LONG].tolist(), stops[lengths >= _LONG].tolist(), strict=True):
        operation.accumulate(values[start:stop], out=found[start:stop])
    short = lengths < _LONG
    at, left = starts[short], lengths[short]
    while True:
        more = left > 1
        at, left = at[more] + 1, left[more] - 1
        if not len(at):
            return found
        found[at] = operation(found[at - 1], found[at])


def added_exactly(values: Numbers) -> bool:
    """Whether all sums of these numbers, in any order, come out without rounding: as multiples of one power
    of two they, and their sizes together, stay well below 2^53."""
    sizes = np.abs(values[values != 0])
    if not len(sizes):
        return True
    if not np.isfinite(sizes).all():
        return False
    mantissas, exponents = np.frexp(sizes)
    whole = (mantissas * 2.0**53).astype(np.int64)
    last = np.log2((whole & -whole).astype(np.float64)).astype(
        np.int64
    )  # the place of the last bit that is set
    unit = int((exponents - 53 + last).min())
    if int(exponents.max()) - unit > 53:
        return False
    return float(np.sum(np.ldexp(sizes, -unit))) < 2.0**52  # this sum may be rounded
