"""Addresses of cells and ranges as formulas need them.

>>> at(4, 2), at(4, 2, fixed="row"), span(Rect(4, 2, 6, 4), fixed="both")
('C5', 'C$5', '$C$5:$D$6')
"""

from sheetsim.address import Rect, column_name


def at(row: int, column: int, *, fixed: str = "") -> str:
    """A cell's address; `fixed` names what stays when it is filled: "row", "column" or "both"."""
    across, down = "$" if fixed in ("column", "both") else "", "$" if fixed in ("row", "both") else ""
    return f"{across}{column_name(column)}{down}{row + 1}"


def span(rect: Rect, *, fixed: str = "") -> str:
    """A range's address."""
    return f"{at(rect.top, rect.left, fixed=fixed)}:{at(rect.bottom - 1, rect.right - 1, fixed=fixed)}"


def first(rect: Rect, *, fixed: str = "") -> str:
    """The address of a rectangle's top left cell."""
    return at(rect.top, rect.left, fixed=fixed)


def column_of(rect: Rect, place: int) -> Rect:
    """One of a rectangle's columns."""
    return Rect(rect.top, rect.left + place, rect.bottom, rect.left + place + 1)


def row_of(rect: Rect, place: int) -> Rect:
    """One of a rectangle's rows."""
    return Rect(rect.top + place, rect.left, rect.top + place + 1, rect.right)
