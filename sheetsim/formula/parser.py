"""Formula text into a tree of nodes, by precedence climbing.

From the tightest to the loosest (Excel's order: the minus of `-2^2` binds before the power, which is 4):

    reference   A1#   A1:B2   intersection (space)   union (comma, only inside parentheses)
    prefix      @  -  +
    postfix     %
    binary      ^   |   * /   |   + -   |   &   |   = <> < <= > >=

All binary operators associate to the left, `^` too.

    expression  = prefix { binary prefix }
    prefix      = { "-" | "+" | "@" } reference { "%" }
    reference   = postfix { ( ":" | " " ) postfix }
    postfix     = primary { "#" | arguments }         (arguments directly behind a parenthesis that closes)
    primary     = number | text | TRUE | FALSE | error | [sheet] cell | [sheet] range | [sheet] name
                | table "[" ... "]" (see `structured`)
                | function arguments | "(" expression { "," expression } ")" | "{" rows "}"
    arguments   = "(" [ expression ] { "," [ expression ] } ")"

Prefixes that files put before names (`_xlfn.`, `_xlpm.` ...) are dropped; what a file spells as a function is
read as what a person types: `SINGLE(A1)` is `@A1`, `ANCHORARRAY(A1)` is `A1#`; `A1:.A9` is TRIMRANGE.
"""

from __future__ import annotations

import math
from functools import lru_cache

from sheetsim.address import MAX_COLUMNS, MAX_ROWS, column_index
from sheetsim.formula import structured
from sheetsim.formula.lexer import FormulaError, Token, tokens
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
from sheetsim.values import ERRORS_BY_LABEL, in_capitals

MAX_NESTING = 64  # levels of functions and parentheses (Excel: 64 levels of functions)
MAX_DEPTH = 250  # levels of the tree: 1+1+1+... is as deep as it is long

PRECEDENCE = {
    "^": 5,
    "*": 4,
    "/": 4,
    "+": 3,
    "-": 3,
    "&": 2,
    "=": 1,
    "<>": 1,
    "<": 1,
    "<=": 1,
    ">": 1,
    ">=": 1,
}
_OPENS_REFERENCE = {"cell", "range", "trimmed", "sheet", "sheets", "name", "function", "table"}
_PREFIXES = ("_XLFN.", "_XLWS.", "_XLUDF.", "_XLETA.")
_LOCAL, _OPTIONAL = "_XLPM.", "_XLOP."  # a name of LET or LAMBDA; a parameter in brackets
_SPELLED = {"SINGLE": "@", "ANCHORARRAY": "#"}
_TRIMMED = {"_TRO_LEADING": 1, "_TRO_TRAILING": 2, "_TRO_ALL": 3}  # what TRIMRANGE calls it
_VALUES = (Number, Text, Boolean, ArrayConstant)
_END: Token = ("end", "", False, 0)


def parse(text: str, row: int, column: int) -> Node:
    """The tree of a formula (text without `=`) that stands in the cell (row, column), counted from 0.

    FormulaError when it cannot be read or holds what is not supported (see `lexer.tokens`).
    """
    parser = _Parser(text, row, column)
    node = parser.expression(0)
    if parser.token is not _END:
        raise parser.error(f"{parser.token[1]!r} does not belong here")
    if len(parser.tokens) > MAX_DEPTH and depth(node) > MAX_DEPTH:
        raise FormulaError(f"more than {MAX_DEPTH} levels or chained operators", text, 0)
    # `(A1-A2)` is not the same as `A1-A2`, whose last operator rounds (see `functions/operators.py`)
    ends = isinstance(node, Binary) and node.operator in ("+", "-")
    return Unary("+", node) if ends and node is parser.enclosed else node


