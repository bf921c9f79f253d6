"""`collab_gd` by torch: nn.Embedding layers, F.mse_loss, autograd for every gradient, torch.optim.SGD."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sheetsim.lessons.collab import DISCARDED
from sheetsim.lessons.collab.collab_gd import SPREAD, STARTS
from sheetsim.lessons.kit.lesson import Inputs

Array = NDArray[np.float64]
DOUBLE = torch.float64


class MeanDotProductBias(nn.Module):
    """The mean, a bias for each user and movie, and the dot product of their factors."""

    def __init__(self, users: Tensor, movies: Tensor, mean: Tensor) -> None:
        super().__init__()
        self.user_factors = nn.Embedding.from_pretrained(users, freeze=False)
        self.movie_factors = nn.Embedding.from_pretrained(movies, freeze=False)
        self.user_bias = nn.Embedding.from_pretrained(torch.zeros(len(users), 1, dtype=DOUBLE), freeze=False)
        self.movie_bias = nn.Embedding.from_pretrained(
            torch.zeros(len(movies), 1, dtype=DOUBLE), freeze=False
        )
        self.mean = mean

    def forward(self, user: Tensor, movie: Tensor) -> Tensor:
        dot = (self.user_factors(user) * self.movie_factors(movie)).sum(1)
        return self.mean + self.user_bias(user)[:, 0] + self.movie_bias(movie)[:, 0] + dot


def uniforms(seed: int, count: int) -> Tensor:
    """Park and Miller's numbers in int64, where the products fit."""
    states, state = torch.empty(count, dtype=torch.int64), torch.tensor(seed)
    for place in range(count):
        state = torch.remainder(16807 * state, 2147483647)
        states[place] = state
    return states


def panel(user: list[Tensor], movie: list[Tensor], corner: Tensor | float, grid: Tensor, width: int) -> Array:
    """Biases and factors (those that are not in use are 0) around a grid; blank between them."""
    m = grid.shape[1]
    users, movies = (
        F.pad(torch.cat(pair, 1), (0, 1 + width - sum(part.shape[1] for part in pair))).detach()
        for pair in (user, movie)
    )
    corner_block = torch.full((1 + width, 1 + width), torch.nan, dtype=DOUBLE)
    corner_block[0, 0] = corner
    rows = [torch.cat([corner_block, movies.T], 1), torch.cat([users, grid.detach()], 1)]
    gap = torch.full((1, 1 + width + m), torch.nan, dtype=DOUBLE)
    found: Array = torch.cat([*rows, gap]).numpy()
    return found


def mean_by(index: Tensor, size: int, ratings: Tensor) -> Tensor:
    """Means of the ratings with the same index; 0/0 is NaN."""
    zeros = torch.zeros(size, dtype=DOUBLE)
    return zeros.index_add(0, index, ratings) / zeros.index_add(0, index, torch.ones_like(ratings))


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    ratings = torch.tensor(np.asarray(inputs["ratings"]), dtype=DOUBLE)
    (n, m), width, epochs = ratings.shape, int(inputs["most_factors"]), int(inputs["epochs"])
    factors = min(int(inputs["factors"]), width)
    states = uniforms(int(inputs["split_seed"]), DISCARDED + n * m + (n + m) * width)
    uniform = states.double() / 2147483647
    test_chosen = uniform[DISCARDED : DISCARDED + n * m].view(n, m) < float(inputs["test_share"])
    given = ~torch.isnan(ratings)
    user, movie = torch.where(given & ~test_chosen)
    test_user, test_movie = torch.where(given & test_chosen)
    target, test_target = ratings[user, movie], ratings[test_user, test_movie]

    low, high = SPREAD.get(STARTS[int(inputs["start"])], (0.0, 0.0))
    drawn = low + (high - low) * uniform[DISCARDED + n * m :]
    model = MeanDotProductBias(
        drawn[: n * width].view(n, width)[:, :factors].clone(),
        drawn[n * width :].view(width, m)[:factors].T.clone(),
        target.mean(),
    )
    layers = (model.user_bias, model.user_factors, model.movie_bias, model.movie_factors)
    weights = [layer.weight for layer in layers]
    rule = {name: float(inputs[name]) for name in ("lr", "momentum", "weight_decay")}
    optimizer = torch.optim.SGD(weights, **rule, foreach=False)
    everyone, everything = torch.arange(n).repeat_interleave(m), torch.arange(m).repeat(n)
    panels: dict[str, list[Array]] = {"model": [], "slopes": [], "steps": []}
    loss = torch.empty(epochs + 1, 2, dtype=DOUBLE)

    def put(name: str, cells: list[Tensor], corner: Tensor | float, grid: Tensor) -> None:
        panels[name].append(panel(cells[:2], cells[2:], corner, grid, width))

    for epoch in range(epochs + 1):
        at_start = [weight.detach().clone() for weight in weights]
        optimizer.zero_grad()
        pred = model(user, movie)
        mse = F.mse_loss(pred, target)
        mse.backward()
        slopes = [_slope(weight) for weight in weights]
        with torch.no_grad():
            predicted = model(everyone, everything).view(n, m)
            errors, missed = torch.zeros(n, m, dtype=DOUBLE), torch.zeros(n, m, dtype=DOUBLE)
            errors[user, movie] = pred - target
            missed[test_user, test_movie] = model(test_user, test_movie) - test_target
            loss[epoch, 0] = mse.sqrt()
            loss[epoch, 1] = F.mse_loss(missed[test_user, test_movie], torch.zeros_like(test_target)).sqrt()
        optimizer.step()
        steps = [
            _step(optimizer, weight, slope, rule["momentum"], rule["weight_decay"], start)
            for weight, slope, start in zip(weights, slopes, at_start, strict=True)
        ]
        put("model", at_start, model.mean, predicted)
        put("slopes", slopes, loss[epoch, 0], errors)
        length = torch.linalg.vector_norm(torch.cat([one.flatten() for one in steps]))
        put("steps", steps, rule["lr"] * length, missed)
    return {
        **{name: np.vstack(stack)[:-1] for name, stack in panels.items()},
        "facts": _facts(low, high, target, test_target, loss),
        "split": torch.where(given, 1.0 + test_chosen.double(), 0.0).numpy(),
        "movie_mean": mean_by(movie, m, target)[None].numpy(),
        "user_mean": mean_by(user, n, target)[:, None].numpy(),
        "loss": loss.numpy(),
        "draws": torch.stack([states.double(), uniform], 1).numpy(),
        **_found(inputs, at_start, mean_by(movie, m, target), mean_by(user, n, target)),
    }


