"""Arrays cut, joined and laid out anew: CHOOSECOLS CHOOSEROWS DROP EXPAND HSTACK TAKE TOCOL TOROW VSTACK
WRAPCOLS WRAPROWS.

All take whole ranges and give arrays; errors among the cells are cells like others. Nothing left is #CALC!.
Source: support.microsoft.com, each function's page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from sheetsim.functions.coercion import to_number
from sheetsim.functions.registry import Function, Kind, register
from sheetsim.limits import room
from sheetsim.values import BLANK, ERROR, ExcelError, Scalar, Values

_PAGE = "support.microsoft.com, "

# --- pieces that the functions share -----------------------------------------------------------------------


def taken(values: Values, rows: Sequence[int] | slice, columns: Sequence[int] | slice) -> Values | ExcelError:
    """Some rows and columns, in the order given; #CALC! where there is none."""
    part = values[rows, :][:, columns]
    return part if part.numbers.size else ExcelError.CALC


def joined(blocks: Sequence[Values], axis: int) -> Values:
    """Blocks one after the other along an axis; the shorter ones filled up with #N/A."""
    other = max(block.shape[1 - axis] for block in blocks)
    room(other * sum(block.shape[axis] for block in blocks))
    fitted = [
        block if block.shape[1 - axis] == other else _padded(block, axis, other, ExcelError.NA)
        for block in blocks
    ]
    numbers = np.concatenate([block.numbers for block in fitted], axis)
    kinds = texts = None
    if any(block.kinds is not None for block in fitted):
        kinds = np.concatenate([block.kind_array() for block in fitted], axis)
    if any(block.texts is not None for block in fitted):
        empty = np.array("", object)
        parts = [np.broadcast_to(empty, b.shape) if b.texts is None else b.texts for b in fitted]
        texts = np.concatenate(parts, axis)
    return Values(numbers, kinds, texts)


def _padded(block: Values, axis: int, length: int, filler: Scalar) -> Values:
    shape = list(block.shape)
    shape[1 - axis] = length - block.shape[1 - axis]
    return joined([block, Values.filled(tuple(shape), filler)], 1 - axis)


def whole_number(value: Scalar) -> int | ExcelError:
    """A number cut to its whole part."""
    number = to_number(value)
    return number if isinstance(number, ExcelError) else math.trunc(number)


# --- TAKE, DROP, EXPAND ------------------------------------------------------------------------------------


def _kept(length: int, count: Scalar) -> slice | ExcelError:
    """TAKE's rows or columns: the first `count`, for a negative one the last; all where it is left out."""
    number = None if count is None else whole_number(count)
    if number is None or isinstance(number, ExcelError):
        return slice(0, length) if number is None else number
    if number == 0:
        return ExcelError.CALC
    return slice(0, number) if number > 0 else slice(max(length + number, 0), length)


def _left(length: int, count: Scalar) -> slice | ExcelError:
    """DROP's rows or columns: all but the first `count`, for a negative one all but the last."""
    number = 0 if count is None else whole_number(count)
    if isinstance(number, ExcelError):
        return number
    if abs(number) >= length:
        return ExcelError.CALC
    return slice(number, length) if number >= 0 else slice(0, length + number)


def _cutting(span: Callable[[int, Scalar], slice | ExcelError]) -> Callable[..., object]:
    def one(values: Values, rows: Scalar, columns: Scalar = None) -> Values | ExcelError:
        down, right = span(values.shape[0], rows), span(values.shape[1], columns)
        for part in (down, right):
            if isinstance(part, ExcelError):
                return part
        return taken(values, down, right)  # type: ignore[arg-type]

    return one


def _expand(
    values: Values, rows: Scalar, columns: Scalar = None, filler: Scalar = ExcelError.NA
) -> Values | ExcelError:
    sizes = []
    for own, wanted in zip(values.shape, (rows, columns), strict=True):
        size = own if wanted is None else whole_number(wanted)
        if isinstance(size, ExcelError):
            return size
        if size < own:
            return ExcelError.VALUE
        sizes.append(size)
    room(sizes[0] * sizes[1])
    for axis, size in enumerate(sizes):
        if size > values.shape[axis]:
            values = _padded(values, 1 - axis, size, 0.0 if filler is None else filler)
    return values


# --- CHOOSEROWS, CHOOSECOLS --------------------------------------------------------------------------------


