"""softmax: the two courses' sheets, torch's own modules, large outputs, the figures of the about page."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from sheetsim import check
from sheetsim.errors import SheetsimError
from sheetsim.lessons.losses.softmax import CLASSES, OUTPUTS
from sheetsim.public_lesson import lesson
from tests.checking.packages import edit_cell
from tests.lessons.losses.cases import check_original, inputs, same, tell

BY_IMPLEMENTATION = pytest.mark.parametrize("implementation", ["arrays", "reference", "kernel"])


def test_the_courses_sheets(lessons_dir: Path) -> None:
    """Saved by Excel: every formula cell of both, to the bit."""
    check_original(lessons_dir / "course-v3/entropy_example.xlsx", "softmax", "softmax", 34)
    check_original(lessons_dir / "course22/entropy_example.xlsx", "softmax", "softmax", 12)


def test_a_wrong_cell_of_the_course_is_found(lessons_dir: Path, tmp_path: Path) -> None:
    source = lessons_dir / "course-v3/entropy_example.xlsx"
    wrong = edit_cell(source, tmp_path / "wrong.xlsx", "softmax", "L5", value="0.04")
    outcome = check(wrong, model="softmax", sheet="softmax", against="arrays,torch,kernel")
    assert not outcome.passed
    assert [one.cell for one in outcome.mismatches] == ["softmax!L5"]


def test_a_changed_formula_of_the_course_is_named(lessons_dir: Path, tmp_path: Path) -> None:
    source = lessons_dir / "course-v3/entropy_example.xlsx"
    wrong = edit_cell(source, tmp_path / "wrong.xlsx", "softmax", "K5", formula="C5/2", value="0.08")
    outcome = check(wrong, model="softmax", sheet="softmax", against="arrays")
    assert "C5/(1+C5)" in outcome.mismatches[0].cause


@pytest.mark.parametrize("shift", [-1000, -745, -300, 0, 700, 709, 710, 1000, 1e5])
@pytest.mark.parametrize("scale", [-3, 0, 1, 100])
def test_the_implementations_agree_also_where_the_plain_form_fails(scale: float, shift: float) -> None:
    """The stable shares are those of the outputs without the shift, whatever it is."""
    found = same("softmax", inputs("softmax", scale=scale, shift=shift))
    shares = nn.Softmax(dim=0)(torch.tensor(OUTPUTS, dtype=torch.float64) * scale)
    assert np.abs(found["stable"][:, 2] - shares.numpy()).max() < 1e-9
    assert np.isfinite(found["stable"]).all()
    plain_works = shift + scale * min(OUTPUTS) > -700 and shift + abs(scale) * max(OUTPUTS) < 709
    if scale == 1:
        assert np.isfinite(found["plain"]).all() == plain_works


@BY_IMPLEMENTATION
def test_torch_modules(implementation: str) -> None:
    """CrossEntropyLoss and BCEWithLogitsLoss on the same numbers, and their gradients."""
    found = tell("softmax", implementation, inputs("softmax", target=3))
    x = torch.tensor(OUTPUTS, dtype=torch.float64, requires_grad=True)
    loss = nn.CrossEntropyLoss()(x, torch.tensor(2))
    loss.backward()
    assert found["loss_softmax"][0, 3] == pytest.approx(loss.item(), rel=1e-14)
    assert found["of_softmax"][:, 5] == pytest.approx(x.grad.numpy(), rel=1e-13)
    assert found["chain"][0] == pytest.approx(x.grad.numpy(), rel=1e-13)
    x.grad = None
    loss = nn.BCEWithLogitsLoss(reduction="sum")(x, torch.eye(5, dtype=torch.float64)[2])
    loss.backward()
    assert found["loss_sigmoid"][0, 1] == pytest.approx(loss.item(), rel=1e-14)
    assert found["of_sigmoid"][:, 2] == pytest.approx(x.grad.numpy(), rel=1e-13)


def test_other_outputs() -> None:
    """Ties, an output that e^-x is too large for, and one above 709: the same errors everywhere."""
    given = inputs("softmax", logits1=[-800.0, 3, 3, 0, 800], logits2=[0.0] * 5, target=1)
    given["scores"][0, 0], given["scores"][1] = -800, 2.0
    found = same("softmax", given)
    assert np.isnan(found["of_sigmoid"][0, 0])
    assert np.isnan(found["image1"][4, 0])
    assert found["one"][1].tolist() == [1, 1, 1, 1, 1]
    assert np.isnan(found["many"][0, 0])


def test_figures_of_the_about_page() -> None:
    found = tell("softmax", "arrays", inputs("softmax"))
    assert found["binary"][3].round(2).tolist() == [0.91, 0.57]
    assert found["offset"] == pytest.approx(2)
    assert (found["one_total"], found["many_total"]) == (4, 0)
    high = tell("softmax", "arrays", inputs("softmax", threshold=0.95))
    low = tell("softmax", "arrays", inputs("softmax", threshold=0.05))
    assert inputs("softmax")["present"].sum() == 8
    assert (high["many_total"], low["many_total"]) == (4, 14)
    losses = [
        tell("softmax", "arrays", inputs("softmax", target=place))["loss_softmax"][0, 3]
        for place in range(1, 6)
    ]
    assert CLASSES[int(np.argmax(losses))] == "plane"
    plane = tell("softmax", "arrays", inputs("softmax", target=3))["of_softmax"][2, 5]
    assert plane < -0.98


@pytest.mark.parametrize(
    ("given", "said"),
    [({"target": 6}, "at most 5"), ({"target": 1.5}, "whole"), ({"threshold": 2}, "at most 1")],
)
def test_bad_settings(given: dict, said: str, tmp_path: Path) -> None:
    with pytest.raises(SheetsimError, match=said) as caught:
        lesson("softmax").export(tmp_path / "softmax.xlsx", **given)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())
