"""`momentum` by torch.optim.SGD. The lesson's rule is torch's own with its buffer preloaded and dampening =
momentum, so that a gradient counts 1 - momentum."""

import torch
from torch.optim import SGD, Optimizer

from sheetsim.lessons.descent._shared.reference import Blocks, OptimizerRule, Params, errors, tell
from sheetsim.lessons.kit.lesson import Inputs


def lesson_optimizer(params: Params, lr: float, momentum: float) -> Optimizer:
    return SGD(params, lr, momentum, dampening=momentum, foreach=False)


def torch_optimizer(params: Params, lr: float, momentum: float, dampening: float) -> Optimizer:
    return SGD(params, lr, momentum, dampening, foreach=False)


LESSON = OptimizerRule(lesson_optimizer, ("lr", "momentum"), {"m": "momentum_buffer"})
TORCH = OptimizerRule(
    torch_optimizer, ("torch_lr", "torch_momentum", "dampening"), {"buf": "momentum_buffer"}
)


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    found = tell(inputs, LESSON, TORCH)
    for role in ("lesson", "dry", "epochs"):
        if f"{role}.param" in found:
            found[f"{role}.err2"] = errors(torch.from_numpy(found[f"{role}.param"]), inputs).numpy()
    found["lesson.err2_root"] = torch.from_numpy(found["lesson.err2"]).sum(0, keepdim=True).sqrt().numpy()
    return found
