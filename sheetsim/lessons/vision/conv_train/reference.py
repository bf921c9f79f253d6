"""`conv_train` by torch: nn.Conv2d, nn.Linear, nn.BCEWithLogitsLoss, autograd and torch.optim.SGD with two
groups of parameters."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.vision.conv_train import (
    CHANNELS,
    FILTERS,
    KERNEL,
    OUT,
    PITCH,
    BandPlaces,
    pictures_of,
    places_of,
)

Array = NDArray[np.float64]
SECOND = FILTERS[1] - FILTERS[0]  # the second channel's first row


class ConvNet(nn.Module):
    """The lesson's net; `conv` keeps what the filters make, with its gradient."""

    def __init__(self, start: Tensor, dense: Tensor) -> None:
        super().__init__()
        self.filters = nn.Conv2d(1, CHANNELS, KERNEL, dtype=torch.float64)
        self.pool = nn.Sequential(nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.dense = nn.Linear(CHANNELS, 1, dtype=torch.float64)
        with torch.no_grad():
            both = torch.stack([start[row : row + KERNEL, :KERNEL] for row in (0, SECOND)])
            self.filters.weight.copy_(both[:, None])
            self.filters.bias.copy_(start[[1, SECOND + 1], KERNEL])
            self.dense.weight.copy_(dense[None, :CHANNELS])
            self.dense.bias.copy_(dense[CHANNELS:])

    def forward(self, images: Tensor) -> Tensor:
        self.conv = self.filters(images[:, None])
        self.means = self.pool(self.conv)
        return self.dense(self.means)[:, 0]


def cells(weight: Tensor, bias: Tensor) -> Array:
    """Filters and biases, or their gradients, as they stand on the sheet."""
    sheet = np.full((SECOND + KERNEL, KERNEL + 1), np.nan)
    for channel, row in enumerate((0, SECOND)):
        sheet[row : row + KERNEL, :KERNEL] = weight[channel, 0].detach()
        sheet[row + 1, KERNEL] = bias[channel].detach()
    return sheet


def maps(found: Tensor) -> Array:
    """[picture, channel, row, column] as it stands on the sheet."""
    sheet = np.full((SECOND + OUT, len(found) * PITCH), np.nan)
    for number, picture in enumerate(found.detach()):
        for channel, row in enumerate((0, SECOND)):
            left = number * PITCH
            sheet[row : row + OUT, left : left + OUT] = picture[channel]
    return sheet[:, : OUT - PITCH]


def line(values: Tensor, images: int) -> Array:
    """A number a picture, the others left blank."""
    sheet = np.full(images * PITCH, np.nan)
    sheet[: len(values) * PITCH : PITCH] = values.detach()
    return sheet[: 1 - PITCH]


def dense_cells(weight: Tensor, bias: Tensor) -> Array:
    return torch.cat([weight[0], bias]).detach().numpy()[:, None].copy()


def judge(net: ConvNet, images: Tensor, labels: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
    """For each picture: means, logit, p, loss, right."""
    logits = net(images)
    loss = nn.BCEWithLogitsLoss(reduction="none")(logits, labels)
    right = ((logits > 0) == (labels > 0.5)).double()
    return [*net.means.T, logits, torch.sigmoid(logits), loss, right], loss, right


def run(places: BandPlaces, inputs: Inputs) -> dict[str, Array]:
    images, labels = (torch.tensor(part) for part in pictures_of(inputs, places))
    start, dense = (
        torch.tensor(np.asarray(inputs[name]), dtype=torch.float64) for name in ("weights0", "dense0")
    )
    net, own = ConvNet(start, dense), places.train
    groups = [
        {"params": net.filters.parameters(), "lr": float(inputs["lr"])},
        {"params": net.dense.parameters(), "lr": float(inputs["lr_dense"])},
    ]
    optimizer = torch.optim.SGD(groups, lr=0, weight_decay=float(inputs["weight_decay"]))
    blocks: dict[str, Array] = {}
    summary, chosen = [], min(int(inputs["epoch"]), places.epochs)
    for epoch in range(places.epochs + 1):
        with torch.no_grad():
            rows, loss, right = judge(net, images, labels)
        weights = cells(net.filters.weight, net.filters.bias)
        parts = {"conv": maps(net.conv)}
        if epoch:
            parts |= {"weights": weights, "dense": dense_cells(net.dense.weight, net.dense.bias)}
        if epoch == 0:
            blocks["filters.start"] = weights[:, :KERNEL]
        if epoch == chosen:
            blocks["filters.shown"] = weights[:, :KERNEL]
            blocks["activations"] = maps(torch.relu(net.conv))
            blocks["p"] = line(rows[3], places.images)[None]
        if epoch == places.epochs:
            blocks["filters.end"] = weights[:, :KERNEL]
        else:
            optimizer.zero_grad()
            logits = net(images[:own])
            logits.retain_grad()
            net.conv.retain_grad()
            nn.BCEWithLogitsLoss()(logits, labels[:own]).backward()
            rows.append(logits.grad)
            parts["conv_grad"] = maps(net.conv.grad)
            parts["weights_grad"] = cells(net.filters.weight.grad, net.filters.bias.grad)
            parts["dense_grad"] = dense_cells(net.dense.weight.grad, net.dense.bias.grad)
            optimizer.step()
        parts["forward"] = np.array([line(row, places.images) for row in rows])
        numbers = [each.mean().item() for one in (loss, right) for each in (one[:own], one[own:])]
        parts["means"] = np.array([[numbers[0], np.nan, numbers[1]], [numbers[2], np.nan, numbers[3]]])
        summary.append(numbers)
        blocks |= {f"after{epoch}.{name}": part for name, part in parts.items()}
    return blocks | {"summary": np.array(summary)}


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    return run(places_of({name: float(inputs[name]) for name in ("train", "valid", "epochs")}), inputs)
