"""Arrays beside arrays: how Excel stretches, cuts and chooses among them.

A row meets a column as a table, a single value meets everything; where two lengths differ and neither is 1,
the result has the longer and #N/A beyond the shorter. Everything here works on the last two axes (h, w) and
lets the ones before broadcast, so that it serves two- and four-dimensional `Values` alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sheetsim.limits import CHARACTERS, room
from sheetsim.values import ERROR, NUMBER, TEXT, ExcelError, Scalar, Values, kind_of


def fit(values: Values, height: int, width: int) -> Values:
    """`values` with last axes (height, width): length 1 is stretched, excess cut, what is lacking is #N/A."""
    h, w = values.shape[-2:]
    if (h in (1, height)) and (w in (1, width)):
        return stretch(values, values.shape[:-2] + (height, width))
    values = stretch(values, values.shape[:-2] + (height if h == 1 else h, width if w == 1 else w))
    h, w = min(values.shape[-2], height), min(values.shape[-1], width)
    fitted = Values.filled(values.shape[:-2] + (height, width), ExcelError.NA)
    inside = (..., slice(0, h), slice(0, w))
    assert fitted.kinds is not None
    fitted.numbers[inside] = values.numbers[inside]
    fitted.kinds[inside] = values.kind_array()[inside]
    if values.texts is not None:
        fitted.texts = np.full(fitted.shape, "", object)
        fitted.texts[inside] = values.texts[inside]
    return fitted


def stretch(values: Values, shape: tuple[int, ...]) -> Values:
    """`values` broadcast to `shape`, as read-only views."""
    if all(array is None or array.shape == shape for array in (values.numbers, values.kinds, values.texts)):
        return values
    return Values(
        np.broadcast_to(values.numbers, shape),
        None if values.kinds is None else np.broadcast_to(values.kinds, shape),
        None if values.texts is None else np.broadcast_to(values.texts, shape),
    )


def align(arguments: Sequence[Values]) -> list[Values]:
    """The arguments with last axes that broadcast; only those that do not yet are touched."""
    height = _length([argument.shape[-2] for argument in arguments])
    width = _length([argument.shape[-1] for argument in arguments])
    return [
        argument
        if argument.shape[-2] in (1, height) and argument.shape[-1] in (1, width)
        else fit(argument, height, width)
        for argument in arguments
    ]


def _length(lengths: list[int]) -> int:
    return max(lengths, default=1)


def choose(condition: NDArray[np.bool_], yes: Values, no: Values) -> Values:
    """Each cell from `yes` where `condition` holds, else from `no`; all three broadcast."""
    numbers = np.where(condition, yes.numbers, no.numbers)
    kinds = None
    if yes.kinds is not None or no.kinds is not None:
        kinds = np.where(condition, yes.kind_array(), no.kind_array())
    texts = None
    if yes.texts is not None or no.texts is not None:
        empty = np.array("", object)
        texts = np.where(
            condition,
            empty if yes.texts is None else yes.texts,
            empty if no.texts is None else no.texts,
        )
    return stretch(Values(numbers, kinds, texts), numbers.shape)


def lift(function: Callable[..., Scalar], arguments: Sequence[Values]) -> Values:
    """`function`, which takes and gives scalars, called for each cell of two-dimensional arguments."""
    aligned = align(arguments)
    shape = np.broadcast_shapes(*(argument.shape for argument in aligned))
    stretched = [stretch(argument, shape) for argument in aligned]
    result = Values.filled(shape, None)
    characters = 0
    for index in np.ndindex(shape):
        value = function(*(argument.get(index) for argument in stretched))
        if isinstance(value, str):
            characters += len(value)
            room(characters // CHARACTERS)
        result.put(index, value)
    return result.simplified()


def single(value: Scalar, axes: int = 2) -> Values:
    """One value as an array of `axes` axes of length 1."""
    kind = kind_of(value)
    shape = (1,) * axes
    numbers = np.full(shape, 0.0 if value is None or isinstance(value, str) else float(value))
    kinds = None if kind == NUMBER else np.full(shape, kind, np.uint8)
    return Values(numbers, kinds, np.full(shape, value, object) if kind == TEXT else None)


def overlay(values: Values, codes: NDArray[np.uint8]) -> Values:
    """`values` with an error wherever `codes`, which broadcast, are not 0."""
    numbers, codes = np.broadcast_arrays(values.numbers, codes)
    wrong = codes != 0
    kinds = np.where(wrong, np.uint8(ERROR), values.kind_array())
    texts = None if values.texts is None else np.broadcast_to(values.texts, numbers.shape)
    return Values(np.where(wrong, codes, numbers), kinds, texts)