def _slope(weight: Tensor) -> Tensor:
    assert weight.grad is not None
    return weight.grad.clone()


def _step(
    optimizer: torch.optim.SGD,
    weight: Tensor,
    slope: Tensor,
    momentum: float,
    weight_decay: float,
    start: Tensor,
) -> Tensor:
    """The optimiser's momentum buffer; without momentum it has none, and the step is the decayed gradient."""
    if momentum:
        held: Tensor = optimizer.state[weight]["momentum_buffer"]
        return held.clone()
    return slope.add(start, alpha=weight_decay)


def _facts(low: float, high: float, target: Tensor, test_target: Tensor, loss: Tensor) -> Array:
    best, place = loss[:, 1].min(0)
    told = bool(loss[:, 1].isfinite().all())  # not without test ratings, nor when training blew up
    lowest = [float(best), float(place)] if told else [float("nan")] * 2
    counts = [float(len(target)), float(len(test_target)), float(target.mean())]
    return np.array([*counts, low, high, *loss[-1].tolist(), *lowest])[:, None]


def _found(inputs: Inputs, weights: list[Tensor], movie_mean: Tensor, user_mean: Tensor) -> dict[str, Array]:
    """Biases and factors at the end; ranked by stable sorts."""
    user_bias, _, movie_bias, movie_factors = weights
    width = int(inputs["most_factors"])
    padded = F.pad(movie_factors, (0, width - movie_factors.shape[1]))
    nothing = torch.full((len(padded),), torch.nan, dtype=DOUBLE)
    axes = [int(inputs[name]) for name in ("x_factor", "y_factor")]
    shown = [padded[:, axis - 1] if axis <= width else nothing for axis in axes]
    movies, users = movie_bias[:, 0], user_bias[:, 0]
    ids = torch.tensor(np.asarray(inputs["user"]), dtype=DOUBLE)
    orders = [torch.argsort(each, descending=True, stable=True) for each in (movies, users)]
    rank = [torch.argsort(order) + 1.0 for order in orders]
    if not (movies.isfinite().all() and users.isfinite().all()):  # errors have no rank
        rank = [torch.full_like(one, torch.nan) for one in rank]
    return {
        "movie_table": torch.stack([movies, movie_mean, rank[0], *shown], 1).numpy(),
        "movie_order": _where(rank[0], torch.stack([movies, movie_mean], 1)[orders[0]]),
        "user_table": torch.stack([users, user_mean, rank[1]], 1).numpy(),
        "user_order": _where(rank[1], torch.stack([ids, users, user_mean], 1)[orders[1]]),
    }


def _where(rank: Tensor, table: Tensor) -> Array:
    """The table where there are ranks."""
    found: Array = torch.where(rank.isnan()[:, None], torch.nan, table).numpy()
    return found
