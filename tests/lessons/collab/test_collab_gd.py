"""`collab_gd`: how low the error gets, autograd for every gradient, other choices, sizes and files, what the
about page says, bad input, and that each implementation's comparison can fail."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from sheetsim import check
from sheetsim.errors import SheetsimError
from sheetsim.lessons.collab.collab_gd import EPOCHS, FACTS, FOUND, LOSS, NAME, arrays, kernel, sizes
from sheetsim.lessons.collab.collab_gd.sheet import SHOWS, TRIES
from sheetsim.lessons.kit.catalogue import lesson
from sheetsim.lessons.kit.export import export, make_book
from sheetsim.xlsx.read.workbook import read_workbook
from tests.checking.packages import edit_cell
from tests.lessons.collab.books import edited, saved

Array = NDArray[np.float64]
IMPLEMENTATIONS = ["arrays", "torch", "kernel"]


def told(settings: Mapping[str, object]) -> dict[str, Array]:
    """The lesson in NumPy."""
    full = lesson(NAME).settings(settings)
    return arrays.compute({**full, **lesson(NAME).make_data(full)})


def facts(settings: Mapping[str, object]) -> dict[str, float]:
    return dict(zip(FACTS, told(settings)["facts"].ravel().tolist(), strict=True))


# -- what it is for


def test_it_ends_within_five_percent_of_the_best(tmp_path: Path) -> None:
    """With all ratings for training. The best is what SciPy finds from some starts, as `solve` does."""
    optimize = pytest.importorskip("scipy.optimize")
    ratings = lesson(NAME).make_data(lesson(NAME).settings())["ratings"]
    given = torch.tensor(~np.isnan(ratings))
    target = torch.tensor(np.nan_to_num(ratings))
    (n, m), k = ratings.shape, 5

    def loss(weights: Array) -> tuple[float, Array]:
        w = torch.tensor(weights, requires_grad=True)
        users, movies = w[: n * (k + 1)].view(n, k + 1), w[n * (k + 1) :].view(m, k + 1)
        pred = users[:, :1] + movies[:, 0] + users[:, 1:] @ movies[:, 1:].T
        mse = ((pred - target)[given] ** 2).mean()
        mse.backward()
        assert w.grad is not None
        return mse.item(), w.grad.numpy()

    starts = [np.random.default_rng(seed).uniform(0, 0.8, (n + m) * (k + 1)) for seed in range(4)]
    limits = {"maxiter": 3000, "maxfun": 6000, "ftol": 1e-15, "gtol": 1e-9}
    runs = [optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options=limits) for start in starts]
    best = min(run.fun for run in runs) ** 0.5
    assert best == pytest.approx(0.1293, abs=5e-5)
    found = facts({"test_share": 0})
    assert best <= found["train RMSE at the end"] < 1.05 * best
    assert found["ratings for training"] == 206
    path = export(lesson(NAME), tmp_path / "all.xlsx", settings={"test_share": 0})
    assert path.stat().st_size < 10_000_000


def test_every_epochs_gradients_by_autograd() -> None:
    """From the weights that a panel shows, by a model written here."""
    blocks, n = told({"weight_decay": 0.01}), sizes(lesson(NAME).settings())
    ratings = lesson(NAME).make_data(lesson(NAME).settings())["ratings"]
    train, target = torch.tensor(blocks["split"] == 1), torch.tensor(np.nan_to_num(ratings))
    edge, size = 1 + n.factors, n.panel[0]
    for epoch in range(n.epochs + 1):
        rows = slice(epoch * n.pitch, epoch * n.pitch + size)
        shown, slopes = blocks["model"][rows], blocks["slopes"][rows]
        users = torch.tensor(shown[edge:, :edge], requires_grad=True)
        movies = torch.tensor(shown[:edge, edge:], requires_grad=True)
        pred = shown[0, 0] + users[:, :1] + movies[:1] + users[:, 1:] @ movies[1:]
        torch.nn.functional.mse_loss(pred[train], target[train]).backward()
        assert users.grad is not None
        assert movies.grad is not None
        assert np.abs(slopes[edge:, :edge] - users.grad.numpy()).max() < 1e-15
        assert np.abs(slopes[:edge, edge:] - movies.grad.numpy()).max() < 1e-15
        assert np.abs(shown[edge:, edge:] - pred.detach().numpy()).max() < 1e-14


def test_the_kernel_gives_the_same_bits_every_time() -> None:
    settings = lesson(NAME).settings()
    inputs = {**settings, **lesson(NAME).make_data(settings)}
    first, second = kernel.compute(inputs), kernel.compute(inputs)
    assert all(np.array_equal(first[name], second[name], equal_nan=True) for name in first)


# -- other choices, sizes and data


@pytest.mark.parametrize(
    "settings",
    [
        {"test_share": 0, "epochs": 30},
        {"factors": 0, "epochs": 5},
        {"factors": 2, "weight_decay": 0.03, "epochs": 20, "start": "large random"},
        {"start": "positive random", "momentum": 0, "lr": 1, "epochs": 12, "split_seed": 42},
        {"start": "zeros", "epochs": 3, "x_factor": 5, "y_factor": 7},
        {
            "users": 4,
            "movies": 9,
            "count": 20,
            "epochs": 2,
            "most_factors": 3,
            "factors": 3,
            "test_share": 0.5,
        },
        {"users": 20, "movies": 6, "epochs": 1, "most_factors": 8, "factors": 8, "seed": 9},
    ],
)
def test_other_settings(tmp_path: Path, settings: dict[str, object]) -> None:
    path = export(lesson(NAME), tmp_path / "other.xlsx", settings=settings)
    outcome = check(path, against=["recalc", *IMPLEMENTATIONS])
    assert outcome.passed, str(outcome)
    assert outcome["arrays"].cells == outcome["arrays"].bit_identical
    assert outcome["kernel"].cells == outcome["kernel"].bit_identical


def test_ratings_of_a_file(tmp_path: Path) -> None:
    """The busiest of its users and movies; one that no training rating is left of has no mean."""
    rng = np.random.default_rng(5)
    lines = [
        f"{u},{v},{rng.integers(1, 11) / 2}" for u in range(30) for v in range(20) if rng.random() < 0.25
    ]
    (tmp_path / "r.csv").write_text("\n".join(["userId,movieId,rating", *lines]) + "\n")
    given = {"epochs": 2, "test_share": 0.8}
    sources = {"ratings": str(tmp_path / "r.csv"), "users": "9", "movies": "7"}
    path = export(lesson(NAME), tmp_path / "file.xlsx", settings=given, sources=sources)
    outcome = check(path, against=["recalc", *IMPLEMENTATIONS, "ironcalc"])
    assert outcome.passed, str(outcome)
    book = make_book(lesson(NAME), given, sources)
    assert str(book[NAME].value("B31")).startswith("movie ")
    stored = read_workbook(path)[NAME]
    means = [*(f"{column}41" for column in "BCDEFGH"), *(f"I{row}" for row in range(32, 41))]
    assert "" in [stored.value(cell) for cell in means]


def test_a_training_that_blows_up(tmp_path: Path) -> None:
    """Excel's #NUM! is what is not finite in the implementations; nothing is ranked then."""
    path = export(lesson(NAME), tmp_path / "up.xlsx", settings={"lr": 12})
    outcome = check(path, against=["recalc", *IMPLEMENTATIONS])
    assert outcome.passed, str(outcome)


