"""What a cell is made of, and what is made of it: the tree that `sheetsim trace` prints.

    trace(File("adam.xlsx"), "adam!E4", depth=2)

A *node* is a cell, or a range of cells, as one formula refers to it. Below a formula cell stand the cells and
ranges that its formula reads (its *precedents*); with `dependents` those whose formulas read it. A cell that
stands in the tree already is not opened a second time. What OFFSET or INDIRECT reach is not known from the
formula and is not shown; the node says so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from sheetsim.address import Rect, quote_sheet
from sheetsim.checking.file import File
from sheetsim.checking.recalc import json_value
from sheetsim.checking.report import shown_formula, shown_value
from sheetsim.errors import SheetsimError
from sheetsim.plan.areas import Area, Axis, area_of
from sheetsim.plan.graph import survey
from sheetsim.plan.regions import Region, text_at
from sheetsim.run.inputs import Place, places
from sheetsim.values import NUMBER, Scalar

MOST_NODES = 2_000
"""Nodes of a tree; what is beyond is counted."""

MOST_BELOW = 50
"""Nodes shown below one: a cell can have a million dependents."""


@dataclass(slots=True)
class TraceNode:
    """A cell or range of the tree. `value` is what our engine computes, `stored` what the file holds (both
    None for a range, whose numbers are in `extent`: smallest and largest). `note` says what is special;
    `left_out` counts nodes that would stand below and do not. `slope` is d(root)/d(this cell) where asked."""

    sheet: str
    rect: Rect
    value: Scalar = None
    stored: Scalar = None
    formula: str | None = None
    note: str = ""
    extent: tuple[float, float] | None = None
    below: list[TraceNode] = field(default_factory=list)
    left_out: int = 0
    slope: float | None = None

    @property
    def address(self) -> str:
        return f"{quote_sheet(self.sheet)}!{self.rect}"

    @property
    def is_cell(self) -> bool:
        return self.rect.size == 1

    def walk(self) -> Iterator[TraceNode]:
        """This node and all below it, the tree read from the top down."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack += reversed(node.below)


def trace(file: File, address: str, *, depth: int = 3, dependents: bool = False) -> TraceNode:
    """The tree of one cell, `depth` levels below it. SheetsimError for an address that is not one cell."""
    ((sheet, rect),) = places(file.book, [address])
    if rect.size != 1:
        raise SheetsimError(f"{address}: trace takes one cell, like {quote_sheet(sheet)}!A1")
    tracer = _Tracer(file, dependents)
    root = tracer.node((sheet, rect))
    waiting: deque[tuple[TraceNode, int]] = deque([(root, depth)])
    while waiting:  # level by level, so that what is cut is what is far away
        node, levels = waiting.popleft()
        if levels > 0:
            tracer.open(node)
            waiting.extend((child, levels - 1) for child in node.below)
    return root


class _Tracer:
    def __init__(self, file: File, dependents: bool) -> None:
        self.file, self.dependents = file, dependents
        self.seen: set[Place] = set()
        self.nodes = 0

    def node(self, place: Place) -> TraceNode:
        sheet, rect = place
        self.nodes += 1
        found = TraceNode(sheet, rect)
        if sheet.casefold() not in {one.name.casefold() for one in self.file.book.sheets}:
            found.note = "there is no such sheet"
        elif rect.size == 1:
            self._describe_cell(found)
        else:
            self._describe_range(found)
        return found

    def _describe_cell(self, node: TraceNode) -> None:
        row, column = node.rect.top, node.rect.left
        node.stored = self.file.value(node.sheet, row, column)
        node.value = self.file.calculation.value(node.sheet, row, column)
        for region, _ in self.file.on(node.sheet, node.rect):
            node.formula = text_at(region, row, column)
            if region in self.file.unsupported:
                node.note = "cannot be computed: its stored value"
            elif region in self.file.kept:
                node.note = "volatile: its stored value"
            elif region.node is not None and survey(region.node).dynamic:
                node.note = "where it looks is known only when it is computed"

    def _describe_range(self, node: TraceNode) -> None:
        used = self.file.book[node.sheet].used
        held = node.rect.intersect(used) if used else None
        if held is None:
            node.note = "empty"
            return
        block = self.file.calculation.block(node.sheet, held)
        numbers = block.numbers[block.kind_array() == NUMBER]
        if len(numbers):
            node.extent = float(numbers.min()), float(numbers.max())
        formulas = [region for region, _ in self.file.on(node.sheet, held)]
        if len(formulas) == 1 and formulas[0].rect.intersect(held) == held:
            place = formulas[0].rect.intersect(held)
            assert place is not None
            node.formula = text_at(formulas[0], place.top, place.left)
        elif formulas:
            node.note = f"{len(formulas)} different formulas"

    def open(self, node: TraceNode) -> None:
        """Put below a node what stands there, unless it is opened elsewhere."""
        place = node.sheet.casefold(), node.rect
        if place in self.seen:
            if self._around(node):
                node.note = "shown above"
            return
        self.seen.add(place)
        around = self._around(node)
        room = min(MOST_BELOW, MOST_NODES - self.nodes)
        node.below = [self.node(one) for one in around[: max(room, 0)]]
        node.left_out = len(around) - len(node.below)

    def _around(self, node: TraceNode) -> list[Place]:
        found = self._dependents(node) if self.dependents else self._precedents(node)
        return list(dict.fromkeys(found))

    def _precedents(self, node: TraceNode) -> Iterator[Place]:
        """What the formulas of a cell read; of a range, those in it that are one formula."""
        formulas = list(self.file.on(node.sheet, node.rect))
        if not node.is_cell and len(formulas) != 1:
            yield from ((region.sheet, common) for region, common in formulas)
            return
        for region, common in formulas:
            if region.node is not None:
                cells = region.evaluated if region.array else common
                if region.each:
                    cells = Rect(common.top, cells.left, common.bottom, cells.right)
                for reference in survey(region.node).references:
                    area = area_of(reference, region.rect, region.sheet)
                    yield area.sheet, _seen_from(area, region, cells)

    def _dependents(self, node: TraceNode) -> Iterator[Place]:
        """The cells whose formulas read a cell (or any of a range), a run of them as a range."""
        for region in self.file.regions:
            if region.node is None:
                continue
            for reference in survey(region.node).references:
                area = area_of(reference, region.rect, region.sheet)
                if area.sheet.casefold() != node.sheet.casefold():
                    continue
                cells = _readers(area, region, node.rect)
                if cells is not None:
                    if region.each:
                        cells = Rect(cells.top, region.rect.left, cells.bottom, region.rect.right)
                    yield region.sheet, region.rect if region.array and not region.each else cells


