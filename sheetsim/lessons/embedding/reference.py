"""What the look-ups share by torch: F.mse_loss for the error, autograd for every slope, and torch's own
counter of operations."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sheetsim.lessons.lesson import Inputs

Blocks = dict[str, NDArray[np.float64]]
SIDES = ("user", "movie")


def tensor(inputs: Inputs, name: str) -> Tensor:
    return torch.tensor(np.asarray(inputs[name]), dtype=torch.float64)


def places(inputs: Inputs, side: str) -> Tensor:
    """For each rating the row of its user or movie, from 0; -1 where the id lies before all others."""
    return torch.searchsorted(tensor(inputs, f"{side}_id").ravel(), tensor(inputs, side), right=True) - 1


def from_one(ids: Tensor) -> NDArray[np.float64]:
    """The same places counted from 1, NaN for the unknown."""
    return (ids + 1.0).masked_fill(ids < 0, torch.nan)[:, None].numpy()


def judge(vectors: dict[str, Tensor], weights: dict[str, Tensor], rating: Tensor) -> Blocks:
    """Predictions, errors, and, by autograd, the slopes of the mean squared error for the predictions and for
    the weights that the vectors come from."""
    predict = (vectors["user"] * vectors["movie"]).sum(dim=1)
    predict.retain_grad()
    loss = F.mse_loss(predict, rating)
    loss.backward()
    grads = {"predict": predict.grad} | {side: weights[side].grad for side in SIDES}
    found = {
        "predict": predict[:, None],
        "squared_error": F.mse_loss(predict, rating, reduction="none")[:, None],
        "rmse": loss.sqrt().reshape(1, 1),
    }
    for name, grad in grads.items():
        assert grad is not None
        if name != "predict" and predict.isnan().any():
            grad = grad * torch.nan  # sums of a sheet, one of whose terms is an error
        found[f"{name}_grad"] = grad if grad.dim() == 2 else grad[:, None]
    return {name: block.detach().numpy() for name, block in found.items()}


def table_numbers(inputs: Inputs) -> Blocks:
    """The rows of both tables, counted; the first one's number is typed."""
    return {
        f"{side}_number": torch.arange(2, tensor(inputs, f"{side}_id").numel() + 1).double()[:, None].numpy()
        for side in SIDES
    }


def sizes(inputs: Inputs) -> NDArray[np.float64]:
    """Rows of both tables, ratings, factors."""
    shapes = [tensor(inputs, f"{side}_factors").shape for side in SIDES]
    ratings = [float(tensor(inputs, side).numel()) for side in SIDES]
    return np.array([[rows for rows, _ in shapes], ratings, [factors for _, factors in shapes]], float)


def together(costs: dict[str, list[float]]) -> NDArray[np.float64]:
    """Costs of both tables and their sums."""
    both = torch.tensor([costs[side] for side in SIDES], dtype=torch.float64).T
    return torch.cat([both, both.sum(dim=1, keepdim=True)], dim=1).numpy()


def bytes_of(*tensors: Tensor) -> int:
    """Their numbers' bytes, broadcast ones as often as they are used."""
    return sum(one.numel() * one.element_size() for one in tensors)
