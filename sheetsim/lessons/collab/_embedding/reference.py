"""What the look-ups share by torch."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sheetsim.lessons.kit.lesson import Inputs


def tensor(inputs: Inputs, name: str) -> Tensor:
    return torch.tensor(np.asarray(inputs[name]), dtype=torch.float64)


def places(wanted: Tensor, ids: Tensor) -> Tensor:
    """For each rating the row of its user or movie, from 0; -1 where the id lies before all others. On sorted
    ids it is searchsorted; on others it goes astray as Excel's MATCH does, whose bisection this is: an equal
    id ends it, at the last of those that are equal to it."""
    wanted, ids = wanted.ravel(), ids.ravel()
    runs = torch.cat([torch.zeros(1, dtype=torch.long), (ids[1:] != ids[:-1]).long().cumsum(0)])
    last = torch.searchsorted(runs, runs, right=True) - 1  # where each run of equal ids ends
    low, high = torch.zeros_like(wanted, dtype=torch.long), torch.full_like(wanted, len(ids) - 1).long()
    while (low <= high).any():
        going = low <= high
        middle = torch.where(going, (low + high) // 2, 0)
        found = ids[middle]
        equal, below = going & (found == wanted), going & (found < wanted)
        low = torch.where(equal, len(ids), torch.where(below, middle + 1, low))
        high = torch.where(equal, last[middle], torch.where(going & ~equal & ~below, middle - 1, high))
    return high


def from_one(ids: Tensor) -> Tensor:
    """The same places counted from 1, NaN for the unknown."""
    return (ids + 1.0).masked_fill(ids < 0, torch.nan)[:, None]


def slope(of: Tensor, predict: Tensor) -> Tensor:
    """What autograd has left there. Sums of a sheet, one of whose terms is an error, are errors."""
    assert of.grad is not None
    return of.grad * torch.nan if of is not predict and predict.isnan().any() else of.grad


def counted(table: Tensor) -> Tensor:
    """The rows of a table, counted; the first one's number is typed."""
    return torch.arange(2, len(table) + 1)[:, None]


def sizes(users: Tensor, movies: Tensor, rating: Tensor) -> Tensor:
    """Rows of both tables, ratings, factors: for users, for movies."""
    return torch.tensor([[len(table), len(rating), table.shape[1]] for table in (users, movies)]).T


def together(user: list[float], movie: list[float]) -> Tensor:
    """Costs of both tables and their sums."""
    both = torch.tensor([user, movie], dtype=torch.float64).T
    return torch.cat([both, both.sum(dim=1, keepdim=True)], dim=1)


def as_arrays(blocks: dict[str, Tensor]) -> dict[str, NDArray[np.float64]]:
    return {name: block.detach().double().numpy() for name, block in blocks.items()}


def bytes_of(*tensors: Tensor) -> int:
    """Their numbers' bytes, broadcast ones as often as they are used."""
    return sum(one.numel() * one.element_size() for one in tensors)
