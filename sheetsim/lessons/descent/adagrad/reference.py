"""`adagrad` by torch.optim.Adagrad. The lesson's rule is torch's own with eps=0 and its sum preloaded."""

from torch.optim import Adagrad, Optimizer

from sheetsim.lessons.descent._shared.reference import Blocks, OptimizerRule, Params, tell
from sheetsim.lessons.kit.lesson import Inputs


def optimizer(params: Params, lr: float, lr_decay: float = 0, eps: float = 0) -> Optimizer:
    return Adagrad(params, lr, lr_decay, eps=eps, foreach=False)


STATE = {"sum": "sum"}
LESSON = OptimizerRule(optimizer, ("lr",), STATE)
TORCH = OptimizerRule(optimizer, ("torch_lr", "lr_decay", "eps"), STATE)


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    return tell(inputs, LESSON, TORCH)
