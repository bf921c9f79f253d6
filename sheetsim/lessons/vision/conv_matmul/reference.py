"""`conv_matmul` by torch: F.conv2d, F.unfold, and the Jacobian of F.conv2d, which is the banded matrix.

That autograd finds the banded matrix, having been told nothing of it, is what "a convolution is linear"
means. Torch's own layers count the costs: what a convolution needs beside a linear layer of the same outputs.
"""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.autograd.functional import jacobian

from sheetsim.lessons.kit.lesson import Inputs


def conv(image: Tensor, weights: Tensor) -> Tensor:
    """One picture, one filter: [rows, columns] to [rows, columns]."""
    return F.conv2d(image[None, None], weights[None, None])[0, 0]


def count(n: float, k: int) -> list[float]:
    """The costs of a row, from the shapes and sizes of torch's own layers on the device that stores nothing;
    by arithmetic for a picture that no layer takes."""
    if n % 1 or n < k or n > 10_000:
        side = n - k + 1
        windows = side * side
        share = k * k / (n * n) if n else float("nan")
        return [windows, windows * k * k, windows * k * k, windows * (n * n), share]
    size = int(n)
    outputs = nn.Conv2d(1, 1, k, bias=False, device="meta")(torch.empty(1, 1, size, size, device="meta"))
    unfolded = F.unfold(torch.empty(1, 1, size, size, device="meta"), k).numel()
    linear = nn.Linear(size * size, outputs.numel(), bias=False, device="meta")
    matrix = linear.weight.numel()  # each weight of it is one multiplication
    return [float(outputs.numel()), float(unfolded), float(unfolded), float(matrix), unfolded / matrix]


def compute(inputs: Inputs) -> dict[str, NDArray[np.float64]]:
    """All blocks of the lesson, from the inputs of its workbook."""
    image, filters = (
        torch.tensor(np.asarray(inputs[name]), dtype=torch.float64) for name in ("image", "filters")
    )
    k = round(filters.shape[1] ** 0.5)
    weights = filters[int(inputs["filter"])].reshape(k, k)
    sliding = conv(image, weights)
    unfolded = F.unfold(image[None, None], k)[0].T  # torch has a window a column
    product = unfolded @ weights.reshape(-1, 1)
    banded = jacobian(lambda x: conv(x, weights), image).reshape(sliding.numel(), image.numel())
    banded_product = banded @ image.reshape(-1, 1)
    folded, banded_folded = product.reshape(sliding.shape), banded_product.reshape(sliding.shape)
    window = unfolded[min(int(inputs["patch"]), len(unfolded)) - 1].reshape(k, k)
    products = window * weights
    blocks = {
        "weights": weights,
        "sliding": sliding,
        "unfolded": unfolded,
        "weight_column": weights.reshape(-1, 1),
        "product": product,
        "folded": folded,
        "banded": banded,
        "image_column": image.reshape(-1, 1),
        "banded_product": banded_product,
        "banded_folded": banded_folded,
        "off_im2col": torch.round(folded - sliding, decimals=12),
        "off_banded": torch.round(banded_folded - sliding, decimals=12),
        "window": window,
        "products": products,
        "sum": products.sum().reshape(1, 1),
    }
    told = {name: block.numpy() for name, block in blocks.items()}
    return told | {"counts": np.array([count(n, k) for n in np.asarray(inputs["count_n"]).tolist()])}
