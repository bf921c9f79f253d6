"""`logistic`: against torch and autograd, with other settings and MNIST's format, and what its page says."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from sheetsim import check
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.catalogue import lesson
from sheetsim.lessons.kit.export import choose, export, make_book
from sheetsim.lessons.nets.logistic import labels_of
from sheetsim.lessons.vision._shared.images import digits
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import Calculation, calculate
from tests.checking.packages import edit_cell

LOGISTIC = lesson("logistic")
SMALL = {"size": 4, "batch": 2, "batches": 2, "epochs": 1, "valid": 3}


def computed(**settings: object) -> Calculation:
    book = make_book(LOGISTIC, settings)
    return calculate(book, make_plan(book))


def block(found: Calculation, name: str, **settings: object) -> np.ndarray:
    one = next(one for one in LOGISTIC.blocks(LOGISTIC.settings(settings)) if one.name == name)
    return np.asarray(found.block(one.sheet, one.rect).numbers)


def test_a_training_loop_as_one_writes_it_in_torch() -> None:
    """Not the lesson's reference, but the usual loop, ends with the sheet's last weights."""
    settings = LOGISTIC.settings()
    data = {name: torch.tensor(values) for name, values in LOGISTIC.make_data(settings).items()}
    model = torch.nn.Linear(49, 3).double()
    with torch.no_grad():
        model.weight[:] = data["weight0"][:, 1:]
        model.bias[:] = data["weight0"][:, 0]
    optimizer = torch.optim.SGD(model.parameters(), lr=1, weight_decay=0.01)
    for _ in range(4):
        for x, y in zip(data["train_x"].split(6), data["train_y"].long().split(6), strict=True):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
    want = torch.column_stack([model.bias, model.weight]).detach().numpy()
    np.testing.assert_allclose(block(computed(), "step17.weight"), want, rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    "settings",
    [
        SMALL,
        {**SMALL, "classes": 2, "batch": 1, "lr": 10},
        {**SMALL, "classes": 10, "batch": 7, "seed": 3, "weight_decay": 0},
        {**SMALL, "size": 5, "epochs": 3, "weight_decay": 1},
    ],
)
def test_the_implementations_agree_with_other_settings(settings: dict[str, object], tmp_path: Path) -> None:
    file = export(LOGISTIC, tmp_path / "one.xlsx", settings=settings)
    outcome = check(file, model="logistic", against="recalc,arrays,torch,kernel")
    assert outcome.passed, str(outcome)


@pytest.mark.parametrize("cell", ["Z12", "BD15"])
def test_a_changed_cell_is_found_by_torch(cell: str, tmp_path: Path) -> None:
    """A pixel is torch's to believe as long as the step has it from the data; a logit is not."""
    file = export(LOGISTIC, tmp_path / "one.xlsx")
    changed = edit_cell(file, tmp_path / "changed.xlsx", "logistic", cell, value="0.7")
    assert not check(changed, model="logistic", against="torch,recalc").passed


def test_large_logits_do_not_overflow(tmp_path: Path) -> None:
    """The softmax takes the largest logit off first."""
    file = export(LOGISTIC, tmp_path / "one.xlsx", settings={**SMALL, "lr": 1e4})
    outcome = check(file, model="logistic", against="arrays,torch")
    assert outcome.passed, str(outcome)


def mnist(folder: Path, count: int) -> Path:
    """MNIST's two files, gzipped, with drawn digits."""
    images, labels = digits(9, count)
    pixels = np.rint(255 * images).astype(np.uint8).tobytes()
    pictures = folder / "train-images-idx3-ubyte.gz"
    pictures.write_bytes(gzip.compress(b"\0\0\x08\x03" + struct.pack(">3I", count, 28, 28) + pixels))
    names = b"\0\0\x08\x01" + struct.pack(">I", count) + labels.astype(np.uint8).tobytes()
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(names))
    return pictures


def test_mnists_files(tmp_path: Path) -> None:
    file = mnist(tmp_path, 60)
    settings, data, _ = choose(LOGISTIC, {**SMALL, "classes": 4}, {"idx": str(file), "index": "12"})
    assert data["train_y"].tolist() == [2, 3, 0, 1]  # numbers 12, 13, 20, 21
    assert data["valid_y"].tolist() == [2, 3, 0]
    assert data["train_x"].shape == (4, 16)
    book = export(LOGISTIC, tmp_path / "one.xlsx", settings=settings, sources={"idx": str(file)})
    assert check(book, model="logistic", against="torch").passed


def test_too_few_pictures_and_no_labels(tmp_path: Path) -> None:
    file = mnist(tmp_path, 20)
    with pytest.raises(SheetsimError, match="has 20 labels"):
        choose(LOGISTIC, {}, {"idx": str(file)})
    (tmp_path / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(SheetsimError, match="no file of labels"):
        choose(LOGISTIC, {}, {"idx": str(file)})
    with pytest.raises(SheetsimError, match="give that too"):
        choose(LOGISTIC, {}, {"index": "3"})
    with pytest.raises(SheetsimError, match="--index x: it is a whole number"):
        choose(LOGISTIC, {}, {"idx": str(file), "index": "x"})


@pytest.mark.parametrize("label", [3.0, -1.0, 0.5])
def test_a_label_that_is_none(label: float) -> None:
    with pytest.raises(SheetsimError, match=f"{label:g} is no label; labels are whole numbers from 0 to 2"):
        labels_of({"classes": 3, "train_y": np.array([0, label])}, "train_y")


@pytest.mark.parametrize(
    ("settings", "row", "said"),
    [
        ({}, 3, (None, "0.26")),
        ({"lr": 0.1}, 3, (None, "0.78")),
        ({"lr": 10}, 0, ("1.97", None)),
        ({"lr": 10}, 1, ("1.37", None)),
        ({"lr": 10}, 2, ("3.34", None)),
        ({"lr": 10}, 3, ("0.02", "0.13")),
        ({"weight_decay": 1}, 3, (None, "0.95")),
        ({"batch": 1, "batches": 24}, 3, (None, "0.13")),
        ({"batch": 24, "batches": 1}, 3, (None, "0.53")),
    ],
)
def test_what_the_page_says(
    settings: dict[str, object], row: int, said: tuple[str | None, str | None]
) -> None:
    told = block(computed(**settings), "summary", **settings)[row]
    for figure, value in zip(said, told[:2], strict=True):
        if figure is not None:
            assert f"{value:.2f}" == figure
            assert figure in LOGISTIC.implementation("sheet").TRIES
    if not settings:
        assert told[2:].tolist() == [1, 1]
