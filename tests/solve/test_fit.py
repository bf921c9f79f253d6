"""Training on many ratings: slopes against autograd, structure that was put in found again, bad requests."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from sheetsim.errors import MissingExtra, SheetsimError  # noqa: E402
from sheetsim.lessons.collab._shared.known import known_ratings  # noqa: E402
from sheetsim.lessons.collab.ratings import default_ratings  # noqa: E402
from sheetsim.lessons.kit.catalogue import NAMES  # noqa: E402
from sheetsim.public_lesson import lesson  # noqa: E402
from sheetsim.solve.factors import Factors  # noqa: E402
from sheetsim.solve.fit import Fit, fit  # noqa: E402
from sheetsim.solve.training import Epoch  # noqa: E402

USERS, MOVIES, K = 6, 5, 3


# the ratings of the small cases: rows of users and of movies, some of them twice
INDEX = torch.tensor([[0, 2, 2, 5, 0, 4], [6, 6, 10, 9, 7, 9]])
RATING = torch.tensor([4.0, 1.0, 2.5, 5.0, 3.0, 2.0]).double()

Limits = tuple[float, float] | None


def table(biases: bool, limits: Limits) -> Factors:
    start = torch.randn(USERS + MOVIES, K + biases, generator=torch.Generator().manual_seed(1)).double()
    found = Factors(start, USERS, biases=biases, mean=0.3, limits=limits)
    found.variance = torch.rand(start.shape, generator=torch.Generator().manual_seed(2)).double()
    return found


def losses(found: Factors, w: Any, v: Any) -> tuple[Any, Any, Any]:
    """Written out: the squared error of each rating, what variances add to it, and the priors' part."""
    (u, m), k = INDEX, K
    raw = found.mean + (w[u, :k] * w[m, :k]).sum(1)
    if found.biases:
        raw = raw + w[u, k] + w[m, k]
    slope, predicted = torch.ones_like(raw), raw
    if found.limits is not None:
        low, high = found.limits
        predicted = low + (high - low) * torch.sigmoid(raw)
        part = torch.sigmoid(raw.detach())
        slope = (high - low) * part * (1 - part)
    variance = (v[u, :k] * (w[m, :k] ** 2 + v[m, :k]) + v[m, :k] * w[u, :k] ** 2).sum(1)
    if found.biases:
        variance = variance + v[u, k] + v[m, k]
    return (predicted - RATING) ** 2, slope**2 * variance, ((w**2 + v) / found.prior - v.log()).sum()


@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("limits", [None, (0.0, 5.5)])
def test_slopes_are_those_of_autograd(biases: bool, limits: Limits) -> None:
    found = table(biases, limits)
    squares = found.slopes(INDEX, RATING)
    w = found.weights.detach().clone().requires_grad_()
    (slopes,) = torch.autograd.grad(losses(found, w, found.variance)[0].mean(), w)
    torch.testing.assert_close(found.weights.grad, slopes, rtol=1e-12, atol=1e-13)
    assert float(squares) == pytest.approx(float(((found.predict(INDEX) - RATING) ** 2).sum()))


@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("limits", [None, (0.0, 5.5)])
def test_what_is_learned_lowers_the_variational_bound(biases: bool, limits: Limits) -> None:
    found, count = table(biases, limits), len(RATING)
    before = found.variance.clone()
    errors, more, _ = losses(found, found.weights, before)
    noise = float((errors + more).mean())
    found.learn(INDEX, float(errors.sum()), priors=True)
    # each side's variances are the best there are beside the other side's as they were
    for side in (slice(0, USERS), slice(USERS, None)):
        v = before.clone()
        v[side] = found.variance[side]
        v.requires_grad_()
        _, more, priors = losses(found, found.weights, v)
        (slopes,) = torch.autograd.grad(more.sum() + noise * priors, v)
        torch.testing.assert_close(slopes[side], torch.zeros_like(slopes[side]), rtol=0, atol=1e-11)
    # and the weights' slopes are those of the whole bound
    found.slopes(INDEX, RATING)
    w = found.weights.detach().clone().requires_grad_()
    errors, more, priors = losses(found, w, found.variance)
    (slopes,) = torch.autograd.grad((errors.sum() + more.sum() + noise * priors) / count, w)
    torch.testing.assert_close(found.weights.grad, slopes, rtol=1e-11, atol=1e-12)


