"""Which cells of a sheet are to hold another value than the file gives them, a few rows at a time.

    changes = SheetChanges(sheet, calculation.block)
    changes.any()                       # whether the sheet changes at all
    changes.band(0, 5000)               # the cells of rows 0 to 4999: what they hold, and what they should

A cell has one of these *roles*: it holds a FORMULA; it is SPREAD, holding a value of the array formula of
another cell; it is TYPED, a value that must not meet a formula; it is PUT, edited: a value or a formula that
takes the place of whatever was there. A cell whose value stays as it is is no change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import MAX_COLUMNS, Rect, cell_name
from sheetsim.errors import SheetsimError
from sheetsim.formula.shift import moved
from sheetsim.values import BLANK, ERROR, NUMBER, TEXT, ExcelError, Values
from sheetsim.workbook import Fill, Sheet

NONE, SPREAD, FORMULA, TYPED, PUT = range(5)
PIECE = 1 << 17
"""Cells looked at at once."""

BlockOf = Callable[[str, Rect], Values]


@dataclass(frozen=True, slots=True)
class PutFormula:
    """A formula to be written: its text; `rect` where it is an array formula."""

    text: str
    rect: Rect | None = None
    dynamic: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """The cells to change, row by row and in each row from left to right, each cell once. Arrays of one
    length: `kinds` and `numbers` as in `Values`; `texts` and `formulas` map an index to what is there."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    roles: NDArray[np.uint8]
    kinds: NDArray[np.uint8]
    numbers: NDArray[np.float64]
    texts: dict[int, str]
    formulas: dict[int, PutFormula]

    def __len__(self) -> int:
        return len(self.rows)


_NO_INT, _NO_BYTE = np.zeros(0, np.int64), np.zeros(0, np.uint8)
NO_CHANGES = Changes(_NO_INT, _NO_INT, _NO_BYTE, _NO_BYTE, np.zeros(0), {}, {})


@dataclass(frozen=True, slots=True)
class RowBand:
    """Some rows of a sheet, from `top` on, and of them the `columns` that hold anything. Arrays [rows,
    columns]: `new` what cells should hold, `held` the kinds of what they hold, `differ` which of them change.
    """

    top: int
    columns: NDArray[np.int64]
    roles: NDArray[np.uint8]
    new: Values
    held: NDArray[np.uint8]
    differ: NDArray[np.bool_]


