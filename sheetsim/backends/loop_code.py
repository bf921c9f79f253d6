"""Formulas as scalar code: trees of Excel's nodes into trees of Python's `ast`.

The code works on the flat number arrays of the grids (`N0`, `N1`, ..., one per sheet; cell (row, column) is
number column * height + row) and on integers `b0`, `b1`, ... that say where things are, so that the same
code serves every recurrence of the same structure. `u` is the time that runs along the sweep, `s` the place
within a line. `H5: C5-F5*$D$2` becomes

    x2 = x0 - x1 * f0
    if not x2 - x2 == 0.0:
        return u
    N0[b7 + u] = x2

It is *optimistic*: all values are numbers, and whenever something is not (a division by zero, a root of a
negative number, an overflow) it returns the time at which that happened, and the exact evaluator takes over
there. A value that is not finite need not be noticed at once where it passes on through + - * and the
upper side of /, but must be before something could swallow it: a comparison, MIN, the lower side of /.

Nothing in the code comes from text of a workbook: names are made here, numbers are constants.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from sheetsim.backends.loop_parts import (
    PLAIN,
    Code,
    Member,
    Read,
    Slot,
    Term,
    Unsuited,
    binary,
    call,
    constant,
    item,
    named,
)
from sheetsim.formula.nodes import Binary, Boolean, Call, CellRef, Node, Number, RangeRef, Unary
from sheetsim.functions.digits import NEAR
from sheetsim.functions.elementary import MAX_REPEATED
from sheetsim.functions.registry import FUNCTIONS

COMPARISONS: dict[str, type[ast.cmpop]] = {
    "=": ast.Eq,
    "<>": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}
_ARITHMETIC: dict[str, type[ast.operator]] = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div}


@dataclass(slots=True)
class Writer:
    """Writes the body of one loop. After `write`, `slots` and `reads` say what it needs."""

    members: Sequence[Member]
    along_rows: bool
    table: Mapping[str, Callable[[Writer, Sequence[Node]], Term]]  # functions with code of their own
    slots: list[Slot] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    before: list[ast.stmt] = field(default_factory=list)  # what is done once, before the loop
    compilable: bool = True
    calls: set[str] = field(default_factory=set)
    _numbers: dict[Slot, int] = field(default_factory=dict)
    _fixed: dict[Slot, str] = field(default_factory=dict)
    _count: int = 0
    _body: list[ast.stmt] = field(default_factory=list)
    _member: int = 0
    _checked: set[int] = field(default_factory=set)

    def write(self) -> list[ast.stmt]:
        """The statements of one time step. Unsuited when a formula cannot be told so."""
        for number, member in enumerate(self.members):
            self._member = number
            carried = any(
                member_place.same == number
                for later in self.members[number + 1 :]
                for reference in _carried(later.node)
                if (member_place := later.places[reference]) and not later.wide
            )
            outer, self._body = self._body, []
            term = self._formula(member.node)
            if member.wide or not carried:
                self.stop_unless_finite(term, f"x{number}")
                self._checked.add(number)
            else:
                self.assign(f"x{number}", term.code)
            own = self._address(Slot("own", number), along=True, over=member.wide, sheet=member.sheet)
            self._body.append(ast.Assign([item(f"N{member.sheet}", own, ast.Store())], named(f"x{number}")))
            body, self._body = self._body, outer
            self._body += [self._line(number, body)] if member.wide else body
        return self._body

    def _line(self, number: int, body: list[ast.stmt]) -> ast.stmt:
        """`for s in range(count)`, or backwards."""
        count = self.slot(Slot("count", number))
        ends: list[Code] = [constant(0), count]
        if self.members[number].across < 0:
            ends = [binary(ast.Sub, count, constant(1)), constant(-1), constant(-1)]
        return ast.For(named("s", ast.Store()), call("range", *ends), body, [])

    # -- where things are

    def slot(self, slot: Slot) -> Code:
        if slot not in self._numbers:
            self._numbers[slot] = len(self.slots)
            self.slots.append(slot)
        return named(f"b{self._numbers[slot]}")

    def height(self, sheet: int) -> Code:
        return self.slot(Slot("height", sheet))

    def _address(self, slot: Slot, along: bool, over: bool, sheet: int) -> Code:
        """A slot's address, moved by `u` where it moves along the sweep and by `s` where it moves across."""
        code = self.slot(slot)
        for moves, variable, is_row in ((along, "u", self.along_rows), (over, "s", not self.along_rows)):
            if moves:
                step = named(variable)
                code = binary(ast.Add, code, step if is_row else binary(ast.Mult, step, self.height(sheet)))
        return code

    def moves(self, reference: CellRef) -> tuple[bool, bool]:
        """Does it move along the sweep, does it move across?"""
        row, column = not reference.row_abs, not reference.column_abs
        along, over = (row, column) if self.along_rows else (column, row)
        return along, over and self.members[self._member].wide

    def cell(self, reference: CellRef, kinds: frozenset[int] = PLAIN) -> Term:
        place = self.members[self._member].places[reference]
        if place.same is not None:
            loose = place.same not in self._checked
            return Term(named(f"x{place.same}"), loose, loose)
        self.note(reference, kinds)
        along, over = self.moves(reference)
        slot = Slot("cell", self._member, reference)
        load = item(f"N{place.sheet}", self._address(slot, along, over, place.sheet))
        if not place.fixed:
            return Term(load)
        if slot not in self._fixed:
            self._fixed[slot] = f"f{len(self._fixed)}"
            self.before.append(ast.Assign([named(self._fixed[slot], ast.Store())], load))
        return Term(named(self._fixed[slot]))

    # -- ranges

    def array_of(self, reference: RangeRef) -> str:
        return f"N{self.members[self._member].places[reference].sheet}"

    def note(self, reference: CellRef | RangeRef, kinds: frozenset[int]) -> None:
        """Remember what kinds of cells a reference may meet."""
        self.reads.append(Read(self._member, reference, kinds))

    def bounds(self, reference: RangeRef) -> tuple[tuple[Code, Code], tuple[Code, Code]]:
        """Half-open spans of rows and of columns."""
        first, last = reference.first, reference.last
        rows = self._span("row", first, last, first.row_abs == last.row_abs, first.row <= last.row)
        columns = self._span(
            "column", first, last, first.column_abs == last.column_abs, first.column <= last.column
        )
        return rows, columns

    def _span(
        self, what: Literal["row", "column"], first: CellRef, last: CellRef, steady: bool, ordered: bool
    ) -> tuple[Code, Code]:
        low, high = self._corner(what, first), self._corner(what, last)
        if not steady:
            low, high = call("min", low, high), call("max", low, high)
        elif not ordered:
            low, high = high, low
        return low, binary(ast.Add, high, constant(1))

    def _corner(self, what: Literal["row", "column"], corner: CellRef) -> Code:
        code = self.slot(Slot(what, self._member, corner))
        along, over = self.moves(corner)
        for moves, variable, runs in ((along, "u", self.along_rows), (over, "s", not self.along_rows)):
            if moves and runs == (what == "row"):
                code = binary(ast.Add, code, named(variable))
        return code

    @contextmanager
    def window(self, reference: RangeRef) -> Iterator[Code]:
        """Loops through the cells of a range in reading order; gives the address of the cell at hand."""
        (low, high), (left, right) = self.bounds(reference)
        outer, self._body = self._body, []
        yield self._at(reference, named("r"), named("c"))
        inner = ast.For(named("c", ast.Store()), call("range", left, right), self._body, [])
        self._body = outer
        self._body.append(ast.For(named("r", ast.Store()), call("range", low, high), [inner], []))

    def beside(self, reference: RangeRef, other: RangeRef) -> Code:
        """Inside `window(reference)`: the address of the cell at the same place of `other`."""
        (low, _), (left, _) = self.bounds(reference)
        (other_low, _), (other_left, _) = self.bounds(other)
        row = binary(ast.Add, binary(ast.Sub, named("r"), low), other_low)
        column = binary(ast.Add, binary(ast.Sub, named("c"), left), other_left)
        return self._at(other, row, column)

    def _at(self, reference: RangeRef, row: Code, column: Code) -> Code:
        height = self.height(self.members[self._member].places[reference].sheet)
        return binary(ast.Add, binary(ast.Mult, column, height), row)

    # -- statements

    def new(self) -> str:
        self._count += 1
        return f"t{self._count}"

    def assign(self, name: str, code: Code) -> Code:
        self._body.append(ast.Assign([named(name, ast.Store())], code))
        return named(name)

    def stop_unless_finite(self, term: Term, name: str) -> Code:
        """Give the value a name; stop where it is not finite (then x - x is not 0)."""
        code = self.assign(name, term.code)
        if term.loose:
            test = ast.Compare(binary(ast.Sub, code, code), [ast.Eq()], [constant(0.0)])
            self.stop_if(ast.UnaryOp(ast.Not(), test))
        return code

    def stop_if(self, test: Code) -> None:
        self._body.append(ast.If(test, [ast.Return(named("u"))], []))

    def finite(self, node: Node) -> Code:
        """Code for a number that is surely finite, for what could swallow one that is not."""
        term = self.number(node)
        return self.stop_unless_finite(term, self.new()) if term.loose else term.code

    def simple(self, code: Code) -> Code:
        """The same value, by name, to use it more than once."""
        return code if isinstance(code, (ast.Name, ast.Constant)) else self.assign(self.new(), code)

    # -- values

    def _formula(self, node: Node) -> Term:
        """A formula's result. Stops where its last + or - all but cancels (see `functions/digits.py`)."""
        if not (isinstance(node, Binary) and node.operator in ("+", "-")):
            return self._value(node)
        left, right = self.number(node.left), self.number(node.right)
        first = self.simple(left.code)
        total = self.simple(binary(_ARITHMETIC[node.operator], first, right.code))
        self.stop_if(_near(total, constant(0.0), total, first))
        return Term(total, True, left.loose or right.loose)

    def _value(self, node: Node) -> Term:
        """A result of a formula: a number and not a boolean."""
        if _is_boolean(node):
            raise Unsuited("gives TRUE or FALSE")
        if isinstance(node, Unary) and node.operator == "+":
            return self._value(node.operand)
        return self.number(node, result=True)

    def number(self, node: Node, result: bool = False) -> Term:
        if isinstance(node, Number):
            return Term(constant(float(node.value)))
        if isinstance(node, CellRef):
            return self.cell(node)
        if isinstance(node, Unary):
            inner = self.number(node.operand)
            if node.operator == "-":
                return Term(ast.UnaryOp(ast.USub(), inner.code), inner.infinite, inner.nan)
            if node.operator == "%":
                return Term(binary(ast.Div, inner.code, constant(100.0)), inner.infinite, inner.nan)
            return inner
        if isinstance(node, Binary) and node.operator in _ARITHMETIC:
            left = self.number(node.left)
            if node.operator == "/":
                right = self.number(node.right)
                below = self.stop_unless_finite(right, self.new()) if right.infinite else right.code
                return Term(binary(ast.Div, left.code, below), True, True)
            right = self.number(node.right)
            nan = left.loose or right.loose
            return Term(binary(_ARITHMETIC[node.operator], left.code, right.code), True, nan)
        if isinstance(node, Binary) and node.operator == "^":
            return self.power(node.left, node.right)
        if isinstance(node, Call) and node.name == "IF":
            return self._if(node, result)
        if _is_boolean(node):
            return Term(ast.IfExp(self._condition(node), constant(1.0), constant(0.0)))
        if isinstance(node, Call):
            if node.name in self.table:
                return self.table[node.name](self, node.arguments)
            return self._plain_call(node)
        raise Unsuited(_described(node))

    def power(self, base: Node, exponent: Node) -> Term:
        sign = 1
        if isinstance(exponent, Unary) and exponent.operator == "-":
            sign, exponent = -1, exponent.operand
        if not isinstance(exponent, Number) or not 0 < exponent.value <= MAX_REPEATED:
            raise Unsuited("a power that is no whole number from 1 to 64")
        times = int(exponent.value)
        if times != exponent.value:
            raise Unsuited("a power that is no whole number")
        inner = self.number(base)
        factor = self.simple(inner.code)
        code = factor
        for _ in range(times - 1):
            code = binary(ast.Mult, code, factor)
        term = Term(code, inner.infinite or times > 1, inner.nan)
        if sign < 0:
            below = self.stop_unless_finite(term, self.new()) if term.loose else term.code
            return Term(binary(ast.Div, constant(1.0), below), True, True)
        return term

    def _if(self, node: Call, result: bool) -> Term:
        if len(node.arguments) != 3:
            raise Unsuited("IF without both results")
        test = self._condition(node.arguments[0])
        branches: list[tuple[Term, list[ast.stmt]]] = []
        for argument in node.arguments[1:]:
            outer, self._body = self._body, []
            branches.append((self._value(argument) if result else self.number(argument), self._body))
            self._body = outer
        (yes, first), (no, second) = branches
        infinite, nan = yes.infinite or no.infinite, yes.nan or no.nan
        if not first and not second:
            return Term(ast.IfExp(test, yes.code, no.code), infinite, nan)
        name = self.new()
        first.append(ast.Assign([named(name, ast.Store())], yes.code))
        second.append(ast.Assign([named(name, ast.Store())], no.code))
        self._body.append(ast.If(test, first, second))
        return Term(named(name), infinite, nan)

    def _condition(self, node: Node) -> Code:
        if isinstance(node, Boolean):
            return ast.Constant(node.value)
        if isinstance(node, Binary) and node.operator in COMPARISONS:
            if _is_boolean(node.left) or _is_boolean(node.right):
                raise Unsuited("a comparison with TRUE or FALSE")
            left, right = self.simple(self.finite(node.left)), self.simple(self.finite(node.right))
            self.stop_if(_near(left, right, binary(ast.Sub, left, right), left))
            return ast.Compare(left, [COMPARISONS[node.operator]()], [right])
        if isinstance(node, Call) and node.name in ("AND", "OR", "NOT") and node.arguments:
            if node.name == "NOT":
                return ast.UnaryOp(ast.Not(), self._condition(node.arguments[0]))
            if not all(_is_boolean(argument) for argument in node.arguments):
                raise Unsuited(f"{node.name} of other than comparisons")
            join = ast.And() if node.name == "AND" else ast.Or()
            return ast.BoolOp(join, [self._condition(argument) for argument in node.arguments])
        return ast.Compare(self.finite(node), [ast.NotEq()], [constant(0.0)])

    def _plain_call(self, node: Call) -> Term:
        """A function of numbers, by its scalar implementation: in plain Python only."""
        record = FUNCTIONS.get(node.name)
        if record is None or not record.told or record.draws or not record.parameters:
            raise Unsuited(f"the function {node.name}")
        if any(record.kind(position) not in ("number", "strict") for position in range(len(node.arguments))):
            raise Unsuited(f"the function {node.name}")
        if not record.least <= len(node.arguments) <= record.most:
            raise Unsuited(f"{node.name} with {len(node.arguments)} arguments")
        self.compilable = False
        self.calls.add(node.name)
        return Term(call(f"call_{node.name}", *(self.finite(argument) for argument in node.arguments)))