def test_the_structure_is_found_again() -> None:
    known = known_ratings(3, users=300, movies=400, count=25_000, factors=2, noise=0.9)
    seen: list[Epoch] = []
    found = fit("bias", known.ratings, factors=12, progress=seen.append)
    assert found.validation_mse[-1] ** 0.5 < 1.05 * known.noise
    assert found.factors_used == 2
    assert seen == found.epochs
    assert found.status == "done"
    # the predictions themselves, beside what there was before the noise
    error = found.predict(known.ratings.user, known.ratings.movie) - known.clean
    assert math.sqrt((error**2).mean()) < 0.3 * known.noise
    biases = known_biases(known.ratings.user, known.clean)
    assert np.corrcoef(found.user_bias, biases)[0, 1] > 0.8


def known_biases(user: Any, clean: Any) -> Any:
    """Each user's mean rating, without the noise."""
    return np.array([clean[user == one].mean() for one in np.unique(user)])


@pytest.mark.parametrize("model", ["bias", "dotprod", "lookup"])
def test_models_and_their_predictions(model: str) -> None:
    ratings = default_ratings()
    found = fit(model, ratings, factors=5, epochs=40, validation=0.1)
    again = fit(model, ratings, factors=5, epochs=40, validation=0.1)
    assert np.array_equal(found.user_factors, again.user_factors)  # the same in every run
    assert found.user_factors.shape == (15, 5)
    assert (found.user_bias == 0).all() == (model != "bias")
    assert (found.mean == 0) == (model != "bias")
    assert found.train_mse[-1] < ratings.rating.var()
    user, movie = ratings.user[7], ratings.movie[7]
    u, m = found.users.tolist().index(user), found.movies.tolist().index(movie)
    expected = found.mean + found.user_bias[u] + found.movie_bias[m]
    assert float(found.predict(user, movie)) == pytest.approx(
        expected + found.user_factors[u] @ found.movie_factors[m]
    )
    assert len(repr(found)) < 160
    with pytest.raises(SheetsimError, match="no rating of movie 999999"):
        found.predict(user, 999999)


def test_weights_fall_where_torch_puts_them() -> None:
    """With a weight decay that is given, an epoch is what nn.Embedding, autograd and AdamW do."""
    user, movie = np.array([1, 1, 2, 3]), np.array([1, 2, 2, 1])
    rating = np.array([4.0, 2.0, 5.0, 1.0])
    options: dict[str, Any] = {"factors": 2, "epochs": 2, "lr": 0.05, "schedule": "constant"}
    found = fit("dotprod", (user, movie, rating), **options, weight_decay=0.3, batch_size=4, validation=0)
    scale = rating.std()
    generator = torch.Generator().manual_seed(1)
    torch.randperm(4, generator=generator)
    start = torch.randn(5, 2, generator=generator) * 0.1 + math.sqrt(rating.mean() / scale / 2)
    layers = [torch.nn.Embedding.from_pretrained(part, freeze=False) for part in (start[:3], start[3:])]
    weights = [layer.weight for layer in layers]
    optimiser = torch.optim.AdamW(weights, lr=0.05, weight_decay=0.3)
    target = torch.from_numpy(rating / scale).float()
    for _ in range(2):
        predicted = (layers[0](torch.from_numpy(user - 1)) * layers[1](torch.from_numpy(movie - 1))).sum(1)
        optimiser.zero_grad()
        torch.nn.functional.mse_loss(predicted, target).backward()
        optimiser.step()
    torch.testing.assert_close(
        torch.from_numpy(found.user_factors), weights[0].double() * math.sqrt(scale), rtol=1e-5, atol=1e-6
    )


