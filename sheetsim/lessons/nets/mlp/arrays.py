"""`mlp` in NumPy."""

from __future__ import annotations

import numpy as np

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.nets._shared.arrays import (
    Array,
    activate,
    input_grad,
    linear,
    mean,
    sgd,
    total,
    weight_grad,
)
from sheetsim.lessons.nets.mlp import GROUPS, LAYER1, LAYER2, MOST_GROUPS, MlpPlaces


def even_mults(first: float, last: float, count: int) -> Array:
    """`count` learning rates, each the same multiple of the one before."""
    factor = (last / first) ** (1 / (count - 1))
    powers: Array = np.cumprod(np.array([1.0] + [factor] * (count - 1)))
    return np.multiply(first, powers)


def sigmoid_loss(logit: Array, y: Array) -> dict[str, Array]:
    """Sigmoid and binary cross-entropy, which does not overflow; 1 where the guess is right."""
    loss = np.maximum(logit, 0) - logit * y + np.log(1 + np.exp(-np.abs(logit)))
    right = np.where(np.isfinite(logit), (logit > 0) == (y > 0.5), np.nan)
    return {"p": np.where(logit < -700, 0, 1 / (1 + np.exp(-logit))), "loss": loss, "right": right}


@np.errstate(all="ignore")
def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    place = MlpPlaces({name: float(inputs[name]) for name in ("points", "valid", "hidden", "epochs")})
    first, last, frozen, decay, slope = (
        float(inputs[name])
        for name in ("lr_first", "lr_last", "freeze_epochs", "weight_decay", "negative_slope")
    )
    names = ("train_x", "train_y", "valid_x", "valid_y")
    x, y, valid_x, valid_y = (np.asarray(inputs[name], np.float64) for name in names)
    layer1 = np.asarray(inputs[LAYER1], np.float64).T  # a row a unit, the bias first
    layer2 = np.roll(np.asarray(inputs[LAYER2], np.float64), 1, axis=1)
    rates = np.full((MOST_GROUPS - 1, MOST_GROUPS), np.nan)
    for count in range(2, MOST_GROUPS + 1):
        rates[count - 2, :count] = even_mults(first, last, count)
    found: dict[str, Array] = {"slice": rates}
    summary = []
    for epoch in range(1, place.epochs + 1):
        lr1, lr2 = rates[GROUPS - 2, :GROUPS]
        lr1 = 0.0 if epoch <= frozen else lr1
        z = linear(x, layer1)
        h = activate(z, slope)
        logit = linear(h, layer2)[:, 0]
        told = sigmoid_loss(logit, y)
        delta = ((told["p"] - y) / place.points)[:, None]
        dz = input_grad(delta, layer2) * np.where(z > 0, 1, slope)
        grad1 = weight_grad(dz, x) if lr1 else np.zeros_like(layer1)
        grad2 = weight_grad(delta, h)
        layer1, layer2 = sgd(layer1, grad1, lr1, decay), sgd(layer2, grad2, lr2, decay)
        name = f"epoch{epoch}"
        found |= {f"{name}.hidden": z, f"{name}.slopes": dz}
        found[f"{name}.out"] = np.column_stack([h, np.ones(place.points), logit, *told.values(), delta])
        found |= {f"{name}.grad1": grad1.T, f"{name}.grad2": np.roll(grad2, -1, axis=1)}
        found[f"epoch{epoch + 1}.layer1"] = layer1.T
        found[f"epoch{epoch + 1}.layer2"] = np.roll(layer2, -1, axis=1)
        logit = linear(activate(linear(valid_x, layer1), slope), layer2)[:, 0]
        seen = sigmoid_loss(logit, valid_y)
        found[f"valid{epoch}"] = np.column_stack([logit, seen["loss"], seen["right"]])
        means = (mean(one[key]) for key in ("loss", "right") for one in (told, seen))
        summary.append([lr1, lr2, *means])
    single = total(layer2[0, 1:, None] * layer1, 0)[None, :]
    single[0, 0] += layer2[0, 0]
    z = linear(x, layer1)
    logits = [linear(z, layer2), linear(x, single), linear(activate(z, slope), layer2)]
    return found | {"one.layer": single, "one.logits": np.hstack(logits), "summary": np.array(summary)}
