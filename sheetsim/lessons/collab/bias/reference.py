"""`bias` by torch: nn.Embedding layers for factors and biases, torch.sigmoid for the range."""

import numpy as np
import torch
from torch import Tensor, nn

from sheetsim.lessons.collab._shared.reference import (
    Blocks,
    crosstab,
    embedding,
    errors,
    pairs,
    root_mean_square,
    tensor,
)
from sheetsim.lessons.collab.bias import BLANK_BIAS, RANGED
from sheetsim.lessons.kit.lesson import Inputs


class DotProductBias(nn.Module):
    """The course's model: dot product plus biases, in a range if there is one."""

    def __init__(self, inputs: Inputs, prefix: str = "", y_range: tuple[float, float] | None = None) -> None:
        super().__init__()
        self.user_factors = embedding(tensor(inputs, f"{prefix}user_factors"))
        self.movie_factors = embedding(tensor(inputs, f"{prefix}movie_factors").T)
        self.user_bias = embedding(tensor(inputs, f"{prefix}user_bias").reshape(-1, 1))
        self.movie_bias = embedding(tensor(inputs, f"{prefix}movie_bias").reshape(-1, 1))
        self.y_range = y_range

    def score(self, user: Tensor, movie: Tensor) -> Tensor:
        product: Tensor = (self.user_factors(user) * self.movie_factors(movie)).sum(dim=1, keepdim=True)
        return (product + self.movie_bias(movie) + self.user_bias(user)).squeeze(1)

    def forward(self, user: Tensor, movie: Tensor) -> Tensor:
        score = self.score(user, movie)
        if self.y_range is None:
            return score
        low, high = self.y_range
        return torch.sigmoid(score) * (high - low) + low


def means(rating: Tensor, bias: Tensor) -> np.ndarray:
    """Of each row of ratings: how many, their mean, how far it is from the mean of all, the bias."""
    mean = rating.nanmean(dim=1)
    count = (~rating.isnan()).sum(dim=1).double()
    return torch.stack([count, mean, mean - rating.nanmean(), bias.reshape(-1)], dim=1).numpy()


def in_range(inputs: Inputs, rating: Tensor) -> Blocks:
    """The model whose predictions are kept in a range; {} where the workbook has none."""
    if f"{RANGED}user_factors" not in inputs:
        return {}
    limits = (float(inputs["y_low"]), float(inputs["y_high"]))
    model = DotProductBias(inputs, RANGED, limits if inputs["y_range"] else None)
    every, blank = pairs(*rating.shape), rating.isnan()
    predict = model(*every).reshape(rating.shape).masked_fill(blank, 0)
    return {
        f"{RANGED}score": model.score(*every).reshape(rating.shape).masked_fill(blank, torch.nan).numpy(),
        f"{RANGED}predict": predict.numpy(),
        f"{RANGED}rmse": np.array([[root_mean_square(rating, predict)]]),
    }


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    with torch.no_grad():
        return _blocks(inputs)


def _blocks(inputs: Inputs) -> Blocks:
    rating, user_bias, movie_bias = (tensor(inputs, name) for name in ("ratings", "user_bias", "movie_bias"))
    predict = DotProductBias(inputs)(*pairs(*rating.shape)).reshape(rating.shape)
    bare = movie_bias.reshape(1, -1) + user_bias.reshape(-1, 1)
    empty = bare if inputs.get(BLANK_BIAS) else torch.zeros_like(bare)
    predict = torch.where(rating.isnan(), empty, predict)
    return {
        "predict": predict.numpy(),
        **errors(rating, predict),
        "mean": rating.nanmean().reshape(1, 1).numpy(),
        "user_means": means(rating, user_bias),
        "movie_means": means(rating.T, movie_bias),
        **in_range(inputs, rating),
        **crosstab(inputs),
    }
