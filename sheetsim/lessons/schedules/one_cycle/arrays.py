"""`one_cycle` in NumPy: the schedules as whole columns, then the points taken down row by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sheetsim.lessons.descent._shared.arrays import (
    Array,
    Blocks,
    UpdateRule,
    named,
    powers,
    root,
    run,
    stack,
    summary,
    zeros,
)
from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.schedules.one_cycle import ANNEALS, optimizer_of


def cosine(pct: Array) -> Array:
    """How much of the way is left, from 1 to 0 along half a cosine."""
    return (1 + np.cos(np.pi * pct)) / 2


def phases(t: Array, turn: Any, end: Any) -> tuple[Array, Array]:
    """1 up to the turn, then 2; and the part of the phase that is gone at step t."""
    phase = np.where(t <= turn, 1.0, 2.0)
    return phase, np.where(t <= turn, t / turn, (t - turn) / (end - turn))


def fastai(count: int, inputs: Inputs) -> dict[str, Array]:
    """fit_one_cycle: places are t/N, the turn belongs to the second phase."""
    top, low, high = (np.float64(inputs[name]) for name in ("lr_max", "mom_low", "mom_high"))
    first, final, turn = top / inputs["div"], top / inputs["div_final"], np.float64(inputs["pct_start"])
    place = np.arange(count) / count
    up = place < turn
    phase, pct = np.where(up, 1.0, 2.0), np.where(up, place / turn, (place - turn) / (1 - turn))
    way = cosine(1 - pct) if ANNEALS[int(inputs["anneal"])] == "cos" else pct
    lr = np.where(up, first + way * (top - first), top + way * (final - top))
    momentum = np.where(up, high + way * (low - high), low + way * (high - low))
    return {"phase": np.column_stack([phase, pct, way]), "schedule": np.column_stack([lr, momentum])}


def torch(count: int, inputs: Inputs) -> dict[str, Array]:
    """OneCycleLR: the turn is at pct_start*N - 1, the end at N - 1."""
    top = np.float64(inputs["torch_lr_max"])
    low, high = (np.float64(inputs[name]) for name in ("base_momentum", "max_momentum"))
    first = top / inputs["div_factor"]
    final, turn = first / inputs["final_div_factor"], np.float64(inputs["torch_pct_start"]) * count - 1
    phase, pct = phases(np.arange(float(count)), turn, count - 1)
    left = cosine(pct) if ANNEALS[int(inputs["torch_anneal"])] == "cos" else 1 - pct
    up = phase == 1
    lr = np.where(up, top + left * (first - top), final + left * (top - final))
    momentum = np.where(up, low + left * (high - low), high + left * (low - high))
    return {"phase": np.column_stack([phase, pct, left]), "schedule": np.column_stack([lr, momentum])}


def constant(count: int, inputs: Inputs) -> dict[str, Array]:
    """What stays as it is."""
    return {"schedule": np.tile([float(inputs["lr"]), float(inputs["momentum"])], (count, 1))}


SCHEDULES: dict[str, Callable[[int, Inputs], dict[str, Array]]] = {
    "fastai": fastai,
    "torch": torch,
    "constant": constant,
}


def sgd_step(w: Any, g: Any, buf: Any, lr: Any, momentum: Any) -> Any:
    buf = momentum * buf + g
    return w - lr * buf, buf


def adam_step(
    w: Any, g: Any, m: Any, v: Any, beta2: Any, eps: Any, lr: Any, beta1: Any, correct1: Any, correct2: Any
) -> Any:
    m = m + (g - m) * (1 - beta1)
    v = beta2 * v + (1 - beta2) * (g * g)
    return w - lr / correct1 * m / (root(v) / root(correct2) + eps), m, v


def corrections(beta1: Array, beta2: Any) -> Array:
    """1 - beta^t, for a beta1 that changes from step to step."""
    power = [powers(beta, t)[-1] for t, beta in enumerate(beta1, 1)]
    return np.column_stack([1 - np.array(power), 1 - powers(np.float64(beta2), len(beta1))])


@np.errstate(all="ignore")
def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    rows = len(np.asarray(inputs["x"]))
    count = rows * int(inputs["epochs"])
    adam = optimizer_of({"optimizer": float(inputs["optimizer"])}) == "adam"
    found: Blocks = {}
    for role, schedule in SCHEDULES.items():
        told = schedule(count, inputs)
        now = told["schedule"]
        if adam:
            told["correction"] = corrections(now[:, 1], inputs["beta2"])
            now = np.column_stack([now, told["correction"]])
            rule = UpdateRule(adam_step, ("beta2", "eps"), ("m", "v"), lambda *_, now=now: tuple(now.T))
        else:
            rule = UpdateRule(sgd_step, (), ("buf",), lambda *_, now=now: tuple(now.T))
        epochs = run(rule, inputs, zeros(rule), carry="step")
        found |= named(role, told | stack(epochs))
        found[f"summary.{role}"] = summary(
            epochs, inputs, "step", told["schedule"][:, 0].reshape(-1, rows).max(axis=1)
        )
    return found
