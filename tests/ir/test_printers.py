"""Each primitive in each printer of loops against its scalar rule, with arguments of every kind.

A row of a sheet holds the arguments of one call; a loop of one step goes down the rows. In Python and in the
optimistic variants of LLVM and C++ a row that fails, or holds what is no number, stops the loop; in LLVM's
exact variant errors are values.
"""

from __future__ import annotations

import ctypes
import math
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from sheetsim.backends import native
from sheetsim.backends.lanes import Lane
from sheetsim.backends.loop_parts import Member, Place
from sheetsim.backends.print_cpp import PRELUDE, CppCode
from sheetsim.backends.print_llvm import LlvmCode
from sheetsim.backends.print_python import PythonCode
from sheetsim.backends.printer import Printer
from sheetsim.backends.scalar import _CALCULATED, _OTHERS, Walk
from sheetsim.formula.nodes import CellRef, Number
from sheetsim.gpu.compile import find_compiler
from sheetsim.ir.eager import EAGER
from sheetsim.ir.ops import ELEMENTARY, PRIMITIVES
from sheetsim.ir.types import ANY, BOOLEANS, ERRORS, NUMBERS
from sheetsim.values import BLANK, BOOLEAN, ERROR, NUMBER, TEXT, ExcelError, Scalar, kind_of
from tests.ir.test_ops import ATTRIBUTES, TAKES, draw

ROWS = 120
NAMES = sorted(
    name
    for name in TAKES
    if (name in _CALCULATED or name in _OTHERS)
    and name not in ("sure", "error_code", "same", "floor15", "settle")
)


@dataclass(slots=True)
class OneStep(Walk):
    """A loop whose formula is one primitive of the cells A, B, C of its row."""

    name: str = ""
    kinds: Sequence[int] = ()

    def lower(self) -> None:
        b = self.program
        terms = []
        for column, kinds in enumerate(self.kinds):
            at = (0, CellRef(0, column - 3))
            cell = b.op("cell", reference=at, kinds=kinds, axes=frozenset("r"))
            takes = TAKES[self.name][column]
            if takes == "n":
                cell = b.op("to_number", cell)
            elif takes == "b":
                cell = b.op("to_boolean", cell)
            terms.append(cell)
        result = b.op("finite", b.op(self.name, *terms, **ATTRIBUTES.get(self.name, {})))
        self.roots.append(b.op("zero_if_blank", result).value)
        for step in b.needed(self.roots[0]):
            for argument in step.arguments:
                self.uses.setdefault(argument.number, []).append(step)


def walk(name: str, printer: Printer, variant: str, kinds: Sequence[int]) -> OneStep:
    places = {CellRef(0, column - 3): Place(0) for column in range(3)}
    member = Member(Number(0.0), 0, False, 1, places)
    made = OneStep([member], True, printer, variant, name=name, kinds=kinds)  # type: ignore[arg-type]
    made.lower()
    made.write()
    return made


def slots(made: OneStep) -> list[int]:
    """Columns of ROWS cells: A, B, C and the result in D."""
    found = {"own": 3 * ROWS, "height": ROWS}
    return [found[s.what] if s.reference is None else (s.reference.column + 3) * ROWS for s in made.slots]


def wanted(name: str, arguments: Sequence[Scalar]) -> Scalar:
    """The scalar rule, on arguments made ready."""
    ready = []
    for takes, value in zip(TAKES[name], arguments, strict=True):
        term = EAGER.constant(value)
        ready.append(EAGER.op({"n": "to_number", "b": "to_boolean"}[takes], term) if takes in "nb" else term)
    result = EAGER.op("finite", EAGER.op(name, *ready, **ATTRIBUTES.get(name, {}))).value
    return 0.0 if result is None else result


def rows_of(name: str, drawn: Callable[[np.random.Generator, str], Scalar]) -> list[tuple[Scalar, ...]]:
    generator = np.random.default_rng(list(name.encode()))
    return [tuple(drawn(generator, takes) for takes in TAKES[name]) for _ in range(ROWS)]


def filled(rows: Sequence[tuple[Scalar, ...]]) -> tuple[np.ndarray, np.ndarray]:
    numbers, kinds = np.zeros(4 * ROWS), np.zeros(4 * ROWS, np.uint8)
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            kinds[column * ROWS + row] = kind_of(value)
            if value is not None and not isinstance(value, str):
                numbers[column * ROWS + row] = float(value)
    return numbers, kinds


def plain(generator: np.random.Generator, takes: str) -> Scalar:
    """Numbers, as the optimistic variants take them (truth values come as numbers)."""
    if takes == "b":
        return float(generator.integers(2))
    while True:
        value = draw(generator, takes)
        if isinstance(value, float) and not isinstance(value, ExcelError):
            return value


def value_at(numbers: np.ndarray, kinds: np.ndarray, row: int) -> Scalar:
    number, kind = float(numbers[3 * ROWS + row]), kinds[3 * ROWS + row]
    if kind == ERROR:
        return ExcelError(int(number))
    return {BLANK: None, NUMBER: number, BOOLEAN: bool(number), TEXT: ""}[int(kind)]


def alike(found: Scalar, value: Scalar, ulps: int = 0) -> bool:
    if isinstance(value, ExcelError) or isinstance(found, ExcelError) or not isinstance(value, float):
        return found == value and kind_of(found) == kind_of(value)
    return abs(found - value) <= ulps * math.ulp(value)  # type: ignore[operator]


