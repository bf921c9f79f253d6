"""What is put into cells, from Python's objects to values and formulas.

    content_of(0.3, Rect.parse("D2"), ...)          a number
    content_of("=A1*2", Rect.parse("B1:B9"), ...)   a formula, filled down
    content_of(frame, Rect.parse("A1"), ...)        a table, from A1 on

A text that begins with `=` is a formula, one that begins with an apostrophe is the text after it. In NumPy
arrays and pandas frames, which are data, texts stay texts. None clears a cell, and so does what a frame lacks
(NaN, NaT, NA); elsewhere NaN and infinity are refused, as no cell holds them. Dates and times become serial
numbers in the workbook's date system.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Any

import numpy as np

from sheetsim.address import MAX_COLUMNS, MAX_ROWS, Rect, cell_name
from sheetsim.errors import SheetsimError
from sheetsim.functions.serials import SECONDS, date_system, serial
from sheetsim.values import Scalar, Values, kind_of


@dataclass(slots=True)
class Content:
    """`values` [rows, columns] for the cells of `rect`, blank where `formulas` has a formula (without `=`),
    as it reads in the top left cell of its rectangle."""

    rect: Rect
    values: Values
    formulas: list[tuple[Rect, str]] = field(default_factory=list)


def content_of(given: Any, rect: Rect, *, corner: bool, date1904: bool, headings: bool | None) -> Content:
    """What `given` puts into the cells of `rect`; with `corner`, from that cell on, as far as it goes.

    A scalar fills the rectangle. Nested sequences and arrays have its shape; what has one axis is a row, or
    in a range of one column that column; a pandas Series is a column. A frame is written with its columns'
    names (`headings`; None: unless it has just as many rows as the range), never with its index.
    SheetsimError, one line, for another shape and for what no cell holds.
    """
    with date_system(date1904):
        if hasattr(given, "__dataframe__") or type(given).__name__ in ("DataFrame", "Series"):
            rows = _rows_of_frame(given, rect, corner, headings)
            return _block(rows, _shaped(rect, corner, len(rows), len(rows[0]) if rows else 0), data=True)
        if isinstance(given, np.ndarray) and given.ndim:
            return _array(given, rect, corner)
        if isinstance(given, (list, tuple)):
            return _listed(given, rect, corner)
        value, formula = _cell(given, rect, data=False)
        if formula:
            return Content(rect, Values.filled(rect.shape, None), [(rect, formula)])
        return Content(rect, Values.filled(rect.shape, value).simplified())


def _shaped(rect: Rect, corner: bool, rows: int, columns: int) -> Rect:
    """The cells for so many rows and columns: all of the range, or from its corner on."""
    if rows == 0 or columns == 0:
        raise SheetsimError(f"{rect}: there is nothing in what is put there")
    found = Rect(rect.top, rect.left, rect.top + rows, rect.left + columns)
    if corner:
        if found.bottom > MAX_ROWS or found.right > MAX_COLUMNS:
            raise SheetsimError(f"{rows} rows of {columns} from {rect} on reach over the edge of the sheet")
        return found
    if found != rect:
        raise SheetsimError(
            f"{rect} has {rect.rows} rows of {rect.columns} cells, not {rows} of {columns}; give the top "
            "left cell alone to write as far as it goes"
        )
    return found


def _array(given: np.ndarray[Any, Any], rect: Rect, corner: bool) -> Content:
    if given.ndim > 2:
        raise SheetsimError(f"{rect}: an array of {given.ndim} axes; a sheet has two")
    if given.ndim == 1:
        given = given[:, None] if rect.columns == 1 < rect.rows else given[None, :]
    cells = _shaped(rect, corner, *given.shape)
    if given.dtype.kind not in "fiu":
        return _block(
            given.tolist() if given.dtype.kind != "M" else given.astype(object).tolist(), cells, True
        )
    numbers = given.astype(np.float64)
    bad = np.argwhere(~np.isfinite(numbers))
    if len(bad):
        row, column = bad[0].tolist()
        _check_number(numbers[row, column], cells.top + row, cells.left + column)
    return Content(cells, Values(np.asarray(numbers)))


def _listed(given: Sequence[Any], rect: Rect, corner: bool) -> Content:
    nested = [isinstance(row, (list, tuple, np.ndarray)) for row in given]
    if any(nested) and not all(nested):
        raise SheetsimError(f"{rect}: a list of rows and of single values")
    if any(nested):
        rows = [list(row) for row in given]
    else:
        column = rect.columns == 1 < rect.rows
        rows = [[value] for value in given] if column else [list(given)]
    if len({len(row) for row in rows}) > 1:
        raise SheetsimError(f"{rect}: rows of different lengths")
    return _block(rows, _shaped(rect, corner, len(rows), len(rows[0]) if rows else 0), data=False)


def _rows_of_frame(given: Any, rect: Rect, corner: bool, headings: bool | None) -> list[list[Any]]:
    if type(given).__name__ == "Series":
        given, headings = given.to_frame(), bool(headings)
    if headings is None:
        headings = corner or len(given) != rect.rows
    lacking = given.isna().to_numpy()
    cells = given.astype(object).to_numpy(dtype=object, copy=True)
    cells[lacking] = None
    names: list[list[Any]] = [[str(name) for name in given.columns]] if headings else []
    return names + cells.tolist()


def _block(rows: Sequence[Sequence[Any]], cells: Rect, data: bool) -> Content:
    values, formulas = Values.filled(cells.shape, None), []
    for row, line in enumerate(rows):
        for column, given in enumerate(line):
            cell = Rect.cell(cells.top + row, cells.left + column)
            value, formula = _cell(given, cell, data)
            if formula:
                formulas.append((cell, formula))
            elif value is not None:
                values.put((row, column), value)
    return Content(cells, values.simplified(), formulas)


def _cell(given: Any, cell: Rect, data: bool) -> tuple[Scalar, str]:
    """What one cell holds: a value, or a formula."""
    if isinstance(given, np.generic):
        given = given.item()
    if isinstance(given, str):
        if not data and given.startswith("="):
            return None, given[1:]
        return (given[1:] if given.startswith("'") and not data else given), ""
    if isinstance(given, (date, time, timedelta)):
        return _serial(given, cell), ""
    try:
        kind_of(given)
    except TypeError:
        raise SheetsimError(f"{cell}: a cell holds no {type(given).__name__}") from None
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        _check_number(given, cell.top, cell.left)
    return given, ""


def _check_number(number: float, row: int, column: int) -> None:
    if not isfinite(number):
        raise SheetsimError(
            f"{cell_name(row, column)}: a cell holds no {number}; None clears it, ExcelError.NUM is an error"
        )


def _serial(given: date | time | timedelta, cell: Rect) -> float:
    if isinstance(given, timedelta):
        return given / timedelta(days=1)
    if isinstance(given, (datetime, time)) and given.tzinfo is not None:
        raise SheetsimError(f"{cell}: a date with a time zone; Excel's have none")
    if isinstance(given, time):
        return (given.hour * 3600 + given.minute * 60 + given.second + given.microsecond / 1e6) / SECONDS
    day = serial(given.year, given.month, given.day)
    if day is None:
        raise SheetsimError(f"{cell}: {given} is before the first date of the workbook's system")
    return float(day) if not isinstance(given, datetime) else day + _serial(given.time(), cell)
