"""Who reads whom: from regions to the order in which they can be computed.

A region's formula is surveyed once (`survey`): which references it reads, which functions it calls. Swept
over the region, the references are rectangles; whoever has a cell in one of them must be computed first.
`components` puts the regions into groups, each group after all groups that it reads: most groups are one
region, the others are regions that read each other (a *recurrence*, or a circle).

Rectangles that hold many regions are nodes of their own between reader and read, so that a thousand sums
over the same thousand cells are two thousand edges, not a million.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.formula.nodes import (
    Binary,
    Call,
    CellRef,
    Missing,
    NameRef,
    Node,
    RangeRef,
    StructuredRef,
    Unary,
)
from sheetsim.functions import FUNCTIONS
from sheetsim.plan.areas import area_of
from sheetsim.plan.index import Index
from sheetsim.plan.regions import Region

SHARED = 16
"""Rectangles with more regions in them than this become nodes of the graph."""

MOST_EDGES = 1 << 24
"""Of the graph; a table's formulas are few, and a formula reads few others."""


@dataclass(slots=True)
class Survey:
    """What a formula reads, and calls (names with their number of arguments). `dynamic`: it may read cells
    that no reference in it names. `structured`: references into tables, not yet put in place. `wide`: it
    names ranges, if only for where they are (ROW(1:1048576))."""

    references: list[CellRef | RangeRef] = field(default_factory=list)
    structured: list[StructuredRef] = field(default_factory=list)
    calls: set[tuple[str, int]] = field(default_factory=set)
    dynamic: bool = False
    wide: bool = False


def survey(node: Node, meaning: Callable[[str, str], Node | None] | None = None) -> Survey:
    """One walk over a formula whose names are resolved; `meaning` tells what those that are left, LAMBDAs
    that call themselves, stand for."""
    found = Survey()
    stack: list[Node] = [node]
    followed: set[NameRef] = set()
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is CellRef or kind is RangeRef:
            found.references.append(node)  # type: ignore[arg-type]
            found.wide |= kind is RangeRef
        elif kind is Binary:
            assert isinstance(node, Binary)
            found.dynamic |= node.operator == ":"
            stack += (node.right, node.left)
        elif kind is Call:
            assert isinstance(node, Call)
            found.calls.add((node.name, len(node.arguments)))
            record = FUNCTIONS.get(node.name)
            arguments = node.arguments
            if record is not None:
                found.dynamic |= record.anywhere
                for position in range(1, len(arguments)) if record.takes(len(arguments)) else ():
                    if record.kind(position) == "sized":
                        _survey_sized(arguments[position], arguments[0], found)
                if record.place_only and arguments and isinstance(arguments[0], (CellRef, RangeRef)):
                    found.wide |= isinstance(arguments[0], RangeRef)
                    arguments = arguments[1:]
            stack += reversed(arguments)
        elif kind is NameRef:
            assert isinstance(node, NameRef)
            if meaning is not None and node.sheet is not None and node not in followed:
                followed.add(node)
                named = meaning(node.name, node.sheet)
                stack += () if named is None else (named,)
        elif kind is StructuredRef:
            found.structured.append(node)  # type: ignore[arg-type]
        elif kind is Unary:
            assert isinstance(node, Unary)
            found.dynamic |= node.operator == "#"
            stack.append(node.operand)
        else:
            stack += node.children()
    return found


def _survey_sized(argument: Node, like: Node, found: Survey) -> None:
    """Note what a range that is taken in another's size reads (SUMIF's last): `SUMIF(A1:A5,">0",B1)` adds up
    B1:B5. Where the size or the top left cell is not plain to see, what is read shows when it is computed."""
    start = argument.first if isinstance(argument, RangeRef) else argument
    if isinstance(like, CellRef):
        return  # one cell: the top left one, which the reference names
    if (
        not isinstance(start, CellRef)
        or not isinstance(like, RangeRef)
        or not (_plain(like) and _plain(argument))
    ):
        found.dynamic |= not isinstance(argument, Missing)
        return
    last = replace(
        start,
        row=start.row + like.last.row - like.first.row,
        column=start.column + like.last.column - like.first.column,
    )
    found.references.append(RangeRef(start, last))


