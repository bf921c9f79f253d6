"""A region's formula evaluated once for all of its cells, as whole arrays.

Every operand is a `Values` of four axes [R, C, h, w]: for each of the region's R x C cells an h x w array
(see `functions/registry.py`); what is the same in all rows has R = 1, and so on. A reference stays an `Area`
until its values are wanted; then it is a view of the grid (a sliding window where it is a moving range), or,
where one value is wanted, the one cell that each row or column means (implicit intersection).

The meaning is that of `cells.py`, told on arrays. Ranges that many cells share or that grow are asked as one
line (`spans.py`). What cannot be told so raises `PerCell`, and the region is computed cell by cell:
references off the sheet, areas whose size depends on the cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import MAX_COLUMNS, MAX_ROWS, Rect
from sheetsim.backends.gather import PerCell, Spots, gather, index_places, offset_places
from sheetsim.backends.spans import over_spans
from sheetsim.formula.nodes import (
    Apply,
    ArrayConstant,
    Binary,
    Boolean,
    Call,
    CellRef,
    Error,
    Missing,
    NameRef,
    Node,
    Number,
    RangeRef,
    Text,
    Unary,
)
from sheetsim.functions import FUNCTIONS
from sheetsim.functions.calling import ONE_VALUE, call_array, operations
from sheetsim.functions.coercion import to_numbers
from sheetsim.functions.lambdas import bound_names
from sheetsim.functions.lifting import choose, fit, overlay, single
from sheetsim.functions.logical import Caught, nested_ifs, where_true, where_wrong
from sheetsim.functions.operators import BINARY, FINAL, UNARY
from sheetsim.functions.registry import Function, Kind
from sheetsim.limits import Effort, room
from sheetsim.plan.areas import Area, Axis, area_of, on_sheet
from sheetsim.plan.regions import Region
from sheetsim.run.store import Grid
from sheetsim.values import ExcelError, Values

GATHERED = 20
"""What a cell that OFFSET finds costs, in cell operations."""

Expect = Callable[[str, Rect], None]
"""Called with what is about to be read from places that only the evaluation shows; may raise."""

Draw = Callable[[int], NDArray[np.float64]]
"""So many numbers drawn uniformly from [0, 1)."""


@dataclass(frozen=True, slots=True)
class Found:
    """Cells that INDEX or OFFSET found: references, though their places differ from cell to cell."""

    values: Values


Operand = Values | Area | Found


class Whole:
    """Evaluates one region, or a part of it (`rect`)."""

    def __init__(
        self,
        region: Region,
        rect: Rect,
        grids: Mapping[str, Grid],
        expect: Expect,
        draw: Draw,
        effort: Effort,
    ) -> None:
        self.region, self.grids, self.expect, self.draw = region, grids, expect, draw
        self.effort = effort
        self.scope: Mapping[str, Operand] = {}  # names of LET, casefolded
        # an array formula is evaluated once, in its first cell
        self.rect = Rect.cell(rect.top, rect.left) if region.array else rect
        if region.each:
            self.rect = Rect(rect.top, rect.left, rect.bottom, rect.left + 1)

    def result(self) -> Values:
        """The cells' values: [rows, columns] of the part, or 1 where all are the same; of an array formula
        the one array. Blanks are left blank (a grid takes them as 0)."""
        assert self.region.node is not None
        values = self.value(self.region.node, self.region.array or self.region.lifted)
        if self.region.each:
            return fit(values, 1, self.region.rect.columns)[:, 0, 0]
        return values[0, 0] if self.region.array else values[:, :, 0, 0]

    # --- operands and values ---------------------------------------------------------------------------

    def operand(self, node: Node, array: bool) -> Operand:
        match node:
            case Number() | Text() | Boolean() | Error():
                return single(node.value, 4)
            case Missing():
                return single(None, 4)
            case CellRef() | RangeRef():
                area = area_of(node, self.rect, self.region.sheet)
                if not on_sheet(area.swept(self.rect)):
                    raise PerCell("a reference off the sheet")
                return area
            case ArrayConstant():
                block = Values.of([item.value for item in items] for items in node.rows)  # type: ignore[attr-defined]
                return block[None, None]
            case NameRef():
                if node.name.casefold() not in self.scope:
                    raise PerCell("the name of a function")
                return self.scope[node.name.casefold()]
            case Unary():
                return self.unary(node, array)
            case Binary():
                return self.binary(node, array)
            case Call():
                return self.call(node, array)
        raise TypeError(f"{type(node).__name__} is not a node of a resolved formula")

    def value(self, node: Node, array: bool) -> Values:
        """A node as one value a cell, or as an array where it gives one: a reference only in array formulas,
        an array constant and the like always."""
        operand = self.operand(node, array)
        if isinstance(operand, Area):
            if array and self.cut(operand) != operand:
                raise PerCell("arithmetic on whole columns or rows, whose blank cells count")
            return self.cells(operand) if array else self.intersected(operand)
        if isinstance(operand, Found):
            if not array and operand.values.shape[2:] != (1, 1):
                raise PerCell("one cell of a range that INDEX or OFFSET finds")
            operand = operand.values
        return operand

    # --- references --------------------------------------------------------------------------------------

    def grid(self, sheet: str) -> Grid:
        return self.grids[sheet.casefold()]

    def cells(self, area: Area, beside: Sequence[Area] = ()) -> Values:
        """The cells of an area, each seen from its cell. Whole columns and rows end with the last cell in use
        of all sheets referred to."""
        area = self.cut(area, beside)
        if not area.steady:
            raise PerCell("a range that grows from cell to cell")
        room(area.swept(self.rect).size)
        self.take(self.windows(area))
        return self.grid(area.sheet).windows(area, self.rect)

    def windows(self, area: Area) -> int:
        """Cells of all windows of a steady area."""
        rows = self.rect.rows if area.rows.moves else 1
        columns = self.rect.columns if area.columns.moves else 1
        return rows * columns * area.rows.length * area.columns.length

    def take(self, cells: int) -> None:
        """An array of so many cells is to be made: TooLarge, TooMuch when that is beyond the limits."""
        room(cells)
        self.effort.spend(cells)

    def cut(self, area: Area, beside: Sequence[Area] = ()) -> Area:
        used = [box for other in (area, *beside) if (box := self.grid(other.sheet).used) is not None]
        rows, columns = area.rows, area.columns
        if MAX_ROWS - 1 in (rows.first, rows.last):
            if rows.first_moves or rows.last_moves:
                raise PerCell("a range that reaches the last row")
            bottom = max((box.bottom for box in used), default=0)
            rows = Axis(rows.low, max(rows.low, bottom - 1), False, False)
        if MAX_COLUMNS - 1 in (columns.first, columns.last):
            if columns.first_moves or columns.last_moves:
                raise PerCell("a range that reaches the last column")
            right = max((box.right for box in used), default=0)
            columns = Axis(columns.low, max(columns.low, right - 1), False, False)
        before, after = (a.length * b.length for a, b in ((area.rows, area.columns), (rows, columns)))
        return Area(area.sheet, rows, columns, before - after)

    def intersected(self, area: Area) -> Values:
        """The one cell of a range that a formula in its row or column means, #VALUE! where there is none."""
        if not area.steady:
            raise PerCell("one cell of a range that grows from cell to cell")
        rows, columns, grid = area.rows, area.columns, self.grid(area.sheet)
        if rows.length == columns.length == 1:
            return grid.windows(area, self.rect)
        if columns.length == 1:
            inside = sees_own(rows, self.rect.top, self.rect.rows)[:, None, None, None]
            own = replace(area, rows=Axis(self.rect.top, self.rect.top, True, True))
        elif rows.length == 1:
            inside = sees_own(columns, self.rect.left, self.rect.columns)[None, :, None, None]
            own = replace(area, columns=Axis(self.rect.left, self.rect.left, True, True))
        else:
            return single(ExcelError.VALUE, 4)
        values = grid.windows(own, self.rect)
        return values if inside.all() else choose(inside, values, single(ExcelError.VALUE, 4))

    # --- operators ---------------------------------------------------------------------------------------

    def unary(self, node: Unary, array: bool) -> Operand:
        if node.operator == "@":
            operand = self.operand(node.operand, array)
            if isinstance(operand, Area):
                return self.intersected(operand)
            if isinstance(operand, Found):
                raise PerCell("one cell of what INDEX or OFFSET finds")
            return operand[:, :, :1, :1]
        value = self.value(node.operand, array)
        self.take(value.numbers.size)
        return UNARY[node.operator].array(value)

    def binary(self, node: Binary, array: bool) -> Operand:
        """Chains that lean left, like a + b + c, are walked without recursion."""
        if node.operator not in BINARY:
            raise PerCell(f"the reference operator {node.operator!r}")
        chain = [node]
        while isinstance(chain[-1].left, Binary) and chain[-1].left.operator in BINARY:
            chain.append(chain[-1].left)
        result = self.value(chain[-1].left, array)
        for link in reversed(chain):
            right = self.value(link.right, array)
            self.take(_together(result, right))
            table = FINAL if link is self.region.node and link.operator in FINAL else BINARY
            result = table[link.operator].array(result, right)
        return result

    # --- functions ---------------------------------------------------------------------------------------

    def call(self, node: Call, array: bool) -> Operand:
        special = _SPECIAL.get(node.name)
        if special is not None:
            return special(self, node.arguments, array)
        record = FUNCTIONS[node.name]
        if not record.told:
            raise PerCell(f"{node.name}, which the per-cell evaluator works out itself")
        operands: list[Operand] = []
        direct: list[bool] = []
        for position, argument in enumerate(node.arguments):
            kind = record.kind(position)
            if kind in ONE_VALUE:
                missing = isinstance(argument, Missing) and kind == "strict" and position < record.least
                operands.append(
                    single(ExcelError.NA, 4) if missing else self.one_value(argument, array, kind)
                )
                direct.append(True)
                continue
            operand = self.operand(argument, array or kind == "array")
            shape = operand.shape[2:] if isinstance(operand, Values) else None
            direct.append(shape == (1, 1) and not isinstance(argument, ArrayConstant))
            if _chooses_reference(argument):
                raise PerCell("IF that gives a range")
            operands.append(operand)
        areas = [operand for operand in operands if isinstance(operand, Area)]
        first = operands[0] if operands else None
        for position, operand in enumerate(operands):
            sized = record.kind(position) == "sized" and isinstance(operand, Area) and isinstance(first, Area)
            if sized and not on_sheet(_in_size(operand, first).swept(self.rect)):  # type: ignore[arg-type]
                raise PerCell("a range that reaches over the edge of the sheet")
            if record.kind(position) == "sized" and isinstance(operand, Found):
                raise PerCell("a range in the size of another from where INDEX or OFFSET finds it on")
        if areas and (record.spans is not None or record.body is not None):
            shared = self.over_spans(record, node, operands, direct)
            if shared is not None:
                return shared
        values: list[Values] = []
        cut = False
        for position, operand in enumerate(operands):
            if isinstance(operand, Area):
                if record.kind(position) == "sized":
                    operand = self.sized(operand, values[0])
                values.append(self.cells(operand, areas))
                cut = cut or self.cut(operand, areas) != operand
            else:
                values.append(operand.values if isinstance(operand, Found) else operand)
        if cut and (record.tail(*values) if callable(record.tail) else record.tail) in ("all", "counted"):
            raise PerCell(f"{node.name} of whole columns or rows, whose blank cells count")
        draws = None
        if record.draws:
            if self.region.array:
                raise PerCell("random numbers in an array formula")
            draws = Values(self.draw(self.rect.size).reshape(self.rect.rows, self.rect.columns, 1, 1))
        lifted = [value for i, value in enumerate(values) if record.kind(i) in ONE_VALUE]
        room(max(_together(*lifted) if lifted else 0, max((v.numbers.size for v in values), default=0)))
        self.effort.spend(operations(record, values))
        return call_array(record, values, direct, draws)

    def over_spans(
        self, record: Function, node: Call, operands: Sequence[Operand], direct: Sequence[bool]
    ) -> Values | None:
        """The call by what its ranges are in the whole region; see `spans`. Beside ranges that grow, a body
        takes others as they are."""
        region = self.region.evaluated
        areas = [operand for operand in operands if isinstance(operand, Area)]
        growing = record.spans is None and not all(area.steady for area in areas)
        arguments: list[Values | Area] = []
        for argument, operand in zip(node.arguments, operands, strict=True):
            if isinstance(operand, Area) and growing and operand.steady:
                arguments.append(self.cells(operand, areas))
            elif isinstance(operand, Area):
                if not isinstance(argument, (CellRef, RangeRef)):
                    return None
                arguments.append(self.cut(area_of(argument, region, self.region.sheet), areas))
            else:
                arguments.append(operand.values if isinstance(operand, Found) else operand)
        return over_spans(record, arguments, direct, region, self.rect, self.grid, self.effort.spend)

    def one_value(self, node: Node, array: bool, kind: Kind) -> Values:
        """An argument where one value is wanted; see the kind "strict" for references there."""
        if kind == "given" and not isinstance(node, (Missing, Number)):
            raise PerCell("a blank cell that is not an argument left out")
        if kind == "corner" and not isinstance(node, CellRef):
            operand = self.operand(node, array)
            if not isinstance(operand, Values):
                raise PerCell("the top left cell of a range")
            return operand
        if kind == "strict" and not isinstance(node, CellRef):
            if isinstance(node, Missing):
                raise PerCell("an argument left empty")
            operand = self.operand(node, array)
            if isinstance(operand, Found):
                raise PerCell("the size of what INDEX or OFFSET finds")
            if isinstance(operand, Values):
                return operand
            if not operand.steady:
                raise PerCell("the size of a range that grows from cell to cell")
            if operand.rows.length > 1 or operand.columns.length > 1:
                return single(ExcelError.VALUE, 4)
        return self.value(node, array)

    def sized(self, area: Area, like: Values) -> Area:
        """The area from the same top left cell on, as large as `like` has it."""
        if not area.steady:
            raise PerCell("a range that grows from cell to cell")
        low = area.rows.low, area.columns.low
        rows = Axis(low[0], low[0] + like.shape[2] - 1, area.rows.moves, area.rows.moves)
        columns = Axis(low[1], low[1] + like.shape[3] - 1, area.columns.moves, area.columns.moves)
        area = Area(area.sheet, rows, columns)
        if not on_sheet(area.swept(self.rect)):
            raise PerCell("a range that reaches over the edge of the sheet")
        return area

    def if_(self, arguments: Sequence[Node], array: bool) -> Operand:
        """Both branches are worked out, and chosen from cell by cell: errors are values and do no harm."""
        condition = self.value(arguments[0], array)
        if not array and condition.shape[2:] != (1, 1):
            raise PerCell("IF by an array of conditions")
        branches = [self.branch(arguments, position, array) for position in (1, 2)]
        shapes = {branch.shape[2:] for branch in branches}
        if condition.shape[2:] == (1, 1) and len(shapes) > 1:
            raise PerCell("IF between arrays of two sizes")
        self.take(_together(condition, *branches))
        return where_true(condition, *branches)

    def branch(self, arguments: Sequence[Node], position: int, array: bool) -> Values:
        if position >= len(arguments):
            return single(False, 4)
        return _or_zero(arguments[position], self.value(arguments[position], array))

    def iferror(self, arguments: Sequence[Node], array: bool, caught: Caught = None) -> Operand:
        value, instead = (self.value(argument, array) for argument in arguments)
        if value.shape[2:] == (1, 1) != instead.shape[2:]:
            raise PerCell("IFERROR of one value with an array in its place")
        self.take(_together(value, instead))
        return where_wrong(value, _or_zero(arguments[1], instead), caught)

    def switch(self, arguments: Sequence[Node], array: bool) -> Operand:
        """SWITCH: all results are worked out, and chosen from cell by cell, the last case first."""
        value = self.value(arguments[0], array)
        cases = range(1, len(arguments) - 1, 2)
        has_default = len(arguments) % 2 == 0
        default = (
            self.branch(arguments, len(arguments) - 1, array) if has_default else single(ExcelError.NA, 4)
        )
        equal = [BINARY["="].array(value, self.value(arguments[i], array)) for i in cases]
        results = [self.branch(arguments, i + 1, array) for i in cases]
        if any(block.shape[2:] != (1, 1) for block in (*equal, *results, default)):
            raise PerCell("SWITCH of arrays")
        self.take(_together(*equal, *results) * len(cases))
        for condition, result in zip(reversed(equal), reversed(results), strict=True):
            default = where_true(condition, result, default)
        return default

    def let(self, arguments: Sequence[Node], array: bool) -> Operand:
        """LET: each name stands for what it is given, worked out once."""
        names = bound_names("LET", arguments)
        if len(arguments) % 2 == 0 or len(names) != len(arguments) // 2:
            raise PerCell("LET of other than pairs")
        outer = self.scope
        try:
            for name, node in zip(names, arguments[1::2], strict=True):
                if _chooses_reference(node):
                    raise PerCell("IF that gives a range")
                self.scope = {**self.scope, name: self.operand(node, array)}
            return self.operand(arguments[-1], array)
        finally:
            self.scope = outer

    def place(self, arguments: Sequence[Node], array: bool, down: bool) -> Operand:
        """ROW (`down`) and COLUMN."""
        if not arguments:
            start, count = (self.rect.top, self.rect.rows) if down else (self.rect.left, self.rect.columns)
            return _along(np.arange(start + 1.0, start + count + 1), down)
        operand = self.operand(arguments[0], array)
        if not isinstance(operand, Area):
            raise PerCell("the place of what is no plain reference")
        axis = operand.rows if down else operand.columns
        if not axis.steady:
            raise PerCell("the place of a range that grows from cell to cell")
        count = self.rect.rows if down else self.rect.columns
        places = np.arange(count if axis.moves else 1, dtype=np.float64)
        first = _along(places + (axis.low + 1.0), down)
        if not array:
            return first
        steps = np.arange(float(axis.length)).reshape((-1, 1) if down else (1, -1))
        return Values(first.numbers + steps)

    def length(self, arguments: Sequence[Node], array: bool, down: bool) -> Operand:
        """ROWS (`down`) and COLUMNS."""
        operand = self.operand(arguments[0], True)
        if isinstance(operand, Area):
            axis = operand.rows if down else operand.columns
            if axis.steady:
                return single(float(axis.length), 4)
            count = self.rect.rows if down else self.rect.columns
            lengths = [high - low for low, high in map(axis.at, range(count))]
            return _along(np.array(lengths, np.float64), down)
        values = operand.values if isinstance(operand, Found) else operand
        if values.kinds is not None:
            raise PerCell("the size of what may be an error")
        return single(float(values.shape[2 if down else 3]), 4)

    def spots(self, node: Call, array: bool) -> Spots:
        """Where each cell's INDEX or OFFSET looks."""
        find = self.index_spots if node.name == "INDEX" else self.offset_spots
        return find(node.arguments, array)

    def index_spots(self, arguments: Sequence[Node], array: bool) -> Spots:
        source = self.operand(arguments[0], array)
        if not isinstance(source, Area) or not source.steady or len(arguments) > 3:
            raise PerCell("INDEX of what is no plain range")
        numbers = self.numbers(arguments[1:], array)
        top, left, size, codes = index_places(source.rows.length, source.columns.length, numbers)
        down, right = _firsts(source, self.rect)
        return Spots(source.sheet, top + down, left + right, size, codes)

    def offset_spots(self, arguments: Sequence[Node], array: bool) -> Spots:
        source = self.operand(arguments[0], array)
        if not isinstance(source, Area) or not source.steady:
            raise PerCell("OFFSET of what is no plain range")
        numbers = self.numbers(arguments[1:3], False)
        size = [source.rows.length, source.columns.length]
        for position, argument in enumerate(arguments[3:]):
            if not isinstance(argument, Missing):
                length = self.value(argument, False)
                if length.kinds is not None or length.numbers.size != 1 or _no_size(length.numbers.item()):
                    raise PerCell("OFFSET of a size that depends on the cell")
                size[position] = int(length.numbers.item())
        down, right = _firsts(source, self.rect)
        top, left, codes = offset_places(down, right, (size[0], size[1]), numbers)
        return Spots(source.sheet, top, left, (size[0], size[1]), codes)

    def found(self, spots: Spots) -> Operand:
        cells = spots.codes.size * spots.size[0] * spots.size[1]
        self.take(cells)
        self.effort.spend(GATHERED * cells)
        return Found(gather(self.grid(spots.sheet), spots, self.expect))

    def numbers(self, arguments: Sequence[Node], array: bool) -> list[Values]:
        """Arguments as numbers, one value a cell; errors stay."""
        found = []
        for argument in arguments:
            value = self.value(argument, array)
            if value.shape[2:] != (1, 1):
                raise PerCell("INDEX or OFFSET at many places at once")
            numbers, codes = to_numbers(value)
            found.append(Values(numbers) if codes is None else overlay(Values(numbers), codes))
        return found


