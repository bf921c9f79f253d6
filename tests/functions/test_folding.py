"""Folds: strictly in reading order, whichever way they go through the windows."""

import numpy as np
import pytest

from sheetsim.functions import FUNCTIONS, folding
from sheetsim.functions.calling import call_array
from sheetsim.functions.folding import fold
from sheetsim.values import Values
from tests.calls import calls_of


def in_order(window: np.ndarray, start: float) -> float:
    total = start
    for number in window.reshape(-1):
        total += number
    return total


@pytest.mark.parametrize(
    "shape", [(1, 1, 5000, 1), (3, 2, 40, 20), (500, 1, 3, 3), (7, 5, 6, 6), (2, 3, 1, 1)]
)
@pytest.mark.parametrize("chunk", [10, 1000, 1 << 22])
def test_sums_run_in_reading_order(
    shape: tuple[int, ...], chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "_CHUNK", chunk)
    generator = np.random.default_rng(1)
    numbers = generator.normal(size=shape) * 10.0 ** generator.integers(-8, 8, size=shape)
    start = generator.normal(size=(shape[0], 1))
    sums = fold(np.add, lambda x: x, [numbers], start)
    for r, c in np.ndindex(shape[:2]):
        assert sums[r, c] == in_order(numbers[r, c], start[r, 0])


def test_several_arrays_and_axes_that_broadcast(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(2)
    a, b = generator.normal(size=(4, 1, 30, 2)), generator.normal(size=(1, 3, 30, 2))
    for chunk in (50, 1 << 22):
        monkeypatch.setattr(folding, "_CHUNK", chunk)
        products = fold(np.add, np.multiply, [a, b], 0.0)
        assert products.shape == (4, 3)
        for r, c in np.ndindex(4, 3):
            assert products[r, c] == in_order(a[r, 0] * b[0, c], 0.0)


def test_sum_goes_on_through_its_arguments() -> None:
    blocks = [Values(np.full((1, 1, 1, 1), x)) for x in (1e16, 1.0, 1.0, -1e16)]
    total = call_array(FUNCTIONS["SUM"], blocks, [False] * 4)
    assert total.numbers[0, 0, 0, 0] == 0.0  # (1e16 + 1) + 1 loses both


def test_a_long_column_is_added_up_without_a_loop() -> None:
    """A million rows in one window."""
    numbers = np.random.default_rng(3).normal(size=(1, 1, 1_000_000, 1))
    assert calls_of(lambda: fold(np.add, lambda x: x, [numbers], 0.0)) < 1000
