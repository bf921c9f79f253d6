"""`onehot` by torch: F.one_hot(ids) @ weight, counted by torch's own FlopCounterMode, slopes by autograd."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
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


def one_hot(ids: Tensor, size: int) -> Tensor:
    """A row for each id; NaN for an unknown one."""
    hot = F.one_hot(ids.clamp(min=0), size).double()
    return hot.masked_fill((ids < 0)[:, None], torch.nan)


def count_product(hot: Tensor, weight: Tensor) -> tuple[Tensor, list[float]]:
    """hot @ weight, and what it costs: multiplications, additions, bytes read, written and held. torch counts
    a multiplication and an addition for each product, the first one's to 0, which is none here."""
    with FlopCounterMode(display=False) as counter:
        product = hot @ weight
    products = counter.get_total_flops() / 2
    if hot.device.type != "meta" and hot.isnan().any():
        product = product * torch.nan  # a sheet's product of matrices has one error for all
    pairs = torch.broadcast_tensors(hot[:, :, None], weight[None])
    return product, [
        products,
        products - product.numel(),
        bytes_of(*pairs),
        bytes_of(product),
        bytes_of(hot),
    ]


def compute(inputs: Inputs) -> dict[str, NDArray[np.float64]]:
    """All blocks of the lesson, from the inputs of its workbook."""
    user_id, movie_id, rating = (tensor(inputs, name) for name in ("user_id", "movie_id", "rating"))
    user_place, movie_place = (
        places(tensor(inputs, "user"), user_id),
        places(tensor(inputs, "movie"), movie_id),
    )
    users = tensor(inputs, "user_factors").requires_grad_()
    movies = tensor(inputs, "movie_factors").requires_grad_()
    user_hot, movie_hot = one_hot(user_place, len(users)), one_hot(movie_place, len(movies))
    user_vector, user_cost = count_product(user_hot, users)
    movie_vector, movie_cost = count_product(movie_hot, movies)
    predict = (user_vector * movie_vector).sum(dim=1)
    predict.retain_grad()
    loss = F.mse_loss(predict, rating)
    loss.backward()
    return as_arrays(
        {
            "user_number": counted(users),
            "movie_number": counted(movies),
            "user_place": from_one(user_place),
            "movie_place": from_one(movie_place),
            "user_slot": counted(users).T,
            "movie_slot": counted(movies).T,
            "user_one_hot": user_hot,
            "movie_one_hot": movie_hot,
            "user_vector": user_vector,
            "movie_vector": movie_vector,
            "predict": predict[:, None],
            "squared_error": F.mse_loss(predict, rating, reduction="none")[:, None],
            "rmse": loss.sqrt().reshape(1, 1),
            "predict_grad": slope(predict, predict)[:, None],
            "user_grad": slope(users, predict),
            "movie_grad": slope(movies, predict),
            "size": sizes(users, movies, rating),
            "cost": together(user_cost, movie_cost),
        }
    )
