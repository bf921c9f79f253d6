"""`lr_finder`: against fastai's definitions, with other settings, and what its page says."""

from pathlib import Path

import numpy as np
import pytest

from sheetsim import check
from sheetsim.address import parse_cell
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.export import export, make_book
from sheetsim.plan.schedule import make_plan
from sheetsim.public_lesson import lesson
from sheetsim.run.execute import Calculation, calculate
from sheetsim.values import ERROR
from sheetsim.xlsx.read.workbook import read_workbook
from tests.checking.packages import edit_cell

LR_FINDER = lesson("lr_finder")


def computed(**settings: object) -> Calculation:
    book = make_book(LR_FINDER, settings)
    return calculate(book, make_plan(book))


def test_it_is_fastais_finder() -> None:
    """Plain SGD on a point a step, fastai's smoothing, its stopping, its `steep` and `minimum`."""
    settings = LR_FINDER.settings()
    data = LR_FINDER.make_data(settings)
    x, y, b, a = data["x"], data["y"], 1.0, 1.0
    lrs: list[float] = []
    losses: list[float] = []
    average = 0.0
    for t in range(100):
        lr = 1e-7 * (1e5) ** (t / 100)
        average = 0.98 * average + 0.02 * float(np.mean((b + a * x - y) ** 2))
        lrs.append(lr)
        losses.append(average / (1 - 0.98 ** (t + 1)))
        if losses[-1] > 4 * min(losses):
            break
        slope = 2 * (a * x[t % 29] + b - y[t % 29])
        b, a = b - lr * slope, a - lr * slope * x[t % 29]
    seen, looked = np.array(lrs[10:-5]), np.array(losses[10:-5])
    steep = seen[(np.diff(looked) / np.diff(np.log(seen))).argmin()]
    found = computed()
    told = [found.value("lr_finder suggestion", *parse_cell(cell)) for cell in ("B4", "B5", "B6")]
    assert told == pytest.approx([steep, seen[looked.argmin()], seen[looked.argmin()] / 10], rel=1e-12)
    assert found.value("lr_finder", *parse_cell("K4")) == len(losses) == 79


@pytest.mark.parametrize(
    "settings",
    [
        {"beta": 0, "steps": 60},
        {"end_lr": 1, "rows": 7, "seed": 5},
        {"stop": 1000, "b": 30, "a": 1.9},
        {"end_lr": 1e-6, "steps": 40},  # never runs away
        {"start_lr": 1e-3, "end_lr": 1e-2},  # runs away at once: nothing to look at
    ],
)
def test_the_implementations_agree_with_other_settings(settings: dict[str, object], tmp_path: Path) -> None:
    file = export(LR_FINDER, tmp_path / "lr.xlsx", settings=settings)
    outcome = check(file, model="lr_finder", against="recalc,arrays,torch")
    assert outcome.passed, str(outcome)


def test_without_losses_to_look_at_there_is_no_suggestion(tmp_path: Path) -> None:
    file = export(LR_FINDER, tmp_path / "lr.xlsx", settings={"start_lr": 1e-3})
    cells = read_workbook(file)["lr_finder suggestion"].block("B4:C6")
    assert (cells.kind_array() == ERROR).all()


def test_a_changed_loss_is_found(tmp_path: Path) -> None:
    file = export(LR_FINDER, tmp_path / "lr.xlsx", settings={"steps": 30})
    changed = edit_cell(file, tmp_path / "changed.xlsx", "lr_finder", "G14", value="6400")
    assert not check(changed, model="lr_finder", against="torch").passed


def test_own_points(tmp_path: Path) -> None:
    points = tmp_path / "points.csv"
    points.write_text("y,x\n3,1\n5,2\n7.5,3\n", encoding="utf-8")
    file = export(LR_FINDER, tmp_path / "lr.xlsx", sources={"data": str(points)}, settings={"end_lr": 1})
    assert check(file, model="lr_finder", against="arrays,torch").passed
    with pytest.raises(SheetsimError, match="has 3 points, not rows=4"):
        export(LR_FINDER, tmp_path / "2.xlsx", sources={"data": str(points)}, settings={"rows": 4})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"start_lr": 1}, r"end_lr=0.01: end_lr must be above start_lr \(1\)"),
        ({"steps": 3}, "steps must be at least 20"),
        ({"beta": 1}, "beta must be"),
    ],
)
def test_bad_settings_are_one_line(settings: dict[str, object], words: str, tmp_path: Path) -> None:
    with pytest.raises(SheetsimError, match=words) as error:
        export(LR_FINDER, tmp_path / "lr.xlsx", settings=settings)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("settings", "cells"),
    [
        ({}, {"B4": "1.1E-05", "B5": "3.2E-04", "B6": "3.2E-05"}),
        ({"beta": 0}, {"B5": "7.1E-05"}),
        ({"end_lr": 1}, {"B4": "3.9E-05"}),
        ({"b": 30, "a": 1.9}, {"B6": "7.9E-05"}),
    ],
)
def test_what_the_page_says(settings: dict[str, object], cells: dict[str, str]) -> None:
    found = computed(**settings)
    for cell, figure in cells.items():
        assert f"{found.value('lr_finder suggestion', *parse_cell(cell)):.1E}" == figure
        assert figure in LR_FINDER.implementation("sheet").TRIES
    if "end_lr" in settings:
        assert found.value("lr_finder", *parse_cell("K4")) == 55


def test_a_loss_that_overflows_is_an_error_to_every_implementation(tmp_path: Path) -> None:
    made = lesson("lr_finder").export(tmp_path / "far.xlsx", b=1e300, rows=12, steps=30)
    outcome = check(made, against="recalc,arrays,torch,kernel")
    assert outcome.passed, str(outcome)
