"""Train a lesson's factorisation on real numbers of ratings: `lesson("bias").fit("u.data", factors=40)`.

found = fit("bias", (user, movie, rating), factors=40, epochs=30)
found.validation_mse[-1], found.user_factors, found.predict(user=196, movie=242)

What the workbook has in cells is here in tensors of torch, on a CPU or a GPU, in batches, by Adam with a
one-cycle learning rate: `bias` has mean + user's bias + movie's bias + dot product of the factors, `dotprod`
and `lookup` the dot product alone, which at this size is looked up in any case. The slopes are formulas
(factors.py). Numbers are float32, as usual in training.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sheetsim.errors import SheetsimError
from sheetsim.lessons.collab._shared.reading import FEWEST, read_ratings
from sheetsim.lessons.collab.ratings import Ratings
from sheetsim.solve.device import torch_device

if TYPE_CHECKING:
    from sheetsim.solve.training import Epoch, TrainingPlan

Array = NDArray[np.float64]
Status = Literal["done", "max-seconds", "interrupted"]
EpochProgress = Callable[["Epoch"], None]

BIASES = {"bias": True, "dotprod": False, "lookup": False}
"""The lessons that can be fitted, and whether their model has biases."""

SCHEDULES = ("one-cycle", "constant")
BATCH = 1024
STEPS = 64  # in an epoch, at the least, where there are fewer ratings
MOST_WEIGHTS = 200_000_000


@dataclass(frozen=True, slots=True, repr=False)
class Fit:
    """What was found. `users` and `movies` are the ids in ascending order, to which the rows of the weights
    belong; biases are 0 where the model has none. `factors_used` counts the factors that the ratings needed,
    where weight_decay was learned."""

    model: str
    users: NDArray[Any]
    movies: NDArray[Any]
    user_factors: Array
    movie_factors: Array
    user_bias: Array
    movie_bias: Array
    mean: float
    y_range: tuple[float, float] | None
    epochs: list[Epoch]
    factors_used: int
    status: Status

    @property
    def train_mse(self) -> list[float]:
        return [epoch.train_mse for epoch in self.epochs]

    @property
    def validation_mse(self) -> list[float]:
        return [epoch.validation_mse for epoch in self.epochs]

    @property
    def seconds(self) -> list[float]:
        return [epoch.seconds for epoch in self.epochs]

    def predict(self, user: ArrayLike, movie: ArrayLike) -> Array:
        """The predicted rating of each pair, in the shape that they broadcast to. SheetsimError for a user or
        movie that has no rating."""
        u = _places(self.users, np.asarray(user), "user")
        m = _places(self.movies, np.asarray(movie), "movie")
        dot = (self.user_factors[u] * self.movie_factors[m]).sum(-1)
        raw = self.mean + self.user_bias[u] + self.movie_bias[m] + dot
        if self.y_range is None:
            return np.asarray(raw)
        low, high = self.y_range
        return np.asarray(low + (high - low) / (1.0 + np.exp(-raw)))

    def __repr__(self) -> str:
        shape = f"{len(self.users)} users, {len(self.movies)} movies, {self.user_factors.shape[1]} factors"
        last = self.epochs[-1]
        mse = f"train MSE {last.train_mse:.4f}, validation MSE {last.validation_mse:.4f}"
        return f"<Fit of {self.model}: {shape}; {mse} after {len(self.epochs)} epochs>"


def fit(
    model: str,
    ratings: str | os.PathLike[str] | Ratings | tuple[ArrayLike, ArrayLike, ArrayLike],
    *,
    factors: int = 40,
    epochs: int = 30,
    lr: float = 0.04,
    schedule: str = "one-cycle",
    weight_decay: float | None = None,
    batch_size: int | None = None,
    validation: float = 0.1,
    y_range: tuple[float, float] | None = None,
    seed: int = 1,
    device: str | None = None,
    max_seconds: float | None = None,
    columns: str | None = None,
    progress: EpochProgress | None = None,
) -> Fit:
    """Train the model of a lesson. `ratings` is a file as `--ratings` takes it (with `columns`), a `Ratings`,
    or columns of users, movies and ratings.

    `weight_decay` None has it learned for each factor (factors.py), so that too many factors do no harm; a
    number is that of `torch.optim.AdamW`. `validation` is the share of ratings held back. With `y_range` a
    sigmoid keeps predictions between these two. The same seed gives the same weights on the same CPU.
    `device` None is the GPU where there is one. Ctrl-C and `max_seconds` end the training and keep what it
    has come to. SheetsimError, one line, for what cannot be used, MissingExtra without torch.
    """
    if model not in BIASES:
        raise SheetsimError(f"{model} cannot be fitted to ratings; {', '.join(BIASES)} can")
    place = torch_device(device, "fitting")
    from sheetsim.solve.training import Training, TrainingPlan

    table = _numbered(_columns(ratings, columns))
    count = len(table.rating)
    batch = min(BATCH, max(1, count // STEPS)) if batch_size is None else batch_size
    held = round(validation * count) if 0 <= validation < 1 else count
    decay = weight_decay
    plan = TrainingPlan(
        factors, epochs, lr, schedule == "one-cycle", decay, batch, held, y_range, seed, place, max_seconds
    )
    _check(plan, table, schedule, validation)
    biases, users = BIASES[model], len(table.users)
    training = Training(table.index, table.rating, users, users + len(table.movies), biases, plan)
    done: list[Epoch] = []
    status: Status = "done"
    try:
        for epoch in training.run():
            if not math.isfinite(epoch.train_mse):
                raise SheetsimError(f"the loss is no number in epoch {epoch.number}: lr={lr:g} is too high")
            done.append(epoch)
            if progress is not None:
                progress(epoch)
    except KeyboardInterrupt:
        status = "interrupted"
        if not done:
            raise
    weights = training.weights()
    bias = weights[:, factors] if biases else np.zeros(len(weights))
    return Fit(
        model,
        table.users,
        table.movies,
        *(weights[:users, :factors], weights[users:, :factors]),
        *(bias[:users], bias[users:]),
        training.mean,
        y_range,
        done,
        training.factors_used(),
        "max-seconds" if training.late else status,
    )


# -- ratings


@dataclass(frozen=True, slots=True)
class _Table:
    """Ratings with the rows of their user and movie [2, ratings] in the table of weights."""

    users: NDArray[Any]
    movies: NDArray[Any]
    index: NDArray[np.int64]
    rating: Array


def _columns(
    ratings: str | os.PathLike[str] | Ratings | tuple[ArrayLike, ArrayLike, ArrayLike], columns: str | None
) -> tuple[NDArray[Any], NDArray[Any], Array]:
    """Users, movies and ratings as columns of equal length. SheetsimError where they are none."""
    if isinstance(ratings, str | os.PathLike):
        ratings = read_ratings(ratings, columns)
    if isinstance(ratings, Ratings):
        return ratings.user, ratings.movie, ratings.rating
    try:
        user, movie, given = (np.asarray(column) for column in ratings)
        rating = given.astype(np.float64)
    except (TypeError, ValueError):
        raise SheetsimError("ratings are a file, or three columns: users, movies and ratings") from None
    if not (user.ndim == movie.ndim == rating.ndim == 1 and len(user) == len(movie) == len(rating)):
        shapes = ", ".join(str(list(column.shape)) for column in (user, movie, rating))
        raise SheetsimError(f"users, movies and ratings are columns of the same length, not {shapes}")
    bad = np.flatnonzero(~np.isfinite(rating))
    if len(bad):
        raise SheetsimError(f"rating {bad[0]} is {rating[bad[0]]}; a number is needed")
    return user, movie, rating


def _numbered(columns: tuple[NDArray[Any], NDArray[Any], Array]) -> _Table:
    user, movie, rating = columns
    if len(rating) < FEWEST:
        raise SheetsimError(f"{len(rating)} ratings are too few; {FEWEST} or more are needed")
    users, row = np.unique(user, return_inverse=True)
    movies, column = np.unique(movie, return_inverse=True)
    return _Table(users, movies, np.stack([row, column + len(users)]), rating)


def _places(ids: NDArray[Any], wanted: NDArray[Any], what: str) -> NDArray[np.int64]:
    """The places of ids among all, which are ascending."""
    places = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    missing = ids[places] != wanted
    if missing.any():
        raise SheetsimError(f"no rating of {what} {wanted[missing].flat[0]}")
    return places


def _check(plan: TrainingPlan, table: _Table, schedule: str, validation: float) -> None:
    """SheetsimError for what cannot be meant."""
    numbers = {"lr": plan.lr, "max_seconds": plan.max_seconds}
    for name, value in numbers.items():
        if value is not None and not 0 < value < math.inf:
            raise SheetsimError(f"{name}={value}: {name} must be above 0")
    for name, whole in {"factors": plan.factors, "epochs": plan.epochs, "batch_size": plan.batch}.items():
        if not isinstance(whole, int) or whole < 1:
            raise SheetsimError(f"{name}={whole}: {name} is a whole number from 1")
    if not isinstance(plan.seed, int) or not 0 <= plan.seed < 2**63:
        raise SheetsimError(f"seed={plan.seed}: seed is a whole number from 0")
    if plan.weight_decay is not None and not 0 <= plan.weight_decay < math.inf:
        raise SheetsimError(f"weight_decay={plan.weight_decay}: weight_decay must be at least 0")
    if schedule not in SCHEDULES:
        raise SheetsimError(f"schedule={schedule}: schedule is one of {', '.join(SCHEDULES)}")
    if not 0 <= validation < 1 or plan.held_back > len(table.rating) - 2:
        raise SheetsimError(
            f"validation={validation}: the share of ratings held back is from 0 to below 1, and two are left"
        )
    rows = len(table.users) + len(table.movies)
    if rows * plan.factors > MOST_WEIGHTS:
        raise SheetsimError(f"{plan.factors} factors for {rows} users and movies are too many weights")
    if plan.limits is not None:
        low, high = plan.limits
        if not (-math.inf < low < high < math.inf):
            raise SheetsimError(f"y_range={low:g},{high:g}: its first number is the lower one")
        if table.rating.min() < low or table.rating.max() > high:
            raise SheetsimError(
                f"y_range={low:g},{high:g}: there are ratings from {table.rating.min():g} to "
                f"{table.rating.max():g}"
            )
