"""`one_cycle` by torch: a real OneCycleLR turns learning rate and momentum of a real torch.optim object.

fastai's schedule is OneCycleLR's too, with another count of steps: its N places t/N are the first N of N + 1
steps, and its turn at p*N is torch's for pct_start = (p*N + 1)/(N + 1).
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch.optim import SGD, Adam
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR

from sheetsim.errors import SheetsimError
from sheetsim.lessons.descent._shared.reference import Blocks, Descent, OptimizerRule, named, stack, summary
from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.schedules.one_cycle import ANNEALS, SHEETS, optimizer_of

SGD_RULE = OptimizerRule(
    lambda params, lr, mom: SGD(params, lr, mom, foreach=False),
    ("lr", "momentum"),
    {"buf": "momentum_buffer"},
)
ADAM_RULE = OptimizerRule(
    lambda params, lr, mom, beta2, eps: Adam(params, lr, (mom, beta2), eps, foreach=False),
    ("lr", "momentum", "beta2", "eps"),
    {"m": "exp_avg", "v": "exp_avg_sq"},
    corrected=True,
)


class Cycled(Descent):
    """A descent whose scheduler, if any, moves on after each step."""

    scheduler: LRScheduler | None = None

    def row(self, x: torch.Tensor, y: torch.Tensor) -> dict[str, list[float]]:
        group = self.optimizer.param_groups[0]
        momentum = group["momentum"] if "momentum" in group else group["betas"][0]
        cells = {"schedule": [float(group["lr"]), float(momentum)], **super().row(x, y)}
        if self.scheduler is not None:
            self.scheduler.step()
        return cells


def scheduler(descent: Descent, inputs: Inputs, role: str, count: int) -> OneCycleLR:
    """torch's own scheduler with torch's numbers, or with fastai's."""
    if role == "torch":
        numbers = [float(inputs[name]) for name in ("torch_lr_max", "div_factor", "final_div_factor")]
        momenta = float(inputs["base_momentum"]), float(inputs["max_momentum"])
        steps, part, anneal = count, float(inputs["torch_pct_start"]), inputs["torch_anneal"]
    else:
        div = float(inputs["div"])
        numbers = [float(inputs["lr_max"]), div, float(inputs["div_final"]) / div]
        momenta = float(inputs["mom_low"]), float(inputs["mom_high"])
        steps, anneal = count + 1, inputs["anneal"]
        part = (float(inputs["pct_start"]) * count + 1) / (count + 1)
    return OneCycleLR(
        descent.optimizer,
        max_lr=numbers[0],
        total_steps=steps,
        pct_start=part,
        anneal_strategy=ANNEALS[int(anneal)],
        base_momentum=momenta[0],
        max_momentum=momenta[1],
        div_factor=numbers[1],
        final_div_factor=numbers[2],
    )


def phases(inputs: Inputs, role: str, count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Which phase a step is in, how far, and the share of the way: OneCycleLR keeps none of these."""
    t = torch.arange(count, dtype=torch.float64)
    if role == "torch":
        turn, end, anneal = float(inputs["torch_pct_start"]) * count - 1, count - 1.0, inputs["torch_anneal"]
        up = t <= turn
    else:
        t, turn, end, anneal = t / count, float(inputs["pct_start"]), 1.0, inputs["anneal"]
        up = t < turn
    pct = torch.where(up, t / turn, (t - turn) / (end - turn))
    gone = pct if role == "fastai" else 1 - pct
    cosine = (1 - torch.cos(math.pi * gone)) / 2
    way = cosine if ANNEALS[int(anneal)] == "cos" else gone
    return torch.stack([torch.where(up, 1.0, 2.0).double(), pct, way], 1).numpy()


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    rows = len(np.asarray(inputs["x"]))
    count = rows * int(inputs["epochs"])
    rule = ADAM_RULE if optimizer_of({"optimizer": float(inputs["optimizer"])}) == "adam" else SGD_RULE
    found: Blocks = {}
    for role in SHEETS:
        descent = Cycled(rule, inputs)
        if role != "constant":
            try:
                descent.scheduler = scheduler(descent, inputs, role, count)
            except ZeroDivisionError:
                raise SheetsimError(
                    f"OneCycleLR divides by zero: {count} steps are too few for its rise"
                ) from None
            found[f"{role}.phase"] = phases(inputs, role, count)
        epochs = descent.run(carry="step")
        found |= named(role, stack(epochs))
        lrs = found[f"{role}.schedule"][:, 0].reshape(-1, rows).max(axis=1)
        found[f"summary.{role}"] = summary(epochs, inputs, "step", lrs)
    return found
