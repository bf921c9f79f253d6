"""Loops as LLVM IR, in text: strictly IEEE, no fast-math, nothing contracted.

    define i64 @loop(ptr %B, ptr %N, ptr %K, i64 %start, i64 %stop)

B points to the integers that say where things are, N and K to the addresses of the sheets' numbers (doubles)
and kinds (bytes). The result is the time at which the loop stopped. What NumPy has bits of its own for (exp,
log, tanh, powers) is called through NumPy's own loops (`numpy_loops`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from sheetsim.backends.numpy_loops import numpy_loop
from sheetsim.backends.printer import Code, Printer, What
from sheetsim.functions.digits import NEAR
from sheetsim.functions.elementary import MAX_REPEATED
from sheetsim.ir.ops import ELEMENTARY, TENS
from sheetsim.values import ERROR

_ARITHMETIC = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
_TESTS = {"lt": "olt", "le": "ole", "gt": "ogt", "ge": "oge", "eq": "oeq", "ne": "une"}
_INTRINSIC = {
    **{name: f"llvm.{name}.f64" for name in ("sqrt", "floor", "ceil", "trunc", "rint")},
    "abs": "llvm.fabs.f64",
}
_UFUNCS = {name: ufunc.__name__ for name, ufunc in ELEMENTARY.items()} | {
    "atan2": "arctan2",
    "remainder": "remainder",
}


class LlvmCode(Printer):
    def __init__(self, exact: bool, stops: bool = True) -> None:
        self.exact, self.may_stop = exact, stops
        self.lines: list[str] = []
        self.first_lines: list[str] = []
        self.variables: list[str] = []
        self.used: set[str] = set()  # declarations
        self.stops: list[Code] = []
        self._count = 0
        self._labels = 0
        self._arrays: set[int] = set()
        self._stop_variable = ""

    # -- the whole

    def text(self, slots: int, arrays: int, sign: int) -> str:
        """The whole module: one function, @loop."""
        return "\n".join([*sorted(self.used), self.function("loop", slots, arrays, sign)])

    def function(self, name: str, slots: int, arrays: int, sign: int) -> str:
        types = {"number": "double", "truth": "i1", "code": "i8", "failed": self._type("failed")}
        head = [f"define i64 @{name}(ptr %B, ptr %N, ptr %K, i64 %start, i64 %stop) {{", "entry:"]
        for n in range(slots):
            head += [f"  %bp{n} = getelementptr i64, ptr %B, i64 {n}", f"  %b{n} = load i64, ptr %bp{n}"]
        for n in range(arrays):
            head += [f"  %np{n} = getelementptr ptr, ptr %N, i64 {n}", f"  %N{n} = load ptr, ptr %np{n}"]
            head += [f"  %kp{n} = getelementptr ptr, ptr %K, i64 {n}", f"  %K{n} = load ptr, ptr %kp{n}"]
        head += ["  %args = alloca [3 x ptr]", "  %one = alloca i64", "  %steps = alloca [3 x i64]"]
        head += [f"  %value{n} = alloca double" for n in range(3)]
        head += ["  store i64 1, ptr %one"]
        for n in range(3):
            head += [
                f"  %ap{n} = getelementptr ptr, ptr %args, i64 {n}",
                f"  store ptr %value{n}, ptr %ap{n}",
            ]
            head += [f"  %sp{n} = getelementptr i64, ptr %steps, i64 {n}", f"  store i64 8, ptr %sp{n}"]
        head += [
            f"  {name} = alloca {types.get(what, what)}"
            for name, what in (v.split(" ") for v in self.variables)
        ]
        head += self.first_lines
        head += ["  br label %head", "head:", "  %u = phi i64 [ %start, %entry ], [ %u.next, %next ]"]
        head += [
            "  %finished = icmp eq i64 %u, %stop",
            "  br i1 %finished, label %done, label %body",
            "body:",
        ]
        tail = ["  br label %next", "next:", f"  %u.next = add i64 %u, {sign}", "  br label %head"]
        tail += ["done:", "  ret i64 %u", "}"]
        return "\n".join(head + self.lines + tail) + "\n"

    def _type(self, what: What) -> str:
        return {"number": "double", "truth": "i1", "code": "i8", "failed": "i8" if self.exact else "i1"}[what]

    def _put(self, code: str) -> Code:
        self._count += 1
        self.lines.append(f"  %t{self._count} = {code}")
        return f"%t{self._count}"

    # -- values

    def number(self, value: float) -> Code:
        return f"0x{struct.unpack('>Q', struct.pack('>d', value))[0]:016X}"

    def truth(self, value: bool) -> Code:
        return "true" if value else "false"

    def code(self, value: int) -> Code:
        return str(value)

    def failing(self, error: int) -> Code:
        return str(error) if self.exact else self.truth(bool(error))

    def calc(self, name: str, *values: Code) -> Code:
        if name in _ARITHMETIC:
            return self._put(f"{_ARITHMETIC[name]} double {values[0]}, {values[1]}")
        if name in _TESTS:
            return self._put(f"fcmp {_TESTS[name]} double {values[0]}, {values[1]}")
        if name in _INTRINSIC:
            self.used.add(f"declare double @{_INTRINSIC[name]}(double)")
            return self._put(f"call double @{_INTRINSIC[name]}(double {values[0]})")
        match name:
            case "neg":
                return self._put(f"fneg double {values[0]}")
            case "and" | "or":
                return self._put(f"{name} i1 {values[0]}, {values[1]}")
            case "not":
                return self._put(f"xor i1 {values[0]}, true")
            case "number":
                return self._put(f"uitofp i1 {values[0]} to double")
            case "is_finite":
                return self._put(f"fcmp oeq double {self._put(f'fsub double {values[0]}, {values[0]}')}, 0.0")
            case "float":
                return self._put(f"sitofp i64 {values[0]} to double")
            case "min2" | "max2":
                test = self.calc("lt" if name == "min2" else "gt", values[1], values[0])
                return self.choose(test, values[1], values[0], "number")
            case "ten_to":
                place = self._put(f"fptosi double {values[0]} to i64")
                table = f"inttoptr (i64 {TENS.ctypes.data} to ptr)"
                return self._put(
                    f"load double, ptr {self._put(f'getelementptr double, ptr {table}, i64 {place}')}"
                )
            case "power":
                return self._power(*values)
            case "refined":
                return values[1]
            case "floor15" | "same" | "settle":
                return self._by_digits(name, *values)
        return self._ufunc(_UFUNCS[name], *values)

    def _by_digits(self, name: str, a: Code, b: Code = "") -> Code:
        """What 15 digits decide (`functions/digits.py`) where numbers are near: there the loop stops."""
        if name == "floor15":
            below = self.calc("floor", a)
            result, apart = below, self.calc("sub", self.calc("add", below, self.number(1.0)), a)
            size, differ = a, self.calc("ne", a, below)
        elif name == "same":
            result, apart = self.calc("eq", a, b), self.calc("sub", a, b)
            size, differ = a, self.calc("ne", a, b)
        else:
            result, apart, size, differ = a, a, b, self.calc("ne", a, self.number(0.0))
        bound = self.calc("mul", self.calc("abs", size), self.number(2 * NEAR))
        near = self.calc("le", self.calc("abs", apart), bound)
        self.stop_if(self.calc("and", near, differ))
        return result

    def _ufunc(self, name: str, *values: Code) -> Code:
        """NumPy's function of one or two numbers."""
        function, data = numpy_loop(name)
        for n, value in enumerate(values):
            self.lines.append(f"  store double {value}, ptr %value{n}")
        target = f"inttoptr (i64 {function} to ptr)"
        self.lines.append(
            f"  call void {target}(ptr %args, ptr %one, ptr %steps, ptr inttoptr (i64 {data} to ptr))"
        )
        return self._put(f"load double, ptr %value{len(values)}")

    def _power(self, base: Code, exponent: Code) -> Code:
        """`elementary.raw_power`: by multiplications where the exponent is whole and small."""
        self.used.add(_POWER)
        size = self.calc("abs", exponent)
        whole = self.calc("eq", self.calc("trunc", exponent), exponent)
        small = self.calc("and", whole, self.calc("le", size, self.number(float(MAX_REPEATED))))
        total = self.variable(self.number(0.0), "number")
        repeated, other, after = (self._label() for _ in range(3))
        self.lines += [f"  br i1 {small}, label %{repeated}, label %{other}", f"{repeated}:"]
        times = self._put(f"fptosi double {size} to i64")
        product = self._put(f"call double @repeated(double {base}, i64 {times})")
        inverse = self.calc("div", self.number(1.0), product)
        below = self.calc("lt", exponent, self.number(0.0))
        self.assign(total, self.choose(below, inverse, product, "number"), "number")
        self.lines += [f"  br label %{after}", f"{other}:"]
        negative = self.calc("lt", base, self.number(0.0))
        inverse = self.calc("div", self.number(1.0), exponent)
        half = self.calc("mul", inverse, self.number(0.5))
        odd = self.calc("eq", self.calc("trunc", inverse), inverse)
        odd = self.calc("and", odd, self.calc("ne", self.calc("trunc", half), half))
        odd = self.calc("and", odd, self.calc("lt", size, self.number(1.0)))
        root = self.calc("and", odd, negative)
        plain = self._ufunc("power", self.choose(root, self.calc("neg", base), base, "number"), exponent)
        self.assign(total, self.choose(root, self.calc("neg", plain), plain, "number"), "number")
        self.lines += [f"  br label %{after}", f"{after}:"]
        zero = self.calc("eq", base, self.number(0.0))
        return self.choose(zero, self.number(0.0), self.value_of(total), "number")

    def choose(
        self, test: Code, yes: Code, no: Code, what: What, first: object = None, second: object = None
    ) -> Code:
        if yes == no:
            return yes
        kind = self._type(what)
        return self._put(f"select i1 {test}, {kind} {yes}, {kind} {no}")

    def keep(self, code: Code, what: What) -> Code:
        return code

    # -- codes

    def same_code(self, code: Code, wanted: int) -> Code:
        return self._put(f"icmp eq i8 {code}, {wanted}")

    def kind_among(self, kind: Code, kinds: int) -> Code:
        shifted = self._put(f"lshr i8 {kinds & 31}, {kind}")
        return self._put(f"trunc i8 {shifted} to i1")

    def error_in(self, kind: Code, value: Code) -> Code:
        wrong = self.same_code(kind, ERROR)
        code = self._put(f"fptoui double {self.choose(wrong, value, self.number(0.0), 'number')} to i8")
        return code if self.exact else self._put(f"icmp ne i8 {code}, 0")

    def fails(self, test: Code, error: int) -> Code:
        return self._put(f"select i1 {test}, i8 {error}, i8 0") if self.exact else test

    def is_set(self, failed: Code) -> Code:
        return self._put(f"icmp ne i8 {failed}, 0") if self.exact else failed

    def first(self, failed: Code, other: Code) -> Code:
        if not self.exact:
            return self._put(f"or i1 {failed}, {other}")
        return self.choose(self.is_set(failed), failed, other, "failed")

    def number_of_code(self, failed: Code) -> Code:
        return self._put(f"uitofp i8 {failed} to double")

    # -- places

    def slot(self, number: int) -> Code:
        return f"%b{number}"

    def at(self, variable: str) -> Code:
        return "%u" if variable == "u" else self._s

    def integer(self, value: int) -> Code:
        return str(value)

    def whole(self, operator: Literal["+", "-", "*", "min", "max"], a: Code, b: Code) -> Code:
        if operator in ("min", "max"):
            test = self._put(f"icmp {'slt' if operator == 'min' else 'sgt'} i64 {a}, {b}")
            return self._put(f"select i1 {test}, i64 {a}, i64 {b}")
        return self._put(f"{ {'+': 'add', '-': 'sub', '*': 'mul'}[operator] } i64 {a}, {b}")

    def _pointer(self, array: str, element: str, address: Code) -> Code:
        return self._put(f"getelementptr {element}, ptr %{array}, i64 {address}")

    def load(self, sheet: int, address: Code) -> Code:
        return self._put(f"load double, ptr {self._pointer(f'N{sheet}', 'double', address)}")

    def load_kind(self, sheet: int, address: Code) -> Code:
        return self._put(f"load i8, ptr {self._pointer(f'K{sheet}', 'i8', address)}")

    def store(self, sheet: int, address: Code, number: Code) -> None:
        self.lines.append(f"  store double {number}, ptr {self._pointer(f'N{sheet}', 'double', address)}")

    def store_kind(self, sheet: int, address: Code, kind: Code) -> None:
        self.lines.append(f"  store i8 {kind}, ptr {self._pointer(f'K{sheet}', 'i8', address)}")

    # -- statements

    def _label(self) -> str:
        self._labels += 1
        return f"l{self._labels}"

    @contextmanager
    def before(self) -> Iterator[None]:
        outer, self.lines = self.lines, []
        yield
        self.first_lines += self.lines
        self.lines = outer

    @contextmanager
    def line(self, count: Code, backwards: bool) -> Iterator[None]:
        with self.loop("s", "0", count) as step:
            self._s = step
            if backwards:
                self._s = self.whole("-", self.whole("-", count, "1"), step)
            yield
            self._stop_here()

    @contextmanager
    def loop(self, name: str, low: Code, high: Code) -> Iterator[Code]:
        counter = self.variable(low, "i64")  # type: ignore[arg-type]
        head, body, after = (self._label() for _ in range(3))
        self.lines += [f"  br label %{head}", f"{head}:"]
        value = self._put(f"load i64, ptr {counter}")
        test = self._put(f"icmp slt i64 {value}, {high}")
        self.lines += [f"  br i1 {test}, label %{body}, label %{after}", f"{body}:"]
        yield value
        following = self.whole("+", value, "1")
        self.lines += [f"  store i64 {following}, ptr {counter}", f"  br label %{head}", f"{after}:"]

    def variable(self, start: Code, what: What) -> Code:
        kind = "i64" if what == "i64" else self._type(what)  # type: ignore[comparison-overlap]
        name = f"%v{len(self.variables)}"
        self.variables.append(f"{name} {kind}")
        self.lines.append(f"  store {kind} {start}, ptr {name}")
        return name

    def assign(self, variable: Code, value: Code, what: What) -> None:
        self.lines.append(f"  store {self._type(what)} {value}, ptr {variable}")

    def value_of(self, variable: Code) -> Code:
        kind = next(v.split(" ")[1] for v in self.variables if v.split(" ")[0] == variable)
        return self._put(f"load {kind}, ptr {variable}")

    def stop_if(self, test: Code) -> None:
        if test != "false" and self.may_stop:
            self.stops.append(test)

    def _stop_here(self) -> None:
        """One test for all that could stop since the last one."""
        if not self.stops:
            return
        test = self.stops.pop(0)
        while self.stops:
            test = self._put(f"or i1 {test}, {self.stops.pop(0)}")
        after = self._label()
        self.lines += [f"  br i1 {test}, label %done, label %{after}", f"{after}:"]

    def end_of_time(self) -> None:
        self._stop_here()


