"""Several criteria, or another fold than a sum: AVERAGEIF AVERAGEIFS COUNTIFS MAXIFS MINIFS SUMIFS.

A cell counts where all criteria are met, each by the cell at its place in the range beside it; all ranges are
of one size, else #VALUE!. Errors among the cells chosen are the result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.criteria import Criterion
from sheetsim.functions.operands import Long
from sheetsim.functions.plain import numbers_of
from sheetsim.functions.registry import Function, Kind, Tail, register
from sheetsim.functions.statistics import total
from sheetsim.values import ExcelError, Scalar, Values

_MOST_PAIRS = 127
_SOURCE = "support.microsoft.com, "


def _met(shape: tuple[int, ...], pairs: Sequence[Values | Scalar]) -> NDArray[np.bool_] | ExcelError:
    """Where all criteria are met; pairs are range, criterion, range, criterion ..."""
    mask = np.ones(shape, bool)
    for block, criterion in zip(pairs[::2], pairs[1::2], strict=True):
        assert isinstance(block, Values)
        assert not isinstance(criterion, Values)
        if block.shape != shape:
            first = block.get((0, 0))
            return first if block.numbers.size == 1 and isinstance(first, ExcelError) else ExcelError.VALUE
        mask &= Criterion.of(criterion).mask(block)
    return mask


def _chosen(block: Values, mask: NDArray[np.bool_]) -> list[float] | ExcelError:
    """The numbers where the mask holds, in reading order."""
    return numbers_of(block[mask.nonzero()][None, :])


def _blanks_count(*pairs: object) -> Tail:
    """Blank cells count where all criteria hold for them; those are texts then."""
    given = pairs[1::2]
    blank = all(isinstance(text, str) and Criterion.of(text).holds(None) for text in given)
    arrays = any(isinstance(criterion, (Values, Long)) for criterion in given)
    return "all" if arrays else "counted" if blank else "blank"


def _countifs(*pairs: Values | Scalar) -> float | ExcelError:
    assert isinstance(pairs[0], Values)
    mask = _met(pairs[0].shape, pairs)
    return mask if isinstance(mask, ExcelError) else float(np.count_nonzero(mask))


def _folded(name: str, fold: Callable[[list[float]], float | ExcelError]) -> None:
    """A function of the numbers chosen: the range that they stand in, then pairs."""

    def told(block: Values, *pairs: Values | Scalar) -> float | ExcelError:
        mask = _met(block.shape, pairs)
        numbers = mask if isinstance(mask, ExcelError) else _chosen(block, mask)
        if isinstance(numbers, ExcelError):
            return numbers
        result = fold(numbers)
        return result if isinstance(result, ExcelError) or math.isfinite(result) else ExcelError.NUM

    _register(name, told, ("range", "range", "any"), 3)


def _average(numbers: list[float]) -> float | ExcelError:
    return total(numbers) / len(numbers) if numbers else ExcelError.DIV0


def _averageif(block: Values, criterion: Scalar, averaged: Values | None = None) -> float | ExcelError:
    """Like SUMIF the cells averaged start where their range does and are as many as those tested."""
    averaged = block if averaged is None else averaged
    if averaged.shape != block.shape:  # no range: #REF! in its place
        first = averaged.get((0, 0))
        return first if isinstance(first, ExcelError) else ExcelError.VALUE
    numbers = _chosen(averaged, Criterion.of(criterion).mask(block))
    return numbers if isinstance(numbers, ExcelError) else _average(numbers)


def _register(
    name: str,
    told: Callable[..., object],
    kinds: tuple[Kind, ...],
    least: int,
    tail: Tail | Callable[..., Tail] = "blank",
) -> None:
    most = 2 * _MOST_PAIRS + len(kinds) - 2
    register(
        Function(
            name, kinds, least, most, told, repeats=2, sees_errors=True, source=_SOURCE + name, tail=tail
        )
    )


_register("COUNTIFS", _countifs, ("range", "any"), 2, _blanks_count)
_folded("SUMIFS", total)
_folded("AVERAGEIFS", _average)
_folded("MAXIFS", lambda numbers: max(numbers, default=0.0))
_folded("MINIFS", lambda numbers: min(numbers, default=0.0))
register(
    Function(
        *("AVERAGEIF", ("range", "any", "sized"), 2, 3, _averageif),
        sees_errors=True,
        source=_SOURCE + "AVERAGEIF",
    )
)
