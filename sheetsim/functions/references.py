"""Functions of references: AREAS CELL CHOOSE COLUMN COLUMNS FORMULATEXT INDEX INDIRECT ISFORMULA ISREF OFFSET
ROW ROWS SHEET SHEETS TRIMRANGE; and of their texts: ADDRESS HYPERLINK.

They are rules (see `operands`), as they need the places of cells. The arithmetic of places is apart, in whole
numbers, for evaluators of other kinds: `index_area`, `offset_area`. What an array of references would give
(`INDIRECT` of two texts) is not supported.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from sheetsim.address import MAX_COLUMNS, MAX_ROWS, Rect, column_name, quote_sheet, split_sheet
from sheetsim.errors import SheetsimError, Unsupported
from sheetsim.formula import parse
from sheetsim.formula.nodes import Binary, CellRef, Missing, NameRef, Node, RangeRef, StructuredRef, Unary
from sheetsim.functions.coercion import to_boolean, to_number, to_text
from sheetsim.functions.lifting import choose, lift, single
from sheetsim.functions.operands import (
    Evaluator,
    Lambda,
    Long,
    Omitted,
    Operand,
    Reference,
    Rule,
    block_of,
    elementwise,
    first_of,
)
from sheetsim.functions.registry import Function, register
from sheetsim.values import BLANK, ExcelError, Scalar, Values

_PAGE = "support.microsoft.com, "

# --- INDEX, OFFSET -----------------------------------------------------------------------------------------


def index_area(rows: int, columns: int, row: float, column: float | None) -> Rect | ExcelError:
    """The part of an area of rows x columns that INDEX(area, row, column) means, counted from its corner.

    0 is a whole row or column. Without `column` an area of one row is counted along that row. Outside the
    area is #REF!, a negative number #VALUE!.
    """
    if column is None:
        row, column = (0.0, row) if rows == 1 and columns > 1 else (row, 0.0 if columns > 1 else 1.0)
    r, c = math.trunc(row), math.trunc(column)
    if r < 0 or c < 0:
        return ExcelError.VALUE
    if r > rows or c > columns:
        return ExcelError.REF
    top, bottom = (r - 1, r) if r else (0, rows)
    left, right = (c - 1, c) if c else (0, columns)
    return Rect(top, left, bottom, right)


def offset_area(
    area: Rect, rows: float, columns: float, height: float | None = None, width: float | None = None
) -> Rect | ExcelError:
    """OFFSET: `area` moved, with another height and width where given; negative ones reach up and left.

    A height or width of 0, or a result that leaves the sheet, is #REF!.
    """
    h = area.rows if height is None else _size(height, area.rows)
    w = area.columns if width is None else _size(width, area.columns)
    top, left = area.top + math.trunc(rows), area.left + math.trunc(columns)
    top, left = (top + h + 1 if h < 0 else top), (left + w + 1 if w < 0 else left)
    result = Rect(top, left, top + abs(h), left + abs(w))
    if not h or not w or top < 0 or left < 0 or result.bottom > MAX_ROWS or result.right > MAX_COLUMNS:
        return ExcelError.REF
    return result


def _size(length: float, own: int) -> int:
    """Cut to a whole number. Of 0.9 for one row Excel makes 1 (seen in a file of its own), which may be
    rounding or the reference's own size: where these differ it is not known."""
    if 0 < abs(length) < 1:
        if own != round(length):
            raise Unsupported(f"OFFSET with a height or width of {length}")
        return own
    return math.trunc(length)


