"""`lookup` by torch: nn.Embedding, counted by torch's own FlopCounterMode, slopes by autograd."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from sheetsim.lessons.collab._embedding.reference import (
    as_arrays,
    bytes_of,
    counted,
    from_one,
    places,
    sizes,
    slope,
    tensor,
    together,
)
from sheetsim.lessons.kit.lesson import Inputs


def count_rows(layer: nn.Embedding, ids: Tensor) -> tuple[Tensor, list[float]]:
    """The layer's rows, NaN for an unknown id (-1), and what they cost: multiplications, additions, bytes
    read, written and held. For each number, where it stands is read beside itself."""
    with FlopCounterMode(display=False) as counter:
        rows = layer(ids.clamp(min=0)).masked_fill((ids < 0)[:, None], torch.nan)
    operations = counter.get_total_flops()
    read = bytes_of(rows, ids[:, None].expand_as(rows))
    return rows, [operations, operations, read, bytes_of(rows), bytes_of(ids)]


def compute(inputs: Inputs) -> dict[str, NDArray[np.float64]]:
    """All blocks of the lesson, from the inputs of its workbook."""
    user_id, movie_id, rating = (tensor(inputs, name) for name in ("user_id", "movie_id", "rating"))
    user_place, movie_place = (
        places(tensor(inputs, "user"), user_id),
        places(tensor(inputs, "movie"), movie_id),
    )
    users = nn.Embedding.from_pretrained(tensor(inputs, "user_factors"), freeze=False)
    movies = nn.Embedding.from_pretrained(tensor(inputs, "movie_factors"), freeze=False)
    user_vector, user_cost = count_rows(users, user_place)
    movie_vector, movie_cost = count_rows(movies, movie_place)
    predict = (user_vector * movie_vector).sum(dim=1)
    predict.retain_grad()
    loss = F.mse_loss(predict, rating)
    loss.backward()
    return as_arrays(
        {
            "user_number": counted(users.weight),
            "movie_number": counted(movies.weight),
            "user_place": from_one(user_place),
            "movie_place": from_one(movie_place),
            "user_vector": user_vector,
            "movie_vector": movie_vector,
            "predict": predict[:, None],
            "squared_error": F.mse_loss(predict, rating, reduction="none")[:, None],
            "rmse": loss.sqrt().reshape(1, 1),
            "predict_grad": slope(predict, predict)[:, None],
            "user_grad": slope(users.weight, predict),
            "movie_grad": slope(movies.weight, predict),
            "size": sizes(users.weight, movies.weight, rating),
            "cost": together(user_cost, movie_cost),
        }
    )
