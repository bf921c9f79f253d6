"""`conv_matmul`: the three ways have one result, whatever the picture, the filter and their size."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from sheetsim import check
from sheetsim.address import parse_cell
from sheetsim.errors import SheetsimError
from sheetsim.gpu.compile import find_compiler
from sheetsim.lessons.kit.export import choose
from sheetsim.lessons.vision.conv_matmul import FILTERS
from sheetsim.lessons.vision.conv_matmul.arrays import band, matmul, slide
from sheetsim.lessons.vision.conv_matmul.kernel import MatmulKernels
from sheetsim.public_lesson import lesson
from tests.lessons.implementations import inputs_of, same, sheet, tell

LESSON = lesson("conv_matmul")

needs_compiler = pytest.mark.skipif(not find_compiler(), reason="no C++ compiler")


@needs_compiler
@pytest.mark.parametrize("name", FILTERS)
def test_filters(name: str) -> None:
    told = tell(LESSON, filter=name)
    same(told, exactly=True)
    np.testing.assert_array_equal(told["sheet"]["weights"].ravel(), FILTERS[name])


@needs_compiler
@pytest.mark.parametrize("size", [5, 6, 11, 14])
@pytest.mark.parametrize("patch", [1, 9, 144])
def test_sizes_and_windows(size: int, patch: int) -> None:
    told = tell(LESSON, size=size, patch=patch)
    same(told, exactly=True)
    out = size - 2
    assert told["sheet"]["banded"].shape == (out * out, size * size)
    chosen = min(patch, out * out) - 1
    assert told["sheet"]["sum"] == told["sheet"]["sliding"].ravel()[chosen]


@needs_compiler
def test_any_numbers() -> None:
    """Numbers with all their bits: sums in the written order are bit for bit the same, torch's are near; the
    three ways agree in each, rounded to 12 places."""
    draw = np.random.default_rng(0)
    told = tell(
        LESSON, {"image": draw.normal(size=(7, 7)), "filters": draw.normal(size=(6, 9))}, filter="mine"
    )
    same(told)
    for blocks in told.values():
        assert not blocks["off_im2col"].any()
        assert not blocks["off_banded"].any()
    np.testing.assert_array_equal(told["sheet"]["folded"], told["sheet"]["sliding"])
    np.testing.assert_array_equal(told["sheet"]["banded_folded"], told["sheet"]["sliding"])


def test_the_matrices_are_those_of_torch() -> None:
    draw = np.random.default_rng(1)
    image, weights = draw.normal(size=(6, 6)), draw.normal(size=(3, 3))
    want = F.conv2d(torch.tensor(image)[None, None], torch.tensor(weights)[None, None])[0, 0].numpy()
    np.testing.assert_allclose(slide(image, weights), want, rtol=0, atol=1e-14)
    np.testing.assert_allclose(band(weights, 6) @ image.ravel(), want.ravel(), rtol=0, atol=1e-14)
    # the transposed matrix carries gradients back
    back = F.conv_transpose2d(torch.tensor(want)[None, None], torch.tensor(weights)[None, None])[0, 0].numpy()
    np.testing.assert_allclose(band(weights, 6).T @ want.ravel(), back.ravel(), rtol=0, atol=1e-13)


@needs_compiler
@pytest.mark.parametrize("shape", [(1, 1, 1), (16, 16, 16), (17, 33, 15), (40, 5, 70)])
def test_tiles_of_the_matrix_product(shape: tuple[int, int, int]) -> None:
    rows, inner, columns = shape
    draw = np.random.default_rng(2)
    a, b = draw.normal(size=(rows, inner)), draw.normal(size=(inner, columns))
    machine = MatmulKernels("host")
    found = machine.kernels.download(machine.multiply(machine.kernels.upload(a), machine.kernels.upload(b)))
    np.testing.assert_array_equal(found, matmul(a, b))


def test_a_picture_from_an_idx_file(tmp_path: Path) -> None:
    picture = np.random.default_rng(3).integers(0, 256, (1, 28, 28), np.uint8)
    file = tmp_path / "pictures"
    file.write_bytes(struct.pack(">2x2B3I", 8, 3, 1, 28, 28) + picture.tobytes())
    settings, data, _ = choose(LESSON, {"size": 7}, {"idx": str(file)})
    inner = picture[0, 3:24, 3:24].reshape(7, 3, 7, 3).mean(axis=(1, 3)) / 255
    np.testing.assert_array_equal(data["image"], np.round(inner * 8) / 8)
    assert settings["size"] == 7


def test_figures_of_the_about_page() -> None:
    settings, data, _ = choose(LESSON, {}, {})
    found, blocks = sheet(LESSON, settings, data)
    last = blocks["counts"][-1]
    assert inputs_of(LESSON, settings, data)["count_n"][-1] == 224
    assert round(last[3] / 1e9, 2) == 2.47
    assert round(1 / last[4]) == 5575
    assert [found.value("conv_matmul", *parse_cell(cell)) for cell in ("N25", "T25", "Z25")] == [
        "225 multiplications",
        "225 multiplications",
        "1225 multiplications",
    ]


def test_a_pixel_stands_in_nine_windows_at_most() -> None:
    image = np.zeros((7, 7))
    image[3, 3] = 1
    settings, data, _ = choose(LESSON, {}, {})
    blocks = sheet(LESSON, settings, data | {"image": image})[1]
    assert (blocks["unfolded"] == 1).sum() == 9
    image[3, 3], image[0, 0] = 0, 1
    blocks = sheet(LESSON, settings, data | {"image": image})[1]
    assert (blocks["unfolded"] == 1).sum() == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"size": 4}, "size must be at least 5 and at most 14"),
        ({"size": 7.5}, "size is a whole number"),
        ({"filter": "sobel"}, "filter is one of top, left"),
        ({"patch": 0}, "patch must be at least 1"),
    ],
)
def test_bad_settings(given: dict[str, object], words: str, tmp_path: Path) -> None:
    with pytest.raises(SheetsimError, match=words) as caught:
        LESSON.export(tmp_path / "x.xlsx", **given)
    assert "\n" not in str(caught.value)


def test_a_large_export_passes(tmp_path: Path) -> None:
    file = LESSON.export(tmp_path / "large.xlsx", size=12, filter="diag", patch=37)
    outcome = check(file, model="conv_matmul", against=["recalc", "arrays", "torch"])
    assert outcome.passed, str(outcome)
