"""Working memory of a calculation: one dense grid per sheet, whose blocks are views, not copies.

A grid starts at A1 and is column-major, so that a column is one run of memory and cell (row, column) is
number `column * height + row` of the flat array that generated loops work on. It starts all blank (zeroed
pages that nobody touches cost nothing); typed inputs are copied in, and formula cells are filled as they are
computed. 9 bytes a cell; texts only in columns that hold some.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from sheetsim.address import MAX_ROWS, Rect, cell_name
from sheetsim.errors import SheetsimError
from sheetsim.functions.lines import CellLine
from sheetsim.limits import TooMuch
from sheetsim.plan.areas import Area
from sheetsim.values import BLANK, NUMBER, TEXT, Scalar, Values, kind_of
from sheetsim.workbook import Sheet, Workbook

MOST_LINED = 2**24
"""Cells in all lines of a grid together; with their indexes they may take 60 bytes each."""

MOST_CELLS = 2**28
"""Cells in all grids together: 2.25 GiB of addresses."""


class Grid:
    """The cells of one sheet while it is computed. `used` is what a whole column (`A:A`) is cut to."""

    def __init__(self, sheet: str, used: Rect | None) -> None:
        self.sheet = sheet
        self.used = used
        self.height, self.width = (used.bottom, used.right) if used else (0, 0)
        self.numbers: NDArray[np.float64] = np.zeros((self.width, self.height)).T
        self.kinds: NDArray[np.uint8] = np.zeros((self.width, self.height), np.uint8).T
        self._texts: dict[int, NDArray[np.object_]] = {}
        self._lines: dict[tuple[Rect, bool], CellLine] = {}
        self._lined = 0  # cells of all lines

    @property
    def flat(self) -> NDArray[np.float64]:
        """All numbers as one array, column after column (a view)."""
        return self.numbers.T.reshape(-1)

    def load(self, sheet: Sheet, computed: Iterable[Rect]) -> None:
        """Copy the sheet's stored cells in, but for those in `computed`, which stay blank."""
        spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for rect in computed:
            for column in range(rect.left, rect.right):
                spans[column].append((rect.top, rect.bottom))
        for column, cells in sheet.columns.items():
            rows, numbers, kinds = cells.rows, cells.numbers, cells.kinds
            if column in spans:
                edges = np.searchsorted(rows, np.array(spans[column]))
                if len(edges) == 1 and edges[0, 1] - edges[0, 0] == len(rows):
                    continue
                inside = np.zeros(len(rows) + 1, np.int64)
                np.add.at(inside, edges[:, 0], 1)
                np.add.at(inside, edges[:, 1], -1)
                kept = np.cumsum(inside[:-1]) == 0
                rows, numbers, kinds = rows[kept], numbers[kept], kinds[kept]
            if not len(rows):
                continue  # the column may lie outside the grid
            self.numbers[rows, column] = numbers
            self.kinds[rows, column] = kinds
            if cells.texts:
                texts = self._column_texts(column)
                for row in rows[kinds == TEXT].tolist():
                    texts[row] = cells.texts[row]

    def value(self, row: int, column: int) -> Scalar:
        """One cell; blank outside the grid."""
        if not (0 <= row < self.height and 0 <= column < self.width):
            return None
        kind = self.kinds[row, column]
        if kind == NUMBER:
            return float(self.numbers[row, column])
        if kind == BLANK:
            return None
        return self.block(Rect.cell(row, column)).get((0, 0))

    def block(self, rect: Rect) -> Values:
        """A rectangle of cells [rows, columns]: views where it lies inside the grid, else a padded copy."""
        inside = rect.intersect(Rect(0, 0, self.height, self.width)) if self.height else None
        if inside == rect:
            kinds = self.kinds[rect.top : rect.bottom, rect.left : rect.right]
            numbers = self.numbers[rect.top : rect.bottom, rect.left : rect.right]
            if bool((kinds == NUMBER).all()):
                return Values(numbers)
            return Values(numbers, kinds, self._texts_of(rect) if self._texts else None)
        block = Values.filled(rect.shape, None)
        if inside is not None:
            held, place = self.block(inside), inside.shift(-rect.top, -rect.left)
            where = np.s_[place.top : place.bottom, place.left : place.right]
            assert block.kinds is not None
            block.numbers[where] = held.numbers
            block.kinds[where] = held.kind_array()
            if held.texts is not None:
                block.texts = np.full(rect.shape, "", object)
                block.texts[where] = held.texts
        return block

    def windows(self, area: Area, region: Rect) -> Values:
        """What each cell of `region` sees through a steady area: [R, C, h, w], R or C 1 where the area does
        not move that way. It must lie inside the sheet; where it lies inside the grid these are views."""
        rows, columns = area.rows, area.columns
        held = self.block(area.swept(region))
        shape = (
            region.rows if rows.moves else 1,
            region.columns if columns.moves else 1,
            rows.length,
            columns.length,
        )

        def spread(array: NDArray) -> NDArray:  # type: ignore[type-arg]
            down, right = array.strides
            return as_strided(array, shape, (down, right, down, right), writeable=False)

        return Values(
            spread(held.numbers),
            None if held.kinds is None else spread(held.kinds),
            None if held.texts is None else spread(held.texts),
        )

    def line(self, rect: Rect, down: bool) -> CellLine:
        """The cells of a rectangle one after another, row by row, or with not `down` column by column: one
        line for all who ask, until one of the cells changes."""
        found = self._lines.get((rect, down))
        if found is None:
            self._lined += rect.size
            if self._lined > MOST_LINED:
                self._lines.clear()
                self._lined = rect.size
            block = self.block(rect)
            flat = [
                None if one is None else np.ascontiguousarray(one if down else one.T).reshape(-1)
                for one in (block.numbers, block.kinds, block.texts)
            ]
            found = CellLine(Values(*flat), rect.shape, down or 1 in rect.shape)  # type: ignore[arg-type]
            self._lines[rect, down] = found
        return found

    def changed(self, rect: Rect) -> None:
        """Cells of a rectangle have other values than before: what was found out about them holds no more."""
        if self._lines:
            gone = [key for key in self._lines if key[0].intersect(rect) is not None]
            for key in gone:
                self._lined -= key[0].size
                del self._lines[key]

    def write(self, rect: Rect, values: Values) -> None:
        """Put computed cells in; `values` [rows, columns] broadcasts to `rect`. A blank result is 0."""
        self.changed(rect)
        where = np.s_[rect.top : rect.bottom, rect.left : rect.right]
        self.numbers[where] = values.numbers
        if values.kinds is None:
            self.kinds[where] = NUMBER
            return
        self.kinds[where] = np.maximum(values.kinds, NUMBER)
        if values.texts is not None and bool((values.kinds == TEXT).any()):
            texts = np.broadcast_to(values.texts, rect.shape)
            for column in range(rect.left, rect.right):
                self._column_texts(column)[rect.top : rect.bottom] = texts[:, column - rect.left]

    def restore(self, rect: Rect, values: Values) -> None:
        """Put stored cells back as they are, blanks too."""
        self.write(rect, values)
        self.kinds[rect.top : rect.bottom, rect.left : rect.right] = values.kind_array()

    def put(self, row: int, column: int, value: Scalar) -> None:
        """Put one computed cell in. A blank result is 0."""
        if self._lines:
            self.changed(Rect.cell(row, column))
        kind = kind_of(value)
        self.kinds[row, column] = max(kind, NUMBER)
        if isinstance(value, str):
            self.numbers[row, column] = 0.0
            self._column_texts(column)[row] = value
        else:
            self.numbers[row, column] = 0.0 if value is None else float(value)

    def reserve(self, rect: Rect) -> None:
        """Make room for cells that a formula spills into, and count them as in use."""
        height, width = max(rect.bottom, self.height), max(rect.right, self.width)
        if (height, width) != (self.height, self.width):
            if height > self.height:
                height = min(max(height, 2 * self.height), MAX_ROWS)
            if height * width > MOST_CELLS:
                raise TooMuch(f"sheet {self.sheet!r}: a formula spills over {rect}, which is too large")
            numbers, kinds = np.zeros((width, height)), np.zeros((width, height), np.uint8)
            numbers[: self.width, : self.height] = self.numbers.T
            kinds[: self.width, : self.height] = self.kinds.T
            self.numbers, self.kinds = numbers.T, kinds.T
            for column, texts in self._texts.items():
                self._texts[column] = np.concatenate([texts, np.full(height - self.height, "", object)])
            self.height, self.width = height, width
        used = self.used or rect
        self.used = Rect(
            min(used.top, rect.top),
            min(used.left, rect.left),
            max(used.bottom, rect.bottom),
            max(used.right, rect.right),
        )

    def _column_texts(self, column: int) -> NDArray[np.object_]:
        if column not in self._texts:
            self._texts[column] = np.full(self.height, "", object)
        return self._texts[column]

    def _texts_of(self, rect: Rect) -> NDArray[np.object_] | None:
        held = [column for column in range(rect.left, rect.right) if column in self._texts]
        if not held:
            return None
        if rect.columns == 1:
            return self._texts[rect.left][rect.top : rect.bottom, None]
        texts = np.full(rect.shape, "", object)
        for column in held:
            texts[:, column - rect.left] = self._texts[column][rect.top : rect.bottom]
        return texts


def make_grids(book: Workbook, computed: dict[str, list[Rect]]) -> dict[str, Grid]:
    """A loaded grid for each sheet, by its name in lower case (casefold); `computed` likewise.

    SheetsimError when they would be too large.
    """
    corners = {
        sheet.name: (box.bottom, box.right) if (box := sheet.used) else (0, 0) for sheet in book.sheets
    }
    cells = sum(height * width for height, width in corners.values())
    if cells > MOST_CELLS:
        name, (height, width) = max(corners.items(), key=lambda pair: pair[1][0] * pair[1][1])
        raise SheetsimError(
            f"sheet {name!r} is used up to cell {cell_name(height - 1, width - 1)}: that is too large"
            f" ({cells:,} cells in all sheets, at most {MOST_CELLS:,})"
        )
    grids = {}
    for sheet in book.sheets:
        grid = Grid(sheet.name, sheet.used)
        grid.load(sheet, computed.get(sheet.name.casefold(), []))
        grids[sheet.name.casefold()] = grid
    return grids
