"""`sgd` by torch.optim.SGD, and the finite differences from the loss at shifted weights.

An estimate divides the difference of two nearly equal errors by 0.01 and so carries their last places a
hundredfold, up to 1600 ulp on the course's sheet (1.5e-13 of the largest in the column).
"""

import torch
from torch.optim import SGD, Optimizer

from sheetsim.lessons.descent._shared.reference import Blocks, OptimizerRule, Params, errors, tell
from sheetsim.lessons.kit.lesson import Inputs


def optimizer(params: Params, lr: float) -> Optimizer:
    return SGD(params, lr, foreach=False)


LESSON = OptimizerRule(optimizer, ("lr",))
TORCH = OptimizerRule(optimizer, ("torch_lr",))


def estimate(param: torch.Tensor, err2: torch.Tensor, inputs: Inputs) -> torch.Tensor:
    """The errors with b + 0.01 and with a + 0.01, each with the slope that it makes: (rows, 4)."""
    err2_b, err2_a = (errors(param + 0.01 * one, inputs) for one in torch.eye(2, dtype=torch.float64))
    return torch.cat([err2_b, (err2_b - err2) / 0.01, err2_a, (err2_a - err2) / 0.01], dim=1)


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    found = tell(inputs, LESSON, TORCH)
    for role in ("lesson", "epochs"):
        if f"{role}.param" in found:
            param = torch.from_numpy(found[f"{role}.param"])
            err2 = errors(param, inputs)
            found[f"{role}.err2"] = err2.numpy()
            found[f"{role}.estimate"] = estimate(param, err2, inputs).numpy()
            found[f"{role}.step"] = found[f"{role}.step"][:, ::-1].copy()  # the sheet has the new a first
    found["lesson.err2_root"] = torch.from_numpy(found["lesson.err2"]).sum(0, keepdim=True).sqrt().numpy()
    found["lesson.grad_norm"] = torch.from_numpy(found["lesson.grad"]).norm(dim=0, keepdim=True).numpy()
    if "epochs.err2" in found:
        epochs = torch.from_numpy(found["epochs.err2"]).reshape(-1, len(found["lesson.err2"]))
        found["lesson.epoch_list"] = epochs.sum(1, keepdim=True).sqrt().numpy()
    return found
