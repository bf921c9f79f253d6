"""`entity_embeddings`: against torch's usual training loop, with other settings, and what its page says."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from sheetsim import check
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.catalogue import lesson
from sheetsim.lessons.kit.export import export, make_book
from sheetsim.lessons.nets.entity_embeddings import places
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import Calculation, calculate
from tests.checking.packages import edit_cell

EMBEDDINGS = lesson("entity_embeddings")
SMALL = {"rows": 6, "valid": 3, "hidden": 3, "epochs": 3}


def computed(**settings: object) -> Calculation:
    book = make_book(EMBEDDINGS, settings)
    return calculate(book, make_plan(book))


def block(found: Calculation, name: str, **settings: object) -> np.ndarray:
    one = next(one for one in EMBEDDINGS.blocks(EMBEDDINGS.settings(settings)) if one.name == name)
    return np.asarray(found.block(one.sheet, one.rect).numbers)


def test_a_training_loop_as_one_writes_it_in_torch() -> None:
    """nn.Embedding and nn.Linear, the usual loop: the sheet's last weights."""
    data = EMBEDDINGS.make_data(EMBEDDINGS.settings())
    start = [torch.tensor(data[name]) for name in ("day_0", "stall_0", "layer1_0", "layer2_0")]
    day, stall = (nn.Embedding.from_pretrained(one.clone(), freeze=False) for one in start[:2])
    layer1, layer2 = nn.Linear(6, 6).double(), nn.Linear(6, 1).double()
    with torch.no_grad():
        layer1.bias[:], layer1.weight[:] = start[2][:, 0], start[2][:, 1:]
        layer2.weight[:], layer2.bias[:] = start[3][:, :-1], start[3][0, -1]
    net = nn.ModuleList([day, stall, layer1, layer2])
    optimizer = torch.optim.SGD(net.parameters(), lr=0.3, weight_decay=0.01)
    where = torch.tensor(places(data))[:28]
    number, sold = torch.tensor(data["number"])[:28], torch.tensor(data["sold"])[:28]
    for _ in range(25):
        optimizer.zero_grad()
        x = torch.cat([day(where[:, 0]), stall(where[:, 1]), number], dim=1)
        nn.functional.mse_loss(layer2(layer1(x).relu())[:, 0], sold).backward()
        optimizer.step()
    found = computed(weight_decay=0.01)
    for name, weight in (("day", day.weight), ("stall", stall.weight)):
        np.testing.assert_allclose(block(found, f"epoch26.{name}"), weight.detach(), rtol=0, atol=1e-13)
    want = torch.column_stack([layer1.bias, layer1.weight]).detach()
    np.testing.assert_allclose(block(found, "epoch26.layer1"), want, rtol=0, atol=1e-13)


@pytest.mark.parametrize(
    "settings",
    [
        SMALL,
        {**SMALL, "day_size": 1, "stall_size": 1, "hidden": 1, "epochs": 1},
        {**SMALL, "day_size": 3, "stall_size": 5, "weight_decay": 0.1, "seed": 7},
        {**SMALL, "hidden": 12, "rows": 20, "lr": 0.01},
    ],
)
def test_the_implementations_agree_with_other_settings(settings: dict[str, object], tmp_path: Path) -> None:
    file = export(EMBEDDINGS, tmp_path / "one.xlsx", settings=settings)
    outcome = check(file, model="entity_embeddings", against="recalc,arrays,torch,kernel")
    assert outcome.passed, str(outcome)


@pytest.mark.parametrize("name", ["place", "epoch1.looked", "epoch2.grad_day", "epoch3.stall", "summary"])
def test_a_changed_cell_is_found_by_torch(name: str, tmp_path: Path) -> None:
    file = export(EMBEDDINGS, tmp_path / "one.xlsx", settings=SMALL)
    one = next(one for one in EMBEDDINGS.blocks(EMBEDDINGS.settings(SMALL)) if one.name == name)
    cell = str(one.rect).partition(":")[0]
    changed = edit_cell(file, tmp_path / "changed.xlsx", one.sheet, cell, value="0.7")
    assert not check(changed, model="entity_embeddings", against="torch").passed


def test_a_day_that_does_not_occur_keeps_its_line() -> None:
    """Its gradient is 0; with weight decay it shrinks all the same, as torch's dense embeddings do."""
    data = EMBEDDINGS.make_data(EMBEDDINGS.settings(SMALL))
    absent = sorted(set(range(7)) - set(places(data)[:6, 0].tolist()))
    found = computed(**SMALL)
    assert absent
    assert (block(found, "epoch2.grad_day", **SMALL)[absent] == 0).all()
    assert (block(found, "epoch4.day", **SMALL)[absent] == data["day_0"][absent]).all()
    shrunk = block(computed(**SMALL, weight_decay=0.1), "epoch4.day", **SMALL)[absent]
    np.testing.assert_allclose(shrunk, data["day_0"][absent] * 0.97**3, rtol=1e-14)


def test_a_category_that_is_in_no_list() -> None:
    data = EMBEDDINGS.make_data(EMBEDDINGS.settings(SMALL))
    data["category"][1, 0] = "sun"  # upper and lower case are the same
    assert places(data)[1, 0] == 6
    data["category"][1, 0] = "Someday"
    with pytest.raises(SheetsimError, match="category: 'Someday' is none of the days") as error:
        places(data)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"day_size": 0}, "day_size must be at least 1"),
        ({"rows": 1}, "rows must be at least 2"),
        ({"lr": 0}, "lr must be above 0"),
    ],
)
def test_bad_settings_are_one_line(settings: dict[str, object], words: str, tmp_path: Path) -> None:
    with pytest.raises(SheetsimError, match=words) as error:
        export(EMBEDDINGS, tmp_path / "one.xlsx", settings=settings)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, ("0.05", "0.11")),
        ({"lr": 0.1}, ("0.28", None)),
        ({"lr": 1}, ("4.6", None)),
        ({"weight_decay": 0.1}, ("0.11", None)),
        ({"day_size": 1, "stall_size": 1}, ("0.17", None)),
        ({"hidden": 1}, ("0.89", None)),
    ],
)
def test_what_the_page_says(settings: dict[str, object], said: tuple[str | None, ...]) -> None:
    last = block(computed(**settings), "summary", **settings)[-1]
    for figure, value in zip(said, last, strict=True):
        if figure is not None:
            assert f"{value:.{len(figure) - 2}f}" == figure
            assert figure in EMBEDDINGS.implementation("sheet").TRIES


def test_saturday_moves_and_sunday_hardly() -> None:
    data = EMBEDDINGS.make_data(EMBEDDINGS.settings())
    assert [int((data["category"][:28, 0] == day).sum()) for day in ("Sat", "Sun")] == [6, 1]
    moved = np.linalg.norm(block(computed(), "epoch26.day") - data["day_0"], axis=1)
    assert moved.argmax() == 5
    assert moved[6] < moved[5] / 2
