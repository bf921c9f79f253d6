"""Names put in place: formulas without defined names, tables and references through several sheets.

    lr is adam!$D$2, twice is LAMBDA(x,2*x), fact is LAMBDA(n,IF(n<2,1,n*fact(n-1)))

    A1*lr                      A1*adam!$D$2
    twice(A1)                  LAMBDA(x,2*x)(A1)
    LET(lr,3,lr*A1)            as it is: here the name is LET's
    fact(5)                    LAMBDA(n,...fact...)(5), in which `fact` stays, looked up when called
    SUM(jan:dec!B2)            SUM((jan!B2,...,dec!B2))

Relative references in a name are meant from the cell that uses it, and go round the edges of the sheet:
`Sheet1!XFD1`, as a file spells it, is the cell to the left. A region in which such a reference goes round for
some cells only, or that stands in several places of a table, is cut into regions of one meaning each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from sheetsim.address import MAX_COLUMNS, MAX_ROWS, Rect
from sheetsim.errors import SheetsimError
from sheetsim.formula import parse, unparse
from sheetsim.formula.nodes import (
    Apply,
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
from sheetsim.functions import FUNCTIONS
from sheetsim.functions.lambdas import bound_names
from sheetsim.plan.graph import Survey, survey
from sheetsim.plan.regions import Region
from sheetsim.plan.tables import Tables
from sheetsim.values import ExcelError
from sheetsim.workbook import Workbook

DEEPEST = 150
"""Levels of a formula with its names put in place."""

MOST_NODES = 10_000
"""Of a formula with its names put in place; one of 8,192 characters has fewer."""

MOST_ADDED = 1 << 22
"""Nodes that names stand for, in all formulas of a workbook together; they are shared, not copied."""

_NONE: frozenset[str] = frozenset()


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
        self._sheets = {sheet.name.casefold(): number for number, sheet in enumerate(book.sheets)}
        self._titles = [sheet.name for sheet in book.sheets]
        self._unread = {name.casefold(): place for name, place in book.unread.items()}
        self._known: dict[tuple[str, str], tuple[Node, int]] = {}
        # names being resolved: how many levels their formulas have, and how many LAMBDAs were open
        self._open: dict[tuple[str, str], tuple[int, int]] = {}
        self._lambdas = 0
        self._recursive: set[tuple[str, str]] = set()
        self._added = 0

    def regions(self, region: Region) -> list[tuple[Region, Survey]]:
        """The region with everything in its formula put in place, and the formula's survey. Where its cells
        stand in different places of a table, or within and without, it is cut into regions of one meaning.
        SheetsimError where a name cannot be read, or there is no such table or column."""
        assert region.node is not None
        node = self.resolve(region.node, region.sheet)
        found = survey(node, self.meaning)
        wraps = [reference for reference in _corners(found.references) if reference.wraps]
        if not found.structured and not wraps:
            return [(region if node is region.node else replace(region, node=node), found)]
        rects = self._tables.cut(found.structured, region.evaluated, region.sheet)
        parts = []
        for rect in [region.rect] if region.array else [part for r in rects for part in _cut(r, wraps)]:
            corner = (rect.top, rect.left)
            placed = self.resolve(node, region.sheet, corner)
            text = region.text if rect == region.rect else unparse(region.node, *corner)
            parts.append((replace(region, rect=rect, node=placed, text=text), survey(placed, self.meaning)))
        return parts

    def resolve(self, node: Node, sheet: str, cell: tuple[int, int] | None = None) -> Node:
        """The same formula with every name replaced by what it stands for (an unknown one by #NAME?),
        references to sheets that are not there by #REF!, and OFFSET by fixed steps by the plain reference;
        given the `cell` in which it stands, references into tables and those that go round the sheet's edges
        by plain ones too. What stays are the names of LET and LAMBDA, of functions that are handed over, and
        of LAMBDAs that call themselves. SheetsimError where a name cannot be read, where names in names make
        the formula too long, or there is no such table or column."""
        resolved = self._resolved(node, sheet, cell, _NONE)
        if resolved is not node:
            _checked_size(resolved)
        return resolved

    def meaning(self, name: str, scope: str) -> Node | None:
        """What a defined name stands for, as sheet `scope` sees it; None when there is none of that name."""
        key = (name.casefold(), scope.casefold())
        if key not in self._local and key[0] not in self._global and self._tables.find(name) is None:
            return None
        return self._meaning(name, scope)

    def _resolved(
        self,
        node: Node,
        sheet: str,
        cell: tuple[int, int] | None,
        bound: frozenset[str],
        function: bool = False,
    ) -> Node:
        """`function`: the name of a function of Excel's may stand here."""
        match node:
            case Binary():
                left = self._resolved(node.left, sheet, cell, bound)
                right = self._resolved(node.right, sheet, cell, bound)
                if left is node.left and right is node.right:
                    return node
                plain = node.operator == ":"
                return _plain_range(left, right) if plain else Binary(node.operator, left, right)
            case Unary():
                operand = self._resolved(node.operand, sheet, cell, bound)
                return node if operand is node.operand else Unary(node.operator, operand)
            case Call():
                return self._called(node, sheet, cell, bound)
            case Apply():
                called = self._resolved(node.function, sheet, cell, bound, True)
                new = []
                for argument in node.arguments:
                    new.append(self._resolved(argument, sheet, cell, bound, True))
                return _rebuilt(node, called, tuple(new))
            case NameRef():
                return self._name(node, sheet, bound, function)
            case StructuredRef() if cell is not None:
                return self._tables.meaning(node, sheet, cell)
            case CellRef() | RangeRef():
                return self._placed(node, cell)
        return node

    def _called(self, node: Call, sheet: str, cell: tuple[int, int] | None, bound: frozenset[str]) -> Node:
        """A call with its arguments resolved; of a name, `area(2,3)`, the call of what it stands for."""
        record = FUNCTIONS.get(node.name)
        if record is None and (node.name.casefold() in bound or self.meaning(node.name, sheet) is not None):
            return self._resolved(Apply(NameRef(node.name), node.arguments), sheet, cell, bound)
        names = bound_names(node.name, node.arguments)
        takes = record is not None and (
            record.takes_functions or record.gives_array or "lazy" in record.parameters
        )
        last = len(node.arguments) - 1
        self._lambdas += node.name == "LAMBDA"
        new: list[Node] = []
        for place, argument in enumerate(node.arguments):
            if names and place < last and (node.name == "LAMBDA" or place % 2 == 0):
                new.append(argument)  # a name that is given a meaning
                continue
            given = names if node.name == "LAMBDA" else names[: (place + 1) // 2]
            new.append(self._resolved(argument, sheet, cell, bound.union(given), takes))
        self._lambdas -= node.name == "LAMBDA"
        if any(one is not old for one, old in zip(new, node.arguments, strict=True)):
            node = Call(node.name, tuple(new))
        return _plain_offset(node) if node.name == "OFFSET" else node

    def _name(self, node: NameRef, sheet: str, bound: frozenset[str], function: bool) -> Node:
        local = node.sheet is None and node.name.casefold() in bound
        if local or (function and self._is_function(node, sheet)):
            return node
        scope = node.sheet or sheet
        if (node.name.casefold(), scope.casefold()) in self._recursive:
            return replace(node, sheet=scope)
        return self._meaning(node.name, scope)

    def _is_function(self, node: NameRef, sheet: str) -> bool:
        """Does a name stand for a function of Excel's? Names of the formula and the workbook come before."""
        known = node.sheet is None and node.name.upper() in FUNCTIONS
        return known and self.meaning(node.name, sheet) is None

    def _placed(self, node: CellRef | RangeRef, cell: tuple[int, int] | None) -> Node:
        if node.sheet is not None and ":" in node.sheet:
            return self._through_sheets(node, cell)
        if node.sheet is not None and node.sheet.casefold() not in self._sheets:
            if node.sheet.casefold() in self._unread:
                raise SheetsimError(f"the sheet {node.sheet} could not be read")
            return Error(ExcelError.REF)
        if cell is None:
            return node
        if isinstance(node, CellRef):
            return _unwrapped(node, cell)
        first, last = _unwrapped(node.first, cell), _unwrapped(node.last, cell)
        return node if first is node.first and last is node.last else RangeRef(first, last)

    def _through_sheets(self, node: CellRef | RangeRef, cell: tuple[int, int] | None) -> Node:
        """`Sheet1:Sheet3!A1` as the union of the sheets' cells."""
        assert node.sheet is not None
        names = [name.casefold() for name in node.sheet.split(":")]
        ends = [self._sheets.get(name) for name in names]
        low, high = min(end or 0 for end in ends), max(end or 0 for end in ends)
        among = any(low < place <= high for place in self._unread.values())
        if among or not self._unread.keys().isdisjoint(names):
            raise SheetsimError(f"{node.sheet}! goes through a sheet that could not be read")
        if None in ends:
            return Error(ExcelError.REF)
        return _union([self._placed(_on(node, title), cell) for title in self._titles[low : high + 1]])

    def _meaning(self, name: str, scope: str) -> Node:
        found = self._local.get((name.casefold(), scope.casefold())) or self._global.get(name.casefold())
        if found is None:
            table = self._tables.find(name)  # a table's name alone means its data
            return Error(ExcelError.NAME) if table is None else StructuredRef(table.name)
        key = (name.casefold(), scope.casefold())
        if key in self._open:
            if self._lambdas > self._open[key][1]:
                self._recursive.add(key)
                return NameRef(found.name, scope)
            raise SheetsimError(f"the defined name {name} refers to itself")
        if key not in self._known:
            try:
                meaning = _wrapping(parse(found.formula.removeprefix("="), 0, 0))
            except SheetsimError as error:
                raise SheetsimError(f"the defined name {name}: {error}") from error
            self._open[key] = depth(meaning), self._lambdas
            try:
                if sum(levels for levels, _ in self._open.values()) > MAX_DEPTH:
                    raise _too_long()
                resolved = self._resolved(meaning, scope, None, _NONE)
                self._known[key] = resolved, _checked_size(resolved)
            finally:
                del self._open[key]
        node, size = self._known[key]
        self._added += size
        if self._added > MOST_ADDED:
            raise _too_long()
        return node


# --- references --------------------------------------------------------------------------------------------


def _corners(references: Sequence[CellRef | RangeRef]) -> list[CellRef]:
    pairs = ((r,) if isinstance(r, CellRef) else (r.first, r.last) for r in references)
    return [corner for pair in pairs for corner in pair]


def _on(node: CellRef | RangeRef, sheet: str) -> CellRef | RangeRef:
    if isinstance(node, CellRef):
        return replace(node, sheet=sheet)
    return RangeRef(replace(node.first, sheet=sheet), replace(node.last, sheet=sheet))


def _union(nodes: list[Node]) -> Node:
    """As a flat tree, so that it is not deep."""
    if len(nodes) == 1:
        return nodes[0]
    middle = len(nodes) // 2
    return Binary("union", _union(nodes[:middle]), _union(nodes[middle:]))


def _wrapping(node: Node) -> Node:
    """The formula of a name: its relative references go round the sheet's edges."""
    match node:
        case CellRef() if not (node.row_abs and node.column_abs):
            return replace(node, wraps=True)
        case RangeRef():
            first, last = _wrapping(node.first), _wrapping(node.last)
            assert isinstance(first, CellRef)
            assert isinstance(last, CellRef)
            return RangeRef(first, last)
        case Binary():
            return Binary(node.operator, _wrapping(node.left), _wrapping(node.right))
        case Unary():
            return Unary(node.operator, _wrapping(node.operand))
        case Call():
            return Call(node.name, tuple(map(_wrapping, node.arguments)))
        case Apply():
            return Apply(_wrapping(node.function), tuple(map(_wrapping, node.arguments)))
    return node


def _unwrapped(node: CellRef, cell: tuple[int, int]) -> CellRef:
    """The plain reference to the same cell, from a formula in `cell` (and its neighbours, see `_cut`)."""
    if not node.wraps:
        return node
    row, column = node.at(*cell)
    return CellRef(
        row if node.row_abs else row - cell[0],
        column if node.column_abs else column - cell[1],
        node.row_abs,
        node.column_abs,
        node.sheet,
    )


def _cut(rect: Rect, wraps: Sequence[CellRef]) -> list[Rect]:
    """A region in pieces in which each of the references goes round the edges for all cells or for none."""
    rows = {MAX_ROWS - reference.row % MAX_ROWS for reference in wraps if not reference.row_abs}
    columns = {
        MAX_COLUMNS - reference.column % MAX_COLUMNS for reference in wraps if not reference.column_abs
    }
    down = [rect.top, *sorted(row for row in rows if rect.top < row < rect.bottom), rect.bottom]
    right = [rect.left, *sorted(column for column in columns if rect.left < column < rect.right), rect.right]
    return [Rect(top, left, bottom, end) for top, bottom in pairwise(down) for left, end in pairwise(right)]


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
    if reference.wraps:
        return node
    return replace(reference, row=reference.row + steps[0], column=reference.column + steps[1])


# --- trees -------------------------------------------------------------------------------------------------


def _rebuilt(node: Apply, function: Node, arguments: tuple[Node, ...]) -> Node:
    same = function is node.function and all(
        new is old for new, old in zip(arguments, node.arguments, strict=True)
    )
    return node if same else Apply(function, arguments)


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
