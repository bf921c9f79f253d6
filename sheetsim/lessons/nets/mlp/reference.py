"""`mlp` by torch: nn.Linear, leaky_relu, autograd, torch.optim.SGD with a parameter group for each layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import SGD

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.nets.mlp import GROUPS, LAYER1, LAYER2, MOST_GROUPS, MlpPlaces

Array = NDArray[np.float64]


class TwoLayerNet(nn.Module):
    """Two linear layers with an activation between."""

    def __init__(self, layer1: Tensor, layer2: Tensor, negative_slope: float) -> None:
        super().__init__()
        self.layer1 = nn.Linear(2, layer1.shape[1], dtype=torch.float64)
        self.layer2 = nn.Linear(layer1.shape[1], 1, dtype=torch.float64)
        self.negative_slope = negative_slope
        with torch.no_grad():
            self.layer1.bias.copy_(layer1[0])
            self.layer1.weight.copy_(layer1[1:].T)
            self.layer2.weight.copy_(layer2[:, :-1])
            self.layer2.bias.copy_(layer2[0, -1:])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Hidden layer before and after its activation, logits."""
        z = self.layer1(x)
        h = F.leaky_relu(z, self.negative_slope)
        return z, h, self.layer2(h)[:, 0]


def columns(*parts: Tensor) -> Array:
    """Side by side, as NumPy."""
    return torch.column_stack(parts).detach().numpy().copy()


def shown(layer1: nn.Linear, layer2: nn.Linear, get: Any) -> tuple[Array, Array]:
    """Weights, or gradients, as the sheet has them: a unit a column, layer 1's bias first, layer 2's last."""
    parts = get(layer1.bias), get(layer1.weight), get(layer2.weight), get(layer2.bias)
    bias1, weight1, weight2, bias2 = parts
    return columns(bias1, weight1).T.copy(), columns(weight2, bias2)


def slope_of(parameter: nn.Parameter) -> Tensor:
    """Its gradient; a frozen one has none, and the sheet shows 0."""
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad


def losses(logit: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """The loss of each point, and 1 where the guess is right."""
    right = ((logit > 0) == (y > 0.5)).double().where(logit.isfinite(), torch.nan)
    return F.binary_cross_entropy_with_logits(logit, y, reduction="none"), right


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    place = MlpPlaces({name: float(inputs[name]) for name in ("points", "valid", "hidden", "epochs")})
    names = ("train_x", "train_y", "valid_x", "valid_y", LAYER1, LAYER2)
    x, y, valid_x, valid_y, start1, start2 = (
        torch.tensor(np.asarray(inputs[name], np.float64)) for name in names
    )
    net = TwoLayerNet(start1, start2, float(inputs["negative_slope"]))
    rates = slices(float(inputs["lr_first"]), float(inputs["lr_last"]))
    layers = (net.layer1, net.layer2)
    groups = [
        {"params": layer.parameters(), "lr": float(lr)}
        for layer, lr in zip(layers, rates[GROUPS - 2], strict=False)
    ]
    optimizer = SGD(groups, weight_decay=float(inputs["weight_decay"]))
    found: dict[str, Array] = {"slice": rates}
    summary = []
    for epoch in range(1, place.epochs + 1):
        frozen = epoch <= float(inputs["freeze_epochs"])
        net.layer1.requires_grad_(not frozen)
        optimizer.zero_grad()
        z, h, logit = net(x.clone().requires_grad_())
        for one in (z, logit):
            one.retain_grad()
        F.binary_cross_entropy_with_logits(logit, y).backward()
        loss, right = losses(logit, y)
        name = f"epoch{epoch}"
        found |= {f"{name}.hidden": columns(z), f"{name}.slopes": columns(z.grad)}
        found[f"{name}.out"] = columns(
            *(h, torch.ones_like(logit), logit, torch.sigmoid(logit), loss, right, logit.grad)
        )
        found[f"{name}.grad1"], found[f"{name}.grad2"] = shown(*layers, slope_of)
        optimizer.step()
        found[f"epoch{epoch + 1}.layer1"], found[f"epoch{epoch + 1}.layer2"] = shown(*layers, lambda one: one)
        with torch.no_grad():
            valid = net(valid_x)[2]
            seen = losses(valid, valid_y)
        found[f"valid{epoch}"] = columns(valid, *seen)
        lrs = [0.0 if frozen else rates[GROUPS - 2, 0], rates[GROUPS - 2, 1]]
        summary.append(
            [*lrs, *(part.mean().item() for both in zip((loss, right), seen, strict=True) for part in both)]
        )
    return found | {"summary": np.array(summary), **one_layer(net, x)}


def slices(first: float, last: float) -> Array:
    """Learning rates spread evenly by their logarithms, over 2 groups and more."""
    rates = np.full((MOST_GROUPS - 1, MOST_GROUPS), np.nan)
    for count in range(2, MOST_GROUPS + 1):
        spread = torch.linspace(np.log(first), np.log(last), count, dtype=torch.float64)
        rates[count - 2, :count] = spread.exp().numpy()
    return rates


def one_layer(net: TwoLayerNet, x: Tensor) -> dict[str, Array]:
    """The two layers with nothing between, as one nn.Linear."""
    two = nn.Sequential(net.layer1, net.layer2)
    one = nn.Linear(2, 1, dtype=torch.float64)
    with torch.no_grad():
        one.weight.copy_(net.layer2.weight @ net.layer1.weight)
        one.bias.copy_(net.layer2(net.layer1.bias))
    logits = columns(two(x), one(x), net(x)[2])
    return {"one.layer": columns(one.bias, one.weight), "one.logits": logits}