class _Parser:
    def __init__(self, text: str, row: int, column: int) -> None:
        self.text, self.row, self.column = text, row, column
        self.tokens = tokens(text)
        self.tokens.append(_END)
        self.index = 0
        self.nesting = 0
        self.token = self.tokens[0]
        self.enclosed: Node | None = None  # what stood in the last parentheses

    def error(self, reason: str) -> FormulaError:
        if self.token is _END:
            return FormulaError("the formula ends too early", self.text, len(self.text))
        return FormulaError(reason, self.text, self.token[3])

    def advance(self) -> Token:
        """The current token; steps past it."""
        token = self.token
        self.index += 1
        self.token = self.tokens[self.index]
        return token

    def expect(self, operator: str) -> None:
        if self.token[1] != operator or self.token[0] != "op":
            raise self.error(f"expected {operator!r}, found {self.token[1]!r}")
        self.advance()

    def at(self, operator: str) -> bool:
        return self.token[1] == operator and self.token[0] == "op"

    def enter(self) -> None:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise self.error(f"more than {MAX_NESTING} nested levels")

    def expression(self, least: int) -> Node:
        """An expression of operators that bind at least as tightly as `least`."""
        left = self.prefix()
        while self.token[0] == "op":
            operator = self.token[1]
            precedence = PRECEDENCE.get(operator)
            if precedence is None or precedence <= least:
                break
            self.advance()
            left = Binary(operator, left, self.expression(precedence))
        return left

    def prefix(self) -> Node:
        signs = []
        while self.token[0] == "op" and self.token[1] in ("-", "+", "@"):
            signs.append(self.advance()[1])
        node = self.corners()
        while self.token[2] and (self.token[0] in _OPENS_REFERENCE or self.at("(")):
            node = Binary(" ", node, self.corners())
        for sign in reversed(signs):
            node = Unary(sign, node)
        while self.at("%"):
            self.advance()
            node = Unary("%", node)
        return node

    def corners(self) -> Node:
        """Operands joined by `:`, which binds before the space of an intersection."""
        left = self.postfix(self.primary())
        while self.token[0] == "colon":
            position = self.advance()[3]
            right = self.postfix(self.primary())
            if isinstance(left, _VALUES) or isinstance(right, _VALUES):
                raise FormulaError("a range needs a reference on both sides of ':'", self.text, position)
            if isinstance(left, CellRef) and isinstance(right, CellRef) and right.sheet in (None, left.sheet):
                last = CellRef(right.row, right.column, right.row_abs, right.column_abs, left.sheet)
                left = RangeRef(left, last)
            else:
                left = Binary(":", left, right)
        return left

    def postfix(self, node: Node) -> Node:
        """An operand with the `#` and the arguments that follow it."""
        while not self.token[2]:
            closed = self.tokens[self.index - 1]
            if self.token[0] == "spill" and not isinstance(node, _VALUES):
                self.advance()
                node = Unary("#", node)
            elif self.at("(") and closed[:2] == ("op", ")"):
                self.enter()
                self.advance()
                node = Apply(node, self.arguments())
            else:
                break
        return node

    def primary(self) -> Node:
        kind, text, _, position = self.token
        if kind == "cell":
            self.advance()
            return self.cell(text, None)
        if kind == "number":
            self.advance()
            value = float(text)
            if math.isinf(value):
                raise FormulaError(f"{text} is beyond the largest number", self.text, position)
            return Number(value, text)
        if kind == "function":
            return self.call()
        if kind == "range":
            self.advance()
            return self.range(text, None)
        if kind == "op":
            if text == "(":
                return self.parentheses()
            if text == "{":
                return self.array_constant()
        elif kind == "name":
            self.advance()
            return _name(text)
        elif kind == "text":
            self.advance()
            return Text(text[1:-1].replace('""', '"'))
        elif kind in ("sheet", "sheets"):
            return self.qualified()
        elif kind == "trimmed":
            self.advance()
            return self.trimmed(text, None)
        elif kind == "table":
            self.advance()
            try:
                return structured.read(text)
            except ValueError as error:
                raise FormulaError(str(error), self.text, position) from None
        elif kind == "error":
            self.advance()
            return Error(ERRORS_BY_LABEL[text.upper()])
        raise self.error(f"{text!r} does not belong here")

    def parentheses(self) -> Node:
        """`(expression)`, or a union `(A1,B2:C3)`."""
        self.enter()
        self.advance()
        node = self.expression(0)
        while self.at(","):
            self.advance()
            node = Binary("union", node, self.expression(0))
        self.expect(")")
        self.nesting -= 1
        self.enclosed = node
        return node

    def call(self) -> Node:
        self.enter()
        written = self.advance()[1][:-1]
        name = in_capitals(written)
        arguments = self.arguments()
        if name.startswith(_LOCAL):
            return Apply(NameRef(written[len(_LOCAL) :]), arguments)
        while name.startswith(_PREFIXES):
            name = name[name.index(".") + 1 :]
        if name in _SPELLED and len(arguments) == 1:
            return Unary(_SPELLED[name], arguments[0])
        if name in _TRIMMED and len(arguments) == 1:
            return _trimrange(arguments[0], _TRIMMED[name])
        if name == "LAMBDA":
            return Call(name, (*map(_parameter, arguments[:-1]), *arguments[-1:]))
        return Call(name, arguments)

    def arguments(self) -> tuple[Node, ...]:
        """What stands behind an open parenthesis, and the closing one."""
        found: list[Node] = []
        if not self.at(")"):
            while True:
                empty = self.at(",") or self.at(")")
                found.append(Missing() if empty else self.expression(0))
                if not self.at(","):
                    break
                self.advance()
        self.expect(")")
        self.nesting -= 1
        return tuple(found)

    def array_constant(self) -> Node:
        self.advance()
        rows: list[tuple[Node, ...]] = []
        while True:
            row = [self.constant()]
            while self.at(","):
                self.advance()
                row.append(self.constant())
            rows.append(tuple(row))
            if len(row) != len(rows[0]):
                raise self.error("rows of different lengths in {...}")
            if not self.at(";"):
                break
            self.advance()
        self.expect("}")
        return ArrayConstant(tuple(rows))

    def constant(self) -> Node:
        """An element of `{...}`: a number, which may be signed, text, TRUE, FALSE or an error."""
        sign = self.advance()[1] if self.at("-") or self.at("+") else ""
        if self.token[0] not in ("number", "text", "name", "error"):
            raise self.error("only constants may stand in {...}")
        node = self.primary()
        if isinstance(node, Number):
            return Number(-node.value, "-" + node.text) if sign == "-" else node
        if sign or isinstance(node, NameRef):
            raise self.error("only constants may stand in {...}")
        return node

    def qualified(self) -> Node:
        """What follows a sheet's name and `!`."""
        sheet: str | None = self.advance()[1][:-1]
        if sheet and sheet[0] == "'":
            sheet = sheet[1:-1].replace("''", "'")
        sheet = sheet or None  # `[0]!`: this workbook
        kind, text, _, _ = self.token
        if kind not in ("cell", "range", "trimmed", "name", "error", "function"):
            raise self.error(f"expected a reference after {sheet}!")
        if kind == "function":
            self.enter()
            self.advance()
            return Apply(NameRef(text[:-1], sheet), self.arguments())
        self.advance()
        if kind == "cell":
            return self.cell(text, sheet)
        if kind == "range":
            return self.range(text, sheet)
        if kind == "trimmed":
            return self.trimmed(text, sheet)
        return NameRef(text, sheet) if kind == "name" else Error(ERRORS_BY_LABEL[text.upper()])

    def trimmed(self, text: str, sheet: str | None) -> Node:
        """`A1.:.C9`: the dots say at which ends blank rows and columns are cut off."""
        reference = self.range(text.replace(".", ""), sheet)
        return _trimrange(reference, (".:" in text) + 2 * (":." in text))

    def cell(self, text: str, sheet: str | None) -> Node:
        """A cell, or a name where the letters and digits lie beyond a sheet's end (`XFE1`, Excel too)."""
        row, column, row_abs, column_abs = _place(text)
        if row < 0:
            return NameRef(text, sheet)
        return CellRef(
            row if row_abs else row - self.row,
            column if column_abs else column - self.column,
            row_abs,
            column_abs,
            sheet,
        )

    def range(self, text: str, sheet: str | None) -> Node:
        first, _, last = text.partition(":")
        if first[-1].isdigit() and first.lstrip("$")[0].isalpha():
            left, right = self.cell(first, sheet), self.cell(last, sheet)
            if isinstance(left, CellRef) and isinstance(right, CellRef):
                return RangeRef(left, right)
            return Binary(":", left, right)
        return RangeRef(self.edge(first, sheet, 0), self.edge(last, sheet, 1))

    def edge(self, text: str, sheet: str | None, side: int) -> CellRef:
        """A corner of a whole-column or whole-row range; `side` 0 is the first, 1 the last."""
        fixed, plain = text[0] == "$", text.lstrip("$")
        try:
            if plain.isdigit():
                if int(plain) > MAX_ROWS:
                    raise ValueError(f"no row {plain}: a sheet ends at row {MAX_ROWS}")
                row = int(plain) - 1 - (0 if fixed else self.row)
                return CellRef(row, side * (MAX_COLUMNS - 1), fixed, True, sheet)
            column = column_index(plain) - (0 if fixed else self.column)
            return CellRef(side * (MAX_ROWS - 1), column, True, fixed, sheet)
        except ValueError as error:
            raise self.error(str(error)) from None


