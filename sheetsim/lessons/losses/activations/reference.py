"""`activations` by torch.nn.functional, the slopes by autograd."""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.losses.activations import EXACT_DIGITS, FUNCTIONS, LAYERS

Blocks = dict[str, NDArray[np.float64]]
Function = Callable[[Tensor], Tensor]


def functions(negative_slope: float) -> dict[str, Function]:
    """torch's own, by the lesson's names."""
    return {
        "relu": F.relu,
        "leaky relu": lambda x: F.leaky_relu(x, negative_slope),
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "silu": F.silu,
        "gelu": lambda x: F.gelu(x, approximate="tanh"),
        "mish": F.mish,
    }


def with_slope(function: Function, x: Tensor) -> tuple[Tensor, Tensor]:
    """The function's values and, by autograd, its slopes."""
    x = x.clone().requires_grad_()
    value = function(x)
    (slope,) = torch.autograd.grad(value.sum(), x)
    return value.detach(), slope


def layers(signal: float, known: dict[str, Function]) -> Blocks:
    """Layer after layer; the slope of what comes out for what went in, by autograd through all of them."""
    signals, passed = [], []
    for name in ("relu", "leaky relu", "sigmoid", "tanh", "silu"):
        start = torch.tensor(signal, dtype=torch.float64, requires_grad=True)
        x, rows, slopes = start, [start.detach()], [torch.ones((), dtype=torch.float64)]
        for _ in range(LAYERS):
            x = known[name](x)
            rows.append(x.detach())
            slopes.append(torch.autograd.grad(x, start, retain_graph=True)[0])
        signals.append(torch.stack(rows))
        passed.append(torch.stack(slopes))
    return {"signals": torch.stack(signals, 1).numpy(), "passed": torch.stack(passed, 1).numpy()}


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    low, step, leak, x0, h = (float(inputs[name]) for name in ("low", "step", "negative_slope", "x0", "h"))
    known = functions(leak)
    x = low + step * torch.arange(int(inputs["rows"]), dtype=torch.float64)
    near = torch.tensor([x0 - h, x0, x0 + h], dtype=torch.float64)
    told = [with_slope(known[name], x) for name in FUNCTIONS]
    around = [with_slope(known[name], near) for name in FUNCTIONS]
    at = torch.stack([value for value, _ in around])
    slope = torch.stack([slope[1:2] for _, slope in around])
    estimate = (at[:, 2:] - at[:, :1]) / (2 * h)
    chosen = int(inputs["function"])
    exact = torch.round(F.gelu(x), decimals=EXACT_DIGITS)
    gelu = told[FUNCTIONS.index("gelu")][0]
    cubic = torch.tanh((2 / torch.pi) ** 0.5 * (x + 0.044715 * x**3))
    tangent = at[chosen, 1] + slope[chosen] * (x - x0)
    place = torch.tensor([chosen + 1.0], dtype=torch.float64)
    found = {
        "x": x[:, None],
        "values": torch.stack([value for value, _ in told], 1),
        "inner": torch.stack([cubic, torch.tanh(F.softplus(x))], 1),
        "slopes": torch.stack([slope for _, slope in told], 1),
        "exact": torch.stack([exact, torch.round(gelu - exact, decimals=EXACT_DIGITS)], 1),
        "at": at,
        "slope": slope,
        "estimate": estimate,
        "apart": torch.round(estimate - slope, decimals=6),
        "chosen": torch.cat([place, at[chosen, 1:2], slope[chosen]])[None],
        "tangent": torch.stack([x, told[chosen][0], tangent], 1),
    }
    return {name: values.numpy() for name, values in found.items()} | layers(float(inputs["signal"]), known)
