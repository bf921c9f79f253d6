"""`collab_gd` in NumPy. Sums run in the order of the sheet's cells, one term after another, all cells of a
region at once."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.collab import DISCARDED
from sheetsim.lessons.collab.collab_gd import SPREAD, STARTS
from sheetsim.lessons.kit.lesson import Inputs

Array = NDArray[np.float64]
NO_NUMBER = float("nan")


@dataclass
class FactorWeights:
    """A number for each weight: biases in the first column of users [n, 1+k] and first row of movies
    [1+k, m], factors beside them."""

    users: Array
    movies: Array

    def panel(self, corner: float, grid: Array) -> Array:
        """As a panel of the sheet, blank between corner and margins."""
        k = self.users.shape[1]
        filled = np.full((k + grid.shape[0], k + grid.shape[1]), np.nan)
        filled[0, 0] = corner
        filled[:k, k:], filled[k:, :k], filled[k:, k:] = self.movies, self.users, grid
        return filled


def in_order(terms: Iterable[Array]) -> Array:
    """The sum of the terms, from the first on."""
    total: Array | float = 0.0
    for term in terms:
        total = total + term
    return np.asarray(total)


def draw(seed: int, count: int) -> Array:
    """States and uniform numbers of Park and Miller's generator."""
    states = np.empty(count)
    for place in range(count):
        seed = 16807 * seed % 2147483647
        states[place] = seed
    return np.column_stack([states, states / 2147483647])


