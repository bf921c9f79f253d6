"""`dropout` against the course's sheet (values that real Excel stored) and F.dropout; what its page says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from sheetsim import check
from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.gpu.device import find_device
from sheetsim.lessons.kit.park_miller import Draws
from sheetsim.lessons.vision.dropout import COUNTS, NAME, SHAPE, STATES, STRIP
from sheetsim.lessons.vision.dropout.arrays import compute
from sheetsim.lessons.vision.dropout.reference import dropout
from sheetsim.public_lesson import lesson
from sheetsim.workbook import Workbook
from sheetsim.xlsx.read.workbook import read_workbook
from tests.checking.packages import edit_cell

CELLS = 2 * 26 * 26 + 3 * 2 * 24 * 25 + 2 * 12 * 13 + 6 + 1
JUDGES = ["arrays", "torch"] + (["kernel"] if find_device().device else [])


def inputs(**given: object) -> dict[str, Any]:
    settings = lesson(NAME).settings(given)
    return settings | lesson(NAME).make_data(settings)


def stored(tmp_path: Path, **given: object) -> Workbook:
    return read_workbook(lesson(NAME).export(tmp_path / "dropout.xlsx", force=True, **given))


def course(folder: Path) -> Path:
    return folder / "course22" / "conv-example.xlsx"


def test_every_cell_of_the_course_is_bit_identical(lessons_dir: Path) -> None:
    """Its random numbers, as they are stored, are inputs."""
    outcome = check(course(lessons_dir), model=NAME, against=JUDGES)
    assert outcome.passed, str(outcome)
    for judge in JUDGES:
        assert outcome[judge].cells == CELLS
        assert sum(block.by_rounding for block in outcome[judge].blocks) == 0
        if judge != "torch":
            assert outcome[judge].bit_identical == CELLS
    assert outcome["torch"].bit_identical > 0.9 * CELLS
    assert not outcome.notes


@pytest.mark.parametrize("address", ["DZ12", "FF20", "GJ37", "FA31", "II4"])
def test_a_changed_cell_of_the_course_is_found(lessons_dir: Path, tmp_path: Path, address: str) -> None:
    changed = edit_cell(
        course(lessons_dir), tmp_path / "changed.xlsx", "conv-example (dropout)", address, value="0.1234567"
    )
    outcome = check(changed, model=NAME, against=JUDGES)
    assert not outcome.passed
    assert f"conv-example (dropout)!{address}" in str(outcome).replace("'", "")


@pytest.mark.parametrize(
    "given",
    [
        {"p": 0, "seed": 2147483646},
        {"p": 0.99, "convention": "torch", "seed": 42},
        {"p": 0.3, "convention": "torch"},
    ],
)
def test_the_implementations_agree_for_other_settings(tmp_path: Path, given: dict[str, object]) -> None:
    book = lesson(NAME).export(tmp_path / "dropout.xlsx", **given)
    outcome = check(book, against=["recalc", *JUDGES])
    assert outcome.passed, str(outcome)
    for judge in ("recalc", *JUDGES[::2]):
        assert outcome[judge].bit_identical == outcome[judge].cells


def test_the_same_seed_gives_the_same_mask(tmp_path: Path) -> None:
    """In the sheet, NumPy, torch and the kernel, and by the generator itself."""
    numbers = Draws(5).uniform(STATES.size).reshape(-1, *SHAPE)
    given = inputs(seed=5)
    for implementation in ("arrays", "reference", *(["kernel"] if find_device().device else [])):
        told = lesson(NAME).implementation(implementation).compute(given)
        for n in (1, 2):
            np.testing.assert_array_equal(told[f"uniform_{n}"], numbers[n - 1])
            np.testing.assert_array_equal(told[f"mask_{n}"] > 0, numbers[n - 1] > 0.501)
    sheet = stored(tmp_path, seed=5)[NAME]
    np.testing.assert_array_equal(sheet.block(Rect.parse("CU37:DS60")).numbers, numbers[1])


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_torchs_convention_is_what_f_dropout_does(p: float) -> None:
    """F.dropout draws a mask of its own; with that mask our step gives the same bits."""
    x = torch.tensor(compute(inputs())["conv2_1"]) + 1  # nowhere 0
    torch.manual_seed(1)
    expected = F.dropout(x, p)
    kept = expected != 0
    assert 0 < kept.sum() < x.numel()
    np.testing.assert_array_equal(dropout(x, kept, 1 / (1 - p)), expected)
    told = compute(inputs(p=p, convention="torch"))
    mask = torch.tensor(told["mask_1"]) != 0
    ours = dropout(torch.tensor(told["conv2_1"]), mask, 1 / (1 - p)).numpy()
    np.testing.assert_array_equal(told["out_1"], ours)


def test_what_is_switched_off_gets_no_gradient() -> None:
    """The mask that the forward pass drew is the mask of the gradient, as autograd has it."""
    torch.manual_seed(2)
    x = torch.ones(SHAPE, dtype=torch.float64, requires_grad=True)
    out = F.dropout(x, 0.5)
    (slope,) = torch.autograd.grad(out.sum(), x)
    np.testing.assert_array_equal(slope, dropout(torch.ones_like(slope), out.detach() != 0, 2.0))


# -- what the page says


def test_at_0_three_are_off_and_the_dense_activation_is_convs(tmp_path: Path) -> None:
    book = stored(tmp_path, p=0)
    assert book[COUNTS].value("D5") == 3
    dense = read_workbook(lesson("conv").export(tmp_path / "conv.xlsx"))["conv"].value("EN4")
    assert book[NAME].value("II4") == dense
    assert round(float(str(dense)), 2) == 2.60


def test_the_count_is_rarely_two_deviations_apart() -> None:
    apart = np.concatenate([compute(inputs(seed=1000 * seed))["counts"][:, 5] for seed in range(1, 31)])
    assert len(apart) == 30 * (2 + STRIP)
    assert (np.abs(apart) > 2).mean() < 0.1


@pytest.mark.parametrize("p", [0.2, 0.5, 0.9])
def test_the_mean_stays_in_torchs_convention_only(p: float) -> None:
    for convention, expected in (("torch", 1.0), ("lesson", 1 - p)):
        counts = compute(inputs(p=p, convention=convention))["counts"]
        found = counts[:, 7].sum() / counts[:, 6].sum()
        assert found == pytest.approx(expected, rel=0.15)


def test_the_courses_count_of_pixels_is_too_large(lessons_dir: Path) -> None:
    sheet = read_workbook(course(lessons_dir))["conv-example (dropout)"]
    shown, off = (
        [float(str(sheet.value(cell))) for cell in cells] for cells in (("FA32", "FA65"), ("FA31", "FA64"))
    )
    assert [round(one, 2) for one in shown] == [0.80, 0.82]
    assert [round(one / 600, 2) for one in off] == [0.90, 0.92]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"p": 1}, "p must be at least 0 and at most 0.99"),
        ({"p": "half"}, "p is a number"),
        ({"convention": "keras"}, "convention is one of lesson, torch"),
        ({"seed": 0}, "seed must be"),
        ({"image": "none.png"}, "none.png: cannot be read"),
    ],
)
def test_bad_requests(tmp_path: Path, given: dict[str, object], said: str) -> None:
    with pytest.raises(SheetsimError, match=said) as caught:
        lesson(NAME).export(tmp_path / "dropout.xlsx", **given)
    assert "\n" not in str(caught.value)