def _near(a: Code, b: Code, difference: Code, size: Code) -> Code:
    """Whether a and b differ, but so little that their 15th digits decide."""
    bound = binary(ast.Mult, constant(2 * NEAR), call("abs", size))
    small = ast.Compare(call("abs", difference), [ast.LtE()], [bound])
    return ast.BoolOp(ast.And(), [ast.Compare(a, [ast.NotEq()], [b]), small])


def _is_boolean(node: Node) -> bool:
    if isinstance(node, Call) and node.name == "IF":
        return any(_is_boolean(argument) for argument in node.arguments[1:])
    return (
        isinstance(node, Boolean)
        or (isinstance(node, Binary) and node.operator in COMPARISONS)
        or (isinstance(node, Call) and node.name in ("AND", "OR", "NOT"))
    )


def _carried(node: Node) -> list[CellRef]:
    """Cells whose value, if it is not finite, makes the result of `node` not finite either."""
    if isinstance(node, CellRef):
        return [node]
    if isinstance(node, Unary):
        return _carried(node.operand)
    if isinstance(node, Binary) and node.operator in ("+", "-", "*"):
        return _carried(node.left) + _carried(node.right)
    if isinstance(node, Binary) and node.operator == "/":
        return _carried(node.left)
    return []


def _described(node: Node) -> str:
    if isinstance(node, RangeRef):
        return "a range where a single value is meant"
    return {"Text": "text", "Error": "an error value", "Binary": "text or references"}.get(
        type(node).__name__, f"{type(node).__name__} in a formula"
    )