def _name(text: str) -> Node:
    upper = in_capitals(text)
    if upper in ("TRUE", "FALSE"):
        return Boolean(upper == "TRUE")
    if upper.startswith(_OPTIONAL):
        return OptionalName(text[len(_OPTIONAL) :])
    while upper.startswith((_LOCAL, *_PREFIXES)):
        text, upper = text.partition(".")[2], upper.partition(".")[2]
    return NameRef(text)


def _parameter(node: Node) -> Node:
    """A parameter of LAMBDA; `[x]`, which looks like a column of a table, may be left out."""
    if isinstance(node, StructuredRef) and not node.table and not node.items and node.first and not node.last:
        return OptionalName(node.first)
    return node


def _trimrange(reference: Node, ends: int) -> Node:
    return Call("TRIMRANGE", (reference, Number(ends), Number(ends)))


@lru_cache(maxsize=65536)
def _place(text: str) -> tuple[int, int, bool, bool]:
    """Row, column, `$` of row, `$` of column of an A1 name; row -1 when it lies beyond a sheet's end."""
    column_abs = text[0] == "$"
    letters = text.lstrip("$").rstrip("0123456789")
    row_abs = letters[-1] == "$"
    letters = letters.rstrip("$")
    row = int(text[text.index(letters) + len(letters) + row_abs :]) - 1
    if row >= MAX_ROWS or (len(letters) == 3 and letters.upper() > "XFD"):
        return -1, -1, False, False
    return row, column_index(letters), row_abs, column_abs


def depth(node: Node) -> int:
    """Levels of a tree, counted without recursion."""
    levels, level = 0, [node]
    while level:
        levels += 1
        level = [child for parent in level for child in parent.children()]
    return levels