class SheetChanges:
    """The changes of one sheet. `values(sheet, rect)`: what formula cells should hold. `typed`: rectangles of
    typed values. `edited`: rectangles in which the sheet's formulas and values are not the file's.

    SheetsimError when a typed value meets a formula.
    """

    def __init__(
        self,
        sheet: Sheet,
        values: BlockOf,
        typed: Sequence[tuple[Rect, Values]] = (),
        edited: Sequence[Rect] = (),
    ) -> None:
        self.sheet, self._values, self._typed = sheet, values, typed
        self.count = 0  # of the changes that were made so far
        areas = [*_formula_cells(sheet.fills), *_typed_cells(sheet, typed), *((rect, PUT) for rect in edited)]
        order = sorted(range(len(areas)), key=lambda at: areas[at][0].top)
        corners = [(r.top, r.left, r.bottom, r.right, role) for r, role in (areas[at] for at in order)]
        table = np.array(corners, np.int64).reshape(-1, 5)
        self._tops, self._lefts, self._bottoms, self._rights, self._roles = table.T
        self._rank = np.array(order, np.int64)  # a cell in two areas has the role of the later one
        self._edited = [
            (fill, common) for fill in sheet.fills for rect in edited if (common := fill.rect.intersect(rect))
        ]

    def any(self) -> bool:
        """Whether there is any change."""
        return any(band.differ.any() for band in self._bands(0, self._end))

    def new_cells(self) -> Rect | None:
        """The smallest rectangle around the values that may be put into cells that do not exist yet."""
        if not (self._roles != FORMULA).any():
            return None
        found: Rect | None = None
        for changes in self.pieces(0, self._end):
            cells = (changes.roles != FORMULA) & (changes.kinds != BLANK)
            cells[list(changes.formulas)] = True
            if cells.any():
                rows, columns = changes.rows[cells], changes.columns[cells]
                here = Rect(int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1)
                found = here if found is None else found.around(here)
        return found

    def pieces(self, top: int, bottom: int) -> Iterator[Changes]:
        """The changes of rows `top` up to `bottom`, as many at a time as fit into memory."""
        return (self.changes(band) for band in self._bands(top, bottom))

    def band(self, top: int, bottom: int) -> RowBand | None:
        """All cells of rows `top` up to `bottom`; None when they are too many to be held at once."""
        columns = self._touched(np.ones(len(self._tops), bool)) | self._stored
        wide = int(columns.sum())
        return None if wide * (bottom - top) > 8 * PIECE else self._band(top, bottom, np.flatnonzero(columns))

    def changes(self, band: RowBand) -> Changes:
        """The changes of a band."""
        places = np.nonzero(band.differ)
        rows, columns = places[0] + band.top, band.columns[places[1]]
        new = band.new[places]
        kinds = np.array(new.kind_array())
        texts = new.texts
        return Changes(
            rows,
            columns,
            band.roles[places],
            kinds,
            new.numbers,
            {} if texts is None else {int(at): texts[at] for at in np.flatnonzero(kinds == TEXT)},
            self._formulas(band, rows, columns) if self._edited else {},
        )

    # -- the pieces

    @property
    def _end(self) -> int:
        return int(self._bottoms.max(initial=0))

    @property
    def _stored(self) -> NDArray[np.bool_]:
        """Which columns hold stored values."""
        found = np.zeros(MAX_COLUMNS, bool)
        found[list(self.sheet.columns)] = True
        return found

    def _bands(self, top: int, bottom: int) -> Iterator[RowBand]:
        """Bands of the columns that may change, as many rows in each as fit."""
        while top < (bottom := min(bottom, self._end)):
            active = (self._tops < bottom) & (self._bottoms > top)
            if not active.any():
                return
            top = max(top, int(self._tops[active].min()))
            rows = bottom - top
            while rows > 1:
                active = (self._tops < top + rows) & (self._bottoms > top)
                if rows * int(self._touched(active).sum()) <= PIECE:
                    break
                rows = max(rows // 4, 1)
            active = (self._tops < top + rows) & (self._bottoms > top)
            yield self._band(top, top + rows, np.flatnonzero(self._touched(active)))
            top += rows

    def _touched(self, areas: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The columns that some of the areas are in."""
        edges = np.bincount(self._lefts[areas], minlength=MAX_COLUMNS + 1)
        edges = edges - np.bincount(self._rights[areas], minlength=MAX_COLUMNS + 1)
        touched: NDArray[np.bool_] = np.cumsum(edges)[:MAX_COLUMNS] > 0
        return touched

    def _band(self, top: int, bottom: int, columns: NDArray[np.int64]) -> RowBand:
        roles = self._painted(top, bottom, columns)
        olds, news = [], []
        breaks = np.flatnonzero(np.diff(columns) != 1) + 1
        for group in np.split(columns, breaks):
            if len(group):
                rect = Rect(top, int(group[0]), bottom, int(group[-1]) + 1)
                olds.append(self.sheet.block(rect))
                news.append(_storable(self._values(self.sheet.name, rect)))
        old, new = _beside(olds, roles.shape), _beside(news, roles.shape)
        for rect, block in self._typed:
            new = _with_typed(new, rect, block, top, bottom, columns)
        return RowBand(top, columns, roles, new, old.kind_array(), _differing(old, new, roles))

    def _painted(self, top: int, bottom: int, columns: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The roles of the cells."""
        roles = np.zeros((bottom - top, len(columns)), np.uint8)
        active = np.flatnonzero((self._tops < bottom) & (self._bottoms > top))
        active = active[np.argsort(self._rank[active], kind="stable")]
        lefts = np.searchsorted(columns, self._lefts[active]).tolist()
        rights = np.searchsorted(columns, self._rights[active]).tolist()
        tops = np.maximum(self._tops[active] - top, 0).tolist()
        bottoms = (self._bottoms[active] - top).tolist()
        for left, right, upper, lower, role in zip(
            lefts, rights, tops, bottoms, self._roles[active].tolist(), strict=True
        ):
            roles[upper:lower, left:right] = role
        return roles

    def _formulas(
        self, band: RowBand, rows: NDArray[np.int64], columns: NDArray[np.int64]
    ) -> dict[int, PutFormula]:
        """The formulas of the edited cells, by their place among the changes."""
        places = dict(zip(zip(rows.tolist(), columns.tolist(), strict=True), range(len(rows)), strict=True))
        found: dict[int, PutFormula] = {}
        lines = Rect(band.top, 0, band.top + len(band.roles), MAX_COLUMNS)
        for fill, common in self._edited:
            here = common.intersect(lines)
            corner = fill.rect.top, fill.rect.left
            for row, column in here.cells() if here else ():
                if not fill.array:
                    text = moved(fill.formula, row - corner[0], column - corner[1])
                    found[places[row, column]] = PutFormula(text)
                elif (row, column) == corner:
                    found[places[row, column]] = PutFormula(fill.formula, fill.rect, fill.dynamic)
        return found


def _formula_cells(fills: Iterable[Fill]) -> Iterator[tuple[Rect, int]]:
    """Rectangles that cover all cells of formulas, with their roles."""
    arrays: list[Fill] = []
    for fill in fills:
        if fill.array:
            arrays.append(fill)
        else:
            yield fill.rect, FORMULA
    for fill in arrays:
        yield fill.rect, SPREAD
        yield Rect.cell(fill.rect.top, fill.rect.left), FORMULA


def _typed_cells(sheet: Sheet, typed: Iterable[tuple[Rect, Values]]) -> Iterator[tuple[Rect, int]]:
    for rect, block in typed:
        if block.shape != rect.shape:
            raise ValueError(f"{block.shape} values for {rect} of sheet {sheet.name}")
        for fill in sheet.fills:
            if common := fill.rect.intersect(rect):
                cell = cell_name(common.top, common.left)
                raise SheetsimError(
                    f"sheet {sheet.name}, cell {cell} holds a formula: no value can be put there"
                )
        yield rect, TYPED


def _beside(blocks: Sequence[Values], shape: tuple[int, ...]) -> Values:
    """Blocks side by side, as one."""
    if len(blocks) == 1:
        return blocks[0]
    if not blocks:
        return Values.filled(shape, None)
    numbers = np.concatenate([block.numbers for block in blocks], axis=1)
    if all(block.all_numbers for block in blocks):
        return Values(numbers)
    texts = None
    if any(block.texts is not None for block in blocks):
        empty = (np.full(block.shape, "", object) if block.texts is None else block.texts for block in blocks)
        texts = np.concatenate(list(empty), axis=1)
    return Values(numbers, np.concatenate([block.kind_array() for block in blocks], axis=1), texts)


def _with_typed(
    block: Values, rect: Rect, typed: Values, top: int, bottom: int, columns: NDArray[np.int64]
) -> Values:
    """The block, whose rows begin at `top`, with typed values put in."""
    common = rect.intersect(Rect(top, 0, bottom, MAX_COLUMNS))
    if common is None:
        return block
    there = np.s_[
        common.top - top : common.bottom - top,
        np.searchsorted(columns, rect.left) : np.searchsorted(columns, rect.right),
    ]
    return block.with_part(there, typed[common.top - rect.top : common.bottom - rect.top])


def _differing(old: Values, new: Values, roles: NDArray[np.uint8]) -> NDArray[np.bool_]:
    kinds = new.kind_array()
    differ = old.numbers != new.numbers
    if not (old.all_numbers and new.all_numbers):
        differ |= old.kind_array() != kinds
        if new.texts is not None:
            held = np.full(old.shape, "", object) if old.texts is None else old.texts
            differ |= (kinds == TEXT) & (held != new.texts).astype(bool)
    found: NDArray[np.bool_] = (differ & (roles != NONE)) | (roles == PUT)
    return found


def _storable(values: Values) -> Values:
    """No cell holds infinity or NaN; Excel's arithmetic gives #NUM! instead."""
    kinds = values.kind_array()
    bad = (kinds == NUMBER) & ~np.isfinite(values.numbers)
    if not bad.any():
        return values
    return Values(
        np.where(bad, float(ExcelError.NUM), values.numbers),
        np.where(bad, ERROR, kinds).astype(np.uint8),
        values.texts,
    )