def _choosing(axis: int) -> Callable[..., object]:
    """By numbers from 1, negative ones from the end; outside the array is #VALUE!."""

    def one(values: Values, *numbers: Values) -> Values | ExcelError:
        length, places = values.shape[axis], []
        for block in numbers:
            if 1 not in block.shape:
                return ExcelError.VALUE
            for value in (value for row in block.tolist() for value in row):
                number = whole_number(value)
                if isinstance(number, ExcelError):
                    return number
                if not 1 <= abs(number) <= length:
                    return ExcelError.VALUE
                places.append(number - 1 if number > 0 else length + number)
        room(len(places) * values.shape[1 - axis])
        every = slice(None)
        return taken(values, places, every) if axis == 0 else taken(values, every, places)

    return one


# --- HSTACK, VSTACK, TOROW, TOCOL --------------------------------------------------------------------------


def _stacking(axis: int) -> Callable[..., object]:
    return lambda *blocks: joined(blocks, axis)


def _line(down: bool) -> Callable[..., object]:
    """TOCOL (`down`) and TOROW. ignore: 0 nothing, 1 blanks, 2 errors, 3 both; by row or by column."""

    def one(values: Values, ignore: Scalar = None, by_column: Scalar = None) -> Values | ExcelError:
        number, sideways = whole_number(ignore), to_number(by_column)
        for wrong in (number, sideways):
            if isinstance(wrong, ExcelError):
                return wrong
        assert isinstance(number, int)
        if not 0 <= number <= 3:
            return ExcelError.VALUE
        if sideways:
            values = turned(values)
        kinds = values.kind_array()
        kept = np.ones(values.shape, bool)
        if number & 1:
            kept &= kinds != BLANK
        if number & 2:
            kept &= kinds != ERROR
        if not kept.any():
            return ExcelError.CALC
        line = Values(
            values.numbers[kept][None, :],
            None if values.kinds is None else values.kinds[kept][None, :],
            None if values.texts is None else values.texts[kept][None, :],
        )
        return turned(line) if down else line

    return one


def turned(values: Values) -> Values:
    """Rows as columns."""
    return Values(
        values.numbers.T,
        None if values.kinds is None else values.kinds.T,
        None if values.texts is None else values.texts.T,
    )


# --- WRAPROWS, WRAPCOLS ------------------------------------------------------------------------------------


def _wrapping(by_rows: bool) -> Callable[..., object]:
    """A row or column, in lines of `count`; what the last lacks is the filler."""

    def one(values: Values, count: Scalar, filler: Scalar = ExcelError.NA) -> Values | ExcelError:
        number = whole_number(count)
        if isinstance(number, ExcelError):
            return number
        if 1 not in values.shape:
            return ExcelError.VALUE
        if number < 1:
            return ExcelError.NUM
        line = values if values.shape[0] == 1 else turned(values)
        width = min(number, line.shape[1])
        height = -(-line.shape[1] // number)
        if height * width > line.shape[1]:
            line = _padded(line, 0, height * width, 0.0 if filler is None else filler)
        wrapped = Values(
            line.numbers.reshape(height, width),
            None if line.kinds is None else line.kinds.reshape(height, width),
            None if line.texts is None else line.texts.reshape(height, width),
        )
        return wrapped if by_rows else turned(wrapped)

    return one


def _register(
    name: str, parameters: Sequence[Kind], least: int, scalar: Callable[..., object], **more: int
) -> None:
    register(
        Function(
            name,
            tuple(parameters),
            least,
            more.pop("most", len(parameters)),
            scalar,
            sees_errors=True,
            gives_array=True,
            tail="all",
            source=_PAGE + name,
            **more,  # type: ignore[arg-type]
        )
    )


_register("TAKE", ("array", "given", "given"), 2, _cutting(_kept))
_register("DROP", ("array", "given", "given"), 2, _cutting(_left))
_register("EXPAND", ("array", "given", "given", "given"), 2, _expand)
_register("CHOOSEROWS", ("array", "array"), 2, _choosing(0), most=254, repeats=1)
_register("CHOOSECOLS", ("array", "array"), 2, _choosing(1), most=254, repeats=1)
_register("VSTACK", ("array",), 1, _stacking(0), most=254, repeats=1)
_register("HSTACK", ("array",), 1, _stacking(1), most=254, repeats=1)
_register("TOCOL", ("array", "given", "given"), 1, _line(down=True))
_register("TOROW", ("array", "given", "given"), 1, _line(down=False))
_register("WRAPROWS", ("array", "given", "given"), 2, _wrapping(by_rows=True))
_register("WRAPCOLS", ("array", "given", "given"), 2, _wrapping(by_rows=False))
