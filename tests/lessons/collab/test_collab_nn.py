"""`collab_nn`: the same training in plain torch, other choices, sizes and files, the about page, bad input,
and that each implementation's comparison can fail."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from sheetsim import check
from sheetsim.errors import SheetsimError
from sheetsim.lessons.collab.collab_nn import (
    FACTS,
    FOUND,
    LAYERS,
    NAME,
    RATINGS,
    STEPS,
    arrays,
    kernel,
    sizes,
)
from sheetsim.lessons.collab.collab_nn.sheet import SHOWS, TRIES
from sheetsim.lessons.kit.catalogue import lesson
from sheetsim.lessons.kit.export import export
from tests.checking.packages import edit_cell
from tests.lessons.collab.books import edited, saved

Array = NDArray[np.float64]
IMPLEMENTATIONS = ["arrays", "torch", "kernel"]
SHORT = {"epochs": 1, "batch": 60}


def told(settings: Mapping[str, object]) -> dict[str, Array]:
    """The lesson in NumPy."""
    full = lesson(NAME).settings(settings)
    return arrays.compute({**full, **lesson(NAME).make_data(full)})


def facts(settings: Mapping[str, object]) -> dict[str, float]:
    return dict(zip(FACTS, told(settings)["facts"].ravel().tolist(), strict=True))


def test_training_in_plain_torch() -> None:
    """fastai's net in a few lines, from the first weights, over the same batches: the same last weights."""
    n, blocks = sizes(lesson(NAME).settings()), told({"weight_decay": 0.01})
    data = lesson(NAME).make_data(lesson(NAME).settings())
    start = [torch.tensor(blocks[layer][: n.shape(layer)[0]]) for layer in LAYERS]
    users, movies = (nn.Embedding.from_pretrained(one, freeze=False) for one in start[:2])
    linear = [nn.Linear(one.shape[1] - 1, one.shape[0], dtype=torch.float64) for one in start[2:]]
    for layer, one in zip(linear, start[2:], strict=True):
        layer.weight.data, layer.bias.data = one[:, :-1].clone(), one[:, -1].clone()
    net = nn.Sequential(linear[0], nn.ReLU(), linear[1], nn.Sigmoid())
    optimizer = torch.optim.SGD(
        [*users.parameters(), *movies.parameters(), *net.parameters()], lr=0.2, weight_decay=0.01
    )
    user, movie = (torch.tensor(blocks["places"][:, place]).long() - 1 for place in range(2))
    rating = torch.tensor(data["rating"])
    for step in range(n.steps):
        rows = slice(step % 7 * 26, step % 7 * 26 + 26)
        pred = 5.5 * net(torch.cat([users(user[rows]), movies(movie[rows])], 1))[:, 0]
        optimizer.zero_grad()
        nn.functional.mse_loss(pred, rating[rows]).backward()
        slopes = blocks["user_emb_slope"][step * n.pitch :][: n.users]
        assert users.weight.grad is not None
        assert np.abs(slopes - users.weight.grad.numpy()).max() < 1e-13
        optimizer.step()
    ends = [users.weight, movies.weight, *(torch.cat([one.weight, one.bias[:, None]], 1) for one in linear)]
    for layer, end in zip(LAYERS, ends, strict=True):
        shown = blocks[layer][n.steps * n.pitch :]
        assert np.abs(shown - end.detach().numpy()).max() < 1e-12


def test_the_kernel_gives_the_same_bits_every_time() -> None:
    settings = lesson(NAME).settings()
    inputs = {**settings, **lesson(NAME).make_data(settings)}
    first, second = kernel.compute(inputs), kernel.compute(inputs)
    assert all(np.array_equal(first[name], second[name], equal_nan=True) for name in first)


# -- other choices, sizes and data


@pytest.mark.parametrize(
    "settings",
    [
        {"lr": 0.05, "weight_decay": 0.1, "spread": 0, "epochs": 2},
        {"y_low": 0.5, "y_high": 5, "start_seed": 42, "batch": 50},
        {"user_factors": 1, "movie_factors": 1, "hidden": 1, "epochs": 1, "batch": 206},
        {"users": 30, "movies": 6, "epochs": 2, "batch": 16, "hidden": 8, "user_factors": 8},
        {"users": 4, "movies": 5, "count": 12, "batch": 1, "epochs": 2, "seed": 3},
    ],
)
def test_other_settings(tmp_path: Path, settings: dict[str, object]) -> None:
    path = export(lesson(NAME), tmp_path / "other.xlsx", settings=settings)
    outcome = check(path, against=["recalc", *IMPLEMENTATIONS])
    assert outcome.passed, str(outcome)
    assert outcome["arrays"].cells == outcome["arrays"].bit_identical


