"""A formula's tree as a program: lowering, which decides before anything runs whether primitives can say it.

    lowering = Lowering(program, leaf)
    term = lowering.formula(parse("C4+D4*A4", 3, 4))

`leaf` makes the term of a cell or of a range that the formula names (a step `cell` or `block`, of the kinds
that may stand there). What primitives can't say raises `Unsuited`; its text says which part of the formula,
for the plan: text, a look-up, one cell of a range that a row means.

What is lowered is the meaning of `backends/cells.py`: arguments are made ready as `functions/calling.py`
says, the first error among them is the result, IF chooses between values (both branches are steps; errors are
values and do no harm).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sheetsim.formula.nodes import (
    Binary,
    Boolean,
    Call,
    CellRef,
    Error,
    Missing,
    Node,
    Number,
    RangeRef,
    Text,
    Unary,
)
from sheetsim.functions.logical import nested_ifs
from sheetsim.functions.math import power
from sheetsim.functions.registry import FUNCTIONS, Function, Kind
from sheetsim.ir.build import Program, Term
from sheetsim.ir.types import BLANKS, BOOLEANS, ERRORS, NUMBERS, TEXTS
from sheetsim.values import ExcelError

COMPARISONS = {"=": "eq", "<>": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_ARITHMETIC = {"+": "add", "-": "sub", "*": "mul"}
_NUMERIC = NUMBERS | BLANKS | ERRORS

Leaf = Callable[[CellRef | RangeRef, bool], Term]
"""Of a reference: its term; True asks for a block, whose cells are seen as they are, also of one cell."""


class Unsuited(Exception):
    """A formula that primitives can't say; the text says which part of it."""