def _index(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    """An expression in the first place is worked out as in an array formula."""
    source = evaluator.operand(arguments[0], True)
    if not isinstance(source, Reference):
        source = evaluator.values_of(source)
        if isinstance(source, ExcelError):
            return source
    numbers = [evaluator.value(argument, array) for argument in arguments[1:]]
    if any(isinstance(number, Values) for number in numbers):
        blocks = [block_of(number) for number in numbers]
        evaluator.take(max(b.shape[0] for b in blocks) * max(b.shape[1] for b in blocks))
        return lift(lambda *ns: first_of(evaluator.values_of(_indexed(source, ns))), blocks)
    return _indexed(source, numbers)  # type: ignore[arg-type]


def _indexed(source: Operand, numbers: Sequence[Scalar]) -> Operand:
    """INDEX of one place: `numbers` are row, column and area as far as they are given."""
    given = []
    for number in map(to_number, numbers):
        if isinstance(number, ExcelError):
            return number
        given.append(number)
    column = given[1] if len(given) > 1 else None
    area = int(given[2]) if len(given) > 2 else 1
    if isinstance(source, Reference):
        if not 1 <= area <= len(source.areas):
            return ExcelError.REF
        sheet, rect = source.areas[area - 1]
        part = index_area(rect.rows, rect.columns, given[0], column)
        if isinstance(part, ExcelError):
            return part
        return Reference(((sheet, part.shift(rect.top, rect.left)),))
    block = block_of(source)  # type: ignore[arg-type]
    if area != 1:
        return ExcelError.REF
    part = index_area(block.shape[0], block.shape[1], given[0], column)
    if isinstance(part, ExcelError):
        return part
    return block[part.top : part.bottom, part.left : part.right]


def _offset(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    reference = evaluator.operand(arguments[0], array)
    if isinstance(reference, ExcelError):
        return reference
    if not isinstance(reference, Reference) or len(reference.areas) > 1:
        return ExcelError.VALUE
    numbers: list[float | None] = []
    for argument in arguments[1:]:
        number = to_number(_one(evaluator, argument, array, "OFFSET"))
        if isinstance(number, ExcelError):
            return number
        numbers.append(None if isinstance(argument, Missing) and len(numbers) > 1 else number)
    area = offset_area(reference.rect, numbers[0] or 0.0, numbers[1] or 0.0, *numbers[2:])
    return area if isinstance(area, ExcelError) else Reference(((reference.sheet, area),))


def _one(evaluator: Evaluator, node: Node, array: bool, name: str) -> Scalar:
    """An argument that must be one value."""
    value = evaluator.value(node, array)
    if isinstance(value, Values) and array:
        raise Unsupported(f"{name} of an array: it gives an array of references")
    return first_of(value)


# --- INDIRECT, CHOOSE, TRIMRANGE ---------------------------------------------------------------------------

_MEANT = (CellRef, RangeRef, NameRef, StructuredRef)
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_PADDED = re.compile(r"\$?[A-Z]{0,3}\$?[0-9]+(?::\$?[A-Z]{0,3}\$?[0-9]+)?", re.IGNORECASE | re.ASCII)
_STEP = r"(?:([0-9]+)|\[([+-]?[0-9]+)\])?"
_R1C1 = re.compile(rf"R{_STEP}(?:C{_STEP})?|C{_STEP}", re.IGNORECASE)
_PLACE_ONLY = ("AREAS", "FORMULATEXT", "ISFORMULA", "ISREF", "SHEET", "SHEETS")


def _indirect(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    """What a text refers to; #REF! where it is no reference, or to another workbook, which is not open."""
    text = to_text(_one(evaluator, arguments[0], array, "INDIRECT"))
    if isinstance(text, ExcelError):
        return text
    if len(arguments) > 1 and not isinstance(arguments[1], Missing):
        is_a1 = to_boolean(_one(evaluator, arguments[1], array, "INDIRECT"))
        if isinstance(is_a1, ExcelError):
            return is_a1
        if not is_a1:
            return _in_r1c1(evaluator, text.strip())
    try:
        node = parse(_without_zeros(text.strip()), evaluator.row, evaluator.column)
        if not _refers(node):
            return ExcelError.REF
        node = evaluator.lookup.resolved(node, evaluator.sheet, evaluator.row, evaluator.column)
    except SheetsimError:
        return ExcelError.REF
    found = evaluator.within({}, node, array)
    return found if isinstance(found, Reference) else ExcelError.REF


def _without_zeros(text: str) -> str:
    """`A01` and `05:05` are A1 and 5:5, in texts only."""
    sheet, mark, place = text.rpartition("!")
    return sheet + mark + _ZEROS.sub("", place) if _PADDED.fullmatch(place) else text


def _refers(node: Node) -> bool:
    if isinstance(node, Unary):
        return node.operator == "#" and _refers(node.operand)
    if isinstance(node, Binary):
        return node.operator == ":" and _refers(node.left) and _refers(node.right)
    return isinstance(node, _MEANT)


def _in_r1c1(evaluator: Evaluator, text: str) -> Operand:
    sheet, place = split_sheet(text)
    corners = [_R1C1.fullmatch(corner) for corner in place.split(":")]
    if len(corners) > 2 or not all(corners):
        return ExcelError.REF
    known = [
        name for name in evaluator.lookup.sheets() if sheet is None or name.casefold() == sheet.casefold()
    ]
    if sheet is not None and not known:
        return ExcelError.REF
    rects = []
    for corner in corners:
        assert corner is not None
        row, row_step, column, column_step, alone, alone_step = corner.groups()
        column, column_step = (alone, alone_step) if corner[0][0] in "Cc" else (column, column_step)
        top, bottom = _line(row, row_step, evaluator.row, "R" in corner[0].upper(), MAX_ROWS)
        left, right = _line(column, column_step, evaluator.column, "C" in corner[0].upper(), MAX_COLUMNS)
        rects.append(Rect(top, left, bottom, right))
    rect = Rect(
        min(r.top for r in rects),
        min(r.left for r in rects),
        max(r.bottom for r in rects),
        max(r.right for r in rects),
    )
    if rect.top < 0 or rect.left < 0 or rect.bottom > MAX_ROWS or rect.right > MAX_COLUMNS:
        return ExcelError.REF
    return Reference(((sheet or evaluator.sheet, rect),))


def _line(number: str | None, step: str | None, own: int, named: bool, most: int) -> tuple[int, int]:
    """Half-open span of one row or column: `R2`, `R[-1]`, `R`; all of them where it is not named."""
    if not named:
        return 0, most
    at = int(number) - 1 if number else own + int(step or 0)
    return at, at + 1


def _choose(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    """By an array of numbers an array, each element from the option that its number means."""
    which = evaluator.value(arguments[0], array)
    options = arguments[1:]
    if not isinstance(which, Values):
        number = to_number(which)
        if isinstance(number, ExcelError):
            return number
        place = math.trunc(number)
        if not 1 <= place <= len(options):
            return ExcelError.VALUE
        return (
            0.0 if isinstance(options[place - 1], Missing) else evaluator.operand(options[place - 1], array)
        )
    result: Values | Long = single(ExcelError.VALUE)
    numbers = lift(to_number, [which])
    for place, option in enumerate(options, 1):
        value = evaluator.long_of(evaluator.operand(option, True))

        def chosen(numbers: Values, yes: Values, no: Values, place: int = place) -> Values:
            return choose(np.trunc(numbers.numbers) == place, yes, no)

        result = elementwise(chosen, numbers, value, result)
    wrong = lift(lambda number: number if isinstance(number, ExcelError) else None, [numbers])

    def wrong_first(wrong: Values, other: Values) -> Values:
        return choose(wrong.kind_array() != BLANK, wrong, other)

    return elementwise(wrong_first, wrong, result)


def _trimrange(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    """A range without its blank outer rows and columns. Modes: 0 none, 1 leading, 2 trailing, 3 both."""
    source = evaluator.operand(arguments[0], True)
    if isinstance(source, ExcelError):
        return source
    modes = []
    for position in (1, 2):
        given = position < len(arguments) and not isinstance(arguments[position], Missing)
        mode = to_number(first_of(evaluator.value(arguments[position], array))) if given else 3.0
        if isinstance(mode, ExcelError):
            return mode
        if not 0 <= mode < 4:
            return ExcelError.VALUE
        modes.append(int(mode))
    held = evaluator.long_of(source)
    block = held.held if isinstance(held, Long) else block_of(held)
    filled = block.kind_array() != BLANK
    if not filled.any():
        return ExcelError.REF
    spans = []
    for axis, mode in enumerate(modes):
        some = np.flatnonzero(filled.any(axis=1 - axis))
        full = held.shape[axis] if isinstance(held, (Values, Long)) else 1
        spans.append((int(some[0]) if mode & 1 else 0, int(some[-1]) + 1 if mode & 2 else full))
    (top, bottom), (left, right) = spans
    if isinstance(source, Reference):
        return Reference(
            ((source.sheet, Rect(top, left, bottom, right).shift(source.rect.top, source.rect.left)),)
        )
    return block_of(evaluator.values_of(held))[top:bottom, left:right]


# --- where cells are, and how many -------------------------------------------------------------------------


def _place(down: bool) -> Rule:
    """ROW (`down`) and COLUMN: of more than one cell, in array formulas, a column or a row of numbers."""

    def rule(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
        if not arguments:
            return float((evaluator.row if down else evaluator.column) + 1)
        reference = evaluator.operand(arguments[0], array)
        if isinstance(reference, ExcelError):
            return reference
        if not isinstance(reference, Reference) or len(reference.areas) > 1:
            return ExcelError.VALUE
        rect = reference.rect
        first, last = (rect.top, rect.bottom) if down else (rect.left, rect.right)
        if not array or last - first == 1:
            return float(first + 1)
        evaluator.take(last - first)
        numbers = np.arange(first + 1, last + 1, dtype=np.float64)
        return Values(numbers.reshape((-1, 1) if down else (1, -1)))

    return rule


def _length(axis: int) -> Rule:
    """ROWS (axis 0) and COLUMNS (1)."""

    def rule(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
        operand = evaluator.operand(arguments[0], True)
        if isinstance(operand, Reference):
            return float(operand.rect.shape[axis]) if len(operand.areas) == 1 else ExcelError.REF
        if isinstance(operand, (Lambda, Omitted)):
            return ExcelError.VALUE
        if isinstance(operand, (Values, Long)):
            return float(operand.shape[axis])
        return operand if isinstance(operand, ExcelError) else 1.0

    return rule


def _areas(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    operand = evaluator.operand(arguments[0], True)
    if isinstance(operand, Reference):
        return float(len(operand.areas))
    return operand if isinstance(operand, ExcelError) else ExcelError.VALUE


def _isref(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    return isinstance(evaluator.operand(arguments[0], True), Reference)


def _sheet(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    """SHEET: the number of the formula's own sheet, of a reference's, or of the one of a name."""
    names = [name.casefold() for name in evaluator.lookup.sheets()]
    if not arguments:
        return float(names.index(evaluator.sheet.casefold()) + 1)
    operand = evaluator.operand(arguments[0], array)
    if isinstance(operand, Reference):
        wanted: Scalar = operand.sheet
    else:
        wanted = to_text(first_of(evaluator.values_of(operand)))
    if not isinstance(wanted, str):
        return wanted
    return float(names.index(wanted.casefold()) + 1) if wanted.casefold() in names else ExcelError.NA


def _sheets(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    if not arguments:
        return float(len(evaluator.lookup.sheets()))
    operand = evaluator.operand(arguments[0], True)
    if isinstance(operand, ExcelError):
        return operand
    if not isinstance(operand, Reference):
        return ExcelError.NA
    return float(len({sheet.casefold() for sheet, _ in operand.areas}))


# --- formulas and what is known of a cell ------------------------------------------------------------------


def _formulas(of: str) -> Rule:
    """FORMULATEXT (`of` "text") and ISFORMULA: in array formulas of each cell of the range."""

    def one(evaluator: Evaluator, sheet: str, row: int, column: int) -> Scalar:
        text = evaluator.lookup.formula(sheet, row, column)
        if of != "text":
            return text is not None
        return ExcelError.NA if text is None else text if text.startswith("{") else f"={text}"

    def rule(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
        operand = evaluator.operand(arguments[0], array)
        if isinstance(operand, ExcelError):
            return operand
        if not isinstance(operand, Reference) or len(operand.areas) > 1:
            return ExcelError.NA if of == "text" else ExcelError.VALUE
        rect = operand.rect if array else Rect.cell(operand.rect.top, operand.rect.left)
        if rect.size == 1:
            return one(evaluator, operand.sheet, rect.top, rect.left)
        evaluator.take(rect.size)
        return Values.of(
            [one(evaluator, operand.sheet, row, column) for column in range(rect.left, rect.right)]
            for row in range(rect.top, rect.bottom)
        )

    return rule


def _cell(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    """CELL, as far as it is about places and values; what a cell looks like is not known."""
    wanted = to_text(_one(evaluator, arguments[0], array, "CELL"))
    if isinstance(wanted, ExcelError):
        return wanted
    wanted = wanted.casefold()
    if wanted not in ("address", "col", "row", "contents", "type"):
        raise Unsupported(f"CELL of {wanted!r}")
    if len(arguments) < 2:
        raise Unsupported("CELL without a reference is about the cell that was changed last")
    operand = evaluator.operand(arguments[1], True)
    if isinstance(operand, ExcelError):
        return operand
    if not isinstance(operand, Reference):
        return ExcelError.VALUE
    row, column = operand.rect.top, operand.rect.left
    if wanted in ("row", "col"):
        return float((row if wanted == "row" else column) + 1)
    if wanted == "address":
        other = operand.sheet.casefold() != evaluator.sheet.casefold()
        if other:
            raise Unsupported("CELL of 'address' on another sheet holds the workbook's name")
        return f"${column_name(column)}${row + 1}"
    value = evaluator.lookup.cell(operand.sheet, row, column)
    if wanted == "type":
        return "b" if value is None else "l" if isinstance(value, str) else "v"
    return 0.0 if value is None else value


# --- addresses as text -------------------------------------------------------------------------------------


def _address(
    row: float, column: float, fixed: Scalar = None, a1: Scalar = None, sheet: str | None = None
) -> Scalar:
    """`fixed`: 1 $A$1, 2 A$1, 3 $A1, 4 A1; with `a1` FALSE as R1C1."""
    number = to_number(1.0 if fixed is None else fixed)
    if isinstance(number, ExcelError):
        return number
    r, c, kind = math.trunc(row), math.trunc(column), math.trunc(number)
    if not (1 <= r <= MAX_ROWS and 1 <= c <= MAX_COLUMNS and 1 <= kind <= 4):
        return ExcelError.VALUE
    in_a1 = True if a1 is None else to_boolean(a1)
    if isinstance(in_a1, ExcelError):
        return in_a1
    row_fixed, column_fixed = kind in (1, 2), kind in (1, 3)
    if in_a1:
        text = f"{'$' * column_fixed}{column_name(c - 1)}{'$' * row_fixed}{r}"
    else:
        text = f"R{r if row_fixed else f'[{r}]'}C{c if column_fixed else f'[{c}]'}"
    return text if sheet is None else f"{quote_sheet(sheet) if sheet else ''}!{text}"


def _hyperlink(link: str, name: Scalar = None) -> Scalar:
    """The text that is shown; nothing is followed."""
    return link if name is None else name


for _name, _least, _most, _rule in (
    ("AREAS", 1, 1, _areas),
    ("CELL", 1, 2, _cell),
    ("FORMULATEXT", 1, 1, _formulas("text")),
    ("ISFORMULA", 1, 1, _formulas("")),
    ("ISREF", 1, 1, _isref),
    ("SHEET", 0, 1, _sheet),
    ("SHEETS", 0, 1, _sheets),
):
    register(Function(_name, ("reference", "reference"), _least, _most, rule=_rule, source=_PAGE + _name,
                      place_only=_name in _PLACE_ONLY))  # fmt: skip
for _name, _rule in (("ROW", _place(down=True)), ("COLUMN", _place(down=False))):
    register(
        Function(
            _name, ("reference",), 0, 1, rule=_rule, gives_array=True, place_only=True, source=_PAGE + _name
        )
    )
for _name, _rule in (("ROWS", _length(0)), ("COLUMNS", _length(1))):
    register(Function(_name, ("reference",), 1, 1, rule=_rule, place_only=True, source=_PAGE + _name))
register(
    Function(
        "INDEX",
        ("reference", "number", "number", "number"),
        2,
        4,
        rule=_index,
        gives_array=True,
        source=_PAGE + "INDEX",
    )
)
register(
    Function(
        "OFFSET",
        ("reference", "number", "number", "number", "number"),
        3,
        5,
        rule=_offset,
        gives_array=True,
        anywhere=True,
        place_only=True,
        source=_PAGE + "OFFSET",
    )
)
register(
    Function(
        "INDIRECT",
        ("text", "boolean"),
        1,
        2,
        rule=_indirect,
        gives_array=True,
        anywhere=True,
        source=_PAGE + "INDIRECT",
    )
)
register(
    Function("CHOOSE", ("lazy",), 2, 255, repeats=1, rule=_choose, gives_array=True, source=_PAGE + "CHOOSE")
)
register(Function("TRIMRANGE", ("reference", "number", "number"), 1, 3, rule=_trimrange, gives_array=True,
                  source=_PAGE + "TRIMRANGE"))  # fmt: skip
register(
    Function(
        "ADDRESS", ("number", "number", "given", "given", "text"), 2, 5, _address, source=_PAGE + "ADDRESS"
    )
)
register(Function("HYPERLINK", ("text", "given"), 1, 2, _hyperlink, source=_PAGE + "HYPERLINK"))