def test_ratings_of_a_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    lines = [f"{u},{v},{rng.integers(1, 11) / 2}" for u in range(30) for v in range(20) if rng.random() < 0.4]
    (tmp_path / "r.csv").write_text("\n".join(["userId,movieId,rating", *lines]) + "\n")
    sources = {"ratings": str(tmp_path / "r.csv"), "users": "12", "movies": "10"}
    path = export(lesson(NAME), tmp_path / "file.xlsx", settings={"epochs": 1}, sources=sources)
    outcome = check(path, against=["recalc", *IMPLEMENTATIONS, "ironcalc"])
    assert outcome.passed, str(outcome)


def test_choices_and_ratings_changed_in_the_workbook(tmp_path: Path) -> None:
    cells = {(NAME, "B2"): 0.4, (NAME, "B6"): 0.5, (RATINGS, "D4"): 1.5, (RATINGS, "B5"): 10.0}
    outcome = check(saved(tmp_path, NAME, cells, SHORT), against=["recalc", *IMPLEMENTATIONS])
    assert outcome.passed, str(outcome)


# -- what the about page says


def test_the_figures_of_what_one_sees() -> None:
    found = facts({})
    assert (found["batches in an epoch"], found["steps"], found["weights of the net"]) == (7, 56, 151)
    assert round(found["RMSE on trained ratings"], 2) == 0.80
    assert round(found["RMSE on those left over"], 2) == 1.09
    rating = lesson(NAME).make_data(lesson(NAME).settings())["rating"]
    mean = rating[:182].mean()
    parts = [np.sqrt(((part - mean) ** 2).mean()).round(2) for part in (rating[:182], rating[182:])]
    assert parts == [1.14, 1.26]
    assert "1.14 and 1.26" in " ".join(SHOWS.split())
    assert len(rating) - 182 == 24


@pytest.mark.parametrize(
    ("cell", "value", "error", "lowest", "highest"),
    [
        ("B2", 0.05, 0.99, None, None),
        ("B2", 5.0, None, 5.5, 5.5),
        ("B5", 4.0, 0.85, None, 4),
        ("B5", 100.0, None, 0, 0),
        ("B6", 0.0, 0.91, None, None),
        ("B3", 0.1, 0.97, 2.1, 4.6),
    ],
)
def test_the_figures_of_what_to_try(
    cell: str, value: float, error: float | None, lowest: float | None, highest: float | None
) -> None:
    found = edited(NAME, {(NAME, cell): value})
    guesses = found.numbers(FOUND, "I10:W24")
    if error is not None:
        assert round(found.numbers(NAME, "G4").item(), 2) == error
        assert f"{error}" in TRIES
    if lowest is not None:
        assert round(guesses.min(), 1) == lowest
    if highest is not None:
        assert round(guesses.max(), 1) <= highest
        assert cell != "B2" or round(guesses.max(), 1) == highest


# -- what is wrong


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"batch": 300}, "batch=300: there are only 206 ratings"),
        ({"users": 100, "movies": 100, "epochs": 50}, "make .* formulas, more than 3,000,000"),
        ({"hidden": 9}, "hidden must be at least 1 and at most 8"),
    ],
)
def test_settings_that_cannot_be(tmp_path: Path, settings: dict[str, object], message: str) -> None:
    with pytest.raises(SheetsimError, match=message):
        export(lesson(NAME), tmp_path / "no.xlsx", settings=settings)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("judge", IMPLEMENTATIONS)
def test_a_user_who_is_in_no_list(tmp_path: Path, judge: str) -> None:
    path = saved(tmp_path, NAME, {(RATINGS, "B6"): 4711.0}, SHORT)
    with pytest.raises(SheetsimError, match="collab_nn ratings!B6: user 4711 is not in the list of users"):
        check(path, against=[judge])


@pytest.mark.parametrize("judge", IMPLEMENTATIONS)
@pytest.mark.parametrize(
    ("sheet", "cell"), [(STEPS, "B5"), (STEPS, "AE7"), (STEPS, "BH70"), (FOUND, "K12"), (NAME, "G4")]
)
def test_a_changed_cell_is_found(tmp_path: Path, judge: str, sheet: str, cell: str) -> None:
    path = export(lesson(NAME), tmp_path / "short.xlsx", settings=SHORT)
    changed = edit_cell(path, tmp_path / "changed.xlsx", sheet, cell, value="0.5")
    outcome = check(changed, against=[judge])
    assert not outcome.passed
    assert [one.cell.rpartition("!")[2] for one in outcome.mismatches] == [cell]
