"""Layers in NumPy, in the order in which a sheet adds: strictly from the first product to the last.

A weight is [outputs, inputs], as torch has it, with its bias in a column before the first: [outputs, 1 +
inputs], and its gradient likewise. `delta` is the slope of the loss with regard to a layer's output,
[examples, outputs].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def total(products: Array, axis: int) -> Array:
    """SUM, SUMPRODUCT: along an axis from the first to the last."""
    found: Array = np.take(np.cumsum(products, axis), -1, axis)
    return found


def linear(x: Array, weight: Array) -> Array:
    """x times the weights, then the bias: [examples, outputs]."""
    return total(x[:, None, :] * weight[None, :, 1:], 2) + weight[:, 0]


def weight_grad(delta: Array, x: Array) -> Array:
    """Gradients of bias and weights, added up over the examples: [outputs, 1 + inputs]."""
    products = delta[:, :, None] * x[:, None, :]
    return np.column_stack([total(delta, 0), total(products, 0)])


def input_grad(delta: Array, weight: Array) -> Array:
    """The slope with regard to the layer's input: [examples, inputs]."""
    return total(delta[:, :, None] * weight[None, :, 1:], 1)


def sgd(param: Array, grad: Array, lr: float, weight_decay: float) -> Array:
    """A step of torch.optim.SGD: weight decay is added to the gradient."""
    return param - lr * (grad + weight_decay * param)


def activate(z: Array, slope: float) -> Array:
    """ReLU; with a slope, what is below 0 is not cut off but made smaller."""
    found: Array = np.where(z > 0, z, slope * z)
    return found


def mean(values: Array) -> float:
    """AVERAGE."""
    return float(total(values, 0) / len(values))