def test_y_range_keeps_predictions_in(tmp_path: Path) -> None:
    ratings = default_ratings()
    found = fit("bias", ratings, factors=5, y_range=(0, 5.5), epochs=10)
    every = found.predict(found.users[:, None], found.movies)
    assert every.shape == (15, 15)
    assert every.min() > 0
    assert every.max() < 5.5
    assert found.train_mse[-1] < found.train_mse[0]


def test_the_time_can_be_limited_and_a_run_interrupted() -> None:
    known = known_ratings(1, users=100, movies=100, count=4000)
    found = fit("bias", known.ratings, epochs=10_000, max_seconds=0.3)
    assert found.status == "max-seconds"
    assert 0 < len(found.epochs) < 10_000

    def stop(epoch: Epoch) -> None:
        if epoch.number == 2:
            raise KeyboardInterrupt

    kept: Fit = fit("bias", known.ratings, progress=stop)
    assert (kept.status, len(kept.epochs)) == ("interrupted", 2)
    assert np.isfinite(kept.user_factors).all()


def test_files_and_names_are_read(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text(
        "who,what,stars\n" + "".join(f"{u},{m},{1 + (u * m) % 5}\n" for u in range(9) for m in range(9))
    )
    found = fit("bias", file, columns="who,what,stars", factors=2, epochs=2)
    assert found.users.tolist() == list(range(9))
    names = fit("bias", (["a", "b", "a", "c"], ["x", "x", "y", "y"], [1, 2, 3, 4]), factors=1, epochs=1)
    assert names.users.tolist() == ["a", "b", "c"]
    assert names.predict("b", ["x", "y"]).shape == (2,)


FOUR = ([1, 1, 2, 2], [1, 2, 1, 2], [1.0, 2.0, 3.0, 4.0])
BAD: dict[str, tuple[Any, dict[str, Any]]] = {
    "--device cuda: PyTorch": (FOUR, {"device": "cuda"}) if not torch.cuda.is_available() else (1, {}),
    "no device 'tpu'": (FOUR, {"device": "tpu"}),
    "lr=0: lr must be above 0": (FOUR, {"lr": 0}),
    "factors=0: factors is a whole number from 1": (FOUR, {"factors": 0}),
    "epochs=1.5: epochs is a whole number": (FOUR, {"epochs": 1.5}),
    "weight_decay=-1": (FOUR, {"weight_decay": -1}),
    "validation=1: the share": (FOUR, {"validation": 1}),
    "validation=0.9: the share": (FOUR, {"validation": 0.9}),
    "schedule=step: schedule is one of": (FOUR, {"schedule": "step"}),
    "y_range=2,5: there are ratings from 1 to 4": (FOUR, {"y_range": (2, 5)}),
    "y_range=5,2: its first": (FOUR, {"y_range": (5, 2)}),
    "too many weights": (FOUR, {"factors": 10**9}),
    "3 ratings are too few": (([1, 2, 3], [1, 2, 3], [1, 2, 3]), {}),
    "rating 1 is nan": (([1, 2, 3, 4], [1, 2, 3, 4], [1, np.nan, 3, 4]), {}),
    "columns of the same length": (([1, 2], [1], [1, 2, 3]), {}),
    "ratings are a file, or three columns": (5, {}),
    "cannot be read": ("none.csv", {}),
}


@pytest.mark.parametrize("words", BAD)
def test_bad_requests_are_one_line(words: str) -> None:
    ratings, options = BAD[words]
    if ratings == 1:
        pytest.skip("there is a GPU")
    with pytest.raises(SheetsimError) as caught:
        fit("bias", ratings, **options)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_lessons_fit_or_say_why_not() -> None:
    with pytest.raises(SheetsimError, match="adam cannot be fitted to ratings; bias, dotprod, lookup can"):
        lesson("adam").fit(FOUR)
    if "dotprod" in NAMES:
        assert lesson("dotprod").fit(FOUR, factors=1, epochs=1).model == "dotprod"


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sheetsim.solve.device.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"fitting needs PyTorch: pip install 'sheetsim\[solve\]'"):
        fit("bias", FOUR)
