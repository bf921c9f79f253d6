"""`lr_finder` by torch: SGD whose learning rate a real ExponentialLR makes grow, gradients by autograd."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import mse_loss
from torch.optim import SGD
from torch.optim.lr_scheduler import ExponentialLR

from sheetsim.lessons.descent._shared.reference import Line, columns
from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.schedules.lr_finder import LAST_SKIPPED

Array = NDArray[np.float64]


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    names = ("start_lr", "end_lr", "beta", "stop", "b", "a")
    start_lr, end_lr, beta, stop, b, a = (float(inputs[name]) for name in names)
    x, y = columns(inputs)
    count = int(inputs["steps"])
    line = Line(b, a)
    optimizer = SGD(line.weights(), start_lr)
    growth = ExponentialLR(optimizer, (end_lr / start_lr) ** (1 / count))
    average, running = torch.zeros((), dtype=torch.float64), 1.0
    found: dict[str, list[list[float]]] = {
        name: [] for name in ("lr", "param", "loss", "grad", "smooth", "running", "step")
    }
    best = float("inf")
    for t in range(count):
        found["lr"].append([growth.get_last_lr()[0]])
        found["param"].append([weight.item() for weight in line.weights()])
        with torch.no_grad():
            loss = mse_loss(line(x), y)
        optimizer.zero_grad()
        mse_loss(line(x[t % len(x)]), y[t % len(x)]).backward()
        found["grad"].append([weight.grad.item() for weight in line.weights()])
        average = torch.lerp(loss, average, beta)
        smooth = average.item() / (1 - beta ** (t + 1))
        best = min(best, smooth) if math.isfinite(smooth) and not math.isnan(best) else math.nan
        found["loss"].append([loss.item()])
        found["smooth"].append([average.item(), smooth, best])
        found["running"].append([running])
        if running == 0:
            optimizer.zero_grad(set_to_none=False)  # training has stopped, the scheduler goes on
        optimizer.step()
        growth.step()
        if math.isnan(running):  # whether to go on is an error value in the sheet, and then all else is
            for weight in line.weights():
                weight.data.fill_(math.nan)
        found["step"].append([weight.item() for weight in line.weights()])
        if all(map(math.isfinite, (running, smooth, stop * best))):
            running = float(running == 1 and smooth <= stop * best)
        else:
            running = math.nan
    table = {name: np.array(rows) for name, rows in found.items()}
    if np.isnan(table["running"]).any():
        nothing = np.full((count, 1), np.nan)
        return table | {"slope": nothing, "looked": nothing, "suggestion": np.full((3, 2), np.nan)}
    return table | suggestions(torch.tensor(table["lr"][:, 0]), torch.tensor(table["smooth"][:, 1]), table)


def suggestions(lr: torch.Tensor, smooth: torch.Tensor, table: dict[str, Array]) -> dict[str, Array]:
    """fastai's `steep` and `minimum` on the losses that it looks at."""
    count = len(lr)
    last = max(count // 10, int(table["running"].sum()) - LAST_SKIPPED)
    seen = slice(count // 10, last)
    lrs, losses = lr[seen], smooth[seen]
    slopes = (losses[1:] - losses[:-1]) / (lrs[1:].log() - lrs[:-1].log())
    columns = {name: torch.full((count, 1), torch.nan, dtype=torch.float64) for name in ("slope", "looked")}
    columns["looked"][seen, 0] = losses
    columns["slope"][count // 10 : count // 10 + len(slopes), 0] = slopes
    chosen = torch.full((3, 2), torch.nan, dtype=torch.float64)
    if len(slopes):
        chosen[0] = torch.stack([lrs[slopes.argmin()], losses[slopes.argmin()]])
    if len(losses):
        lowest = losses.argmin()
        chosen[1:] = torch.stack([lrs[lowest], losses[lowest]])
        chosen[2, 0] /= 10
    return {"suggestion": chosen.numpy(), **{name: column.numpy() for name, column in columns.items()}}
