"""The pictures of the lessons: drawn by ourselves, from PNG and JPEG, from MNIST's IDX files."""

from __future__ import annotations

import gzip
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image

from sheetsim.errors import MissingExtra, SheetsimError
from sheetsim.lessons.vision._shared.files import (
    choose_image,
    labels_beside,
    read_idx,
    read_image,
    read_labels,
)
from sheetsim.lessons.vision._shared.images import default_image, digits, smaller


def idx(pictures: NDArray[np.uint8]) -> bytes:
    """MNIST's bytes of pictures or labels."""
    return struct.pack(f">2x2B{pictures.ndim}I", 8, pictures.ndim, *pictures.shape) + pictures.tobytes()


@pytest.fixture
def levels() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (5, 28, 28), np.uint8)


def test_default_image_is_a_white_seven_on_black() -> None:
    image = default_image()
    assert image.shape == (28, 28)
    assert image.min() == 0
    assert image.max() == 1
    assert (image * 255 == np.round(image * 255)).all()
    assert not image[[0, -1]].any()
    assert not image[:, [0, -1]].any()
    assert 0.05 < image.mean() < 0.3
    np.testing.assert_array_equal(image, default_image())


def test_digits_differ_by_class_and_by_seed() -> None:
    pictures, labels = digits(1, 20)
    assert pictures.shape == (20, 28, 28)
    assert labels.tolist() == [*range(10), *range(10)]
    assert len({one.tobytes() for one in pictures}) == 20
    np.testing.assert_array_equal(pictures, digits(1, 20)[0])
    assert (pictures != digits(2, 20)[0]).any()
    assert pictures.min() == 0
    assert pictures.max() == 1
    assert digits(1, 5, classes=(0, 7))[1].tolist() == [0, 7, 0, 7, 0]


def test_digits_can_be_told_apart() -> None:
    """The nearest mean picture of one seed's digits names nearly all of another's."""
    train, labels = digits(1, 200)
    means = np.array([train[labels == label].mean(axis=0) for label in range(10)])
    test, wanted = digits(99, 100)
    near = ((test[:, None] - means) ** 2).sum(axis=(2, 3)).argmin(axis=1)
    assert (near == wanted).mean() > 0.9


@pytest.mark.parametrize("size", [14, 7, 4])
def test_smaller_pools_as_torch_does(size: int) -> None:
    pictures, _ = digits(3, 4)
    expected = F.avg_pool2d(torch.tensor(pictures), 28 // size)
    np.testing.assert_allclose(smaller(pictures, size), expected, rtol=1e-14)


def test_smaller_adds_a_border_where_it_does_not_divide() -> None:
    pictures, _ = digits(3, 2)
    expected = F.avg_pool2d(F.pad(torch.tensor(pictures), (2, 2, 2, 2)), 4)
    found = smaller(pictures, 8)
    assert found.shape == (2, 8, 8)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


@pytest.mark.parametrize("packed", [False, True])
def test_idx_pictures_and_labels(tmp_path: Path, levels: NDArray[np.uint8], packed: bool) -> None:
    ending, pack = (".gz", gzip.compress) if packed else ("", bytes)
    images = tmp_path / f"train-images-idx3-ubyte{ending}"
    images.write_bytes(pack(idx(levels)))
    labels = tmp_path / f"train-labels-idx1-ubyte{ending}"
    labels.write_bytes(pack(idx(np.arange(5, dtype=np.uint8))))
    np.testing.assert_array_equal(read_idx(images, 1, 3), levels[1:4] / 255)
    assert labels_beside(images) == labels
    assert read_labels(labels, 2, 3).tolist() == [2, 3, 4]
    found, notes = choose_image({"idx": str(images), "index": "4"})
    assert notes == []
    np.testing.assert_array_equal(found, levels[4] / 255)
    np.testing.assert_array_equal(choose_image({"idx": str(images)})[0], levels[0] / 255)


def test_bad_idx_files(tmp_path: Path, levels: NDArray[np.uint8]) -> None:
    file = tmp_path / "digits"
    small = np.zeros((2, 8, 8), np.uint8)
    for data, said in (
        (b"", "no IDX file"),
        (b"PK\3\4 more", "no IDX file"),
        (idx(levels)[:-1], "ends too early"),
        (idx(levels)[:9], "ends too early"),
        (gzip.compress(idx(levels))[:-300], "ends too early"),
        (b"\x1f\x8bnothing", "damaged"),
        (idx(small), "8 x 8; 28 x 28 are needed"),
        (idx(np.zeros(5, np.uint8)), "type 8 in 1 dimensions"),
        (b"\0\0\x0d" + idx(levels)[3:], "type 13"),
    ):
        file.write_bytes(data)
        with pytest.raises(SheetsimError, match=said) as caught:
            read_idx(file, 4)
        assert "\n" not in str(caught.value)
    file.write_bytes(idx(levels))
    with pytest.raises(
        SheetsimError, match="has 5 pictures, of which the first is number 0; there is no number 5"
    ):
        read_idx(file, 5)
    with pytest.raises(SheetsimError, match="cannot be read: No such file"):
        read_idx(tmp_path / "none")
    with pytest.raises(SheetsimError, match="cannot be read: Is a directory"):
        read_idx(tmp_path)
    with pytest.raises(SheetsimError, match="no file of labels beside it"):
        labels_beside(file)


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ({"image": "a.png", "idx": "b"}, "give one of them"),
        ({"index": "3"}, "give that too"),
        ({"idx": "b", "index": "-1"}, "whole number from 0"),
        ({"idx": "b", "index": "two"}, "whole number from 0"),
        ({"idx": "b", "index": "1" * 10}, "whole number from 0"),
    ],
)
def test_options_that_do_not_fit(sources: dict[str, str], said: str) -> None:
    with pytest.raises(SheetsimError, match=said):
        choose_image(sources)


