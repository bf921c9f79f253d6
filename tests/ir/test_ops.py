"""The primitives: each on arrays against its scalar rule, traced programs, and what simplifying may do."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetsim.ir.build import Builder, Program, Term
from sheetsim.ir.eager import EAGER
from sheetsim.ir.ops import ELEMENTARY, PRIMITIVES
from sheetsim.ir.types import ANY, BOOLEANS, ERRORS, NUMBERS, TEXTS
from sheetsim.ir.vector import VECTOR, Bulk, values_of
from sheetsim.ir.verify import verify
from sheetsim.values import ExcelError, Scalar, Values, kind_of
from tests.functions.helpers import random_scalar

# What each elementwise operation takes: n number, b truth value, each perhaps an error (e); a anything.
TAKES = {
    **dict.fromkeys(
        (
            "add",
            "sub",
            "mul",
            "div",
            "atan2",
            "min2",
            "max2",
            "power",
            "remainder",
            "same",
            "settle",
            "refined",
        ),
        "nn",
    ),
    **dict.fromkeys(("lt", "le", "gt", "ge", "eq", "ne"), "nn"),
    **dict.fromkeys(("neg", "is_finite", "finite", *ELEMENTARY), "n"),
    **dict.fromkeys(("and", "or"), "bb"),
    **dict.fromkeys(("not", "number"), "b"),
    **dict.fromkeys(
        ("to_number", "to_text", "to_boolean", "zero_if_blank", "plain", "truth", "error_code", "sure"), "a"
    ),
    "compare": "aa",
    "if_error": "aa",
    "select": "baa",
    "after": "na",
    "fail": "ab",
    "is_kind": "a",
    "ten_to": "t",
    "floor15": "n",
}
ATTRIBUTES = {"fail": {"code": 2}, "is_kind": {"kinds": NUMBERS | TEXTS}}


def draw(generator: np.random.Generator, what: str) -> Scalar:
    if what == "t":
        return float(generator.integers(0, 309))
    if what == "a":
        return random_scalar(generator)
    return random_scalar(generator, "nnnnxe" if what == "n" else "bbbe")


def bits(value: object) -> object:
    if kind_of(value) != 1:  # type: ignore[arg-type]
        return kind_of(value), value  # type: ignore[arg-type]
    return "nan" if math.isnan(value) else struct.pack("d", value)  # type: ignore[arg-type]


def spread(scalars: list[Scalar]) -> Values:
    """One cell of a region each: [n, 1, 1, 1]."""
    return Values.of([[scalar] for scalar in scalars])[:, :, None, None]


def raw(value: object, place: int) -> Scalar:
    """A result at one place, infinite and not a number as they are."""
    if not isinstance(value, Bulk):
        assert isinstance(value, Values)
        return value.get((min(place, value.shape[0] - 1), 0, 0, 0))
    if value.codes is not None and (
        code := np.broadcast_to(value.codes, value.data.shape)[min(place, len(value.data) - 1), 0, 0, 0]
    ):
        return ExcelError(int(code))
    found = value.data[min(place, len(value.data) - 1), 0, 0, 0]
    return bool(found) if value.data.dtype == bool else float(found)


def test_every_elementwise_operation_is_listed():
    elementwise = {n for n, p in PRIMITIVES.items() if p.shape == "elements"}
    assert elementwise == TAKES.keys()


@pytest.mark.parametrize("name", sorted(TAKES))
def test_arrays_follow_the_scalar_rule(name):
    generator = np.random.default_rng(list(name.encode()))
    columns = [[draw(generator, what) for _ in range(400)] for what in TAKES[name]]
    attributes = ATTRIBUTES.get(name, {})
    with np.errstate(all="ignore"):
        result = VECTOR.op(name, *(Term(VECTOR, spread(column)) for column in columns), **attributes).value
    for place, arguments in enumerate(zip(*columns, strict=True)):
        wanted = EAGER.op(name, *(EAGER.constant(a) for a in arguments), **attributes).value
        assert bits(raw(result, place)) == bits(wanted), (name, arguments)


@pytest.mark.parametrize("how", ["add", "mul", "min", "max"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (40, 3)])
def test_folds_follow_the_scalar_rule(how, shape):
    generator = np.random.default_rng(7)
    outer = (6, 1)
    block = Values.filled(outer + shape, None)
    for index in np.ndindex(*outer, *shape):
        block.put(index, random_scalar(generator, "nnnbtl"))

    def body(b: Builder, x: Term) -> Term:
        return b.fold(how, 1.0, [x], lambda number: number * 0.5 + 1)

    result = values_of(body(VECTOR, Term(VECTOR, block)).value)
    for row in range(outer[0]):
        wanted = body(EAGER, EAGER.constant(block[row, 0])).value
        assert bits(result.get((row, 0, 0, 0))) == bits(wanted)


# -- operations on arrays and over function values, by hand

TABLE = Values.of([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def eager(name: str, *arguments: object, **attributes: object) -> object:
    result = EAGER.op(
        name, *(a if isinstance(a, Term) else EAGER.constant(a) for a in arguments), **attributes
    ).value
    return result.tolist() if isinstance(result, Values) else result


def plus() -> Term:
    return EAGER.function(2, lambda a, x: a + x)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (lambda: eager("scan", 0.0, TABLE, how="add"), [[1.0, 3.0, 6.0], [10.0, 15.0, 21.0]]),
        (lambda: eager("transpose", TABLE), [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]),
        (lambda: eager("matmul", TABLE, Values.of([[1.0], [0.5], [2.0]])), [[8.0], [18.5]]),
        (lambda: eager("gather", TABLE, 1.0, 2.0), 6.0),
        (lambda: eager("gather", TABLE, 2.0, 0.0), ExcelError.REF),
        (lambda: eager("search", Values.of([["apple", 3.0, "Pear"]]), "pear", kind=0), 2.0),
        (lambda: eager("search", TABLE, 4.5, kind=1), 3.0),
        (lambda: eager("search", TABLE, 0.5, kind=1), ExcelError.NA),
        (lambda: eager("group_sum", Values.of([["a", "b", "A"]]), "a", Values.of([[1.0, 2.0, 4.0]])), 5.0),
        (
            lambda: eager("sort_index", Values.of([["b", 2.0, None, "A", True, 1.0]])),
            [[5.0], [1.0], [3.0], [0.0], [4.0], [2.0]],
        ),
        (
            lambda: eager("below", Values.of([[1.0, 2.0]]), Values.of([[3.0]])),
            [[1.0, 2.0], [3.0, ExcelError.NA]],
        ),
        (
            lambda: eager("beside", Values.of([[1.0], [2.0]]), Values.of([[3.0]])),
            [[1.0, 3.0], [2.0, ExcelError.NA]],
        ),
        (lambda: eager("reduce", 0.0, TABLE, plus()), 21.0),
        (lambda: eager("scan_by", 0.0, TABLE, plus()), [[1.0, 3.0, 6.0], [10.0, 15.0, 21.0]]),
        (lambda: eager("map", TABLE, TABLE, plus()), [[2.0, 4.0, 6.0], [8.0, 10.0, 12.0]]),
        (lambda: eager("by_row", TABLE, EAGER.function(1, lambda row: EAGER.total([row]))), [[6.0], [15.0]]),
        (lambda: eager("by_column", TABLE, EAGER.function(1, lambda c: EAGER.total([c]))), [[5.0, 7.0, 9.0]]),
        (
            lambda: eager("make_array", 2.0, 2.0, EAGER.function(2, lambda r, c: r * c)),
            [[1.0, 2.0], [2.0, 4.0]],
        ),
        (lambda: eager("first_error", Values.of([[1.0, ExcelError.NA, ExcelError.NUM]])), ExcelError.NA),
        (lambda: eager("iota", length=3, axis="h"), [[0.0], [1.0], [2.0]]),
    ],
)
def test_array_operations(found, wanted):
    assert found() == wanted


# -- programs


def test_steps_that_are_alike_are_one():
    program = Program()
    x = program.op("cell", reference="A1", kinds=NUMBERS, axes=frozenset("r"))
    assert (x + 1.0).value is (x + 1).value
    assert (x + 0.0).value is not (x - -0.0).value
    assert program.constant(0.0).value is not program.constant(-0.0).value
    assert program.constant(1.0).value is not program.constant(True).value
    verify(program)


def test_types_are_inferred():
    program = Program()
    x = program.op("block", reference="A1:A3", kinds=ANY, axes=frozenset("rhw"), size=(3, 1))
    y = program.op("cell", reference="B1", kinds=NUMBERS, axes=frozenset("c"))
    total = program.total([x], lambda number: number * y)
    assert str(total.value.type) == "number[rc]"
    assert str(program.checked([x], total).value.type) == "number|error[rc]"
    assert str((y < 1).value.type) == "boolean[c]"
    verify(program)


def test_a_lambda_has_its_own_parameters():
    program = Program()
    add = program.function(2, lambda a, x: program.op("to_number", a) + program.op("to_number", x))
    twice = program.function(1, lambda a: program.op("to_number", a) * 2)
    x = program.op("block", reference="A1:A3", kinds=NUMBERS, axes=frozenset("hw"), size=(3, 1))
    program.op("reduce", 0.0, program.op("map", x, twice), add)
    parameters = [step.attribute("number") for step in program.steps if step.name == "parameter"]
    assert len(parameters) == len(set(parameters)) == 3
    verify(program)


def test_verify_sees_a_wrong_kind():
    program = Program()
    text = program.op("cell", reference="A1", kinds=TEXTS, axes=frozenset())
    program.made("add", (text.value, text.value), ())
    with pytest.raises(AssertionError, match="add"):
        verify(program)


@pytest.mark.parametrize(
    ("build", "wanted"),
    [
        (lambda p, n, a: p.op("finite", n), "cell"),
        (lambda p, n, a: p.op("finite", p.op("finite", n * n)), "finite"),
        (lambda p, n, a: p.op("to_number", n), "cell"),
        (lambda p, n, a: p.op("is_kind", n, kinds=NUMBERS), True),
        (lambda p, n, a: p.op("is_kind", n, kinds=TEXTS), False),
        (lambda p, n, a: p.select(p.constant(True), n, a), "cell"),
        (lambda p, n, a: p.op("if_error", n, a), "cell"),
        (lambda p, n, a: p.constant(2.0) + 3, 5.0),
        (lambda p, n, a: p.constant(1.0) / 0, math.inf),
        (lambda p, n, a: p.checked([n], n), "cell"),
        (lambda p, n, a: n + 0.0, "add"),  # -0 + 0 is 0
        (lambda p, n, a: n * 0.0, "mul"),
    ],
)
def test_simplifying(build, wanted):
    program = Program()
    number = program.op("cell", reference="A1", kinds=NUMBERS, axes=frozenset())
    anything = program.op("cell", reference="A2", kinds=ANY, axes=frozenset())
    step = build(program, number, anything).value
    assert (step.constant if step.name == "constant" else step.name) == wanted
    verify(program)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(sorted(TAKES)), st.integers(0, 2**16)), min_size=1, max_size=9))
def test_simplified_programs_give_the_same(choices):
    """A random program over cells of known kinds: traced and worked out step by step it gives what the eager
    builder gives, and each value is of the kinds that its type says."""
    generator = np.random.default_rng([pick for _, pick in choices])
    program, pool, cells = Program(), [], {}
    for place, what in enumerate("nnnbbaae"):
        value = draw(generator, what) if what != "e" else ExcelError.NA
        cells[place] = value
        kinds = {"n": NUMBERS | ERRORS, "b": BOOLEANS | ERRORS, "a": ANY, "e": ERRORS}[what]
        if generator.random() < 0.5:
            kinds = 1 << kind_of(value)
        pool.append(
            (program.op("cell", reference=place, kinds=kinds, axes=frozenset()), EAGER.constant(value))
        )
    for name, pick in choices:
        chosen = [pool[(pick >> 3 * n) % len(pool)] for n in range(len(TAKES[name]))]
        attributes = ATTRIBUTES.get(name, {})
        if all(_fits(p.value.type.kinds, e.value, w) for (p, e), w in zip(chosen, TAKES[name], strict=True)):
            traced = program.op(name, *(p for p, _ in chosen), **attributes)
            pool.append((traced, EAGER.op(name, *(e for _, e in chosen), **attributes)))
    verify(program)
    known: dict[int, Scalar] = {}
    for step in program.steps:
        attributes = dict(step.attributes)
        if step.name == "cell":
            known[step.number] = cells[attributes["reference"]]
        elif step.name == "constant":
            known[step.number] = step.constant
        else:
            given_ = (EAGER.constant(known[a.number]) for a in step.arguments)
            known[step.number] = EAGER.op(step.name, *given_, **attributes).value
        assert 1 << kind_of(known[step.number]) & step.type.kinds
    for traced, wanted in pool:
        assert bits(known[traced.value.number]) == bits(wanted.value)


def _fits(kinds: int, value: Scalar, what: str) -> bool:
    """May an argument of these kinds, with this value now, stand where `what` is taken?"""
    if what == "t":
        return kinds == NUMBERS and 0 <= value <= 308 and value % 1 == 0  # type: ignore[operator]
    finite = kind_of(value) != 1 or math.isfinite(value)  # type: ignore[arg-type]
    return not kinds & ~{"n": NUMBERS | ERRORS, "b": BOOLEANS | ERRORS, "a": ANY}[what] and (
        what != "a" or finite
    )
