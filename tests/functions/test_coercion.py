"""Conversions between kinds of values, and the order of values."""

import struct

import numpy as np
import pytest

from sheetsim.functions.coercion import (
    compare,
    compare_arrays,
    number_text,
    to_boolean,
    to_number,
    to_numbers,
    to_text,
)
from sheetsim.functions.criteria import Criterion, wildcard
from sheetsim.functions.elementary import power
from sheetsim.functions.lifting import align, fit, lift
from sheetsim.functions.reading import number_in
from sheetsim.values import ExcelError, Scalar, Values

# bits of a double and the text that Excel makes of it: Apache POI, javadoc of NumberToTextConverter
EXCEL_TEXTS = {
    0x0000000000000000: "0",
    0x3FF0000000000000: "1",
    0x3FF00068DB8BAC71: "1.0001",
    0x4087A00000000000: "756",
    0x405EDD3C07FB4C99: "123.456789012346",
    0x3EE9E409302678BA: "1.23456789012346E-05",
    0x3F202E85BE180B74: "0.000123456789012346",
    0x3EE9E409301B5A02: "0.0000123456789",
    0x3E6E7D05BDABDE50: "0.000000056789012345",
    0x3E6E7D05BDAD407E: "5.67890123456E-08",
    0x2BCB5733CB32AE6E: "9.99999999999912E-98",
    0x2B617F7D4ED8C59E: "1.0000000000001E-99",
    0x0036319916D67853: "1.2345678901235E-307",
    0x42DC12218377DE6B: "123456789012346",
    0x43118B54F22AEB03: "1234567890123460",
    0x43E56A95319D63E1: "12345678901234600000",
    0x441AC53A7E04BCDA: "1.23456789012346E+20",
    0xC3E56A95319D63E1: "-12345678901234600000",
    0x54820FE0BA17F46D: "1.2345678901235E+99",
    0x7FEFFFFFFFFFFFFF: "1.7976931348623E+308",
    0x40FE26BFFFFFFFF9: "123500",
    0x3BFD83C94FB6D2AB: "1E-19",
    0x3C32725DD1D243AB: "0.000000000000000001",
    0xC44B1AE4D6E2EF4F: "-1E+21",
    0x0000000000000001: "0",
}


@pytest.mark.parametrize(("number", "text"), EXCEL_TEXTS.items())
def test_numbers_as_text(number: int, text: str) -> None:
    assert number_text(struct.unpack(">d", number.to_bytes(8, "big"))[0]) == text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3.0),
        (" -2.5 ", -2.5),
        ("+.5", 0.5),
        ("1,234,567.5", 1234567.5),
        ("1e3", 1000.0),
        ("5%", 0.05),
        ("$3", 3.0),
        ("-$3", -3.0),
        ("", None),
        ("x", None),
        ("1,23", None),
        ("--1", None),
        ("1e999", None),
        ("nan", None),
        ("inf", None),
        ("0x10", None),
        ("1_000", None),
    ],
)
def test_text_that_reads_as_a_number(text: str, number: float | None) -> None:
    assert number_in(text) == number


def test_conversions() -> None:
    assert [to_number(v) for v in (None, True, "2", "x", ExcelError.NA)] == [
        0.0,
        1.0,
        2.0,
        ExcelError.VALUE,
        ExcelError.NA,
    ]
    assert [to_text(v) for v in (None, True, 0.5, "x")] == ["", "TRUE", "0.5", "x"]
    assert [to_boolean(v) for v in (None, 2.0, "true", "x")] == [False, True, True, ExcelError.VALUE]
    numbers, codes = to_numbers(Values.of([["2", None, True, "x"]]))
    assert numbers[0, :3].tolist() == [2.0, 0.0, 1.0]
    assert codes is not None
    assert codes.tolist() == [[0, 0, 0, ExcelError.VALUE]]


ASCENDING: list[Scalar] = [-1.0, 0.0, 1.5, "", "3", "a", "B", "c", False, True]


