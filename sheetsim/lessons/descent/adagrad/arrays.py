"""`adagrad` in NumPy: w is a parameter (b, then a), g its gradient, total the sum of g^2 so far."""

from sheetsim.lessons.descent._shared.arrays import Blocks, UpdateRule, counted, root, tell
from sheetsim.lessons.descent._shared.arrays import Number as N
from sheetsim.lessons.kit.lesson import Inputs


def lesson_step(w: N, g: N, total: N, lr: N) -> tuple[N, N]:
    """The sum only grows, so that the steps only become smaller."""
    total = total + g * g
    return w - g * lr / root(total), total


def torch_step(w: N, g: N, total: N, lr: N, lr_decay: N, eps: N, t: N) -> tuple[N, N]:
    """The same with lr falling by itself too (step t counts from 1), and eps beside the root."""
    total = total + g * g
    return w - lr / (1 + (t - 1) * lr_decay) * g / (root(total) + eps), total


LESSON = UpdateRule(lesson_step, ("lr",), averages=("sum",))
TORCH = UpdateRule(torch_step, ("torch_lr", "lr_decay", "eps"), averages=("sum",), by_step=counted)


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    return tell(inputs, LESSON, TORCH)
