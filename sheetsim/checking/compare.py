"""Two blocks of cells side by side: which agree, how far the others are apart.

Distances between numbers come in two measures: *ulp*, how many float64 numbers lie between them (0: the same
bits, 1: neighbours), and *rel*, the difference over a magnitude. Which magnitude, and how much is allowed, a
`Tolerance` says:

    >>> stored, computed = Values.of([[1.0], [1e6]]), Values.of([[1.0 + 2**-52], [1e6]])
    >>> compare(stored, computed, Tolerance(column=1e-12)).ulp.tolist()
    [[1], [0]]

A tolerance that has to serve cells that cross zero is relative to the largest magnitude in the cell's
column, not to the cell. Cells that are not numbers agree only when they are equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from sheetsim.values import BLANK, ERROR, NUMBER, TEXT, ExcelError, Values

APART = np.uint64(2**64 - 1)
"""The ulp of two cells that are not both numbers and differ."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Two numbers agree within `absolute` + `relative` * |stored| + `column` * (largest magnitude that is
    computed in the column)."""

    absolute: float = 0.0
    relative: float = 0.0
    column: float = 0.0

    def __str__(self) -> str:
        parts = [
            f"{self.relative:g} of the value" if self.relative else "",
            f"{self.column:g} of the largest magnitude in the block's column" if self.column else "",
            f"{self.absolute:g}" if self.absolute else "",
        ]
        return " plus ".join(part for part in parts if part) or "0"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome, each array of the blocks' shape; cells that were not asked for agree and are 0 apart."""

    asked: NDArray[np.bool_]
    agree: NDArray[np.bool_]
    identical: NDArray[np.bool_]  # same bits (0 and -0 count as the same), same text, same error
    ulp: NDArray[np.uint64]
    rel: NDArray[np.float64]

    @property
    def cells(self) -> int:
        return int(self.asked.sum())

    @property
    def agreeing(self) -> int:
        return int((self.agree & self.asked).sum())

    @property
    def bit_identical(self) -> int:
        return int((self.identical & self.asked).sum())

    @property
    def max_ulp(self) -> int:
        return int(self.ulp.max(initial=0))

    @property
    def max_rel(self) -> float:
        return float(self.rel.max(initial=0.0))

    def differing(self) -> list[tuple[int, int]]:
        """(row, column) in the block of each cell that does not agree, in reading order."""
        return [(int(row), int(column)) for row, column in np.argwhere(~self.agree)]


def ulps(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.uint64]:
    """How many steps from one float64 to the next lie between a and b; 0 and -0 are the same number."""
    first, second = _ordered(a), _ordered(b)
    high, low = np.maximum(first, second), np.minimum(first, second)
    return high.view(np.uint64) - low.view(np.uint64)  # wraps to the right distance past 2**63


def _ordered(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Integers in the order of the floats: the bits themselves, mirrored below zero."""
    bits = np.array(numbers, np.float64).view(np.int64)
    return np.where(bits < 0, np.int64(-(2**63)) - bits, bits)


class Level(IntEnum):
    """How near a cell is, for a map of a block."""

    NOT_ASKED = 0
    IDENTICAL = 1
    FEW_ULP = 2  # at most 4
    SOME_ULP = 3  # at most 64
    WITHIN = 4  # more, but within what is allowed
    DIFFERS = 5


def levels(seen: Comparison) -> NDArray[np.uint8]:
    """The level of each cell."""
    near = [~seen.asked, seen.identical, ~seen.agree, seen.ulp <= 4, seen.ulp <= 64]
    of = [Level.NOT_ASKED, Level.IDENTICAL, Level.DIFFERS, Level.FEW_ULP, Level.SOME_ULP]
    return np.select(near, of, Level.WITHIN).astype(np.uint8)


def compare(
    stored: Values,
    computed: Values,
    tolerance: Tolerance,
    asked: NDArray[np.bool_] | None = None,
    rounding: NDArray[np.float64] | None = None,
) -> Comparison:
    """Compare two two-dimensional blocks of the same shape, where `asked` (everywhere when None). `rounding`
    is what rounding explains in each cell: a difference that is within it is allowed as well.

    `rel` is the difference over the column's largest computed magnitude when the tolerance speaks of
    columns, else over |stored|; infinite where the kinds of value differ. ValueError when the shapes differ.
    """
    if stored.shape != computed.shape:
        raise ValueError(f"blocks of {stored.shape} and {computed.shape} cells cannot be compared")
    if asked is None:
        asked = np.ones(stored.shape, bool)
    if stored.all_numbers and computed.all_numbers:
        numbers, identical = asked, stored.numbers == computed.numbers
    else:
        kinds, others = stored.kind_array(), computed.kind_array()
        numbers = asked & (kinds == NUMBER) & (others == NUMBER)
        identical = (kinds == others) & (stored.numbers == computed.numbers)
        if stored.texts is not None or computed.texts is not None:
            identical &= (kinds != TEXT) | (_texts(stored) == _texts(computed))
    if bool(identical[asked].all()):
        nothing = np.zeros(stored.shape)
        return Comparison(asked, np.ones_like(identical), identical, nothing.astype(np.uint64), nothing)
    return _apart(stored.numbers, computed.numbers, numbers, identical, asked, tolerance, rounding)


def _apart(
    stored: NDArray[np.float64],
    computed: NDArray[np.float64],
    numbers: NDArray[np.bool_],
    identical: NDArray[np.bool_],
    asked: NDArray[np.bool_],
    tolerance: Tolerance,
    rounding: NDArray[np.float64] | None,
) -> Comparison:
    """The comparison of blocks that are not the same, given where both hold numbers."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        difference = np.abs(stored - computed)
        size = np.abs(np.where(numbers, stored, 0.0))
        column = np.abs(np.where(numbers, computed, 0.0)).max(axis=0, keepdims=True, initial=0.0)
        allowed = tolerance.absolute + tolerance.relative * size + tolerance.column * column
        if rounding is not None:
            allowed = np.maximum(allowed, rounding)
        close = numbers & (difference <= allowed)
        magnitude = np.broadcast_to(column, size.shape) if tolerance.column else size
        rel = np.where(difference == 0, 0.0, difference / magnitude)
    known = identical | ~asked
    return Comparison(
        asked=asked,
        agree=close | known,
        identical=identical,
        ulp=np.where(known, np.uint64(0), np.where(numbers, ulps(stored, computed), APART)),
        rel=np.where(known, 0.0, np.where(numbers, rel, np.inf)),
    )


def _texts(block: Values) -> NDArray[np.object_]:
    return np.full(block.shape, "", object) if block.texts is None else block.texts


def as_cells(array: NDArray[np.float64], stored: Values) -> Values:
    """An implementation's numbers as cells of a sheet: what is not finite there is an error value in the
    sheet, and which one (#NUM!, #DIV/0!) numbers cannot say, so that the stored one, where there is one, is
    taken. A NaN may also be a cell that shows nothing: a blank one, or a formula's empty text."""
    finite = np.isfinite(array)
    if bool(finite.all()):
        return Values(array)
    held = stored.kind_array()
    nothing = np.isnan(array) & ((held == BLANK) | ((held == TEXT) & (_texts(stored) == "")))
    labels = np.where(held == ERROR, stored.numbers, float(ExcelError.NUM))
    kinds = np.where(finite, NUMBER, np.where(nothing, held, ERROR)).astype(np.uint8)
    return Values(np.where(finite, array, np.where(nothing, stored.numbers, labels)), kinds)
