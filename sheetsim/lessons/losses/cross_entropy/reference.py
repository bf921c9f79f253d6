"""`cross_entropy` by torch.nn.functional: binary_cross_entropy, with logits and without, nll_loss and
cross_entropy with label smoothing, and autograd's gradients of them."""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.losses._shared.reference import cell, column, known, tensor

Blocks = dict[str, NDArray[np.float64]]


def masked(x: Tensor, wrong: Tensor) -> Tensor:
    """NaN where the sheet has an error."""
    return torch.where(wrong, torch.nan, x)


def means(*parts: Tensor) -> NDArray[np.float64]:
    found: NDArray[np.float64] = torch.stack(parts, 1).mean(0, keepdim=True).detach().numpy()
    return found


def binary(y: Tensor, p: Tensor) -> Blocks:
    """F.binary_cross_entropy, which clamps a log of 0 to -100: there the sheet has #NUM!."""
    outside = (p <= 0) | (p >= 1)
    outside_if = torch.where(y == 1, p <= 0, p >= 1)
    safe = torch.where(outside, 0.5, p).requires_grad_()
    if bool(((y >= 0) & (y <= 1)).all()):
        loss = F.binary_cross_entropy(safe, y, reduction="none")
    else:  # only the form with logits takes other targets
        loss = F.binary_cross_entropy_with_logits(torch.logit(safe), y, reduction="none")
    (slope,) = torch.autograd.grad(loss.sum(), safe)
    slope = torch.where(outside, known((p - y) / (p * (1 - p))), slope)  # which F's clamp would hide
    picked = torch.where(y == 1, p, 1 - p)
    by_if = masked(
        F.nll_loss(torch.log(picked)[:, None], torch.zeros(len(y)).long(), reduction="none"), outside_if
    )
    by_sum = masked(loss, outside).detach()
    logit = torch.logit(safe.detach()).requires_grad_()
    each = F.binary_cross_entropy_with_logits(logit, y, reduction="none")
    (gradient,) = torch.autograd.grad(each.sum(), logit)
    (of_mean,) = torch.autograd.grad(F.binary_cross_entropy_with_logits(logit, y), logit)
    from_logits = [masked(x, outside) for x in (logit, torch.sigmoid(logit), each, gradient, of_mean)]
    ten = torch.tensor(10.0, dtype=torch.float64).log()
    in_tens = by_sum / ten, by_if / ten
    return {
        "binary": column(*in_tens),
        "natural": column(by_sum, by_if, by_if, slope),
        "from_logits": column(*from_logits),
        "mean10": means(*in_tens),
        "mean": means(by_sum, by_if, by_if),
        "mean_logits": means(from_logits[2]),
    }


def by_index(y: Tensor, p: Tensor) -> Blocks:
    """F.nll_loss on two logs."""
    known_class = (y == 1) | (y == 0)
    place = torch.where(y == 1, 0, 1)
    pairs = torch.stack([p, 1 - p], 1)
    logs, ten = known(pairs.log()).requires_grad_(), known(pairs.log10())
    nll = F.nll_loss(logs, place, reduction="none")
    (slopes,) = torch.autograd.grad(F.nll_loss(logs, place), logs)
    picked = ten.gather(1, place[:, None])[:, 0]
    by_sum = -(y * ten[:, 0]) - (1 - y) * ten[:, 1]
    numbers = [masked(x, ~known_class) for x in (place + 1.0, picked, nll, slopes[:, 0], slopes[:, 1])]
    return {
        "is_dog": column(1 - y),
        "by_index": column(ten[:, 0], ten[:, 1], by_sum, numbers[0], numbers[1]),
        "nll": column(logs[:, 0], logs[:, 1], *numbers[2:]),
        "nll_mean": means(numbers[2]),
    }


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    given = {name: tensor(inputs, name) for name in inputs if name != "class"}
    found: Blocks = {}
    if "is_cat" in given:
        y, p = given["is_cat"], given["preds"]
        found |= binary(y, p) | by_index(y, p)
        found["is_not_cat"] = column(1 - y)
        found["pair"] = np.column_stack([(1 - p).numpy(), found["binary"]])
        found["pair_sum"] = -found["binary"][:, :1].sum(0, keepdims=True)
    if "probs" in given:
        found |= classes(given["actuals"], given["probs"])
    if "logits" in given:
        found |= linked(given["actuals"], given["logits"], given["probs"])
    if "scores" in given:
        found |= batch(given["scores"], given["target"], float(inputs["label_smoothing"]))
    if "p" in given:
        p = given["p"]
        found["curve"] = column(*(known(-x) for x in (p.log(), (1 - p).log(), p.log10())))
    return found


def classes(y: Tensor, p: Tensor) -> Blocks:
    """Actuals times the log of what was said."""
    terms, natural = y * known(p.log10()), y * known(p.log())
    return {
        "x_entropy": column(terms),
        "x_entropy_sum": cell(-terms.sum()),
        "x_entropy_ln": cell(-natural.sum()),
    }


def linked(y: Tensor, x: Tensor, typed: Tensor) -> Blocks:
    """F.cross_entropy with the actuals as probabilities."""
    x = x.clone().requires_grad_()
    logs = F.log_softmax(x, 0)
    loss = F.cross_entropy(x, y)
    (gradient,) = torch.autograd.grad(loss, x)
    p = F.softmax(x, 0)
    return {
        "linked": column(
            (x - x.max()).exp(), p, logs, -y * logs, gradient, torch.round(typed - p, decimals=6)
        ),
        "linked_loss": cell(loss),
    }


def batch(x: Tensor, target: Tensor, smoothing: float) -> Blocks:
    """F.cross_entropy on a batch; a target that is no class gives NaN."""
    x = x.clone().requires_grad_()
    there = torch.isin(target, torch.arange(1, x.shape[1] + 1).double())
    index = torch.where(there, target - 1, 0).long()
    loss = F.cross_entropy(x, index, reduction="none", label_smoothing=smoothing)
    mean = F.cross_entropy(x, index, label_smoothing=smoothing)
    (gradient,) = torch.autograd.grad(mean, x)
    p = F.softmax(x, 1)
    e = (x - x.amax(1, keepdim=True)).exp()
    right = (p.gather(1, index[:, None])[:, 0] == p.amax(1)).double()
    loss, right = masked(loss, ~there), masked(right, ~there)
    found = {
        "batch_exp": e,
        "batch_sum": e.sum(1, keepdim=True),
        "batch_logs": F.log_softmax(x, 1),
        "batch_softmax": p,
        "batch_loss": loss[:, None],
        "batch_right": right[:, None],
        "batch_gradient": masked(gradient, ~there[:, None]),
        "batch_mean": mean[None, None] if bool(there.all()) else loss.mean()[None, None],
        "batch_accuracy": right.mean()[None, None],
    }
    return {name: values.detach().numpy() for name, values in found.items()}