def test_no_option_is_no_picture() -> None:
    assert choose_image({}) == (None, [])


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_image_files(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"seven.{ending}"
    picture = Image.fromarray(np.round(default_image() * 255).astype(np.uint8))
    picture.resize((280, 280), Image.Resampling.NEAREST).convert("RGB").save(file)
    found, notes = read_image(file)
    assert notes == []
    assert abs(found - default_image()).max() < (0.02 if ending == "png" else 0.15)


def test_ink_on_paper_is_turned(tmp_path: Path) -> None:
    file = tmp_path / "paper.png"
    Image.fromarray(255 - np.round(default_image() * 255).astype(np.uint8)).save(file)
    found, notes = read_image(file)
    assert "dark on light" in notes[0]
    np.testing.assert_allclose(found, default_image(), atol=1e-12)


def test_transparent_and_oblong_images(tmp_path: Path) -> None:
    """Nothing there is paper; a picture that is not square gets a border, and is not cut."""
    file = tmp_path / "stroke.png"
    pixels = np.zeros((20, 60, 4), np.uint8)
    pixels[8:12, 10:50] = 0, 0, 0, 255
    Image.fromarray(pixels).save(file)
    found, _ = read_image(file)
    assert found.shape == (28, 28)
    assert not found[:8].any()
    assert found[14, 6:22].min() > 0.9


def test_bad_image_files(tmp_path: Path) -> None:
    good = tmp_path / "good.png"
    Image.fromarray(np.zeros((50, 50), np.uint8)).save(good)
    file = tmp_path / "bad.png"
    for data in (b"", b"no picture at all", good.read_bytes()[:60], b"GIF89a" + b"\0" * 50):
        file.write_bytes(data)
        with pytest.raises(SheetsimError, match="is no PNG or JPEG, or is damaged"):
            read_image(file)
    with pytest.raises(SheetsimError, match="cannot be read: No such file"):
        read_image(tmp_path / "none.png")
    bomb = bytearray(good.read_bytes())
    for wide, said in ((9_000, "9000 x 9000 pixels are too many"), (60_000, "too many pixels")):
        bomb[16:24] = struct.pack(">2I", wide, wide)
        bomb[29:33] = struct.pack(">I", zlib.crc32(bomb[12:29]))
        file.write_bytes(bomb)
        with pytest.raises(SheetsimError, match=said):
            read_image(file)


def test_no_pillow_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtra, match=r"sheetsim\[images\]"):
        read_image("a.png")
