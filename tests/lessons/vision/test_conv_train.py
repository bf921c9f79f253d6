"""`conv_train`: every gradient is autograd's, every step torch.optim.SGD's, at any setting; what the about
page says of learning rates is so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from sheetsim.errors import SheetsimError
from sheetsim.gpu.compile import find_compiler
from sheetsim.lessons.kit.export import choose
from sheetsim.lessons.vision.conv_train import PITCH, SIZE, make_data, places_of
from sheetsim.lessons.vision.conv_train.arrays import backward, compute, forward, unpack
from sheetsim.public_lesson import lesson
from tests.lessons.implementations import inputs_of, sheet, tell

LESSON = lesson("conv_train")

needs_compiler = pytest.mark.skipif(not find_compiler(), reason="no C++ compiler")


def told(**given: object) -> dict[str, np.ndarray]:
    settings, data, _ = choose(LESSON, given, {})
    return compute(inputs_of(LESSON, settings, data))


@needs_compiler
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"weight_decay": 0.05, "lr": 1, "lr_dense": 0.5},
        {"lr": 0, "lr_dense": 3},
        {"lr": 3, "lr_dense": 0},
        {"train": 1, "valid": 1},
        {"train": 9, "valid": 2, "seed": 77},
        {"epoch": 100},
        {"lr": 900},
    ],
    ids=str,
)
def test_settings(given: dict[str, object]) -> None:
    """EXP and LN differ between libraries in the last bit, and steps carry that on."""
    blocks = tell(LESSON, **{"epochs": 4, "epoch": 2, **given})
    for name, want in blocks["sheet"].items():
        np.testing.assert_array_equal(blocks["arrays"][name], want, err_msg=f"arrays {name}")
        for implementation in ("reference", "kernel"):
            found = blocks[implementation][name]
            assert (np.isnan(found) == np.isnan(want)).all(), f"{implementation} {name}"
            scale = 1e-12 * np.abs(np.nan_to_num(want)).max()
            np.testing.assert_allclose(found, want, rtol=0, atol=scale, err_msg=f"{implementation} {name}")


def test_gradients_are_those_of_a_small_difference() -> None:
    """An independent witness for autograd and the formulas: the loss a little to the left and right."""
    settings = LESSON.settings()
    data, places = make_data(settings), places_of(settings)
    images = np.array([data["images"][:, n * PITCH : n * PITCH + SIZE] for n in range(places.train)])
    labels = data["labels"][0, ::PITCH][: places.train]

    def loss(start: np.ndarray, dense: np.ndarray) -> float:
        return float(forward(unpack(start, dense), images, labels).loss.mean())

    start, dense, step = data["weights0"], data["dense0"], 1e-6
    weights = unpack(start, dense)
    grads, _, _ = backward(weights, images, labels, forward(weights, images, labels))
    for place in ((0, 0), (1, 2), (2, 1), (1, 3), (5, 0), (7, 2), (6, 3)):
        there, back = start.copy(), start.copy()
        there[place] += step
        back[place] -= step
        want = (loss(there, dense) - loss(back, dense)) / (2 * step)
        channel, row = divmod(place[0], 5)
        found = grads.filters[channel, row, place[1]] if place[1] < 3 else grads.bias[channel]
        assert found == pytest.approx(want, abs=1e-8)


def test_a_filters_gradient_is_a_convolution() -> None:
    """Of the pictures with the slopes, by torch's own words."""
    settings, data, _ = choose(LESSON, {"epochs": 1}, {})
    blocks = compute(inputs_of(LESSON, settings, data))
    count = int(settings["train"])
    images = torch.tensor(np.stack([data["images"][:, n * PITCH : n * PITCH + SIZE] for n in range(count)]))
    maps = np.stack([blocks["after0.conv_grad"][:4, n * PITCH : n * PITCH + 4] for n in range(count)])
    # pictures as the channels of one image, slopes as its filter
    want = F.conv2d(images[None], torch.tensor(maps)[None])[0, 0].numpy()
    np.testing.assert_allclose(blocks["after0.weights_grad"][:3, :3], want, rtol=0, atol=1e-15)


def test_figures_of_the_about_page() -> None:
    usual, fast = told(), told(lr=6, epoch=20)
    assert usual["summary"][-1].tolist() == pytest.approx([0.067, 0.074, 1, 1], abs=0.001)
    assert np.flatnonzero(np.diff(usual["summary"][:, 0]) > 0).tolist() == [11, 12, 13]  # to 12, 13, 14
    losses = fast["summary"][:, 0]
    assert (np.diff(losses[:10]) > 0).any()
    assert (np.diff(losses[:10]) < 0).any()
    assert losses[-1] == pytest.approx(np.log(2), abs=1e-4)
    assert not np.nan_to_num(fast["activations"]).any()
    assert not np.nan_to_num(fast["after19.weights_grad"]).any()
    assert told(lr=0, lr_dense=3)["summary"][-1, 0] == pytest.approx(0.68, abs=0.005)
    assert told(weight_decay=0.1)["summary"][-1, 0] == pytest.approx(np.log(2), abs=1e-3)
    assert told(weight_decay=0.01)["summary"][-1, 0] == pytest.approx(0.20, abs=0.005)
    weights = make_data(LESSON.settings())["weights0"]
    assert np.isfinite(weights).sum() + 3 == 23


def test_the_first_sheet_shows_the_chosen_epoch() -> None:
    settings, data, _ = choose(LESSON, {"epochs": 3, "epoch": 2}, {})
    blocks = sheet(LESSON, settings, data)[1]
    np.testing.assert_array_equal(blocks["filters.shown"], blocks["after2.weights"][:, :3])
    np.testing.assert_array_equal(blocks["filters.end"], blocks["after3.weights"][:, :3])
    np.testing.assert_array_equal(blocks["p"][0], blocks["after2.forward"][3])
    np.testing.assert_array_equal(blocks["activations"], np.maximum(blocks["after2.conv"], 0))


def test_frozen_filters_stay() -> None:
    blocks = told(lr=0, lr_dense=1, epochs=3)
    np.testing.assert_array_equal(blocks["filters.end"], blocks["filters.start"])
    assert (blocks["after3.dense"] != blocks["after1.dense"]).all()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"train": 0}, "train must be at least 1 and at most 20"),
        ({"epochs": 2.5}, "epochs is a whole number"),
        ({"weight_decay": -1}, "weight_decay must be at least 0"),
        ({"lr": "fast"}, "lr is a number"),
    ],
)
def test_bad_settings(given: dict[str, object], words: str, tmp_path: Path) -> None:
    with pytest.raises(SheetsimError, match=words) as caught:
        LESSON.export(tmp_path / "x.xlsx", **given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "place", "word"),
    [
        ("images", (2, 8), "pixel"),
        ("labels", (0, 7), "label"),
        ("weights0", (6, 1), "start weight"),
        ("weights0", (1, 3), "bias"),
    ],
)
def test_a_blank_cell(name: str, place: tuple[int, int], word: str) -> None:
    settings, data, _ = choose(LESSON, {}, {})
    data[name][place] = np.nan
    with pytest.raises(SheetsimError, match=f"a {word} is blank"):
        compute(inputs_of(LESSON, settings, data))
