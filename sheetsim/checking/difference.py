"""Two workbooks side by side: where their formulas or their values differ.

    for one in differences(read_workbook("before.xlsx"), read_workbook("after.xlsx")): print(one)

Formulas are compared in relative form, region by region, so that a formula filled down a thousand rows and
changed in one of them is one difference of one cell. Where the formulas are the same (or there are none) the
stored values are compared. Differences come sheet by sheet, formulas before values.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect, quote_sheet
from sheetsim.checking.compare import Tolerance, compare
from sheetsim.plan.index import Index
from sheetsim.plan.regions import Region, find_regions, text_at
from sheetsim.values import Scalar
from sheetsim.workbook import Workbook

PIECE = 1 << 20
"""Cells compared at once."""

Cell = tuple[int, int]
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SheetOnlyIn:
    """A sheet that only one of the books has."""

    sheet: str
    before: bool


@dataclass(frozen=True, slots=True)
class FormulaDifference:
    """Cells whose formulas are not the same; each as it reads in the rectangle's top left cell, None where
    there is none."""

    sheet: str
    rect: Rect
    before: str | None
    after: str | None

    @property
    def address(self) -> str:
        return f"{quote_sheet(self.sheet)}!{self.rect}"


@dataclass(frozen=True, slots=True)
class ValueDifference:
    """Cells of the same formula (or typed: None) that hold other values: `cells` of those in `rect`, of which
    `first` is the first, with its two values."""

    sheet: str
    rect: Rect
    cells: int
    first: Cell
    before: Scalar
    after: Scalar
    formula: str | None

    @property
    def address(self) -> str:
        return f"{quote_sheet(self.sheet)}!{self.rect}"


Found = SheetOnlyIn | FormulaDifference | ValueDifference


def differences(before: Workbook, after: Workbook, tolerance: Tolerance) -> Iterator[Found]:
    """All differences; numbers within `tolerance` of each other are the same."""
    regions = [_by_sheet(find_regions(book)) for book in (before, after)]
    for sheet in before.sheets:
        if after.find(sheet.name) is None:
            yield SheetOnlyIn(sheet.name, before=True)
            continue
        pair = [by_sheet.get(sheet.name.casefold(), []) for by_sheet in regions]
        changed, same = _formulas(sheet.name, *pair)
        yield from changed
        yield from _values(before, after, sheet.name, changed, same, tolerance)
    for sheet in after.sheets:
        if before.find(sheet.name) is None:
            yield SheetOnlyIn(sheet.name, before=False)


def _by_sheet(regions: Iterable[Region]) -> dict[str, list[Region]]:
    found: dict[str, list[Region]] = defaultdict(list)
    for region in regions:
        found[region.sheet.casefold()].append(region)
    return found


def _formulas(
    sheet: str, before: list[Region], after: list[Region]
) -> tuple[list[FormulaDifference], list[tuple[Region, Rect]]]:
    """Where the formulas of a sheet differ, and where they are the same (regions of `before` and parts)."""
    changed: list[FormulaDifference] = []
    same: list[tuple[Region, Rect]] = []
    index = Index((region.rect, region) for region in after)
    for old in before:
        overlapping = index.hits(old.rect)
        for new in overlapping:
            common = old.rect.intersect(new.rect)
            assert common is not None
            if _alike(old, new):
                same.append((old, common))
            else:
                texts = (text_at(region, common.top, common.left) for region in (old, new))
                changed.append(FormulaDifference(sheet, common, *texts))
        for rect in uncovered(old.rect, [new.rect for new in overlapping]):
            changed.append(FormulaDifference(sheet, rect, text_at(old, rect.top, rect.left), None))
    index = Index((region.rect, region) for region in before)
    for new in after:
        for rect in uncovered(new.rect, [old.rect for old in index.hits(new.rect)]):
            changed.append(FormulaDifference(sheet, rect, None, text_at(new, rect.top, rect.left)))
    return sorted(changed, key=lambda one: (one.rect.top, one.rect.left)), same


def _alike(one: Region, other: Region) -> bool:
    """The same formula in relative form, and of the same sort; an array formula also of the same cells."""
    if one.array != other.array or one.lifted != other.lifted:
        return False
    if one.array and not _same_cells(one, other):
        return False
    if one.node is None or other.node is None:
        return one.node is other.node and one.text == other.text
    return one.node == other.node


def _same_cells(one: Region, other: Region) -> bool:
    """Do array formulas, or all those in rows, fill the same cells?"""
    if not all(region.each or region.rect.rows == 1 for region in (one, other)):
        return one.rect == other.rect
    return (one.rect.left, one.rect.right) == (other.rect.left, other.rect.right)


def uncovered(rect: Rect, holes: Iterable[Rect]) -> list[Rect]:
    """What is left of a rectangle without others that do not overlap, alike neighbouring columns as one."""
    by_column: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for hole in holes:
        common = hole.intersect(rect)
        if common is not None:
            for column in range(common.left, common.right):
                by_column[column].append((common.top, common.bottom))
    runs = (
        (column, _gaps(rect.top, rect.bottom, sorted(by_column.get(column, ()))))
        for column in range(rect.left, rect.right)
    )
    return _joined(runs)


def _gaps(top: int, bottom: int, spans: Iterable[tuple[int, int]]) -> Spans:
    found = []
    for low, high in spans:
        if low > top:
            found.append((top, low))
        top = high
    if top < bottom:
        found.append((top, bottom))
    return tuple(found)


def _joined(runs: Iterable[tuple[int, Spans]]) -> list[Rect]:
    """Rectangles of the spans of neighbouring columns, those with the same spans as one."""
    found: list[Rect] = []
    start, last = 0, -2
    spans: Spans = ()
    for column, here in [*runs, (-2, ())]:
        if column == last + 1 and here == spans:
            last = column
            continue
        found += [Rect(low, start, high, last + 1) for low, high in spans]
        start, last, spans = column, column, here
    return found


def _values(
    before: Workbook,
    after: Workbook,
    sheet: str,
    changed: list[FormulaDifference],
    same: list[tuple[Region, Rect]],
    tolerance: Tolerance,
) -> Iterator[ValueDifference]:
    """Where the stored values differ: of typed cells, then of formulas, region by region."""
    used = [box for book in (before, after) if (box := book[sheet].used) is not None]
    if not used:
        return
    bottom, right = max(box.bottom for box in used), max(box.right for box in used)
    places = Index([(rect, region) for region, rect in same] + [(one.rect, None) for one in changed])
    typed: dict[int, list[int]] = defaultdict(list)
    counted: dict[Region, tuple[int, Cell]] = {}
    rows = max(PIECE // right, 1)
    for top in range(0, bottom, rows):
        piece = Rect(top, 0, min(top + rows, bottom), right)
        for row, column in _differing(before, after, sheet, piece, tolerance):
            region = places.at(row, column)
            if region is not None:
                count, first = counted.get(region, (0, (row, column)))
                counted[region] = count + 1, first
            elif not places.touches(Rect.cell(row, column)):
                typed[column].append(row)
    for rect in _joined((column, _runs(rows)) for column, rows in sorted(typed.items())):
        first = rect.top, rect.left
        values = before[sheet].value(first), after[sheet].value(first)
        yield ValueDifference(sheet, rect, rect.size, first, *values, None)
    for region, (count, first) in counted.items():
        values = before[sheet].value(first), after[sheet].value(first)
        yield ValueDifference(sheet, region.rect, count, first, *values, text_at(region, *first))


def _differing(
    before: Workbook, after: Workbook, sheet: str, piece: Rect, tolerance: Tolerance
) -> list[list[int]]:
    old, new = before[sheet].block(piece), after[sheet].block(piece)
    apart: NDArray[np.int64] = np.argwhere(~compare(old, new, tolerance).agree)
    rows: list[list[int]] = (apart + [piece.top, piece.left]).tolist()
    return rows


def _runs(rows: list[int]) -> Spans:
    """Ascending rows as half-open spans."""
    found: list[tuple[int, int]] = []
    for row in rows:
        if found and found[-1][1] == row:
            found[-1] = found[-1][0], row + 1
        else:
            found.append((row, row + 1))
    return tuple(found)
