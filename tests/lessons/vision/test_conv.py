"""`conv` against the course's sheet (values that real Excel stored) and torch, and what its page says."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from sheetsim import check
from sheetsim.errors import SheetsimError
from sheetsim.gpu.device import find_device
from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.vision._shared.images import default_image
from sheetsim.lessons.vision._shared.kernel import ENTRIES, convolve
from sheetsim.lessons.vision.conv import LIBRARY, NET
from sheetsim.lessons.vision.conv.arrays import compute, receptive_field
from sheetsim.lessons.vision.conv.kernel import SOURCE
from sheetsim.public_lesson import lesson
from sheetsim.xlsx.read.workbook import read_workbook
from tests.checking.packages import edit_cell

CELLS = 2 * 26 * 26 + 2 * 24 * 25 + 2 * 12 * 13 + 1
JUDGES = ["arrays", "torch"] + (["kernel"] if find_device().device else [])


def inputs(**given: object) -> dict[str, Any]:
    """What an export with these settings holds as inputs, all weights random."""
    settings = lesson("conv").settings(given)
    found: dict[str, Any] = settings | lesson("conv").make_data(settings)
    random = np.random.default_rng(3)
    for one in NET.inputs():
        if one.name != "image":
            found[one.name] = random.uniform(-1, 1, one.rect.shape)
    return found


def course(folder: Path) -> Path:
    return folder / "course22" / "conv-example.xlsx"


def test_every_cell_of_the_course_is_bit_identical(lessons_dir: Path) -> None:
    outcome = check(course(lessons_dir), model="conv", against=JUDGES)
    assert outcome.passed, str(outcome)
    for judge in JUDGES:
        assert outcome[judge].cells == CELLS
        assert sum(block.by_rounding for block in outcome[judge].blocks) == 0
        if judge != "torch":
            assert outcome[judge].bit_identical == CELLS
    assert outcome["torch"].bit_identical > 0.9 * CELLS
    assert not outcome.notes


@pytest.mark.parametrize("address", ["AH12", "CK56", "CM10", "EN4"])
def test_a_changed_cell_of_the_course_is_found(lessons_dir: Path, tmp_path: Path, address: str) -> None:
    changed = edit_cell(
        course(lessons_dir), tmp_path / "changed.xlsx", "conv-example", address, value="1.0000001"
    )
    outcome = check(changed, model="conv", against=JUDGES)
    assert not outcome.passed
    assert f"conv-example!{address}" in str(outcome).replace("'", "")


@pytest.mark.parametrize(
    "given",
    [
        {"filters": "sobel", "layer": "conv1", "row": 26, "column": 26},
        {"filters": "random", "seed": 1, "layer": "conv2", "row": 26, "column": 26},
        {"filters": "random", "seed": 2147483646, "layer": "pool", "row": 26, "column": 26},
        {"layer": "conv1", "row": 1, "column": 25},
        {"layer": "conv2", "row": 1, "column": 1},
    ],
)
def test_the_implementations_agree_for_other_settings(tmp_path: Path, given: dict[str, object]) -> None:
    book = lesson("conv").export(tmp_path / "conv.xlsx", **given)
    outcome = check(book, against=["recalc", *JUDGES])
    assert outcome.passed, str(outcome)
    for judge in ("recalc", *JUDGES[::2]):
        assert outcome[judge].bit_identical == outcome[judge].cells


@pytest.mark.parametrize(("layer", "row", "column"), [("pool", 4, 7), ("conv2", 9, 9), ("conv1", 3, 5)])
def test_the_cell_depends_on_its_receptive_field_only(layer: str, row: int, column: int) -> None:
    """Each pixel changed in turn, in a net of ones: the cell follows where the field says so."""
    given = inputs()
    for one in NET.inputs():
        if one.name != "image":
            given[one.name] = np.ones(one.rect.shape)
    top, bottom, left, right = receptive_field(layer, row, column)[0].astype(int)
    place = (2 * row - 2, 2 * column - 2) if layer == "pool" else (row - 1, column - 1)
    given["image"] = np.ones((28, 28))
    before = compute(given)[f"{layer}_1"][place]
    seen = np.zeros((28, 28), bool)
    for r in range(top - 3, bottom + 2):
        for c in range(left - 3, right + 2):
            given["image"] = np.ones((28, 28))
            given["image"][r, c] = 9
            seen[r, c] = compute(given)[f"{layer}_1"][place] != before
    assert seen[top - 1 : bottom, left - 1 : right].all()
    assert seen.sum() == (bottom - top + 1) * (right - left + 1)


@pytest.mark.skipif(not find_device().device, reason="no C++ compiler and no GPU")
@pytest.mark.parametrize("shape", [(1, 3, 3), (3, 40, 37), (2, 18, 18), (5, 19, 70)])
def test_the_tiled_kernel_convolves_as_torch_does(shape: tuple[int, int, int]) -> None:
    """Tiles at the edges, several channels, an output as wide as the image."""
    random = np.random.default_rng(1)
    image, weight = random.normal(size=shape), random.normal(size=(4, shape[0], 3, 3))
    kernels = Kernels(SOURCE, ENTRIES)
    for beyond in (0, 2):
        expected = F.relu(F.conv2d(F.pad(torch.tensor(image), (0, beyond)), torch.tensor(weight))).numpy()
        found = convolve(kernels, image, weight, shape[2] - 2 + beyond)
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12 * np.abs(expected).max())


# -- what the page says


def test_an_identity_filter_gives_the_picture_and_ones_blur_it() -> None:
    given = inputs()
    given["conv1_weight_1"] = np.zeros((3, 3))
    given["conv1_weight_1"][1, 1] = 1
    np.testing.assert_array_equal(compute(given)["conv1_1"], default_image()[1:-1, 1:-1])
    given["conv1_weight_1"] = np.ones((3, 3))
    blurred = F.avg_pool2d(torch.tensor(default_image())[None], 3, stride=1)[0] * 9
    np.testing.assert_allclose(compute(given)["conv1_1"], blurred, atol=1e-14)


def test_fields_of_3_5_and_6_pixels() -> None:
    for layer, size in (("conv1", 3), ("conv2", 5), ("pool", 6)):
        top, bottom, left, right = receptive_field(layer, 4, 7)[0]
        assert bottom - top + 1 == right - left + 1 == size


def test_seed_3_has_a_dead_first_filter(tmp_path: Path) -> None:
    book = read_workbook(lesson("conv").export(tmp_path / "conv.xlsx", filters="random", seed=3))
    conv = {block.name: block.rect for block in NET.convolutions()}
    assert not book["conv"].block(conv["conv1_1"]).numbers.any()
    assert book["conv"].block(conv["conv1_2"]).numbers.any()


def test_filters_answer_to_upper_and_to_left_edges() -> None:
    """A white square on black."""
    given = inputs(filters="edges")
    given |= {f"conv1_weight_{n}": np.array(LIBRARY[f"edges_{n}"], float) for n in (1, 2)}
    given["image"] = np.zeros((28, 28))
    given["image"][10:20, 10:20] = 1
    found = compute(given)
    # row i of conv1 sees rows i to i + 2; white minus black is above zero at the lower and the right edge
    assert np.flatnonzero(found["conv1_1"].any(axis=1)).tolist() == [18, 19]
    assert np.flatnonzero(found["conv1_2"].any(axis=0)).tolist() == [18, 19]


def test_the_marks_and_the_pictures_are_in_the_file(tmp_path: Path) -> None:
    path = lesson("conv").export(tmp_path / "conv.xlsx")
    with zipfile.ZipFile(path) as package:
        sheets = [package.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (2, 3)]
        styles = package.read("xl/styles.xml").decode()
    for sheet in sheets:
        assert sheet.count('<cfRule type="expression"') == 7
        assert sheet.count("colorScale") >= 14
    assert "FFD0312D" in styles


# -- other images


def test_an_image_file_and_an_idx_file(tmp_path: Path) -> None:
    file = tmp_path / "square.png"
    pixels = np.zeros((56, 56), np.uint8)
    pixels[10:30, 20:40] = 255
    Image.fromarray(pixels).save(file)
    path = lesson("conv").export(tmp_path / "conv.xlsx", image=file)
    stored = read_workbook(path)["conv"].block(NET.inputs()[0].rect).numbers
    np.testing.assert_array_equal(stored, pixels[::2, ::2] / 255)
    assert check(path, against=["arrays", "recalc"]).passed


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"filters": "blur"}, "filters is one of edges, sobel, random"),
        ({"row": 27}, "row must be at least 1 and at most 26"),
        ({"layer": "dense"}, "layer is one of conv1, conv2, pool"),
        ({"seed": 0}, "seed must be"),
        ({"image": "none.png"}, "none.png: cannot be read"),
        ({"idx": "none", "index": "x"}, "whole number"),
        ({"ratings": "u.data"}, "no parameter 'ratings'"),
    ],
)
def test_bad_requests(tmp_path: Path, given: dict[str, object], said: str) -> None:
    with pytest.raises(SheetsimError, match=said) as caught:
        lesson("conv").export(tmp_path / "conv.xlsx", **given)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "conv.xlsx").exists()


def test_a_blank_pixel_is_named(tmp_path: Path) -> None:
    path = lesson("conv").export(tmp_path / "conv.xlsx")
    changed = edit_cell(path, tmp_path / "changed.xlsx", "conv", "C3", drop_value=True)
    with pytest.raises(SheetsimError, match=r"conv!C3 \(image\) is blank; a number is needed"):
        check(changed, against=["arrays"])
