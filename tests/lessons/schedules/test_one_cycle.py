"""`one_cycle`: against torch's own scheduler, fastai's definition, other settings, and what its page says."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from sheetsim import check
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.catalogue import lesson
from sheetsim.lessons.kit.export import export, make_book
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import Calculation, calculate
from tests.checking.packages import edit_cell

ONE_CYCLE = lesson("one_cycle")


def computed(**settings: object) -> Calculation:
    book = make_book(ONE_CYCLE, settings)
    return calculate(book, make_plan(book))


def block(found: Calculation, name: str, **settings: object) -> np.ndarray:
    one = next(one for one in ONE_CYCLE.blocks(ONE_CYCLE.settings(settings)) if one.name == name)
    return np.asarray(found.block(one.sheet, one.rect).numbers)


@pytest.mark.parametrize("anneal", ["cos", "linear"])
@pytest.mark.parametrize("epochs", [1, 4])
def test_torch_sheet_is_onecyclelr_step_by_step(anneal: str, epochs: int) -> None:
    settings = {"anneal": anneal, "epochs": epochs, "torch_pct_start": 0.4, "base_momentum": 0.7}
    optimizer = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=1)
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 1, 29 * epochs, pct_start=0.4, anneal_strategy=anneal, base_momentum=0.7
    )
    want = []
    for _ in range(29 * epochs):
        group = optimizer.param_groups[0]
        want.append((group["lr"], group["betas"][0]))
        optimizer.step()
        if len(want) < 29 * epochs:
            cycle.step()
    found = block(computed(**settings), "torch.schedule", **settings)
    np.testing.assert_allclose(found, want, rtol=0, atol=3e-16)


def fit_one_cycle(place: float, pct: float, start: float, middle: float, end: float) -> float:
    """A schedule of fastai 2 at a place from 0 to 1: two half cosines, the turn with the second."""
    first, last, part = (
        (start, middle, place / pct) if place < pct else (middle, end, (place - pct) / (1 - pct))
    )
    return first + (1 + math.cos(math.pi * (1 - part))) * (last - first) / 2


def test_first_sheet_is_fastais_definition() -> None:
    found = block(computed(), "fastai.schedule")
    for step, (lr, momentum) in enumerate(found):
        assert lr == pytest.approx(fit_one_cycle(step / 290, 0.25, 1 / 25, 1, 1e-5), rel=1e-13)
        assert momentum == pytest.approx(fit_one_cycle(step / 290, 0.25, 0.95, 0.85, 0.95), rel=1e-15)


def test_the_turn_itself_is_at_the_top() -> None:
    """With 29 points and 4 epochs, fastai's turn falls on step 29, torch's on step 28 with pct_start 0.25."""
    settings = {"epochs": 4, "torch_pct_start": 0.25, "optimizer": "sgd"}
    found = computed(**settings)
    assert block(found, "fastai.schedule", **settings)[29].tolist() == [1, pytest.approx(0.85)]
    assert block(found, "torch.schedule", **settings)[28].tolist() == [1, pytest.approx(0.85)]


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "sgd", "lr_max": 1e-4, "epochs": 3},
        {"optimizer": "sgd", "lr_max": 1e-5, "epochs": 2, "anneal": "linear", "mom_high": 0, "mom_low": 0},
        {"optimizer": "adam", "epochs": 2, "rows": 5, "pct_start": 0.5, "seed": 7, "eps": 0.1},
        {"optimizer": "adam", "epochs": 1, "rows": 90, "torch_anneal": "linear", "b": 20, "a": -3},
    ],
)
def test_the_implementations_agree_with_other_settings(settings: dict[str, object], tmp_path: Path) -> None:
    outcome = check(
        export(ONE_CYCLE, tmp_path / "one.xlsx", settings=settings), against="recalc,arrays,torch"
    )
    assert outcome.passed, str(outcome)


def test_a_changed_learning_rate_is_seen_by_torch(tmp_path: Path) -> None:
    file = export(ONE_CYCLE, tmp_path / "one.xlsx", settings={"epochs": 1})
    changed = edit_cell(file, tmp_path / "changed.xlsx", "one_cycle torch", "G20", value="0.5")
    assert not check(changed, against="torch").passed


def test_own_points(tmp_path: Path) -> None:
    points = tmp_path / "points.csv"
    points.write_text("x,y\n1,3\n2,5\n3,7.5\n")
    file = export(ONE_CYCLE, tmp_path / "one.xlsx", sources={"data": str(points)}, settings={"epochs": 2})
    assert check(file, against="arrays,torch").passed


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"anneal": "sine"}, "anneal is one of cos, linear"),
        ({"pct_start": 0}, "pct_start must be at least 0.01"),
        ({"optimizer": "rmsprop"}, "optimizer is one of sgd, adam"),
    ],
)
def test_bad_settings_are_one_line(settings: dict[str, object], words: str, tmp_path: Path) -> None:
    with pytest.raises(SheetsimError, match=words) as error:
        export(ONE_CYCLE, tmp_path / "one.xlsx", settings=settings)
    assert "\n" not in str(error.value)


def test_too_few_steps_for_torchs_rise() -> None:
    """pct_start*N - 1 = 0: the cells hold #DIV/0!, and torch cannot be asked."""
    settings = {"rows": 2, "epochs": 1, "torch_pct_start": 0.5}
    made = ONE_CYCLE.settings(settings)
    inputs = {**made, **ONE_CYCLE.make_data(made)}
    assert np.isnan(ONE_CYCLE.implementation("arrays").compute(inputs)["torch.schedule"]).any()
    with pytest.raises(SheetsimError, match="2 steps are too few"):
        ONE_CYCLE.implementation("reference").compute(inputs)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, ("2.8", "3.2", "7.5")),
        ({"lr_max": 3}, ("0.33", "1.64", "48.1")),
        ({"lr_max": 0.1}, ("13.5", None, "10.6")),
        ({"div_final": 1}, ("6.0", None, None)),
        ({"mom_low": 0.95}, ("6.5", None, None)),
        ({"anneal": "linear"}, ("2.5", "2.2", None)),
        ({"optimizer": "sgd", "lr_max": 1e-4}, ("15.1", "14.7", "2.7E+07")),
    ],
)
def test_what_the_page_says(settings: dict[str, object], said: tuple[str | None, ...]) -> None:
    found = computed(**settings)
    tries = ONE_CYCLE.implementation("sheet").TRIES
    for role, figure in zip(("fastai", "torch", "constant"), said, strict=True):
        if figure is not None:
            rmse = block(found, f"summary.{role}", **settings)[-1, 0]
            digits = len(figure.partition(".")[2].partition("E")[0])
            assert (f"{rmse:.{digits}E}" if "E" in figure else f"{rmse:.{digits}f}") == figure
            assert figure in tries