def mean_of(split: Array, ratings: Array) -> Array:
    """The mean of the training ratings along the last axis; NaN where there is none."""
    chosen = np.moveaxis(np.where(split == 1, ratings, 0.0), -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return in_order(chosen) / (split == 1).sum(-1)


def rmse(errors: Array, count: float) -> float:
    squares = errors.ravel() ** 2
    return float(np.sqrt(np.add.accumulate(squares)[-1] / count)) if count else NO_NUMBER


def predict(mean: float, weights: FactorWeights) -> Array:
    users, movies = weights.users, weights.movies
    first = mean + users[:, :1] + movies[:1]
    products = (users[:, k, None] * movies[k] for k in range(1, users.shape[1]))
    return in_order([first, *products])


def gradients(weights: FactorWeights, errors: Array, count: float) -> FactorWeights:
    """The slopes of the mean squared error: a bias's partner is 1."""
    users, movies = weights.users.copy(), weights.movies.copy()
    users[:, 0], movies[0] = 1, 1
    return FactorWeights(
        2 / count * in_order(errors[:, j, None] * movies[:, j] for j in range(errors.shape[1])),
        2 / count * in_order(errors[i] * users[i, :, None] for i in range(errors.shape[0])),
    )


def ranks(values: Array) -> Array:
    """1 for the largest; of equals the first comes first. Among errors nothing has a rank."""
    if not np.isfinite(values).all():
        return np.full(values.shape, np.nan)
    above = (values > values[:, None]).sum(1)
    before = np.tril(values == values[:, None], -1).sum(1)
    return (1 + above + before).astype(np.float64)


def start(inputs: Inputs, uniform: Array, shape: tuple[int, int, int]) -> FactorWeights:
    """Biases of 0 and factors from the random numbers that the split has left over."""
    n, m, k = shape
    low, high = SPREAD.get(STARTS[int(inputs["start"])], (0.0, 0.0))
    used = np.arange(1, k + 1) <= float(inputs["factors"])
    drawn = low + (high - low) * uniform[DISCARDED + n * m :]
    users = np.where(used, drawn[: n * k].reshape(n, k), 0)
    movies = np.where(used[:, None], drawn[n * k :].reshape(k, m), 0)
    return FactorWeights(
        np.hstack([np.zeros((n, 1)), users]),
        np.vstack([np.zeros((1, m)), movies]),
    )


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    ratings = np.asarray(inputs["ratings"], np.float64)
    lr, momentum, decay = (float(inputs[name]) for name in ("lr", "momentum", "weight_decay"))
    (n, m), k, epochs = ratings.shape, int(inputs["most_factors"]), int(inputs["epochs"])
    draws = draw(int(inputs["split_seed"]), DISCARDED + n * m + (n + m) * k)
    chosen = draws[DISCARDED : DISCARDED + n * m, 1].reshape(n, m) < float(inputs["test_share"])
    split = np.where(np.isnan(ratings), 0.0, np.where(chosen, 2.0, 1.0))
    train, test = float((split == 1).sum()), float((split == 2).sum())
    mean = float(mean_of(split.ravel(), ratings.ravel()))

    weights = start(inputs, draws[:, 1], (n, m, k))
    steps: FactorWeights | None = None
    panels: dict[str, list[Array]] = {"model": [], "slopes": [], "steps": []}
    loss = np.empty((epochs + 1, 2))
    gap = np.full((1, 1 + k + m), np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        for epoch in range(epochs + 1):
            if steps is not None:
                weights = FactorWeights(weights.users - lr * steps.users, weights.movies - lr * steps.movies)
            predicted = predict(mean, weights)
            errors, missed = (np.where(split == kind, predicted - ratings, 0) for kind in (1, 2))
            slopes = gradients(weights, errors, train)
            decayed = [
                slope + decay * weight
                for slope, weight in ((slopes.users, weights.users), (slopes.movies, weights.movies))
            ]
            if steps is None:
                steps = FactorWeights(*decayed)
            else:
                steps = FactorWeights(
                    momentum * steps.users + decayed[0], momentum * steps.movies + decayed[1]
                )
            squares = np.concatenate([steps.users.ravel(), steps.movies.ravel()]) ** 2
            length = lr * np.sqrt(np.add.accumulate(squares)[-1])
            loss[epoch] = rmse(errors, train), rmse(missed, test)
            panels["model"] += [weights.panel(mean, predicted), gap]
            panels["slopes"] += [slopes.panel(loss[epoch, 0], errors), gap]
            panels["steps"] += [steps.panel(length, missed), gap]
    low, high = SPREAD.get(STARTS[int(inputs["start"])], (0.0, 0.0))
    told = np.isfinite(loss[:, 1]).all()  # without test ratings, or when training blew up, there is no lowest
    best = [loss[:, 1].min(), loss[:, 1].argmin()] if told else [NO_NUMBER, NO_NUMBER]
    facts = [train, test, mean, low, high, *loss[-1], *best]
    return {
        "facts": np.array(facts)[:, None],
        "split": split,
        "movie_mean": mean_of(split.T, ratings.T)[None],
        "user_mean": mean_of(split, ratings)[:, None],
        **{name: np.vstack(stack[:-1]) for name, stack in panels.items()},
        "loss": loss,
        **_found(inputs, weights, mean_of(split.T, ratings.T), mean_of(split, ratings)),
        "draws": draws,
    }


def _found(inputs: Inputs, weights: FactorWeights, movie_mean: Array, user_mean: Array) -> dict[str, Array]:
    """Biases and factors at the end, beside the mean ratings; both ranked by the biases."""
    factors = weights.movies[1:]
    axes = [int(inputs[name]) for name in ("x_factor", "y_factor")]
    shown = [factors[axis - 1] if axis <= len(factors) else np.full(len(movie_mean), np.nan) for axis in axes]
    movies, users = weights.movies[0], weights.users[:, 0]
    movie_rank, user_rank = ranks(movies), ranks(users)
    best, kindest = movie_rank.argsort(), user_rank.argsort()
    ids = np.asarray(inputs["user"], np.float64)
    in_rank = [
        np.where(np.isnan(rank[order])[:, None], np.nan, table[order])
        for rank, order, table in (
            (movie_rank, best, np.column_stack([movies, movie_mean])),
            (user_rank, kindest, np.column_stack([ids, users, user_mean])),
        )
    ]
    return {
        "movie_table": np.column_stack([movies, movie_mean, movie_rank, *shown]),
        "movie_order": in_rank[0],
        "user_table": np.column_stack([users, user_mean, user_rank]),
        "user_order": in_rank[1],
    }
