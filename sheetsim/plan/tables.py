"""References into tables as plain references.

    Table1 is A1:D9 of sheet data, with headings        seen from data!E4      from data!E12
    Table1[Fare]                                        data!$B$2:$B$9         data!$B$2:$B$9
    Table1[[#This Row],[Age]]                           data!$C4               #VALUE!
    [Fare]                                              no table there: unsupported

The row of `[#This Row]` is relative, so the cells of a calculated column have one formula, as before; a
region that goes on past a table's end, or stands in two tables, is *cut* first where the meaning changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.formula.nodes import CellRef, Error, Node, RangeRef, StructuredRef
from sheetsim.formula.structured import ALL, DATA, HEADERS, THIS_ROW, TOTALS
from sheetsim.values import ExcelError
from sheetsim.workbook import Table


class Tables:
    """The tables of a workbook by their names, taken in any case as Excel does."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self._by_name: dict[str, Table] = {}
        self._by_sheet: dict[str, list[Table]] = {}
        for table in tables:
            self._by_name.setdefault(table.name.casefold(), table)
            self._by_sheet.setdefault(table.sheet.casefold(), []).append(table)
        self._columns: dict[str, dict[str, int]] = {}

    def find(self, name: str) -> Table | None:
        return self._by_name.get(name.casefold())

    def cut(self, references: Sequence[StructuredRef], region: Rect, sheet: str) -> list[Rect]:
        """`region` of `sheet` in rectangles in each of which all references mean the same to every cell.

        SheetsimError when there is no such table, or a short form (`[Fare]`) stands in no table.
        """
        pieces = [region]
        if any(not reference.table for reference in references):
            inside = [table.rect.intersect(region) for table in self._by_sheet.get(sheet.casefold(), [])]
            outside, pieces = [region], []
            for part in filter(None, inside):
                pieces += [rest for rect in outside if (rest := rect.intersect(part)) is not None]
                outside = [rest for rect in outside for rest in rect.without(part)]
            pieces += outside
        for reference in references:
            if THIS_ROW in reference.items:
                pieces = [
                    part
                    for piece in pieces
                    for part in _split(piece, self._table(reference, sheet, (piece.top, piece.left)).data)
                ]
        return pieces

    def meaning(self, reference: StructuredRef, sheet: str, cell: tuple[int, int]) -> Node:
        """The plain reference to the same cells, from a formula in `cell` of `sheet`, or the error value that
        Excel gives: #VALUE! for "this row" outside of the table's data, #REF! for headings or totals that the
        table does not have. SheetsimError when there is no such table or column."""
        table = self._table(reference, sheet, cell)
        left, right = self._span(reference, table)
        on = None if table.sheet.casefold() == sheet.casefold() else table.sheet
        if THIS_ROW in reference.items:
            if not table.data.top <= cell[0] < table.data.bottom:
                return Error(ExcelError.VALUE)
            first, last = CellRef(0, left, False, True, on), CellRef(0, right, False, True, on)
        else:
            rows = _rows(reference, table)
            if rows is None:
                return Error(ExcelError.REF)
            first = CellRef(rows[0], left, True, True, on)
            last = CellRef(rows[1] - 1, right, True, True, on)
        return first if first == last else RangeRef(first, last)

    def _table(self, reference: StructuredRef, sheet: str, cell: tuple[int, int]) -> Table:
        if reference.table:
            found = self.find(reference.table)
            if found is None:
                raise SheetsimError(f"there is no table {reference.table}")
            return found
        for table in self._by_sheet.get(sheet.casefold(), []):
            if table.rect.contains(*cell):
                return table
        raise SheetsimError("a reference without a table's name, [...], outside of any table")

    def _span(self, reference: StructuredRef, table: Table) -> tuple[int, int]:
        """First and last column of the sheet, the smaller first."""
        if reference.first is None:
            return table.rect.left, table.rect.right - 1
        first = self._column(reference.first, table)
        last = first if reference.last is None else self._column(reference.last, table)
        return min(first, last), max(first, last)

    def _column(self, name: str, table: Table) -> int:
        columns = self._columns.get(table.name)
        if columns is None:
            columns = self._columns[table.name] = {}
            for number, column in enumerate(table.columns, table.rect.left):
                columns.setdefault(column.casefold(), number)
        found = columns.get(name.casefold())
        if found is None:
            raise SheetsimError(f"the table {table.name} has no column {name!r}")
        return found


def _rows(reference: StructuredRef, table: Table) -> tuple[int, int] | None:
    """The rows (half open) that the items mean; None when the table has none of them."""
    data, rect = table.data, table.rect
    spans = {
        ALL: (rect.top, rect.bottom),
        HEADERS: (rect.top, data.top),
        DATA: (data.top, data.bottom),
        TOTALS: (data.bottom, rect.bottom),
    }
    chosen = [spans[item] for item in reference.items or (DATA,)]
    top, bottom = chosen[0][0], chosen[-1][1]
    return (top, bottom) if top < bottom else None


def _split(rect: Rect, data: Rect) -> list[Rect]:
    """A rectangle cut above and below the rows of `data`."""
    edges = [edge for edge in (data.top, data.bottom) if rect.top < edge < rect.bottom]
    return [Rect(a, rect.left, b, rect.right) for a, b in pairwise([rect.top, *edges, rect.bottom])]