def optimistic(
    name: str, run: Callable[[np.ndarray, np.ndarray, int], int], truths: bool, ulps: int = 0
) -> None:
    """Go down the rows; where the loop stops, the rule fails (or may)."""
    rows = rows_of(name, plain)
    numbers, kinds = filled(rows)
    at = 0
    while at < ROWS:
        stopped = run(numbers, kinds, at)
        assert at <= stopped <= ROWS
        for row in range(at, stopped):
            value = wanted(name, rows[row])
            found = float(numbers[3 * ROWS + row])
            assert alike(bool(found) if truths else found, value, ulps), (name, rows[row], found, value)
        if stopped < ROWS:
            assert isinstance(wanted(name, rows[stopped]), ExcelError), (name, rows[stopped])
        at = stopped + 1


def takes_numbers(name: str) -> bool:
    """Can the optimistic variants say it, of numbers?"""
    return name not in ("is_kind", "if_error", "zero_if_blank", "to_boolean", "select", "after")


@pytest.mark.parametrize("name", [name for name in NAMES if takes_numbers(name)])
def test_python(name):
    printer = PythonCode()
    made = walk(name, printer, "plain", [NUMBERS] * len(TAKES[name]))
    loop, integers = printer.made(len(made.slots), 1, 1), slots(made)

    def run(numbers: np.ndarray, kinds: np.ndarray, at: int) -> int:
        return loop(integers, memoryview(numbers), memoryview(kinds), at, ROWS)

    optimistic(name, run, not made.roots[0].type.kinds & NUMBERS)


def native_loop(made: OneStep, printer: LlvmCode) -> Callable[[np.ndarray, np.ndarray, int], int]:
    loop = native.compiled(printer.text(len(made.slots), 1, 1))
    integers = np.array(slots(made), np.int64)

    def run(numbers: np.ndarray, kinds: np.ndarray, at: int) -> int:
        arrays = [(ctypes.c_void_p * 1)(array.ctypes.data) for array in (numbers, kinds)]
        return loop(integers.ctypes.data, *arrays, at, ROWS)

    return run


@pytest.mark.parametrize("name", [name for name in NAMES if takes_numbers(name)])
def test_llvm(name):
    pytest.importorskip("llvmlite")
    printer = LlvmCode(False)
    made = walk(name, printer, "plain", [NUMBERS] * len(TAKES[name]))
    optimistic(name, native_loop(made, printer), not made.roots[0].type.kinds & NUMBERS)


@pytest.mark.parametrize("name", NAMES)
def test_llvm_with_errors_as_values(name):
    pytest.importorskip("llvmlite")
    printer = LlvmCode(True)
    made = walk(name, printer, "all", [NUMBERS if takes == "t" else ANY for takes in TAKES[name]])
    run = native_loop(made, printer)
    rows = rows_of(name, draw)
    numbers, kinds = filled(rows)
    at = 0
    while at < ROWS:
        stopped = run(numbers, kinds, at)
        for row in range(at, stopped):
            value, found = wanted(name, rows[row]), value_at(numbers, kinds, row)
            assert alike(found, value), (name, rows[row], found, value)
        if stopped < ROWS:  # only at text
            assert any(isinstance(value, str) for value in rows[stopped]), (name, rows[stopped])
        at = stopped + 1


LIBRARY = ELEMENTARY.keys() - {"sqrt", "floor", "ceil", "trunc", "rint", "abs"} | {"power", "atan2", "ten_to"}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory) -> ctypes.CDLL:
    """All primitives as C++ functions, in one library."""
    compiler = find_compiler()
    if compiler is None:
        pytest.skip("no C++ compiler")
    functions = []
    for name in NAMES:
        if takes_numbers(name):
            printer = CppCode()
            made = walk(name, printer, "plain", [NUMBERS] * len(TAKES[name]))
            text = printer.function(f"step_{name}", len(made.slots), 1, 1)
            functions.append(text.replace("__device__", 'extern "C"', 1))
    source = Path(tmp_path_factory.mktemp("cpp")) / "steps.cpp"
    head = "#include <cmath>\nusing namespace std;\n#define __device__\n"
    source.write_text(head + PRELUDE + "\n".join(functions))
    library = source.with_suffix(".so")
    flags = ["-std=c++17", "-O1", "-ffp-contract=off", "-shared", "-fPIC"]
    subprocess.run([compiler, *flags, source, "-o", library], check=True)
    return ctypes.CDLL(str(library))


@pytest.mark.parametrize("name", [name for name in NAMES if takes_numbers(name)])
def test_cpp(name, compiled):
    made = walk(name, CppCode(), "plain", [NUMBERS] * len(TAKES[name]))
    integers = np.array([0, *slots(made)], np.int64)
    loop = getattr(compiled, f"step_{name}")
    loop.restype = ctypes.c_longlong
    long, pointer = ctypes.c_longlong, ctypes.c_void_p
    loop.argtypes = [pointer, pointer, pointer, long, long, long]

    def run(numbers: np.ndarray, kinds: np.ndarray, at: int) -> int:
        return loop(integers.ctypes.data, numbers.ctypes.data, kinds.ctypes.data, 1, at, ROWS)

    ulps = (1 << 12 if name == "ten_to" else 4) if name in LIBRARY else 0
    optimistic(name, run, not made.roots[0].type.kinds & NUMBERS, ulps)


def test_every_primitive_is_told_or_refused():
    """What loops cannot say they refuse by name."""
    for name in PRIMITIVES:
        known = name in _CALCULATED or name in _OTHERS
        rule = hasattr(Walk, f"_{name}") or name in _CALCULATED
        assert known == rule or name in ("call", "number"), name
    assert Lane("x", "number").failed is None
    assert not BOOLEANS & ERRORS
