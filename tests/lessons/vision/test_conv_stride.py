"""`conv_stride`: strides, padding and pooling as torch has them, for every stride and padding; the receptive
field is all that a cell depends on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from sheetsim import check
from sheetsim.errors import SheetsimError
from sheetsim.gpu.compile import find_compiler
from sheetsim.lessons.kit.export import choose
from sheetsim.lessons.vision.conv_stride import FILTERS, StridePlaces
from sheetsim.lessons.vision.conv_stride.arrays import average_pool, compute, convolve, max_pool, mean
from sheetsim.public_lesson import lesson
from tests.lessons.implementations import inputs_of, same, sheet, tell

LESSON = lesson("conv_stride")

needs_compiler = pytest.mark.skipif(not find_compiler(), reason="no C++ compiler")
EVERY = [(stride, padding) for stride in (1, 2, 3) for padding in (0, 1)]


@needs_compiler
@pytest.mark.parametrize(("stride", "padding"), EVERY)
def test_every_stride_and_padding(stride: int, padding: int) -> None:
    draw = np.random.default_rng(stride)
    data = {"image": draw.random((28, 28))}
    data |= {name: draw.normal(size=weights.shape) for name, weights in FILTERS.items()}
    told = tell(LESSON, data, stride=stride, padding=padding, row=28, column=1)
    same(told)
    sizes = told["sheet"]["sizes"][:, 0]
    assert sizes.tolist() == [StridePlaces(stride, padding).size(layer) for layer in range(4)]


@needs_compiler
@pytest.mark.parametrize("place", [(1, 1), (1, 4), (3, 2), (28, 28)])
def test_receptive_fields(place: tuple[int, int]) -> None:
    told = tell(LESSON, row=place[0], column=place[1])
    same(told)
    first, last, left, right = (int(edge) for edge in told["sheet"]["field"][0, 1:])
    row, column = (min(number, 4) for number in place)
    # with filters that let everything through, a pixel is seen exactly in the field
    settings, data, _ = choose(LESSON, {}, {})
    inputs = inputs_of(LESSON, settings, data) | {
        name: np.ones_like(weights) for name, weights in FILTERS.items()
    }
    for i in range(0, 28, 3):
        for j in range(0, 28, 3):
            image = np.zeros((28, 28))
            image[i, j] = 1
            seen = compute(inputs | {"image": image})["conv3_1"][row - 1, column - 1] > 0
            assert seen == (first <= i + 1 <= last and left <= j + 1 <= right)


@pytest.mark.parametrize(("stride", "padding"), EVERY)
@pytest.mark.parametrize("size", [3, 8, 11])
def test_convolution_is_torchs(stride: int, padding: int, size: int) -> None:
    draw = np.random.default_rng(size)
    grid, weights = draw.normal(size=(size, size)), draw.normal(size=(3, 3))
    one, other = torch.tensor(grid)[None, None], torch.tensor(weights)[None, None]
    want = F.conv2d(one, other, stride=stride, padding=padding)[0, 0].numpy()
    found = convolve(grid, weights, stride, padding)
    assert found.shape == want.shape
    np.testing.assert_allclose(found, want, rtol=0, atol=1e-14)


@pytest.mark.parametrize("size", [2, 7, 14])
def test_pools_are_torchs(size: int) -> None:
    grid = np.random.default_rng(size).normal(size=(size, size))
    channels = torch.tensor(grid)[None]
    np.testing.assert_array_equal(max_pool(grid), F.max_pool2d(channels, 2)[0].numpy())
    np.testing.assert_allclose(average_pool(grid), F.avg_pool2d(channels, 2)[0].numpy(), rtol=0, atol=1e-15)
    assert mean(grid) == pytest.approx(float(F.adaptive_avg_pool2d(channels, 1)), abs=1e-15)


def test_figures_of_the_about_page() -> None:
    def told(**given: int) -> dict[str, np.ndarray]:
        settings, data, _ = choose(LESSON, given, {})
        return sheet(LESSON, settings, data)[1]

    middle, corner, dense = told(row=2, column=2), told(row=1, column=1), told(stride=1, padding=0)
    assert middle["sizes"][:, 0].tolist() == [28, 14, 7, 4]
    field = middle["field"][0]
    assert (field[2] - field[1] + 1, field[4] - field[3] + 1) == (15, 15)
    assert corner["field"][0].tolist() == [15, 1, 8, 1, 8]
    assert dense["sizes"][:, 0].tolist() == [28, 26, 24, 22]
    assert dense["field"][0, 0] == 7
    assert 8.5 < dense["costs"][:, 1].sum() / middle["costs"][:, 1].sum() < 9


def test_a_pixel_outside_the_field_changes_nothing() -> None:
    settings, data, _ = choose(LESSON, {}, {})
    inputs = inputs_of(LESSON, settings, data)
    before = compute(inputs)["conv3_1"][1, 1]
    image = data["image"].copy()
    image[17:, :] = 0
    assert compute(inputs | {"image": image})["conv3_1"][1, 1] == before
    image[5, 12] = 0
    assert compute(inputs | {"image": image})["conv3_1"][1, 1] != before


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"stride": 4}, "stride must be at least 1 and at most 3"),
        ({"padding": 0.5}, "padding is a whole number"),
        ({"row": 0}, "row must be at least 1"),
        ({"idx": "x", "image": "y"}, "--image and --idx: give one of them"),
    ],
)
def test_bad_settings(given: dict[str, object], words: str, tmp_path: Path) -> None:
    with pytest.raises(SheetsimError, match=words) as caught:
        LESSON.export(tmp_path / "x.xlsx", **given)
    assert "\n" not in str(caught.value)


def test_another_export_passes(tmp_path: Path) -> None:
    file = LESSON.export(tmp_path / "dense.xlsx", stride=1, padding=1, row=20, column=3)
    outcome = check(file, model="conv_stride", against=["recalc", "arrays", "torch"])
    assert outcome.passed, str(outcome)
