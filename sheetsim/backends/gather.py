"""Cells that a formula finds by numbers, INDEX and OFFSET, for a whole region at once.

`index_places` and `offset_places` tell, by the rules of `functions/lookup.py`, where each cell of the region
looks (rows and columns counted from 0, [R, C, 1, 1]), how large an area it sees there and where that is an
error; `gather` fetches the cells of such `Spots`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import MAX_COLUMNS, MAX_ROWS, Rect
from sheetsim.functions.coercion import error_codes, first_codes
from sheetsim.functions.lifting import overlay
from sheetsim.run.store import Grid
from sheetsim.values import BLANK, ExcelError, Values

Places = NDArray[np.int64]
Wrong = NDArray[np.uint8]


class PerCell(Exception):
    """A formula that is not told on whole arrays; the text says which part of it."""


@dataclass(frozen=True, slots=True)
class Spots:
    """Areas of one `size` on a sheet, one for each cell of a region: their corners and error codes, arrays
    that broadcast to [R, C, 1, 1]."""

    sheet: str
    top: Places
    left: Places
    size: tuple[int, int]
    codes: Wrong

    def around(self) -> Rect | None:
        """The rectangle around all that is seen; None where all are errors."""
        top, left, codes = np.broadcast_arrays(self.top, self.left, self.codes)
        fine = codes == 0
        if not fine.any():
            return None
        return Rect(
            int(top[fine].min()),
            int(left[fine].min()),
            int(top[fine].max()) + self.size[0],
            int(left[fine].max()) + self.size[1],
        )


def index_places(
    rows: int, columns: int, numbers: Sequence[Values]
) -> tuple[Places, Places, tuple[int, int], Wrong]:
    """INDEX(area of rows x columns, numbers...): rows and columns within the area, size, error codes.

    0 is a whole row or column; PerCell where only some cells mean one.
    """
    row = np.trunc(numbers[0].numbers)
    if len(numbers) > 1:
        column = np.trunc(numbers[1].numbers)
    elif rows == 1 and columns > 1:
        row, column = np.zeros((1, 1, 1, 1)), row
    else:
        column = np.full((1, 1, 1, 1), 0.0 if columns > 1 else 1.0)
    row, column = np.broadcast_arrays(row, column)
    codes = _codes(numbers, row.shape)
    codes = _put(codes, (row < 0) | (column < 0), ExcelError.VALUE)
    codes = _put(codes, (row > rows) | (column > columns), ExcelError.REF)
    fine = codes == 0
    size = _extent(row[fine] == 0, rows), _extent(column[fine] == 0, columns)
    return _whole(np.maximum(row, 1) - 1, fine), _whole(np.maximum(column, 1) - 1, fine), size, codes


def offset_places(
    top: Places, left: Places, size: tuple[int, int], numbers: Sequence[Values]
) -> tuple[Places, Places, Wrong]:
    """OFFSET of areas of `size` whose corners are at top, left: the new corners, error codes."""
    row, column = np.broadcast_arrays(top + np.trunc(numbers[0].numbers), left + np.trunc(numbers[1].numbers))
    outside = (row < 0) | (column < 0) | (row + size[0] > MAX_ROWS) | (column + size[1] > MAX_COLUMNS)
    codes = _put(_codes(numbers, row.shape), outside, ExcelError.REF)
    fine = codes == 0
    return _whole(row, fine), _whole(column, fine), codes


def gather(grid: Grid, spots: Spots, expect: Callable[[str, Rect], None]) -> Values:
    """The cells at the given spots, [R, C, h, w]; an error where their codes say so.

    `expect` is told the rectangle around all that is read.
    """
    top, left, codes = np.broadcast_arrays(spots.top, spots.left, spots.codes)
    around = spots.around()
    if around is not None:
        expect(grid.sheet, around)
    else:
        around = Rect(0, 0, 1, 1)
    rows = top + np.arange(spots.size[0])[:, None]
    columns = left + np.arange(spots.size[1])
    held = around.intersect(Rect(0, 0, max(grid.height, 1), max(grid.width, 1))) or Rect(0, 0, 1, 1)
    block = grid.block(held)
    inside = (rows >= held.top) & (rows < held.bottom) & (columns >= held.left) & (columns < held.right)
    place = np.where(inside, rows - held.top, 0), np.where(inside, columns - held.left, 0)
    kinds = np.where(inside, block.kind_array()[place], np.uint8(BLANK))
    values = Values(
        np.where(kinds == BLANK, 0.0, block.numbers[place]),
        kinds,
        None if block.texts is None else block.texts[place],
    ).simplified()
    return overlay(values, codes) if codes.any() else values


def _extent(whole: NDArray[np.bool_], length: int) -> int:
    """How long an area INDEX gives along an axis, where `whole` says that a cell means all of the axis."""
    if length == 1 or not whole.any():
        return 1
    if not whole.all():
        raise PerCell("INDEX of a whole row or column in some cells only")
    return length


def _codes(numbers: Sequence[Values], shape: tuple[int, ...]) -> Wrong:
    codes = first_codes(*(error_codes(number) for number in numbers))
    return np.zeros(shape, np.uint8) if codes is None else np.broadcast_to(codes, shape)


def _put(codes: Wrong, where: NDArray[np.bool_], error: ExcelError) -> Wrong:
    return np.where((codes == 0) & where, np.uint8(error), codes)


def _whole(places: NDArray[np.float64], fine: NDArray[np.bool_]) -> Places:
    return np.where(fine, places, 0.0).astype(np.int64)
