"""Which cells of a sheet are to hold another value than the file gives them, in reading order.

A cell has one of three *roles*: it holds a FORMULA; it is SPREAD, holding a value of the array formula of
another cell; or it is TYPED. A cell whose value stays as it is is no change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect, cell_name
from sheetsim.errors import SheetsimError
from sheetsim.values import BLANK, ERROR, NUMBER, TEXT, ExcelError, Values
from sheetsim.workbook import Sheet

SPREAD, FORMULA, TYPED = range(3)


@dataclass(frozen=True, slots=True)
class Changes:
    """The cells to change, row by row and in each row from left to right, each cell once. Arrays of one
    length: `kinds` and `numbers` as in `Values`; `texts` maps an index to the text there."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    roles: NDArray[np.uint8]
    kinds: NDArray[np.uint8]
    numbers: NDArray[np.float64]
    texts: dict[int, str]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def new_cells(self) -> Rect | None:
        """The smallest rectangle around the values that may be put into cells that do not exist yet."""
        cells = (self.roles != FORMULA) & (self.kinds != BLANK)
        if not cells.any():
            return None
        rows, columns = self.rows[cells], self.columns[cells]
        return Rect(int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1)


def find_changes(
    sheet: Sheet, values: Callable[[str, Rect], Values], typed: Iterable[tuple[Rect, Values]]
) -> Changes:
    """The formula cells for which `values(sheet, rect)` gives another value than is stored, and the typed
    cells that do not hold theirs yet. SheetsimError when a typed value meets a formula."""
    parts: list[_Part] = []
    for rect, role in _formula_cells(sheet):
        parts.append(_part(sheet, rect, values(sheet.name, rect), role))
    for rect, block in typed:
        if block.shape != rect.shape:
            raise ValueError(f"{block.shape} values for {rect} of sheet {sheet.name}")
        for fill in sheet.fills:
            if common := fill.rect.intersect(rect):
                cell = cell_name(common.top, common.left)
                raise SheetsimError(
                    f"sheet {sheet.name}, cell {cell} holds a formula: no value can be put there"
                )
        parts.append(_part(sheet, rect, block, TYPED))
    return _merged(parts)


@dataclass(frozen=True, slots=True)
class _Part:
    """Changes of one rectangle, as in `Changes`; `texts` an array where there are any."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    role: int
    values: Values


def _formula_cells(sheet: Sheet) -> list[tuple[Rect, int]]:
    """Rectangles that cover all cells of formulas, with their roles."""
    found: list[tuple[Rect, int]] = []
    singles: list[Rect] = []
    for fill in sheet.fills:
        if fill.array:
            corner = Rect.cell(fill.rect.top, fill.rect.left)
            found.append((corner, FORMULA))
            found += ((rect, SPREAD) for rect in fill.rect.without(corner))
        else:
            singles.append(fill.rect)
    return found + [(rect, FORMULA) for rect in _joined(singles)]


def _joined(rects: list[Rect]) -> list[Rect]:
    """The same cells, those below each other in the same columns made one: fewer blocks to ask for."""
    joined: list[Rect] = []
    for rect in sorted(rects, key=lambda rect: (rect.left, rect.right, rect.top)):
        above = joined[-1] if joined else None
        if above and (above.left, above.right, above.bottom) == (rect.left, rect.right, rect.top):
            joined[-1] = Rect(above.top, above.left, rect.bottom, above.right)
        else:
            joined.append(rect)
    return joined


def _part(sheet: Sheet, rect: Rect, new: Values, role: int) -> _Part:
    old = sheet.block(rect)
    new = _storable(new)
    kinds = new.kind_array()
    differ = (old.kind_array() != kinds) | (old.numbers != new.numbers)
    if new.texts is not None:
        held = np.full(rect.shape, "", object) if old.texts is None else old.texts
        differ |= (kinds == TEXT) & (held != new.texts).astype(bool)
    rows, columns = np.nonzero(differ)
    return _Part(rows + rect.top, columns + rect.left, role, new[rows, columns])


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


def _merged(parts: list[_Part]) -> Changes:
    """All parts in reading order; of a cell that is in two, the first part's."""
    parts = [part for part in parts if len(part.rows)]
    nothing = np.zeros(0, np.int64)
    rows = np.concatenate([nothing, *(part.rows for part in parts)])
    columns = np.concatenate([nothing, *(part.columns for part in parts)])
    order = np.lexsort((columns, rows))
    if len(order):
        steps = (np.diff(rows[order]) != 0) | (np.diff(columns[order]) != 0)
        order = order[np.concatenate([[True], steps])]
    roles = np.concatenate([nothing, *(np.full(len(part.rows), part.role) for part in parts)])
    kinds = np.concatenate([nothing, *(part.values.kind_array() for part in parts)])
    numbers = np.concatenate([nothing.astype(float), *(part.values.numbers for part in parts)])
    texts = np.concatenate(
        [
            nothing.astype(object),
            *(
                np.full(len(part.rows), "", object) if part.values.texts is None else part.values.texts
                for part in parts
            ),
        ]
    )[order]
    kinds = kinds[order].astype(np.uint8)
    return Changes(
        rows[order],
        columns[order],
        roles[order].astype(np.uint8),
        kinds,
        numbers[order],
        {int(index): texts[index] for index in np.flatnonzero(kinds == TEXT)},
    )
