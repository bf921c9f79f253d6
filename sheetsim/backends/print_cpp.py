"""Loops as CUDA C++, which is plain C++ where there is no GPU (see gpu/host.h): a function that a thread
calls.

    __device__ long long step0(const long long *B, double *N, const unsigned char *K, long long W,
                               long long start, long long stop)

B holds the integers that say where things are (and first where each sheet begins), N the thread's own
numbers, number n of them at n*W, K the kinds of all cells, the same for all threads. The result is the time
at which the loop stopped. Compile without contraction; +, -, *, / and sqrt are exact, exp and its like
within the library's few units in the last place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from sheetsim.backends.printer import Code, Printer, What
from sheetsim.functions.digits import NEAR
from sheetsim.functions.elementary import MAX_REPEATED
from sheetsim.values import ERROR

_BINARY = {"add": "+", "sub": "-", "mul": "*", "div": "/", "and": "&&", "or": "||"}
_BINARY |= {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
_FUNCTIONS = {
    **{name: name for name in ("sqrt", "exp", "log", "log10", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: name for name in ("expm1", "log1p", "floor", "ceil", "trunc", "rint", "atan2")},
    **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "abs": "fabs",
}
_TYPES = {"number": "double", "truth": "bool", "code": "int", "failed": "bool"}

PRELUDE = f"""\
__device__ inline double power_of(double base, double exponent) {{
    if (base == 0) return 0;
    double size = fabs(exponent);
    if (trunc(exponent) == exponent && size <= {MAX_REPEATED}) {{
        double result = 1;
        for (int n = 0; n < (int)size; ++n) result = result * base;
        return exponent < 0 ? 1 / result : result;
    }}
    double inverse = 1 / exponent, half = inverse * 0.5;
    bool odd = base < 0 && size < 1 && trunc(inverse) == inverse && trunc(half) != half;
    return odd ? -pow(-base, exponent) : pow(base, exponent);
}}

__device__ inline double remainder_of(double x, double divisor) {{
    double rest = fmod(x, divisor);
    return rest && (rest < 0) != (divisor < 0) ? rest + divisor : rest;
}}

