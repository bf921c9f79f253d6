"""`A1#` in a formula that spills, when what A1 has spilled into is known: the plain range in its place.

A1 =UNIQUE(B1:B9) has spilled into A1:A4      SUMIFS(C1:C9,B1:B9,A1#) is SUMIFS(C1:C9,B1:B9,$A$1:$A$4)

So whole arrays, and the indexes that ranges have, serve such formulas too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

from sheetsim.address import Rect
from sheetsim.formula.nodes import CellRef, Node, RangeRef, Unary
from sheetsim.plan.regions import Region

Extent = Callable[[str, int, int], Rect | None]
"""What the formula in a cell (sheet, row, column) has spilled into; None where none spills there."""

MOST = 300
"""Parts of a formula up to which its tree is rebuilt, by recursion."""


def put_in(region: Region, extent: Extent) -> Region:
    """A formula that stands in one cell, with ranges for each `A1#` that has one."""
    node = region.node
    if node is None:
        return region
    parts = list(node.walk())
    if len(parts) > MOST or not any(isinstance(part, Unary) and part.operator == "#" for part in parts):
        return region

    def plain(part: Node) -> Node:
        if isinstance(part, Unary) and part.operator == "#" and isinstance(part.operand, CellRef):
            cell = part.operand
            rect = None
            if cell.sheet is None or ":" not in cell.sheet:
                place = cell.at(region.rect.top, region.rect.left)
                rect = extent(cell.sheet or region.sheet, *place)
            return part if rect is None else _range(rect, cell.sheet)
        changed: dict[str, object] = {}
        for field in fields(part):  # type: ignore[arg-type]
            value = getattr(part, field.name)
            if isinstance(value, Node):
                changed[field.name] = plain(value)
            elif isinstance(value, tuple):
                changed[field.name] = tuple(plain(item) if isinstance(item, Node) else item for item in value)
        return replace(part, **changed) if changed else part  # type: ignore[type-var]

    return replace(region, node=plain(node))


def _range(rect: Rect, sheet: str | None) -> Node:
    first = CellRef(rect.top, rect.left, True, True, sheet)
    last = CellRef(rect.bottom - 1, rect.right - 1, True, True, sheet)
    return first if rect.size == 1 else RangeRef(first, last)
