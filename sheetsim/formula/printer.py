"""A tree back into formula text, as Excel spells it, with no more parentheses than are needed.

    >>> from sheetsim.formula.parser import parse
    >>> unparse(parse("(c4+ (d4*A4))", 3, 4), 4, 4)
    'C5+D5*A5'

Reading a printed formula at the same cell gives the same tree again. A reference that has left the sheet
prints as #REF!. `_xlfn.` prefixes belong to the file format and are not printed.
"""

from __future__ import annotations

from sheetsim.address import MAX_COLUMNS, MAX_ROWS, column_name, quote_sheet
from sheetsim.formula import structured
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
    OptionalName,
    RangeRef,
    StructuredRef,
    Text,
    Unary,
)
from sheetsim.formula.parser import PRECEDENCE

_POSTFIX, _PREFIX, _SPACE, _COLON, _ATOM = 6, 7, 8, 9, 10


def unparse(node: Node, row: int, column: int) -> str:
    """The text, without `=`, of a formula that stands in the cell (row, column), counted from 0."""
    return _text(node, row, column)[0]


def _text(node: Node, row: int, column: int) -> tuple[str, int]:
    """A node's text and how tightly it binds."""
    match node:
        case Number():
            return node.text or number_text(node.value), _ATOM
        case CellRef():
            return _sheet(node.sheet) + _cell(node, row, column), _ATOM
        case RangeRef():
            text = _range(node, row, column)
            return _sheet(node.sheet) + text, _ATOM if text == "#REF!" else _COLON
        case Call():
            inside = ",".join(_argument(argument, row, column) for argument in node.arguments)
            return f"{node.name}({inside})", _ATOM
        case Binary():
            return _binary(node, row, column)
        case Apply():
            function = _inside(node.function, _ATOM, row, column)
            inside = ",".join(_argument(argument, row, column) for argument in node.arguments)
            return f"{function}({inside})", _ATOM
        case Unary() if node.operator == "#":
            return _inside(node.operand, _ATOM, row, column) + "#", _ATOM
        case Unary():
            least = _POSTFIX if node.operator == "%" else _PREFIX
            text = _inside(node.operand, least, row, column)
            return (text + "%", _POSTFIX) if node.operator == "%" else (node.operator + text, _PREFIX)
        case Text():
            return '"' + node.value.replace('"', '""') + '"', _ATOM
        case Boolean():
            return ("TRUE" if node.value else "FALSE"), _ATOM
        case Error():
            return node.value.label, _ATOM
        case NameRef():
            return _sheet(node.sheet) + node.name, _ATOM
        case OptionalName():
            return f"[{node.name}]", _ATOM
        case StructuredRef():
            return structured.text_of(node), _ATOM
        case Missing():
            return "", _ATOM
        case ArrayConstant():
            rows = (",".join(_text(item, row, column)[0] for item in items) for items in node.rows)
            return "{" + ";".join(rows) + "}", _ATOM
    raise TypeError(f"{type(node).__name__} is not a node of a formula")


def _binary(node: Binary, row: int, column: int) -> tuple[str, int]:
    if node.operator == "union":
        left = _union_side(node.left, row, column)
        return f"({left},{_inside(node.right, 0, row, column)})", _ATOM
    precedence = {" ": _SPACE, ":": _COLON}.get(node.operator) or PRECEDENCE[node.operator]
    left = _inside(node.left, precedence, row, column)
    right = _inside(node.right, precedence + 1, row, column)
    return left + node.operator + right, precedence


def _union_side(node: Node, row: int, column: int) -> str:
    """The left of a union: one that is a union too goes on in the same parentheses."""
    text = _inside(node, 0, row, column)
    return text[1:-1] if isinstance(node, Binary) and node.operator == "union" else text


def _inside(node: Node, least: int, row: int, column: int) -> str:
    """A node's text, in parentheses unless it binds at least as tightly as `least`."""
    text, binds = _text(node, row, column)
    return text if binds >= least else f"({text})"


def _argument(node: Node, row: int, column: int) -> str:
    return _text(node, row, column)[0]


def _sheet(name: str | None) -> str:
    return "" if name is None else quote_sheet(name) + "!"


def _cell(node: CellRef, row: int, column: int) -> str:
    r, c = node.at(row, column)
    if not (0 <= r < MAX_ROWS and 0 <= c < MAX_COLUMNS):
        return "#REF!"
    return f"{'$' * node.column_abs}{column_name(c)}{'$' * node.row_abs}{r + 1}"


def _range(node: RangeRef, row: int, column: int) -> str:
    first, last = node.first, node.last
    corners = [_cell(first, row, column), _cell(last, row, column)]
    if "#REF!" in corners:
        return "#REF!"
    (top, left), (bottom, right) = first.at(row, column), last.at(row, column)
    if (top, bottom) == (0, MAX_ROWS - 1) and first.row_abs and last.row_abs:
        return f"{'$' * first.column_abs}{column_name(left)}:{'$' * last.column_abs}{column_name(right)}"
    if (left, right) == (0, MAX_COLUMNS - 1) and first.column_abs and last.column_abs:
        return f"{'$' * first.row_abs}{top + 1}:{'$' * last.row_abs}{bottom + 1}"
    return ":".join(corners)


def number_text(value: float) -> str:
    """The shortest decimal that reads as this number, in Excel's spelling: 5, 0.1, 1E-05, 1E+22."""
    return repr(float(value)).upper().removesuffix(".0")
