"""`rmsprop` in NumPy: w is a parameter (b, then a), g its gradient, v the running average of g^2."""

from sheetsim.lessons.descent._shared.arrays import Blocks, UpdateRule, root, tell
from sheetsim.lessons.descent._shared.arrays import Number as N
from sheetsim.lessons.kit.lesson import Inputs


def lesson_step(w: N, g: N, v: N, lr: N, alpha: N) -> tuple[N, N]:
    """The step divides by the root of the average before this gradient."""
    return w - g * lr / root(v), v * alpha + (1 - alpha) * (g * g)


def torch_step(w: N, g: N, v: N, lr: N, alpha: N, eps: N) -> tuple[N, N]:
    """The average first, then the step; eps beside the root."""
    v = alpha * v + (1 - alpha) * (g * g)
    return w - lr * g / (root(v) + eps), v


LESSON = UpdateRule(lesson_step, ("lr", "alpha"), averages=("v",))
TORCH = UpdateRule(torch_step, ("torch_lr", "torch_alpha", "eps"), averages=("v",))


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    return tell(inputs, LESSON, TORCH)
