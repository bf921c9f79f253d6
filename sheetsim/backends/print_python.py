"""Loops as plain Python: what runs where llvmlite is not installed, or does not pay.

    def loop(B, N0, K0, start, stop):
        b0, b1, b2, = B
        f0 = N0[b1]
        for u in range(start, stop, 1):
            x1 = N0[b0 + u] * f0 - sqrt(abs(N0[b2 + u]))
            if not x1 - x1 == 0.0:
                return u
            N0[b3 + u] = x1
        return stop

Where Python raises (a division by zero, a root of a negative number) that is a stop too. Arrays are
memoryviews.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from sheetsim.backends.printer import Code, Printer, What
from sheetsim.ir.ops import PRIMITIVES

_BINARY = {"add": "+", "sub": "-", "mul": "*", "div": "/", "and": "and", "or": "or"}
_BINARY |= {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
_NATIVE = {"sqrt", "abs", "min2", "max2", "trunc", "number"}
_LONG = 400  # characters of an expression that is given a name: Python's parser nests only so deep


class PythonCode(Printer):
    exact = False
    lazy = True
    stops_at_once = True

    def __init__(self, stops: bool = True) -> None:
        self.may_stop = stops
        self.body: list[str] = []
        self.first_lines: list[str] = []
        self.calls: set[str] = set()
        self.indent = 2
        self._names = 0

    def text(self, slots: int, arrays: int, sign: int) -> str:
        """The whole function."""
        names = "".join(f"N{n}, K{n}, " for n in range(arrays))
        lines = [f"def loop(B, {names}start, stop):"]
        if slots:
            lines.append("    " + "".join(f"b{n}, " for n in range(slots)) + "= B")
        lines += ["    " + line for line in self.first_lines]
        lines += ["    try:", f"        for u in range(start, stop, {sign}):"]
        lines += ["    " + line for line in self.body]
        failures = "(ZeroDivisionError, ValueError, OverflowError)"
        return "\n".join([*lines, f"    except {failures}:", "        return u", "    return stop", ""])

    def made(self, slots: int, arrays: int, sign: int) -> Callable[..., int]:
        names: dict[str, Any] = {"sqrt": math.sqrt, "inf": math.inf, "nan": math.nan}
        names |= {f"call_{name}": PRIMITIVES[name].rule for name in self.calls}
        exec(compile(self.text(slots, arrays, sign), "<a recurrence>", "exec"), names)
        loop: Callable[..., int] = names["loop"]
        return loop

    def _say(self, line: str) -> None:
        self.body.append("    " * self.indent + line)

    # -- values

    def number(self, value: float) -> Code:
        return repr(value) if value >= 0 or value != value else f"({value!r})"

    def truth(self, value: bool) -> Code:
        return repr(value)

    def code(self, value: int) -> Code:
        return str(value)

    def failing(self, error: int) -> Code:
        return repr(bool(error))

    def calc(self, name: str, *values: Code) -> Code:
        if name in _BINARY:
            code = f"({values[0]} {_BINARY[name]} {values[1]})"
            return code if len(code) < _LONG else self._named(code)
        match name:
            case "neg":
                return f"(-{values[0]})"
            case "not":
                return f"(not {values[0]})"
            case "abs" | "sqrt":
                return f"{name}({values[0]})"
            case "number":
                return f"(1.0 if {values[0]} else 0.0)"
            case "float":
                return f"float({values[0]})"
            case "refined":
                return values[1]
            case "floor":
                return f"({values[0]} // 1.0)"
            case "is_finite":
                return f"({values[0]} - {values[0]} == 0.0)"
            case "min2" | "max2":
                a, b = (self.keep(value, "number") for value in values)
                return f"({b} if {b} {'<' if name == 'min2' else '>'} {a} else {a})"
        self.calls.add(name)
        return f"call_{name}({', '.join(values)})"

    def choose(
        self, test: Code, yes: Code, no: Code, what: What, first: object = None, second: object = None
    ) -> Code:
        if not first and not second:
            code = f"({yes} if {test} else {no})"
            return code if len(code) < _LONG else self._named(code)
        name = self._name()
        for word, lines, value in ((f"if {test}:", first, yes), ("else:", second, no)):
            self._say(word)
            self.body += lines or []  # type: ignore[arg-type]
            self.indent += 1
            self._say(f"{name} = {value}")
            self.indent -= 1
        return name

    @contextmanager
    def aside(self) -> Iterator[list[str]]:
        outer, self.body = self.body, []
        self.indent += 1
        yield self.body
        self.indent -= 1
        self.body = outer

    def keep(self, code: Code, what: What) -> Code:
        return code if code.replace(".", "").isalnum() else self._named(code)

    def _named(self, code: Code) -> Code:
        name = self._name()
        bare = code[1:-1] if code[0] == "(" and _matches(code) else code
        self._say(f"{name} = {bare}")
        return name

    def _name(self) -> str:
        self._names += 1
        return f"x{self._names}"

    # -- codes: a loop in Python is never exact, kinds are only asked for

    def same_code(self, code: Code, wanted: int) -> Code:
        return f"({code} == {wanted})"

    def kind_among(self, kind: Code, kinds: int) -> Code:
        return f"({kinds} >> {kind} & 1)"

    def error_in(self, kind: Code, value: Code) -> Code:
        raise NotImplementedError

    def fails(self, test: Code, error: int) -> Code:
        return test

    def is_set(self, failed: Code) -> Code:
        return failed

    def first(self, failed: Code, other: Code) -> Code:
        return f"({failed} or {other})"

    def number_of_code(self, failed: Code) -> Code:
        raise NotImplementedError

    # -- places

    def slot(self, number: int) -> Code:
        return f"b{number}"

    def at(self, variable: str) -> Code:
        return variable

    def integer(self, value: int) -> Code:
        return str(value)

    def whole(self, operator: Literal["+", "-", "*", "min", "max"], a: Code, b: Code) -> Code:
        if operator in ("min", "max"):
            return f"{operator}({a}, {b})"
        if operator == "+":
            return f"{a} + {b}"
        return f"({a}) - ({b})" if operator == "-" else f"({a}) * ({b})"

    def load(self, sheet: int, address: Code) -> Code:
        return f"N{sheet}[{address}]"

    def load_kind(self, sheet: int, address: Code) -> Code:
        return f"K{sheet}[{address}]"

    def store(self, sheet: int, address: Code, number: Code) -> None:
        self._say(f"N{sheet}[{address}] = {number}")

    def store_kind(self, sheet: int, address: Code, kind: Code) -> None:
        raise NotImplementedError

    # -- statements

    @contextmanager
    def before(self) -> Iterator[None]:
        outer, self.body = self.body, []
        indent, self.indent = self.indent, 0
        yield
        self.first_lines += self.body
        self.body, self.indent = outer, indent

    @contextmanager
    def line(self, count: Code, backwards: bool) -> Iterator[None]:
        ends = f"{count} - 1, -1, -1" if backwards else count
        self._say(f"for s in range({ends}):")
        self.indent += 1
        yield
        self.indent -= 1

    @contextmanager
    def loop(self, name: str, low: Code, high: Code) -> Iterator[Code]:
        self._say(f"for {name} in range({low}, {high}):")
        self.indent += 1
        yield name
        self.indent -= 1

    def variable(self, start: Code, what: What) -> Code:
        name = self._name()
        self._say(f"{name} = {start}")
        return name

    def assign(self, variable: Code, value: Code, what: What) -> None:
        self._say(f"{variable} = {value}")

    def value_of(self, variable: Code) -> Code:
        return variable

    def stop_if(self, test: Code) -> None:
        if test != "False" and self.may_stop:
            bare = test[1:-1] if test[0] == "(" and _matches(test) else test
            self._say(f"if {bare}:")
            self._say("    return u")

    def end_of_time(self) -> None:
        pass


def _matches(code: Code) -> bool:
    """Does the bracket that opens the code close at its end?"""
    depth = 0
    for place, letter in enumerate(code):
        depth += (letter == "(") - (letter == ")")
        if not depth:
            return place == len(code) - 1
    return False
