"""Where a reference points, for all cells of a region at once.

A reference in a formula that fills a rectangle is, along each direction, a pair of corners that either move
with the cell (relative) or stand still (absolute). An `Axis` holds such a pair as it stands for the first
row (or column) of the region; an `Area` is two axes on a sheet:

    reference in E4:E32    row axis                    seen from E4, E5, ...
    C4                     3..3, both move             row 4; row 5; ...
    $D$2                   1..1, neither moves         row 2; row 2; ...
    A3:A5                  2..4, both move             rows 3-5; rows 4-6; ... (a window)
    A$4:A4                 3..3, the second moves      row 4; rows 4-5; ... (expanding)

*Swept* is everything that any cell of the region sees. An axis is *steady* when its length never changes.
"""

from __future__ import annotations

from dataclasses import dataclass

from sheetsim.address import MAX_COLUMNS, MAX_ROWS, Rect
from sheetsim.formula.nodes import CellRef, RangeRef


@dataclass(frozen=True, slots=True)
class Axis:
    """Two corners along one direction, inclusive, as seen from a region's first cell; do they move?"""

    first: int
    last: int
    first_moves: bool
    last_moves: bool

    @property
    def steady(self) -> bool:
        return self.first_moves == self.last_moves

    @property
    def moves(self) -> bool:
        """For a steady axis: does it move with the cell?"""
        return self.first_moves

    @property
    def low(self) -> int:
        """For a steady axis: the smaller corner at the region's first cell."""
        return min(self.first, self.last)

    @property
    def length(self) -> int:
        """For a steady axis: how many cells it spans."""
        return abs(self.last - self.first) + 1

    def at(self, step: int) -> tuple[int, int]:
        """Half-open span seen from the region's cell number `step`."""
        first = self.first + step * self.first_moves
        last = self.last + step * self.last_moves
        return min(first, last), max(first, last) + 1

    def swept(self, steps: int) -> tuple[int, int]:
        """Half-open span seen from any of the region's `steps` cells."""
        start, end = self.at(0), self.at(steps - 1)
        # corners move along straight lines, so the extremes are at the two ends
        return min(start[0], end[0]), max(start[1], end[1])


@dataclass(frozen=True, slots=True)
class Area:
    """What a reference means over a whole region; see the module's table. A whole row or
    column is cut off behind the cells in use; `beyond` is how many blank cells that left out."""

    sheet: str
    rows: Axis
    columns: Axis
    beyond: int = 0

    @property
    def steady(self) -> bool:
        return self.rows.steady and self.columns.steady

    def swept(self, region: Rect) -> Rect:
        """All cells that some cell of the region sees; may reach outside the sheet."""
        top, bottom = self.rows.swept(region.rows)
        left, right = self.columns.swept(region.columns)
        return Rect(top, left, bottom, right)

    def at(self, row: int, column: int) -> Rect:
        """What the region's cell number (row, column), counted from its top left, sees."""
        (top, bottom), (left, right) = self.rows.at(row), self.columns.at(column)
        return Rect(top, left, bottom, right)


def area_of(reference: CellRef | RangeRef, region: Rect, sheet: str) -> Area:
    """The area of a reference in a formula that fills `region` of `sheet`.

    Where the region is one row or one column, nothing moves that way, whatever the reference says.
    """
    if isinstance(reference, CellRef):
        first = last = reference
    else:
        first, last = reference.first, reference.last
    top, left = first.at(region.top, region.left)
    bottom, right = last.at(region.top, region.left)
    down, over = region.rows > 1, region.columns > 1
    return Area(
        first.sheet or sheet,
        Axis(top, bottom, down and not first.row_abs, down and not last.row_abs),
        Axis(left, right, over and not first.column_abs, over and not last.column_abs),
    )


def on_sheet(rect: Rect) -> bool:
    """Is all of it inside the limits of a sheet?"""
    return rect.top >= 0 and rect.left >= 0 and rect.bottom <= MAX_ROWS and rect.right <= MAX_COLUMNS
