"""`ema` by torch: averages as torch.optim keeps them, torch.lerp, torch.var, and a real nn.BatchNorm1d."""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from sheetsim.lessons.averages.ema import GROUPS, SIZE, SPAN, WINDOW
from sheetsim.lessons.kit.lesson import Inputs

Blocks = dict[str, NDArray[np.float64]]


def tensor(inputs: Inputs, name: str) -> Tensor:
    return torch.tensor(np.asarray(inputs[name]), dtype=torch.float64)


def column(*parts: Tensor) -> NDArray[np.float64]:
    found: NDArray[np.float64] = torch.stack(parts, 1).numpy()
    return found


def lerp(start: Tensor, values: Tensor, weight: float) -> Tensor:
    """torch.lerp towards each value in turn."""
    rows = []
    for value in values:
        start = torch.lerp(start, value, weight)
        rows.append(start)
    return torch.stack(rows)


def average(inputs: Inputs) -> Blocks:
    """As torch.optim.Adam keeps exp_avg, and its bias_correction."""
    beta, share = float(inputs["beta"]), float(inputs["share"])
    start, batch, val = (tensor(inputs, name) for name in ("start", "batch", "val"))
    exp_avg, rows = start.clone(), []
    for value in val:
        exp_avg.mul_(beta).add_(value, alpha=share)
        rows.append(exp_avg.clone())
    ema = torch.stack(rows)
    bias_correction = 1 - beta**batch
    weights = share * beta ** (batch[-1] - batch)
    by_weights = torch.dot(weights, val) + start * beta ** batch[-1]
    windows = F.avg_pool1d(val[None], WINDOW, stride=1)[0]
    return {
        "average": column(ema, bias_correction, ema / bias_correction),
        "correction": column(torch.add(bias_correction[:-1] * beta, share)),
        "window": column(windows),
        "left": column((tensor(inputs, "beta2") ** tensor(inputs, "steps"))[None]),
        "lerp": column(lerp(start, val, share)),
        "weights": column(weights),
        "by_weights": column(by_weights[None]),
    }


def variance(inputs: Inputs) -> Blocks:
    """Moving averages by torch.lerp, variances by torch.var."""
    decay, x = float(inputs["decay"]), tensor(inputs, "values")
    rest = 1 - decay
    ma = torch.cat([x[:1], lerp(x[0], x[1:], rest)])
    msq = torch.cat([x[:1].square(), lerp(x[0].square(), x[1:].square(), rest)])
    delta = x[1:] - ma[:-1]
    start = torch.var(x[:2], correction=0)
    emv, rows = start, []
    for d in delta[1:]:
        emv = decay * (emv + rest * d.square())
        rows.append(emv)
    return {
        "rest": np.array([[rest]]),
        "first": column(x[:1], x[:1].square(), x[:1].square()),
        "moving": column(ma[1:], x[1:].square(), msq[1:], delta, torch.add(ma[:-1], delta, alpha=rest)),
        "emv_start": column(start[None]),
        "emv": column(torch.stack(rows)),
        "span_var": column(torch.var(x.unfold(0, SPAN, 1), 1, correction=0)),
        "by_squares": column(msq[1:] - ma[1:].square()),
    }


def running(layer: nn.BatchNorm1d, batches: Tensor) -> tuple[Tensor, Tensor]:
    """The layer's running_mean and running_var after each batch, [batches, values]."""
    layer.train()
    rows = []
    for batch in batches:
        layer(batch[:, None])
        rows.append(torch.cat([layer.running_mean, layer.running_var]))
    mean, var = torch.stack(rows).unbind(1)
    return mean, var


def batchnorm(inputs: Inputs) -> Blocks:
    """nn.BatchNorm1d from torch's own start; and started with the first batch's mean and variance, given
    batches of two values each that have the sheet's means and variances (divided by n - 1, which is 1)."""
    momentum, x = float(inputs["momentum"]), tensor(inputs, "sample")
    mean, var, mean_sq, count = (tensor(inputs, key) for key in ("mean", "var", "mean_sq", "count"))
    layer = nn.BatchNorm1d(1, momentum=momentum, affine=False, dtype=torch.float64)
    unbiased = var * SIZE / (SIZE - 1)
    torch_mean, torch_var = running(layer, twins(mean, unbiased))
    layer.running_mean, layer.running_var = mean[:1].clone(), var[:1].clone()
    ma2, bn = running(layer, twins(mean, var)[1:])
    s, ss = count * mean, count * mean_sq
    mc, ms, mss = (torch.cat([one[:1], lerp(one[0], one[1:], momentum)]) for one in (count, s, ss))
    sums = column(mc, s, ms, ms / mc, torch.cat([mean[:1], ma2]), ss, mss, mss / mc - (ms / mc).square())
    batches = x.reshape(GROUPS, SIZE)
    return {
        "group": column(torch.arange(1.0, GROUPS + 1).double().repeat_interleave(SIZE)),
        "squares": column(x.square()),
        "keep": np.array([[1 - momentum]]),
        "bn_start": column(var[:1]),
        "bn": column(bn),
        "sums_start": sums[:1],
        "sums": sums[1:],
        "pivot": column(batches.mean(1), batches.var(1, correction=0), batches.square().mean(1)),
        "pivot_total": column(x.mean()[None], x.var(correction=0)[None], x.square().mean()[None]),
        "torch_bn": column(unbiased, torch_mean, torch_var),
    }


def twins(mean: Tensor, var: Tensor) -> Tensor:
    """Batches of two values with these means and variances, [batches, 2]."""
    apart = (var / 2).sqrt()
    return torch.stack([mean - apart, mean + apart], 1)


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    found: Blocks = {}
    if "val" in inputs:
        found |= average(inputs)
    if "values" in inputs:
        found |= variance(inputs)
    if "sample" in inputs:
        found |= batchnorm(inputs)
    return found
