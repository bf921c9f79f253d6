"""Who reads whom: from regions to the order in which they can be computed.

A region's formula is surveyed once (`survey`): which references it reads, which functions it calls. Swept
over the region, the references are rectangles; whoever has a cell in one of them must be computed first.
`components` puts the regions into groups, each group after all groups that it reads: most groups are one
region, the others are regions that read each other (a *recurrence*, or a circle).

Rectangles that hold many regions are nodes of their own between reader and read, so that a thousand sums
over the same thousand cells are two thousand edges, not a million.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.formula import parse, unparse
from sheetsim.formula.nodes import (
    Binary,
    Call,
    CellRef,
    Error,
    NameRef,
    Node,
    Number,
    RangeRef,
    StructuredRef,
    Unary,
)
from sheetsim.formula.parser import MAX_DEPTH, depth
from sheetsim.plan.areas import area_of
from sheetsim.plan.index import Index
from sheetsim.plan.regions import Region
from sheetsim.plan.tables import Tables
from sheetsim.values import ExcelError
from sheetsim.workbook import Workbook

POSITION_ONLY = frozenset({"ROW", "COLUMN", "ROWS", "COLUMNS", "OFFSET"})
"""Functions that look at where their first argument is, not at what it holds."""

DYNAMIC = frozenset({"OFFSET", "INDIRECT"})
"""Functions whose result may point anywhere: what they read is known only when they are computed."""

SHARED = 16
"""Rectangles with more regions in them than this become nodes of the graph."""

MOST_EDGES = 1 << 24
"""Of the graph; a table's formulas are few, and a formula reads few others."""

DEEPEST = 150
"""Levels of a formula with its names put in place."""

MOST_NODES = 10_000
"""Of a formula with its names put in place; one of 8,192 characters has fewer."""

MOST_ADDED = 1 << 19
"""Nodes that names stand for, in all formulas of a workbook together."""


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


def survey(node: Node) -> Survey:
    """One walk over a formula whose names are resolved."""
    found = Survey()
    stack: list[Node] = [node]
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
        elif kind is Unary:
            assert isinstance(node, Unary)
            stack.append(node.operand)
        elif kind is Call:
            assert isinstance(node, Call)
            found.calls.add((node.name, len(node.arguments)))
            found.dynamic |= node.name in DYNAMIC
            arguments = node.arguments
            if node.name in POSITION_ONLY and arguments and isinstance(arguments[0], (CellRef, RangeRef)):
                found.wide |= isinstance(arguments[0], RangeRef)
                arguments = arguments[1:]
            stack += reversed(arguments)
        elif kind is StructuredRef:
            found.structured.append(node)  # type: ignore[arg-type]
    return found