def test_choices_changed_in_the_workbook(tmp_path: Path) -> None:
    """As a learner does it; the drop-downs' words, too."""
    cells = {(NAME, "B2"): 3.0, (NAME, "B3"): "large random", (NAME, "B6"): 0.003, (NAME, "B8"): 7.0}
    outcome = check(saved(tmp_path, NAME, cells, {"epochs": 10}), against=["recalc", *IMPLEMENTATIONS])
    assert outcome.passed, str(outcome)


def test_equal_biases_rank_in_their_order(tmp_path: Path) -> None:
    """Nothing is learned with a learning rate of 0."""
    found = edited(NAME, {(NAME, "B4"): 0.0}, {"epochs": 1})
    assert found.numbers(FOUND, "D5:D19").ravel().tolist() == list(range(1, 16))
    assert found.value(FOUND, "I5") == "The Last Signal"
    assert found.value(FOUND, "S5") == found.value(NAME, "A32")


# -- what the about page says


def test_the_figures_of_what_one_sees() -> None:
    found, blocks = facts({}), told({})
    assert (found["ratings for training"], found["in epoch"]) == (167, 25)
    assert round(found["train RMSE at the end"], 2) == 0.07
    assert round(found["lowest test RMSE"], 2) == 0.62
    assert round(found["test RMSE at the end"], 2) == 1.08
    assert "180 weights for 167 ratings" in SHOWS
    titles = lesson(NAME).make_data(lesson(NAME).settings())["title"][0].tolist()
    three = [titles.index(title) for title in ("Paper Boats", "Letters from Lisbon", "Grandma's Dragon")]
    assert blocks["movie_table"][three, 0].round(2).tolist() == [0.95, 0.59, 0.44]
    assert set(blocks["movie_table"][three, 1].round(1)) == {4.1}
    love = [titles.index(one) for one in ("Letters from Lisbon", "The Second Waltz", "A Summer in Trieste")]
    assert sorted(blocks["movie_table"][:, 3].argsort()[:3].tolist()) == sorted(love)