__device__ inline double ten_to(double exponent) {{
    // exact up to 22, as the table of the other backends; beyond within a unit in the last place
    double result = 1;
    for (int n = 0; n < (int)exponent; ++n) result = result * 10;
    return result;
}}
"""


class CppCode(Printer):
    exact = False

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.first_lines: list[str] = []
        self._count = 0
        self._s = ""

    def function(self, name: str, slots: int, arrays: int, sign: int) -> str:
        head = [
            f"__device__ long long {name}(const long long *B, double *N, const unsigned char *K,",
            "        long long W, long long start, long long stop) {",
            *(f"    const long long o{n} = B[{n}];" for n in range(arrays)),
            *(f"    const long long b{n} = B[{arrays + n}];" for n in range(slots)),
            *self.first_lines,
            f"    for (long long u = start; u != stop; u += {sign}) {{",
        ]
        return "\n".join([*head, *self.lines, "    }", "    return stop;", "}", ""])

    def _say(self, line: str) -> None:
        self.lines.append("        " + line)

    def _put(self, what: str, code: str) -> Code:
        self._count += 1
        self._say(f"const {what} t{self._count} = {code};")
        return f"t{self._count}"

    # -- values

    def number(self, value: float) -> Code:
        if value != value:
            return "(0.0 / 0.0)"
        if value in (float("inf"), -float("inf")):
            return "(1.0 / 0.0)" if value > 0 else "(-1.0 / 0.0)"
        return f"({value.hex()})"

    def truth(self, value: bool) -> Code:
        return "true" if value else "false"

    def code(self, value: int) -> Code:
        return str(value)

    def failing(self, error: int) -> Code:
        return self.truth(bool(error))

    def calc(self, name: str, *values: Code) -> Code:
        if name in _BINARY:
            what = "double" if name in ("add", "sub", "mul", "div") else "bool"
            return self._put(what, f"{values[0]} {_BINARY[name]} {values[1]}")
        if name in _FUNCTIONS:
            return self._put("double", f"{_FUNCTIONS[name]}({', '.join(values)})")
        match name:
            case "neg":
                return self._put("double", f"-{values[0]}")
            case "not":
                return self._put("bool", f"!{values[0]}")
            case "number":
                return self._put("double", f"{values[0]} ? 1.0 : 0.0")
            case "float":
                return self._put("double", f"(double)({values[0]})")
            case "is_finite":
                return self._put("bool", f"{values[0]} - {values[0]} == 0")
            case "min2" | "max2":
                a, b = values
                return self._put("double", f"{b} {'<' if name == 'min2' else '>'} {a} ? {b} : {a}")
            case "power":
                return self._put("double", f"power_of({values[0]}, {values[1]})")
            case "ten_to":
                return self._put("double", f"ten_to({values[0]})")
            case "remainder":
                return self._put("double", f"remainder_of({values[0]}, {values[1]})")
            case "refined":
                return values[1]
            case "floor15" | "same" | "settle":
                return self._by_digits(name, *values)
        raise ValueError(f"{name} has no form in C++")

    def _by_digits(self, name: str, a: Code, b: Code = "") -> Code:
        """What 15 digits decide (`functions/digits.py`) where numbers are near: there the loop stops."""
        if name == "floor15":
            result = self._put("double", f"floor({a})")
            size, apart, differ = a, f"{result} + 1 - {a}", f"{a} != {result}"
        elif name == "same":
            result = self._put("bool", f"{a} == {b}")
            size, apart, differ = a, f"{a} - {b}", f"{a} != {b}"
        else:
            result, size, apart, differ = a, b, a, f"{a} != 0"
        self.stop_if(f"fabs({apart}) <= {2 * NEAR} * fabs({size}) && {differ}")
        return result

    def choose(
        self, test: Code, yes: Code, no: Code, what: What, first: object = None, second: object = None
    ) -> Code:
        return yes if yes == no else self._put(_TYPES[what], f"{test} ? {yes} : {no}")

    def keep(self, code: Code, what: What) -> Code:
        return code

    # -- codes: a loop in C++ is never exact

    def same_code(self, code: Code, wanted: int) -> Code:
        return self._put("bool", f"{code} == {wanted}")

    def kind_among(self, kind: Code, kinds: int) -> Code:
        return self._put("bool", f"({kinds & 31} >> {kind}) & 1")

    def error_in(self, kind: Code, value: Code) -> Code:
        return self.same_code(kind, ERROR)

    def fails(self, test: Code, error: int) -> Code:
        return test

    def is_set(self, failed: Code) -> Code:
        return failed

    def first(self, failed: Code, other: Code) -> Code:
        return self._put("bool", f"{failed} || {other}")

    def number_of_code(self, failed: Code) -> Code:
        raise NotImplementedError

    # -- places

    def slot(self, number: int) -> Code:
        return f"b{number}"

    def at(self, variable: str) -> Code:
        return "u" if variable == "u" else self._s

    def integer(self, value: int) -> Code:
        return f"{value}LL"

    def whole(self, operator: Literal["+", "-", "*", "min", "max"], a: Code, b: Code) -> Code:
        if operator in ("min", "max"):
            return self._put("long long", f"{a} {'<' if operator == 'min' else '>'} {b} ? {a} : {b}")
        return self._put("long long", f"{a} {operator} {b}")

    def load(self, sheet: int, address: Code) -> Code:
        return self._put("double", f"N[(o{sheet} + {address}) * W]")

    def load_kind(self, sheet: int, address: Code) -> Code:
        return self._put("int", f"K[o{sheet} + {address}]")

    def store(self, sheet: int, address: Code, number: Code) -> None:
        self._say(f"N[(o{sheet} + {address}) * W] = {number};")

    def store_kind(self, sheet: int, address: Code, kind: Code) -> None:
        raise NotImplementedError

    # -- statements

    @contextmanager
    def before(self) -> Iterator[None]:
        outer, self.lines = self.lines, []
        yield
        self.first_lines += [line[4:] for line in self.lines]
        self.lines = outer

    @contextmanager
    def line(self, count: Code, backwards: bool) -> Iterator[None]:
        with self.loop("s", "0LL", count) as step:
            self._s = self._put("long long", f"{count} - 1 - {step}") if backwards else step
            yield

    @contextmanager
    def loop(self, name: str, low: Code, high: Code) -> Iterator[Code]:
        self._count += 1
        step = f"{name}{self._count}"
        self._say(f"for (long long {step} = {low}; {step} < {high}; ++{step}) {{")
        yield step
        self._say("}")

    def variable(self, start: Code, what: What) -> Code:
        self._count += 1
        self._say(f"{_TYPES[what]} v{self._count} = {start};")
        return f"v{self._count}"

    def assign(self, variable: Code, value: Code, what: What) -> None:
        self._say(f"{variable} = {value};")

    def value_of(self, variable: Code) -> Code:
        return variable

    def stop_if(self, test: Code) -> None:
        if test != "false":
            self._say(f"if ({test}) return u;")

    def end_of_time(self) -> None:
        pass