Step = tuple[LlvmCode, tuple[int, int, int], Sequence[int], int, int]
"""A loop, its numbers of slots and arrays and its sign, its arguments' addresses, its start and stop."""


def module(steps: Sequence[Step], places: Sequence[tuple[int, int]]) -> str:
    """@loop(inputs, outputs, failed, first, count): for each scenario, put its inputs where they belong, go
    through the steps, take the outputs. `places`: the arrays of the inputs' and the outputs' addresses, and
    how long they are. `failed` is 1 where a step did not get to its end."""
    used = sorted(set().union(*(printer.used for printer, *_ in steps)))
    functions = [printer.function(f"step{n}", *size) for n, (printer, size, *_) in enumerate(steps)]
    functions = [text.replace("define i64", "define internal i64", 1) for text in functions]
    (inputs, given), (outputs, taken) = places
    body = ["define i64 @loop(ptr %in, ptr %out, ptr %failed, i64 %start, i64 %stop) {", "entry:"]
    body += ["  br label %head", "head:", "  %s = phi i64 [ %start, %entry ], [ %s.next, %next ]"]
    body += ["  %finished = icmp eq i64 %s, %stop", "  br i1 %finished, label %done, label %put"]
    body += ["put:", f"  %from = mul i64 %s, {given}", "  br label %put.head", "put.head:"]
    body += ["  %j = phi i64 [ 0, %put ], [ %j.next, %put.body ]", f"  %j.end = icmp eq i64 %j, {given}"]
    body += ["  br i1 %j.end, label %work, label %put.body", "put.body:", "  %jn = add i64 %from, %j"]
    body += ["  %src = getelementptr double, ptr %in, i64 %jn", "  %x = load double, ptr %src"]
    body += [f"  %slot = getelementptr i64, ptr inttoptr (i64 {inputs} to ptr), i64 %j"]
    body += ["  %place = load i64, ptr %slot", "  %to = inttoptr i64 %place to ptr"]
    body += ["  store double %x, ptr %to", "  %j.next = add i64 %j, 1", "  br label %put.head", "work:"]
    wrong = "0"
    for n, (_, _, addresses, start, stop) in enumerate(steps):
        pointers = ", ".join(f"ptr inttoptr (i64 {address} to ptr)" for address in addresses)
        body += [f"  %r{n} = call i64 @step{n}({pointers}, i64 {start}, i64 {stop})"]
        body += [f"  %c{n} = icmp ne i64 %r{n}, {stop}", f"  %w{n} = zext i1 %c{n} to i8"]
        body += [f"  %o{n} = or i8 {wrong}, %w{n}"]
        wrong = f"%o{n}"
    body += ["  %mark = getelementptr i8, ptr %failed, i64 %s", f"  store i8 {wrong}, ptr %mark"]
    body += [f"  %into = mul i64 %s, {taken}", "  br label %take.head", "take.head:"]
    body += ["  %k = phi i64 [ 0, %work ], [ %k.next, %take.body ]", f"  %k.end = icmp eq i64 %k, {taken}"]
    body += ["  br i1 %k.end, label %next, label %take.body", "take.body:"]
    body += [f"  %kslot = getelementptr i64, ptr inttoptr (i64 {outputs} to ptr), i64 %k"]
    body += ["  %kplace = load i64, ptr %kslot", "  %kfrom = inttoptr i64 %kplace to ptr"]
    body += ["  %y = load double, ptr %kfrom", "  %kn = add i64 %into, %k"]
    body += ["  %dst = getelementptr double, ptr %out, i64 %kn", "  store double %y, ptr %dst"]
    body += ["  %k.next = add i64 %k, 1", "  br label %take.head"]
    body += ["next:", "  %s.next = add i64 %s, 1", "  br label %head", "done:", "  ret i64 %stop", "}"]
    return "\n".join([*used, *functions, *body]) + "\n"


_POWER = """define internal double @repeated(double %base, i64 %times) {
entry:
  br label %head
head:
  %total = phi double [ 1.0, %entry ], [ %next, %body ]
  %n = phi i64 [ 0, %entry ], [ %n.next, %body ]
  %more = icmp slt i64 %n, %times
  br i1 %more, label %body, label %done
body:
  %next = fmul double %total, %base
  %n.next = add i64 %n, 1
  br label %head
done:
  ret double %total
}"""
