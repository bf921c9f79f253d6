"""Workbooks as data: sheets, cells, formulas, names and tables. Knows no file format and computes nothing.

A sheet is two things: the *values* of its cells, as the file holds them (typed inputs, and for formula
cells the *stored* values), column by column in arrays; and its *fills*, each one formula and the rectangle
of cells that it fills, which is how a million formulas stay a handful of objects:

    >>> book = Workbook()
    >>> sheet = book.add_sheet("adam")
    >>> sheet.set("A4", 14.0)
    >>> sheet.fill("E4:E32", "C4+D4*A4")      # relative to E4; filled down from there

How a sheet looks (widths, colours, charts, notes) is a `Look` that lesson sheets fill in and `xlsx/write/`
reads; it changes no value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect, absolute, parse_cell, split_sheet
from sheetsim.values import BLANK, TEXT, Scalar, Values, kind_of

FEW = 64
"""Cells of a block from which it is put in column by column."""


@dataclass(slots=True)
class Column:
    """The cells of one column that hold something, rows ascending. `texts` maps row to text."""

    rows: NDArray[np.int64]
    numbers: NDArray[np.float64]
    kinds: NDArray[np.uint8]
    texts: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fill:
    """One formula and the cells it fills.

    `formula` is the text, without `=`, as it reads in the rectangle's top left cell. With `array` the
    rectangle is one array formula ({=...}: evaluated once, its result spread over the rectangle);
    `dynamic` marks the array formula that Excel 365 writes for a spilling one.
    """

    rect: Rect
    formula: str
    array: bool = False
    dynamic: bool = False


@dataclass(frozen=True, slots=True)
class DefinedName:
    """`scope` is the sheet's name for a name local to a sheet, None for the whole workbook."""

    name: str
    formula: str
    scope: str | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A rectangle of a sheet that formulas know by its name and its columns' names: `Table1[Fare]`.

    `rect` is all of it: the rows of headings (one or none), the data (at least one row), the totals (one or
    none). Raises ValueError when rows or columns do not add up.
    """

    name: str
    sheet: str
    rect: Rect
    columns: tuple[str, ...]
    header_rows: int = 1
    totals_rows: int = 0

    def __post_init__(self) -> None:
        if len(self.columns) != self.rect.columns:
            raise ValueError(f"{len(self.columns)} names for the {self.rect.columns} columns of {self.rect}")
        if not (0 <= self.header_rows <= 1 and 0 <= self.totals_rows <= 1 and self.data.rows > 0):
            raise ValueError(f"{self.header_rows} rows of headings and {self.totals_rows} of totals")

    @property
    def data(self) -> Rect:
        """The rows between headings and totals."""
        rect = self.rect
        return Rect(rect.top + self.header_rows, rect.left, rect.bottom - self.totals_rows, rect.right)


class Sheet:
    """One worksheet. Build it with `set` and `fill`; read it with `value` and `block`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.fills: list[Fill] = []
        self.hidden: frozenset[int] = frozenset()  # rows that are not shown, counted from 0
        self.look: object | None = None  # a lessons' Look; see sheetsim/look.py
        self._columns: dict[int, Column] = {}
        self._pending: dict[int, dict[int, Scalar]] = {}  # column -> row -> value, not yet in arrays

    # -- building

    def set(self, address: str | tuple[int, int], value: Scalar) -> None:
        """Put a value (None clears the cell). Does not touch formulas: a `fill` over the cell wins."""
        row, column = parse_cell(address) if isinstance(address, str) else address
        kind_of(value)  # TypeError now rather than when the arrays are built
        self._pending.setdefault(column, {})[row] = value

    def set_column(self, column: int, cells: Column) -> None:
        """Put a whole column at once (readers do); replaces what it held."""
        self._pending.pop(column, None)
        self._columns[column] = cells

    def set_block(self, rect: Rect, values: Values) -> None:
        """Put a rectangle of values [rows, columns] of `rect`'s shape in; blanks clear cells."""
        if rect.size <= FEW:
            for row, column in rect.cells():
                self.set((row, column), values.get((row - rect.top, column - rect.left)))
            return
        columns, rows = self.columns, np.arange(rect.top, rect.bottom)
        kinds = values.kind_array()
        for place, column in enumerate(range(rect.left, rect.right)):
            texts = {}
            if values.texts is not None:
                texts = {
                    rect.top + row: values.texts[row, place]
                    for row in np.flatnonzero(kinds[:, place] == TEXT).tolist()
                }
            new = Column(rows, values.numbers[:, place], kinds[:, place], texts)
            columns[column] = _with(columns.get(column), new)

    def fill(self, rect: str | Rect, formula: str, *, array: bool = False) -> None:
        """Fill `formula` (no leading `=`), as it reads in the top left cell, over `rect`."""
        rect = Rect.parse(rect) if isinstance(rect, str) else rect
        self.fills.append(Fill(rect, formula, array))

    def copy(self) -> Sheet:
        """An independent sheet with the same cells, fills and look (arrays shared: `set` makes new ones)."""
        other = Sheet(self.name)
        other.fills, other.look, other._columns = list(self.fills), self.look, dict(self.columns)
        other.hidden = self.hidden
        return other

    # -- reading

    @property
    def columns(self) -> dict[int, Column]:
        """The stored cells by column; typed inputs and stored results of formulas alike."""
        for column, cells in self._pending.items():
            self._columns[column] = _merged(self._columns.get(column), cells)
        self._pending.clear()
        return self._columns

    def value(self, address: str | tuple[int, int]) -> Scalar:
        """The stored value of one cell."""
        row, column = parse_cell(address) if isinstance(address, str) else address
        return self.block(Rect.cell(row, column)).get((0, 0))

    def block(self, rect: str | Rect) -> Values:
        """The stored values of a rectangle, two-dimensional, column-major."""
        rect = Rect.parse(rect) if isinstance(rect, str) else rect
        numbers = np.zeros(rect.shape, order="F")
        kinds = np.zeros(rect.shape, np.uint8, order="F")
        texts: NDArray[np.object_] | None = None
        for column in self._in_range(rect):
            cells, c = self.columns[column], column - rect.left
            low, high = np.searchsorted(cells.rows, (rect.top, rect.bottom))
            rows = cells.rows[low:high] - rect.top
            numbers[rows, c] = cells.numbers[low:high]
            kinds[rows, c] = cells.kinds[low:high]
            if cells.texts:
                for r in rows[cells.kinds[low:high] == TEXT]:
                    if texts is None:
                        texts = np.full(rect.shape, "", object)
                    texts[r, c] = cells.texts[int(r) + rect.top]
        return Values(numbers, kinds, texts).simplified()

    @property
    def used(self) -> Rect | None:
        """The smallest rectangle that holds every value and every formula; None for an empty sheet."""
        boxes = [fill.rect for fill in self.fills]
        for column, cells in self.columns.items():
            if len(cells.rows):
                boxes.append(Rect(int(cells.rows[0]), column, int(cells.rows[-1]) + 1, column + 1))
        if not boxes:
            return None
        return Rect(
            min(box.top for box in boxes),
            min(box.left for box in boxes),
            max(box.bottom for box in boxes),
            max(box.right for box in boxes),
        )

    def _in_range(self, rect: Rect) -> Iterator[int]:
        columns = self.columns
        if rect.columns < len(columns):
            yield from (c for c in range(rect.left, rect.right) if c in columns)
        else:
            yield from (c for c in columns if rect.left <= c < rect.right)


