"""Regions: rectangles of cells whose formulas are the same in relative terms.

A reader gives one `Fill` per shared formula or per predicted run of a column; a person's workbook has a
fill here and its continuation there. Each fill's text is parsed once, at its top left cell, into relative
form, and fills that turn out equal and touch are joined, first downwards, then sideways:

    E4:E18  C4+D4*A4                       E4:E32  C4+D4*A4
    E19:E32 C19+D19*A19         ──>
    AH3:BG3, AH4:BG4, ... (conv)           AH3:BG28, one region

An array formula ({=...}) over several cells is a region of its own and never joined; one in a single cell is
a formula like others, whose operators and functions go through arrays, and is *lifted*. One that *spills* is
a region of its own too, unless it can only give one value; its rectangle is what the file says, or, where a
calculation has found another, that (`extents`). Where fills overlap the later one wins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.formula import parse, unparse
from sheetsim.formula.nodes import (
    Binary,
    Boolean,
    Call,
    CellRef,
    Error,
    Missing,
    NameRef,
    Node,
    Number,
    StructuredRef,
    Text,
    Unary,
)
from sheetsim.formula.shift import Cut, cut
from sheetsim.functions import FUNCTIONS
from sheetsim.functions.calling import ONE_VALUE
from sheetsim.functions.what_if import is_table, surrounded
from sheetsim.plan.index import Index
from sheetsim.workbook import Fill, Sheet, Workbook

_REFERENCES = ("#", ":", " ", "union")

MOST_OVERLAPS = 1 << 20
"""Pieces of formulas that overlap; there are none but in sheets made by hand."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """`rect` of `sheet`, filled with one formula. `text` is the formula (no `=`) in the top left cell, for
    people. `node` is None where the text cannot be parsed, and `fault` then says why.

    `array`: one array formula over the whole rectangle. `lifted`: an array formula in each single cell.
    `spills`: an array formula whose result says how large the rectangle is. `each`: array formulas of one row
    that stand one above the other, alike in relative terms, one over each row of the rectangle."""

    sheet: str
    rect: Rect
    node: Node | None
    text: str
    array: bool = False
    fault: str = ""
    lifted: bool = False
    spills: bool = False
    each: bool = False

    @property
    def evaluated(self) -> Rect:
        """The cells in which the formula is evaluated: all, or the first one of an array formula."""
        if self.each:
            return Rect(self.rect.top, self.rect.left, self.rect.bottom, self.rect.left + 1)
        return Rect.cell(self.rect.top, self.rect.left) if self.array else self.rect

    def filled(self, row: int, column: int) -> Rect:
        """The cells that the formula evaluated in a cell gives."""
        if self.each:
            return Rect(row, self.rect.left, row + 1, self.rect.right)
        return self.rect if self.array else Rect.cell(row, column)

    def apart(self) -> list[Region]:
        """With `each`, the array formulas one by one; else the region itself."""
        if not self.each:
            return [self]
        rows = [self.filled(row, column) for row, column in self.evaluated.cells()]
        return [replace(self, rect=row, text=text_at(self, row.top, row.left), each=False) for row in rows]

    def __str__(self) -> str:
        return f"{self.sheet}!{self.rect}"


Extents = Mapping[tuple[str, int, int], Rect]
"""What formulas spill into, by sheet (casefolded), row and column of the formula's cell."""


def find_regions(book: Workbook, extents: Extents | None = None) -> list[Region]:
    """All regions of a workbook, sheet by sheet, each sheet's in reading order of their top left cells."""
    found: list[Region] = []
    for sheet in book.sheets:
        regions = _regions_of(sheet, extents or {})
        found += sorted(regions, key=lambda region: (region.rect.top, region.rect.left))
    return found


def _regions_of(sheet: Sheet, extents: Extents) -> list[Region]:
    alike: dict[tuple[Node, bool], list[Region]] = defaultdict(list)
    stacks: dict[tuple[Node, int, int], list[Region]] = defaultdict(list)
    regions: list[Region] = []
    fills = [_extended_to(fill, extents, sheet.name) for fill in sheet.fills] if extents else sheet.fills
    below: dict[tuple[int, int], tuple[Cut, list[Region]]] = {}  # by columns: what the next row would read
    for fill, pieces in _visible(fills):
        row = fill.array and not fill.dynamic and fill.rect.rows == 1 and pieces == [fill.rect]
        if row and (above := below.get((fill.rect.left, fill.rect.right))) is not None:
            filled, stack = above
            if filled.at(fill.rect.top + 1) == fill.formula:
                stack.append(Region(sheet.name, fill.rect, stack[0].node, fill.formula, True))
                continue
        try:
            node = parse(fill.formula, fill.rect.top, fill.rect.left)
            node = surrounded(node, fill.rect) if fill.array else node
        except SheetsimError as error:
            regions += [
                Region(sheet.name, piece, None, fill.formula, fill.array, str(error)) for piece in pieces
            ]
            continue
        if fill.dynamic and not gives_one_value(node):
            anchor = Rect.cell(fill.rect.top, fill.rect.left)
            rect = fill.rect if pieces == [fill.rect] else anchor
            if pieces:
                regions.append(Region(sheet.name, rect, node, fill.formula, array=True, spills=True))
            continue
        lifted = fill.array and fill.rect.size == 1 and not is_table(node)
        if fill.array and not lifted:
            whole = pieces == [fill.rect]
            if row and _moves_freely(node):
                stack = stacks[node, fill.rect.left, fill.rect.right]
                stack.append(Region(sheet.name, fill.rect, node, fill.formula, True))
                pattern = cut(fill.formula, fill.rect.top + 1)
                if pattern is not None:
                    below[fill.rect.left, fill.rect.right] = pattern, stack
                continue
            fault = "" if whole else "another formula overlaps this array formula"
            regions += [
                Region(sheet.name, p, node if whole else None, fill.formula, True, fault) for p in pieces
            ]
            continue
        for piece in pieces:
            moved = (piece.top, piece.left) != (fill.rect.top, fill.rect.left)
            text = unparse(node, piece.top, piece.left) if moved else fill.formula
            alike[node, lifted].append(Region(sheet.name, piece, node, text, lifted=lifted))
    for group in alike.values():
        regions += group if len(group) == 1 else _joined(group)
    for rows in stacks.values():
        regions += [
            region if region.rect.rows == 1 else replace(region, each=True) for region in _joined(rows)
        ]
    return regions