def _seen_from(area: Area, region: Region, cells: Rect) -> Rect:
    """What the region's cells in `cells` see through an area."""
    first = area.at(cells.top - region.rect.top, cells.left - region.rect.left)
    last = area.at(cells.bottom - 1 - region.rect.top, cells.right - 1 - region.rect.left)
    return Rect(
        min(first.top, last.top),
        min(first.left, last.left),
        max(first.bottom, last.bottom),
        max(first.right, last.right),
    )


def _readers(area: Area, region: Region, wanted: Rect) -> Rect | None:
    """The region's cells that see a cell of `wanted` through an area; None where there are none."""
    down = _steps(area.rows, region.evaluated.rows, wanted.top, wanted.bottom)
    over = _steps(area.columns, region.evaluated.columns, wanted.left, wanted.right)
    if down is None or over is None:
        return None
    top, left = region.rect.top, region.rect.left
    return Rect(top + down[0], left + over[0], top + down[1], left + over[1])


def _steps(axis: Axis, count: int, low: int, high: int) -> tuple[int, int] | None:
    """The half-open run of a region's rows (columns) whose span along `axis` meets low..high.

    A corner moves by one a step or stands still, so each end meets the wanted span on one run of steps."""
    first, last = 0, count
    small, large = axis.at(0)
    if axis.steady:
        if axis.moves:
            first, last = max(first, low - large + 1), min(last, high - small)
        elif small >= high or large <= low:
            return None
    else:
        held = [step for step in range(count) if axis.at(step)[0] < high and axis.at(step)[1] > low]
        if not held:
            return None
        first, last = held[0], held[-1] + 1
    return (first, last) if first < last else None


def tree_lines(root: TraceNode) -> Iterator[str]:
    """The tree as indented lines, for a terminal."""
    stack: list[tuple[str, str, TraceNode | None]] = [(_line(root), "", root)]
    while stack:
        line, rest, node = stack.pop()
        yield line
        if node is None:
            continue
        below: list[tuple[str, TraceNode | None]] = [(_line(child), child) for child in node.below]
        if node.left_out:
            below.append((f"... and {node.left_out:,} more", None))
        for place in range(len(below) - 1, -1, -1):
            text, child = below[place]
            branch, on = ("└─ ", "   ") if place == len(below) - 1 else ("├─ ", "│  ")
            stack.append((rest + branch + text, rest + on, child))


def _line(node: TraceNode) -> str:
    parts = [node.address]
    if node.is_cell:
        parts.append(f"= {shown_value(node.value)}")
        parts.append(shown_formula(node.formula) if node.formula is not None else _typed(node))
        if node.formula is not None and node.stored != node.value:
            parts.append(f"(stored {shown_value(node.stored)})")
    else:
        parts.append(f"{node.rect.size:,} cells")
        if node.extent is not None:
            parts.append(f"{node.extent[0]:.6g} to {node.extent[1]:.6g}")
        if node.formula is not None:
            parts.append(f"{shown_formula(node.formula)} and so on")
    if node.slope is not None:
        parts.append(f"slope {node.slope:.9g}")
    if node.note:
        parts.append(f"({node.note})")
    return "  ".join(parts)


def _typed(node: TraceNode) -> str:
    return "empty" if node.value is None else "typed"


def as_json(node: TraceNode) -> dict[str, object]:
    """A node and those below it as plain data."""
    found: dict[str, object] = {"address": node.address}
    if node.is_cell:
        found["value"] = json_value(node.value)
        found["stored"] = json_value(node.stored)
    elif node.extent is not None:
        found["from"], found["to"] = node.extent
    if node.formula is not None:
        found["formula"] = f"={node.formula}"
    if node.slope is not None:
        found["slope"] = node.slope
    if node.note:
        found["note"] = node.note
    if node.below:
        found["below"] = [as_json(child) for child in node.below]
    if node.left_out:
        found["left_out"] = node.left_out
    return found
