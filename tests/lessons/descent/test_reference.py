"""The PyTorch implementation: near to what real Excel stored, and in both conventions near to the NumPy
implementation.

How many cells are bit-identical depends on how torch's kernels were compiled (fused multiply-add or not), so
the tests bound the distance; the counts beside are of torch 2.13 on x86-64 with AVX-512.
"""

from pathlib import Path

import numpy as np
import pytest

from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.catalogue import lesson
from tests.lessons.descent.course import (
    DESCENT,
    ORIGINALS,
    VARIANTS,
    Blocks,
    compare,
    default_inputs,
    original,
)

torch = pytest.importorskip("torch")

COLUMN = 1e-12  # of the largest magnitude in a block's column


def tell(name: str, inputs: dict) -> Blocks:
    return lesson(name).implementation("reference").compute(inputs)


# Bit-identical of all formula cells; the largest distance in ulp. SGD's is in the finite differences, which
# carry the errors' last places a hundredfold, and in gradients near 0.
EXPECTED = {
    "sgd": (249, 351, 1600),
    "momentum": (253, 293, 55),
    "rmsprop": (225, 263, 4),
    "adam": (271, 323, 16),  # 267 of 319 without the start state
    "adam_ann": (294, 329, 16),
}


@pytest.mark.parametrize("name", ORIGINALS)
def test_near_to_excel(lessons_dir: Path, name: str) -> None:
    source = original(lessons_dir, name)
    told = tell(name, source.inputs)
    same, cells, ulp = EXPECTED[name]
    assert sum(block.size for block in source.blocks.values()) == cells
    compare(source.blocks, told, column=COLUMN)
    found = compare(source.blocks, told, ulp=2 * ulp)
    assert found > 0.8 * same, f"{found} of {cells} bit-identical, {same} expected"


def test_comparer_sees_one_corrupted_cell(lessons_dir: Path) -> None:
    source = original(lessons_dir, "adam")
    told = tell("adam", source.inputs)
    told["lesson.step"][12, 0] *= 1 + 1e-11
    with pytest.raises(AssertionError, match=r"lesson\.step row 12 column 0"):
        compare(source.blocks, told, column=COLUMN)


def test_rmsprop_epochs_from_reset(lessons_dir: Path) -> None:
    source = original(lessons_dir, "rmsprop")
    told = tell("rmsprop", source.from_reset(5, 2))
    assert told["summary.lesson"][4, 1:3] == pytest.approx([source["C1"], source["C2"]], rel=COLUMN)
    assert told["epochs.v"][-1] == pytest.approx([source["J33"], source["K33"]], rel=COLUMN)


def test_sgd_epochs_from_reset(lessons_dir: Path) -> None:
    source = original(lessons_dir, "sgd")
    told = tell("sgd", source.from_reset(6, 0))
    stored = [source[f"C{row}"] for row in range(38, 43)]
    assert told["lesson.epoch_list"][:, 0] == pytest.approx(stored, rel=COLUMN)


def test_annealing_from_reset(lessons_dir: Path) -> None:
    """lr falls when it fell in Excel; the seven epochs with lr = 1 grow torch's other roundings to 1e-10."""
    source = original(lessons_dir, "adam_ann")
    told = tell("adam_ann", source.from_reset(25, 2, lr=1.0))
    assert told["summary.lesson"][24, 1:3] == pytest.approx([source["C1"], source["C2"]], rel=1e-9)
    assert told["summary.lesson"][24, 3] == source["D2"]


@pytest.mark.parametrize("given", VARIANTS, ids=str)
@pytest.mark.parametrize("name", DESCENT)
def test_agrees_with_arrays(name: str, given: dict[str, float]) -> None:
    """Both conventions, ten epochs at the default lr (the first variant), starts, epochs and summaries."""
    inputs = default_inputs(name, **given)
    arrays, reference = lesson(name).implementation("arrays").compute(inputs), tell(name, inputs)
    assert reference.keys() == arrays.keys()
    if "lesson.scratch" in arrays and not inputs["dry_passes"]:
        assert not np.isfinite(reference.pop("lesson.scratch")[0, 0])  # 1/0 in both
        assert not np.isfinite(arrays.pop("lesson.scratch")[0, 0])
    compare(arrays, reference, column=COLUMN)