def _plain(reference: Node) -> bool:
    """Is the corner written first the top left one, for every cell of a region?"""
    if not isinstance(reference, RangeRef):
        return isinstance(reference, CellRef) and not reference.wraps
    first, last = reference.first, reference.last
    steady = (first.row_abs, first.column_abs) == (last.row_abs, last.column_abs)
    return steady and not first.wraps and first.row <= last.row and first.column <= last.column


@dataclass(slots=True)
class Graph:
    """Regions and, for each, the numbers of the nodes it reads; nodes past the regions are shared
    rectangles. `groups`: strongly connected regions, each group after those that it reads."""

    regions: Sequence[Region]
    reads: list[list[int]]
    groups: list[list[int]]

    def reads_itself(self, number: int) -> bool:
        return any(
            read == number or (read >= len(self.regions) and number in self.reads[read])
            for read in self.reads[number]
        )


def build_graph(regions: Sequence[Region], surveys: Sequence[Survey]) -> Graph:
    """The graph of regions by what their references sweep over. Sheets' names are taken in any case."""
    by_sheet: dict[str, list[tuple[Rect, int]]] = {}
    for number, region in enumerate(regions):
        by_sheet.setdefault(region.sheet.casefold(), []).append((region.rect, number))
    indexes = {sheet: Index(pairs) for sheet, pairs in by_sheet.items()}
    shared: dict[tuple[str, Rect], list[int]] = {}  # what to put into `reads` for this rectangle
    reads: list[list[int]] = [[] for _ in regions]
    looked_at = 0
    for number, (region, found) in enumerate(zip(regions, surveys, strict=True)):
        for reference in found.references:
            area = area_of(reference, region.evaluated, region.sheet)
            sheet, swept = area.sheet.casefold(), area.swept(region.evaluated)
            if sheet not in indexes:
                continue
            if (sheet, swept) not in shared:
                hits = indexes[sheet].hits(swept)
                looked_at += len(hits) + indexes[sheet].strips(swept)
                if looked_at > MOST_EDGES:
                    raise SheetsimError(
                        f"sheet {sheet!r}: its formulas read each other in more than {MOST_EDGES:,} ways, "
                        "which is too much to plan"
                    )
                if len(hits) > SHARED:
                    reads.append(hits)
                    hits = [len(reads) - 1]
                shared[sheet, swept] = hits
            reads[number] += shared[sheet, swept]
    count = len(regions)
    groups = [sorted(n for n in group if n < count) for group in components(reads)]
    return Graph(regions, reads, [group for group in groups if group])


def components(reads: Sequence[Sequence[int]]) -> list[list[int]]:
    """Strongly connected components (Tarjan, without recursion), each after those that it reads."""
    order = [-1] * len(reads)  # when first seen
    lowest = [0] * len(reads)
    waiting: list[int] = []
    is_waiting = [False] * len(reads)
    found: list[list[int]] = []
    clock = 0
    for root in range(len(reads)):
        if order[root] >= 0:
            continue
        path = [(root, 0)]
        while path:
            node, edge = path.pop()
            if edge == 0:
                order[node] = lowest[node] = clock
                clock += 1
                waiting.append(node)
                is_waiting[node] = True
            else:  # back from the read that this edge led to
                lowest[node] = min(lowest[node], lowest[reads[node][edge - 1]])
            edges = reads[node]
            while edge < len(edges):
                read = edges[edge]
                edge += 1
                if order[read] < 0:
                    path += ((node, edge), (read, 0))
                    break
                if is_waiting[read]:
                    lowest[node] = min(lowest[node], order[read])
            else:
                if lowest[node] == order[node]:
                    group: list[int] = []
                    while not group or group[-1] != node:
                        group.append(waiting.pop())
                        is_waiting[group[-1]] = False
                    found.append(group)
    return found