_SPECIAL: dict[str, Callable[[Whole, Sequence[Node], bool], Operand]] = {
    "IF": Whole.if_,
    "IFERROR": Whole.iferror,
    "IFNA": lambda whole, arguments, array: whole.iferror(arguments, array, ExcelError.NA),
    "SWITCH": Whole.switch,
    "LET": Whole.let,
    "IFS": lambda whole, arguments, array: whole.operand(nested_ifs(arguments), array),
    "ROW": lambda whole, arguments, array: whole.place(arguments, array, True),
    "COLUMN": lambda whole, arguments, array: whole.place(arguments, array, False),
    "ROWS": lambda whole, arguments, array: whole.length(arguments, array, True),
    "COLUMNS": lambda whole, arguments, array: whole.length(arguments, array, False),
    "INDEX": lambda whole, arguments, array: whole.found(whole.index_spots(arguments, array)),
    "OFFSET": lambda whole, arguments, array: whole.found(whole.offset_spots(arguments, array)),
}


def _in_size(area: Area, like: Area) -> Area:
    """From the first cell of an area on, as many cells as another has."""

    def axis(own: Axis, other: Axis) -> Axis:
        low = min(own.first, own.last)
        return Axis(low, low + other.length - 1, own.first_moves, own.last_moves)

    return Area(area.sheet, axis(area.rows, like.rows), axis(area.columns, like.columns))