@pytest.mark.parametrize("name", ["momentum", "nesterov"])
def test_without_momentum(name: str) -> None:
    """torch keeps no buffer then, and refuses nesterov; the buffer's cells show the gradient."""
    inputs = default_inputs(name, epochs=2, momentum=0, torch_momentum=0, dampening=0.5)
    arrays, reference = lesson(name).implementation("arrays").compute(inputs), tell(name, inputs)
    compare(arrays, reference, column=COLUMN)
    assert (reference["torch.buf"] == reference["torch.grad"]).all()


OTHERS = {
    "sgd": {"b": -3.0, "torch_lr": 2e-5},
    "momentum": {"momentum": 0.5, "dampening": 0.25, "m0": 7.0},
    "nesterov": {"momentum": 0.3, "torch_momentum": 0.8, "m0": -5.0, "dry_passes": 2},
    "rmsprop": {"alpha": 0.5, "eps": 0.1},
    "adagrad": {"lr_decay": 0.01, "v0": 3.0, "dry_passes": 1, "eps": 0.5},
    "adam": {"beta1": 0.2, "beta2": 0.7, "torch_beta1": 0.0, "eps": 0.1},
    "adamw": {"weight_decay": 0.3, "torch_weight_decay": 0.05},
    "weight_decay": {"weight_decay": 0.5, "sgd_lr": 5e-5, "torch_beta2": 0.9},
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_settings_agree(name: str) -> None:
    inputs = default_inputs(name, epochs=3, rows=12, **OTHERS[name])
    arrays, reference = lesson(name).implementation("arrays").compute(inputs), tell(name, inputs)
    compare(arrays, reference, column=COLUMN)


def test_typed_state_goes_before_the_dry_passes() -> None:
    inputs = default_inputs("adam", epochs=2) | {"v_b": 50.0, "v_a": 60.0}
    arrays, reference = lesson("adam").implementation("arrays").compute(inputs), tell("adam", inputs)
    compare(arrays, reference, column=COLUMN)
    assert reference["lesson.start"][0, 2:].tolist() == [50.0, 60.0]
    assert reference["lesson.start"][0, 0] == pytest.approx(reference["dry.m"][-1, 0])


OPTIMIZERS = {
    "sgd": torch.optim.SGD,
    "momentum": torch.optim.SGD,
    "nesterov": torch.optim.SGD,
    "adagrad": torch.optim.Adagrad,
    "adam": torch.optim.Adam,
    "adam_ann": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps_are_torchs_own(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in the lesson's convention: with a step of torch's that does nothing, nothing moves."""
    monkeypatch.setattr(OPTIMIZERS[name], "step", lambda self, closure=None: None)
    inputs = default_inputs(name, epochs=1, dry_passes=0)
    told = tell(name, {key: value for key, value in inputs.items() if not key.startswith("torch_")})
    assert (told["lesson.step"] == [1.0, 1.0]).all()


@pytest.mark.parametrize("name", DESCENT)
def test_overflow_ends_in_cells_that_are_not_numbers(name: str) -> None:
    inputs = default_inputs(name, epochs=2) | {"x": np.full(29, 1e200), "y": np.full(29, -1e200)}
    arrays, reference = lesson(name).implementation("arrays").compute(inputs), tell(name, inputs)
    for key in (key for key in arrays if key.startswith("summary")):
        assert (np.isfinite(reference[key]) == np.isfinite(arrays[key])).all(), key


def test_settings_that_torch_refuses_are_one_line() -> None:
    inputs = default_inputs("adam") | {"torch_lr": -1.0}
    with pytest.raises(SheetsimError, match=r"torch\.optim refuses these settings: Invalid learning rate"):
        tell("adam", inputs)
