"""`adam` by torch.optim.Adam. The lesson's rule is torch's own with eps=0, its averages preloaded and a step
count so large that both bias corrections are 1."""

from torch.optim import Adam, Optimizer

from sheetsim.lessons.descent._shared.reference import STEADY, Blocks, OptimizerRule, Params, tell
from sheetsim.lessons.kit.lesson import Inputs


def optimizer(params: Params, lr: float, beta1: float, beta2: float, eps: float = 0) -> Optimizer:
    return Adam(params, lr, (beta1, beta2), eps, foreach=False)


STATE = {"m": "exp_avg", "v": "exp_avg_sq"}
LESSON = OptimizerRule(optimizer, ("lr", "beta1", "beta2"), STATE, preload={"step": STEADY})
TORCH = OptimizerRule(optimizer, ("torch_lr", "torch_beta1", "torch_beta2", "eps"), STATE, corrected=True)


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    return tell(inputs, LESSON, TORCH)