def _no_size(length: float) -> bool:
    """Is a height or width of OFFSET out of the ordinary?"""
    return length < 1 or length % 1 != 0


def refuses(node: Node | None) -> bool:
    """Is there something in a formula that is not told on whole arrays?"""
    return node is not None and any(
        isinstance(part, Apply)
        or (isinstance(part, NameRef) and part.sheet is not None)
        or (isinstance(part, Binary) and part.operator not in BINARY)
        or (isinstance(part, Unary) and part.operator == "#")
        or (isinstance(part, Call) and part.name not in _SPECIAL and not FUNCTIONS[part.name].told)
        for part in node.walk()
    )


def _together(*blocks: Values) -> int:
    """Cells of the array that some blocks make together."""
    return prod(max(lengths) for lengths in zip(*(block.shape for block in blocks), strict=True))


def _along(numbers: NDArray[np.float64], down: bool) -> Values:
    """One number for each row (`down`) or column of the region."""
    return Values(numbers.reshape((-1, 1, 1, 1) if down else (1, -1, 1, 1)))


def sees_own(axis: Axis, start: int, count: int) -> NDArray[np.bool_]:
    """Whether each of the region's rows (columns) from `start` on lies in what it sees along `axis`."""
    own = start + np.arange(count)
    low = axis.low + np.arange(count) * axis.moves
    return (low <= own) & (own < low + axis.length)


def _firsts(area: Area, rect: Rect) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Top row [R, 1, 1, 1] and left column [1, C, 1, 1] of what each cell of a region sees."""
    down = area.rows.low + np.arange(rect.rows if area.rows.moves else 1)
    right = area.columns.low + np.arange(rect.columns if area.columns.moves else 1)
    return down.reshape(-1, 1, 1, 1), right.reshape(1, -1, 1, 1)


def _or_zero(node: Node, values: Values) -> Values:
    """An empty argument of IF or IFERROR is 0."""
    return single(0.0, 4) if isinstance(node, Missing) else values


def _chooses_reference(node: Node) -> bool:
    """Whether an expression chooses among references, which here would give values."""
    if not isinstance(node, Call):
        return False
    if node.name == "LET":
        return _chooses_reference(node.arguments[-1])
    return node.name in ("IF", "IFS", "SWITCH") and any(map(_may_give_reference, node.arguments[1:]))


def _may_give_reference(node: Node) -> bool:
    """Whether an expression may give cells, not values."""
    if isinstance(node, Call):
        return node.name in ("INDEX", "OFFSET", "LET") or _chooses_reference(node)
    return isinstance(node, (CellRef, RangeRef, NameRef))
