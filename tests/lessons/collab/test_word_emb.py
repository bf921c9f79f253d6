"""`word_emb`: the courses' sheets, words that are not in the vocabulary, and what the about page says."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from sheetsim import check
from sheetsim.lessons.collab.word_emb import MEANT, NAME, NEAR, TEXT, arrays
from sheetsim.lessons.kit.catalogue import lesson
from tests.checking.packages import edit_cell
from tests.lessons.collab.books import edited, saved

IMPLEMENTATIONS = ["arrays", "torch", "kernel"]


@pytest.mark.parametrize("course", ["course22", "course-v3"])
def test_the_courses_sheets(lessons_dir: Path, course: str) -> None:
    """Excel's 13 word numbers, 48 places and 240 numbers of vectors."""
    outcome = check(
        lessons_dir / course / "collab_filter.xlsx", model=NAME, sheet="word_emb", against=IMPLEMENTATIONS
    )
    assert outcome.passed, str(outcome)
    for judge in IMPLEMENTATIONS:
        assert outcome[judge].cells == outcome[judge].bit_identical == 301


def test_a_changed_cell_of_the_courses_sheet_is_found(lessons_dir: Path, tmp_path: Path) -> None:
    original = lessons_dir / "course22" / "collab_filter.xlsx"
    changed = edit_cell(original, tmp_path / "changed.xlsx", "word_emb", "M7", value="0.5")
    outcome = check(changed, model=NAME, sheet="word_emb", against=IMPLEMENTATIONS)
    assert [one.cell for one in outcome.mismatches] == ["word_emb!M7"] * len(outcome.mismatches)
    assert not any(outcome[judge].status == "passed" for judge in IMPLEMENTATIONS)


def test_an_embedding_layer_gives_the_same_rows() -> None:
    """Straight from torch: a layer, an optimiser's sparse gradient included, sees rows and nothing else."""
    data = lesson(NAME).make_data(lesson(NAME).settings())
    found = arrays.compute(data)
    layer = nn.Embedding(*data["embedding"].shape, dtype=torch.float64)
    layer.weight.data = torch.tensor(data["embedding"])
    ids = torch.tensor([list(MEANT).index(word.casefold()) for word in TEXT.split()])
    rows = layer(ids)
    assert np.array_equal(rows.detach().numpy(), found["vector"])
    assert np.array_equal(ids.numpy() + 1, found["place"].ravel())
    rows.sum().backward()
    assert layer.weight.grad is not None
    assert np.array_equal(layer.weight.grad[:, 0].numpy(), np.bincount(ids, minlength=len(MEANT)))


@pytest.mark.parametrize("seed", [2, 77])
def test_another_seed(tmp_path: Path, seed: int) -> None:
    outcome = check(saved(tmp_path, NAME, {}, {"seed": seed}), against=["recalc", *IMPLEMENTATIONS])
    assert outcome.passed, str(outcome)


def test_a_word_that_is_not_there(tmp_path: Path) -> None:
    """As the about page says: the look-up by bisection takes fish for house, the exact one says #N/A. All
    judges see the same, the mean included; a word before the first one is found by neither."""
    cells = {(NAME, "I3"): "house", (NAME, "I4"): "#"}
    found = edited(NAME, {(NAME, "I3"): "house"})
    assert found.value(NAME, "J3") == 7
    assert np.array_equal(found.numbers(NAME, "K3:O3"), found.numbers(NAME, "C9:G9"))
    assert str(found.value(NAME, "Q3")) == "#N/A"
    outcome = check(saved(tmp_path, NAME, cells), against=["recalc", *IMPLEMENTATIONS])
    assert outcome.passed, str(outcome)


def test_a_vocabulary_that_is_not_sorted(tmp_path: Path) -> None:
    """Excel's bisection goes astray in its own way, and so does every implementation."""
    words = [
        "my",
        "the",
        "cat",
        "and",
        "dog",
        "a",
        "fish",
        "likes",
        "eats",
        "bird",
        "sun",
        "rain",
        "the",
        "a",
    ]
    cells = {(NAME, f"B{row}"): word for row, word in enumerate(words, 3)}
    outcome = check(saved(tmp_path, NAME, cells), against=["recalc", *IMPLEMENTATIONS])
    assert outcome.passed, str(outcome)


def test_capital_letters_make_no_difference() -> None:
    small = edited(NAME, {(NAME, "I3"): "my"})
    large = edited(NAME, {(NAME, "I3"): "MY"})
    assert small.value(NAME, "J3") == large.value(NAME, "J3") == 9


def test_the_about_pages_neighbours() -> None:
    """Cat and dog; eats with the vector of fish; a bird that lives in the sky only."""
    found = edited(NAME, {})
    assert (found.value(NEAR, "S26"), found.value(NEAR, "S27")) == ("dog", "cat")
    row = MEANT["eats"]
    found = edited(NAME, {(NAME, f"{column}27"): row[k] for k, column in enumerate("CDEFG")})
    assert (found.value(NEAR, "S29"), found.value(NEAR, "S28")) == ("eats", "fish")
    assert found.value(NEAR, "T29") == pytest.approx(1, abs=1e-15)
    found = edited(NAME, {})
    assert found.value(NEAR, "S25") == "dog"
    found = edited(NAME, {(NAME, "C23"): 0.0, (NAME, "E23"): 1.0})
    assert found.value(NEAR, "S25") == "rain"


def test_a_vector_of_zeros_has_no_neighbours(tmp_path: Path) -> None:
    file = saved(tmp_path, NAME, {(NAME, f"{column}3"): 0.0 for column in "CDEFG"})
    outcome = check(file, against=["recalc", *IMPLEMENTATIONS])
    assert outcome.passed, str(outcome)
