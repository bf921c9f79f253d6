"""`softmax` by torch.nn.functional: softmax, log_softmax, sigmoid, cross_entropy, and autograd."""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.losses._shared.reference import cell, column, known, tensor

Blocks = dict[str, NDArray[np.float64]]


def plain(logits: Tensor) -> tuple[Tensor, Tensor]:
    """e^logits and F.softmax. Where the plain formula fails, F.softmax does not: there it is told as it is,
    NaN for numbers too large or 0/0, and few digits where e^logits is nearly nothing."""
    e = known(logits.exp())
    total = known(e.sum())
    fine = torch.isfinite(total) & (e.min() > torch.finfo(torch.float64).tiny)
    return e, torch.where(fine, F.softmax(logits, 0), known(e / total))


def sigmoid(logits: Tensor) -> Tensor:
    """torch.sigmoid; NaN where e^-logit is too large for the sheet."""
    return torch.where(known((-logits).exp()).isnan(), torch.nan, torch.sigmoid(logits))


def images(inputs: Inputs) -> Blocks:
    """One image (course22) or two."""
    found: Blocks = {}
    names = [name for name in ("logits1", "logits2") if name in inputs]
    logits = [tensor(inputs, name) for name in names]
    told = [plain(one) for one in logits]
    for number, (e, p) in enumerate(told, 1):
        found[f"image{number}"] = column(e, p)
        found[f"total{number}"] = column(e, p).sum(0, keepdims=True)
    if len(told) == 2:
        binary = [
            torch.where(e.isnan(), torch.nan, torch.sigmoid(x))
            for (e, _), x in zip(told, logits, strict=True)
        ]
        found["binary"] = column(*binary)
        found["offset"] = cell(logits[0].mean() - logits[1].mean())
        squares = F.mse_loss(told[0][1], told[1][1], reduction="sum")
        found["difference"] = cell(torch.round(squares, decimals=12))
    return found


def survive(inputs: Inputs) -> Blocks:
    """The plain formula and torch's for scaled and shifted outputs."""
    logits = tensor(inputs, "logits1") * float(inputs["scale"]) + float(inputs["shift"])
    e, p = plain(logits)
    less = logits - logits.max()
    small, share = less.exp(), F.softmax(logits, 0)
    log_share = F.log_softmax(logits, 0)
    log_plain = torch.where(e > torch.finfo(torch.float64).tiny, log_share, known(p.log()))
    return {
        "shifted": column(logits),
        "plain": column(e, p, torch.where(p.isnan(), torch.nan, log_plain)),
        "plain_total": column(e, p).sum(0, keepdims=True),
        "stable": column(less, small, share, log_share),
        "stable_total": column(small, share).sum(0, keepdims=True),
    }


def several(inputs: Inputs) -> Blocks:
    """F.softmax and torch.sigmoid on a batch, argmax and threshold."""
    scores, present = tensor(inputs, "scores"), tensor(inputs, "present")
    e = (scores - scores.amax(1, keepdim=True)).exp()
    found = {"exp": e, "softmax": F.softmax(scores, 1), "sigmoid": sigmoid(scores)}
    found |= {f"{name}_sum": values.sum(1, keepdim=True) for name, values in found.items()}
    one = (found["softmax"] == found["softmax"].amax(1, keepdim=True)).double()
    many = (found["sigmoid"] > float(inputs["threshold"])).double()
    many = torch.where(found["sigmoid"].isnan(), torch.nan, many)
    for name, picks in {"one": one, "many": many}.items():
        wrong = F.mse_loss(picks, present, reduction="none").sum(1, keepdim=True)
        found |= {name: picks, f"{name}_wrong": wrong, f"{name}_total": wrong.sum(0, keepdim=True)}
    return {name: values.numpy() for name, values in found.items()}


def gradient(inputs: Inputs) -> Blocks:
    """F.cross_entropy and F.binary_cross_entropy_with_logits; the gradients and the Jacobian by autograd."""
    x = tensor(inputs, "logits1").requires_grad_()
    index = torch.tensor(int(inputs["target"]) - 1)
    y = F.one_hot(index, len(x)).double()
    p = F.softmax(x, 0)
    by_p = torch.where(p == 0, torch.nan, -y / p)
    losses = -y * F.log_softmax(x, 0)
    loss = F.cross_entropy(x, index)
    (by_x,) = torch.autograd.grad(loss, x)
    each = F.binary_cross_entropy_with_logits(x, y, reduction="none")
    (by_x_each,) = torch.autograd.grad(each.sum(), x)
    s = sigmoid(x)
    e = (x - x.max()).exp()
    jacobian = torch.autograd.functional.jacobian(lambda z: F.softmax(z, 0), x)
    return {
        "of_softmax": column(e, p, y, losses, by_p, by_x),
        "of_sigmoid": column(s, each, torch.where(s.isnan(), torch.nan, by_x_each)),
        "loss_softmax": np.array([[e.sum().item(), p.sum().item(), y.sum().item(), loss.item()]]),
        "gradient_softmax": cell(torch.round(by_x.sum(), decimals=12)),
        "loss_sigmoid": np.array([[s.sum().item(), each.sum().item(), (s - y).sum().item()]]),
        "jacobian": jacobian.detach().numpy(),
        "chain": torch.where(by_p.isnan().any(), torch.nan, by_x)[None].numpy(),
    }


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    found = images(inputs)
    if "shift" in inputs:
        found |= survive(inputs)
    if "scores" in inputs:
        found |= several(inputs)
    if "target" in inputs:
        found |= gradient(inputs)
    return found
