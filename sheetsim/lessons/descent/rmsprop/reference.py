"""`rmsprop` by torch.optim.RMSprop. The lesson's rule, a step by the average of the row before, is in no
setting of torch's: it is an optimizer of our own here, with autograd's gradients."""

from typing import Any

import torch
from torch.optim import Optimizer, RMSprop

from sheetsim.lessons.descent._shared.reference import Blocks, OptimizerRule, Params, tell
from sheetsim.lessons.kit.lesson import Inputs


class LaggedRMSprop(Optimizer):
    """RMSprop whose step comes before its average is updated, with no eps."""

    def __init__(self, params: Params, lr: float, alpha: float) -> None:
        super().__init__(params, {"lr": lr, "alpha": alpha})

    def step(self, closure: Any = None) -> None:
        with torch.no_grad():
            for group in self.param_groups:
                for param in group["params"]:
                    average = self.state[param]["square_avg"]
                    param.addcdiv_(param.grad, average.sqrt(), value=-group["lr"])
                    average.mul_(group["alpha"]).addcmul_(param.grad, param.grad, value=1 - group["alpha"])


def optimizer(params: Params, lr: float, alpha: float, eps: float) -> Optimizer:
    return RMSprop(params, lr, alpha, eps, foreach=False)


STATE = {"v": "square_avg"}
LESSON = OptimizerRule(LaggedRMSprop, ("lr", "alpha"), STATE)
TORCH = OptimizerRule(optimizer, ("torch_lr", "torch_alpha", "eps"), STATE)


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    return tell(inputs, LESSON, TORCH)
