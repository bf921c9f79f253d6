"""Builders: what the body of a function is written against.

A body takes a builder and a `Term` for each argument and gives a `Term`:

    def logistic(b: Builder, x: Term) -> Term:
        return 1 / (1 + b.exp(-x))

    def quotient(b: Builder, x: Term, y: Term) -> Term:
        return b.fail(b.trunc(x / y), b.eq(y, 0), ExcelError.DIV0)

    def sum_of_squares(b: Builder, *blocks: Term) -> Term:
        return b.checked(blocks, b.total(blocks, lambda x: x * x))

    register(Function("QUOTIENT", ("number", "number"), 2, 2, body=quotient))

The same body runs on single values (`eager`, the definition), on arrays (`vector`) and is traced into a
program (`Program` here) that backends print as a loop, as torch's operations or as CUDA C++. So a body has no
`if` on a value: it asks `b.select`. How many arguments there are, and what is written once for all, it may
look at.

What a body can say (x, y are terms or plain numbers):

    x + y  x - y  x * y  x / y  -x       as IEEE 754 has it, no errors: may be infinite or not a number
    x < y  x <= y  x > y  x >= y  b.eq(x, y)  b.ne(x, y)      of numbers: a truth value
    s & t  s | t  ~s                     of truth values
    b.select(test, x, y)                 x where the test holds, else y
    b.exp(x), b.floor(x), ...            any of `ops.ELEMENTARY`; b.power(x, y), b.atan2(y, x)
    b.fail(x, test, ExcelError.DIV0)     that error where the test holds
    b.is_number(x)  b.plain(x)           of cells of any kind: is it a number; the number, or 0
    b.total(blocks, term)                term of each number of the blocks, added up in reading order
    b.fold(how, start, blocks, term)     the same with "mul", "min" or "max"
    b.count(blocks)                      how many numbers they hold
    b.checked(blocks, x)                 the first error among the cells of the blocks, else x

What the body gives is made #NUM! where it is not finite; an error among arguments that take one value never
reaches the body (unless the record `sees_errors`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sheetsim.ir.ops import ELEMENTARY, PRIMITIVES
from sheetsim.ir.types import BLANKS, BOOLEANS, ERRORS, NUMBERS, TEXTS, Type
from sheetsim.values import ExcelError, Scalar


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """Something that a builder made. `value` is the builder's business."""

    builder: Builder
    value: Any

    def __add__(self, other: Operand) -> Term:
        return self.builder.op("add", self, other)

    def __radd__(self, other: Operand) -> Term:
        return self.builder.op("add", other, self)

    def __sub__(self, other: Operand) -> Term:
        return self.builder.op("sub", self, other)

    def __rsub__(self, other: Operand) -> Term:
        return self.builder.op("sub", other, self)

    def __mul__(self, other: Operand) -> Term:
        return self.builder.op("mul", self, other)

    def __rmul__(self, other: Operand) -> Term:
        return self.builder.op("mul", other, self)

    def __truediv__(self, other: Operand) -> Term:
        return self.builder.op("div", self, other)

    def __rtruediv__(self, other: Operand) -> Term:
        return self.builder.op("div", other, self)

    def __neg__(self) -> Term:
        return self.builder.op("neg", self)

    def __abs__(self) -> Term:
        return self.builder.op("abs", self)

    def __lt__(self, other: Operand) -> Term:
        return self.builder.op("lt", self, other)

    def __le__(self, other: Operand) -> Term:
        return self.builder.op("le", self, other)

    def __gt__(self, other: Operand) -> Term:
        return self.builder.op("gt", self, other)

    def __ge__(self, other: Operand) -> Term:
        return self.builder.op("ge", self, other)

    def __and__(self, other: Operand) -> Term:
        return self.builder.op("and", self, other)

    def __or__(self, other: Operand) -> Term:
        return self.builder.op("or", self, other)

    def __invert__(self) -> Term:
        return self.builder.op("not", self)


Operand = Term | float | bool | ExcelError | str | None
Body = Callable[..., Term]


