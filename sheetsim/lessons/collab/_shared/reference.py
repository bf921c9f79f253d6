"""The factor models by torch: nn.Embedding for users and movies, F.mse_loss for the error."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sheetsim.lessons.kit.lesson import Inputs

Blocks = dict[str, NDArray[np.float64]]


def tensor(inputs: Inputs, name: str) -> Tensor:
    return torch.tensor(np.asarray(inputs[name]), dtype=torch.float64)


def embedding(weights: Tensor) -> nn.Embedding:
    """A layer with these weights, a row for each user or movie, that can be trained."""
    return nn.Embedding.from_pretrained(weights.clone(), freeze=False)


def pairs(users: int, movies: int) -> tuple[Tensor, Tensor]:
    """Every user with every movie, in reading order."""
    user, movie = torch.meshgrid(torch.arange(users), torch.arange(movies), indexing="ij")
    return user.reshape(-1), movie.reshape(-1)


def root_mean_square(rating: Tensor, predicted: Tensor) -> float:
    """The error of the ratings there are; NaN where there is none."""
    given = ~rating.isnan()
    return float(F.mse_loss(predicted[given], rating[given]).sqrt())


def errors(rating: Tensor, predicted: Tensor) -> Blocks:
    """The error of all ratings, of each user's and of each movie's."""
    users = [root_mean_square(*rows) for rows in zip(rating, predicted, strict=True)]
    movies = [root_mean_square(*columns) for columns in zip(rating.T, predicted.T, strict=True)]
    return {
        "rmse": np.array([[root_mean_square(rating, predicted)]]),
        "user_rmse": np.array(users)[:, None],
        "movie_rmse": np.array(movies)[None, :],
    }


def crosstab(inputs: Inputs) -> Blocks:
    """Each rating's cell, counted from 1, and the grid; {} where there is no long table."""
    if "long_user" not in inputs:
        return {}
    rating = tensor(inputs, "ratings")
    indices = []
    for name, ids in (("long_user", "user_id"), ("long_movie", "movie_id")):
        same = tensor(inputs, name)[:, None] == tensor(inputs, ids).reshape(-1)
        place = same.double().argmax(1).double()
        indices.append(torch.where(same.any(1), place, torch.nan))
    cell = indices[0] * rating.shape[1] + indices[1] + 1
    known = ~cell.isnan()
    values = dict(
        zip(
            reversed(cell[known].tolist()),
            reversed(tensor(inputs, "long_rating")[known].tolist()),
            strict=True,
        )
    )
    grid = torch.full((rating.numel(),), torch.nan, dtype=torch.float64)
    places = torch.tensor(list(values), dtype=torch.long) - 1
    grid = grid.index_copy(0, places, torch.tensor(list(values.values()), dtype=torch.float64))
    grid = grid.reshape(rating.shape)
    differences = (grid.nan_to_num(-1) != rating.nan_to_num(-1)).sum()
    return {
        "crosstab.cell": cell[:, None].numpy(),
        "crosstab.grid": grid.numpy(),
        "crosstab.differences": np.array([[float(differences)]]),
    }
