"""cross_entropy: the three sheets of the courses, torch's own modules, predictions of 0 and 1, the figures of
the about page."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from sheetsim import check
from sheetsim.errors import SheetsimError
from sheetsim.public_lesson import lesson
from tests.checking.packages import edit_cell
from tests.lessons.losses.cases import check_original, inputs, same, tell

NAME = "cross_entropy"
BY_IMPLEMENTATION = pytest.mark.parametrize("implementation", ["arrays", "reference", "kernel"])


@pytest.mark.parametrize(
    ("course", "sheet", "cells"),
    [("course-v3", "entropy", 10), ("course-v3", "log_entropy", 30), ("course22", "entropy", 27)],
)
def test_the_courses_sheets(course: str, sheet: str, cells: int, lessons_dir: Path) -> None:
    """Saved by Excel: every formula cell, to the bit by NumPy; the C library's log10 is off by 1 ulp in 3."""
    path = lessons_dir / course / "entropy_example.xlsx"
    outcome = check_original(path, NAME, sheet, cells, exact=("recalc", "arrays"))
    assert outcome["kernel"].max_ulp <= 1


@pytest.mark.parametrize(
    ("course", "sheet", "cell"),
    [("course-v3", "entropy", "E4"), ("course-v3", "log_entropy", "I4"), ("course22", "entropy", "F32")],
)
def test_a_wrong_cell_of_the_course_is_found(
    course: str, sheet: str, cell: str, lessons_dir: Path, tmp_path: Path
) -> None:
    source = lessons_dir / course / "entropy_example.xlsx"
    wrong = edit_cell(source, tmp_path / "wrong.xlsx", sheet, cell, value="1.01")
    for judge in ("arrays", "torch", "kernel"):
        outcome = check(wrong, model=NAME, sheet=sheet, against=judge)
        assert not outcome.passed
        assert [one.cell for one in outcome.mismatches] == [f"{sheet}!{cell}"]


@BY_IMPLEMENTATION
def test_torch_modules(implementation: str) -> None:
    """BCELoss, BCEWithLogitsLoss, NLLLoss and CrossEntropyLoss on the same numbers."""
    given = inputs(NAME, label_smoothing=0.2)
    found = tell(NAME, implementation, given)
    y, p, x, scores = (torch.tensor(given[key]) for key in ("is_cat", "preds", "logits", "scores"))
    assert found["mean"][0] == pytest.approx(nn.BCELoss()(p, y).item(), rel=1e-14)
    assert found["mean_logits"][0, 0] == pytest.approx(nn.BCEWithLogitsLoss()(torch.logit(p), y).item())
    pairs = torch.stack([p, 1 - p], 1).log()
    assert found["nll_mean"][0, 0] == pytest.approx(nn.NLLLoss()(pairs, (1 - y).long()).item())
    loss = nn.CrossEntropyLoss()(x, torch.tensor(given["actuals"]))
    assert found["linked_loss"][0, 0] == pytest.approx(loss.item(), rel=1e-14)
    scores.requires_grad_()
    target = torch.tensor(given["target"]).long() - 1
    loss = nn.CrossEntropyLoss(label_smoothing=0.2)(scores, target)
    loss.backward()
    assert found["batch_mean"][0, 0] == pytest.approx(loss.item(), rel=1e-14)
    assert found["batch_gradient"] == pytest.approx(scores.grad.numpy(), rel=1e-12)


@pytest.mark.parametrize(
    "given",
    [
        {"preds": [1, 0.3, 0.35, 0.95, 0.6]},
        {"preds": [1, 1, 0, 1.5, -3]},
        {"preds": [1, 1, 0, 1.5, -3], "is_cat": [0.3, 2, 0, 1, 1]},
        {"actuals": [0.2, 0.3, 0.5, 0, 0.4], "probs": [0, 0, 1, 0.5, 0.5]},
        {"label_smoothing": 1},
        {"label_smoothing": 0.3, "target": [1, 1, 1, 5, 5, 5]},
        {"scores": [[1000.0, 0, 0, 0, -1000]] * 6, "logits": [800, -800, 0, 0, 1]},
    ],
)
def test_the_implementations_agree(given: dict) -> None:
    """Predictions of 0, 1 and beyond, actuals that are no ones and zeros, large logits: the same errors."""
    same(NAME, inputs(NAME, **given))


def test_zero_times_the_log_of_zero() -> None:
    found = same(NAME, inputs(NAME, preds=[1, 0.3, 0.35, 0.95, 0.6]))
    assert np.isnan(found["binary"][0, 0])
    assert found["binary"][0, 1] == 0


def test_figures_of_the_about_page() -> None:
    found = tell(NAME, "arrays", inputs(NAME))
    assert found["natural"][[3, 4], 1].round(2).tolist() == [3.00, 0.51]
    means = [
        tell(NAME, "arrays", inputs(NAME, preds=[0.8, 0.3, 0.35, p, 0.6]))["mean"][0, 1]
        for p in (0.95, 0.5, 0.05)
    ]
    assert np.round(means, 2).tolist() == [1.03, 0.57, 0.44]
    smoothed = tell(NAME, "arrays", inputs(NAME, label_smoothing=0.1))
    told = [one["batch_loss"][0, 0] for one in (found, smoothed)]
    told += [one["batch_gradient"][0, 0] for one in (found, smoothed)]
    assert np.round(told, 4).tolist() == [0.0846, 0.4386, -0.0135, -0.0002]
    dog = tell(NAME, "arrays", inputs(NAME, target=[1, 2, 3, 4, 5, 2]))
    told = [found["batch_mean"], dog["batch_mean"], found["batch_accuracy"], dog["batch_accuracy"]]
    assert np.round(np.ravel(told), 2).tolist() == [0.72, 0.59, 0.67, 0.83]


def test_bad_settings(tmp_path: Path) -> None:
    with pytest.raises(SheetsimError, match="at most 1") as caught:
        lesson(NAME).export(tmp_path / "x.xlsx", label_smoothing=1.5)
    assert "\n" not in str(caught.value)
