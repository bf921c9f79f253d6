"""Every function with odd arguments, drawn from a seed: a value of a cell or an `Unsupported`, never a
traceback, never a number that is not finite, never a text that no cell holds."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from sheetsim.errors import Unsupported
from sheetsim.functions import FUNCTIONS
from sheetsim.functions.calling import ONE_VALUE, call_scalar
from sheetsim.functions.characters import MAX_TEXT
from sheetsim.functions.registry import Function
from sheetsim.values import ExcelError, Scalar, Values, kind_of

CALLS = 40

NUMBERS = (
    *(0.0, -0.0, 1.0, -1.0, 0.5, 2.5, 3.0, 7.0, 60.0, 100.0, 255.0, 12345.678, 45000.5),
    *(1e300, -1e300, 1.7e308, 1e-320, 2.0**31, 2.0**53, 2958465.0, 2958466.0, 32768.0, 1114111.0),
)
TEXTS = (
    *("", "a", "abc", "1/2/2020", "12:30", "x,y;z", "\ud83d", "\U0001f600b", " 2020-01-01 ", "TRUE", "0.00"),
    *("#,##0;(0)", "yyyy-mm-dd", "[h]:mm:ss.000", "# ?/?", "@", "[>5]0;0", "(", "a*", "~?", "[a-z]+", "$1"),
    *("0000011", "YD", "0E+0", "0,,,", "[$-409]d", "_", "\\", '"', "ü", "ß", "\x00", "9" * 400, "1e400"),
    *("1+2i", "FF", "kg", "Jan 99", "1 AM", ">5", "<>", "a" * MAX_TEXT),
)


def _value(random: np.random.Generator) -> Scalar:
    kind = random.choice(4, p=[0.45, 0.35, 0.1, 0.1])
    if kind == 0:
        return NUMBERS[random.integers(len(NUMBERS))]
    if kind == 1:
        return TEXTS[random.integers(len(TEXTS))]
    if kind == 2:
        return None
    return [True, False, *ExcelError][random.integers(2 + len(ExcelError))]


def _argument(random: np.random.Generator, record: Function, position: int) -> Scalar | Values:
    if record.kind(position) in ONE_VALUE or random.random() < 0.3:
        return _value(random)
    rows, columns = random.integers(1, 4, 2)
    return Values.of([[_value(random) for _ in range(columns)] for _ in range(rows)])


def _values(result: object) -> Iterator[object]:
    if isinstance(result, Values):
        for row in result.tolist():
            yield from row
    else:
        yield result


@pytest.mark.parametrize("name", sorted(name for name, record in FUNCTIONS.items() if record.told))
def test_no_traceback(name: str) -> None:
    record = FUNCTIONS[name]
    random = np.random.default_rng(list(name.encode()))
    for _ in range(CALLS):
        more = record.most if not record.repeats else record.least + 2 * record.repeats
        count = int(random.choice(range(record.least, min(more, record.most) + 1, record.repeats or 1)))
        arguments = [_argument(random, record, position) for position in range(count)]
        try:
            result = call_scalar(record, arguments, 0.5 if record.draws else None)
        except Unsupported:
            continue
        for value in _values(result):
            kind_of(value)  # type: ignore[arg-type]
            if isinstance(value, float):
                assert math.isfinite(value), arguments
            assert not isinstance(value, str) or len(value) <= MAX_TEXT, arguments
