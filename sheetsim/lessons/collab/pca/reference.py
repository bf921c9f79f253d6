"""`pca` by torch: torch.cov, torch.linalg.svd for the axes, F.cosine_similarity for the distances.

The steps of the power iteration are told by torch.mv. The axes are those of the singular value decomposition,
which needs no steps; only from where an iteration has not come to rest are its last vectors told instead, as
there the two must differ.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sheetsim.lessons.kit.lesson import Inputs

Blocks = dict[str, NDArray[np.float64]]

AT_REST = 1e-13  # how far the last step may move a vector


def upright(axis: Tensor) -> Tensor:
    """The axis with its largest part positive."""
    return axis if axis.max() >= -axis.min() else -axis


def power_iteration(matrix: Tensor, start: Tensor, steps: int) -> dict[str, Tensor]:
    """Every vector on the way to the matrix's main direction."""
    v = [start / torch.linalg.vector_norm(start)]
    w = [torch.mv(matrix, v[0])]
    for _ in range(steps):
        v.append(w[-1] / torch.linalg.vector_norm(w[-1]))
        w.append(torch.mv(matrix, v[-1]))
    vectors, products = torch.stack(v), torch.stack(w)
    return {
        "start": vectors[:1],
        "v": vectors[1:],
        "w": products,
        "length": torch.linalg.vector_norm(products, dim=1, keepdim=True),
        "moved": torch.linalg.vector_norm(vectors.diff(dim=0), dim=1, keepdim=True),
    }


def components(factors: Tensor, start: Tensor, steps: int) -> Blocks:
    """The movies on three axes, and how these are found."""
    centred = factors - factors.mean(dim=0)
    matrix = torch.cov(factors.T)
    _, singular, directions = torch.linalg.svd(centred, full_matrices=False)
    found: dict[str, Tensor] = {}
    axes, variance, at_rest = [], [], True
    for n in (1, 2, 3):
        told = power_iteration(matrix, start, steps)
        last, length = told["v"][-1], told["length"][-1, 0]
        at_rest &= bool(told["moved"][-1, 0] < AT_REST)  # the axes before it too
        if at_rest:
            axes.append(upright(directions[n - 1]))
            variance.append(singular[n - 1] ** 2 / (len(factors) - 1))
        else:
            axes.append(upright(last))
            variance.append(length)
        found |= {f"matrix{n}": matrix, f"axis{n}": axes[-1][:, None]}
        found |= {f"{name}{n}": block for name, block in told.items()}
        matrix = matrix - length * torch.outer(last, last)
    share = torch.stack(variance) / torch.cov(factors.T).trace()
    found |= {
        "mean": factors.mean(dim=0, keepdim=True),
        "centred": centred,
        "variance": torch.stack(variance)[None, :],
        "share": share[None, :],
        "so_far": share.cumsum(0)[None, :],
        "projected": centred @ torch.stack(axes, dim=1),
    }
    return {name: block.numpy() for name, block in found.items()}


def ranks(keys: Tensor) -> Tensor:
    """The place of each number, from 1 for the lowest."""
    order = torch.argsort(keys, stable=True)
    return torch.argsort(order).double() + 1


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    factors, bias, start = (
        torch.tensor(np.asarray(inputs[name]), dtype=torch.float64)
        for name in ("movie_factors", "movie_bias", "start")
    )
    titles = [str(title).casefold() for title in np.asarray(inputs["title"]).flat]
    wanted = str(np.asarray(inputs["chosen"]).flat[0]).casefold()
    place = titles.index(wanted) if wanted in titles else None
    distance, near, by_distance = (torch.full_like(bias, torch.nan) for _ in range(3))
    if place is not None:
        distance = 1 - F.cosine_similarity(factors, factors[place : place + 1], dim=1, eps=0)
        if distance.isfinite().all():
            near, by_distance = ranks(distance), distance.sort(stable=True).values
    row = torch.nan if place is None else place + 1.0
    return components(factors, start[0], int(inputs["steps"])) | {
        "rank": ranks(-bias)[:, None].numpy(),
        "by_bias": bias.sort(descending=True, stable=True).values[:, None].numpy(),
        "place": np.array([[row]]),
        "distance": distance[:, None].numpy(),
        "near_rank": near[:, None].numpy(),
        "by_distance": by_distance[:, None].numpy(),
    }