class Builder(ABC):
    """See the module."""

    @abstractmethod
    def op(self, name: str, *arguments: Operand, **attributes: Any) -> Term:
        """One primitive operation (see `ops`)."""

    @abstractmethod
    def constant(self, value: Scalar) -> Term: ...

    @abstractmethod
    def function(self, count: int, body: Callable[..., Term]) -> Term:
        """A function value of `count` single values."""

    def term(self, value: Operand) -> Term:
        """A constant where it is none yet."""
        if isinstance(value, Term):
            return value
        plain = isinstance(value, int) and not isinstance(value, (bool, ExcelError))
        return self.constant(float(value) if plain else value)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> Callable[..., Term]:
        """`b.exp(x)`: functions of one number."""
        if name not in ELEMENTARY:
            raise AttributeError(name)
        return lambda x: self.op(name, x)

    def power(self, base: Operand, exponent: Operand) -> Term:
        return self.op("power", base, exponent)

    def atan2(self, y: Operand, x: Operand) -> Term:
        return self.op("atan2", y, x)

    def eq(self, x: Operand, y: Operand) -> Term:
        return self.op("eq", x, y)

    def ne(self, x: Operand, y: Operand) -> Term:
        return self.op("ne", x, y)

    def select(self, test: Operand, yes: Operand, no: Operand) -> Term:
        return self.op("select", test, yes, no)

    def fail(self, x: Operand, test: Operand, error: ExcelError) -> Term:
        return self.op("fail", x, test, code=int(error))

    def unless(self, test: Operand, error: ExcelError, x: Operand) -> Term:
        """x where the test holds, which is worked out even there where it does not; else the error."""
        return self.select(test, x, error)

    def finite(self, x: Operand) -> Term:
        return self.op("finite", x)

    def number(self, truth: Operand) -> Term:
        return self.op("number", truth)

    # -- cells of any kind, and blocks of them

    def is_kind(self, x: Operand, kinds: int) -> Term:
        return self.op("is_kind", x, kinds=kinds)

    def is_number(self, x: Operand) -> Term:
        return self.is_kind(x, NUMBERS)

    def plain(self, x: Operand) -> Term:
        return self.op("plain", x)

    def fold(
        self,
        how: str,
        start: Operand,
        blocks: Sequence[Term],
        term: Callable[[Term], Term] | None = None,
        where: Callable[[Term], Term] | None = None,
    ) -> Term:
        """`start`, and `term` of each number (or of what `where` holds for), block after block."""
        total = self.term(start)
        for block in blocks:
            test = (where or self.is_number)(block)
            plain = self.plain(block)
            total = self.op("fold", total, term(plain) if term else plain, test, how=how)
        return total

    def total(self, blocks: Sequence[Term], term: Callable[[Term], Term] | None = None) -> Term:
        return self.fold("add", 0.0, blocks, term)

    def count(self, blocks: Sequence[Term], kinds: int = NUMBERS) -> Term:
        """How many cells of the blocks are of one of `kinds`."""
        total = self.term(0.0)
        for block in blocks:
            total = self.op("fold", total, 1.0, self.is_kind(block, kinds), how="add")
        return total

    def checked(self, blocks: Sequence[Term], x: Term) -> Term:
        for block in reversed(blocks):
            x = self.op("after", self.op("first_error", block), x)
        return x

    def truth(self, x: Operand) -> Term:
        return self.op("truth", x)

    def result(self, body: Body, arguments: Sequence[Term]) -> Term:
        """What a function gives: its body's result, #NUM! where that is not finite."""
        return self.finite(body(self, *arguments))


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One operation of a program: the same steps are the same object. `key` is what makes it so."""

    name: str
    arguments: tuple[Step, ...]
    attributes: tuple[tuple[str, Any], ...]
    type: Type
    number: int

    def attribute(self, name: str) -> Any:
        return dict(self.attributes)[name]

    @property
    def constant(self) -> Scalar:
        """Of a constant: its value."""
        return self.attributes[0][1]


@dataclass(slots=True)
class Program(Builder):
    """The tracing builder: steps that are alike are one step (hash-consed), in an order in which arguments
    come first. `str(program)` shows them."""

    steps: list[Step] = field(default_factory=list)
    _known: dict[Any, Step] = field(default_factory=dict)

    def op(self, name: str, *arguments: Operand, **attributes: Any) -> Term:
        return Term(self, self.step(name, *(self.term(a).value for a in arguments), **attributes))

    def step(self, name: str, *arguments: Step, **attributes: Any) -> Step:
        from sheetsim.ir.simplify import simpler

        given = tuple(sorted(attributes.items()))
        return simpler(self, name, arguments, given) or self.made(name, arguments, given)

    def made(self, name: str, arguments: tuple[Step, ...], attributes: tuple[tuple[str, Any], ...]) -> Step:
        """The step itself, not simplified."""
        primitive = PRIMITIVES[name]
        if primitive.arity is not None and len(arguments) != primitive.arity:
            raise TypeError(f"{name} takes {primitive.arity} arguments, not {len(arguments)}")
        key = (name, tuple(a.number for a in arguments), tuple(map(_exact, attributes)))
        if key not in self._known:
            given = dict(attributes)
            if primitive.shape == "leaf":
                type_ = Type(
                    primitive.kinds(*(a.type for a in arguments), **given), given.get("axes") or frozenset()
                )
            else:
                type_ = primitive.type(tuple(a.type for a in arguments), given)
            self._known[key] = Step(name, arguments, attributes, type_, len(self.steps))
            self.steps.append(self._known[key])
        return self._known[key]

    def constant(self, value: Scalar) -> Term:
        return Term(self, self.step("constant", value=value))

    def function(self, count: int, body: Callable[..., Term]) -> Term:
        kinds = BLANKS | NUMBERS | BOOLEANS | TEXTS | ERRORS
        names = range(len(self.steps), len(self.steps) + count)  # no two functions share a parameter
        parameters = [self.op("parameter", number=n, kinds=kinds, axes=frozenset()) for n in names]
        return self.op("lambda", *parameters, body(*parameters))

    def needed(self, root: Step) -> list[Step]:
        """The steps that `root` needs, arguments first, itself last."""
        seen, stack = {root.number}, [root]
        while stack:
            for argument in stack.pop().arguments:
                if argument.number not in seen:
                    seen.add(argument.number)
                    stack.append(argument)
        return [self.steps[number] for number in sorted(seen)]

    def __str__(self) -> str:
        lines = []
        for step in self.steps:
            parts = [f"%{a.number}" for a in step.arguments] + [f"{k}={v!r}" for k, v in step.attributes]
            lines.append(f"%{step.number} = {step.name}({', '.join(parts)})  {step.type}")
        return "\n".join(lines)


def _exact(attribute: tuple[str, Any]) -> tuple[str, Any]:
    """1.0, True and -0.0 are equal or alike to Python, but not the same constant."""
    name, value = attribute
    return name, (type(value), repr(value)) if isinstance(value, (float, int)) else value


__all__ = ["Body", "Builder", "Operand", "Program", "Step", "Term"]