@pytest.mark.parametrize(
    ("cell", "value", "train", "test"),
    [("B6", 0.01, 0.22, 0.64), ("B2", 0.0, 0.74, 0.96), ("B5", 0.0, 0.16, 0.65), ("B7", 0.0, 0.133, None)],
)
def test_the_figures_of_what_to_try(cell: str, value: float, train: float, test: float | None) -> None:
    found = edited(NAME, {(NAME, cell): value})
    digits = len(str(train)) - 2
    assert round(found.numbers(NAME, "G7").item(), digits) == train
    assert f"{train}" in TRIES or cell == "B2"
    if test is None:
        assert str(found.value(NAME, "G8")) == "#N/A"
    else:
        assert round(found.numbers(NAME, "G8").item(), 2) == test


def test_what_does_not_learn_and_what_blows_up() -> None:
    found = edited(NAME, {(NAME, "B3"): "zeros"}, {"epochs": 5})
    n = sizes(lesson(NAME).settings({"epochs": 5}))
    last = 5 + 5 * n.pitch
    assert not found.numbers(EPOCHS, f"I{last + 1}:W{last + 5}").any()  # the movies' factors
    assert found.numbers(EPOCHS, f"I{last}:W{last}").all()  # their biases
    assert str(edited(NAME, {(NAME, "B4"): 12.0}).value(LOSS, "B84")) == "#NUM!"


# -- what is wrong


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"factors": 6}, "factors=6: there are 5 columns for them; set most_factors too"),
        ({"users": 100, "movies": 100, "epochs": 500}, "make .* formulas, more than 3,000,000"),
        ({"test_share": 1}, "test_share must be at least 0 and at most 0.9"),
        ({"start": "ones"}, "start is one of small random, large random"),
    ],
)
def test_settings_that_cannot_be(tmp_path: Path, settings: dict[str, object], message: str) -> None:
    with pytest.raises(SheetsimError, match=message):
        export(lesson(NAME), tmp_path / "no.xlsx", settings=settings)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("judge", IMPLEMENTATIONS)
@pytest.mark.parametrize(("sheet", "cell"), [(EPOCHS, "Z30"), (LOSS, "C6"), (FOUND, "D7"), (NAME, "G4")])
def test_a_changed_cell_is_found(tmp_path: Path, judge: str, sheet: str, cell: str) -> None:
    path = export(lesson(NAME), tmp_path / "short.xlsx", settings={"epochs": 2})
    changed = edit_cell(path, tmp_path / "changed.xlsx", sheet, cell, value="0.5")
    outcome = check(changed, against=[judge])
    assert not outcome.passed
    assert [one.cell.rpartition("!")[2] for one in outcome.mismatches] == [cell]


def test_a_number_in_a_gap_is_found(tmp_path: Path) -> None:
    """Between corner and margins a panel is blank."""
    path = saved(tmp_path, NAME, {(EPOCHS, "E7"): 1.0}, {"epochs": 1})
    outcome = check(path, against=["arrays"])
    assert [one.cell.rpartition("!")[2] for one in outcome.mismatches] == ["E7"]