def _moves_freely(node: Node) -> bool:
    """Does an array formula mean the same in all places, as names and tables need not?"""
    return not is_table(node) and not any(isinstance(part, (NameRef, StructuredRef)) for part in node.walk())


def _extended_to(fill: Fill, extents: Extents, sheet: str) -> Fill:
    key = (sheet.casefold(), fill.rect.top, fill.rect.left)
    return replace(fill, rect=extents[key]) if fill.dynamic and key in extents else fill


def gives_one_value(node: Node) -> bool:
    """Can an array formula only give one value, whatever stands in its cells?"""
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, (Number, Text, Boolean, Error, CellRef, Missing)):
            continue
        if isinstance(node, Unary) and node.operator == "@":
            continue
        if isinstance(node, (Unary, Binary)) and node.operator not in _REFERENCES:
            stack += node.children()
            continue
        record = FUNCTIONS.get(node.name) if isinstance(node, Call) else None
        if record is None or record.gives_array or (record.rule is not None and record.kind(0) != "lazy"):
            return False
        stack += [
            argument
            for place, argument in enumerate(node.children())
            if record.rule is not None or record.kind(place) in ONE_VALUE
        ]
    return True


def _joined(group: list[Region]) -> list[Region]:
    """Regions of equal formula, those that touch made one: downwards, then sideways."""
    group = sorted(group, key=lambda g: (g.rect.left, g.rect.right, g.rect.top))
    tall = [group[0]]
    for region in group[1:]:
        above, here = tall[-1].rect, region.rect
        if (above.left, above.right, above.bottom) == (here.left, here.right, here.top):
            tall[-1] = _extended(tall[-1], Rect(above.top, above.left, here.bottom, above.right))
        else:
            tall.append(region)
    tall.sort(key=lambda g: (g.rect.top, g.rect.bottom, g.rect.left))
    wide = [tall[0]]
    for region in tall[1:]:
        before, here = wide[-1].rect, region.rect
        if (before.top, before.bottom, before.right) == (here.top, here.bottom, here.left):
            wide[-1] = _extended(wide[-1], Rect(before.top, before.left, before.bottom, here.right))
        else:
            wide.append(region)
    return wide


def _extended(region: Region, rect: Rect) -> Region:
    return replace(region, rect=rect)


def _visible(fills: list[Fill]) -> Iterable[tuple[Fill, list[Rect]]]:
    """Each fill with the parts of it that no later fill covers."""
    index = Index((fill.rect, number) for number, fill in enumerate(fills))
    if not index.overlapping:
        return [(fill, [fill.rect]) for fill in fills]
    shown: list[tuple[Fill, list[Rect]]] = []
    covered_by: dict[int, set[int]] = defaultdict(set)
    work = 0
    for one, other in index.overlaps():
        covered_by[min(one, other)].add(max(one, other))
        work += 1
        if work > MOST_OVERLAPS:
            raise _too_many_overlaps()
    for number, fill in enumerate(fills):
        pieces = [fill.rect]
        for later in sorted(covered_by[number]):
            pieces = [part for piece in pieces for part in piece.without(fills[later].rect)]
            work += len(pieces)
            if work > MOST_OVERLAPS:
                raise _too_many_overlaps()
        shown.append((fill, pieces))
    return shown


def _too_many_overlaps() -> SheetsimError:
    return SheetsimError(f"a sheet's formulas overlap in more than {MOST_OVERLAPS:,} places")


def text_at(region: Region, row: int, column: int) -> str:
    """The formula of a region as it reads in one of its cells (an array formula reads the same in all), names
    and references into tables as they were written."""
    column = region.rect.left if region.each else column
    if (
        region.node is None
        or (region.array and not region.each)
        or (row, column) == (region.rect.top, region.rect.left)
    ):
        return region.text
    return unparse(parse(region.text, region.rect.top, region.rect.left), row, column)


def split(region: Region, cells: Collection[tuple[int, int]]) -> tuple[list[Region], list[Region]]:
    """A region cut in two: regions of the given cells of it, and regions of the others. An array formula is
    not cut; it goes with the first of its cells."""
    if region.each:
        inside: list[Region] = []
        outside: list[Region] = []
        for row in region.apart():
            (inside if (row.rect.top, row.rect.left) in cells else outside).append(row)
        return inside, outside
    if region.array:
        return ([region], []) if (region.rect.top, region.rect.left) in cells else ([], [region])
    parts: tuple[list[Region], list[Region]] = ([], [])
    assert region.node is not None
    for is_in, part in zip((True, False), parts, strict=True):
        for column in range(region.rect.left, region.rect.right):
            rows = [
                row for row in range(region.rect.top, region.rect.bottom) if ((row, column) in cells) == is_in
            ]
            ends = [n for n in range(1, len(rows)) if rows[n] != rows[n - 1] + 1]
            for low, high in pairwise([0, *ends, len(rows)]):
                if low < high:
                    rect = Rect(rows[low], column, rows[high - 1] + 1, column + 1)
                    text = unparse(region.node, rect.top, rect.left)
                    part.append(replace(region, rect=rect, text=text))
    return parts