class Lowering:
    """Lowers formulas into one program."""

    def __init__(self, program: Program, leaf: Leaf) -> None:
        self.b, self.leaf = program, leaf

    def formula(self, node: Node) -> Term:
        """What a cell with this formula holds: never blank. Unsuited as the class says."""
        return self.b.op("zero_if_blank", self.last(node))

    def last(self, node: Node) -> Term:
        """A node as one value; its last + or - gives 0 where it cancels in 15 digits."""
        if not isinstance(node, Binary) or node.operator not in ("+", "-"):
            return self.value(node)
        x, y = self.number(node.left), self.number(node.right)
        total = self.b.op(_ARITHMETIC[node.operator], x, y)
        return self.b.finite(self.b.op("settle", total, x))

    def value(self, node: Node) -> Term:
        """A node as one value."""
        match node:
            case Number():
                return self.b.constant(float(node.value))
            case Boolean() | Error():
                return self.b.constant(node.value)
            case Missing():
                return self.b.constant(None)
            case CellRef():
                return self.leaf(node, False)
            case Unary():
                return self.unary(node)
            case Binary():
                return self.binary(node)
            case Call():
                return self.call(node)
            case Text():
                raise Unsuited("text")
            case RangeRef():
                raise Unsuited("a range where a single value is meant")
        raise Unsuited(f"{type(node).__name__} in a formula")

    # -- operators

    def number(self, node: Node) -> Term:
        return self.b.op("to_number", self.value(node))

    def unary(self, node: Unary) -> Term:
        if node.operator == "+":
            return self.value(node.operand)
        if node.operator == "-":
            return -self.number(node.operand)
        if node.operator == "%":
            return self.number(node.operand) / 100
        raise Unsuited(f"the operator {node.operator}")

    def binary(self, node: Binary) -> Term:
        """Chains that lean left, like a + b + c, are walked without recursion."""
        chain = [node]
        while isinstance(chain[-1].left, Binary):
            chain.append(chain[-1].left)
        result = self.value(chain[-1].left)
        for link in reversed(chain):
            result = self.operated(link.operator, result, self.value(link.right))
        return result

    def operated(self, operator: str, left: Term, right: Term) -> Term:
        b = self.b
        if operator in COMPARISONS:
            return self.compared(operator, left, right)
        if operator not in _ARITHMETIC and operator not in "/^":
            raise Unsuited("text" if operator == "&" else "an operator on references")
        x, y = b.op("to_number", left), b.op("to_number", right)
        if operator in _ARITHMETIC:
            return b.finite(b.op(_ARITHMETIC[operator], x, y))
        if operator == "/":
            return b.finite(b.fail(x / y, b.eq(y, 0), ExcelError.DIV0))
        raised = b.finite(power(b, b.op("sure", x), b.op("sure", y)))
        return b.op("after", x, b.op("after", y, raised))

    def compared(self, operator: str, left: Term, right: Term) -> Term:
        types = left.value.type, right.value.type
        if all(type_.only(_NUMERIC) for type_ in types):
            pair = [self.b.op("to_number", side) for side in (left, right)]
        elif all(type_.only(BOOLEANS | ERRORS) for type_ in types):
            pair = [self.b.number(side) for side in (left, right)]
        else:
            return self.b.op(COMPARISONS[operator], self.b.op("compare", left, right), 0.0)
        x, y = pair
        plain = self.b.op(COMPARISONS[operator], x, y)
        if any(side.value.name == "constant" and side.value.constant == 0 for side in pair):
            return plain  # nothing but 0 is the same as 0
        same = self.b.op("same", x, y)
        return plain | same if operator in ("=", "<=", ">=") else plain & ~same

    # -- functions

    def call(self, node: Call) -> Term:
        if node.name == "IF":
            return self.if_(node.arguments)
        if node.name == "IFS":
            return self.value(nested_ifs(node.arguments))
        if node.name == "IFERROR":
            value, instead = (self.value(argument) for argument in node.arguments)
            return self.b.op("if_error", value, self.b.op("zero_if_blank", instead))
        record = FUNCTIONS.get(node.name)
        if record is None or record.body is None or record.draws:
            raise Unsuited(f"the function {node.name}")
        if record.gives_array:
            raise Unsuited(f"{node.name}, which gives an array")
        ready = [self.argument(record, i, argument) for i, argument in enumerate(node.arguments)]
        if record.sees_errors:
            return self.b.result(record.body, ready)
        result = self.b.result(record.body, [self.b.op("sure", argument) for argument in ready])
        for argument in reversed(ready):
            result = self.b.op("after", argument, result)
        return result

    def argument(self, record: Function, position: int, node: Node) -> Term:
        """An argument made ready (see `functions/calling.py`)."""
        kind: Kind = record.kind(position)
        if kind in ("range", "array"):
            if isinstance(node, (CellRef, RangeRef)):
                return self.leaf(node, True)
            if kind == "array":
                raise Unsuited(f"{record.name} of other than references")
            return self.direct(record, self.value(node))
        value = self.value(node)
        if kind == "any":
            return value
        if kind == "given":
            raise Unsuited(f"{record.name}, for which a blank cell is not an argument left out")
        if kind == "boolean":
            return self.b.op("to_boolean", value)
        if kind == "strict" and isinstance(node, Missing):
            return self.b.constant(ExcelError.NA)
        if kind in ("number", "strict"):
            number = self.b.op("to_number", value)
            if kind == "strict" and value.value.type.kinds & BOOLEANS:
                number = self.b.fail(number, self.b.is_kind(value, BOOLEANS), ExcelError.VALUE)
            return number
        raise Unsuited("text" if kind == "text" else f"the function {record.name}")

    def direct(self, record: Function, value: Term) -> Term:
        """A single value where a range may stand (see `registry.Direct`)."""
        match record.direct:
            case "number":
                return self.b.op("to_number", value)
            case "boolean":
                return self.b.op("to_boolean", value)
            case "value":
                return self.b.op("zero_if_blank", value)
            case "count":
                if value.value.type.kinds & TEXTS:
                    raise Unsuited("text")
                return self.b.select(self.b.is_kind(value, ERRORS), value, self.b.op("to_number", value))
        return value

    def if_(self, arguments: Sequence[Node]) -> Term:
        """A branch that is left out is FALSE, an empty one 0."""
        test = self.b.op("to_boolean", self.value(arguments[0]))
        branches: list[Term] = []
        for position in (1, 2):
            if position >= len(arguments):
                branches.append(self.b.constant(False))
            elif isinstance(arguments[position], Missing):
                branches.append(self.b.constant(0.0))
            else:
                branches.append(self.value(arguments[position]))
        return self.b.select(test, *branches)


__all__ = ["Leaf", "Lowering", "Unsuited"]
