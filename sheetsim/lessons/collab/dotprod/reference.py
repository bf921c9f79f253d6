"""`dotprod` by torch: a module with two real nn.Embedding layers."""

import torch
from torch import Tensor, nn

from sheetsim.lessons.collab._shared.reference import Blocks, crosstab, embedding, errors, pairs, tensor
from sheetsim.lessons.kit.lesson import Inputs


class DotProduct(nn.Module):
    """The course's model: look up a user's and a movie's factors, multiply, add up."""

    def __init__(self, users: Tensor, movies: Tensor) -> None:
        super().__init__()
        self.user_factors, self.movie_factors = embedding(users), embedding(movies)

    def forward(self, user: Tensor, movie: Tensor) -> Tensor:
        product: Tensor = self.user_factors(user) * self.movie_factors(movie)
        return product.sum(dim=1)


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    rating = tensor(inputs, "ratings")
    model = DotProduct(tensor(inputs, "user_factors"), tensor(inputs, "movie_factors").T)
    with torch.no_grad():
        product = model(*pairs(*rating.shape)).reshape(rating.shape)
    blank = rating.isnan()
    predict = product.masked_fill(~rating.isfinite(), 0)
    unseen = product.masked_fill(~blank, torch.nan)
    best = product.masked_fill(~blank, -torch.inf).amax(dim=1, keepdim=True)
    return {
        "predict": predict.numpy(),
        **errors(rating, predict),
        "unseen": unseen.numpy(),
        "given": (~blank).sum(dim=1, keepdim=True).double().numpy(),
        "best": best.masked_fill(best.isinf(), torch.nan).numpy(),
        **crosstab(inputs),
    }