class Names:
    """Names put in place: `resolve` gives a formula without `NameRef`s, `regions` one whose references into
    tables are plain references too."""

    def __init__(self, book: Workbook) -> None:
        self._global = {name.name.casefold(): name for name in book.names if name.scope is None}
        self._local = {
            (name.name.casefold(), name.scope.casefold()): name
            for name in book.names
            if name.scope is not None
        }
        self._tables = Tables(book.tables)
        self._sheets = {sheet.name.casefold() for sheet in book.sheets}
        self._known: dict[tuple[str, str], tuple[Node, int]] = {}
        self._open: dict[str, int] = {}  # names being resolved, and how many levels their formulas have
        self._added = 0

    def regions(self, region: Region) -> list[tuple[Region, Survey]]:
        """The region with everything in its formula put in place, and the formula's survey. Where its cells
        stand in different places of a table, or within and without, it is cut into regions of one meaning.
        SheetsimError where a name cannot be read, or there is no such table or column."""
        assert region.node is not None
        node = self.resolve(region.node, region.sheet)
        found = survey(node)
        if not found.structured:
            return [(region if node is region.node else replace(region, node=node), found)]
        parts = []
        rects = self._tables.cut(found.structured, region.evaluated, region.sheet)
        for rect in [region.rect] if region.array else rects:
            corner = (rect.top, rect.left)
            placed = self.resolve(node, region.sheet, corner)
            text = region.text if rect == region.rect else unparse(region.node, *corner)
            parts.append((replace(region, rect=rect, node=placed, text=text), survey(placed)))
        return parts

    def resolve(self, node: Node, sheet: str, cell: tuple[int, int] | None = None) -> Node:
        """The same formula with every name replaced by what it stands for (an unknown one by #NAME?),
        references to sheets that are not there by #REF!, and OFFSET by fixed steps by the plain reference;
        given the `cell` in which it stands, references into tables by plain ones too. SheetsimError where a
        name cannot be read, where names in names make the formula too long, or there is no such table or
        column."""
        resolved = self._resolved(node, sheet, cell)
        if resolved is not node:
            _checked_size(resolved)
        return resolved

    def _resolved(self, node: Node, sheet: str, cell: tuple[int, int] | None) -> Node:
        kind = type(node)
        if kind is Binary:
            assert isinstance(node, Binary)
            left, right = self._resolved(node.left, sheet, cell), self._resolved(node.right, sheet, cell)
            if left is node.left and right is node.right:
                return node
            return _plain_range(left, right) if node.operator == ":" else Binary(node.operator, left, right)
        if kind is Unary:
            assert isinstance(node, Unary)
            operand = self._resolved(node.operand, sheet, cell)
            return node if operand is node.operand else Unary(node.operator, operand)
        if kind is Call:
            assert isinstance(node, Call)
            arguments = tuple([self._resolved(argument, sheet, cell) for argument in node.arguments])
            if any(new is not old for new, old in zip(arguments, node.arguments, strict=True)):
                node = Call(node.name, arguments)
            return _plain_offset(node) if node.name == "OFFSET" else node
        if kind is NameRef:
            assert isinstance(node, NameRef)
            return self._meaning(node.name, node.sheet or sheet)
        if kind is StructuredRef and cell is not None:
            assert isinstance(node, StructuredRef)
            return self._tables.meaning(node, sheet, cell)
        if kind is CellRef or kind is RangeRef:
            assert isinstance(node, (CellRef, RangeRef))
            if node.sheet is not None and node.sheet.casefold() not in self._sheets:
                return Error(ExcelError.REF)
        return node

    def _meaning(self, name: str, scope: str) -> Node:
        key = (name.casefold(), scope.casefold())
        if key not in self._known:
            found = self._local.get(key) or self._global.get(key[0])
            if found is None:
                table = self._tables.find(name)  # a table's name alone means its data
                return Error(ExcelError.NAME) if table is None else StructuredRef(table.name)
            if key[0] in self._open:
                raise SheetsimError(f"the defined name {name} refers to itself")
            try:
                meaning = parse(found.formula.removeprefix("="), 0, 0)
            except SheetsimError as error:
                raise SheetsimError(f"the defined name {name}: {error}") from error
            self._open[key[0]] = depth(meaning)
            try:
                if sum(self._open.values()) > MAX_DEPTH:
                    raise _too_long()
                resolved = self._resolved(meaning, scope, None)
                self._known[key] = resolved, _checked_size(resolved)
            finally:
                del self._open[key[0]]
        node, size = self._known[key]
        self._added += size
        if self._added > MOST_ADDED:
            raise _too_long()
        return node


def _checked_size(node: Node) -> int:
    """How many nodes a formula has. SheetsimError when names in names have made it larger, or deeper, than
    one that can be typed; chains that lean left (a + b + c) are not deep, they are walked in a loop."""
    stack, count = [(node, 1)], 0
    while stack:
        node, level = stack.pop()
        count += 1
        if count > MOST_NODES or level > DEEPEST:
            raise _too_long()
        chain = node.left if isinstance(node, Binary) and isinstance(node.left, Binary) else None
        stack += ((child, level + (child is not chain)) for child in node.children())
    return count


def _too_long() -> SheetsimError:
    return SheetsimError("defined names that stand for each other make the formulas too long")


def _plain_range(left: Node, right: Node) -> Node:
    """`Table1[[#Headers],[Fare]]:Table1[@Fare]` is B$1:B4: where both ends have turned out to be cells, the
    range is known beforehand."""
    if isinstance(left, CellRef) and isinstance(right, CellRef) and left.sheet == right.sheet:
        return RangeRef(left, right)
    return Binary(":", left, right)


def _plain_offset(node: Call) -> Node:
    """`OFFSET(B4,-1,0)` is B3: with steps written as numbers the reference is known beforehand."""
    if len(node.arguments) != 3 or not isinstance(node.arguments[0], CellRef):
        return node
    steps = []
    for argument in node.arguments[1:]:
        sign = 1
        if isinstance(argument, Unary) and argument.operator == "-":
            sign, argument = -1, argument.operand
        if not isinstance(argument, Number) or argument.value != int(argument.value):
            return node
        steps.append(sign * int(argument.value))
    reference = node.arguments[0]
    return replace(reference, row=reference.row + steps[0], column=reference.column + steps[1])


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