def test_order_of_values() -> None:
    row = Values.of([ASCENDING])
    column = Values.of([[value] for value in ASCENDING])
    signs, codes = compare_arrays(column, row)
    assert codes is None
    for i, left in enumerate(ASCENDING):
        for j, right in enumerate(ASCENDING):
            expected = (i > j) - (i < j)
            assert compare(left, right) == expected == signs[i, j], (left, right)
    for like in (0.0, "", False):
        assert compare(None, like) == compare(like, None) == 0
    assert compare("A", "a") == 0
    assert compare(ExcelError.NA, ExcelError.REF) is ExcelError.NA


@pytest.mark.parametrize(
    ("criterion", "met", "missed"),
    [
        (3.0, [3.0, "3", " 3 "], [None, True, "x", 3.1]),
        (">2", [2.5], [2.0, "3", None, True, ExcelError.NA]),
        ("<>3", [None, "x", "3", 2.0, True, ExcelError.NA], [3.0]),
        ("=", [None], ["", 0.0]),
        ("", [None, ""], [0.0, "x", False]),
        ("<>", ["", 0.0, "x", ExcelError.REF], [None]),
        ("a*", ["a", "ABC"], ["ba", None, 1.0]),
        ("?", ["a", "1"], ["", "ab", 1.0]),
        ("~?", ["?"], ["a"]),
        ("a~", ["a~"], ["a"]),
        ("*", ["", "x"], [None, 1.0]),
        (">=b", ["b", "C"], ["a", 5.0, True]),
        (True, [True], [1.0, "TRUE", False]),
        ("TRUE", [True], [1.0, "TRUE"]),
        (None, [0.0], [None, ""]),
        (ExcelError.NA, [ExcelError.NA], [ExcelError.REF, None]),
        ("#N/A", [ExcelError.NA], [ExcelError.REF, "#N/A"]),
        ("1.5", [1.5], ["x"]),
        ("a.c", ["a.c"], ["abc"]),
    ],
)
def test_criteria(criterion: Scalar, met: list[Scalar], missed: list[Scalar]) -> None:
    wanted = Criterion.of(criterion)
    assert [value for value in met if not wanted.holds(value)] == []
    assert [value for value in missed if wanted.holds(value)] == []
    assert wanted.mask(Values.of([met + missed])).tolist() == [[True] * len(met) + [False] * len(missed)]


def test_wildcards_go_through_line_ends() -> None:
    assert wildcard("a*b").fullmatch("a\n\nb")


def test_powers_are_repeated_multiplications() -> None:
    assert power(0.9, 3.0) == 0.9 * 0.9 * 0.9
    assert power(1.1, -2.0) == 1 / (1.1 * 1.1)
    assert power(-2.0, 3.0) == -8.0
    assert power(0.0, 0.0) is ExcelError.NUM
    assert power(0.0, -1.0) is ExcelError.DIV0
    assert power(10.0, 400.0) is ExcelError.NUM
    assert power(-8.0, 0.5) is ExcelError.NUM
    assert power(5.0, 0.0) == 1.0


def test_arrays_of_different_lengths_meet_as_in_excel() -> None:
    long, short = Values.of([[1.0], [2.0], [3.0]]), Values.of([[10.0], [20.0]])
    total = lift(lambda a, b: b if isinstance(b, ExcelError) else a + b, [long, short])  # type: ignore[operator]
    assert total.tolist() == [[11.0], [22.0], [ExcelError.NA]]
    row, column = align([Values.of([[1.0, 2.0]]), short])
    assert np.broadcast_shapes(row.shape, column.shape) == (2, 2)
    spread = fit(Values.of([["a", 2.0]]), 2, 3)
    assert spread.tolist() == [["a", 2.0, ExcelError.NA]] * 2
    assert fit(long, 2, 1).tolist() == [[1.0], [2.0]]
