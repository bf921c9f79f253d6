"""For the PyTorch implementations: inputs as float64 tensors, and NaN where a cell shows an error."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sheetsim.lessons.kit.lesson import Inputs

LARGEST = 709.782712893384  # EXP of more is #NUM!


def tensor(inputs: Inputs, name: str) -> Tensor:
    """An input as a tensor."""
    return torch.tensor(np.asarray(inputs[name]), dtype=torch.float64)


def known(x: Tensor) -> Tensor:
    """NaN where x is infinite."""
    return torch.where(torch.isfinite(x), x, torch.nan)


def column(*parts: Tensor) -> NDArray[np.float64]:
    """Vectors as the columns of a block."""
    found: NDArray[np.float64] = torch.stack(parts, 1).detach().numpy()
    return found


def cell(x: Tensor) -> NDArray[np.float64]:
    """One number as a block of one cell."""
    return np.array([[x.item()]])
