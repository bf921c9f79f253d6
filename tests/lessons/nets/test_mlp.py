"""`mlp`: against torch's usual training loop, with other settings, and what its page says."""

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

MLP = lesson("mlp")
SMALL = {"points": 6, "valid": 3, "hidden": 3, "epochs": 4}


def computed(**settings: object) -> Calculation:
    book = make_book(MLP, settings)
    return calculate(book, make_plan(book))


def block(found: Calculation, name: str, **settings: object) -> np.ndarray:
    one = next(one for one in MLP.blocks(MLP.settings(settings)) if one.name == name)
    return np.asarray(found.block(one.sheet, one.rect).numbers)


def test_a_training_loop_as_one_writes_it_in_torch() -> None:
    """nn.Sequential, parameter groups, layer 1 frozen at first: the sheet's last weights."""
    settings = {"freeze_epochs": 7, "weight_decay": 0.01}
    data = {name: torch.tensor(values) for name, values in MLP.make_data(MLP.settings()).items()}
    model = torch.nn.Sequential(torch.nn.Linear(2, 5), torch.nn.ReLU(), torch.nn.Linear(5, 1)).double()
    with torch.no_grad():
        model[0].bias[:], model[0].weight[:] = data["layer1_0"][0], data["layer1_0"][1:].T
        model[2].weight[:], model[2].bias[:] = data["layer2_0"][:, :-1], data["layer2_0"][0, -1]
    groups = [{"params": model[0].parameters(), "lr": 1}, {"params": model[2].parameters(), "lr": 3}]
    optimizer = torch.optim.SGD(groups, weight_decay=0.01)
    for epoch in range(30):
        model[0].requires_grad_(epoch >= 7)
        optimizer.zero_grad()
        logits = model(data["train_x"])[:, 0]
        torch.nn.functional.binary_cross_entropy_with_logits(logits, data["train_y"]).backward()
        optimizer.step()
    found = computed(**settings)
    layer1 = torch.column_stack([model[0].bias, model[0].weight]).T.detach().numpy()
    layer2 = torch.column_stack([model[2].weight, model[2].bias]).detach().numpy()
    np.testing.assert_allclose(block(found, "epoch31.layer1"), layer1, rtol=0, atol=1e-13)
    np.testing.assert_allclose(block(found, "epoch31.layer2"), layer2, rtol=0, atol=1e-13)


@pytest.mark.parametrize(
    "settings",
    [
        SMALL,
        {**SMALL, "hidden": 1, "epochs": 1, "seed": 9},
        {**SMALL, "freeze_epochs": 2, "weight_decay": 0.1},
        {**SMALL, "negative_slope": 1, "lr_first": 0.1, "lr_last": 0.1},
        {**SMALL, "negative_slope": 0.2, "lr_first": 5, "lr_last": 0.01},
        {**SMALL, "lr_first": 1e4, "lr_last": 1e4},  # logits so large that an exponential would overflow
    ],
)
def test_the_implementations_agree_with_other_settings(settings: dict[str, object], tmp_path: Path) -> None:
    file = export(MLP, tmp_path / "one.xlsx", settings=settings)
    outcome = check(file, model="mlp", against="recalc,arrays,torch,kernel")
    assert outcome.passed, str(outcome)


@pytest.mark.parametrize("name", ["epoch2.grad1", "epoch3.layer2", "valid2", "slice", "one.layer"])
def test_a_changed_cell_is_found_by_torch(name: str, tmp_path: Path) -> None:
    file = export(MLP, tmp_path / "one.xlsx", settings=SMALL)
    one = next(one for one in MLP.blocks(MLP.settings(SMALL)) if one.name == name)
    cell = str(one.rect).partition(":")[0]
    changed = edit_cell(file, tmp_path / "changed.xlsx", one.sheet, cell, value="0.7")
    assert not check(changed, model="mlp", against="torch").passed


def test_a_frozen_layer_stays() -> None:
    settings = {**SMALL, "freeze_epochs": 3, "weight_decay": 0.5}
    found = computed(**settings)
    layers = [block(found, f"epoch{epoch}.layer1", **settings) for epoch in range(2, 6)]
    assert (layers[0] == layers[2]).all()
    assert (layers[2] != layers[3]).any()
    assert (block(found, "epoch3.grad1", **settings) == 0).all()
    assert block(found, "summary", **settings)[:, 0].tolist() == [0, 0, 0, 1]


def test_learning_rates_are_spread_as_fastai_does() -> None:
    """`even_mults(start, stop, n)`: start * (stop/start)^(k/(n-1)); blanks beyond the last group."""
    found = computed(**SMALL, lr_first=1e-5, lr_last=1e-3)
    rates = block(found, "slice", **SMALL)
    assert rates[1, :3] == pytest.approx([1e-5, 1e-4, 1e-3], rel=1e-14)
    assert rates[3] == pytest.approx(np.geomspace(1e-5, 1e-3, 5), rel=1e-14)


def test_two_layers_without_activation_are_one() -> None:
    found = computed(negative_slope=1)
    logits = block(found, "one.logits")
    np.testing.assert_allclose(logits[:, 0], logits[:, 1], rtol=0, atol=1e-13)
    np.testing.assert_allclose(logits[:, 0], logits[:, 2], rtol=0, atol=1e-13)
    logits = block(computed(), "one.logits")
    assert np.abs(logits[:, 0] - logits[:, 2]).max() > 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"hidden": 0}, "hidden must be at least 1"),
        ({"lr_first": 0}, "lr_first must be above 0"),
        ({"negative_slope": 2}, "negative_slope must be at least 0 and at most 1"),
    ],
)
def test_bad_settings_are_one_line(settings: dict[str, object], words: str, tmp_path: Path) -> None:
    with pytest.raises(SheetsimError, match=words) as error:
        export(MLP, tmp_path / "one.xlsx", settings=settings)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, ("0.18", "0.28")),
        ({"negative_slope": 1}, ("0.65", None)),
        ({"freeze_epochs": 30}, ("0.54", None)),
        ({"freeze_epochs": 10}, ("0.23", None)),
        ({"lr_first": 0.1}, ("0.44", None)),
        ({"lr_first": 10, "lr_last": 10}, ("0.63", None)),
        ({"weight_decay": 0.1}, ("0.66", None)),
        ({"epochs": 200}, ("0.008", "0.39")),
        ({"hidden": 2}, ("0.53", None)),
    ],
)
def test_what_the_page_says(settings: dict[str, object], said: tuple[str | None, ...]) -> None:
    last = block(computed(**settings), "summary", **settings)[-1]
    for figure, value in zip(said, last[2:4], strict=True):
        if figure is not None:
            assert f"{value:.{len(figure) - 2}f}" == figure
            assert figure in MLP.implementation("sheet").TRIES
    if not settings:
        assert last[4:].tolist() == [1, 0.875]
