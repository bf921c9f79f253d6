"""An edited workbook on its way into a file: what formulas have spilled into, and which cells to write."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sheetsim.address import Rect
from sheetsim.plan.schedule import Plan
from sheetsim.run.edits import Edits
from sheetsim.workbook import Fill, Workbook


def with_extents(book: Workbook, plan: Plan) -> Workbook:
    """The workbook with each formula that spills over the cells that it takes."""
    extents = _extents(plan)
    if not extents:
        return book
    changed = replace(book, sheets=[sheet.copy() for sheet in book.sheets])
    for sheet in changed.sheets:
        sheet.fills = [replace(fill, rect=_extent(sheet.name, fill, extents)) for fill in sheet.fills]
    return changed


def edited_rects(book: Workbook, plan: Plan, edits: Edits) -> dict[str, list[Rect]]:
    """By sheet, the cells that were edited and those that formulas spill into otherwise than in the file."""
    extents = _extents(plan)
    found: dict[str, list[Rect]] = {}
    for sheet in book.sheets:
        rects = joined(edits.rects(sheet.name))
        for fill in sheet.fills if extents else ():
            extent = _extent(sheet.name, fill, extents)
            if extent != fill.rect:
                rects += [fill.rect, extent]
        if rects:
            found[sheet.name] = rects
    return found


def _extents(plan: Plan) -> dict[tuple[str, int, int], Rect]:
    return {(r.sheet, r.rect.top, r.rect.left): r.rect for r in plan.regions if r.spills}


def _extent(sheet: str, fill: Fill, extents: dict[tuple[str, int, int], Rect]) -> Rect:
    if not fill.dynamic:
        return fill.rect
    return extents.get((sheet, fill.rect.top, fill.rect.left), fill.rect)


def joined(rects: Iterable[Rect]) -> list[Rect]:
    """Rectangles, those that stand one above the other or side by side made one."""
    tall: list[Rect] = []
    for rect in sorted(rects, key=lambda r: (r.left, r.right, r.top, r.bottom)):
        above = tall[-1] if tall else None
        if above and (above.left, above.right, above.bottom) == (rect.left, rect.right, rect.top):
            tall[-1] = above.around(rect)
        else:
            tall.append(rect)
    wide: list[Rect] = []
    for rect in sorted(tall, key=lambda r: (r.top, r.bottom, r.left)):
        before = wide[-1] if wide else None
        if before and (before.top, before.bottom, before.right) == (rect.top, rect.bottom, rect.left):
            wide[-1] = before.around(rect)
        else:
            wide.append(rect)
    return wide
