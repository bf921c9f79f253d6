"""The NumPy implementation against the values that real Excel stored (single sheets, and what the macros'
epochs left behind) and against the lesson's own formulas. To the bit, but for 25 epochs of annealing."""

from pathlib import Path

import numpy as np
import pytest

from sheetsim.book import Book
from sheetsim.lessons.kit.catalogue import lesson
from sheetsim.values import NUMBER
from tests.lessons.descent.course import (
    DESCENT,
    ORIGINALS,
    VARIANTS,
    Blocks,
    Original,
    compare,
    default_inputs,
    original,
)

CELLS = {"sgd": 351, "momentum": 293, "rmsprop": 263, "adam": 323, "adam_ann": 329}


def tell(source: Original, **given: float) -> Blocks:
    return source.lesson.implementation("arrays").compute(source.inputs | given)


@pytest.mark.parametrize("name", ORIGINALS)
def test_every_formula_cell_is_bit_identical(lessons_dir: Path, name: str) -> None:
    source = original(lessons_dir, name)
    assert compare(source.blocks, tell(source), ulp=0) == CELLS[name]


def test_comparer_sees_one_corrupted_cell(lessons_dir: Path) -> None:
    source = original(lessons_dir, "adam")
    told = tell(source)
    told["lesson.v"] = told["lesson.v"].copy()
    told["lesson.v"][7, 1] = np.nextafter(told["lesson.v"][7, 1], np.inf)
    with pytest.raises(AssertionError, match=r"lesson\.v row 7 column 1: .* \(1 ulp; 1 cells differ\)"):
        compare(source.blocks, told, ulp=0)
    told["lesson.v"][7, 1] *= 1 + 1e-11
    with pytest.raises(AssertionError, match=r"lesson\.v row 7 column 1"):
        compare(source.blocks, told, column=1e-12)


# -- what the macros left: they copy a and b from before the last row's step, averages from after it


def test_sgd_five_epochs_from_reset(lessons_dir: Path) -> None:
    source = original(lessons_dir, "sgd")
    told = source.lesson.implementation("arrays").compute(source.from_reset(6, 0))
    assert told["summary.lesson"][4, 1:3].tolist() == [source["C1"], source["C2"]]
    assert told["epochs.param"][-29].tolist() == [source["C1"], source["C2"]]
    assert told["lesson.epoch_list"][:, 0].tolist() == [source[f"C{row}"] for row in range(38, 43)]
    last = {name: told[f"epochs.{name.removeprefix('lesson.')}"][-29:] for name in BASIC_TABLE}
    assert compare({name: source.blocks[name] for name in BASIC_TABLE}, last, ulp=0) == 348


BASIC_TABLE = [f"lesson.{group}" for group in ("param", "pred", "err2", "estimate", "grad", "step")]


def test_rmsprop_two_dry_passes_and_five_epochs(lessons_dir: Path) -> None:
    source = original(lessons_dir, "rmsprop")
    told = source.lesson.implementation("arrays").compute(source.from_reset(5, 2))
    assert told["summary.lesson"][4, 1:3].tolist() == [source["C1"], source["C2"]]
    assert told["epochs.v"][-1].tolist() == [source["J33"], source["K33"]]


def test_momentum_one_dry_pass(lessons_dir: Path) -> None:
    source = original(lessons_dir, "momentum")
    told = source.lesson.implementation("arrays").compute(source.from_reset(1, 1))
    assert told["dry.m"][-1].tolist() == [source["J33"], source["K33"]]
    assert compare(source.blocks, told, ulp=0) == CELLS["momentum"]


def test_adam_ann_25_epochs_of_annealing(lessons_dir: Path) -> None:
    """Not to the bit: the path with lr = 1, seven epochs long, grows a difference in the last place."""
    source = original(lessons_dir, "adam_ann")
    told = source.lesson.implementation("arrays").compute(source.from_reset(26, 2, lr=1.0))
    b, a, lr = told["summary.lesson"][24, 1:]
    np.testing.assert_allclose([b, a], [source["C1"], source["C2"]], rtol=1e-12)
    assert lr == source["D2"] == 0.00390625
    np.testing.assert_allclose(told["epochs.anneal"][-1, 2], source["N3"], rtol=1e-9)