def _merged(column: Column | None, cells: dict[int, Scalar]) -> Column:
    """A column with single cells put in, replaced or, where None, taken out."""
    rows = np.fromiter(sorted(cells), np.int64, len(cells))
    new = [cells[int(row)] for row in rows]
    kinds = np.fromiter((kind_of(value) for value in new), np.uint8, len(new))
    numbers = np.fromiter(
        (0.0 if value is None or isinstance(value, str) else float(value) for value in new), float, len(new)
    )
    texts = {int(row): value for row, value in zip(rows, new, strict=True) if isinstance(value, str)}
    return _with(column, Column(rows, numbers, kinds, texts))


def _with(column: Column | None, new: Column) -> Column:
    """A column with the cells of another put in, blanks too, which take cells out."""
    rows, numbers, kinds, texts = new.rows, new.numbers, new.kinds, new.texts
    if column is not None:
        kept = ~np.isin(column.rows, rows)
        if column.texts:
            gone = set(rows.tolist())
            texts = {row: text for row, text in column.texts.items() if row not in gone} | texts
        rows = np.concatenate([column.rows[kept], rows])
        numbers = np.concatenate([column.numbers[kept], numbers])
        kinds = np.concatenate([column.kinds[kept], kinds])
        order = np.argsort(rows, kind="stable")
        rows, numbers, kinds = rows[order], numbers[order], kinds[order]
    held = kinds != BLANK
    return Column(rows[held], numbers[held], kinds[held], texts)


