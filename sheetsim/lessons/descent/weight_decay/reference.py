"""`weight_decay` by torch.optim: the penalty within the gradient is the weight_decay of SGD and of Adam,
decoupled decay is AdamW, and under SGD, where torch has no class for it, a line before its own step."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.optim import SGD, Adam, Optimizer

from sheetsim.lessons.descent._shared import reference as descent
from sheetsim.lessons.descent._shared.reference import STEADY, Blocks, Descent, OptimizerRule, Params, Table
from sheetsim.lessons.descent.adamw import reference as adamw
from sheetsim.lessons.kit.lesson import Inputs


class DecoupledSGD(SGD):
    """SGD whose weights shrink by lr * weight_decay before each step."""

    def __init__(self, params: Params, lr: float, weight_decay: float) -> None:
        super().__init__(params, lr, foreach=False)
        self.weight_decay = weight_decay

    def step(self, closure: Any = None) -> Any:
        with torch.no_grad():
            for group in self.param_groups:
                for param in group["params"]:
                    param.mul_(1 - group["lr"] * self.weight_decay)
        return super().step(closure)


def sgd_l2(params: Params, lr: float, weight_decay: float) -> Optimizer:
    return SGD(params, lr, weight_decay=weight_decay, foreach=False)


def adam_l2(
    params: Params, lr: float, beta1: float, beta2: float, weight_decay: float, eps: float = 0
) -> Optimizer:
    return Adam(params, lr, (beta1, beta2), eps, weight_decay, foreach=False)


STATE = adamw.LESSON.state
LESSON = {
    "sgd_l2": OptimizerRule(sgd_l2, ("sgd_lr", "weight_decay"), penalty="weight_decay"),
    "sgd_decay": OptimizerRule(DecoupledSGD, ("sgd_lr", "weight_decay")),
    "adam_l2": OptimizerRule(adam_l2, adamw.LESSON.names, STATE, {"step": STEADY}, penalty="weight_decay"),
    "adam_decay": adamw.LESSON,
}
TORCH = {
    "sgd_l2": OptimizerRule(sgd_l2, ("torch_sgd_lr", "torch_weight_decay"), penalty="torch_weight_decay"),
    "sgd_decay": OptimizerRule(DecoupledSGD, ("torch_sgd_lr", "torch_weight_decay")),
    "adam_l2": OptimizerRule(adam_l2, adamw.TORCH.names, STATE, corrected=True, penalty="torch_weight_decay"),
    "adam_decay": adamw.TORCH,
}


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    found: Blocks = {}
    summaries: list[NDArray[np.float64]] = []
    for name, rule in LESSON.items():
        walker = Descent(rule, inputs)
        walker.warm_up()
        if rule.state:
            start = [w for pair in walker.averages().values() for w in pair]
            found[f"lesson.start_{name.removeprefix('adam_')}"] = np.array([start])
        epochs = walker.run("param")
        found[f"lesson.{name}"] = columns(epochs[0])
        if epochs[1:]:
            found[f"epochs.{name}"] = columns(descent.stack(epochs[1:]))
        summaries.append(descent.summary(epochs, inputs, "param", 0)[:, :3])
    found["summary.lesson"] = np.hstack(summaries)
    if all(rule.known(inputs) for rule in TORCH.values()):
        summaries = []
        for name, rule in TORCH.items():
            epochs = Descent(rule, inputs).run("step")
            table = descent.stack(epochs)
            if rule.corrected:
                found["torch.correction"] = table.pop("correction")
            found[f"torch.{name}"] = columns(table)
            summaries.append(descent.summary(epochs, inputs, "step", 0)[:, :3])
        found["summary.torch"] = np.hstack(summaries)
    return found


def columns(table: Table) -> NDArray[np.float64]:
    """A table's columns side by side, as the sheet has them."""
    return np.hstack([*table.values()])
