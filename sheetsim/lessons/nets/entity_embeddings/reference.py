"""`entity_embeddings` by torch: nn.Embedding, nn.Linear, autograd, torch.optim.SGD."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import SGD

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.nets.entity_embeddings import PARAMETERS, STARTS, EntityPlaces, places

Array = NDArray[np.float64]


class Tabular(nn.Module):
    """Two embeddings joined with numbers, a linear layer, a ReLU, a linear layer."""

    def __init__(self, day: Tensor, stall: Tensor, layer1: Tensor, layer2: Tensor) -> None:
        super().__init__()
        self.day = nn.Embedding.from_pretrained(day, freeze=False)
        self.stall = nn.Embedding.from_pretrained(stall, freeze=False)
        self.layer1 = nn.Linear(layer1.shape[1] - 1, len(layer1), dtype=torch.float64)
        self.layer2 = nn.Linear(len(layer1), 1, dtype=torch.float64)
        with torch.no_grad():
            self.layer1.bias.copy_(layer1[:, 0])
            self.layer1.weight.copy_(layer1[:, 1:])
            self.layer2.weight.copy_(layer2[:, :-1])
            self.layer2.bias.copy_(layer2[0, -1:])

    def forward(self, where: Tensor, number: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """What is looked up, hidden layer before and after its ReLU, predictions."""
        looked = torch.hstack([self.day(where[:, 0]), self.stall(where[:, 1])])
        z = self.layer1(torch.hstack([looked, number]))
        h = F.relu(z)
        return looked, z, h, self.layer2(h)[:, 0]

    def shown(self, *, grad: bool) -> dict[str, Array]:
        """Weights, or their gradients, as the sheet has them."""

        def get(parameter: nn.Parameter) -> Tensor:
            return parameter.grad if grad and parameter.grad is not None else parameter

        layer1 = columns(get(self.layer1.bias), get(self.layer1.weight))
        layer2 = columns(get(self.layer2.weight), get(self.layer2.bias))
        tables = {"day": columns(get(self.day.weight)), "stall": columns(get(self.stall.weight))}
        return {**tables, "layer1": layer1, "layer2": layer2}


def columns(*parts: Tensor) -> Array:
    """Side by side, as NumPy."""
    return torch.column_stack(parts).detach().numpy().copy()


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    place = EntityPlaces(
        {one.name: float(inputs[one.name]) for one in PARAMETERS if one.integer and one.name != "seed"}
    )
    number, sold = (torch.tensor(np.asarray(inputs[name], np.float64)) for name in ("number", "sold"))
    where = torch.tensor(places(inputs))
    net = Tabular(*(torch.tensor(np.asarray(inputs[name], np.float64)) for name in STARTS))
    optimizer = SGD(net.parameters(), float(inputs["lr"]), weight_decay=float(inputs["weight_decay"]))
    rows, others = slice(0, place.rows), slice(place.rows, None)
    found: dict[str, Array] = {"place": where.numpy() + 1.0}
    summary = []
    for epoch in range(1, place.epochs + 1):
        optimizer.zero_grad()
        looked, z, h, pred = net(where[rows], number[rows])
        for one in (looked, z, pred):
            one.retain_grad()
        F.mse_loss(pred, sold[rows]).backward()
        with torch.no_grad():
            seen = [
                torch.cat(both)
                for both in zip((looked, z, h, pred), net(where[others], number[others]), strict=True)
            ]
        loss = F.mse_loss(seen[3], sold, reduction="none")
        name = f"epoch{epoch}"
        found |= {f"{name}.looked": columns(seen[0]), f"{name}.hidden": columns(seen[1])}
        found[f"{name}.out"] = columns(seen[2], torch.ones_like(seen[3]), seen[3], loss)
        found[f"{name}.slopes"] = columns(pred.grad, z.grad, looked.grad)
        found |= {f"{name}.grad_{which}": grad for which, grad in net.shown(grad=True).items()}
        optimizer.step()
        found |= {f"epoch{epoch + 1}.{which}": weight for which, weight in net.shown(grad=False).items()}
        summary.append([loss[rows].mean().item(), loss[others].mean().item()])
    return found | {"summary": np.array(summary)}