@dataclass(slots=True)
class Workbook:
    """Sheets in their order, defined names, tables, and what the reader saw but left alone."""

    sheets: list[Sheet] = field(default_factory=list)
    names: list[DefinedName] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)  # "a macro project, kept unread", ...
    properties: dict[str, str] = field(default_factory=dict)  # title, subject, ... of the document
    iterate: bool = False  # Excel's "enable iterative calculation": circular references are worked out,
    iterate_count: int = 100  # in at most so many rounds, up to one
    iterate_delta: float = 0.001  # that changes no cell by more than this
    full_precision: bool = True  # False: "precision as displayed"
    date1904: bool = False  # dates count from 1904-01-01, not from 1900
    tables: list[Table] = field(default_factory=list)  # of all sheets; no two of one name
    unread: dict[str, int] = field(default_factory=dict)  # sheets that could not be read, and how many of
    # `sheets` stand before each
    origin: object | None = None  # what the reader of its file leaves for the writer of a copy

    def add_sheet(self, name: str) -> Sheet:
        """A new, empty last sheet. ValueError when the name is taken (Excel ignores case) or not allowed."""
        if self.find(name):
            raise ValueError(f"there is a sheet {name!r} already")
        if not 0 < len(name) <= 31 or set(name) & set("[]:*?/\\") or "'" in (name[0], name[-1]):
            raise ValueError(f"{name!r} cannot be a sheet's name: 1 to 31 characters, none of []:*?/\\")
        sheet = Sheet(name)
        self.sheets.append(sheet)
        return sheet

    def find(self, name: str) -> Sheet | None:
        """The sheet of that name, any case, or None."""
        wanted = name.casefold()
        return next((sheet for sheet in self.sheets if sheet.name.casefold() == wanted), None)

    def __getitem__(self, name: str) -> Sheet:
        sheet = self.find(name)
        if sheet is None:
            raise KeyError(f"no sheet {name!r}; there are {', '.join(s.name for s in self.sheets)}")
        return sheet

    def name(self, name: str, scope: str | None = None) -> DefinedName | None:
        """A defined name as a formula on sheet `scope` sees it: the sheet's own before the workbook's."""
        wanted, found = name.casefold(), None
        for candidate in self.names:
            if candidate.name.casefold() == wanted:
                if candidate.scope is not None and scope and candidate.scope.casefold() == scope.casefold():
                    return candidate
                if candidate.scope is None:
                    found = candidate
        return found

    def heading(self, sheet: str, rect: Rect) -> tuple[Table, Rect] | None:
        """The first table whose row of headings has cells in a rectangle, and these cells."""
        for table in self.tables:
            if table.sheet.casefold() == sheet.casefold() and table.header_rows:
                row = Rect(table.rect.top, table.rect.left, table.rect.top + 1, table.rect.right)
                if common := row.intersect(rect):
                    return table, common
        return None

    def define(self, name: str, sheet: str, rect: str | Rect) -> None:
        """Name a rectangle, with absolute references, for the whole workbook."""
        rect = Rect.parse(rect) if isinstance(rect, str) else rect
        self.names.append(DefinedName(name, absolute(sheet, rect)))

    def named_rect(self, name: str, scope: str | None = None) -> tuple[str, Rect] | None:
        """Sheet and rectangle of a defined name; None when there is none or it is no plain range."""
        found = self.name(name, scope)
        if found is None:
            return None
        sheet, rest = split_sheet(found.formula)
        try:
            return (sheet or scope or ""), Rect.parse(rest.replace("$", ""))
        except ValueError:
            return None


__all__ = ["Column", "DefinedName", "Fill", "Sheet", "Table", "Workbook"]
