"""`logistic` by torch: nn.Linear, F.cross_entropy, autograd and torch.optim.SGD."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import SGD

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.nets.logistic import WEIGHT0, LogisticPlaces, labels_of


def with_bias(bias: Tensor, weight: Tensor) -> NDArray[np.float64]:
    """As the sheet has them: a row an output, the bias first."""
    return torch.column_stack([bias, weight]).detach().numpy().copy()


def accuracy(logits: Tensor, labels: Tensor) -> Tensor:
    return (logits.argmax(1) == labels).double()


def compute(inputs: Inputs) -> dict[str, NDArray[np.float64]]:
    """All blocks of the lesson, from the inputs of its workbook."""
    place = LogisticPlaces(
        {name: float(inputs[name]) for name in ("classes", "size", "batch", "batches", "epochs", "valid")}
    )
    train_x, valid_x, start = (
        torch.tensor(inputs[name], dtype=torch.float64) for name in ("train_x", "valid_x", WEIGHT0)
    )
    train_y, valid_y = (torch.tensor(labels_of(inputs, name)) for name in ("train_y", "valid_y"))
    model = nn.Linear(place.pixels, place.classes, dtype=torch.float64)
    with torch.no_grad():
        model.weight.copy_(start[:, 1:])
        model.bias.copy_(start[:, 0])
    optimizer = SGD(model.parameters(), float(inputs["lr"]), weight_decay=float(inputs["weight_decay"]))
    found: dict[str, NDArray[np.float64]] = {}
    means, losses, hits = [], [], []
    for step in range(1, place.steps + 1):
        batch = slice(
            (step - 1) % place.batches * place.batch, (step - 1) % place.batches * place.batch + place.batch
        )
        x, y = train_x[batch], train_y[batch]
        optimizer.zero_grad()
        logits = model(x)
        logits.retain_grad()
        F.cross_entropy(logits, y).backward()
        each, right = F.cross_entropy(logits, y, reduction="none"), accuracy(logits, y)
        columns = [logits, F.softmax(logits, 1), each[:, None], right[:, None], logits.grad]
        found[f"step{step}.forward"] = torch.column_stack(columns).detach().numpy()
        found[f"step{step}.grad"] = with_bias(model.bias.grad, model.weight.grad)
        optimizer.step()
        found[f"step{step + 1}.weight"] = with_bias(model.bias, model.weight)
        losses.append(each.detach())
        hits.append(right)
        if step % place.batches == 0:
            with torch.no_grad():
                logits = model(valid_x)
                each, right = F.cross_entropy(logits, valid_y, reduction="none"), accuracy(logits, valid_y)
            found[f"valid{step // place.batches}"] = torch.column_stack([logits, each, right]).numpy()
            train, seen = (torch.cat(rows[-place.batches :]) for rows in (losses, hits))
            means.append([one.mean().item() for one in (train, each, seen, right)])
    found["summary"] = np.array(means)
    found["summary.steps"] = torch.stack(losses).mean(1, keepdim=True).numpy()
    return found
