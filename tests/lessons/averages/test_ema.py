"""ema: the course's three sheets, a real nn.BatchNorm1d, Adam's averages, the figures of the about page."""

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

NAME = "ema"
BY_IMPLEMENTATION = pytest.mark.parametrize("implementation", ["arrays", "reference", "kernel"])


@pytest.mark.parametrize(("sheet", "cells"), [("Sheet1", 42), ("Sheet1 (2)", 360), ("Sheet1 (3)", 146)])
def test_the_courses_sheets(sheet: str, cells: int, lessons_dir: Path) -> None:
    """Saved by Excel: every formula cell but the RAND() of column B, which are inputs, to the bit."""
    check_original(lessons_dir / "course-v3" / "mom_bias.xlsx", NAME, sheet, cells)


@pytest.mark.parametrize(("sheet", "cell"), [("Sheet1", "F9"), ("Sheet1 (2)", "H30"), ("Sheet1 (3)", "S6")])
@pytest.mark.parametrize("judge", ["arrays", "torch", "kernel"])
def test_a_wrong_cell_of_the_course_is_found(
    sheet: str, cell: str, judge: str, lessons_dir: Path, tmp_path: Path
) -> None:
    source = lessons_dir / "course-v3" / "mom_bias.xlsx"
    wrong = edit_cell(source, tmp_path / "wrong.xlsx", sheet, cell, value="0.4711")
    outcome = check(wrong, model=NAME, sheet=sheet, against=judge)
    assert not outcome.passed
    assert [one.cell.replace("'", "") for one in outcome.mismatches] == [f"{sheet}!{cell}"]


def test_a_changed_formula_of_the_course_is_named(lessons_dir: Path, tmp_path: Path) -> None:
    """Also on a sheet whose formulas our export has on its second sheet."""
    source = lessons_dir / "course-v3" / "mom_bias.xlsx"
    changed = "C55*$C$1+B56*$C$1"
    wrong = edit_cell(source, tmp_path / "wrong.xlsx", "Sheet1 (2)", "C56", formula=changed, value="0.117")
    outcome = check(wrong, model=NAME, sheet="Sheet1 (2)", against="arrays")
    assert "the lesson has =C55*$C$1+B56*$D$1" in outcome.mismatches[0].cause


@pytest.mark.parametrize(
    "given",
    [
        {"beta": 0.99, "start": -3},
        {"beta": 0.01, "batches": 64, "points": 12, "seed": 7},
        {"batches": 5, "steps": 64, "beta2": 0.5},
        {"decay": 0, "momentum": 0},
        {"decay": 1, "momentum": 1},
        {"points": 300, "decay": 0.97},
    ],
)
def test_the_implementations_agree(given: dict) -> None:
    same(NAME, inputs(NAME, **given))


@BY_IMPLEMENTATION
def test_batch_norm(implementation: str) -> None:
    """A real nn.BatchNorm1d that sees the five batches themselves."""
    given = inputs(NAME, momentum=0.3)
    layer = nn.BatchNorm1d(1, momentum=0.3, dtype=torch.float64)
    found = tell(NAME, implementation, given)
    for place, batch in enumerate(torch.tensor(given["sample"]).reshape(5, 10)):
        layer(batch[:, None])
        told = torch.cat([layer.running_mean, layer.running_var]).numpy()
        assert found["torch_bn"][place, 1:] == pytest.approx(told, rel=1e-13)


@BY_IMPLEMENTATION
def test_the_average_is_adams(implementation: str) -> None:
    """torch.optim.Adam's exp_avg after each gradient; its corrected average is the one to divide by."""
    given = inputs(NAME, beta=0.8)
    found = tell(NAME, implementation, given)
    weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    adam = torch.optim.Adam([weight], betas=(0.8, 0.999))
    for place, gradient in enumerate(given["val"]):
        weight.grad = torch.tensor([gradient])
        adam.step()
        told = adam.state[weight]["exp_avg"].item()
        assert found["average"][place, 0] == pytest.approx(told, rel=1e-14)


def test_one_average_four_ways() -> None:
    """Step by step, by lerp, by weights; the correction by powers and by steps."""
    found = same(NAME, inputs(NAME, batches=40))
    assert found["lerp"][:, 0] == pytest.approx(found["average"][:, 0], rel=1e-13)
    assert found["by_weights"] == pytest.approx(found["average"][-1, 0], rel=1e-13)
    assert found["correction"][:, 0] == pytest.approx(found["average"][1:, 1], rel=1e-13)
    assert found["emv"][30:] == pytest.approx(found["by_squares"][31:], rel=1e-6)


def test_figures_of_the_about_page() -> None:
    found = tell(NAME, "arrays", inputs(NAME))
    assert found["average"][0].round(9).tolist() == [0.6, 0.1, 6]
    slow = tell(NAME, "arrays", inputs(NAME, beta=0.99))["average"]
    assert slow[-1, 0] < 0.3
    assert 2.5 < slow[-1, 2] < 3.5
    assert tell(NAME, "arrays", inputs(NAME, steps=64))["left"].round(2) == 0.53
    means = found["pivot"][:, 0]
    assert (means.min().round(1), means.max().round(1)) == (0.5, 2.8)
    assert tell(NAME, "arrays", inputs(NAME, momentum=0.05))["torch_bn"][-1, 1].round(2) == 0.37

    def together(decay: float) -> float:
        told = tell(NAME, "arrays", inputs(NAME, decay=decay))
        return float(np.corrcoef(told["emv"][7:, 0], told["span_var"][:, 0])[0, 1])

    assert together(0.9) > 0.7
    assert together(0.1) < 0.2


@pytest.mark.parametrize(
    ("given", "said"),
    [({"beta": 1}, "at most 0.999"), ({"batches": 4}, "at least 5"), ({"steps": 2.5}, "whole")],
)
def test_bad_settings(given: dict, said: str, tmp_path: Path) -> None:
    with pytest.raises(SheetsimError, match=said) as caught:
        lesson(NAME).export(tmp_path / "ema.xlsx", **given)
    assert "\n" not in str(caught.value)
