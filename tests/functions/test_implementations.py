"""Each function and operator: its scalar and its array implementation give the
same bits."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
import pytest

from sheetsim.functions import FUNCTIONS
from sheetsim.functions.calling import ONE_VALUE, call_array, call_scalar
from sheetsim.functions.lifting import stretch
from sheetsim.functions.operators import BINARY, UNARY
from sheetsim.functions.registry import Function
from sheetsim.values import Scalar, Values, kind_of
from tests.functions.helpers import random_scalar

TOLD_TWICE = sorted(name for name, record in FUNCTIONS.items() if record.array is not None)
MIXES = ["nnnnnbtlex", "n", "nnnl", "nnnnnx", "bbnl", "tttnl"]


def random_block(generator: np.random.Generator, shape: tuple[int, ...], kinds: str) -> Values:
    block = Values.filled(shape, None)
    for index in np.ndindex(shape):
        block.put(index, random_scalar(generator, kinds))
    return block.simplified()


def bits(value: object) -> tuple[int, object]:
    kind = kind_of(value)  # type: ignore[arg-type]
    return kind, struct.pack("d", value) if kind == 1 else value


def random_arguments(
    generator: np.random.Generator, record: Function, region: tuple[int, int], kinds: str
) -> tuple[list[Values], list[bool]]:
    """Arguments of the kinds that the record asks for, some the same in all cells, some direct."""
    extra = int(generator.integers(3)) if record.repeats else 0
    number = int(generator.integers(record.least, max(record.least, min(record.most, 5)) + 1))
    number = min(max(number, record.least), record.most) if not record.repeats else record.least + extra
    while not record.takes(number):
        number += 1
    height = int(generator.choice([1, 2, 3, 4, 5, 30]))  # 30: long enough to be added up along the window
    window = (height, int(generator.choice([1, 1, 3])))
    arguments, direct = [], []
    for position in range(number):
        kind = record.kind(position)
        outer = region if generator.random() < 0.7 else (1, 1)
        is_direct = kind in ("range", "array") and record.direct != "" and generator.random() < 0.3
        shape = (1, 1) if kind in ONE_VALUE or is_direct else window
        if record.name == "MMULT" and position == 1:
            shape = window[::-1]
        if record.name in ("SUMPRODUCT", "SUMXMY2", "MMULT") and generator.random() < 0.1:
            shape = (2, 2)
        if record.name == "MATCH" and position == 2:
            values = Values(generator.choice([-1.0, 0.0, 1.0], outer + shape))
        else:
            values = random_block(generator, outer + shape, kinds)
        arguments.append(values)
        direct.append(is_direct or kind in ONE_VALUE)
    return arguments, direct


def one_by_one(
    record: Function,
    arguments: Sequence[Values],
    direct: Sequence[bool],
    place: tuple[int, int],
    draw: float | None,
) -> Scalar | Values:
    """The scalar implementation for one cell of the region."""
    mine: list[Scalar | Values] = []
    for argument, is_direct in zip(arguments, direct, strict=True):
        window = argument[tuple(min(p, n - 1) for p, n in zip(place, argument.shape, strict=False))]
        mine.append(window.get((0, 0)) if is_direct else window)
    return call_scalar(record, mine, draw)


@pytest.mark.parametrize("kinds", MIXES)
@pytest.mark.parametrize("name", TOLD_TWICE)
def test_scalar_and_array_agree(name: str, kinds: str) -> None:
    record = FUNCTIONS[name]
    generator = np.random.default_rng(list(f"{name} {kinds}".encode()))
    for _ in range(20):
        region = (int(generator.integers(1, 6)), int(generator.integers(1, 3)))
        arguments, direct = random_arguments(generator, record, region, kinds)
        draws = generator.random(region + (1, 1)) if record.draws else None
        result = call_array(record, arguments, direct, None if draws is None else Values(draws))
        result = stretch(result, region + result.shape[2:])
        for place in np.ndindex(region):
            draw = None if draws is None else float(draws[place][0, 0])
            expected = one_by_one(record, arguments, direct, place, draw)
            table = expected.tolist() if isinstance(expected, Values) else [[expected]]
            for r, row in enumerate(table):
                for c, value in enumerate(row):
                    # an array implementation may give one error for the whole of a result
                    found = result.get(place + (min(r, result.shape[2] - 1), min(c, result.shape[3] - 1)))
                    assert bits(found) == bits(value), (name, place, arguments, direct, value, found)


@pytest.mark.parametrize("symbol", list(BINARY))
def test_binary_operators_agree(symbol: str) -> None:
    generator = np.random.default_rng(list(symbol.encode()))
    left = random_block(generator, (60, 1, 1, 1), "nnnnbtlex")
    right = random_block(generator, (1, 60, 1, 1), "nnnnbtlex")
    result = BINARY[symbol].array(left, right)
    for i, j in np.ndindex(60, 60):
        a, b = left.get((i, 0, 0, 0)), right.get((0, j, 0, 0))
        assert bits(result.get((i, j, 0, 0))) == bits(BINARY[symbol].scalar(a, b)), (a, symbol, b)


@pytest.mark.parametrize("symbol", list(UNARY))
def test_unary_operators_agree(symbol: str) -> None:
    values = random_block(np.random.default_rng(5), (200, 1, 1, 1), "nnnnbtlex")
    result = UNARY[symbol].array(values)
    for i in range(200):
        value = values.get((i, 0, 0, 0))
        assert bits(result.get((i, 0, 0, 0))) == bits(UNARY[symbol].scalar(value)), (symbol, value)


@pytest.mark.parametrize(
    "name", ["EXP", "LN", "LOG10", "TANH", "SIN", "COS", "SQRT", "POWER", "LOG", "ROUND"]
)
def test_memory_layout_does_not_matter(name: str) -> None:
    """NumPy takes other ways through arrays that run backwards or with steps; we must not."""
    record = FUNCTIONS[name]
    generator = np.random.default_rng(3)
    numbers = np.abs(generator.normal(size=(1501, 1, 1, 1))) * 3 + 1e-6
    second = [Values(np.full((1, 1, 1, 1), 2.0 if name == "ROUND" else 0.5))] if record.least == 2 else []

    def result(array: np.ndarray) -> np.ndarray:
        return call_array(record, [Values(array), *second], [True] * (1 + len(second))).numbers

    expected = result(numbers)
    stepped = np.repeat(numbers, 3, axis=0)[::3]
    columns = np.asfortranarray(np.concatenate([numbers, numbers], 1))[:, :1]
    assert (result(numbers[::-1])[::-1] == expected).all()
    assert (result(stepped) == expected).all()
    assert (result(columns) == expected).all()
    ones = [
        call_scalar(record, [float(x), *(s.get((0, 0, 0, 0)) for s in second)]) for x in numbers[:, 0, 0, 0]
    ]
    assert (np.array(ones) == expected[:, 0, 0, 0]).all()


def test_every_record_is_complete() -> None:
    for name, record in FUNCTIONS.items():
        assert name == record.name == name.upper()
        assert record.told == (record.rule is None)
        assert not (record.body and (record.scalar or record.array))  # told once
        assert record.array is None or record.scalar is not None
        assert 0 <= record.least <= record.most
        assert record.volatile or not record.draws
