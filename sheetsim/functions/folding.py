"""Sums and other folds over the cells of a window, strictly in reading order, as whole-array work.

The arrays are [..., h, w]: many windows of h x w cells. Two ways give the same bits, because both add the
cells of one window one after another: over many small windows, a loop over the h * w places that adds whole
arrays; over few long ones, NumPy's `accumulate`, which goes along one axis in order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.coercion import Codes, first_codes
from sheetsim.values import ERROR, NUMBER, Values

_CHUNK = 1 << 22  # numbers held at once by the second way


def fold(
    operation: np.ufunc, term: Callable[..., NDArray[Any]], arrays: Sequence[NDArray[Any]], start: Any
) -> NDArray[np.float64]:
    """`start` o term(cell 1) o term(cell 2) o ..., for each window; shape: the arrays' without (h, w).

    `term` takes one array for each of `arrays` (equal shapes after broadcasting, any shape) and must work
    number by number. `start` is a number, or an array that broadcasts to the result.
    """
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    outer, height, width = shape[:-2], shape[-2], shape[-1]
    outer = np.broadcast_shapes(outer, np.shape(start))
    if walks_places(outer, height * width):
        total = np.array(np.broadcast_to(start, outer), np.float64)
        for i in range(height):
            for j in range(width):
                operation(total, term(*(_place(array, i, j) for array in arrays)), out=total)
        return total
    if math.prod(outer) * height * width > _CHUNK and math.prod(outer) > 1:
        return _halves(operation, term, arrays, start, outer)
    shape = outer + (height, width)
    terms = term(*(np.broadcast_to(array, shape) for array in arrays))
    terms = np.array(np.broadcast_to(terms, shape), np.float64).reshape(outer + (-1,))
    terms[..., 0] = operation(start, terms[..., 0])
    return operation.accumulate(terms, axis=-1)[..., -1]


def walks_places(outer: tuple[int, ...], places: int) -> bool:
    """Whether to go through the places of the window rather than along it."""
    return places <= 16 or places <= math.prod(outer)


def _place(array: NDArray[Any], i: int, j: int) -> NDArray[Any]:
    return array[..., i if array.shape[-2] > 1 else 0, j if array.shape[-1] > 1 else 0]


def _halves(
    operation: np.ufunc,
    term: Callable[..., NDArray[Any]],
    arrays: Sequence[NDArray[Any]],
    start: Any,
    outer: tuple[int, ...],
) -> NDArray[np.float64]:
    """`fold` of two halves of the windows, split along their longest axis."""
    axis = int(np.argmax(outer))
    middle = outer[axis] // 2
    inner = len(outer) - axis  # the axis counted from the end, without (h, w)
    parts = []
    for half in (slice(0, middle), slice(middle, None)):
        cut = [_cut(array, inner + 2, half) for array in arrays]
        parts.append(fold(operation, term, cut, _cut(np.asarray(start), inner, half)))
    shapes = [outer[:axis] + (length,) + outer[axis + 1 :] for length in (middle, outer[axis] - middle)]
    return np.concatenate(
        [np.broadcast_to(part, shape) for part, shape in zip(parts, shapes, strict=True)], axis
    )


def _cut(array: NDArray[Any], from_end: int, part: slice) -> NDArray[Any]:
    """`array[..., part, ...]` on the axis `from_end` from the end, where the array has it."""
    if array.ndim < from_end or array.shape[-from_end] == 1:
        return array
    return array[(..., part) + (slice(None),) * (from_end - 1)]


def count(blocks: Sequence[Values], *kinds: int) -> NDArray[np.float64]:
    """How many cells of the blocks' windows are of one of `kinds`."""
    total: Any = 0.0
    for block in blocks:
        if block.kinds is None:
            found: Any = float(block.shape[-2] * block.shape[-1] * (NUMBER in kinds))
            found = np.full(block.shape[:-2], found)
        else:
            found = np.count_nonzero(np.isin(block.kinds, kinds), axis=(-2, -1)).astype(np.float64)
        total = total + found
    return np.asarray(total)


def first_error(blocks: Sequence[Values]) -> Codes:
    """The first error of each window, in reading order through the blocks; shape without (h, w)."""
    return first_codes(*(_first_error(block) for block in blocks))


def _first_error(block: Values) -> Codes:
    if block.kinds is None:
        return None
    outer, (height, width) = block.shape[:-2], block.shape[-2:]
    if walks_places(outer, height * width):
        codes: Codes = None
        for i in range(height):
            for j in range(width):
                wrong = block.kinds[..., i, j] == ERROR
                if wrong.any():
                    codes = first_codes(codes, np.where(wrong, block.numbers[..., i, j], 0).astype(np.uint8))
        return codes
    wrong = (block.kinds == ERROR).reshape(outer + (-1,))
    if not wrong.any():
        return None
    first = wrong.argmax(axis=-1)
    found = np.take_along_axis(block.numbers.reshape(outer + (-1,)), first[..., None], -1)[..., 0]
    return np.where(wrong.any(axis=-1), found, 0).astype(np.uint8)