# -- the contract, and numbers that are out of hand


@pytest.mark.parametrize("given", VARIANTS, ids=str)
@pytest.mark.parametrize("name", DESCENT)
def test_all_blocks_in_their_shapes(name: str, given: dict[str, float]) -> None:
    inputs = default_inputs(name, **given)
    found = lesson(name)
    settings = found.settings({key: inputs[key] for key in ("rows", "epochs", "dry_passes") if key in inputs})
    shapes = {block.name: block.rect.shape for block in found.blocks(settings)}
    told = found.implementation("arrays").compute(inputs)
    assert {key: value.shape for key, value in told.items()} == shapes


@pytest.mark.parametrize("given", VARIANTS, ids=str)
@pytest.mark.parametrize("name", DESCENT)
def test_the_sheet_shows_the_same_bits(name: str, given: dict[str, float]) -> None:
    """Both conventions, as the engine computes the lesson's own formulas."""
    inputs = default_inputs(name, **given)
    found = lesson(name)
    settings = {key: value for key, value in inputs.items() if key not in ("x", "y")}
    book = Book(found.implementation("sheet").build(settings, {key: inputs[key] for key in ("x", "y")}))
    book.calculate()
    told = found.implementation("arrays").compute(inputs)
    for block in found.blocks(settings):
        shown = book.values(block.sheet, block.rect)
        number = np.full(block.rect.shape, True) if shown.kinds is None else shown.kinds == NUMBER
        assert (number == np.isfinite(told[block.name])).all(), block.name
        assert (shown.numbers == told[block.name])[number].all(), block.name


@pytest.mark.parametrize("name", DESCENT)
def test_without_torch_inputs_torch_is_left_out(name: str) -> None:
    inputs = {key: v for key, v in default_inputs(name).items() if not key.startswith("torch_")}
    told = lesson(name).implementation("arrays").compute(inputs)
    assert not any("torch" in key for key in told)
    assert "summary.lesson" in told


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", DESCENT)
def test_overflow_is_silent_and_stays(name: str) -> None:
    """Squared errors of points of 1e200 overflow; nothing raises, and no cell recovers from an error above
    it, as dividing by an infinite average would."""
    inputs = default_inputs(name, epochs=2) | {"x": np.full(29, 1e200), "y": np.full(29, -1e200)}
    told = lesson(name).implementation("arrays").compute(inputs)
    for key, block in told.items():
        if key.endswith((".step", ".sgd_decay", ".adam_l2")) and not key.startswith("dry"):
            lost = ~np.isfinite(block[:, -1])
            assert lost.any(), key
            assert lost[lost.argmax() :].all(), key


def test_division_by_a_sum_of_nothing_is_an_error() -> None:
    """Adagrad on a perfect fit with no sum to start from: 0 / 0 in the sheet."""
    inputs = default_inputs("adagrad", epochs=1) | {"b": 30.0, "a": 2.0}
    told = lesson("adagrad").implementation("arrays").compute(inputs)
    assert not np.isfinite(told["lesson.step"]).any()
    assert (told["torch.step"] == [30.0, 2.0]).all()  # eps


def test_annealing_with_no_best_to_divide_by() -> None:
    """A best of 0 is #DIV/0! in the sheet, and so is lr from then on, not a quarter."""
    inputs = default_inputs("adam_ann", epochs=3) | {"best": 0.0}
    told = lesson("adam_ann").implementation("arrays").compute(inputs)
    assert np.isnan(told["summary.lesson"][1:, 3]).all()


def test_torch_momentum_of_zero_skips_dampening() -> None:
    inputs = default_inputs("momentum", epochs=1, torch_momentum=0, dampening=0.5)
    told = lesson("momentum").implementation("arrays").compute(inputs)
    assert (told["torch.buf"] == told["torch.grad"]).all()
